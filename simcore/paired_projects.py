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
from simcore.pipeline_fast import Simulation
from simcore.pipeline_fit import PipelineFit, fit_pipelines
from simcore.pipeline_flows import EVENTS, Outturn
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
    past: Past, scenarios: Sequence[Scenario], seed: int, count: int | None = None
) -> tuple[ProjectEffects | None, ...]:
    """Return what the levers of each scenario change of the projects; all None if none has any.

    Replications are kept in the cache; ``count`` of them, by default `REPLICATIONS`.
    """
    return PairedProjects(past, seed, count).effects(scenarios)


class PairedProjects:
    """What levers change of the projects, for one scenario after another on the same replications.

    What is found is kept: of zones in which nothing is changed nothing is, unless their funnel is
    asked for.
    """

    def __init__(self, past: Past, seed: int, count: int | None = None) -> None:
        """Prepare ``count`` replications, by default `REPLICATIONS`."""
        self._past, self._seed, self._count = past, seed, count or REPLICATIONS
        self._pairs: dict[tuple[str, int], _Pair] = {}

    @cached_property
    def _fits(self) -> dict[str, PipelineFit]:
        return fit_pipelines(self._past.baseline, self._past.priors)

    def effects(self, scenarios: Sequence[Scenario]) -> tuple[ProjectEffects | None, ...]:
        """Return what the levers of each scenario change; all None if none has any."""
        if not any(levers.projects for s in scenarios for levers in s.levers.values()):
            return (None,) * len(scenarios)
        keys = [(s.horizon, tuple(_changes(s, zone) for zone in self._fits)) for s in scenarios]
        found = {key: self._effects(*key) for key in dict.fromkeys(keys)}
        return tuple(found[key] for key in keys)

    def _effects(self, horizon: int, changes: Sequence[ProjectChanges]) -> ProjectEffects:
        """Join what is found of every zone."""
        own = {
            self._pair(zone, horizon): change
            for zone, change in zip(self._fits, changes, strict=True)
        }
        found = {pair.zone: pair.differences(change) for pair, change in own.items()}
        changed = {
            zone: differences for zone, differences in found.items() if differences is not None
        }
        return ProjectEffects(changed, lambda: _funnel(self._past.baseline, horizon, own))

    def _pair(self, zone: str, horizon: int) -> _Pair:
        if (zone, horizon) not in self._pairs:
            pair = _Pair(self._past.baseline, self._fits[zone], self._seed, self._count, horizon)
            self._pairs[zone, horizon] = pair
        return self._pairs[zone, horizon]


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
    known: dict[ProjectChanges, _Found] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        return self.fit.problem.zone

    @cached_property
    def parameters(self) -> PipelineParameters:
        return self.fit.parameters(self.seed, range(self.count), self.horizon)

    @cached_property
    def usual(self) -> Outturn:
        return self.outturn(ProjectChanges())

    @cached_property
    def investment(self) -> Array:
        """Fixed-asset investment expected of every year, (year, replication) [1e8 CNY]."""
        with one_thread():  # the same bits wherever a run is begun
            expected = moments(self.parameters)
        return np.asarray(expected.yearly(expected.spent) / self.parameters.coverage)

    @cached_property
    def simulation(self) -> Simulation:
        first = self.baseline.base_year + 1
        return Simulation(self.parameters, self.seed, range(self.count), first)

    def outturn(self, changes: ProjectChanges) -> Outturn:
        return replications(self.simulation, changes, Outturn)

    def found(self, changes: ProjectChanges) -> _Found:
        if changes not in self.known:
            own = self.usual if changes == ProjectChanges() else self.outturn(changes)
            shown = own.entered[:, own.year(self.baseline.first_year) :]
            funnel = np.asarray(np.quantile(shown, QUANTILES, axis=-1))
            self.known[changes] = _Found(funnel, self._compared(own))
        return self.known[changes]

    def differences(self, changes: ProjectChanges) -> ZoneDifferences | None:
        """Return those of commissioning and of investment, None if there are none."""
        return None if changes == ProjectChanges() else self.found(changes).differences

    def _compared(self, changed: Outturn) -> ZoneDifferences | None:
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


@dataclass(frozen=True)
class _Found:
    """What changes make of a zone's projects: the funnel (quantile, event, year), and the rest."""

    funnel: Array
    differences: ZoneDifferences | None


def _funnel(baseline: Baseline, horizon: int, changes: Mapping[_Pair, ProjectChanges]) -> Array:
    """Return the funnels of all zones, (quantile, zone, event, year)."""
    years = range(baseline.first_year, horizon + 1)
    found = np.full((len(QUANTILES), len(baseline.zones), len(EVENTS), len(years)), np.nan)
    for pair, own in changes.items():
        found[:, list(baseline.zones).index(pair.zone)] = pair.found(own).funnel
    return found


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
