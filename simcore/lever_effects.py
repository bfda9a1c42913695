"""The difference between two scenarios taken apart by what they set differently: Shapley values.

Settings act together: what one adds depends on which others are there. The Shapley value of a
setting is what it adds on average over all orders in which the settings may come,

    φ_i = Σ_S |S|! (n − |S| − 1)! / n! · (v(S ∪ i) − v(S))

S any set of the others, v an indicator with the settings in S as in the one scenario and the rest
as in the other. The values add up to the whole difference. Every v is computed, on common random
numbers, so the answer is exact for the draws that it rests on.

References
----------
Shapley (1953), Contributions to the Theory of Games 2:307; Shorrocks (2013), Journal of Economic
Inequality 11:99, doi:10.1007/s10888-011-9214-z.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import xarray as xr

from simcore.arrays import Array, Rows
from simcore.contributions import Change, checked
from simcore.errors import InputError
from simcore.faults import cannot_be, sound_draws
from simcore.labels import say
from simcore.levers import BESIDE, Assumptions, IndustryLevers, Scenario, ZoneLevers
from simcore.plan import Plan
from simcore.setting_labels import Key, settings_label
from simcore.sweep import settled
from simcore.threads import one_thread

MOST = 8  # settings that are taken apart: 2^8 scenarios
TOGETHER = {"rnd_intensity": "rnd_growth"}  # two levers that fix the same thing are one setting

Settings = Mapping[Key, Any]


def lever_effects(plan: Plan, change: Change, against: str, draws: int | None = None) -> xr.Dataset:
    """Take apart what an indicator has in the change's last year beyond scenario ``against``.

    Returns ``contribution`` (setting, draw) [1e8 CNY], which adds up to ``total`` (draw);
    ``label_en`` and ``label_zh`` (setting) are what people read of a setting.
    Settings of more than `MOST` are joined zone by zone. Draws that cannot do what one of the
    scenarios or of their mixtures asks are left out: ``draw`` says which are there.

    Raises `InputError` if the scenarios are alike, or differ in more than `MOST` settings even so,
    and if more draws than a run tolerates cannot do what is asked.
    """
    scenario, _ = checked(plan, change)
    other, _ = checked(plan, replace(change, scenario=against))
    zones = tuple(plan.posterior.problem.past.baseline.zones)
    players = _players(settings_of(scenario, zones), settings_of(other, zones))
    if not players:
        raise InputError(say(
            "'{scenario}' and '{against}' set the same",
            scenario=change.scenario, against=against,
        ))  # fmt: skip
    sets = [frozenset(some) for size in range(len(players) + 1)
            for some in combinations(range(len(players)), size)]  # fmt: skip
    worlds = [_mixed(scenario, other, zones, [players[i] for i in sorted(some)]) for some in sets]
    count = min(draws or plan.draws, plan.draws)
    found = _values(plan, worlds, change, count)
    sound = _sound(found, change.scenario, against)
    values = dict(zip(sets, found[:, sound], strict=True))
    everyone = len(players)
    effects = [
        sum(
            factorial(len(some)) * factorial(everyone - len(some) - 1) / factorial(everyone)
            * (values[some | {player}] - values[some])
            for some in sets if player not in some
        )
        for player in range(everyone)
    ]  # fmt: skip
    past = plan.posterior.problem.past
    labels = [settings_label(keys, past.baseline, past.priors, change.zone) for keys in players]
    price = "real" if change.indicator == "gdp_real" else "current"
    money = {"units": "1e8 CNY", "price_basis": price}
    first, last = values[sets[0]], values[sets[-1]]
    return xr.Dataset(
        {
            "contribution": (("setting", "draw"), np.array(effects), money),
            "total": (("draw",), last - first, money),
            "first": (("draw",), first, money), "last": (("draw",), last, money),
        },
        coords={
            "setting": [_name(player) for player in players], "draw": sound,
            "label_en": ("setting", [label.en for label in labels]),
            "label_zh": ("setting", [label.zh for label in labels]),
        },
        attrs={
            "scenario": change.scenario, "against": against, "zone": change.zone,
            "indicator": change.indicator, "year": change.years[1],
        },
    )  # fmt: skip


# --- settings -------------------------------------------------------------------------------------


def settings_of(scenario: Scenario, zones: Sequence[str]) -> dict[Key, Any]:
    """Return everything that a scenario sets, by its place, every zone's levers written out."""
    found: dict[Key, Any] = {}
    for zone in zones:
        levers = scenario.zone_levers(zone)
        for name in ZoneLevers.model_fields:
            lever = getattr(levers, name)
            if name == "industries":
                for industry, own in lever.items():
                    place = ("levers", zone, name, industry)
                    found |= {(*place, n): getattr(own, n) for n in IndustryLevers.model_fields}
            else:
                found["levers", zone, name] = lever
    found |= {
        ("assumptions", name): getattr(scenario.assumptions, name)
        for name in Assumptions.model_fields
    }
    found |= {("behaviour", name): value for name, value in scenario.behaviour.items()}
    found |= {("events", event.name): event for event in scenario.events}
    return {key: value for key, value in found.items() if value is not None}


