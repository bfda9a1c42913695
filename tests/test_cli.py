"""The group of commands and its lists: help, languages, what there is."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from command_line import BASELINE, PAIRS, invoke, printed_json, refused

from simcore.cli import cli
from simcore.dims import VARIABLES

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")


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
