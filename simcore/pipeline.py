"""The pipeline of projects as discrete events: a SimPy process for every project.

    plan → sign → (wait for land, then funds, then capacity) → start → build → commission

Land and funds are containers filled at the beginning of every year, from which a starting project
takes a plot and its funds; capacity is a container of slots, taken at the start and given back at
the end. All three serve first come, first served. This is the slow and plain model that
`simcore.pipeline_fast` is held against.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import simpy

from simcore.arrays import Array
from simcore.pipeline_draws import (
    DROPPED_BUILDING,
    DROPPED_CONTRACT,
    DROPPED_PLAN,
    Projects,
    draw_projects,
    needs,
)
from simcore.pipeline_flows import DROP, EVENTS, STAGES, Flows
from simcore.pipeline_parameters import PipelineParameters, ProjectChanges, Supply, supply


class Event(NamedTuple):
    """One line of the log: what happened to a project, and in which stage it then is."""

    time: float
    project: str
    stage: str
    event: str


@dataclass(frozen=True)
class Project:
    """One project, as drawn."""

    name: str
    planned: float
    planning: float
    preparation: float
    construction: float
    announced: float
    realised: float
    funds: float
    cell: int
    fate: int


@dataclass
class _Record:
    """The times at which a project entered its stages, was ready, and was dropped."""

    project: Project
    times: dict[str, float]
    dropped_in: str = ""


class Pipeline:
    """A zone's pipeline in one replication: run it, then read its log and flows."""

    def __init__(self, parameters: PipelineParameters, supplied: Supply) -> None:
        self.parameters = parameters
        self.supplied = supplied
        self.first = parameters.years[0]
        self.environment = simpy.Environment(initial_time=self.first)
        self.land = simpy.Container(self.environment)
        self.funds = simpy.Container(self.environment)
        self.capacity = simpy.Container(self.environment)
        self.log: list[Event] = []
        self.records: list[_Record] = []
        self.occupied: list[list[int]] = []  # by year, in every stage but the last
        self.now_inside = dict.fromkeys(STAGES[:-1], 0)
        self.area = np.zeros((len(STAGES) - 1, len(parameters.years)))
        self._last_change = float(self.first)

    def run(self, projects: list[Project]) -> None:
        """Run to the end of the last year."""
        self.environment.process(self._supply())
        for project in projects:
            self.environment.process(self._life(project))
        self.environment.run(until=self.parameters.years[-1] + 1)
        self._account()
        self.occupied.append(list(self.now_inside.values()))

    # --- processes --------------------------------------------------------------------------------

    def _supply(self) -> Generator[Any, Any, None]:
        """Fill land and funds and adjust capacity when a year begins; report the last one."""
        slots = 0.0
        # made before all others, so that a year begins before anything else that moment
        beginnings = [self.environment.timeout(y - self.first) for y in self.parameters.years]
        for place, beginning in enumerate(beginnings):
            yield beginning
            self._account()
            if place:
                self.occupied.append(list(self.now_inside.values()))
            s = self.supplied
            _fill(self.land, float(s.land[place]), float(s.most_land[place]))
            _fill(self.funds, float(s.funds[place]), float(s.most_funds[place]))
            change = float(s.capacity[place]) - slots
            slots += change
            if change > 0:
                self.capacity.put(change)
            for _ in range(int(-change)):
                self.capacity.get(1)  # taken out of use as soon as one is free

    def _life(self, project: Project) -> Generator[Any, Any, None]:
        """One project from its plan to its commissioning, or to where it is dropped."""
        env, record = self.environment, _Record(project, {})
        yield env.timeout(project.planned - env.now)
        self.records.append(record)
        self._enter(record, "plan")
        yield env.timeout(project.planning)
        if project.fate == DROPPED_PLAN:
            self._leave(record, "plan")
            return
        self._enter(record, "sign")
        yield env.timeout(project.preparation)
        if project.fate == DROPPED_CONTRACT:
            self._leave(record, "sign")
            return
        self._note(record, "sign", "ready")
        record.times["ready"] = env.now
        yield self.land.get(1)
        self._note(record, "sign", "land")
        yield self.funds.get(project.funds)
        self._note(record, "sign", "funds")
        yield self.capacity.get(1)
        self._enter(record, "start")
        yield env.timeout(project.construction / 2)
        if project.fate == DROPPED_BUILDING:
            self._leave(record, "start")
        else:
            self._enter(record, "build")
            yield env.timeout(project.construction / 2)
            self._enter(record, "commission")
        self.capacity.put(1)

    # --- bookkeeping ------------------------------------------------------------------------------

    def _note(self, record: _Record, stage: str, event: str) -> None:
        self.log.append(Event(self.environment.now, record.project.name, stage, event))

    def _enter(self, record: _Record, stage: str) -> None:
        self._account()
        place = STAGES.index(stage)
        if place:
            self.now_inside[STAGES[place - 1]] -= 1
        if stage in self.now_inside:
            self.now_inside[stage] += 1
        record.times[stage] = self.environment.now
        self._note(record, stage, "enter")

    def _leave(self, record: _Record, stage: str) -> None:
        self._account()
        self.now_inside[stage] -= 1
        record.times[DROP] = self.environment.now
        record.dropped_in = stage
        self._note(record, stage, DROP)

    def _account(self) -> None:
        """Add the project-years since the last change; a year's end is a change."""
        now = self.environment.now
        year = min(int(self._last_change) - self.first, self.area.shape[1] - 1)
        inside = np.array(list(self.now_inside.values()), dtype=float)
        self.area[:, year] += inside * (now - self._last_change)
        self._last_change = now

    def flows(self) -> Flows:
        """Add up the records, project by project, (…, year, draw) with a single draw."""
        p = self.parameters
        count, stages = len(p.years), len(STAGES)
        shape = {
            "entered": (len(EVENTS), count), "entered_value": (len(EVENTS), count),
            "large": (len(EVENTS), count), "dropped": (stages - 1, count),
            "inside_value": (stages - 1, count), "waited": (count,),
            "investment": (len(p.cells), count), "commissioned": (len(p.cells), count),
        }  # fmt: skip
        found = {name: np.zeros(size) for name, size in shape.items()}
        for record in self.records:
            self._add(found, record)
        found["inside"] = np.array(self.occupied, dtype=float).T
        found["time_inside"] = self.area
        return Flows(
            zone=p.zone, years=p.years, cells=p.cells,
            **{name: value[..., None] for name, value in found.items()},
        )  # fmt: skip

    def _add(self, found: dict[str, Array], record: _Record) -> None:
        project, times, years = record.project, record.times, self.parameters.years
        for event in EVENTS:
            if event in times:
                place = EVENTS.index(event), int(times[event]) - self.first
                found["entered"][place] += 1
                found["entered_value"][place] += project.announced
                found["large"][place] += project.announced >= self.parameters.large
        if record.dropped_in:
            stage = STAGES.index(record.dropped_in)
            found["dropped"][stage, int(times[DROP]) - self.first] += 1
        if "start" in times:
            found["waited"][int(times["start"]) - self.first] += times["start"] - times["ready"]
        if "commission" in times:
            year = int(times["commission"]) - self.first
            found["commissioned"][project.cell, year] += project.realised
        for at, year in enumerate(years):
            if (inside := _stage_at(times, year + 1)) is not None:
                found["inside_value"][inside, at] += project.announced
            if "start" in times:
                end = times["start"] + project.construction
                worked = min(times.get(DROP, end), year + 1) - max(times["start"], year)
                spent = project.realised * max(worked, 0.0) / project.construction
                found["investment"][project.cell, at] += spent


