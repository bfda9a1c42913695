"""The report: its numbers are the file's, its texts are escaped and in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from command_line import invoke, refused, write
from test_data_page import HOSTILE, Element, read

from simcore.assessment import targets
from simcore.baseline import Baseline
from simcore.dataset import open_results
from simcore.errors import InputError, RunError
from simcore.labels import Label, use_language
from simcore.levers import Event, Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.priors import load_priors
from simcore.production import produce
from simcore.report_basis import run_command
from simcore.report_bridges import setting_label
from simcore.report_contents import Report
from simcore.report_gathering import chosen_scenarios, contents
from simcore.report_page import chart_script, report_page
from simcore.report_series import series
from simcore.report_tables import listed
from simcore.report_words import number_text, points_in_words, story
from simcore.scenario import load_scenario

pytest.importorskip("altair", reason="the extra simcore[report] is not installed")
SCENARIOS = ("baseline", "growth-5", "chip-shock")
DRAWS = 200


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


def made(posterior: Posterior, path: Path, *scenarios: Scenario, **settings: Any) -> Path:
    plan = Plan(scenarios, DRAWS, 7, posterior, block_draws=256, **settings)
    produce(plan, path, workers=1)
    return path


@pytest.fixture(scope="module")
def file(
    posterior: Posterior, baseline: Baseline, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    chosen = [load_scenario(name, baseline) for name in SCENARIOS]
    return made(posterior, tmp_path_factory.mktemp("report") / "three.h5", *chosen)


@pytest.fixture(scope="module")
def report(file: Path, posterior: Posterior) -> Report:
    return contents(file, posterior, command="simcore report three.h5 -o three.html")


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    use_language("en")
    return report_page(report, "/* charts */")


@pytest.fixture(scope="module")
def tree(page: str) -> Element:
    return read(page)


@pytest.fixture(scope="module")
def charts(tree: Element) -> dict[str, list[dict[str, Any]]]:
    (script,) = tree.find("script", id="charts")
    found: dict[str, list[dict[str, Any]]] = json.loads(script.text)
    return found


@pytest.fixture(scope="module")
def dataset(file: Path) -> Iterator[xr.Dataset]:
    with open_results(file) as found:
        yield found.load()


def rows(table: Element) -> list[list[str]]:
    """The cells of a table's body."""
    (body,) = table.find("tbody")
    lines = [line for line in body.children if isinstance(line, Element)]
    return [[c.text for c in line.children if isinstance(c, Element)] for line in lines]


# --- numbers --------------------------------------------------------------------------------------


def test_headline_numbers_are_the_file_s(tree: Element, dataset: xr.Dataset) -> None:
    tables = tree.find("table", **{"class": "headline"})
    assert len(tables) == dataset.sizes["zone"]
    summed = dataset["output"].sum("industry", min_count=1)
    names = {
        "GDP at current prices, 100 million CNY": dataset["gdp"],
        "real GDP growth, %": dataset["gdp_growth"],
        "gross output of all industries, 100 million CNY": summed,
        "R&D spending, 100 million CNY": dataset["rnd"],
        "R&D spending over GDP, % of GDP": dataset["rnd_intensity"],
    }
    for table, zone in zip(tables, dataset["zone"].values, strict=True):
        lines = rows(table)
        assert len(lines) == len(names) * 3
        for name, year, *cells in lines:
            for cell, scenario in zip(cells, SCENARIOS, strict=True):
                draws = names[name].sel(zone=zone, year=int(year), scenario=scenario).values
                low, median, high = np.quantile(draws.astype(float), [0.05, 0.5, 0.95])
                found = [float(part) for part in re.findall(r"-?[\d.]+", ascii_numbers(cell))]
                assert found == pytest.approx([median, low, high], rel=6e-3, abs=0.006)


def ascii_numbers(text: str) -> str:
    return text.replace("−", "-").replace(",", "")


