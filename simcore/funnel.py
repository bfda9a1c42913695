"""The pipeline of projects over many replications: its funnel by year, and how it fits."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.errors import InputError, did_you_mean, known_names
from simcore.labels import say
from simcore.levers import Scenario
from simcore.pipeline import Event, simulate_pipeline
from simcore.pipeline_cache import replications
from simcore.pipeline_fast import Simulation
from simcore.pipeline_fit import PipelineFit, fit_pipelines
from simcore.pipeline_flows import EVENTS, STAGES, Flows
from simcore.pipeline_parameters import PipelineParameters, ProjectChanges
from simcore.pipeline_priors import COUNTS, Flow
from simcore.pipeline_readings import Reading
from simcore.stored_groups import StoredRow
from simcore.writing import write_text

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class ZoneProjects:
    """The replications of a zone: what was fitted, the parameters drawn, and what they yield."""

    fit: PipelineFit
    parameters: PipelineParameters
    flows: Flows
    changes: ProjectChanges


@dataclass(frozen=True)
class FunnelRow(StoredRow):
    """Projects that enter a stage, or are dropped, in a year; and their announced budgets."""

    value_median: float
    value_q05: float
    value_q95: float


@dataclass(frozen=True)
class WorkRow:
    """A year's work: stock under construction, queue, money put in place and commissioned."""

    scenario: str
    zone: str
    year: int
    measure: str
    unit: str
    median: float
    q05: float
    q95: float


@dataclass(frozen=True)
class FlowRow:
    """A documented flow against the fitted pipeline."""

    zone: str
    measure: str
    year: int | tuple[int, int]
    figures: tuple[str, ...]
    field: str | None
    fitted: bool
    documented: float
    unit: str
    median: float
    q05: float
    q25: float
    q75: float
    q95: float
    z: float
    inside_half: bool
    note: str


def simulate_projects(
    baseline: Baseline, scenario: Scenario, draws: int, seed: int, zones: tuple[str, ...] = ()
) -> dict[str, ZoneProjects]:
    """Fit the pipelines and run their replications under a scenario's levers of projects.

    Replication r is a function of (seed, r) alone, and scenarios share their random numbers. What
    was simulated before is read.
    Raises `InputError` for a zone without a pipeline.
    """
    found = {}
    for zone, fit in _chosen(fit_pipelines(baseline), zones).items():
        changes = ProjectChanges.of(scenario.zone_levers(zone).projects)
        parameters = fit.parameters(seed, range(draws), scenario.horizon)
        simulation = Simulation(parameters, seed, range(draws), baseline.base_year + 1)
        found[zone] = ZoneProjects(
            fit, parameters, replications(simulation, changes, Flows), changes
        )
    return found


def _chosen(fits: dict[str, PipelineFit], zones: tuple[str, ...]) -> dict[str, PipelineFit]:
    """Return the fits of some zones, or all; raises `InputError` for a zone without one."""
    for zone in zones:
        if zone not in fits:
            near = did_you_mean(zone, fits) or known_names(fits)
            raise InputError(
                say("{zone}: no zone with a pipeline of projects{near}", zone=zone, near=near)
            )
    return {zone: fits[zone] for zone in zones or tuple(fits)}


def _bands(values: Array) -> Array:
    """Quantiles over the draws, the last axis."""
    return np.asarray(np.nanquantile(values, QUANTILES, axis=-1))


def funnel_table(
    found: Mapping[str, ZoneProjects], scenario: str, years: tuple[int, int]
) -> list[FunnelRow]:
    """Return how many projects enter each stage in the years from the first to the last."""
    rows = []
    for zone, part in found.items():
        numbers, values = _bands(part.flows.entered), _bands(part.flows.entered_value)
        for year in _between(part.flows, years):
            for place, stage in enumerate(EVENTS):
                at = (place, part.flows.year(year))
                quantiles = [numbers[q][at] for q in (2, 0, 4)] + [values[q][at] for q in (2, 0, 4)]
                rows.append(FunnelRow(scenario, zone, year, stage, *map(float, quantiles)))
    return rows


def work_series(part: ZoneProjects) -> dict[str, tuple[str, Array]]:
    """Return measures of a zone's work with their units, (year, draw)."""
    flows = part.flows
    waiting = np.nan_to_num(12 * flows.queue_time)  # a year without starts has no queue
    return {
        "under_construction": ("projects", flows.under_construction),
        "reserve": ("1e8 CNY", flows.inside_value.sum(axis=0)),
        "investment": ("1e8 CNY", flows.investment.sum(axis=0)),
        "commissioned": ("1e8 CNY", flows.commissioned.sum(axis=0)),
        "queue": ("months", waiting),
    }


