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
from simcore.errors import InputError, did_you_mean, known_names
from simcore.goals import Goal, goals, table_rows
from simcore.labels import Label, say
from simcore.progress import Basis, Standing, asked, is_there, standing_of, threshold_of
from simcore.scenario_paths import ScenarioPaths
from simcore.weighting import effective_size, weighted_deviation, weighted_share

Status = Literal[
    "reached", "met", "missed", "on track", "open", "behind", "out of reach", "on pace",
    "behind pace", "no later figure", "no number",
]  # fmt: skip

LIKELY, UNLIKELY, EXCEPTIONAL = 2 / 3, 1 / 3, 0.01
"""Bounds of the probability between the words on track, open, behind and out of reach.

The steps likely, about as likely as not, unlikely and exceptionally unlikely of Mastrandrea et al.
(2010), Guidance note on consistent treatment of uncertainties, IPCC.
"""


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
    """What a scenario's draws say of the documented goals.

    ``effective`` : the effective sample size, the draws themselves where all weights are equal.
    """

    scenario: str
    draws: int
    effective: float
    at: int | None
    rows: tuple[TargetRow, ...]
    zones: tuple[ZoneRow, ...]
    tables: tuple[TableRow, ...]

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as plain dictionaries, for a table of pandas or JSON."""
        return [asdict(row) for row in self.rows]


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
    name = _scenario(dataset, scenario)
    paths = ScenarioPaths(dataset, name)
    if zone is not None and zone not in paths.zones:
        near = did_you_mean(zone, paths.zones) or known_names(paths.zones)
        raise InputError(say("unknown zone '{zone}'{near}", zone=zone, near=near))
    if at is not None and at not in paths.years:
        raise InputError(say(
            "the result has {first} to {last}, not {year}",
            first=paths.years[0], last=paths.years[-1], year=at,
        ))  # fmt: skip
    known = [goal for goal in goals(baseline) if goal.figure.zone in paths.zones]
    years = sorted({goal.year for goal in known})
    if year is not None and year not in years:
        raise InputError(say(
            "no goal is set for {year}; there are some for {years}",
            year=year, years=_list(years),
        ))  # fmt: skip
    wanted = [
        goal
        for goal in known
        if (year is None or goal.year == year) and (zone is None or goal.figure.zone == zone)
    ]
    met = {goal.figure.id: _met(goal, paths) for goal in wanted}
    rows = tuple(_row(goal, paths, met[goal.figure.id], baseline, at) for goal in wanted)
    return Assessment(
        name, len(paths.weight), effective_size(paths.weight), at, rows,
        tuple(_together(wanted, rows, met, paths, baseline)),
        tuple(_tables(wanted, rows)),
    )  # fmt: skip


def assess(
    wanted: Sequence[Goal], paths: ScenarioPaths, baseline: Baseline
) -> tuple[TargetRow, ...]:  # fmt: skip
    """Assess goals against the paths of one scenario, each as of its last documented year."""
    return tuple(_row(goal, paths, _met(goal, paths), baseline, None) for goal in wanted)


def _scenario(dataset: xr.Dataset, wanted: str | None) -> str:
    names = [str(name) for name in dataset["scenario"].values]
    if wanted is None:
        return "baseline" if "baseline" in names else names[0]
    if wanted not in names:
        near = did_you_mean(wanted, names) or known_names(names)
        raise InputError(say("unknown scenario '{scenario}'{near}", scenario=wanted, near=near))
    return wanted


def _list(years: Sequence[int]) -> str:
    return ", ".join(map(str, years))


def _met(goal: Goal, paths: ScenarioPaths) -> Mask | None:
    """Return which draws meet a goal, None of one that nothing in the result answers."""
    reached = _reached(goal, paths)
    if reached is None:
        return None
    threshold = threshold_of(goal, paths)
    return reached >= threshold if goal.at_least else reached <= threshold


def _reached(goal: Goal, paths: ScenarioPaths) -> Array | None:
    """Return the goal's path in its last year, (draw), None where the result has none."""
    if goal.measure is None or goal.year not in paths.years:
        return None
    reached = goal.measure.of(paths)
    return reached if np.isfinite(reached).all() else None


def _row(
    goal: Goal, paths: ScenarioPaths, met: Mask | None, baseline: Baseline, at: int | None
) -> TargetRow:
    figure, standing = goal.figure, standing_of(goal, paths, met is not None, baseline, at)
    share = error = shortfall = median = since = None
    if met is not None:
        share, error = weighted_share(met, paths.weight)
        shortfall, median = _shortfall(goal, paths, met)
        since = asked(goal)[0].since(paths) if asked(goal)[0].form == "growth" else None
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
    measure, value = asked(goal)
    factor = float(goal.figure.value or 0.0) / value if value else 1.0
    stated = measure.stated(measure.of(paths), paths)
    missed, median = ~met, factor * paths.median(stated)
    if not missed.any():
        return 0.0, median
    gap = np.abs(value - stated[missed])
    return factor * float(np.average(gap, weights=paths.weight[missed])), median


def _status(goal: Goal, share: float | None, standing: Standing) -> Status:
    """Return the word for where a goal stands; the rules stand in the documentation."""
    if goal.figure.value is None:
        return "no number"
    if standing.basis == "documented" and standing.value is not None and standing.year is not None:
        there = is_there(goal, standing.value, float(goal.figure.value))
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
    reached, threshold = asked(goal)[0].of(paths), threshold_of(goal, paths)
    if (reached <= 0).any() or threshold <= 0:
        spread = weighted_deviation(reached, paths.weight)
        return abs(threshold - paths.median(reached)) / max(spread, 1e-12)
    logs = np.log(reached)
    spread = weighted_deviation(logs, paths.weight)
    return abs(float(np.log(threshold)) - paths.median(logs)) / max(spread, 1e-12)


def _tables(wanted: Sequence[Goal], rows: Sequence[TargetRow]) -> list[TableRow]:
    """Return the rows of the plans' indicator tables, with their first goal that has a number."""
    by_name = {row.target: row for row in rows}
    found = []
    for document, row, of_row in table_rows(list(wanted)):
        shown = next((goal for goal in of_row if goal.figure.value is not None), of_row[0])
        names = tuple(goal.figure.id for goal in of_row)
        status = by_name[shown.figure.id].status
        found.append(TableRow(document, row.row, row.label, names, shown.treatment, status))
    return found
