"""How units are said to people, and that nobody is told a power of ten as files write it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import simcore
from simcore.dims import VARIABLES
from simcore.discovery_inputs import UNITS
from simcore.labels import say_both, use_language
from simcore.priors import load_priors
from simcore.units import MONEY, amount_text, in_words, unit_label, unit_text, with_unit

PACKAGE = Path(simcore.__file__).parent
EVERY = sorted({variable.units for variable in VARIABLES.values()} | {u for u, _ in UNITS.values()})


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("units", "en", "zh"),
    [
        ("1e8 CNY", "100 million CNY", "亿元"),
        ("1e8 USD", "100 million USD", "亿美元"),
        ("1e4 CNY", "10,000 CNY", "万元"),
        ("1e4 persons", "10,000 persons", "万人"),
        ("patents per 1e4 persons", "patents per 10,000 persons", "件/万人"),
        ("percent", "%", "%"),
        ("percent of GDP", "% of GDP", "占地区生产总值的%"),
        ("percent a year", "% a year", "%/年"),
        ("2020 = 100", "2020 = 100", "2020年=100"),
        ("firms", "firms", "家"),
    ],
)
def test_units_are_those_of_readers(units: str, en: str, zh: str) -> None:
    label = unit_label(units)
    assert (label.en, label.zh) == (en, zh)


@pytest.mark.parametrize("units", EVERY)
def test_no_unit_is_said_as_files_write_it(units: str) -> None:
    label = unit_label(units)
    for text in (label.en, label.zh):
        assert "1e" not in text
        assert "percent" not in text.replace("percentage points", "")
    assert "CNY" not in label.zh


def test_powers_of_printed_units() -> None:
    assert in_words("1e12 CNY") == "trillion CNY"


@pytest.mark.parametrize(
    ("number", "units", "en", "zh"),
    [
        ("5,000", MONEY, "5,000 × 100 million CNY", "5,000亿元"),
        ("5", "percent", "5 %", "5%"),
        ("105", "2020 = 100", "105 (2020 = 100)", "105（2020年=100）"),
        ("3", "firms", "3 firms", "3家"),
        ("1.2", "1", "1.2", "1.2"),
        ("1.2", "", "1.2", "1.2"),
    ],
)
def test_amounts_have_their_unit(number: str, units: str, en: str, zh: str) -> None:
    use_language("en")
    assert amount_text(number, units) == en
    use_language("zh")
    assert amount_text(number, units) == zh


def test_pure_numbers_have_no_brackets() -> None:
    assert with_unit("GDP deflator, 2020 = 1", "1") == "GDP deflator, 2020 = 1"
    use_language("zh")
    assert with_unit("研发经费投入（现价）", MONEY) == "研发经费投入（现价） [亿元]"
    assert unit_text(MONEY) == "亿元"


def test_units_of_priors_are_said_in_both_languages() -> None:
    priors = load_priors()
    for unit in {one.unit for one in (*priors.parameters.values(), *priors.slacks.values())}:
        assert say_both(unit).zh != unit


def test_no_text_for_people_writes_a_unit_of_files() -> None:
    """Neither a text that is said nor the help of an option has ``1e8`` or ``1e4`` in it."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                given = node.args[:1] if name in ("say", "say_both") else []
                given += [word.value for word in node.keywords if word.arg == "help"]
                texts = [one.value for one in given if isinstance(one, ast.Constant)]
                found += [t for t in texts if isinstance(t, str) and ("1e8" in t or "1e4" in t)]
    assert found == []
