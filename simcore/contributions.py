"""A zone's growth between two years taken apart by what made it, draw by draw.

The value V of an activity is a product, ``ln V = Σ_k x_k``, of capital, labour and so on.
With the logarithmic mean ``L(a, b) = (a − b) / ln(a/b)`` its change is a sum without a rest,

    V_1 − V_0 = Σ_k L(V_1, V_0) (x_k,1 − x_k,0)

and a zone's change is the sum over its activities, whose contributions are thus at hand too.

References
----------
Solow (1957), Review of Economics and Statistics 39:312, doi:10.2307/1926047; Ang (2004), Energy
Policy 32:1131, doi:10.1016/S0301-4215(03)00076-4, for the logarithmic mean Divisia index.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from simcore.accounting import Account
from simcore.arrays import Array
from simcore.errors import InputError, unknown
from simcore.faults import cannot_be, sound_draws
from simcore.labels import Label, say
from simcore.levers import Scenario
from simcore.members import Members
from simcore.parameters import Parameters
from simcore.plan import Plan
from simcore.reference import Reference
from simcore.shocks import disturbance
from simcore.sweep import Settled, settled
from simcore.threads import one_thread

TERMS = {
    "capital": Label(en="capital", zh="资本"),
    "labour": Label(en="labour", zh="劳动"),
    "rnd": Label(en="own stock of R&D", zh="本区研发存量"),
    "spillover": Label(en="R&D of the other zones", zh="其他区研发溢出"),
    "trend": Label(en="trend of productivity", zh="生产率趋势"),
    "shocks": Label(en="shocks and crises", zh="冲击与危机"),
    "events": Label(en="events of the scenario", zh="情景中的事件"),
    "tfp": Label(en="levers on productivity", zh="生产率政策"),
    "closure": Label(en="what pinned growth still needs", zh="设定增速尚需的部分"),
    "intensity": Label(en="R&D over GDP", zh="研发强度"),
    "prices": Label(en="prices", zh="价格"),
}
INDICATORS = ("gdp", "gdp_real", "rnd")


@dataclass(frozen=True)
class Change:
    """What is taken apart: an indicator of a zone in a scenario, between two years."""

    scenario: str
    zone: str
    indicator: str
    years: tuple[int, int]


def contributions(plan: Plan, change: Change, draws: int | None = None) -> xr.Dataset:
    """Take a change apart in the plan's first ``draws`` draws, all of them by default.

    Returns ``contribution`` (term, industry, draw) [1e8 CNY], which adds up to ``total`` (draw);
    ``first`` and ``last`` (draw) the indicator in the two years. A term that the indicator does not
    have is nothing. R&D spending is shared out over activities in proportion to value added. Draws
    that cannot do what the scenario asks are left out: ``draw`` says which are there.

    Raises `InputError` for a scenario, zone, indicator or year that there is not, and if more draws
    than a run tolerates cannot do what the scenario asks.
    """
    scenario, rows = checked(plan, change)
    count = min(draws or plan.draws, plan.draws)
    known = settled(replace(plan, scenarios=(scenario,)))[0]
    with one_thread(), np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        parts = [
            _of_block(plan, plan.members(block), known, change)
            for block in range(-(-count // plan.block_draws))
        ]
    terms, first, last = (
        np.concatenate(group, axis=-1)[..., :count] for group in zip(*parts, strict=True)
    )
    sound = sound_draws((terms, first, last), cannot_be(scenario.name))
    terms, first, last = (values.take(sound, axis=-1) for values in (terms, first, last))
    industries = [a.industry for a in plan.posterior.problem.past.baseline.activities[rows]]
    money = {"units": "1e8 CNY", "price_basis": "real" if change.indicator == "gdp_real" else
             "current"}  # fmt: skip
    return xr.Dataset(
        {
            "contribution": (("term", "industry", "draw"), terms, money),
            "total": (("draw",), (last - first).sum(axis=0), money),
            "first": (("draw",), first.sum(axis=0), money),
            "last": (("draw",), last.sum(axis=0), money),
        },
        coords={"term": list(TERMS), "industry": industries, "draw": sound},
        attrs={
            "scenario": change.scenario, "zone": change.zone, "indicator": change.indicator,
            "years": list(change.years),
        },
    )  # fmt: skip


def points_a_year(taken_apart: xr.Dataset) -> xr.DataArray:
    """Return contributions to average growth, (term, industry, draw) [log points x 100 a year].

    ``100 / n · C_k / L(V_n, V_0)``: they add up to ``100 / n · ln(V_n / V_0)``.
    """
    first, last = taken_apart.attrs["years"]
    mean = log_mean(taken_apart["last"].values, taken_apart["first"].values)
    return taken_apart["contribution"] * (100 / (last - first)) / mean


def checked(plan: Plan, change: Change) -> tuple[Scenario, slice]:
    """Return the scenario and the zone's activities; raises `InputError` as `contributions`."""
    past = plan.posterior.problem.past
    scenarios = {scenario.name: scenario for scenario in plan.scenarios}
    for what, name, known in (
        ("scenario", change.scenario, list(scenarios)),
        ("zone", change.zone, list(past.baseline.zones)),
        ("indicator", change.indicator, list(INDICATORS)),
    ):
        if name not in known:
            raise InputError(unknown(what, name, known))
    scenario, base = scenarios[change.scenario], past.baseline.base_year
    first, last = change.years
    if not base <= first < last <= scenario.horizon:
        raise InputError(say(
            "years {first} to {last}: the model takes growth apart from {base}, its base "
            "year, to {horizon}; what was before is documented as a whole",
            first=first, last=last, base=base, horizon=scenario.horizon,
        ))  # fmt: skip
    return scenario, past.members[change.zone]


