"""The command firms: the ladder of firms, its goals, its fit, and the log of one replication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import (
    Command,
    force_option,
    json_option,
    number,
    percent,
    period_text,
    print_json,
    print_table,
    source_text,
)
from simcore.errors import InputError, did_you_mean
from simcore.labels import say

LISTED = 5  # of the unknowns that a figure settles, and years of the table
EVENTS = 20  # of a trace are printed; JSON and --data have all


@click.command(cls=Command)
@click.argument("scenario", default="baseline")
@click.option("--zone", "zones", multiple=True, help="A zone; without one, all.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set a lever.")
@click.option(
    "-n", "--draws", type=click.IntRange(min=2), default=4096, show_default=True, help="Draws."
)
@click.option("--seed", type=int, default=20211222, show_default=True, help="Seed.")
@click.option("--year", "years", type=int, multiple=True, help="A year of the table.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Draw it: .png, .svg or .pdf."
)
@click.option("--data", type=click.Path(path_type=Path), help="Write the numbers as CSV.")
@click.option(
    "--trace", type=click.IntRange(min=0), metavar="DRAW",
    help="Print the events of one draw's firms instead.",
)  # fmt: skip
@force_option
@json_option
def firms(
    scenario: str,
    zones: tuple[str, ...],
    settings: tuple[str, ...],
    draws: int,
    seed: int,
    years: tuple[int, ...],
    output: Path | None,
    data: Path | None,
    trace: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Simulate the ladder of technology firms, from start-ups to listed ones, with its goals.

    \b
    Example: simcore firms --zone donghu --set levers.donghu.firms.promotion=20%
    """
    from simcore.ladder_fit import fit_firms
    from simcore.ladder_table import FirmEnsemble, factors_of
    from simcore.reconcile import reconcile
    from simcore.scenario import load_scenario

    posterior = reconcile()
    past = posterior.problem.past
    resolved = load_scenario(scenario, past.baseline, settings)
    fitted = fit_firms(past.baseline, past.priors)
    chosen = _zones(zones, fitted.problem.zones)
    _refuse_outputs(output, data, trace, force=force)
    _refuse_years(years, chosen, fitted.problem, resolved.horizon)
    factors = factors_of(fitted.problem, resolved)
    if trace is not None:
        _trace(fitted, seed, trace, chosen, resolved, factors, data, as_json=as_json)
        return
    ensemble = FirmEnsemble(fitted, seed, draws, resolved.horizon, factors)
    beside = FirmEnsemble(fitted, seed, draws, resolved.horizon) if factors else None
    found = _Found(ensemble, beside, posterior, resolved, chosen)
    if output is not None:
        from simcore.ladder_plot import firms_chart

        firms_chart(ensemble, found.rows, found.goals, found.satellites, output, force=force)
    if data is not None:
        _write_rows(data, found.rows)
    if as_json:
        print_json("firms", [asdict(row) for row in found.rows], **found.fields())
        return
    _print(found, years)
    for path in (output, data):
        if path is not None:
            click.echo(str(path))


class _Found:
    """Everything that the command prints, computed once."""

    def __init__(
        self, ensemble: Any, beside: Any, posterior: Any, scenario: Any, zones: Sequence[str]
    ) -> None:
        from simcore.ladder_fit import fit_table, rates_table
        from simcore.ladder_goals import goal_rows
        from simcore.ladder_table import rung_rows, satellite_rows

        self.problem, self.ensemble = ensemble.posterior.problem, ensemble
        self.scenario, self.zones = scenario, zones
        base = self.problem.baseline.base_year
        self.rows = rung_rows(ensemble, zones)
        self.without = rung_rows(beside, zones) if beside else []
        self.goals = goal_rows(ensemble, zones)
        members = ensemble.members[0][0]
        self.fit = [row for row in fit_table(members) if row.zone in zones]
        self.rates = [row for row in rates_table(members) if row.zone in zones]
        dated = {row.year for row in self.goals}
        later = sorted({*dated, *range(base + 2, scenario.horizon + 1, 5), scenario.horizon})
        rows = satellite_rows(ensemble, posterior, scenario, later)
        self.satellites = [row for row in rows if row.zone in zones]

    def fields(self) -> dict[str, Any]:
        """Return what JSON says beside the rows."""
        return {
            "scenario": self.scenario.name,
            "draws": self.ensemble.draws,
            "seed": self.ensemble.seed,
            "goals": [asdict(row) for row in self.goals],
            "fit": [asdict(row) for row in self.fit],
            "rates": [asdict(row) for row in self.rates],
            "satellite": [asdict(row) | {"agree": row.agree} for row in self.satellites],
            "without_levers": [asdict(row) for row in self.without],
        }


