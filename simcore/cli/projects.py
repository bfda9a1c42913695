"""The command projects: the pipeline of major projects."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import (
    Command,
    period_text,
    print_json,
    print_table,
    refuse_options_of_result,
    source_text,
)
from simcore.cli.sources import is_result, output_options, refuse_output
from simcore.errors import InputError
from simcore.labels import say
from simcore.number_text import number
from simcore.units import MONEY, unit_text

SHOWN_UNTIL = 2030
LOST = 0.1  # share of its variance from which a parameter is shown as moved by the documents


@click.command(cls=Command, short_help="Simulate the pipeline of major projects.")
@click.argument("scenario", default="baseline")
@click.option("--zone", "zones", multiple=True, help="One zone; every zone by default.")
@click.option(
    "-n", "--draws", type=click.IntRange(min=2), default=256, show_default=True,
    help="Replications.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), help="Seed of the random numbers.")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE",
    help="Lay a setting on the scenario, such as levers.donghu.projects.delay='1 year'.",
)  # fmt: skip
@click.option(
    "--trace", type=click.IntRange(0), metavar="REPLICATION",
    help="Print the log of one replication instead.",
)  # fmt: skip
@output_options(
    "Also draw the funnel: .png, .svg or .pdf.", "Also write the tables' numbers as CSV."
)
def projects(
    scenario: str,
    zones: tuple[str, ...],
    draws: int,
    seed: int | None,
    settings: tuple[str, ...],
    trace: int | None,
    output: Path | None,
    data: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Simulate the pipeline of major projects: funnel, fit to the documents, work in progress.

    \b
    Example: simcore projects --zone donghu -o funnel.png
             simcore projects --set levers.*.projects.delay="1 year"
             simcore projects --zone donghu --trace 7
             simcore projects outputs/x.h5

    Of a result file, the funnels that it keeps of its scenarios are printed.
    """
    if is_result(scenario):
        refuse_options_of_result()
        _print_stored(Path(scenario), zones, as_json=as_json)
        return
    from simcore.baseline import load_baseline
    from simcore.funnel import simulate_projects
    from simcore.scenario import load_scenario

    baseline = load_baseline()
    chosen = load_scenario(scenario, baseline, settings)
    seed = chosen.sampling.seed if seed is None else seed
    if trace is not None:
        if output or data:
            raise InputError(say("--trace prints a log: leave out -o and --data"))
        _trace(baseline, chosen, zones, seed, trace, as_json=as_json)
        return
    refuse_output(output, data, force=force)
    found = simulate_projects(baseline, chosen, draws, seed, zones)
    first = max(baseline.zones[zone].first_year for zone in baseline.zones)
    years = (first, min(chosen.horizon, SHOWN_UNTIL))
    written = _write(found, baseline, (chosen.name, seed), years, output, data)
    if as_json:
        _print_json(found, chosen.name, years, draws, seed, written)
        return
    _print_tables(found, baseline, chosen.name, years)
    click.echo(
        say("{draws:,} draws, seed {seed}; medians with 90 % bands.", draws=draws, seed=seed)
    )
    for path in written:
        click.echo(say("wrote {path}", path=path))


def _write(
    found: Any, baseline: Any, run: tuple[str, int], years: tuple[int, int], output: Path | None,
    data: Path | None,
) -> list[str]:  # fmt: skip
    name, seed = run
    if output is not None:
        from simcore.pictures import Source
        from simcore.pipeline_plot import funnel_chart

        draws = next(iter(found.values())).parameters.draws
        funnel_chart(found, baseline, years, output, Source(draws, seed, name))
    if data is not None:
        from simcore.funnel import write_tables

        write_tables(found, name, years, data)
    return [str(path) for path in (output, data) if path is not None]


def _print_json(
    found: Any, name: str, years: tuple[int, int], draws: int, seed: int, written: list[str]
) -> None:
    from simcore.funnel import flow_table, funnel_table, work_table
    from simcore.pipeline_fit import unknown_table

    print_json(
        "projects", [asdict(row) for row in funnel_table(found, name, years)],
        work=[asdict(row) for row in work_table(found, name, years)],
        fit=[asdict(row) for row in flow_table(found)],
        parameters=[asdict(row) for part in found.values() for row in unknown_table(part.fit)],
        draws=draws, seed=seed, written=written,
    )  # fmt: skip


def _print_stored(path: Path, zones: tuple[str, ...], *, as_json: bool) -> None:
    from simcore.pipeline_flows import EVENTS
    from simcore.stored_groups import stored_funnel

    rows = stored_funnel(path, zones)
    if as_json:
        print_json("projects", [asdict(row) for row in rows], file=str(path))
        return
    columns = [say("year"), *map(stage_name, EVENTS)]
    for scenario, zone in dict.fromkeys((row.scenario, row.zone) for row in rows):
        by_year: dict[int, list[str]] = {}
        for row in rows:
            if (row.scenario, row.zone) == (scenario, zone):
                by_year.setdefault(row.year, []).append(_band(row))
        title = say(
            "{scenario} · {zone}: projects that enter each stage", scenario=scenario, zone=zone
        )
        print_table(title, columns, [[str(year), *cells] for year, cells in by_year.items()])


# --- tables ---------------------------------------------------------------------------------------


def stage_name(stage: str) -> str:
    """Return what enters a stage in a year, in the language in use."""
    from simcore.paired_projects import STAGE_LABELS

    return str(STAGE_LABELS[stage])