def work_table(
    found: Mapping[str, ZoneProjects], scenario: str, years: tuple[int, int]
) -> list[WorkRow]:
    """Return work in progress, queue time and money of the years from the first to the last."""
    rows = []
    for zone, part in found.items():
        for measure, (unit, values) in work_series(part).items():
            bands = _bands(values)
            for year in _between(part.flows, years):
                at = part.flows.year(year)
                median, low, high = (float(bands[q][at]) for q in (2, 0, 4))
                rows.append(WorkRow(scenario, zone, year, measure, unit, median, low, high))
    return rows


def _between(flows: Flows, years: tuple[int, int]) -> list[int]:
    return [year for year in flows.years if years[0] <= year <= years[1]]


def flow_table(found: Mapping[str, ZoneProjects]) -> list[FlowRow]:
    """Return the documented flows against the replications, those of the fit first.

    z is the distance of the logarithm from the replications' mean in their standard deviations.
    """
    return [
        _flow_row(zone, part, reading, fitted)
        for zone, part in found.items()
        for fitted, kind in ((True, part.fit.problem.evidence), (False, part.fit.problem.compared))
        for reading in kind
        if reading.flow.years[-1] <= part.flows.years[-1]
    ]


def _flow_row(zone: str, part: ZoneProjects, reading: Reading, fitted: bool) -> FlowRow:
    values = measured(part, reading.flow)
    quantiles = [float(value) for value in _bands(values)]
    logs = np.log(np.maximum(values, 0.5))  # of a number of projects that may be none
    deviation = float(logs.std())
    z = (np.log(reading.stated) - float(logs.mean())) / deviation if deviation else np.nan
    flow = reading.flow
    return FlowRow(
        zone=zone, measure=flow.measure, year=flow.year, figures=tuple(flow.figures),
        field=flow.field, fitted=fitted, documented=reading.stated,
        unit="projects" if flow.measure in COUNTS else "1e8 CNY", median=quantiles[2],
        q05=quantiles[0], q25=quantiles[1], q75=quantiles[3], q95=quantiles[4], z=float(z),
        inside_half=quantiles[1] <= reading.stated <= quantiles[3], note=flow.note,
    )  # fmt: skip


def measured(part: ZoneProjects, flow: Flow) -> Array:
    """Return what a documented flow measures in every replication, (draw)."""
    flows, rows = part.flows, [part.flows.year(year) for year in flow.years]
    sign, start, build, end = (STAGES.index(s) for s in ("sign", "start", "build", "commission"))
    by_measure = {
        "signed": flows.entered[sign],
        "signed_value": flows.entered_value[sign],
        "signed_large": flows.large[sign],
        "starts": flows.entered[start],
        "started_value": flows.entered_value[start],
        "started_large": flows.large[start],
        "half_built": flows.entered[build],
        "completions": flows.entered[end],
        "under_construction": flows.under_construction,
        "investment": flows.by_field(flows.investment, flow.field) / part.parameters.coverage,
        "reserve": flows.inside_value.sum(axis=0),
    }
    return np.asarray(by_measure[flow.measure][rows].sum(axis=0))


def traced(
    baseline: Baseline, scenario: Scenario, seed: int, replication: int, zones: tuple[str, ...] = ()
) -> list[Event]:
    """Return the event log of one replication, of SimPy, in the order of time."""
    fits = _chosen(fit_pipelines(baseline), zones)
    log: list[Event] = []
    for zone, fit in fits.items():
        one = range(replication, replication + 1)
        parameters = fit.parameters(seed, one, scenario.horizon)
        changes = ProjectChanges.of(scenario.zone_levers(zone).projects)
        first = baseline.base_year + 1
        log += simulate_pipeline(parameters, seed, replication, changes, first).log
    return sorted(log, key=lambda event: event.time)


def write_tables(
    found: Mapping[str, ZoneProjects], scenario: str, years: tuple[int, int], path: Path
) -> None:
    """Write the funnel and the work as CSV, a row a zone, year and quantity.

    Raises `RunError` if the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["scenario", "zone", "year", "quantity", "unit", "median", "q05", "q95"])
    for row in funnel_table(found, scenario, years):
        head = [row.scenario, row.zone, row.year, row.stage]
        writer.writerow([*head, "projects", row.median, row.q05, row.q95])
        writer.writerow([*head, "1e8 CNY", row.value_median, row.value_q05, row.value_q95])
    for work in work_table(found, scenario, years):
        writer.writerow(asdict(work).values())
    write_text(path, text.getvalue())