def _fill(container: simpy.Container, amount: float, most: float) -> None:
    """Add a year's supply, up to the most that may pile up; what was more has lapsed."""
    if container.level > most:
        container.get(container.level - most)
    added = min(amount, most - container.level)
    if added > 0:
        container.put(added)


def _stage_at(times: dict[str, float], moment: float) -> int | None:
    """Return the stage a project is in at a moment, None before, after and once dropped."""
    if times.get(DROP, np.inf) < moment or times.get("commission", np.inf) < moment:
        return None
    entered = [place for place, stage in enumerate(STAGES) if times.get(stage, np.inf) < moment]
    return max(entered, default=None)


def listed_projects(parameters: PipelineParameters, projects: Projects) -> list[Project]:
    """Return the projects of a single replication one by one, ``donghu-00012`` by their number."""
    funds = needs(parameters, projects)
    amounts = ("planned", "planning", "preparation", "construction", "announced", "realised")
    return [
        Project(
            name=f"{parameters.zone}-{number + 1:05d}",
            funds=float(funds[place]),
            cell=int(projects.cell[place]),
            fate=int(projects.fate[place]),
            **{name: float(getattr(projects, name)[place]) for name in amounts},
        )
        for place, number in enumerate(projects.number)
    ]


def simulate_pipeline(
    parameters: PipelineParameters, seed: int, replication: int, changes: ProjectChanges,
    first_year: int,
) -> Pipeline:  # fmt: skip
    """Run one replication; ``parameters`` has its draw alone, ``changes`` act from ``first_year``.

    A pure function of its arguments: the log replays identically.
    """
    chosen = range(replication, replication + 1)
    projects = draw_projects(parameters, seed, chosen, changes, first_year)
    pipeline = Pipeline(parameters, supply(parameters, changes, first_year).row(0))
    pipeline.run(listed_projects(parameters, projects))
    return pipeline
