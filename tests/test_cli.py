"""Every command of the command line, inside one process: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result
from rich.cells import cell_len

import simcore
from simcore.baseline import load_baseline
from simcore.cli import cli
from simcore.cli.base import print_json
from simcore.cli.conflicts import wrapped
from simcore.dims import VARIABLES
from simcore.document import read_document
from simcore.labels import use_language
from simcore.posterior import Posterior
from simcore.reconcile import reconcile
from simcore.scenario import load_scenario, shipped_scenarios

BASELINE = load_baseline()
REAL_RECONCILE = reconcile
PAIRS = {(activity.zone, activity.industry) for activity in BASELINE.activities}
COMPARISON_KEYS = {
    "scenario", "indicator", "zone", "industry", "year", "median", "q05", "q95",
    "baseline_median", "difference_median", "difference_q05", "difference_q95",
    "probability_above", "largest_difference",
}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands write below the current folder: give each test one; English, whatever LANG says."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    yield
    use_language("en")


@cache
def _reconciled() -> Posterior:
    return REAL_RECONCILE()


@pytest.fixture(scope="module", autouse=True)
def _read_once() -> Iterator[None]:
    """Every command reads and reconciles the documents anew: a test file does it once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.baseline.load_baseline", lambda: BASELINE)
        patch.setattr("simcore.reconcile.reconcile", lambda **_: _reconciled())
        yield


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("result") / "three.h5"
    invoke("run", "baseline", "growth-5", "rnd-14", "-n", 200, "--seed", 7, "-o", path)
    return path


def invoke(*words: object, code: int = 0) -> Result:
    found = CliRunner().invoke(cli, [str(word) for word in words])
    if found.exit_code != code:
        raise AssertionError(f"exit {found.exit_code}: {found.output:.400}") from found.exception
    return found


def refused(*words: object) -> list[str]:
    """Lines of the error of a command that exits with 2 and prints nothing else."""
    found = invoke(*words, code=2)
    assert found.stdout == ""
    return found.stderr.splitlines()


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def printed_json(*words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(invoke(*words, "--json").stdout, parse_constant=_no_constant)
    assert isinstance(found["rows"], list)
    return found


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def scenario_file(name: str, body: str) -> Path:
    stem = Path(name).stem
    head = f"simcore: 1\nname: {stem}\nlabel: {{en: {stem}, zh: {stem}}}\nextends: baseline\n"
    return write(name, head + body)


# --- the group ------------------------------------------------------------------------------------


def test_version() -> None:
    assert invoke("--version").stdout == f"cli {version('simcore')}\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_of_every_command(option: str) -> None:
    names = [*cli.commands, "baselines list", "baselines show", "baselines conflicts"]
    for name in names:
        text = invoke(*name.split(), option).stdout
        assert "Example: simcore" in text
        assert "--lang [en|zh]" in text
        assert "--debug" in text
    assert set(cli.commands) <= set(invoke(option).stdout.split())


def test_unknown_command_is_refused() -> None:
    assert "No such command" in "\n".join(refused("lst"))


@pytest.mark.parametrize("words", [("--lang", "zh", "list"), ("list", "--lang", "zh")])
def test_language_before_and_after_the_command(words: tuple[str, ...]) -> None:
    text = invoke(*words).stdout
    assert text.startswith("情景")
    assert "若不作新的决策" in text


def test_later_language_wins_and_none_is_kept() -> None:
    assert invoke("--lang", "zh", "list", "--lang", "en").stdout.startswith("scenarios")
    assert invoke("list").stdout.startswith("scenarios")
    assert "zh" in "\n".join(refused("--lang", "de", "list"))


def test_language_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert invoke("list").stdout.startswith("情景")


# --- list -----------------------------------------------------------------------------------------

LISTS = {
    "scenarios": ({"name", "question"}, "growth-5"),
    "sweeps": ({"name", "points", "question"}, "growth-by-rnd"),
    "zones": (
        {"zone", "label", "first_year", "last_documented_year", "industries"}, "East Lake"
    ),
    "industries": ({"zone", "industry", "label", "sector"}, "optoelectronics"),
    "indicators": (
        {"indicator", "of", "treatment", "by", "label", "units", "evidence"}, "rnd_intensity"
    ),
    "tables": (
        {"document", "row", "label", "treatment", "by", "figures", "note"}, "hospital beds"
    ),
    "targets": (
        {"id", "term", "period", "qualifier", "value", "source"}, "donghu.gdp.2025.target"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LISTS)
def test_list(kind: str) -> None:
    keys, example = LISTS[kind]
    found = printed_json("list", kind)
    assert found["command"] == "list"
    assert all(set(row) == keys for row in found["rows"])
    text = invoke("list", kind).stdout
    assert example in text
    assert len([line for line in text.splitlines() if line.strip()]) == len(found["rows"]) + 3


def test_list_contents() -> None:
    rows = {kind: printed_json("list", kind)["rows"] for kind in LISTS}
    names = {row["name"] for row in rows["scenarios"]}
    assert {"baseline", "growth-5"} <= names
    assert names.isdisjoint(row["name"] for row in rows["sweeps"])
    assert {row["name"]: row["points"] for row in rows["sweeps"]}["growth-by-rnd"] == 15
    assert {(row["zone"], row["industry"]) for row in rows["industries"]} == PAIRS
    indicators = {
        kind: [row["indicator"] for row in rows["indicators"] if row["of"] == kind]
        for kind in ("result", "documents")
    }
    assert indicators == {"result": list(VARIABLES), "documents": list(BASELINE.indicators)}
    assert len(rows["tables"]) == 15 + 20
    documented = {row["zone"]: row["last_documented_year"] for row in rows["zones"]}
    assert documented == {"donghu": 2023, "jingkai": 2020}
    ids = [row["id"] for row in rows["targets"]]
    assert len(ids) == len(set(ids))
    assert {BASELINE.figures[name].kind for name in ids} == {"target", "plan_annual"}


def test_list_is_of_scenarios_by_default() -> None:
    assert printed_json("list") == printed_json("list", "scenarios")
    assert refused("list", "planets")


# --- new, validate, show, schema ------------------------------------------------------------------


def test_new_writes_a_scenario_that_is_valid_and_runs_further() -> None:
    assert invoke("new", "my-plan", "--from", "rnd-14").stdout.startswith("wrote my-plan.yaml")
    scenario = load_scenario("./my-plan.yaml", BASELINE)
    assert scenario.name == "my-plan"
    assert scenario.levers["donghu"].rnd_growth is not None
    assert scenario.levers["*"].gdp_growth is not None
    assert invoke("validate", "my-plan.yaml").stdout == (
        "my-plan.yaml: a valid scenario, 'my-plan'\n"
    )


def test_new_keeps_what_is_there() -> None:
    path = write("mine.yaml", "precious")
    for name in ("mine", "mine.yaml"):
        assert refused("new", name)[0].startswith("mine.yaml: exists; --force replaces it")
    assert path.read_text() == "precious"
    invoke("new", "mine.yaml", "--force")
    assert load_scenario("./mine.yaml", BASELINE).name == "mine"


@pytest.mark.parametrize(
    "name", ["a:b", "no", "2030", "a, b", "{x}", "东湖方案", "with space", "'quoted'", "#5"]
)
def test_new_writes_nothing_that_is_invalid(name: str) -> None:
    found = CliRunner().invoke(cli, ["new", name])
    path = Path(f"{name}.yaml")
    if path.exists():
        assert found.exit_code == 0
        invoke("validate", f"./{path}")
    else:
        assert found.exit_code == 2
        assert len(found.stderr.splitlines()) == 1


def test_new_refuses_unknown_parents_and_lost_folders() -> None:
    assert refused("new", "x", "--from", "growth-55") == [
        "growth-55: no such scenario; did you mean 'growth-5'?"
    ]
    assert refused("new", "lost/x") == ["lost/x.yaml: cannot be written: No such file or directory"]
    assert list(Path().iterdir()) == []


def test_new_extends_a_file_wherever_it_is_written() -> None:
    scenario_file("mine.yaml", "levers: {donghu: {tfp: +1 pp}}\n")
    Path("inner").mkdir()
    invoke("new", "inner/plan", "--from", "./mine.yaml")
    assert load_scenario("inner/plan.yaml", BASELINE).levers["donghu"].tfp is not None


def test_validate_good_files() -> None:
    scenario_file("mine.yaml", "levers: {donghu: {gdp_growth: 6%}}\n")
    text = invoke("validate", "mine.yaml", "growth-5", "growth-by-rnd").stdout
    assert text.splitlines() == [
        "mine.yaml: a valid scenario, 'mine'",
        "growth-5: a valid scenario, 'GDP grows 5 % a year'",
        "growth-by-rnd: a valid sweep of 15 points",
    ]


def test_validate_names_every_problem_of_every_file_in_order() -> None:
    scenario_file(
        "one.yaml", "levers:\n  donghu:\n    gdp_grwth: 5%\n    tfp: 3%\n  dongu: {tfp: +1 pp}\n"
    )
    scenario_file("two.yaml", "levers:\n  jingkai: {gdp_growth: {path: {2022: 5%}}}\n")
    found = invoke("validate", "one.yaml", "growth-5", "two.yaml", code=2)
    assert found.stdout == "growth-5: a valid scenario, 'GDP grows 5 % a year'\n"
    lines = found.stderr.splitlines()
    places = [line.split(": ")[0] for line in lines]
    assert places == ["one.yaml:7:5", "one.yaml:8:5", "one.yaml:9:3", "two.yaml:6:33"]
    assert "unknown key 'gdp_grwth'; did you mean 'gdp_growth'?" in lines[0]
    assert "+0.3 pp" in lines[1]
    assert "unknown zone 'dongu'; did you mean 'donghu'?" in lines[2]
    assert "2022 is before the first projected year, 2024" in lines[3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "x.yaml:1:1: is empty"),
        (b"\xff\xfe\x00", "x.yaml:1:1: not a text in UTF-8"),
        (b"- a\n- b\n", "x.yaml:1:1: a scenario is a mapping of keys"),
        (b"a: [1\n", "x.yaml:2:1: not valid YAML"),
        (b"a: 1\na: 2\n", "x.yaml:2:1: 'a' stands twice, first in line 1"),
    ],
)
def test_validate_broken_files(content: bytes, message: str) -> None:
    Path("x.yaml").write_bytes(content)
    (line,) = refused("validate", "x.yaml")
    assert line.startswith(message)


