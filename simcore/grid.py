"""What a sweep says over its grid: medians, differences and probabilities, a cell a point."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr

from simcore.accessor import are_pairs, over_draws, refuse_summary
from simcore.aims import Aim
from simcore.arrays import Array
from simcore.disk import reading
from simcore.errors import InputError, did_you_mean
from simcore.labels import say
from simcore.quantity import number
from simcore.scenario_paths import ScenarioPaths
from simcore.weighting import weighted_share

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
MIDDLE = LEVELS.index(0.5)
"""place of the median among the levels"""


@dataclass(frozen=True)
class GridAxis:
    """An axis of a sweep: its key path and its values as written, in the order of their size."""

    key: str
    values: tuple[str, ...]

    @property
    def short(self) -> str:
        """The key path without what every axis has: ``donghu.rnd_growth``."""
        return self.key.removeprefix("levers.").removesuffix(".value")

    @property
    def unit(self) -> str:
        """The unit that all values end with, ``%`` or ``pp``; else nothing."""
        ends = {value.strip().lstrip("+-.0123456789").strip() for value in self.values}
        return ends.pop() if len(ends) == 1 and self.numbers is not None else ""

    @property
    def numbers(self) -> list[float] | None:
        """The values as numbers, a percentage as 5 and not 0.05; None if one is no number."""
        return None if None in (found := [_number(value) for value in self.values]) else found  # type: ignore[return-value]


@dataclass(frozen=True)
class Grid:
    """The points of a sweep file: axes that vary, and the scenario at every point of them."""

    axes: tuple[GridAxis, ...]
    scenarios: Mapping[tuple[str, ...], str]
    fixed: Mapping[str, str]

    @classmethod
    def of(cls, file: Path, fixed: Sequence[str] = (), among: Sequence[str] = ()) -> Grid:
        """Read the grid of a result; ``fixed`` : ``KEY=VALUE`` each; ``among`` : scenarios.

        Raises `InputError` for a file that is no sweep, or whose points are no grid.
        """
        names, points = _points(file)
        held = dict(_held(text, points) for text in fixed)
        kept = [
            place
            for place, name in enumerate(names)
            if (not among or name in among)
            and all(points[key][place] == value for key, value in held.items())
        ]
        axes = tuple(
            GridAxis(key, values)
            for key, column in points.items()
            if len(values := _ordered([column[place] for place in kept])) > 1
        )
        found: dict[tuple[str, ...], str] = {}
        for place in kept:
            point = tuple(points[axis.key][place] for axis in axes)
            if point in found:
                raise InputError(_twice(file, found[point], names[place]))
            found[point] = names[place]
        cells = itertools.product(*(axis.values for axis in axes))
        if missing := [point for point in cells if point not in found]:
            raise InputError(
                say(
                    "{file}: its points are no grid: {missing} of {cells} cells are empty; a sweep "
                    "with combine: grid fills them",
                    file=file, missing=len(missing), cells=len(missing) + len(found),
                )
            )  # fmt: skip
        return cls(axes, found, held)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of every axis."""
        return tuple(len(axis.values) for axis in self.axes)

    def over(self, value: Any) -> Array:
        """Return a number for every cell; ``value`` : of the name of a scenario."""
        cells = itertools.product(*(axis.values for axis in self.axes))
        return np.array([value(self.scenarios[cell]) for cell in cells]).reshape(*self.shape, -1)

    def scenario(self, point: str) -> str:
        """Return the scenario of that name, or at a point written as ``5%,12%``.

        Raises `InputError` for a point that is not there.
        """
        cell = tuple(part.strip() for part in point.split(","))
        found = point if point in self.scenarios.values() else self.scenarios.get(cell)
        if found is None:
            first = ",".join(next(iter(self.scenarios)))
            raise InputError(
                say(
                    "no point '{point}' in the sweep; a point is written as {first}, in the order "
                    "{axes}",
                    point=point, first=first, axes=", ".join(axis.short for axis in self.axes),
                )
            )  # fmt: skip
        return found


def _points(file: Path) -> tuple[list[str], dict[str, list[str]]]:
    with reading(file), h5py.File(file, "r") as found:
        names = found["scenario"].asstr()[...].tolist()
        group = found.get("points")
        points = {key: group[key].asstr()[...].tolist() for key in group} if group else {}
        told = found["provenance"].attrs.get("points", "{}") if "provenance" in found else "{}"
    if not points:
        raise InputError(say(
            "{file}: is no sweep, so it has no axes: simcore sweep growth-by-rnd -o sweep.h5 "
            "makes one",
            file=file,
        ))  # fmt: skip
    order = [key for key in json.loads(told) if key in points]  # HDF5 lists names by alphabet
    return names, {key: points[key] for key in (*order, *(points.keys() - set(order)))}


