"""What chance decides of the projects of a zone: plans, sizes, times, fields, drops.

Every kind of chance has a stream of its own, keyed by its name and the replication, with one number
a project (`simcore.sampling`). So a lever changes what it is about and nothing else, a longer
horizon adds projects behind the others, and replication r is the same whatever is computed beside
it. Projects of several replications stand behind each other in the same arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

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
    behind the others.
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

    ``room`` : how many there may be in a replication; ``chance`` by kind.
    """

    room: int
    replication: Rows
    number: Rows
    planned: Array
    chance: dict[str, Array]

    def of(self, chosen: Mask) -> _Plans:
        """Return some of the plans."""
        some = {kind: values[chosen] for kind, values in self.chance.items()}
        return _Plans(
            self.room, self.replication[chosen], self.number[chosen], self.planned[chosen], some
        )


def draw_projects(
    parameters: PipelineParameters, seed: int, replications: range, changes: ProjectChanges,
    first_year: int,
) -> Projects:  # fmt: skip
    """Return the projects of replications, one for every draw of the parameters.

    Plans are a Poisson process of the yearly rates. With standard normals Z of its own,

        planning, preparation = m exp(s Z − s²/2)
        announced = smallest + size exp(size_spread Z_size)
        construction = m exp(s Z + c Z_size − (s² + c²)/2)

    with c the effect of size. ``changes`` act from ``first_year`` on. A delay is added to what is
    left of preparation then; a negative one takes away at most half of it.

    Raises `RunError` if a replication has no room for its projects (a chance of about 1e-15).
    """
    plans = _plans(parameters, seed, replications, "project")
    if changes.arrivals < 0:
        plans = plans.of((plans.planned < first_year) | (plans.chance["kept"] >= -changes.arrivals))
    plain = _projects(parameters, plans, changes, first_year)
    if changes.arrivals <= 0:
        return plain
    more = _plans(parameters.since(first_year), seed, replications, "added project", plans.room)
    more = more.of(more.chance["kept"] < changes.arrivals)
    return _behind(plain, _projects(parameters, more, changes, first_year))


def needs(parameters: PipelineParameters, projects: Projects) -> Array:
    """Funds that projects must have at their start: a year's undisturbed supply at most."""
    p = parameters
    ready = projects.planned + projects.planning + projects.preparation
    place = np.clip(ready.astype(int) - p.years[0], 0, len(p.years) - 1)
    return np.minimum(projects.realised, p.funds[place, projects.replication])


def _behind(plain: Projects, added: Projects) -> Projects:
    """Put the projects of each replication behind those that it has."""
    order = np.argsort(np.concatenate([plain.replication, added.replication]), kind="stable")
    return Projects(
        *(
            np.concatenate([getattr(plain, part.name), getattr(added, part.name)])[order]
            for part in fields(Projects)
        )
    )


# --- plans ----------------------------------------------------------------------------------------


def _plans(
    parameters: PipelineParameters, seed: int, replications: range, name: str, behind: int = 0
) -> _Plans:
    """Draw the plans up to the last year; their numbers follow the number ``behind``."""
    p = parameters
    most = float(p.rate.sum(axis=0).max())
    room = int(np.ceil(most + MARGIN * np.sqrt(most) + 1))
    streams = [f"{name}.{p.zone}.{kind}" for kind in ("arrival", *KINDS)]
    planned, chances = [], []
    for place, r in enumerate(replications):
        gaps = stream(seed, streams[0], r).standard_exponential(room)
        times = _arrivals(gaps, p.years, p.rate[:, place])
        count = int(np.searchsorted(times, p.years[-1] + 1))
        if count == room:
            raise RunError(say(
                "{zone}: {room} projects are not enough; take another seed",
                zone=p.zone, room=room,
            ))  # fmt: skip
        planned.append(times[:count])
        chances.append([
            getattr(stream(seed, of_kind, r), method)(count)
            for of_kind, method in zip(streams[1:], KINDS.values(), strict=True)
        ])  # fmt: skip
    counts = [len(times) for times in planned]
    return _Plans(
        room, np.repeat(np.arange(len(counts)), counts),
        np.concatenate([np.arange(count) for count in counts]) + behind, np.concatenate(planned),
        dict(zip(KINDS, map(np.concatenate, zip(*chances, strict=True)), strict=True)),
    )  # fmt: skip


def _arrivals(gaps: Array, years: tuple[int, ...], rate: Array) -> Array:
    """Times at which the cumulated rate reaches the sums of unit exponentials, rising.

    Those beyond the last year are put just behind it.
    """
    marks = np.array([*years, years[-1] + 1], dtype=float)
    cumulated = np.concatenate([[0.0], np.cumsum(rate)])
    return np.interp(np.cumsum(gaps), cumulated, marks)


# --- projects -------------------------------------------------------------------------------------


def _projects(
    parameters: PipelineParameters, plans: _Plans, changes: ProjectChanges, first_year: int
) -> Projects:
    """Make projects of plans, from ``first_year`` on under the changes."""
    p, of, chance = parameters, plans.replication, plans.chance
    planning = _times(p.planning[of], p.planning_spread, chance["planning"])
    preparation = _times(p.preparation[of], p.preparation_spread, chance["preparation"])
    spread = np.hypot(p.construction_spread, p.size_effect)
    deviate = p.construction_spread * chance["construction"] + p.size_effect * chance["size"]
    construction = _times(p.construction[of], float(spread), deviate / spread)
    announced = p.smallest + p.size[of] * np.exp(p.size_spread[of] * chance["size"])
    signed = plans.planned + planning
    ready = signed + preparation
    announced = np.where(signed >= first_year, announced * (1 + changes.sizes), announced)
    factor = 1 + changes.cancellation * (ready >= first_year)
    fate = np.full(len(of), KEPT)
    fate[chance["dropped_building"] < p.dropped_building[of] * factor] = DROPPED_BUILDING
    fate[chance["dropped_contract"] < p.dropped_contract[of] * factor] = DROPPED_CONTRACT
    fate[chance["dropped_plan"] < p.dropped_plan[of] * factor] = DROPPED_PLAN
    if changes.delay:
        lead = np.maximum(signed, first_year) - signed  # preparation before the lever acts
        rest = preparation - lead
        moved = lead + np.maximum(rest + changes.delay, rest / 2)
        preparation = np.where(ready >= first_year, moved, preparation)
    cell = np.searchsorted(np.cumsum(p.cell_share)[:-1], chance["cell"], side="right")
    return Projects(
        of, plans.number, plans.planned, planning, preparation, construction, announced,
        announced * p.realised[of], cell, fate,
    )  # fmt: skip


def _times(mean: Array, spread: float, normal: Array) -> Array:
    """Lognormal times of a mean and log standard deviation."""
    found: Array = mean * np.exp(spread * normal - spread**2 / 2)
    return found
