"""The smallest value of a lever that brings a goal its probability, on fixed draws.

P(X ≥ c) ≥ p holds exactly where the ⌈p n⌉-th largest of n values of X reaches c. Its gap to c,
unlike the probability, has no steps; Brent's method finds where it vanishes.

References
----------
Brent (1973), Algorithms for Minimization without Derivatives, chapter 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simcore.arrays import Array, Mask
from simcore.instruments import Kind

NUDGES = 5  # steps by which the value is moved to the last one that does it

Past = Callable[[float], Array]
"""By how much each draw is past the goal under a value of the lever, (draw)."""


@dataclass(frozen=True)
class Trial:
    """A value of the instrument and the probability that the goal then has."""

    value: float
    probability: float


@dataclass
class Search:
    """Looks for the value of a lever, each value being tried once.

    ``past`` gives by how much the draws are past the goal, relative to it. Of a lever of which less
    serves the goal, the largest value that does it is looked for.
    """

    past: Past
    wanted: float
    kind: Kind
    tried: dict[float, Mask] = field(default_factory=dict)
    gaps: dict[float, float] = field(default_factory=dict)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Everything that was tried, by value."""
        return tuple(Trial(value, float(met.mean())) for value, met in sorted(self.tried.items()))

    def found(self, low: float, high: float) -> tuple[float, bool]:
        """Return the value that does it, to a step; or the best of those tried, and False.

        The effect is taken to be monotone: a range whose ends both miss is looked at in its middle,
        and left. The best has the highest probability; of equals, it comes closest to the goal.
        """
        sign = -1.0 if self.kind.falls else 1.0

        def gap(effort: float) -> float:
            return self.gap(sign * effort + 0.0)

        value, feasible = self._least(gap, *sorted((sign * low, sign * high)))
        return round(sign * value, 10) + 0.0, feasible

    def _least(
        self, gap: Callable[[float], float], low: float, high: float
    ) -> tuple[float, bool]:  # fmt: skip
        """Return the least effort that does it: the value, or minus the value where it falls."""
        from scipy.optimize import brentq

        step = self.kind.step
        if self.kind.coarse and low < 0 < high:  # what is there already costs no replications
            low, high = (low, 0.0) if gap(0.0) >= 0 else (0.0, high)
        if gap(low) >= 0:
            return low, True
        if gap(high) < 0:
            middle = self._grid((low + high) / 2) if self.kind.coarse else (low + high) / 2
            if gap(middle) < 0:
                best = max(self.tried, key=self._rank)
                return (-best if self.kind.falls else best), False
            high = middle
        if self.kind.coarse:
            return self._between(gap, low, high), True
        root = float(brentq(gap, low, high, xtol=step / 2, rtol=1e-6))
        value = min(round(math.ceil(root / step - 1e-6) * step, 10), high)
        for _ in range(NUDGES):
            if gap(value) >= 0:
                break
            value = min(round(value + step, 10), high)
        for _ in range(NUDGES):
            below = round(value - step, 10)
            if below < low or gap(below) < 0:
                break
            value = below
        return value, gap(value) >= 0

    def _between(self, gap: Callable[[float], float], low: float, high: float) -> float:
        """Return the first value of the grid that does it, between one that misses and one.

        By secants, and by halves where an end stays twice: few values are tried, each is costly.
        """
        stays = 0  # how often in a row the low end stays, below zero the high one
        while high - low > 1.5 * self.kind.step:
            share = gap(low) / (gap(low) - gap(high)) if abs(stays) < 2 else 0.5
            inner = self._grid(low + share * (high - low))
            inner = min(max(inner, self._grid(low + self.kind.step)),
                        self._grid(high - self.kind.step))  # fmt: skip
            reached = gap(inner) >= 0
            stays = max(stays, 0) + 1 if reached else min(stays, 0) - 1
            low, high = (low, inner) if reached else (inner, high)
        return high

    def _grid(self, value: float) -> float:
        return round(round(value / self.kind.step) * self.kind.step, 10)

    def _rank(self, value: float) -> tuple[float, float, float]:
        effort = -value if self.kind.falls else value
        return float(self.tried[value].mean()), self.gaps[value], -effort

    def gap(self, value: float) -> float:
        """How far the deciding draw is past the goal, relative to it; negative where it misses."""
        value = round(value, 10) + 0.0  # as it is written and looked up
        if value not in self.gaps:
            past = self.past(value)
            self.tried[value] = past >= 0
            needed = math.ceil(self.wanted * len(past) - 1e-9)
            decisive = float(np.partition(past, len(past) - needed)[len(past) - needed])
            self.gaps[value] = max(decisive, -1e6)
        return self.gaps[value]
