"""What drives the spread of a result: Sobol' indices of the base state, parameters and chance.

The factors are groups of random numbers, found by watching which ones a run draws. What the
documents leave open of the past is one factor, the base state: its unknowns depend on each other
through the figures, and `simcore calibrate` shares them out. Levers that are given a range are
factors as well (`simcore.lever_ranges`). Two tables: factors one by one, and layers, which are the
same factors in groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np

from simcore.arrays import Array, Mask
from simcore.assembly import centres
from simcore.contributions import Change, checked
from simcore.errors import InputError
from simcore.faults import cannot_be, sound_draws
from simcore.headline import PARAMETER
from simcore.history import History
from simcore.indices import Index, Seeds, sobol_indices
from simcore.instruments import Instrument
from simcore.labels import Label, say
from simcore.lever_ranges import PREFIX, at_corners, shares, varied
from simcore.levers import Scenario
from simcore.members import Members
from simcore.plan import Plan
from simcore.samplers import PAST
from simcore.sweep import Settled, settled
from simcore.threads import one_thread

BASE_STATE, LEVERS = "base_state", "levers"
CHANCE = {
    "shock.nation": Label(en="shocks: nation", zh="冲击：全国"),
    "shock.city": Label(en="shocks: city", zh="冲击：全市"),
    "shock.zone": Label(en="shocks: zones", zh="冲击：各区"),
    "shock.activity": Label(en="shocks: industries", zh="冲击：各行业"),
    "crisis": Label(en="crises", zh="危机"),
    "event": Label(en="random events", zh="随机事件"),
    "projects": Label(en="course of major projects", zh="重大项目进程"),
    "firms": Label(en="course of firms", zh="企业进程"),
    "deflator": Label(en="prices", zh="价格"),
}
LAYERS = {
    BASE_STATE: Label(en="base state", zh="基期状态"),
    "parameters": Label(en="parameters", zh="参数"),
    "chance": Label(en="shocks, crises, events", zh="冲击、危机与事件"),
    "prices": Label(en="prices", zh="价格"),
    LEVERS: Label(en="levers", zh="政策手段"),
}
GRADES = {
    "documented": Label(en="documented parameters", zh="有文件依据的参数"),
    "derived": Label(en="derived parameters", zh="推算的参数"),
    "assumed": Label(en="assumed parameters", zh="假设的参数"),
}
FAR = 2**31  # between the seeds of the two ensembles: no user's next seed is the other ensemble


@dataclass(frozen=True)
class Factor:
    """A factor and its index; ``evidence`` is the grade of a parameter's prior."""

    name: str
    label: str
    layer: str
    evidence: str | None
    index: Index


@dataclass(frozen=True)
class Sensitivity:
    """The factors and the layers of a result, each with its indices; the greatest total first."""

    change: Change
    draws: int
    """that the indices rest on"""
    factors: Sequence[Factor]
    layers: Sequence[Factor]
    grades: Sequence[Factor]
    """all parameters of one grade of evidence together"""
    mean: float
    deviation: float


def sensitivity(
    plan: Plan, change: Change, draws: int | None = None, levers: Sequence[Instrument] = ()
) -> Sensitivity:
    """Return what drives the spread of an indicator of a zone in the change's last year.

    The two ensembles have the plan's seed and one far from it. ``levers`` vary evenly between their
    ends and are factors too. Raises `InputError` for a scenario, zone, indicator or year that there
    is not, for too few draws, for levers of a scenario that centres growth or of a value that it
    cannot have, and if more draws of an
    ensemble than a run tolerates cannot do what is asked; fewer are left out of all ensembles.
    """
    scenario, _ = checked(plan, change)
    count = min(draws or plan.draws, plan.draws)
    _refuse_centred(plan, scenario, levers)
    baseline = plan.posterior.problem.past.baseline
    low, high = at_corners(scenario, levers, change.years[1], baseline)
    evaluate = _Evaluation(plan, low, change, count, tuple(levers), tuple(high))
    with one_thread(), np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        first = evaluate(lambda _: plan.seed)
        names = sorted({factor_of(name) for name in evaluate.drawn})
        groups = [(name, partial(_belongs, {name})) for name in names]
        inside = {layer: {n for n in names if layer_of(n) == layer} for layer in LAYERS}
        layers = [(layer, partial(_belongs, own)) for layer, own in inside.items() if own]
        graded = _grades(plan, names)
        grades = [(grade, partial(_belongs, own)) for grade, own in graded.items()]
        asked = [*groups, *layers, *grades]
        found = sobol_indices(evaluate, asked, (plan.seed, plan.seed + FAR))
    rows = [_row(plan, index, levers) for index in found]
    factors, above = rows[: len(groups)], rows[len(groups) : len(groups) + len(layers)]
    used = first[evaluate.sound]
    return Sensitivity(
        change,
        len(used),
        _ordered(factors),
        _ordered(above),
        _ordered(rows[len(groups) + len(layers) :]),
        float(used.mean()),
        float(used.std()),
    )


def factor_of(name: str) -> str:
    """Return the factor to which a name of random numbers belongs.

    >>> [factor_of(name) for name in ("posterior", "parameter.lead.donghu", "shock.zone.jingkai")]
    ['base_state', 'parameter.lead', 'shock.zone']
    >>> [factor_of(name) for name in ("shock.nation", "crisis.size", "deflator_own.donghu")]
    ['shock.nation', 'crisis', 'deflator']
    """
    if name == PAST:
        return BASE_STATE
    if name.startswith(PREFIX):
        return name
    first, *rest = name.split(".")
    if first in ("parameter", "shock"):
        return f"{first}.{rest[0]}"
    return first.partition("_")[0]


