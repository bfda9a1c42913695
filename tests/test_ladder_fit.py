"""The ladder fitted to documented counts, its goals, and the satellite beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simcore.baseline import Baseline
from simcore.errors import CalibrationError
from simcore.ladder_fit import FirmFitRow, fit_firms, fit_table, rates_table
from simcore.ladder_goals import GoalRow, goal_rows
from simcore.ladder_members import FirmFactors, FirmMembers, factors_of
from simcore.ladder_priors import load_firms
from simcore.ladder_problem import FirmPosterior
from simcore.ladder_table import FirmEnsemble, rung_rows, satellite_rows
from simcore.posterior import Posterior
from simcore.priors import load_priors
from simcore.scenario import load_scenario

SEED, DRAWS, HORIZON = 5, 1024, 2030


@pytest.fixture(scope="module")
def fitted(baseline: Baseline) -> FirmPosterior:
    return fit_firms(baseline, load_priors())


@pytest.fixture(scope="module")
def ensemble(fitted: FirmPosterior) -> FirmEnsemble:
    return FirmEnsemble(fitted, SEED, DRAWS, HORIZON)


@pytest.fixture(scope="module")
def fit(fitted: FirmPosterior) -> dict[str, FirmFitRow]:
    return {row.figure: row for row in fit_table(FirmMembers(fitted, SEED))}


@pytest.fixture(scope="module")
def goals(ensemble: FirmEnsemble) -> dict[str, GoalRow]:
    zones = ensemble.posterior.problem.zones
    return {row.figure: row for row in goal_rows(ensemble, zones)}


@pytest.mark.parametrize(
    "figure",
    [
        "jingkai.firms.high_tech.2015", "jingkai.firms.high_tech.2020",
        "donghu.firms.high_tech.2020", "donghu.firms.high_tech.2023",
        "donghu.firms.tech_smes.2023", "donghu.firms.gazelle.2020",
    ],
)  # fmt: skip
def test_documented_counts_are_reproduced(figure: str, fit: dict[str, FirmFitRow]) -> None:
    """Within 3 %; a count printed as over is exceeded."""
    row = fit[figure]
    assert abs(row.deviation_percent) < 3
    assert abs(row.z) < 1
    assert row.q05 <= row.fitted <= row.q95
    if row.qualifier == "over":
        assert row.fitted > row.value


def test_listings_of_a_year_lie_inside_the_half_band(fit: dict[str, FirmFitRow]) -> None:
    row = fit["donghu.firms.listed_new.2023"]
    assert row.q25 <= row.value <= row.q75


def test_a_figure_settles_what_it_speaks_of(fit: dict[str, FirmFitRow]) -> None:
    first = {name: next(iter(row.settles)) for name, row in fit.items()}
    assert first["donghu.firms.high_tech.2023"] == "donghu.promotion.tech_sme.high_tech"
    assert first["donghu.firms.listed_new.2023"] == "donghu.promotion.gazelle.listed"
    assert first["donghu.firms.gazelle.2020"] == "donghu.count.gazelle"
    for row in fit.values():
        assert all(name.startswith(row.zone) for name in row.settles)


def test_what_no_figure_speaks_of_keeps_its_prior(fitted: FirmPosterior) -> None:
    rows = {row.unknown: row for row in rates_table(FirmMembers(fitted, SEED))}
    for name in ("donghu.stock.unicorn", "jingkai.exit.listed.outside"):
        assert rows[name].shrinkage == pytest.approx(0, abs=0.01)
        assert rows[name].evidence == "assumed"
    assert rows["donghu.promotion.tech_sme.high_tech"].evidence == "derived"


def test_the_fit_is_the_same_again(fitted: FirmPosterior, baseline: Baseline) -> None:
    again = fit_firms(baseline, load_priors())
    np.testing.assert_array_equal(again.mean, fitted.mean)
    np.testing.assert_array_equal(again.factor, fitted.factor)


def test_counts_that_cannot_be_met_are_refused(baseline: Baseline) -> None:
    """Two counts of one rung at the end of one year."""
    name = "donghu.firms.gazelle.2020"
    other = baseline.figures[name].model_copy(update={"id": "donghu.firms.other", "value": 600})
    firms = load_firms()
    zone = firms.zones["donghu"]
    counts = zone.counts | {"gazelle": [name, other.id]}
    changed = firms.model_copy(
        update={"zones": firms.zones | {"donghu": zone.model_copy(update={"counts": counts})}}
    )
    figures = replace(baseline, figures={**baseline.figures, other.id: other})
    with pytest.raises(CalibrationError, match=r"firms.gazelle.2020 is off by"):
        fit_firms(figures, load_priors(), changed)


def test_an_earlier_vintage_fits_what_was_known(baseline: Baseline) -> None:
    kept = {n: f for n, f in baseline.figures.items() if baseline.published(f) <= 2022}
    early = fit_firms(replace(baseline, figures=kept), load_priors(), load_firms())
    assert {part.figure.id for part in early.problem.evidence} == {
        "donghu.firms.high_tech.2020", "donghu.firms.gazelle.2020",
        "jingkai.firms.high_tech.2015", "jingkai.firms.high_tech.2020",
    }  # fmt: skip


# --- goals ----------------------------------------------------------------------------------------


def test_goals_of_high_tech_firms_are_out_of_reach(goals: dict[str, GoalRow]) -> None:
    for name, goal in (("donghu", 10_000), ("jingkai", 3_000)):
        row = goals[f"{name}.firms.high_tech.2025.target"]
        assert row.goal == goal
        assert row.probability < 0.01
        assert row.q95 < row.goal
        assert row.growth_needed > row.growth
        assert row.needs.entry is None  # a start-up of 2024 is high-tech in 2026 at the earliest


def test_what_a_goal_needs_brings_the_median_to_it(
    goals: dict[str, GoalRow], ensemble: FirmEnsemble
) -> None:
    row = goals["donghu.firms.high_tech.2025.target"]
    assert row.needs.promotion is not None
    assert row.needs.settled is not None
    later = (np.arange(row.year - 2020) >= 3).astype(float)
    none = FirmFactors.none(row.year - 2020)
    for factors in (
        replace(none, promotion=row.needs.promotion**later),
        replace(none, settled={"high_tech": row.needs.settled * later}),
    ):
        members = ensemble.members[0][0]
        count = members.counts("donghu", row.year, factors).count[:, -1]
        published = ensemble.posterior.problem.counted("donghu", "high_tech", count, members.values)
        assert np.median(published) == pytest.approx(row.goal, rel=0.003)


def test_doubling_is_of_the_count_before_its_first_year(goals: dict[str, GoalRow]) -> None:
    assert goals["donghu.firms.gazelles.growth.2021_2025.target.action"].goal == 2 * 460


def test_a_goal_without_a_documented_count_says_so(goals: dict[str, GoalRow]) -> None:
    assert goals["donghu.finance.listed_companies.2025.target"].assumed
    assert not goals["donghu.firms.high_tech.2025.target"].assumed


def test_levers_help_goals(fitted: FirmPosterior, goals: dict[str, GoalRow]) -> None:
    base = fitted.problem.baseline
    scenario = load_scenario("baseline", base, ("levers.donghu.firms.promotion=50%",))
    levered = FirmEnsemble(fitted, SEED, DRAWS, HORIZON, factors_of(fitted.problem, scenario))
    name = "donghu.firms.gazelles.growth.2021_2025.target.action"
    helped = {row.figure: row for row in goal_rows(levered, ["donghu"])}[name]
    assert helped.probability > goals[name].probability
    assert helped.needs.promotion is not None
    assert goals[name].needs.promotion is not None
    assert 1.5 * helped.needs.promotion == pytest.approx(goals[name].needs.promotion, rel=0.01)


# --- tables ---------------------------------------------------------------------------------------


def test_rows_are_those_of_every_rung_and_year(ensemble: FirmEnsemble) -> None:
    rows = rung_rows(ensemble, ["donghu", "jingkai"])
    rungs = len(ensemble.posterior.problem.ladder.rungs)
    assert len(rows) == rungs * (HORIZON - 2020 + 1 + HORIZON - 2015 + 1)
    for row in rows:
        assert row.q05 <= row.q25 <= row.median <= row.q75 <= row.q95
        assert (row.new is None) == (row.year in (2020, 2015) and row.exits is None)


def test_ladder_and_satellite_agree_in_2025(ensemble: FirmEnsemble, posterior: Posterior) -> None:
    """Two models of one count: each median lies in the other's 90 % band."""
    scenario = load_scenario("baseline", posterior.problem.past.baseline)
    rows = satellite_rows(ensemble, posterior, scenario, [2025])
    assert {row.zone for row in rows} == {"donghu", "jingkai"}
    assert all(row.agree for row in rows)
    assert not replace(rows[0], satellite=rows[0].ladder_q95 + 1).agree
