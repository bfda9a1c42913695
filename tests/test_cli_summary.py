"""Results without draws on the command line and in Python: made, read, refused where draws lack."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from command_line import PNG, invoke, printed_json, refused

import simcore
from simcore.dims import QUANTILES
from simcore.errors import InputError

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")
RUN = ("run", "baseline", "growth-5", "-n", 600, "--seed", 7, "--workers", 1)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, read_once: None) -> Path:
    path = tmp_path_factory.mktemp("full") / "full.h5"
    invoke(*RUN, "-o", path)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, read_once: None) -> Path:
    path = tmp_path_factory.mktemp("summary") / "x.h5"
    said = invoke(*RUN, "--keep", "summary", "-o", path).output
    assert "600 draws × 2 scenarios in" in said
    assert "the median is known to ±" in said
    return path


def test_the_same_is_said_of_the_precision(made: Path, full: Path, tmp_path: Path) -> None:
    line = re.compile("GDP of 2030: .*")
    said = [
        line.findall(invoke(*RUN, "--keep", keep, "-o", tmp_path / keep).output)
        for keep in ("full", "summary")
    ]
    assert said[0] == said[1] != []


def test_it_is_small_and_inspected(made: Path, full: Path) -> None:
    assert made.stat().st_size < full.stat().st_size / 20
    found = printed_json("inspect", made)
    assert (found["keep"], found["draws"]) == ("summary", 600)
    named = {row["variable"]: row["dimensions"] for row in found["rows"]}
    assert named["gdp"] == "quantile, scenario, zone, year"
    assert named["gdp_mean"] == "scenario, zone, year"
    assert "summary" in invoke("inspect", made).output


def test_it_opens_as_quantiles(made: Path, full: Path) -> None:
    with simcore.open_results(made) as summary, simcore.open_results(full) as draws:
        assert summary["gdp"].attrs["units"] == draws["gdp"].attrs["units"]
        fan = summary.simcore.fan("value_added")
        assert fan.dims == draws.simcore.fan("value_added").dims
        expected = draws.simcore.fan("value_added").astype("f4").values
        np.testing.assert_array_equal(fan.values, expected)
        one = summary.simcore.fan("gdp", [0.5]).sel(scenario="growth-5", zone="donghu", year=2030)
        assert one.item() == np.float32(
            np.median(draws["gdp"].sel(scenario="growth-5", zone="donghu", year=2030))
        )
        with pytest.raises(InputError, match="quantiles 0.05, .*, not 0.1: run again"):
            summary.simcore.fan("gdp", [0.1])
        for ask in (
            lambda: summary.simcore.probability("gdp", year=2030, above=5000),
            summary.simcore.delta,
            lambda: simcore.compare(summary),
        ):
            with pytest.raises(InputError, match="^holds summaries alone.*--keep full"):
                ask()


def _alike(one: str, other: str) -> bool:
    try:
        return abs(float(one) - float(other)) < 0.011
    except ValueError:
        return one == other


def test_it_is_drawn(made: Path, full: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for path in (made, full):
        to = tmp_path / path.stem
        invoke("plot", path, "-o", f"{to}.png", "--data", f"{to}.csv")
        assert Path(f"{to}.png").read_bytes().startswith(PNG)
    mine, theirs = (
        list(csv.reader((tmp_path / name).read_text().splitlines()))
        for name in ("x.csv", "full.csv")
    )
    assert len(mine) == len(theirs)
    for one, other in zip(mine, theirs, strict=True):  # stored quantiles are float32
        assert all(map(_alike, one, other)), (one, other)
    invoke("plot", made, "--indicator", "output", "--industry", "automotive", "-o", "a.png")
    (line,) = refused("plot", made, "--indicator", "output", "-o", "b.png")
    assert "over industries needs the draws: --industry names one" in line


def test_paired_differences_are_refused(made: Path, full: Path) -> None:
    (line,) = refused("compare", made)
    assert line.endswith("x.h5: holds summaries alone; this needs the draws: run again with "
                         "--keep full")  # fmt: skip
    assert "x.h5: holds summaries alone" in refused("compare", full, made)[0]


def test_it_is_verified_bit_for_bit(made: Path, tmp_path: Path) -> None:
    assert "every bit of" in invoke("verify", made).output
    other = Path(shutil.copy(made, tmp_path))
    with h5py.File(other, "r+") as file:
        file["summary/rnd"][2, 0, 0, -1] *= 1.5
        file["zone_label_zh"][0] = "other"
    found = json.loads(invoke("verify", other, "--json", code=1).stdout)
    assert [row["variable"] for row in found["rows"]] == ["summary/rnd", "zone_label_zh"]
    assert found["rows"][0]["largest"] == pytest.approx(0.5, rel=1e-5)
    with h5py.File(other, "r+") as file:
        del file["summary/gdp"]
    assert "x.h5: is damaged" in invoke("verify", other, code=1).stderr


def test_a_dry_run_says_how_small_it_is() -> None:
    said = [
        invoke("run", "baseline", "-n", 1_000_000, "--dry-run", "--keep", keep).output
        for keep in ("full", "summary")
    ]
    sizes = [
        [float(text.replace(",", "")) for text in re.findall(r"([\d,]+) MB", words)]
        for words in said
    ]
    assert sizes[1][0] < 1 < sizes[0][0]
    assert sizes[1][1] < sizes[0][1] / 4
    assert not list(Path().iterdir())


def test_an_unfinished_one_is_inspected(tmp_path: Path) -> None:
    """Digested blocks count as done."""
    from simcore.baseline import load_baseline
    from simcore.digestion import digest, pieces
    from simcore.plan import Plan
    from simcore.reconcile import reconcile
    from simcore.scenario import load_scenario
    from simcore.shards import Parts
    from simcore.tasks import Block, Digest
    from simcore.workers import perform

    scenarios = (load_scenario("growth-5", load_baseline()),)
    plan = Plan(scenarios, 3000, 1, reconcile(), keep="summary")
    parts = Parts(tmp_path / "x.h5")
    with parts.locked():
        mine = parts.begin(plan)
        perform(plan, [None], mine, Block(0))
        for piece in pieces(plan):
            digest(plan, mine, Digest(*piece, 1))
        parts.path(0).unlink()
    assert "unfinished; 1 of 3 blocks are done, 2 missing" in invoke("inspect", parts.output).output
    parts.digests()[0].write_bytes(b"")
    found = printed_json("inspect", parts.output)["unfinished"]
    assert (found["done"], found["damaged"]) == (0, ["digest-000000-industries.h5"])


def test_quantiles_are_those_of_the_layout(made: Path) -> None:
    with h5py.File(made) as file:
        assert file["summary/quantile"][...].tolist() == list(QUANTILES)
