"""A session of the live page without a browser: what it keeps, refuses and says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from simcore.labels import use_language
from simcore.live import FILE, Live
from simcore.posterior import Posterior
from simcore.scenario import parse_scenario
from simcore.setting import Setting, Shock

pytest.importorskip("panel", reason="the live page needs simcore[app]")
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
ONLY_JINGKAI = "automotive"
STRUCK = Setting("struck", shock=Shock(-20, 30, 2027, ONLY_JINGKAI))


class Queue:
    """A document that does what is to be done when it is told to."""

    def __init__(self) -> None:
        self.next: list[Callable[[], None]] = []
        self.later: list[Callable[[], None]] = []

    def add_next_tick_callback(self, work: Callable[[], None]) -> None:
        self.next.append(work)

    def add_timeout_callback(self, work: Callable[[], None], pause: int) -> None:
        self.later.append(work)

    def settle(self) -> None:
        """Do all that waits, what was put off last."""
        while self.next or self.later:
            (self.next or self.later).pop(0)()


@pytest.fixture(scope="module")
def live(posterior: Posterior) -> Iterator[Live]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.assembly.CENTRE_BLOCKS", 2)
        yield Live(posterior, 50, seed=7)


@pytest.fixture
def page(live: Live, tmp_path: Path) -> Iterator[Any]:
    from simcore.live_page import Page

    made = Page(live, tmp_path / "kept", "en")
    made.document = Queue()
    yield made
    use_language("en")


def strike(page: Any, industry: str) -> None:
    page.controls.size.value = -20.0
    page.controls.struck.value = industry
    page.document.settle()


def struck(page: Any) -> str:
    (event,) = page.current.scenario.events
    assert page.controls.setting("").shock.industry == event.industry
    assert f'industry: "{event.industry}"' in page.file.text
    return str(event.industry)


def test_the_struck_industry_does_not_follow_what_is_viewed(page: Any) -> None:
    assert ONLY_JINGKAI not in page.live.baseline.zones["donghu"].industries
    page.controls.zone.value = "jingkai"
    strike(page, ONLY_JINGKAI)
    page.controls.zone.value = "donghu"
    page.document.settle()
    page.controls.probability.value = 40.0
    page.document.settle()
    assert struck(page) == ONLY_JINGKAI
    page._switch("zh")
    page.document.settle()
    assert page.controls.place()[0] == "donghu"
    assert struck(page) == ONLY_JINGKAI


def test_a_saved_shock_comes_back_as_it_was(page: Any) -> None:
    page.controls.take(STRUCK)
    assert page.controls.setting("struck") == STRUCK
    unknown = Setting("x", "donghu", shock=Shock(-20, 30, 2027, "of_another_calibration"))
    page.controls.take(unknown)
    assert page.controls.setting("x") == unknown


def test_every_industry_of_the_scope_can_be_struck(page: Any) -> None:
    baseline, controls = page.live.baseline, page.controls
    assert sorted(controls.struck.options.values()) == sorted(["*", *baseline.industries])
    assert "construction of East Lake High-tech" in controls.struck.options
    controls.scope.value = "jingkai"
    known = baseline.zones["jingkai"].industries
    assert list(controls.struck.options.values()) == ["*", *known]
    assert "construction" in controls.struck.options


def test_a_struck_industry_outside_the_scope_is_refused(page: Any) -> None:
    strike(page, ONLY_JINGKAI)
    page.controls.scope.value = "donghu"
    page.document.settle()
    assert "unknown industry 'automotive'" in unescape(page.alert.object)
    assert page.controls.struck.value == ONLY_JINGKAI
    page.controls.scope.value = "jingkai"
    page.document.settle()
    assert page.alert.object == ""
    assert struck(page) == ONLY_JINGKAI


def test_the_language_keeps_the_industry_that_is_viewed(page: Any) -> None:
    place = ("jingkai", "value_added", ONLY_JINGKAI)
    page.controls.show(place)
    page._switch("zh")
    assert page.controls.place() == place
    known = page.live.baseline.zones["jingkai"].industries
    assert list(page.controls.industry.options.values()) == ["*", *known]


def test_downloads_are_called_as_the_file_that_is_offered(page: Any) -> None:
    def agree(title: str) -> None:
        page.document.settle()
        offered = parse_scenario(page.file.text, FILE, page.live.baseline)
        assert page.current.scenario == offered
        assert str(offered.label) == title

    page.controls.levers["inflation"].value = 3.0
    agree("current setting")
    page.name.value = "slow start"
    agree("slow start")
    page._save()
    agree("current setting")
    assert str(page.saved[0].scenario.label) == "slow start"
    page._done(page._switch, "zh")
    agree("当前设置")


def contradict(page: Any, rough: bool = False) -> None:
    """Make a move, and another that is refused before what the first put off is done."""
    levers = page.controls.levers
    if rough:
        page.controls.mode.value, levers["gdp_growth"].value = "centre", 5.0
    levers["rnd_growth"].value = 12.0
    for work in page.document.next[:]:
        page.document.next.remove(work)
        work()
    assert page.current.setting.dials["rnd_growth"] == 12.0
    levers["rnd_intensity"].value = 9.0
    page.document.settle()


@pytest.mark.parametrize("rough", [False, True])
def test_a_refusal_is_said_until_it_is_mended(page: Any, rough: bool) -> None:
    contradict(page, rough)
    assert "rnd_growth and rnd_intensity both fix" in page.alert.object
    assert page.controls.levers["rnd_intensity"].seen == 1
    assert not page.current.paths.rough
    page.name.value = "other"
    page.document.settle()
    page._done(page._switch, "zh")
    page.name.value = "another"
    page.document.settle()
    assert "rnd_growth" in page.alert.object
    assert "both fix" not in page.alert.object
    page.controls.levers["rnd_intensity"].value = None
    page.document.settle()
    assert page.alert.object == ""


def test_what_is_refused_is_neither_saved_nor_downloaded(page: Any) -> None:
    page._done(page._save)
    contradict(page)
    refusal = page.alert.object
    page.name.value = "mine"
    page._done(page._save)
    assert len(page.saved) == 1
    press(page)
    assert page.alert.object == refusal
    assert not page.output.exists()
    page._done(page._remove, page.saved[0])
    assert page.alert.object == refusal


def press(page: Any) -> Any:
    """Press the first download and return its button."""
    button = page.roots["settings"][-1][0]
    button.asked += 1
    page.document.settle()
    assert button.answered == button.asked
    return button


def test_what_nobody_foresaw_is_one_line_and_logged(
    page: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: Any) -> None:
        raise OSError(28, "No space left\non <device>")

    monkeypatch.setattr("simcore.live_page.result_of", fail)
    assert press(page).content == ""
    line = "OSError: [Errno 28] No space left on <device> (unforeseen; the terminal shows where)"
    assert unescape(page.alert.object) == f'<p class="alert" role="alert">{line}</p>'
    assert "in fail" in caplog.text
