"""The pipeline of projects for many replications at once, without an event loop.

Queues are recursions over projects (`simcore.pipeline_queues`), everything else is sums over them.
`simcore.pipeline` gives the same with events.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from simcore.arrays import Array, Rows
from simcore.aside import second_process
from simcore.labels import say
from simcore.pipeline_draws import (
    DROPPED_BUILDING,
    DROPPED_CONTRACT,
    DROPPED_PLAN,
    Chances,
    Projects,
    needs,
)
from simcore.pipeline_flows import DROP, EVENTS, STAGES, Flows, Outturn, joined
from simcore.pipeline_parameters import PipelineParameters, ProjectChanges, Supply, supply
from simcore.pipeline_queues import begun, granted

CHUNK = 8  # replications computed together: their arrays fit a processor's cache


class Simulation:
    """Replications of a pipeline, under one lever after another: chance is drawn once.

    Replication r is a function of (seed, r) alone; there is one for every draw of the parameters.
    """

    def __init__(
        self, parameters: PipelineParameters, seed: int, replications: range, first_year: int
    ) -> None:
        """Prepare replications in which levers act from ``first_year`` on.

        Raises `ValueError` without a replication.
        """
        if not replications:
            raise ValueError(say("no replication to simulate"))
        self.parameters, self.seed, self.replications = parameters, seed, replications
        self.first_year = first_year

    @cached_property
    def _chances(self) -> list[Chances]:
        return [
            Chances(
                self.parameters.of(slice(start, start + CHUNK)), self.seed,
                self.replications[start : start + CHUNK], self.first_year,
            )
            for start in range(0, len(self.replications), CHUNK)
        ]  # fmt: skip

    def flows(self, changes: ProjectChanges) -> Flows:
        """Run the replications under changes."""
        return joined([_run(chances, changes).flows() for chances in self._chances])

    def outturn(self, changes: ProjectChanges) -> Outturn:
        """Run them, and sum what the economy sees alone, which takes a third less time.

        Half of them in the second process if one is open; the bits are the same.
        """
        process = second_process()
        if process is None or len(self.replications) < 2 * CHUNK:
            return self._outturn(changes)
        here, there = self._halves
        rest = process.submit(_outturn_there, there, changes)
        return joined([here._outturn(changes), rest.result()])

    def _outturn(self, changes: ProjectChanges) -> Outturn:
        return joined([_run(chances, changes).outturn() for chances in self._chances])

    @cached_property
    def _halves(self) -> tuple[Simulation, bytes]:
        """The first half, and what the second is made of."""
        middle = len(self.replications) // (2 * CHUNK) * CHUNK
        first, second = slice(None, middle), slice(middle, None)
        return (
            Simulation(
                self.parameters.of(first), self.seed, self.replications[first], self.first_year
            ),
            pickle.dumps(
                (self.parameters.of(second), self.seed, self.replications[second], self.first_year)
            ),
        )


@lru_cache(maxsize=4)
def _simulation(pickled: bytes) -> Simulation:
    """Return a half of a simulation in the second process, which keeps what chance drew."""
    return Simulation(*pickle.loads(pickled))


def _outturn_there(pickled: bytes, changes: ProjectChanges) -> Outturn:
    return _simulation(pickled).outturn(changes)


def simulate_pipelines(
    parameters: PipelineParameters, seed: int, replications: range, changes: ProjectChanges,
    first_year: int,
) -> Flows:  # fmt: skip
    """Run replications under one lever, as `Simulation` does."""
    return Simulation(parameters, seed, replications, first_year).flows(changes)


def _run(chances: Chances, changes: ProjectChanges) -> _Totals:
    parameters, projects = chances.parameters, chances.projects(changes)
    supplied = supply(parameters, changes, chances.first_year)
    return _Totals(parameters, projects, _times(parameters, projects, supplied))


@dataclass(frozen=True)
class _Times:
    """When projects enter each event, (project); infinite if they never do.

    ``left`` : when they leave each stage but the last two, whatever for; being half built they
    leave with their commissioning.
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
        "start": half,
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
    asking = asking[np.argsort(projects.replication[asking], kind="stable")]
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

    @cached_property
    def count(self) -> Array:
        """How many there are, (year, replication)."""
        return self._table(np.bincount(self.at, None, self._size))

    def of(self, weights: Array) -> Array:
        """Sum weights, (year, replication)."""
        return self._table(np.bincount(self.at, weights, self._size))

    def by_cell(self, weights: Array, cell: Rows) -> Array:
        """Sum weights, (cell, year, replication)."""
        found = np.bincount(cell * self._size + self.at, weights, self.shape[2] * self._size)
        return self._table(found, self.shape[2])

    def elapsed(self) -> Array:
        """Sum the time since the events within each year, (year, replication)."""
        return self._within(self.count, self.of(self.since))

    def elapsed_by_cell(self, weights: Array, cell: Rows) -> Array:
        """Sum the weighted time since the events within each year, (cell, year, replication)."""
        moments = self.by_cell(weights * self.since, cell)
        return self._within(self.by_cell(weights, cell), moments)

    @property
    def _size(self) -> int:
        return (self.shape[0] + 1) * self.shape[1]  # the last year is that of what never happens

    def _table(self, found: Rows | Array, *cells: int) -> Array:
        years, replications, _ = self.shape
        table = found.reshape(*cells, years + 1, replications)
        return table[..., :years, :].astype(float)

    def _within(self, weights: Array, moments: Array) -> Array:
        ends = np.arange(1, self.shape[0] + 1)[:, None]
        passed = ends * np.cumsum(weights, axis=-2) - np.cumsum(moments, axis=-2)
        return np.diff(passed, axis=-2, prepend=0.0)


