"""Plan assessment: what a result says of every documented goal, and of a zone's goals together.

Of a goal that a variable answers: the probability ``P(published figure ≥ value)`` with its Monte
Carlo standard error, and the mean shortfall of the draws that miss it. Of every goal with
documented figures: the growth still needed and the progress ratio A/τ, the part of the way that is
done over the part of the time that is gone. What no variable answers has that arithmetic alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr

from simcore.accessor import refuse_summary
from simcore.arrays import Array, Mask
from simcore.baseline import Baseline, load_baseline
from simcore.errors import InputError, did_you_mean
from simcore.goals import Goal, goals, table_rows
from simcore.labels import Label
from simcore.measures import Measure
from simcore.plan_tables import load_plan_tables
from simcore.weighting import weighted_quantiles, weighted_share

Status = Literal[
    "reached", "met", "missed", "on track", "open", "behind", "out of reach", "on pace",
    "behind pace", "no later figure", "no number",
]  # fmt: skip
Basis = Literal["documented", "model"]

LIKELY, UNLIKELY, EXCEPTIONAL = 2 / 3, 1 / 3, 0.01
"""Bounds of the probability between the words on track, open, behind and out of reach.

The steps likely, about as likely as not, unlikely and exceptionally unlikely of Mastrandrea et al.
(2010), Guidance note on consistent treatment of uncertainties, IPCC.
"""


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


@dataclass(frozen=True)
class TargetRow:
    """A documented goal, assessed.

    ``probability`` of 0–1 with its standard error; ``expected_shortfall`` : mean shortfall of the
    draws that miss it, in the goal's unit, 0 where none does; ``median`` what the model expects;
    ``since`` : the year from which an average growth is reckoned.
    """

    target: str
    zone: str
    indicator: str
    label: Label
    year: int
    comparator: str
    value: float | None
    unit: str
    kind: str
    strength: str | None
    treatment: str
    answered_by: str
    probability: float | None
    standard_error: float | None
    expected_shortfall: float | None
    median: float | None
    since: int | None
    last_value: float | None
    last_year: int | None
    last_basis: Basis | None
    required_growth: float | None
    progress_ratio: float | None
    progress_ratio_log: float | None
    progress_year: int | None
    progress_basis: Basis | None
    status: Status
    table: str | None
    row: int | None
    repeats: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class ZoneRow:
    """A zone's goals of one year together.

    ``joint`` : probability that all ``targets`` with a probability are met; ``binding`` : the one
    with the smallest probability, of equals the one whose goal lies most standard deviations off
    the median; ``joint_without`` it; ``expected`` : how many are met on average.
    """

    zone: str
    year: int
    targets: int
    joint: float
    standard_error: float
    expected: float
    binding: str
    joint_without: float | None


@dataclass(frozen=True)
class TableRow:
    """A row of a plan's indicator table: its goals, and how each is answered."""

    document: str
    row: int
    label: Label
    targets: tuple[str, ...]
    treatment: str
    status: Status