def _zones(wanted: Sequence[str], known: Sequence[str]) -> list[str]:
    for zone in wanted:
        if zone not in known:
            near = did_you_mean(zone, known) or f"; known: {', '.join(known)}"
            raise InputError(f"'{zone}' has no ladder of firms{near}")
    return [zone for zone in known if not wanted or zone in wanted]


def _refuse_outputs(
    output: Path | None, data: Path | None, trace: int | None, *, force: bool
) -> None:
    """Refuse what cannot be written before anything is computed."""
    from simcore.pictures import refuse_format
    from simcore.store import refuse_existing

    if output is not None:
        if trace is not None:
            raise InputError("a trace is a list of events: there is no picture of it")
        refuse_format(output)
    for path in (output, data):
        if path is not None:
            refuse_existing(path, force=force)


def _refuse_years(years: Sequence[int], zones: Sequence[str], problem: Any, last: int) -> None:
    """Refuse years that a zone does not have."""
    for zone in zones:
        first = problem.firms.zones[zone].first_year
        for year in years:
            if not first <= year <= last:
                raise InputError(f"{zone} has firms from {first} to {last}, not in {year}")


# --- tables ---------------------------------------------------------------------------------------


def _print(found: _Found, years: Sequence[int]) -> None:
    for zone in found.zones:
        _print_ladder(found, zone, years)
    _print_flows(found)
    _print_goals(found)
    _print_satellites(found)
    _print_fit(found)
    click.echo(
        say(
            "{draws:,} draws, seed {seed}; medians with 90 % bands.",
            draws=found.ensemble.draws, seed=found.ensemble.seed,
        )
    )  # fmt: skip


def _firms(value: float | None, *, sign: bool = False) -> str:
    """Write a number of firms, whole."""
    return "–" if value is None else f"{value:{'+' if sign else ''},.0f}"


def _label(found: _Found, zone: str) -> str:
    return str(found.problem.baseline.zones[zone].label)


def _rung(found: _Found, rung: str) -> str:
    return str(found.problem.firms.rungs[rung].label)


def _years(found: _Found, zone: str, wanted: Sequence[int]) -> list[int]:
    """Return the wanted years, or the first, the base year, 2025 or the like, and the horizon."""
    known = [row.year for row in found.rows if row.zone == zone]
    base = found.problem.baseline.base_year
    usual = {min(known), base, *(row.year for row in found.goals), base + 7, max(known)}
    return sorted(set(wanted) or usual & set(known))[: None if wanted else LISTED + 1]


def _print_ladder(found: _Found, zone: str, wanted: Sequence[int]) -> None:
    years = _years(found, zone, wanted)
    rows = {(row.rung, row.year): row for row in found.rows if row.zone == zone}
    before = {(row.rung, row.year): row for row in found.without if row.zone == zone}
    table = []
    for rung in found.problem.firms.rungs:
        cells = []
        for year in years:
            row = rows[rung, year]
            cell = f"{_firms(row.median)} [{_firms(row.q05)}–{_firms(row.q95)}]"
            if before:
                change = row.median - before[rung, year].median
                cell += f" {_firms(change, sign=True)}"
            cells.append(cell)
        table.append([_rung(found, rung), *cells])
    title = say("Firms at the end of the year, as documents count them · {zone}",
                zone=_label(found, zone))  # fmt: skip
    print_table(title, [say("rung"), *map(str, years)], table)
    if before:
        click.echo("  " + say("Signed: change of the median by the levers."))


