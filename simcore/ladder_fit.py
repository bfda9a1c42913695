"""Fitting the ladder of firms to the documented counts, and what the figures settle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.fit import DERIVED_SHRINKAGE
from simcore.labels import say
from simcore.ladder_members import FirmMembers
from simcore.ladder_priors import Firms, check_firms, load_firms, printed_count
from simcore.ladder_problem import Evidence, FirmPosterior, FirmProblem
from simcore.laplace import covariance_factor
from simcore.priors import Priors
from simcore.reconcile import most_probable, refuse_missed
from simcore.threads import one_thread

ROUNDS = 3  # the chance of the moves is reckoned at the mode before
SETTLES = 0.05  # of an unknown's variance: less is not named beside a figure


def fit_firms(baseline: Baseline, priors: Priors, firms: Firms | None = None) -> FirmPosterior:
    """Fit stocks, entry and rates to the documented counts, as the reconciliation fits GDP.

    Raises `InputError` for a calibration that does not hold together, `CalibrationError` if an
    exact figure is missed by more than 2 σ.
    """
    if firms is None:
        firms = load_firms()
        check_firms(firms, baseline)
    problem = FirmProblem(baseline, priors, firms, {})
    latent = np.zeros(len(problem.unknowns))
    with one_thread():
        for _ in range(ROUNDS):
            problem = replace(problem, chance=problem.chances(latent))
            latent = most_probable(problem)
        posterior = FirmPosterior.at(problem, latent)
    refuse_missed(
        [part.figure for part in problem.evidence], posterior.misfit,
        say("of its rounding and the chance of firms' moves"),
        say("documented counts of firms that the ladder cannot meet"),
    )  # fmt: skip
    return posterior


@dataclass(frozen=True)
class FirmFitRow:
    """A documented count, what the ladder makes of it, and what it settles."""

    figure: str
    zone: str
    rung: str
    period: Any
    qualifier: str
    value: float
    fitted: float
    q05: float
    q25: float
    q75: float
    q95: float
    deviation_percent: float
    z: float
    settles: dict[str, float]
    source: str


def fit_table(members: FirmMembers) -> list[FirmFitRow]:
    """Return every figure with the quantiles of the draws and the unknowns that it settles.

    ``settles`` : the share of an unknown's posterior variance that returns without the figure, over
    its prior variance.
    """
    posterior, rows = members.posterior, []
    problem = posterior.problem
    for row, part in enumerate(problem.evidence):
        low, first, middle, third, high = np.quantile(
            _drawn(members, part), [0.05, 0.25, 0.5, 0.75, 0.95]
        )
        figure, value = part.figure, printed_count(part.figure)
        rows.append(
            FirmFitRow(
                figure.id, part.zone, part.rung, figure.period, figure.qualifier, value,
                float(middle), float(low), float(first), float(third), float(high),
                float(100 * (middle / value - 1)), float(posterior.misfit[row]),
                settled(posterior, row), str(figure.source),
            )
        )  # fmt: skip
    return rows


def _drawn(members: FirmMembers, part: Evidence) -> Array:
    counts = members.counts(part.zone, part.year)
    return members.posterior.problem.published(part, counts, members.values)


def settled(posterior: FirmPosterior, row: int) -> dict[str, float]:
    """Return the unknowns that a figure settles, with the share of prior variance it takes."""
    jacobian = posterior.jacobian
    with_all = np.diag(posterior.factor @ posterior.factor.T)
    factor = covariance_factor(np.delete(jacobian, row, axis=0))
    lost = np.diag(factor @ factor.T) - with_all
    order = np.argsort(-lost)
    names = [unknown.name for unknown in posterior.problem.unknowns]
    return {names[place]: float(lost[place]) for place in order if lost[place] >= SETTLES}


@dataclass(frozen=True)
class RateRow:
    """An unknown of the ladder before and after the counts."""

    unknown: str
    zone: str
    label: str
    unit: str
    prior: float
    fitted: float
    q05: float
    q95: float
    shrinkage: float
    evidence: str
    source: str


def rates_table(members: FirmMembers) -> list[RateRow]:
    """Return every unknown with its prior median, quantiles of the draws and the variance lost."""
    posterior, rows = members.posterior, []
    for place, unknown in enumerate(posterior.problem.unknowns):
        lost = 1 - float(posterior.deviation[place]) ** 2
        low, middle, high = np.quantile(members.values[unknown.name], [0.05, 0.5, 0.95])
        evidence = unknown.evidence
        if evidence == "assumed" and lost > DERIVED_SHRINKAGE:
            evidence = "derived"
        prior = unknown.distribution.from_standard(np.zeros(1))[0]
        zone = unknown.name.removeprefix("excess.").partition(".")[0]
        rows.append(
            RateRow(
                unknown.name, zone, str(unknown.label), unknown.unit, float(prior), float(middle),
                float(low), float(high), lost, evidence, unknown.source,
            )
        )  # fmt: skip
    return rows
