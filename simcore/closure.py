"""Closures: what gives way when growth is fixed.

A neutral factor on value added, the same for every activity it reaches, makes the pinned growth
true; it is kept afterwards. Under ``set`` it is found in every draw; under ``centre`` it is one
number for all draws, found on a fixed ensemble so that the mean growth meets the target.
"""

from __future__ import annotations

import numpy as np

from simcore.arrays import Array
from simcore.causes import said_cause
from simcore.errors import InputError
from simcore.labels import say

EXCEEDED = "the pinned industries alone exceed the pinned GDP"


def zone_factor(target: Array | float, last: Array, pinned: Array, free: Array) -> Array:
    """Return the factor on a zone's free activities that gives GDP growth its target in every draw.

    ``F = ((1 + g) GDP_t−1 − Y_pinned) / Y_free``, (draw); not positive where the pinned
    activities alone exceed the target.

    >>> zone_factor(0.05, np.array([100.0]), np.array([50.0]), np.array([50.0]))
    array([1.1])
    """
    return ((1.0 + target) * last - pinned) / free


def centred_factor(target: float, last: Array, pinned: Array, free: Array) -> float:
    """Return the factor that gives mean growth over draws its target.

    ``F = (1 + g − mean(Y_pinned / GDP_t−1)) / mean(Y_free / GDP_t−1)``: growth is linear in F.

    >>> centred_factor(0.05, np.array([100.0, 100.0]), np.zeros(2), np.array([100.0, 110.0]))
    1.0
    """
    return float((1.0 + target - np.mean(pinned / last)) / np.mean(free / last))


def refuse_impossible(left: Array | float, cause: str, zone: str, year: int) -> None:
    """Raise `InputError` if what a scenario fixes leaves nothing for the rest of a zone."""
    impossible = np.asarray(left) <= 0
    if impossible.any():
        raise InputError(say(
            "{place}: {cause} in {share:.1f} % of the draws",
            place=f"{zone}, {year}", cause=said_cause(cause), share=100 * float(impossible.mean()),
        ))  # fmt: skip


def nothing_left(what: str) -> str:
    """Say that shares which were shifted leave nothing for the rest of their zone."""
    return f"the shifted {what} shares leave nothing for the other industries"
