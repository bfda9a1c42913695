"""The live page in a browser: what moves, what is offered, what is refused, in both languages."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from command_line import PNG, invoke, refused

from simcore.dataset import open_results
from simcore.quantiles import sorted_quantiles

pytest.importorskip("panel", reason="the live page needs simcore[app]")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = importlib.util.find_spec("axe_playwright_python")
DRAWS, SEED, PATIENCE = 200, 7, 60_000
EVIL = "<img src=x onerror=window.hacked=1>"
SOURCE = """name => { for (const document of Bokeh.documents) for (const model of
    document._all_models.values()) if (model.name === name && model.data)
    return Object.fromEntries(Object.entries(model.data).map(([key, v]) => [key, [...v]])); }"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``simcore serve`` on a free port, and its address."""
    words = ["serve", "--port", "0", "--no-open", "-n", DRAWS, "--seed", SEED, "-o", "kept"]
    child = subprocess.Popen(
        [sys.executable, "-m", "simcore", *map(str, words)], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, line + child.communicate(timeout=10)[1]
        yield child, found[0]
    finally:
        child.kill()
        child.communicate(timeout=10)


@pytest.fixture(scope="module")
def address(process: tuple[subprocess.Popen[str], str]) -> str:
    return process[1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    sync = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with sync.sync_playwright() as play:
        found = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield found
        found.close()


class Tab:
    """A tab of the page, and everything that went wrong in it."""

    def __init__(self, browser: Any, address: str) -> None:
        self.context = browser.new_context(viewport={"width": 1400, "height": 1000})
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)
        self.address = address

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.wrong.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "blob:", "data:", "ws://127.0.0.1")):
            self.wrong.append(f"asks {request.url}")

    def open(self, query: str = "") -> Tab:
        self.page.goto(self.address + query)
        self.page.wait_for_selector(".lever input[type=range]")
        self.page.wait_for_function(f"() => ({SOURCE})('current')?.year.length > 0")
        return self

    def source(self, name: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = self.page.evaluate(SOURCE, name)
        return found

    def lever(self, label: str) -> Any:
        return self.page.locator(f".lever input[type=range][aria-label^='{label}']")

    def drag(self, label: str, value: float) -> None:
        self.lever(label).evaluate(
            "(range, value) => { range.value = value; range.dispatchEvent(new Event('input')); }",
            value,
        )

    def until(self, condition: str, argument: Any = None) -> None:
        self.page.wait_for_function(condition, arg=argument)

    def drag_until_seen(self, label: str, value: float, column: str = "q50") -> None:
        """Drag a lever and wait until the fan is another."""
        before = self.source("current")[column]
        self.drag(label, value)
        self.until(
            f"([name, before]) => String(({SOURCE})('current')[name]) !== before",
            [column, ",".join(map(str, before))],
        )

    def says(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    @property
    def file(self) -> str:
        return str(self.page.locator("pre").first.inner_text())

    def save(self, name: str) -> None:
        self.page.get_by_label("name of this setting").fill(name)
        self.page.get_by_role("button", name="save this setting").click()

    def reset(self) -> None:
        """Turn every lever off and remove what is saved; nothing must have gone wrong."""
        for box in self.page.locator(".lever input[type=checkbox]:checked").all():
            box.uncheck()
        away = self.page.get_by_role("button", name=re.compile("^(remove|删除)"))
        while left := away.count():
            away.first.click()
            away.nth(left - 1).wait_for(state="detached")
        self.until(
            f"() => String(({SOURCE})('current').q50) === String(({SOURCE})('baseline').q50)"
        )
        assert self.wrong == []


@pytest.fixture(scope="module")
def one(browser: Any, address: str) -> Tab:
    return Tab(browser, address).open()


@pytest.fixture(scope="module")
def chinese(browser: Any, address: str) -> Tab:
    return Tab(browser, address).open("?lang=zh")


@pytest.fixture
def tab(one: Tab) -> Iterator[Tab]:
    yield one
    one.reset()


@pytest.fixture
def other(chinese: Tab) -> Iterator[Tab]:
    yield chinese
    chinese.reset()


@pytest.mark.browser
def test_the_slider_moves_the_fan_and_the_file_gives_the_same(
    tab: Tab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_once: None
) -> None:
    assert tab.source("current")["q50"] == tab.source("baseline")["q50"]
    tab.drag_until_seen("real GDP growth", 5)
    tab.says("gdp_growth: 5%")
    shown, usual = tab.source("current"), tab.source("baseline")
    place = shown["year"].index(2030)
    width = [fan["q95"][place] - fan["q05"][place] for fan in (shown, usual)]
    assert width[0] < width[1] / 2
    monkeypatch.chdir(tmp_path)
    Path("setting.yaml").write_text(tab.file, encoding="utf-8")
    words = shlex.split(tab.page.locator("pre").nth(1).inner_text())
    invoke(*words[1:], "--workers", 1)
    with open_results("setting.h5") as dataset:
        draws = dataset["gdp"].isel(scenario=0).sel(zone="donghu", year=2030).values
    assert draws.shape == (DRAWS,)
    known = sorted_quantiles(draws, (0.05, 0.25, 0.5, 0.75, 0.95)).tolist()
    assert [shown[name][place] for name in ("q05", "q25", "q50", "q75", "q95")] == known


@pytest.mark.browser
def test_the_goals_follow(tab: Tab) -> None:
    row = tab.page.locator("tr", has_text="real GDP growth").first
    before = row.inner_text()
    tab.drag("real GDP growth", 8)
    row.get_by_text("on track").wait_for()
    assert row.inner_text() != before
    assert "100 %" in row.inner_text()
    tab.page.locator(".lever input[type=checkbox]").first.uncheck()
    tab.until(f"() => String(({SOURCE})('current').q50) === String(({SOURCE})('baseline').q50)")


@pytest.mark.browser
def test_growth_on_average_keeps_the_width(tab: Tab) -> None:
    tab.drag_until_seen("real GDP growth", 5)
    narrow = tab.source("current")
    tab.page.get_by_label("GDP growth is met").select_option(label="on average (centre)")
    tab.says("mode: centre")
    tab.page.get_by_text("Growth is centred roughly").wait_for(state="detached")
    wide = tab.source("current")
    tab.page.get_by_label("GDP growth is met").select_option(label="in every draw (set)")
    tab.page.locator("pre", has_text="gdp_growth: 5%").first.wait_for()
    assert tab.source("current")["q50"] == narrow["q50"]
    assert wide["q95"][-1] - wide["q05"][-1] > 2 * (narrow["q95"][-1] - narrow["q05"][-1])


@pytest.mark.browser
def test_names_that_people_type_do_nothing(tab: Tab, folder: Path) -> None:
    tab.drag_until_seen("R&D spending", 12)
    tab.save(EVIL)
    tab.page.get_by_role("button", name=f"remove {EVIL}").wait_for()
    tab.save("../../../evil{{7*7}}$$x$$")
    tab.page.get_by_role("button", name="remove ../").wait_for()
    tab.page.get_by_label("name of this setting").fill(EVIL)
    tab.page.get_by_label("name of this setting").press("Enter")
    tab.page.locator("pre", has_text="onerror").wait_for()
    tab.page.mouse.move(900, 300)  # over the picture: what it says of a point is no markup
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="picture (PNG)").click()
    assert Path(download.value.path()).read_bytes().startswith(PNG)
    assert download.value.suggested_filename == "simcore.png"
    assert tab.page.evaluate("window.hacked") is None
    assert tab.page.locator("img").count() == 0
    written = [path for path in folder.rglob("*") if path.is_file() and ".cache" not in str(path)]
    assert {path.parent for path in written} == {folder / "kept"}
    assert not [path for path in written if "evil" in path.name or "img" in path.name]


@pytest.mark.browser
def test_at_most_four_settings_are_compared(tab: Tab) -> None:
    for number in range(4):
        tab.save(f"S{number}")
        tab.page.get_by_role("button", name=f"remove S{number}").wait_for()
    assert tab.source("saved-4")["name"][0] == "S3"
    tab.save("one more")
    alert = tab.page.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text() == "4 settings are saved; remove one first"
    tab.page.get_by_role("button", name="remove S1").click()
    alert.wait_for(state="detached")
    assert [tab.source(f"saved-{n}")["name"][:1] for n in (1, 2, 3, 4)] == [
        ["S0"], ["S2"], ["S3"], [],
    ]  # fmt: skip


@pytest.mark.browser
def test_a_contradiction_is_one_line(tab: Tab) -> None:
    tab.drag_until_seen("R&D spending", 12)
    before, file = tab.source("current")["q50"], tab.file
    tab.drag("R&D over GDP", 9)
    alert = tab.page.get_by_role("alert")
    alert.wait_for()
    assert "rnd_growth and rnd_intensity both fix the R&D of donghu" in alert.inner_text()
    assert "\n" not in alert.inner_text().strip()
    assert (tab.source("current")["q50"], tab.file) == (before, file)
    tab.page.locator(".lever input[type=checkbox]").nth(2).uncheck()
    alert.wait_for(state="detached")


@pytest.mark.browser
def test_two_sessions_do_not_mix(tab: Tab, other: Tab) -> None:
    tab.drag_until_seen("real GDP growth", 9)
    tab.save("mine")
    tab.page.get_by_role("button", name="remove mine").wait_for()
    other.drag_until_seen("价格", 4)
    other.page.locator("pre", has_text="inflation").first.wait_for()
    assert tab.source("current")["q50"][-1] != other.source("current")["q50"][-1]
    assert "mine" not in other.page.content() + "".join(other.source("saved-1")["name"])
    assert other.page.get_by_role("button", name="mine").count() == 0
    assert ("gdp_growth" in tab.file, "inflation" in tab.file) == (True, False)
    assert ("gdp_growth" in other.file, "inflation" in other.file) == (False, True)
    assert other.source("baseline")["q50"] == tab.source("baseline")["q50"]


@pytest.mark.browser
def test_the_language_is_switched_in_place(tab: Tab) -> None:
    tab.drag_until_seen("real GDP growth", 6)
    fan = tab.source("current")["q50"]
    tab.page.get_by_role("button", name="中文").click()
    tab.says("政策变量")
    tab.says("地区生产总值年均实际增长")
    tab.until(f"() => ({SOURCE})('current').name[0] === '当前设置'")
    assert tab.source("current")["q50"] == fan
    assert tab.page.evaluate("document.documentElement.lang") == "zh-CN"
    assert tab.page.title() == "simcore 情景实时推演"
    assert tab.page.get_by_text("What is shown").count() == 0
    tab.page.get_by_role("button", name="English").click()
    tab.says("What is shown")


@pytest.mark.browser
@pytest.mark.skipif(AXE is None, reason="axe-playwright-python is not installed")
@pytest.mark.parametrize("name", ["tab", "other"])
def test_the_page_is_accessible(name: str, request: pytest.FixtureRequest) -> None:
    tab: Tab = request.getfixturevalue(name)
    tab.page.locator(".lever input[type=checkbox]").nth(6).check()
    tab.page.locator("pre", has_text="events").first.wait_for()
    tab.page.add_script_tag(path=Path(str(AXE.origin)).with_name("axe.min.js"))
    found = tab.page.evaluate("axe.run()")
    serious = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert serious == []
    assert {"label", "color-contrast", "button-name"} <= {rule["id"] for rule in found["passes"]}


@pytest.mark.browser
def test_levers_are_moved_by_keys(tab: Tab) -> None:
    lever = tab.lever("real GDP growth")
    lever.focus()
    lever.press("ArrowRight")
    tab.page.locator("pre", has_text="gdp_growth").first.wait_for()
    number = tab.page.locator(".lever input[type=number]").first
    number.fill("99")
    number.press("Enter")
    tab.page.locator("pre", has_text="gdp_growth: 15%").first.wait_for()


# --- the server -----------------------------------------------------------------------------------


def test_only_this_machine_and_its_own_pages_are_served(address: str) -> None:
    port = int(address.rstrip("/").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10):
        pass
    for name in {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port)}:
        if not str(name).startswith("127.") and ":" not in str(name):
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((str(name), port), timeout=10)
    asked = HTTPConnection("127.0.0.1", port, timeout=10)
    asked.request("GET", "/ws", headers={
        "Origin": "http://evil.example", "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    })  # fmt: skip
    assert asked.getresponse().status == 403
    asked.close()


def test_a_port_in_use_is_one_line(address: str) -> None:
    port = int(address.rstrip("/").rpartition(":")[2])
    assert refused("serve", "--port", port, "--no-open", "--lang", "en") == [
        f"port {port} cannot be used: Address already in use"
    ]


@pytest.mark.parametrize(
    ("words", "folder"),
    [((), "outputs"), (("--study", "mine"), "mine/results"), (("-o", "x"), "x")],
)
def test_downloads_go_where_results_go(
    words: tuple[str, ...], folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "simcore.yaml").write_text("study: 1\noutputs: results\n")
    found: list[Path] = []
    monkeypatch.setattr("simcore.server.serve", lambda live, output, **_: found.append(output))
    monkeypatch.setattr("simcore.live.Live", lambda *_, **__: None)
    monkeypatch.setattr("simcore.reconcile.reconcile", lambda: None)
    invoke("serve", *words, "--port", 0, "--no-open")
    assert [path.resolve() for path in found] == [tmp_path / folder]


@pytest.mark.parametrize("words", [("-n", 1), ("-n", 10**9), ("--port", 70000), ("--seed", -1)])
def test_bounds_of_the_options(words: tuple[str, int]) -> None:
    assert "Invalid value" in invoke("serve", *words, code=2).stderr


def test_a_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "panel", None)
    found = invoke("serve", "--no-open", "--lang", "en", code=1)
    assert found.stderr == "simcore serve needs Panel: pip install 'simcore[app]'\n"


def test_it_stops_quietly(process: tuple[subprocess.Popen[str], str]) -> None:
    """The last test: nothing is served after it, and nothing was complained of before."""
    child, _ = process
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert child.returncode == 0
    assert "Traceback" not in errors
    refusal = ("evil.example", "403 GET /ws")
    rest = [line for line in errors.splitlines() if not any(mark in line for mark in refusal)]
    assert rest == []
