"""The members of the ensemble: the past, parameters and shocks of a block of draws.

Members are the same for every scenario; a scenario that changes the distribution of a parameter
maps the same normals to another distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from simcore import sampling
from simcore.arrays import Array
from simcore.correlations import ACTIVITY_PARAMETER, Mixture
from simcore.history import History, Past
from simcore.posterior import Posterior
from simcore.priors import Distribution
from simcore.samplers import PAST, Sampler

Value = TypeVar("Value")

ENSEMBLE = "centre:"  # prefix of the streams of the fixed ensemble that solves a centre closure


@dataclass(frozen=True)
class Members:
    """One block of draws: their past, and the numbers behind everything still to come."""

    posterior: Posterior
    seed: int
    block: int
    prefix: str = ""
    draws: int = sampling.BLOCK
    """draws of a block; those of block b begin with draw b times this"""
    single: bool = False
    """whether shocks and projection are computed in single precision; the past never is"""
    sampler: Sampler = Sampler()
    memory: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def remember(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Compute what is the same for every scenario once; not to be changed in place."""
        if key not in self.memory:
            self.memory[key] = compute()
        found: Value = self.memory[key]
        return found

    @property
    def past(self) -> Past:
        """What the documents leave fixed."""
        return self.posterior.problem.past

    @cached_property
    def history(self) -> History:
        """The past of every draw."""
        return self.posterior.problem.history(self._tiled(self._latent))

    def _latent(self, tile: int) -> Array:
        """Return the unknowns of a whole tile, whose bits depend on its being whole."""
        name, rows, seed = self.prefix + PAST, len(self.posterior.mean), self.seed_of(PAST)
        return self.posterior.latent_of(
            (seed, name, self.sampler.kind, tile),
            lambda: self.sampler.normals(seed, name, tile, rows),
        )

    def seed_of(self, name: str) -> int:
        """Return the seed of a name's random numbers."""
        return self.seed

    def _tiled(self, compute: Callable[[int], Array]) -> Array:
        return sampling.tiled(self.block, self.draws, compute)

    def normals(self, name: str, rows: int) -> Array:
        """Return the standard normals (row, draw) of a name."""
        key, seed = self.prefix + name, self.seed_of(name)
        return self._tiled(lambda tile: self.sampler.normals(seed, key, tile, rows))

    def uniforms(self, name: str, rows: int) -> Array:
        """Return the uniform numbers (row, draw) of a name."""
        key, seed = self.prefix + name, self.seed_of(name)
        return self._tiled(lambda tile: self.sampler.uniforms(seed, key, tile, rows))

    def students(self, name: str, rows: int) -> Array:
        """Return the Student t numbers (row, draw) of a name, unit variance."""
        degrees = self.past.priors.shocks.degrees_of_freedom
        key, seed = self.prefix + name, self.seed_of(name)
        return self._tiled(lambda tile: self.sampler.students(seed, key, tile, rows, degrees))

    def parameter(
        self, name: str, *, zone: str | None = None, override: Distribution | None = None
    ) -> Array:
        """Return the draws of a parameter, by its prior or by a scenario's distribution."""
        key = f"{name}.{zone}" if zone else name

        def compute() -> Array:
            distribution = override or self.past.priors.distribution(name, zone)
            return distribution.from_standard(self._standard(key))

        return self.remember(("parameter", key, override), compute)

    def _standard(self, name: str) -> Array:
        """Return the standard normals (draw) of a parameter, correlated as the priors say."""
        own: Mixture = ((name, 1.0),)
        mixture = self.past.priors.mixtures.get(name, own)
        parts = [w * self.normals(f"parameter.{n}", 1)[0] for n, w in mixture]
        return np.asarray(sum(parts[1:], parts[0]))

    def capital_elasticity(self, override: Distribution | None = None) -> Array:
        """α of each activity, (activity, draw): half aggregate, half income share, and noise.

        Kept within 0.05 and 0.95.
        """
        key = ("capital_elasticity_of_activities", override)
        return self.remember(key, lambda: self._capital_elasticity(override))

    def _capital_elasticity(self, override: Distribution | None) -> Array:
        aggregate = self.parameter("capital_elasticity", override=override)
        priors = self.past.priors
        noise = priors.distribution(ACTIVITY_PARAMETER)
        income, normals = [], []
        for activity in self.past.baseline.activities:
            key = f"{ACTIVITY_PARAMETER}.{activity.zone}.{activity.industry}"
            normals.append(self._standard(key))
            income.append(priors.activities[activity.zone][activity.industry].income_share)
        centre = (aggregate + np.array(income)[:, None]) / 2
        return np.clip(centre + noise.from_standard(np.array(normals)), 0.05, 0.95)

    def deflator_change(self, years: int, inflation: Array) -> Array:
        """Log change of each zone's deflator in the projected years, (zone, year, draw).

        ``inflation`` : (year) the scenario's mean change, NaN where the draw's own holds.
        """
        key = ("deflator_change", years, inflation.tobytes())
        return self.remember(key, lambda: self._deflator_change(years, inflation))

    def _deflator_change(self, years: int, inflation: Array) -> Array:
        priors = self.past.priors
        mean = np.where(
            np.isnan(inflation)[:, None],
            self.history.values["deflator_mean"],
            np.log1p(inflation)[:, None],
        )
        common = priors.distribution("deflator_common")
        own = priors.distribution("deflator_own")
        shared = common.from_standard(self.normals("deflator_common", years))
        return np.array(
            [
                mean + shared + own.from_standard(self.normals(f"deflator_own.{zone}", years))
                for zone in self.past.baseline.zones
            ]
        )

    def revision_factor(self, years: Sequence[int]) -> Array:
        """Published over current-basis GDP, (zone, year, draw), NaN before the last printed level.

        The figure of year t is published in t + 1. Revisions cumulate between the zone's last
        publication and that year; an economic census enters when it has been published by the
        end of year t.
        """
        key = ("revision_factor", tuple(years))
        return self.remember(key, lambda: self._revision_factor(years))

    def _revision_factor(self, years: Sequence[int]) -> Array:
        baseline, priors = self.past.baseline, self.past.priors
        walk = priors.distribution("revision")
        census = priors.distribution("census_revision")
        factor = np.full((len(baseline.zones), len(years), self.draws), np.nan)
        for row, zone in enumerate(baseline.zones):
            published = baseline.published(baseline.gdp_levels(zone)[-1])
            known = baseline.last_documented_year(zone)
            steps = walk.from_standard(self.normals(f"revision.{zone}", years[-1] - known))
            total = np.cumsum(np.vstack([np.zeros((1, self.draws)), steps]), axis=0)
            for place, year in enumerate(years):
                if year >= known:
                    factor[row, place] = total[max(year + 1 - published, 0)]
            for issue in priors.censuses:
                change = census.from_standard(self.normals(f"census.{zone}.{issue}", 1)[0])
                later = [p for p, year in enumerate(years) if year >= max(issue, known)]
                if issue >= published and issue > known:
                    factor[row, later] += np.log1p(change)
        return np.exp(factor)
