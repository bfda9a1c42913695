"""Documented flows of projects in the units of the model, and how closely it should meet them.

σ² of the logarithm joins the chance of single projects (the Poisson 1/n of a count), the rounding,
and the stated deviation of what the figure measures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcore.baseline import Baseline
from simcore.entries import Figure
from simcore.observe import rounding
from simcore.pipeline_priors import COUNTS, Flow
from simcore.printed import split_unit
from simcore.priors import Distribution, Priors

MONEY = 1e8  # CNY, the unit of money


@dataclass(frozen=True)
class Reading:
    """A documented flow in the units of the model, and how closely the model should meet it."""

    flow: Flow
    stated: float
    sigma: float


def read_flow(flow: Flow, baseline: Baseline, priors: Priors) -> Reading:
    """Read the figures of a flow; "over" counts as the figure and its usual excess."""
    figures = [baseline.figures[name] for name in flow.figures]
    excess = float(priors.distribution("excess").from_standard(np.zeros(1))[0])
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


def stated_amount(figure: Figure) -> float:
    """Return a figure as a number of projects or in 1e8 CNY."""
    multiple, unit = split_unit(figure.unit)
    return float(figure.value or 0.0) * (multiple / MONEY if unit == "元" else multiple)


def _log_deviation(distribution: Distribution) -> float:
    low, high = distribution.from_standard(np.array([-1.0, 1.0]))
    return float(np.log(high / low) / 2)
