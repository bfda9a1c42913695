"""Numbers as people write them, each read one way only."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.quantity import number, percent, points

EXAMPLES = settings(max_examples=100, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5%", 0.05), (" 5 % ", 0.05), ("7%", 0.07), ("-1.0%", -0.01), ("+0.3%", 0.003),
        (".5%", 0.005), ("5.%", 0.05), ("0%", 0.0), ("100%", 1.0), ("8.7%", 0.087),
    ],
)  # fmt: skip
def test_percent(text: str, value: float) -> None:
    assert percent(text) == value
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("+0.3 pp", 0.003), ("-1 pp", -0.01), ("2pp", 0.02), (" .5 pp ", 0.005)],
)
def test_points(text: str, value: float) -> None:
    assert points(text) == value
    assert number(text) == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, r"^a percentage is written with its sign: 5% instead of 5$"),
        (0.05, r"^a percentage is written with its sign: 5% or 0\.05% instead of 0\.05$"),
        ("5 pp", r"^'5 pp' is a difference in percentage points; a rate ends in %$"),
        ("five", r"^'five' is not a percentage such as 5%$"),
        ("5", r"sign: 5% instead of 5$"), ("", r"not a percentage"), ("%", r"not a percentage"),
        ("5%%", r"not a percentage"), ("5,5%", r"not a percentage"), ("1e1%", r"not a percentage"),
        ("nan%", r"not a percentage"), ("5％", r"not a percentage"), (True, r"not a percentage"),
        (None, r"not a percentage"), ([5], r"not a percentage"), ("5% ~", r"not a percentage"),
    ],
)  # fmt: skip
def test_not_a_percentage(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        percent(value)


@pytest.mark.parametrize("value", ["5%", 5, 0.05, "pp", "5 ppp", "1e1 pp", None, False, "5 p p"])
def test_not_points(value: object) -> None:
    with pytest.raises(ValueError, match=r"is not a difference in percentage points such as"):
        points(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.nan, r"nan is not a finite number"), (-math.inf, r"-inf is not a finite number"),
        ("x", r"'x' is not a number such as 0\.09, 5% or 0\.3 pp"), ("0.09", r"is not a number"),
        (True, r"is not a number"), (None, r"is not a number"),
    ],
)  # fmt: skip
def test_not_a_number(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        number(value)


@pytest.mark.parametrize("read", [percent, number])
def test_a_percentage_beyond_the_machine_is_refused(read: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read("9" * 400 + "%")  # type: ignore[operator]


def test_plain_numbers() -> None:
    assert number(0.09) == 0.09
    assert number(3) == 3.0
    assert isinstance(number(3), float)


@given(st.integers(-10_000, 10_000))
@EXAMPLES
def test_hundredths_are_the_nearest_decimal(tenths: int) -> None:
    """Dividing the number by a hundred would give 0.07 as 0.07000000000000001."""
    text = f"{tenths / 10:.1f}"
    assert percent(f"{text}%") == float(f"{text}e-2")
    assert points(f"{text} pp") == percent(f"{text}%")


@given(st.text(max_size=8))
@EXAMPLES
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    for read in (percent, points, number):
        try:
            assert math.isfinite(read(text))
        except ValueError as error:
            assert str(error).startswith("'")  # noqa: PT017
