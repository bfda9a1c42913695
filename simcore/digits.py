"""Numbers written with as many digits as a reader needs."""

from __future__ import annotations


def number(value: float | None, *, sign: bool = False) -> str:
    """Write a number with as many digits as a reader needs.

    >>> number(3095.81), number(12.345), number(-0.042, sign=True)
    ('3,096', '12.3', '-0.04')
    """
    if value is None or value != value:
        return "–"
    size = abs(value)
    digits = 0 if size >= 99.95 else 1 if size >= 9.95 else 2
    return f"{value:{'+' if sign else ''},.{digits}f}"
