"""What an investment in one industry does to output, GDP and R&D in the years after it.

The amount A, at the prices of its year, is put in place in activity a = (zone, industry) in year t
and is capital from the year after: ``ΔK_a,t+1 = φ A/P_t``, which wears off at δ. With it
``ln Y_a`` rises by ``α_a Δ ln K_a``; R&D follows GDP at the scenario's intensity, the stock of R&D
lifts productivity of the zone, and a part of that of the others; more GDP means more investment.
The supply side is all of it: nobody spends the wages, no supplier sells more (`simcore.additions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from simcore.arrays import Array, Rows
from simcore.errors import InputError, unknown
from simcore.faults import cannot_be, sound_draws
from simcore.kernel import simulate
from simcore.labels import say
from simcore.members import Members
from simcore.parameters import Parameters
from simcore.plan import Plan
from simcore.reference import Reference
from simcore.sweep import Settled, settled
from simcore.threads import one_thread

ZONE_VARIABLES = ("gdp", "gdp_real", "rnd", "investment")
ACTIVITY_VARIABLES = ("value_added", "output")


@dataclass(frozen=True)
class Injection:
    """An amount [1e8 CNY, prices of its year] invested in an industry of a zone in a year."""

    zone: str
    industry: str
    amount: float
    year: int


def impact(plan: Plan, injection: Injection) -> xr.Dataset:
    """Return what an investment adds, draw by draw, to the first scenario of a plan.

    ``gdp``, ``gdp_real``, ``rnd``, ``investment`` (zone, year, draw) and ``value_added``,
    ``output`` (zone, industry, year, draw), differences in 1e8 CNY. Draws that cannot do what the
    scenario asks are left out: ``draw`` says which are there.

    Raises `InputError` for a zone, industry, year or amount that there is not, and if more draws
    than a run tolerates cannot do what the scenario asks.
    """
    row = _checked(plan, injection)
    known = settled(replace(plan, scenarios=plan.scenarios[:1]))[0]
    with one_thread(), np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        blocks = [_of_block(plan, plan.members(b), known, injection, row)
                  for b in range(plan.blocks)]  # fmt: skip
    joined = {
        name: np.concatenate([block[name] for block in blocks], axis=-1)[..., : plan.draws]
        for name in blocks[0]
    }
    sound = sound_draws(joined.values(), cannot_be(known.scenario.name))
    joined = {name: values.take(sound, axis=-1) for name, values in joined.items()}
    return _dataset(plan, joined, sound, injection)


def _checked(plan: Plan, injection: Injection) -> int:
    """Return the row of the activity."""
    baseline = plan.posterior.problem.past.baseline
    pairs = [(activity.zone, activity.industry) for activity in baseline.activities]
    own = [industry for zone, industry in pairs if zone == injection.zone]
    for what, name, names in (
        ("zone", injection.zone, list(baseline.zones)), ("industry", injection.industry, own),
    ):  # fmt: skip
        if name not in names:
            raise InputError(unknown(what, name, names))
    first, last = baseline.base_year + 1, plan.scenarios[0].horizon
    if not first <= injection.year <= last:
        raise InputError(say(
            "year {year}: an investment is in {first} to {last}",
            year=injection.year, first=first, last=last,
        ))  # fmt: skip
    if not (np.isfinite(injection.amount) and injection.amount > 0):
        raise InputError(
            say("amount {amount:g}: an investment is above nothing", amount=injection.amount)
        )
    return pairs.index((injection.zone, injection.industry))


def _of_block(
    plan: Plan, members: Members, known: Settled, injection: Injection, row: int
) -> Mapping[str, Array]:
    run = known.simulate(members, plan.layout.zones)
    without = run.results
    more = _injected(run.parameters, run.reference, without["deflator"], injection, row)
    found = simulate(more, plan.layout.zones, run.reference, {})
    return {name: found[name] - without[name] for name in (*ZONE_VARIABLES, *ACTIVITY_VARIABLES)}


def _injected(
    p: Parameters, reference: Reference, deflator: Array, injection: Injection, row: int
) -> Parameters:
    """Add the amount to what projects add, as a share of the reference path's investment."""
    zone, place = int(p.zone_of[row]), p.years.index(injection.year)
    usual = p.investment_rate_reference[zone] * reference.gdp[zone, place + 1]
    share = injection.amount / deflator[zone, place + 1] / usual
    commissioned = _room(p.commissioned, len(p.zone_of), p)
    put_in_place = _room(p.put_in_place, len(p.starts), p)
    commissioned[row, place] += share
    put_in_place[zone, place] += share
    return replace(p, commissioned=commissioned, put_in_place=put_in_place)


def _room(there: Array | None, rows: int, p: Parameters) -> Array:
    """Return a copy of what is there, or nothing, (row, projected year, draw)."""
    return np.zeros((rows, len(p.years), p.draws), p.gdp.dtype) if there is None else there.copy()


def _dataset(
    plan: Plan, found: Mapping[str, Array], sound: Rows, injection: Injection
) -> xr.Dataset:
    baseline, layout = plan.posterior.problem.past.baseline, plan.layout
    years = [baseline.base_year, *plan.scenarios[0].years(baseline)]
    money = {"units": "1e8 CNY"}
    data: dict[str, object] = {
        name: (("zone", "year", "draw"), found[name], money) for name in ZONE_VARIABLES
    }
    pairs = list(layout.activities)
    for name in ACTIVITY_VARIABLES:
        wide = np.full((len(layout.zones), len(layout.industries), *found[name].shape[1:]), np.nan)
        for place, values in zip(pairs, found[name], strict=True):
            wide[place] = values
        data[name] = (("zone", "industry", "year", "draw"), wide, money)
    return xr.Dataset(
        data,
        coords={
            "zone": list(layout.zones), "industry": list(layout.industries), "year": years,
            "draw": sound,
        },
        attrs={
            "zone": injection.zone, "industry": injection.industry, "amount": injection.amount,
            "year": injection.year, "scenario": plan.scenarios[0].name,
        },
    )  # fmt: skip
