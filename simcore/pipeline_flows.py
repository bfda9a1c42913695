"""What a pipeline yields: entries into stages, stocks, time spent, money, by year and draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np

from simcore.arrays import Array

STAGES = ("plan", "sign", "start", "build", "commission")
"""Stages in the order in which projects enter them: planned, signed, started, half built,
commissioned. A project leaves all but the last."""
DROP = "drop"
EVENTS = (*STAGES, DROP)


@dataclass(frozen=True)
class Outturn:
    """What of one zone's pipeline the economy sees, by year.

    ``entered`` (event, year, draw): projects that enter a stage or are dropped. ``investment``,
    ``commissioned`` (cell, year, draw): money put in place, and realised budgets of projects
    commissioned [1e8 CNY].
    """

    zone: str
    years: tuple[int, ...]
    cells: tuple[tuple[str, str], ...]
    entered: Array
    investment: Array
    commissioned: Array

    def year(self, year: int) -> int:
        """Return the place of a year."""
        return self.years.index(year)

    def by_industry(self, values: Array, industries: Sequence[str]) -> Array:
        """Sum cells to industries, (cell, year, draw) to (industry, year, draw)."""
        of = np.array([[industry == name for _, industry in self.cells] for name in industries])
        return np.asarray(np.tensordot(of.astype(float), values, axes=1))

    def by_field(self, values: Array, field: str | None) -> Array:
        """Sum the cells of a field, or all, (cell, year, draw) to (year, draw)."""
        rows = [field is None or name == field for name, _ in self.cells]
        return np.asarray(values[rows].sum(axis=0))


@dataclass(frozen=True)
class Flows(Outturn):
    """All that happens in one zone's pipeline, by year.

    ``entered_value`` (event, year, draw): announced budgets of what enters [1e8 CNY]. ``inside``,
    ``inside_value`` (stage, year, draw): in a stage at the end of the year, the last stage left
    out; ``time_inside``: project-years spent there. ``dropped`` (stage, year, draw): left the stage
    by being dropped. ``large`` (event, year, draw): entries of large projects. ``waited`` (year,
    draw): years of queueing of the projects started.
    """

    entered_value: Array
    large: Array
    dropped: Array
    inside: Array
    inside_value: Array
    time_inside: Array
    waited: Array

    @property
    def queue_time(self) -> Array:
        """Mean years of queueing of the projects started in a year, NaN without any."""
        starts = self.entered[STAGES.index("start")]
        return np.divide(self.waited, starts, out=np.full_like(starts, np.nan), where=starts > 0)

    @property
    def under_construction(self) -> Array:
        """Projects under construction at the end of the year, (year, draw)."""
        return self.inside[STAGES.index("start")] + self.inside[STAGES.index("build")]


Kind = TypeVar("Kind", bound=Outturn)


def joined(parts: Sequence[Kind]) -> Kind:
    """Join the draws of several results of a zone."""
    first = parts[0]
    arrays: dict[str, Any] = {
        part.name: np.concatenate([getattr(flows, part.name) for flows in parts], axis=-1)
        for part in fields(first)
        if isinstance(getattr(first, part.name), np.ndarray)
    }
    return replace(first, **arrays)
