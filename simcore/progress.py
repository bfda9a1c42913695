"""How far a goal has come: the last known level, growth still needed, and the progress ratio A/τ.

Documented figures come first; where there are none, the medians of the model stand, marked as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simcore.baseline import Baseline
from simcore.goals import Goal
from simcore.measures import Measure
from simcore.scenario_paths import ScenarioPaths

Basis = Literal["documented", "model"]


@dataclass(frozen=True)
class Standing:
    """Where a goal's path stands in a year, and how far it has come.

    ``value`` in the goal's unit, documented or the model's median; ``growth`` needed from there
    [percent a year]; ``ratio``, ``ratio_log`` : A/τ, linear and in logs, in the year ``at``.
    """

    value: float | None = None
    year: int | None = None
    basis: Basis | None = None
    growth: float | None = None
    ratio: float | None = None
    ratio_log: float | None = None
    at: int | None = None
    ratio_basis: Basis | None = None


def standing_of(
    goal: Goal, paths: ScenarioPaths, answered: bool, baseline: Baseline, at: int | None
) -> Standing:
    """Return where a goal stands: documented figures first, the model's medians beside them."""
    if goal.figure.value is None:
        return Standing()
    levels = {} if goal.figure.concept == "growth" else {d.year: d.value for d in goal.documents}
    now = max((year for year in levels if at is None or year <= at), default=None)
    if answered and (now is None or at is not None and now != at):
        now = min(at or baseline.base_year, goal.year)
    if now is None:
        return Standing()
    start = max((year for year in levels if year <= goal.start), default=goal.start)
    if answered and asked(goal)[0].form == "growth":
        start = asked(goal)[0].since(paths)
    value, basis = _level(goal, paths, levels, now, answered)
    end = _end(goal, paths, answered)
    growth = 0.0 if is_there(goal, value, end) else _growth(goal, value, end, goal.year - now)
    then, then_basis = now, basis
    reached = value
    if now <= start and answered and (at is None or at > now):
        then = min(at or baseline.base_year, goal.year)
        reached, then_basis = _level(goal, paths, {}, then, answered)
    first, _ = _level(goal, paths, levels, start, answered)
    ratio = ratio_log = None
    if not is_there(goal, first, end):
        ratio, ratio_log = progress(first, reached, end, (start, then, goal.year))
    return Standing(
        _shown(goal, paths, value, now), now, basis, growth, ratio, ratio_log,
        then if ratio is not None else None, then_basis if ratio is not None else None,
    )  # fmt: skip


def _level(
    goal: Goal, paths: ScenarioPaths, levels: dict[int, float], year: int, answered: bool
) -> tuple[float, Basis]:
    """Return the path's level in a year: as documented, or the model's median; NaN of neither."""
    if year in levels:
        return levels[year], "documented"
    if not answered:
        return float("nan"), "documented"
    measure, value = asked(goal)
    if measure.form != "level":
        begin = measure.since(paths)
        if year <= begin:
            return (1.0 if measure.form == "growth" else 0.0), "model"
        return paths.median(measure.of(paths, year)), "model"
    factor = float(goal.figure.value or 0.0) / value if value else 1.0
    return factor * paths.median(measure.of(paths, year)), "model"


def _end(goal: Goal, paths: ScenarioPaths, answered: bool) -> float:
    """Return the level that the path has to reach."""
    if answered and asked(goal)[0].form != "level":
        return threshold_of(goal, paths)
    return float(goal.figure.value or 0.0)


def is_there(goal: Goal, level: float, end: float) -> bool:
    """Whether a level is where the goal wants it; one that is not known is not."""
    return bool(
        {">": level > end, ">=": level >= end, "<": level < end, "<=": level <= end}[
            goal.comparator
        ]
    )


def _growth(goal: Goal, value: float, end: float, years: int) -> float | None:
    """Return the growth still needed [percent a year]; None of what adds up, or without time."""
    adds_up = goal.measure is not None and goal.measure.form in ("sum", "rise")
    if years < 1 or adds_up or not (value > 0 and end > 0):
        return None
    return float(100 * ((end / value) ** (1 / years) - 1))


def _shown(goal: Goal, paths: ScenarioPaths, value: float, year: int) -> float | None:
    """Return a level as a reader of the goal knows it: of average growth, in percent a year."""
    if not np.isfinite(value):
        return None
    if goal.measure is None or goal.measure.form != "growth":
        return value
    years = year - goal.measure.since(paths)
    return float(100 * (value ** (1 / years) - 1)) if years > 0 else None


def progress(
    first: float, reached: float, end: float, years: tuple[int, int, int]
) -> tuple[float | None, float | None]:
    """Return the progress ratio A/τ, linear and in logs, of a way from one level to another.

    ``A = (x_t − x_0)/(x_T − x_0)``, ``τ = (t − t_0)/(T − t_0)``, ``years`` = (t_0, t, T). None
    where no time has gone, nothing is to be done, or a level is not known; in logs of positive
    levels.

    >>> linear, log = progress(2000, 2715, 5000, (2020, 2023, 2025))
    >>> round(linear, 3), round(log, 3)
    (0.397, 0.556)
    """
    start, now, last = years
    if now <= start or last <= start or not np.isfinite([first, reached, end]).all():
        return None, None
    time = (now - start) / (last - start)
    linear = (reached - first) / (end - first) / time if end != first else None
    if min(first, reached, end) <= 0 or end == first:
        return linear, None
    return linear, float(np.log(reached / first) / np.log(end / first) / time)


def threshold_of(goal: Goal, paths: ScenarioPaths) -> float:
    """Return what the path of a goal that is answered has to reach."""
    measure, value = asked(goal)
    return measure.threshold(value, paths)


def asked(goal: Goal) -> tuple[Measure, float]:
    """Return the measure and value of a goal that is answered."""
    assert goal.measure is not None  # others have no draws that meet it
    assert goal.value is not None
    return goal.measure, goal.value
