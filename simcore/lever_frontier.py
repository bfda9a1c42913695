"""Two levers for one goal: how much of the one saves how much of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcore.errors import InputError
from simcore.goal_seek import FEW, Ensemble, Question, Solution
from simcore.instruments import Instrument, instrument_of
from simcore.labels import say
from simcore.plan import Precision
from simcore.samplers import Kind

POINTS = 6


@dataclass(frozen=True)
class Point:
    """A value of the first lever, and the least of the second that the goal then takes.

    The answer's cost is that of both levers.
    """

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

    @property
    def cheapest(self) -> Point | None:
        """The pair with the lowest cost; None where no pair does it, or a lever has no cost."""
        able = [
            (point.answer.cost.mean, place)
            for place, point in enumerate(self.points)
            if point.answer.feasible and point.answer.cost is not None
        ]
        return self.points[min(able)[1]] if able else None


def frontier(
    target: str,
    probability: float | str,
    instruments: tuple[str, str],
    *,
    base: str = "baseline",
    settings: Sequence[str] = (),
    discount: float | str | None = None,
    draws: int = FEW,
    seed: int | None = None,
    sampler: Kind | None = None,
    precision: Precision = "double",
) -> Frontier:
    """Find the smallest value of a second lever for each of several values of a first.

    The first goes in `POINTS` equal steps from no change, or from the low end of its range where it
    has no such value, to what the goal takes of it alone, or to the far end if nothing does. All
    runs share their random numbers.

    Parameters
    ----------
    target, probability : the goal and how likely it must be, as of `simcore.goal_seek.solve`
    instruments : the first lever and the second
    base, settings : the scenario that they are laid on
    discount : real discount rate of their costs; the calibration's by default
    draws, seed, sampler, precision : of the ensemble, as of a run

    Returns
    -------
    The pairs, and which is the cheapest. Raises `InputError` for what cannot be asked.
    """
    ensemble = Ensemble(draws, seed, sampler, precision)
    question = Question.of(target, probability, base, settings, ensemble, discount)
    first, second = (instrument_of(name, question.baseline) for name in instruments)
    if first.name == second.name:
        raise InputError(say("a frontier is of two instruments, not twice {name}", name=first.name))
    alone = question.answer(first)
    far = first.low if first.kind.falls else first.high
    last, step = alone.value if alone.feasible else far, first.kind.step
    grid = np.unique(np.round(np.linspace(first.kind.start, last, POINTS) / step)) * step
    points = []
    for value in (round(float(value), 10) for value in grid):
        setting = question.setting(first, value)
        points.append(
            Point(value, setting, question.answer(second, beside=[setting], others=[first]))
        )
    return Frontier(first, second, alone, tuple(points))
