"""Projects of scenarios and of the baseline in the same replications: what levers change.

A difference of two runs on the same random numbers is the effect of the levers and no noise: a
project that no lever touches cancels. With C the budgets commissioned, J the investment put in
place by projects, and I the fixed-asset investment that the replication's own parameters let
expect of the year, its projects' over their share of all investment,

    D[a, t, r] = (C_scenario − C_baseline)[a, t, r] / I[z, t, r]        and so for J
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.beside import Beside
from simcore.dims import QUANTILES, Variable
from simcore.history import Past
from simcore.labels import Label
from simcore.levers import Scenario
from simcore.pipeline_cache import replications
from simcore.pipeline_draws import PipelineParameters, ProjectChanges
from simcore.pipeline_fit import PipelineFit, fit_pipelines
from simcore.pipeline_flows import EVENTS, Flows
from simcore.pipeline_moments import moments
from simcore.project_effects import ProjectEffects
from simcore.threads import one_thread

REPLICATIONS = 256
STAGE_LABELS = {
    "plan": Label(en="planned", zh="策划"),
    "sign": Label(en="signed", zh="签约"),
    "start": Label(en="started", zh="开工"),
    "build": Label(en="half built", zh="建设过半"),
    "commission": Label(en="commissioned", zh="投产"),
    "drop": Label(en="dropped", zh="中止"),
}
"""What projects have done that enter a stage; the events of `simcore.pipeline_flows`, in order."""
ENTERED = Variable(
    "entered", ("quantile", "scenario", "zone", "stage", "year"), "projects a year",
    Label(en="projects that enter a stage or are dropped", zh="进入各阶段或中止的项目数"),
)  # fmt: skip


def project_effects(
    past: Past, scenarios: Sequence[Scenario], seed: int, count: int | None = None
) -> tuple[ProjectEffects | None, ...]:
    """Return what the levers of each scenario change of the projects; all None if none has any.

    Replications are kept in the cache; ``count`` of them, by default `REPLICATIONS`.
    """
    if not any(levers.projects for s in scenarios for levers in s.levers.values()):
        return (None,) * len(scenarios)
    fits, known = fit_pipelines(past.baseline, past.priors), dict[tuple[str, int], _Pair]()
    found: list[ProjectEffects | None] = []
    for scenario in scenarios:
        for zone in fits:
            key = zone, scenario.horizon
            if key not in known:
                known[key] = _Pair(past.baseline, fits[zone], seed, count or REPLICATIONS, key[1])
        found.append(_effects(past, scenario, [known[zone, scenario.horizon] for zone in fits]))
    return tuple(found)


@dataclass(frozen=True)
class _Pair:
    """A zone's replications in the baseline, with which those of scenarios are compared."""

    baseline: Baseline
    fit: PipelineFit
    seed: int
    count: int
    horizon: int

    @property
    def zone(self) -> str:
        return self.fit.problem.zone

    @cached_property
    def parameters(self) -> PipelineParameters:
        return self.fit.parameters(self.seed, range(self.count), self.horizon)

    @cached_property
    def usual(self) -> Flows:
        return self.flows(ProjectChanges())

    @cached_property
    def investment(self) -> Array:
        """Fixed-asset investment expected of every year, (year, replication) [1e8 CNY]."""
        with one_thread():  # the same bits wherever a run is begun
            expected = moments(self.parameters)
        return np.asarray(expected.yearly(expected.spent) / self.parameters.coverage)

    def flows(self, changes: ProjectChanges) -> Flows:
        return replications(self.parameters, self.seed, changes, self.baseline.base_year + 1)

    def funnel(self, changes: ProjectChanges) -> Array:
        """Return quantiles of the entries into stages, (quantile, event, year)."""
        flows = self.usual if changes == ProjectChanges() else self.flows(changes)
        known = flows.entered[:, flows.year(self.baseline.first_year) :]
        return np.asarray(np.quantile(known, QUANTILES, axis=-1))

    def differences(self, changes: ProjectChanges) -> tuple[Array, Array]:
        """Return those of commissioning and of investment, (industry, projected year, draw)."""
        changed, usual = self.flows(changes), self.usual
        later = usual.year(self.baseline.base_year + 1)
        industries = tuple(self.baseline.zones[self.zone].industries)
        commissioned = changed.commissioned - usual.commissioned
        investment = changed.investment - usual.investment
        first, second = (
            usual.by_industry(values[:, later:], industries) / self.investment[later:]
            for values in (commissioned, investment)
        )
        return first, second


def _effects(past: Past, scenario: Scenario, pairs: Sequence[_Pair]) -> ProjectEffects:
    """Fill the rows of the zones whose projects are changed."""
    baseline = past.baseline
    years, count = len(scenario.years(baseline)), pairs[0].count
    known = range(baseline.first_year, scenario.horizon + 1)
    funnel = np.full((len(QUANTILES), len(baseline.zones), len(EVENTS), len(known)), np.nan)
    commissioned = np.zeros((len(baseline.activities), years, count))
    put_in_place = np.zeros((len(baseline.zones), years, count))
    for pair in pairs:
        changes = ProjectChanges.of(scenario.zone_levers(pair.zone).projects)
        row = list(baseline.zones).index(pair.zone)
        funnel[:, row] = pair.funnel(changes)
        if changes != ProjectChanges():
            capacity, investment = pair.differences(changes)
            commissioned[past.members[pair.zone]] = capacity
            put_in_place[row] = investment.sum(axis=0)
    return ProjectEffects(commissioned, put_in_place, funnel)


def funnel_group(funnels: Sequence[Array], years: int) -> Beside:
    """Return the group ``projects`` of a result from every scenario's funnel.

    NaN in zones without projects, and after a scenario's horizon.
    """
    wide = [(0, 0), (0, 0), (0, 0)]
    padded = [
        np.pad(funnel, [*wide, (0, years - funnel.shape[-1])], constant_values=np.nan)
        for funnel in funnels
    ]
    return Beside("projects", "stage", STAGE_LABELS, [(ENTERED, np.stack(padded, axis=1))])
