"""What moves a result, of one file: each axis of a sweep, or each uncertain parameter of its draws.

Of a sweep, an axis is taken to its two ends while the others stay where they are. Of any other
result, the draws are sorted by each parameter: the median of the fifth with the lowest values and
of the fifth with the highest. Parameters of the base state depend on each other through the
documents, so a bar also carries what usually comes with its parameter; `simcore sensitivity` takes
interplay and dependence apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import h5py
import numpy as np
import xarray as xr

from simcore.accessor import refuse_summary
from simcore.arrays import Array
from simcore.disk import reading
from simcore.errors import InputError
from simcore.grid import Grid
from simcore.labels import say
from simcore.weighting import are_equal, effective_size, weighted_deviation, weighted_quantiles

TAIL = 0.2  # share of the draws on either side
FEWEST = 20  # draws in a tail
CERTAINTY = 0.95  # that no bar is there by chance alone
MEDIAN_ERROR = 1.2533  # √(π/2): standard error of a median over that of a mean, of normal draws


@dataclass(frozen=True)
class Bar:
    """A parameter or an axis, and the result's median at its low and its high end.

    ``ends`` : the two values as written, of an axis.
    """

    name: str
    low: float
    high: float
    ends: tuple[str, str] | None = None

    @property
    def swing(self) -> float:
        """How far the result moves."""
        return abs(self.high - self.low)


@dataclass(frozen=True)
class Tornado:
    """The bars of a zone, the widest first, around the median where nothing is moved.

    ``noise`` : swing below which a parameter is not told from chance (Bonferroni's bound over all
    of them); nothing of a sweep.
    """

    zone: str
    middle: float
    bars: tuple[Bar, ...]
    noise: float | None = None


def of_sweep(grid: Grid, medians: Array, zone: str, base: tuple[str, ...]) -> Tornado:
    """Return the bars of a sweep's axes; ``medians`` over the grid, ``base`` its standing point."""
    place = tuple(axis.values.index(value) for axis, value in zip(grid.axes, base, strict=True))
    bars = []
    for number, axis in enumerate(grid.axes):
        ends = [medians[(*place[:number], end, *place[number + 1 :])] for end in (0, -1)]
        low, high = map(float, ends)
        bars.append(Bar(axis.key, low, high, (axis.values[0], axis.values[-1])))
    return Tornado(zone, float(medians[place]), _ordered(bars))


def middle_point(grid: Grid) -> tuple[str, ...]:
    """Return the point in the middle of every axis, the lower one of two."""
    return tuple(axis.values[(len(axis.values) - 1) // 2] for axis in grid.axes)


def of_draws(file: Path, dataset: xr.Dataset, values: xr.DataArray, zone: str) -> Tornado:
    """Return the bars of the uncertain parameters of a result; ``values`` : (draw).

    Draws count by their weights: a fifth of the draws is a fifth of the weight.
    Raises `InputError` for a file without draws, or with too few draws to tell.
    """
    refuse_summary(dataset, f"{file}: ")
    drawn, weight = np.asarray(values.values, dtype=np.float64), _weights(dataset, values)
    sound = np.isfinite(drawn) & (weight > 0)
    known, weight = drawn[sound], weight[sound]
    size = int(TAIL * _size(weight))
    if size < FEWEST:
        raise InputError(
            say(
                "{file}: {draws} draws are too few to sort by parameters; {fewest} or more do",
                file=file, draws=int(_size(weight)), fewest=int(FEWEST / TAIL),
            )
        )  # fmt: skip
    names, table = _members(file)
    bars = [
        Bar(name, *_tails(row[sound], known, weight))
        for name, row in zip(names, table, strict=True)
        if np.ptp(row[sound]) > 0
    ]
    errors = NormalDist().inv_cdf(1 - (1 - CERTAINTY) / (2 * max(len(bars), 1)))
    noise = errors * np.sqrt(2.0) * MEDIAN_ERROR * weighted_deviation(known, weight) / np.sqrt(size)
    shown = _ordered([bar for bar in bars if bar.swing > noise])
    if not shown:
        raise InputError(
            say(
                "{file}: no parameter moves it by more than chance does in {draws} draws: run it "
                "with more",
                file=file, draws=len(known),
            )
        )  # fmt: skip
    return Tornado(zone, _median(known, weight), shown, float(noise))


def _members(file: Path) -> tuple[list[str], Array]:
    """Return names and values (parameter, draw) of the sampled parameters of a file."""
    with reading(file), h5py.File(file, "r") as found:
        group = found["members"]
        return group["parameter"].asstr()[...].tolist(), group["value"][...]


def _weights(dataset: xr.Dataset, values: xr.DataArray) -> Array:
    """Return the weights of a scenario's draws, (draw)."""
    weight = dataset.get("weight")
    if weight is None:
        return np.ones(values.sizes["draw"])
    own = weight.sel(scenario=values["scenario"]) if "scenario" in weight.dims else weight
    return np.asarray(own.values, dtype=np.float64)


def _size(weight: Array) -> float:
    """Return how many draws of equal weight know as much."""
    return float(len(weight)) if are_equal(weight) else effective_size(weight)


def _tails(parameter: Array, values: Array, weight: Array) -> tuple[float, float]:
    """Return the medians of the draws with a fifth of the weight at either end of a parameter."""
    order = np.argsort(parameter, kind="stable")
    low, high = (
        rows[: int(np.searchsorted(np.cumsum(weight[rows]), TAIL * weight.sum(), "right"))]
        for rows in (order, order[::-1])
    )
    return _median(values[low], weight[low]), _median(values[high], weight[high])


def _median(values: Array, weight: Array) -> float:
    if are_equal(weight):
        return float(np.median(values))
    return float(weighted_quantiles(values, weight, (0.5,))[0])


def _ordered(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    return tuple(sorted(bars, key=lambda bar: -bar.swing))
