"""The command hindcast: the scorecard of past forecasts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import (
    Command,
    force_option,
    json_option,
    print_json,
    print_table,
    progress_bar,
    source_text,
)
from simcore.cli.sources import refuse_output
from simcore.errors import InputError
from simcore.labels import say
from simcore.number_text import number

NAMED = 6  # figures that are named with the reason why they are not scored; of more, the number


@click.command(cls=Command, short_help="Score past forecasts against figures printed later.")
@click.option("--as-of", help="A year, or a document: what was known by the end of its year.")
@click.option(
    "-n", "--draws", type=click.IntRange(min=2), default=4096, show_default=True, help="Draws."
)
@click.option("--seed", type=int, default=20211222, show_default=True, help="Seed.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Also draw the fans of one vintage: .png, .svg or .pdf.",
)  # fmt: skip
@force_option
@json_option
def hindcast(
    as_of: str | None, draws: int, seed: int, output: Path | None, force: bool, as_json: bool
) -> None:
    """Score past forecasts: fit what was known by a year, forecast, compare with later figures.

    Without --as-of every vintage is scored, one a year in which a document was published.

    \b
    Example: simcore hindcast --as-of 2021
    """
    from simcore.hindcast import hindcast as score
    from simcore.hindcast import scored_vintages
    from simcore.reconcile import load_past
    from simcore.vintage import vintage_year

    past = load_past()
    baseline = past.baseline
    years = [vintage_year(baseline, as_of)] if as_of else scored_vintages(baseline)
    if output is not None and as_of is None:
        raise InputError(say("a picture shows one vintage: give --as-of"))
    refuse_output(output, None, force=force)
    with progress_bar(draws * len(years), say("draws")) as progress:
        found = [score(past, y, draws=draws, seed=seed, progress=progress) for y in years]
    if output is not None:
        from simcore.hindcast_plot import hindcast_chart

        hindcast_chart(found[0], output, force=force)
    if as_json:
        print_json(
            "hindcast", [asdict(row) for card in found for row in card.rows],
            coverage=[
                {"as_of": card.as_of, **asdict(part)} for card in found for part in card.coverage
            ],
            skill=[
                {"as_of": card.as_of, **asdict(part)} for card in found for part in card.comparisons
            ],
            vintages=[_beside(card) for card in found],
        )  # fmt: skip
        return
    for place, card in enumerate(found):
        _print_card(card, found[place - 1] if place else None, baseline.figures)
    if output is not None:
        click.echo(str(output))


def _beside(card: Any) -> dict[str, Any]:
    """What the JSON says of a vintage beside its rows."""
    return {
        "as_of": card.as_of,
        "documents": card.documents,
        "base_year": card.base_year,
        "zones": card.zones,
        "national_path": card.national_path,
        "draws": card.draws,
        "seed": card.seed,
        "verdict": card.verdict,
        "not_scored": dict(card.not_scored),
        "bases": [asdict(base) for base in card.bases],
    }


def _print_card(card: Any, before: Any, figures: dict[str, Any]) -> None:
    """Print the scorecard of a vintage with its summary."""
    click.echo(
        say(
            "As of {year}: {documents}",
            year=card.as_of,
            documents=", ".join(card.documents),
        )  # fmt: skip
    )
    if card.base_year is None:
        _print_unfitted(card, figures)
        return
    click.echo(
        say(
            "Base year {base}; national path: {path}; {draws} draws, seed {seed}",
            base=card.base_year,
            path=card.national_path,
            draws=f"{card.draws:,}",
            seed=card.seed,
        )  # fmt: skip
    )
    if card.rows:
        _print_rows(card, figures)
        _print_summary(card)
        if before is not None and _same_forecast(card, before):
            click.echo(
                say(
                    "The forecast is that of {year}: no figure of the past came in between.",
                    year=before.as_of,
                )  # fmt: skip
            )
    _print_not_scored(card.not_scored)


def _same_forecast(card: Any, before: Any) -> bool:
    return [(row.figure, row.median) for row in card.rows] == [
        (row.figure, row.median) for row in before.rows
    ]


def _print_rows(card: Any, figures: dict[str, Any]) -> None:
    columns = [
        say("figure"), say("year"), say("unit"), say("observed"), say("median"), "50 %", "90 %",
        say("error"), "z", "PIT", "CRPS", say("random walk"), say("five-year mean"), say("plan"),
    ]  # fmt: skip
    table = [
        [
            row.figure, str(row.year), row.unit,
            ("> " if row.qualifier == "over" else "") + f"{row.printed:g}", number(row.median),
            f"{number(row.q25)}–{number(row.q75)}", f"{number(row.q05)}–{number(row.q95)}",
            _error(row), "–" if row.z is None else f"{row.z:+.2f}", f"{row.pit:.2f}",
            number(row.crps), number(row.crps_random_walk), number(row.crps_five_year_mean),
            number(row.crps_plan),
        ]
        for row in card.rows
    ]  # fmt: skip
    title = say("Later figures against the forecast, and the CRPS of simple forecasts")
    print_table(title, columns, table, left=3)
    places = dict.fromkeys(source_text(figures[row.figure].source) for row in card.rows)
    click.echo(say("Sources of the figures: {places}", places="; ".join(places)))
    if any(row.qualifier in ("over", "under") for row in card.rows):
        click.echo(
            say(
                "A figure printed as “over” counts as it and an excess above it; scores are "
                "averages over the excess's prior."
            )
        )


def _error(row: Any) -> str:
    if row.error_percent is None:
        return say("{points} pp", points=number(row.error, sign=True))
    return f"{number(row.error, sign=True)} ({number(row.error_percent, sign=True)} %)"


def _print_summary(card: Any) -> None:
    for part in card.coverage:
        click.echo(
            say(
                "{band} % band: {inside} of {count} figures inside ({share} %; 95 % limits of the "
                "share behind it {low} to {high} %)",
                band=round(100 * part.band),
                inside=part.inside,
                count=part.figures,
                share=round(100 * part.share),
                low=round(100 * part.low),
                high=round(100 * part.high),
            )  # fmt: skip
        )
    compared = {part.benchmark: part for part in card.comparisons}
    for name in ("random_walk", "five_year_mean", "plan"):
        click.echo(_compared(name, compared.get(name)))
    if "plan" in compared:
        click.echo(
            say(
                "The plan's path is one number: its CRPS is its absolute error, which a "
                "distribution undercuts more easily."
            )
        )
    click.echo(say("Verdict: {verdict}", verdict=card.verdict))
    click.echo(
        say(
            "The figures are not independent: they share zones, years and a national path, so "
            "they tell less than their number."
        )
    )


def _compared(name: str, known: Any) -> str:
    """Say how the model's scores compare with a benchmark's; few figures show no skill."""
    from simcore.scorecard import FEWEST, benchmark_name

    benchmark = benchmark_name(name)
    if not known:
        return say(
            "{benchmark}: not to be had from the documents of the time (n = 0)", benchmark=benchmark
        )
    ratio, count = f"{known.ratio:.2f}", known.figures
    if count < FEWEST:
        return say(
            "{ratio} times the CRPS of {benchmark} (geometric mean, n = {count}: too few to call "
            "it skill)",
            ratio=ratio, benchmark=benchmark, count=count,
        )  # fmt: skip
    return say(
        "{ratio} times the CRPS of {benchmark} (geometric mean, n = {count}; skill {skill})",
        ratio=ratio, benchmark=benchmark, count=count, skill=f"{known.skill:+.2f}",
    )  # fmt: skip


def _print_not_scored(reasons: dict[str, tuple[str, ...]]) -> None:
    if not reasons:
        return
    table = [
        [say(reason), ", ".join(ids) if len(ids) <= NAMED else "", str(len(ids))]
        for reason, ids in reasons.items()
    ]
    columns = [say("reason"), say("figures"), say("number")]
    print_table(say("Later figures that are not scored"), columns, table, left=2)


def _print_unfitted(card: Any, figures: dict[str, Any]) -> None:
    """Say why there is no forecast: nothing came later, or no GDP was printed by then."""
    if not card.bases:
        click.echo(
            say(
                "Nothing later is documented, so nothing can be scored. Add a document with later "
                "figures: docs/how-to/score-the-forecast.md"
            )
        )
        return
    click.echo(
        say(
            "No GDP level was printed by then, so the model cannot be fitted. What it could start "
            "from, and the later figures of the same quantity:"
        )
    )
    table = []
    for base in card.bases:
        figure = figures[base.figure]
        again = ", ".join(base.printed_again) or say("not printed again")
        table.append([base.figure, f"{figure.value:g} {figure.unit}", again])
    columns = [say("figure"), say("printed"), say("printed again")]
    print_table(say("Figures of the past known by then"), columns, table, left=3)
    _print_not_scored(card.not_scored)


COMMANDS = (hindcast,)
