"""The numbers of a report: quantiles of every path that it shows, and the documented points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.data_page import printed_value
from simcore.dims import BY_INDUSTRY, QUANTILES, STATUS, VARIABLES
from simcore.entries import Figure
from simcore.labels import Label, say_both
from simcore.printed_units import with_english
from simcore.quantiles import sorted_quantiles
from simcore.weighting import are_equal, weighted_quantiles

FANS = ("gdp", "gdp_growth", "output", "rnd", "rnd_intensity")
"""Variables with a fan chart each; output is summed over industries."""
CHUNK = 1 << 15  # draws that are read at once
DOCUMENTED = {
    "gdp": ("gdp", "level"), "gdp_growth": ("gdp", "growth"), "rnd": ("rnd", "level"),
    "rnd_intensity": ("rnd", "intensity"),
}  # fmt: skip
"""Indicator and concept of the figures that speak of a variable as a result has it."""


@dataclass(frozen=True)
class Fan:
    """Quantiles of one path, (quantile, year) in the order of `QUANTILES`, NaN where nothing is."""

    indicator: str
    zone: str
    industry: str | None
    scenario: str
    years: tuple[int, ...]
    values: Array

    def at(self, year: int) -> tuple[float, float, float] | None:
        """Return the 5 %, 50 % and 95 % quantile of a year, None where there are none."""
        if year not in self.years:
            return None
        low, _, middle, _, high = self.values[:, self.years.index(year)].tolist()
        return (low, middle, high) if np.isfinite(middle) else None

    @property
    def known(self) -> bool:
        """Whether there is any number."""
        return bool(np.isfinite(self.values).any())


@dataclass(frozen=True)
class Point:
    """A documented figure on a chart; ``over`` : whether it says “over”; its place in words."""

    figure: str
    term: str
    year: int
    value: float
    over: bool
    printed: Label
    source: Label


@dataclass(frozen=True)
class Series:
    """Every path that a report shows, and how the years of each zone are known.

    ``status`` : by zone, by year, a word of `STATUS`; ``without_sum`` : whether output could not be
    summed over industries, since there are no draws.
    """

    fans: tuple[Fan, ...]
    industries: tuple[Fan, ...]
    status: Mapping[str, Mapping[int, str]]
    base_year: int
    without_sum: bool

    def fan(self, indicator: str, zone: str, scenario: str) -> Fan | None:
        """Return the path of an indicator, None where it has no numbers."""
        wanted = (indicator, zone, scenario)
        return next(
            (fan for fan in self.fans if (fan.indicator, fan.zone, fan.scenario) == wanted), None
        )


def series(path: Path, dataset: xr.Dataset, scenarios: Sequence[str]) -> Series:
    """Read the paths of some scenarios of a result.

    ``dataset`` : of `open_results`. Quantiles are those that the file holds, or computed where its
    draws have unequal weights.
    """
    stored = _stored(path, dataset)
    fans: list[Fan] = []
    for name in FANS:
        if VARIABLES[name].dims != BY_INDUSTRY:
            fans += _fans(name, _quantiles(stored, dataset, name, scenarios), dataset)
    summary = "quantile" in dataset.dims
    if not summary:
        fans += _fans("output", _summed(dataset, scenarios), dataset)
    industries = _fans("output", _quantiles(stored, dataset, "output", scenarios), dataset)
    years = [int(year) for year in dataset["year"].values]
    status = {
        str(zone): dict(zip(years, (STATUS[int(code)] for code in codes), strict=True))
        for zone, codes in zip(dataset["zone"].values, dataset["status"].values, strict=True)
    }
    past = [y for y in years if all(status[zone][y] != "projection" for zone in status)]
    return Series(tuple(fans), tuple(industries), status, max(past), summary)


def _stored(path: Path, dataset: xr.Dataset) -> xr.Dataset | None:
    """Return the quantiles that the file holds, None where they are not those of its draws."""
    if "quantile" in dataset.dims:
        return dataset
    if "weight" in dataset and not all(map(are_equal, np.atleast_2d(dataset["weight"].values))):
        return None
    try:
        found = xr.open_dataset(path, engine="h5netcdf", group="summary")
    except OSError:  # a file that was written by another program holds the draws alone
        return None
    names = {name: dataset[name].values for name in ("scenario", "zone", "industry", "year")}
    return found.assign_coords(names)


def _quantiles(
    stored: xr.Dataset | None, dataset: xr.Dataset, name: str, scenarios: Sequence[str]
) -> xr.DataArray:
    """Return the quantiles of a variable, the dimension ``quantile`` first."""
    if stored is not None:
        return stored[name].sel(scenario=list(scenarios), quantile=list(QUANTILES)).load()
    found: xr.DataArray = dataset.sel(scenario=list(scenarios)).simcore.fan(name, QUANTILES)
    return found


def _summed(dataset: xr.Dataset, scenarios: Sequence[str]) -> xr.DataArray:
    """Return the quantiles of output summed over industries, (quantile, scenario, zone, year)."""
    draws, found = dataset.sizes["draw"], []
    for scenario in scenarios:
        own = dataset["output"].sel(scenario=scenario)
        parts = [
            own.isel(draw=slice(start, start + CHUNK)).load().sum("industry", min_count=1)
            for start in range(0, draws, CHUNK)
        ]
        total = xr.concat(parts, "draw").transpose("zone", "year", "draw").values
        weight = _weight(dataset, scenario)
        if weight is None or are_equal(weight):
            found.append(sorted_quantiles(total, QUANTILES))
        else:
            found.append(weighted_quantiles(total, weight, QUANTILES))
    coords = {
        "quantile": list(QUANTILES), "scenario": list(scenarios),
        "zone": dataset["zone"].values, "year": dataset["year"].values,
    }  # fmt: skip
    return xr.DataArray(np.stack(found, axis=1), coords, tuple(coords))


def _weight(dataset: xr.Dataset, scenario: str) -> Any:
    if "weight" not in dataset:
        return None
    weight = dataset["weight"]
    return weight.sel(scenario=scenario).values if "scenario" in weight.dims else weight.values


def _fans(name: str, quantiles: xr.DataArray, dataset: xr.Dataset) -> Iterator[Fan]:
    """Return a fan a zone and scenario, and industry where there are some; empty ones left out."""
    years = tuple(int(year) for year in dataset["year"].values)
    industries = (
        [str(i) for i in quantiles["industry"].values] if "industry" in quantiles.dims else [None]
    )
    for zone in map(str, dataset["zone"].values):
        for industry in industries:
            place = {"zone": zone} | ({"industry": industry} if industry else {})
            for scenario in map(str, quantiles["scenario"].values):
                part = quantiles.sel(place | {"scenario": scenario})
                values = part.transpose("quantile", "year").values.astype(np.float64)
                fan = Fan(name, zone, industry, scenario, years, values)
                if fan.known:
                    yield fan


def documented(baseline: Baseline, indicator: str, zone: str) -> list[Figure]:
    """Return the documented figures of whole years that a variable's path can be held against."""
    wanted = DOCUMENTED.get(indicator)
    return [
        figure
        for figure in baseline.actuals()
        if (figure.indicator, figure.concept) == wanted
        and figure.zone == zone
        and figure.is_of_the_zone
        and isinstance(figure.period, int)
    ]


