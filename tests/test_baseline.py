"""The documented figures: each with its place, and each as it is printed there."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest

from simcore.baseline import Baseline, load_baseline
from simcore.document import read_document
from simcore.entries import Figure
from simcore.errors import InputError
from simcore.figure_check import size
from simcore.printed import is_printed
from simcore.resources import folder

DOCUMENTS = Path(
    os.environ.get("SIMCORE_DOCUMENTS")
    or Path(__file__).parent.parent.parent / "shared" / "documents"
)
needs_documents = pytest.mark.skipif(
    not DOCUMENTS.is_dir(), reason=f"the documents' texts are not in {DOCUMENTS}"
)
BASELINE = load_baseline()
FIGURES = list(BASELINE.figures.values())


def figures_of(document: str) -> list[Figure]:
    found = [figure for figure in FIGURES if figure.source.document == document]
    assert found
    return found


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return BASELINE


# --- zones ----------------------------------------------------------------------------------------


def test_zones_and_years(baseline: Baseline) -> None:
    assert list(baseline.zones) == ["donghu", "jingkai"]
    assert (baseline.first_year, baseline.base_year, baseline.prices) == (2015, 2023, 2020)
    assert baseline.last_documented_year("donghu") == 2023
    assert baseline.last_documented_year("jingkai") == 2020


def test_activities_are_exclusive_and_grouped_by_zone(baseline: Baseline) -> None:
    pairs = [(activity.zone, activity.industry) for activity in baseline.activities]
    assert len(pairs) == len(set(pairs)) == 25
    assert [zone for zone, _ in pairs] == sorted(zone for zone, _ in pairs)
    for zone in baseline.zones.values():
        assert not set(zone.industries) & set(zone.aggregates)
        for name, aggregate in zone.aggregates.items():
            assert set(aggregate.weights) <= set(zone.industries), name
            assert all(0 < weight <= 1 for weight in aggregate.weights.values()), name
            assert bool(aggregate.weights) == (aggregate.evidence is not None), name


@pytest.mark.parametrize("zone", BASELINE.zones)
def test_zone_has_all_three_sectors_and_a_residual(zone: str, baseline: Baseline) -> None:
    industries = baseline.zones[zone].industries
    sectors = {industry.sector for industry in industries.values()}
    assert sectors == {"primary", "secondary", "tertiary"}
    assert {"other_industry", "other_services"} <= set(industries)
    for name, industry in industries.items():
        assert not industry.industrial or industry.sector == "secondary", name
        assert industry.label.en, name
        assert industry.label.zh, name


def test_the_base_is_the_last_documented_level(baseline: Baseline) -> None:
    levels = [(figure.year, figure.value) for figure in baseline.gdp_levels("donghu")]
    assert levels == [(2020, 2000), (2023, 2715)]
    assert [figure.value for figure in baseline.gdp_levels("jingkai")] == [1650]


def test_industries_are_named_once(baseline: Baseline) -> None:
    assert len(baseline.industries) == len(set(baseline.industries))
    assert str(baseline.industry_label("automotive")) == "automotive"
    assert baseline.industry_label("digital_services").zh == "数字服务业"


# --- figures --------------------------------------------------------------------------------------


def test_every_id_stands_once_in_the_files(baseline: Baseline) -> None:
    ids = [
        entry["id"]
        for name in baseline.documents
        for entry in read_document(folder("calibration") / f"{name}.yaml").data["figures"]
    ]
    assert len(ids) == len(set(ids)) == len(baseline.figures)
    for name, figure in baseline.figures.items():
        assert figure.id == name


@pytest.mark.parametrize("document", BASELINE.documents)
def test_references_of_figures_resolve(document: str, baseline: Baseline) -> None:
    for figure in figures_of(document):
        _resolves(figure, baseline)


def _resolves(figure: Figure, baseline: Baseline) -> None:
    assert figure.id.startswith(f"{figure.zone}.")
    zone = baseline.zones[figure.zone]
    assert figure.indicator in baseline.indicators
    assert figure.industry is None or figure.industry in {*zone.industries, *zone.aggregates}
    assert not (figure.industry and figure.sector)
    assert figure.source.document in baseline.documents
    assert figure.source.section
    assert figure.source.line >= 1
    assert figure.term
    if figure.same_as:
        first = baseline.figures[figure.same_as]
        assert first.same_as is None, "repetitions name the first, not one another"
        assert (first.value is None) == (figure.value is None)
        value, of_first = (Decimal(str(f.value or 0)) * size(f.unit) for f in (figure, first))
        rounder = figure.qualifier in ("over", "about") and figure.qualifier != first.qualifier
        least = Decimal("0.95") if rounder else Decimal(1)  # of a restatement in round figures
        assert least * of_first <= value <= of_first
        assert (first.zone, first.indicator, first.period) == (
            figure.zone, figure.indicator, figure.period,
        )  # fmt: skip
    if isinstance(figure.period, tuple):
        assert figure.period[0] < figure.period[1]
    published = baseline.published(figure)
    if figure.kind == "actual":
        year = figure.year or int(str(figure.period)[:4])
        assert year < published
    else:
        assert (figure.year or published) >= published


def test_documents_say_what_they_are(baseline: Baseline) -> None:
    assert len(baseline.documents) == 5
    for name, document in baseline.documents.items():
        assert document.title.en, name
        assert document.title.zh, name
        assert document.issuer, name
        assert document.period[0] <= document.period[1], name
        assert name.endswith(str(document.published)), name


def test_a_figure_is_found_in_its_file(baseline: Baseline) -> None:
    figure = baseline.figures["donghu.gdp.2023"]
    assert str(figure.source) == "donghu-report-2024 一(一), line 12"


def test_goals_and_repetitions_are_no_actuals(baseline: Baseline) -> None:
    actuals = list(baseline.actuals())
    assert {figure.kind for figure in actuals} == {"actual"}
    assert all(figure.value is not None and not figure.same_as for figure in actuals)
    assert "donghu.gdp.2025.target" not in {figure.id for figure in actuals}


# --- faults of the data are found ----------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The calibration in a folder where it may be spoilt."""
    for place in folder("calibration").glob("*.yaml"):
        (tmp_path / place.name).write_bytes(place.read_bytes())
    monkeypatch.setattr("simcore.resources.folder", lambda kind: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: donghu.gdp.2023\n", "id: donghu.gdp.growth.2023\n", r"stands twice"),
        ("zone: donghu", "zone: dongu", r"unknown zone 'dongu'; did you mean 'donghu'\?"),
        ("indicator: gdp", "indicator: gpd", r"unknown indicator 'gpd'; did you mean 'gdp'\?"),
        ("industry: display", "industry: displays", r"'displays'; did you mean 'display'\?"),
        ("document: donghu-report-2024", "document: nowhere", r"names another document, nowhere"),
        ("value: 2715", "value: 2,715", r"donghu-report-2024\.yaml:\d+:\d+: "),
        ("value: 2715\n", "\n", r"a figure has a value, or the qualifier none_given"),
        ("kind: actual", "kind: real", r"'real' is not one of 'actual'"),
        ("period: 2023\n", "period: '2023Q5'\n", r"'2023Q5' is no period"),
        ("line: 12", "line: 0", r"greater than or equal to 1"),
        ("    term: 总量\n", "    term: 总量\n    same_as: donghu.gdp\n", r"does not exist"),
    ],
)  # fmt: skip
def test_fault_is_found(old: str, new: str, message: str, copied: Path) -> None:
    place = copied / "donghu-report-2024.yaml"
    text = place.read_text("utf-8")
    assert old in text
    place.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load_baseline()
    assert all(Path(problem.file).parent == copied for problem in caught.value.problems)


