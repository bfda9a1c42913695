"""Commands on scenarios: what they write, show and refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from command_line import BASELINE, invoke, no_constant, printed_json, refused, scenario_file, write

from simcore.cli import cli
from simcore.document import read_document
from simcore.scenario import load_scenario, shipped_scenarios

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")


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
    schema = json.loads(invoke("schema", *options).stdout, parse_constant=no_constant)
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
