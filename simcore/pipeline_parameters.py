"""What a pipeline is run with: the numbers of a zone, what a scenario changes, what is supplied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from simcore.arrays import Array
from simcore.levers import ProjectLevers


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

    def since(self, year: int) -> PipelineParameters:
        """Return the parameters with plans from a year on alone."""
        return replace(self, rate=self.rate * (np.array(self.years) >= year)[:, None])


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
