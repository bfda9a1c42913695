"""Shocks, crises and events: their size, their frequency and their arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simcore.assembly import build_parameters
from simcore.baseline import Baseline
from simcore.document import parse_document
from simcore.kernel import simulate
from simcore.levers import Scenario
from simcore.members import Members
from simcore.posterior import Posterior
from simcore.priors import Priors
from simcore.scenario import load_scenario
from simcore.scenario_check import check
from simcore.shocks import disturbance, loadings

SEED = 20211222
YEARS = tuple(range(2024, 2036))
BLOCKS = 6


@pytest.fixture(scope="module")
def plain(baseline: Baseline) -> Scenario:
    return load_scenario("baseline", baseline)


def scenario_of(text: str, baseline: Baseline) -> Scenario:
    head = "simcore: 1\nname: test\nlabel: {en: test, zh: 测试}\n"
    return check(parse_document(head + text, "test.yaml"), baseline)


def with_priors(posterior: Posterior, priors: Priors) -> Posterior:
    """The same past with other priors of what is to come."""
    past = replace(posterior.problem.past, priors=priors)
    return replace(posterior, problem=replace(posterior.problem, past=past))


QUIET: dict[Any, tuple[Posterior, Posterior]] = {}


def quiet(posterior: Posterior, *, crises: float = 0.0, **scales: Any) -> Posterior:
    """No crises, and no shocks but those named; the same one for the same question."""
    key = (id(posterior), crises, *sorted(scales.items()))
    if key not in QUIET:
        QUIET[key] = posterior, _quietened(posterior, crises, scales)
    return QUIET[key][1]


def _quietened(posterior: Posterior, crises: float, scales: dict[str, Any]) -> Posterior:
    priors = posterior.problem.past.priors
    none = {"nation": 0.0, "city": 0.0, "zone": 0.0}
    activities = priors.activities
    if not scales.pop("activities", False):
        activities = {
            zone: {
                name: entry.model_copy(
                    update={"shock": entry.shock.model_copy(update={"deviation": 0.0})}
                )
                for name, entry in entries.items()
            }
            for zone, entries in activities.items()
        }
    shocks = priors.shocks.model_copy(update=none | scales)
    update = {"shocks": shocks, "crisis_probability": crises, "activities": activities}
    return with_priors(posterior, priors.model_copy(update=update))


KNOWN: dict[tuple[int, int], tuple[Posterior, Members]] = {}


def members_of(posterior: Posterior, block: int) -> Members:
    """The members of a block, which remember what scenarios share; with the usual unknowns."""
    key = id(posterior), block
    if key not in KNOWN:
        members = Members(posterior, SEED, block)
        usual = next((one for one, other in QUIET.values() if other is posterior), posterior)
        if usual is not posterior:
            latent = Members(usual, SEED, block)._latent(block)  # noqa: SLF001
            vars(members)["history"] = posterior.problem.history(latent)
        KNOWN[key] = posterior, members
    return KNOWN[key][1]


def disturbances(posterior: Posterior, scenario: Scenario, blocks: int = BLOCKS) -> Any:
    """Cumulated disturbances of many draws, (activity, year, draw)."""
    count = len(posterior.problem.past.baseline.activities)
    return np.concatenate(
        [
            disturbance(members_of(posterior, block), scenario, YEARS, count)
            for block in range(blocks)
        ],
        axis=-1,
    )


def changes(cumulated: Any) -> Any:
    """Annual changes, the first from the base year's zero."""
    return np.diff(cumulated, axis=1, prepend=0)


# --- growth shocks --------------------------------------------------------------------------------


def test_activity_shocks_are_stationary_from_the_first_year(
    posterior: Posterior, plain: Scenario, baseline: Baseline
) -> None:
    growth = changes(disturbances(quiet(posterior, activities=True), plain))
    # what city and zone shocks of the base year leave behind is common to a zone
    priors = posterior.problem.past.priors
    base = changes(disturbances(quiet(posterior), plain))
    own = growth - base
    for row, activity in enumerate(baseline.activities):
        expected = priors.activities[activity.zone][activity.industry].shock.deviation
        for t in (0, 5, 11):
            assert own[row, t].std() == pytest.approx(expected, rel=0.05), (activity, t)
        assert abs(own[row].mean()) < 0.05 * expected


