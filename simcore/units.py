"""How a unit is said to people: 亿元, ``100 million CNY`` where files keep ``1e8 CNY``.

Files, data columns and JSON keep the unit as the attribute ``units`` has it. Tables, sentences,
pictures and pages say it in the words of this module.
"""

from __future__ import annotations

from simcore.labels import Label, language, say_both

MONEY = "1e8 CNY"
POWERS = {"1e12 ": "trillion ", "1e8 ": "100 million ", "1e4 ": "10,000 "}
FACTORS = {"percent a year": 100.0, "percentage points a year": 100.0}
"""What a fraction is multiplied by, so that it is in this unit."""
NONE = ("", "1")
"""Units of pure numbers, which nobody says."""


def in_words(unit: str) -> str:
    """Write the powers of ten of a unit in English words, and percent as its sign.

    >>> in_words("1e8 CNY"), in_words("patents per 1e4 persons"), in_words("percent of GDP")
    ('100 million CNY', 'patents per 10,000 persons', '% of GDP')
    """
    for power, words in POWERS.items():
        unit = unit.replace(power, words)
    return unit.replace("percent ", "% ") if unit != "percent" else "%"


def unit_label(units: str) -> Label:
    """Return a unit as readers write it, in both languages.

    >>> unit_label("1e8 CNY")
    Label(en='100 million CNY', zh='亿元')
    """
    both = say_both(units)
    return Label(in_words(both.en), both.zh)


def unit_text(units: str) -> str:
    """Return a unit as readers write it, in the language in use."""
    return str(unit_label(units))


def with_unit(name: object, units: str) -> str:
    """Return a name with its unit in brackets; a pure number's name stays.

    >>> with_unit("GDP", "1e8 CNY"), with_unit("deflator", "1")
    ('GDP [100 million CNY]', 'deflator')
    """
    return str(name) if units in NONE else f"{name} [{unit_text(units)}]"


def amount_text(number: str, units: str) -> str:
    """Return a written number with its unit.

    >>> amount_text("5,000", "1e8 CNY"), amount_text("5", "percent"), amount_text("3", "firms")
    ('5,000 × 100 million CNY', '5 %', '3 firms')
    """
    if units in NONE:
        return number
    unit = unit_text(units)
    if "=" in unit:
        return f"{number}（{unit}）" if language() == "zh" else f"{number} ({unit})"
    if language() == "zh":
        return number + unit
    return f"{number} × {unit}" if unit[:1].isdigit() else f"{number} {unit}"
