"""Weighted draws: effective sample size, quantiles, shares and their standard errors.

References
----------
Kish (1965), Survey Sampling, section 8.2 (effective sample size); Geweke (1989), Econometrica
57:1317, doi:10.2307/1913710 (standard error under importance weights).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simcore.arrays import Array, Mask


def effective_size(weight: Array) -> float:
    """How many equally weighted draws know as much, ``(Σw)²/Σw²``, of weights (draw).

    >>> effective_size(np.ones(8)), effective_size(np.array([1.0, 1.0, 0.0, 0.0]))
    (8.0, 2.0)
    """
    total = float(weight.sum())
    return total**2 / float((weight**2).sum()) if total else 0.0


def weighted_share(met: Mask, weight: Array) -> tuple[float, float]:
    """Return the share of draws (draw) that meet something, and its Monte Carlo standard error.

    ``p = Σ w I / Σ w``, ``√(Σ w² (I − p)²) / Σ w``; NaN without a draw of any weight.

    >>> weighted_share(np.array([True, False, False, False]), np.ones(4))
    (0.25, 0.21650635094610965)
    """
    total = float(weight.sum())
    if not total:
        return float("nan"), float("nan")
    share = float((weight * met).sum()) / total
    return share, float(np.sqrt((weight**2 * (met - share) ** 2).sum())) / total


def bound_of_none(size: float) -> float:
    """Return the upper 95 % bound of a probability of which no draw of so many gave an instance.

    ``1 − 0.05^(1/n)``, where ``(1 − P)^n = 5 %``: about 3/n; n may be an effective sample size.

    >>> round(bound_of_none(1), 4), round(bound_of_none(4096), 6)
    (0.95, 0.000731)
    """
    return float(-np.expm1(np.log(0.05) / size)) if size else 1.0


def weighted_quantiles(values: Array, weight: Array, quantiles: Sequence[float]) -> Array:
    """Return quantiles over the last axis of values (…, draw), first axis the quantile.

    Linear between neighbours in order, which stand at ``Σ_{i<k} (w_i + w_{i+1})/2`` over the sum of
    all these steps: equal weights give the usual linear quantiles. NaN are left out.

    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.ones(3), (0.5, 0.75)).tolist()
    [2.0, 2.5]
    """
    rows = values.reshape(-1, values.shape[-1])
    found = np.full((len(quantiles), len(rows)), np.nan)
    for place, row in enumerate(rows):
        known = np.isfinite(row) & (weight > 0)
        if not known.any():
            continue
        own, share = row[known], weight[known]
        order = np.argsort(own, kind="stable")
        own, share = own[order], share[order]
        steps = np.concatenate([[0.0], np.cumsum((share[:-1] + share[1:]) / 2)])
        found[:, place] = np.interp(np.asarray(quantiles) * steps[-1], steps, own)
    return found.reshape(len(quantiles), *values.shape[:-1])


def weighted_deviation(values: Array, weight: Array) -> float:
    """Return the standard deviation of draws (draw), ``√(Σ w (x − x̄)² / Σ w)``.

    >>> weighted_deviation(np.array([1.0, 3.0, 9.0]), np.array([1.0, 1.0, 0.0]))
    1.0
    """
    mean = np.average(values, weights=weight)
    return float(np.sqrt(np.average((values - mean) ** 2, weights=weight)))


def are_equal(weight: Array) -> bool:
    """Whether all draws that are not masked have the same weight.

    >>> are_equal(np.array([1.0, 0.0, 1.0])), are_equal(np.array([1.0, 0.5]))
    (True, False)
    """
    some = weight[weight > 0]
    return not len(some) or bool((some == some[0]).all())
