"""The same projection as a plain Python loop over draws: floats, lists and the math module.

One draw's parameters and shocks go in, all variables of the kernel come out. Only what a scenario
without levers needs is written out: that makes it faster, and the comparison harder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Row, Size, seconds, spread
from simcore.assembly import build_parameters
from simcore.kernel import ACTIVITY_VARIABLES, ZONE_VARIABLES, simulate
from simcore.members import Members
from simcore.parameters import Parameters
from simcore.reconcile import reconcile
from simcore.scenario import load_scenario
from simcore.threads import one_thread

Draw = dict[str, Any]
"""A draw's parameters and shocks by name: floats, or lists by zone, activity and year."""

TOLERANCE = 1e-9  # relative, between the loop and the kernel
SCENARIO, SEED = "baseline", 1


@dataclass(frozen=True)
class Fixed:
    """What is the same for every draw."""

    zones: tuple[range, ...]  # the activities of each zone
    years: int
    weights: list[list[float]]
    decay: list[float]

    @classmethod
    def of(cls, parameters: Parameters) -> Fixed:
        """Take it from a block; raises `ValueError` for a scenario that pulls levers."""
        p = parameters
        paths = (p.rnd_intensity, p.rnd_growth, p.zone_pins.target, p.activity_pins.target)
        if any(np.isfinite(path).any() for path in paths) or any(
            shift is not None for shift in (p.investment_share_shift, p.labour_share_shift)
        ):
            raise ValueError("the plain loop has no levers")
        ends = [*p.starts.tolist(), len(p.zone_of)]
        zones = tuple(range(first, last) for first, last in zip(ends, ends[1:], strict=False))
        weights, decay = p.spillover_weights.tolist(), p.differential_decay.tolist()
        return cls(zones, len(p.years), weights, decay)


def block_of_parameters() -> Parameters:
    """Return the parameters of the first block of draws of the scenario that is compared."""
    posterior = reconcile()
    scenario = load_scenario(SCENARIO, posterior.problem.past.baseline)
    return build_parameters(Members(posterior, SEED, 0), scenario)


def draws_of(parameters: Parameters, count: int) -> list[Draw]:
    """Return the first draws of a block, one by one, in plain lists."""
    varying = {
        name: array
        for name, array in vars(parameters).items()
        if isinstance(array, np.ndarray) and array.shape[-1:] == (parameters.draws,)
    }
    return [{name: a[..., draw].tolist() for name, a in varying.items()} for draw in range(count)]


def project(draw: Draw, fixed: Fixed) -> dict[str, list[list[float]]]:
    """Project one draw; the results are named, shaped and measured as the kernel's."""
    run = _Run(draw, fixed)
    for year in range(fixed.years):
        run.step(year)
    return run.results


