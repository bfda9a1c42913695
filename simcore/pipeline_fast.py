"""The pipeline of projects for many replications at once, without an event loop.

First come, first served makes the queues recursions over projects in the order in which they are
ready. A container filled yearly has in year y the stock B_y = min(B_y−1 − served + supply, most)
and serves the longest row of waiting projects whose needs it covers. Capacity of c slots is the
queue of c servers (Kiefer & Wolfowitz 1955, Transactions of the American Mathematical Society 78:1,
doi:10.2307/1992945): a project starts when it may and one of the slots is free. Everything else is
sums over projects. `simcore.pipeline` gives the same with events.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array, Rows
from simcore.labels import say
from simcore.pipeline_draws import (
    DROPPED_BUILDING,
    DROPPED_CONTRACT,
    DROPPED_PLAN,
    PipelineParameters,
    ProjectChanges,
    Projects,
    Supply,
    draw_projects,
    needs,
    supply,
)
from simcore.pipeline_flows import DROP, EVENTS, STAGES, Flows, joined

CHUNK = 32  # replications computed together: their arrays fit a processor's cache


def simulate_pipelines(
    parameters: PipelineParameters, seed: int, replications: range, changes: ProjectChanges,
    first_year: int,
) -> Flows:  # fmt: skip
    """Run replications, one for every draw of the parameters; ``changes`` from ``first_year`` on.

    Raises `ValueError` without a replication.
    """
    parts = []
    for start in range(0, len(replications), CHUNK):
        some = parameters.of(slice(start, start + CHUNK))
        chosen = replications[start : start + CHUNK]
        projects = draw_projects(some, seed, chosen, changes, first_year)
        times = _times(some, projects, supply(some, changes, first_year))
        parts.append(_flows(some, projects, times))
    if not parts:
        raise ValueError(say("no replication to simulate"))
    return joined(parts)


@dataclass(frozen=True)
class _Times:
    """When projects enter each event, (replication, project); infinite if they never do.

    ``left`` : when they leave each stage but the last, whatever for.
    """

    entered: dict[str, Array]
    left: dict[str, Array]
    ready: Array
    spending_ends: Array


def _times(parameters: PipelineParameters, projects: Projects, supplied: Supply) -> _Times:
    q, never = projects, np.inf
    decided = np.where(q.real, q.planned + q.planning, never)
    prepared = decided + q.preparation
    signs, starts = q.fate != DROPPED_PLAN, ~np.isin(q.fate, (DROPPED_PLAN, DROPPED_CONTRACT))
    signed = np.where(signs, decided, never)
    ready = np.where(starts, prepared, never)
    start = _starts(parameters, projects, supplied, ready)
    half, end = start + q.construction / 2, start + q.construction / 2 + q.construction / 2
    kept = q.fate != DROPPED_BUILDING
    dropped = np.where(signs, np.where(starts, np.where(kept, never, half), prepared), decided)
    entered = {
        "plan": np.where(q.real, q.planned, never), "sign": signed, "start": start,
        "build": np.where(kept, half, never), "commission": np.where(kept, end, never),
        DROP: dropped,
    }  # fmt: skip
    left = {
        "plan": decided, "sign": np.where(starts, start, np.where(signs, prepared, never)),
        "start": half, "build": entered["commission"],
    }  # fmt: skip
    return _Times(entered, left, ready, np.where(kept, end, half))


# --- queues ---------------------------------------------------------------------------------------


def _starts(
    parameters: PipelineParameters, projects: Projects, supplied: Supply, ready: Array
) -> Array:
    """Return when projects have land, funds and capacity."""
    found = np.full_like(ready, np.inf)
    funds = needs(parameters, projects)
    abandoned = projects.fate == DROPPED_BUILDING
    hold = np.where(abandoned, projects.construction / 2, projects.construction)
    end = parameters.years[-1] + 1
    order = np.argsort(ready, axis=1, kind="stable")
    counts = (ready < end).sum(axis=1)
    for row, count in enumerate(counts):
        some, of = order[row, :count], supplied.row(row)
        one = np.ones(count)
        land = _granted(ready[row, some], one, of.land, of.most_land, of.years)
        money = _granted(land, funds[row, some], of.funds, of.most_funds, of.years)
        some = some[: np.searchsorted(money, end)]
        slots = _slots(money[: len(some)], hold[row, some], of.capacity, of.years)
        found[row, some] = np.where(slots < end, slots, np.inf)
    return found


def _granted(
    asked: Array, wanted: Array, supplied: Array, most: Array, years: tuple[int, ...]
) -> Array:
    """When a container filled yearly serves requests, in their order; infinite if it never does.

    ``asked`` rises. A request that the stock does not cover holds up those behind it.
    """
    found = np.full(len(asked), np.inf)
    total = np.concatenate([[0.0], np.cumsum(wanted)])
    by = np.searchsorted(asked, np.array(years) + 1.0)
    served, stock = 0, 0.0
    for place, year in enumerate(years):
        stock = min(stock, most[place])
        stock += max(min(supplied[place], most[place] - stock), 0.0)
        covered = int(np.searchsorted(total, total[served] + stock, side="right")) - 1
        upto = max(min(int(by[place]), covered), served)
        found[served:upto] = np.maximum(asked[served:upto], year)
        stock -= total[upto] - total[served]
        served = upto
    return found


def _slots(asked: Array, hold: Array, capacity: Array, years: tuple[int, ...]) -> Array:
    """When requests get one of the slots, first come, first served, each held for a time."""
    ends = np.sort(asked + hold)
    busy = np.arange(len(asked)) - np.searchsorted(ends, asked, side="right")
    place = np.searchsorted(years, asked, side="right") - 1
    if (np.diff(capacity) >= 0).all() and (busy < capacity[place]).all():
        return asked  # nobody ever waits
    free = [float(years[0])] * int(capacity[0])
    retired: list[float] = []
    for year, change in zip(years[1:], np.diff(capacity), strict=True):
        free += [float(year)] * int(max(change, 0))
        retired += [float(year)] * int(max(-change, 0))
    heapq.heapify(free)
    found = np.full(len(asked), np.inf)
    gone = 0
    for i in range(len(asked)):
        while gone < len(retired) and retired[gone] <= asked[i] and free:
            heapq.heappop(free)  # a slot out of use, in its turn of the queue
            gone += 1
        if not free:
            break
        found[i] = max(asked[i], free[0])
        heapq.heapreplace(free, found[i] + hold[i])
    return found


# --- sums -----------------------------------------------------------------------------------------


class _Sums:
    """Sums over projects by year of an event and replication, or by cell too."""

    def __init__(self, times: Array, replication: Rows, shape: tuple[int, int, int]) -> None:
        """Sort events into years; ``times`` begin at 0, ``shape`` is (year, replication, cell)."""
        years, replications, _ = self.shape = shape
        self.since = np.minimum(times, years)
        self.at = self.since.astype(np.intp) * replications + replication

    def by_year(self, weights: Array | None = None, cell: Rows | None = None) -> Array:
        """Sum weights, or count, (year, replication) or (cell, year, replication)."""
        years, replications, cells = self.shape
        size = (years + 1) * replications  # the last year is that of what never happens
        if cell is None:
            found = np.bincount(self.at, weights, size).reshape(years + 1, replications)
            return found[:years].astype(float)
        found = np.bincount(cell * size + self.at, weights, cells * size)
        return found.reshape(cells, years + 1, replications)[:, :years].astype(float)

    def elapsed(self, weights: Array | None = None, cell: Rows | None = None) -> Array:
        """Sum the weighted time since the events within each year, in the same shapes."""
        moment = self.since if weights is None else weights * self.since
        count = np.cumsum(self.by_year(weights, cell), axis=-2)
        passed = np.cumsum(self.by_year(moment, cell), axis=-2)
        ends = np.arange(1, self.shape[0] + 1)[:, None]
        return np.diff(ends * count - passed, axis=-2, prepend=0.0)


def _flows(parameters: PipelineParameters, projects: Projects, times: _Times) -> Flows:
    p, real = parameters, projects.real
    shape = (len(p.years), len(real), len(p.cells))
    replication = np.nonzero(real)[0]
    cell, announced = projects.cell[real], projects.announced[real]
    realised, large = projects.realised[real], (announced >= p.large).astype(float)

    def sums(at: Array) -> _Sums:
        return _Sums(at[real] - p.years[0], replication, shape)

    entered = {event: sums(times.entered[event]) for event in EVENTS}
    left = {stage: sums(times.left[stage]) for stage in STAGES[:-1]}
    count = {event: found.by_year() for event, found in entered.items()}
    value = {event: found.by_year(announced) for event, found in entered.items()}
    gone = {stage: found.by_year() for stage, found in left.items()}
    following = dict(zip(left, STAGES[1:], strict=True))
    start, rate = entered["start"], realised / projects.construction[real]
    ends = sums(times.spending_ends)
    started = start.since < len(p.years)
    queued = np.where(started, start.since + p.years[0] - times.ready[real], 0.0)
    return Flows(
        zone=p.zone, years=p.years, cells=p.cells,
        entered=np.array(list(count.values())),
        entered_value=np.array(list(value.values())),
        large=np.array([found.by_year(large) for found in entered.values()]),
        dropped=np.array([gone[s] - count[following[s]] for s in left]),
        inside=np.array([np.cumsum(count[s] - gone[s], axis=0) for s in left]),
        inside_value=np.array(
            [np.cumsum(value[s] - left[s].by_year(announced), axis=0) for s in left]
        ),
        time_inside=np.array([entered[s].elapsed() - left[s].elapsed() for s in left]),
        waited=start.by_year(queued),
        investment=start.elapsed(rate, cell) - ends.elapsed(rate, cell),
        commissioned=entered["commission"].by_year(realised, cell),
    )  # fmt: skip