@dataclass(frozen=True)
class Assessment:
    """What a scenario's draws say of the documented goals."""

    scenario: str
    draws: int
    at: int | None
    rows: tuple[TargetRow, ...]
    zones: tuple[ZoneRow, ...]
    tables: tuple[TableRow, ...]

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as plain dictionaries, for a table of pandas or JSON."""
        return [asdict(row) for row in self.rows]


class ScenarioPaths:
    """The paths of one scenario of a result; each is read once."""

    def __init__(self, dataset: xr.Dataset, scenario: str) -> None:
        self._dataset = dataset.sel(scenario=scenario)
        self._read: dict[tuple[str, str, str | None], Array] = {}
        years = [int(year) for year in dataset["year"].values]
        self.years = range(years[0], years[-1] + 1)
        self.zones = [str(zone) for zone in dataset["zone"].values]
        weight = np.asarray(self._dataset["weight"].values, dtype=np.float64)
        self.sound: Mask = weight > 0
        self.weight = weight[self.sound]

    def at(self, variable: str, zone: str, year: int, industry: str | None = None) -> Array:
        """Return a variable of a zone, or of one of its industries, in a year, (draw)."""
        key = (variable, zone, industry)
        if key not in self._read:
            place = {"zone": zone} | ({} if industry is None else {"industry": industry})
            path = self._dataset[variable].sel(place).transpose("year", "draw")
            self._read[key] = np.asarray(path.values[:, self.sound], dtype=np.float64)
        return self._read[key][year - self.years[0]]

    def median(self, values: Array) -> float:
        """Return the weighted median of draws, NaN of none."""
        return float(weighted_quantiles(values, self.weight, (0.5,))[0])


def targets(
    dataset: xr.Dataset,
    *,
    scenario: str | None = None,
    year: int | None = None,
    zone: str | None = None,
    at: int | None = None,
    baseline: Baseline | None = None,
) -> Assessment:
    """Assess the documented goals against one scenario of a result.

    Parameters
    ----------
    dataset : a result with its draws
    scenario : the baseline by default, or else the first
    year, zone : of the goals; all by default
    at : the year of the assessment: what is documented in it, else the model's median; by default
        the last documented year of each goal

    Raises `InputError` for an unknown scenario, zone or year, and for a result without draws.
    """
    refuse_summary(dataset)
    baseline = baseline or load_baseline()
    paths = ScenarioPaths(dataset, _scenario(dataset, scenario))
    name = _scenario(dataset, scenario)
    if zone is not None and zone not in paths.zones:
        near = did_you_mean(zone, paths.zones) or f"; known: {', '.join(paths.zones)}"
        raise InputError(f"unknown zone '{zone}'{near}")
    if at is not None and at not in paths.years:
        raise InputError(f"the result has {paths.years[0]} to {paths.years[-1]}, not {at}")
    known = [goal for goal in goals(baseline) if goal.figure.zone in paths.zones]
    years = sorted({goal.year for goal in known})
    if year is not None and year not in years:
        raise InputError(f"no goal is set for {year}; there are some for {_list(years)}")
    wanted = [
        goal
        for goal in known
        if (year is None or goal.year == year) and (zone is None or goal.figure.zone == zone)
    ]
    met = {goal.figure.id: _met(goal, paths) for goal in wanted}
    rows = tuple(_row(goal, paths, met[goal.figure.id], baseline, at) for goal in wanted)
    return Assessment(
        name, len(paths.weight), at, rows, tuple(_together(wanted, rows, met, paths, baseline)),
        tuple(_tables(wanted, rows, baseline)),
    )  # fmt: skip


def _scenario(dataset: xr.Dataset, wanted: str | None) -> str:
    names = [str(name) for name in dataset["scenario"].values]
    if wanted is None:
        return "baseline" if "baseline" in names else names[0]
    if wanted not in names:
        near = did_you_mean(wanted, names) or f"; known: {', '.join(names)}"
        raise InputError(f"unknown scenario '{wanted}'{near}")
    return wanted


def _list(years: Sequence[int]) -> str:
    return ", ".join(map(str, years))


def _met(goal: Goal, paths: ScenarioPaths) -> Mask | None:
    """Return which draws meet a goal, None of one that nothing in the result answers."""
    reached = _reached(goal, paths)
    if reached is None:
        return None
    threshold = _threshold(goal, paths)
    return reached >= threshold if goal.at_least else reached <= threshold


def _reached(goal: Goal, paths: ScenarioPaths) -> Array | None:
    """Return the goal's path in its last year, (draw), None where the result has none."""
    if goal.measure is None or goal.year not in paths.years:
        return None
    reached = goal.measure.of(paths)
    return reached if np.isfinite(reached).all() else None


def _threshold(goal: Goal, paths: ScenarioPaths) -> float:
    measure, value = _asked(goal)
    return measure.threshold(value, paths)


def _asked(goal: Goal) -> tuple[Measure, float]:
    assert goal.measure is not None  # `_met` is None of others
    assert goal.value is not None
    return goal.measure, goal.value


def _row(
    goal: Goal, paths: ScenarioPaths, met: Mask | None, baseline: Baseline, at: int | None
) -> TargetRow:
    figure, standing = goal.figure, _standing(goal, paths, met is not None, baseline, at)
    share = error = shortfall = median = since = None
    if met is not None:
        share, error = weighted_share(met, paths.weight)
        shortfall, median = _shortfall(goal, paths, met)
        since = _asked(goal)[0].since(paths) if _asked(goal)[0].form == "growth" else None
    return TargetRow(
        figure.id, figure.zone, figure.indicator, goal.label(baseline), goal.year, goal.comparator,
        figure.value, figure.unit, figure.kind, goal.strength, goal.treatment, goal.by, share,
        error, shortfall, median, since, standing.value, standing.year, standing.basis,
        standing.growth, standing.ratio, standing.ratio_log, standing.at, standing.ratio_basis,
        _status(goal, share, standing), goal.table or None, goal.row.row if goal.row else None,
        tuple(repeat.id for repeat in goal.repeats), str(figure.source),
    )  # fmt: skip


def _shortfall(goal: Goal, paths: ScenarioPaths, met: Mask) -> tuple[float, float]:
    """Return the mean shortfall of the draws that miss a goal, and the median, as printed."""
    measure, value = _asked(goal)
    factor = float(goal.figure.value or 0.0) / value if value else 1.0
    stated = measure.stated(measure.of(paths), paths)
    missed, median = ~met, factor * paths.median(stated)
    if not missed.any():
        return 0.0, median
    gap = np.abs(value - stated[missed])
    return factor * float(np.average(gap, weights=paths.weight[missed])), median