def _players(one: Settings, other: Settings) -> list[tuple[Key, ...]]:
    """Return the settings that differ, those that belong together as one."""
    changed = [key for key in {**one, **other} if one.get(key) != other.get(key)]

    def grouped(name: Any) -> list[tuple[Key, ...]]:
        groups: dict[Key, list[Key]] = {}
        for key in changed:
            groups.setdefault(name(key), []).append(key)
        return [tuple(keys) for keys in groups.values()]

    players = grouped(lambda key: (*key[:-1], TOGETHER.get(key[-1], key[-1])))
    if len(players) > MOST:
        players = grouped(lambda key: key[:2] if key[0] == "levers" else key)
    if len(players) > MOST:
        raise InputError(say(
            "the scenarios differ in {count} settings; up to {most} can be taken apart",
            count=len(players), most=MOST,
        ))  # fmt: skip
    return players


def _name(player: tuple[Key, ...]) -> str:
    """Return the place of a setting, or what the places of several have in common."""
    if len({key[:-1] for key in player}) == 1 and len(player) <= 2:
        return ".".join((*player[0][:-1], "+".join(sorted(key[-1] for key in player))))
    return ".".join(player[0][:2])


def _mixed(
    one: Scenario, other: Scenario, zones: Sequence[str], players: Sequence[tuple[Key, ...]]
) -> Scenario:
    """Return the other scenario with some settings as in the one."""
    own, settings = settings_of(one, zones), settings_of(other, zones)
    for key in (key for player in players for key in player):
        settings.pop(key, None)
        if key in own:
            settings[key] = own[key]
    levers = {}
    for zone in zones:
        here = {key[2:]: value for key, value in settings.items() if key[:2] == ("levers", zone)}
        industries: dict[str, dict[str, Any]] = {}
        for key, value in here.items():
            if key[0] == "industries":
                industries.setdefault(key[1], {})[key[2]] = value
        levers[zone] = ZoneLevers(
            **{key[0]: value for key, value in here.items() if len(key) == 1},
            industries={name: IndustryLevers(**found) for name, found in industries.items()},
        )

    def part(room: str) -> dict[str, Any]:
        return {key[1]: value for key, value in settings.items() if key[0] == room}

    return one.model_copy(
        update={
            "levers": levers, "assumptions": Assumptions(**part("assumptions")),
            "behaviour": part("behaviour"), "events": list(part("events").values()),
            "horizon": min(one.horizon, other.horizon),
        }
    )  # fmt: skip


# --- values ---------------------------------------------------------------------------------------


def _until(world: Scenario, year: int) -> Scenario:
    """Return a scenario that ends with the year asked about: no later year moves an earlier one.

    Not of one with levers on projects or firms, whose replications are kept by horizon.
    """
    if any(getattr(levers, room) for levers in world.levers.values() for room in BESIDE):
        return world
    return world.model_copy(update={"horizon": min(year, world.horizon)})


def _values(plan: Plan, worlds: Sequence[Scenario], change: Change, count: int) -> Array:
    """Return the indicator of every scenario, (scenario, draw)."""
    base = plan.posterior.problem.past.baseline.base_year
    worlds = [_until(world, change.years[1]) for world in worlds]
    zone, place = plan.layout.zones.index(change.zone), change.years[1] - base
    found = np.empty((len(worlds), -(-count // plan.block_draws) * plan.block_draws))
    with one_thread(), np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        known = [settled(replace(plan, scenarios=(world,)))[0] for world in worlds]
        for block in range(-(-count // plan.block_draws)):
            members = plan.members(block)
            draws = slice(block * plan.block_draws, (block + 1) * plan.block_draws)
            for row, world in enumerate(known):
                results = world.simulate(members, plan.layout.zones).results
                found[row, draws] = results[change.indicator][zone, place]
    return found[:, :count]


def _sound(values: Array, one: str, other: str) -> Rows:
    """Return the draws in which all worlds can be; the first is the one without any setting."""
    sound_draws([values[0]], cannot_be(other))
    sound_draws([values[-1]], cannot_be(one))
    apart = say("the settings of '{scenario}' cannot be had one without the other", scenario=one)
    return sound_draws(values, apart)