def test_validate_lost_files() -> None:
    assert refused("validate", "lost.yaml") == [
        "lost.yaml:1:1: cannot be read: No such file or directory"
    ]
    assert refused("validate", "grwth-5") == ["grwth-5: no such scenario; did you mean 'growth-5'?"]


def test_show_names_value_and_origin() -> None:
    rows = {row["key"]: row for row in printed_json("show", "growth-5")["rows"]}
    assert rows["levers.*.gdp_growth"]["value"] == "5%"
    assert re.fullmatch(r"growth-5\.yaml:\d+", rows["levers.*.gdp_growth"]["origin"])
    assert rows["simcore"]["value"] == 1
    text = invoke("show", "growth-5").stdout
    assert re.search(r"^levers\.\*\.gdp_growth +5%  # growth-5\.yaml:\d+$", text, re.MULTILINE)


def test_show_resolves_what_a_file_inherits() -> None:
    scenario_file("mine.yaml", "levers: {jingkai: {tfp: +1 pp}}\nhorizon: 2030\n")
    write(
        "next.yaml", "simcore: 1\nname: next\nlabel: {en: next, zh: next}\nextends: ./mine.yaml\n"
    )
    rows = {row["key"]: row["origin"] for row in printed_json("show", "next.yaml")["rows"]}
    assert rows["horizon"] == rows["levers.jingkai.tfp"].replace(":5", ":6") == "mine.yaml:6"
    assert rows["name"] == "next.yaml:2"


def test_show_diff() -> None:
    keys = {row["key"] for row in printed_json("show", "growth-5", "--diff", "growth-fast")["rows"]}
    assert "levers.*.gdp_growth" in keys
    assert keys.isdisjoint({"simcore", "extends"})
    assert printed_json("show", "growth-5", "--diff", "growth-5")["rows"] == []


def test_show_diff_names_what_only_the_other_scenario_has() -> None:
    keys = {row["key"] for row in printed_json("show", "baseline", "--diff", "growth-5")["rows"]}
    assert "levers.*.gdp_growth" in keys


def test_show_refuses() -> None:
    assert refused("show", "growth-55")
    assert refused("show", "growth-5", "--diff", "nothing-like-it")
    assert "this is a sweep" in refused("show", "growth-by-rnd")[0]


def resolve_reference(schema: dict[str, Any], reference: str) -> Any:
    found: Any = schema
    for key in reference.removeprefix("#/").split("/"):
        found = found[key]
    return found


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize("options", [(), ("--sweep",)])
def test_schema_is_a_json_schema_whose_references_resolve(options: tuple[str, ...]) -> None:
    schema = json.loads(invoke("schema", *options).stdout, parse_constant=_no_constant)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert {"simcore", "name", "label"} <= set(schema["required"]) <= set(schema["properties"])
    found = list(references(schema))
    assert found
    for reference in found:
        assert reference.startswith("#/$defs/")
        assert isinstance(resolve_reference(schema, reference), dict)


def test_both_schemas_name_their_dialect() -> None:
    for options in ((), ("--sweep",)):
        schema = json.loads(invoke("schema", *options).stdout)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", shipped_scenarios())
def test_schema_knows_the_keys_of_the_shipped_files(name: str) -> None:
    """Every key of a shipped file is a property of the schema at its place."""
    data = read_document(shipped_scenarios()[name]).data
    options = ("--sweep",) if "axes" in data else ()
    schema = json.loads(invoke("schema", *options).stdout)
    assert misfits(schema, schema, data) == []