# --- progress -------------------------------------------------------------------------------------


def _standing(
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
    if answered and _asked(goal)[0].form == "growth":
        start = _asked(goal)[0].since(paths)
    value, basis = _level(goal, paths, levels, now, answered)
    end = _end(goal, paths, answered)
    growth = 0.0 if _there(goal, value, end) else _growth(goal, value, end, goal.year - now)
    then, then_basis = now, basis
    reached = value
    if now <= start and answered and (at is None or at > now):
        then = min(at or baseline.base_year, goal.year)
        reached, then_basis = _level(goal, paths, {}, then, answered)
    first, _ = _level(goal, paths, levels, start, answered)
    ratio = ratio_log = None
    if not _there(goal, first, end):
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
    measure, value = _asked(goal)
    if measure.form != "level":
        begin = measure.since(paths)
        if year <= begin:
            return (1.0 if measure.form == "growth" else 0.0), "model"
        return paths.median(measure.of(paths, year)), "model"
    factor = float(goal.figure.value or 0.0) / value if value else 1.0
    return factor * paths.median(measure.of(paths, year)), "model"


def _end(goal: Goal, paths: ScenarioPaths, answered: bool) -> float:
    """Return the level that the path has to reach."""
    if answered and _asked(goal)[0].form != "level":
        return _threshold(goal, paths)
    return float(goal.figure.value or 0.0)


def _there(goal: Goal, level: float, end: float) -> bool:
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


def _status(goal: Goal, share: float | None, standing: Standing) -> Status:
    """Return the word for where a goal stands; the rules stand in the documentation."""
    if goal.figure.value is None:
        return "no number"
    if standing.basis == "documented" and standing.value is not None and standing.year is not None:
        there = _there(goal, standing.value, float(goal.figure.value))
        if standing.year >= goal.year:
            return "met" if there else "missed"
        if there and goal.figure.kind == "target":
            return "reached"
    if share is not None:
        if share >= LIKELY:
            return "on track"
        if share >= UNLIKELY:
            return "open"
        return "behind" if share >= EXCEPTIONAL else "out of reach"
    if standing.ratio is None:
        return "no later figure"
    return "on pace" if standing.ratio >= 1 else "behind pace"


# --- goals together -------------------------------------------------------------------------------


def _together(
    wanted: Sequence[Goal],
    rows: Sequence[TargetRow],
    met: dict[str, Mask | None],
    paths: ScenarioPaths,
    baseline: Baseline,
) -> list[ZoneRow]:
    """Return what is known of each zone's goals together, by the year they are set for."""
    found = []
    answered = [
        (goal, row)
        for goal, row in zip(wanted, rows, strict=True)
        if met[goal.figure.id] is not None and goal.year > baseline.base_year
        and goal.figure.kind == "target"
    ]  # fmt: skip
    for zone, year in dict.fromkeys((row.zone, row.year) for _, row in answered):
        here = [(goal, row) for goal, row in answered if (row.zone, row.year) == (zone, year)]
        masks = {goal.figure.id: np.asarray(met[goal.figure.id]) for goal, _ in here}
        joint, error = weighted_share(np.all(list(masks.values()), axis=0), paths.weight)
        binding = min(here, key=lambda pair: (pair[1].probability, -_distance(pair[0], paths)))
        others = [mask for name, mask in masks.items() if name != binding[1].target]
        without = weighted_share(np.all(others, axis=0), paths.weight)[0] if others else None
        expected = sum(row.probability or 0.0 for _, row in here)
        found.append(
            ZoneRow(zone, year, len(here), joint, error, expected, binding[1].target, without)
        )
    return found


def _distance(goal: Goal, paths: ScenarioPaths) -> float:
    """Return how many standard deviations of the logarithm a goal lies off the median."""
    reached, threshold = _asked(goal)[0].of(paths), _threshold(goal, paths)
    if (reached <= 0).any() or threshold <= 0:
        return float(abs(threshold - np.median(reached)) / reached.std())
    logs = np.log(reached)
    return float(abs(np.log(threshold) - np.median(logs)) / max(logs.std(), 1e-12))


def _tables(
    wanted: Sequence[Goal], rows: Sequence[TargetRow], baseline: Baseline
) -> list[TableRow]:
    """Return the rows of the plans' indicator tables, each with its first goal that has a number.

    Raises `InputError` if the tables do not fit the figures.
    """
    load_plan_tables(baseline)
    by_name = {row.target: row for row in rows}
    found = []
    for document, row, of_row in table_rows(list(wanted)):
        shown = next((goal for goal in of_row if goal.figure.value is not None), of_row[0])
        names = tuple(goal.figure.id for goal in of_row)
        status = by_name[shown.figure.id].status
        found.append(TableRow(document, row.row, row.label, names, shown.treatment, status))
    return found
