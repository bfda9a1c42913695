"""The members of the ensemble: the same for every scenario, each with its past."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simcore.assembly import build_parameters, reference_growth, spillover_weights
from simcore.baseline import Baseline, load_baseline
from simcore.document import parse_document
from simcore.history import Past
from simcore.levers import Scenario
from simcore.members import ENSEMBLE, Members
from simcore.posterior import Posterior, Problem
from simcore.priors import BEHAVIOUR, load_priors
from simcore.sampling import BLOCK
from simcore.scenario import load_scenario
from simcore.scenario_check import check

SEED = 20211222
BASE = (
    "gdp", "deflator", "share", "capital", "employment", "population", "rnd_stock",
    "rnd_intensity_reference", "value_added_rate", "capital_elasticity", "depreciation",
    "capital_formation_share", "rnd_depreciation", "rnd_elasticity", "spillover",
    "reference_growth", "differential", "deflator_change", "investment_rate_reference",
    "labour_growth_reference", "disturbance",
)  # fmt: skip


@pytest.fixture(scope="module")
def members(posterior: Posterior) -> Members:
    return Members(posterior, SEED, 0)


@pytest.fixture(scope="module")
def many(posterior: Posterior) -> list[Members]:
    return [Members(posterior, SEED, block) for block in range(10)]


def scenario_of(text: str, baseline: Baseline) -> Scenario:
    head = "simcore: 1\nname: test\nlabel: {en: test, zh: 测试}\n"
    return check(parse_document(head + text, "test.yaml"), baseline)


# --- the same for every scenario ------------------------------------------------------------------


def test_levers_do_not_change_the_members(members: Members, baseline: Baseline) -> None:
    first = build_parameters(members, load_scenario("baseline", baseline))
    levers = """
levers:
  "*": {gdp_growth: 5%, rnd_growth: {value: 12%, until: 2028}, investment_rate: 50%}
  donghu: {labour_growth: 3%, industries: {life_health: {growth: 8%, labour_share: 1 pp}}}
