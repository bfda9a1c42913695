"""Fitting the pipeline of projects to the documented flows, and drawing its parameters.

Minimises ``Σ y² + Σ ((ln model − ln figure)/σ)²`` over latent normals y, as the reconciliation
does, with the expected flows of `simcore.pipeline_moments`. σ² joins the chance of single projects
(the Poisson 1/n of a count), the rounding, and the stated deviation of what the figure measures.
The posterior is Laplace's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline, Figure, load_baseline
from simcore.errors import CalibrationError
from simcore.observe import rounding
from simcore.pipeline_draws import PipelineParameters, joined_parameters
from simcore.pipeline_moments import Moments, moments
from simcore.pipeline_priors import (
    CONSTANTS,
    COUNTS,
    UNKNOWNS,
    Flow,
    PipelinePriors,
    load_checked_pipeline,
)
from simcore.printed import split_unit
from simcore.prior_check import load_checked_priors
from simcore.priors import Distribution, Evidence, Priors
from simcore.sampling import stream
from simcore.threads import one_thread
from simcore.unknowns import Scales, Unknown

MONEY = 1e8  # CNY, the unit of money
WIDTH = 64  # replications whose parameters are computed together
CORRECTIONS = 8  # fixed-gain steps at most
NEAR = 0.05  # distance from a flow at which they end, in σ of the flow
DERIVED = 0.5  # an assumed unknown that loses more of its variance than this is derived


@dataclass(frozen=True)
class Reading:
    """A documented flow in the units of the model, and how closely the model should meet it."""

    flow: Flow
    stated: float
    sigma: float


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


@dataclass(frozen=True)
class PipelineFit:
    """A fitted pipeline: mean (unknown) and covariance factor in prior standard deviations.

    ``misfit`` (flow) and ``jacobian`` (flow, unknown) are those of the evidence at the mean.
    """

    problem: PipelineProblem
    mean: Array
    factor: Array
    misfit: Array
    jacobian: Array

    def latent(self, normal: Array) -> Array:
        """Return unknowns and later year effects of draws; standard normals (row, draw) in.

        As in the reconciliation, a draw is moved until every flow has the value that the linear
        model has there, or nearly; steps that lead away from it are halved.
        """
        count = len(self.mean)
        drawn = self.mean[:, None] + self.factor @ normal[:count]
        j = self.jacobian
        linear = self.misfit[:, None] + j @ (drawn - self.mean[:, None])
        gain = j.T @ np.linalg.inv(j @ j.T + np.eye(len(j)))
        gap, step = self.problem.misfit(drawn) - linear, np.ones(drawn.shape[1])
        for _ in range(CORRECTIONS):
            moved = drawn - step * (gain @ gap)
            left = self.problem.misfit(moved) - linear
            nearer = (left**2).sum(axis=0) < (gap**2).sum(axis=0)
            drawn, gap = np.where(nearer, moved, drawn), np.where(nearer, left, gap)
            step = np.where(nearer, 1.0, step / 2)
            if np.abs(gap).max() < NEAR:
                break
        return np.vstack([drawn, normal[count:]])

    def parameters(self, seed: int, replications: range, horizon: int) -> PipelineParameters:
        """Return the parameters of replications: each a function of seed and number alone.

        Computed in whole blocks, since the width of an array may change its last bits.
        """
        blocks = range(replications.start // WIDTH, -(-replications.stop // WIDTH))
        parts = [self._block(seed, block, horizon) for block in blocks]
        offset = replications.start - blocks.start * WIDTH
        return joined_parameters(parts).of(slice(offset, offset + len(replications)))

    def _block(self, seed: int, block: int, horizon: int) -> PipelineParameters:
        rows = len(self.mean) + max(horizon - self.problem.base_year, 0)
        name = f"project parameters.{self.problem.zone}"
        numbers = range(block * WIDTH, (block + 1) * WIDTH)
        with one_thread():
            normal = np.array([stream(seed, name, r).standard_normal(rows) for r in numbers]).T
            return self.problem.parameters(self.latent(normal), horizon)


def fit_pipelines(
    baseline: Baseline | None = None, priors: Priors | None = None
) -> dict[str, PipelineFit]:
    """Fit the pipeline of every zone that has one, in milliseconds.

    Raises `InputError` with the place of what does not fit, `CalibrationError` if the flows
    cannot be fitted.
    """
    baseline = baseline or load_baseline()
    priors = priors or load_checked_priors(baseline)
    pipeline = load_checked_pipeline(baseline, priors)
    with one_thread():
        return {zone: _fit(_problem(zone, pipeline, baseline, priors)) for zone in pipeline.zones}


def _fit(problem: PipelineProblem) -> PipelineFit:
    """Find the most probable unknowns and Laplace's covariance ``(I + JᵀJ)⁻¹``."""
    from scipy.optimize import least_squares

    count = len(problem.unknowns)

    def residuals(latent: Array) -> Array:
        return np.concatenate([latent, problem.misfit(latent[:, None])[:, 0]])

    def jacobian(latent: Array, step: float = 1e-4) -> Array:
        shifts = step * np.eye(count)
        moved = problem.misfit(latent[:, None] + np.hstack([shifts, -shifts]))
        return np.asarray((moved[:, :count] - moved[:, count:]) / (2 * step))

    found = least_squares(
        residuals, np.zeros(count), jac=lambda x: np.vstack([np.eye(count), jacobian(x)]),
        xtol=1e-8, ftol=1e-8, max_nfev=100,
    )  # fmt: skip
    if not found.success:
        raise CalibrationError(f"the pipeline of {problem.zone} did not fit: {found.message}")
    slope = jacobian(found.x)
    covariance = np.linalg.inv(np.eye(count) + slope.T @ slope)
    factor = np.linalg.cholesky((covariance + covariance.T) / 2)
    misfit = problem.misfit(found.x[:, None])[:, 0]
    return PipelineFit(problem, np.asarray(found.x), np.asarray(factor), misfit, slope)


