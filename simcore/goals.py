"""The documents' goals as objects: what is asked, by when, how strictly, and what answers it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from simcore.baseline import Baseline
from simcore.dims import VARIABLES
from simcore.entries import SECTOR_LABELS, Figure
from simcore.errors import InputError
from simcore.labels import Label, say
from simcore.measures import Measure, measure_of
from simcore.plan_tables import PlanTables, Row, Treatment, load_plan_tables, treatment
from simcore.satellite_priors import Satellites, load_satellites

Comparator = Literal[">=", ">", "<=", "<"]
Strength = Literal["binding", "anticipatory", "aspirational"]
How = Literal["simulated", "satellite", "pace"]

STRENGTHS: tuple[Strength, ...] = ("binding", "anticipatory", "aspirational")
ASPIRED = ("aspire", "aspire_over")
AT_MOST = ("位", "分钟")  # a place in a ranking and a way's minutes: less is better
LARGER = {"万亿元": ("亿元", 1e4), "万家": ("家", 1e4)}
"""Printed units that hold a multiple of another."""


@dataclass(frozen=True)
class Documented:
    """A documented value of the quantity of a goal, in the goal's printed unit."""

    year: int
    value: float
    figure: str


@dataclass(frozen=True)
class Goal:
    """A documented goal.

    ``repeats`` : the figures that print it again; ``strength`` : as far as any of them says;
    ``measure`` and ``value`` : what answers it and the value in the result's unit, None where
    nothing does; ``start`` : the year before the goal's period; ``documents`` : the documented
    values of the same quantity, by year; ``row`` : the row of an indicator table, if it has one.
    """

    figure: Figure
    repeats: tuple[Figure, ...]
    strength: Strength | None
    treatment: How
    by: str
    measure: Measure | None
    value: float | None
    start: int
    documents: tuple[Documented, ...]
    table: str = ""
    row: Row | None = None

    @property
    def year(self) -> int:
        """The year by which the goal is set."""
        assert self.figure.year is not None  # `goals` leaves out parts of years
        return self.figure.year

    @cached_property
    def comparator(self) -> Comparator:
        """How the published figure has to compare with the value."""
        if self.figure.qualifier == "under":
            return "<"
        if self.figure.unit in AT_MOST:
            return "<="
        return ">" if self.figure.qualifier in ("over", "aspire_over") else ">="

    @property
    def at_least(self) -> bool:
        """Whether more is better."""
        return self.comparator in (">", ">=")

    def label(self, baseline: Baseline) -> Label:
        """Return what people read: of the table's row, of the variable, or the document's term."""
        if self.row is not None:
            return self.row.label
        zone, figure = baseline.zones[self.figure.zone], self.figure
        if self.by in zone.aggregates:
            name = zone.aggregates[self.by].label
        elif self.by in VARIABLES:
            name = VARIABLES[self.by].label
            rate = figure.concept in ("share", "growth") and self.by != "gdp_growth"
            if rate and self.treatment == "simulated":
                name = baseline.indicators[figure.indicator].label  # without its prices
        else:
            name = baseline.indicators[figure.indicator].label
            return Label(f"{name.en}: {figure.term}", f"{name.zh}：{figure.term}")
        part = None
        if figure.industry in zone.industries:
            part = zone.industries[figure.industry].label
        elif figure.sector is not None:
            part = SECTOR_LABELS[figure.sector]
        if part is not None:
            name = Label(f"{name.en}: {part.en}", f"{name.zh}：{part.zh}")
        if figure.concept == "share":
            name = Label(f"share of GDP: {name.en}", f"占地区生产总值比重：{name.zh}")
        if figure.concept == "growth" and self.by != "gdp_growth":
            name = Label(f"growth of {name.en}", f"{name.zh}增长")
        return name


def goals(baseline: Baseline) -> list[Goal]:
    """Return every documented goal of a whole year or span of years, in the calibration's order.

    Targets and the yearly plans' figures; one that is printed again stands once.
    """
    repeats: dict[str, list[Figure]] = {}
    wanted = [f for f in baseline.figures.values() if f.kind in ("target", "plan_annual")]
    for figure in wanted:
        original = baseline.original(figure.id)
        if original.id != figure.id:
            repeats.setdefault(original.id, []).append(figure)
    reader = _Reader(
        baseline, load_satellites(), load_plan_tables(baseline), _documented(baseline)
    )  # fmt: skip
    return [
        reader.goal(figure, tuple(repeats.get(figure.id, ())))
        for figure in wanted
        if baseline.original(figure.id).id == figure.id and figure.year is not None
    ]