def layer_of(factor: str) -> str:
    """Return the layer of a factor: of the base state, parameters, chance, prices or levers."""
    if factor == BASE_STATE:
        return BASE_STATE
    if factor.startswith(PREFIX):
        return LEVERS
    if factor.startswith(PARAMETER):
        return "parameters"
    return "prices" if factor == "deflator" else "chance"


def _grades(plan: Plan, names: Sequence[str]) -> dict[str, set[str]]:
    """Return the parameters among the factors by the grade of their evidence."""
    priors, found = plan.posterior.problem.past.priors.parameters, dict[str, set[str]]()
    for name in names:
        if name.startswith(PARAMETER):
            found.setdefault(priors[name.removeprefix(PARAMETER)].evidence, set()).add(name)
    return found


def _belongs(factors: set[str], name: str) -> bool:
    return factor_of(name) in factors


def _ordered(rows: list[Factor]) -> list[Factor]:
    return sorted(rows, key=lambda row: -row.index.total_order)


def _refuse_centred(plan: Plan, scenario: Scenario, levers: Sequence[Instrument]) -> None:
    """Refuse levers beside a centred growth: what makes it true differs with their values."""
    if levers and centres(scenario, plan.layout.zones):
        raise InputError(
            say("{scenario} centres growth: levers cannot vary beside it; use mode set",
                scenario=scenario.name)
        )  # fmt: skip


def _row(plan: Plan, index: Index, levers: Sequence[Instrument]) -> Factor:
    for lever in levers:
        if index.factor == PREFIX + lever.name:
            span = f"{lever.written(lever.low)} – {lever.written(lever.high)}"
            label = f"{lever.name}: {lever.kind.label}, {span}"
            return Factor(index.factor, label, LEVERS, None, index)
    name, known = index.factor, plan.posterior.problem.past.priors.parameters
    if name in LAYERS:
        return Factor(name, str(LAYERS[name]), name, None, index)
    if name in GRADES:
        return Factor(name, str(GRADES[name]), "parameters", name, index)
    if name in CHANCE:
        return Factor(name, str(CHANCE[name]), layer_of(name), None, index)
    prior = known[name.removeprefix(PARAMETER)]
    return Factor(name, str(prior.label), layer_of(name), prior.evidence, index)


# --- runs -----------------------------------------------------------------------------------------


@dataclass
class _Evaluation:
    """Runs a scenario with seeds by name; keeps the names that were drawn."""

    plan: Plan
    scenario: Scenario
    change: Change
    count: int
    levers: tuple[Instrument, ...] = ()
    high: tuple[Scenario, ...] = ()
    """in which each lever alone is high; all are low in ``scenario``"""
    drawn: set[str] = field(default_factory=set)
    pasts: dict[tuple[int, int], History] = field(default_factory=dict)
    known: dict[int, Settled] = field(default_factory=dict)
    sound: Mask = field(init=False)
    """(draw) whether it can do what the scenario asks in all ensembles so far"""

    def __post_init__(self) -> None:
        self.sound = np.ones(self.count, dtype=bool)

    def __call__(self, seeds: Seeds) -> Array:
        """Return the indicator in the change's last year, (draw).

        Raises `InputError` if more draws than a run tolerates cannot do what the scenario asks.
        """
        blocks = -(-self.count // self.plan.block_draws)
        parts = [self._block(block, seeds) for block in range(blocks)]
        found = np.concatenate(parts)[: self.count]
        sound_draws([found], cannot_be(self.scenario.name))
        self.sound &= np.isfinite(found)
        return found

    @cached_property
    def _place(self) -> tuple[int, int]:
        base = self.plan.posterior.problem.past.baseline.base_year
        return self.plan.layout.zones.index(self.change.zone), self.change.years[1] - base

    def _settled(self, members: Members) -> Settled:
        """Return the scenario with replications of projects and firms of the members' seeds."""
        own = self._with_seed(self.plan.seed)
        if own.projects is not None:
            own = replace(own, projects=self._with_seed(members.seed_of("projects")).projects)
        if own.firms is not None:
            own = replace(own, firms=self._with_seed(members.seed_of("firms")).firms)
        return own

    def _with_seed(self, seed: int) -> Settled:
        if seed not in self.known:
            plan = replace(self.plan, scenarios=(self.scenario,), seed=seed)
            self.known[seed] = settled(plan)[0]
        return self.known[seed]

    def _block(self, block: int, seeds: Seeds) -> Array:
        plain = self.plan.members(block)
        members = Mixed(
            plain.posterior, plain.seed, block, draws=plain.draws, single=plain.single,
            sampler=plain.sampler, seeds=seeds, drawn=self.drawn, pasts=self.pasts,
        )  # fmt: skip
        known = self._settled(members)
        parameters = varied(
            lambda scenario: replace(known, scenario=scenario).parameters(members),
            self.scenario, self.high, shares(members, self.levers),
        )  # fmt: skip
        zones = self.plan.layout.zones
        results = known.simulate(members, zones, parameters=parameters).results
        return np.asarray(results[self.change.indicator][self._place], dtype=np.float64)


@dataclass(frozen=True)
class Mixed(Members):
    """Members whose random numbers have a seed each, by name."""

    seeds: Seeds = field(default=lambda _: 0, compare=False, repr=False)
    drawn: set[str] = field(default_factory=set, compare=False, repr=False)
    pasts: dict[tuple[int, int], History] = field(default_factory=dict, compare=False, repr=False)

    def seed_of(self, name: str) -> int:
        """Return the seed of a name's random numbers, and keep the name."""
        self.drawn.add(name)
        return self.seeds(name)

    @cached_property
    def history(self) -> History:
        """The past of every draw, computed once for each seed."""
        key = self.seed_of(PAST), self.block
        if key not in self.pasts:
            self.pasts[key] = super().history
        return self.pasts[key]
