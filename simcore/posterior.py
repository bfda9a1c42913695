"""What the documents leave of the past: the reconciliation's problem, and draws of histories.

Draws are moved onto the figures (`simcore.laplace`), so that every member of the ensemble
reproduces the printed ones within their rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simcore.arrays import Array
from simcore.history import History, Past
from simcore.laplace import Laplace, slopes
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
        return slopes(self.misfit, latent, step)


@dataclass(frozen=True)
class Posterior(Laplace[Problem]):
    """What the documents leave of the past; draws of the unknowns become histories.

    ``fingerprint`` names the calibration and code that it was computed from.
    """

    fingerprint: str
    kept: dict[Hashable, Array] = field(init=False, default_factory=dict, compare=False, repr=False)

    def draw(self, normal: Array) -> History:
        """Return the past of draws: standard normals (unknown, draw) in, history out."""
        return self.problem.history(self.latent(normal))

    def latent_of(self, key: Hashable, normal: Callable[[], Array]) -> Array:
        """Return the unknowns of the draws that ``key`` names, as `latent`; the last are kept."""
        found = self.kept.get(key)
        if found is None:
            found = self.latent(normal())
            for old in list(self.kept)[: 1 - KEPT]:
                self.kept.pop(old, None)
            self.kept[key] = found
        return found
