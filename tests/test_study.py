"""Study folders: found from below, looked up first, and nothing is different outside of one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from command_line import invoke, printed_json, refused

import simcore
from simcore.attributes import read_attributes
from simcore.baseline import Baseline, load_baseline
from simcore.design import load_design
from simcore.document import read_document
from simcore.errors import InputError
from simcore.labels import language
from simcore.resources import calibration_folders, overlay_files
from simcore.scenario import find_scenario, known_scenarios, load_scenario, shipped_scenarios
from simcore.study import outputs_folder, study, using_study
from simcore.study_new import new_study
from simcore.study_settings import Settings, read_settings

pytestmark = pytest.mark.usefixtures("own_folder")
GROWTH = "simcore: 1\nname: {name}\nlabel: {{en: own, zh: 自有}}\nextends: {parent}\n"


@pytest.fixture
def inside(own_folder: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new study; commands run in its folder of scenarios."""
    new_study(Path("mine"))
    top = Path("mine").resolve()
    monkeypatch.chdir(top / "scenarios")
    return top


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def shadow(top: Path, name: str, parent: str) -> Path:
    body = GROWTH.format(name=name, parent=parent) + 'levers: {"*": {gdp_growth: 9%}}\n'
    return write(top / "scenarios" / f"{name}.yaml", body)


# --- init -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_new_study_is_whole(lang: str, baseline: Baseline) -> None:
    text = invoke("init", "mine", "--lang", lang).stdout
    assert text.startswith("mine")
    assert read_settings(Path("mine/simcore.yaml")).language == lang
    with using_study("mine"):
        assert load_scenario("my-first", baseline).name == "my-first"
        assert len(load_design("my-first-sweep", baseline).points) == 3
        assert calibration_folders() == ()
        assert outputs_folder() == Path("mine/outputs")
    readme = Path("mine/README.md").read_text(encoding="utf-8")
    assert ("研究" in readme) == (lang == "zh")
    assert sum(line.startswith("simcore ") for line in readme.splitlines()) == 3


def test_every_file_leads_to_its_schema() -> None:
    new_study(Path("mine"))
    for path in Path("mine").rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        prefix = "# yaml-language-server: $schema="
        assert first.startswith(prefix)
        schema = json.loads((path.parent / first.removeprefix(prefix)).read_text("utf-8"))
        assert set(read_document(path).data) <= set(schema["properties"])


def test_init_changes_no_file(own_folder: None) -> None:
    Path("mine").mkdir()
    write(Path("mine/README.md"), "precious")
    assert refused("init", "mine") == [
        "mine: is not empty; --force adds what is missing and changes no file"
    ]
    assert [path.name for path in Path("mine").iterdir()] == ["README.md"]
    assert "kept mine/README.md" in invoke("init", "mine", "--force").stdout
    assert Path("mine/README.md").read_text() == "precious"
    assert Path("mine/simcore.yaml").is_file()
    write(Path("file"), "precious")
    assert refused("init", "file")[0].startswith("file/simcore.yaml: file is a file")
    assert "9 files" not in invoke("init", "mine", "--force").stdout


# --- found ----------------------------------------------------------------------------------------


def test_outside_a_study_nothing_is_different() -> None:
    assert study() is None
    assert outputs_folder() == Path("outputs")
    assert known_scenarios() == shipped_scenarios()
    assert set(printed_json("list")["rows"][0]) == {"name", "question"}
    invoke("new", "my-plan")
    text = Path("my-plan.yaml").read_text(encoding="utf-8")
    assert text.startswith(
        "# yaml-language-server: $schema=scenario.schema.json\n# (simcore schema"
    )


