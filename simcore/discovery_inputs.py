"""What may explain why a goal is missed: one column of numbers for each uncertain input.

The sampled parameters of the past and of behaviour, the levers of a sweep, and what shocks and
prices add up to until the goal's year. Shares and rates stand in percent, as people read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from simcore.arrays import Array, Mask
from simcore.arrays import Rows as Integers
from simcore.baseline import Baseline
from simcore.design import with_unit
from simcore.labels import Label
from simcore.levers import Scenario
from simcore.members import Members
from simcore.plan import Plan, sampled, sampled_names
from simcore.priors import Distribution
from simcore.shocks import disturbance

UNITS = {
    "share": ("%", 100.0),
    "percent a year": ("% a year", 100.0),
    "percentage points a year": ("pp a year", 100.0),
    "log": ("log", 1.0),
    "亿元": ("1e8 CNY", 1.0),
    "10,000 persons": ("1e4 persons", 1.0),
}
"""What a prior's unit is called here, and the factor: shares and rates are fractions in priors."""
BESIDE_PRIORS = ("lever", "chance")
"""What stands for the evidence of an input that has no prior."""
NORMAL = NormalDist()
SHARES = (0.05, 0.95)
TAILS = np.array([NORMAL.inv_cdf(share) for share in SHARES])
STEPS = 2000  # quantiles of a distribution that stand for it in a mixture


@dataclass(frozen=True)
class Input:
    """An uncertain input: ``prior`` its 5 and 95 % quantiles before any figure was used.

    Of a lever ``prior`` has the ends of its range; of shocks and prices it is None. Of points that
    give a parameter different distributions it is that of all points together.
    ``evidence`` : documented, derived or assumed; ``lever`` or ``chance``.
    """

    name: str
    label: Label
    unit: str
    evidence: str
    prior: tuple[float, float] | None


@dataclass(frozen=True)
class Inputs:
    """Inputs and their values, (row, input)."""

    inputs: tuple[Input, ...]
    values: Array
    left_out: tuple[str, ...] = ()
    """axes of a sweep whose values are no numbers"""


@dataclass(frozen=True)
class Rows:
    """Which rows are looked at: the place of the scenario in its plan, and the draw, (row)."""

    scenario: Integers
    draw: Integers

    def of(self, chosen: Mask) -> Rows:
        """Return some of them."""
        return Rows(self.scenario[chosen], self.draw[chosen])


def inputs_of(plan: Plan, rows: Rows, zone: str, year: int | None) -> Inputs:
    """Return what the rows drew, and the levers of a sweep.

    ``year`` : until which the zone's shocks and prices are added up, None to leave them out.
    Inputs that are the same in every row are left out.
    """
    past = plan.posterior.problem.past
    levers, left_out = _levers(plan, rows)
    known = _parameters(plan, [plan.scenarios[place] for place in np.unique(rows.scenario)])
    if year is not None and year > past.baseline.base_year:
        known += _chance(past.baseline, zone, year)
    else:
        year = None
    columns = [*levers, *zip(known, _values(plan, rows, zone, year), strict=True)]
    varying = [(one, column) for one, column in columns if np.ptp(column) > 0]
    table = np.array([column for _, column in varying]).T
    return Inputs(tuple(one for one, _ in varying), table, tuple(left_out))


def _levers(plan: Plan, rows: Rows) -> tuple[list[tuple[Input, Array]], list[str]]:
    """Return the axes of a sweep as inputs with a value a row, and those that are no numbers."""
    found, left_out = [], []
    for path, values in plan.points.items():
        try:
            pairs = [with_unit(value) for value in values]
        except ValueError:
            left_out.append(path)
            continue
        numbers = np.array([number for number, _ in pairs])
        name, ends = path.removeprefix("levers."), (float(numbers.min()), float(numbers.max()))
        lever = Input(path, Label(name, name), pairs[0][1].strip(), "lever", ends)
        found.append((lever, numbers[rows.scenario]))
    return found, left_out


def _parameters(plan: Plan, scenarios: Sequence[Scenario]) -> list[Input]:
    """Return the sampled parameters, in the order of `sampled`.

    The prior of a parameter whose distribution the scenarios set apart is the mixture of theirs.
    """
    problem = plan.posterior.problem
    unknowns = {unknown.name: unknown for unknown in problem.unknowns}
    found = []
    for name in sampled_names(plan.posterior):
        if name in unknowns:
            one = unknowns[name]
            label, distribution = _placed(name, one.label, problem.past.baseline), one.distribution
            found.append(_input(name, label, one.unit, one.evidence, [distribution]))
        else:
            prior = problem.past.priors.parameters[name]
            own = [scenario.behaviour.get(name, prior) for scenario in scenarios]
            found.append(_input(name, prior.label, prior.unit, prior.evidence, own))
    return found


