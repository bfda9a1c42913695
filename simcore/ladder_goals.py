"""Goals for numbers of firms: their probability, and what each would need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simcore.entries import Figure
from simcore.ladder import Counts
from simcore.ladder_members import FirmFactors
from simcore.ladder_priors import DOUBLING, printed_count, year_before
from simcore.ladder_problem import FirmProblem
from simcore.ladder_table import FirmEnsemble
from simcore.threads import one_thread

LARGEST = 100.0  # factors on entry or promotion from 1/100 to 100 are tried
TOLERANCE = 1e-3  # of the logarithm of a factor


@dataclass(frozen=True)
class Needs:
    """What brings the median to a goal, each alone, from the first projected year on.

    ``entry`` and ``promotion`` are factors on new firms and on all promotions, None where none in
    range does; ``settled`` is firms a year that come onto the rung from elsewhere. Beside the
    factors stand the firms a year, averaged up to the goal's year: with the factor, and now.
    """

    entry: float | None
    new_firms: float | None
    new_firms_now: float
    promotion: float | None
    arrivals: float | None
    arrivals_now: float
    settled: float | None


@dataclass(frozen=True)
class GoalRow:
    """A goal: its probability, the median that meets it or not, and what it would need.

    ``last`` is the last documented count, or, if ``assumed``, the ladder's median of the base year;
    growth is in percent a year from there to the goal.
    """

    figure: str
    zone: str
    rung: str
    year: int
    goal: float
    kind: str
    probability: float
    median: float
    q05: float
    q95: float
    last_year: int
    last: float
    assumed: bool
    growth_needed: float
    growth: float
    needs: Needs


def goal_rows(ensemble: FirmEnsemble, zones: Sequence[str]) -> list[GoalRow]:
    """Return every goal of the zones up to the ensemble's last year, in the calibration's order.

    What a goal needs is found on the first block of draws, with the same random numbers for every
    factor.
    """
    return [_goal(ensemble, *goal) for goal in _goals(ensemble, zones)]


def goal_probabilities(ensemble: FirmEnsemble, zones: Sequence[str]) -> dict[str, float]:
    """Return the share of draws in which the ladder's count meets a goal, by the goal's id."""
    found = {}
    for rung, figure, year, goal in _goals(ensemble, zones):
        first = ensemble.first_year(figure.zone)
        count = ensemble.published(figure.zone, rung)[year - first]
        found[figure.id] = float((count >= goal).mean())
    return found


def _goals(
    ensemble: FirmEnsemble, zones: Sequence[str]
) -> Iterator[tuple[str, Figure, int, float]]:  # fmt: skip
    """Return rung, figure, year and number of firms of every goal up to the last year."""
    problem = ensemble.posterior.problem
    for zone, part, rung, _, name in problem.firms.named():
        figure = problem.baseline.figures.get(name)
        if part != "goals" or zone not in zones or figure is None or not figure.year:
            continue
        goal = goal_count(problem, rung, figure)
        if goal and problem.baseline.base_year < figure.year <= ensemble.last_year:
            yield rung, figure, figure.year, goal


def _goal(
    ensemble: FirmEnsemble, rung: str, figure: Figure, year: int, goal: float
) -> GoalRow:  # fmt: skip
    zone = figure.zone
    problem, first = ensemble.posterior.problem, ensemble.first_year(zone)
    published = ensemble.published(zone, rung)
    count = published[year - first]
    low, middle, high = (float(value) for value in np.quantile(count, [0.05, 0.5, 0.95]))
    documented = last_count(problem, zone, rung)
    base = problem.baseline.base_year
    last_year, last = documented or (base, float(np.median(published[base - first])))
    span = year - last_year
    found = needs(ensemble, zone, rung, year, goal)
    return GoalRow(
        figure.id, zone, rung, year, goal, figure.kind, float((count >= goal).mean()),
        middle, low, high, last_year, last, documented is None, _yearly(goal, last, span),
        _yearly(middle, last, span), found,
    )  # fmt: skip


def _yearly(end: float, start: float, years: int) -> float:
    """Growth a year [percent]."""
    return float(100 * np.expm1(np.log(max(end, 1.0) / max(start, 1.0)) / years))


def goal_count(problem: FirmProblem, rung: str, figure: Figure) -> float | None:
    """Return the firms that a goal asks for; None for a multiple of a count that is not known.

    A multiple is of the documented count at the end of the year before its period.
    """
    if figure.unit != DOUBLING:
        return printed_count(figure)
    for part in problem.evidence:
        same = (part.zone, part.rung, part.arrivals) == (figure.zone, rung, False)
        if same and part.year == year_before(figure):
            return float(figure.value or 0.0) * printed_count(part.figure)
    return None


def last_count(problem: FirmProblem, zone: str, rung: str) -> tuple[int, float] | None:
    """Return the year and value of the last documented count of a rung, if there is one."""
    known = [
        (part.year, printed_count(part.figure))
        for part in problem.evidence
        if (part.zone, part.rung, part.arrivals) == (zone, rung, False)
    ]
    return max(known) if known else None


def needs(ensemble: FirmEnsemble, zone: str, rung: str, year: int, goal: float) -> Needs:
    """Return what a goal would need beside the levers, found on common random numbers."""
    problem, members = ensemble.posterior.problem, ensemble.members[0][0]
    first = problem.firms.zones[zone].first_year
    base = problem.baseline.base_year
    later = (np.arange(first + 1, year + 1) > base).astype(float)
    levers = ensemble.levers.get(zone)
    none = levers.until(year - first) if levers else FirmFactors.none(year - first)

    def run(factors: FirmFactors) -> Counts:
        return members.onward(zone, base, year, factors)

    def median(factors: FirmFactors) -> float:
        count = run(factors).count[:, -1]
        return float(np.median(problem.counted(zone, rung, count, members.values)))

    def flows(factors: FirmFactors) -> tuple[float, float]:
        counts = run(factors)
        new = counts.entered.sum(axis=0).mean(axis=0)
        into = problem.arrivals(rung, counts.moves).mean(axis=0)
        return float(np.median(new)), float(np.median(into))

    def entering(factor: float) -> FirmFactors:
        return replace(none, entry=none.entry * factor**later)

    def promoting(factor: float) -> FirmFactors:
        return replace(none, promotion=none.promotion * factor**later)

    def settling(firms: float) -> FirmFactors:
        return replace(none, settled={rung: firms * later})

    with one_thread():
        entry = _factor(lambda factor: median(entering(factor)), goal)
        promotion = _factor(lambda factor: median(promoting(factor)), goal)
        settled = _number(lambda firms: median(settling(firms)), goal)
        new_now, arrivals_now = flows(none)
        new = flows(entering(entry))[0] if entry else None
        arrivals = flows(promoting(promotion))[1] if promotion else None
    return Needs(entry, new, new_now, promotion, arrivals, arrivals_now, settled)


def _factor(median: Callable[[float], float], goal: float) -> float | None:
    """Return the factor by which a rising median reaches a goal; None if none in range does."""
    from scipy.optimize import brentq

    def gap(logarithm: float) -> float:
        return median(float(np.exp(logarithm))) - goal

    end = float(np.log(LARGEST))
    if gap(-end) > 0 or gap(end) < 0:
        return None
    return float(np.exp(brentq(gap, -end, end, xtol=TOLERANCE)))


def _number(median: Callable[[float], float], goal: float) -> float | None:
    """Return the firms a year by which a rising median reaches a goal; zero if it does without."""
    from scipy.optimize import brentq

    if median(0.0) >= goal:
        return 0.0
    if median(goal) < goal:
        return None
    return float(brentq(lambda firms: median(firms) - goal, 0.0, goal, xtol=TOLERANCE * goal))
