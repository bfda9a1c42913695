"""No numeral of the documents without a figure in the base, or a reason why it is none."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from numeral_verdicts import (
    ExcludedClass,
    Exclusions,
    Verdict,
    excludes,
    read_exclusions,
    verdicts,
)
from numerals import Numeral, is_value, numerals, read_numerals

from simcore.baseline import Baseline
from simcore.entries import Figure

DOCUMENTS = Path(
    os.environ.get("SIMCORE_DOCUMENTS")
    or Path(__file__).parent.parent.parent / "shared" / "documents"
)
needs_documents = pytest.mark.skipif(
    not DOCUMENTS.is_dir(), reason=f"the documents' texts are not in {DOCUMENTS}"
)
SEED = 20261122
SPOTS = 40
EXCLUSIONS = read_exclusions()
RULES = [*EXCLUSIONS.classes, *EXCLUSIONS.entries]


def of_document(baseline: Baseline, document: str) -> list[Figure]:
    return [f for f in baseline.figures.values() if f.source.document == document]


@pytest.fixture(scope="module")
def found(baseline: Baseline) -> dict[str, list[Numeral]]:
    return {document: read_numerals(DOCUMENTS, document) for document in baseline.documents}


@pytest.fixture(scope="module")
def judged(baseline: Baseline, found: dict[str, list[Numeral]]) -> list[Verdict]:
    return [
        verdict
        for document, row in found.items()
        for verdict in verdicts(row, of_document(baseline, document), EXCLUSIONS)
    ]


def missing(judged: Iterable[Verdict]) -> list[str]:
    return [str(verdict.numeral) for verdict in judged if verdict.kind == "missing"]


# --- the documents --------------------------------------------------------------------------------


@needs_documents
def test_spots(judged: list[Verdict]) -> None:
    """Forty numerals by chance; ``pytest -s`` shows what each is."""
    spots = random.Random(SEED).sample(judged, SPOTS)
    for spot in spots:
        print(f"\n{spot.numeral}: {spot.kind} {spot.by}", end="")
    assert len({spot.numeral.document for spot in spots}) == 5
    assert not missing(spots)


@needs_documents
def test_every_numeral_in_digits(judged: list[Verdict]) -> None:
    assert not missing(verdict for verdict in judged if not verdict.numeral.wordy)


@needs_documents
def test_every_quantity_in_words(judged: list[Verdict]) -> None:
    assert not missing(verdict for verdict in judged if verdict.numeral.wordy)


@needs_documents
def test_no_exclusion_swallows_a_figure(judged: list[Verdict]) -> None:
    assert not [str(v.numeral) for v in judged if v.swallowed]


@needs_documents
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: getattr(rule, "name", None) or rule.reason)
def test_every_exclusion_excludes(rule: ExcludedClass, judged: list[Verdict]) -> None:
    excluded = [v.numeral for v in judged if v.kind == "excluded" and excludes(rule, v.numeral)]
    assert excluded
    if rule not in EXCLUSIONS.classes:
        assert len(excluded) == 1  # an entry is one numeral


@needs_documents
def test_no_numeral_is_excluded_twice(judged: list[Verdict]) -> None:
    """Two rules for one numeral: one of them reaches too far."""
    for verdict in judged:
        rules = [rule for rule in RULES if excludes(rule, verdict.numeral)]
        assert len(rules) < 2, (str(verdict.numeral), rules)


@needs_documents
@pytest.mark.parametrize(
    "name",
    [
        "donghu.gdp.2023", "donghu.ranking.zones_ranked.2020", "donghu.trade.aeo_firms.share.2023",
        "jingkai.value_added.primary.share.2020", "jingkai.unemployment.urban.share.2020",
        "jingkai.scale.new_materials.2025.target",
        "donghu.firms.gazelles.growth.2021_2025.target.action",
    ],
)  # fmt: skip
def test_a_forgotten_figure_is_found(
    name: str, baseline: Baseline, found: dict[str, list[Numeral]]
) -> None:
    source = baseline.figures[name].source
    kept = [figure for figure in of_document(baseline, source.document) if figure.id != name]
    (place,) = missing(verdicts(found[source.document], kept, EXCLUSIONS))
    assert place.startswith(f"{source.document}:{source.line} ")


@needs_documents
def test_a_wide_exclusion_is_found(baseline: Baseline, found: dict[str, list[Numeral]]) -> None:
    document = "donghu-report-2024"
    wide = ExcludedClass(name="wide", reason="all money", pattern=r"\d+亿元")
    rows = verdicts(
        found[document], of_document(baseline, document), Exclusions(classes=[wide], entries=[])
    )
    assert "donghu.gdp.2023" in {row.by for row in rows if row.swallowed}


# --- reading numerals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "texts", "values"),
    [
        ("总量2,715.5亿元", ["2,715.5"], [2715.5]),
        ("１７．５％，占１／４", ["17.5", "1/4"], [17.5, 0.25]),
        ("培育 1—2 家", ["1", "2"], [1, 2]),
        ("四都²建设^①，PM₁₀", ["²", "①", "₁₀"], [2, 1, 10]),
        ("1.1：76.9：22.0", ["1.1", "76.9", "22.0"], [1.1, 76.9, 22]),
        ("打造千亿级、五百亿级产业", ["千亿", "五百亿"], [1e11, 5e10]),
        ("翻一番，增长两倍，占五分之一", ["翻一番", "两", "五分之一"], [2, 2, 0.2]),
        ("排名第三，位居首位，首位度", ["三", "首"], [3, 1]),
        ("三大优势产业，两大赛事", ["三"], [3]),
        ("1.2 万亿元，120多万人", ["1.2", "120"], [1.2, 120]),
        ("一批一流企业", [], []),
    ],
)  # fmt: skip
def test_numerals_of_a_line(line: str, texts: list[str], values: list[float]) -> None:
    read = list(numerals("text", 1, line))
    assert [numeral.text for numeral in read] == texts
    assert [numeral.value for numeral in read] == pytest.approx(values)


@pytest.mark.parametrize(
    ("line", "value", "unit"),
    [
        ("总量2715亿元", 2715, "亿元"), ("1.2 万亿重大项目", 1.2, "万亿元"),
        ("13.6万家", 13.6, "万家"), ("5200多万条", 5200, "万条"), ("1—2 家", 1, "家"),
        ("占全省1/4,", 0.25, "倍"),
        ("增速\t%\t>12\t预期性", 12, "%"), ("1:66", 1, "%"), ("第三,", 3, "位"),
        ("千亿级", 1000, "亿元"),
    ],
)  # fmt: skip
def test_value_in_its_unit(line: str, value: float, unit: str) -> None:
    numeral, *_ = numerals("text", 1, line)
    assert is_value(numeral, value, unit)
    assert not is_value(numeral, value + 1, unit)


@pytest.mark.parametrize(
    ("line", "value", "unit"),
    [
        ("5G工厂", 5, "家"), ("400G芯片", 400, "家"), ("2.国家", 2, "大"),
        ("2715万元", 2715, "亿元"),
        ("第三,", 3, "个"), ("三年行动", 3, "位"), ("序号\t3\t人均", 3, "%"), ("30%", 30, "个"),
    ],
)  # fmt: skip
def test_value_in_another_unit(line: str, value: float, unit: str) -> None:
    numeral, *_ = numerals("text", 1, line)
    assert not is_value(numeral, value, unit)
