"""Expected flows of a pipeline without queues: a network of infinite servers.

Plans come at the yearly rates λ_v; a project passes a stage at its plan plus a lag X. Then the
expected number that has passed by the beginning of year b is (Eick, Massey & Whitt 1993, Operations
Research 41:731, doi:10.1287/opre.41.4.731)

    N(b) = Σ_v λ_v (H(b − v) − H(b − v − 1))        H(t) = E max(t − X, 0)

Lags are sums of lognormal times, put on a grid and convolved. Spending is even over construction:
its lag is the start's plus U times the construction time, U uniform. Amounts have lags under the
distribution tilted by size: a project's log size moves its log construction time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcore.arrays import Array
from simcore.pipeline_parameters import PipelineParameters

STEPS = 12  # of the grid a year


@dataclass(frozen=True)
class Moments:
    """Expected cumulated flows up to the beginning of every year and of the one behind the last.

    Shape (boundary, draw): numbers, or announced budgets (``_value``), or money spent.
    """

    years: tuple[int, ...]
    planned: Array
    signed: Array
    dropped_plan: Array
    dropped_contract: Array
    started: Array
    half_built: Array
    completed: Array
    abandoned: Array
    completed_value: Array
    abandoned_value: Array
    spent: Array
    mean_size: Array
    large_share: Array

    def of_years(self, cumulated: Array, years: tuple[int, ...]) -> Array:
        """Return the flow over some years in a row, (draw)."""
        first = years[0] - self.years[0]
        found: Array = cumulated[first + len(years)] - cumulated[first]
        return found

    def yearly(self, cumulated: Array) -> Array:
        """Return the flow of every year, (year, draw)."""
        return np.diff(cumulated, axis=0)

    @property
    def reserve(self) -> Array:
        """Announced budgets of projects planned and not yet commissioned, (boundary, draw)."""
        open_plans = self.planned - self.dropped_plan - self.dropped_contract
        return open_plans * self.mean_size - self.completed_value - self.abandoned_value

    @property
    def under_construction(self) -> Array:
        """Projects started and neither completed nor abandoned, (boundary, draw)."""
        return self.started - self.completed - self.abandoned


def moments(parameters: PipelineParameters) -> Moments:
    """Return the expected flows of a pipeline whose resources do not bind."""
    p = parameters
    passed = {kind: _cumulated(steps, p.rate) for kind, steps in _yearly_lags(p).items()}
    kept, built, gone = 1 - p.dropped_plan, 1 - p.dropped_building, p.dropped_building
    going = kept * (1 - p.dropped_contract)
    varying = p.size * np.exp(p.size_spread**2 / 2)

    def money(kind: str) -> Array:
        return p.smallest * passed[kind] + varying * passed[f"{kind}, by size"]

    return Moments(
        years=p.years,
        planned=np.vstack([np.zeros(p.draws), np.cumsum(p.rate, axis=0)]),
        signed=kept * passed["plan"],
        dropped_plan=p.dropped_plan * passed["plan"],
        dropped_contract=kept * p.dropped_contract * passed["start"],
        started=going * passed["start"],
        half_built=going * built * passed["half"],
        completed=going * built * passed["end"],
        abandoned=going * gone * passed["half"],
        completed_value=going * built * money("end"),
        abandoned_value=going * gone * money("half"),
        spent=going * p.realised * (built * money("spent") + gone * money("half spent") / 2),
        mean_size=p.smallest + varying,
        large_share=_large_share(p),
    )


def _large_share(p: PipelineParameters) -> Array:
    """Share of projects of at least the large size."""
    from scipy.special import ndtr

    distance = np.log(max(p.large - p.smallest, 1e-300) / p.size) / p.size_spread
    return np.asarray(ndtr(-distance))


@dataclass(frozen=True)
class _Lag:
    """A lognormal time of a mean (draw), on a grid."""

    grid: Array
    mean: Array
    spread: float

    def _logs(self, shift: float) -> tuple[Array, Array]:
        middle = np.log(self.mean) - self.spread**2 / 2
        points = np.log(self.grid[:, None] + shift)
        return points, middle[None, :]

    def below(self, shift: float) -> Array:
        """Probability that the time is at most a grid point plus ``shift``."""
        from scipy.special import ndtr

        points, middle = self._logs(shift)
        return np.asarray(ndtr((points - middle) / self.spread))

    def spread_evenly(self, shift: float) -> Array:
        """The same for a uniform part U of the time T: ``P(T ≤ x) + x E(1/T; T > x)``."""
        from scipy.special import ndtr

        points, middle = self._logs(shift)
        inverse = np.exp(-middle + self.spread**2 / 2)
        rest = ndtr((middle - self.spread**2 - points) / self.spread)
        return np.asarray(self.below(shift) + np.exp(points) * inverse * rest)


def _cells(below: Callable[[float], Array]) -> Array:
    """Probabilities of the cells around the grid points, (point, draw)."""
    return np.diff(below(0.5 / STEPS), axis=0, prepend=0.0)


def _yearly_lags(p: PipelineParameters) -> dict[str, Array]:
    """Shares of a year's plans that pass each stage in the years after, (year, draw).

    Draws with the same times share them: fits move one unknown at a time.
    """
    times = np.array([p.planning, p.preparation, p.construction, p.size_spread])
    _, first, place = np.unique(times, axis=1, return_index=True, return_inverse=True)
    planning, preparation, construction, size_spread = times[:, first]
    count = len(p.years)
    grid = np.arange(count * STEPS) / STEPS
    spread = float(np.hypot(p.construction_spread, p.size_effect))
    plan = _transform(_cells(_Lag(grid, planning, p.planning_spread).below))
    start = plan * _transform(_cells(_Lag(grid, preparation, p.preparation_spread).below))
    lags = {"plan": plan, "start": start}
    # weighted with size, the log construction time is longer by this
    tilt = np.exp(size_spread * p.size_effect)
    for mark, mean in (("", construction), (", by size", construction * tilt)):
        whole, half = _Lag(grid, mean, spread), _Lag(grid, mean / 2, spread)
        lags[f"end{mark}"] = start * _transform(_cells(whole.below))
        lags[f"half{mark}"] = start * _transform(_cells(half.below))
        lags[f"spent{mark}"] = start * _transform(_cells(whole.spread_evenly))
        lags[f"half spent{mark}"] = start * _transform(_cells(half.spread_evenly))
    ages = np.arange(count + 1)[:, None]
    waiting = np.maximum(ages - grid[None, :], 0.0)
    found = {}
    for kind, lag in lags.items():
        waited = waiting @ np.fft.irfft(lag, 2 * len(grid), axis=0)[: len(grid)]
        found[kind] = np.diff(waited, axis=0)[:, place.ravel()]  # H at whole years, by year
    return found


def _transform(cells: Array) -> NDArray[np.complex128]:
    return np.asarray(np.fft.rfft(cells, 2 * len(cells), axis=0), dtype=np.complex128)


def _cumulated(steps: Array, rate: Array) -> Array:
    """Expected number that has passed by each boundary, (boundary, draw)."""
    count = len(rate)
    found = np.zeros((count + 1, rate.shape[1]))
    for year in range(count):
        found[year + 1 :] += rate[year] * steps[: count - year]
    return found
