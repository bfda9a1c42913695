"""Goal seek: the smallest or cheapest path of a lever that makes a goal likely enough.

All values are tried on the same members of the ensemble, so that in each draw the goal's quantity
is a smooth function of the lever; see `simcore.quantile_search`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simcore.aims import Aim, aim_of
from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.errors import InputError, did_you_mean
from simcore.instruments import Instrument, instrument_of
from simcore.labels import say
from simcore.lever_costs import (
    Cost,
    Spending,
    discount_rate,
    flows_of,
    refuse_without_cost,
    usual_value,
)
from simcore.lever_shapes import (
    CONSTANT,
    FORMS,
    Form,
    Shape,
    form_of,
    is_centred,
    refuse_mixed,
    setting,
)
from simcore.levers import Scenario
from simcore.member_paths import MemberPaths
from simcore.plan import Plan, Precision
from simcore.quantile_search import Search, Trial
from simcore.quantity import percent
from simcore.reconcile import reconcile
from simcore.samplers import Kind
from simcore.scenario import load_scenario
from simcore.threads import one_thread

DRAWS = 4096
FEW = 1024  # of each of some dozen searches
OBJECTIVES = ("value", "cost")


@dataclass(frozen=True)
class Solution:
    """The path of an instrument that makes a goal likely enough, or the best there is.

    ``value`` : the smallest, or of a lever that lowers what is sought the largest; ``setting`` :
    what ``--set`` takes; ``probability`` : with it, on these draws, with its standard error;
    ``feasible`` : whether it is what was wanted; ``without`` : the probability without the
    instrument; ``trials`` : everything that was tried, by value; ``cost`` : of the path, None of a
    lever without one; ``discount`` : the rate that it is reckoned with; ``candidates`` : the best
    of every path, where the cheapest of them was asked for.
    """

    target: str
    wanted: float
    instrument: Instrument
    shape: Shape
    value: float
    setting: str
    probability: float
    standard_error: float
    feasible: bool
    without: float
    draws: int
    seed: int
    base: str
    trials: tuple[Trial, ...]
    years: tuple[int, int]
    cost: Cost | None
    discount: float
    candidates: tuple[Solution, ...] = ()

    @property
    def best_probability(self) -> float:
        """The highest probability of all values that were tried."""
        return max(trial.probability for trial in self.trials)

    @property
    def needless(self) -> bool:
        """Whether the goal is likely enough without the instrument."""
        return self.without >= self.wanted - 1e-9

    @property
    def monotone(self) -> bool:
        """Whether more of the instrument never made the goal less likely."""
        found = [trial.probability for trial in self.trials]
        return found == sorted(found, reverse=self.instrument.kind.falls)


def solve(
    target: str,
    probability: float | str,
    instrument: str,
    *,
    base: str = "baseline",
    settings: Sequence[str] = (),
    between: tuple[str, str] | None = None,
    path: str | None = None,
    from_year: int | None = None,
    minimise: str = "value",
    discount: float | str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    sampler: Kind | None = None,
    precision: Precision = "double",
) -> Solution:
    """Find the smallest value, or the cheapest path, of a lever such that P(target) ≥ probability.

    Parameters
    ----------
    target : ``donghu.gdp.2030=5000``, ``jingkai.gdp_growth.2024-2030=6%``,
        ``donghu.optoelectronics.output.2030>=5000``, or the id of a documented goal
    probability : 0.8 or ``"80%"``
    instrument : ``donghu.rnd_growth``, ``*.tfp``, ``jingkai.automotive.growth``,
        ``donghu.projects.funds``
    base, settings : the scenario that the instrument is laid on
    between : ends of its range, such as ``("0%", "30%")``; the lever's own by default
    path : ``constant`` or ``ramp``, which is linear up to the goal's year; constant
        by default, and for the lowest cost both
    from_year : the first year of the path, the first projected one by default
    minimise : ``value``, or ``cost``: of all first years and paths that are left open, the cheapest
    discount : real discount rate of the cost, 0.08 or ``"8%"``; the calibration's by default
    draws, seed, sampler, precision : of the ensemble, as of a run

    A published figure meets a goal for a level of GDP. Where no value of the range does, the best
    is returned, `Solution.feasible` false. Raises `InputError` for what cannot be asked.
    """
    if minimise not in OBJECTIVES:
        near = did_you_mean(minimise, OBJECTIVES)
        raise InputError(say("unknown objective '{name}'{near}", name=minimise, near=near))
    ensemble = Ensemble(draws or (DRAWS if minimise == "value" else FEW), seed, sampler, precision)
    question = Question.of(target, probability, base, settings, ensemble, discount)
    lever = instrument_of(instrument, question.baseline, between)
    form = form_of(path) if path is not None else None
    if minimise == "cost":
        refuse_without_cost([lever])
        return question.cheapest(lever, form, from_year)
    return question.answer(lever, question.shape(lever, form or "constant", from_year))


@dataclass(frozen=True)
class Ensemble:
    """On which members a goal is sought; seed and sampler are the scenario's by default."""

    draws: int = DRAWS
    seed: int | None = None
    sampler: Kind | None = None
    precision: Precision = "double"


