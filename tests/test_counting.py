"""Quantiles of counts: against SciPy's, monotone in their rates, and never outside their range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simcore.arrays import Array
from simcore.counting import SEARCHED, binomial, poisson

LEVELS = (np.arange(20_000) + 0.5) / 20_000
NORMALS = stats.norm.ppf(LEVELS)
CASES = [(1, 0.3), (5, 0.9), (12, 0.5), (30, 0.3), (300, 0.02), (3000, 0.2), (9, 1.0), (9, 0.0)]
TOLERANCE = 0.006  # of the distribution function, as the docstring says


def of(value: float) -> Array:
    return np.full_like(NORMALS, value)


@pytest.mark.parametrize(("number", "chance"), CASES)
def test_binomial_numbers_have_their_distribution(number: int, chance: float) -> None:
    found = binomial(of(number), of(chance), NORMALS)
    wanted = stats.binom(number, chance)
    exact = wanted.var() < SEARCHED
    for value in range(number + 1):
        share = float((found <= value).mean())
        assert share == pytest.approx(wanted.cdf(value), abs=1e-4 if exact else TOLERANCE)


@pytest.mark.parametrize("mean", [0.0, 0.01, 0.7, 2.4, 2.6, 7.0, 250.0])
def test_poisson_numbers_have_their_distribution(mean: float) -> None:
    found = poisson(of(mean), NORMALS)
    exact = mean < SEARCHED
    for value in range(int(mean + 10 * np.sqrt(mean + 1))):
        share = float((found <= value).mean())
        wanted = stats.poisson(mean).cdf(value) if mean else 1.0
        assert share == pytest.approx(wanted, abs=1e-4 if exact else TOLERANCE)


@given(
    number=st.integers(0, 400),
    chance=st.floats(0, 1),
    normal=st.floats(-6, 6),
)
def test_a_count_is_whole_and_within_its_number(
    number: int, chance: float, normal: float
) -> None:  # fmt: skip
    found = binomial(np.array([float(number)]), np.array([chance]), np.array([normal]))[0]
    assert 0 <= found <= number
    assert found == round(found)


def test_the_same_normal_gives_no_fewer_of_more() -> None:
    numbers = np.arange(0.0, 400.0)
    for chance in (0.003, 0.1, 0.6):
        for normal in (-2.0, 0.3, 2.5):
            found = binomial(numbers, np.full(400, chance), np.full(400, normal))
            assert (np.diff(found) >= -1).all()  # one where sum and expansion meet
            means = poisson(numbers, np.full(400, normal))
            assert (np.diff(means) >= 0).all()