def test_charts_hold_the_file_s_quantiles(
    charts: dict[str, Any], dataset: xr.Dataset, baseline: Baseline
) -> None:
    keys = ("gdp", "gdp_growth", "rnd", "rnd_intensity")
    for name in keys:
        for panel, zone in zip(charts[f"fan-{name}"], dataset["zone"].values, strict=True):
            paths = panel["datasets"]["paths"]
            future = [row for row in paths if row["s"] >= 0]
            assert {row["s"] for row in future} == {0, 1, 2}
            for row in future[::5]:
                place = {"zone": zone, "year": row["y"], "scenario": SCENARIOS[row["s"]]}
                draws = dataset[name].sel(place).values.astype(float)
                wanted = np.quantile(draws, [0.05, 0.25, 0.5, 0.75, 0.95])
                assert [row[k] for k in "abcde"] == pytest.approx(wanted, rel=2e-5)
            past = [row["y"] for row in paths if row["s"] == -1]
            assert past[-1] == baseline.base_year == min(row["y"] for row in future)


def test_documented_points_are_the_figures(charts: dict[str, Any], baseline: Baseline) -> None:
    for panel, zone in zip(charts["fan-gdp"], baseline.zones, strict=True):
        points = {(p["y"], p["v"], p["k"]) for p in panel["datasets"]["points"]}
        assert points == {
            (f.year, f.value, "over" if f.qualifier == "over" else "is")
            for f in baseline.gdp_levels(zone)
        }  # fmt: skip


def test_every_documented_number_has_a_footnote(
    tree: Element, report: Report, baseline: Baseline
) -> None:
    (table,) = tree.find("table", **{"class": "notes"})
    lines = rows(table)
    assert len(lines) == len(report.notes) > 20
    for line, (name, note) in zip(lines, report.notes.items(), strict=True):
        figure = baseline.figures[name]
        assert line[0] == f"[{note.number}]"
        assert line[2] == figure.term
        assert line[6] == baseline.documents[figure.source.document].title.en
        assert line[7] == f"{figure.source.section}, line {figure.source.line}"
    links = {str(a.attributes["href"]) for a in tree.find("a")}
    assert {f"#note-{note.number}" for note in report.notes.values()} <= links


def test_goals_are_those_of_targets(
    report: Report, charts: dict[str, Any], dataset: xr.Dataset
) -> None:
    wanted = targets(dataset, scenario="growth-5")
    assert report.goals["growth-5"] == wanted
    shown = [
        row["p"] for zone in report.zones
        for row in charts[f"goals-{zone}"][0]["datasets"]["goals"] if row["s"] == 1
    ]  # fmt: skip
    own = [
        row.probability for zone in report.zones for row in wanted.rows
        if row.zone == zone and row.probability is not None
    ]  # fmt: skip
    assert shown == pytest.approx(own, abs=1e-5)


def test_differences_are_draw_by_draw(report: Report, dataset: xr.Dataset) -> None:
    found = {(d.indicator, d.zone, d.scenario, d.year): d for d in report.differences}
    place = {"zone": "jingkai", "year": 2030}
    gdp = dataset["gdp"].sel(place).astype(float)
    change = gdp.sel(scenario="growth-5") - gdp.sel(scenario="baseline")
    one = found["gdp", "jingkai", "growth-5", 2030]
    assert one.median == pytest.approx(float(change.median()), rel=1e-4)
    assert one.above == pytest.approx(float((change > 0).mean()))


def test_bridges_add_up_and_drivers_are_shares(report: Report) -> None:
    assert {bridge.kind for bridge in report.bridges} == {"growth", "levers"}
    assert {bridge.scenario for bridge in report.bridges} == {"chip-shock"}
    for bridge in report.bridges:
        total = sum(part.mean for part in bridge.parts)
        assert bridge.before[1] + total == pytest.approx(bridge.after[1], rel=1e-9)
    assert [one.zone for one in report.drivers] == list(report.zones)
    for found in report.drivers:
        assert {row.group for row in found.rows} == {"layer", "grade", "factor"}
        assert all(row.low <= row.total <= row.high for row in found.rows)