def misfits(root: dict[str, Any], schema: Any, data: Any, place: str = "") -> list[str]:
    """What of the data no branch of the schema allows: keys, types, patterns and choices."""
    if "$ref" in schema:
        return misfits(root, resolve_reference(root, schema["$ref"]), data, place)
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            branches = [misfits(root, branch, data, place) for branch in schema[name]]
            if name == "allOf":
                return [fault for branch in branches for fault in branch]
            return [] if [] in branches else min(branches, key=len)
    types = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
        "boolean": bool, "null": type(None),
    }  # fmt: skip
    if "type" in schema and not isinstance(data, types[schema["type"]]):
        return [f"{place}: {data!r} is no {schema['type']}"]
    faults = []
    if "pattern" in schema and isinstance(data, str) and not re.search(schema["pattern"], data):
        faults.append(f"{place}: {data!r} does not match {schema['pattern']}")
    if "enum" in schema and data not in schema["enum"]:
        faults.append(f"{place}: {data!r} is none of {schema['enum']}")
    if isinstance(data, dict):
        for key, value in data.items():
            inner = schema.get("properties", {}).get(str(key), _extra(schema, str(key)))
            if inner is False:
                faults.append(f"{place}.{key} is no property")
            elif isinstance(inner, dict):
                faults += misfits(root, inner, value, f"{place}.{key}")
    if isinstance(data, list) and isinstance(schema.get("items"), dict):
        for index, value in enumerate(data):
            faults += misfits(root, schema["items"], value, f"{place}.{index}")
    return faults


def _extra(schema: dict[str, Any], key: str) -> Any:
    for pattern, inner in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return inner
    return schema.get("additionalProperties", True)


def test_schema_refuses_what_is_misspelt() -> None:
    schema = json.loads(invoke("schema").stdout)
    assert misfits(schema, schema, {"levers": {"donghu": {"gdp_grwth": "5%"}}})
    assert misfits(schema, schema, {"levers": {"donghu": {"gdp_growth": "5 percent"}}})


# --- run ------------------------------------------------------------------------------------------


def test_run_writes_the_file_and_ends_with_its_line() -> None:
    found = invoke("run", "baseline", "growth-5", "-n", 16, "--seed", 3, "-o", "x.h5")
    (line,) = found.stdout.splitlines()
    assert re.fullmatch(r"16 draws × 2 scenarios in [\d.]+ s, \d+ MB, seed 3: x\.h5", line)
    with simcore.open_results("x.h5") as dataset:
        assert list(dataset["scenario"].values) == ["baseline", "growth-5"]
        assert dataset.sizes["draw"] == 16
        assert dataset.attrs["seed"] == 3


def test_run_names_its_output_after_scenario_draws_seed_and_fingerprint() -> None:
    invoke("run", "growth-5", "-n", 2, "--seed", 9)
    (path,) = Path("outputs").iterdir()
    name = re.fullmatch(r"growth-5__n2__s9__([0-9a-f]{8})\.h5", path.name)
    assert name is not None
    with simcore.open_results(path) as dataset:
        assert dataset.attrs["fingerprint"].startswith(name[1])
    assert refused("run", "growth-5", "-n", 2, "--seed", 9) == [
        f"{path}: exists; --force replaces it, -o names another"
    ]
    invoke("run", "growth-5", "-n", 2, "--seed", 9, "--set", "levers.donghu.gdp_growth=6%")
    assert len(list(Path("outputs").iterdir())) == 2


def test_run_keeps_an_existing_file_unless_forced() -> None:
    path = write("x.h5", "precious")
    assert refused("run", "baseline", "-n", 2, "-o", "x.h5") == [
        "x.h5: exists; --force replaces it, -o names another"
    ]
    assert path.read_text() == "precious"
    invoke("run", "baseline", "-n", 2, "-o", "x.h5", "--force")
    assert h5py.is_hdf5(path)
    assert [path.name for path in Path().iterdir()] == ["x.h5"]


def test_run_lays_settings_on_top() -> None:
    setting = "levers.jingkai.gdp_growth={path: {2025: 6%, 2027: 4%}, until: 2030}"
    invoke("run", "growth-5", "-n", 4, "--set", setting, "--set", "horizon=2031", "-o", "x.h5")
    with simcore.open_results("x.h5") as dataset:
        assert int(dataset["year"].max()) == 2031
        growth = dataset["gdp_growth"].isel(scenario=0)
        donghu = growth.sel(zone="donghu", year=slice(2024, None))
        np.testing.assert_allclose(donghu, 5, rtol=1e-6)
        jingkai = growth.sel(zone="jingkai", year=slice(2025, 2030))
        np.testing.assert_allclose(jingkai.T, [[6, 5, 4, 4, 4, 4]] * 4, rtol=1e-6)
        assert float(growth.sel(zone="jingkai", year=2024).std()) > 0.1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["growth-55"], "growth-55: no such scenario; did you mean 'growth-5'?"),
        (["baseline", "baseline"], "the scenario 'baseline' is named twice"),
        (["baseline", "-n", "0"], "0 is not in the range x>=1"),
        (["baseline", "--seed", "-1"], "-1 is not in the range x>=0"),
        (["baseline", "-n", "99999999"], "99999999 draws; from 1 to 10000000 can be run"),
        (["baseline", "--set", "horizon"], "'horizon' is not of the form path.to.key=value"),
        (["baseline", "--set", "levers.x.tfp=+1 pp"], "unknown zone 'x'"),
        (["baseline", "--set", "levers.donghu.tfp=1%"], "not a difference in percentage points"),
        (["baseline", "-o", "."], "is a folder, not a file"),
        (["growth-by-rnd"], "this is a sweep, not a scenario: run it with simcore sweep"),
    ],
)
def test_run_refuses(words: list[str], message: str) -> None:
    assert message in "\n".join(refused("run", *words))
    assert list(Path().iterdir()) == []


def test_run_reports_the_problems_of_all_scenarios() -> None:
    scenario_file("one.yaml", "levers: {donghu: {gdp_growth: 5}}\n")
    assert len(refused("run", "one.yaml", "growth-55", "baseline")) == 2


def test_run_composes_names_and_files() -> None:
    invoke("run", "growth-5+rnd-14", "-n", 2, "-o", "x.h5")
    scenario_file("mine.yaml", "levers: {jingkai: {tfp: +1 pp}}\n")
    invoke("run", "growth-5+./mine.yaml", "-n", 2, "-o", "y.h5")
    with simcore.open_results("x.h5") as dataset:
        assert list(dataset["scenario"].values) == ["growth-5+rnd-14"]


def test_run_leaves_no_file_when_pins_cannot_be_met() -> None:
    path = write("x.h5", "precious")
    words = [
        f"levers.jingkai.industries.{name}.growth=30%" for zone, name in PAIRS
        if zone == "jingkai" and name != "agri_tech"
    ]  # fmt: skip
    settings = [part for word in words for part in ("--set", word)]
    pinned = ["--set", "levers.jingkai.gdp_growth=1%"]
    found = invoke(
        "run", "baseline", "-n", 2, *settings, *pinned, "-o", path, "--force", code=2
    )  # fmt: skip
    assert "jingkai, 2024: the pinned industries alone exceed the pinned GDP" in found.stderr
    assert path.read_text() == "precious"
    assert [path.name for path in Path().iterdir()] == ["x.h5"]


