"""Words of a report: scenarios, levers, events and settings in both languages."""

from __future__ import annotations

import re

import pytest

from simcore.baseline import Baseline
from simcore.labels import Label
from simcore.levers import Event, Scenario
from simcore.priors import load_priors
from simcore.report_bridges import setting_label
from simcore.report_words import number_text, points_in_words, story
from simcore.scenario import load_scenario

pytest.importorskip("altair", reason="the extra simcore[report] is not installed")
pytestmark = pytest.mark.usefixtures("in_english")


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


def test_numbers_have_the_digits_that_a_reader_needs() -> None:
    assert [number_text(value) for value in (99.94, 99.96, 1234567.0, float("nan"), None)] == [
        "99.9", "100", "1,234,567", "–", "–",
    ]  # fmt: skip
