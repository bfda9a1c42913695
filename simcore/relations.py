"""What a documented figure implies with its neighbours: growth, levels, shares, per head."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from simcore.baseline import Baseline
from simcore.calculations import CALCULATIONS
from simcore.entries import Figure
from simcore.implied import Amount, amount, calculate, rounded

LEVELS = frozenset(
    {"level", "gross_output", "value_added", "revenue", "scale", "count", "intensity", "share"}
)
_PERIOD = re.compile(r"\d{4}(_\d{4}|q\d(_q\d)?|h\d)?")
_SHARES_OF_GDP = {"value_added": "share", "rnd": "intensity"}
_NOT_OF_GDP = ("producer_services", "all_enterprises")  # shares of services, of sales
_NOT_OF_THE_NAME = frozenset(
    {"growth", "share", "cumulative", "level", "gross_output", "target", "plan", "pipeline",
     "table", "text", "action", "stated", "box", "footnote", "rounded"}
)  # fmt: skip


def quantity(figure: Figure) -> tuple[str, ...]:
    """What a figure measures, whatever its year, kind and concept: its id without those parts.

    ``donghu.environment.forest.growth.2021_2025.target`` is of (donghu, environment, forest).
    """
    parts = figure.id.split(".")
    named = [part for part in parts if not _PERIOD.fullmatch(part)]
    return tuple(part for part in named if part not in _NOT_OF_THE_NAME)


def same_quantity(baseline: Baseline, figure: Figure) -> list[Figure]:
    """Return the other figures of the same quantity that have a number and are no repetition."""
    name = quantity(figure)
    return [
        other
        for other in baseline.figures.values()
        if other.id != figure.id and other.value is not None and not other.same_as
        and quantity(other) == name
    ]  # fmt: skip


@dataclass(frozen=True)
class Relation:
    """What a figure implies together with another: in words, as a number, and its arithmetic.

    ``meaning`` is a message of the catalogue; ``other`` the figure that it was computed with.
    """

    meaning: str
    other: str | None
    value: float
    unit: str
    text: str


def relations(baseline: Baseline, figure: Figure) -> list[Relation]:
    """Return what a figure implies, computed from it and the figures beside it."""
    if figure.value is None or figure.year is None or figure.indicator == "ranking":
        return []
    others = same_quantity(baseline, figure)
    span = isinstance(figure.period, tuple)
    if figure.concept == "growth":
        found = [*_levels_of_growth(figure, others)]
    elif span and figure.concept == "cumulative":
        found = [_relation("average a year", "annual_average", None, cumulative=amount(figure))]
    elif span:
        return []
    else:
        found = [
            *_neighbours(figure, others),
            *_of_gdp(baseline, figure),
            *_heads(baseline, figure),
        ]
    return [relation for relation in found if relation is not None]


def _relation(
    meaning: str, calculation: str, other: Figure | None, **arguments: Amount
) -> Relation | None:
    """Compute a relation; None where units or years do not let the figures be compared."""
    named = {name: arguments[name] for name in CALCULATIONS[calculation].arguments}
    try:
        outcome, text = calculate(calculation, named)
    except ValueError:
        return None
    return Relation(meaning, other.id if other else None, outcome.low, outcome.unit, text)


def _neighbours(figure: Figure, others: list[Figure]) -> Iterator[Relation | None]:
    """Growth, or the difference of shares, from the last figure before and to the next after.

    What happened is not measured from a goal, nor a goal by what happened later.
    """
    year, actual = _year(figure), figure.kind == "actual"
    alike = [
        other for other in others
        if other.concept == figure.concept and isinstance(other.period, int)
    ]  # fmt: skip
    earlier = [o for o in alike if _year(o) < year and (o.kind == "actual" or not actual)]
    later = [o for o in alike if _year(o) > year and (o.kind != "actual" or actual)]
    before, after = max(earlier, key=_year, default=None), min(later, key=_year, default=None)
    calculation = "difference_a_year" if figure.unit == "%" else "growth_needed"
    meanings = ("points a year from", "points a year to") if figure.unit == "%" else (
        "growth a year from", "growth a year to"
    )  # fmt: skip
    if before is not None:
        pair = {"first": amount(before), "last": amount(figure)}
        yield _relation(meanings[0], calculation, before, **pair)
    if after is not None:
        pair = {"first": amount(figure), "last": amount(after)}
        yield _relation(meanings[1], calculation, after, **pair)


def _year(figure: Figure) -> int:
    return figure.year or 0


def _levels_of_growth(figure: Figure, others: list[Figure]) -> Iterator[Relation | None]:
    """Level after growth from a printed one, and before it; what it multiplies over its span."""
    if figure.unit != "%" or figure.indicator == "environment":  # there changes are totals
        return
    growth = amount(figure)
    if isinstance(figure.period, tuple):
        yield _relation(
            "multiplies over its years by", "multiple_after_growth", None, growth=growth
        )
    levels = [o for o in others if o.concept in LEVELS and o.unit not in ("%", "倍")]
    start, end = (growth.first or 0) - 1, growth.last
    for level in (o for o in levels if o.period == start):
        yield _relation(
            "level reached from", "level_after_growth", level, first=amount(level), growth=growth
        )
    for level in (o for o in levels if o.period == end):
        yield _relation(
            "level before it from", "level_before_growth", level, last=amount(level), growth=growth
        )


def _of_gdp(baseline: Baseline, figure: Figure) -> Iterator[Relation | None]:
    """Level of a share of GDP, or the share of a level in GDP."""
    if figure.indicator not in ("value_added", "rnd", "investment"):
        return
    if figure.industry in _NOT_OF_GDP:
        return
    for gdp in _printed(baseline, figure, "gdp"):
        if figure.unit == "%" and figure.concept == _SHARES_OF_GDP.get(figure.indicator):
            pair = {"share": amount(figure), "whole": amount(gdp)}
            yield _relation("level with", "part_of_share", gdp, **pair)
        elif figure.unit == "亿元" and isinstance(figure.period, int):
            pair = {"part": amount(figure), "whole": amount(gdp)}
            yield _relation("share in", "share", gdp, **pair)


def _heads(baseline: Baseline, figure: Figure) -> Iterator[Relation | None]:
    """GDP per head with a printed population; the population behind a printed GDP per head."""
    if figure.indicator == "gdp":
        for population in _printed(baseline, figure, "population"):
            pair = {"gdp": amount(figure), "population": amount(population)}
            yield _relation("GDP per head with", "per_head", population, **pair)
        for head in _printed(baseline, figure, "gdp_per_head"):
            pair = {"gdp": amount(figure), "per_head": amount(head)}
            yield _relation("population with", "population_implied", head, **pair)
    if figure.indicator in ("gdp_per_head", "population"):
        for gdp in _printed(baseline, figure, "gdp"):
            if figure.indicator == "population":
                if figure.unit == "万人" and quantity(figure) == (figure.zone, "population"):
                    pair = {"gdp": amount(gdp), "population": amount(figure)}
                    yield _relation("GDP per head with", "per_head", gdp, **pair)
            else:
                pair = {"gdp": amount(gdp), "per_head": amount(figure)}
                yield _relation("population with", "population_implied", gdp, **pair)


def _printed(baseline: Baseline, figure: Figure, indicator: str) -> list[Figure]:
    """Return the zone's own levels of an indicator in the figure's year, each fact once."""
    units = {"gdp": "亿元", "population": "万人", "gdp_per_head": "万元"}
    return [
        other
        for other in baseline.figures.values()
        if quantity(other) == (figure.zone, indicator) and other.value is not None
        and not other.same_as and other.period == figure.period and other.concept in LEVELS
        and other.unit == units[indicator]
    ]  # fmt: skip


# --- growth as printed against growth between printed levels --------------------------------------


@dataclass(frozen=True)
class StatedGrowth:
    """A printed growth rate, and what two printed levels around its years imply.

    ``low`` and ``high`` are the ends that the rounding of the levels leaves open.
    """

    growth: Figure
    first: Figure
    last: Figure
    low: float
    high: float
    text: str


def stated_growth(baseline: Baseline) -> Iterator[StatedGrowth]:
    """Find every printed growth rate whose years lie between two printed levels.

    Actual growth is compared with actual levels, a goal with a goal's level. Of several pairs the
    closest one is taken. A rate in percent is compared with geometric growth.
    """
    for growth in baseline.figures.values():
        if growth.concept != "growth" or growth.unit != "%" or growth.same_as:
            continue
        if growth.value is None or growth.year is None:
            continue
        years = amount(growth)
        levels = [
            other for other in same_quantity(baseline, growth)
            if other.concept in LEVELS and isinstance(other.period, int)
        ]  # fmt: skip
        pairs = [
            (first, last)
            for first in levels
            for last in levels
            if first.kind == "actual" and last.kind == growth.kind
            and first.concept == last.concept and first.unit == last.unit
            and (first.unit != "%" or not growth.sector)
            and _year(first) < (years.first or 0) and (years.last or 0) <= _year(last)
        ]  # fmt: skip
        if pairs:
            first, last = min(pairs, key=lambda pair: _year(pair[1]) - _year(pair[0]))
            _, text = calculate("growth_needed", {"first": amount(first), "last": amount(last)})
            open_ends = {"first": rounded(first), "last": rounded(last)}
            ends, _ = calculate("growth_needed", open_ends)
            yield StatedGrowth(growth, first, last, ends.low, ends.high, text)
