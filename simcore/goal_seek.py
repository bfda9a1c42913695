"""Goal seek: the smallest constant value of a lever that makes a goal likely enough.

All values are tried on the same members of the ensemble. In each draw the goal's quantity is a
smooth function of the lever, and so is the quantile of the draws that decides: P(X ≥ c) ≥ p holds
exactly where the ⌈p n⌉-th largest of n values of X reaches c. Its gap to c, unlike the probability,
has no steps; Brent's method finds where it vanishes.

References
----------
Brent (1973), Algorithms for Minimization without Derivatives, chapter 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from simcore.aims import Aim, aim_of
from simcore.arrays import Array, Mask
from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.instruments import STEP, Instrument, instrument_of
from simcore.labels import say
from simcore.levers import Scenario
from simcore.member_paths import MemberPaths
from simcore.plan import Plan, Precision
from simcore.quantity import percent
from simcore.reconcile import reconcile
from simcore.samplers import Kind
from simcore.scenario import load_scenario
from simcore.threads import one_thread

DRAWS = 4096
NUDGES = 5  # steps by which the value is moved to the last one that does it


@dataclass(frozen=True)
class Trial:
    """A value of the instrument and the probability that the goal then has."""

    value: float
    probability: float


@dataclass(frozen=True)
class Solution:
    """The smallest value of an instrument that makes a goal likely enough, or the best there is.

    ``setting`` : what ``--set`` takes; ``probability`` : with it, on these draws, with its standard
    error; ``feasible`` : whether it is what was wanted; ``without`` : the probability without the
    instrument; ``trials`` : everything that was tried, by value.
    """

    target: str
    wanted: float
    instrument: Instrument
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
        """Whether a higher value never had a lower probability."""
        found = [trial.probability for trial in self.trials]
        return found == sorted(found)


def solve(
    target: str,
    probability: float | str,
    instrument: str,
    *,
    base: str = "baseline",
    settings: Sequence[str] = (),
    between: tuple[str, str] | None = None,
    draws: int = DRAWS,
    seed: int | None = None,
    sampler: Kind | None = None,
    precision: Precision = "double",
) -> Solution:
    """Find the smallest constant value of a lever such that P(target) ≥ probability.

    Parameters
    ----------
    target : ``donghu.gdp.2030=5000``, ``jingkai.gdp_growth.2024-2030=6%``,
        ``donghu.optoelectronics.output.2030>=5000``, or the id of a documented goal
    probability : 0.8 or ``"80%"``
    instrument : ``donghu.rnd_growth``, ``*.tfp``, ``jingkai.automotive.growth``
    base, settings : the scenario that the instrument is laid on
    between : ends of its range, such as ``("0%", "30%")``; the lever's own by default
    draws, seed, sampler, precision : of the ensemble, as of a run

    A published figure meets a goal for a level of GDP. Where no value of the range does, the best
    is returned, `Solution.feasible` false. Raises `InputError` for what cannot be asked.
    """
    ensemble = Ensemble(draws, seed, sampler, precision)
    question = Question.of(target, probability, base, settings, ensemble)
    return question.answer(instrument_of(instrument, question.baseline, between))


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

    @classmethod
    def of(
        cls,
        target: str,
        probability: float | str,
        base: str,
        settings: Sequence[str],
        ensemble: Ensemble,
    ) -> Question:
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
        return cls(aim, wanted, base, tuple(settings), plan, MemberPaths(plan))

    @property
    def baseline(self) -> Baseline:
        """Zones and figures."""
        return self.plan.posterior.problem.past.baseline

    def setting(self, lever: Instrument, value: float) -> str:
        """Return what ``--set`` takes."""
        return lever.setting(value, self.aim.measure.last)

    def answer(self, lever: Instrument, beside: Sequence[str] = ()) -> Solution:
        """Return the smallest value of a lever, further settings being laid on before."""

        def laid(value: float) -> Scenario:
            own = self.setting(lever, value)
            wanted = [*self.settings, *beside, own, "name=solve"]
            return load_scenario(self.base, self.baseline, wanted)

        search = Search(self.plan, self.aim, self.wanted, laid, self.paths)
        start = load_scenario(self.base, self.baseline, [*self.settings, *beside])
        with one_thread():
            value, feasible = search.smallest(lever.low, lever.high)
            without = float(search.met(start).mean())
        share, draws = float(search.tried[value].mean()), self.plan.draws
        return Solution(
            self.aim.text, self.wanted, lever, value, self.setting(lever, value), share,
            float(np.sqrt(share * (1 - share) / draws)), feasible, without, draws, self.plan.seed,
            self.plan.scenarios[0].name, search.trials,
        )  # fmt: skip


def _probability(value: float | str) -> float:
    try:
        found = percent(value) if isinstance(value, str) else float(value)
    except ValueError as error:
        raise InputError(say("probability: {error}", error=error)) from None
    if not 0 < found < 1:
        raise InputError(say("the probability {value} is not between 0% and 100%", value=value))
    return found


# --- the search -----------------------------------------------------------------------------------


@dataclass
class Search:
    """Looks for the smallest value of a lever on the fixed members of a plan."""

    plan: Plan
    aim: Aim
    wanted: float
    laid: Callable[[float], Scenario]
    paths: MemberPaths
    tried: dict[float, Mask] = field(default_factory=dict)
    gaps: dict[float, float] = field(default_factory=dict)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Everything that was tried, by value."""
        return tuple(Trial(value, float(met.mean())) for value, met in sorted(self.tried.items()))

    def smallest(self, low: float, high: float) -> tuple[float, bool]:
        """Return the smallest value that does it, to a step; or the best of those tried, and False.

        The effect is taken to be monotone: a range whose ends both miss is looked at in its middle,
        and left. The best has the highest probability; of equals, it comes closest to the goal.
        """
        from scipy.optimize import brentq

        if self.gap(low) >= 0:
            return low, True
        if self.gap(high) < 0:
            if self.gap((low + high) / 2) < 0:
                return max(self.tried, key=self._rank), False
            high = (low + high) / 2
        root = float(brentq(self.gap, low, high, xtol=STEP / 2, rtol=1e-6))
        value = min(round(math.ceil(root / STEP - 1e-6) * STEP, 10), high)
        for _ in range(NUDGES):
            if self.enough(value):
                break
            value = min(round(value + STEP, 10), high)
        for _ in range(NUDGES):
            below = round(value - STEP, 10)
            if below < low or not self.enough(below):
                break
            value = below
        return value, self.enough(value)

    def _rank(self, value: float) -> tuple[float, float, float]:
        return float(self.tried[value].mean()), self.gaps[value], -value

    def enough(self, value: float) -> bool:
        """Whether the goal has the wanted probability at a value."""
        return self.gap(value) >= 0

    def gap(self, value: float) -> float:
        """How far the deciding draw is past the goal, relative to it; negative where it misses."""
        reached = self.reached(self.laid(value))
        goal = self.aim.measure.threshold(self.aim.value, self.paths)
        past = reached - goal if self.aim.at_least else goal - reached
        self.tried[value] = past >= 0
        needed = math.ceil(self.wanted * len(past) - 1e-9)
        decisive = float(np.partition(past, len(past) - needed)[len(past) - needed])
        self.gaps[value] = max(decisive / (abs(goal) or 1.0), -1e6)
        return self.gaps[value]

    def met(self, scenario: Scenario) -> Mask:
        """Return which draws of a scenario meet the goal."""
        reached = self.reached(scenario)
        goal = self.aim.measure.threshold(self.aim.value, self.paths)
        return reached >= goal if self.aim.at_least else reached <= goal

    def reached(self, scenario: Scenario) -> Array:
        """Return the goal's quantity under a scenario, (draw); what breaks misses the goal."""
        self.paths.run(scenario)
        with np.errstate(invalid="ignore"):
            found = self.aim.measure.of(self.paths)
        return np.where(np.isfinite(found), found, -np.inf if self.aim.at_least else np.inf)
