"""Many scenarios side by side: who comes first, from when they differ, and what pairing is worth.

Draw m of every scenario has the same random numbers, so scenarios are ranked draw by draw. A
difference is clear from the first year on in which the 90 % band of the paired difference from the
reference leaves out zero, and stays so in the years after. Pairing removes

    1 − Var(Y − X) / (Var Y + Var X)

of the variance that the difference of two independent runs would have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from simcore.accessor import refuse_summary, refuse_weights
from simcore.arrays import Array
from simcore.errors import InputError
from simcore.labels import say

BAND = (0.05, 0.95)


@dataclass(frozen=True)
class Ranking:
    """A scenario among all: shares of draws in which it is first and last, and its mean rank.

    ``clear_from`` : the first year of a clear difference from the reference, None if there is
    none; ``variance_removed`` : by pairing with the reference, in the ranked year; both None for
    the reference itself.
    """

    scenario: str
    zone: str
    indicator: str
    year: int
    mean_rank: float
    first: float
    last: float
    clear_from: int | None
    variance_removed: float | None


def rankings(
    dataset: xr.Dataset, reference: str, indicator: str, year: int, first_year: int
) -> list[Ranking]:
    """Rank the scenarios by an indicator of every zone in a year, the best first.

    ``first_year`` : from which differences are looked for, the first projected one. Draws that are
    masked in any scenario are left out. Raises `InputError` for an indicator of industries, or a
    result without draws, and for draws of unequal weights.
    """
    refuse_summary(dataset)
    refuse_weights(dataset, say("ranking"), say("rank the results as they were run"))
    values = dataset[indicator]
    if "industry" in values.dims:
        raise InputError(
            say("'{indicator}' is by industry; rank by an indicator of zones", indicator=indicator)
        )
    found = []
    for zone in [str(name) for name in values["zone"].values]:
        own = values.sel(zone=zone).transpose("scenario", "year", "draw")
        found += _of_zone(own.astype(np.float64), zone, reference, year, first_year)
    return found


def _of_zone(
    values: xr.DataArray, zone: str, reference: str, year: int, first_year: int
) -> list[Ranking]:
    names = [str(name) for name in values["scenario"].values]
    there = values.sel(year=year).values
    there = there[:, np.isfinite(there).all(axis=0)]
    places = _ranks(there)
    base = values.sel(scenario=reference)
    rows = []
    for row, name in enumerate(names):
        other = name != reference
        rows.append(
            Ranking(
                name, zone, str(values.name), year, float(places[row].mean()),
                float((places[row] == 1).mean()), float((places[row] == len(names)).mean()),
                _clear_from(values.sel(scenario=name) - base, first_year) if other else None,
                _removed(there[row], there[names.index(reference)]) if other else None,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda ranking: ranking.mean_rank)


def _ranks(values: Array) -> Array:
    """Return ranks (scenario, draw), 1 for the highest; equal values share the mean of theirs.

    >>> _ranks(np.array([[3.0], [5.0], [3.0]])).ravel().tolist()
    [2.5, 1.0, 2.5]
    """
    above = (values[None] > values[:, None]).sum(axis=1)
    equal = (values[None] == values[:, None]).sum(axis=1)
    return np.asarray(above + (equal + 1) / 2)


def _clear_from(difference: xr.DataArray, first_year: int) -> int | None:
    """Return the first year from which on the band leaves out zero."""
    span = difference.sel(year=slice(first_year, None))
    low, high = span.quantile(BAND, dim="draw").values
    clear = (low > 0) | (high < 0)
    tail = len(clear) - int(np.argmin(clear[::-1])) if not clear.all() else 0
    return int(span["year"].values[tail]) if tail < len(clear) else None


def _removed(values: Array, reference: Array) -> float | None:
    """Return the share of the variance that pairing removes, None where nothing varies."""
    apart = values.var() + reference.var()
    return float(1 - (values - reference).var() / apart) if apart > 0 else None
