"""What levers on firms do to R&D: the ladder with and without them, on common random numbers.

``i_t = i*_t (N_s,t−1 / N_b,t−1)^ε`` : R&D over GDP follows the high-tech firms of the year before,
N_s with the levers and N_b without, of the same replication. Replications are the first draws of
the ladder; draw m of the core has replication m mod their number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simcore.arrays import Array
from simcore.assembly import FirmChange
from simcore.equations import firm_effect
from simcore.history import Past
from simcore.ladder_fit import fit_firms
from simcore.ladder_members import FirmFactors, FirmMembers, factors_of
from simcore.levers import Scenario
from simcore.threads import one_thread


def firm_changes(past: Past, seed: int, scenarios: Sequence[Scenario]) -> dict[str, FirmChange]:
    """Return what the levers of each scenario that has some on firms do to R&D over GDP.

    Raises `InputError` or `CalibrationError` where the ladder does not hold together.
    """
    zones = past.baseline.zones
    wanted = [s for s in scenarios if any(s.zone_levers(zone).firms for zone in zones)]
    if not wanted:
        return {}
    members = FirmMembers(fit_firms(past.baseline, past.priors), seed)
    problem = members.posterior.problem
    found: dict[str, FirmChange] = {}
    known: dict[str, Array] = {}
    with one_thread():
        for scenario in wanted:
            years, factors = scenario.years(past.baseline), factors_of(problem, scenario)
            changes = {}
            for zone, levers in factors.items():  # points of a sweep may share levers
                own = scenario.zone_levers(zone).firms
                key = f"{zone} {years[-1]} {own.model_dump_json() if own else None}"
                if key not in known:
                    known[key] = rnd_change(members, zone, years, levers)
                changes[zone] = known[key]
            found[scenario.name] = changes
    return found


def rnd_change(
    members: FirmMembers, zone: str, years: Sequence[int], levers: FirmFactors
) -> Array:  # fmt: skip
    """Factor of every projected year on last year's R&D over GDP, (year, replication).

    ``(Q_t−1 / Q_t−2)^ε`` with Q = N_s / N_b, which is one up to the base year: the product up to a
    year is ``(N_s,t−1 / N_b,t−1)^ε``.
    """
    problem = members.posterior.problem
    rung = problem.firms.research.rung
    base = years[0] - 1 - problem.firms.zones[zone].first_year
    with_levers, beside = (
        problem.counted(zone, rung, members.counts(zone, years[-1], some).count, members.values)
        for some in (levers, None)
    )
    effect = firm_effect(with_levers, beside, members.rnd_elasticity())[base:-1]
    return np.concatenate([effect[:1], effect[1:] / effect[:-1]])
