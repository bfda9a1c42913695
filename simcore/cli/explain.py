"""The command explain: why a number is what it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simcore.cli.base import Command, print_json, print_table
from simcore.cli.sources import (
    draws_text,
    is_result,
    number_options,
    output_options,
    plan_of_source,
    refuse_output,
    say_left_out,
    write_rows,
)
from simcore.errors import InputError
from simcore.labels import Label, language, say
from simcore.number_text import number
from simcore.units import MONEY, unit_text

if TYPE_CHECKING:
    import xarray as xr

DRAWS = 4096
FEW = 2048  # of each of up to 256 mixtures of two scenarios
BAND = (0.05, 0.95)


@click.command(cls=Command, short_help="Take growth, or a difference of scenarios, apart.")
@click.argument("source")
@number_options
@click.option("--against", metavar="NAME", help="Take the difference from this scenario apart.")
@click.option("--from", "first", type=int, help="The first year; the base year by default.")
@click.option(
    "--by", type=click.Choice(["term", "industry"]), default="term", show_default=True,
    help="What grew, or where.",
)  # fmt: skip
@click.option(
    "-n", "--draws", type=click.IntRange(1),
    help="Draws to look at; 4,096 by default, 2,048 with --against.",
)  # fmt: skip
@output_options("Also draw a waterfall: .png, .svg or .pdf.")
def explain(
    source: str,
    scenario: str | None,
    against: str | None,
    indicator: str,
    zones: tuple[str, ...],
    year: int,
    first: int | None,
    by: str,
    draws: int | None,
    seed: int | None,
    output: Path | None,
    data: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Take a zone's growth, or the difference of two scenarios, apart by what made it.

    SOURCE is a result file, or a scenario: a shipped name or a YAML file. Terms are means over
    draws; they add up.

    \b
    Example: simcore explain baseline --zone donghu --year 2030
             simcore explain nev-transition --against baseline --zone jingkai -o why.png
    """
    from simcore.contributions import Change

    refuse_output(output, data, force=force)
    if against and by == "industry":
        raise InputError(say("--by industry is of one scenario: leave out --against"))
    plan = plan_of_source(source, against, seed)
    baseline = plan.posterior.problem.past.baseline
    own = [s.name for s in plan.scenarios if s.name != against]
    name = scenario or (own[-1] if own else plan.scenarios[-1].name)
    years = (first or baseline.base_year, year)
    count = draws or (FEW if against else DRAWS)
    count = min(count, plan.draws) if is_result(source) else count
    answers = [
        answer_of(plan, Change(name, zone, indicator, years), against, by, count)
        for zone in zones or tuple(baseline.zones)
    ]
    used = [answer["draws"] for answer in answers]
    names = {one.name: one.label for one in plan.scenarios}
    run = min(used), plan.seed, name
    written = _write(answers, baseline, output, data, run, names)
    if as_json:
        rows = [row for answer in answers for row in answer["rows"]]
        totals = [{key: answer[key] for key in ("zone", "first", "last", "total", "draws")}
                  for answer in answers]  # fmt: skip
        print_json(
            "explain", rows, total=totals, scenario=name, against=against, indicator=indicator,
            years=list(years), draws=min(used), seed=plan.seed, written=written,
        )  # fmt: skip
        return
    for answer in answers:
        _print(answer, baseline)
    text = say(
        "Means of {draws} draws, seed {seed}; they add up, their 90 % bands do not.",
        draws=draws_text(used), seed=plan.seed,
    )  # fmt: skip
    click.echo(text)
    say_left_out(used, count)
    for path in written:
        click.echo(say("wrote {path}", path=path))


def answer_of(plan: Any, change: Any, against: str | None, by: str, draws: int) -> dict[str, Any]:
    """Take a zone apart: rows, and what they add up to."""
    from dataclasses import replace

    from simcore.contributions import contributions, points_a_year
    from simcore.lever_effects import lever_effects

    plan = replace(plan, draws=draws)
    if against:
        found, kind = lever_effects(plan, change, against), "setting"
        parts = {"contribution": found["contribution"]}
    else:
        found, kind = contributions(plan, change), by
        other = "industry" if by == "term" else "term"
        parts = {"contribution": found["contribution"].sum(other),
                 "points": points_a_year(found).sum(other)}  # fmt: skip
    rows = _rows(parts, kind, change, against)
    ends = {name: float(found[name].mean()) for name in ("first", "last", "total")}
    points = sum(row.get("points", 0.0) for row in rows)
    return {"zone": change.zone, "change": change, "against": against, "kind": kind, "rows": rows,
            "points": points, "labels": _labels(found), "draws": found.sizes["draw"],
            **ends}  # fmt: skip


def _labels(found: xr.Dataset) -> dict[str, Label]:
    """Return what people read of the settings, of which single scenarios have none."""
    if "setting" not in found.coords:
        return {}
    parts = (found[name].values.tolist() for name in ("setting", "label_en", "label_zh"))
    return {name: Label(en, zh) for name, en, zh in zip(*parts, strict=True)}