class _Run:
    """One draw while the years pass."""

    def __init__(self, draw: Draw, fixed: Fixed) -> None:
        self.draw, self.fixed = draw, fixed
        zones = range(len(fixed.zones))
        self.gdp, self.gdp_reference = list(draw["gdp"]), list(draw["gdp"])
        self.capital, self.capital_reference = list(draw["capital"]), list(draw["capital"])
        self.stock, self.stock_reference = list(draw["rnd_stock"]), list(draw["rnd_stock"])
        self.price = list(draw["deflator"])
        self.labour, self.labour_reference = [0.0 for _ in zones], [0.0 for _ in zones]  # logs
        self.share = list(draw["share"])  # of the reference
        gdp = [draw["gdp"][z] for z, inside in enumerate(fixed.zones) for _ in inside]
        self.value_added = [s * y for s, y in zip(self.share, gdp, strict=True)]
        nothing = [math.nan] * (fixed.years + 1)
        self.results = {name: [list(nothing) for _ in zones] for name in ZONE_VARIABLES}
        self.results |= {name: [list(nothing) for _ in gdp] for name in ACTIVITY_VARIABLES}
        for zone in zones:
            self.keep(zone, 0, draw["investment_rate_reference"][zone])

    def step(self, year: int) -> None:
        draw = self.draw
        last = [(self.gdp[z], self.capital[z], self.labour[z]) for z in range(len(self.gdp))]
        gaps = [self.stocks(zone, year) for zone in range(len(last))]
        for zone, weights in enumerate(self.fixed.weights):
            spilled = sum(w * gap for w, gap in zip(weights, gaps, strict=True))
            knowledge = draw["rnd_elasticity"] * (gaps[zone] + draw["spillover"] * spilled)
            growth = self.produce(zone, year, knowledge, last[zone])
            self.price[zone] *= math.exp(draw["deflator_change"][zone][year])
            self.keep(zone, year + 1, draw["investment_rate"][zone][year])
            before = last[zone][0]
            self.results["gdp_growth"][zone][year + 1] = 100 * (self.gdp[zone] / before - 1)
            self.results["tfp_growth"][zone][year + 1] = 100 * math.expm1(growth)

    def stocks(self, zone: int, year: int) -> float:
        """Step the R&D stock, capital, labour and the reference; return the gap of the first."""
        draw = self.draw
        intensity = draw["rnd_intensity_reference"][zone]
        left, kept = 1 - draw["rnd_depreciation"], 1 - draw["depreciation"]
        formation, gdp, reference = (
            draw["capital_formation_share"], self.gdp[zone], self.gdp_reference[zone],
        )  # fmt: skip
        self.stock[zone] = left * self.stock[zone] + intensity * gdp
        self.stock_reference[zone] = left * self.stock_reference[zone] + intensity * reference
        rate, usual = draw["investment_rate"][zone][year], draw["investment_rate_reference"][zone]
        self.capital[zone] = kept * self.capital[zone] + formation * rate * gdp
        self.capital_reference[zone] = (
            kept * self.capital_reference[zone] + formation * usual * reference
        )
        self.labour[zone] += math.log1p(draw["labour_growth"][zone][year])
        self.labour_reference[zone] += math.log1p(draw["labour_growth_reference"][zone])
        self.gdp_reference[zone] *= math.exp(draw["reference_growth"][zone][year])
        return math.log(self.stock[zone] / self.stock_reference[zone])

    def produce(
        self, zone: int, year: int, knowledge: float, last: tuple[float, float, float]
    ) -> float:
        """Value added of a zone's activities; returns the zone's log growth of productivity."""
        draw, share, value_added = self.draw, self.share, self.value_added
        elasticity, shocks = draw["capital_elasticity"], draw["disturbance"]
        inside, decay = self.fixed.zones[zone], self.fixed.decay[year]
        gdp_before, capital_before, labour_before = last
        labour = self.labour[zone] - self.labour_reference[zone]
        intensive = math.log(self.capital[zone] / self.capital_reference[zone]) - labour
        common = labour + knowledge
        more_labour = self.labour[zone] - labour_before
        deepening = math.log(self.capital[zone] / capital_before) - more_labour
        total = gdp = growth = 0.0
        for a in inside:
            share[a] *= math.exp(draw["differential"][a] * decay)
            total += share[a]
        for a in inside:
            share[a] /= total
            level = self.gdp_reference[zone] * share[a]
            level *= math.exp(elasticity[a] * intensive + common + shocks[a][year])
            before = value_added[a]
            own = math.log(level / before) - elasticity[a] * deepening - more_labour
            growth += own * before / gdp_before
            value_added[a] = level
            gdp += level
        self.gdp[zone] = gdp
        return growth

    def keep(self, zone: int, place: int, investment_rate: float) -> None:
        """Write the levels of a year."""
        draw, out = self.draw, self.results
        gdp, price, labour = self.gdp[zone], self.price[zone], math.exp(self.labour[zone])
        intensity = draw["rnd_intensity_reference"][zone]
        out["gdp_real"][zone][place] = gdp
        out["gdp"][zone][place] = gdp * price
        out["deflator"][zone][place] = price
        out["rnd"][zone][place] = intensity * gdp * price
        out["rnd_intensity"][zone][place] = 100 * intensity
        out["rnd_stock"][zone][place] = self.stock[zone]
        out["capital"][zone][place] = self.capital[zone]
        out["investment"][zone][place] = investment_rate * gdp * price
        out["employment"][zone][place] = draw["employment"][zone] * labour
        out["population"][zone][place] = draw["population"][zone] * labour
        for a in self.fixed.zones[zone]:
            nominal = self.value_added[a] * price
            out["value_added"][a][place] = nominal
            out["output"][a][place] = nominal / draw["value_added_rate"][a]


def differing(found: Mapping[str, Any], parameters: Parameters) -> list[str]:
    """Return the variables in which results (draw, row, year) are not the kernel's."""
    kernel = simulate(parameters)
    names = (*ZONE_VARIABLES, *ACTIVITY_VARIABLES)
    wrong = []
    for name in names:
        values = np.asarray(found[name])
        expected = np.moveaxis(kernel[name], -1, 0)[: len(values)]
        if not np.allclose(values, expected, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
            wrong.append(name)
    return wrong


def refuse_differing(found: Mapping[str, Any], parameters: Parameters) -> None:
    """Raise `RuntimeError` if results are not the kernel's: then there is nothing to compare."""
    wrong = differing(found, parameters)
    if wrong:
        raise RuntimeError(f"not the same model: {', '.join(wrong)} differ from the kernel's")


def stacked(results: list[dict[str, list[list[float]]]]) -> dict[str, Any]:
    """Return the results of several draws as arrays (draw, row, year)."""
    return {name: np.array([found[name] for found in results]) for name in results[0]}


def measure(size: Size, folder: Path) -> dict[str, Any]:
    """Return the seconds of loop and kernel, after checking that they agree."""
    parameters = block_of_parameters()
    fixed, draws = Fixed.of(parameters), draws_of(parameters, max(size.peers))
    refuse_differing(stacked([project(draw, fixed) for draw in draws[:50]]), parameters)
    loop: dict[int, list[float]] = {count: [] for count in size.peers}
    kernel = []
    with one_thread():
        for _ in range(size.rounds):
            for count in size.peers:
                loop[count].append(seconds(lambda n=count: [project(d, fixed) for d in draws[:n]]))
            kernel.append(seconds(lambda: simulate(parameters)) / parameters.draws)
    return {"seconds": loop, "kernel_seconds_per_draw": kernel}


def rows(data: Mapping[str, Any]) -> list[Row]:
    """Return the lines of the table."""
    count, taken = max((int(n), values) for n, values in data["seconds"].items())
    rate = [count / value for value in taken]
    times = [
        value / count / kernel
        for value, kernel in zip(taken, data["kernel_seconds_per_draw"], strict=True)
    ]
    return [
        Row("the projection as a plain Python loop", f"{spread(rate, ',.0f')} draws/s"),
        Row("plain Python loop ÷ kernel, per draw", spread(times, ".0f")),
    ]
