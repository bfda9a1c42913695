"""Scores of a probabilistic forecast against what came true: pure functions.

CRPS, PIT and coverage as in Gneiting & Raftery (2007, Journal of the American Statistical
Association 102:359, doi:10.1198/016214506000001437) and Gneiting, Balabdaoui & Raftery (2007,
Journal of the Royal Statistical Society B 69:243, doi:10.1111/j.1467-9868.2007.00587.x).

What came true is a set of equally probable values, because a printed figure stands for an interval
(its rounding) or for a value above it ("over"); every score is the average over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array


def crps_ensemble(draws: Array, observed: Array) -> float:
    """Continuous ranked probability score of an ensemble; zero is best, in the figure's unit.

    ``mean |x − y| − Σ_i (2i − m − 1) x_(i) / (m (m − 1))`` with x_(i) the sorted draws, i from 1:
    the fair form (Ferro 2014, Quarterly Journal of the Royal Meteorological Society 140:1917,
    doi:10.1002/qj.2270), unbiased for the score of the distribution that the draws come from.
    One draw is a point forecast.

    Parameters
    ----------
    draws : (draw) float
    observed : (value) float, equally probable

    >>> crps_ensemble(np.array([0.0, 1.0, 2.0]), np.array([1.0]))
    0.0
    >>> crps_ensemble(np.array([3.0]), np.array([1.0]))
    2.0
    """
    ordered, count = np.sort(draws), len(draws)
    distance = float(np.abs(ordered[:, None] - observed).mean())
    if count == 1:
        return distance
    weights = 2 * np.arange(1, count + 1) - count - 1
    return distance - float(weights @ ordered) / (count * (count - 1))


def crps_normal(mean: float, deviation: float, observed: Array) -> float:
    """Continuous ranked probability score of a normal distribution, in closed form.

    ``σ (ζ (2 Φ(ζ) − 1) + 2 φ(ζ) − 1/√π)`` with ζ = (y − μ)/σ (Gneiting & Raftery 2007, eq. 21,
    sign reversed).

    >>> round(crps_normal(0.0, 1.0, np.zeros(1)), 6)
    0.233695
    """
    from scipy.special import ndtr

    z = (observed - mean) / deviation
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return float((deviation * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))).mean())


def crps_point(forecast: float, observed: Array) -> float:
    """Score of a single number: the absolute error, which the CRPS then is.

    >>> crps_point(5.0, np.array([4.0, 7.0]))
    1.5
    """
    return float(np.abs(observed - forecast).mean())


def pit(draws: Array, observed: Array) -> float:
    """Probability integral transform: the share of draws below what came true, from 0 to 1.

    A draw that equals it counts half. Over the interval of a rounded figure this is the mean of the
    randomised PIT (Smith 1985, Journal of Forecasting 4:283, doi:10.1002/for.3980040305).

    >>> pit(np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0]))
    0.375
    """
    ordered = np.sort(draws)
    below = np.searchsorted(ordered, observed, side="left")
    upto = np.searchsorted(ordered, observed, side="right")
    return float(((below + upto) / 2).mean() / len(draws))


def standardised_error(draws: Array, observed: float) -> float | None:
    """``z = (y − mean) / s.d.`` of the draws; None if they are all the same.

    >>> standardised_error(np.array([-1.0, 1.0]), 2.0)
    2.0
    """
    deviation = float(draws.std())
    return float(observed - draws.mean()) / deviation if deviation > 0 else None


@dataclass(frozen=True)
class Coverage:
    """How many of some figures lay inside a band, with exact limits of the share behind it."""

    band: float
    figures: int
    inside: int
    share: float
    low: float
    high: float


def coverage(inside: Sequence[bool], band: float, level: float = 0.95) -> Coverage | None:
    """Count the figures inside a band; None without figures.

    ``low`` and ``high`` are the limits of Clopper & Pearson (1934, Biometrika 26:404,
    doi:10.1093/biomet/26.4.404), exact for independent figures: quantiles (1 − level)/2 of
    Beta(k, n − k + 1) and (1 + level)/2 of Beta(k + 1, n − k).

    >>> found = coverage([True] * 5, 0.9)
    >>> found.share, round(found.low, 3), found.high
    (1.0, 0.478, 1.0)
    """
    from scipy.special import betaincinv

    n, k = len(inside), sum(inside)
    if n == 0:
        return None
    tail = (1 - level) / 2
    low = float(betaincinv(k, n - k + 1, tail)) if k > 0 else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return Coverage(band, n, k, k / n, low, high)


@dataclass(frozen=True)
class Comparison:
    """Scores against those of another forecast: geometric mean ratio over the common figures.

    ``skill`` = 1 − ratio: above zero is better than the other forecast.
    """

    benchmark: str
    figures: int
    ratio: float
    skill: float


def compare(
    benchmark: str, own: Sequence[float], other: Sequence[float | None]
) -> Comparison | None:
    """Compare scores of figures in different units; None where there is no pair of scores.

    Ratios are averaged geometrically (Fleming & Wallace 1986, Communications of the ACM 29:218,
    doi:10.1145/5666.5673), so that it does not matter which of the two is the divisor. A score of
    zero, of a forecast that hit, or below it, as the fair form may be with few draws, has no ratio:
    the figure is left out of the number of figures.

    >>> compare("plan", [1.0, 4.0, 1.0], [2.0, 2.0, None])
    Comparison(benchmark='plan', figures=2, ratio=1.0, skill=0.0)
    """
    pairs = [(a, b) for a, b in zip(own, other, strict=True) if b is not None and min(a, b) > 0]
    if not pairs:
        return None
    ratio = float(np.exp(np.mean([np.log(a / b) for a, b in pairs])))
    return Comparison(benchmark, len(pairs), ratio, 1 - ratio)
