"""The firms of a block of draws: unknowns, rates and counts, under levers and drivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from simcore import sampling
from simcore.arrays import Array
from simcore.ladder import Counts, Ladder, Rates, simulate
from simcore.ladder_priors import KINDS
from simcore.ladder_problem import FirmPosterior, FirmProblem
from simcore.levers import FirmLevers, RateTrajectory, Scenario
from simcore.unknowns import Values

Factors = Mapping[str, Array]
"""By kind of rate, ``entry``, ``promotion``, ``demotion``, ``exit``: factors (year, draw or 1)."""


@dataclass(frozen=True)
class FirmFactors:
    """What levers do to a zone's rates by year, of the years after its first, each (year).

    ``entry`` multiplies new firms, ``promotion`` and ``exit`` the hazards of that kind;
    ``support``, by rung, multiplies the promotions of its firms and divides their demotions and
    exits: ones move nothing. ``settled``, by rung, adds firms a year that come from elsewhere.
    """

    entry: Array
    promotion: Array
    exit: Array
    support: Mapping[str, Array] = field(default_factory=dict)
    settled: Mapping[str, Array] = field(default_factory=dict)

    @classmethod
    def none(cls, years: int) -> FirmFactors:
        """Return what moves nothing."""
        return cls(np.ones(years), np.ones(years), np.ones(years))

    def until(self, years: int) -> FirmFactors:
        """Return what they do in a number of years alone."""
        parts = ({rung: path[:years] for rung, path in part.items()}
                 for part in (self.support, self.settled))  # fmt: skip
        return FirmFactors(
            self.entry[:years], self.promotion[:years], self.exit[:years], *parts
        )  # fmt: skip

    @classmethod
    def of(cls, levers: FirmLevers, first_year: int, projected: Sequence[int]) -> FirmFactors:
        """Return what a zone's levers do in the projected years, ones before."""

        def factor(change: RateTrajectory | None) -> Array:
            before = np.ones(projected[0] - first_year - 1)
            given = change.values(projected) if change else np.zeros(len(projected))
            return np.concatenate([before, 1 + np.nan_to_num(given)])

        support = {rung: factor(change) for rung, change in levers.support.items()}
        return cls(factor(levers.entry), factor(levers.promotion), factor(levers.exit), support)


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
        levers: FirmFactors | None = None,
        drivers: Drivers | None = None,
    ) -> Rates:
        """Return what a zone's ladder runs on up to a year."""
        problem = self.posterior.problem
        first = problem.firms.zones[zone].first_year
        rates = problem.rates(zone, self.values, last_year - first)
        if levers is not None:
            rates = levered(rates, levers.until(rates.years), problem.ladder)
        if drivers is not None:
            rates = moved_by(rates, self.responses(drivers), problem.ladder)
        return rates

    def counts(
        self,
        zone: str,
        last_year: int,
        levers: FirmFactors | None = None,
        drivers: Drivers | None = None,
    ) -> Counts:
        """Return the counts of a zone's rungs from its first year to a last one."""
        key, plain = (zone, last_year), levers is None and drivers is None
        if plain and key in self.memory:
            return self.memory[key]
        rates = self.rates(zone, last_year, levers, drivers)
        counts = self._run(zone, rates, 0, levers)
        if plain:
            self.memory[key] = counts
        return counts

    def onward(self, zone: str, since: int, last_year: int, levers: FirmFactors) -> Counts:
        """Return the counts from a year on, up to which levers move nothing."""
        known = since - self.posterior.problem.firms.zones[zone].first_year
        start = self.counts(zone, since).count[:, -1]
        rates = self.rates(zone, last_year, levers)
        later = Rates(start, rates.entry[:, known:], rates.hazard, rates.factor[:, known:])
        return self._run(zone, later, known, levers)

    def _run(self, zone: str, rates: Rates, known: int, levers: FirmFactors | None) -> Counts:
        """Run a zone with its random numbers after a number of years."""
        ladder, years = self.posterior.problem.ladder, known + rates.years
        moves = [self._normals(f"ladder.{zone}.{m.name}", years)[known:] for m in ladder.moves]
        entering = [*self.posterior.problem.firms.zones[zone].entry]
        entering += [rung for rung in (levers.settled if levers else ()) if rung not in entering]
        born = {
            ladder.rungs.index(rung): self._normals(f"ladder.{zone}.entry.{rung}", years)[known:]
            for rung in entering
        }
        return simulate(ladder, rates, np.array(moves), born)

    def responses(self, drivers: Drivers) -> Factors:
        """Factors ``exp(ε_R ln(R/R*) + ε_g (g − g*))`` of every kind of rate, (year, draw)."""
        elasticities = self.posterior.problem.firms.elasticities
        found: dict[str, Array] = {}
        for kind in KINDS:
            total = np.zeros_like(drivers.rnd)
            for name, path in (("rnd", drivers.rnd), ("growth", drivers.growth)):
                prior = getattr(elasticities[kind], name)
                normal = self._normals(f"ladder.elasticity.{kind}.{name}", 1)[0]
                total = total + (prior.mean + prior.deviation * normal) * path
            found[kind] = np.exp(total)
        return found

    def rnd_elasticity(self) -> Array:
        """ε of R&D over GDP to firms, (draw)."""
        prior = self.posterior.problem.firms.research.elasticity
        return prior.from_standard(self._normals("ladder.elasticity.research", 1)[0])

    def _normals(self, name: str, rows: int) -> Array:
        return sampling.normals(self.seed, name, self.block, rows)


def factors_of(problem: FirmProblem, scenario: Scenario) -> dict[str, FirmFactors]:
    """Return what a scenario's levers do to the zones whose ladder they move."""
    found = {}
    for zone in problem.zones:
        levers = scenario.zone_levers(zone).firms
        if levers is not None:
            first = problem.firms.zones[zone].first_year
            found[zone] = FirmFactors.of(levers, first, scenario.years(problem.baseline))
    return found


def moved_by(rates: Rates, factors: Factors, ladder: Ladder) -> Rates:
    """Multiply entry and the hazards of each kind by its factors."""
    kinds = np.stack([factors[move.kind] for move in ladder.moves])
    return replace(rates, entry=rates.entry * factors["entry"], factor=rates.factor * kinds)


def levered(rates: Rates, levers: FirmFactors, ladder: Ladder) -> Rates:
    """Lay levers on rates."""
    ones = np.ones(rates.years)
    kinds = {"promotion": levers.promotion, "demotion": ones, "exit": levers.exit}
    rows = []
    for move in ladder.moves:
        support = levers.support.get(move.start, ones)
        rows.append(kinds[move.kind] * (support if move.kind == "promotion" else 1 / support))
    factor = rates.factor * np.array(rows)[:, :, None]
    entry = rates.entry * levers.entry[:, None]
    for rung, firms in levers.settled.items():
        entry[ladder.rungs.index(rung)] += firms[:, None]
    return replace(rates, entry=entry, factor=factor)
