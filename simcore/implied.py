"""Numbers that documented figures imply: amounts with units and years, and their arithmetic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from simcore.calculations import CALCULATIONS
from simcore.entries import Figure
from simcore.labels import say
from simcore.printed import ABOUT, split_unit

ABOUT_LIMIT = 2 * ABOUT  # what "about" may be off, relative: two standard deviations
OVER = 0.05  # what "over" may leave out, relative
_STARTS = ("first", "share", "growth", "multiple")  # whose year a span up to `until` starts from
_COUNTERS = frozenset({"家", "户", "个", "所", "大", "件", "名", "人", "条", "位"})


@dataclass(frozen=True)
class Amount:
    """A number or a range of them, with its unit and the years it speaks of.

    >>> f"{Amount(12, 12, '%'):factor}", f"{Amount(8500, 8700, '亿元')}"
    ('1.12', '8500–8700')
    """

    low: float
    high: float
    unit: str = ""
    first: int | None = None
    last: int | None = None
    computed: bool = False

    def __format__(self, kind: str) -> str:
        """Write the number; ``factor`` writes growth as 1.12, ``percent`` adds the sign.

        As an ``operand`` a range stands in parentheses.
        """
        if kind == "factor":
            return f"{1 + self.low / 100:.5g}"
        write = number_text if self.computed else _as_printed
        low, high = write(self.low, self.unit), write(self.high, self.unit)
        text = low if low == high else f"{low}–{high}"
        if kind == "percent":
            return f"{text} %"
        return f"({text})" if kind == "operand" and low != high else text


def _as_printed(value: float, unit: str) -> str:
    return f"{value:.10g}"


def number_text(value: float, unit: str = "") -> str:
    """Write a computed number with as many digits as it deserves.

    >>> number_text(2905.05), number_text(35.7067, "%"), number_text(2.066), number_text(0.01)
    ('2905', '35.7', '2.07', '0.01')
    """
    size, minus = abs(value), "−" if value < 0 else ""
    if abs(size - round(size)) < 1e-9:
        return f"{minus if round(size) else ''}{round(size)}"
    if size < 1:
        return f"{minus}{size:.3g}"
    digits = 1 if unit == "%" or 10 <= size < 100 else 0 if size >= 100 else 2
    return f"{minus}{size:.{digits}f}"


def amount(figure: Figure) -> Amount:
    """A figure as printed; raises `ValueError` if it has no number."""
    if figure.value is None:
        raise ValueError(say("{figure} has no number", figure=figure.id))
    first = figure.period[0] if isinstance(figure.period, tuple) else figure.year
    high = figure.value if figure.value_high is None else figure.value_high
    return Amount(float(figure.value), float(high), figure.unit, first, figure.year)


def rounded(figure: Figure) -> Amount:
    """A figure as the interval its rounding and its qualifier leave open.

    Half a printed unit either way, nothing for a whole number of counted things; 4 % for "about";
    up to 5 % above an "over", below an "under".
    """
    printed = amount(figure)
    exponent = Decimal(str(figure.value)).as_tuple().exponent
    assert isinstance(exponent, int)  # a finite number has a numeric exponent
    half = 0.0 if _counts(figure.unit) and exponent >= 0 else 0.5 * 10.0**exponent
    low, high = printed.low - half, printed.high + half
    match figure.qualifier:
        case "about":
            low, high = printed.low * (1 - ABOUT_LIMIT), printed.high * (1 + ABOUT_LIMIT)
        case "over" | "aspire_over":
            low, high = printed.low, printed.high * (1 + OVER)
        case "under":
            low, high = printed.low * (1 - OVER), printed.high
    return replace(printed, low=low, high=high)


Arguments = Mapping[str, Amount | Sequence[Amount]]


def calculate(name: str, given: Arguments, until: int | None = None) -> tuple[Amount, str]:
    """Apply a calculation; returns the amount and its arithmetic as text.

    The number of years follows from the years of the amounts: from ``first`` to ``last``, the
    span of a growth rate or a cumulative figure, or up to ``until``. Ranges give both ends.
    Raises `ValueError` if units or years do not fit, or the outcome is not finite.
    """
    calculation = CALCULATIONS[name]
    arguments = aligned({key: _many(value) for key, value in given.items()}, calculation.alike)
    years = _years(arguments, until) if calculation.takes_years else None
    flat = [item for key in calculation.arguments for item in arguments[key]]
    extra = () if years is None else (years,)
    try:
        ends = [
            calculation.compute(*corner, *extra)
            for corner in product(*(sorted({item.low, item.high}) for item in flat))
        ]
    except (ZeroDivisionError, OverflowError) as error:
        raise ValueError(say("{name} has no value here: {error}", name=name, error=error)) from None
    if any(isinstance(end, complex) or not math.isfinite(end) for end in ends):
        raise ValueError(say("{name} has no finite value here", name=name))
    unit = {None: flat[0].unit, "last": flat[-1].unit}.get(calculation.unit, calculation.unit)
    known = [item.last for item in flat if item.last is not None]
    last = until or _last_year(arguments, years) or max(known, default=None)
    first = last - years + 1 if years and last else last
    outcome = Amount(min(ends), max(ends), unit or "", first, last, computed=True)
    written = {key: _Operands(items) for key, items in arguments.items()}
    arithmetic = calculation.text.format(**written, years=years)
    return outcome, f"{arithmetic} = {outcome} {outcome.unit}".rstrip()


class _Operands(tuple[Amount, ...]):
    """The amounts of one argument in an arithmetic; several are written as a sum."""

    def __format__(self, kind: str) -> str:
        return " + ".join(format(item, kind or "operand") for item in self)


def spoken(outcome: Amount) -> str:
    """Write an amount within a sentence: with its unit, unless it only counts things."""
    return f"{outcome}" if _counts(outcome.unit) else f"{outcome} {outcome.unit}"


def _counts(unit: str) -> bool:
    """Whether a unit counts things one by one, such as 家 and 个."""
    return _split(unit) == (1, "")


def _many(value: Amount | Sequence[Amount]) -> tuple[Amount, ...]:
    return (value,) if isinstance(value, Amount) else tuple(value)


def _split(unit: str) -> tuple[int, str]:
    """A unit's multiple and what it counts: 万亿元 is 1e12 times 元."""
    size, core = split_unit(unit)
    return size, "" if core in _COUNTERS else core