"""
    second = build_parameters(members, scenario_of(levers, baseline))
    for name in BASE:
        np.testing.assert_array_equal(getattr(second, name), getattr(first, name), err_msg=name)
    assert not np.array_equal(second.investment_rate, first.investment_rate)


@pytest.mark.parametrize("name", BEHAVIOUR)
def test_a_changed_distribution_changes_only_what_depends_on_it(
    name: str, members: Members, baseline: Baseline
) -> None:
    first = build_parameters(members, load_scenario("baseline", baseline))
    text = f"behaviour: {{{name}: {{dist: uniform, low: 0.06, high: 0.09}}}}"
    second = build_parameters(members, scenario_of(text, baseline))
    changed = {n for n in BASE if not np.array_equal(getattr(first, n), getattr(second, n))}
    assert (
        changed
        == {
            "capital_elasticity": {"capital_elasticity"},
            "depreciation": {"depreciation", "capital"},
            "capital_formation_share": {"capital_formation_share", "capital"},
            "rnd_depreciation": {"rnd_depreciation", "rnd_stock"},
            "rnd_elasticity": {"rnd_elasticity"},
            "spillover": {"spillover"},
            "path_error": {"reference_growth", "capital"},
            "long_run_deviation": {"reference_growth"},
            "crisis_size": {"disturbance"},
            "shock_persistence": {"disturbance"},
        }[name]
    )


def test_a_changed_distribution_keeps_the_ranks(members: Members) -> None:
    """The same normals are mapped to another distribution."""
    prior = members.past.priors.distribution("rnd_elasticity")
    wide = prior.model_copy(update={"sigma": 0.9, "median": 0.2})
    first = members.parameter("rnd_elasticity")
    second = members.parameter("rnd_elasticity", override=wide)
    np.testing.assert_array_equal(np.argsort(first), np.argsort(second))
    assert np.median(second) == pytest.approx(0.2, rel=0.1)


def test_block_seed_and_prefix_give_other_members(posterior: Posterior, members: Members) -> None:
    for other in (
        Members(posterior, SEED, 1), Members(posterior, SEED + 1, 0),
        Members(posterior, SEED, 0, ENSEMBLE),
    ):  # fmt: skip
        assert not np.intersect1d(other.history.gdp[1, 0], members.history.gdp[1, 0]).size
        assert not np.intersect1d(
            other.parameter("depreciation"), members.parameter("depreciation")
        ).size


def test_members_are_reproducible(posterior: Posterior, members: Members) -> None:
    again = Members(posterior, SEED, 0)
    np.testing.assert_array_equal(again.history.gdp, members.history.gdp)
    np.testing.assert_array_equal(again.capital_elasticity(), members.capital_elasticity())


def test_zones_have_parameters_of_their_own(members: Members) -> None:
    first = members.parameter("capital_ratio_error", zone="donghu")
    second = members.parameter("capital_ratio_error", zone="jingkai")
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(BLOCK)


# --- parameters -----------------------------------------------------------------------------------


def test_capital_elasticities(many: list[Members]) -> None:
    """Half-way between the aggregate and the income share, s.d. 0.07, within 0.05 and 0.95."""
    alpha = np.hstack([members.capital_elasticity() for members in many])
    assert alpha.min() >= 0.05
    assert alpha.max() <= 0.95
    past = many[0].past
    for row, activity in enumerate(past.baseline.activities):
        income = past.priors.activities[activity.zone][activity.industry].income_share
        assert alpha[row].mean() == pytest.approx((0.45 + income) / 2, abs=0.004)
        assert alpha[row].std() == pytest.approx(np.hypot(0.07, 0.061 / 2), rel=0.05)


def test_deflators_change_with_their_mean_and_spread(many: list[Members]) -> None:
    change = np.concatenate([members.deflator_change(12, np.full(12, np.nan)) for members in many],
                            axis=-1)  # fmt: skip
    posterior_mean = np.concatenate([members.history.values["deflator_mean"] for members in many])
    np.testing.assert_allclose(change.mean(axis=-1), posterior_mean.mean(), atol=0.0006)
    around = change - posterior_mean
    np.testing.assert_allclose(around.std(axis=-1), np.hypot(0.008, 0.005), rtol=0.04)
    shared = np.corrcoef(around[0].ravel(), around[1].ravel())[0, 1]
    assert shared == pytest.approx(0.8**2 / (0.8**2 + 0.5**2), abs=0.02)


def test_assumed_inflation_is_the_mean(many: list[Members]) -> None:
    wanted = np.where(np.arange(12) < 6, 0.03, np.nan)
    change = np.concatenate([members.deflator_change(12, wanted) for members in many], axis=-1)
    np.testing.assert_allclose(change[:, :6].mean(axis=-1), np.log(1.03), atol=0.0005)


def test_reference_growth_follows_the_vintage_and_the_leads(
    members: Members, baseline: Baseline
) -> None:
    years = tuple(range(2024, 2036))
    growth = reference_growth(members, load_scenario("baseline", baseline), years)
    error = members.parameter("path_error")
    lead = np.array([members.history.values[f"lead.{zone}"] for zone in baseline.zones])
    for place, (year, rate) in enumerate({2024: 0.042, 2025: 0.041, 2026: 0.041, 2027: 0.037,
                                          2028: 0.034}.items()):  # fmt: skip
        expected = np.log(1 + rate) + error + lead * 0.5 ** ((year - 2020) / 5)
        np.testing.assert_allclose(growth[:, place], expected, rtol=0, atol=1e-14)
    far = np.log(1 + 0.034 + members.parameter("long_run_deviation")) + error + lead * 0.125
    np.testing.assert_allclose(growth[:, -1], far, rtol=0, atol=1e-14)


def test_assumed_national_growth_replaces_the_path(members: Members, baseline: Baseline) -> None:
    years = tuple(range(2024, 2036))
    text = "assumptions: {national_growth: {path: {2026: 6%, 2028: 4%}, until: 2030}}"
    first = reference_growth(members, load_scenario("baseline", baseline), years)
    second = reference_growth(members, scenario_of(text, baseline), years)
    changed = (first != second).all(axis=(0, 2))
    assert [year for year, moved in zip(years, changed, strict=True) if moved] == [
        2026, 2027, 2028, 2029, 2030,
    ]  # fmt: skip
    np.testing.assert_array_equal(first[:, ~changed], second[:, ~changed])
    error = members.parameter("path_error")
    lead = members.history.values["lead.donghu"]
    expected = np.log(1.05) + error + lead * 0.5 ** (7 / 5)
    np.testing.assert_allclose(second[0, 3], expected, rtol=0, atol=1e-14)


def test_spillovers_come_from_the_other_zones() -> None:
    assert spillover_weights(1).tolist() == [[0.0]]
    weights = spillover_weights(3)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    assert not weights.diagonal().any()


# --- published figures ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def factor(many: list[Members]) -> np.ndarray:
    """Revision factors of 2019 to 2035, (zone, year, draw)."""
    years = range(2019, 2036)
    return np.concatenate([members.revision_factor(years) for members in many], axis=-1)


def test_revision_factor_is_one_at_the_last_documented_level(factor: np.ndarray) -> None:
    place = 2023 - 2019
    assert np.isnan(factor[0, :place]).all()
    assert (factor[0, place] == 1).all()
    assert np.isnan(factor[1, 0]).all()
    assert (factor[1, 2020 - 2019] == 1).all()
    assert np.isfinite(factor[0, place:]).all()
    assert np.isfinite(factor[1, 1:]).all()


def test_revisions_cumulate_one_per_cent_a_year(factor: np.ndarray) -> None:
    """Between publications: Jingkai's level was printed in 2021, the figure of 2023 in 2024."""
    spread = np.log(factor[1, 1:5]).std(axis=-1)
    np.testing.assert_allclose(spread, 0.01 * np.sqrt([0, 1, 2, 3]), rtol=0.04)
    assert abs(np.log(factor[1, 4]).mean()) < 0.001