def _of_block(
    plan: Plan, members: Members, known: Settled, change: Change
) -> tuple[Array, Array, Array]:
    """Contributions (term, activity, draw), and the indicator's first and last values."""
    account = Account()
    run = known.simulate(members, plan.layout.zones, account=account)
    parameters, reference, results = run.parameters, run.reference, run.results
    zone, baseline = plan.layout.zones.index(change.zone), plan.posterior.problem.past.baseline
    inside, base = parameters.inside[zone], baseline.base_year
    ends = [change.years[0] - base, change.years[1] - base]

    price, intensity = results["deflator"][zone, ends], results["rnd_intensity"][zone, ends] / 100
    logs = {
        name: np.diff(np.broadcast_to(path, (path.shape[0], 2, price.shape[-1])), axis=1)[:, 0]
        for name, path in (
            _disturbed(members, known.scenario, parameters, inside, ends)
            | {name: path[inside][:, ends] for name, path in account.paths().items()}
            | _knowledge(parameters, reference, results["rnd_stock"], zone, ends)
        ).items()
    }
    productivity = reference.productivity[inside][:, ends]
    logs["trend"] = np.diff(productivity, axis=1)[:, 0] - logs.pop("reference_knowledge")
    value = results["value_added"][inside][:, ends]
    if change.indicator == "gdp_real":
        value = value / price
    else:
        logs["prices"] = np.diff(np.log(price), axis=0)
    if change.indicator == "rnd":
        value, logs["intensity"] = value * intensity, np.diff(np.log(intensity), axis=0)
    first, last = value[:, 0], value[:, 1]
    weight = log_mean(last, first)
    nothing = np.zeros((1, 1))
    return np.array([weight * logs.get(term, nothing) for term in TERMS]), first, last


def _knowledge(
    p: Parameters, reference: Reference, rnd_stock: Array, zone: int, ends: list[int]
) -> dict[str, Array]:
    """Logs of knowledge, own and spilled over, (1, year, draw), and of all of it in the reference.

    ``η ln S_z`` and ``θ η Σ_z' w_zz' ln S_z'``
    """

    def logs(stocks: Array) -> tuple[Array, Array]:
        own = p.rnd_elasticity * stocks[zone]
        others = np.tensordot(p.spillover_weights[zone], stocks, axes=1)
        return own[None], (p.spillover * p.rnd_elasticity * others)[None]

    own, spilled = logs(np.log(rnd_stock[:, ends]))
    return {
        "rnd": own, "spillover": spilled,
        "reference_knowledge": np.add(*logs(reference.rnd_stock[:, ends])),
    }  # fmt: skip


def _disturbed(
    members: Members, scenario: Scenario, p: Parameters, inside: slice, ends: list[int]
) -> dict[str, Array]:
    """Logs of shocks with crises, dated and random events, and TFP levers, (activity, year, draw).

    Nothing in the base year.
    """
    count = len(p.zone_of)
    eventless = scenario.model_copy(update={"events": ()})
    tfp = disturbance(members, scenario, p.years, count, shocks=False)
    quiet = disturbance(members, eventless, p.years, count)
    parts = {"tfp": tfp, "shocks": quiet - tfp, "events": p.disturbance - quiet}
    return {
        name: np.concatenate([np.zeros_like(path[inside, :1]), path[inside]], axis=1)[:, ends]
        for name, path in parts.items()
    }


def log_mean(one: Array, other: Array) -> Array:
    """Return the logarithmic mean ``(a − b) / ln(a/b)``, a where both are the same.

    >>> log_mean(np.array([2.0, 3.0]), np.array([1.0, 3.0])).round(6).tolist()
    [1.442695, 3.0]
    """
    ratio = np.log(one / other)
    near = np.abs(ratio) < 1e-8
    safe = np.where(near, 1.0, ratio)
    return np.asarray(np.where(near, other * (1 + ratio / 2), other * np.expm1(safe) / safe))
