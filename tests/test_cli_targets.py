"""The commands targets and solve: what they print and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import PNG, invoke, printed_json, refused

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")

KEYS = {
    "target", "zone", "indicator", "year", "comparator", "value", "strength", "treatment",
    "probability", "expected_shortfall", "last_value", "last_year", "required_growth",
    "progress_ratio", "source",
}  # fmt: skip


@pytest.fixture(scope="module")
def assessed(result: Path) -> dict[str, Any]:
    return printed_json("targets", result)


def test_targets_of_a_file(assessed: dict[str, Any]) -> None:
    assert (assessed["command"], assessed["scenario"], assessed["draws"]) == (
        "targets", "baseline", 200,
    )  # fmt: skip
    assert all(set(row) >= KEYS for row in assessed["rows"])
    assert len(assessed["tables"]) == 35
    assert {row["zone"] for row in assessed["zones"]} == {"donghu", "jingkai"}
    for row in assessed["rows"]:
        assert row["treatment"] in ("simulated", "satellite", "pace")
        if row["probability"] is not None:
            assert 0 <= row["probability"] <= 1


def test_targets_of_a_scenario_are_those_of_its_file(assessed: dict[str, Any]) -> None:
    again = printed_json("targets", "baseline", "-n", 200, "--seed", 7)
    for one, other in zip(assessed["rows"], again["rows"], strict=True):
        assert one["probability"] == other["probability"], one["target"]


def test_targets_text(result: Path) -> None:
    text = invoke("targets", result, "--at", "mid-term").stdout
    assert "Goals that the model answers · East Lake High-tech" in text
    line = next(line for line in text.splitlines() if "> 5,000 × 100 million CNY" in line)
    assert "0 %" in line
    assert "35.7" in line
    assert line.rstrip().endswith("out of reach")
    assert "Rows of the plans' indicator tables: 35; core 9, satellite equation 11" in text
    assert "200 draws of baseline, seed 7." in text
    assert "infrastructure: 微循环道路" not in text


def test_goals_without_a_probability_are_shown_on_demand(result: Path) -> None:
    text = invoke("targets", result, "--zone", "donghu", "--all").stdout
    assert "infrastructure: 微循环道路" in text
    assert len(text.splitlines()) > 130


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["baselin"], "did you mean 'baseline'"),
        (["none.h5"], "does not exist"),
        (["baseline", "-n", 8, "--at", "finale"], "unknown moment 'finale'; did you mean 'final'"),
        (["baseline", "-n", 8, "--zone", "dongu"], "did you mean 'donghu'"),
        (["baseline", "-n", 8, "--year", 2031], "no goal is set for 2031"),
    ],
)
def test_targets_refuses(words: list[object], message: str) -> None:
    assert message in "\n".join(refused("targets", *words))


def test_a_file_has_its_draws(result: Path) -> None:
    assert "a result has its draws and seed" in refused("targets", result, "-n", 8)[0]


def test_a_summary_is_refused_by_its_name() -> None:
    invoke("run", "baseline", "-n", 16, "--keep", "summary", "-o", "few.h5")
    (line,) = refused("targets", "few.h5")
    assert line.endswith("few.h5: holds summaries alone; this needs the draws: run again with "
                         "--keep full")  # fmt: skip


@pytest.mark.parametrize(("draws", "bound"), [(1, "95 %"), (16, "17 %")])
def test_what_no_draw_meets_is_below_a_probability(draws: int, bound: str) -> None:
    text = invoke("targets", "baseline", "-n", draws, "--zone", "donghu").stdout
    assert f"A goal that no draw meets: P below {bound}, at 95 % confidence." in text


@pytest.mark.usefixtures("few_replications")
def test_levers_on_firms_are_noted() -> None:
    text = invoke("targets", "firm-doubling", "-n", 16).stdout
    (line,) = [line for line in text.splitlines() if line.startswith("note: firm-doubling has")]
    assert "which knows them through R&D alone; simcore firms firm-doubling has the" in line
    for words in (["firm-doubling", "--year", 2024], ["baseline"]):
        assert "levers on firms" not in invoke("targets", *words, "-n", 16).stdout
    found = printed_json("targets", "firm-doubling", "-n", 16)
    assert found["notes"] == [line]
    chances = {row["target"]: row["ladder_probability"] for row in found["rows"]}
    known = {name: chance for name, chance in chances.items() if chance is not None}
    assert set(known) == {f"{zone}.firms.high_tech.2025.target" for zone in ("donghu", "jingkai")}
    firms = printed_json("firms", "firm-doubling", "-n", 16)
    for goal in firms["goals"]:
        assert known.get(goal["figure"], goal["probability"]) == goal["probability"]


# --- solve ----------------------------------------------------------------------------------------

SOLVE = ["solve", "--target", "donghu.gdp.2028=4500", "--instrument", "donghu.tfp", "-n", "128"]


def test_solve_row() -> None:
    found = printed_json(*SOLVE, "--probability", "60%")
    (row,) = found["rows"]
    assert row["feasible"] is True
    assert 0.6 <= row["probability"] <= row["best_probability"] <= 1
    assert (row["draws"], row["instrument"]) == (128, "donghu.tfp")
    ran = invoke("run", "baseline", "--set", row["set"], "-n", 8, "-o", "x.h5")
    assert "x.h5" in ran.stdout


def test_solve_text() -> None:
    text = invoke(*SOLVE, "--probability", "60%").stdout
    assert text.startswith("Wanted: donghu.gdp.2028=4500 with P ≥ 60 %; without the instrument P =")
    assert "It takes donghu.tfp (added productivity growth a year) of +" in text
    assert "simcore run baseline --set 'levers.donghu.tfp=+" in text


def test_an_infeasible_solve_is_an_answer() -> None:
    words = ["solve", "--target", "donghu.gdp.2025.target", "--instrument", "donghu.rnd_growth"]
    text = invoke(*words, "-n", 64).stdout
    assert "No value of donghu.rnd_growth (R&D spending growth a year) from 0.00% to 40.00%" in text
    assert "the best reaches P = 0 % ± 0.0 at 40.00%" in text
    assert "simcore run" not in text
    (row,) = printed_json(*words, "-n", 64)["rows"]
    assert (row["feasible"], row["best_probability"]) == (False, 0)


def test_solve_says_where_nothing_is_needed() -> None:
    words = ["solve", "--target", "donghu.gdp.2028=3000", "--instrument", "donghu.tfp", "-n", 64]
    text = invoke(*words).stdout
    assert "Nothing is needed: the goal is likely enough without donghu.tfp (added prod" in text
    (row,) = printed_json(*words)["rows"]
    assert row["probability_without"] >= row["wanted"]
    assert row["value"] < 0
    assert f"; it may fall to {row['value']:+.2f} pp: P = " in text
    assert "It takes" not in text


def test_solve_between_says_where_it_ends() -> None:
    text = invoke(
        "solve", "--target", "donghu.gdp.2028=3000", "--instrument", "donghu.tfp",
        "--between", "+1 pp", "+2 pp", "-n", 64,
    ).stdout  # fmt: skip
    assert "That is the end of the range" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--target", "donghu.gpd.2030=1", "--instrument", "donghu.tfp"], "did you mean 'gdp'"),
        (["--target", "donghu.gdp.2030=1", "--instrument", "donghu.tpf"], "did you mean 'tfp'"),
        (["--instrument", "donghu.tfp"], "Missing option '--target'"),
    ],
)
def test_solve_refuses(words: list[str], message: str) -> None:
    assert message in "\n".join(refused("solve", *words))


WAY = [
    "solve", "--target", "donghu.gdp.2027=3700", "--probability", "50%", "-n", "128",
    "--instrument", "donghu.investment_rate",
]  # fmt: skip


def test_solve_says_what_it_costs() -> None:
    text = invoke(*WAY, "--path", "ramp", "--from-year", 2025, "--discount", "5%").stdout
    assert "It rises from 44." in text
    assert ", what it is without it, in 2025 to that in 2027." in text
    assert " × 100 million CNY (" in text
    assert ") at 2020 prices in 2024–2027, discounted at 5.0 % a year." in text
    assert "investment_rate={path: {2025: 44." in text
    assert "It begins in 2026." in invoke(*WAY, "--from-year", 2026).stdout


def test_solve_compares_paths_by_their_cost() -> None:
    text = invoke(*WAY, "--minimise", "cost").stdout
    assert "What every path takes, and costs; * the cheapest" in text
    assert sum(line.rstrip().endswith(" *") for line in text.splitlines()) == 1
    found = printed_json(*WAY, "--minimise", "cost")
    assert len(found["paths"]) == 7
    (row,) = found["rows"]
    assert row["cost"] == min(path["cost"] for path in found["paths"])
    assert row["discount_rate"] == 8


def test_solve_runs_as_a_run_does() -> None:
    usual, other = (printed_json(*SOLVE, *how)["rows"][0] for how in (
        [], ["--sampler", "sobol", "--precision", "single"],
    ))  # fmt: skip
    assert usual["probability_without"] != other["probability_without"]


# --- two levers -----------------------------------------------------------------------------------

PAIR = [
    "solve", "--target", "donghu.gdp.2028=4300", "--probability", "60%", "--instrument",
    "donghu.tfp", "--instrument", "donghu.investment_rate", "-n", "256",
]  # fmt: skip


def test_two_instruments_give_a_frontier() -> None:
    found = printed_json(*PAIR)
    rows = found["rows"]
    assert len(rows) == 6
    reached = [row for row in rows if row["feasible"]]
    assert [row["first_value"] for row in rows] == sorted(row["first_value"] for row in rows)
    assert rows[0]["first_value"] == 0  # no change, not the low end of the range
    values = [row["value"] for row in reached]
    assert values == sorted(values, reverse=True)  # more of the one saves of the other
    assert all(row["probability"] >= 0.6 for row in reached)
    assert found["alone"]["instrument"] == "donghu.tfp"


def test_the_frontier_is_printed_and_drawn() -> None:
    pytest.importorskip("matplotlib")
    text = invoke(*PAIR, "-o", "pair.png").stdout
    assert "Pairs that give donghu.gdp.2028=4300 a probability of 60 %" in text
    assert "donghu.tfp: no cost in the model, so no pair is the cheapest." in text
    assert Path("pair.png").read_bytes().startswith(PNG)


def test_the_cheapest_pair_is_marked() -> None:
    pytest.importorskip("matplotlib")
    words = [word.replace("donghu.tfp", "donghu.rnd_growth") for word in PAIR]
    words[words.index("--probability") + 1] = "40%"
    found = printed_json(*words)
    (row,) = [row for row in found["rows"] if row["cheapest"]]
    assert row["cost"] == min(other["cost"] for other in found["rows"] if other["feasible"])
    text = invoke(*words, "-o", "pair.svg").stdout
    assert "* the cheapest pair: spending that both add in 2024–2028" in text
    assert "the cheapest: " in Path("pair.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "message"), [("there.png", "there.png: exists"), ("pair.bmp", "pair.bmp")]
)
def test_a_frontier_looks_at_its_output_first(
    name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("it has begun to seek")

    monkeypatch.setattr("simcore.lever_frontier.frontier", never)
    Path("there.png").touch()
    assert message in invoke(*PAIR, "-o", name, code=2).stderr


def test_frontiers_that_are_none() -> None:
    words = ["solve", "--target", "donghu.gdp.2028=4300", "--instrument", "donghu.tfp"]
    again = ["--instrument", "donghu.tfp"]
    assert "not twice donghu.tfp" in refused(*words, *again)[0]
    assert "each constant and over its own range" in refused(*words, *again, *again)[0]
    assert "give two instruments" in refused(*words, "-o", "pair.png")[0]
