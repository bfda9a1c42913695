"""Goals for numbers of firms: their probability, and what each would need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simcore.baseline import Figure
from simcore.ladder_members import FirmLevers, FirmMembers
from simcore.ladder_priors import DOUBLING, printed_count
from simcore.ladder_problem import FirmProblem
from simcore.ladder_table import FirmEnsemble
from simcore.threads import one_thread

LARGEST = 100.0  # factors on entry or promotion from 1/100 to 100 are tried
TOLERANCE = 1e-3  # of the logarithm of a factor


@dataclass(frozen=True)
class Need:
    """The factor on entry or promotion by which the median reaches a goal, and the flow it gives.

    ``factor`` is None where none in range does. ``flow`` and ``now`` are firms a year, averaged
    from the first projected year to the goal's, with the factor and without.
    """

    factor: float | None
    flow: float | None
    now: float


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
    entry: Need
    promotion: Need


def goal_rows(ensemble: FirmEnsemble) -> list[GoalRow]:
    """Return every goal up to the ensemble's last year, in the order of the calibration.

    What a goal needs is found on the first block of draws, with the same random numbers for every
    factor.
    """
    problem = ensemble.posterior.problem
    rows = []
    for zone, part, rung, _, name in problem.firms.named():
        figure = problem.baseline.figures.get(name)
        if part != "goals" or zone not in problem.zones or figure is None or not figure.year:
            continue
        if problem.baseline.base_year < figure.year <= ensemble.last_year:
            rows.append(_goal(ensemble, zone, rung, figure, figure.year))
    return rows


def _goal(
    ensemble: FirmEnsemble, zone: str, rung: str, figure: Figure, year: int
) -> GoalRow:  # fmt: skip
    problem, first = ensemble.posterior.problem, ensemble.first_year(zone)
    goal = goal_count(problem, figure)
    published = ensemble.published(zone, rung)
    count = published[year - first]
    low, middle, high = (float(value) for value in np.quantile(count, [0.05, 0.5, 0.95]))
    documented = last_count(problem, zone, rung)
    base = problem.baseline.base_year
    last_year, last = documented or (base, float(np.median(published[base - first])))
    span = year - last_year
    entry, promotion = needs(ensemble.members[0][0], zone, rung, year, goal)
    return GoalRow(
        figure.id, zone, rung, year, goal, figure.kind, float((count >= goal).mean()),
        middle, low, high, last_year, last, documented is None, _yearly(goal, last, span),
        _yearly(middle, last, span), entry, promotion,
    )  # fmt: skip


def _yearly(end: float, start: float, years: int) -> float:
    """Growth a year [percent]."""
    return float(100 * np.expm1(np.log(max(end, 1.0) / max(start, 1.0)) / years))


def goal_count(problem: FirmProblem, figure: Figure) -> float:
    """Return the firms that a goal asks for; a multiple is of the count before its first year."""
    if figure.unit != DOUBLING:
        return printed_count(figure)
    first = figure.period[0] if isinstance(figure.period, tuple) else (figure.year or 0)
    for part in problem.evidence:
        same = part.figure.zone == figure.zone and not part.arrivals
        if same and part.year == first - 1 and part.rung in _rungs_of(problem, figure):
            return float(figure.value or 0.0) * printed_count(part.figure)
    raise LookupError(f"{figure.id} multiplies a count that is not documented")


def _rungs_of(problem: FirmProblem, figure: Figure) -> list[str]:
    return [rung for _, part, rung, _, name in problem.firms.named()
            if part == "goals" and name == figure.id]  # fmt: skip


def last_count(problem: FirmProblem, zone: str, rung: str) -> tuple[int, float] | None:
    """Return the year and value of the last documented count of a rung, if there is one."""
    known = [
        (part.year, printed_count(part.figure))
        for part in problem.evidence
        if (part.zone, part.rung, part.arrivals) == (zone, rung, False)
    ]
    return max(known) if known else None


def needs(
    members: FirmMembers, zone: str, rung: str, year: int, goal: float
) -> tuple[Need, Need]:
    """Return what entry, and what promotion on every rung, a goal would need.

    The factor holds from the first projected year on and brings the median to the goal.
    """
    problem = members.posterior.problem
    first = problem.firms.zones[zone].first_year
    years, known = year - first, problem.baseline.base_year - first

    def run(entry: float, promotion: float) -> tuple[float, float, float]:
        levers = FirmLevers.constant(years, known, entry=entry, promotion=promotion)
        counts = members.counts(zone, year, levers)
        count = problem.counted(zone, rung, counts.count[:, -1], members.values)
        new = counts.entered[:, known:].sum(axis=0).mean(axis=0)
        into = problem.arrivals(rung, counts.moves[:, known:]).mean(axis=0)
        return float(np.median(count)), float(np.median(new)), float(np.median(into))

    with one_thread():
        now = run(1.0, 1.0)
        by_entry = _factor(lambda factor: run(factor, 1.0)[0], goal)
        by_promotion = _factor(lambda factor: run(1.0, factor)[0], goal)
        flows = (
            run(by_entry, 1.0)[1] if by_entry else None,
            run(1.0, by_promotion)[2] if by_promotion else None,
        )
    return Need(by_entry, flows[0], now[1]), Need(by_promotion, flows[1], now[2])


def _factor(median: Callable[[float], float], goal: float) -> float | None:
    """Return the factor by which a rising median reaches a goal; None if none in range does."""
    from scipy.optimize import brentq

    def gap(logarithm: float) -> float:
        return median(float(np.exp(logarithm))) - goal

    end = float(np.log(LARGEST))
    if gap(-end) > 0 or gap(end) < 0:
        return None
    return float(np.exp(brentq(gap, -end, end, xtol=TOLERANCE)))

