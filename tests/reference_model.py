"""A slow, obvious model of the same thing: loops over draws, years, zones and activities.

Written from the theory's steps 0 to 9, in levels and plain Python floats, to check
`simcore.kernel` by. It shares nothing with the package but the parameters it reads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from simcore.parameters import Parameters

ZONE_VARIABLES = (
    "gdp", "gdp_real", "gdp_growth", "rnd", "rnd_intensity", "rnd_stock", "capital", "investment",
    "employment", "population", "deflator", "tfp_growth", "tfp_growth_required",
)  # fmt: skip
ACTIVITY_VARIABLES = ("value_added", "output")
SMALLEST_SHARE = 1e-4  # a lever leaves every activity at least this share of capital or labour

Table = dict[str, Any]


class ImpossiblePins(Exception):
    """Pinned industries leave nothing for the rest of their zone."""


def simulate_slowly(parameters: Parameters) -> Table:
    """Project every draw, one by one; the results are named and shaped as the kernel's."""
    zones, activities = len(parameters.starts), len(parameters.zone_of)
    years, draws = len(parameters.years), parameters.gdp.shape[-1]
    out: Table = {}
    for name in ZONE_VARIABLES:
        out[name] = np.full((zones, years + 1, draws), np.nan)
    for name in ACTIVITY_VARIABLES:
        out[name] = np.full((activities, years + 1, draws), np.nan)
    out["zone_offset"] = np.zeros((zones, years))
    out["activity_offset"] = np.zeros((activities, years))
    for draw in range(draws):
        _Member(parameters, draw, out).run()
    return out


class ImpossibleShares(Exception):
    """Shifted shares leave nothing for the other activities of their zone."""