def test_nation_shock_reaches_its_stationary_deviation(
    posterior: Posterior, plain: Scenario
) -> None:
    nation = changes(disturbances(quiet(posterior, nation=0.015), plain))
    base = changes(disturbances(quiet(posterior), plain))
    shock = nation - base
    np.testing.assert_allclose(shock, np.broadcast_to(shock[:1], shock.shape), atol=1e-12)
    assert shock[0, 6:].std() == pytest.approx(0.015, rel=0.05)
    assert 0.008 < shock[0, 0].std() < 0.0145  # it starts from nothing


@pytest.mark.parametrize("level", ["city", "zone"])
def test_city_and_zone_shocks(level: str, posterior: Posterior, plain: Scenario) -> None:
    shock = changes(disturbances(quiet(posterior, **{level: 0.02}), plain))
    base = changes(disturbances(quiet(posterior), plain))
    shock = shock - base
    assert shock[0, 7:].std() == pytest.approx(0.02, rel=0.06)
    same = np.corrcoef(shock[0, 7:].ravel(), shock[-1, 7:].ravel())[0, 1]
    assert same == pytest.approx(1 if level == "city" else 0, abs=0.03)
    assert shock[0, 7:].ravel().std() > 0
    kurtosis = ((shock[0, 7:] / shock[0, 7:].std()) ** 4).mean()
    assert kurtosis > 3.5  # Student t innovations


def test_shocks_persist(posterior: Posterior, baseline: Baseline) -> None:
    """The autocorrelation of annual shocks is the persistence."""
    scenario = scenario_of("behaviour: {shock_persistence: {dist: constant, value: 0.6}}", baseline)
    shock = changes(disturbances(quiet(posterior, activities=True), scenario))
    shock = shock - changes(disturbances(quiet(posterior), scenario))
    found = np.corrcoef(shock[:, 4:-1].ravel(), shock[:, 5:].ravel())[0, 1]
    assert found == pytest.approx(0.6, abs=0.02)


def test_covariance_of_activity_shocks(posterior: Posterior, baseline: Baseline) -> None:
    priors = posterior.problem.past.priors
    keys = tuple((activity.zone, activity.industry) for activity in baseline.activities)
    factor = loadings(priors, keys)
    covariance = factor @ factor.T
    deviation = np.sqrt(np.diag(covariance))
    shocks = [priors.activities[zone][industry].shock for zone, industry in keys]
    np.testing.assert_allclose(deviation, [shock.deviation for shock in shocks], rtol=1e-12)
    correlation = covariance / np.outer(deviation, deviation)
    assert np.linalg.eigvalsh(correlation).min() > 0
    for i, first in enumerate(shocks):
        for j, second in enumerate(shocks):
            expected = 1.0 if i == j else priors.correlation(first.group, second.group)
            assert correlation[i, j] == pytest.approx(expected, abs=1e-12)


def test_groups_are_positive_semidefinite_for_any_number_of_activities(
    posterior: Posterior,
) -> None:
    """A block matrix of groups: positive if that of many activities of each group is."""
    priors = posterior.problem.past.priors
    groups = [group for group in priors.shocks.groups for _ in range(10)]
    matrix = np.array([[priors.correlation(a, b) for b in groups] for a in groups])
    np.fill_diagonal(matrix, 1)
    assert np.linalg.eigvalsh(matrix).min() > 0


def test_activities_of_a_group_move_together(
    posterior: Posterior, plain: Scenario, baseline: Baseline
) -> None:
    own = changes(disturbances(quiet(posterior, activities=True), plain))
    own = own - changes(disturbances(quiet(posterior), plain))
    rows = {(a.zone, a.industry): row for row, a in enumerate(baseline.activities)}

    def correlation(first: tuple[str, str], second: tuple[str, str]) -> float:
        pair = own[rows[first], :, :].ravel(), own[rows[second], :, :].ravel()
        return float(np.corrcoef(*pair)[0, 1])

    vehicles = ("jingkai", "automotive")
    assert correlation(vehicles, ("jingkai", "equipment")) == pytest.approx(0.45, abs=0.03)
    chips = ("donghu", "optoelectronics")
    assert correlation(chips, ("jingkai", "electronics_appliances")) == pytest.approx(
        0.45, abs=0.03
    )
    assert correlation(chips, ("donghu", "construction")) == pytest.approx(0.12, abs=0.03)


# --- crises ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gaps(posterior: Posterior, plain: Scenario) -> Any:
    """Level gaps of future crises alone, (year, draw), from twelve blocks."""
    with_crises = disturbances(quiet(posterior, crises=0.04), plain, 12)
    without = disturbances(quiet(posterior), plain, 12)
    gap = with_crises - without
    np.testing.assert_allclose(gap, np.broadcast_to(gap[:1], gap.shape), atol=1e-12)
    return gap[0]