def measure_name(measure: str) -> str:
    """Return what a documented flow or a measure of work is, in the language in use."""
    return {
        "signed": say("signed"),
        "signed_value": say("budgets signed"),
        "signed_large": say("large projects signed"),
        "starts": say("started"),
        "started_value": say("budgets started"),
        "started_large": say("large projects started"),
        "half_built": say("half built"),
        "completions": say("commissioned"),
        "under_construction": say("under construction at the year's end"),
        "investment": say("fixed-asset investment"),
        "reserve": say("budgets not yet commissioned"),
        "commissioned": say("budgets commissioned, as realised"),
        "queue": say("mean time in the queue"),
    }[measure]


def unit_name(unit: str) -> str:
    """Return a unit of the tables in the language in use."""
    return {"projects": say("projects"), "months": say("months"), MONEY: unit_text(MONEY)}[unit]


def _print_tables(found: Any, baseline: Any, name: str, years: tuple[int, int]) -> None:
    for zone, part in found.items():
        label = baseline.zones[zone].label
        _print_funnel({zone: part}, str(label), name, years)
        _print_work({zone: part}, str(label), name, years)
    _print_flows(found, baseline)
    _print_parameters(found)


def _band(row: Any) -> str:
    return f"{number(row.median)} [{number(row.q05)}–{number(row.q95)}]"


def _print_funnel(found: Any, label: str, name: str, years: tuple[int, int]) -> None:
    from simcore.funnel import funnel_table
    from simcore.pipeline_flows import EVENTS

    rows = funnel_table(found, name, years)
    by_year = {year: [row for row in rows if row.year == year] for year in {r.year for r in rows}}
    table = [[str(year), *map(_band, by_year[year])] for year in sorted(by_year)]
    title = say("{scenario} · {zone}: projects that enter each stage", scenario=name, zone=label)
    print_table(title, [say("year"), *map(stage_name, EVENTS)], table)


def _print_work(found: Any, label: str, name: str, years: tuple[int, int]) -> None:
    from simcore.funnel import work_table

    rows = work_table(found, name, years)
    measures = list(dict.fromkeys(row.measure for row in rows))
    units = {row.measure: unit_name(row.unit) for row in rows}
    by_year: dict[int, list[str]] = {}
    for row in rows:
        by_year.setdefault(row.year, []).append(_band(row))
    names = dict.fromkeys(measures, "") | {m: measure_name(m) for m in measures}
    names["investment"] = say("projects' investment")
    columns = [f"{names[measure]} ({units[measure]})" for measure in measures]
    title = say("{scenario} · {zone}: work and money", scenario=name, zone=label)
    print_table(title, [say("year"), *columns], [[str(y), *by_year[y]] for y in sorted(by_year)])


def _print_flows(found: Any, baseline: Any) -> None:
    from simcore.funnel import flow_table

    rows = flow_table(found)
    if not rows:
        return
    columns = [
        say("measure"), say("year"), say("role"), say("documented"), say("median"), "50 %", "90 %",
        "z", say("source"),
    ]  # fmt: skip
    table = []
    for row in rows:
        sources = dict.fromkeys(source_text(baseline.figures[name].source) for name in row.figures)
        field = baseline.zones[row.zone].aggregates[row.field].label if row.field else ""
        table.append(
            [
                f"{row.zone}: {measure_name(row.measure)}" + (f", {field}" if field else ""),
                period_text(row.year), say("fitted") if row.fitted else say("compared"),
                f"{number(row.documented)} {unit_name(row.unit)}", number(row.median),
                f"{number(row.q25)}–{number(row.q75)}", f"{number(row.q05)}–{number(row.q95)}",
                f"{row.z:+.2f}", "; ".join(sources),
            ]
        )  # fmt: skip
    print_table(say("Documented flows against the pipeline"), columns, table, left=3)
    click.echo(say("Goals are compared, not fitted; a stock that stands among them is fitted."))


def _print_parameters(found: Any) -> None:
    from simcore.pipeline_fit import unknown_table

    rows = [row for part in found.values() for row in unknown_table(part.fit)]
    shown = [row for row in rows if not row.parameter.startswith("year_effect") or row.lost > LOST]
    columns = [
        say("parameter"), say("meaning"), say("prior"), say("posterior"), "90 %",
        say("shift, s.d."), say("variance lost"), say("evidence"),
    ]  # fmt: skip
    table = [
        [
            f"{row.zone}.{row.parameter}", row.label, f"{row.prior:.3g}", f"{row.posterior:.3g}",
            f"{row.low:.3g}–{row.high:.3g}", f"{row.shift:+.2f}", f"{100 * row.lost:.0f} %",
            say(row.evidence),
        ]
        for row in shown
    ]  # fmt: skip
    print_table(say("What the flows tell of the pipeline, and what stays assumed"), columns, table,
                left=2)  # fmt: skip


# --- one replication ------------------------------------------------------------------------------


def _trace(
    baseline: Any, scenario: Any, zones: tuple[str, ...], seed: int, replication: int, *,
    as_json: bool,
) -> None:  # fmt: skip
    from simcore.funnel import traced

    log = traced(baseline, scenario, seed, replication, zones)
    if as_json:
        rows = [event._asdict() for event in log]
        print_json("projects", rows, replication=replication, seed=seed)
        return
    lines = (f"{event.time:.4f}  {event.project}  {event.stage}  {event.event}" for event in log)
    click.echo("\n".join(lines))


COMMANDS = (projects,)