class _Member:
    """One draw: every quantity a float, or a list of floats by zone or activity."""

    def __init__(self, parameters: Parameters, draw: int, out: Table) -> None:
        self.p, self.draw, self.out = parameters, draw, out
        self.zones = range(len(parameters.starts))
        self.activities = range(len(parameters.zone_of))
        self.zone_of = [int(zone) for zone in parameters.zone_of]
        self.alpha = [self.at("capital_elasticity", a) for a in self.activities]
        self.price = [self.at("deflator", z) for z in self.zones]
        self.labour = [self.at("employment", z) for z in self.zones]
        self.people = [self.at("population", z) for z in self.zones]
        self.intensity = [self.at("rnd_intensity_reference", z) for z in self.zones]
        self.gdp = [self.at("gdp", z) for z in self.zones]
        self.stock = [self.at("rnd_stock", z) for z in self.zones]
        self.value_added = [
            self.at("share", a) * self.gdp[self.zone_of[a]] for a in self.activities
        ]
        # K over activities in proportion to α Y, L in proportion to (1 − α) Y
        self.capital_split = self.split(
            [self.alpha[a] * self.value_added[a] for a in self.activities]
        )
        self.labour_split = self.split(
            [(1 - self.alpha[a]) * self.value_added[a] for a in self.activities]
        )
        self.capital = [
            self.at("capital", self.zone_of[a]) * self.capital_split[a] for a in self.activities
        ]
        self.usual_capital = list(self.capital)  # with the projects of the baseline
        self.wanted = [0.0 for _ in self.activities]  # what projects alone would add
        self.labour_share = list(self.labour_split)
        self.neutral = [1.0 for _ in self.activities]  # exp Λ
        # the reference path
        self.gdp_ref = self.gdp_ref_before = list(self.gdp)
        self.value_added_ref = list(self.value_added)
        self.capital_ref = [self.at("capital", z) for z in self.zones]
        self.labour_ref = list(self.labour)
        self.stock_ref = list(self.stock)

    def at(self, name: str, *place: int) -> float:
        """Value of a parameter in this draw; an axis of size one is the same for all."""
        array = getattr(self.p, name)
        row = array[place] if place else array
        return float(row[self.draw if len(row) > 1 else 0])

    def inside(self, zone: int) -> list[int]:
        return [a for a in self.activities if self.zone_of[a] == zone]

    def split(self, weights: list[float]) -> list[float]:
        """Shares of activities in their zone."""
        return [
            weights[a] / sum(weights[b] for b in self.inside(self.zone_of[a]))
            for a in self.activities
        ]

    def run(self) -> None:
        self.keep(0)
        for zone in self.zones:
            rate = self.at("investment_rate_reference", zone)
            self.write("investment", zone, 0, rate * self.gdp[zone] * self.price[zone])
        for year in range(len(self.p.years)):
            self.year(year)

    # --- one year -----------------------------------------------------------------------------

    def year(self, t: int) -> None:
        last_value_added, last_gdp = list(self.value_added), list(self.gdp)
        last_capital = list(self.capital)
        last_labour = [self.labour[self.zone_of[a]] * self.labour_share[a] for a in self.activities]
        self.reference(t)
        self.factors(t)
        self.produce(t)
        self.pin_activities(t, last_value_added)
        self.pin_zones(t, last_gdp)
        self.gdp = [sum(self.value_added[a] for a in self.inside(z)) for z in self.zones]
        for zone in self.zones:
            self.price[zone] *= math.exp(self.at("deflator_change", zone, t))
            self.research(zone, t)
        self.keep(t + 1)
        for zone in self.zones:
            rate = self.at("investment_rate", zone, t)
            investment = rate * self.gdp[zone]
            if self.p.put_in_place is not None:
                share = self.at("investment_rate_reference", zone)
                investment += share * self.gdp_ref[zone] * self.at("put_in_place", zone, t)
            self.write("investment", zone, t + 1, max(investment, 0.0) * self.price[zone])
            self.write("gdp_growth", zone, t + 1, 100 * (self.gdp[zone] / last_gdp[zone] - 1))
            growth = 0.0
            for a in self.inside(zone):
                labour = self.labour[zone] * self.labour_share[a]
                residual = (
                    math.log(self.value_added[a] / last_value_added[a])
                    - self.alpha[a] * math.log(self.capital[a] / last_capital[a])
                    - (1 - self.alpha[a]) * math.log(labour / last_labour[a])
                )
                growth += last_value_added[a] / last_gdp[zone] * residual
            self.write("tfp_growth", zone, t + 1, 100 * (math.exp(growth) - 1))
            if not math.isnan(self.p.zone_pins.target[zone, t]):
                self.write("tfp_growth_required", zone, t + 1, 100 * (math.exp(growth) - 1))

    def reference(self, t: int) -> None:
        """Step 0, and 1 to 3 on the reference path."""
        self.gdp_ref_before = list(self.gdp_ref)
        for zone in self.zones:
            rnd = self.at("rnd_intensity_reference", zone) * self.gdp_ref[zone]
            self.stock_ref[zone] *= 1 - self.at("rnd_depreciation")
            self.stock_ref[zone] += rnd
            investment = self.at("investment_rate_reference", zone) * self.gdp_ref[zone]
            self.capital_ref[zone] *= 1 - self.at("depreciation")
            self.capital_ref[zone] += self.at("capital_formation_share") * investment
            self.labour_ref[zone] *= 1 + self.at("labour_growth_reference", zone)
            growth = self.at("reference_growth", zone, t)
            decay = float(self.p.differential_decay[t])
            tilt = {a: math.exp(self.at("differential", a) * decay) for a in self.inside(zone)}
            mean = sum(
                self.value_added_ref[a] / self.gdp_ref[zone] * tilt[a] for a in self.inside(zone)
            )
            for a in self.inside(zone):
                self.value_added_ref[a] *= math.exp(growth) * tilt[a] / mean
            self.gdp_ref[zone] *= math.exp(growth)

    def factors(self, t: int) -> None:
        """Steps 1 to 3: the R&D stock, capital and labour, with the levers on their split."""
        for zone in self.zones:
            self.stock[zone] *= 1 - self.at("rnd_depreciation")
            self.stock[zone] += self.intensity[zone] * self.gdp[zone]
            total = sum(self.usual_capital[a] for a in self.inside(zone))
            shares = {a: self.usual_capital[a] / total for a in self.inside(zone)}
            flow = self.shifted(shares, self.p.investment_share_shift, t)
            investment = self.at("investment_rate", zone, t) * self.gdp[zone]
            for a in self.inside(zone):
                new = self.at("capital_formation_share") * investment * flow[a]
                self.usual_capital[a] *= 1 - self.at("depreciation")
                self.usual_capital[a] += new
                self.build(a, t, new)
            growth = self.at("labour_growth", zone, t)
            self.labour[zone] *= 1 + growth
            self.people[zone] *= 1 + growth
            shares = {a: self.labour_split[a] for a in self.inside(zone)}
            moved = self.shifted(shares, self.p.labour_share_shift, t)
            for a in self.inside(zone):
                self.labour_share[a] = moved[a]

    def build(self, a: int, t: int, new: float) -> None:
        """Capital of an activity: new capital of the year, and what a change of projects makes."""
        kept = 1 - self.at("depreciation")
        self.wanted[a] *= kept
        if t > 0 and self.p.commissioned is not None:
            zone = self.zone_of[a]
            usual = self.at("investment_rate_reference", zone) * self.gdp_ref_before[zone]
            built = usual * self.at("commissioned", a, t - 1)
            self.wanted[a] += self.at("capital_formation_share") * built
        # nothing is pulled down: at the least there is no new capital at all
        wanted = self.usual_capital[a] + self.wanted[a]
        self.capital[a] = max(wanted, kept * self.capital[a])

    @staticmethod
    def shifted(shares: dict[int, float], shift: Any, t: int) -> dict[int, float]:
        """Shares with a lever added; the activities without one give way in proportion."""
        if shift is None or all(shift[a, t] == 0 for a in shares):
            return shares
        moved = {
            a: min(max(shares[a] + float(shift[a, t]), SMALLEST_SHARE), 1 - SMALLEST_SHARE)
            for a in shares
            if shift[a, t] != 0
        }
        left = 1 - sum(moved.values())
        if left <= 0:
            raise ImpossibleShares
        others = sum(share for a, share in shares.items() if a not in moved)
        return {a: moved[a] if a in moved else shares[a] * left / others for a in shares}

    def produce(self, t: int) -> None:
        """Step 4, in levels."""
        eta, theta = self.at("rnd_elasticity"), self.at("spillover")
        for a in self.activities:
            zone, alpha = self.zone_of[a], self.alpha[a]
            capital_ref = self.capital_ref[zone] * self.capital_split[a]
            labour = self.labour[zone] * self.labour_share[a]
            labour_ref = self.labour_ref[zone] * self.labour_split[a]
            value = self.value_added_ref[a]
            value *= (self.capital[a] / capital_ref) ** alpha
            value *= (labour / labour_ref) ** (1 - alpha)
            value *= (self.stock[zone] / self.stock_ref[zone]) ** eta
            for other in self.zones:
                weight = float(self.p.spillover_weights[zone, other])
                value *= (self.stock[other] / self.stock_ref[other]) ** (theta * eta * weight)
            self.value_added[a] = value * math.exp(self.at("disturbance", a, t)) * self.neutral[a]

    def pin_activities(self, t: int, last: list[float]) -> None:
        pins = self.p.activity_pins
        for a in self.activities:
            target = float(pins.target[a, t])
            if math.isnan(target):
                continue
            if pins.centred[a, t]:
                factor = math.exp(float(pins.offset[a, t]))  # type: ignore[index]
                self.out["activity_offset"][a, t] = pins.offset[a, t]  # type: ignore[index]
            else:
                factor = (1 + target) * last[a] / self.value_added[a]
            self.value_added[a] *= factor
            self.neutral[a] *= factor

    def pin_zones(self, t: int, last: list[float]) -> None:
        pins = self.p.zone_pins
        for zone in self.zones:
            target = float(pins.target[zone, t])
            if math.isnan(target):
                continue
            held = [
                a for a in self.inside(zone) if not math.isnan(self.p.activity_pins.target[a, t])
            ]
            free = [a for a in self.inside(zone) if a not in held]
            if pins.centred[zone, t]:
                factor = math.exp(float(pins.offset[zone, t]))  # type: ignore[index]
                self.out["zone_offset"][zone, t] = pins.offset[zone, t]  # type: ignore[index]
            else:
                wanted = (1 + target) * last[zone] - sum(self.value_added[a] for a in held)
                factor = wanted / sum(self.value_added[a] for a in free)
            if factor <= 0:
                raise ImpossiblePins(zone, t)
            for a in free:
                self.value_added[a] *= factor
                self.neutral[a] *= factor

    def research(self, zone: int, t: int) -> None:
        """Step 9: a path of intensity or nominal growth, else last year's, moved by the firms."""
        path, growth = float(self.p.rnd_intensity[zone, t]), float(self.p.rnd_growth[zone, t])
        last = self.intensity[zone]
        if self.p.rnd_change is not None:  # while no path binds, R&D over GDP moves with the firms
            self.intensity[zone] = last * self.at("rnd_change", zone, t)
        if not math.isnan(path):
            self.intensity[zone] = path
        elif not math.isnan(growth):
            spending = float(self.out["rnd"][zone, t, self.draw]) * (1 + growth)
            self.intensity[zone] = spending / (self.gdp[zone] * self.price[zone])

    # --- results ------------------------------------------------------------------------------

    def write(self, name: str, row: int, place: int, value: float) -> None:
        self.out[name][row, place, self.draw] = value

    def keep(self, place: int) -> None:
        """Step 8 and all levels of the year."""
        for zone in self.zones:
            nominal = self.gdp[zone] * self.price[zone]
            self.write("gdp_real", zone, place, self.gdp[zone])
            self.write("gdp", zone, place, nominal)
            self.write("deflator", zone, place, self.price[zone])
            self.write("rnd", zone, place, self.intensity[zone] * nominal)
            self.write("rnd_intensity", zone, place, 100 * self.intensity[zone])
            self.write("rnd_stock", zone, place, self.stock[zone])
            total = sum(self.capital[a] for a in self.inside(zone))
            self.write("capital", zone, place, total)
            self.write("employment", zone, place, self.labour[zone])
            self.write("population", zone, place, self.people[zone])
        for a in self.activities:
            nominal = self.value_added[a] * self.price[self.zone_of[a]]
            self.write("value_added", a, place, nominal)
            self.write("output", a, place, nominal / self.at("value_added_rate", a))