def test_crises_strike_in_four_years_of_a_hundred(gaps: Any) -> None:
    first = gaps[0] < -1e-9
    error = np.sqrt(0.04 * 0.96 / first.size)
    assert first.mean() == pytest.approx(0.04, abs=4 * error)
    ever = (gaps < -1e-9).any(axis=0).mean()
    assert ever == pytest.approx(1 - 0.96**12, abs=4 * np.sqrt(0.24 / first.size))


def test_size_of_a_crisis(gaps: Any) -> None:
    size = -gaps[0][gaps[0] < -1e-9]
    assert size.mean() == pytest.approx(0.0514, abs=0.004)  # N(5, 2.5) above zero
    assert size.max() < 0.3


def test_a_crisis_closes_by_the_rebound_and_then_by_half(gaps: Any, posterior: Posterior) -> None:
    rebound = np.concatenate(
        [members_of(quiet(posterior), n).history.values["rebound"] for n in range(12)]
    )
    struck = gaps[0] < -1e-9
    quiet_later = np.abs(np.diff(gaps[2:], axis=0)).max(axis=0) < 1e-12
    after = struck & quiet_later & np.isclose(gaps[1], gaps[0] * (1 - rebound))
    assert after.sum() > 0.5 * struck.sum()
    np.testing.assert_allclose(
        gaps[2, after], gaps[0, after] * (1 - rebound[after]) / 2, atol=1e-12
    )
    np.testing.assert_allclose(gaps[-1, after], gaps[2, after], atol=1e-12)


def test_a_scenario_may_make_crises_larger(posterior: Posterior, baseline: Baseline) -> None:
    large = scenario_of("behaviour: {crisis_size: {dist: constant, value: 20 pp}}", baseline)
    gap = disturbances(quiet(posterior, crises=0.04), large, 2)[0, 0]
    gap = gap - disturbances(quiet(posterior), large, 2)[0, 0]
    np.testing.assert_allclose(gap[gap < -1e-9], -0.2, rtol=1e-9)


def test_what_the_documented_crisis_left_open_stays_as_it_is(
    posterior: Posterior, plain: Scenario
) -> None:
    """Three years after 2020 its gap has closed as far as it closes."""
    still = disturbances(quiet(posterior), plain, 1)
    np.testing.assert_allclose(still, 0, atol=1e-12)


def test_the_last_documented_shock_fades_with_its_persistence(
    posterior: Posterior, plain: Scenario
) -> None:
    """The shocks of 2023 go on from the base year; new ones are switched off one by one."""
    both = {"city": 1e-9, "zone": 0.02}
    calm = quiet(posterior, **both)
    members = members_of(calm, 0)
    history, persistence = members.history, members.parameter("shock_persistence")
    first = changes(disturbances(calm, plain, 1))[:, 0]
    rows = {a.zone: row for row, a in enumerate(posterior.problem.past.baseline.activities)}
    for zone, row in enumerate(rows.values()):
        carried = persistence * history.zone_shock[zone]
        slope = (first[row] * carried).sum() / (carried**2).sum()
        assert slope == pytest.approx(1, abs=0.25)


# --- events ---------------------------------------------------------------------------------------


def effect(text: str, posterior: Posterior, baseline: Baseline, blocks: int = 1) -> Any:
    """What events add to the disturbance, (activity, year, draw)."""
    with_event = disturbances(posterior, scenario_of(text, baseline), blocks)
    return with_event - disturbances(posterior, load_scenario("baseline", baseline), blocks)


@pytest.mark.parametrize("persistence", [0, 0.25, 0.5, 1])
def test_dated_event_fades_with_its_persistence(
    persistence: float, posterior: Posterior, baseline: Baseline
) -> None:
    text = (
        "events: [{name: e, zone: jingkai, industry: automotive, year: 2026, size: -10%, "
        f"persistence: {persistence}}}]"
    )
    found = effect(text, posterior, baseline)
    (row,) = [
        row
        for row, a in enumerate(baseline.activities)
        if (a.zone, a.industry) == ("jingkai", "automotive")
    ]
    expected = [0, 0] + [np.log(0.9) * persistence**k for k in range(10)]
    np.testing.assert_allclose(
        found[row], np.broadcast_to(np.array(expected)[:, None], found[row].shape), atol=1e-12
    )
    assert not np.delete(found, row, axis=0).any()