def test_provenance_says_how_to_make_it_again(report: Report, dataset: xr.Dataset) -> None:
    facts = dict(report.provenance.rows)
    assert facts["seed"] == "7"
    assert facts["draws"] == "200"
    assert facts["fingerprint"] == dataset.attrs["fingerprint"]
    assert report.provenance.commands == (
        "simcore run baseline growth-5 chip-shock -n 200 --seed 7 -o three.h5",
        "simcore verify three.h5",
        "simcore report three.h5 -o three.html",
    )


def test_no_run_is_claimed_for_what_is_not_shipped(dataset: xr.Dataset, baseline: Baseline) -> None:
    changed = json.loads(dataset.attrs["scenarios"])
    changed[1]["horizon"] = 2040
    attributes = dataset.attrs | {"scenarios": json.dumps(changed)}
    assert run_command(Path("x.h5"), attributes, baseline) == ""


def test_assumptions_stand_by_grade_with_their_source(report: Report, tree: Element) -> None:
    priors = load_priors()
    assert {one.name for one in report.assumptions} == set(priors.parameters) | set(priors.slacks)
    for one in report.assumptions:
        assert one.low <= one.median <= one.high
    tables = tree.find("table", **{"class": "basis"})
    lines = [line for table in tables for line in rows(table)]
    assert len(lines) == len(report.assumptions)
    depreciation = next(line for line in lines if line[0] == "capital depreciation rate")
    assert depreciation[2:5] == ["8.86", "6.56 – 10.4", "% a year"]
    assert depreciation[5].endswith("(not checked)")


# --- words ----------------------------------------------------------------------------------------


def test_a_scenario_in_words(report: Report, baseline: Baseline) -> None:
    texts = {one.name: [label.en for label in one.settings] for one in report.shown}
    assert texts["baseline"] == []
    assert texts["growth-5"] == ["all zones: real GDP growth a year 5 %"]
    assert len(texts["chip-shock"]) == 2
    assert "of which 40 % is left a year later" in texts["chip-shock"][-1]
    chinese = [label.zh for one in report.shown for label in one.settings]
    assert "各区：地区生产总值年均实际增长5%" in chinese


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("projects-delayed", "all zones: delay of major projects' preparation 1.5 years",
         "各区：重大项目前期工作延长1.5年"),
        ("firm-doubling", "East Lake High-tech: rates of promotion of firms +30 %, until 2030",
         "东湖高新区：企业晋级率+30%，至2030年"),
        ("rnd-12", "East Lake High-tech: R&D spending growth a year 12 %, until 2030",
         "东湖高新区：研发经费投入年均增长12%，至2030年"),
    ],
)  # fmt: skip
def test_levers_in_words(name: str, english: str, chinese: str, baseline: Baseline) -> None:
    found = story(load_scenario(name, baseline), baseline, load_priors()).settings
    assert english in [label.en for label in found]
    assert chinese in [label.zh for label in found]


def test_every_shipped_scenario_has_words(baseline: Baseline) -> None:
    from simcore.design import is_sweep
    from simcore.scenario import shipped_scenarios

    priors = load_priors()
    for name, path in shipped_scenarios().items():
        if not is_sweep(path):
            found = story(load_scenario(name, baseline), baseline, priors)
            assert found.question, name
            assert all(label.en and re.search(r"[\u4e00-\u9fff]", label.zh)
                       for label in found.settings), name  # fmt: skip


