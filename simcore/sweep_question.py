"""What is asked of a sweep's file, and the numbers over its grid that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from simcore.aims import Aim
from simcore.arrays import Array
from simcore.errors import InputError
from simcore.grid import MIDDLE, Grid, chances, differences, spreads
from simcore.labels import say
from simcore.plot import select

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What is shown of a sweep: an indicator in a year, its difference to a point, or P(goal).

    ``at`` : axes that are held, ``KEY=VALUE`` each; ``scenarios`` : those among which to look.
    """

    indicator: str = "gdp"
    industry: str | None = None
    zones: Sequence[str] = ()
    scenarios: Sequence[str] = ()
    year: int = 2030
    at: Sequence[str] = ()
    against: str | None = None
    goal: str | None = None


@dataclass(frozen=True)
class Shown:
    """A panel: a zone, or nothing of a goal; numbers over the grid, last axis what is known."""

    zone: str
    values: Array


def grid_of(file: Path, dataset: xr.Dataset, asked: Asked) -> Grid:
    """Return the grid of a sweep's points that are asked for."""
    names = [str(name) for name in dataset["scenario"].values]
    among = [name for name in names if name in asked.scenarios]
    return Grid.of(file, asked.at, among)


def selected(dataset: xr.Dataset, asked: Asked, scenarios: Sequence[str]) -> xr.DataArray:
    """Return the values of what is asked, in its year; raises `InputError` for unknown names."""
    values = select(dataset, asked.indicator, asked.industry, asked.zones, scenarios)
    if asked.year not in values["year"].values:
        years = values["year"].values
        raise InputError(
            say("the result has no year {year}: it has {first} to {last}", year=asked.year,
                first=int(years[0]), last=int(years[-1]))
        )  # fmt: skip
    return values.sel(year=asked.year)


def values_of(dataset: xr.Dataset, grid: Grid, asked: Asked, aim: Aim | None) -> list[Shown]:
    """Return what a panel a zone shows; raises `InputError` where there is nothing."""
    if aim is not None:
        return [Shown(aim.measure.zone, chances(dataset, grid, aim))]
    values = selected(dataset, asked, sorted(grid.scenarios.values()))
    found = []
    for zone in map(str, values["zone"].values):
        own = values.sel(zone=zone)
        cells = (
            differences(dataset, grid, own, grid.scenario(asked.against))
            if asked.against
            else spreads(dataset, grid, own)
        )
        if np.isfinite(cells[..., MIDDLE]).any():
            found.append(Shown(zone, cells))
    if not found:
        text = say(
            "{indicator} has no values in {year} in these zones and scenarios",
            indicator=asked.indicator, year=asked.year,
        )  # fmt: skip
        raise InputError(text)
    return found
