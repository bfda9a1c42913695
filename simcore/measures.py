"""What a result says of a quantity that documents set goals for: one number a draw.

A goal for a level asks for the level of its last year. A goal for average growth over years, for a
sum over years or for a rise is taken as a level too: what the years from its start have brought,
``X_t / X_0``, ``Σ X`` or ``X_t − X_0``. So every goal asks that a path reach a threshold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.dims import INDUSTRY, SATELLITES, VARIABLES
from simcore.entries import Figure, Zone
from simcore.plan_tables import Treatment
from simcore.satellite_priors import Satellites

Form = Literal["level", "growth", "sum", "rise"]

PUBLISHED = ("gdp", "gdp_per_head", "value_added")
"""Variables whose levels are met by a published figure: times ``revision_factor``."""
FLOWS = ("gdp", "rnd", "investment", "retail_sales", "foreign_investment", "fiscal_revenue")
"""Variables that add up over years; of any other, what cumulates is its rise."""
PRINTED = {
    "1e8 CNY": {"亿元": 1.0, "万亿元": 1e4},
    "1e4 CNY": {"万元": 1.0, "万元/人": 1.0},
    "1e4 persons": {"万人": 1.0},
    "percent of GDP": {"%": 1.0},
    "percent": {"%": 1.0},
}
"""Printed units that a variable's unit can be read in, with their factors."""


class Paths(Protocol):
    """The paths of a scenario's draws."""

    @property
    def years(self) -> range:
        """Years of the paths."""

    def at(self, variable: str, zone: str, year: int, industry: str | None = None) -> Array:
        """Return a variable of a zone, or of one of its industries, in a year, (draw)."""


@dataclass(frozen=True)
class Measure:
    """A quantity of a zone, and the years in which a goal asks for it.

    ``start`` : the year before the goal's first; ``last`` : its last year; ``industries`` : weights
    of the activities that are summed, None for a variable of the zone; ``share`` : whether the sum
    is taken over GDP [percent].
    """

    zone: str
    variable: str
    form: Form
    start: int
    last: int
    industries: Mapping[str, float] | None = None
    share: bool = False

    def of(self, paths: Paths, year: int | None = None) -> Array:
        """Return the path that has to reach the threshold, in a year, the last by default, (draw).

        A growth path that begins before its variable does is reckoned from its first known year:
        see `since`.
        """
        year = self.last if year is None else year
        if self.form == "sum":
            return np.asarray(
                sum(self._value(paths, t) for t in range(self.start + 1, year + 1))
                + np.zeros_like(self._value(paths, self.last))
            )
        now = self._value(paths, year)
        if self.form == "level":
            return now
        before = self._value(paths, self.since(paths))
        return now / before if self.form == "growth" else now - before

    def since(self, paths: Paths) -> int:
        """Return the year from which growth is reckoned: the start, or the first known later."""
        for year in range(max(self.start, paths.years[0]), self.last):
            if np.isfinite(self._value(paths, year)).any():
                return year
        return self.start

    def threshold(self, value: float, paths: Paths) -> float:
        """Return what the path has to reach: the goal, or the multiple that its growth makes."""
        if self.form != "growth":
            return value
        return float((1 + value / 100) ** (self.last - self.since(paths)))

    def stated(self, reached: Array, paths: Paths) -> Array:
        """Return a path's last value in the goal's own terms: average growth in percent a year."""
        if self.form != "growth":
            return reached
        return np.asarray(100 * (reached ** (1 / (self.last - self.since(paths))) - 1))

    def _value(self, paths: Paths, year: int) -> Array:
        if year not in paths.years:
            return np.full_like(paths.at("gdp", self.zone, paths.years[-1]), np.nan)
        if self.industries is None:
            value = paths.at(self.variable, self.zone, year)
        else:
            value = np.asarray(
                sum(
                    weight * paths.at(self.variable, self.zone, year, name)
                    for name, weight in self.industries.items()
                    if weight
                )
            )
        if self.share:
            return 100 * value / paths.at("gdp", self.zone, year)
        if self.form == "growth" and self.variable == "value_added":
            return value / paths.at("deflator", self.zone, year)  # one deflator a zone
        if self.form == "level" and self.variable in PUBLISHED:
            return value * np.nan_to_num(paths.at("revision_factor", self.zone, year), nan=1.0)
        return value


def measure_of(
    baseline: Baseline, figure: Figure, answer: Treatment, satellites: Satellites
) -> tuple[Measure, float] | None:
    """Return what answers a figure in a result, and its value in the result's unit.

    None of a figure without a number, one that nothing simulates, or in a unit or sense that no
    variable has.
    """
    zone = baseline.zones.get(figure.zone)
    if figure.value is None or figure.year is None or zone is None or not answer.by:
        return None
    first, last = figure.period if isinstance(figure.period, tuple) else (figure.year,) * 2
    variable, industries = _variable(figure, answer.by, zone)
    if variable is None:
        return None
    form: Form = "level"
    if figure.concept == "growth":
        form = "growth"
    elif figure.concept == "cumulative":
        form = "sum" if variable in FLOWS else "rise"
    share = figure.concept == "share"
    factor = 1.0 if form == "growth" or share else _factor(figure, variable, satellites)
    if (form == "growth" or share) and figure.unit != "%" or factor is None:
        return None
    if share and industries is None:
        return None
    measure = Measure(figure.zone, variable, form, first - 1, last, industries, share)
    return measure, factor * float(figure.value)


def _variable(
    figure: Figure, by: str, zone: Zone
) -> tuple[str | None, Mapping[str, float] | None]:  # fmt: skip
    """Return the variable that answers a figure, and the weights of the industries in it."""
    if by in zone.aggregates:
        known = figure.indicator == "value_added"
        return ("value_added", zone.aggregates[by].weights) if known else (None, None)
    if INDUSTRY not in VARIABLES[by].dims:
        return ("gdp_real" if by == "gdp_growth" else by), None
    if figure.industry is not None:
        return by, {figure.industry: 1.0}
    return by, {
        name: 1.0
        for name, industry in zone.industries.items()
        if figure.sector is None
        or (
            industry.industrial if figure.sector == "industry" else industry.sector == figure.sector
        )
    }


def _factor(figure: Figure, variable: str, satellites: Satellites) -> float | None:
    """Return the result's units in one printed unit, None if they do not go together."""
    if variable in SATELLITES:
        equation = satellites.equations.get(variable)
        return 1.0 if equation is not None and figure.unit in equation.printed else None
    return PRINTED.get(VARIABLES[variable].units, {}).get(figure.unit)
