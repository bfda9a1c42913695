"""What chance decides of the projects of a zone: plans, sizes, times, fields, drops.

Every kind of chance has a stream of its own, keyed by its name and the replication, with one number
a project (`simcore.sampling`). So a lever changes what it is about and nothing else, a longer
horizon adds projects behind the others, and replication r is the same whatever is computed beside
it. Projects of several replications stand behind each other in the same arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from simcore.arrays import Array, Mask, Rows
from simcore.errors import RunError
from simcore.labels import say
from simcore.pipeline_parameters import PipelineParameters, ProjectChanges
from simcore.sampling import stream

KEPT, DROPPED_PLAN, DROPPED_CONTRACT, DROPPED_BUILDING = range(4)
MARGIN = 8.0  # standard deviations of a Poisson number that are made room for
KINDS = {
    "planning": "standard_normal", "preparation": "standard_normal",
    "construction": "standard_normal", "size": "standard_normal", "cell": "random",
    "dropped_plan": "random", "dropped_contract": "random", "dropped_building": "random",
    "kept": "random",
}  # fmt: skip
"""The method of a generator that makes a kind of chance."""


@dataclass(frozen=True)
class Projects:
    """Projects of some replications, (project), by replication and there in the order of plans.

    ``replication`` : its place among the draws; ``number`` : of the project in its replication.
    Times are in years. ``fate`` : `KEPT`, or where it is dropped. Plans that a lever adds stand
    behind all others.
    """

    replication: Rows
    number: Rows
    planned: Array
    planning: Array
    preparation: Array
    construction: Array
    announced: Array
    realised: Array
    cell: Rows
    fate: Rows


@dataclass(frozen=True)
class _Plans:
    """Plans with all that chance says of them, before any lever; (project) as in `Projects`.

    ``room`` : how many there may be in a replication. ``dropped_…`` and ``kept`` are uniform: a
    plan is dropped where its number is below the share dropped, and a lever on arrivals leaves or
    adds it by ``kept``.
    """

    room: int
    replication: Rows
    number: Rows
    planned: Array
    planning: Array
    preparation: Array
    construction: Array
    announced: Array
    cell: Rows
    dropped_plan: Array
    dropped_contract: Array
    dropped_building: Array
    kept: Array

    def of(self, chosen: Mask) -> _Plans:
        """Return some of the plans."""
        return _Plans(self.room, *(getattr(self, p.name)[chosen] for p in fields(self)[1:]))


@dataclass(frozen=True, eq=False)
class Chances:
    """What chance decides in some replications, one for every draw of the parameters.

    Drawn when first asked for and kept: projects under one lever after another are made of it.
    Levers act from ``first_year`` on.
    """

    parameters: PipelineParameters
    seed: int
    replications: range
    first_year: int

    @cached_property
    def plain(self) -> _Plans:
        """The plans without any lever."""
        return _plans(self.parameters, self.seed, self.replications, "project")

    @cached_property
    def added(self) -> _Plans:
        """The plans that the largest lever adds, of which a smaller one keeps some."""
        later = self.parameters.since(self.first_year)
        return _plans(later, self.seed, self.replications, "added project", self.plain.room)

    def projects(self, changes: ProjectChanges) -> Projects:
        """Return the projects under the changes.

        A delay is added to what is left of preparation when the lever begins to act; a negative
        one takes away at most half of it.

        Raises `RunError` if a replication has no room for its projects (a chance of about 1e-15).
        """
        plans = self.plain
        if changes.arrivals < 0:
            stays = (plans.planned < self.first_year) | (plans.kept >= -changes.arrivals)
            plans = plans.of(stays)
        plain = _projects(self.parameters, plans, changes, self.first_year)
        if changes.arrivals <= 0:
            return plain
        more = self.added.of(self.added.kept < changes.arrivals)
        added = _projects(self.parameters, more, changes, self.first_year)
        pairs = ((getattr(plain, part.name), getattr(added, part.name)) for part in fields(plain))
        return Projects(*map(np.concatenate, pairs))


def draw_projects(
    parameters: PipelineParameters, seed: int, replications: range, changes: ProjectChanges,
    first_year: int,
) -> Projects:  # fmt: skip
    """Return the projects of replications under changes, as `Chances.projects` does."""
    return Chances(parameters, seed, replications, first_year).projects(changes)


def needs(parameters: PipelineParameters, projects: Projects) -> Array:
    """Funds that projects must have at their start: a year's undisturbed supply at most."""
    p = parameters
    ready = projects.planned + projects.planning + projects.preparation
    place = np.clip(ready.astype(int) - p.years[0], 0, len(p.years) - 1)
    return np.minimum(projects.realised, p.funds[place, projects.replication])


