"""Two levers for one goal: how much of the one saves how much of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcore.errors import InputError
from simcore.goal_seek import Ensemble, Question, Solution
from simcore.instruments import STEP, Instrument, instrument_of
from simcore.labels import say

DRAWS = 1024  # of each of some sixty runs
POINTS = 6


@dataclass(frozen=True)
class Point:
    """A value of the first lever, and the least of the second that the goal then takes."""

    value: float
    setting: str
    answer: Solution


@dataclass(frozen=True)
class Frontier:
    """Pairs of values of two levers that give a goal the same probability.

    ``alone`` : what the goal takes of the first lever where the second stays as it is.
    """

    first: Instrument
    second: Instrument
    alone: Solution
    points: tuple[Point, ...]


def frontier(
    target: str,
    probability: float | str,
    instruments: tuple[str, str],
    *,
    base: str = "baseline",
    settings: Sequence[str] = (),
    draws: int = DRAWS,
    seed: int | None = None,
) -> Frontier:
    """Find the smallest value of a second lever for each of several values of a first.

    The first goes in `POINTS` equal steps from no change, or from the low end of its range where it
    has no such value, to what the goal takes of it alone, or to the high end if nothing does. All
    runs share their random numbers; see `solve`.
    """
    question = Question.of(target, probability, base, settings, Ensemble(draws, seed))
    first, second = (instrument_of(name, question.baseline) for name in instruments)
    if first == second:
        raise InputError(say("a frontier is of two instruments, not twice {name}", name=first.name))
    alone = question.answer(first)
    last = alone.value if alone.feasible else first.high
    grid = np.unique(np.round(np.linspace(first.kind.start, last, POINTS) / STEP)) * STEP
    points = []
    for value in (round(float(value), 10) for value in grid):
        setting = question.setting(first, value)
        points.append(Point(value, setting, question.answer(second, [setting])))
    return Frontier(first, second, alone, tuple(points))