# --- sweep ----------------------------------------------------------------------------------------

SWEEP = """simcore: 1
name: mine
label: {en: mine, zh: mine}
axes:
  levers.*.gdp_growth: {values: [3%, 7%]}
  levers.donghu.rnd_intensity: {from: 8%, to: 10%, steps: 2}
sampling: {draws: 4, seed: 5}
"""


def test_sweep_runs_every_point() -> None:
    write("mine.yaml", SWEEP)
    line = invoke("sweep", "mine.yaml").stdout
    assert re.search(r"^4 draws × 4 scenarios in .* seed 5: outputs/mine__n4__s5__\w{8}\.h5", line)
    (path,) = Path("outputs").iterdir()
    with simcore.open_results(path) as dataset:
        wanted = list(product([3, 7], [8, 10]))
        assert list(dataset["scenario"].values) == [
            f"*.gdp_growth={a}%, donghu.rnd_intensity={b}%" for a, b in wanted
        ]
        at = dataset.sel(year=2030, zone="donghu")
        for place, (growth, intensity) in enumerate(wanted):
            here = at.isel(scenario=place)
            np.testing.assert_allclose(here["gdp_growth"], growth, rtol=1e-6)
            np.testing.assert_allclose(here["rnd_intensity"], intensity, rtol=1e-6)
    with h5py.File(path) as file:
        assert [text.decode() for text in file["points/levers.*.gdp_growth"]] == [
            "3%", "3%", "7%", "7%"
        ]  # fmt: skip


def test_sweep_takes_draws_and_seed_and_keeps_files() -> None:
    write("mine.yaml", SWEEP)
    invoke("sweep", "mine.yaml", "-n", 2, "--seed", 6, "-o", "x.h5")
    with simcore.open_results("x.h5") as dataset:
        assert (dataset.sizes["draw"], dataset.attrs["seed"]) == (2, 6)
    assert "exists; --force" in refused("sweep", "mine.yaml", "-o", "x.h5")[0]


def test_sweep_refuses_scenarios_and_wrong_axes() -> None:
    assert any("axes" in line for line in refused("sweep", "growth-5"))
    write("mine.yaml", SWEEP.replace("gdp_growth", "gdp_grwth"))
    (line,) = set(refused("sweep", "mine.yaml"))
    assert line.startswith("mine.yaml:5:3: unknown key 'gdp_grwth'; did you mean 'gdp_growth'?")


# --- what-if --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def growth_5() -> dict[str, Any]:
    return printed_json("what-if", "--gdp-growth", "5%", "-n", 512, "--seed", 11)


def test_what_if_rows(growth_5: dict[str, Any]) -> None:
    rows = growth_5["rows"]
    assert all(set(row) == COMPARISON_KEYS for row in rows)
    found = {(r["indicator"], r["zone"], r["industry"], r["year"]) for r in rows}
    years, zones = (2025, 2030, 2035), ("donghu", "jingkai")
    wanted = {
        (name, zone, None, year) for name in ("gdp", "rnd") for zone in zones for year in years
    }
    wanted |= {("output", zone, industry, year) for zone, industry in PAIRS for year in years}
    assert found == wanted
    assert len(rows) == len(wanted)
    for row in rows:
        assert row["q05"] <= row["median"] <= row["q95"]
        assert row["difference_q05"] <= row["difference_median"] <= row["difference_q95"]
        assert 0 <= row["probability_above"] <= 1


def geometric(growth: xr.DataArray) -> xr.DataArray:
    """Average growth of the years, in percent."""
    return 100 * np.expm1(np.log1p(growth / 100).mean("year"))


def test_what_if_says_what_the_growth_takes(growth_5: dict[str, Any]) -> None:
    assert growth_5["command"] == "what-if"
    assert growth_5["mode"] == "set"
    assert (growth_5["draws"], growth_5["seed"]) == (512, 11)
    assert set(growth_5["zones"]) == {"donghu", "jingkai"}
    dataset = simcore.run("baseline", "growth-5", draws=512, seed=11)
    span = dataset.sel(year=slice(2024, 2030))
    for name, zone in growth_5["zones"].items():
        usual, pinned = (span.sel(scenario=s, zone=name) for s in ("baseline", "growth-5"))
        required = geometric(pinned["tfp_growth_required"])
        assert zone["tfp_growth_required"] == pytest.approx(float(required.median()), rel=1e-5)
        shares = {
            "baseline_share_below": geometric(usual["tfp_growth"]) < required.median(),
            "share_average_reached": geometric(usual["gdp_growth"]) >= 5,
            "share_every_year_reached": (usual["gdp_growth"] >= 5).all("year"),
        }
        for key, met in shares.items():
            assert zone[key] == pytest.approx(float(met.mean()), abs=1e-6), key
        assert zone["growth"] == pytest.approx(5, abs=1e-6)
        assert zone["years"] == [2024, 2030]


def test_what_if_text(growth_5: dict[str, Any]) -> None:
    text = invoke("what-if", "--gdp-growth", "5%", "-n", 512, "--seed", 11).stdout
    assert text.startswith("What if gdp_growth = 5%?\n")
    assert "East Lake High-tech" in text
    assert text.rstrip().endswith("512 draws, seed 11; medians with 90 % bands.")
    required = growth_5["zones"]["donghu"]["tfp_growth_required"]
    assert f"takes productivity growth of {required:.2f} % a year" in text
    assert "Mode set:" in text


def test_what_if_centre_fixes_the_mean() -> None:
    words = ["what-if", "--gdp-growth", "5%", "--mode", "centre", "-n", "2048"]
    found = printed_json(*words, "--indicator", "gdp_growth", "--year", "2030")
    assert found["mode"] == "centre"
    assert len(found["rows"]) == 2
    for row in found["rows"]:
        assert row["q05"] < 3
        assert row["q95"] > 7
    assert "Mode centre:" in invoke(*words, "--indicator", "gdp_growth").stdout


def test_what_if_in_one_zone_pins_the_other_to_nothing() -> None:
    found = printed_json("what-if", "--gdp-growth", "9%", "--zone", "donghu", "-n", 8)
    assert set(found["zones"]) == {"donghu"}
    jingkai = [r for r in found["rows"] if (r["zone"], r["indicator"]) == ("jingkai", "gdp")]
    assert len(jingkai) == 3
    for row in jingkai:  # all that reaches it is the spillover of the other zone's R&D
        assert 0 < row["difference_median"] < 0.01 * row["baseline_median"]


