"""How the ladder of firms is printed: counts, moves, goals, the satellite beside it, the fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from simcore.cli.base import period_text, print_table, source_text
from simcore.labels import say
from simcore.number_text import number, percent

LISTED = 3  # unknowns that are named beside a figure
YEARS = 6  # columns of the table of counts, unless years are named


class Found:
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
            "without_levers": self.named(self.without),
        }

    def named(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Return rows as JSON has them, each with its scenario."""
        return [{"scenario": self.scenario.name} | asdict(row) for row in rows]


def print_firms(found: Found, years: Sequence[int]) -> None:
    """Print every table; ``years`` are the columns of the counts, or the usual ones if none."""
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


def print_stored(rows: Sequence[Any], without: Sequence[Any], labels: Mapping[str, Any]) -> None:
    """Print what a result keeps of ladders: every scenario and zone, by year and rung."""
    for scenario, zone in dict.fromkeys((row.scenario, row.zone) for row in rows):
        table: dict[int, list[str]] = {}
        pairs = [
            (row, plain)
            for row, plain in zip(rows, without, strict=True)
            if (row.scenario, row.zone) == (scenario, zone)
        ]
        moved = any(row != plain for row, plain in pairs)
        for row, plain in pairs:
            cell = f"{_firms(row.median)} [{_firms(row.q05)}–{_firms(row.q95)}]"
            change = f" {_firms(row.median - plain.median, sign=True)}" if moved else ""
            table.setdefault(row.year, []).append(cell + change)
        rungs = dict.fromkeys(row.rung for row, _ in pairs)
        title = say(
            "{scenario} · {zone}: firms at the end of the year, as documents count them",
            scenario=scenario, zone=zone,
        )  # fmt: skip
        columns = [say("year"), *(str(labels[rung]) for rung in rungs)]
        print_table(title, columns, [[str(year), *cells] for year, cells in table.items()])
        if moved:
            click.echo("  " + say("Signed: change of the median by the levers."))


def _firms(value: float | None, *, sign: bool = False) -> str:
    """Write a number of firms, whole."""
    return "–" if value is None else f"{value:{'+' if sign else ''},.0f}"


def _label(found: Found, zone: str) -> str:
    return str(found.problem.baseline.zones[zone].label)


def _rung(found: Found, rung: str) -> str:
    return str(found.problem.firms.rungs[rung].label)


def _years(found: Found, zone: str, wanted: Sequence[int]) -> list[int]:
    """Return the wanted years, or the first, the base year, 2025 or the like, and the horizon."""
    known = [row.year for row in found.rows if row.zone == zone]
    base = found.problem.baseline.base_year
    usual = {min(known), base, *(row.year for row in found.goals), base + 7, max(known)}
    return sorted(set(wanted) or usual & set(known))[: None if wanted else YEARS]


def _print_ladder(found: Found, zone: str, wanted: Sequence[int]) -> None:
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


def _print_flows(found: Found) -> None:
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


def _print_goals(found: Found) -> None:
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
    ]  # fmt: skip
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


def _print_satellites(found: Found) -> None:
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


def _print_fit(found: Found) -> None:
    figures = found.problem.baseline.figures
    labels = {unknown.name: str(unknown.label) for unknown in found.problem.unknowns}
    table = []
    for row in found.fit:
        settles = [f"{labels[name]} {percent(share)}" for name, share in row.settles.items()]
        table.append(
            [
                row.figure, period_text(row.period), ", ".join(settles[:LISTED]),
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
