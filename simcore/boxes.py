"""PRIM: a box in the space of inputs in which most draws are of interest, peeled step by step.

A box begins with all draws. Every step peels off the twentieth of them at the low or the high end
of one input that raises the share of interest most for the draws it gives up. From the narrowest
box, what was peeled is pasted on again where that raises the share. Of the boxes passed

    coverage = draws of interest inside / draws of interest      density = … inside / draws inside
    mass     = draws inside / draws

the one is chosen whose weighted relative accuracy, ``mass (density − share of interest)``, is
greatest. A bound that a one-sided binomial test calls chance is given up again: the probability of
at least so many draws of interest in the box, were their share that of the box without the bound.

References
----------
Friedman & Fisher (1999), Statistics and Computing 9:123, doi:10.1023/A:1008894516817; Bryant &
Lempert (2010), Technological Forecasting and Social Change 77:34 (quasi-p-values),
doi:10.1016/j.techfore.2009.08.002; Lavrač, Flach & Zupan (1999), Inductive Logic Programming, 174
(accuracy).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from simcore.arrays import Array, Mask, Rows
from simcore.aside import second_process
from simcore.errors import InputError, RunError
from simcore.labels import say

CHANCE = 0.05  # quasi-p-value above which a bound is given up
SMALLEST_MASS, FEWEST_INSIDE = 0.05, 20  # of a box, share of the draws and draws
PASTED = 0.5  # of the draws beyond a bound: small pastes take most of the time, and end no better


@dataclass(frozen=True)
class Quality:
    """How well a box tells the draws of interest from the others, each of 0–1."""

    coverage: float
    density: float
    mass: float


@dataclass(frozen=True)
class Step:
    """A box on the way: how many inputs it bounds, and what it is worth."""

    bounded: int
    quality: Quality


@dataclass(frozen=True)
class Bounds:
    """The bounds of a box on one input, None where it has none, with their quasi-p-values."""

    column: int
    low: float | None
    high: float | None
    low_chance: float | None
    high_chance: float | None

    def inside(self, values: Array) -> Mask:
        """Return which rows of values (row, input) are within the bounds."""
        own = values[:, self.column]
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return (own >= low) & (own <= high)


@dataclass(frozen=True)
class Peeled:
    """The way that was gone, the step that was chosen, and its box without chance bounds."""

    steps: tuple[Step, ...]
    chosen: int
    box: tuple[Bounds, ...]

    def inside(self, values: Array) -> Mask:
        """Return which rows of values (row, input) are in the box."""
        return inside(self.box, values)


def inside(box: Sequence[Bounds], values: Array) -> Mask:
    """Return which rows of values (row, input) are in a box; all where it bounds nothing."""
    found = np.ones(len(values), dtype=bool)
    for bounds in box:
        found &= bounds.inside(values)
    return found


def quality(within: Mask, wanted: Mask, weight: Array) -> Quality:
    """Return coverage, density and mass of a box from which draws are in it, all (draw).

    >>> quality(np.array([True, True, False, False]), np.array([True, False, True, False]),
    ...         np.ones(4))
    Quality(coverage=0.5, density=0.5, mass=0.5)
    """
    both, held = float(weight[within & wanted].sum()), float(weight[within].sum())
    interest, whole = float(weight[wanted].sum()), float(weight.sum())
    return Quality(
        both / interest if interest else float("nan"),
        both / held if held else float("nan"),
        held / whole,
    )


def peel(values: Array, wanted: Mask, density: float | None = None) -> Peeled:
    """Return the box of draws of interest in values (row, input) of equal weight.

    ``density`` : the box of the greatest coverage that is at least so dense, in place of the one
    of the greatest accuracy. Raises `InputError` if no box is so dense, `RunError` without the
    library.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries that it could use, and of pandas to come
        found = _found(values, wanted)
        table = found.peeling_trajectory
        steps = tuple(
            Step(
                int(row.res_dim), Quality(float(row.coverage), float(row.density), float(row.mass))
            )
            for row in table.itertuples()
        )
        chosen = _chosen(steps, density)
        found.select(chosen)
        last = _without_chance(found, chosen, density or 0.0)
    limits, initial, chances = found.box_lims[last], found.box_lims[0], found.qp[last]
    box = []
    for column in chances:
        low, high = (float(limits.loc[end, column]) for end in (0, 1))
        free = [float(initial.loc[end, column]) for end in (0, 1)]
        chance = [float(c) for c in chances[column]]
        box.append(
            Bounds(
                int(column), None if low == free[0] else low, None if high == free[1] else high,
                None if low == free[0] else chance[0], None if high == free[1] else chance[1],
            )
        )  # fmt: skip
    return Peeled(steps, chosen, tuple(box))


def peeling(values: Array, wanted: Mask, density: float | None) -> Callable[[], Peeled]:
    """Begin to `peel` in the second process if one is open; return how to get the box."""
    process = second_process()
    if process is None:
        return partial(peel, values, wanted, density)
    return process.submit(peel, values, wanted, density).result


def _found(values: Array, wanted: Mask) -> Any:
    """Return the library's box with all the steps on its way."""
    try:
        import pandas
        from ema_workbench.analysis import prim
    except ImportError as error:
        text = say("discover needs {library}: pip install 'simcore[discovery]'",
                   library="ema_workbench")  # fmt: skip
        raise RunError(text) from error
    share, draws = float(wanted.mean()), len(wanted)
    table = pandas.DataFrame(values, columns=[str(place) for place in range(values.shape[1])])
    smallest = max(min(SMALLEST_MASS, share / 2), FEWEST_INSIDE / draws)
    search = prim.Prim(
        table, wanted.astype(int), threshold=share, mass_min=smallest, paste_alpha=PASTED
    )
    return search.find_box()


def _chosen(steps: Sequence[Step], density: float | None) -> int:
    """Return the step of the greatest accuracy, or the widest that is dense enough."""
    if density is None:
        gains = [step.quality.coverage - step.quality.mass for step in steps]
        return int(np.argmax(gains))
    dense = [place for place, step in enumerate(steps) if step.quality.density >= density]
    if not dense:
        best = max(step.quality.density for step in steps)
        text = say("no box has a density of {wanted}: the densest has {best}",
                   wanted=f"{100 * density:g} %", best=f"{100 * best:.0f} %")  # fmt: skip
        raise InputError(text)
    return max(dense, key=lambda place: steps[place].quality.coverage)


def _without_chance(found: Any, chosen: int, density: float) -> int:
    """Give up bounds that may be chance, the likeliest first, as long as the box stays dense.

    Returns the place of the box that is left among those of the library's.
    """
    last = chosen
    while (wider := _wider(found, last, density)) is not None:
        found.update(*wider)
        last = len(found.box_lims) - 1
    return last


def _wider(found: Any, last: int, density: float) -> tuple[Any, Rows] | None:
    """Return the limits of a box without one bound that may be chance, and the rows inside."""
    bounds = [
        (chance, end, column)
        for column, both in found.qp[last].items()
        for end, chance in enumerate(both)
        if chance > CHANCE
    ]
    values = found.prim.x.to_numpy()
    for _, end, column in sorted(bounds, reverse=True):
        limits = found.box_lims[last].copy()
        limits.loc[end, column] = found.box_lims[0].loc[end, column]
        low, high = (limits.loc[place].to_numpy() for place in (0, 1))
        within = ((values >= low) & (values <= high)).all(axis=1)
        if found.prim.y[within].mean() >= density:
            return limits, np.flatnonzero(within)
    return None