@dataclass(frozen=True)
class Question:
    """A goal and the probability that it shall have, on fixed members of the ensemble."""

    aim: Aim
    wanted: float
    base: str
    settings: tuple[str, ...]
    plan: Plan
    paths: MemberPaths
    discount: float

    @classmethod
    def of(
        cls, target: str, probability: float | str, base: str, settings: Sequence[str],
        ensemble: Ensemble, discount: float | str | None = None,
    ) -> Question:  # fmt: skip
        """Return the question; raises `InputError` for what cannot be asked."""
        posterior = reconcile()
        baseline = posterior.problem.past.baseline
        wanted, aim = _probability(probability), aim_of(target, baseline)
        start = load_scenario(base, baseline, settings)
        if aim.measure.last > start.horizon:
            raise InputError(say(
                "{target}: {year} is after the horizon, {horizon}",
                target=target, year=aim.measure.last, horizon=start.horizon,
            ))  # fmt: skip
        if aim.measure.last <= baseline.base_year:
            raise InputError(say(
                "{target}: levers act from {first} on",
                target=target, first=baseline.base_year + 1,
            ))  # fmt: skip
        sampling, seed = start.sampling, ensemble.seed
        plan = Plan(
            (start,), ensemble.draws, sampling.seed if seed is None else seed, posterior,
            sampler=ensemble.sampler or sampling.sampler, precision=ensemble.precision,
        )  # fmt: skip
        rate = discount_rate(discount)
        return cls(aim, wanted, base, tuple(settings), plan, MemberPaths(plan), rate)

    @property
    def baseline(self) -> Baseline:
        """Zones and figures."""
        return self.plan.posterior.problem.past.baseline

    @property
    def years(self) -> range:
        """Projected years up to the goal's."""
        return range(self.baseline.base_year + 1, self.aim.measure.last + 1)

    def setting(self, lever: Instrument, value: float, shape: Shape = CONSTANT) -> str:
        """Return what ``--set`` takes."""
        return setting(lever, value, self.aim.measure.last, shape)

    # --- paths --------------------------------------------------------------------------------

    def shape(self, lever: Instrument, form: Form, start: int | None) -> Shape:
        """Return a path's shape; raises `InputError` for one that the lever cannot have."""
        if start is None and form == "constant":
            return CONSTANT
        if lever.projects:
            raise InputError(
                say("{lever}: levers on projects have no path: one value from {year} on",
                    lever=lever.name, year=self.years[0])
            )  # fmt: skip
        refuse_mixed(self.plan.scenarios[0], lever)
        first = self.years[0] if start is None else start
        last = self.years[-1] - (form == "ramp")
        if not self.years[0] <= first <= last:
            raise InputError(
                say("a path of the form {form} begins in {first} to {last}, not in {year}",
                    form=form, first=self.years[0], last=last, year=first)
            )  # fmt: skip
        said = is_centred(self.plan.scenarios[0], lever)
        if form == "constant":
            return Shape(form, first, said=said)
        self.run(self.settings)
        return Shape(form, first, usual_value(self.paths, lever, first), said)

    def shapes(self, lever: Instrument, form: Form | None, start: int | None) -> Iterator[Shape]:
        """Return the shapes that are left open: both forms from every year, unless one is given."""
        if lever.projects:
            yield self.shape(lever, form or "constant", start)
            return
        for kind in FORMS if form is None else (form,):
            if kind == "ramp" and form is None and lever.zone == "*":
                continue  # a ramp starts from what one zone does
            for year in self.years if start is None else (start,):
                if kind == "constant" or year < self.years[-1] or start is not None:
                    yield self.shape(lever, kind, year)

    def cheapest(self, lever: Instrument, form: Form | None, start: int | None) -> Solution:
        """Return the cheapest of the paths, each with the smallest value that does it.

        Spending grows with a lever's value, so that the smallest value is the cheapest of its
        path. Where no path does it, the best is the one of the highest probability.
        """
        found = tuple(self.answer(lever, shape) for shape in self.shapes(lever, form, start))
        able = [one for one in found if one.feasible and one.cost is not None]
        best = min(able, key=_mean_cost) if able else max(found, key=lambda one: one.probability)
        return replace(best, candidates=found)

    # --- answers ------------------------------------------------------------------------------

    def answer(
        self, lever: Instrument, shape: Shape = CONSTANT, beside: Sequence[str] = (),
        others: Sequence[Instrument] = (),
    ) -> Solution:  # fmt: skip
        """Return the smallest value of a lever, further settings being laid on before.

        ``others`` are the instruments of these settings, whose cost counts as well.
        """

        def past(value: float) -> Array:
            return self.past([*self.settings, *beside, self.setting(lever, value, shape)])

        search = Search(past, self.wanted, lever.kind)
        with one_thread():
            value, feasible = search.found(lever.low, lever.high)
            without = float((self.past([*self.settings, *beside]) >= 0).mean())
            asked = [*beside, self.setting(lever, value, shape)]
            cost = self._cost([lever, *others], asked) if feasible else None
        share, draws = float(search.tried[value].mean()), self.plan.draws
        return Solution(
            self.aim.text, self.wanted, lever, shape, value, self.setting(lever, value, shape),
            share, float(np.sqrt(share * (1 - share) / draws)), feasible, without, draws,
            self.plan.seed, self.plan.scenarios[0].name, search.trials,
            (self.years[0], self.years[-1]), cost, self.discount,
        )  # fmt: skip

    def past(self, settings: Sequence[str]) -> Array:
        """Return by how much each draw is past the goal, relative to it; what breaks misses it."""
        self.run(settings)
        with np.errstate(invalid="ignore"):
            reached = self.aim.measure.of(self.paths)
        goal = self.aim.measure.threshold(self.aim.value, self.paths)
        past = reached - goal if self.aim.at_least else goal - reached
        return np.where(np.isfinite(past), past, -np.inf) / (abs(goal) or 1.0)

    def run(self, settings: Sequence[str]) -> None:
        """Run the scenario with settings, over all members."""
        scenario: Scenario = load_scenario(self.base, self.baseline, [*settings, "name=solve"])
        self.paths.run(scenario)

    def _cost(self, levers: Sequence[Instrument], settings: Sequence[str]) -> Cost | None:
        """Return what settings cost against the scenario without them; None without a cost."""
        flows = flows_of(levers, tuple(self.baseline.zones))
        if not flows:
            return None
        spending = Spending(flows, self.years, self.baseline.base_year, self.discount)
        if tuple(flows) not in self._usual:
            self.run(self.settings)
            self._usual[tuple(flows)] = spending.of(self.paths)
        self.run([*self.settings, *settings])
        return spending.cost(spending.of(self.paths), self._usual[tuple(flows)])

    @cached_property
    def _usual(self) -> dict[tuple[tuple[str, str], ...], Array]:
        """Spending without the instrument, found once."""
        return {}


def _mean_cost(solution: Solution) -> float:
    return solution.cost.mean if solution.cost else np.inf


def _probability(value: float | str) -> float:
    try:
        found = percent(value) if isinstance(value, str) else float(value)
    except ValueError as error:
        raise InputError(say("probability: {error}", error=error)) from None
    if not 0 < found < 1:
        raise InputError(say("the probability {value} is not between 0% and 100%", value=value))
    return found
