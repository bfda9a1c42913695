"""What the model says about each documented figure: the observation operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from simcore.arrays import Array
from simcore.baseline import GDP_UNIT
from simcore.entries import Figure
from simcore.history import History, Past
from simcore.printed import ABOUT
from simcore.satellite_priors import Satellites

ONE_SIDED = 1e-4  # standard deviation of a one-sided figure around its excess, relative

Operator = Callable[[History], Array]


@dataclass(frozen=True)
class Observation:
    """A documented figure that serves as evidence, and the model's value of it."""

    figure: Figure
    operator: Operator
    sigma: float

    def residual(self, past: History) -> Array:
        """(model − figure) / σ, with the excess of a one-sided figure, shape (draw)."""
        return (self.operator(past) - self.stated(past)) / self.sigma

    def stated(self, past: History) -> Array | float:
        """Return the printed value, or that value and its unknown excess for over and under."""
        value = float(self.figure.value or 0.0)
        if self.figure.qualifier in ("over", "under"):
            excess = past.values[f"excess.{self.figure.id}"]
            return value * (1 + excess if self.figure.qualifier == "over" else 1 - excess)
        return value


def observations(past: Past) -> tuple[list[Observation], dict[str, str]]:
    """Return the figures used as evidence, and for every other actual figure why it is not."""
    used, unused = [], {}
    for figure in past.baseline.actuals():
        found = _operator(past, figure)
        if isinstance(found, str):
            unused[figure.id] = found
        else:
            used.append(Observation(figure, found, rounding(figure)))
    return used, unused


def rounding(figure: Figure) -> float:
    """Return σ of a printed figure: half its last printed unit over √3, 2 % for "about".

    A value is uniform within the rounding, whose standard deviation is half the width over √3. What
    is uncertain of a one-sided figure is its excess, so that the model stays above (or below) it.
    """
    if figure.qualifier in ("over", "under"):
        return ONE_SIDED * abs(float(figure.value or 0.0))
    if figure.qualifier == "about":
        return ABOUT * abs(float(figure.value or 0.0))
    exponent = Decimal(str(figure.value)).as_tuple().exponent
    assert isinstance(exponent, int)  # a finite number has a numeric exponent
    return 0.5 * 10.0**exponent / float(np.sqrt(3.0))


def _operator(past: Past, figure: Figure) -> Operator | str:
    """Return the operator of a figure, or the reason why there is none."""
    zone = past.baseline.zones.get(figure.zone)
    if zone is None:
        return "not of a simulated zone"
    first, last = _span(figure)
    if first is None or last is None:
        return "part of a year; the whole year's figure serves"
    before = last if figure.concept == "growth" else first  # growth has years of its own
    if last > past.baseline.base_year or before < zone.first_year:
        return "outside the calibrated years"
    builder = _BUILDERS.get((figure.indicator, figure.concept))
    if builder is None or (figure.indicator == "gdp" and not figure.is_of_the_zone):
        return _beside(figure, past.satellites)
    if figure.unit != _UNITS[figure.indicator, figure.concept]:
        return "printed in a unit that the model does not read"
    return builder(past, figure, first, last)


def _beside(figure: Figure, satellites: Satellites) -> str:
    """Say what becomes of a figure that the core has no operator for."""
    if figure.id in satellites.met:
        return "the path of a satellite meets it"
    return "not a variable of the model"


def lasting_operator(past: Past, figure: Figure) -> Operator | None:
    """Return the operator of a figure that also holds in years after the base year, if it does.

    For a history that goes on into the projection. Where the operator reads an unknown of one
    year, such as the base year's investment, there is none.
    """
    first, last = _span(figure)
    key = (figure.indicator, figure.concept)
    if first is None or last is None or key not in _LASTING or figure.unit != _UNITS[key]:
        return None
    if figure.indicator == "gdp" and not figure.is_of_the_zone:
        return None
    found = _BUILDERS[key](past, figure, first, last)
    return None if isinstance(found, str) else found


def _span(figure: Figure) -> tuple[int | None, int | None]:
    if isinstance(figure.period, tuple):
        return figure.period
    return (figure.year, figure.year)


def _row(past: Past, figure: Figure) -> int:
    return list(past.baseline.zones).index(figure.zone)