@dataclass(frozen=True)
class _Reader:
    """What goals are read from; ``values`` : the figures of whole years by what they measure."""

    baseline: Baseline
    satellites: Satellites
    tables: PlanTables
    values: dict[tuple[str, str], list[Figure]]

    def goal(self, figure: Figure, repeats: tuple[Figure, ...]) -> Goal:
        """Return a figure as a goal."""
        answer = treatment(self.baseline, figure.id, self.satellites, self.tables)
        measure, value = measure_of(self.baseline, figure, answer, self.satellites) or (None, None)
        how: How = "pace" if answer.treatment == "not_modelled" else answer.treatment
        return Goal(
            figure, repeats, _strength((figure, *repeats)), how, answer.by, measure, value,
            self.start(figure), self.documents(figure, answer), answer.document, answer.row,
        )  # fmt: skip

    def start(self, figure: Figure) -> int:
        """Return the year before a goal's period: its own, or that of its document."""
        if isinstance(figure.period, tuple):
            return figure.period[0] - 1
        if figure.kind == "plan_annual":
            return (figure.year or 0) - 1
        return self.baseline.documents[figure.source.document].period[0] - 1

    def documents(self, figure: Figure, answer: Treatment) -> tuple[Documented, ...]:
        """Return the documented values of a goal's quantity, by year; the last printed one holds.

        Figures of the same quantity have the same stem, stand in the same row of a table, or are
        met by the same satellite.
        """
        places = {stem(figure.id), *(() if answer.row is None else map(stem, answer.row.figures))}
        if answer.treatment == "satellite":
            places |= {stem(name) for name in self.satellites.evidence(answer.by, figure.zone)}
        known = [
            known for place in places for known in self.values.get((place, figure.concept), [])
        ]
        known.sort(key=lambda figure: (figure.year or 0, self.baseline.published(figure)))
        found = {}
        for entry in known:
            factor = _converted(entry.unit, figure.unit)
            if factor is not None and entry.year is not None:
                value = factor * float(entry.value or 0.0)
                found[entry.year] = Documented(entry.year, value, entry.id)
        return tuple(found.values())


def plan_period(baseline: Baseline) -> tuple[int, int]:
    """Return the first and last year of the latest plan that has an indicator table.

    Raises `InputError` if none has.
    """
    periods = [baseline.documents[name].period for name in load_plan_tables(baseline).tables]
    if not periods:
        raise InputError(say("no plan has an indicator table: give the year of the assessment"))
    return max(periods, key=lambda period: period[1])


def stem(name: str) -> str:
    """Return what figures of one quantity have in common: their id up to the period.

    >>> stem("donghu.gdp.2025.target"), stem("donghu.rnd.growth.2021_2025.target.table")
    ('donghu.gdp', 'donghu.rnd.growth')
    """
    return re.split(r"\.\d{4}", name, maxsplit=1)[0]


def _documented(baseline: Baseline) -> dict[tuple[str, str], list[Figure]]:
    """Figures of whole years by what they measure."""
    found: dict[tuple[str, str], list[Figure]] = {}
    for figure in baseline.actuals():
        if isinstance(figure.period, int):
            found.setdefault((stem(figure.id), figure.concept), []).append(figure)
    return found


def _converted(unit: str, wanted: str) -> float | None:
    """Return how many of the wanted unit one unit is, None of what cannot be converted."""
    small, factor = LARGER.get(unit, (unit, 1.0))
    smaller, divisor = LARGER.get(wanted, (wanted, 1.0))
    return factor / divisor if small == smaller else None


def _strength(figures: tuple[Figure, ...]) -> Strength | None:
    """Return the strictest that any printing says; what is aspired to is aspirational."""
    said = {figure.strength for figure in figures if figure.strength}
    if not said and any(figure.qualifier in ASPIRED for figure in figures):
        return "aspirational"
    return next((strength for strength in STRENGTHS if strength in said), None)


def table_rows(found: list[Goal]) -> Iterator[tuple[str, Row, list[Goal]]]:
    """Return (document, row, its goals) of every row of the indicator tables that has a goal."""
    rows: dict[tuple[str, int], tuple[str, Row, list[Goal]]] = {}
    for goal in found:
        if goal.row is not None:
            rows.setdefault((goal.table, goal.row.row), (goal.table, goal.row, []))[2].append(goal)
    yield from (rows[key] for key in sorted(rows))