@pytest.mark.parametrize(
    ("words", "indicator", "zone"),
    [
        (["--rnd-growth", "20%"], "rnd", "donghu"),
        (["--investment-rate", "60%"], "gdp", "donghu"),
        (["--labour-growth", "5%"], "gdp", "jingkai"),
        (["--tfp", "+0.5 pp"], "gdp", "jingkai"),
        (["--set", "levers.donghu.tfp=+0.5 pp"], "gdp", "donghu"),
        (["--from", "growth-fast"], "gdp", "donghu"),
    ],
)
def test_what_if_levers(words: list[str], indicator: str, zone: str) -> None:
    found = printed_json("what-if", *words, "-n", 64, "--indicator", indicator, "--year", 2035)
    (row,) = [row for row in found["rows"] if row["zone"] == zone]
    assert row["probability_above"] > 0.8


def test_what_if_rnd_growth_ends_in_2030() -> None:
    words = ["what-if", "--rnd-growth", "14%", "-n", "8", "--indicator", "rnd_intensity"]
    rows = printed_json(*words, "--year", "2030", "--year", "2034", "--zone", "donghu")["rows"]
    at = {row["year"]: row["median"] for row in rows if row["zone"] == "donghu"}
    assert at[2030] == pytest.approx(at[2034])


def test_what_if_answers_a_shorter_horizon() -> None:
    found = printed_json("what-if", "--gdp-growth", "5%", "--set", "horizon=2028", "-n", 8)
    for zone in found["zones"].values():
        assert zone["years"] == [2024, 2028]
        assert zone["tfp_growth_required"] is not None
    assert {row["year"] for row in found["rows"]} == {2025}


def test_what_if_replaces_the_growth_of_its_base() -> None:
    for zone in ("*", "donghu"):
        words = ["--from", "annual-plan-2024", "--zone", zone, "--indicator", "gdp_growth"]
        found = printed_json("what-if", "--gdp-growth", "5%", "-n", 8, "--year", 2030, *words)
        (row,) = [row for row in found["rows"] if row["zone"] == "donghu"]
        assert row["median"] == pytest.approx(5, rel=1e-6)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "what if what? give --gdp-growth 5%, another lever, or --set KEY=VALUE"),
        (["--gdp-growth", "5"], "a percentage is written with its sign: 5% instead of 5"),
        (["--gdp-growth", "500%"], "500% lies outside -50% to 100%"),
        (["--gdp-growth", "5%", "--zone", "dongu"], "did you mean 'donghu'?"),
        (["--gdp-growth", "5%", "--indicator", "gpd"], "did you mean 'gdp'?"),
        (["--gdp-growth", "5%", "--year", "2050"], "unknown year '2050'"),
        (["--gdp-growth", "5%", "--mode", "target"], "is not one of 'set', 'centre'"),
        (["--gdp-growth", "5%", "--from", "growth-55"], "no such scenario"),
        (["--tfp", "1%"], "not a difference in percentage points"),
    ],
)
def test_what_if_refuses(words: list[str], message: str) -> None:
    assert message in "\n".join(refused("what-if", *words, "-n", 4))


# --- compare --------------------------------------------------------------------------------------


def test_compare_rows(result: Path) -> None:
    found = printed_json("compare", result)
    assert (found["command"], found["baseline"]) == ("compare", "baseline")
    rows = found["rows"]
    assert all(set(row) == COMPARISON_KEYS for row in rows)
    assert {row["scenario"] for row in rows} == {"growth-5", "rnd-14"}
    assert {row["indicator"] for row in rows} == {"gdp", "output", "rnd"}
    assert {row["year"] for row in rows} == {2025, 2030, 2035}
    assert {(r["zone"], r["industry"]) for r in rows if r["indicator"] == "output"} == PAIRS
    assert {row["industry"] for row in rows if row["indicator"] != "output"} == {None}


def test_compare_numbers(result: Path) -> None:
    words = ["--indicator", "gdp", "--year", 2030, "--baseline", "rnd-14"]
    rows = printed_json("compare", result, *words)["rows"]
    assert {row["scenario"] for row in rows} == {"baseline", "growth-5"}
    with simcore.open_results(result) as dataset:
        gdp = dataset["gdp"].sel(year=2030).astype(float)
        for row in rows:
            mine = gdp.sel(zone=row["zone"], scenario=row["scenario"]).values
            other = gdp.sel(zone=row["zone"], scenario="rnd-14").values
            assert [row["q05"], row["median"], row["q95"]] == pytest.approx(
                np.quantile(mine, [0.05, 0.5, 0.95]), rel=1e-9
            )
            assert row["baseline_median"] == pytest.approx(np.median(other), rel=1e-9)
            assert [row[f"difference_{n}"] for n in ("q05", "median", "q95")] == pytest.approx(
                np.quantile(mine - other, [0.05, 0.5, 0.95]), rel=1e-9, abs=1e-9
            )
            assert row["probability_above"] == (mine > other).mean()


def test_compare_only_changed(result: Path) -> None:
    words = ["--indicator", "gdp", "--indicator", "rnd_intensity"]
    whole = printed_json("compare", result, *words)["rows"]
    changed = printed_json("compare", result, *words, "--only-changed")["rows"]
    assert 0 < len(changed) < len(whole)
    assert all(row in whole for row in changed)
    left = [row for row in whole if row not in changed]
    assert all(abs(row["difference_q95"]) <= 1e-6 * row["baseline_median"] for row in left)
    assert {(row["scenario"], row["indicator"], row["zone"]) for row in left} == {
        ("growth-5", "rnd_intensity", "donghu"), ("growth-5", "rnd_intensity", "jingkai"),
        ("rnd-14", "rnd_intensity", "jingkai"),
    }  # fmt: skip


def test_compare_table(result: Path) -> None:
    text = invoke("compare", result, "--indicator", "gdp", "--year", 2030).stdout
    assert text.startswith("against baseline\n")
    assert "growth-5 · East Lake High-tech" in text
    assert text.count("GDP at current prices") == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--baseline", "growth-6"], "unknown scenario 'growth-6'; did you mean 'growth-5'?"),
        (["--indicator", "gpd"], "unknown indicator 'gpd'; did you mean 'gdp'?"),
        (["--year", "2050"], "unknown year '2050'"),
        (["--year", "soon"], "'soon' is not a valid integer"),
    ],
)
def test_compare_refuses(words: list[str], message: str, result: Path) -> None:
    assert message in "\n".join(refused("compare", result, *words))


def test_compare_needs_something_to_compare() -> None:
    invoke("run", "baseline", "-n", 2, "-o", "x.h5")
    assert refused("compare", "x.h5") == [
        "there is no scenario beside 'baseline' to compare with it"
    ]


def test_compare_joins_files_of_one_seed(result: Path) -> None:
    invoke("run", "talent", "-n", 100, "--seed", 7, "-o", "more.h5")
    rows = printed_json("compare", result, "more.h5", "--indicator", "gdp")["rows"]
    assert {row["scenario"] for row in rows} == {"growth-5", "rnd-14", "talent"}
    invoke("run", "baseline", "talent", "-n", 100, "--seed", 7, "-o", "both.h5")
    alone = printed_json("compare", "both.h5", "--indicator", "gdp")["rows"]
    assert [row for row in rows if row["scenario"] == "talent"] == alone