def _rows(
    parts: dict[str, xr.DataArray], kind: str, change: Any, against: str | None
) -> list[dict[str, Any]]:
    rows = []
    for name in parts["contribution"][kind].values:
        own = parts["contribution"].sel({kind: name})
        if kind == "term" and not own.any():
            continue  # a term that the indicator or the scenario does not have
        low, high = own.quantile(BAND, dim="draw").values.tolist()
        row = {
            "scenario": change.scenario, **({"against": against} if against else {}),
            "zone": change.zone, "indicator": change.indicator,
            "first": change.years[0], "year": change.years[1],
            kind: str(name), "contribution": float(own.mean()), "q05": low, "q95": high,
        }  # fmt: skip
        if against is None:
            row["points"] = float(parts["points"].sel({kind: name}).mean())
        rows.append(row)
    return rows


def _write(
    answers: list[dict[str, Any]],
    baseline: Any,
    output: Path | None,
    data: Path | None,
    source: tuple[int, int, str],
    names: dict[str, Any],
) -> list[str]:
    if output is not None:
        from simcore.pictures import Source

        draw(answers, baseline, output, Source(*source), names)
    if data is not None:
        write_rows([row for answer in answers for row in answer["rows"]], data)
    return [str(path) for path in (output, data) if path is not None]


def draw(
    answers: list[dict[str, Any]],
    baseline: Any,
    output: Path,
    source: Any,
    names: dict[str, Any] | None = None,
) -> None:
    """Draw the waterfalls of some answers in the picture's language.

    ``names`` : labels of scenarios by name, by which they are called in Chinese.
    """
    from simcore.waterfall import Bar, Waterfall, waterfall_chart

    def charts() -> list[Waterfall]:
        return [
            Waterfall(
                _title(called, baseline), *_ends(called),
                [Bar(_drawn_label(answer, row, baseline), row["contribution"])
                 for row in answer["rows"]],
            )
            for answer in answers
            for called in [_called(answer, names or {})]
        ]  # fmt: skip

    waterfall_chart(charts, output, source)


def _called(answer: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """Return an answer whose scenarios are called by their labels where that is Chinese."""
    from dataclasses import replace

    if language() != "zh":
        return answer
    change, against = answer["change"], answer["against"]
    name = str(names.get(change.scenario, change.scenario))
    return answer | {
        "change": replace(change, scenario=name),
        "against": str(names.get(against, against)) if against else None,
    }


def _ends(answer: dict[str, Any]) -> tuple[Any, Any]:
    """Return the first and the last bar, each a name and a value."""
    change, against = answer["change"], answer["against"]
    names = (against, change.scenario) if against else map(str, change.years)
    return tuple(zip(names, (answer["first"], answer["last"]), strict=True))  # type: ignore[return-value]


def _title(answer: dict[str, Any], baseline: Any) -> str:
    from simcore.dims import VARIABLES

    change = answer["change"]
    zone, variable = baseline.zones[change.zone].label, VARIABLES[change.indicator].label
    if answer["against"]:
        return say(
            "{zone}: {indicator} of {year}, {scenario} against {against}",
            zone=zone, indicator=variable, year=change.years[1], scenario=change.scenario,
            against=answer["against"],
        )  # fmt: skip
    first, last = change.years
    return say(
        "{zone}: {indicator} from {first} to {last}, {scenario}",
        zone=zone, indicator=variable, first=first, last=last, scenario=change.scenario,
    )  # fmt: skip


def _drawn_label(answer: dict[str, Any], row: dict[str, Any], baseline: Any) -> str:
    """Return a row's name in a picture: words instead of the key path of a setting."""
    from simcore.key_labels import key_label

    if answer["kind"] == "setting":
        return key_label(row["setting"], baseline, answer["zone"])
    return _label(answer, row, baseline)


def _label(answer: dict[str, Any], row: dict[str, Any], baseline: Any) -> str:
    from simcore.contributions import TERMS

    name: str = row[answer["kind"]]
    if answer["kind"] == "term":
        return str(TERMS[name])
    if answer["kind"] == "industry":
        return str(baseline.industry_label(name, answer["zone"]))
    return str(answer["labels"][name])


def _print(answer: dict[str, Any], baseline: Any) -> None:
    pointed = answer["against"] is None
    columns = [say("what made it"), unit_text(MONEY), "[90 %]"]
    if pointed:
        columns.append(say("points a year"))
    lines = []
    for name, value in _ends(answer)[:1]:
        lines.append([name, number(value), "", *([""] if pointed else [])])
    for row in answer["rows"]:
        band = f"{number(row['q05'], sign=True)} – {number(row['q95'], sign=True)}"
        cells = [_label(answer, row, baseline), number(row["contribution"], sign=True), band]
        lines.append([*cells, *([f"{row['points']:+.2f}"] if pointed else [])])
    for name, value in _ends(answer)[1:]:
        lines.append([name, number(value), "", *([f"{answer['points']:+.2f}"] if pointed else [])])
    print_table(_title(answer, baseline), columns, lines)


COMMANDS = (explain,)