def test_random_events_and_behaviour_in_words(baseline: Baseline) -> None:
    scenario = Scenario(
        simcore=1, name="x", label={"en": "x", "zh": "x"},
        events=[Event(name="flood", size="-5%", probability="10%", persistence=0.2)],
        behaviour={"spillover": {"dist": "constant", "value": 0.1}},
        assumptions={"inflation": "2%"},
    )  # fmt: skip
    found = [label.en for label in story(scenario, baseline, load_priors()).settings]
    assert found == [
        "inflation (GDP deflator) a year 2 %",
        "effect of the other zones' R&D over the effect of one's own ~ constant (value 0.1)",
        "flood (any year): −5 % of value added, all zones, all industries, "
        "with a probability of 10 % a year, of which 20 % is left a year later",
    ]


def test_points_of_a_sweep_are_labelled_by_what_they_set_apart(baseline: Baseline) -> None:
    priors, base = load_priors(), load_scenario("growth-5", baseline)
    settings = [f"levers.donghu.rnd_growth={{value: {r}, until: 2030}}" for r in ("8%", "12%")]
    points = [load_scenario("growth-5", baseline, [setting]) for setting in settings]
    stories = []
    for scenario in points:
        named = scenario.model_copy(update={"label": Label(scenario.name, scenario.name)})
        stories.append(story(named, baseline, priors))
    found = points_in_words(stories)
    assert [one.label.en for one in found] == [
        "East Lake High-tech: R&D spending growth a year 8 %, until 2030",
        "East Lake High-tech: R&D spending growth a year 12 %, until 2030",
    ]
    assert {one.question for one in found} == {None}
    alone = story(base, baseline, priors)
    assert points_in_words([alone]) == (alone,)


def test_settings_are_named_by_their_place(baseline: Baseline) -> None:
    def words(name: str) -> str:
        return setting_label(name, baseline, load_priors()).en

    assert words("levers.donghu.rnd_growth") == ("R&D spending growth a year · East Lake High-tech")
    assert words("levers.jingkai.industries.automotive.tfp").startswith("automotive · added")
    assert words("levers.jingkai.projects").startswith("major projects · ")
    assert words("assumptions.inflation") == "inflation (GDP deflator) a year"
    assert words("events.a.b") == "a.b"
    assert words("something.else") == "something.else"


def test_every_text_is_there_in_both_languages(tree: Element, report: Report) -> None:
    (script,) = tree.find("script", id="texts")
    pairs = json.loads(script.text)
    marked = [one for one in tree.walk() if "data-t" in one.attributes]
    assert len(marked) > 500
    for one in marked:
        assert one.text == pairs[int(one.attributes["data-t"] or "")][0]
    use_language("zh")
    chinese = read(report_page(report, ""))
    (html,) = chinese.find("html")
    assert html.attributes["lang"] == "zh-CN"
    (heading,) = chinese.find("h1")
    assert heading.text == "芯片供应中断会给两区带来多大损失？"
    (texts,) = chinese.find("script", id="texts")
    assert json.loads(texts.text) == pairs


# --- made well ------------------------------------------------------------------------------------


def test_every_chart_has_words_a_caption_and_a_table(tree: Element, charts: dict[str, Any]) -> None:
    figures = tree.find("figure")
    assert {str(figure.attributes["id"]) for figure in figures} == set(charts)
    assert len(figures) == 12
    for figure in figures:
        assert figure.find("figcaption")[0].text
        (table,) = figure.find("table")
        assert rows(table)
        panels = [one for one in figure.find("div") if "data-chart" in one.attributes]
        assert len(panels) == len(charts[str(figure.attributes["id"])])
        for panel in panels:
            assert panel.attributes["role"] == "img"
            assert re.search(r"\d", str(panel.attributes["aria-label"]))


def test_the_page_loads_nothing(tree: Element, page: str) -> None:
    assert not re.search(r"https?:|url\(|@import|\bfetch\(|XMLHttpRequest|\beval\(", page)
    loading = {"src", "srcset", "action", "data", "poster"}
    assert not [one for one in tree.walk() if loading & set(one.attributes)]
    (policy,) = (one for one in tree.find("meta") if "http-equiv" in one.attributes)
    assert "default-src 'none'" in str(policy.attributes["content"])
    assert "unsafe-eval" not in str(policy.attributes["content"])


