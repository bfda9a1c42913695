"""The firms of a block of draws: unknowns, rates and counts, under levers and drivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from simcore import sampling
from simcore.arrays import Array
from simcore.ladder import Counts, Ladder, Rates, simulate
from simcore.ladder_priors import KINDS
from simcore.ladder_problem import FirmPosterior
from simcore.unknowns import Values

Factors = Mapping[str, Array]
"""By kind of rate, ``entry``, ``promotion``, ``demotion``, ``exit``: factors (year, draw or 1)."""


@dataclass(frozen=True)
class FirmLevers:
    """Factors on the rates of a zone by year, of the years after its first, each (year).

    ``entry`` multiplies new firms, ``promotion`` and ``exit`` the hazards of that kind;
    ``support``, by rung, multiplies the promotions of its firms and divides their demotions and
    exits. Ones move nothing.
    """

    entry: Array
    promotion: Array
    exit: Array
    support: Mapping[str, Array] = field(default_factory=dict)

    @classmethod
    def constant(
        cls, years: int, after: int, *, entry: float = 1.0, promotion: float = 1.0
    ) -> FirmLevers:
        """Return factors that bind after a number of the years, ones before."""
        later = np.arange(years) >= after
        return cls(np.where(later, entry, 1.0), np.where(later, promotion, 1.0), np.ones(years))


@dataclass(frozen=True)
class Drivers:
    """R&D spending and growth of a zone beyond its reference path, of the years after its first.

    ``rnd`` : ln(R / R*), ``growth`` : g − g* [log points], each (year, draw). Zero moves nothing.
    """

    rnd: Array
    growth: Array


@dataclass(frozen=True)
class FirmMembers:
    """One block of draws of the ladder: a pure function of posterior, seed and block."""

    posterior: FirmPosterior
    seed: int
    block: int = 0
    memory: dict[tuple[str, int], Counts] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def values(self) -> Values:
        """The unknowns of every draw."""
        rows = len(self.posterior.problem.unknowns)
        return self.posterior.values(self._normals("ladder.posterior", rows))

    def rates(
        self,
        zone: str,
        last_year: int,
        levers: FirmLevers | None = None,
        drivers: Drivers | None = None,
    ) -> Rates:
        """Return what a zone's ladder runs on up to a year."""
        problem = self.posterior.problem
        first = problem.firms.zones[zone].first_year
        rates = problem.rates(zone, self.values, last_year - first)
        if levers is not None:
            rates = levered(rates, levers, problem.ladder)
        if drivers is not None:
            rates = moved_by(rates, self.responses(drivers), problem.ladder)
        return rates

    def counts(
        self,
        zone: str,
        last_year: int,
        levers: FirmLevers | None = None,
        drivers: Drivers | None = None,
    ) -> Counts:
        """Return the counts of a zone's rungs from its first year to a last one."""
        key, plain = (zone, last_year), levers is None and drivers is None
        if plain and key in self.memory:
            return self.memory[key]
        rates, ladder = self.rates(zone, last_year, levers, drivers), self.posterior.problem.ladder
        moves = [self._normals(f"ladder.{zone}.{m.name}", rates.years) for m in ladder.moves]
        born = {
            ladder.rungs.index(rung): self._normals(f"ladder.{zone}.entry.{rung}", rates.years)
            for rung in self.posterior.problem.firms.zones[zone].entry
        }
        counts = simulate(ladder, rates, np.array(moves), born)
        if plain:
            self.memory[key] = counts
        return counts

    def responses(self, drivers: Drivers) -> Factors:
        """Factors ``exp(ε_R ln(R/R*) + ε_g (g − g*))`` of every kind of rate, (year, draw)."""
        elasticities = self.posterior.problem.firms.elasticities
        found = {}
        for kind in KINDS:
            total = np.zeros_like(drivers.rnd)
            for name, path in (("rnd", drivers.rnd), ("growth", drivers.growth)):
                prior = getattr(elasticities[kind], name)
                normal = self._normals(f"ladder.elasticity.{kind}.{name}", 1)[0]
                total = total + (prior.mean + prior.deviation * normal) * path
            found[kind] = np.exp(total)
        return found

    def _normals(self, name: str, rows: int) -> Array:
        return sampling.normals(self.seed, name, self.block, rows)


def moved_by(rates: Rates, factors: Factors, ladder: Ladder) -> Rates:
    """Multiply entry and the hazards of each kind by its factors."""
    kinds = np.stack([factors[move.kind] for move in ladder.moves])
    return replace(rates, entry=rates.entry * factors["entry"], factor=rates.factor * kinds)


def levered(rates: Rates, levers: FirmLevers, ladder: Ladder) -> Rates:
    """Lay levers on rates."""
    ones = np.ones(rates.years)
    kinds = {"promotion": levers.promotion, "demotion": ones, "exit": levers.exit}
    rows = []
    for move in ladder.moves:
        support = levers.support.get(move.start, ones)
        rows.append(kinds[move.kind] * (support if move.kind == "promotion" else 1 / support))
    factor = rates.factor * np.array(rows)[:, :, None]
    return replace(rates, entry=rates.entry * levers.entry[:, None], factor=factor)
