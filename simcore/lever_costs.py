"""What a lever costs: the spending that it adds, discounted and added up.

The present value of yearly differences from the scenario without it, in the same draws,

    C = Σ_t E[S_t / P_t − S⁰_t / P⁰_t] / (1 + r)^(t − b),   t from b + 1 to the goal's year

with b the base year, r the real discount rate, P the deflator (2020 = 1), and S the spending that
the lever steers: on R&D, or fixed-asset investment. What the model lets nobody pay for, such as
productivity itself, has no cost.

References
----------
Boardman, Greenberg, Vining & Weimer (2018), Cost-Benefit Analysis, 5th edition, chapter 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcore.appraisal import load_appraisal
from simcore.arrays import Array
from simcore.errors import InputError
from simcore.instruments import Instrument
from simcore.labels import say
from simcore.measures import Paths
from simcore.quantity import percent

Flow = tuple[str, str]
"""A zone, and a variable of its spending."""


@dataclass(frozen=True)
class Cost:
    """Present value of added spending [1e8 CNY at 2020 prices], mean and 5 % and 95 % quantiles."""

    mean: float
    q05: float
    q95: float


def discount_rate(text: str | float | None) -> float:
    """Return the real discount rate: one that is given, or the calibration's."""
    if text is None:
        return load_appraisal().discount_rate.value
    try:
        rate = percent(text) if isinstance(text, str) else float(text)
    except ValueError as error:
        raise InputError(say("discount rate: {error}", error=error)) from None
    if not 0 <= rate <= 0.5:
        raise InputError(say("the discount rate {rate} is not between 0% and 50%", rate=text))
    return rate


def flows_of(levers: Sequence[Instrument], zones: Sequence[str]) -> list[Flow]:
    """Return the spending that levers steer, each zone's once; empty if one of them has no cost."""
    if not all(lever.kind.spends for lever in levers):
        return []
    found = [
        (zone, lever.kind.spends)
        for lever in levers
        for zone in (zones if lever.zone == "*" else [lever.zone])
    ]
    return list(dict.fromkeys(found))


def refuse_without_cost(levers: Sequence[Instrument]) -> None:
    """Raise `InputError` for a lever that nobody pays for."""
    for lever in levers:
        if not lever.kind.spends:
            raise InputError(say(
                "{lever} has no cost in the model: nothing is spent on it; a lever on R&D, "
                "investment or projects has one",
                lever=lever.name,
            ))  # fmt: skip


@dataclass(frozen=True)
class Spending:
    """Discounted spending of the draws of a scenario."""

    flows: Sequence[Flow]
    years: range
    base_year: int
    rate: float

    def of(self, paths: Paths) -> Array:
        """Return its present value, (draw) [1e8 CNY at 2020 prices]."""
        found: Array = np.zeros(1)
        for year in self.years:
            factor = (1 + self.rate) ** (self.base_year - year)
            for zone, variable in self.flows:
                spent = paths.at(variable, zone, year) / paths.at("deflator", zone, year)
                found = found + factor * spent
        return found

    def cost(self, with_it: Array, without: Array) -> Cost:
        """Return what is spent more, draw by draw; draws that broke are left out."""
        added = with_it - without
        added = added[np.isfinite(added)]
        low, high = np.quantile(added, [0.05, 0.95])
        return Cost(float(added.mean()), float(low), float(high))


def usual_value(paths: Paths, lever: Instrument, year: int) -> float:
    """Return what a lever is without it in a year: the median, as the lever measures it.

    Raises `InputError` for levers without such a value: on projects, and of all zones at once.
    """
    if lever.kind.points:
        return 0.0
    if lever.zone == "*":
        raise InputError(
            say("{lever}: a ramp starts from what one zone does; name the zone", lever=lever.name)
        )

    def value(variable: str, when: int = year) -> Array:
        return paths.at(variable, lever.zone, when, lever.industry)

    def over(variable: str) -> Array:
        return value(variable) / value("gdp")

    def growth(variable: str) -> Array:
        return value(variable) / value(variable, year - 1) - 1

    if lever.industry is not None:
        price = [paths.at("deflator", lever.zone, when) for when in (year - 1, year)]
        found = (1 + growth("value_added")) * price[0] / price[1] - 1
    else:
        found = {
            "rnd_growth": lambda: growth("rnd"), "rnd_intensity": lambda: over("rnd"),
            "investment_rate": lambda: over("investment"),
            "labour_growth": lambda: growth("employment"),
        }[lever.lever]()  # fmt: skip
    return round(float(np.nanmedian(found)), 4)
