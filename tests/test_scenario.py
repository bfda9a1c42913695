"""Scenarios: what they extend, what is laid on top, and who wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simcore.baseline import load_baseline
from simcore.document import Document, parse_document
from simcore.errors import InputError
from simcore.layering import joined_label, layered, setting_document
from simcore.levers import (
    Event,
    GrowthTrajectory,
    RateTrajectory,
    Scenario,
    Trajectory,
    ZoneLevers,
)
from simcore.scenario import find_scenario, load_scenario, resolve, shipped_scenarios

BASELINE = load_baseline()
YEARS = range(2024, 2036)


def document(text: str, name: str) -> Document:
    return parse_document(text, name)


def laid(later: str, earlier: str) -> Document:
    return layered(document(later, "later"), document(earlier, "earlier"))


def growth(scenario: Scenario, zone: str) -> float | None:
    lever = scenario.zone_levers(zone).gdp_growth
    return lever.value if lever else None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scenario_file(name: str, body: str, parent: str = "baseline") -> str:
    stem = Path(name).stem
    head = f"simcore: 1\nname: {stem}\nlabel: {{en: {stem}, zh: 情景{stem}}}\nextends: {parent}\n"
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(head + body, encoding="utf-8")
    return f"./{name}"


# --- layering -------------------------------------------------------------------------------------


def test_the_later_layer_wins_and_the_rest_stays() -> None:
    found = laid("levers: {donghu: {tfp: 1}, jingkai: {b: 2}}", "levers: {donghu: {tfp: 0, a: 3}}")
    assert found.data == {"levers": {"donghu": {"tfp": 1, "a": 3}, "jingkai": {"b": 2}}}
    assert found.locate(("levers", "donghu", "tfp")).file == "later"
    assert found.locate(("levers", "donghu", "a")).file == "earlier"


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        ("{'*': {g: 1}}", "{donghu: {g: 2, t: 3}}", {"donghu": {"t": 3}, "*": {"g": 1}}),
        ("{donghu: {g: 1}}", "{'*': {g: 2}}", {"*": {"g": 2}, "donghu": {"g": 1}}),
        (
            "{'*': {g: 1}, donghu: {g: 5}}", "{donghu: {g: 2}}",
            {"*": {"g": 1}, "donghu": {"g": 5}},
        ),
        (
            "{'*': {industries: {a: {growth: 1}}}}",
            "{donghu: {industries: {a: {growth: 2, tfp: 3}, b: {growth: 4}}, g: 5}}",
            {
                "donghu": {"industries": {"a": {"tfp": 3}, "b": {"growth": 4}}, "g": 5},
                "*": {"industries": {"a": {"growth": 1}}},
            },
        ),
    ],
)  # fmt: skip
def test_every_zone_of_a_later_layer_replaces_single_zones(
    later: str, earlier: str, expected: dict[str, Any]
) -> None:
    found = laid(f"levers: {later}", f"levers: {earlier}")
    assert found.data == {"levers": expected}


def test_layers_do_not_change_what_they_are_laid_on() -> None:
    earlier = document("levers: {donghu: {g: 2}}\nevents: [{name: a}]", "earlier")
    layered(document("levers: {'*': {g: 1}}\nevents: [{name: b}]", "later"), earlier)
    assert earlier.data == {"levers": {"donghu": {"g": 2}}, "events": [{"name": "a"}]}


def test_events_join_by_name() -> None:
    found = laid(
        "events: [{name: b, size: 9}, {name: c, size: 3}]",
        "events:\n- {name: a, size: 1}\n- {name: b, size: 2}",
    )
    assert [(event["name"], event["size"]) for event in found.data["events"]] == [
        ("a", 1), ("b", 9), ("c", 3)
    ]  # fmt: skip
    places = [found.locate(("events", place, "size")) for place in range(3)]
    assert [(place.file, place.line) for place in places] == [
        ("earlier", 2), ("later", 1), ("later", 1)
    ]  # fmt: skip


def test_a_list_that_is_no_list_of_events_is_left_for_the_check() -> None:
    assert laid("events: [1, {name: [x]}]", "events: [{name: a}, 5]").data["events"][-1] == {
        "name": ["x"]
    }


def test_joined_label() -> None:
    labels = [{"en": "a", "zh": "甲"}, {"en": "b", "zh": "乙"}]
    assert joined_label(labels) == {"en": "a + b", "zh": "甲 + 乙"}
    assert joined_label([*labels, "c"]) == "c"


def test_setting_document() -> None:
    found = setting_document("events.0.size= -5%")
    assert found.data == {"events": {0: {"size": "-5%"}}}
    assert found.locate(("events", 0, "size")).file == "--set events.0.size= -5%"
    assert setting_document("horizon=2030").data == {"horizon": 2030}
    assert setting_document("a.b=").data == {"a": {"b": None}}
    assert setting_document("a={b: 1, c: [2]}").data == {"a": {"b": 1, "c": [2]}}
    for wrong in ("horizon", "=5", ""):
        with pytest.raises(InputError, match=r"^--set: .* is not of the form path\.to\.key"):
            setting_document(wrong)


# --- composing ------------------------------------------------------------------------------------


def test_composed_scenarios_the_later_wins() -> None:
    both = load_scenario("growth-fast+growth-5", BASELINE)
    assert [growth(both, zone) for zone in BASELINE.zones] == [0.05, 0.05]
    other = load_scenario("growth-5+growth-fast", BASELINE)
    assert [growth(other, zone) for zone in BASELINE.zones] == [0.07, 0.07]
    assert both.name == "growth-fast+growth-5"
    assert both.label.en == "GDP grows 7 % a year + GDP grows 5 % a year"
    assert both.label.zh == "地区生产总值年均增长7% + 地区生产总值年均增长5%"


def test_composed_scenarios_keep_what_only_one_says() -> None:
    found = load_scenario("rnd-14+auto-downturn+chip-shock", BASELINE)
    assert found.zone_levers("donghu").rnd_growth is not None
    assert [event.name for event in found.events] == [
        "car slump", "chip shock in optoelectronics", "chip shock in appliances"
    ]  # fmt: skip


def test_every_zone_of_the_later_replaces_the_zones_of_the_earlier() -> None:
    found = load_scenario("plan-14fyp+growth-5", BASELINE)
    for zone in BASELINE.zones:
        lever = found.zone_levers(zone).gdp_growth
        assert lever is not None
        assert (lever.value, lever.until) == (0.05, None)
    reverse = load_scenario("growth-5+plan-14fyp", BASELINE)
    assert growth(reverse, "donghu") == 0.335


def test_composed_files_and_names(folder: Path) -> None:
    path = scenario_file("mine.yaml", "levers: {jingkai: {tfp: +1 pp}}\n")
    found = load_scenario(f"growth-5+{path}", BASELINE)
    assert found.zone_levers("jingkai").tfp is not None
    assert growth(found, "donghu") == 0.05


def test_a_file_with_a_plus_in_its_name_is_one_file(folder: Path) -> None:
    path = scenario_file("a+b.yaml", "horizon: 2031\n")
    assert load_scenario(path, BASELINE).horizon == 2031


# --- extending ------------------------------------------------------------------------------------


def test_a_file_extends_names_and_files_beside_it(folder: Path) -> None:
    scenario_file("inner/parent.yaml", "levers: {donghu: {gdp_growth: 6%}}\n", "rnd-12")
    path = scenario_file("inner/child.yaml", "levers: {donghu: {tfp: 1 pp}}\n", "./parent.yaml")
    found = resolve(path, BASELINE)
    levers = found.scenario.zone_levers("donghu")
    assert growth(found.scenario, "donghu") == 0.06
    assert levers.tfp is not None
    assert levers.rnd_growth is not None
    assert found.scenario.name == "child"
    marks = {key: Path(found.document.locate(keys).file).name for key, keys in {
        "tfp": ("levers", "donghu", "tfp"), "growth": ("levers", "donghu", "gdp_growth"),
        "rnd": ("levers", "donghu", "rnd_growth"),
    }.items()}  # fmt: skip
    assert marks == {"tfp": "child.yaml", "growth": "parent.yaml", "rnd": "rnd-12.yaml"}


def test_a_child_gives_a_lever_of_its_parent_another_form(folder: Path) -> None:
    """A scalar, a value and a path are ways to say one thing: the later one wins whole."""
    scenario_file(
        "parent.yaml", "levers: {donghu: {gdp_growth: {path: {2024: 7%}, until: 2026}}}\n"
    )
    path = scenario_file("one.yaml", "levers: {donghu: {gdp_growth: 5%}}\n", "./parent.yaml")
    assert growth(load_scenario(path, BASELINE), "donghu") == 0.05
    path = scenario_file(
        "other.yaml", "levers: {donghu: {gdp_growth: {value: 5%}}}\n", "./parent.yaml"
    )
    assert growth(load_scenario(path, BASELINE), "donghu") == 0.05


def test_two_files_that_extend_each_other(folder: Path) -> None:
    path = scenario_file("a.yaml", "", "./b.yaml")
    scenario_file("b.yaml", "", "./a.yaml")
    with pytest.raises(InputError, match=r"b\.yaml:4:1: '\./a\.yaml' extends this one in turn"):
        load_scenario(path, BASELINE)


def test_a_question_is_the_files_own(folder: Path) -> None:
    """What a scenario asks is not what another asks that extends it, adds to it or changes it."""
    asked = str(load_scenario("growth-5", BASELINE).question)
    assert asked != "None"
    silent = scenario_file("silent.yaml", "levers: {donghu: {tfp: 1 pp}}\n", "growth-5")
    asking = scenario_file("asking.yaml", "question: {en: And now?, zh: 如何？}\n", "growth-5")
    assert load_scenario(silent, BASELINE).question is None
    assert str(load_scenario(asking, BASELINE).question) == "And now?"
    assert load_scenario("growth-5+rnd-14", BASELINE).question is None
    tfp = "levers.donghu.tfp=1 pp"
    assert load_scenario("growth-5", BASELINE, [tfp]).question is None
    own = "question={en: With more?, zh: 更多呢？}"
    assert str(load_scenario("growth-5", BASELINE, [tfp, own]).question) == "With more?"


# --- settings -------------------------------------------------------------------------------------


def test_settings_win_in_their_order() -> None:
    settings = ["levers.*.gdp_growth=6%", "levers.donghu.gdp_growth=4%"]
    found = load_scenario("plan-14fyp", BASELINE, settings)
    assert [growth(found, zone) for zone in BASELINE.zones] == [0.04, 0.06]
    found = load_scenario("plan-14fyp", BASELINE, settings[::-1])
    assert [growth(found, zone) for zone in BASELINE.zones] == [0.06, 0.06]


def test_settings_are_in_the_name_unless_they_give_one() -> None:
    setting = "levers.donghu.gdp_growth={value: 6%, until: 2030}"
    found = load_scenario("growth-5", BASELINE, [setting])
    assert found.name.startswith("growth-5; donghu.gdp_growth=")
    assert load_scenario("growth-5", BASELINE, [setting, "name=mine"]).name == "mine"
    assert load_scenario("growth-5", BASELINE).name == "growth-5"


def test_different_settings_have_different_names() -> None:
    common = [
        f"levers.jingkai.industries.{activity.industry}.tfp=+1 pp"
        for activity in BASELINE.activities if activity.zone == "jingkai"
    ]  # fmt: skip
    names = {
        load_scenario("baseline", BASELINE, [*common, f"levers.donghu.tfp=+{x} pp"]).name
        for x in (1, 2)
    }
    assert len(names) == 2


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lever", "expected"),
    [
        ({"value": 0.05}, [0.05] * 12),
        ({"value": 0.05, "until": 2025}, [0.05] * 2 + [np.nan] * 10),
        ({"path": {2026: 0.04}}, [np.nan] * 2 + [0.04] * 10),
        ({"path": {2024: 0.07, 2026: 0.05}, "until": 2028},
         [0.07, 0.06, 0.05, 0.05, 0.05] + [np.nan] * 7),
        ({"path": {2026: 0.05, 2024: 0.07}}, [0.07, 0.06] + [0.05] * 10),
        ({"path": {2035: 0.01}}, [np.nan] * 11 + [0.01]),
    ],
)  # fmt: skip
def test_trajectory_values(lever: dict[str, Any], expected: list[float]) -> None:
    found = Trajectory[float](**lever).values(YEARS)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        ({}, "give either a value for every year or a path of years"),
        ({"value": 0.05, "path": {2024: 0.05}}, "give either a value"),
        ({"path": {}}, "the path is empty"),
        ({"path": {2026: 0.05}, "until": 2025}, "until 2025 ends the path before its first year"),
    ],
)
def test_trajectories_that_say_nothing(lever: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Trajectory[float](**lever)


def test_a_zones_own_levers_win() -> None:
    common = ZoneLevers.model_validate(
        {"gdp_growth": "5%", "tfp": "1 pp", "industries": {"automotive": {"tfp": "1 pp"}}}
    )
    own = ZoneLevers.model_validate(
        {"gdp_growth": "0%", "industries": {"logistics": {"growth": "3%"}}}
    )
    scenario = load_scenario("baseline", BASELINE).model_copy(
        update={"levers": {"*": common, "jingkai": own}}
    )
    assert growth(scenario, "jingkai") == 0.0
    assert growth(scenario, "donghu") == 0.05
    assert scenario.zone_levers("jingkai").tfp == common.tfp
    assert set(scenario.zone_levers("jingkai").industries) == {"automotive", "logistics"}


def test_a_zones_own_lever_of_an_industry_leaves_the_common_ones() -> None:
    """Lever by lever, as for zones: growth of its own does not undo the tfp of every zone."""
    found = load_scenario("baseline", BASELINE, [
        "levers.*.industries.digital_services.tfp=+1 pp",
        "levers.donghu.industries.digital_services.growth=9%",
    ])  # fmt: skip
    levers = found.zone_levers("donghu").industries["digital_services"]
    assert levers.growth is not None
    assert levers.tfp is not None


FIRMS = (
    "levers.*.firms={entry: 5%, support: {gazelle: 10%, unicorn: 10%}}",
    "levers.donghu.firms={entry: 0%, exit: -5%, support: {gazelle: 20%}}",
)


def test_a_zones_own_levers_of_firms_leave_the_common_ones() -> None:
    found = load_scenario("baseline", BASELINE, FIRMS)
    own, common = (found.zone_levers(zone).firms for zone in ("donghu", "jingkai"))
    assert own is not None
    assert common is not None
    assert (own.entry, own.exit) == (RateTrajectory(value="0%"), RateTrajectory(value="-5%"))  # type: ignore[arg-type]
    assert own.support == {
        "gazelle": RateTrajectory(value="20%"),  # type: ignore[arg-type]
        "unicorn": RateTrajectory(value="10%"),  # type: ignore[arg-type]
    }
    assert common.entry == RateTrajectory(value="5%")  # type: ignore[arg-type]
    assert set(common.support) == {"gazelle", "unicorn"}


def test_what_is_later_said_of_firms_of_every_zone_replaces_a_zones_own() -> None:
    own = "levers: {donghu: {firms: {entry: 0%, exit: -5%, support: {gazelle: 20%, listed: 1%}}}}"
    wide = 'levers: {"*": {firms: {entry: 5%, support: {gazelle: 10%}}}}'
    left = laid(wide, own).data["levers"]["donghu"]["firms"]
    assert left == {"exit": "-5%", "support": {"listed": "1%"}}


def test_dumps_without_levers_on_events_are_as_they_were() -> None:
    plain = load_scenario("baseline", BASELINE, ["levers.donghu.tfp=1 pp"])
    beside = ["levers.donghu.tfp=1 pp", "levers.donghu.projects.delay=1 year"]
    found = load_scenario("baseline", BASELINE, beside)
    with_firms = load_scenario("baseline", BASELINE, [*beside, *FIRMS])
    assert set(plain.model_dump(mode="json")["levers"]["donghu"]) == {
        "gdp_growth", "rnd_growth", "rnd_intensity", "investment_rate", "labour_growth", "tfp",
        "industries",
    }  # fmt: skip
    assert with_firms.zone_levers("donghu").firms is not None
    for one in (found, with_firms):
        assert Scenario.restored(one.model_dump(mode="json")) == one


def test_scalars_are_set_in_every_year() -> None:
    lever = load_scenario("growth-5", BASELINE).levers["*"].gdp_growth
    assert lever == GrowthTrajectory(value="5%", mode="set")  # type: ignore[arg-type]


def test_events_are_dated_or_random() -> None:
    assert Event.model_validate({"name": "e", "size": "-5%", "probability": "10%"}).year is None
    with pytest.raises(ValueError, match="an event without a year needs a probability below 100%"):
        Event.model_validate({"name": "e", "size": "-5%"})


def test_projected_years() -> None:
    scenario = load_scenario("baseline", BASELINE, ["horizon=2026"])
    assert scenario.years(BASELINE) == (2024, 2025, 2026)


# --- finding --------------------------------------------------------------------------------------


def test_shipped_scenarios_are_found_by_name() -> None:
    assert "growth-5" in shipped_scenarios()
    assert find_scenario("growth-5") == shipped_scenarios()["growth-5"]
    with pytest.raises(InputError, match=r"^nothing: no such scenario; simcore list shows them$"):
        find_scenario("nothing")
    assert find_scenario("x/y") == Path("x/y")


def test_a_shipped_name_is_no_file_of_the_folder(folder: Path) -> None:
    Path("growth-5").write_text("not a scenario")
    assert load_scenario("growth-5", BASELINE).name == "growth-5"
