"""The factors that make pinned growth true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.closure import EXCEEDED, centred_factor, refuse_impossible, zone_factor
from simcore.errors import InputError

EXAMPLES = settings(max_examples=30, deadline=None, derandomize=True)
growths = st.floats(-0.3, 0.5)
levels = st.lists(
    st.tuples(st.floats(10, 1e4), st.floats(0, 1), st.floats(0.5, 2)), min_size=1, max_size=6
)


def split(rows: list[tuple[float, float, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Last year's GDP, and this year's of the pinned and the free activities."""
    last, share, growth = np.array(rows).T
    share = 0.9 * share
    return last, last * share * growth, last * (1 - share) * growth


@given(growths, levels)
@EXAMPLES
def test_zone_factor_meets_the_target(
    growth: float, rows: list[tuple[float, float, float]]
) -> None:
    last, pinned, free = split(rows)
    factor = zone_factor(growth, last, pinned, free)
    np.testing.assert_allclose((pinned + factor * free) / last - 1, growth, atol=1e-12)


@given(growths, levels)
@EXAMPLES
def test_centred_factor_meets_the_mean(
    growth: float, rows: list[tuple[float, float, float]]
) -> None:
    last, pinned, free = split(rows)
    factor = centred_factor(growth, last, pinned, free)
    assert isinstance(factor, float)
    mean = np.mean((pinned + factor * free) / last - 1)
    assert mean == pytest.approx(growth, abs=1e-12)


def test_both_agree_for_one_draw() -> None:
    last, pinned, free = np.array([100.0]), np.array([30.0]), np.array([60.0])
    assert zone_factor(0.05, last, pinned, free) == pytest.approx(1.25, rel=1e-15)
    assert centred_factor(0.05, last, pinned, free) == pytest.approx(1.25, rel=1e-15)


def test_a_target_that_is_met_already_changes_nothing() -> None:
    last = np.array([100.0, 200.0])
    np.testing.assert_allclose(zone_factor(0.1, last, 0 * last, 1.1 * last), 1, rtol=1e-15)


@pytest.mark.parametrize(
    ("factor", "share"),
    [
        (np.array([1.0, -0.1, 0.0, 2.0]), r"50\.0"), (np.array([-1.0]), r"100\.0"),
        (0.0, r"100\.0"),
        (np.array([1.0] * 7 + [0.0]), r"12\.5"),
    ],
)  # fmt: skip
def test_impossible_pins(factor: np.ndarray | float, share: str) -> None:
    message = (
        r"^jingkai, 2027: the pinned industries alone exceed the pinned GDP "
        rf"in {share} % of the draws$"
    )
    with pytest.raises(InputError, match=message):
        refuse_impossible(factor, EXCEEDED, "jingkai", 2027)


@pytest.mark.parametrize("factor", [1.0, 1e-9, np.array([0.5, 3.0])])
def test_possible_pins(factor: np.ndarray | float) -> None:
    refuse_impossible(factor, EXCEEDED, "jingkai", 2027)
    assert (np.asarray(factor) > 0).all()
