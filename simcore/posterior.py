"""What the documents leave: the unknowns' mean and covariance, and draws of the past from them.

The covariance is Laplace's: exact where the model is linear. Draws follow it, and are then moved
by the least change, in prior standard deviations, that gives each figure its linearised value,
so that every member of the ensemble reproduces the printed figures within their rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simcore.arrays import Array
from simcore.correction import Correction
from simcore.history import History, Past
from simcore.observe import Observation, observations
from simcore.unknowns import Scales, Unknown, list_unknowns

KEPT = 2  # tiles of draws that are kept for the blocks that share them


@dataclass(frozen=True)
class Problem:
    """The reconciliation's problem: unknowns, and the figures that speak of them."""

    past: Past
    unknowns: tuple[Unknown, ...]
    observations: tuple[Observation, ...]
    unused: dict[str, str]

    @classmethod
    def of(cls, past: Past) -> Problem:
        """Set up the problem of a baseline and its priors."""
        used, unused = observations(past)
        unknowns = list_unknowns(past.baseline, past.priors, [o.figure for o in used])
        return cls(past, tuple(unknowns), tuple(used), unused)

    @cached_property
    def scales(self) -> Scales:
        """The unknowns' distributions."""
        return Scales(self.unknowns)

    @cached_property
    def figure_years(self) -> tuple[int, ...]:
        """The last years of the figures: those in which their operators read the structure."""
        return tuple(sorted({o.figure.year for o in self.observations if o.figure.year}))

    def history(self, latent: Array) -> History:
        """Return the past of latent draws (unknown, draw)."""
        return self.past.history(self.scales.values(latent))

    def misfit(self, latent: Array) -> Array:
        """(model − figure)/σ of every figure, (figure, draw)."""
        past = self.past.history(self.scales.values(latent), self.figure_years)
        misfit = np.empty((len(self.observations), latent.shape[1]))
        for row, observation in enumerate(self.observations):
            misfit[row] = observation.residual(past)
        return misfit

    def jacobian(self, latent: Array, step: float = 1e-5) -> Array:
        """Central differences of the misfit at one point (unknown), (figure, unknown)."""
        count = len(latent)
        shifts = step * np.eye(count)
        moved = self.misfit(latent[:, None] + np.hstack([shifts, -shifts]))
        return np.asarray((moved[:, :count] - moved[:, count:]) / (2 * step))


@dataclass(frozen=True)
class Posterior:
    """Mean (unknown) and covariance factor (unknown, unknown) in prior standard deviations.

    ``misfit`` and ``jacobian`` are those of the figures at the mean; ``fingerprint`` names the
    calibration and code that they were computed from.
    """

    problem: Problem
    mean: Array
    factor: Array
    misfit: Array
    jacobian: Array
    fingerprint: str
    kept: dict[Hashable, Array] = field(init=False, default_factory=dict, compare=False, repr=False)

    @property
    def deviation(self) -> Array:
        """Posterior over prior standard deviation of each unknown."""
        return np.asarray(np.sqrt((self.factor**2).sum(axis=1)))

    def draw(self, normal: Array) -> History:
        """Return the past of draws: standard normals (unknown, draw) in, history out."""
        return self.problem.history(self.latent(normal))

    @cached_property
    def correction(self) -> Correction:
        """Least changes of the unknowns that move the figures."""
        return Correction(self.jacobian)

    def latent_of(self, key: Hashable, normal: Callable[[], Array]) -> Array:
        """Return the unknowns of the draws that ``key`` names, as `latent`; the last are kept."""
        found = self.kept.get(key)
        if found is None:
            found = self.latent(normal())
            for old in list(self.kept)[: 1 - KEPT]:
                self.kept.pop(old, None)
            self.kept[key] = found
        return found

    def latent(self, normal: Array) -> Array:
        """Return the unknowns of draws in prior standard deviations, (unknown, draw).

        Every figure has the value that the linear model has in the draw.
        """
        deviation = self.factor @ normal
        linear = self.misfit[:, None] + self.jacobian @ deviation
        return self.correction.corrected(
            self.mean[:, None] + deviation, linear, self.problem.misfit
        )


def laplace(problem: Problem, mean: Array, fingerprint: str) -> Posterior:
    """Build the posterior at a mode: covariance ``(I + JᵀJ)⁻¹`` of the latent normals."""
    jacobian = problem.jacobian(mean)
    precision = np.eye(len(mean)) + jacobian.T @ jacobian
    covariance = np.linalg.inv(precision)
    factor = np.asarray(np.linalg.cholesky((covariance + covariance.T) / 2), dtype=np.float64)
    misfit = problem.misfit(mean[:, None])[:, 0]
    return Posterior(problem, mean, factor, misfit, jacobian, fingerprint)
