"""Normal and Student t numbers from random bits: their distribution, and bits that are extreme."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simcore.gaussian import standard_normals, standard_students

COUNT = 1 << 20
LARGEST = np.uint64(2**64 - 1)


@pytest.fixture(scope="module")
def bits() -> np.ndarray:
    return np.random.SFC64(5).random_raw(COUNT).reshape(16, -1)


def test_normals_are_normal(bits: np.ndarray) -> None:
    found = standard_normals(bits)
    assert found.shape == (16, 2 * bits.shape[1])
    assert stats.kstest(found.ravel(), "norm").pvalue > 1e-4
    for power, expected, spread in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        error = np.sqrt(spread / found.size)
        assert (found**power).mean() == pytest.approx(expected, abs=5 * error), power
    beyond = (np.abs(found) > 4).mean()
    assert beyond == pytest.approx(2 * stats.norm.sf(4), rel=0.3)


def test_the_two_of_a_pair_are_independent(bits: np.ndarray) -> None:
    first, second = np.split(standard_normals(bits), 2, axis=1)
    for power in (1, 2):
        found = np.corrcoef(first.ravel() ** power, second.ravel() ** power)[0, 1]
        assert abs(found) < 5 / np.sqrt(COUNT)


@pytest.mark.parametrize("degrees", [3, 5, 30])
def test_students_are_student(degrees: int, bits: np.ndarray) -> None:
    found = standard_students(bits, degrees)
    assert found.shape == bits.shape
    assert stats.kstest(found.ravel(), stats.t(degrees).cdf).pvalue > 1e-4
    beyond = (np.abs(found) > 8).mean()
    error = np.sqrt(2 * stats.t(degrees).sf(8) / COUNT)
    assert beyond == pytest.approx(2 * stats.t(degrees).sf(8), abs=5 * error)


def test_extreme_bits_give_finite_numbers() -> None:
    bits = np.array([[0, LARGEST], [LARGEST, 0]], dtype=np.uint64)
    assert np.isfinite(standard_normals(bits)).all()
    assert np.abs(standard_normals(bits)).max() == pytest.approx(6.7636, abs=1e-3)
    assert np.isfinite(standard_students(bits, 5)).all()


def test_a_row_does_not_depend_on_those_beside_it(bits: np.ndarray) -> None:
    for draw in (standard_normals, lambda rows: standard_students(rows, 5)):
        np.testing.assert_array_equal(draw(bits[3:4]), draw(bits)[3:4])
