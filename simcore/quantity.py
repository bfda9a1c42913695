"""Numbers as people write them: ``5%``, ``+0.3 pp``, plain; each read one way only."""

from __future__ import annotations

import math
import re

from simcore.labels import say

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"
_PLAIN = re.compile(rf"^{_NUMBER}$")
_PERCENT = re.compile(rf"^({_NUMBER})\s*%$")
_YEARS = re.compile(rf"^({_NUMBER})\s*years?$")
_POINTS = re.compile(rf"^({_NUMBER})\s*pp$")


def percent(value: object) -> float:
    """Read a share or growth rate that must be written with its ``%``.

    >>> percent("5%")
    0.05
    >>> percent(5)
    Traceback (most recent call last):
    ValueError: a percentage is written with its sign: 5% instead of 5
    """
    if isinstance(value, str) and (match := _PERCENT.match(value.strip())):
        return _hundredth(match[1])
    if isinstance(value, str) and _PLAIN.match(value.strip()):
        raise ValueError(_without_sign(float(value), value.strip()))
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(_without_sign(value, value))
    if isinstance(value, str) and _POINTS.match(value.strip()):
        raise ValueError(
            say("'{value}' is a difference in percentage points; a rate ends in %", value=value)
        )
    raise ValueError(say("'{value}' is not a percentage such as 5%", value=value))


def _without_sign(value: float, written: object) -> str:
    """Say what a number without its sign may have meant: 0.05 is 5% or 0.05%."""
    if 0 < abs(value) < 1:
        return say(
            "a percentage is written with its sign: {more:g}% or {value:g}% instead of {written}",
            more=100 * value, value=value, written=written,
        )  # fmt: skip
    return say(
        "a percentage is written with its sign: {value:g}% instead of {written}",
        value=value, written=written,
    )  # fmt: skip


def points(value: object) -> float:
    """Read a difference that must be written in percentage points, ``pp``.

    >>> points("+0.3 pp")
    0.003
    """
    if isinstance(value, str) and (match := _POINTS.match(value.strip())):
        return _hundredth(match[1])
    raise ValueError(
        say("'{value}' is not a difference in percentage points such as +0.3 pp", value=value)
    )


def years(value: object) -> float:
    """Read a length of time that must be written in years.

    >>> years("1.5 years"), years("-1 year")
    (1.5, -1.0)
    """
    if isinstance(value, str) and (match := _YEARS.match(value.strip())):
        length = float(match[1])
        if math.isfinite(length):
            return length
    raise ValueError(say("'{value}' is not a length of time such as 1.5 years", value=value))


def number(value: object) -> float:
    """Read a finite number: plain, with ``%``, or in ``pp``.

    >>> number("42%"), number("1.5 pp"), number(0.09)
    (0.42, 0.015, 0.09)
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise ValueError(say("{value} is not a finite number", value=value))
        return float(value)
    if isinstance(value, str):
        for pattern in (_PERCENT, _POINTS):
            if match := pattern.match(value.strip()):
                return _hundredth(match[1])
    raise ValueError(say("'{value}' is not a number such as 0.09, 5% or 0.3 pp", value=value))


def _hundredth(digits: str) -> float:
    """Divide by a hundred through the decimal text, so that 7% is exactly 0.07."""
    value = float(f"{digits}e-2")
    if not math.isfinite(value):
        raise ValueError(say("{text}… is beyond what a computer holds", text=digits[:20]))
    return value