def _print_flows(found: _Found) -> None:
    year = found.problem.baseline.base_year + 1
    table = [
        [
            _label(found, row.zone), _rung(found, row.rung), _firms(row.own),
            *(_firms(value) for value in (row.new, row.up_in, row.down_in, row.up_out,
                                          row.down_out, row.exits)),
        ]
        for row in found.rows
        if row.year == year
    ]  # fmt: skip
    columns = [
        say("zone"), say("rung"), say("on the rung itself"), say("new firms"), say("from below"),
        say("from above"), say("to above"), say("to below"), say("exits"),
    ]  # fmt: skip
    title = say("Moves in {year}, medians, firms", year=year)
    print_table(title, columns, table, left=2)


def _print_goals(found: _Found) -> None:
    if not found.goals:
        return
    table = []
    for row in found.goals:
        needs = row.needs
        table.append(
            [
                _label(found, row.zone), _rung(found, row.rung), str(row.year), _firms(row.goal),
                percent(row.probability),
                f"{_firms(row.median)} [{_firms(row.q05)}–{_firms(row.q95)}]",
                f"{_firms(row.last)} ({row.last_year}{'*' if row.assumed else ''})",
                f"{number(row.growth_needed)} / {number(row.growth)}",
                _factor(row, needs.entry, needs.new_firms, needs.new_firms_now),
                _factor(row, needs.promotion, needs.arrivals, needs.arrivals_now),
                say("out of reach") if needs.settled is None else _firms(needs.settled),
            ]
        )  # fmt: skip
    columns = [
        say("zone"), say("rung"), say("year"), say("goal"), say("P(met)"), say("median [90 %]"),
        say("last count"), say("growth needed / median, % a year"), say("new firms needed"),
        say("promotions needed"), say("or settled a year"),
    ]  # fmt: skip
    print_table(say("Goals, and what would bring the median to each"), columns, table, left=2)
    base = found.problem.baseline.base_year
    notes = [
        say(
            "Needed from {year} on, each alone: new start-ups a year, or all rates of promotion, "
            "times the factor, with the firms a year that enter or reach the rung, against those "
            "now; or firms a year that settle on the rung from elsewhere.",
            year=base + 1,
        ),
        say("Out of reach: no factor up to 100 does it in time."),
    ]
    if any(row.assumed for row in found.goals):
        notes.append(say("* No count is documented: the ladder's median of the base year."))
    for note in notes:
        click.echo("  " + note)


def _factor(row: Any, factor: float | None, flow: float | None, now: float) -> str:
    """Write a factor with the firms a year now and with it; nothing where the goal is met."""
    if row.median >= row.goal:
        return f"– ({_firms(now)})"
    if factor is None or flow is None:
        return f"{say('out of reach')} ({_firms(now)})"
    return f"× {number(factor)} ({_firms(now)} → {_firms(flow)})"


def _print_satellites(found: _Found) -> None:
    if not found.satellites:
        return
    table = [
        [
            _label(found, row.zone), str(row.year),
            f"{_firms(row.ladder)} [{_firms(row.ladder_q05)}–{_firms(row.ladder_q95)}]",
            f"{_firms(row.satellite)} [{_firms(row.satellite_q05)}–{_firms(row.satellite_q95)}]",
            f"{number(100 * (row.ladder / row.satellite - 1), sign=True)}",
            say("yes") if row.agree else say("no"),
        ]
        for row in found.satellites
    ]  # fmt: skip
    columns = [
        say("zone"), say("year"), say("ladder"), say("satellite equation"), say("difference, %"),
        say("each in the other's 90 % band"),
    ]  # fmt: skip
    print_table(say("High-tech firms by the ladder and by the satellite equation"), columns, table)
    click.echo(
        "  "
        + say(
            "Results hold the satellite's count, which follows R&D; the ladder says where firms "
            "come from and what levers on firms do."
        )
    )