class _Totals:
    """The sums over what became of projects."""

    def __init__(self, parameters: PipelineParameters, projects: Projects, times: _Times) -> None:
        """Sort the entries of projects into years."""
        self.parameters, self.projects, self.times = parameters, projects, times
        self.entered = {event: self._sums(times.entered[event]) for event in EVENTS}

    def _sums(self, at: Array) -> _Sums:
        p = self.parameters
        shape = (len(p.years), p.draws, len(p.cells))
        return _Sums(at - p.years[0], self.projects.replication, shape)

    def outturn(self) -> Outturn:
        """Return what the economy sees."""
        p, q, start = self.parameters, self.projects, self.entered["start"]
        rate, ends = q.realised / q.construction, self._sums(self.times.spending_ends)
        return Outturn(
            zone=p.zone, years=p.years, cells=p.cells,
            entered=np.array([found.count for found in self.entered.values()]),
            investment=start.elapsed_by_cell(rate, q.cell) - ends.elapsed_by_cell(rate, q.cell),
            commissioned=self.entered["commission"].by_cell(q.realised, q.cell),
        )  # fmt: skip

    def flows(self) -> Flows:
        """Return all."""
        seen, entered, announced = self.outturn(), self.entered, self.projects.announced
        large = (announced >= self.parameters.large).astype(float)
        left = {stage: self._sums(at) for stage, at in self.times.left.items()}
        left["build"] = entered["commission"]
        value = {event: found.of(announced) for event, found in entered.items()}
        gone = {s: value["commission"] if s == "build" else left[s].of(announced) for s in left}
        following = dict(zip(left, STAGES[1:], strict=True))
        start, years = entered["start"], self.parameters.years
        started = start.since < len(years)
        queued = np.where(started, start.since + years[0] - self.times.ready, 0.0)
        return Flows(
            zone=seen.zone, years=seen.years, cells=seen.cells, entered=seen.entered,
            investment=seen.investment, commissioned=seen.commissioned,
            entered_value=np.array(list(value.values())),
            large=np.array([found.of(large) for found in entered.values()]),
            dropped=np.array([left[s].count - entered[following[s]].count for s in left]),
            inside=np.array([np.cumsum(entered[s].count - left[s].count, axis=0) for s in left]),
            inside_value=np.array([np.cumsum(value[s] - gone[s], axis=0) for s in left]),
            time_inside=np.array([entered[s].elapsed() - left[s].elapsed() for s in left]),
            waited=start.of(queued),
        )  # fmt: skip
