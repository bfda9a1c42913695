"""Prior distributions: their shape, their documented ranges, and what every entry must say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from simcore.baseline import load_baseline
from simcore.priors import BEHAVIOUR, Distribution, Priors, load_priors

EXAMPLES = settings(max_examples=30, deadline=None, derandomize=True)
SHARES = np.array([0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999])
NORMALS = stats.norm.ppf(SHARES)


@pytest.fixture(scope="module")
def priors() -> Priors:
    return load_priors()


def beta(mean: float, deviation: float) -> Any:
    size = mean * (1 - mean) / deviation**2 - 1
    return stats.beta(mean * size, (1 - mean) * size)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"dist": "normal", "mean": "2 pp", "deviation": 0.01}, stats.norm(0.02, 0.01)),
        ({"dist": "lognormal", "median": "9%", "sigma": 0.5}, stats.lognorm(0.5, scale=0.09)),
        (
            {"dist": "lognormal", "median": 0.07, "sigma": 0.2, "shift": -0.06},
            stats.lognorm(0.2, loc=-0.06, scale=0.07),
        ),
        ({"dist": "beta", "mean": 0.45, "deviation": 0.061}, beta(0.45, 0.061)),
        ({"dist": "beta", "mean": 0.08, "deviation": 0.061}, beta(0.08, 0.061)),
        (
            {"dist": "triangular", "low": "5.5%", "mode": "9.6%", "high": "11%"},
            stats.triang((9.6 - 5.5) / 5.5, loc=0.055, scale=0.055),
        ),
        ({"dist": "triangular", "low": 0, "mode": 0, "high": 2}, stats.triang(0, scale=2)),
        ({"dist": "triangular", "low": 0, "mode": 2, "high": 2}, stats.triang(1, scale=2)),
        (
            {"dist": "truncated_normal", "mean": 0.7, "deviation": 0.15, "low": 0.2, "high": 1},
            stats.truncnorm(-0.5 / 0.15, 0.3 / 0.15, loc=0.7, scale=0.15),
        ),
        (
            {"dist": "truncated_normal", "mean": 5, "deviation": 2.5, "low": 0, "high": 30},
            stats.truncnorm(-2, 10, loc=5, scale=2.5),
        ),
        (
            {"dist": "truncated_normal", "mean": 0, "deviation": 1, "low": 6, "high": 9},
            stats.truncnorm(6, 9),
        ),
        (
            {"dist": "truncated_normal", "mean": 0, "deviation": 1, "low": -12, "high": -10},
            stats.truncnorm(-12, -10),
        ),
        (
            {"dist": "truncated_normal", "mean": 0, "deviation": 1, "low": 10, "high": 12},
            stats.truncnorm(10, 12),
        ),
        ({"dist": "uniform", "low": -1, "high": 3}, stats.uniform(-1, 4)),
    ],
)  # fmt: skip
def test_quantiles(entry: dict[str, Any], expected: Any) -> None:
    found = Distribution(**entry).from_standard(NORMALS)
    atol = 2e-6 if entry["dist"] == "beta" else 1e-12  # read from a table
    np.testing.assert_allclose(found, expected.ppf(SHARES), rtol=1e-6, atol=atol)


def test_constant() -> None:
    found = Distribution(dist="constant", value="5%").from_standard(NORMALS)
    np.testing.assert_array_equal(found, np.full(len(SHARES), 0.05))


_ENTRIES = st.one_of(
    st.fixed_dictionaries(
        {"dist": st.just("normal"), "mean": st.floats(-5, 5), "deviation": st.floats(0.01, 5)}
    ),
    st.fixed_dictionaries(
        {"dist": st.just("lognormal"), "median": st.floats(0.01, 5), "sigma": st.floats(0.01, 2)}
    ),
    st.fixed_dictionaries(
        {"dist": st.just("beta"), "mean": st.floats(0.05, 0.95), "deviation": st.floats(0.01, 0.2)}
    ),
    st.builds(
        lambda low, rise, fall: {
            "dist": "triangular", "low": low, "mode": low + rise, "high": low + rise + fall
        },
        st.floats(-5, 5), st.floats(0, 3), st.floats(0.01, 3),
    ),
    st.builds(
        lambda low, width, mean: {
            "dist": "truncated_normal", "mean": mean, "deviation": 1, "low": low,
            "high": low + width,
        },
        st.floats(-3, 3), st.floats(0.01, 5), st.floats(-3, 3),
    ),
)  # fmt: skip


@given(_ENTRIES)
@EXAMPLES
def test_every_distribution_rises_and_keeps_its_bounds(entry: dict[str, Any]) -> None:
    distribution = Distribution(**entry)
    found = distribution.from_standard(np.linspace(-8, 8, 161))
    assert np.isfinite(found).all()
    assert (np.diff(found) >= 0).all()
    assert found[-1] > found[0]
    if distribution.low is not None:
        assert found[0] >= distribution.low - 1e-12
    if distribution.high is not None:
        assert found[-1] <= distribution.high + 1e-12


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"dist": "normal", "mean": 0}, r"a normal distribution also needs deviation"),
        ({"dist": "beta"}, r"also needs mean, deviation"),
        ({"dist": "normal", "mean": 0, "deviation": 0}, r"deviation must be above zero"),
        ({"dist": "lognormal", "median": -1, "sigma": 1}, r"median must be above zero"),
        ({"dist": "beta", "mean": 0.5, "deviation": 0.6}, r"no beta distribution has this"),
        ({"dist": "beta", "mean": 1.2, "deviation": 0.1}, r"no beta distribution has this"),
        ({"dist": "uniform", "low": 2, "high": 1}, r"low, mode and high must rise"),
        ({"dist": "triangular", "low": 0, "mode": 3, "high": 1}, r"must rise"),
        ({"dist": "uniform", "low": 1, "high": 1}, r"must rise"),
        ({"dist": "gamma", "mean": 1}, r"should be 'normal'"),
        ({"dist": "constant", "value": "much"}, r"'much' is not a number such as"),
        ({"dist": "constant", "value": 1, "vlaue": 2}, r"Extra inputs"),
    ],
)  # fmt: skip
def test_distribution_that_is_none(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Distribution(**entry)


@pytest.mark.parametrize(
    ("name", "zone", "low", "centre", "high", "tolerance"),
    [
        ("capital_elasticity", None, 0.36, 0.45, 0.56, 0.012),
        ("rnd_elasticity", None, 0.04, 0.09, 0.20, 0.002),
        ("spillover", None, 0.01, 0.065, 0.20, 0.005),
        ("labour_growth", "donghu", -0.01, 0.01, 0.04, 0.0015),
        ("labour_growth", "jingkai", -0.01, 0.01, 0.04, 0.0015),
        ("shock_persistence", None, 0.2, 0.45, 0.7, 0.01),
        ("rnd_intensity", "jingkai", 0.016, 0.03, 0.058, 0.001),
        ("rnd_depreciation", None, 0.10, 0.15, 0.25, 0.015),
        ("capital_formation_share", None, 0.6, 0.75, 0.9, 0.02),
        ("employment_ratio", "jingkai", 0.45, 0.6, 0.8, 0.005),
        ("investment_rate", "jingkai", 0.33, 0.42, 0.50, 0.006),
    ],
)  # fmt: skip
def test_ninety_per_cent_range(
    name: str, zone: str | None, low: float, centre: float, high: float, tolerance: float,
    priors: Priors,
) -> None:  # fmt: skip
    found = priors.distribution(name, zone).from_standard(stats.norm.ppf([0.05, 0.5, 0.95]))
    np.testing.assert_allclose(found, [low, centre, high], atol=tolerance)


@pytest.mark.parametrize(
    ("name", "mean", "deviation"),
    [
        ("path_error", 0, 0.0105), ("long_run_deviation", 0, 0.009), ("lead", 0.015, 0.025),
        ("gap_city", 0.03, 0.03), ("gap_own", 0, 0.03), ("deflator_mean", 0.015, 0.008),
        ("deflator_common", 0, 0.008), ("deflator_own", 0, 0.005), ("revision", 0, 0.01),
        ("census_revision", 0.03, 0.045), ("capital_ratio_error", 0, 0.12),
        ("rnd_growth_before", 0.10, 0.03),
    ],
)  # fmt: skip
def test_normal_prior(name: str, mean: float, deviation: float, priors: Priors) -> None:
    entry = priors.distribution(name, "jingkai")
    assert (entry.dist, entry.mean, entry.deviation) == ("normal", mean, deviation)


def test_every_parameter_says_what_it_is(priors: Priors) -> None:
    zones = load_baseline().zones
    assert set(BEHAVIOUR) <= set(priors.parameters)
    for name, prior in priors.parameters.items():
        assert prior.source, name
        assert prior.label.en, name
        assert prior.label.zh, name
        assert set(prior.zones) <= set(zones), name
        for zone in (None, *zones):
            assert np.isfinite(prior.of_zone(zone).from_standard(NORMALS)).all()
    for name, slack in priors.slacks.items():
        assert slack.conflict in priors.conflicts, name
        assert slack.zone == priors.conflicts[slack.conflict].zone, name


def test_slacks_are_named_by_their_zone(priors: Priors) -> None:
    slack = priors.slacks["coverage"]
    assert priors.slack_unknowns["coverage.jingkai"] is slack
    other = slack.model_copy(update={"zone": "donghu"})
    changed = priors.model_copy(update={"slacks": {"coverage": slack, "coverage.donghu": other}})
    assert list(changed.slack_unknowns) == ["coverage.jingkai", "coverage.donghu"]


def test_activities_have_a_prior_each_and_only_them(priors: Priors) -> None:
    baseline = load_baseline()
    assert set(priors.activities) == set(baseline.zones)
    for zone, entries in priors.activities.items():
        assert set(entries) == set(baseline.zones[zone].industries)
        for name, entry in entries.items():
            assert (entry.value_added_share is None) != (entry.output_share is None), name
            assert 0 < entry.value_added_rate.median < 1, name
            assert 0 < entry.income_share < 1, name
            assert entry.shock.group in priors.shocks.groups, name
    for figures in priors.output_share_figures.values():
        assert {figures.output, figures.gdp} <= set(baseline.figures)


def test_latest_vintage_and_its_years(priors: Priors) -> None:
    assert priors.vintage.year == 2023
    assert priors.vintage.path[2024] == 0.042
    assert priors.national_growth.outcomes[2020] == 0.022
    covered = {*priors.national_growth.outcomes, *priors.vintage.path}
    assert set(range(2016, 2029)) <= covered


@pytest.mark.parametrize(
    ("first", "second", "correlation"),
    [
        ("ict", "ict", 0.45), ("engineering", "engineering", 0.60), ("services", "services", 0.40),
        ("vehicles", "engineering", 0.45), ("engineering", "vehicles", 0.45),
        ("ict", "services", 0.12), ("other", "other", 0.12), ("vehicles", "ict", 0.12),
    ],
)  # fmt: skip
def test_correlation_of_groups(first: str, second: str, correlation: float, priors: Priors) -> None:
    assert priors.correlation(first, second) == correlation