def test_it_is_found_from_a_folder_below(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = inside / "outputs" / "a" / "b"
    deep.mkdir(parents=True)
    for place, up in ((inside, "."), (inside / "scenarios", ".."), (deep, "../../..")):
        monkeypatch.chdir(place)
        found = study()
        assert found is not None
        assert found.folder == Path(up)
        assert find_scenario("my-first").resolve() == inside / "scenarios" / "my-first.yaml"
    monkeypatch.chdir(inside.parent)
    assert study() is None


def test_the_nearest_study_is_taken(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_study(inside / "inner")
    monkeypatch.chdir(inside / "inner" / "sweeps")
    found = study()
    assert found is not None
    assert found.folder.resolve() == inside / "inner"


def test_another_study_or_none_is_named(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = inside.parent / "other"
    new_study(other)
    shadow(other, "theirs", "baseline")
    own = [row["name"] for row in printed_json("list", "--study", other)["rows"]]
    assert own[:2] == ["my-first", "theirs"]
    assert "origin" not in printed_json("--study", "none", "list")["rows"][0]
    monkeypatch.setenv("SIMCORE_STUDY", str(other))
    assert find_scenario("theirs") == other / "scenarios" / "theirs.yaml"
    monkeypatch.setenv("SIMCORE_STUDY", "none")
    assert study() is None
    with using_study(inside), using_study(None):
        assert study() is None
    (line,) = refused("list", "--study", "lost")
    assert line == "lost: is no study: it has no simcore.yaml; simcore init makes one"
    monkeypatch.setenv("SIMCORE_STUDY", "lost")
    assert refused("list") == [line]


# --- scenarios ------------------------------------------------------------------------------------


def test_own_scenarios_come_first_and_are_marked(inside: Path) -> None:
    shadow(inside, "growth-5", "baseline")
    rows = {row["name"]: row["origin"] for row in printed_json("list")["rows"]}
    assert list(rows)[:2] == ["growth-5", "my-first"]
    assert (rows["growth-5"], rows["my-first"], rows["rnd-14"]) == ("shadows", "own", "shipped")
    sweeps = {row["name"]: row["origin"] for row in printed_json("list", "sweeps")["rows"]}
    assert sweeps["my-first-sweep"] == "own"
    shown = invoke("validate", "growth-5")
    assert shown.stderr == (
        "note: growth-5 is ../scenarios/growth-5.yaml of this study, not the shipped scenario of "
        "that name\n"
    )
    assert "自有，替代自带" in invoke("list", "--lang", "zh").stdout


def test_a_name_that_extends_itself_means_the_shipped_one(inside: Path, baseline: Baseline) -> None:
    shadow(inside, "growth-5", "growth-5")
    found = load_scenario("growth-5", baseline)
    assert str(found.label) == "own"
    assert found.levers["*"].gdp_growth is not None
    assert found.levers["*"].gdp_growth.value == pytest.approx(0.09)


def test_shipped_files_mean_shipped_names(inside: Path, baseline: Baseline) -> None:
    """A baseline of one's own changes no shipped scenario and no shipped sweep."""
    before = load_scenario("rnd-14", baseline)
    points = [point.scenario for point in load_design("growth-by-rnd", baseline).points]
    own = (
        "simcore: 1\nname: baseline\nlabel: {en: own, zh: 自有}\nextends: baseline\nhorizon: 2028\n"
    )
    write(inside / "scenarios" / "baseline.yaml", own)
    assert load_scenario("rnd-14", baseline) == before
    assert [p.scenario for p in load_design("growth-by-rnd", baseline).points] == points
    assert load_scenario("my-first", baseline).horizon == 2028
    assert load_design("my-first-sweep", baseline).points[0].scenario.horizon == 2028


def test_new_writes_among_the_studys_scenarios(inside: Path) -> None:
    invoke("new", "my-plan", "--from", "my-first")
    path = inside / "scenarios" / "my-plan.yaml"
    first, second = path.read_text(encoding="utf-8").splitlines()[:2]
    assert first == "# yaml-language-server: $schema=../schemas/scenario.schema.json"
    assert second == "#"
    assert "a valid scenario" in invoke("validate", "my-plan").stdout


def test_two_files_of_one_name_are_refused(inside: Path) -> None:
    write(inside / "sweeps" / "my-first.yaml", "x")
    assert refused("validate", "my-first") == [
        "../sweeps/my-first.yaml: has the name of ../scenarios/my-first.yaml; rename one"
    ]


# --- settings, calibration, outputs ---------------------------------------------------------------


def test_settings_are_taken_and_the_command_line_wins(
    inside: Path, read_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        inside / "simcore.yaml", "study: 1\nlanguage: zh\ndraws: 6\nseed: 3\noutputs: made/here\n"
    )
    assert invoke("run", "my-first", "--workers", 1).exit_code == 0
    assert language() == "zh"
    (path,) = (inside / "made" / "here").iterdir()
    assert path.name.startswith("my-first__n6__s3__")
    invoke("run", "my-first", "-n", 4, "--seed", 0, "-o", "x.h5", "--workers", 1)
    attributes = read_attributes(Path("x.h5"))
    assert (attributes["draws"], attributes["seed"]) == (4, 0)
    assert invoke("list", "--lang", "en").stdout.startswith("scenarios")
    assert language() == "en"
    assert invoke("--study", "none", "list").stdout.startswith("scenarios")
    with monkeypatch.context() as patch:
        patch.chdir(inside.parent)
        assert invoke("list", "--study", "mine").stdout.startswith("情景")


def test_its_calibration_is_laid_on_the_shipped_one(inside: Path) -> None:
    zones = "zones: {donghu: {label: {en: mine, zh: 我的}}}\n"
    write(inside / "calibration" / "zones.yaml", zones)
    assert [path.resolve() for path in calibration_folders()] == [inside / "calibration"]
    assert str(load_baseline().zones["donghu"].label) == "mine"
    assert list(overlay_files()) == ["calibration/zones.yaml"]
    with simcore.using_study(None):
        assert str(load_baseline().zones["donghu"].label) != "mine"
    other = inside / "other"
    other.mkdir()
    write(other / "zones.yaml", zones.replace("mine", "theirs"))
    with simcore.using_calibration(other):
        assert str(load_baseline().zones["donghu"].label) == "theirs"
        assert len(overlay_files()) == 2


def test_a_fault_of_its_calibration_has_its_place(inside: Path) -> None:
    write(inside / "calibration" / "zones.yaml", "zones: {donghu: {labl: x}}\n")
    with pytest.raises(InputError, match=r"^\.\./calibration/zones\.yaml:1:18: unknown key 'labl'"):
        load_baseline()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("study: 1\ndraw: 5\n", ":2:1: unknown key 'draw'; did you mean 'draws'?"),
        ("study: 2\n", ":1:1: '2' is not one of 1"),
        ("study: 1\nlanguage: fr\n", ":2:1: 'fr' is not one of 'en' or 'zh'"),
        ("study: 1\ncalibration: [data, lost]\n", ":2:15: there is no folder data"),
        ("study: 1\noutputs: README.md\n", ":2:1: README.md is a file, not a folder"),
        ("study: 1\ndraws: 0\n", ":2:1: input should be greater than or equal to 1, not 0"),
        ("levers: {}\n", ":1:1: is no study file: the key 'study' is missing; --study none"),
        ("study: [\n", ":2:1: not valid YAML"),
        ("", ":1:1: is empty"),
    ],
)
def test_a_wrong_simcore_yaml_is_said_with_its_place(text: str, message: str, inside: Path) -> None:
    write(inside / "simcore.yaml", text)
    assert refused("list")[0].startswith(f"../simcore.yaml{message}")
    assert "Example" in invoke("list", "--help").stdout


def test_missing_folders_of_the_default_are_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "simcore.yaml", "study: 1\n")
    monkeypatch.chdir(tmp_path)
    found = study()
    assert found is not None
    assert (found.scenarios, found.calibration, found.outputs) == ({}, (), Path("outputs"))


def test_a_change_of_the_settings_is_seen(inside: Path) -> None:
    def draws() -> Any:
        found = study()
        return found.settings.draws if found else None

    assert draws() is None
    path = write(inside / "simcore.yaml", "study: 1\ndraws: 7\n")
    os.utime(path, ns=(1, 1))
    assert draws() == 7
    assert Settings(study=1).draws is None
    with pytest.raises(InputError, match="is no study"), using_study(inside / "scenarios"):
        pass
