"""Commands that run and compare: what they write, print and refuse."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import h5py
import numpy as np
import pytest
from command_line import COMPARISON_KEYS, PAIRS, invoke, printed_json, refused, scenario_file, write

import simcore
from simcore import samplers, sampling
from simcore.cli import run_options

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")


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


# --- samplers and blocks --------------------------------------------------------------------------


def test_run_and_sweep_take_the_sampler_of_the_option_or_of_the_file() -> None:
    found = invoke("run", "baseline", "-n", 600, "--sampler", "sobol", "-o", "x.h5")
    note = "note: Sobol' points are most even in powers of two, such as 1024 draws"
    assert note in found.stderr.splitlines()
    assert "independent draws; sobol usually does better" in found.stdout
    found = invoke("run", "baseline", "-n", 8, "--set", "sampling.sampler=lhs", "-o", "y.h5")
    assert "note:" not in found.stderr
    write("mine.yaml", SWEEP.replace("seed: 5", "seed: 5, sampler: lhs"))
    invoke("sweep", "mine.yaml", "-o", "z.h5")
    for name, sampler in {"x.h5": "sobol", "y.h5": "lhs", "z.h5": "lhs"}.items():
        with simcore.open_results(name) as dataset:
            assert dataset.attrs["sampler"] == sampler


def test_a_dry_run_says_what_its_errors_are_worth() -> None:
    found = invoke("run", "baseline", "-n", 1024, "--sampler", "lhs", "--dry-run")
    assert "that of independent draws; lhs usually does better" in found.stdout
    assert "independent" not in invoke("run", "baseline", "-n", 1024, "--dry-run").stdout


def test_a_dry_run_of_a_part_is_of_the_part() -> None:
    plan = ("run", "baseline", "-n", 9000, "--dry-run")
    whole, part = (invoke(*plan, *more).stdout for more in ((), ("--part", "2/3")))
    assert "1 scenarios × 9,000 draws" in whole
    assert "1 scenarios × 3,072 draws" in part
    size, own = (float(re.findall(r"([\d,]+) MB", text)[0]) for text in (whole, part))
    assert 0.2 < own / size < 0.5
    assert "blocks beside it" in whole
    assert "blocks beside it" not in part
    assert part.splitlines()[1:] == whole.splitlines()[2:]  # as exact as the whole
    assert "part 1/12 is empty" in invoke(*plan, "--part", "1/12", code=2).stderr
    refused = invoke(*plan, "--part", "1/2", "--keep", "summary", code=2)
    assert "a part keeps its blocks whole" in refused.stderr
    assert not list(Path().iterdir())


def test_what_if_takes_a_sampler() -> None:
    options = ("what-if", "--gdp-growth", "5%", "-n", 64)
    random, sobol = (
        printed_json(*options, "--sampler", name)["rows"] for name in ("random", "sobol")
    )
    assert printed_json(*options)["rows"] == random
    assert sobol != random


def test_the_command_line_knows_every_sampler_and_size_of_block() -> None:
    assert run_options.SAMPLERS == samplers.SAMPLERS
    assert tuple(map(int, run_options.BLOCK_SIZES)) == sampling.BLOCK_SIZES
    invoke("run", "baseline", "-n", 300, "--block-draws", 256, "-o", "x.h5")
    with h5py.File("x.h5") as file:
        assert file["provenance"].attrs["block_draws"] == "256"


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
