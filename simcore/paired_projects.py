"""Projects of scenarios and of the baseline in the same replications: what levers change.

A difference of two runs on the same random numbers is the effect of the levers and no noise: a
project that no lever touches cancels. With C the budgets commissioned, J the investment put in
place by projects, and I the fixed-asset investment that the replication's own parameters let
expect of the year, its projects' over their share of all investment,

    D[a, t, r] = (C_scenario − C_baseline)[a, t, r] / I[z, t, r]        and so for J
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from simcore.pipeline_fit import PipelineFit, fit_pipelines
from simcore.pipeline_flows import EVENTS, Flows
from simcore.pipeline_moments import moments
from simcore.pipeline_parameters import PipelineParameters, ProjectChanges
from simcore.project_effects import ProjectEffects, ZoneDifferences
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
    past: Past, scenarios: Sequence[Scenario], seed: int, count: int | None = None,
    pairs: Pairs | None = None,
) -> tuple[ProjectEffects | None, ...]:  # fmt: skip
    """Return what the levers of each scenario change of the projects; all None if none has any.

    Replications are kept in the cache; ``count`` of them, by default `REPLICATIONS`. ``pairs`` keep
    what is found from one call to the next with the same seed and count.
    """
    if not any(levers.projects for s in scenarios for levers in s.levers.values()):
        return (None,) * len(scenarios)
    fits = fit_pipelines(past.baseline, past.priors)
    pairs = {} if pairs is None else pairs
    found: dict[tuple[int, tuple[ProjectChanges, ...]], ProjectEffects] = {}
    keys = [(s.horizon, tuple(_changes(s, zone) for zone in fits)) for s in scenarios]
    for horizon, changes in dict.fromkeys(keys):
        for zone in fits:
            if (zone, horizon) not in pairs:
                of_zone = _Pair(past.baseline, fits[zone], seed, count or REPLICATIONS, horizon)
                pairs[zone, horizon] = of_zone
        own = {pairs[zone, horizon]: change for zone, change in zip(fits, changes, strict=True)}
        found[horizon, changes] = _effects(past.baseline, horizon, own)
    return tuple(found[key] for key in keys)


def _changes(scenario: Scenario, zone: str) -> ProjectChanges:
    return ProjectChanges.of(scenario.zone_levers(zone).projects)


@dataclass(frozen=True, eq=False)
class _Pair:
    """A zone's replications in the baseline, with which those of scenarios are compared.

    What is found of changes is kept: scenarios with the same changes share it.
    """

    baseline: Baseline
    fit: PipelineFit
    seed: int
    count: int
    horizon: int
    known: dict[ProjectChanges, tuple[Array, ZoneDifferences | None]] = field(default_factory=dict)

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

    def found(self, changes: ProjectChanges) -> tuple[Array, ZoneDifferences | None]:
        """Return the funnel, (quantile, event, year), and the differences if there are any."""
        if changes not in self.known:
            flows = self.usual if changes == ProjectChanges() else self.flows(changes)
            shown = flows.entered[:, flows.year(self.baseline.first_year) :]
            funnel = np.asarray(np.quantile(shown, QUANTILES, axis=-1))
            self.known[changes] = funnel, None if flows is self.usual else self.differences(flows)
        return self.known[changes]

    def differences(self, changed: Flows) -> ZoneDifferences | None:
        """Return those of commissioning and of investment, None if there are none."""
        usual = self.usual
        later = usual.year(self.baseline.base_year + 1)
        industries = tuple(self.baseline.zones[self.zone].industries)
        commissioned = changed.commissioned - usual.commissioned
        investment = changed.investment - usual.investment
        if not (commissioned[:, later:].any() or investment[:, later:].any()):
            return None
        first, second = (
            usual.by_industry(values[:, later:], industries) / self.investment[later:]
            for values in (commissioned, investment)
        )
        return ZoneDifferences(first, second.sum(axis=0))


Pairs = dict[tuple[str, int], _Pair]
"""By zone and horizon, replications in the baseline with which scenarios are compared."""


def _effects(
    baseline: Baseline, horizon: int, changes: Mapping[_Pair, ProjectChanges]
) -> ProjectEffects:
    """Join what is found of every zone."""
    years = range(baseline.first_year, horizon + 1)
    funnel = np.full((len(QUANTILES), len(baseline.zones), len(EVENTS), len(years)), np.nan)
    changed = {}
    for pair, own in changes.items():
        entered, differences = pair.found(own)
        funnel[:, list(baseline.zones).index(pair.zone)] = entered
        if differences is not None:
            changed[pair.zone] = differences
    return ProjectEffects(changed, funnel)


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
