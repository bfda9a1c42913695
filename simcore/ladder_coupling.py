"""What levers on firms do to R&D: the ladder with and without them, on common random numbers.

``i_t = i*_t (N_s,t−1 / N_b,t−1)^ε`` : R&D over GDP follows the high-tech firms of the year before,
N_s with the levers and N_b without, of the same replication. Replications are the first draws of
the ladder; which of them a draw of the core has, `Members.replications` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from simcore.arrays import Array
from simcore.assembly import FirmChange
from simcore.beside import Beside
from simcore.dims import QUANTILES, Variable
from simcore.equations import firm_effect
from simcore.history import Past
from simcore.labels import Label
from simcore.ladder_fit import fit_firms
from simcore.ladder_members import FirmFactors, FirmMembers, factors_of
from simcore.levers import Scenario
from simcore.threads import one_thread

DIMENSIONS = ("quantile", "scenario", "zone", "rung", "year")
FIRMS = Variable(
    "firms", DIMENSIONS, "firms", Label("firms, as documents count them", "企业数（按文件口径）")
)
WITHOUT = Variable(
    "firms_without_levers",
    DIMENSIONS,
    "firms",
    Label("firms without the levers", "没有企业政策时的企业数"),
)


@dataclass(frozen=True)
class Ladders:
    """Ladders of scenarios with levers on firms, and those without, over all replications.

    ``changes`` : factors on last year's R&D over GDP, by scenario; ``counts`` : quantiles of firms
    with levers, (quantile, rung, year), by scenario and zone; ``without`` : by zone, up to the last
    horizon. Years are those from ``first_year`` of the zone on.
    """

    rungs: Mapping[str, Label]
    first_year: Mapping[str, int]
    changes: Mapping[str, FirmChange]
    counts: Mapping[tuple[str, str], Array]
    without: Mapping[str, Array]

    def group(
        self, scenarios: Sequence[Scenario], zones: Sequence[str], years: Sequence[int]
    ) -> Beside:
        """Return the group ``firms`` of a result: every scenario with and without its levers.

        NaN in zones that have no ladder, and after a scenario's horizon.
        """
        size = (len(QUANTILES), len(scenarios), len(zones), len(self.rungs), len(years))
        found, without = np.full(size, np.nan), np.full(size, np.nan)
        for row, scenario in enumerate(scenarios):
            for column, zone in enumerate(zones):
                if zone not in self.without:
                    continue
                first, last = self.first_year[zone], scenario.horizon
                known = [place for place, year in enumerate(years) if first <= year <= last]
                places = [years[place] - first for place in known]
                plain = self.without[zone]
                counts = self.counts.get((scenario.name, zone), plain)
                found[:, row, column, :, known] = np.moveaxis(counts[..., places], -1, 0)
                without[:, row, column, :, known] = np.moveaxis(plain[..., places], -1, 0)
        return Beside("firms", "rung", self.rungs, ((FIRMS, found), (WITHOUT, without)))


def firm_ladders(past: Past, seed: int, scenarios: Sequence[Scenario]) -> Ladders | None:
    """Return the ladders of scenarios, None if none of them has levers on firms.

    Raises `InputError` or `CalibrationError` where the ladder does not hold together.
    """
    zones = past.baseline.zones
    wanted = [s for s in scenarios if any(s.zone_levers(zone).firms for zone in zones)]
    if not wanted:
        return None
    run = _Run(FirmMembers(fit_firms(past.baseline, past.priors), seed))
    problem, last = run.members.posterior.problem, max(s.horizon for s in scenarios)
    changes, counts = {}, {}
    with one_thread():
        for scenario in wanted:
            own: dict[str, Array] = {}
            for zone, levers in factors_of(problem, scenario).items():
                own[zone], counts[scenario.name, zone] = run.found(zone, scenario, levers)
            changes[scenario.name] = own
        without = {zone: run.quantiles(run.published(zone, last)) for zone in problem.zones}
    labels = {name: rung.label for name, rung in problem.firms.rungs.items()}
    first = {zone: problem.firms.zones[zone].first_year for zone in problem.zones}
    return Ladders(labels, first, changes, counts, without)


@dataclass(frozen=True)
class _Run:
    """Replications, and what was found of levers that several points of a sweep share."""

    members: FirmMembers
    known: dict[str, tuple[Array, Array]] = field(default_factory=dict)

    def found(self, zone: str, scenario: Scenario, levers: FirmFactors) -> tuple[Array, Array]:
        """Factors on R&D over GDP, (year, replication), and quantiles of firms with the levers."""
        own = scenario.zone_levers(zone).firms
        key = f"{zone} {scenario.horizon} {own.model_dump_json() if own else None}"
        if key not in self.known:
            problem = self.members.posterior.problem
            years = scenario.years(problem.baseline)
            base = years[0] - 1 - problem.firms.zones[zone].first_year
            with_levers = self.published(zone, years[-1], levers)
            rung = problem.ladder.rungs.index(problem.firms.research.rung)
            change = rnd_change(
                with_levers[rung, base:-1], self.published(zone, years[-1])[rung, base:-1],
                self.members.rnd_elasticity(),
            )  # fmt: skip
            self.known[key] = change, self.quantiles(with_levers)
        return self.known[key]

    def published(self, zone: str, last_year: int, levers: FirmFactors | None = None) -> Array:
        """Firms as documents count them, (rung, year, replication)."""
        members = self.members
        problem, counts = members.posterior.problem, members.counts(zone, last_year, levers).count
        return np.array(
            [problem.counted(zone, rung, counts, members.values) for rung in problem.ladder.rungs]
        )

    def quantiles(self, published: Array) -> Array:
        """Quantiles over replications, (quantile, rung, year)."""
        return np.asarray(np.quantile(published, QUANTILES, axis=-1))


def rnd_change(with_levers: Array, without: Array, elasticity: Array) -> Array:
    """Factor of every projected year on last year's R&D over GDP, (year, replication).

    ``(Q_t−1 / Q_t−2)^ε`` with Q = N_s / N_b of the years before, from the base year on, in which Q
    is one: the product up to a year is ``(N_s,t−1 / N_b,t−1)^ε``.
    """
    effect = firm_effect(with_levers, without, elasticity)
    return np.concatenate([effect[:1], effect[1:] / effect[:-1]])
