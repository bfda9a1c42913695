"""Random numbers depend on the seed, the name and the draw, and on nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simcore.sampling import (
    BLOCK,
    BLOCK_SIZES,
    blocks,
    normals,
    stream,
    students,
    tiled,
    uniforms,
)

EXAMPLES = settings(max_examples=30, deadline=None, derandomize=True)
MANY = range(20)


def many(draw: object, *more: int) -> np.ndarray:
    """Eight rows of twenty blocks, 163 840 numbers."""
    return np.hstack([draw(7, "shock", block, 8, *more) for block in MANY])  # type: ignore[operator]


@given(st.integers(0, 2**63 - 1), st.text(max_size=20), st.integers(0, 10_000))
@EXAMPLES
def test_same_key_same_numbers(seed: int, name: str, block: int) -> None:
    first, second = (normals(seed, name, block, 2) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape == (2, BLOCK)


@pytest.mark.parametrize("draw", [normals, uniforms])
def test_more_rows_leave_the_first_as_they_are(draw: object) -> None:
    few, more = (draw(1, "shock", 3, rows) for rows in (3, 12))  # type: ignore[operator]
    np.testing.assert_array_equal(more[:3], few)


def test_more_rows_of_students_leave_the_first_as_they_are() -> None:
    np.testing.assert_array_equal(students(1, "shock", 3, 12, 5)[:3], students(1, "shock", 3, 3, 5))


@pytest.mark.parametrize(
    "other",
    [
        (2, "shock", 0), (1, "shocks", 0), (1, "shock", 1), (1, "", 0), (1, "shock ", 0),
        (2**32 + 1, "shock", 0), (1, "centre:shock", 0),
    ],
)  # fmt: skip
def test_another_key_gives_other_numbers(other: tuple[int, str, int]) -> None:
    first, second = normals(1, "shock", 0, 4), normals(*other, 4)
    assert np.intersect1d(first, second).size < 8  # of 4096 numbers of 24 bits some may agree
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 5 / np.sqrt(first.size)


def test_blocks_are_independent() -> None:
    table = np.array([normals(1, "shock", block, 8).ravel() for block in MANY])
    off = np.corrcoef(table)[~np.eye(len(table), dtype=bool)]
    assert np.abs(off).max() < 5 / np.sqrt(table.shape[1])


def test_rows_are_independent() -> None:
    table = many(normals)
    off = np.corrcoef(table)[~np.eye(len(table), dtype=bool)]
    assert np.abs(off).max() < 5 / np.sqrt(table.shape[1])


def test_normals_are_standard() -> None:
    found = many(normals).ravel()
    assert abs(found.mean()) < 5 / np.sqrt(found.size)
    assert found.std() == pytest.approx(1, abs=5 / np.sqrt(2 * found.size))
    assert stats.kstest(found, "norm").pvalue > 1e-4


def test_uniforms_fill_the_unit_interval() -> None:
    found = many(uniforms).ravel()
    assert found.min() >= 0
    assert found.max() < 1
    assert stats.kstest(found, "uniform").pvalue > 1e-4


@pytest.mark.parametrize("degrees", [5, 8])
def test_students_have_unit_variance_and_their_own_tails(degrees: int) -> None:
    found = many(students, degrees).ravel()
    assert abs(found.mean()) < 5 / np.sqrt(found.size)
    assert found.std() == pytest.approx(1, abs=0.03)
    scale = np.sqrt((degrees - 2) / degrees)
    assert stats.kstest(found, stats.t(degrees, scale=scale).cdf).pvalue > 1e-4


def test_numbers_stay_as_they_were() -> None:
    """A change here changes every stored result of the same seed."""
    first = stream(20211222, "shock.city", 0).random(3)
    assert first.round(6).tolist() == FIRST


FIRST = [0.11692, 0.586938, 0.265124]


@given(st.integers(0, 20_000))
@EXAMPLES
def test_blocks_cover_the_draws(draws: int) -> None:
    found = list(blocks(draws))
    assert sum(width for _, width in found) == draws
    assert [block for block, _ in found] == list(range(len(found)))
    assert all(width == BLOCK for _, width in found[:-1])
    assert all(0 < width <= BLOCK for _, width in found)


@pytest.mark.parametrize("size", BLOCK_SIZES)
def test_blocks_of_any_size_are_cut_and_joined_from_the_same_tiles(size: int) -> None:
    def tile(place: int) -> np.ndarray:
        return normals(3, "a", place, 2)

    whole = np.hstack([tile(place) for place in range(8)])
    found = [tiled(block, size, tile) for block in range(whole.shape[1] // size)]
    assert {part.shape for part in found} == {(2, size)}
    np.testing.assert_array_equal(np.hstack(found), whole)
