"""Exact quantiles and means over draws in memory; masked draws, which are NaN, are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simcore.dims import QUANTILES


def sorted_quantiles(slab: Any, quantiles: Sequence[float] = QUANTILES) -> Any:
    """Return linear quantiles over the last axis, first axis the quantile; faster than NumPy's.

    Masked draws, which are NaN, are left out; a row of nothing else is NaN.

    >>> sorted_quantiles(np.array([3.0, 1.0, 2.0]), (0.5, 0.75)).tolist()
    [2.0, 2.5]
    """
    return quantiles_of(np.sort(slab, axis=-1), quantiles)  # NaN last


def quantiles_of(ordered: Any, quantiles: Sequence[float] = QUANTILES) -> Any:
    """Return linear quantiles of what is in order, as `sorted_quantiles`."""
    found = _interpolated(ordered, quantiles)
    some = np.isnan(ordered[..., -1]) & ~np.isnan(ordered[..., 0])
    if some.any():
        rows = ordered[some]
        counts = np.isfinite(rows).sum(axis=-1)
        parts = np.empty((len(rows), len(quantiles)), dtype=found.dtype)
        for count in np.unique(counts):
            parts[counts == count] = _interpolated(rows[counts == count, :count], quantiles)
        found[some] = parts
    return np.moveaxis(found, -1, 0)


def _interpolated(ordered: Any, quantiles: Sequence[float]) -> Any:
    """Return linear quantiles of ordered values, the last axis the quantile."""
    places = np.asarray(quantiles) * (ordered.shape[-1] - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, ordered.shape[-1] - 1)
    share = places - low
    return ordered[..., low] * (1 - share) + ordered[..., high] * share


def mean_of(values: Any) -> Any:
    """Return the mean over the last axis, without masked draws, which are NaN.

    >>> mean_of(np.array([[1.0, 3.0], [1.0, np.nan], [np.nan, np.nan]])).tolist()
    [2.0, 1.0, nan]
    """
    found = np.asarray(values.mean(axis=-1, dtype=np.float64))
    none = np.isnan(found)
    if not none.any():
        return found
    some = none & ~np.isnan(values).all(axis=-1)
    if some.any():
        rows = values[some]
        known = ~np.isnan(rows)
        total = np.where(known, rows, 0.0).sum(axis=-1, dtype=np.float64)
        found[some] = total / known.sum(axis=-1)
    return found
