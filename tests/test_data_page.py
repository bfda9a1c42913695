"""The data page: whole, escaped, in both languages, self-contained, and filtered by its script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from html_tree import HOSTILE, Element, read

from simcore.baseline import Baseline
from simcore.cli import cli
from simcore.data_page import (
    CONCEPTS,
    KINDS,
    PRICES,
    STRENGTHS,
    VALUES,
    counts,
    data_page,
    printed_period,
    printed_value,
    write_data_page,
)
from simcore.entries import Figure
from simcore.errors import InputError, RunError
from simcore.fit import ConflictRow, conflicts, fit_table
from simcore.labels import use_language
from simcore.posterior import Posterior
from simcore.printed_units import Units, printed_amount, printed_unit
from simcore.resources import calibration_document
from simcore.strict import validated

pytestmark = pytest.mark.usefixtures("in_english")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module", autouse=True)
def found(posterior: Posterior) -> Iterator[list[ConflictRow]]:
    """What the reconciliation makes of the figures is the same on every page here."""
    fits, rows = fit_table(posterior), conflicts(posterior)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.data_page.fit_table", lambda _: fits)
        patch.setattr("simcore.data_page.conflicts", lambda _: rows)
        yield rows


@pytest.fixture(scope="module")
def page(posterior: Posterior) -> str:
    use_language("en")
    return data_page(posterior)


@pytest.fixture(scope="module")
def tree(page: str) -> Element:
    return read(page)


@pytest.fixture(scope="module")
def rows(tree: Element) -> dict[str, Element]:
    (table,) = tree.find("table", id="figures")
    (body,) = table.find("tbody")
    found = [row for row in body.children if isinstance(row, Element)]
    assert len({row.attributes["id"] for row in found}) == len(found)
    return {str(row.attributes["id"]): row for row in found}


@pytest.fixture(scope="module")
def pairs(tree: Element) -> list[list[str]]:
    (script,) = tree.find("script", id="texts")
    found: list[list[str]] = json.loads(script.text)
    return found


def cell(row: Element, name: str) -> Element:
    (found,) = (one for one in row.walk() if one.attributes.get("class") == name)
    return found


def with_figure(posterior: Posterior, **changes: Any) -> Posterior:
    """The same reconciliation with the first figure changed in what it says."""
    past = posterior.problem.past
    figures = dict(past.baseline.figures)
    first = next(iter(figures))
    figures[first] = figures[first].model_copy(update=changes)
    changed = replace(past.baseline, figures=figures)
    fresh = type(past)(changed, past.priors)
    return replace(posterior, problem=replace(posterior.problem, past=fresh))


# --- what is on it --------------------------------------------------------------------------------


def test_every_figure_stands_once_in_the_order_of_the_documents(
    rows: dict[str, Element], baseline: Baseline
) -> None:
    assert list(rows) == list(baseline.figures)


def test_a_row_says_what_the_entry_says(rows: dict[str, Element], baseline: Baseline) -> None:
    for name, row in rows.items():
        figure = baseline.figures[name]
        head, place = cell(row, "figure").text, cell(row, "place").text
        assert figure.term in head
        assert name in head
        assert figure.note in head
        assert baseline.indicators[figure.indicator].label.en in cell(row, "indicator").text
        assert CONCEPTS[figure.concept].en in cell(row, "indicator").text
        assert baseline.zones[figure.zone].label.en in cell(row, "zone").text
        assert printed_value(figure).en in cell(row, "value").text
        assert PRICES[figure.price_basis].en in cell(row, "value").text
        assert cell(row, "period").text == printed_period(figure)
        assert cell(row, "kind").text == KINDS[figure.kind].en + (figure.strength or "")
        assert place == (
            f"{figure.source.document}{figure.source.section}, line {figure.source.line}"
        )
        assert bool(row.find("a", href=f"#{figure.same_as}")) == bool(figure.same_as)


def test_filters_find_rows_by_what_the_entry_says(
    tree: Element, rows: dict[str, Element], baseline: Baseline
) -> None:
    for name, row in rows.items():
        figure = baseline.figures[name]
        found = {key: row.attributes[f"data-{key}"] for key in ("zone", "indicator", "kind")}
        assert found == {
            "zone": figure.zone, "indicator": figure.indicator, "kind": figure.kind,
        }  # fmt: skip
        assert row.attributes["data-document"] == figure.source.document
    for key in ("zone", "document", "indicator", "kind", "use"):
        (select,) = tree.find("select", id=f"by-{key}")
        options = {option.attributes["value"] for option in select.find("option")}
        used = {row.attributes[f"data-{key}"] for row in rows.values()}
        assert used <= options
        if key != "use":
            assert options - {""} == used  # no choice that finds nothing


def test_the_model_s_use_of_a_figure(rows: dict[str, Element], posterior: Posterior) -> None:
    use = {name: row.attributes["data-use"] for name, row in rows.items()}
    evidence = {one.figure.id for one in posterior.problem.observations}
    assert {name for name, one in use.items() if one == "evidence"} == evidence
    assert {name for name, row in rows.items() if "fitted" in row.text} >= evidence
    figures = posterior.problem.past.baseline.figures
    for name, figure in figures.items():
        if figure.same_as:
            assert use[name] == "repetition"
        elif figure.kind in ("target", "plan_annual"):
            assert use[name] == "goal"
        elif name in posterior.problem.unused:
            met = name in posterior.problem.past.satellites.met
            assert use[name] == ("satellite" if met else "beside")
            assert posterior.problem.unused[name] in cell(rows[name], "use").text
    assert re.search(r"fitted 2,715\.\d\d \(2,7.*\), z [+-]0\.0", rows["donghu.gdp.2023"].text)


def test_figures_of_a_conflict_name_it(
    rows: dict[str, Element], posterior: Posterior, found: list[ConflictRow]
) -> None:
    assert found
    for conflict in found:
        label = posterior.problem.past.priors.conflicts[conflict.conflict].label
        for name in conflict.figures:
            assert f"conflict: {label.en}" in cell(rows[name], "use").text


def test_the_documents_are_named_and_counted(tree: Element, baseline: Baseline) -> None:
    table = counts(baseline)
    for name, document in baseline.documents.items():
        (row,) = tree.find("tr", id=f"document-{name}")
        for text in (document.title.en, document.title.zh, document.issuer, document.number,
                     str(document.published)):  # fmt: skip
            assert text in row.text
        kinds = Counter(
            figure.kind for figure in baseline.figures.values() if figure.source.document == name
        )
        assert table[name] == {kind: kinds[kind] for kind in table[name]}
        assert row.find("td")[-1].text == str(kinds.total())
    assert f"{len(baseline.figures)} figures of {len(baseline.documents)}" in tree.text


@pytest.mark.parametrize(
    ("name", "labels"),
    [("kind", KINDS), ("concept", CONCEPTS), ("price_basis", PRICES), ("qualifier", VALUES)],
)
def test_every_word_of_an_entry_has_a_label(name: str, labels: dict[str, Any]) -> None:
    assert set(labels) == set(get_args(Figure.model_fields[name].annotation))


def test_units_are_translated_where_they_scale_a_number(baseline: Baseline) -> None:
    units = validated(Units, calibration_document("units")).units
    printed = {figure.unit for figure in baseline.figures.values()}
    assert set(units) <= printed
    for unit in printed:  # whatever is printed, nothing of it is Chinese where English is read
        assert not re.search("[\u4e00-\u9fff]", printed_unit(unit).en), unit
        assert not re.search("[\u4e00-\u9fff]", printed_amount("5", unit).en), unit
    scaled = {unit for unit in printed if unit[0] in "万亿"}
    assert scaled <= set(units)
    for unit in scaled:
        power = {"万亿": "1e12", "亿": "1e8", "万": "1e4"}[re.match("万?亿|万", unit)[0]]  # type: ignore[index]
        assert units[unit].startswith(f"{power} ")


def test_every_strength_has_a_label() -> None:
    literal, _ = get_args(Figure.model_fields["strength"].annotation)
    assert set(STRENGTHS) == set(get_args(literal))


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        ({"value": 1234567.5, "unit": "元"}, "1234567.5 元", "1234567.5 元"),
        ({"value": 28.0, "unit": "%"}, "28.0 %", "28.0 %"),
        ({"value": 1, "value_high": 2, "unit": "家"}, "1–2 家", "1–2 家"),
        ({"value": 1e-05, "unit": "倍"}, "0.00001 倍", "0.00001 倍"),
        ({"value": 5, "unit": "家", "qualifier": "about"}, "about 5 家", "5 家 左右"),
        ({"value": 5, "unit": "个", "qualifier": "aspire"}, "aim at 5 个", "力争达到 5 个"),
        ({"value": None, "qualifier": "none_given"}, "no number given", "未给出数值"),
    ],
)  # fmt: skip
def test_value_in_words(changes: dict[str, Any], en: str, zh: str, baseline: Baseline) -> None:
    figure = baseline.figures["donghu.gdp.2023"].model_copy(update=changes)
    label = printed_value(figure)
    assert (label.en, label.zh) == (en, zh)


# --- both languages -------------------------------------------------------------------------------


def test_every_text_is_there_in_both_languages(tree: Element, pairs: list[list[str]]) -> None:
    marked = [element for element in tree.walk() if "data-t" in element.attributes]
    assert len(marked) > 1000
    for element in marked:
        english, chinese = pairs[int(element.attributes["data-t"] or "")]
        if element.attributes.get("id") != "counter":
            assert element.text == english
        counted = chinese == "" and element.tag == "span"  # an English word for a printed unit
        assert counted or re.search(r"[\u4e00-\u9fff]", chinese), english


def test_chinese_page_shows_the_other_texts(posterior: Posterior, pairs: list[list[str]]) -> None:
    use_language("zh")
    tree = read(data_page(posterior))
    (html,) = tree.find("html")
    assert html.attributes["lang"] == "zh-CN"
    (texts,) = tree.find("script", id="texts")
    assert json.loads(texts.text) == pairs
    shown = [one for one in tree.walk() if "data-t" in one.attributes]
    assert all(
        one.text == pairs[int(one.attributes["data-t"] or "")][1]
        for one in shown
        if one.attributes.get("id") != "counter"
    )


# --- safe, alone, well made -----------------------------------------------------------------------


def test_ids_are_unique_and_inner_links_lead_somewhere(tree: Element) -> None:
    ids = Counter(one.attributes["id"] for one in tree.walk() if "id" in one.attributes)
    assert {name for name, count in ids.items() if count > 1} == set()
    links = {str(link.attributes["href"]) for link in tree.find("a")}
    assert {link for link in links if link[0] != "#" or link[1:] not in ids} == set()


def test_controls_are_labelled(tree: Element) -> None:
    named = {label.attributes["for"] for label in tree.find("label")}
    controls = tree.find("select") + tree.find("input")
    assert len(controls) == 7
    assert {control.attributes["id"] for control in controls} == named


def test_the_page_loads_nothing(page: str, tree: Element) -> None:
    assert not re.search(r"https?:|url\(|@import|\bfetch\(|XMLHttpRequest", page)
    loading = {"src", "srcset", "action", "data", "poster"}
    assert not [one for one in tree.walk() if loading & set(one.attributes)]
    assert [one.attributes["href"] for one in tree.find("link")] == ["data:,"]
    (policy,) = (one for one in tree.find("meta") if "http-equiv" in one.attributes)
    assert "default-src 'none'" in str(policy.attributes["content"])


def test_the_page_is_small(page: str) -> None:
    assert len(page.encode()) < 800_000


def test_what_an_entry_says_is_text_and_nothing_else(posterior: Posterior) -> None:
    changed = with_figure(posterior, term=HOSTILE, note=HOSTILE, unit=HOSTILE, qualifier="over")
    tree = read(data_page(changed))
    assert len(tree.find("script")) == 2
    assert not tree.find("img")
    (table,) = tree.find("table", id="figures")
    row = table.find("tr")[1]
    assert HOSTILE in cell(row, "figure").text
    assert HOSTILE in cell(row, "value").text
    (texts,) = tree.find("script", id="texts")
    assert any(HOSTILE in english for english, _ in json.loads(texts.text))


# --- written --------------------------------------------------------------------------------------


def test_a_page_that_exists_is_replaced_with_force_alone(
    posterior: Posterior, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "figures.html"
    write_data_page(path, posterior)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="exists; --force replaces it"):
        write_data_page(path, posterior)
    assert path.read_text(encoding="utf-8") == "mine"
    write_data_page(path, posterior, force=True)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_page_that_cannot_be_written_is_one_line(posterior: Posterior) -> None:
    with pytest.raises(RunError, match=r"figures\.html: cannot be written: "):
        write_data_page(Path("/proc/figures.html"), posterior)


@pytest.mark.parametrize(("name", "shown"), [("en", "English"), ("zh", "中文")])
def test_the_command_writes_in_the_language_asked_for(
    name: str, shown: str, posterior: Posterior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simcore.reconcile.reconcile", lambda: posterior)
    path = tmp_path / "figures.html"
    words = ["baselines", "page", "-o", str(path), "--lang", name]
    assert CliRunner().invoke(cli, words).exit_code == 0
    (html,) = read(path.read_text(encoding="utf-8")).find("html")
    assert str(html.attributes["lang"]).startswith(name)
    again = CliRunner().invoke(cli, words)
    assert again.exit_code == 2
    assert "--force" in again.stderr


# --- in a browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browse(page: str, posterior: Posterior, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Open a page, with what stands behind its ``#``, and return it as its script leaves it."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    place = tmp_path_factory.mktemp("browser")

    def opened(address: str, text: str = page) -> Element:
        path = place / "figures.html"
        path.write_text(text, encoding="utf-8")
        command = [
            str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom",
            f"--user-data-dir={place / 'profile'}", f"{path.as_uri()}{address}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return read(done.stdout)

    return opened


def counter(tree: Element) -> str:
    (found,) = tree.find("p", id="counter")
    return found.text


def visible(tree: Element) -> list[str]:
    (table,) = tree.find("table", id="figures")
    (body,) = table.find("tbody")
    return [str(row.attributes["id"]) for row in body.find("tr") if "hidden" not in row.attributes]


@pytest.mark.slow
def test_the_address_filters_and_sorts(browse: Any, baseline: Baseline) -> None:
    tree = browse("#zone=donghu&indicator=gdp&sort=-value")
    wanted = [
        figure
        for figure in baseline.figures.values()
        if figure.zone == "donghu" and figure.indicator == "gdp"
    ]
    found = visible(tree)
    assert sorted(found) == sorted(figure.id for figure in wanted)
    values = [float(baseline.figures[name].value or 0) for name in found]
    assert values == sorted(values, reverse=True)
    assert counter(tree) == f"{len(wanted)} of {len(baseline.figures)} shown"


@pytest.mark.slow
def test_the_address_searches_in_the_other_language(browse: Any, baseline: Baseline) -> None:
    tree = browse("#text=resident+income&lang=zh")
    found = visible(tree)
    assert found
    assert {baseline.figures[name].indicator for name in found} == {"income"}
    assert counter(tree) == f"显示{len(found)}条，共{len(baseline.figures)}条"


@pytest.mark.slow
def test_hostile_entries_do_nothing_in_a_browser(browse: Any, posterior: Posterior) -> None:
    changed = with_figure(posterior, term=HOSTILE, note=HOSTILE, unit=HOSTILE, qualifier="over")
    tree = browse("#lang=zh", data_page(changed))
    assert len(tree.find("script")) == 2
    assert not tree.find("img")
    assert HOSTILE in tree.find("table", id="figures")[0].text
