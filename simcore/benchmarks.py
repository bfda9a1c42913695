"""Simple forecasts to be beaten: growth as last known, its five-year mean, the plan's path.

They know what the vintage knows, and are given the vintage's priors for the steps of growth. Where
the documents of the time do not print what a benchmark needs, it does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simcore.arrays import Array
from simcore.entries import Figure
from simcore.observe import rounding
from simcore.printed import ABOUT, split_unit
from simcore.priors import Priors
from simcore.scores import crps_normal, crps_point

VALUES = 33  # equally probable values that a printed figure stands for; odd: one is the middle
MEAN_YEARS = 5
GOALS = ("target", "plan_annual")


@dataclass(frozen=True)
class Normal:
    """A normal forecast."""

    mean: float
    deviation: float

    def crps(self, observed: Array) -> float:
        """Score against equally probable observed values."""
        return crps_normal(self.mean, self.deviation, observed)


@dataclass(frozen=True)
class Point:
    """A single number as a forecast."""

    value: float

    def crps(self, observed: Array) -> float:
        """Score against equally probable observed values."""
        return crps_point(self.value, observed)


Forecast = Normal | Point


def scale(unit: str) -> float:
    """Return what a printed unit multiplies its number by.

    >>> scale("万家"), scale("亿元"), scale("家")
    (10000.0, 100000000.0, 1.0)
    """
    return float(split_unit(unit)[0])


def observed_values(figure: Figure, priors: Priors) -> Array:
    """Return equally probable values that a printed figure stands for, in rising order.

    Exact: the interval of its rounding. About: ± 2 % (s.d.). Over or under: the figure times one
    plus (minus) the excess of its prior, ln N(1.2 %, 0.7). The middle one is the observed value.
    """
    from scipy.special import ndtri

    value = float(figure.value or 0.0)
    share = (np.arange(VALUES) + 0.5) / VALUES
    if figure.qualifier in ("over", "under"):
        excess = priors.distribution("excess").from_standard(ndtri(share))
        return np.sort(value * (1 + excess if figure.qualifier == "over" else 1 - excess))
    if figure.qualifier == "about":
        return np.asarray(value + ABOUT * abs(value) * ndtri(share))
    return np.asarray(value + np.sqrt(3) * rounding(figure) * (2 * share - 1))


def middle(values: Array) -> float:
    """Return the middle of an odd number of values in rising order."""
    return float(values[len(values) // 2])


@dataclass(frozen=True)
class Quantity:
    """One thing that documents print in several years, and all that a vintage knows of it.

    ``figures`` : what was printed by then, the latest document first: of years before the one that
    is forecast, and goals; ``step`` : s.d. of a year's step of its growth [log points].
    """

    figures: tuple[Figure, ...]
    step: float
    priors: Priors

    @cached_property
    def growth(self) -> dict[int, float]:
        """Growth rates [share] known year by year."""
        found = {
            figure.period: float(figure.value or 0.0) / 100
            for figure in self._actual("growth")
            if figure.unit == "%" and isinstance(figure.period, int)
        }
        return dict(sorted(found.items()))

    def levels(self, figure: Figure) -> dict[int, float]:
        """Levels of the figure's own concept known by then, in its unit, one-sided ones raised."""
        found = {
            known.year or 0: self._value(known, figure)
            for known in self._actual(figure.concept)
            if isinstance(known.period, int)
        }
        return dict(sorted(found.items()))

    def _actual(self, concept: str) -> Iterable[Figure]:
        """Return the actual figures of a concept, the latest document last."""
        for figure in reversed(self.figures):
            if figure.kind == "actual" and figure.concept == concept and not figure.same_as:
                yield figure

    def _value(self, known: Figure, figure: Figure) -> float:
        """Return the middle of what a known figure stands for, in another figure's unit."""
        return middle(observed_values(known, self.priors)) * scale(known.unit) / scale(figure.unit)

    # --- benchmarks -------------------------------------------------------------------------

    def random_walk(self, figure: Figure) -> Normal | None:
        """Growth stays at the last one known.

        A growth rate is ``N(g, σ √h)`` h years after that one. A level h years after the last one
        known is ``L (1 + g)^h``, whose relative s.d. ``σ √(1 + 4 + … + h²)`` cumulates the steps of
        growth; σ is the step.
        """
        growth = self.growth
        if not growth:
            levels = self.levels(figure)
            year = max(levels, default=0)
            if figure.concept == "growth" or year - 1 not in levels:
                return None
            return self._carried(figure, levels[year] / levels[year - 1] - 1, _cumulated)
        year = max(growth)
        if figure.concept != "growth":
            return self._carried(figure, growth[year] + self._inflation(figure), _cumulated)
        if not isinstance(figure.period, int):
            return None
        spread = self.step * np.sqrt(max(figure.period - year, 1))
        return Normal(100 * growth[year], 100 * float(spread))

    def five_year_mean(self, figure: Figure) -> Normal | None:
        """Growth is its mean over the last five years known.

        A growth rate is ``N(m, σ)``, a level ``L (1 + m)^h`` with the relative s.d. ``σ √h``.
        """
        mean = self._mean_growth(figure)
        if mean is None:
            return None
        if figure.concept == "growth":
            return Normal(100 * mean, 100 * self.step)
        return self._carried(figure, mean, np.sqrt)

    def plan(self, figure: Figure) -> Point | None:
        """What the goals known by then imply for the year of a figure.

        A goal for the growth itself; else a path from the last known level to the goal's level at
        constant growth; else that level at the growth which a goal names.
        """
        year = figure.year or 0
        rates = [g for g in self._goals("growth", year) if g.unit == "%" and _covers(g, year)]
        if figure.concept == "growth":
            return Point(float(rates[0].value or 0.0)) if rates else None
        levels = self.levels(figure)
        if not levels:
            return None
        base, level = max(levels.items())
        ends = [g for g in self._goals(figure.concept, year) if isinstance(g.period, int)]
        if ends:
            goal = float(ends[0].value or 0.0) * scale(ends[0].unit) / scale(figure.unit)
            share = (year - base) / ((ends[0].year or 0) - base)
            return Point(float(level * (goal / level) ** share))
        if rates:
            return Point(float(level * (1 + float(rates[0].value or 0.0) / 100) ** (year - base)))
        return None

    def _goals(self, concept: str, year: int) -> Sequence[Figure]:
        """Return goals of a concept for a year or later, the nearest first."""
        found = [
            figure
            for figure in self.figures
            if figure.kind in GOALS and figure.concept == concept and figure.value is not None
            and (figure.year or 0) >= year
        ]  # fmt: skip
        return sorted(found, key=lambda figure: figure.year or 0)

    def _carried(
        self, figure: Figure, growth: float, spread: Callable[[int], float]
    ) -> Normal | None:
        """Carry the last known level on at a growth rate; ``spread`` : of its years, in steps."""
        levels = self.levels(figure)
        if not levels:
            return None
        base, level = max(levels.items())
        years = (figure.year or 0) - base
        mean = level * (1 + growth) ** years
        return Normal(mean, mean * self.step * float(spread(years)))

    def _mean_growth(self, figure: Figure) -> float | None:
        """Return the mean growth of the last five years: printed so, or by year, or by levels."""
        rates = self._actual("growth")
        spans = {g.period: g for g in rates if isinstance(g.period, tuple) and g.unit == "%"}
        last = max([*self.growth, *(span[1] for span in spans), *self.levels(figure)], default=0)
        inflation = self._inflation(figure)
        span = spans.get((last - MEAN_YEARS + 1, last))
        if span is not None:
            return float(span.value or 0.0) / 100 + inflation
        years = range(last - MEAN_YEARS + 1, last + 1)
        if all(year in self.growth for year in years):
            logs = [np.log1p(self.growth[year]) for year in years]
            return float(np.expm1(np.mean(logs))) + inflation
        levels = self.levels(figure)
        if figure.concept != "growth" and {last, last - MEAN_YEARS} <= set(levels):
            return float((levels[last] / levels[last - MEAN_YEARS]) ** (1 / MEAN_YEARS) - 1)
        return None

    def _inflation(self, figure: Figure) -> float:
        """Return what real growth lacks to carry a level at current prices: the prior's mean."""
        real = any(known.price_basis == "real" for known in self._actual("growth"))
        if figure.price_basis != "current" or not real:
            return 0.0
        return float(self.priors.distribution("deflator_mean").from_standard(np.zeros(1))[0])


def _cumulated(years: int) -> float:
    """S.d. of a sum of growth rates that walk at random, in steps: √(1 + 4 + … + h²)."""
    return float(np.sqrt(np.sum(np.arange(1, years + 1) ** 2)))


def _covers(figure: Figure, year: int) -> bool:
    """Whether a goal of growth holds in a year: its own, or one within its span."""
    if isinstance(figure.period, tuple):
        return figure.period[0] <= year <= figure.period[1]
    return figure.period == year