def aligned(
    arguments: dict[str, tuple[Amount, ...]], alike: tuple[str, ...]
) -> dict[str, tuple[Amount, ...]]:
    """Bring arguments that are compared to one unit, the commonest multiple of money being 1e8."""
    compared = [item for key in alike for item in arguments[key]]
    units = [_split(item.unit) for item in compared]
    if len({core for _, core in units}) > 1:
        raise ValueError(
            say("units differ: {units}", units=", ".join(item.unit for item in compared))
        )
    if len({size for size, _ in units}) < 2:
        return arguments
    size, unit = min(
        (multiple, item.unit) for (multiple, _), item in zip(units, compared, strict=True)
    )
    return arguments | {
        key: tuple(_in_unit(item, size, unit) for item in arguments[key]) for key in alike
    }


def _in_unit(item: Amount, size: int, unit: str) -> Amount:
    factor = _split(item.unit)[0] / size
    return Amount(item.low * factor, item.high * factor, unit, item.first, item.last, item.computed)


def _years(arguments: dict[str, tuple[Amount, ...]], until: int | None) -> int:
    """Number of years between the amounts; raises `ValueError` if they do not tell."""
    one = {key: items[0] for key, items in arguments.items()}
    if "first" in one and "last" in one:
        start, end = one["first"].last, one["last"].last
    elif until is not None:
        start, end = next(one[key] for key in _STARTS if key in one).last, until
    else:
        spans = [
            item for key, item in one.items()
            if key in ("growth", "average", "cumulative", "daily", "multiple")
        ]  # fmt: skip
        if not spans or spans[0].first is None or spans[0].last is None:
            raise ValueError(say("the number of years does not follow; say `until`"))
        start, end = spans[0].first - 1, spans[0].last
    if start is None or end is None or end <= start:
        raise ValueError(say("no years from {start} to {end}", start=start, end=end))
    return end - start


def _last_year(arguments: dict[str, tuple[Amount, ...]], years: int | None) -> int | None:
    """Year in which a level stands that has grown for some years."""
    first = arguments.get("first", (None,))[0]
    if "growth" in arguments and "last" not in arguments and first and first.last and years:
        return first.last + years
    return None