def _gdp_level(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    row, place = _row(past, figure), last - past.years[0]
    revision = f"revision.{figure.zone}.{past.baseline.published(figure)}"

    def published(history: History) -> Array:
        return history.gdp[row, place] * np.exp(history.values.get(revision, 0.0))

    return published


def _growth(history: History, row: int, first: int, last: int) -> Array:
    """Average growth of a span of years [log points]."""
    start = history.years[0]
    total = history.growth[row, first - start : last - start + 1].sum(axis=0)
    return np.asarray(total / (last - first + 1))


def _gdp_growth(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    row = _row(past, figure)
    if first < past.baseline.zones[figure.zone].first_growth_year:
        return "outside the calibrated years"
    return lambda history: 100 * np.expm1(_growth(history, row, first, last))


def _gdp_per_head(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    row, place = _row(past, figure), last - past.years[0]
    if last != past.baseline.zones[figure.zone].population_year:
        return "the population of that year is not modelled"
    # 1e8 CNY over 1e4 persons is 1e4 CNY a person, the printed unit
    return lambda history: history.gdp[row, place] / history.values[f"population.{figure.zone}"]


def _population(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    if figure.industry or last != past.baseline.zones[figure.zone].population_year:
        return "not the population of the zone's population year"
    return lambda history: history.values[f"population.{figure.zone}"]


def _sector_rows(past: Past, figure: Figure) -> Array:
    """One for each of the zone's activities in the figure's sector, zero for the rest."""
    rows = np.zeros(len(past.weights))
    inside = past.members[figure.zone]
    sectors = np.array(past.sectors[inside]) == figure.sector
    rows[inside] = past.industrial[inside] if figure.sector == "industry" else sectors
    return rows


def _share(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    zone = past.baseline.zones[figure.zone]
    if figure.sector:
        return _sector_share(past, figure, last, printed_before=last < zone.split_year)
    aggregate = zone.aggregates.get(figure.industry or "")
    if aggregate is None or not aggregate.weights:
        return "an aggregate without weights: shown beside the model"
    weights = np.zeros(len(past.weights))
    names = [a.industry if a.zone == figure.zone else "" for a in past.baseline.activities]
    for name, weight in aggregate.weights.items():
        weights[names.index(name)] = weight

    rows = weights > 0
    weights = weights[rows, None]

    def aggregate_share(history: History) -> Array:
        error = history.values.get(f"aggregate_weights.{figure.zone}", 0.0)
        return np.asarray(100 * ((weights * history.shares(last)[rows]).sum(axis=0) + error))

    return aggregate_share


def _sector_share(past: Past, figure: Figure, last: int, *, printed_before: bool) -> Operator:
    """Share of a sector; shares of earlier years were printed on an earlier scope.

    The scope revision lies between services and the secondary sector.
    """
    rows = np.flatnonzero(_sector_rows(past, figure))
    tertiary = np.array(past.sectors) == "tertiary"
    services = np.flatnonzero(tertiary & _zone_rows(past, figure.zone))

    def share(history: History) -> Array:
        value = history.shares(last)[rows].sum(axis=0)
        scope = history.values.get(f"sector_scope.{figure.zone}")
        if printed_before and scope is not None:
            moved = history.shares(last)[services].sum(axis=0) * np.expm1(scope)
            value = value + {"tertiary": moved, "secondary": -moved}.get(figure.sector or "", 0.0)
        return np.asarray(100 * value)

    return share


def _zone_rows(past: Past, zone: str) -> Array:
    rows = np.zeros(len(past.weights), dtype=bool)
    rows[past.members[zone]] = True
    return rows


def _sector_level(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    if not figure.sector:
        return "an aggregate without weights: shown beside the model"
    rows, row, place = (
        np.flatnonzero(_sector_rows(past, figure)),
        _row(past, figure),
        last - past.years[0],
    )
    return lambda history: history.gdp[row, place] * history.shares(last)[rows].sum(axis=0)


def _sector_growth(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    row, name = _row(past, figure), f"sector_lead.{figure.zone}"
    zone = past.baseline.zones[figure.zone]
    if figure.sector != "tertiary" or last > zone.split_year or first < zone.first_growth_year:
        return "growth of this sector is not an unknown"
    return lambda history: 100 * np.expm1(_growth(history, row, first, last) + history.values[name])


def _output(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    coverage = f"coverage.{figure.zone}"
    if figure.sector != "industry":
        return "no output of this scope is modelled"
    rows, row, place = (
        np.flatnonzero(_sector_rows(past, figure)),
        _row(past, figure),
        last - past.years[0],
    )

    def above_scale(history: History) -> Array:
        output = history.gdp[row, place] * history.shares(last)[rows]
        total = (output / history.value_added_rate[rows]).sum(axis=0)
        return np.asarray(total * history.values.get(coverage, 1.0))

    return above_scale


def _rnd_intensity(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    row, place = _row(past, figure), last - past.years[0]
    if figure.industry:
        return "not the zone's R&D over GDP"
    if last < past.baseline.zones[figure.zone].rnd_year:
        return "outside the calibrated years"
    return lambda history: 100 * history.rnd_intensity[row, place]


def _investment(past: Past, figure: Figure, first: int, last: int) -> Operator | str:
    row, place = _row(past, figure), last - past.years[0]
    if not figure.is_of_the_zone or last != _last_investment(past, figure.zone):
        return "not the zone's last documented fixed-asset investment"
    name = f"investment_rate.{figure.zone}"
    return lambda history: history.gdp[row, place] * history.values[name]


def _last_investment(past: Past, zone: str) -> int:
    """Return the last year, up to the base year, whose whole investment is printed for a zone."""
    years = [
        figure.period
        for figure in past.baseline.actuals()
        if (figure.zone, figure.indicator, figure.concept) == (zone, "investment", "level")
        and figure.is_of_the_zone
        and isinstance(figure.period, int)
    ]
    return max([year for year in years if year <= past.baseline.base_year], default=0)


_Builder = Callable[[Past, Figure, int, int], Operator | str]

_BUILDERS: dict[tuple[str, str], _Builder] = {
    ("gdp", "level"): _gdp_level,
    ("gdp", "growth"): _gdp_growth,
    ("gdp_per_head", "level"): _gdp_per_head,
    ("population", "count"): _population,
    ("value_added", "level"): _sector_level,
    ("value_added", "value_added"): _sector_level,
    ("value_added", "share"): _share,
    ("value_added", "growth"): _sector_growth,
    ("output", "gross_output"): _output,
    ("rnd", "intensity"): _rnd_intensity,
    ("investment", "level"): _investment,
}

_UNITS = {
    ("gdp", "level"): GDP_UNIT,
    ("gdp", "growth"): "%",
    ("gdp_per_head", "level"): "万元",
    ("population", "count"): "万人",
    ("value_added", "level"): GDP_UNIT,
    ("value_added", "value_added"): GDP_UNIT,
    ("value_added", "share"): "%",
    ("value_added", "growth"): "%",
    ("output", "gross_output"): GDP_UNIT,
    ("rnd", "intensity"): "%",
    ("investment", "level"): GDP_UNIT,
}

_LASTING = {
    ("gdp", "growth"), ("value_added", "share"), ("output", "gross_output"), ("rnd", "intensity"),
}  # fmt: skip
