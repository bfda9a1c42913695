"""The command sensitivity: what drives the spread of a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
from simcore.labels import say
from simcore.number_text import number
from simcore.units import unit_text

DRAWS = 2048
LEAST = 0.01  # total order from which a factor is shown


@click.command(cls=Command, short_help="Show what drives the spread: Sobol' indices.")
@click.argument("source", default="baseline")
@number_options
@click.option(
    "--lever", "levers", multiple=True, metavar="LEVER=LOW..HIGH",
    help="A lever that varies too, such as donghu.tfp='0 pp..1 pp'; its own range without one.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Factors that hardly matter as well.")
@click.option(
    "-n", "--draws", type=click.IntRange(1), default=DRAWS, show_default=True,
    help="Draws of each ensemble.",
)  # fmt: skip
@output_options("Also draw it: .png, .svg or .pdf.")
def sensitivity(
    source: str,
    scenario: str | None,
    indicator: str,
    zones: tuple[str, ...],
    year: int,
    levers: tuple[str, ...],
    everything: bool,
    draws: int,
    seed: int | None,
    output: Path | None,
    data: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Show what drives the spread: Sobol' indices of base state, parameters and chance.

    SOURCE is a result file, which is run again from its own provenance, or a scenario.

    \b
    Example: simcore sensitivity baseline --zone donghu --year 2030
             simcore sensitivity growth-5 --indicator rnd -o drivers.png
             simcore sensitivity --zone donghu --lever donghu.tfp='0 pp..1 pp'
    """
    from dataclasses import replace

    from simcore.contributions import Change
    from simcore.drivers import sensitivity as drivers
    from simcore.lever_ranges import levers_of

    refuse_output(output, data, force=force)
    plan = plan_of_source(source, None, seed)
    if not is_result(source) or draws < plan.draws:
        plan = replace(plan, draws=draws)
    baseline = plan.posterior.problem.past.baseline
    name = scenario or plan.scenarios[-1].name
    years, varied = (baseline.base_year, year), levers_of(levers, baseline)
    found = [
        drivers(plan, Change(name, zone, indicator, years), levers=varied)
        for zone in zones or tuple(baseline.zones)
    ]
    used = [one.draws for one in found]
    written = _write(found, baseline, output, data, plan.seed)
    if as_json:
        layers = [row for one in found for row in _rows(one, one.layers)]
        spread = [{"zone": one.change.zone, "mean": one.mean, "deviation": one.deviation,
                   "draws": one.draws} for one in found]  # fmt: skip
        print_json(
            "sensitivity", [row for one in found for row in _rows(one, one.factors)],
            layers=layers, grades=[row for one in found for row in _rows(one, one.grades)],
            spread=spread, scenario=name, indicator=indicator, year=year,
            draws=min(used), seed=plan.seed, levers=list(levers), written=written,
        )  # fmt: skip
        return
    for one in found:
        _print(one, baseline, everything)
    text = say(
        "{draws} draws, seed {seed}; shares of the variance with 90 % intervals.",
        draws=draws_text(used), seed=plan.seed,
    )  # fmt: skip
    click.echo(text)
    say_left_out(used, plan.draws)
    if varied:
        click.echo(say("Levers vary evenly between their two values, independently of all else."))
    for path in written:
        click.echo(say("wrote {path}", path=path))


def _rows(found: Any, factors: Any) -> list[dict[str, Any]]:
    return [
        {
            "scenario": found.change.scenario, "zone": found.change.zone,
            "indicator": found.change.indicator, "year": found.change.years[1],
            "parameter": factor.name, "layer": factor.layer, "evidence": factor.evidence,
            "first_order": factor.index.first_order,
            "first_order_q05": factor.index.first_interval[0],
            "first_order_q95": factor.index.first_interval[1],
            "total_order": factor.index.total_order,
            "total_order_q05": factor.index.total_interval[0],
            "total_order_q95": factor.index.total_interval[1],
            "deviation_known": factor.index.deviation_known,
        }
        for factor in factors
    ]  # fmt: skip


def _write(
    found: Any, baseline: Any, output: Path | None, data: Path | None, seed: int
) -> list[str]:
    if output is not None:
        from simcore.drivers_plot import sensitivity_chart
        from simcore.pictures import Source

        def titled(one: Any) -> str:
            return "\n".join(_title(one, baseline))

        first = found[0]
        source = Source(first.draws, seed, first.change.scenario)
        sensitivity_chart(found, titled, output, source)
    if data is not None:
        write_rows([row for one in found for row in _rows(one, one.factors)], data)
    return [str(path) for path in (output, data) if path is not None]


def _title(found: Any, baseline: Any) -> tuple[str, str]:
    """Return what is looked at, and how much it varies."""
    from simcore.dims import VARIABLES

    change = found.change
    variable = VARIABLES[change.indicator]
    what = say(
        "{zone}: {indicator} of {year}, {scenario}",
        zone=baseline.zones[change.zone].label, indicator=variable.label,
        year=change.years[1], scenario=change.scenario,
    )  # fmt: skip
    return what, say(
        "mean {mean}, standard deviation {deviation}, in {unit}",
        mean=number(found.mean), deviation=number(found.deviation), unit=unit_text(variable.units),
    )  # fmt: skip


def _print(found: Any, baseline: Any, everything: bool) -> None:
    columns = [
        say("what varies"), say("evidence"), say("alone, %"), "[90 %]",
        say("with the others, %"), "[90 %]", say("spread less if known, %"),
    ]  # fmt: skip
    lines = [_line(factor, layer=True) for factor in found.layers]
    lines.append([""] * len(columns))
    lines += [_line(factor, layer=True) for factor in found.grades]
    lines.append([""] * len(columns))
    shown = [
        f
        for f in found.factors
        if everything or f.index.total_order >= LEAST or f.layer == "levers"
    ]
    lines += [_line(factor, layer=False) for factor in shown]
    print_table(" · ".join(_title(found, baseline)), columns, lines, left=2)
    hidden = len(found.factors) - len(shown)
    if hidden:
        text = say("{count} factors below 1 % are left out; --all shows them.", count=hidden)
        click.echo(text)


def _line(factor: Any, *, layer: bool) -> list[str]:
    index = factor.index
    return [
        factor.label.upper() if layer and factor.label.isascii() else factor.label,
        say(factor.evidence) if factor.evidence else "",
        f"{100 * index.first_order:.1f}", _interval(index.first_interval),
        f"{100 * index.total_order:.1f}", _interval(index.total_interval),
        f"{100 * index.deviation_known:.1f}",
    ]  # fmt: skip


def _interval(bounds: tuple[float, float]) -> str:
    return f"{100 * bounds[0]:.1f} – {100 * bounds[1]:.1f}"


COMMANDS = (sensitivity,)