def overview(
    path: Path, dataset: xr.Dataset, indicators: Sequence[str], scenarios: Sequence[str], year: int
) -> dict[str, dict[tuple[str, str], tuple[float, float, float]]]:
    """Return median, 5 % and 95 % of a year by scenario, and there by indicator and zone."""
    stored = _stored(path, dataset)
    zones = [str(zone) for zone in dataset["zone"].values]
    found: dict[str, dict[tuple[str, str], tuple[float, float, float]]] = {n: {} for n in scenarios}
    for name in indicators:
        values = _quantiles(stored, dataset.sel(year=[year]), name, scenarios).sel(year=year)
        for scenario in scenarios:
            for zone in zones:
                cell = values.sel(scenario=scenario, zone=zone)
                low, middle, high = (float(cell.sel(quantile=q)) for q in (0.05, 0.5, 0.95))
                found[scenario][name, zone] = (middle, low, high)
    return found


def point(figure: Figure) -> Point:
    """Return a documented figure of a year as a point."""
    source = figure.source
    place = say_both(
        "{document} {section}, line {line}",
        document=source.document, section=source.section, line=source.line,
    )  # fmt: skip
    return Point(
        figure.id, figure.term, figure.year or 0, float(figure.value or 0.0),
        figure.qualifier == "over", with_english(printed_value(figure), figure.unit), place,
    )  # fmt: skip
