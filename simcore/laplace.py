"""What figures leave of unknowns: the mean and covariance, and draws from them.

The covariance is Laplace's: exact where the model is linear. Draws follow it, and are then moved
by the least change, in prior standard deviations, that gives each figure its linearised value.
The reconciliation of the past, the pipeline of projects and the ladder of firms are such problems.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np

from simcore.arrays import Array
from simcore.correction import Correction
from simcore.unknowns import Unknown


class Misfits(Protocol):
    """Unknowns, and how far what they give is from the figures."""

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """The unknowns, one latent normal each."""

    def misfit(self, latent: Array) -> Array:
        """(model − figure)/σ of every figure, (figure, draw)."""

    def jacobian(self, latent: Array) -> Array:
        """Slopes of the misfit at one point (unknown), (figure, unknown)."""


P = TypeVar("P", bound=Misfits)


@dataclass(frozen=True)
class Laplace(Generic[P]):
    """Mean (unknown) and covariance factor (unknown, unknown) in prior standard deviations.

    ``misfit`` and ``jacobian`` are those of the figures at the mean.
    """

    problem: P
    mean: Array
    factor: Array
    misfit: Array
    jacobian: Array

    @classmethod
    def at(cls, problem: P, mean: Array, **own: Any) -> Self:
        """Return what figures leave of a problem around its mode; ``own`` : a subclass's fields."""
        jacobian = problem.jacobian(mean)
        misfit = problem.misfit(mean[:, None])[:, 0]
        return cls(problem, mean, covariance_factor(jacobian), misfit, jacobian, **own)

    @property
    def deviation(self) -> Array:
        """Posterior over prior standard deviation of each unknown."""
        return np.asarray(np.sqrt((self.factor**2).sum(axis=1)))

    @cached_property
    def correction(self) -> Correction:
        """Least changes of the unknowns that move the figures."""
        return Correction(self.jacobian)

    def latent(self, normal: Array) -> Array:
        """Return the unknowns of draws in prior standard deviations, (unknown, draw).

        Every figure has the value that the linear model has in the draw.
        """
        deviation = self.factor @ normal
        linear = self.misfit[:, None] + self.jacobian @ deviation
        return self.correction.corrected(
            self.mean[:, None] + deviation, linear, self.problem.misfit
        )


def slopes(misfit: Callable[[Array], Array], latent: Array, step: float = 1e-5) -> Array:
    """Central differences of a misfit at one point (unknown), (figure, unknown)."""
    count = len(latent)
    shifts = step * np.eye(count)
    moved = misfit(latent[:, None] + np.hstack([shifts, -shifts]))
    return np.asarray((moved[:, :count] - moved[:, count:]) / (2 * step))


def covariance_factor(jacobian: Array) -> Array:
    """Return the factor of Laplace's covariance ``(I + JᵀJ)⁻¹`` of the latent normals."""
    precision = np.eye(jacobian.shape[1]) + jacobian.T @ jacobian
    covariance = np.linalg.inv(precision)
    return np.asarray(np.linalg.cholesky((covariance + covariance.T) / 2), dtype=np.float64)