def test_compare_refuses_files_of_another_seed(result: Path) -> None:
    invoke("run", "talent", "-n", 4, "--seed", 8, "-o", "other.h5")
    assert refused("compare", result, "other.h5") == [
        f"other.h5: another seed than {result}; draws are not pairs"
    ]


def test_compare_never_drops_another_scenario_of_the_same_name(result: Path) -> None:
    words = ["--set", "levers.donghu.gdp_growth=8%", "--set", "name=growth-5", "--seed", 7]
    invoke("run", "growth-5", *words, "-n", 200, "-o", "other.h5")
    assert "growth-5" in "\n".join(refused("compare", result, "other.h5"))


# --- calibrate and baselines ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def calibration() -> dict[str, Any]:
    return printed_json("calibrate")


def test_calibrate_rows(calibration: dict[str, Any]) -> None:
    assert calibration["command"] == "calibrate"
    keys = {"figure", "zone", "indicator", "period", "value", "fitted", "z", "evidence", "source"}
    for row in calibration["rows"]:
        assert keys <= set(row)
        assert row["low"] <= row["fitted"] <= row["high"]
        if row["figure"]:
            figure = BASELINE.figures[row["figure"]]
            assert (row["value"], row["zone"]) == (figure.value, figure.zone)
            assert row["evidence"] == "documented"
            assert str(figure.source) == row["source"]
            if figure.qualifier == "exact":
                assert abs(row["z"]) < 2
        else:
            assert (row["value"], row["z"], row["evidence"]) == (None, None, "assumed")


def test_calibrate_says_what_is_beside_the_rows(calibration: dict[str, Any]) -> None:
    (first, *_) = calibration["conflicts"]
    assert first["conflict"] == "services_growth_against_share"
    assert set(first["figures"]) <= set(BASELINE.figures)
    assert calibration["shrinkage"]
    for row in calibration["shrinkage"]:
        assert {"parameter", "prior", "posterior", "shift", "shrinkage", "evidence"} <= set(row)
        assert row["shrinkage"] <= 1
    used = {row["figure"] for row in calibration["rows"] if row["figure"]}
    actual = {figure.id for figure in BASELINE.actuals()}
    assert used | set(calibration["unused"]) == actual
    assert used.isdisjoint(calibration["unused"])
    assert re.fullmatch("[0-9a-f]{64}", calibration["fingerprint"])


def test_calibrate_is_the_same_without_its_cache(
    calibration: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simcore.reconcile.reconcile", REAL_RECONCILE)
    monkeypatch.setenv("SIMCORE_CACHE", "cache")
    fresh = printed_json("calibrate")
    assert [path.suffix for path in Path("cache/simcore").iterdir()] == [".npz"]
    assert printed_json("calibrate") == fresh
    assert fresh["fingerprint"] == calibration["fingerprint"]
    for one, other in zip(fresh["rows"], calibration["rows"], strict=True):
        assert one["fitted"] == pytest.approx(other["fitted"], rel=1e-6)


def test_calibrate_says_what_documents_and_figures_do(calibration: dict[str, Any]) -> None:
    assert [row["document"] for row in calibration["documents"]] == list(BASELINE.documents)
    used = [row["figure"] for row in calibration["rows"] if row["figure"]]
    assert [row["figure"] for row in calibration["influence"]] == used
    assert sum(row["figures"] for row in calibration["documents"]) == len(used)
    for row in calibration["documents"] + calibration["influence"]:
        assert row["information"] >= 0
        for effect in row["effects"]:
            keys = {"zone", "year", "median_change", "deviation", "deviation_without"}
            assert set(effect) == keys
    totals: dict[tuple[str, int], float] = {}
    for row in calibration["spread"]:
        key = (row["zone"], row["year"])
        totals[key] = totals.get(key, 0.0) + row["share"]
    assert set(totals) == {(zone, year) for zone in BASELINE.zones for year in (2025, 2030)}
    assert list(totals.values()) == pytest.approx([1.0] * len(totals))


def test_calibrate_draws_the_history() -> None:
    text = invoke("calibrate", "-o", "history.svg", "--data", "history.csv").stdout
    assert "wrote history.svg" in text
    assert "wrote history.csv" in text
    assert Path("history.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert "exists" in "\n".join(refused("calibrate", "-o", "history.svg"))
    again = printed_json("calibrate", "-o", "history.svg", "--force")
    assert again["written"] == ["history.svg"]


def test_calibrate_writes_numbers_of_a_picture_only() -> None:
    assert "name that with -o" in "\n".join(refused("calibrate", "--data", "history.csv"))
    assert not Path("history.csv").exists()


def test_calibrate_tables() -> None:
    text = invoke("calibrate").stdout
    assert "What each document contributed" in text
    for zone in BASELINE.zones.values():
        assert f"GDP of {zone.label} if one figure were left out" in text
        assert f"shares of the variance of ln GDP, {zone.label}" in text
        assert f"{zone.label}, 2030: " in text
    assert "donghu.gdp.2023 *" in text
    assert re.search(r"The other 1\d of 21 figures move neither median nor s\.d\. by 0\.05", text)
    assert "Figures, what the reconciliation makes of them" in text
    assert "Conflicts: figures that cannot hold together" in text
    assert "jingkai.gdp.growth.2016_2020" in text
    assert "2016–2020" in text


def figures(*words: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = printed_json("baselines", "list", *words)["rows"]
    return found


@pytest.mark.parametrize(
    ("option", "value", "of"),
    [
        ("--zone", "donghu", lambda row: row["zone"]),
        ("--indicator", "rnd", lambda row: row["indicator"]),
        ("--document", "donghu-action-2022", lambda row: row["source"]["document"]),
        ("--kind", "pipeline", lambda row: row["kind"]),
    ],
)
def test_baselines_list_filters(option: str, value: str, of: Any) -> None:
    assert [row["id"] for row in figures(option, value)] == [
        row["id"] for row in figures() if of(row) == value
    ]
    assert figures(option, value)


def test_baselines_list_joins_filters() -> None:
    found = figures("--zone", "donghu", "--indicator", "gdp", "--year", 2023, "--kind", "actual")
    assert {"donghu.gdp.2023", "donghu.gdp.growth.2023"} <= {row["id"] for row in found}
    assert all(row["period"] == 2023 for row in found)
    assert figures("--year", 1999) == []
    assert "0 figures" in invoke("baselines", "list", "--year", 1999).stdout


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--zone", "dongu", "unknown zone 'dongu'; did you mean 'donghu'?"),
        ("--indicator", "gpd", "unknown indicator 'gpd'; did you mean 'gdp'?"),
        ("--document", "nothing", "unknown document 'nothing'; known: "),
        ("--kind", "actuals", "unknown kind 'actuals'; did you mean 'actual'?"),
    ],
)
def test_baselines_list_refuses_unknown_names(option: str, value: str, message: str) -> None:
    (line,) = refused("baselines", "list", option, value)
    assert line.startswith(message)


def test_baselines_show() -> None:
    (row,) = printed_json("baselines", "show", "jingkai.gdp.2020")["rows"]
    assert (row["value"], row["unit"], row["source"]["line"]) == (1650, "亿元", 76)
    assert row["fit"]["fitted"] == pytest.approx(1650, abs=0.5)
    assert {"jingkai_gdp_goal_2025", "jingkai_services_growth"} <= set(row["conflicts"])
    assert set(row["verdicts"]) == set(row["conflicts"])
    needed = [found for found in row["implied"] if found["other"] == "jingkai.gdp.2025.target"]
    assert [found["text"] for found in needed] == ["(4000/1650)^(1/5) − 1 = 19.4 %"]
    assert "shares of GDP" in row["use"]
    text = invoke("baselines", "show", "jingkai.gdp.2020").stdout
    assert re.search(r"^value +1650 亿元 \(exact\)$", text, re.MULTILINE)
    assert re.search(r"^source +jingkai-14fyp-2021 第一章第一节, line 76$", text, re.MULTILINE)


def test_baselines_show_figures_beside_the_model() -> None:
    text = invoke("baselines", "show", "donghu.gdp.growth.2023q1").stdout
    assert "part of a year; the whole year's figure serves" in text
    (row,) = printed_json("baselines", "show", "donghu.gdp.growth.2023q1")["rows"]
    assert row["fit"] is None
    assert "fitted" not in invoke("baselines", "show", "donghu.gdp.2025.target").stdout


def test_baselines_show_follows_repetitions_both_ways() -> None:
    first = "donghu.rnd.growth.2021_2025.target"
    (row,) = printed_json("baselines", "show", first)["rows"]
    assert row["repeated_by"] == [f"{first}.table"]
    (again,) = printed_json("baselines", "show", f"{first}.table")["rows"]
    assert again["same_as"] == first
    assert set(again["conflicts"]) == set(row["conflicts"]) == {
        "donghu_rnd_growth", "donghu_rnd_intensity",
    }  # fmt: skip
    assert re.search(rf"^repeated by +{re.escape(first)}\.table$", shown(first), re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("donghu.gdp.2023", "evidence on GDP, level, 2023: fitted 2,715.00"),
        ("donghu.gdp.2025.target", "a goal: never evidence"),
        ("donghu.rnd.growth.2021_2025.target.table", "none of its own: the fact counts once"),
        ("donghu.income.growth.2021_2025.target", "none: no number is printed"),
        ("jingkai.investment.project_reserve.cumulative.2021_2025.pipeline", "a pipeline"),
        ("donghu.gdp.growth.2023q1", "none: part of a year; the whole year's figure serves"),
    ],
)
def test_baselines_show_says_who_uses_a_figure(name: str, use: str) -> None:
    assert re.search(rf"^in the model +{re.escape(use)}", shown(name), re.MULTILINE)


