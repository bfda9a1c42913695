"""What the documents leave open about the projects of a zone: unknowns, and the flows' misfit.

Each unknown is a standard normal mapped to its prior. Flows are the expected ones of
`simcore.pipeline_moments`, held against the documented ones by their logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.errors import CalibrationError
from simcore.labels import say
from simcore.laplace import slopes
from simcore.pipeline_moments import Moments, moments
from simcore.pipeline_parameters import PipelineParameters
from simcore.pipeline_priors import CONSTANTS, UNKNOWNS, Flow, PipelinePriors
from simcore.pipeline_readings import Reading, read_flow, stated_amount
from simcore.priors import Priors
from simcore.unknowns import Scales, Unknown

STEP = 1e-4  # of slopes: the flows come from a grid


@dataclass(frozen=True)
class PipelineProblem:
    """The fit of a zone: priors, unknowns, and the flows that speak of them."""

    zone: str
    priors: PipelinePriors
    base_year: int
    cells: tuple[tuple[str, str], ...]
    cell_share: Array
    unknowns: tuple[Unknown, ...]
    evidence: tuple[Reading, ...]
    compared: tuple[Reading, ...]

    @cached_property
    def scales(self) -> Scales:
        """The unknowns' distributions."""
        return Scales(self.unknowns)

    def parameters(self, latent: Array, horizon: int) -> PipelineParameters:
        """Return the parameters of latent draws, with what is supplied.

        ``latent`` : (unknown and later year effect, draw); years without an effect have none.
        """
        names = ("land", "funds", "capacity")
        headroom = {n: self.priors.constant(f"{n}_headroom", self.zone) for n in names}
        return _supplied(self._unlimited(latent, horizon), headroom)

    def _unlimited(self, latent: Array, horizon: int) -> PipelineParameters:
        """Return the parameters of latent draws before anything is supplied."""
        values = self.scales.values(latent[: len(self.unknowns)])
        years = tuple(range(self.priors.first_year, horizon + 1))
        effect = self.priors.distribution("year_effect", self.zone)
        known = latent[len(UNKNOWNS) :][: len(years)]
        effects = np.zeros((len(years), latent.shape[1]))
        effects[: len(known)] = effect.from_standard(known)
        ages = np.array(years)[:, None] - self.base_year
        known_fields = {field.name for field in fields(PipelineParameters)}
        constants: dict[str, Any] = {
            name: self.priors.constant(name, self.zone)
            for name in CONSTANTS
            if name in known_fields
        }
        drawn: dict[str, Any] = {name: values[name] for name in UNKNOWNS if name in known_fields}
        none = np.zeros_like(effects)
        return PipelineParameters(
            zone=self.zone, years=years, cells=self.cells, cell_share=self.cell_share,
            rate=values["plans"] * np.exp(values["trend"] * ages + effects),
            land=none, funds=none, capacity=none, **constants,
            **drawn,
        )  # fmt: skip

    def misfit(self, latent: Array) -> Array:
        """(ln model − ln figure)/σ of every flow, (flow, draw)."""
        horizon = max([self.base_year, *(reading.flow.years[-1] for reading in self.evidence)])
        parameters = self._unlimited(latent, horizon)
        expected = moments(parameters)
        rows = [
            np.log(self.measured(reading.flow, expected, parameters) / reading.stated)
            / reading.sigma
            for reading in self.evidence
        ]
        return np.array(rows).reshape(len(rows), latent.shape[1])

    def jacobian(self, latent: Array) -> Array:
        """Central differences of the misfit at one point (unknown), (flow, unknown)."""
        return slopes(self.misfit, latent, STEP)

    def measured(self, flow: Flow, expected: Moments, parameters: PipelineParameters) -> Array:
        """Return the expected value of what a documented flow measures, (draw)."""
        m, years, end = expected, flow.years, flow.years[-1] + 1 - expected.years[0]
        match flow.measure:
            case "signed":
                return m.of_years(m.signed, years)
            case "signed_value":
                return m.of_years(m.signed, years) * m.mean_size
            case "signed_large":
                return m.of_years(m.signed, years) * m.large_share
            case "starts":
                return m.of_years(m.started, years)
            case "started_value":
                return m.of_years(m.started, years) * m.mean_size
            case "started_large":
                return m.of_years(m.started, years) * m.large_share
            case "half_built":
                return m.of_years(m.half_built, years)
            case "completions":
                return m.of_years(m.completed, years)
            case "under_construction":
                return m.under_construction[end]
            case "investment":
                share = self.field_share(flow.field)
                return m.of_years(m.spent, years) * share / parameters.coverage
            case "reserve":
                return m.reserve[end]

    def field_share(self, field: str | None) -> float:
        """Return a field's share of all projects, 1 without a field."""
        rows = [field is None or name == field for name, _ in self.cells]
        return float(self.cell_share[rows].sum())


def _supplied(parameters: PipelineParameters, headroom: dict[str, float]) -> PipelineParameters:
    """Supply as much as the highest flow expected so far, and some headroom."""
    expected = moments(parameters)
    starts = expected.yearly(expected.started)
    committed = starts * expected.mean_size * parameters.realised
    built = expected.under_construction[1:]

    def supply(flow: Array, name: str) -> Array:
        return headroom[name] * np.asarray(np.maximum.accumulate(flow, axis=0))

    return replace(
        parameters,
        land=np.ceil(supply(starts, "land")),
        funds=supply(committed, "funds"),
        capacity=np.ceil(supply(built, "capacity")),
    )


def pipeline_problem(
    zone: str, pipeline: PipelinePriors, baseline: Baseline, priors: Priors
) -> PipelineProblem:
    """Set up the problem of a zone; raises `CalibrationError` for a field without a weight."""
    entry = pipeline.zones[zone]
    cells, shares = _cells(pipeline, zone, baseline)
    read = {
        kind: tuple(read_flow(flow, baseline, priors) for flow in getattr(entry, kind))
        for kind in ("evidence", "compared")
    }
    unknowns = _unknowns(pipeline, zone, baseline.base_year)
    return PipelineProblem(
        zone, pipeline, baseline.base_year, cells, shares, tuple(unknowns), **read
    )


def _unknowns(pipeline: PipelinePriors, zone: str, base_year: int) -> list[Unknown]:
    """The zone's parameters that flows speak of, then the effects of past years."""
    names = [(name, name) for name in UNKNOWNS]
    past = range(pipeline.first_year, base_year + 1)
    names += [("year_effect", f"year_effect.{year}") for year in past]
    return [
        Unknown(
            label, pipeline.distribution(name, zone), prior.label, prior.evidence, prior.source,
            prior.unit,
        )
        for name, label in names
        for prior in [pipeline.parameters[name]]
    ]  # fmt: skip


def _cells(
    pipeline: PipelinePriors, zone: str, baseline: Baseline
) -> tuple[tuple[tuple[str, str], ...], Array]:
    """Return pairs of field and industry with their shares of the projects."""
    known, weights = pipeline.zones[zone].fields, {}
    for name, field in known.items():
        less = field.weight.less
        weights[name] = stated_amount(baseline.figures[field.weight.figure]) - (
            stated_amount(baseline.figures[less]) if less else 0.0
        )
        if weights[name] <= 0:
            raise CalibrationError(
                say("the field {name} of {zone} has no weight left", name=name, zone=zone)
            )
    total = sum(weights.values())
    cells = {
        (name, industry): weights[name] / total * share
        for name, field in known.items()
        for industry, share in field.industries.items()
    }
    return tuple(cells), np.array(list(cells.values()))
