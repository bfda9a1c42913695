"""What a report says of differences between scenarios, and of what drives the spread.

The latter runs the model again, with few draws, from what the file says of itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from simcore.comparison import compare
from simcore.contributions import Change
from simcore.drivers import CHANCE, GRADES, LAYERS, Factor, sensitivity
from simcore.errors import SimcoreError
from simcore.headline import PARAMETER
from simcore.labels import Label, say_both
from simcore.plan import Plan
from simcore.priors import Priors

DRIVER_DRAWS = 256
SMALL_BLOCK = 256  # draws of a block: few draws are not computed as part of a large one
MOST_FACTORS = 8  # single factors that are shown, the strongest
COMPARED = ("gdp", "rnd")


@dataclass(frozen=True)
class Difference:
    """A scenario against the reference, draw by draw: median, 5 % and 95 % of the difference.

    ``paired`` : whether draws were pairs; of unequal weights they are none.
    """

    indicator: str
    zone: str
    scenario: str
    year: int
    median: float
    low: float
    high: float
    above: float


@dataclass(frozen=True)
class Driver:
    """A share of the variance: ``group`` layer, grade or factor; interval of 90 %."""

    label: Label
    group: str
    total: float
    low: float
    high: float
    alone: float


@dataclass(frozen=True)
class Drivers:
    """What drives the spread of a zone's GDP in a year, of one scenario."""

    zone: str
    scenario: str
    year: int
    draws: int
    mean: float
    deviation: float
    rows: tuple[Driver, ...]


def differences(
    dataset: xr.Dataset, reference: str, scenarios: tuple[str, ...], years: tuple[int, ...]
) -> tuple[Difference, ...]:
    """Return the differences of some scenarios from the reference, of `COMPARED`."""
    others = [name for name in scenarios if name != reference]
    if not others:
        return ()
    chosen = dataset.sel(scenario=[reference, *others])
    found = compare(chosen, reference, COMPARED, years)
    rows = []
    for indicator in COMPARED:
        for scenario in others:
            for zone in map(str, dataset["zone"].values):
                for year in years:
                    cell = found[indicator].sel(scenario=scenario, zone=zone, year=year)
                    median, low, high, above = (
                        float(cell.sel(statistic=name))
                        for name in ("difference_median", "difference_q05", "difference_q95",
                                     "probability_above")
                    )  # fmt: skip
                    if np.isfinite(median):
                        rows.append(
                            Difference(indicator, zone, scenario, year, median, low, high, above)
                        )
    return tuple(rows)


# --- what drives the spread -----------------------------------------------------------------------


def drivers(plan: Plan, scenario: str, year: int) -> tuple[Drivers, ...]:
    """Return what drives the spread of every zone's GDP in a year."""
    past = plan.posterior.problem.past
    plan = replace(plan, draws=min(plan.draws, DRIVER_DRAWS), block_draws=SMALL_BLOCK)
    answers = []
    for zone in past.baseline.zones:
        change = Change(scenario, zone, "gdp", (past.baseline.base_year, year))
        found = sensitivity(plan, change)
        rows = [
            _driver(factor, group, past.priors)
            for group, factors in (("layer", found.layers), ("grade", found.grades),
                                   ("factor", found.factors[:MOST_FACTORS]))
            for factor in factors
        ]  # fmt: skip
        answers.append(
            Drivers(zone, scenario, year, plan.draws, found.mean, found.deviation, tuple(rows))
        )
    return tuple(answers)


def _driver(factor: Factor, group: str, priors: Priors) -> Driver:
    known = LAYERS | GRADES | CHANCE
    if factor.name in known:
        label = known[factor.name]
    else:
        label = priors.parameters[factor.name.removeprefix(PARAMETER)].label
    index = factor.index
    low, high = index.total_interval
    return Driver(label, group, index.total_order, low, high, index.first_order)


def why_not_again(
    path: Path, dataset: xr.Dataset, calibration: str, weighted: bool
) -> Label | None:
    """Say why the model cannot be run again for a file, None where it can."""
    if weighted:
        return say_both(
            "The draws of {file} have unequal weights; the model knows how to run equal ones again "
            "alone.",
            file=path.name,
        )
    if str(dataset.attrs["calibration"]) != calibration:
        return say_both(
            "{file} rests on another calibration ({made}, here {here}), so the model was not run "
            "again.",
            file=path.name, made=str(dataset.attrs["calibration"])[:12], here=calibration[:12],
        )  # fmt: skip
    return None


def refused(error: SimcoreError) -> Label:
    """Return what an error says as it stands, in both languages the same."""
    text = str(error)
    return Label(text, text)
