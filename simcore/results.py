"""From a block's past and its projection to the variables of a result, over all years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.dims import BY_INDUSTRY, CORE, STATUS, Variable
from simcore.kernel import Results
from simcore.members import Members
from simcore.satellites import satellite_paths

DERIVED = {"gdp_per_head": ("gdp", "population"), "labour_productivity": ("gdp_real", "employment")}
"""Variables that are one variable of the kernel over another."""


@dataclass(frozen=True)
class Layout:
    """The axes of a result."""

    scenarios: tuple[str, ...]
    zones: tuple[str, ...]
    industries: tuple[str, ...]
    years: tuple[int, ...]
    draws: int
    activities: tuple[tuple[int, int], ...]
    """(zone, industry) position of every activity"""
    status: tuple[tuple[int, ...], ...]
    """position in `STATUS` of every (zone, year)"""

    def size(self, dimension: str) -> int:
        """Return the length of a dimension."""
        if dimension == "draw":
            return self.draws
        lengths: dict[str, Sequence[object]] = {
            "scenario": self.scenarios, "zone": self.zones, "industry": self.industries,
            "year": self.years,
        }  # fmt: skip
        return len(lengths[dimension])

    def shape(self, variable: Variable) -> tuple[int, ...]:
        """Return the shape of a variable."""
        return tuple(self.size(dimension) for dimension in variable.dims)

    def rows(self, variable: Variable, scenario: int) -> list[tuple[int, ...]]:
        """Return where the rows of a variable begin that hold anything, of one scenario."""
        if variable.dims == BY_INDUSTRY:
            return [(scenario, *pair, 0) for pair in self.activities]
        return [(scenario, zone, 0) for zone in range(len(self.zones))]


def layout(baseline: Baseline, scenarios: Sequence[str], horizon: int, draws: int) -> Layout:
    """Return the axes of a result over the baseline's zones and industries."""
    zones, industries = tuple(baseline.zones), baseline.industries
    years = tuple(range(baseline.first_year, horizon + 1))
    places = tuple(
        (zones.index(activity.zone), industries.index(activity.industry))
        for activity in baseline.activities
    )
    status = tuple(
        tuple(STATUS.index(baseline.status(zone, year)) for year in years) for zone in zones
    )
    return Layout(tuple(scenarios), zones, industries, years, draws, places, status)


def assemble(members: Members, results: Results, years: Sequence[int]) -> dict[str, Array]:
    """Join the past to the projection: (zone or activity, year, draw) over all years of the result.

    Years that a zone's documents do not reach, and stocks before the base year, are NaN. What
    follows from the core, by an identity or a satellite equation, stands beside it.
    """
    before = len(members.history.years) - 1
    past = members.remember("variables of the past", lambda: _past(members))
    last = before + results["gdp"].shape[1]
    joined = {}
    for name in CORE:
        if name == "revision_factor" or name in DERIVED:
            continue
        projected = results[name]
        first = before + 1 if name == "gdp_growth" else before  # a growth begins with a base year
        full = np.empty((len(projected), len(years), projected.shape[-1]), dtype=projected.dtype)
        full[:, :first] = past[name][:, :first] if name in past else np.nan
        full[:, first:last] = projected[:, first - before :]
        full[:, last:] = np.nan
        joined[name] = full
    known = np.arange(len(years)) < last
    joined["revision_factor"] = np.where(known[:, None], members.revision_factor(years), np.nan)
    for name, (above, below) in DERIVED.items():
        joined[name] = joined[above] / joined[below]
    return joined | satellite_paths(members, joined, years)


def _past(members: Members) -> dict[str, Array]:
    """Variables of the years up to the base year."""
    history, baseline = members.history, members.past.baseline
    zones = list(baseline.zones)
    rows = [zones.index(activity.zone) for activity in baseline.activities]
    value_added = history.share * history.gdp[rows]
    return {
        "gdp": history.gdp,
        "gdp_real": history.gdp_real,
        "gdp_growth": 100 * np.expm1(history.growth),
        "deflator": history.deflator,
        "value_added": value_added,
        "output": value_added / history.value_added_rate[:, None],
        "rnd_intensity": 100 * history.rnd_intensity,
        "rnd": history.rnd_intensity * history.gdp,
    }
