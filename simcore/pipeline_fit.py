"""Fitting the pipeline of projects to the documented flows, and drawing its parameters.

Minimises ``Σ y² + Σ ((ln model − ln figure)/σ)²`` over latent normals y, and draws from what that
leaves, as the reconciliation does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcore.baseline import Baseline, load_baseline
from simcore.fit import DERIVED_SHRINKAGE
from simcore.laplace import Laplace
from simcore.pipeline_parameters import PipelineParameters, joined_parameters
from simcore.pipeline_priors import load_checked_pipeline
from simcore.pipeline_problem import PipelineProblem, pipeline_problem
from simcore.pipeline_readings import Reading
from simcore.prior_check import load_checked_priors
from simcore.priors import Evidence, Priors
from simcore.reconcile import most_probable
from simcore.sampling import stream
from simcore.threads import one_thread

WIDTH = 64  # replications whose parameters are computed together


@dataclass(frozen=True)
class PipelineFit(Laplace[PipelineProblem]):
    """What the flows leave of a zone's pipeline; draws of the unknowns become parameters."""

    def parameters(self, seed: int, replications: range, horizon: int) -> PipelineParameters:
        """Return the parameters of replications: each a function of seed and number alone.

        Computed in whole blocks, since the width of an array may change its last bits.
        """
        blocks = range(replications.start // WIDTH, -(-replications.stop // WIDTH))
        parts = [self._block(seed, block, horizon) for block in blocks]
        offset = replications.start - blocks.start * WIDTH
        return joined_parameters(parts).of(slice(offset, offset + len(replications)))

    def _block(self, seed: int, block: int, horizon: int) -> PipelineParameters:
        """Return the parameters of a block; later years have effects that no flow speaks of."""
        known = len(self.mean)
        rows = known + max(horizon - self.problem.base_year, 0)
        name = f"project parameters.{self.problem.zone}"
        numbers = range(block * WIDTH, (block + 1) * WIDTH)
        with one_thread():
            normal = np.array([stream(seed, name, r).standard_normal(rows) for r in numbers]).T
            latent = np.vstack([self.latent(normal[:known]), normal[known:]])
            return self.problem.parameters(latent, horizon)


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
    fits = {}
    with one_thread():
        for zone in pipeline.zones:
            problem = pipeline_problem(zone, pipeline, baseline, priors)
            fits[zone] = PipelineFit.at(problem, most_probable(problem))
    return fits


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
    rows: list[PipelineUnknown] = []
    for place, unknown in enumerate(fit.problem.unknowns):
        mean, spread = fit.mean[place], fit.deviation[place]
        points = np.array([0.0, mean, mean - 1.645 * spread, mean + 1.645 * spread])
        prior, posterior, low, high = unknown.distribution.from_standard(points)
        lost = float(1 - spread**2)
        rows.append(
            PipelineUnknown(
                fit.problem.zone, unknown.name, str(unknown.label), unknown.unit, float(prior),
                float(posterior), float(low), float(high), float(mean), lost,
                "derived" if lost > DERIVED_SHRINKAGE else unknown.evidence, unknown.source,
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