def test_ids_are_unique_and_inner_links_lead_somewhere(tree: Element) -> None:
    ids = [str(one.attributes["id"]) for one in tree.walk() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    assert {str(a.attributes["href"])[1:] for a in tree.find("a")} <= set(ids)
    named = {str(one.attributes["aria-labelledby"]) for one in tree.find("section")}
    assert named <= set(ids)


@pytest.fixture(scope="module")
def hostile(posterior: Posterior, baseline: Baseline, tmp_path_factory: Any) -> Path:
    """A result of a scenario all of whose texts try to become something else."""
    text = HOSTILE + "⟦0⟧"
    scenario = load_scenario("chip-shock", baseline).model_copy(
        update={"label": Label(text, text),
                "question": Label(text, text)}
    )  # fmt: skip
    events = [event.model_copy(update={"name": text}) for event in scenario.events[:1]]
    scenario = scenario.model_copy(update={"events": events, "name": "a=5%, b"})
    path = tmp_path_factory.mktemp("hostile") / "hostile.h5"
    return made(posterior, path, load_scenario("baseline", baseline), scenario)


def test_what_a_scenario_says_is_text_and_nothing_else(hostile: Path, posterior: Posterior) -> None:
    found = contents(hostile, posterior, without=["sensitivity", "targets"])
    text = report_page(found, "/**/")
    tree = read(text)
    assert len(tree.find("script")) == 4
    assert not tree.find("img")
    (heading,) = tree.find("h1")
    assert heading.text == HOSTILE + "⟦0⟧"
    (charts,) = tree.find("script", id="charts")
    assert "alert" not in charts.text  # names stand among the texts, by their numbers
    assert "</script" not in re.sub(r"</script>\n", "", text)


# --- other files ----------------------------------------------------------------------------------


def test_a_file_of_summaries_leaves_out_what_needs_draws(
    posterior: Posterior, baseline: Baseline, tmp_path: Path
) -> None:
    path = made(
        posterior, tmp_path / "summary.h5", load_scenario("baseline", baseline),
        load_scenario("growth-5", baseline), keep="summary",
    )  # fmt: skip
    found = contents(path, posterior, without=["sensitivity", "contributions"])
    assert set(found.left_out) == {
        "output", "targets", "differences", "sensitivity", "contributions",
    }  # fmt: skip
    assert found.series.fan("gdp", "donghu", "growth-5") is not None
    assert found.series.fan("output", "donghu", "growth-5") is None
    tree = read(report_page(found, ""))
    said = [one.text for one in tree.find("p", **{"class": "left-out"})]
    assert len(said) == 5
    assert any("simcore run --keep full" in text for text in said)
    assert {"fan-gdp", "industries-donghu"} <= {
        str(f.attributes["id"]) for f in tree.find("figure")
    }


def test_of_many_scenarios_six_are_drawn_and_all_listed(
    posterior: Posterior, baseline: Baseline, tmp_path: Path
) -> None:
    base = load_scenario("baseline", baseline)
    many = [base.model_copy(update={"name": f"point {i}", "horizon": 2030}) for i in range(7)]
    path = made(posterior, tmp_path / "many.h5", *many)
    found = contents(path, posterior, without=["sensitivity", "contributions", "targets"])
    assert len(found.shown) == 6
    assert [row.scenario for row in found.listed] == [f"point {i}" for i in range(7)]
    low, _, high = 0.05, 0.5, 0.95
    with open_results(path) as dataset:
        draws = dataset["gdp"].sel(scenario="point 4", zone="donghu", year=2030).values
    wanted = np.quantile(draws.astype(float), [0.5, low, high])
    assert found.listed[4].values["gdp", "donghu"] == pytest.approx(wanted, rel=1e-4)
    table = listed(found)
    assert table is not None
    assert len(table.rows) == 7


def test_the_reference_is_always_among_those_drawn() -> None:
    names = [str(i) for i in range(30)]
    assert "7" in chosen_scenarios(names, "7")
    assert len(chosen_scenarios(names, "7")) == 6


def test_weighted_draws_are_weighted(file: Path, posterior: Posterior, tmp_path: Path) -> None:
    with open_results(file) as dataset:
        whole = dataset.load()
    weight = np.zeros(DRAWS)
    weight[:50], weight[50:] = 3.0, 1.0
    whole["weight"] = whole["weight"].copy(data=np.broadcast_to(weight, whole["weight"].shape))
    whole.attrs["keep"] = "full"
    path = tmp_path / "weighted.h5"
    whole.to_netcdf(path, engine="h5netcdf")
    with open_results(path) as dataset:
        found = series(path, dataset, ["baseline"])
        wanted = dataset.simcore.fan("gdp", (0.5,)).sel(
            scenario="baseline", zone="donghu", year=2030
        )
        fan = found.fan("gdp", "donghu", "baseline")
    assert fan is not None
    at = fan.at(2030)
    assert at is not None
    assert at[1] == pytest.approx(float(wanted[0]))
    plain = np.median(whole["gdp"].sel(scenario="baseline", zone="donghu", year=2030))
    assert at[1] != pytest.approx(float(plain), rel=1e-6)
    report = contents(path, posterior, without=["targets"])
    assert report.weighted
    assert set(report.left_out) == {"targets", "sensitivity", "contributions"}
    one = next(d for d in report.differences if d.scenario == "growth-5")
    assert one.low < one.median < one.high


def test_another_calibration_is_said(file: Path, posterior: Posterior, tmp_path: Path) -> None:
    with open_results(file) as dataset:
        whole = dataset.load()
    whole.attrs["calibration"] = "0" * 64
    path = tmp_path / "other.h5"
    whole.to_netcdf(path, engine="h5netcdf")
    report = contents(path, posterior, without=["targets"])
    assert "another calibration (000000000000" in report.left_out["sensitivity"].en
    assert not report.drivers
    assert report.differences


# --- asked for wrongly ----------------------------------------------------------------------------


def test_unknown_names_are_refused(file: Path, posterior: Posterior) -> None:
    with pytest.raises(InputError, match="unknown scenario 'growth-6'; did you mean 'growth-5'"):
        contents(file, posterior, against="growth-6")
    with pytest.raises(InputError, match="unknown section 'sensitivty'; did you mean"):
        contents(file, posterior, without=["sensitivty"])


def test_the_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    with pytest.raises(RunError, match=r"needs Altair and vl-convert: pip install 'simcore\[rep"):
        chart_script()


def test_the_command_refuses_and_writes(
    file: Path, own_folder: None, read_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simcore.report_page.chart_script", lambda: "/* charts */")
    assert refused("report", file, "-o", "x.pdf") == ["x.pdf: a report ends in .html"]
    assert "x.h5" in refused("report", "x.h5", "-o", "x.html")[0]
    write("mine.html", "mine")
    assert "--force" in refused("report", file, "-o", "mine.html")[0]
    no_h5 = write("no.h5", "text")
    assert "no.h5" in refused("report", no_h5, "-o", "y.html")[0]
    words = ["report", file, "-o", "mine.html", "--force", "--against", "growth-5"]
    words += ["--without", "sensitivity", "--without", "contributions", "--without", "targets"]
    assert "mine.html" in invoke(*words, "--lang", "zh").stdout
    text = Path("mine.html").read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "--against growth-5" in text
    assert '<html lang="zh-CN">' in text


def test_numbers_have_the_digits_that_a_reader_needs() -> None:
    assert [number_text(value) for value in (99.94, 99.96, 1234567.0, float("nan"), None)] == [
        "99.9", "100", "1,234,567", "–", "–",
    ]  # fmt: skip