def _print_fit(found: _Found) -> None:
    figures = found.problem.baseline.figures
    labels = {unknown.name: str(unknown.label) for unknown in found.problem.unknowns}
    table = []
    for row in found.fit:
        settles = [f"{labels[name]} {percent(share)}" for name, share in row.settles.items()]
        table.append(
            [
                row.figure, period_text(row.period), ", ".join(settles[:3]),
                ("> " if row.qualifier == "over" else "") + _firms(row.value), _firms(row.fitted),
                f"{_firms(row.q25)}–{_firms(row.q75)}", f"{_firms(row.q05)}–{_firms(row.q95)}",
                f"{row.deviation_percent:+.1f}", f"{row.z:+.2f}",
            ]
        )  # fmt: skip
    columns = [
        say("figure"), say("period"), say("settles, share of prior variance"), say("printed"),
        say("fitted"), "50 %", "90 %", say("off by, %"), "z",
    ]  # fmt: skip
    print_table(say("Documented counts and the ladder fitted to them"), columns, table, left=3)
    derived = [row for row in found.rates if row.evidence == "derived"]
    if derived:
        names = "; ".join(
            f"{_label(found, row.zone)}, {row.label} {row.fitted:.2g} [{row.q05:.2g}–{row.q95:.2g}]"
            for row in derived
        )
        click.echo("  " + say("Settled by them, a year: {names}", names=names))
    assumed = sum(row.evidence == "assumed" for row in found.rates)
    click.echo(
        "  "
        + say(
            "The other {count} stocks and rates are assumed (--json: all, with sources).",
            count=assumed,
        )
    )
    places = dict.fromkeys(source_text(figures[row.figure].source) for row in found.fit)
    click.echo("  " + say("Sources of the figures: {places}", places="; ".join(places)))


# --- one draw -------------------------------------------------------------------------------------


def _trace(
    fitted: Any, seed: int, draw: int, zones: Sequence[str], scenario: Any, factors: Any,
    data: Path | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Print the events of the firms of one draw, in the order of their dates."""
    from simcore.ladder_table import trace

    found = {
        zone: trace(fitted, seed, draw, zone, scenario.horizon, factors.get(zone)) for zone in zones
    }
    rows = [
        {"zone": zone, **asdict(event)}
        for zone, replication in found.items()
        for event in replication.events
    ]
    if data is not None:
        _write_rows(data, rows)
    if as_json:
        print_json("firms", rows, scenario=scenario.name, draw=draw, seed=seed)
        return
    labels = fitted.problem.firms.rungs
    for zone, replication in found.items():
        table = [
            [f"{event.date:.3f}", event.firm, say(event.kind),
             *(str(labels[name].label) if name in labels else say("outside")
               for name in (event.start, event.end))]
            for event in replication.events[:EVENTS]
        ]  # fmt: skip
        title = say(
            "Draw {draw}, {zone}: the first {shown} of {count} events",
            draw=draw, zone=fitted.problem.baseline.zones[zone].label, shown=len(table),
            count=f"{len(replication.events):,}",
        )  # fmt: skip
        columns = [say("date"), say("firm"), say("event"), say("from"), say("to")]
        print_table(title, columns, table, left=5)
    if data is not None:
        click.echo(str(data))


def _write_rows(path: Path, rows: Sequence[Any]) -> None:
    """Write rows as CSV."""
    from simcore.writing import write_text

    fields = [row if isinstance(row, dict) else asdict(row) for row in rows]
    lines = [",".join(fields[0])] if fields else []
    for row in fields:
        lines.append(",".join(_cell(value) for value in row.values()))
    write_text(path, "\n".join(lines) + "\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.9g}" if isinstance(value, float) else str(value)


COMMANDS = (firms,)
