"""Scenario discovery: under which conditions a goal is missed, or met, over the draws of a result.

The draws of interest are those that miss the goal. Inputs whose distribution differs most between
them and the others are searched for a box (`simcore.boxes`) and for a small tree of rules
(`simcore.rule_tree`). Every third draw is held back from the search and says how far both hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from simcore.accessor import refuse_summary
from simcore.aims import Aim, aim_of
from simcore.arrays import Array, Mask
from simcore.arrays import Rows as Integers
from simcore.boxes import Quality, Step, peeling, quality
from simcore.dataset import open_results, run_plan
from simcore.design import is_sweep
from simcore.discovery_inputs import Input, Inputs, Rows, inputs_of
from simcore.disk import working_on
from simcore.errors import InputError, unknown
from simcore.labels import say
from simcore.levers import Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.reconcile import reconcile
from simcore.rule_tree import grow
from simcore.scenario import find_scenario, load_scenario
from simcore.scenario_paths import ScenarioPaths
from simcore.verify import plan_from, plan_of, refuse_other_calibration
from simcore.weighting import are_equal, effective_size, weighted_quantiles, weighted_share

DRAWS = 4096  # of a scenario that is run for the answer
MOST_DRAWS, LEAST_DRAWS = 20_000, 150  # that are looked at
ENOUGH, MOST_POINTS = 4096, 4  # rows of a sweep, and its points that a draw stands for at most
SEARCHED = 12  # inputs
FEWEST = 20  # draws of either kind among those that are searched
HELD_BACK = 3  # every third draw
RESULTS = (".h5", ".nc")


@dataclass(frozen=True)
class Question:
    """What is asked: a goal, whether the draws that miss it are of interest, and how.

    ``shocks`` : whether what chance adds up to is among the inputs; ``density`` asked of the box.
    """

    goal: str
    missed: bool = True
    scenario: str | None = None
    shocks: bool = True
    density: float | None = None


@dataclass(frozen=True)
class Restriction:
    """The bounds of the box on one input, in its unit, None where there is none.

    ``low_chance``, ``high_chance`` : quasi-p-values; ``drawn`` : 5 and 95 % quantiles of the draws.
    """

    input: Input
    low: float | None
    high: float | None
    low_chance: float | None
    high_chance: float | None
    drawn: tuple[float, float]


@dataclass(frozen=True)
class Rule:
    """A node of the tree: the condition that leads to it, none at its root, and what is in it.

    ``probability`` that a draw in it is of interest, ``held`` the same of the draws held back.
    """

    depth: int
    input: Input | None
    below: bool
    threshold: float | None
    share: float
    probability: float
    held: float
    leaf: bool


@dataclass(frozen=True)
class LookedAt:
    """The rows that were looked at: what they are, and the searched inputs (row, input)."""

    rows: Rows
    interest: Mask
    within: Mask
    held: Mask
    weight: Array
    values: Array


@dataclass(frozen=True)
class Discovery:
    """Conditions under which a goal is missed (or met).

    ``share`` : of draws of interest, with its standard error; ``box`` empty where no condition
    tells them apart; ``found`` and ``checked`` : what the box is worth on the draws that were
    searched and on those held back; ``steps`` : the way to it, ``chosen`` one of them;
    ``searched`` of ``inputs`` inputs; ``left_out`` : axes whose values are no numbers.
    """

    goal: str
    missed: bool
    scenarios: tuple[str, ...]
    draws: int
    seed: int
    share: float
    standard_error: float
    box: tuple[Restriction, ...]
    found: Quality
    checked: Quality
    steps: tuple[Step, ...]
    chosen: int
    tree: tuple[Rule, ...]
    inputs: int
    searched: tuple[Input, ...]
    left_out: tuple[str, ...]
    looked_at: LookedAt


def conditions(
    of: str | Path | Scenario | xr.Dataset,
    question: Question,
    draws: int | None = None,
    seed: int | None = None,
) -> Discovery:
    """Return the answer for a result, in memory or a file, or for a scenario to run.

    ``draws`` : of a scenario that is run, `DRAWS` by default, or the first ones of a result.
    Raises `InputError` as `discovered`, and for a result of another calibration.
    """
    posterior = reconcile()
    if isinstance(of, xr.Dataset):
        refuse_summary(of)
        refuse_other_calibration(of.attrs, posterior, say("the result"))
        if not np.array_equal(of["draw"], np.arange(of.sizes["draw"])):
            text = say("give all draws of a result, or its first ones: they are drawn again")
            raise InputError(text)
        plan = plan_from(of.attrs, of.sizes["draw"], posterior)
        return discovered(plan, of.isel(draw=slice(draws)), question)
    if not isinstance(of, Scenario) and Path(of).suffix in RESULTS:
        if seed is not None:
            raise InputError(say("{file}: a result has its seed; leave out --seed", file=of))
        plan = plan_of(Path(of), posterior)
        with working_on(Path(of)), open_results(of) as dataset:
            refuse_summary(dataset, f"{of}: ")
            refuse_other_calibration(dataset.attrs, posterior, str(of))
            return discovered(plan, dataset.isel(draw=slice(draws)), question)
    plan = _to_run(of, draws, seed, posterior)
    aim_of(question.goal, posterior.problem.past.baseline)  # refused before anything is run
    return discovered(plan, run_plan(plan), question)


def _to_run(
    of: str | Path | Scenario, draws: int | None, seed: int | None, posterior: Posterior
) -> Plan:
    """Return the plan of a scenario to run."""
    if isinstance(of, Scenario):
        scenario = of
    else:
        name = str(of)
        if (Path(name).exists() or "+" not in name) and is_sweep(find_scenario(name)):
            raise InputError(
                say("{name}: is a sweep; look at its result: simcore sweep {name} -o sweep.h5",
                    name=name)
            )  # fmt: skip
        scenario = load_scenario(name, posterior.problem.past.baseline)
    sampling = scenario.sampling
    seed = sampling.seed if seed is None else seed
    return Plan((scenario,), draws or DRAWS, seed, posterior, sampler=sampling.sampler)


def discovered(plan: Plan, dataset: xr.Dataset, question: Question) -> Discovery:
    """Return the conditions under which a goal is missed in the draws of a plan's result.

    All points of a sweep are taken together, the scenario asked for alone of any other result.
    Raises `InputError` for what cannot be asked, too few draws, and a goal that (nearly) all draws
    meet or miss; `RunError` without the libraries.
    """
    refuse_summary(dataset)
    aim = aim_of(question.goal, plan.posterior.problem.past.baseline)
    places = _places(plan, question.scenario)
    draws = min(dataset.sizes["draw"], MOST_DRAWS)
    if draws < LEAST_DRAWS:
        text = say("{count} draws are too few to look for conditions: {least} at least",
                   count=draws, least=LEAST_DRAWS)  # fmt: skip
        raise InputError(text)
    rows = _rows(places, draws, plan.seed)
    met, weight = _outcomes(plan, dataset.isel(draw=slice(0, draws)), aim, places)
    where = np.searchsorted(places, rows.scenario), rows.draw
    interest, weight = met[where] != question.missed, weight[where]
    sound, held = weight > 0, rows.draw % HELD_BACK == HELD_BACK - 1
    used = sound & ~held
    _refuse_one_sided(interest[used][_alike(weight[used])], question)
    rows = rows.of(sound)
    year = aim.measure.last if question.shocks else None
    known = inputs_of(plan, rows, aim.measure.zone, year)
    sample = _Sample(known, rows, interest[sound], weight[sound], held[sound])
    return _discovered(plan, question, places, sample)


def _rows(places: Sequence[int], draws: int, seed: int) -> Rows:
    """Return the rows to look at: every draw at as many scenarios as make up enough rows.

    Rows of one draw have the same parameters and shocks, and would pass for more evidence than they
    are. So of a sweep of many points each draw stands for some, taken in a random order in turn.
    """
    each = min(len(places), MOST_POINTS, -(-ENOUGH // draws))
    count = -(-draws * each // len(places))
    generator = np.random.default_rng(seed)
    order = np.concatenate([generator.permutation(len(places)) for _ in range(count)])
    draw = np.repeat(np.arange(draws), each)
    return Rows(np.array(places)[order[: len(draw)]], draw)


@dataclass(frozen=True)
class _Sample:
    """Rows with their inputs, of which some are held back."""

    known: Inputs
    rows: Rows
    interest: Mask
    weight: Array
    held: Mask

    def differing(self) -> Integers:
        """Return the places of the inputs to search: levers, then what differs most."""
        used = ~self.held
        values, weight = self.known.values[used], self.weight[used]
        ranked = most_differing(values, self.interest[used], weight)
        levers = np.array([one.evidence == "lever" for one in self.known.inputs])[ranked]
        return np.concatenate([ranked[levers], ranked[~levers]])[: max(SEARCHED, levers.sum())]


def _discovered(
    plan: Plan, question: Question, places: Sequence[int], sample: _Sample
) -> Discovery:
    columns = sample.differing()
    inputs = [sample.known.inputs[column] for column in columns]
    values, used = sample.known.values[:, columns], ~sample.held
    weight, interest = sample.weight, sample.interest
    rows = _alike(weight[used])
    box_of = peeling(values[used][rows], interest[used][rows], question.density)
    branches = grow(values[used], interest[used], weight[used], values)
    peeled = box_of()
    within = peeled.inside(values)
    drawn = weighted_quantiles(values.T, weight, (0.05, 0.95))
    share = weighted_share(interest, weight)[0]
    error = _standard_error(interest, weight, sample.rows.draw)
    box = [
        Restriction(
            inputs[b.column], b.low, b.high, b.low_chance, b.high_chance,
            (float(drawn[0, b.column]), float(drawn[1, b.column])),
        )
        for b in peeled.box
    ]  # fmt: skip
    tree = [
        Rule(
            b.depth, None if b.column is None else inputs[b.column], b.below, b.threshold, b.share,
            b.probability, weighted_share(interest[sample.held & b.rows],
                                          weight[sample.held & b.rows])[0], b.leaf,
        )
        for b in branches
    ]  # fmt: skip
    return Discovery(
        question.goal, question.missed, tuple(plan.scenarios[place].name for place in places),
        len(np.unique(sample.rows.draw)), plan.seed, share, error, tuple(box),
        quality(within[used], interest[used], weight[used]),
        quality(within[sample.held], interest[sample.held], weight[sample.held]),
        peeled.steps, peeled.chosen, tuple(tree), len(sample.known.inputs), tuple(inputs),
        sample.known.left_out,
        LookedAt(sample.rows, interest, within, sample.held, weight, values),
    )  # fmt: skip


def _standard_error(interest: Mask, weight: Array, draw: Integers) -> float:
    """Return the standard error of a share over rows of which those of one draw go together.

    ``√(Σ_d (Σ_r∈d w_r (I_r − p))²) / Σ w``
    """
    apart = weight * (interest - np.average(interest, weights=weight))
    return float(np.sqrt((np.bincount(draw, apart) ** 2).sum()) / weight.sum())


def most_differing(values: Array, interest: Mask, weight: Array) -> Integers:
    """Return the places of inputs by how far their distribution differs, the farthest first.

    The distance of Kolmogorov and Smirnov between draws of interest and the others,
    ``max_x |F_1(x) − F_0(x)|``, of values (row, input).

    >>> most_differing(np.array([[0, 1], [0, 2], [0, 3.0]]), np.array([False, False, True]),
    ...                np.ones(3)).tolist()
    [1, 0]
    """
    steps = np.where(interest, weight / weight[interest].sum(), -weight / weight[~interest].sum())
    distances = []
    for column in values.T:
        order = np.argsort(column, kind="stable")
        last = np.append(np.diff(column[order]) > 0, True)  # of equal values
        distances.append(np.abs(np.cumsum(steps[order])[last]).max())
    return np.argsort(-np.array(distances), kind="stable")


def _alike(weight: Array) -> Integers:
    """Return rows of equal weight: all, or as many as the effective sample size, by weight.

    At even steps of the cumulated weight (systematic resampling), so that every row is there as
    often as its weight says, rounded up or down.
    """
    if are_equal(weight):
        return np.arange(len(weight))
    count = int(effective_size(weight))
    marks = (np.arange(count) + 0.5) / count * weight.sum()
    return np.searchsorted(np.cumsum(weight), marks)


# --- what is looked at ----------------------------------------------------------------------------


def _places(plan: Plan, wanted: str | None) -> list[int]:
    """Return the places of the scenarios to look at: all points of a sweep, or one."""
    names = [scenario.name for scenario in plan.scenarios]
    if wanted is not None:
        if wanted not in names:
            raise InputError(unknown("scenario", wanted, names))
        return [names.index(wanted)]
    if plan.points:
        return list(range(len(names)))
    return [names.index("baseline") if "baseline" in names else 0]


def _outcomes(
    plan: Plan, dataset: xr.Dataset, aim: Aim, places: Sequence[int]
) -> tuple[Mask, Array]:  # fmt: skip
    """Return whether the goal is met, and the weight, (scenario, draw); masked ones have none."""
    met = np.zeros((len(places), dataset.sizes["draw"]), dtype=bool)
    weight = np.zeros(met.shape)
    for row, place in enumerate(places):
        scenario = plan.scenarios[place]
        paths = ScenarioPaths(dataset, scenario.name)
        if aim.measure.last > scenario.horizon or aim.measure.last not in paths.years:
            raise InputError(
                say("{goal}: {year} is not among the years of {scenario}, {first} to {last}",
                    goal=aim.text, year=aim.measure.last, scenario=scenario.name,
                    first=paths.years[0], last=min(paths.years[-1], scenario.horizon))
            )  # fmt: skip
        reached = aim.measure.of(paths)
        if not np.isfinite(reached).all():
            raise InputError(
                say("{goal}: the result has no such value in {year}", goal=aim.text,
                    year=aim.measure.last)
            )  # fmt: skip
        goal = aim.measure.threshold(aim.value, paths)
        met[row, paths.sound] = reached >= goal if aim.at_least else reached <= goal
        weight[row, paths.sound] = paths.weight
    return met, weight


def _refuse_one_sided(interest: Mask, question: Question) -> None:
    """Refuse a goal that too few draws of either kind tell of."""
    rows, some = len(interest), int(interest.sum())
    if not rows:
        raise InputError(say("{goal}: no draw of the result is sound", goal=question.goal))
    missed = some if question.missed else rows - some
    if missed in (0, rows):
        text = (
            say("{goal}: missed in all {count:,} draws searched; there is nothing to tell apart",
                goal=question.goal, count=rows)
            if missed
            else say("{goal}: met in all {count:,} draws searched; there is nothing to tell apart",
                     goal=question.goal, count=rows)
        )  # fmt: skip
        raise InputError(text)
    if min(missed, rows - missed) < FEWEST:
        raise InputError(
            say(
                "{goal}: missed in {missed:,} and met in {met:,} of {count:,} draws searched; "
                "conditions take {fewest} of each: more draws, or another goal",
                goal=question.goal, missed=missed, met=rows - missed, count=rows, fewest=FEWEST,
            )
        )  # fmt: skip