def test_default_persistence_is_a_half(posterior: Posterior, baseline: Baseline) -> None:
    found = effect("events: [{name: e, year: 2024, size: 5%}]", posterior, baseline)
    np.testing.assert_allclose(found[0, :3, 0], np.log(1.05) * np.array([1, 0.5, 0.25]))


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("", range(25)), ("zone: donghu,", range(10)), ("industry: other_services,", [8, 23]),
        ("zone: jingkai, industry: other_services,", [23]),
    ],
)  # fmt: skip
def test_event_strikes_where_it_says(
    where: str, rows: Any, posterior: Posterior, baseline: Baseline
) -> None:
    found = effect(f"events: [{{name: e, {where} year: 2030, size: 3%}}]", posterior, baseline)
    assert set(np.flatnonzero(np.abs(found).max(axis=(1, 2)))) == set(rows)


def test_random_dated_event_strikes_with_its_probability(
    posterior: Posterior, baseline: Baseline
) -> None:
    text = "events: [{name: e, year: 2026, size: 8%, probability: 30%, persistence: 1}]"
    found = effect(text, posterior, baseline, 10)
    struck = found[0, 2] > 1e-9
    assert struck.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / struck.size))
    np.testing.assert_allclose(found[:, 2:, struck], np.log(1.08), atol=1e-12)
    assert np.abs(found[:, :, ~struck]).max() < 1e-12


def test_undated_event_may_strike_in_any_year(posterior: Posterior, baseline: Baseline) -> None:
    text = "events: [{name: e, size: -4%, probability: 10%, persistence: 0}]"
    found = effect(text, posterior, baseline, 6)
    struck = (found[0] < -1e-9).mean(axis=1)
    error = np.sqrt(0.09 / found.shape[2])
    np.testing.assert_allclose(struck, 0.1, atol=4.5 * error)
    np.testing.assert_allclose(found[0][found[0] < -1e-9], np.log(0.96), rtol=1e-9)


def test_events_add_up_and_are_independent(posterior: Posterior, baseline: Baseline) -> None:
    one = "{name: a, year: 2026, size: 8%, probability: 50%, persistence: 1}"
    two = "{name: b, year: 2026, size: 3%, probability: 50%, persistence: 1}"
    first = effect(f"events: [{one}]", posterior, baseline, 2)
    second = effect(f"events: [{two}]", posterior, baseline, 2)
    both = effect(f"events: [{two}, {one}]", posterior, baseline, 2)
    np.testing.assert_allclose(both, first + second, atol=1e-12)
    hits = first[0, 2] > 1e-9, second[0, 2] > 1e-9
    assert abs(np.corrcoef(*hits)[0, 1]) < 5 / np.sqrt(hits[0].size)


def test_an_event_moves_the_level_of_value_added(posterior: Posterior, baseline: Baseline) -> None:
    """In its year value added changes by exactly its size; afterwards capital follows."""
    text = "events: [{name: e, zone: donghu, year: 2027, size: -20%, persistence: 0}]"
    members = Members(posterior, SEED, 0)
    struck = simulate(build_parameters(members, scenario_of(text, baseline)))
    calm = simulate(build_parameters(members, load_scenario("baseline", baseline)))
    ratio = struck["value_added"] / calm["value_added"]
    np.testing.assert_allclose(ratio[:10, 4], 0.8, rtol=1e-12)
    np.testing.assert_array_equal(ratio[:, :4], 1)
    after = struck["gdp_real"][0, 5] / calm["gdp_real"][0, 5]
    assert (after < 1).all()
    assert (after > 0.95).all()


def test_productivity_levers_cumulate(posterior: Posterior, baseline: Baseline) -> None:
    text = """
levers:
  donghu:
    tfp: +1 pp
    industries: {optoelectronics: {tfp: {path: {2026: 2 pp}, until: 2027}}}
"""
    found = effect(text, posterior, baseline)
    zone = 0.01 * np.arange(1, 13)
    np.testing.assert_allclose(found[1, :, 0], zone, atol=1e-12)
    extra = np.array([0, 0, 0.02, 0.04] + [0.04] * 8)
    np.testing.assert_allclose(found[0, :, 0], zone + extra, atol=1e-12)
    assert np.abs(found[10:]).max() == 0


def test_without_shocks_only_levers_are_left(posterior: Posterior, baseline: Baseline) -> None:
    text = "levers: {jingkai: {tfp: -1 pp}}\nevents: [{name: e, year: 2025, size: 5%}]"
    members = Members(posterior, SEED, 0)
    found = disturbance(members, scenario_of(text, baseline), YEARS, 25, shocks=False)
    assert found.shape == (25, 12, 1)
    assert not found[:10].any()
    np.testing.assert_allclose(found[10:, -1], -0.12, rtol=1e-12)
