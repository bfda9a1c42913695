"""Calculations on documented figures: a closed set, each with its formula.

Growth rates and shares are in percent, as printed; a growth rate is a year's, and an average
over years geometric. Every function here is pure arithmetic on plain numbers.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass

DAYS = 365  # a year


def growth_needed(first: float, last: float, years: int) -> float:
    """Geometric growth from one level to another, ``100 ((last/first)^(1/years) − 1)`` [% a year].

    >>> round(growth_needed(2715, 5000, 2), 1)
    35.7
    """
    return 100 * ((last / first) ** (1 / years) - 1)


def growth_of_multiple(multiple: float, years: int) -> float:
    """Growth that multiplies a level, ``100 (multiple^(1/years) − 1)`` [% a year]."""
    return growth_needed(1.0, multiple, years)


def growth_of_others(average: float, one: float, years: int) -> float:
    """Growth in the other years of an average, one year's being known [% a year].

    ``100 (((1+average)^years / (1+one))^(1/(years−1)) − 1)``.

    >>> round(growth_of_others(5.6, -1.0, 5), 1)
    7.3
    """
    return growth_needed(1 + one / 100, (1 + average / 100) ** years, years - 1)


def growth_of_ratio(above: float, below: float) -> float:
    """Growth of a ratio whose two parts grow, ``100 ((1+above)/(1+below) − 1)`` [% a year]."""
    return 100 * ((1 + above / 100) / (1 + below / 100) - 1)


def multiple_after_growth(growth: float, years: int) -> float:
    """What growth multiplies a level by, ``(1+growth)^years``."""
    return float((1 + growth / 100) ** years)


def level_after_growth(first: float, growth: float, years: int) -> float:
    """Level after growth, ``first (1+growth)^years``."""
    return first * multiple_after_growth(growth, years)


def level_before_growth(last: float, growth: float, years: int) -> float:
    """Level from which growth led here, ``last / (1+growth)^years``."""
    return last / multiple_after_growth(growth, years)


def change(first: float, last: float) -> float:
    """Total change, ``100 (last/first − 1)`` [%]."""
    return 100 * (last / first - 1)


def level_before_change(last: float, change: float) -> float:
    """Level from which a total change led here, ``last / (1+change)``."""
    return last / (1 + change / 100)


def difference(last: float, first: float) -> float:
    """Difference of two figures, ``last − first``."""
    return last - first


def difference_a_year(last: float, first: float, years: int) -> float:
    """Difference of two figures a year, ``(last − first)/years``."""
    return (last - first) / years


def total(*parts: float) -> float:
    """Sum of figures."""
    return math.fsum(parts)


def times(multiple: float, first: float) -> float:
    """A level times a number, ``multiple · first``."""
    return multiple * first


def ratio(above: float, below: float) -> float:
    """Ratio of two figures, ``above/below``."""
    return above / below


def share(part: float, whole: float) -> float:
    """Share of a part in a whole, ``100 part/whole`` [%]."""
    return 100 * part / whole


def part_of_share(share: float, whole: float) -> float:
    """Part that a share implies, ``share/100 · whole``."""
    return share / 100 * whole


def whole_of_share(part: float, share: float) -> float:
    """Whole that a part and its share imply, ``part / (share/100)``."""
    return part / (share / 100)


def share_after_growth(share: float, growth: float, whole_growth: float, years: int) -> float:
    """Share after its part and its whole have grown, ``share ((1+growth)/(1+whole))^years`` [%].

    >>> round(share_after_growth(22, 9.1, 5.6, 5), 1)
    25.9
    """
    return share * multiple_after_growth(growth_of_ratio(growth, whole_growth), years)


def share_before_growth(share: float, growth: float, whole_growth: float, years: int) -> float:
    """Share from which growth led here, ``share ((1+whole)/(1+growth))^years`` [%]."""
    return share / multiple_after_growth(growth_of_ratio(growth, whole_growth), years)


def intensity_at(intensity: float, growth: float, first: float, last: float, years: int) -> float:
    """Spending over GDP once GDP has come from first to last [%].

    ``intensity (1+growth)^years / (last/first)``, with growth that of spending.

    >>> round(intensity_at(8.7, 12, 2000, 5000, 5), 1)
    6.1
    """
    return level_after_growth(intensity, growth, years) / (last / first)


def value_added_implied(output: float, rate: float) -> float:
    """Value added in an output, ``output · rate``."""
    return output * rate


def output_carried(value_added: float, rate: float) -> float:
    """Output that a value added carries, ``value added / rate``."""
    return value_added / rate


def annual_average(cumulative: float, years: int) -> float:
    """Average a year of what accumulates over a span, ``cumulative/years``."""
    return cumulative / years


def total_of_days(daily: float, years: int) -> float:
    """What a daily flow adds up to, ``daily · 365 · years``."""
    return daily * DAYS * years


def population_implied(gdp: float, per_head: float) -> float:
    """Population behind a GDP per head, ``GDP/per head``: 1e8 CNY over 1e4 CNY [1e4 persons]."""
    return gdp / per_head


def per_head(gdp: float, population: float) -> float:
    """GDP per head: 1e8 CNY over 1e4 persons [1e4 CNY]."""
    return gdp / population


@dataclass(frozen=True)
class Calculation:
    """A function, how its arithmetic is written, its unit, and which arguments share a unit."""

    compute: Callable[..., float]
    text: str
    unit: str | None = "%"  # None: that of the first argument
    alike: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        """Names of the arguments that figures fill."""
        return [name for name in inspect.signature(self.compute).parameters if name != "years"]

    @property
    def takes_years(self) -> bool:
        """Whether the formula needs a number of years."""
        return "years" in inspect.signature(self.compute).parameters


CALCULATIONS = {
    function.__name__: Calculation(function, text, unit, alike)
    for function, text, unit, alike in (
        (growth_needed, "({last}/{first})^(1/{years}) − 1", "%", ("first", "last")),
        (growth_of_multiple, "{multiple}^(1/{years}) − 1", "%", ()),
        (growth_of_others, "({average:factor}^{years}/{one:factor})^(1/({years}−1)) − 1", "%", ()),
        (growth_of_ratio, "{above:factor}/{below:factor} − 1", "%", ()),
        (multiple_after_growth, "{growth:factor}^{years}", "", ()),
        (level_after_growth, "{first} × {growth:factor}^{years}", None, ()),
        (level_before_growth, "{last}/{growth:factor}^{years}", None, ()),
        (change, "{last}/{first} − 1", "%", ("first", "last")),
        (level_before_change, "{last}/{change:factor}", None, ()),
        (difference, "{last} − {first}", None, ("first", "last")),
        (difference_a_year, "({last} − {first})/{years}", None, ("first", "last")),
        (total, "{parts}", None, ("parts",)),
        (times, "{multiple} × {first}", "last", ()),
        (ratio, "{above}/{below}", "", ("above", "below")),
        (share, "{part}/{whole}", "%", ("part", "whole")),
        (part_of_share, "{share:percent} × {whole}", "last", ()),
        (whole_of_share, "{part}/{share:percent}", None, ()),
        (share_after_growth,
         "{share} × ({growth:factor}/{whole_growth:factor})^{years}", "%", ()),
        (share_before_growth,
         "{share} × ({whole_growth:factor}/{growth:factor})^{years}", "%", ()),
        (intensity_at, "{intensity} × {growth:factor}^{years}/({last}/{first})", "%",
         ("first", "last")),
        (value_added_implied, "{output} × {rate}", None, ()),
        (output_carried, "{value_added}/{rate}", None, ()),
        (annual_average, "{cumulative}/{years}", None, ()),
        (total_of_days, "{daily} × 365 × {years}", None, ()),
        (population_implied, "{gdp}/{per_head}", "万人", ()),
        (per_head, "{gdp}/{population}", "万元", ()),
    )
}  # fmt: skip
