"""Answers one question against the baseline, such as what if growth is 5 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from simcore.baseline import Baseline
from simcore.levers import Scenario
from simcore.scenario import resolve

REQUIRED_UNTIL = 2030


def what_if_scenario(
    baseline: Baseline, settings: Sequence[str], *, base: str = "baseline"
) -> Scenario:
    """Return the base scenario with settings such as ``levers.*.gdp_growth=5%``, named what-if."""
    return resolve(base, baseline, [*settings, "name=what-if"]).scenario


@dataclass(frozen=True)
class Demand:
    """What a pinned growth asks of a zone, and how demanding that is.

    ``tfp_growth_required`` : median, 5 % and 95 % quantile of the zone's productivity growth,
    averaged from the first projected year to 2030 [percent a year]. ``baseline_share_below`` :
    share of baseline draws whose average productivity growth over these years is below that median.
    ``share_average_reached``, ``share_every_year_reached`` : shares of baseline draws whose average
    growth, and whose growth in every year, reaches the pinned growth.
    """

    zone: str
    years: tuple[int, int]
    growth: float
    tfp_growth_required: tuple[float, float, float]
    baseline_share_below: float
    share_average_reached: float
    share_every_year_reached: float


def required(dataset: xr.Dataset, base_year: int) -> dict[tuple[str, str], float]:
    """Median required productivity growth of every (scenario, zone) whose growth is pinned.

    Averaged from the first projected year to 2030, in percent a year.
    """
    last = min(REQUIRED_UNTIL, int(dataset["year"].max()))
    found = {}
    for scenario in [str(name) for name in dataset["scenario"].values]:
        for zone in [str(name) for name in dataset["zone"].values]:
            span = dataset["tfp_growth_required"].sel(
                scenario=scenario, zone=zone, year=slice(base_year + 1, last)
            )
            held = unmasked(span.values)
            if held.size:
                found[scenario, zone] = float(np.median(average(held)))
    return found


def unmasked(paths: Any) -> Any:
    """Return the draws of paths (year, draw) that have a value in every year.

    >>> unmasked(np.array([[1.0, np.nan, 3.0], [4.0, np.nan, 6.0]])).tolist()
    [[1.0, 3.0], [4.0, 6.0]]
    """
    return paths[:, np.isfinite(paths).all(axis=0)]


def average(growth: Any) -> Any:
    """Return the geometric average over the first axis of growth rates in percent.

    >>> round(float(average(np.array([0.0, 21.0]))), 6)
    10.0
    """
    return 100 * np.expm1(np.log1p(growth / 100).mean(axis=0))


def demands(
    dataset: xr.Dataset, scenario: Scenario, base_year: int, baseline: str = "baseline"
) -> list[Demand]:
    """Return what the pinned growth of a scenario asks of each zone where every year is pinned."""
    last = min(REQUIRED_UNTIL, scenario.horizon)
    span = dataset.sel(year=slice(base_year + 1, last))
    found = []
    for zone in [str(name) for name in span["zone"].values]:
        lever = scenario.zone_levers(zone).gdp_growth
        pinned = 100 * lever.values(span["year"].values.tolist()) if lever else np.array([np.nan])
        if not np.isfinite(pinned).all():
            continue
        here = span.sel(zone=zone)
        required = unmasked(here["tfp_growth_required"].sel(scenario=scenario.name).values)
        growth = average(pinned)
        usual = here.sel(scenario=baseline)
        own = average(unmasked(usual["tfp_growth"].values))
        low, median, high = np.quantile(average(required), [0.05, 0.5, 0.95])
        reached = unmasked(usual["gdp_growth"].values)
        found.append(
            Demand(
                zone=zone,
                years=(base_year + 1, last),
                growth=float(growth),
                tfp_growth_required=(float(median), float(low), float(high)),
                baseline_share_below=float((own < median).mean()),
                share_average_reached=float((average(reached) >= growth).mean()),
                share_every_year_reached=float((reached >= pinned[:, None]).all(axis=0).mean()),
            )
        )
    return found
