"""How many digits of a number or a probability a reader needs."""

from __future__ import annotations

from simcore.labels import Label


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


def probability(share: float | None) -> Label:
    """Write a share as a percentage; small and large ones are not rounded to certainty.

    >>> probability(0.5).en, probability(0.0004).zh, probability(0.99996).en, probability(0.0).en
    ('50 %', '< 0.1%', '> 99.9 %', '0 %')
    """
    if share is None or share != share:
        return Label("–", "–")
    if 0 < share < 0.001:
        text = "< 0.1"
    elif 0.999 < share < 1:
        text = "> 99.9"
    else:
        text = f"{100 * share:.{0 if 0.1 <= share <= 0.9 or share in (0, 1) else 1}f}"
    return Label(f"{text} %", f"{text}%")


def percent(share: float | None) -> str:
    """Write a share as a percentage in the language in use."""
    return str(probability(share))
