"""How a report takes growth, and the difference of two scenarios, apart.

Both run the model again, with few draws, from what the file says of itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from simcore.baseline import Baseline
from simcore.contributions import TERMS, Change, contributions
from simcore.labels import Label
from simcore.lever_effects import lever_effects
from simcore.lever_labels import ASSUMPTIONS, INDUSTRY_LEVERS, ZONE_LEVERS
from simcore.plan import Plan
from simcore.priors import Priors
from simcore.report_answers import SMALL_BLOCK
from simcore.report_words import joined, plain, zone_label

BRIDGE_DRAWS = 512
BAND = (0.05, 0.95)
LARGE = {"projects": Label("major projects", "重大项目"), "firms": Label("firms", "企业")}
"""Levers of discrete events, which are one setting each."""


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


def growth_bridges(plan: Plan, scenario: str, year: int) -> tuple[Bridge, ...]:
    """Take the growth of every zone's GDP from the base year to a year apart by what made it."""
    baseline = plan.posterior.problem.past.baseline
    first, draws = baseline.base_year, min(plan.draws, BRIDGE_DRAWS)
    plan, answers = replace(plan, draws=draws, block_draws=SMALL_BLOCK), []
    for zone in baseline.zones:
        found = contributions(plan, Change(scenario, zone, "gdp", (first, year)))
        parts = found["contribution"].sum("industry")
        rows = [
            _part(TERMS[str(name)], parts.sel(term=name))
            for name in parts["term"].values
            if parts.sel(term=name).any()
        ]
        ends = [(plain(str(y)), float(found[end].mean()))
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
    plan = replace(plan, draws=draws, block_draws=SMALL_BLOCK)
    years = (past.baseline.base_year, year)
    answers = []
    for zone in baseline.zones:
        found = lever_effects(plan, Change(scenario, zone, "gdp", years), against)
        rows = [
            _part(setting_label(str(name), baseline, past.priors),
                  found["contribution"].sel(setting=name))
            for name in found["setting"].values
        ]  # fmt: skip
        ends = (
            (labels[against], float(found["first"].mean())),
            (
                labels[scenario],
                float(found["last"].mean()),
            ),
        )
        answers.append(Bridge("levers", zone, *ends, tuple(rows), scenario, years, draws))
    return tuple(answers)


def _part(label: Label, values: xr.DataArray) -> Part:
    low, high = np.nanquantile(values.values, BAND).tolist()
    return Part(label, float(values.mean()), low, high)


def setting_label(name: str, baseline: Baseline, priors: Priors) -> Label:
    """Return a setting's place, such as ``levers.donghu.rnd_growth``, in words, the zone last.

    What is no known place stands as it is.
    """
    room, *rest = name.split(".")
    if room == "events":
        return plain(name.removeprefix("events."))
    if room == "assumptions" and rest[-1] in ASSUMPTIONS:
        return ASSUMPTIONS[rest[-1]]
    if room == "behaviour" and rest[-1] in priors.parameters:
        return priors.parameters[rest[-1]].label
    if room != "levers":
        return plain(name)
    inner, names, place = rest[1:], ZONE_LEVERS, list[Label]()
    if len(inner) > 1 and inner[0] == "industries":
        place.append(baseline.industry_label(inner[1], rest[0]))
        inner, names = inner[2:], INDUSTRY_LEVERS
    words = [_lever_label(one, names) for part in inner for one in part.split("+")]
    return joined([*place, *words, zone_label(rest[0], baseline)], " · ")


def _lever_label(name: str, names: dict[str, Label]) -> Label:
    return LARGE.get(name) or names.get(name) or plain(name)
