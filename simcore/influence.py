"""What GDP to come would be without a figure, or without a document: deletion by a linear update.

With J the Jacobian of the figures, r their misfits and C = (I + JᵀJ)⁻¹ the posterior covariance,
all in prior standard deviations, leaving out the figures D (one, or all of a document) gives

    K = C₋ J_Dᵀ = J_Dᵀ − J_Rᵀ (I + J_R J_Rᵀ)⁻¹ J_R J_Dᵀ        R: the figures that remain
    S = I + J_D K = (I − H_D)⁻¹                                  H_D = J_D C J_Dᵀ, the leverage
    Δ mean = K r_D,   Δ covariance = C₋ − C = K S⁻¹ Kᵀ

which for one figure is Sherman and Morrison's downdate, ``Δ mean = C j r/(1 − h)`` and
``C₋ − C = C j jᵀ C/(1 − h)``. Exact where the model is linear (Cook 1977, Technometrics 19:15,
doi:10.2307/1268249; Belsley, Kuh & Welsch 1980, Regression Diagnostics,
doi:10.1002/0471725153). The figures' rounding makes 1 − h as small as 1e-8, so K and S are
computed without a difference of nearly equal numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array
from simcore.headline import Headline


@dataclass(frozen=True)
class Effect:
    """Change of a zone's GDP in a year if something is left out.

    ``median_change`` [percent of GDP]; ``deviation`` of ln GDP with everything, and
    ``deviation_without``, both in percentage points of the logarithm.
    """

    zone: str
    year: int
    median_change: float
    deviation: float
    deviation_without: float


@dataclass(frozen=True)
class FigureInfluence:
    """What leaving out one figure would do; ``information`` in bits.

    ``sets_level`` : the figure is the level on whose basis the zone's GDP is counted. The prior of
    that level, wide as it is, is centred on the figure and stays so when the figure is left out.
    """

    figure: str
    zone: str
    document: str
    leverage: float
    information: float
    sets_level: bool
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class DocumentContribution:
    """What leaving out all figures of a document would do; ``information`` in bits."""

    document: str
    figures: int
    information: float
    effects: tuple[Effect, ...]


def figure_influence(headline: Headline, deviation: Array) -> list[FigureInfluence]:
    """Return the leave-one-out influence of every figure used.

    ``deviation`` : (zone, year) standard deviation of ln GDP with every figure.
    """
    problem = headline.posterior.problem
    levels = problem.past.baseline.gdp_levels
    rows = []
    for row, observation in enumerate(problem.observations):
        figure = observation.figure
        gain, schur = deletion(headline.posterior.jacobian, [row])
        rows.append(
            FigureInfluence(
                figure.id,
                figure.zone,
                figure.source.document,
                float(1 - 1 / schur[0, 0]),
                information(schur),
                figure.id == levels(figure.zone)[-1].id,
                _effects(headline, deviation, [row], gain, schur),
            )  # fmt: skip
        )
    return rows


def document_contributions(headline: Headline, deviation: Array) -> list[DocumentContribution]:
    """Return what every registered document contributed: what would be without its figures."""
    problem = headline.posterior.problem
    sources = [o.figure.source.document for o in problem.observations]
    found = []
    for document in problem.past.baseline.documents:
        rows = [row for row, source in enumerate(sources) if source == document]
        gain, schur = deletion(headline.posterior.jacobian, rows)
        effects = _effects(headline, deviation, rows, gain, schur)
        found.append(DocumentContribution(document, len(rows), information(schur), effects))
    return found


def deletion(jacobian: Array, rows: Sequence[int]) -> tuple[Array, Array]:
    """Return K (unknown, deleted) and S (deleted, deleted) of leaving out rows of the Jacobian.

    >>> gain, schur = deletion(np.array([[3.0], [4.0]]), [0])
    >>> gain[:, 0] * 17, schur[0] * 17  # without the first row the variance is 1/(1 + 16)
    (array([3.]), array([26.]))
    """
    gone, kept = jacobian[list(rows)], np.delete(jacobian, list(rows), axis=0)
    inner = np.eye(len(kept)) + kept @ kept.T
    scale = 1 / np.sqrt(np.diag(inner))  # equal diagonals: roundings differ by orders of magnitude
    solved = np.linalg.solve(scale[:, None] * inner * scale, scale[:, None] * (kept @ gone.T))
    gain = gone.T - kept.T @ (scale[:, None] * solved)
    return gain, np.eye(len(gone)) + gone @ gain


def information(schur: Array) -> float:
    """Return what the deleted figures tell beyond the others, ½ log₂ det S [bits].

    Half the logarithm of the ratio of covariance determinants without and with them (Lindley 1956,
    Annals of Mathematical Statistics 27:986, doi:10.1214/aoms/1177728069): one bit halves a
    standard deviation. What two figures both tell counts for neither, so bits do not add up.

    >>> information(np.array([[4.0]]))
    1.0
    """
    return float(np.linalg.slogdet(schur)[1] / (2 * np.log(2.0)))


def _effects(
    headline: Headline, deviation: Array, rows: Sequence[int], gain: Array, schur: Array
) -> tuple[Effect, ...]:
    """Return the effects of a deletion on every headline quantity: β'K r and β'K S⁻¹ K'β."""
    slopes = headline.gradient[0] @ gain
    moved = slopes @ headline.posterior.misfit[list(rows)]
    added = (slopes * np.linalg.solve(schur, slopes[..., None])[..., 0]).sum(axis=-1)
    without = np.sqrt(deviation**2 + added)
    return tuple(
        Effect(
            zone,
            year,
            float(100 * np.expm1(moved[row, place])),
            float(100 * deviation[row, place]),
            float(100 * without[row, place]),
        )  # fmt: skip
        for row, zone in enumerate(headline.zones)
        for place, year in enumerate(headline.years)
    )
