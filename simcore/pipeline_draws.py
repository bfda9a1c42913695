"""What chance decides of the projects of a zone: plans, sizes, times, fields, drops.

Every kind of chance has a stream of its own, keyed by its name and the replication, with one number
a project (`simcore.sampling`). So a lever changes what it is about and nothing else, a longer
horizon adds projects behind the others, and replication r is the same whatever is computed beside
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from simcore.arrays import Array, Mask, Rows
from simcore.errors import RunError
from simcore.labels import say
from simcore.levers import ProjectLevers
from simcore.sampling import stream

KEPT, DROPPED_PLAN, DROPPED_CONTRACT, DROPPED_BUILDING = range(4)
MARGIN = 8.0  # standard deviations of a Poisson number that are made room for


@dataclass(frozen=True)
class PipelineParameters:
    """The numbers of a zone's pipeline; arrays have a draw axis, which is last.

    ``rate`` (year, draw) plans a year; ``planning``, ``preparation``, ``construction`` (draw) mean
    times [years]; ``size`` [1e8 CNY], ``size_spread``, ``realised``, ``dropped_…`` (draw).
    ``land`` [plots], ``funds`` [1e8 CNY], ``capacity`` [projects] (year, draw) are what is supplied
    in a year, capacity what there is. ``cells`` are pairs of field and industry.
    """

    zone: str
    years: tuple[int, ...]
    cells: tuple[tuple[str, str], ...]
    cell_share: Array
    rate: Array
    planning: Array
    preparation: Array
    construction: Array
    size: Array
    size_spread: Array
    realised: Array
    coverage: Array
    dropped_plan: Array
    dropped_contract: Array
    dropped_building: Array
    planning_spread: float
    preparation_spread: float
    construction_spread: float
    size_effect: float
    smallest: float
    large: float
    carry: float
    land: Array
    funds: Array
    capacity: Array

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.rate.shape[-1]

    def of(self, draws: Any) -> PipelineParameters:
        """Return the parameters of some draws, given as a slice or as their numbers."""
        some: dict[str, Any] = {name: getattr(self, name)[..., draws] for name in _DRAWN}
        return replace(self, **some)


_DRAWN = (
    "rate", "planning", "preparation", "construction", "size", "size_spread", "realised",
    "coverage", "dropped_plan", "dropped_contract", "dropped_building", "land", "funds", "capacity",
)  # fmt: skip


def joined_parameters(parts: Sequence[PipelineParameters]) -> PipelineParameters:
    """Join the draws of several parameters of a zone."""
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in _DRAWN
    }
    return replace(parts[0], **arrays)


@dataclass(frozen=True)
class Projects:
    """Projects of some replications, (replication, project), in the order of their plans.

    Times are in years. ``real`` : there is such a project; the others fill the rows. ``fate`` :
    `KEPT`, or where it is dropped. Plans that a lever adds stand behind the others.
    """

    real: Mask
    planned: Array
    planning: Array
    preparation: Array
    construction: Array
    announced: Array
    realised: Array
    cell: Rows
    fate: Rows

    def row(self, place: int) -> Projects:
        """Return the projects of one replication, (1, project)."""
        return Projects(*(getattr(self, part.name)[place : place + 1] for part in fields(self)))


@dataclass(frozen=True)
class ProjectChanges:
    """What a scenario changes from a year on; nothing unless said.

    Relative changes of the number of plans, of budgets, of funds, of capacity and of the shares
    dropped; ``delay`` in years.
    """

    arrivals: float = 0.0
    sizes: float = 0.0
    delay: float = 0.0
    funds: float = 0.0
    capacity: float = 0.0
    cancellation: float = 0.0

    @classmethod
    def of(cls, levers: ProjectLevers | None) -> ProjectChanges:
        """Return the changes of a zone's levers, none without any."""
        given = {part.name: getattr(levers, part.name, None) for part in fields(cls)}
        return cls(**{name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True)
class Supply:
    """What a zone supplies in each year, (year, draw), with the stocks that may pile up.

    Plots, funds [1e8 CNY] and the capacity to build [projects at the same time].
    """

    years: tuple[int, ...]
    land: Array
    most_land: Array
    funds: Array
    most_funds: Array
    capacity: Array

    def row(self, place: int) -> Supply:
        """Return the supply of one draw, (year)."""
        kept = (getattr(self, part.name)[:, place] for part in fields(self)[1:])
        return Supply(self.years, *kept)


def supply(parameters: PipelineParameters, changes: ProjectChanges, first_year: int) -> Supply:
    """Return what is supplied; ``changes`` act from ``first_year`` on.

    Unused funds lapse beyond ``carry`` years of the changed supply; they may always pile up to a
    year's undisturbed supply, the most that a project asks for.
    """
    p = parameters
    later = (np.array(p.years) >= first_year)[:, None]
    funds = p.funds * (1 + changes.funds * later)
    return Supply(
        years=p.years,
        land=p.land,
        most_land=p.carry * p.land,
        funds=funds,
        most_funds=np.maximum(p.carry * funds, p.funds),
        capacity=np.ceil(p.capacity * (1 + changes.capacity * later)),
    )


def needs(parameters: PipelineParameters, projects: Projects) -> Array:
    """Funds that projects must have at their start: a year's undisturbed supply at most."""
    p = parameters
    ready = projects.planned + projects.planning + projects.preparation
    place = np.clip(ready.astype(int) - p.years[0], 0, len(p.years) - 1)
    return np.minimum(projects.realised, np.take_along_axis(p.funds.T, place, axis=1))


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

    Raises `RunError` if a row has no room for its projects (a chance of about 1e-15).
    """
    plain = _batch(parameters, seed, replications, "project", changes, first_year)
    if changes.arrivals <= 0:
        return plain
    added = _batch(parameters, seed, replications, "added project", changes, first_year)
    return Projects(
        *(
            np.concatenate([getattr(plain, part.name), getattr(added, part.name)], axis=1)
            for part in fields(Projects)
        )
    )


def _batch(
    parameters: PipelineParameters, seed: int, replications: range, name: str,
    changes: ProjectChanges, first_year: int,
) -> Projects:  # fmt: skip
    added = name != "project"
    rate = _added_rate(parameters, first_year) if added else parameters.rate
    most = float(rate.sum(axis=0).max())
    room = int(np.ceil(most + MARGIN * np.sqrt(most) + 1))
    chance = _chances(seed, f"{name}.{parameters.zone}", replications, room)
    planned = _arrivals(chance["arrival"], parameters.years, rate)
    real = planned < parameters.years[-1] + 1
    if real[:, -1].any():
        raise RunError(say(
            "{zone}: {room} projects are not enough; take another seed",
            zone=parameters.zone, room=room,
        ))  # fmt: skip
    if added:
        real &= chance["kept"] < changes.arrivals
    else:
        real &= (planned < first_year) | (chance["kept"] >= -changes.arrivals)
    return _projects(parameters, chance, planned, real, changes, first_year)


def _added_rate(parameters: PipelineParameters, first_year: int) -> Array:
    """Rates of the plans that the largest lever adds, of which a smaller one keeps some."""
    later = np.array(parameters.years) >= first_year
    return parameters.rate * later[:, None]


def _chances(seed: int, name: str, replications: range, room: int) -> dict[str, Array]:
    """Random numbers by kind, (replication, project); more room leaves the first as they are."""
    kinds = {
        "arrival": "standard_exponential", "planning": "standard_normal",
        "preparation": "standard_normal", "construction": "standard_normal",
        "size": "standard_normal", "cell": "random", "dropped_plan": "random",
        "dropped_contract": "random", "dropped_building": "random", "kept": "random",
    }  # fmt: skip
    return {
        kind: np.array(
            [getattr(stream(seed, f"{name}.{kind}", r), method)(room) for r in replications]
        )
        for kind, method in kinds.items()
    }


def _arrivals(gaps: Array, years: tuple[int, ...], rate: Array) -> Array:
    """Times at which the cumulated rate reaches the sums of unit exponentials.

    Those beyond the last year are put just behind it.
    """
    marks = np.array([*years, years[-1] + 1], dtype=float)
    reached = np.cumsum(gaps, axis=1)
    found = np.empty_like(reached)
    for row in range(len(reached)):
        cumulated = np.concatenate([[0.0], np.cumsum(rate[:, row])])
        found[row] = np.interp(reached[row], cumulated, marks)
    return found


def _projects(
    parameters: PipelineParameters, chance: dict[str, Array], planned: Array, real: Mask,
    changes: ProjectChanges, first_year: int,
) -> Projects:  # fmt: skip
    p = parameters
    planning = _times(p.planning, p.planning_spread, chance["planning"])
    preparation = _times(p.preparation, p.preparation_spread, chance["preparation"])
    spread = np.hypot(p.construction_spread, p.size_effect)
    deviate = p.construction_spread * chance["construction"] + p.size_effect * chance["size"]
    construction = _times(p.construction, float(spread), deviate / spread)
    announced = p.smallest + p.size[:, None] * np.exp(p.size_spread[:, None] * chance["size"])
    signed = planned + planning
    ready = signed + preparation
    announced = np.where(signed >= first_year, announced * (1 + changes.sizes), announced)
    factor = 1 + changes.cancellation * (ready >= first_year)
    fate = np.full(planned.shape, KEPT)
    fate[chance["dropped_building"] < p.dropped_building[:, None] * factor] = DROPPED_BUILDING
    fate[chance["dropped_contract"] < p.dropped_contract[:, None] * factor] = DROPPED_CONTRACT
    fate[chance["dropped_plan"] < p.dropped_plan[:, None] * factor] = DROPPED_PLAN
    if changes.delay:
        lead = np.maximum(signed, first_year) - signed  # preparation before the lever acts
        rest = preparation - lead
        moved = lead + np.maximum(rest + changes.delay, rest / 2)
        preparation = np.where(ready >= first_year, moved, preparation)
    cell = np.searchsorted(np.cumsum(p.cell_share)[:-1], chance["cell"], side="right")
    realised = announced * p.realised[:, None]
    return Projects(
        real, planned, planning, preparation, construction, announced, realised, cell, fate
    )


def _times(mean: Array, spread: float, normal: Array) -> Array:
    """Lognormal times of a mean (replication) and log standard deviation."""
    found: Array = mean[:, None] * np.exp(spread * normal - spread**2 / 2)
    return found
