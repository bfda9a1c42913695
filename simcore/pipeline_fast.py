"""The pipeline of projects for many replications at once, without an event loop.

Queues are recursions over projects (`simcore.pipeline_queues`), everything else is sums over them.
`simcore.pipeline` gives the same with events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array, Rows
from simcore.labels import say
from simcore.pipeline_draws import (
    DROPPED_BUILDING,
    DROPPED_CONTRACT,
    DROPPED_PLAN,
    Projects,
    draw_projects,
    needs,
)
from simcore.pipeline_flows import DROP, EVENTS, STAGES, Flows, joined
from simcore.pipeline_parameters import PipelineParameters, ProjectChanges, Supply, supply
from simcore.pipeline_queues import begun, granted

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
    """When projects enter each event, (project); infinite if they never do.

    ``left`` : when they leave each stage but the last, whatever for.
    """

    entered: dict[str, Array]
    left: dict[str, Array]
    ready: Array
    spending_ends: Array


def _times(parameters: PipelineParameters, projects: Projects, supplied: Supply) -> _Times:
    q, never = projects, np.inf
    decided = q.planned + q.planning
    prepared = decided + q.preparation
    signs = q.fate != DROPPED_PLAN
    starts = signs & (q.fate != DROPPED_CONTRACT)
    ready = np.where(starts, prepared, never)
    start = _starts(parameters, projects, supplied, ready)
    half, end = start + q.construction / 2, start + q.construction / 2 + q.construction / 2
    kept = q.fate != DROPPED_BUILDING
    dropped = np.where(signs, np.where(starts, np.where(kept, never, half), prepared), decided)
    entered = {
        "plan": q.planned, "sign": np.where(signs, decided, never), "start": start,
        "build": np.where(kept, half, never), "commission": np.where(kept, end, never),
        DROP: dropped,
    }  # fmt: skip
    left = {
        "plan": decided, "sign": np.where(starts, start, np.where(signs, prepared, never)),
        "start": half, "build": entered["commission"],
    }  # fmt: skip
    return _Times(entered, left, ready, np.where(kept, end, half))


def _starts(
    parameters: PipelineParameters, projects: Projects, supplied: Supply, ready: Array
) -> Array:
    """Return when projects have land, funds and capacity; infinite if not in these years."""
    found = np.full_like(ready, np.inf)
    funds = needs(parameters, projects)
    abandoned = projects.fate == DROPPED_BUILDING
    hold = np.where(abandoned, projects.construction / 2, projects.construction)
    end = parameters.years[-1] + 1
    asking = np.flatnonzero(ready < end)
    bounds = np.searchsorted(projects.replication[asking], np.arange(parameters.draws + 1))
    for row in range(parameters.draws):
        some, of = asking[bounds[row] : bounds[row + 1]], supplied.row(row)
        some = some[np.argsort(ready[some], kind="stable")]
        land = granted(ready[some], np.ones(len(some)), of.land, of.most_land, of.years)
        money = granted(land, funds[some], of.funds, of.most_funds, of.years)
        some = some[: np.searchsorted(money, end)]
        found[some] = begun(money[: len(some)], hold[some], of.capacity, of.years)
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
    p, cell, announced = parameters, projects.cell, projects.announced
    shape = (len(p.years), p.draws, len(p.cells))
    realised, large = projects.realised, (announced >= p.large).astype(float)

    def sums(at: Array) -> _Sums:
        return _Sums(at - p.years[0], projects.replication, shape)

    entered = {event: sums(times.entered[event]) for event in EVENTS}
    left = {stage: sums(times.left[stage]) for stage in STAGES[:-1]}
    count = {event: found.by_year() for event, found in entered.items()}
    value = {event: found.by_year(announced) for event, found in entered.items()}
    gone = {stage: found.by_year() for stage, found in left.items()}
    following = dict(zip(left, STAGES[1:], strict=True))
    start, rate = entered["start"], realised / projects.construction
    ends = sums(times.spending_ends)
    started = start.since < len(p.years)
    queued = np.where(started, start.since + p.years[0] - times.ready, 0.0)
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
