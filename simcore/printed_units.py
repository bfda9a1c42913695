"""The units that documents print, said in both languages: 亿元 is ``100 million CNY``."""

from __future__ import annotations

from functools import lru_cache

from simcore.labels import Label
from simcore.resources import calibration_content, calibration_document
from simcore.strict import Strict, validated
from simcore.units import in_words

SIGNS = {">=": "≥", "<=": "≤"}


class Units(Strict):
    """The content of ``units.yaml``: printed units in English."""

    units: dict[str, str]


def printed_unit(unit: str) -> Label:
    """Return a printed unit in both languages; a counting word has none in English.

    >>> printed_unit("万家"), printed_unit("%")
    (Label(en='10,000 firms', zh='万家'), Label(en='%', zh='%'))
    """
    english = _english(calibration_content("units")).get(unit, unit)
    return Label(in_words(english.split(" or ")[0]), unit)


def printed_amount(number: str, unit: str) -> Label:
    """Return a number in a printed unit.

    >>> printed_amount("7.1", "亿美元").en, printed_amount("7", "张").en
    ('7.1 × 100 million USD', '7 beds')
    """
    words = printed_unit(unit)
    times = "× " if words.en[:1].isdigit() else ""
    return Label(f"{number} {times}{words.en}".rstrip(), f"{number} {words.zh}")


def goal_amount(comparator: str, value: float | None, unit: str) -> Label:
    """Return what a goal asks for, a dash where the document prints no number.

    >>> goal_amount(">=", 10000, "家")
    Label(en='≥ 10,000 firms', zh='≥ 10,000 家')
    """
    if value is None:
        return Label("–", "–")
    return printed_amount(f"{SIGNS.get(comparator, comparator)} {value:,.15g}", unit)


def with_english(printed: Label, unit: str) -> Label:
    """Return a quoted amount, in English with its unit said behind it.

    >>> with_english(Label("over 2000 亿元", "超过 2000 亿元"), "亿元").en
    'over 2000 亿元 (100 million CNY)'
    """
    words = printed_unit(unit).en
    return printed if words in ("", unit) else Label(f"{printed.en} ({words})", printed.zh)


@lru_cache(maxsize=8)
def _english(content: tuple[bytes, ...]) -> dict[str, str]:
    """Return the units of the calibration in use, which is known by its content."""
    return validated(Units, calibration_document("units")).units
