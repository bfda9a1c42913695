"""What the reconciliation makes of the documents: fit, shrinkage and strained slacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simcore.arrays import Array
from simcore.posterior import Posterior
from simcore.reconcile import most_probable
from simcore.threads import one_thread

CONFLICT = 1.0  # a slack beyond this many prior standard deviations is a conflict
CONFLICT_MISFIT = 3.0  # so is a figure beyond this many σ with the slacks held at their mean
DERIVED_SHRINKAGE = 0.5  # an unknown that loses this share of its prior variance is derived


@dataclass(frozen=True)
class FitRow:
    """A figure, or an undocumented growth rate, and what the reconciliation makes of it."""

    figure: str | None
    zone: str
    indicator: str
    period: Any
    value: float | None
    fitted: float
    low: float
    high: float
    z: float | None
    evidence: str
    source: str


def fit_table(posterior: Posterior, draws: int = 2048) -> list[FitRow]:
    """Figures with fitted value, 90 % interval and z, then the years no document gives."""
    normal = np.random.default_rng(0).standard_normal((len(posterior.mean), draws))
    past = posterior.draw(normal)
    middle = posterior.problem.history(posterior.mean[:, None])
    rows = []
    for observation, z in zip(posterior.problem.observations, posterior.misfit, strict=True):
        figure = observation.figure
        low, high = np.quantile(observation.operator(past), [0.05, 0.95])
        fitted = float(observation.operator(middle)[0])
        name = f"{figure.indicator}_{figure.concept}" if figure.concept != "level" else None
        rows.append(
            FitRow(
                figure.id,
                figure.zone,
                name or figure.indicator,
                figure.period,
                figure.value,
                fitted,
                float(low),
                float(high),
                float(z),
                "documented",
                str(figure.source),
            )  # fmt: skip
        )
    documented = {(row.zone, row.period) for row in rows if row.indicator == "gdp_growth"}
    for row, (name, zone) in enumerate(posterior.problem.past.baseline.zones.items()):
        for year in range(zone.first_growth_year, posterior.problem.past.baseline.base_year + 1):
            if (name, year) not in documented:
                place = past.place(year)
                low, high = 100 * np.expm1(np.quantile(past.growth[row, place], [0.05, 0.95]))
                fitted = 100 * float(np.expm1(middle.growth[row, place, 0]))
                rows.append(
                    FitRow(
                        None,
                        name,
                        "gdp_growth",
                        year,
                        None,
                        fitted,
                        float(low),
                        float(high),
                        None,
                        "assumed",
                        "no document; growth law and priors",
                    )  # fmt: skip
                )
    return rows


@dataclass(frozen=True)
class ShrinkageRow:
    """An unknown before and after the documents."""

    parameter: str
    unit: str
    prior: float
    posterior: float
    shift: float
    shrinkage: float
    evidence: str
    source: str


def shrinkage_table(posterior: Posterior) -> list[ShrinkageRow]:
    """Return prior and posterior central value, shift in prior s.d. and variance lost."""
    rows = []
    for place, unknown in enumerate(posterior.problem.unknowns):
        ends = unknown.distribution.from_standard(np.array([0.0, posterior.mean[place]]))
        lost = 1 - float(posterior.deviation[place]) ** 2
        evidence = unknown.evidence
        if evidence == "assumed" and lost > DERIVED_SHRINKAGE:
            evidence = "derived"
        rows.append(
            ShrinkageRow(
                unknown.name,
                unknown.unit,
                float(ends[0]),
                float(ends[1]),
                float(posterior.mean[place]),
                lost,
                evidence,
                unknown.source,
            )  # fmt: skip
        )
    return rows


@dataclass(frozen=True)
class ConflictRow:
    """Figures that cannot hold together, and the slacks that reconcile them."""

    conflict: str
    zone: str
    figures: tuple[str, ...]
    slacks: dict[str, float]
    worst_figure: str
    worst_misfit: float
    misfit_increase: float


def conflicts(posterior: Posterior) -> list[ConflictRow]:
    """Return the conflicts: a slack beyond one s.d., or figures beyond 3 σ without the slacks."""
    problem = posterior.problem
    names = [unknown.name for unknown in problem.unknowns]
    rows = []
    for name, conflict in problem.past.priors.conflicts.items():
        slacks = [
            unknown
            for unknown, slack in problem.past.priors.slack_unknowns.items()
            if slack.conflict == name
        ]
        used = {slack: float(posterior.mean[names.index(slack)]) for slack in slacks}
        with one_thread():
            without = most_probable(problem, held=slacks)
        misfit = problem.misfit(without[:, None])[:, 0]
        worst = int(np.argmax(np.abs(misfit)))
        if max(map(abs, used.values())) > CONFLICT or abs(misfit[worst]) > CONFLICT_MISFIT:
            increase = _objective(without, misfit) - _objective(posterior.mean, posterior.misfit)
            rows.append(
                ConflictRow(
                    name,
                    conflict.zone,
                    tuple(conflict.figures),
                    used,
                    problem.observations[worst].figure.id,
                    float(misfit[worst]),
                    increase,
                )  # fmt: skip
            )
    return rows


def _objective(latent: Array, misfit: Array) -> float:
    """Return the sum of squares that the reconciliation minimises."""
    return float((latent**2).sum() + (misfit**2).sum())
