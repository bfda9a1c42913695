"""How comparisons and what-if answers are printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from simcore.causes import said_cause, said_place
from simcore.cli.base import print_table
from simcore.labels import say
from simcore.number_text import number, percent
from simcore.units import MONEY, unit_text, with_unit

Row = dict[str, Any]


def question(base: str, levers: Sequence[str], settings: Sequence[str]) -> str:
    """Say what was laid on the baseline."""
    parts = [base] if base != "baseline" else []
    parts += [
        text.removeprefix("levers.").replace(".value=", " = ").replace("*.", "")
        for text in (*levers, *settings)
        if ".mode=" not in text
    ]
    return say("What if {levers}?", levers=", ".join(parts))


def print_comparison(rows: Sequence[Row], baseline: Any) -> None:
    """Print a table a scenario and zone: a line an indicator, industry and year."""
    columns = [
        say("{unit} unless said", unit=unit_text(MONEY)), say("year"), say("median [90 %]"),
        say("baseline"), say("difference [90 %]"), say("P(above)"),
    ]  # fmt: skip
    for scenario, zone in dict.fromkeys((row["scenario"], row["zone"]) for row in rows):
        here = [row for row in rows if (row["scenario"], row["zone"]) == (scenario, zone)]
        order = list(dict.fromkeys((row["indicator"], row["industry"]) for row in here))
        here.sort(key=lambda row: (order.index((row["indicator"], row["industry"])), row["year"]))
        lines, last = [], None
        for row in here:
            key = (row["indicator"], row["industry"])
            lines.append([_name(*key, zone, baseline) if key != last else "", *_cells(row)])
            last = key
        label = baseline.zones[zone].label if zone in baseline.zones else zone
        print_table(f"{scenario} · {label}", columns, lines)


def _name(indicator: str, industry: str | None, zone: str, baseline: Any) -> str:
    from simcore.dims import VARIABLES

    variable = VARIABLES[indicator]
    if industry:
        return f"{say(indicator)}: {baseline.industry_label(industry, zone)}"
    return with_unit(variable.label, "" if variable.units == MONEY else variable.units)


def _cells(row: Row) -> list[str]:
    difference = number(row["difference_median"], sign=True)
    low = number(row["difference_q05"], sign=True)
    high = number(row["difference_q95"], sign=True)
    return [
        str(row["year"]),
        f"{number(row['median'])} [{number(row['q05'])}–{number(row['q95'])}]",
        number(row["baseline_median"]),
        f"{difference} [{low} – {high}]",
        percent(row["probability_above"]),
    ]


def print_unusual(rows: Sequence[Row], total: int) -> None:
    """Say on the error stream what was unusual in a run of so many scenario-draws."""
    for row in rows:
        if not row["masked"]:
            text = say(
                "note: {cause} in {count} of {total} scenario-draws, first {first}",
                cause=said_cause(row["cause"]), count=row["scenario_draws"], total=total,
                first=said_place(row["first"]),
            )  # fmt: skip
            click.echo(text, err=True)


def print_masked(rows: Sequence[Row], masked: Mapping[str, int], draws: int) -> None:
    """Say on the error stream of which scenarios draws are masked, and the main cause of it."""
    from simcore.faults import main_cause

    for scenario, count in masked.items():
        if count:
            row = main_cause(rows, scenario)
            text = say(
                "note: {count} of {draws} draws of {scenario} are masked: {cause}, first {first}",
                count=count, draws=draws, scenario=scenario, cause=said_cause(row["cause"]),
                first=said_place(row["first"]),
            )  # fmt: skip
            click.echo(text, err=True)


def demand_fields(mode: str, demands: Sequence[Any]) -> Row:
    """Return what JSON says of a pinned growth: the mode, and one object a zone."""
    return {
        "mode": mode,
        "zones": {
            demand.zone: {
                "growth": demand.growth,
                "tfp_growth_required": demand.tfp_growth_required[0],
                "tfp_growth_required_q05": demand.tfp_growth_required[1],
                "tfp_growth_required_q95": demand.tfp_growth_required[2],
                "baseline_share_below": demand.baseline_share_below,
                "share_average_reached": demand.share_average_reached,
                "share_every_year_reached": demand.share_every_year_reached,
                "years": list(demand.years),
            }
            for demand in demands
        },
    }


def print_demands(demands: Sequence[Any], mode: str, baseline: Any) -> None:
    """Say what the pinned growth requires, how demanding it is, and what the mode means."""
    for demand in demands:
        median, low, high = demand.tfp_growth_required
        first, last = demand.years
        click.echo(
            say(
                "{zone}: {growth:.2f} % a year takes productivity growth of {median:.2f} % a year "
                "({low:.2f} to {high:.2f}) in {first}–{last}; it stays below that in {below} of "
                "the baseline's draws. On its own the baseline averages {growth:.2f} % in "
                "{average} of its draws, and reaches it every year in {every}.",
                zone=baseline.zones[demand.zone].label, growth=demand.growth, median=median,
                low=low, high=high,
                first=first, last=last, below=percent(demand.baseline_share_below),
                average=percent(demand.share_average_reached),
                every=percent(demand.share_every_year_reached),
            )
        )  # fmt: skip
    if demands:
        click.echo(_mode_text(mode))


def _mode_text(mode: str) -> str:
    if mode == "centre":
        return say(
            "Mode centre: the mean of growth over the draws is fixed in every year; the fan around "
            "it stays."
        )
    return say(
        "Mode set: growth is fixed in every draw, so no other lever changes GDP, only what "
        "productivity must give; what remains of the fan of nominal GDP is base state and prices."
    )


def print_required(path: Any, baseline: Any) -> None:
    """Print the productivity growth that each pinned scenario of a result takes, zone by zone."""
    from simcore.dataset import open_results
    from simcore.disk import working_on
    from simcore.what_if import required

    with working_on(path), open_results(path) as dataset:
        found = required(dataset, baseline.base_year)
    if not found:
        return
    scenarios = list(dict.fromkeys(scenario for scenario, _ in found))
    columns = [say("scenario"), *(str(zone.label) for zone in baseline.zones.values())]
    rows = [
        [name, *(number(found.get((name, zone))) for zone in baseline.zones)] for name in scenarios
    ]
    title = say("Productivity growth that the pinned growth takes to 2030, median, % a year")
    print_table(title, columns, rows)
