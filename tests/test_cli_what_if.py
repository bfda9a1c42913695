"""The question in one line: its answer and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from command_line import COMPARISON_KEYS, PAIRS, invoke, printed_json, refused

import simcore

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")


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


CONDITION = ["what-if", "--gdp-growth", "6%", "--mode", "condition", "--tolerance", "1 pp"]


def test_what_if_condition_weighs_the_draws() -> None:
    found = printed_json(*CONDITION, "-n", 1024, "--indicator", "gdp", "--year", 2030)
    assert found["mode"] == "condition"
    assert 100 <= found["effective_sample_size"] < 1024
    dataset = simcore.condition(simcore.run("baseline", draws=1024), "6%", tolerance="1 pp")
    fan = dataset.simcore.fan("gdp", [0.5]).sel(quantile=0.5, scenario="baseline", year=2030)
    for row in found["rows"]:
        assert row["median"] == pytest.approx(float(fan.sel(zone=row["zone"])), rel=1e-6)
        gap = row["median"] - row["baseline_median"]
        assert row["difference_median"] == pytest.approx(gap)
    for zone in found["zones"].values():
        assert 5 < zone["growth"] < 6.2


def test_what_if_condition_text() -> None:
    text = invoke(*CONDITION, "-n", 1024, "--indicator", "gdp").stdout
    assert text.startswith("What if gdp_growth = 6%?\n")
    assert "Mode condition: nothing is fixed" in text
    assert "Effective sample size" in text


def test_what_if_condition_refuses_what_hardly_any_draw_does() -> None:
    (line,) = refused(*CONDITION[:2], "15%", *CONDITION[3:], "-n", 64)
    assert "below 100; ask for a wider tolerance" in line


TARGET = [
    "what-if", "--gdp-growth", "6%", "--mode", "target", "--zone", "donghu", "--instrument",
    "donghu.tfp", "-n", "512", "--indicator", "gdp_growth", "--year", "2030",
]  # fmt: skip


def test_what_if_target_is_solve() -> None:
    found = printed_json(*TARGET, "--probability", "70%")
    solution = simcore.solve("donghu.gdp_growth.2024-2030=6%", 0.7, "donghu.tfp", draws=512)
    assert found["solution"]["set"] == solution.setting
    assert found["solution"]["probability"] == solution.probability >= 0.7
    (row,) = [row for row in found["rows"] if row["zone"] == "donghu"]
    assert row["difference_median"] > 0


def test_what_if_target_seeks_on_the_draws_that_it_shows() -> None:
    found = printed_json(*TARGET, "--sampler", "sobol", "--precision", "single")["solution"]
    dataset = simcore.run(
        "baseline", settings=[found["set"]], draws=512, sampler="sobol", precision="single"
    )
    growth = geometric(dataset["gdp_growth"].sel(zone="donghu", year=slice(2024, 2030)))
    assert found["probability"] == pytest.approx(float((growth >= 6).mean()), abs=1e-3)
    usual = printed_json(*TARGET)["solution"]
    assert found["probability_without"] != usual["probability_without"]
    solution = simcore.solve(
        "donghu.gdp_growth.2024-2030=6%", 0.8, "donghu.tfp", draws=512, sampler="sobol",
        precision="single",
    )  # fmt: skip
    assert found["set"] == solution.setting


def test_what_if_target_text() -> None:
    text = invoke(*TARGET).stdout
    assert "Wanted: donghu.gdp_growth.2024-2030=6% with P ≥ 80 %" in text
    assert "It takes donghu.tfp" in text
    assert "Mode target:" in text


def test_the_four_meanings_differ() -> None:
    """Growth has no variance under set, its mean under centre, weights under condition."""
    found = {}
    for mode, more in (
        ("set", []), ("centre", []), ("condition", ["--tolerance", "1 pp"]),
        ("target", ["--instrument", "donghu.tfp"]),
    ):  # fmt: skip
        words = ["what-if", "--gdp-growth", "6%", "--zone", "donghu", "--mode", mode, "-n", 512]
        rows = printed_json(*words, *more, "--indicator", "gdp_growth", "--year", 2030)["rows"]
        (found[mode],) = [row for row in rows if row["zone"] == "donghu"]
    assert found["set"]["q05"] == pytest.approx(found["set"]["q95"], abs=1e-5)
    width = {mode: row["q95"] - row["q05"] for mode, row in found.items()}
    assert width["condition"] < width["centre"]
    assert found["target"]["median"] > found["centre"]["median"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "what if what? give --gdp-growth 5%, another lever, or --set KEY=VALUE"),
        (["--gdp-growth", "5"], "a percentage is written with its sign: 5% instead of 5"),
        (["--gdp-growth", "500%"], "500% lies outside -50% to 100%"),
        (["--gdp-growth", "5%", "--zone", "dongu"], "did you mean 'donghu'?"),
        (["--gdp-growth", "5%", "--indicator", "gpd"], "did you mean 'gdp'?"),
        (["--gdp-growth", "5%", "--year", "2050"], "unknown year '2050'"),
        (["--gdp-growth", "5%", "--mode", "goal"], "is not one of 'set', 'centre', 'condition'"),
        (["--gdp-growth", "5%", "--mode", "target"], "--mode target needs --instrument"),
        (["--gdp-growth", "5%", "--mode", "target", "--instrument", "*.tfp"], "say --zone"),
        (["--gdp-growth", "5%", "--mode", "target", "--instrument", "rnd_growth"],
         "instrument rnd_growth: of which zone? did you mean 'donghu.rnd_growth'?"),
        (["--gdp-growth", "5%", "--mode", "target", "--instrument", "donghu.rd_growth"],
         "instrument donghu.rd_growth: unknown lever 'rd_growth'; did you mean 'rnd_growth'?"),
        (["--tfp", "+1 pp", "--mode", "condition"], "--mode condition needs --gdp-growth"),
        (["--gdp-growth", "5%", "--tolerance", "1 pp"], "--tolerance goes with --mode condition"),
        (["--gdp-growth", "5%", "--from", "growth-55"], "no such scenario"),
        (["--tfp", "1%"], "not a difference in percentage points"),
    ],
)  # fmt: skip
def test_what_if_refuses(words: list[str], message: str) -> None:
    assert message in "\n".join(refused("what-if", *words, "-n", 4))
