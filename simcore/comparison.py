"""Paired comparison: what a scenario changes, draw by draw, against another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from simcore.accessor import refuse_summary
from simcore.dims import VARIABLES
from simcore.errors import InputError, unknown
from simcore.labels import say
from simcore.quantiles import mean_of, sorted_quantiles
from simcore.weighting import are_equal, weighted_quantiles

STATISTICS = (
    "median", "q05", "q95", "baseline_median", "difference_median", "difference_q05",
    "difference_q95", "probability_above", "largest_difference",
)  # fmt: skip
DEFAULT_INDICATORS = ("gdp", "rnd", "output")
DEFAULT_YEARS = (2025, 2030, 2035)
UNCHANGED = 1e-6  # relative; a difference below it in every draw is none

Row = dict[str, Any]


def compare(
    dataset: xr.Dataset,
    baseline: str = "baseline",
    indicators: Sequence[str] = DEFAULT_INDICATORS,
    years: Sequence[int] | None = None,
) -> xr.Dataset:
    """Compare every scenario with ``baseline`` on common random numbers.

    Each indicator becomes a variable with the dimension ``statistic``: median and 5 % and 95 %
    quantiles of the scenario, the baseline's median, median and quantiles of the paired
    difference, the share of draws in which the scenario lies above, and the largest absolute
    difference of any draw. Draws of unequal weights (`condition`) of either scenario are no pairs:
    they are compared with the baseline's median, weighted as its own draws are.
    Raises `InputError` for an unknown scenario, indicator or year, and for a result without draws.
    """
    names = [str(name) for name in dataset["scenario"].values]
    _known(baseline, names, "scenario")
    refuse_summary(dataset)
    for indicator in indicators:
        _known(indicator, list(VARIABLES), "indicator")
    chosen = list(years) if years else _years(dataset)
    for year in chosen:
        _known(str(year), [str(known) for known in dataset["year"].values], "year")
    others = [name for name in names if name != baseline]
    if not others:
        raise InputError(
            say("there is no scenario beside '{baseline}' to compare with it", baseline=baseline)
        )
    reference = dataset.sel(scenario=baseline, year=chosen)
    found = {}
    for indicator in indicators:
        dims = [name for name in VARIABLES[indicator].dims if name not in ("scenario", "draw")]
        parts = [
            _statistics(
                dataset[indicator].sel(scenario=name, year=chosen).values,
                reference[indicator].values,
                dataset["weight"].sel(scenario=name).values,
                reference["weight"].values,
            )
            for name in others
        ]
        attributes = VARIABLES[indicator].attributes
        found[indicator] = (("scenario", "statistic", *dims), np.array(parts), attributes)
    coords = {name: dataset[name].values for name in ("zone", "industry")}
    return xr.Dataset(
        found,
        coords={
            "scenario": others,
            "statistic": list(STATISTICS),
            "year": chosen,
            **coords,
        },  # fmt: skip
        attrs={"baseline": baseline, "draws": dataset.sizes["draw"], "seed": dataset.attrs["seed"]},
    )


def reference_of(dataset: xr.Dataset) -> str:
    """Return the scenario that others are compared with: the baseline, or else the first."""
    names = [str(name) for name in dataset["scenario"].values]
    return "baseline" if "baseline" in names else names[0]


def _years(dataset: xr.Dataset) -> list[int]:
    known = {int(year) for year in dataset["year"].values}
    return [year for year in DEFAULT_YEARS if year in known] or [max(known)]


def _known(name: str, known: Sequence[str], what: str) -> None:
    if name not in known:
        raise InputError(unknown(what, name, known))


def _statistics(values: Any, reference: Any, weight: Any, usual: Any) -> Any:
    """Statistics of draws on the last axis, the statistic first; NaN where nothing is.

    ``weight``, ``usual`` : weights of the scenario's and of the reference's draws, (draw). A draw
    that is masked in either scenario is no pair, and none of the scenario's own.
    """
    values, reference = values.astype(np.float64), reference.astype(np.float64)
    if not (are_equal(weight) and are_equal(usual)):
        return _weighted_statistics(
            values, reference, weight.astype(np.float64), usual.astype(np.float64)
        )
    low, median, high = sorted_quantiles(values, (0.05, 0.5, 0.95))
    middle = sorted_quantiles(reference, (0.5,))[0]
    below, difference, above = sorted_quantiles(values - reference, (0.05, 0.5, 0.95))
    share = mean_of(np.where(np.isnan(values - reference), np.nan, values > reference))
    largest = np.fmax.reduce(np.abs(values - reference), axis=-1)
    return np.array([median, low, high, middle, difference, below, above, share, largest])


def _weighted_statistics(values: Any, reference: Any, weight: Any, usual: Any) -> Any:
    """Statistics of weighted draws, which are no pairs: against the reference's median."""
    low, median, high = weighted_quantiles(values, weight, (0.05, 0.5, 0.95))
    middle = weighted_quantiles(reference, usual, (0.5,))[0]
    known = np.isfinite(values)
    above = np.where(known, values > middle[..., None], 0.0) @ weight
    total = known @ weight
    with np.errstate(invalid="ignore"):
        share = np.where(total > 0, above / total, np.nan)
    largest = np.fmax.reduce(np.abs(values - middle[..., None]), axis=-1)
    return np.array(
        [median, low, high, middle, median - middle, low - middle, high - middle, share, largest]
    )


def rows(comparison: xr.Dataset, *, only_changed: bool = False) -> list[Row]:
    """Return a comparison as flat rows, for tables and JSON."""
    found: list[Row] = []
    for indicator, values in comparison.data_vars.items():
        inner = [name for name in values.dims if name not in ("scenario", "statistic")]
        stacked = values.stack(place=["scenario", *inner])
        for place, column in zip(stacked["place"].values, stacked.values.T, strict=True):
            statistics = dict(zip(STATISTICS, map(float, column), strict=True))
            if np.isnan(statistics["difference_median"]) or only_changed and _same(statistics):
                continue
            keys = dict(zip(["scenario", *inner], place, strict=True))
            found.append(
                {
                    "scenario": str(keys["scenario"]),
                    "indicator": str(indicator),
                    "zone": str(keys["zone"]),
                    "industry": str(keys["industry"]) if "industry" in keys else None,
                    "year": int(keys["year"]),
                    **statistics,
                }
            )
    return found


def _same(statistics: dict[str, float]) -> bool:
    scale = UNCHANGED * max(abs(statistics["baseline_median"]), 1e-12)
    return statistics["largest_difference"] <= scale


def unchanged(comparison: xr.Dataset) -> list[str]:
    """Return the scenarios that change nothing of what is compared."""
    changed = {row["scenario"] for row in rows(comparison, only_changed=True)}
    return [str(name) for name in comparison["scenario"].values if str(name) not in changed]
