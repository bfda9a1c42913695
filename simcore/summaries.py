"""Summaries of a stored result: exact quantiles and means of its variables over the draws."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import h5py
import numpy as np

from simcore.chunks import Row
from simcore.dims import QUANTILES, Variable
from simcore.quantiles import quantiles_of
from simcore.results import Layout
from simcore.selection import add_tiles
from simcore.selection import mean as mean_of_sums
from simcore.threads import cores

SLAB = 1 << 22  # values that are summarised together at most, of several years


def summaries(
    file: h5py.File, variable: Variable, layout: Layout, scenario: int | None = None
) -> dict[str, Any]:
    """Return the quantiles and the mean over the draws of a stored variable, exact, float32.

    By their names in the group of summaries: (quantile, scenario, …) and (scenario, …). Of one
    scenario alone where it is given, else on a thread a core.
    """
    stored, alone = file[variable.name], scenario is not None
    chosen = range(len(layout.scenarios)) if scenario is None else [scenario]
    size = (len(chosen), *stored.shape[1:-1])
    quantiles = np.full((len(QUANTILES), *size), np.nan, dtype=np.float32)
    mean = np.full(size, np.nan, dtype=np.float32)
    height = max(SLAB // stored.shape[-1], 1)

    def summarise(index: Row) -> None:
        for first in range(0, size[-1], height):
            years = slice(first, first + height)
            place: Any = (*index, years)
            found = _summarised(stored[(chosen[index[0]], *index[1:], years)])
            quantiles[:, *place], mean[place] = found

    indices = [row[:-1] for at in range(len(chosen)) for row in layout.rows(variable, at)]
    with contextlib.ExitStack() as opened:
        each: Any = map  # a thread would take memory of its own
        if not alone:
            each = opened.enter_context(ThreadPoolExecutor(cores())).map  # sorting locks nothing
        for _ in each(summarise, indices):
            pass
    return {variable.name: quantiles, f"{variable.name}_mean": mean}


def _summarised(slab: Any) -> tuple[Any, Any]:
    """Return quantiles (quantile, year) and means (year) of values (year, draw), which it sorts."""
    total = np.zeros(slab.shape[:-1])
    add_tiles(total, slab)
    slab.sort(axis=-1)
    known = np.array([np.searchsorted(row, np.nan) for row in slab])  # NaN are last
    found = quantiles_of(slab) + 0.0  # no zero below zero
    return np.where(np.isnan(found), np.nan, found), mean_of_sums(total, known)  # NaN of one kind