def _held(text: str, points: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Read ``gdp_growth=5%``: an axis by its key path or the end of it, and one of its values."""
    key, sign, value = text.partition("=")
    keys = [name for name in points if name == key or name.endswith(f".{key}")
            or name.removesuffix(".value").endswith(f".{key}")]  # fmt: skip
    if not sign or len(keys) != 1:
        raise InputError(
            say("--at {held}: write AXIS=VALUE; the axes are {axes}", held=text,
                axes=", ".join(points))
        )  # fmt: skip
    known = _ordered(points[keys[0]])
    if value not in known:
        near = did_you_mean(value, known)
        raise InputError(
            say("--at {held}: {key} has no such value; it has {values}", held=text, key=keys[0],
                values=", ".join(known)) + near
        )  # fmt: skip
    return keys[0], value


def _twice(file: Path, first: str, second: str) -> str:
    return say(
        "{file}: {first} and {second} stand at the same point, as a sweep of several bases has "
        "them: choose with --scenario, such as --scenario 'rnd-12*'",
        file=file, first=first, second=second,
    )  # fmt: skip


def _number(value: str) -> float | None:
    try:
        found = number(value)
    except ValueError:
        return None
    return 100 * found if value.rstrip().endswith(("%", "pp")) else found


def _ordered(values: Sequence[str]) -> tuple[str, ...]:
    """Return every value once, by size if all are numbers, else as they come."""
    different = list(dict.fromkeys(values))
    sizes = {value: _number(value) for value in different}
    if None in sizes.values():
        return tuple(different)
    return tuple(sorted(different, key=lambda value: sizes[value] or 0.0))


def point_at(grid: Grid, scenario: str) -> tuple[str, ...]:
    """Return the values of the axes at a scenario of the grid."""
    return next(cell for cell, name in grid.scenarios.items() if name == scenario)


# --- values ---------------------------------------------------------------------------------------


def spreads(dataset: xr.Dataset, grid: Grid, values: xr.DataArray) -> Array:
    """Return quantiles of an indicator, of `LEVELS`, (axis …, quantile).

    ``values`` : (scenario, draw or quantile).
    """
    if "quantile" in values.dims:
        found = values.sel(quantile=list(LEVELS)).transpose("scenario", "quantile").load()
        return grid.over(lambda name: found.sel(scenario=name).values)
    drawn = values.transpose("scenario", "draw").load()
    return _over_cells(grid, drawn, over_draws(drawn, dataset.get("weight"), LEVELS))


def differences(dataset: xr.Dataset, grid: Grid, values: xr.DataArray, base: str) -> Array:
    """Return quantiles of differences from a scenario, draw by draw, as `spreads`.

    Draws of unequal weights are no pairs: they are held against the scenario's median.
    """
    refuse_summary(dataset)
    drawn = values.transpose("scenario", "draw").load()
    if are_pairs(dataset):
        found = over_draws(drawn - drawn.sel(scenario=base, drop=True), None, LEVELS)
        return _over_cells(grid, drawn, found)
    found = over_draws(drawn, dataset.get("weight"), LEVELS)
    place = drawn["scenario"].values.tolist().index(base)
    return _over_cells(grid, drawn, found - found[MIDDLE, place])


def _over_cells(grid: Grid, values: xr.DataArray, found: Array) -> Array:
    """Lay what was found of scenarios, (quantile, scenario), over the grid."""
    rows = dict(zip(values["scenario"].values.tolist(), found.T, strict=True))
    return grid.over(lambda name: rows[name])


def chances(dataset: xr.Dataset, grid: Grid, aim: Aim) -> Array:
    """Return the probability of a goal and its standard error, (axis …, 2).

    Raises `InputError` for a summary, and a goal of a year or zone that the result does not have.
    """
    refuse_summary(dataset)
    years, measure = dataset["year"].values, aim.measure
    if measure.last not in years or measure.zone not in dataset["zone"].values:
        raise InputError(
            say("goal {goal}: the result has no {zone} in {year}", goal=aim.text,
                zone=measure.zone, year=measure.last)
        )  # fmt: skip

    def chance(name: str) -> tuple[float, float]:
        paths = ScenarioPaths(dataset, name)
        reached = measure.of(paths)
        threshold = measure.threshold(aim.value, paths)
        met = reached >= threshold if aim.at_least else reached <= threshold
        return weighted_share(met, paths.weight)

    return grid.over(chance)


def least_values(axis: GridAxis, chance: Array, wanted: float) -> list[float | None]:
    """Return, for every row of probabilities, the least value of an axis at which it is wanted.

    Between two points of the axis it is interpolated linearly; None where no point reaches it.
    ``chance`` : (other axis, this axis).
    """
    numbers = axis.numbers
    assert numbers is not None
    found: list[float | None] = []
    for row in chance:
        reached = np.flatnonzero(row >= wanted)
        if not reached.size:
            found.append(None)
            continue
        place = int(reached[0])
        if place == 0:
            found.append(numbers[0])
            continue
        low, high = float(row[place - 1]), float(row[place])
        share = (wanted - low) / (high - low)
        found.append(numbers[place - 1] + share * (numbers[place] - numbers[place - 1]))
    return found