def test_a_census_enters_at_its_publication(factor: np.ndarray) -> None:
    """Censuses of 2024, 2029 and 2034; without one the yearly change stays near 1 %."""
    for row, first in ((0, 2024), (1, 2022)):
        for year in range(first, 2036):
            change = np.log(factor[row, year - 2019] / factor[row, year - 2020])
            census = year in (2024, 2029, 2034)
            assert change.std() == pytest.approx(0.0452 if census else 0.01, rel=0.05), year
            assert change.mean() == pytest.approx(0.0286 if census else 0, abs=0.002), year


def test_revisions_do_not_depend_on_the_years_asked(members: Members) -> None:
    few = members.revision_factor(range(2023, 2027))
    more = members.revision_factor(range(2019, 2036))
    np.testing.assert_array_equal(few, more[:, 4:8])


def test_zones_are_revised_on_their_own(factor: np.ndarray) -> None:
    change = np.log(factor[:, 2024 - 2019]) - np.log(factor[:, 2023 - 2019])
    assert abs(np.corrcoef(change)[0, 1]) < 5 / np.sqrt(change.shape[1])


def test_assumptions_about_the_future_leave_the_past_alone(posterior: Posterior) -> None:
    """The base year of every variable is the same whatever the nation is assumed to do."""
    baseline = posterior.problem.past.baseline
    members = Members(posterior, 1, 0)
    usual = load_scenario("baseline", baseline)
    slump = load_scenario("baseline", baseline, ["assumptions.national_growth=0%"])
    one, other = (build_parameters(members, scenario) for scenario in (usual, slump))
    for name in ("gdp", "deflator", "share", "capital", "rnd_stock", "employment", "population"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert float(other.reference_growth[:, 3].mean()) < float(one.reference_growth[:, 3].mean())


def test_a_zone_alone_keeps_its_city_shocks_in_their_years() -> None:
    """A shock of the last year moves the growth of that year alone, also in a zone of its own."""
    both = load_baseline()
    zones = {"donghu": both.zones["donghu"]}
    figures = {name: f for name, f in both.figures.items() if f.zone == "donghu"}
    priors = load_priors()
    slacks = {name: slack for name, slack in priors.slacks.items() if slack.zone == "donghu"}
    past = Past(
        replace(both, zones=zones, figures=figures), priors.model_copy(update={"slacks": slacks})
    )
    problem = Problem.of(past)
    names = [unknown.name for unknown in problem.unknowns]
    latent = np.zeros((len(names), 2))
    latent[names.index("shock_city.2023"), 1] = 1.0
    moved = np.diff(problem.history(latent).growth[0], axis=1)[:, 0]
    assert moved[-1] > 0
    assert (moved[:-1] == 0).all()
