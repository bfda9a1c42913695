"""What a report answers beside its paths: what drives the spread, what made growth, what levers do.

These run the model again, with few draws, from what the file says of itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from simcore.baseline import Baseline
from simcore.comparison import compare
from simcore.contributions import TERMS, Change, contributions
from simcore.drivers import CHANCE, GRADES, LAYERS, Factor, sensitivity
from simcore.errors import InputError
from simcore.headline import PARAMETER
from simcore.labels import Label, say_both
from simcore.lever_effects import lever_effects
from simcore.plan import Plan
from simcore.priors import Priors
from simcore.report_words import (
    ASSUMPTIONS,
    FIRM_LEVERS,
    INDUSTRY_LEVERS,
    PROJECT_LEVERS,
    ZONE_LEVERS,
    joined,
    zone_label,
)

DRIVER_DRAWS, BRIDGE_DRAWS = 256, 512
MOST_FACTORS = 8  # single factors that are shown, the strongest
BAND = (0.05, 0.95)
COMPARED = ("gdp", "rnd")
LARGE = {"projects": PROJECT_LEVERS, "firms": FIRM_LEVERS}


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


@dataclass(frozen=True)
class Part:
    """A part of a change: mean over the draws, and 5 % and 95 %."""

    label: Label
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Bridge:
    """How parts lead from one level of a zone's GDP to another; they add up.

    ``kind`` : ``growth`` over years, or ``levers`` from one scenario to another.
    """

    kind: str
    zone: str
    before: tuple[Label, float]
    after: tuple[Label, float]
    parts: tuple[Part, ...]
    scenario: str
    years: tuple[int, int]
    draws: int


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
    plan = replace(plan, draws=min(plan.draws, DRIVER_DRAWS))
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


# --- contributions --------------------------------------------------------------------------------


def growth_bridges(plan: Plan, scenario: str, year: int) -> tuple[Bridge, ...]:
    """Take the growth of every zone's GDP from the base year to a year apart by what made it."""
    baseline = plan.posterior.problem.past.baseline
    first, draws = baseline.base_year, min(plan.draws, BRIDGE_DRAWS)
    plan, answers = replace(plan, draws=draws), []
    for zone in baseline.zones:
        found = contributions(plan, Change(scenario, zone, "gdp", (first, year)))
        parts = found["contribution"].sum("industry")
        rows = [
            _part(TERMS[str(name)], parts.sel(term=name))
            for name in parts["term"].values
            if parts.sel(term=name).any()
        ]
        ends = [(Label(str(y), str(y)), float(found[end].mean()))
                for y, end in ((first, "first"), (year, "last"))]  # fmt: skip
        answers.append(
            Bridge("growth", zone, ends[0], ends[1], tuple(rows), scenario, (first, year), draws)
        )
    return tuple(answers)


def lever_bridges(
    plan: Plan, scenario: str, against: str, year: int, labels: dict[str, Label]
) -> tuple[Bridge, ...]:
    """Take the difference of two scenarios in every zone apart by what they set differently.

    Raises `InputError` as `simcore.lever_effects.lever_effects` does.
    """
    past = plan.posterior.problem.past
    baseline, draws = past.baseline, min(plan.draws, BRIDGE_DRAWS)
    plan, years = replace(plan, draws=draws), (past.baseline.base_year, year)
    answers = []
    for zone in baseline.zones:
        found = lever_effects(plan, Change(scenario, zone, "gdp", years), against)
        rows = [
            _part(setting_label(str(name), baseline, past.priors),
                  found["contribution"].sel(setting=name))
            for name in found["setting"].values
        ]  # fmt: skip
        ends = (labels[against], float(found["first"].mean())), (
            labels[scenario],
            float(found["last"].mean()),
        )
        answers.append(Bridge("levers", zone, *ends, tuple(rows), scenario, years, draws))
    return tuple(answers)


def _part(label: Label, values: xr.DataArray) -> Part:
    low, high = np.nanquantile(values.values, BAND).tolist()
    return Part(label, float(values.mean()), low, high)


def setting_label(name: str, baseline: Baseline, priors: Priors) -> Label:
    """Return a setting's place, such as ``levers.donghu.rnd_growth``, in words.

    What is no known place stands as it is.
    """
    room, *rest = name.split(".")
    if room == "events":
        return Label(name.removeprefix("events."), name.removeprefix("events."))
    if room == "assumptions" and rest[-1] in ASSUMPTIONS:
        return ASSUMPTIONS[rest[-1]]
    if room == "behaviour" and rest[-1] in priors.parameters:
        return priors.parameters[rest[-1]].label
    if room != "levers":
        return Label(name, name)
    place = [zone_label(rest[0], baseline)]
    inner = rest[1:]
    names = ZONE_LEVERS
    if len(inner) > 1 and inner[0] == "industries":
        place.append(baseline.industry_label(inner[1], rest[0]))
        inner, names = inner[2:], INDUSTRY_LEVERS
    words = [_lever_label(one, names) for part in inner for one in part.split("+")]
    return joined([*place, *words], " · ")


def _lever_label(name: str, names: dict[str, Label]) -> Label:
    if name in LARGE:
        return {
            "projects": Label("major projects", "重大项目"),
            "firms": Label("firms", "企业"),
        }[name]
    return names.get(name, Label(name, name))


def why_not_again(
    path: Path, dataset: xr.Dataset, calibration: str, weighted: bool
) -> Label | None:
    """Say why the model cannot be run again for a file, None where it can."""
    if weighted:
        return say_both("The draws of {file} have unequal weights; the model knows how to run equal "
                        "ones again alone.", file=path.name)  # fmt: skip
    if str(dataset.attrs["calibration"]) != calibration:
        return say_both(
            "{file} rests on another calibration ({made}, here {here}), so the model was not run "
            "again.",
            file=path.name, made=str(dataset.attrs["calibration"])[:12], here=calibration[:12],
        )  # fmt: skip
    return None


def refused(error: InputError) -> Label:
    """Return what an error says as it stands, in both languages the same."""
    text = str(error)
    return Label(text, text)