def shown(name: str) -> str:
    return str(invoke("baselines", "show", name).stdout)


def test_baselines_check_names_what_is_listed() -> None:
    rows = printed_json("baselines", "check")["rows"]
    listed = {row["listed"] for row in rows} - {""}
    assert {"donghu_gdp_growth_2021_2023", "donghu_forest"} <= listed
    text = invoke("baselines", "check").stdout
    assert all(f"listed: {name}" in text for name in listed)


def test_any_figure_can_be_shown() -> None:
    for name in list(BASELINE.figures)[::90]:
        assert name in invoke("baselines", "show", name).stdout


def test_baselines_show_refuses_unknown_ids() -> None:
    assert refused("baselines", "show", "donghu.gdp.2032") == [
        "no figure 'donghu.gdp.2032'; did you mean 'donghu.gdp.2023'?"
    ]


def test_baselines_conflicts(calibration: dict[str, Any]) -> None:
    rows = printed_json("baselines", "conflicts")["rows"]
    keys = {"id", "zone", "label", "reason", "figures", "implied", "slack", "verdict", "treatment"}
    assert all(keys <= set(row) for row in rows)
    used = [row["slack"] for row in rows if row["slack"]]
    assert used == [row["slacks"] for row in calibration["conflicts"]]
    text = invoke("baselines", "conflicts").stdout
    for row in rows:
        assert row["verdict"] in text
        assert all(number["text"] in text for number in row["implied"])
    assert f"{len(rows)} cases of figures" in text
    assert "jingkai.gdp.growth.2016_2020 misses by -53.5 σ" in text


def test_baselines_conflicts_filters() -> None:
    rows = printed_json("baselines", "conflicts")["rows"]
    found = printed_json("baselines", "conflicts", "--zone", "jingkai", "--reason", "ambition")
    chosen = [row for row in rows if (row["zone"], row["reason"]) == ("jingkai", "ambition")]
    assert found["rows"] == chosen != []
    assert refused("baselines", "conflicts", "--reason", "ambitions") == [
        "unknown reason 'ambitions'; did you mean 'ambition'?"
    ]
    assert refused("baselines", "conflicts", "--zone", "dongu") == [
        "unknown zone 'dongu'; did you mean 'donghu'?"
    ]


def test_baselines_conflicts_in_chinese() -> None:
    rows = printed_json("--lang", "zh", "baselines", "conflicts")["rows"]
    (goal,) = [row for row in rows if row["id"] == "donghu_gdp_goal_2025"]
    assert "需年均35.7%" in goal["verdict"]
    assert goal["verdict"] in invoke("--lang", "zh", "baselines", "conflicts").stdout


def test_conflicts_are_wrapped_to_a_terminal() -> None:
    text = "二者不能同时成立：若2024年按计划增长，2025年一年还需增长72.1%。"
    lines = wrapped(text, 24)
    assert "".join(lines) == text
    assert all(cell_len(line) <= 26 for line in lines)  # a closing mark may hang over
    assert not any(line[0] in "，。：" for line in lines)
    assert wrapped(text, None) == [text]
    assert wrapped("it comes to 16.3 % here", 17) == ["it comes to", "16.3 % here"]


# --- inspect and plot -----------------------------------------------------------------------------


def test_inspect(result: Path) -> None:
    found = printed_json("inspect", result)
    assert found["scenarios"] == ["baseline", "growth-5", "rnd-14"]
    assert (found["draws"], found["seed"], found["sampler"]) == (200, 7, "random")
    assert found["years"] == [2015, 2035]
    assert found["simcore"] == version("simcore")
    assert set(VARIABLES) | {"weight", "status"} == {row["variable"] for row in found["rows"]}
    text = invoke("inspect", result).stdout
    assert re.search(r"^scenarios +baseline, growth-5, rnd-14$", text, re.MULTILINE)
    assert "地区生产总值（现价）" in invoke("--lang", "zh", "inspect", result).stdout


