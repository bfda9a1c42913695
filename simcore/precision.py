"""How exact a number of draws is: standard errors of quantiles, and what a run will take."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from simcore.arrays import Array, Mask
from simcore.block_file import block_room
from simcore.digestion import scratch
from simcore.dims import QUANTILES
from simcore.disk import reading
from simcore.plan import Plan, sampled_names
from simcore.results import Layout
from simcore.sampling import BLOCK
from simcore.selection import Selection
from simcore.shards import wanted
from simcore.store import room
from simcore.sweep import offsets_of, run_block
from simcore.threads import one_thread

HEADLINE_QUANTILES = (0.05, 0.5, 0.95)
ENOUGH = 0.005  # relative standard error of the headline's median that most questions can bear


def quantile_error(values: Array, quantile: float, draws: int) -> float:
    """Return the standard error of a quantile that ``draws`` independent draws would have.

    ``√(q (1 − q) / n) / f``, f the density at the quantile, estimated from ``values`` (draw) by the
    distance between the quantiles q ± h, h twice the s.d. of a rank in ``values``. Breaks down for
    fewer than some hundred values.

    References
    ----------
    Serfling (1980), Approximation Theorems of Mathematical Statistics, section 2.3,
    doi:10.1002/9780470316481.

    >>> values = np.random.default_rng(1).standard_normal(100_000)
    >>> round(quantile_error(values, 0.5, 10_000), 4)  # √(π/2)/100
    0.0125
    """
    return _error(lambda place: float(np.quantile(values, place)), len(values), quantile, draws)


def _error(look: Callable[[float], float], count: int, quantile: float, draws: int) -> float:
    """Return the standard error of a quantile, other quantiles of ``count`` values looked up."""
    spread = np.sqrt(quantile * (1 - quantile) / count)
    low, high = np.clip([quantile - 2 * spread, quantile + 2 * spread], 0.0, 1.0)
    slope = (look(high) - look(low)) / (high - low)
    return float(slope * np.sqrt(quantile * (1 - quantile) / draws))


@dataclass(frozen=True)
class Precision:
    """A quantile of the headline with its standard error, in the variable's unit."""

    zone: str
    variable: str
    year: int
    quantile: float
    value: float
    standard_error: float

    @property
    def relative(self) -> float:
        """Standard error over the value."""
        return abs(self.standard_error / self.value)


def precision(
    values: Array, layout: Layout, draws: int, *, variable: str = "gdp", year: int = 2030
) -> list[Precision]:
    """Return the precision of the headline quantiles of ``values`` (zone, year, draw)."""
    place = layout.years.index(min(year, layout.years[-1]))
    found = []
    for row, zone in enumerate(layout.zones):
        for quantile in HEADLINE_QUANTILES:
            own = values[row, place][np.isfinite(values[row, place])]  # without masked draws
            middle = float(np.quantile(own, quantile))
            error = quantile_error(own, quantile, draws)
            found.append(Precision(zone, variable, layout.years[place], quantile, middle, error))
    return found


def precision_in(
    kept: Selection, layout: Layout, *, variable: str = "gdp", year: int = 2030
) -> list[Precision]:
    """Return the precision of the headline quantiles of what is kept of a variable's draws."""
    place, found = layout.years.index(min(year, layout.years[-1])), []
    for row, zone in enumerate(layout.zones):
        cell = row * len(layout.years) + place
        for quantile in HEADLINE_QUANTILES:
            index, count = QUANTILES.index(quantile), int(kept.finite[cell])
            look = partial(_look, kept, cell, index, count)
            found.append(
                Precision(
                    zone, variable, layout.years[place], quantile, look(quantile),
                    _error(look, count, quantile, count),
                )
            )  # fmt: skip
    return found


def _look(kept: Selection, cell: int, index: int, count: int, place: float) -> float:
    return kept.at(cell, index, place * (count - 1))


def precision_of(path: Path, layout: Layout) -> list[Precision]:
    """Return the precision of a result's first scenario."""
    with reading(path), h5py.File(path, "r") as file:
        if "gdp" in file:
            return precision(file["gdp"][0], layout, layout.draws)
        return [Precision(**row) for row in json.loads(file["provenance"].attrs["precision"])]


@dataclass(frozen=True)
class Estimate:
    """What a run will take: seconds, megabytes it leaves, and its precision."""

    scenarios: int
    draws: int
    before: float
    """seconds before the first block, of one process however many there are"""
    seconds: float
    """of the blocks on one process; several share them"""
    megabytes: float
    beside: float
    """megabytes of blocks that stand beside the result while it is made, at most"""
    precision: tuple[Precision, ...]


def estimate(plan: Plan, part: range | None = None) -> Estimate:
    """Run one block of up to two scenarios, and say what the whole plan will take.

    What a block shares between its scenarios is counted once a block, and what is found before any
    block, such as replications of projects, once a run. ``part`` : of a part, its blocks, which
    make no result; the precision is that of the whole.
    """
    sink = _Pilot()
    with one_thread():
        few = replace(
            plan, scenarios=plan.scenarios[:2], draws=BLOCK, points={}, block_draws=BLOCK,
            given=plan.drawing,
        )  # fmt: skip
        alone = [_seconds_before(replace(few, scenarios=(s,))) for s in few.scenarios]
        before = alone[0] + alone[-1] * (len(plan.scenarios) - 1)
        offsets, _ = offsets_of(few), (few.projects, few.firm_changes)
        started = time.perf_counter()
        run_block(few, offsets, 0, sink)
    marks = [mark - started for mark in sink.marks]
    each = marks[1] - marks[0] if len(marks) > 1 else marks[0] / 2
    blocks = range(plan.blocks) if part is None else part
    draws = sum(wanted(plan, block) for block in blocks)
    seconds = -(-draws // BLOCK) * (marks[0] + each * (len(plan.scenarios) - 1))
    left, beside = room(plan.layout, len(sampled_names(plan.posterior)), plan.keep), 0
    if part is not None:
        left = len(part) * block_room(plan)
    else:
        beside = scratch(plan) if plan.keep == "summary" else plan.blocks * block_room(plan)
    return Estimate(
        len(plan.scenarios), draws, before, seconds, left / 1e6, beside / 1e6,
        tuple(precision(sink.gdp, plan.layout, plan.draws)),
    )  # fmt: skip


def _seconds_before(plan: Plan) -> float:
    """Find what a plan needs before its blocks; replications are kept, so that a run has them."""
    started = time.perf_counter()
    _ = offsets_of(plan), plan.funnels, plan.firm_changes
    return time.perf_counter() - started


class _Pilot:
    """A sink that keeps the headline of the first scenario, and when each scenario was done."""

    def __init__(self) -> None:
        self.gdp: Array = np.empty(0)
        self.marks: list[float] = []

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the headline of a block."""
        self.marks.append(time.perf_counter())
        if scenario == 0:
            self.gdp = block["gdp"]

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Keep nothing of the weights: the headline of a masked draw is NaN."""

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep nothing of the sampled parameters."""


def enough(found: Sequence[Precision]) -> bool:
    """Whether every median is known to half a percent."""
    return all(row.relative <= ENOUGH for row in found if row.quantile == 0.5)