# --- the problem of a zone ------------------------------------------------------------------------


def _problem(
    zone: str, pipeline: PipelinePriors, baseline: Baseline, priors: Priors
) -> PipelineProblem:
    entry = pipeline.zones[zone]
    cells, shares = _cells(pipeline, zone, baseline)
    read = {
        kind: tuple(_reading(flow, baseline, priors) for flow in getattr(entry, kind))
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
            raise CalibrationError(f"the field {name} of {zone} has no weight left")
    total = sum(weights.values())
    cells = {
        (name, industry): weights[name] / total * share
        for name, field in known.items()
        for industry, share in field.industries.items()
    }
    return tuple(cells), np.array(list(cells.values()))


def stated_amount(figure: Figure) -> float:
    """Return a figure as a number of projects or in 1e8 CNY."""
    multiple, unit = split_unit(figure.unit)
    return float(figure.value or 0.0) * (multiple / MONEY if unit == "元" else multiple)


def _reading(flow: Flow, baseline: Baseline, priors: Priors) -> Reading:
    """Read the figures of a flow; "over" counts as the figure and its usual excess."""
    figures = [baseline.figures[name] for name in flow.figures]
    excess = priors.distribution("excess").from_standard(np.zeros(1))[0]
    stated = sum(
        stated_amount(figure) * (1 + excess if figure.qualifier == "over" else 1)
        for figure in figures
    )
    exact = [figure for figure in figures if figure.qualifier not in ("over", "under")]
    rounded = sum(
        (rounding(figure) * stated_amount(figure) / float(figure.value or 1.0)) ** 2
        for figure in exact
    )
    variance = flow.deviation**2 + rounded / stated**2
    if flow.measure in COUNTS:
        variance += 1 / stated
    if flow.times:
        factor = priors.distribution(flow.times, figures[0].zone)
        stated *= float(factor.from_standard(np.zeros(1))[0])
        variance += _log_deviation(factor) ** 2
    return Reading(flow, stated, float(np.sqrt(variance)))


def _log_deviation(distribution: Distribution) -> float:
    low, high = distribution.from_standard(np.array([-1.0, 1.0]))
    return float(np.log(high / low) / 2)


# --- what came of it ------------------------------------------------------------------------------


@dataclass(frozen=True)
class PipelineUnknown:
    """What the flows made of an unknown; ``lost`` is the share of its prior variance."""

    zone: str
    parameter: str
    label: str
    unit: str
    prior: float
    posterior: float
    low: float
    high: float
    shift: float
    lost: float
    evidence: Evidence
    source: str


def unknown_table(fit: PipelineFit) -> list[PipelineUnknown]:
    """Return every unknown: prior and posterior median, 90 % band, what the flows tell of it."""
    deviation = np.sqrt((fit.factor**2).sum(axis=1))
    rows: list[PipelineUnknown] = []
    for place, unknown in enumerate(fit.problem.unknowns):
        mean, spread = fit.mean[place], deviation[place]
        points = np.array([0.0, mean, mean - 1.645 * spread, mean + 1.645 * spread])
        prior, posterior, low, high = unknown.distribution.from_standard(points)
        lost = float(1 - spread**2)
        rows.append(
            PipelineUnknown(
                fit.problem.zone, unknown.name, str(unknown.label), unknown.unit, float(prior),
                float(posterior), float(low), float(high), float(mean), lost,
                "derived" if lost > DERIVED else unknown.evidence, unknown.source,
            )
        )  # fmt: skip
    return rows


def readings(fits: Sequence[PipelineFit]) -> list[tuple[PipelineFit, Reading, bool]]:
    """Return every documented flow, and whether the fit meets it or is only compared with it."""
    return [
        (fit, reading, known)
        for fit in fits
        for known, part in ((True, fit.problem.evidence), (False, fit.problem.compared))
        for reading in part
    ]