def test_plot_png_and_numbers(result: Path) -> None:
    words = ["--scenario", "growth-5", "--zone", "donghu", "--data", "x.csv"]
    found = invoke("plot", result, *words, "-o", "x.png")
    assert found.stdout == "wrote x.png\nwrote x.csv\n"
    assert Path("x.png").read_bytes().startswith(PNG)
    comment, *lines = Path("x.csv").read_text().splitlines()
    assert comment == "# gdp"
    rows = list(csv.DictReader(lines))
    assert [int(row["year"]) for row in rows] == list(range(2020, 2036))
    with simcore.open_results(result) as dataset:
        gdp = dataset["gdp"].sel(scenario="growth-5", zone="donghu", year=2030).values
    (row,) = [row for row in rows if row["year"] == "2030"]
    wanted = np.quantile(gdp, [0.05, 0.25, 0.5, 0.75, 0.95])
    printed = [float(row[name]) for name in ("q05", "q25", "q50", "q75", "q95")]
    assert printed == pytest.approx(wanted, rel=1e-5)


def test_plot_svg_is_text_in_the_language(result: Path) -> None:
    invoke("plot", result, "--indicator", "rnd_intensity", "-o", "x.svg")
    tree = ElementTree.parse("x.svg")
    text = " ".join("".join(node.itertext()) for node in tree.iter())
    assert "R&D spending over GDP [percent of GDP]" in text
    assert "growth-5" in text


def test_plot_stands_beside_its_file(result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.h5"
    copy.write_bytes(result.read_bytes())
    invoke("plot", copy, "--indicator", "output", "--industry", "automotive")
    assert (tmp_path / "copy-output-automotive.png").read_bytes().startswith(PNG)
    assert "exists" in refused("plot", copy, "--indicator", "output", "--industry", "automotive")[0]


def test_plot_industry_data(result: Path) -> None:
    invoke(
        "plot", result, "--indicator", "value_added", "--industry", "digital_services",
        "-o", "x.svg", "--data", "x.csv",
    )  # fmt: skip
    rows = list(csv.DictReader(Path("x.csv").read_text().splitlines()[1:]))
    assert {row["zone"] for row in rows} == {"donghu", "jingkai"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "x.gif"], "x.gif: a picture ends in .png, .svg, .pdf"),
        (["--indicator", "gpd"], "unknown indicator 'gpd'; did you mean 'gdp'?"),
        (["--zone", "dongu"], "unknown zone 'dongu'; did you mean 'donghu'?"),
        (["--scenario", "growth-6"], "unknown scenario 'growth-6'; did you mean 'growth-5'?"),
        (["--industry", "automotive"], "gdp has no industries; value_added and output have"),
        (
            ["--indicator", "output", "--industry", "automotiv"],
            "unknown industry 'automotiv'; did you mean 'automotive'?",
        ),
        (["--indicator", "output", "--industry", "automotive", "--zone", "donghu"], "automotive"),
        (["--indicator", "tfp_growth_required", "--scenario", "baseline"], "tfp_growth_required"),
    ],
)
def test_plot_refuses(words: list[str], message: str, result: Path) -> None:
    (line,) = refused("plot", result, *([] if "-o" in words else ["-o", "x.png"]), *words)
    assert message in line
    assert list(Path().iterdir()) == []


def test_plot_keeps_files_unless_forced(result: Path) -> None:
    picture, data = write("x.png", "precious"), write("x.csv", "precious")
    assert "x.png: exists" in refused("plot", result, "-o", "x.png")[0]
    assert "x.csv: exists" in refused("plot", result, "-o", "y.png", "--data", "x.csv")[0]
    assert (picture.read_text(), data.read_text()) == ("precious", "precious")
    assert not Path("y.png").exists()
    invoke("plot", result, "-o", "x.png", "--data", "x.csv", "--force")
    assert picture.read_bytes().startswith(PNG)
    assert data.read_text().startswith("# gdp\n")


@pytest.mark.parametrize("command", ["inspect", "plot", "compare"])
def test_what_is_no_result_is_refused(command: str) -> None:
    write("text.h5", "not HDF5")
    (line,) = refused(command, "text.h5")
    assert line.startswith("text.h5: is no HDF5 file")
    assert refused(command, "lost.h5") == ["lost.h5: does not exist"]
    with h5py.File("other.h5", "w") as file:
        file["a"] = 1
    assert refused(command, "other.h5") == ["other.h5: is no result of simcore"]
    Path("folder.h5").mkdir()
    assert len(refused(command, "folder.h5")) == 1


@pytest.mark.parametrize("command", ["inspect", "plot", "compare"])
def test_a_truncated_result_is_a_failure(command: str, result: Path) -> None:
    """A result that lost its end is damaged: the run fails, with 1; a text is no result, with 2."""
    content = result.read_bytes()
    Path("half.h5").write_bytes(content[: len(content) // 2])
    (line,) = invoke(command, "half.h5", code=1).stderr.splitlines()
    assert line.startswith("half.h5: ")


@pytest.mark.parametrize("command", ["inspect", "compare"])
@pytest.mark.parametrize("start", [0, 512, 2048, 20_000, 60_000, 200_000])
def test_a_damaged_result_is_one_line(command: str, start: int, result: Path) -> None:
    """Whatever a hole in the file hits: an answer, or one line that names the file."""
    content = bytearray(result.read_bytes())
    content[start : start + 1024] = b"\xa5" * 1024
    Path("hole.h5").write_bytes(content)
    found = CliRunner().invoke(cli, [command, "hole.h5"])
    assert isinstance(found.exception, SystemExit | None), repr(found.exception)
    if found.exit_code:
        (line,) = found.stderr.splitlines()
        assert line.startswith("hole.h5: ")


@pytest.mark.parametrize("name", ["gdp", "scenario", "year"])
def test_a_result_without_a_variable_is_one_line(name: str, result: Path) -> None:
    Path("part.h5").write_bytes(result.read_bytes())
    with h5py.File("part.h5", "r+") as file:
        del file[name]
    found = CliRunner().invoke(cli, ["compare", "part.h5"])
    assert isinstance(found.exception, SystemExit), repr(found.exception)
    assert found.exit_code in (1, 2)
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["-o", "file/x.png"], 2), (["-o", "x.png", "--data", "file/x.csv"], 2),
        (["-o", "/proc/x.png"], 1),
        (["-o", "x.png", "--data", "/proc/x.csv"], 1),
        (["-o", "x" * 300 + ".png"], 2),
    ],
)  # fmt: skip
def test_a_picture_that_cannot_be_written_is_one_line(
    words: list[str], code: int, result: Path
) -> None:
    write("file", "precious")
    (line,) = invoke("plot", result, *words, code=code).stderr.splitlines()
    assert line.startswith(f"{words[-1]}: ")


def test_what_is_not_finite_is_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_json("x", [{"a": float("inf"), "b": [-float("inf"), float("nan")], "c": 1.5}])
    assert json.loads(capsys.readouterr().out)["rows"] == [{"a": None, "b": [None, None], "c": 1.5}]


def test_an_interrupt_says_no_more_than_that(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that was interrupted may have written something already."""

    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    with pytest.raises(SystemExit) as left:
        simcore.cli.main()
    assert left.value.code == 1
    assert capsys.readouterr().err == "interrupted\n"