def _input(
    name: str, label: Label, unit: str, evidence: str, distributions: Sequence[Distribution]
) -> Input:
    called, factor = UNITS.get(unit, (unit, 1.0))
    low, high = factor * _tails(distributions)
    return Input(name, label, called, evidence, (float(low), float(high)))


def _tails(distributions: Sequence[Distribution]) -> Array:
    """Return the 5 and 95 % quantiles of a mixture of distributions, each as likely as another.

    ``F(x) = Σ_k F_k(x) / K``, whose inverse is read off evenly spaced quantiles of all of them.
    """
    different = {distribution.model_dump_json(): distribution for distribution in distributions}
    if len(different) == 1:
        return distributions[0].from_standard(TAILS)
    even = np.array([NORMAL.inv_cdf((k + 0.5) / STEPS) for k in range(STEPS)])
    known = {key: one.from_standard(even) for key, one in different.items()}
    pooled = [known[distribution.model_dump_json()] for distribution in distributions]
    return np.quantile(np.concatenate(pooled), SHARES)


def _placed(name: str, label: Label, baseline: Baseline) -> Label:
    """Say of which zone or industry an unknown is: ``lead.donghu``, ``activity.donghu.…``."""
    _, *keys = name.split(".")
    if not keys or keys[0] not in baseline.zones:
        return label
    place = baseline.zones[keys[0]].label
    en, zh = place.en, place.zh
    for key in keys[1:]:
        inner = baseline.industry_label(key) if key in baseline.industries else Label(key, key)
        en, zh = f"{en}, {inner.en}", f"{zh}{inner.zh}"
    return Label(f"{label.en} ({en})", f"{label.zh}（{zh}）")


def _chance(baseline: Baseline, zone: str, year: int) -> list[Input]:
    """Return what chance adds up to in a zone: growth and prices."""
    place = baseline.zones[zone].label
    shocks = Label(
        f"shocks, crises and events, summed to {year} ({place.en})",
        f"截至{year}年冲击、危机与事件的累计影响（{place.zh}）",
    )
    prices = Label(
        f"rise of prices to {year} ({place.en})", f"截至{year}年的价格累计涨幅（{place.zh}）"
    )
    return [
        Input(f"shocks.{zone}", shocks, "%", "chance", None),
        Input(f"prices.{zone}", prices, "%", "chance", None),
    ]


def _values(plan: Plan, rows: Rows, zone: str, year: int | None) -> Array:
    """Return the parameters of rows, and what chance adds up to, (input, row)."""
    problem = plan.posterior.problem
    units = {name: prior.unit for name, prior in problem.past.priors.parameters.items()}
    units |= {unknown.name: unknown.unit for unknown in problem.unknowns}
    names = sampled_names(plan.posterior)
    factors = np.array([[UNITS.get(units[name], ("", 1.0))[1]] for name in names])
    found = np.empty((len(names) + (0 if year is None else 2), len(rows.draw)))
    for block in np.unique(rows.draw // plan.block_draws).tolist():
        members, here = plan.members(block), rows.draw // plan.block_draws == block
        drawn = sampled(members)
        for place in np.unique(rows.scenario[here]).tolist():
            scenario = plan.scenarios[place]
            own = np.flatnonzero(here & (rows.scenario == place))
            inside = rows.draw[own] - block * plan.block_draws
            given = {
                name: members.parameter(name, override=scenario.behaviour[name])
                for name in drawn.keys() & scenario.behaviour.keys()
            }
            table = np.array([(drawn | given)[name][inside] for name in names])
            found[: len(names), own] = factors * table
            if year is not None:
                chance = _added_up(members, scenario, zone, year)
                found[len(names) :, own] = np.array(chance)[:, inside]
    return found


def _added_up(members: Members, scenario: Scenario, zone: str, year: int) -> list[Array]:
    """Return what shocks change of the level of a zone's value added by a year, and prices [%].

    ``100 (exp Σ − 1)``; shocks of activities count by the zone's shares of the base year.
    """
    baseline = members.past.baseline
    years = scenario.years(baseline)
    inside, last = members.past.members[zone], years.index(year)
    free = scenario.model_copy(update={"levers": {}})
    shocks = disturbance(members, free, years, len(baseline.activities))[inside, last]
    share = members.history.share[inside, -1]
    assumed = scenario.assumptions.inflation
    inflation = assumed.values(years) if assumed else np.full(len(years), np.nan)
    prices = members.deflator_change(len(years), inflation)[list(baseline.zones).index(zone)]
    return [
        100 * np.expm1((share * shocks).sum(axis=0) / share.sum(axis=0)),
        100 * np.expm1(prices[: last + 1].sum(axis=0)),
    ]
