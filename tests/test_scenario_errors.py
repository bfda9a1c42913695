"""Broken scenario files: each fault is found, placed, and says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_faults import FAULTS, HEAD, WHOLE

from simcore.baseline import Baseline, load_baseline
from simcore.errors import InputError, Problem
from simcore.scenario import load_scenario, resolve, shipped_scenarios

BASELINE = load_baseline()


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return BASELINE


def problems(text: str | bytes, folder: Path, name: str = "broken.yaml") -> list[Problem]:
    """Everything that is found wrong with a scenario file."""
    place = folder / name
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        load_scenario(str(place), BASELINE)
    assert caught.value.exit_code == 2
    assert caught.value.problems
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    for problem in caught.value.problems:
        assert problem.file == str(place)
        assert problem.line >= 1
        assert problem.column >= 1
        assert "\n" not in problem.message
    return caught.value.problems


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_placed_and_reported_once(fault: str, tmp_path: Path) -> None:
    """One fault, one problem: no echo at the same place (some stand in both zones)."""
    text, line, column, message = FAULTS[fault]
    found = problems(HEAD + text, tmp_path)
    assert any(
        (p.line, p.column) == (line, column) and re.search(message, p.message) for p in found
    ), found
    places = [(problem.line, problem.column) for problem in found]
    assert len(places) == len(set(places)), found


@pytest.mark.parametrize("fault", WHOLE)
def test_broken_file(fault: str, tmp_path: Path) -> None:
    text, line, column, message = WHOLE[fault]
    (problem,) = problems(text, tmp_path)
    assert problem.line == line
    assert column is None or problem.column == column
    assert re.search(message, problem.message), problem


def test_all_faults_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    text = HEAD + (
        "levers:\n"
        "  dongu: {gdp_growth: 5%}\n"
        "  donghu:\n"
        "    gdp_growth: 5\n"
        "    tfp: 1%\n"
        "    industries: {automotive: {growth: 5%}}\n"
        "events:\n"
        "  - {name: e, size: 200%}\n"
        "behaviour: {spillover: {dist: beta}}\n"
        "wether: fair\n"
    )
    found = problems(text, tmp_path)
    assert [problem.line for problem in found] == [5, 7, 8, 9, 11, 12, 13]
    assert found == sorted(found)


def test_all_faults_of_a_valid_mapping_are_reported_at_once(tmp_path: Path) -> None:
    text = HEAD + (
        "levers:\n"
        "  donghu: {rnd_growth: {value: 9%, until: 2040}, rnd_intensity: 9%}\n"
        "behaviour: {spilover: {dist: constant, value: 0.1}}\n"
        "events:\n"
        "  - {name: e, year: 2020, size: 2%}\n"
        "  - {name: e, year: 2025, size: 2%}\n"
    )
    lines = [problem.line for problem in problems(text, tmp_path)]
    assert lines == [5, 5, 6, 8, 9]


def test_all_faults_of_reading_are_reported_at_once(tmp_path: Path) -> None:
    text = HEAD + "horizon: 02030\nlevers: {donghu: no}\nlevers: {}\nseed: .inf\n"
    assert [problem.line for problem in problems(text, tmp_path)] == [4, 5, 6, 7]


# --- more than one file ---------------------------------------------------------------------------


def test_circular_extends(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + "extends: ./b.yaml\n", "utf-8")
    (tmp_path / "b.yaml").write_text(HEAD + "\n\nextends: ./a.yaml\n", "utf-8")
    with pytest.raises(InputError, match=r"b\.yaml:6:1: '\./a\.yaml' extends this one in turn$"):
        load_scenario(str(tmp_path / "a.yaml"), BASELINE)


def test_a_fault_of_the_parent_is_placed_in_the_parent(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(HEAD + "levers:\n  donghu: {gdp_growth: 5}\n", "utf-8")
    (tmp_path / "child.yaml").write_text(
        HEAD + "extends: ./parent.yaml\nlevers:\n  jingkai: {gdp_growth: 6}\n", "utf-8"
    )
    with pytest.raises(InputError) as caught:
        load_scenario(str(tmp_path / "child.yaml"), BASELINE)
    places = [(Path(p.file).name, p.line, p.column) for p in caught.value.problems]
    assert places == [("child.yaml", 6, 13), ("parent.yaml", 5, 12)]


def test_a_fault_that_the_child_mends_is_none(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(HEAD + "levers:\n  donghu: {gdp_growth: 5}\n", "utf-8")
    child = HEAD + "extends: ./parent.yaml\nlevers:\n  donghu: {gdp_growth: 6%}\n"
    (tmp_path / "child.yaml").write_text(child, "utf-8")
    scenario = load_scenario(str(tmp_path / "child.yaml"), BASELINE)
    growth = scenario.zone_levers("donghu").gdp_growth
    assert growth is not None
    assert growth.value == 0.06


@pytest.mark.parametrize("name", ["[x]", "{a: 1}", "5", "~"])
def test_events_of_parent_and_child_with_names_that_are_none(name: str, tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(
        HEAD + "events:\n  - {name: p, year: 2025, size: 1%}\n", "utf-8"
    )
    text = HEAD + f"extends: ./parent.yaml\nevents:\n  - {{name: {name}, year: 2025, size: 1%}}\n"
    (problem,) = problems(text, tmp_path)
    assert (problem.line, problem.column) == (6, 6)
    assert "string" in problem.message


# --- names and settings ---------------------------------------------------------------------------


def test_unknown_shipped_name() -> None:
    with pytest.raises(InputError, match=r"^growth5: no such scenario; did you mean 'growth-5'\?$"):
        load_scenario("growth5", BASELINE)
    with pytest.raises(InputError, match=r"^zzz: no such scenario; simcore list shows them$"):
        load_scenario("baseline+zzz", BASELINE)


@pytest.mark.parametrize("name", ["", "+", "baseline+", "baseline++growth-5"])
def test_name_with_nothing_in_it(name: str) -> None:
    with pytest.raises(InputError, match=r"no such scenario"):
        load_scenario(name, BASELINE)


def test_missing_file() -> None:
    with pytest.raises(InputError, match=r"gone\.yaml:1:1: cannot be read: No such file"):
        load_scenario("./gone.yaml", BASELINE)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("levers.donghu.gdp_growth=5", r"^--set levers\.donghu.*: a percentage is written with"),
        ("levers.donghu.gdp_grwth=5%", r"unknown key 'gdp_grwth'; did you mean 'gdp_growth'\?"),
        ("levers.dongu.gdp_growth=5%", r"unknown zone 'dongu'; did you mean 'donghu'\?"),
        ("horizon", r"--set: 'horizon' is not of the form path\.to\.key=value"),
        ("=5%", r"is not of the form path\.to\.key=value"),
        ("horizon=no", r"no can be read in two ways"),
        ("horizon=[", r"not valid YAML"),
        ("horizon=", r"--set horizon=: .*integer"),
        ("levers=5%", r"valid dictionary"),
        ("levers.donghu=5%", r"dictionary"),
        ("..=5", r"unknown key"),
        ("horizon.2025=5", r"integer"),
        ("events.0.size=5%", r"list"),
        ("sampling.draws=0", r"greater than or equal to 1"),
    ],
)  # fmt: skip
def test_setting_that_is_wrong(setting: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_scenario("baseline", BASELINE, [setting])


def test_settings_are_laid_on_top() -> None:
    settings_ = ["levers.*.gdp_growth=4%", "levers.donghu.gdp_growth={mode: centre, value: 6%}"]
    scenario = load_scenario("growth-5", BASELINE, settings_)
    growth = [scenario.zone_levers(zone).gdp_growth for zone in BASELINE.zones]
    assert [(g.mode, g.value) for g in growth if g] == [("centre", 0.06), ("set", 0.04)]


@given(st.text(max_size=12), st.text(max_size=12))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_setting_is_read_or_refused(path: str, value: str) -> None:
    try:
        resolve("baseline", BASELINE, [f"{path}={value}"])
    except InputError as error:
        text = str(error)
        assert text
    else:
        assert path.strip().split(".")[0] in (
            "name", "horizon", "question", "label", "levers", "extends",
        )  # fmt: skip


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "levers:", "  donghu:", "    gdp_growth: 5%", "  '*': {tfp: 1 pp}", "events:",
            "  - name: e", "    year: 2025", "    size: 3%", "horizon: 2030",
            "sampling: {draws: 10}", "behaviour: {}", "assumptions: {inflation: 2%}",
            "    industries: {life_health: {growth: 5}}", "  - 5", "extends: baseline",
            "question: {en: a, zh: b}", "    ", "]", "levers: [&a 1, *a]",
        ]
    ),
    max_size=8,
)  # fmt: skip


@given(FRAGMENTS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_arrangement_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    place = tmp_path_factory.getbasetemp() / "arranged.yaml"
    place.write_text(HEAD + "\n".join(lines), "utf-8")
    try:
        scenario = load_scenario(str(place), BASELINE)
    except InputError as error:
        found = error.problems
    else:
        assert scenario.years(BASELINE)[0] == 2024
        return
    assert found
    assert all(1 <= problem.line <= len(lines) + 5 for problem in found)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_shipped_files_have_no_such_faults(name: str, baseline: Baseline) -> None:
    text = shipped_scenarios()[name].read_text("utf-8")
    if "axes:" in text:
        with pytest.raises(InputError, match=r"this is a sweep"):
            load_scenario(name, baseline)
    else:
        assert load_scenario(name, baseline).name == name
