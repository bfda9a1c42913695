"""Commands on the documented figures and on the calibration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from command_line import BASELINE, invoke, printed_json, refused
from rich.cells import cell_len

from simcore.cli.conflicts import wrapped
from simcore.reconcile import reconcile as real_reconcile

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")


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
    monkeypatch.setattr("simcore.reconcile.reconcile", real_reconcile)
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
    assert re.search(r"^value +1650 亿元 \(100 million CNY\) \(exact\)$", text, re.MULTILINE)
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
