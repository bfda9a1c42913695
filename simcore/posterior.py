"""What the documents leave: the unknowns' mean and covariance, and draws of the past from them.

The covariance is Laplace's: exact where the model is linear. Draws follow it, and are then moved
by the least change, in prior standard deviations, that gives each figure its linearised value,
so that every member of the ensemble reproduces the printed figures within their rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simcore.arrays import Array
from simcore.history import History, Past
from simcore.observe import Observation, observations
from simcore.unknowns import Unknown, list_unknowns, values_of

CORRECTIONS = 8  # fixed-gain steps at most
CORRECTED = 1.0  # a draw is left alone once its figures were this near, in σ of their rounding


class Misfits(Protocol):
    """Unknowns, and how far what they give is from the figures."""

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """The unknowns, one latent normal each."""

    def misfit(self, latent: Array) -> Array:
        """(model − figure)/σ of every figure, (figure, draw)."""

    def jacobian(self, latent: Array) -> Array:
        """Slopes of the misfit at one point (unknown), (figure, unknown)."""


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

    def history(self, latent: Array) -> History:
        """Return the past of latent draws (unknown, draw)."""
        return self.past.history(values_of(self.unknowns, latent))

    def misfit(self, latent: Array) -> Array:
        """(model − figure)/σ of every figure, (figure, draw)."""
        past = self.history(latent)
        draws = latent.shape[1]
        rows = [np.broadcast_to(o.residual(past), (draws,)) for o in self.observations]
        return np.array(rows)

    def jacobian(self, latent: Array, step: float = 1e-5) -> Array:
        """Central differences of the misfit at one point (unknown), (figure, unknown)."""
        return slopes(self.misfit, latent, step)


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

    @property
    def deviation(self) -> Array:
        """Posterior over prior standard deviation of each unknown."""
        return np.asarray(np.sqrt((self.factor**2).sum(axis=1)))

    def draw(self, normal: Array) -> History:
        """Return the past of draws: standard normals (unknown, draw) in, history out."""
        return self.problem.history(self.latent(normal))

    def latent(self, normal: Array) -> Array:
        """Return the unknowns of draws in prior standard deviations, (unknown, draw)."""
        latent = self.mean[:, None] + self.factor @ normal
        linear = self.misfit[:, None] + self.jacobian @ (latent - self.mean[:, None])
        return corrected(self.problem, self.jacobian, latent, linear)


def slopes(misfit: Callable[[Array], Array], latent: Array, step: float = 1e-5) -> Array:
    """Central differences of a misfit at one point (unknown), (figure, unknown)."""
    count = len(latent)
    shifts = step * np.eye(count)
    moved = misfit(latent[:, None] + np.hstack([shifts, -shifts]))
    return np.asarray((moved[:, :count] - moved[:, count:]) / (2 * step))


def corrected(problem: Misfits, jacobian: Array, latent: Array, linear: Array) -> Array:
    """Give every figure the value (figure, draw) that the linear model has in this draw."""
    gain = jacobian.T @ np.linalg.inv(jacobian @ jacobian.T + np.eye(len(jacobian)))
    moving = np.arange(latent.shape[1])
    for _ in range(CORRECTIONS):
        gap = problem.misfit(latent[:, moving]) - linear[:, moving]
        latent[:, moving] -= gain @ gap
        moving = moving[np.abs(gap).max(axis=0) > CORRECTED]
        if not len(moving):
            break
    return latent


def covariance_factor(jacobian: Array) -> Array:
    """Return the factor of Laplace's covariance ``(I + JᵀJ)⁻¹`` of the latent normals."""
    precision = np.eye(jacobian.shape[1]) + jacobian.T @ jacobian
    covariance = np.linalg.inv(precision)
    return np.asarray(np.linalg.cholesky((covariance + covariance.T) / 2), dtype=np.float64)


def laplace(problem: Problem, mean: Array, fingerprint: str) -> Posterior:
    """Build the posterior at a mode: covariance ``(I + JᵀJ)⁻¹`` of the latent normals."""
    jacobian = problem.jacobian(mean)
    misfit = problem.misfit(mean[:, None])[:, 0]
    return Posterior(problem, mean, covariance_factor(jacobian), misfit, jacobian, fingerprint)
