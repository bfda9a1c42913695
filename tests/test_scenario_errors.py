"""Broken scenario files: each fault is found, placed, and says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.baseline import Baseline, load_baseline
from simcore.errors import InputError, Problem
from simcore.scenario import load_scenario, resolve, shipped_scenarios

BASELINE = load_baseline()
HEAD = "simcore: 1\nname: test\nlabel: {en: test, zh: 测试}\n"  # faults start in line 4
INDUSTRIES = ", ".join(f"{name}: {{growth: 5%}}" for name in BASELINE.zones["donghu"].industries)


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


# name: (text after the head, line, column, message)
FAULTS = {
    "unknown key": ("levres: {}\n", 4, 1, r"^unknown key 'levres'; did you mean 'levers'\?$"),
    "unknown key, none near": ("weather: fair\n", 4, 1, r"^unknown key 'weather'; known here: .*"),
    "unknown lever": (
        "levers:\n  donghu:\n    gdp_grwth: 5%\n", 6, 5,
        r"^unknown key 'gdp_grwth'; did you mean 'gdp_growth'\?$",
    ),
    "unknown industry lever": (
        "levers:\n  donghu:\n    industries: {life_health: {grwth: 5%}}\n", 6, 32,
        r"^unknown key 'grwth'; did you mean 'growth'\?$",
    ),
    "duplicate key": (
        "horizon: 2030\nlevers: {}\nhorizon: 2031\n", 6, 1,
        r"^'horizon' stands twice, first in line 4$",
    ),
    "duplicate year": (
        "levers:\n  donghu:\n    tfp: {path: {2025: 1 pp, 2025: 2 pp}}\n", 6, 30,
        r"^'2025' stands twice, first in line 6$",
    ),
    "same year in quotes": (
        "levers:\n  donghu:\n    gdp_growth:\n      path:\n        2025: 5%\n        '2025': 9%\n",
        9, 9, r"stands twice",
    ),
    "number for percentage": (
        "levers:\n  donghu:\n    gdp_growth: 5\n", 6, 5,
        r"^a percentage is written with its sign: 5% instead of 5$",
    ),
    "fraction for percentage": (
        "levers:\n  donghu:\n    rnd_intensity: {path: {2025: 0.05}}\n", 6, 28,
        r"^a percentage is written with its sign: 0\.05% instead of 0\.05$",
    ),
    "percentage for points": (
        "levers:\n  donghu:\n    tfp: 0.3%\n", 6, 5,
        r"^'0\.3%' is not a difference in percentage points such as \+0\.3 pp$",
    ),
    "points for percentage": (
        "levers:\n  donghu:\n    gdp_growth: 5 pp\n", 6, 5,
        r"^'5 pp' is a difference in percentage points; a rate ends in %$",
    ),
    "growth beyond belief": (
        "levers:\n  donghu:\n    gdp_growth: 500%\n", 6, 5, r"^500% lies outside -50% to 100%$",
    ),
    "points beyond belief": (
        "levers:\n  donghu:\n    tfp: {value: 60 pp}\n", 6, 11, r"^60 pp is beyond 50 pp$",
    ),
    "share of nothing": (
        "levers:\n  jingkai:\n    investment_rate: 0%\n", 6, 5, r"^0% lies outside 0% to 100%$",
    ),
    "year before the first projected": (
        "levers:\n  donghu:\n    gdp_growth:\n      path: {2023: 5%, 2026: 6%}\n", 7, 14,
        r"^2023 is before the first projected year, 2024$",
    ),
    "year after the horizon": (
        "horizon: 2030\nlevers:\n  donghu:\n    gdp_growth: {path: {2031: 5%}}\n", 7, 25,
        r"^2031 is after the horizon, 2030$",
    ),
    "until after the horizon": (
        "levers:\n  jingkai:\n    rnd_growth: {value: 12%, until: 2036}\n", 6, 30,
        r"^2036 is after the horizon, 2035$",
    ),
    "until before the path": (
        "levers:\n  donghu:\n    gdp_growth: {path: {2027: 5%}, until: 2025}\n", 6, 5,
        r"2025 ends the path before its first year",
    ),
    "assumed year too early": (
        "assumptions:\n  inflation: {path: {2020: 2%}}\n", 5, 22,
        r"^2020 is before the first projected year, 2024$",
    ),
    "event too early": (
        "events:\n  - {name: e, year: 2022, size: -3%}\n", 5, 15,
        r"^2022 is before the first projected year, 2024$",
    ),
    "horizon too early": ("horizon: 2023\n", 4, 1, r"^the horizon 2023 lies outside 2024 to 2100$"),
    "horizon too late": ("horizon: 2101\n", 4, 1, r"^the horizon 2101 lies outside 2024 to 2100$"),
    "horizon in words": ("horizon: soon\n", 4, 1, r"valid integer.*'soon'"),
    "year in words": (
        "levers:\n  donghu:\n    gdp_growth:\n      path: {soon: 5%}\n", 7, 14,
        r"valid integer.*'soon'",
    ),
    "growth and intensity of R&D": (
        "levers:\n  donghu:\n    rnd_growth: {value: 12%, until: 2028}\n    rnd_intensity: 9%\n",
        7, 5, r"^rnd_growth and rnd_intensity both fix the R&D of donghu$",
    ),
    "growth of all and intensity of one": (
        "levers:\n  '*':\n    rnd_growth: {value: 12%, until: 2028}\n"
        "  jingkai:\n    rnd_intensity: 4%\n",
        8, 5, r"^rnd_growth and rnd_intensity both fix the R&D of jingkai$",
    ),
    "everything pinned": (
        f"levers:\n  donghu:\n    gdp_growth: 5%\n    industries: {{{INDUSTRIES}}}\n", 6, 5,
        r"^gdp_growth and the growth of every industry both fix the GDP of donghu$",
    ),
    "unknown zone": (
        "levers:\n  dongu: {gdp_growth: 5%}\n", 5, 3,
        r"^unknown zone 'dongu'; did you mean 'donghu'\?$",
    ),
    "unknown zone, none near": (
        "levers:\n  shanghai: {}\n", 5, 3, r"^unknown zone 'shanghai'; known: \*, donghu, jingkai$",
    ),
    "unknown zone of an event": (
        "events:\n  - {name: e, zone: jinkai, year: 2025, size: 1%}\n", 5, 15,
        r"^unknown zone 'jinkai'; did you mean 'jingkai'\?$",
    ),
    "unknown industry": (
        "levers:\n  donghu:\n    industries:\n      optoelectronic: {growth: 5%}\n", 7, 7,
        r"^unknown industry 'optoelectronic'; did you mean 'optoelectronics'\?$",
    ),
    "industry of the other zone": (
        "levers:\n  donghu:\n    industries:\n      automotive: {growth: 5%}\n", 7, 7,
        r"^unknown industry 'automotive'",
    ),
    "unknown industry of an event": (
        "events:\n  - name: e\n    industry: automotiv\n    year: 2025\n    size: 1%\n", 6, 5,
        r"^unknown industry 'automotiv'; did you mean 'automotive'\?$",
    ),
    "not a number": (
        "levers:\n  donghu:\n    gdp_growth: .nan\n", 6, 17, r"^\.nan is not a finite number$",
    ),
    "infinite": ("horizon: .inf\n", 4, 10, r"^\.inf is not a finite number$"),
    "beyond the machine": ("sampling: {draws: 1e400}\n", 4, 19, r"beyond what a computer holds"),
    "no": ("levers:\n  donghu: no\n", 5, 11, r"^no can be read in two ways; write true, false"),
    "octal": ("horizon: 02030\n", 4, 10, r"^02030 can be read in two ways; write .* or '02030'$"),
    "sexagesimal": ("horizon: 20:30\n", 4, 10, r"^20:30 can be read in two ways"),
    "python tag": ("question: !!python/name:os.system\n", 4, 11, r"^the tag .* is not read here$"),
    "python tag on a list": (
        "levers: !!python/object/apply:os.system ['true']\n", 4, 9, r"tag .* is not read here",
    ),
    "own tag on a mapping": ("levers: !mine {}\n", 4, 9, r"tag !mine is not read here"),
    "tabs": ("levers:\n\tdonghu: {}\n", 5, 1, r"^not valid YAML: .*"),
    "unclosed": ("levers: {donghu: {}\n", 5, 1, r"^not valid YAML: did not find expected ',' or"),
    "undefined alias": ("levers: *gone\n", 4, 9, r"^not valid YAML: found undefined alias$"),
    "two documents": ("---\na: 1\n", 4, 1, r"^not valid YAML: but found another document$"),
    "alias within itself": ("levers: &a {donghu: *a}\n", 4, 9, r"^an alias that contains itself$"),
    "merge key": (
        "levers:\n  donghu: &a {tfp: 1 pp}\n  jingkai: {<<: *a}\n", 6, 13,
        r"^<< can be read in two ways",
    ),
    "empty path": (
        "levers:\n  donghu:\n    gdp_growth: {path: {}}\n", 6, 5, r"^the path is empty$",
    ),
    "value and path": (
        "levers:\n  donghu:\n    gdp_growth: {value: 5%, path: {2025: 6%}}\n", 6, 5,
        r"^give either a value for every year or a path of years$",
    ),
    "neither value nor path": (
        "levers:\n  donghu:\n    gdp_growth: {mode: set}\n", 6, 5, r"^give either a value for",
    ),
    "unknown mode": (
        "levers:\n  donghu:\n    gdp_growth: {mode: center, value: 5%}\n", 6, 18,
        r"^'center' is not one of 'set' or 'centre'$",
    ),
    "mode of another lever": (
        "levers:\n  donghu:\n    rnd_growth: {mode: centre, value: 5%, until: 2026}\n", 6, 18,
        r"^unknown key 'mode'",
    ),
    "unknown behaviour": (
        "behaviour:\n  depreciaton: {dist: constant, value: 0.1}\n", 5, 3,
        r"^unknown parameter 'depreciaton'; did you mean 'depreciation'\?$",
    ),
    "incomplete distribution": (
        "behaviour:\n  depreciation: {dist: normal, mean: 0.1}\n", 5, 3,
        r"^a normal distribution also needs deviation$",
    ),
    "unknown distribution": (
        "behaviour:\n  depreciation: {dist: nrmal, mean: 0.1}\n", 5, 18,
        r"^'nrmal' is not one of 'normal', ",
    ),
    "word in a distribution": (
        "behaviour:\n  depreciation: {dist: constant, value: much}\n", 5, 34,
        r"^'much' is not a number such as 0\.09, 5% or 0\.3 pp$",
    ),
    "depreciation below zero": (
        "behaviour:\n  depreciation: {dist: constant, value: -1}\n", 5, 3, r"depreciation",
    ),
    "explosive persistence": (
        "behaviour:\n  shock_persistence: {dist: constant, value: 1.5}\n", 5, 3, r"persistence",
    ),
    "event twice": (
        "events:\n  - {name: e, year: 2025, size: 1%}\n  - {name: e, year: 2026, size: 1%}\n",
        6, 6, r"^the event 'e' stands twice$",
    ),
    "event at no time": (
        "events:\n  - name: e\n    size: -5%\n", 5, 5,
        r"^an event without a year needs a probability below 100%$",
    ),
    "event without size": (
        "events:\n  - {name: e, year: 2025}\n", 5, 5, r"^the key 'size' is missing$",
    ),
    "more than certain": (
        "events:\n  - {name: e, year: 2025, size: 1%, probability: 130%}\n", 5, 37,
        r"^130% lies outside 0% to 100%$",
    ),
    "persistence above one": (
        "events:\n  - {name: e, year: 2025, size: 1%, persistence: 2}\n", 5, 37,
        r"less than or equal to 1, not 2$",
    ),
    "no draws": ("sampling: {draws: 0}\n", 4, 12, r"greater than or equal to 1, not 0$"),
    "too many draws": ("sampling: {draws: 20000000}\n", 4, 12, r"less than or equal to 10000000"),
    "draws as truth value": ("sampling: {draws: true}\n", 4, 12, r"integer|number|draws"),
    "seed below zero": ("sampling: {seed: -1}\n", 4, 12, r"greater than or equal to 0, not -1$"),
    "a list for a mapping": ("levers: [donghu]\n", 4, 1, r"valid dictionary"),
    "nothing for a mapping": ("levers:\n", 4, 1, r"valid dictionary"),
    "missing parent": (
        "extends: baselin\n", 4, 1,
        r"^there is no scenario 'baselin' to extend; did you mean 'baseline'\?$",
    ),
    "missing parent file": (
        "extends: ./gone.yaml\n", 4, 1, r"^there is no scenario '\./gone\.yaml' to extend",
    ),
    "parents": ("extends: [baseline, growth-5]\n", 4, 1, r"^names one scenario$"),
    "extends itself": ("extends: ./broken.yaml\n", 4, 1, r"extends this one in turn$"),
    "every industry of a zone": (
        "levers:\n  donghu:\n    industries:\n      '*': {tfp: 1 pp}\n", 7, 7, r"industry '\*'",
    ),
}  # fmt: skip

# name: (whole text, line, column, message)
WHOLE = {
    "empty": ("", 1, 1, r"^is empty$"),
    "only a comment": ("# nothing yet\n", 1, 1, r"^is empty$"),
    "a list": ("- simcore: 1\n", 1, 1, r"^a scenario is a mapping of keys$"),
    "a word": ("baseline\n", 1, 1, r"^a scenario is a mapping of keys$"),
    "not UTF-8": (HEAD.encode("gb18030"), 1, 1, r"^not a text in UTF-8$"),
    "bytes": (b"simcore: 1\n\xff\xfe\n", 1, 1, r"^not a text in UTF-8$"),
    "another version": (
        "simcore: 2\nname: test\nlabel: {en: a, zh: b}\n", 1, 1, r"^'2' is not one of 1$",
    ),
    "version as truth value": (
        "simcore: true\nname: test\nlabel: {en: a, zh: b}\n", 1, 1, r"true is no number",
    ),
    "no version": ("name: test\nlabel: {en: a, zh: b}\n", 1, 1, r"^the key 'simcore' is missing$"),
    "no name": ("simcore: 1\nlabel: {en: a, zh: b}\n", 1, 1, r"^the key 'name' is missing$"),
    "name with a path": (
        "simcore: 1\nname: ../x\nlabel: {en: a, zh: b}\n", 2, 1, r"match pattern",
    ),
    "name is a number": ("simcore: 1\nname: 5\nlabel: {en: a, zh: b}\n", 2, 1, r"valid string"),
    "label in one language": (
        "simcore: 1\nname: test\nlabel: {en: a}\n", 3, 1, r"'zh'.*missing|missing.*'zh'",
    ),
    "label of another language": (
        "simcore: 1\nname: test\nlabel: {en: a, zh: b, fr: c}\n", 3, 23, r"'?fr'?",
    ),
    "sweep": ("simcore: 1\nname: test\nbase: baseline\naxes: {}\n", 4, 1, r"^this is a sweep, not"),
    "alias bomb": (
        HEAD + "a: &a0 [x, x]\n"
        + "".join(f"b{n}: &a{n} [{', '.join(9 * [f'*a{n - 1}'])}]\n" for n in range(1, 10)),
        5, 5, r"^aliases that multiply without bound$",
    ),
    "deep": (HEAD + "levers: " + 600 * "[" + 600 * "]" + "\n", 4, None, r"nested|not valid YAML"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found_and_placed(fault: str, tmp_path: Path) -> None:
    text, line, column, message = FAULTS[fault]
    found = problems(HEAD + text, tmp_path)
    assert any(
        (p.line, p.column) == (line, column) and re.search(message, p.message) for p in found
    ), found


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_reported_once(fault: str, tmp_path: Path) -> None:
    """One fault, one problem: no echo at the same place (some stand in both zones)."""
    found = problems(HEAD + FAULTS[fault][0], tmp_path)
    places = [(problem.line, problem.column) for problem in found]
    assert len(places) == len(set(places)), found


@pytest.mark.parametrize("fault", WHOLE)
def test_broken_file(fault: str, tmp_path: Path) -> None:
    text, line, column, message = WHOLE[fault]
    (problem,) = problems(text, tmp_path)
    assert problem.line == line
    assert column is None or problem.column == column
    assert re.search(message, problem.message), problem


def test_there_are_enough_kinds() -> None:
    assert len(FAULTS) + len(WHOLE) >= 22


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
        ("horizon", r"--set:1:1: 'horizon' is not of the form path\.to\.key=value"),
        ("=5%", r"is not of the form path\.to\.key=value"),
        ("horizon=no", r"no can be read in two ways"),
        ("horizon=[", r"not valid YAML"),
        ("horizon=", r"--set horizon=:1:1: .*integer"),
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
