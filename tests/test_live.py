"""Settings answered in memory: the same bits as a file, whatever was asked before."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from command_line import PNG, invoke

from simcore.assessment import targets
from simcore.dataset import open_results, run_plan
from simcore.dims import BY_INDUSTRY, VARIABLES
from simcore.errors import InputError
from simcore.live import FILE, Live, LivePaths, compared
from simcore.live_downloads import DOWNLOADS, made, result_of
from simcore.posterior import Posterior
from simcore.setting import Setting, Shock

DRAWS, SEED = 1100, 7  # a whole block and a part of one
FEW = 2  # blocks of the ensemble of centred growth
GROWTH = Setting("five", dials={"gdp_growth": 5.0})
MIXED = Setting(
    "mixed", "donghu", {"rnd_growth": 12.0, "labour_growth": 0.5, "inflation": 3.0},
    shock=Shock(-20, 40, None, "optoelectronics"),
)  # fmt: skip
CENTRED = Setting("centred", dials={"gdp_growth": 6.0, "investment_rate": 40.0}, mode="centre")


@pytest.fixture(scope="module", autouse=True)
def _short_centring() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.assembly.CENTRE_BLOCKS", FEW)
        yield


@pytest.fixture(scope="module")
def live(posterior: Posterior) -> Live:
    return Live(posterior, DRAWS, seed=SEED)


def answer(live: Live, setting: Setting, *, rough: bool = False) -> LivePaths:
    return live.run(live.scenario(setting), rough=rough)


@pytest.mark.parametrize("setting", [GROWTH, MIXED, CENTRED], ids=lambda s: s.label)
def test_the_file_gives_the_same_bits(
    setting: Setting, live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_once: None
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text(live.text(setting), encoding="utf-8")
    words = shlex.split(live.sampling.command(FILE))
    invoke(*words[1:], "--workers", 1)
    paths = answer(live, setting)
    with open_results(words[-1]) as dataset:
        found = dataset.isel(scenario=0).load()
    for name, variable in VARIABLES.items():
        for zone in paths.zones:
            industries: list[str | None] = [None]
            if variable.dims == BY_INDUSTRY:
                industries = list(live.baseline.zones[zone].industries)
            for industry in industries:
                where = {"zone": zone} | ({"industry": industry} if industry else {})
                stored = found[name].sel(where).values
                assert stored.dtype == np.float32
                np.testing.assert_array_equal(paths.series(name, zone, industry), stored)
    assert np.isfinite(found["gdp"].sel(year=2030).values).all()


def test_settings_leave_each_other_alone(live: Live) -> None:
    first = answer(live, MIXED).variables
    for inflation in range(8):
        answer(live, Setting(dials={"inflation": float(inflation), "gdp_growth": 4.0}))
    again = answer(live, MIXED).variables
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])


def test_memory_does_not_grow_with_the_settings(
    posterior: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simcore.live.REMEMBERED", 56)
    live = Live(posterior, 64)
    sizes = []
    for step in range(8):
        answer(live, Setting(dials={"inflation": 1 + step / 10}))
        sizes.append(len(live.plan_members(0).memory))
    assert sizes[0] < sizes[1]
    assert max(sizes) == 56


def test_growth_that_is_centred_is_met_roughly_first(live: Live) -> None:
    setting = Setting(dials={"gdp_growth": 7.0}, mode="centre")
    rough, exact = (answer(live, setting, rough=rough) for rough in (True, False))
    assert (rough.rough, exact.rough) == (True, False)
    means = [
        float(np.nanmean(paths.series("gdp_growth", "donghu")[-1])) for paths in (rough, exact)
    ]
    assert means == pytest.approx([7.0, 7.0], abs=0.6)
    assert means[0] != means[1]
    assert not answer(live, setting, rough=True).rough  # the exact answer is kept


def test_goals_are_those_of_an_assessment(live: Live) -> None:
    scenario = live.scenario(GROWTH)
    dataset = run_plan(live.plan([scenario]))
    known = {row.target: row for row in targets(dataset, scenario="five", zone="donghu").rows}
    rows = live.targets(answer(live, GROWTH), "donghu")
    assert len(rows) > 10
    for row in rows:
        assert row.probability == known[row.target].probability
        assert row.median == pytest.approx(known[row.target].median)
        assert row.status == known[row.target].status
    assert {row.zone for row in rows} == {"donghu"}


def test_the_baseline_is_where_the_dials_stand(live: Live) -> None:
    usual = live.usual_values("donghu")
    assert 2 < usual["gdp_growth"] < 8
    again = answer(live, Setting(dials={"gdp_growth": round(usual["gdp_growth"], 1)}))
    middle = [np.median(paths.at("gdp", "donghu", 2030)) for paths in (live.usual, again)]
    assert middle[0] == pytest.approx(middle[1], rel=0.05)


def test_levers_that_fix_the_same_thing_are_refused(live: Live) -> None:
    both = Setting(dials={"rnd_growth": 10.0, "rnd_intensity": 9.0})
    with pytest.raises(InputError, match="rnd_growth and rnd_intensity both fix the R&D"):
        live.scenario(both)


def test_a_certain_shock_needs_a_year(live: Live) -> None:
    with pytest.raises(InputError, match="without a year needs a probability below 100%"):
        live.scenario(Setting(shock=Shock(-10, 100, None)))


def test_pairs_are_compared_draw_by_draw(live: Live) -> None:
    high, low = (answer(live, Setting(dials={"gdp_growth": g})) for g in (6.0, 3.0))
    values = [paths.series("gdp", "donghu")[-1] for paths in (high, low)]
    assert compared(*values).above == 1.0
    assert compared(values[1], values[0]).above == 0.0
    assert compared(values[0], values[0]).above is None
    median, below, above = compared(*values).difference
    assert 0 < below < median < above


def test_downloads_stay_in_the_folder(live: Live, tmp_path: Path) -> None:
    output = tmp_path / "kept"
    evil = Setting("../../evil", dials={"gdp_growth": 5.0})
    scenarios = [live.scenario(evil), live.scenario(evil)]
    file = result_of(live, scenarios, output)
    written = file.stat().st_mtime_ns
    assert result_of(live, scenarios, output) == file
    assert file.stat().st_mtime_ns == written
    content = [made(kind, file, ("donghu", "gdp", None)) for kind in DOWNLOADS]
    assert content[0].startswith(PNG)
    assert b"donghu,2030," in content[1]
    assert b"<html" in content[2][:200]
    assert content[3].startswith(b"PK")
    assert [path for path in tmp_path.rglob("*") if "evil" in path.name] == []
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {output}
    with open_results(file) as dataset:
        assert list(dataset["scenario"].values) == ["baseline", "....evil", "....evil 2"]
