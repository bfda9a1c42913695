"""What a sampler needs of a posterior: its directions and its dimensions, by their influence.

Sobol' points are most even in their first dimensions. So the normals of the past are turned until
a few of them carry all that moves the headline (ln GDP of each zone in the years of its plans, to
first order), and dimensions are handed out in this order: directions of the past and parameters
that matter, by influence; the shocks that all activities share, year by year; all the rest.

References
----------
Imai & Tan (2006), A general dimension reduction technique for derivative pricing, Journal of
Computational Finance 10:129, doi:10.21314/JCF.2006.143.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simcore.arrays import Array
from simcore.headline import Headline
from simcore.posterior import Posterior
from simcore.samplers import PAST, Kind, Sampler

MATTERS = 0.01  # of the largest influence: what has less comes after the shocks
SHOCK_YEARS = 16  # whose shocks have dimensions; those of later years are independent numbers


@dataclass(frozen=True)
class Drawing:
    """How members are drawn: a covariance factor of the posterior, and the sampler."""

    factor: Array
    sampler: Sampler

    def posterior(self, posterior: Posterior) -> Posterior:
        """Return the posterior with the factor: the same distribution, other directions."""
        same = self.factor is posterior.factor
        return posterior if same else replace(posterior, factor=self.factor)


def drawing(posterior: Posterior, kind: Kind) -> Drawing:
    """Return how a sampler draws from a posterior; only ``sobol`` turns its directions."""
    if kind != "sobol":
        return Drawing(posterior.factor, Sampler(kind))
    headline = Headline.of(posterior)
    past, parameters = headline.gradient
    count = len(posterior.mean)
    effect = (past @ posterior.factor).reshape(-1, count)
    _, sizes, rows = np.linalg.svd(effect, full_matrices=False)
    turned = np.linalg.qr(rows.T, mode="complete")[0]
    influence = {(PAST, row): size for row, size in enumerate(sizes.tolist())}
    own = np.sqrt((parameters**2).sum(axis=(0, 1)))
    influence |= {(name, 0): s for name, s in zip(headline.parameters, own.tolist(), strict=True)}
    return Drawing(posterior.factor @ turned, Sampler(kind, _places(posterior, influence)))


def _places(
    posterior: Posterior, influence: dict[tuple[str, int], float]
) -> dict[str, tuple[int, ...]]:
    """Return the dimensions of the rows of every name."""
    largest = max(influence.values())
    ranked = sorted(influence, key=lambda key: -influence[key])
    first = [key for key in ranked if influence[key] >= MATTERS * largest]
    order = dict.fromkeys([*first, *_shocks(posterior), *ranked, *_rest(posterior)])
    found: dict[str, dict[int, int]] = {}
    for dimension, (name, row) in enumerate(order):
        found.setdefault(name, {})[row] = dimension
    return {name: tuple(rows[row] for row in range(len(rows))) for name, rows in found.items()}


def _shocks(posterior: Posterior) -> Iterator[tuple[str, int]]:
    """Shocks that all activities share, year by year."""
    own = [f"shock.zone.{zone}" for zone in posterior.problem.past.baseline.zones]
    names = ("shock.nation", "shock.city", *own, "crisis.occurrence", "crisis.size")
    for year in range(SHOCK_YEARS):
        yield from ((name, year) for name in names)


def _rest(posterior: Posterior) -> Iterator[tuple[str, int]]:
    """Directions of the past that move no headline, and the rates and levels of satellites."""
    yield from ((PAST, row) for row in range(len(posterior.mean)))
    past = posterior.problem.past
    for name, satellite in past.satellites.equations.items():
        for zone in past.baseline.zones:
            key = f"satellite.{name}.{zone}"
            yield f"{key}.level", 0
            yield from ((f"{key}.rates", row) for row in range(1 + len(satellite.drivers)))