def test_unspoilt_copy_is_the_same(copied: Path, baseline: Baseline) -> None:
    assert copied.is_dir()
    assert load_baseline() == baseline


# --- figures against the documents ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "line"),
    [
        (2715, "亿元", "总量达到 2,715 亿元"), (2, "倍", "工业增加值实现翻番"), (2, "倍", "翻一番"),
        (1000, "亿元", "千亿级"), (1, "万亿元", "两大万亿产业"), (500, "亿元", "五百亿级"),
        (100, "万人", "百万人口"), (1.2, "万亿元", "1.2 万亿元"), (28.0, "%", "年均增长28.0%"),
        (-1.0, "%", "－1.0"), (-1.0, "%", "下降 1.0%"), (34, "万元", "超过３４万元"),
        (10, "万人", "10 万名"),
    ],
)  # fmt: skip
def test_number_is_recognised(value: float, unit: str, line: str) -> None:
    assert is_printed(value, unit, line)


@pytest.mark.parametrize(
    ("value", "unit", "line"),
    [
        (2716, "亿元", "总量达到 2715 亿元"), (271, "亿元", "2715亿元"), (2, "倍", "增长"),
        (1000, "亿元", "万亿级"), (500, "亿元", "五千亿级"), (100, "万人", "百人"),
        (4.7, "%", "增长 4.75%"), (12, "%", "1.2%"),
    ],
)  # fmt: skip
def test_other_number_is_not_recognised(value: float, unit: str, line: str) -> None:
    assert not is_printed(value, unit, line)


@needs_documents
@pytest.mark.parametrize("name", BASELINE.documents)
def test_fingerprint_of_the_text(name: str, baseline: Baseline) -> None:
    content = (DOCUMENTS / f"{name}.txt").read_bytes()
    assert hashlib.sha256(content).hexdigest() == baseline.documents[name].sha256


@needs_documents
@pytest.mark.parametrize("document", BASELINE.documents)
def test_values_are_printed_in_the_cited_lines(document: str) -> None:
    lines = (DOCUMENTS / f"{document}.txt").read_text("utf-8").split("\n")
    for figure in figures_of(document):
        _is_printed(figure, lines[figure.source.line - 1])


def _is_printed(figure: Figure, line: str) -> None:
    for value in (figure.value, figure.value_high):
        if value is not None:
            assert is_printed(value, figure.unit, line), line
    if figure.qualifier == "none_given":
        place = line.find(figure.term[:4])
        assert place >= 0, line
        said = r"\t[—/]|完成省?市.{0,3}目标|同步|增速高于|稳步增长|持续改善"
        assert re.search(said, line[place : place + 60]), line


@needs_documents
@pytest.mark.parametrize("document", BASELINE.documents)
def test_terms_stand_near_the_cited_lines(document: str) -> None:
    """The printed words, as far as they are not joined from several places of the sentence."""
    lines = (DOCUMENTS / f"{document}.txt").read_text("utf-8").split("\n")
    for figure in figures_of(document):
        near = "".join(lines[max(figure.source.line - 3, 0) : figure.source.line + 1])
        printed = set(unicodedata.normalize("NFKC", near))
        missing = [c for c in unicodedata.normalize("NFKC", figure.term) if c not in printed]
        assert not missing, f"{figure.id}: {figure.term}: {missing}"
