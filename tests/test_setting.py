"""Settings of the live page: bounded, and written so that nothing typed can break the file."""

from __future__ import annotations

import shlex

import pytest

from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.scenario import parse_scenario
from simcore.setting import DIALS, Sampled, Setting, Shock

pytestmark = pytest.mark.usefixtures("in_english")

SAMPLED = Sampled(300, 7, "random")
HOSTILE = (
    '<img src=x onerror="alert(1)">', 'a", zh: b}\nlevers: {}', "../../etc/passwd", "C:\\x",
    "{{7*7}}", "日本 & 武汉", "'; drop", "\u2028\x00\x1b[31m", "$$\\alpha$$", "# no comment", "*",
    "-", "  ",
)  # fmt: skip


def test_a_setting_says_what_its_dials_say(baseline: Baseline) -> None:
    shock = Shock(-20, 30, 2026, "optoelectronics")
    dials = {"gdp_growth": 5.0, "rnd_growth": 12.5, "inflation": 2.1}
    setting = Setting("slow start", "donghu", dials, "centre", shock)
    scenario = parse_scenario(setting.text(SAMPLED), "x.yaml", baseline)
    levers = scenario.levers["donghu"]
    assert (levers.gdp_growth.value, levers.gdp_growth.mode) == (pytest.approx(0.05), "centre")
    assert (levers.rnd_growth.value, levers.rnd_growth.until) == (pytest.approx(0.125), 2030)
    assert levers.investment_rate is levers.labour_growth is levers.rnd_intensity is None
    assert scenario.assumptions.inflation.value == pytest.approx(0.021)
    (event,) = scenario.events
    assert (event.zone, event.industry, event.year) == ("donghu", "optoelectronics", 2026)
    assert (event.size, event.probability) == (pytest.approx(-0.2), pytest.approx(0.3))
    assert (scenario.sampling.draws, scenario.sampling.seed) == (300, 7)


def test_nothing_is_asked_unless_a_dial_is_on(baseline: Baseline) -> None:
    scenario = parse_scenario(Setting().text(SAMPLED), "x.yaml", baseline)
    assert scenario.levers == {}
    assert scenario.events == []
    assert not Setting().asks


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_people_type_stays_a_name(typed: str, baseline: Baseline) -> None:
    setting = Setting(typed, dials={"gdp_growth": 5.0})
    scenario = parse_scenario(setting.text(SAMPLED), "x.yaml", baseline)
    assert scenario.label.en == scenario.label.zh == setting.title
    assert "\n" not in setting.title
    assert not set(scenario.name) & set("<>\"'&{}/\\\n$")
    assert scenario.levers["*"].gdp_growth.value == pytest.approx(0.05)


def test_long_names_are_cut(baseline: Baseline) -> None:
    assert len(Setting("a" * 5000).title) == 60


@pytest.mark.parametrize(("typed", "name"), [("baseline", "what-if"), ("", "current setting")])
def test_a_setting_is_never_called_as_the_baseline(typed: str, name: str) -> None:
    assert Setting(typed).name == name


@pytest.mark.parametrize("value", [1e9, -1e9, float("nan"), float("inf")])
@pytest.mark.parametrize("dial", DIALS)
def test_dials_are_bounded(dial: str, value: float) -> None:
    with pytest.raises(InputError, match="lies outside"):
        Setting(dials={dial: value})


@pytest.mark.parametrize(
    "shock", [Shock(-80, 30, None), Shock(-10, 0, None), Shock(-10, 101, 2026)]
)
def test_shocks_are_bounded(shock: Shock) -> None:
    with pytest.raises(InputError, match="lies outside"):
        Setting(shock=shock)


def test_the_ends_of_every_dial_can_be_run(baseline: Baseline) -> None:
    for name, dial in DIALS.items():
        for value in (dial.low, dial.high):
            parse_scenario(Setting(dials={name: value}).text(SAMPLED), "x.yaml", baseline)


def test_the_command_says_draws_seed_and_sampler() -> None:
    words = shlex.split(Sampled(300, 7, "sobol").command("x.yaml"))
    assert words[:3] == ["simcore", "run", "x.yaml"]
    assert words[3:] == ["-n", "300", "--seed", "7", "--sampler", "sobol", "-o", "x.h5"]
