"""The report in a browser: drawn without a network, toggled, in both languages, accessible."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from html_tree import HOSTILE

from simcore.baseline import Baseline
from simcore.labels import Label, use_language
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.report_gathering import contents
from simcore.report_page import chart_script, report_page
from simcore.scenario import load_scenario

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("vl_convert", reason="the extra simcore[report] is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = importlib.util.find_spec("axe_playwright_python")
WAIT = 120_000  # ms; a machine may be busy
if CHROMIUM is None:
    pytest.skip("chromium is not installed", allow_module_level=True)


@dataclass
class Opened:
    """A page of a browser without a network, and everything that went wrong on it."""

    page: Any
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def ready(self, language: str) -> None:
        self.page.wait_for_selector(f"html[data-ready={language}]", timeout=WAIT)

    def lines(self, figure: str) -> int:
        """How many lines, bands and points a figure draws."""
        return len(self.page.query_selector_all(f"#{figure} .chart svg path[d*='L'], "
                                                f"#{figure} .mark-symbol path"))  # fmt: skip

    def chosen(self, numbers: str) -> None:
        self.page.wait_for_selector(f"html[data-chosen='{numbers}']", timeout=WAIT)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as program:
        found = program.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield found
        found.close()


@pytest.fixture(scope="module")
def browse(browser: Any) -> Iterator[Callable[[Path], Opened]]:
    """Open a file with the network cut, and wait until it is drawn."""
    contexts = []

    def opened(path: Path, language: str = "en", **settings: Any) -> Opened:
        context = browser.new_context(offline=True, **settings)
        contexts.append(context)
        found = Opened(context.new_page())
        found.page.on(
            "console", lambda said: said.type == "error" and found.faults.append(said.text)
        )
        found.page.on("pageerror", lambda error: found.faults.append(str(error)))
        found.page.on("dialog", lambda dialog: found.faults.append(dialog.message))
        found.page.on("request", lambda request: found.asked.append(request.url))
        found.page.goto(path.as_uri())
        found.ready(language)
        return found

    yield opened
    for context in contexts:
        context.close()


def written(
    posterior: Posterior, baseline: Baseline, place: Path, language: str, hostile: bool
) -> Path:
    scenarios = [load_scenario(name, baseline) for name in ("baseline", "growth-5", "chip-shock")]
    if hostile:
        bad = Label(HOSTILE, HOSTILE)
        events = [e.model_copy(update={"name": HOSTILE}) for e in scenarios[2].events]
        scenarios[2] = scenarios[2].model_copy(
            update={"label": bad, "question": bad, "events": events}
        )
    plan = Plan(tuple(scenarios), 200, 7, posterior, block_draws=256)
    produce(plan, place / "x.h5", workers=1)
    use_language(language)
    report = contents(place / "x.h5", posterior, without=["sensitivity"] if hostile else [])
    path = place / "report.html"
    path.write_text(report_page(report, chart_script()), encoding="utf-8")
    use_language("en")
    return path


@pytest.fixture(scope="module")
def file(posterior: Posterior, baseline: Baseline, tmp_path_factory: Any) -> Path:
    return written(posterior, baseline, tmp_path_factory.mktemp("browser"), "en", hostile=False)


@pytest.fixture(scope="module")
def opened(file: Path, browse: Callable[..., Opened]) -> Opened:
    return browse(file)


def test_every_chart_is_drawn_without_a_network(opened: Opened, file: Path) -> None:
    charts = opened.page.query_selector_all(".chart")
    assert len(charts) == 20
    for chart in charts:
        marks = chart.query_selector_all("svg path, svg text")
        assert len(marks) > 20, chart.get_attribute("data-chart")
        box = chart.query_selector("svg").bounding_box()
        assert box["width"] > 250
        assert box["height"] > 80
    assert opened.faults == []
    assert {url.partition(":")[0] for url in opened.asked} <= {"file", "data"}
    assert file.stat().st_size < 3_000_000


def test_no_part_of_a_chart_reaches_beyond_the_page(opened: Opened) -> None:
    width = opened.page.evaluate("document.documentElement.scrollWidth")
    assert width <= opened.page.viewport_size["width"]


def test_a_scenario_is_toggled_by_keyboard(opened: Opened) -> None:
    whole = {name: opened.lines(name) for name in ("fan-gdp", "industries-donghu", "goals-donghu")}
    box = opened.page.query_selector("#choice input[value='1']")
    box.focus()
    opened.page.keyboard.press("Space")
    opened.chosen("0 2")
    for name, count in whole.items():
        assert 0 < opened.lines(name) < count, name
    off = opened.page.query_selector("#fan-gdp .legend .off").inner_text()
    assert off.strip() == "GDP grows 5 % a year"
    opened.page.keyboard.press("Space")
    opened.chosen("0 1 2")
    assert {name: opened.lines(name) for name in whole} == whole
    assert opened.faults == []


def test_hovering_shows_the_numbers(opened: Opened) -> None:
    opened.page.query_selector("#fan-gdp .chart").scroll_into_view_if_needed()
    points = opened.page.query_selector_all("#fan-gdp .chart .mark-symbol path")
    points[-1].hover(force=True)
    shown = opened.page.wait_for_selector("#vg-tooltip-element.visible", timeout=WAIT).inner_text()
    assert "1650 亿元" in shown
    assert "jingkai-14fyp-2021" in shown
    assert "line 76" in shown


def test_the_keyboard_reaches_languages_scenarios_and_numbers(opened: Opened) -> None:
    opened.page.focus(".skip")
    reached = set()
    for _ in range(40):
        reached.add(
            opened.page.evaluate(
                "(e => e.dataset.language || e.className || e.tagName)(document.activeElement)"
            )
        )
        opened.page.keyboard.press("Tab")
    assert {"skip", "en", "zh", "INPUT", "A", "scroll", "SUMMARY"} <= reached


def test_the_other_language_takes_over_charts_and_texts(opened: Opened) -> None:
    page = opened.page
    page.click("[data-language=zh]")
    opened.ready("zh")
    assert page.inner_text("h1") == "芯片供应中断会给两区带来多大损失？"
    assert "东湖高新区" in page.inner_html("#fan-gdp .chart svg")
    assert "东湖高新区" in str(page.get_attribute("#fan-gdp .chart", "aria-label"))
    assert "光电子信息" in page.inner_html("#industries-donghu .chart svg")
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert "⟦" not in page.inner_html("main")
    page.click("[data-language=en]")
    opened.ready("en")
    assert "东湖高新区" not in page.inner_html("#fan-gdp .chart svg")
    assert opened.faults == []


def test_print_hides_what_paper_cannot_do(opened: Opened) -> None:
    opened.page.emulate_media(media="print")
    for hidden in ("#choice", "nav", ".languages", "#fan-gdp details"):
        assert not opened.page.is_visible(hidden)
    assert opened.page.is_visible("#fan-gdp .chart svg")
    assert opened.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    opened.page.emulate_media(media="screen")


@pytest.mark.skipif(AXE is None, reason="axe-playwright-python is not installed")
def test_axe_finds_no_serious_fault(opened: Opened) -> None:
    assert AXE is not None
    source = Path(str(AXE.origin)).with_name("axe.min.js").read_text("utf-8")
    for name in ("fan-gdp", "industries-donghu", "goals-donghu", "drivers", "bridge-growth"):
        opened.page.evaluate(f"document.querySelector('#{name} details').open = true")
    opened.page.evaluate(source)
    found = opened.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    faults = [
        (one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found["violations"]
    ]
    assert len(found["passes"]) > 20
    assert faults == []


def test_hostile_texts_do_nothing_in_either_language(
    posterior: Posterior, baseline: Baseline, browse: Callable[..., Opened], tmp_path: Path
) -> None:
    path = written(posterior, baseline, tmp_path, "zh", hostile=True)
    found = browse(path, "zh", viewport={"width": 390, "height": 800})
    assert found.page.inner_text("h1") == HOSTILE
    assert found.page.query_selector_all("img") == []
    assert len(found.page.query_selector_all("script")) == 4
    assert HOSTILE[:30] in found.page.text_content("#bridge-levers .chart svg")
    assert found.page.evaluate("document.documentElement.scrollWidth") <= 390
    found.page.click("[data-language=en]")
    found.ready("en")
    assert found.faults == []