# --- plans ----------------------------------------------------------------------------------------


def _plans(
    parameters: PipelineParameters, seed: int, replications: range, name: str, behind: int = 0
) -> _Plans:
    """Draw the plans up to the last year; their numbers follow the number ``behind``.

    Plans are a Poisson process of the yearly rates. With standard normals Z of its own,

        planning, preparation = m exp(s Z − s²/2)
        announced = smallest + size exp(size_spread Z_size)
        construction = m exp(s Z + c Z_size − (s² + c²)/2)

    with c the effect of size.
    """
    p = parameters
    most = float(p.rate.sum(axis=0).max())
    room = int(np.ceil(most + MARGIN * np.sqrt(most) + 1))
    planned = [
        _arrivals(stream(seed, f"{name}.{p.zone}.arrival", r).standard_exponential(room), p, place)
        for place, r in enumerate(replications)
    ]
    counts = [len(times) for times in planned]
    if room in counts:
        raise RunError(say(
            "{zone}: {room} projects are not enough; take another seed", zone=p.zone, room=room
        ))  # fmt: skip
    chance = {
        kind: np.concatenate([
            getattr(stream(seed, f"{name}.{p.zone}.{kind}", r), method)(count)
            for r, count in zip(replications, counts, strict=True)
        ])
        for kind, method in KINDS.items()
    }  # fmt: skip
    of = np.repeat(np.arange(len(counts)), counts)
    spread = np.hypot(p.construction_spread, p.size_effect)
    deviate = p.construction_spread * chance["construction"] + p.size_effect * chance["size"]
    return _Plans(
        room=room,
        replication=of,
        number=behind + np.concatenate([np.arange(count) for count in counts]),
        planned=np.concatenate(planned),
        planning=_times(p.planning[of], p.planning_spread, chance["planning"]),
        preparation=_times(p.preparation[of], p.preparation_spread, chance["preparation"]),
        construction=_times(p.construction[of], float(spread), deviate / spread),
        announced=p.smallest + p.size[of] * np.exp(p.size_spread[of] * chance["size"]),
        cell=np.searchsorted(np.cumsum(p.cell_share)[:-1], chance["cell"], side="right"),
        dropped_plan=chance["dropped_plan"],
        dropped_contract=chance["dropped_contract"],
        dropped_building=chance["dropped_building"],
        kept=chance["kept"],
    )


def _arrivals(gaps: Array, parameters: PipelineParameters, place: int) -> Array:
    """Times at which a draw's cumulated rate reaches the sums of unit exponentials, rising.

    Those beyond the last year are left out.
    """
    end = parameters.years[-1] + 1
    marks = np.array([*parameters.years, end], dtype=float)
    cumulated = np.concatenate([[0.0], np.cumsum(parameters.rate[:, place])])
    found = np.interp(np.cumsum(gaps), cumulated, marks)
    return np.asarray(found[: np.searchsorted(found, end)])


def _times(mean: Array, spread: float, normal: Array) -> Array:
    """Lognormal times of a mean and log standard deviation."""
    found: Array = mean * np.exp(spread * normal - spread**2 / 2)
    return found


# --- projects -------------------------------------------------------------------------------------


def _projects(
    parameters: PipelineParameters, plans: _Plans, changes: ProjectChanges, first_year: int
) -> Projects:
    """Make projects of plans, from ``first_year`` on under the changes."""
    p, q, of = parameters, plans, plans.replication
    signed = q.planned + q.planning
    ready = signed + q.preparation
    announced, preparation = q.announced, q.preparation
    if changes.sizes:
        announced = np.where(signed >= first_year, announced * (1 + changes.sizes), announced)
    factor = 1 + changes.cancellation * (ready >= first_year)
    fate = np.full(len(of), KEPT)
    fate[q.dropped_building < p.dropped_building[of] * factor] = DROPPED_BUILDING
    fate[q.dropped_contract < p.dropped_contract[of] * factor] = DROPPED_CONTRACT
    fate[q.dropped_plan < p.dropped_plan[of] * factor] = DROPPED_PLAN
    if changes.delay:
        lead = np.maximum(signed, first_year) - signed  # preparation before the lever acts
        rest = preparation - lead
        moved = lead + np.maximum(rest + changes.delay, rest / 2)
        preparation = np.where(ready >= first_year, moved, preparation)
    return Projects(
        of, q.number, q.planned, q.planning, preparation, q.construction, announced,
        announced * p.realised[of], q.cell, fate,
    )  # fmt: skip
