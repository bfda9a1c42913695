"""Scores against analytic values and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from simcore.scores import (
    compare,
    coverage,
    crps_ensemble,
    crps_normal,
    crps_point,
    pit,
    standardised_error,
)


def quantiles(distribution: object, count: int) -> np.ndarray:
    """An ideal sample of a distribution: its quantiles at equal steps."""
    return np.asarray(distribution.ppf((np.arange(count) + 0.5) / count))  # type: ignore[attr-defined]


@pytest.mark.parametrize(("mean", "deviation", "observed"), [(0, 1, 0), (3, 2, 7), (-5, 0.5, -6)])
def test_the_closed_form_of_a_normal_is_the_integral(
    mean: float, deviation: float, observed: float
) -> None:
    grid = np.linspace(mean - 12 * deviation, mean + 12 * deviation, 400_001)
    squares = (stats.norm.cdf(grid, mean, deviation) - (grid >= observed)) ** 2
    integral = integrate.trapezoid(squares, grid)
    assert crps_normal(mean, deviation, np.array([observed])) == pytest.approx(integral, rel=1e-4)


@pytest.mark.parametrize("observed", [-2.0, 0.0, 0.3, 5.0])
def test_an_ensemble_of_a_normal_scores_as_the_normal(observed: float) -> None:
    draws = quantiles(stats.norm, 20_000)
    exact = crps_normal(0.0, 1.0, np.array([observed]))
    assert crps_ensemble(draws, np.array([observed])) == pytest.approx(exact, abs=2e-4)


def test_an_ensemble_of_a_uniform_has_its_analytic_score() -> None:
    draws = quantiles(stats.uniform, 20_000)  # CRPS at y in [0, 1]: (y³ + (1 − y)³) / 3
    assert crps_ensemble(draws, np.array([0.25])) == pytest.approx(
        (0.25**3 + 0.75**3) / 3, abs=1e-4
    )


def test_the_sorted_form_is_the_sum_over_pairs() -> None:
    draws = np.random.default_rng(3).normal(size=57)
    pairs = np.abs(draws[:, None] - draws).sum() / (57 * 56)
    expected = np.abs(draws - 0.4).mean() - pairs / 2
    assert crps_ensemble(draws, np.array([0.4])) == pytest.approx(expected, rel=1e-12)


def test_small_ensembles_are_not_punished_for_their_size() -> None:
    random = np.random.default_rng(5)
    small = [crps_ensemble(random.normal(size=4), np.array([0.5])) for _ in range(40_000)]
    exact = crps_normal(0.0, 1.0, np.array([0.5]))
    error = np.std(small) / np.sqrt(len(small))
    assert abs(np.mean(small) - exact) < 4 * error


def test_scores_are_averages_over_what_a_figure_may_stand_for() -> None:
    draws, values = np.random.default_rng(1).normal(size=500), np.array([-0.5, 0.1, 1.4])
    for score in (
        lambda y: crps_ensemble(draws, y), lambda y: crps_normal(0.2, 1.1, y),
        lambda y: crps_point(0.3, y), lambda y: pit(draws, y),
    ):  # fmt: skip
        single = [score(np.array([value])) for value in values]
        assert score(values) == pytest.approx(np.mean(single), rel=1e-12)


def test_a_point_is_an_ensemble_of_one() -> None:
    observed = np.array([1.0, 4.0])
    assert crps_point(2.0, observed) == crps_ensemble(np.array([2.0]), observed)


def test_pit_is_uniform_for_a_true_forecast_and_extreme_beyond_the_draws() -> None:
    draws = quantiles(stats.norm, 10_000)
    for share in (0.05, 0.5, 0.9):
        value = np.array([stats.norm.ppf(share)])
        assert pit(draws, value) == pytest.approx(share, abs=1e-4)
    assert pit(draws, np.array([99.0])) == 1.0
    assert pit(draws, np.array([-99.0])) == 0.0


def test_the_standardised_error_counts_deviations_above_the_mean() -> None:
    draws = quantiles(stats.norm(5, 2), 10_000)
    assert standardised_error(draws, 9.0) == pytest.approx(2.0, abs=2e-3)


def test_draws_that_are_all_the_same_have_no_standardised_error() -> None:
    assert standardised_error(np.full(3, 2.0), 5.0) is None


@pytest.mark.parametrize(
    ("inside", "total", "low", "high"),
    [(5, 5, 0.4782, 1.0), (0, 5, 0.0, 0.5218), (3, 8, 0.0852, 0.7551), (9, 10, 0.5550, 0.9975)],
)
def test_coverage_has_the_exact_limits(inside: int, total: int, low: float, high: float) -> None:
    found = coverage([True] * inside + [False] * (total - inside), 0.9)
    assert found is not None
    assert (found.figures, found.inside, found.share) == (total, inside, inside / total)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    interval = stats.binomtest(inside, total).proportion_ci(method="exact")
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-6)


def test_without_figures_there_is_no_coverage_and_no_comparison() -> None:
    assert coverage([], 0.5) is None
    assert compare("plan", [1.0, 2.0], [None, None]) is None


def test_a_comparison_takes_only_common_figures_and_can_be_turned_round() -> None:
    found = compare("plan", [1.0, 3.0, 9.0], [4.0, None, 9.0])
    assert found is not None
    assert (found.figures, found.ratio, found.skill) == (2, pytest.approx(0.5), pytest.approx(0.5))
    back = compare("own", [4.0, 9.0], [1.0, 9.0])
    assert back is not None
    assert back.ratio == pytest.approx(1 / found.ratio)


@pytest.mark.parametrize("score", [0.0, -0.5])
def test_scores_without_a_ratio_are_left_out(score: float) -> None:
    for own, other in (([score, 2.0], [1.0, 4.0]), ([1.0, 2.0], [score, 4.0])):
        found = compare("plan", own, other)
        assert found is not None
        assert (found.figures, found.ratio) == (1, pytest.approx(0.5))
    assert compare("plan", [score], [1.0]) is None
