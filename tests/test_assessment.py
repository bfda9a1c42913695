"""Plan assessment: every documented goal, its probability, its pace and its status."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import xarray as xr

import simcore
from simcore import targets
from simcore.assessment import Assessment, TargetRow, ZoneRow
from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.goals import goals, plan_period, stem
from simcore.progress import progress


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    return simcore.run("baseline", draws=2048, seed=3)


@pytest.fixture(scope="module")
def found(dataset: xr.Dataset, baseline: Baseline) -> Assessment:
    return targets(dataset, baseline=baseline)


def row(found: Assessment, name: str) -> TargetRow:
    return next(row for row in found.rows if row.target == name)


def test_every_goal_stands_once(found: Assessment, baseline: Baseline) -> None:
    documented = {
        figure.id
        for figure in baseline.figures.values()
        if figure.kind in ("target", "plan_annual") and figure.year is not None
    }
    listed = [name for row in found.rows for name in (row.target, *row.repeats)]
    assert sorted(listed) == sorted(documented)


def test_all_rows_of_the_indicator_tables_are_accounted_for(found: Assessment) -> None:
    assert len(found.tables) == 35
    answered = [row for row in found.tables if row.treatment != "pace"]
    assert len(answered) == 20
    for table_row in found.tables:
        assert all(row(found, name).row == table_row.row for name in table_row.targets)


def test_east_lake_5000_is_out_of_reach(found: Assessment) -> None:
    goal = row(found, "donghu.gdp.2025.target")
    assert (goal.comparator, goal.value, goal.year, goal.treatment) == (
        ">",
        5000,
        2025,
        "simulated",
    )
    assert goal.probability is not None
    assert goal.probability < 0.01
    assert (goal.last_value, goal.last_year, goal.last_basis) == (2715, 2023, "documented")
    assert goal.required_growth == pytest.approx(35.7, abs=0.05)
    assert goal.progress_ratio == pytest.approx((715 / 3000) / (3 / 5))
    assert goal.progress_ratio_log == pytest.approx(np.log(2715 / 2000) / np.log(2.5) / 0.6)
    assert (goal.progress_year, goal.progress_basis) == (2023, "documented")
    assert goal.status == "out of reach"


def test_jingkai_4000_is_out_of_reach(found: Assessment) -> None:
    goal = row(found, "jingkai.gdp.2025.target")
    assert goal.probability is not None
    assert goal.probability < 0.01
    assert (goal.last_value, goal.last_year) == (1650, 2020)
    assert goal.required_growth == pytest.approx(19.4, abs=0.05)
    assert (goal.progress_year, goal.progress_basis) == (2023, "model")
    assert goal.progress_ratio is not None
    assert 0 < goal.progress_ratio < 1
    assert (goal.strength, goal.status) == ("aspirational", "out of reach")


def test_both_goals_for_research_are_assessed(found: Assessment, dataset: xr.Dataset) -> None:
    spending = dataset["rnd"].sel(scenario="baseline", zone="donghu").astype(float)
    average = 100 * ((spending.sel(year=2025) / spending.sel(year=2020)) ** (1 / 5) - 1)
    for name, value in (("target", 12), ("target.action", 14)):
        goal = row(found, f"donghu.rnd.growth.2021_2025.{name}")
        assert goal.value == value
        assert goal.probability == pytest.approx(float((average > value).mean()), abs=1e-3)
        assert goal.median == pytest.approx(float(average.median()), rel=1e-5)
        missed = average.where(average <= value)
        assert goal.expected_shortfall == pytest.approx(float((value - missed).mean()), rel=1e-3)


def test_the_probability_is_of_a_published_figure(found: Assessment, dataset: xr.Dataset) -> None:
    cell = dataset.sel(scenario="baseline", zone="jingkai", year=2025)
    published = (cell["gdp"] * cell["revision_factor"]).astype(float)
    goal = row(found, "jingkai.gdp.2025.target")
    assert goal.median == pytest.approx(float(published.median()), rel=1e-5)
    assert goal.median != pytest.approx(float(cell["gdp"].median()), rel=1e-5)
    assert goal.expected_shortfall == pytest.approx(float((4000 - published).mean()), rel=1e-4)


def test_sums_rises_and_shares(found: Assessment, dataset: xr.Dataset) -> None:
    zone = dataset.sel(scenario="baseline", zone="donghu")
    total = zone["foreign_investment"].sel(year=slice(2021, 2025)).sum("year")
    goal = row(found, "donghu.foreign_investment.cumulative.2021_2025.target")
    assert goal.median == pytest.approx(float(total.median()), rel=1e-5)
    doctors = dataset["doctors"].sel(scenario="baseline", zone="jingkai")
    rise = doctors.sel(year=2025) - doctors.sel(year=2020)
    goal = row(found, "jingkai.health.doctors_per_1000.cumulative.2021_2025.target")
    assert goal.median == pytest.approx(float(rise.median()), rel=1e-5)
    share = dataset.simcore.aggregate("digital_core").sel(zone="donghu", year=2025)
    goal = row(found, "donghu.value_added.digital_core.share.2025.target")
    assert goal.probability == pytest.approx(float((share >= 30).mean()), abs=1e-3)


def test_what_is_not_modelled_has_its_pace_alone(found: Assessment) -> None:
    for goal in found.rows:
        if goal.treatment == "pace":
            assert goal.probability is None
            assert goal.median is None
    forest = row(found, "donghu.environment.forest.share.2025.target")
    assert (forest.last_value, forest.strength) == (8.21, "binding")
    assert forest.required_growth == pytest.approx(100 * ((8.26 / 8.21) ** 0.2 - 1))
    assert row(found, "jingkai.unemployment.urban.share.2025.target").status == "reached"


@pytest.mark.parametrize("zone", ["donghu", "jingkai"])
def test_goals_together(found: Assessment, zone: str) -> None:
    (together,) = (entry for entry in found.zones if entry.zone == zone)
    own = [
        goal for goal in found.rows
        if goal.zone == zone and goal.year == 2025 and goal.probability is not None
        and goal.kind == "target"
    ]  # fmt: skip
    assert together.targets == len(own)
    lowest = min(goal.probability or 0.0 for goal in own)
    assert together.joint <= lowest
    assert row(found, together.binding).probability == lowest
    assert together.expected == pytest.approx(sum(goal.probability or 0.0 for goal in own))


def test_a_goal_within_reach_binds_alone(baseline: Baseline) -> None:
    fast = simcore.run("plan-14fyp", draws=256, seed=3)
    together = {entry.zone: entry for entry in targets(fast, baseline=baseline).zones}
    assert isinstance(together["donghu"], ZoneRow)
    assert together["donghu"].joint_without is not None
    assert together["donghu"].joint_without >= together["donghu"].joint


@pytest.mark.parametrize(("at", "growth"), [(2023, (5000 / 2715) ** 0.5 - 1), (2025, None)])
def test_assessments_by_date(
    dataset: xr.Dataset, baseline: Baseline, at: int, growth: float | None
) -> None:
    found = targets(dataset, at=at, baseline=baseline)
    goal = row(found, "donghu.gdp.2025.target")
    assert goal.progress_year == at
    wanted = None if growth is None else pytest.approx(100 * growth)
    assert goal.required_growth == wanted
    if at == 2025:
        assert goal.last_basis == "model"
        assert goal.median is not None
        assert goal.progress_ratio == pytest.approx((goal.median - 2000) / 3000)


def test_one_zone_and_year(dataset: xr.Dataset, baseline: Baseline) -> None:
    found = targets(dataset, zone="donghu", year=2024, baseline=baseline)
    assert {(goal.zone, goal.year) for goal in found.rows} == {("donghu", 2024)}


def test_weights_count(dataset: xr.Dataset, baseline: Baseline) -> None:
    goal = "donghu.patents.high_value_per_10000.2025.target"
    patents = dataset["high_value_patents"].sel(scenario="baseline", zone="donghu", year=2025)
    weighted = dataset.assign(weight=xr.where(patents >= 115, 3.0, 1.0).expand_dims("scenario"))
    share = float((patents >= 115).mean())
    found = row(targets(weighted, zone="donghu", baseline=baseline), goal)
    assert found.probability == pytest.approx(3 * share / (3 * share + 1 - share))


def test_progress_needs_time_and_a_way() -> None:
    assert progress(1.0, 2.0, 3.0, (2020, 2020, 2025)) == (None, None)
    assert progress(np.nan, 2.0, 3.0, (2020, 2023, 2025)) == (None, None)
    assert progress(2.0, 2.0, 2.0, (2020, 2023, 2025)) == (None, None)
    linear, log = progress(0.0, 2.0, 4.0, (2020, 2022, 2024))
    assert (linear, log) == (1.0, None)


def test_what_is_asked_must_be_there(dataset: xr.Dataset, baseline: Baseline) -> None:
    with pytest.raises(InputError, match="unknown zone 'dongu'; did you mean 'donghu'"):
        targets(dataset, zone="dongu", baseline=baseline)
    with pytest.raises(InputError, match="no goal is set for 2031; there are some for 2020"):
        targets(dataset, year=2031, baseline=baseline)
    with pytest.raises(InputError, match="the result has 2015 to 2035, not 2040"):
        targets(dataset, at=2040, baseline=baseline)
    with pytest.raises(InputError, match="unknown scenario 'basline'; did you mean 'baseline'"):
        targets(dataset, scenario="basline", baseline=baseline)
    with pytest.raises(InputError, match="holds summaries alone"):
        targets(dataset.assign_attrs(keep="summary"), baseline=baseline)


# --- the goals themselves -------------------------------------------------------------------------


def test_goals_carry_what_documents_say(baseline: Baseline) -> None:
    by_name = {goal.figure.id: goal for goal in goals(baseline)}
    patents = by_name["jingkai.patents.high_value_per_10k.2025.target"]
    assert (patents.strength, patents.treatment, patents.start) == (
        "anticipatory",
        "satellite",
        2020,
    )
    firms = by_name["donghu.firms.high_tech.2025.target"]
    assert [(entry.year, entry.value) for entry in firms.documents] == [(2020, 3100), (2023, 5700)]
    assert firms.strength == "aspirational"  # a repetition says 力争
    ranking = by_name["jingkai.ranking.national_zones.2025.target"]
    assert not ranking.at_least
    assert all(goal.label(baseline).zh for goal in by_name.values())


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("donghu.gdp.2025.target", "GDP at current prices"),
        ("donghu.rnd.growth.2021_2025.target.action", "growth of R&D spending"),
        ("donghu.gdp.growth.2024.plan", "real GDP growth"),
        ("donghu.value_added.high_tech.growth.2024.plan", "growth of high-tech industries"),
        ("jingkai.value_added.tertiary.share.2025.target",
         "share of GDP: value added: tertiary sector"),
        ("jingkai.output.automotive.gross_output.2025.target",
         "gross output at current prices: automotive"),
    ],
)  # fmt: skip
def test_labels_of_goals(name: str, label: str, baseline: Baseline) -> None:
    (goal,) = (goal for goal in goals(baseline) if goal.figure.id == name)
    assert goal.label(baseline).en == label


def test_a_goal_in_a_unit_that_no_variable_has_is_not_answered(baseline: Baseline) -> None:
    figures = dict(baseline.figures)
    name = "donghu.gdp.2025.target"
    figures[name] = figures[name].model_copy(update={"unit": "亿美元"})
    changed = dataclasses.replace(baseline, figures=figures)
    goal = next(goal for goal in goals(changed) if goal.figure.id == name)
    assert (goal.treatment, goal.measure) == ("simulated", None)


def test_the_latest_plan_gives_the_dates(baseline: Baseline) -> None:
    assert plan_period(baseline) == (2021, 2025)


def test_stems() -> None:
    assert stem("jingkai.output.nev_icv.gross_output.2025.target").endswith("gross_output")
