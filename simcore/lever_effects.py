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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import xarray as xr

from simcore.arrays import Array
from simcore.assembly import build_reference
from simcore.contributions import Change, checked
from simcore.errors import InputError
from simcore.kernel import simulate
from simcore.levers import BESIDE, Assumptions, IndustryLevers, Scenario, ZoneLevers
from simcore.plan import Plan
from simcore.sweep import settled
from simcore.threads import one_thread

MOST = 8  # settings that are taken apart: 2^8 scenarios
TOGETHER = {"rnd_intensity": "rnd_growth"}  # two levers that fix the same thing are one setting

Key = tuple[str, ...]
Settings = Mapping[Key, Any]


def lever_effects(plan: Plan, change: Change, against: str, draws: int | None = None) -> xr.Dataset:
    """Take apart what an indicator has in the change's last year beyond scenario ``against``.

    Returns ``contribution`` (setting, draw) [1e8 CNY], which adds up to ``total`` (draw).
    Settings of more than `MOST` are joined zone by zone.

    Raises `InputError` if the scenarios are alike, or differ in more than `MOST` settings even so.
    """
    scenario, _ = checked(plan, change)
    other, _ = checked(plan, replace(change, scenario=against))
    zones = tuple(plan.posterior.problem.past.baseline.zones)
    players = _players(settings_of(scenario, zones), settings_of(other, zones))
    if not players:
        raise InputError(f"'{change.scenario}' and '{against}' set the same")
    sets = [frozenset(some) for size in range(len(players) + 1)
            for some in combinations(range(len(players)), size)]  # fmt: skip
    worlds = [_mixed(scenario, other, zones, [players[i] for i in sorted(some)]) for some in sets]
    count = min(draws or plan.draws, plan.draws)
    values = dict(zip(sets, _values(plan, worlds, change, count), strict=True))
    everyone = len(players)
    effects = [
        sum(
            factorial(len(some)) * factorial(everyone - len(some) - 1) / factorial(everyone)
            * (values[some | {player}] - values[some])
            for some in sets if player not in some
        )
        for player in range(everyone)
    ]  # fmt: skip
    names = [_name(player) for player in players]
    price = "real" if change.indicator == "gdp_real" else "current"
    money = {"units": "1e8 CNY", "price_basis": price}
    first, last = values[sets[0]], values[sets[-1]]
    return xr.Dataset(
        {
            "contribution": (("setting", "draw"), np.array(effects), money),
            "total": (("draw",), last - first, money),
            "first": (("draw",), first, money), "last": (("draw",), last, money),
        },
        coords={"setting": names},
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
        raise InputError(
            f"the scenarios differ in {len(players)} settings; up to {MOST} can be taken apart"
        )
    return players


def _name(player: tuple[Key, ...]) -> str:
    """Return the place of a setting, or what the places of several have in common."""
    if len(player) == 1:
        return ".".join(player[0])
    shared = [parts[0] for parts in zip(*player, strict=False) if len(set(parts)) == 1]
    names = {key[-1] for key in player}
    return ".".join(
        shared if len(shared) > 1 and len(names) > 2 else (*shared, "+".join(sorted(names)))
    )


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


def _values(plan: Plan, worlds: Sequence[Scenario], change: Change, count: int) -> Iterator[Array]:
    """Return the indicator of every scenario, (draw) each."""
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
                parameters = world.parameters(members)
                reference = build_reference(members, world.scenario, parameters)
                results = simulate(parameters, plan.layout.zones, reference, {})
                found[row, draws] = results[change.indicator][zone, place]
    return iter(found[:, :count])
