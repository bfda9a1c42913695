"""Levers on firms move R&D over GDP a year later, on common random numbers, and so GDP."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from command_line import invoke, printed_json, refused, write

from simcore.assembly import CENTRE_SEED, build_parameters
from simcore.baseline import Baseline
from simcore.dataset import open_results, run_plan
from simcore.dims import VARIABLES
from simcore.ladder_coupling import firm_ladders
from simcore.ladder_fit import fit_firms
from simcore.ladder_members import FirmMembers, factors_of
from simcore.ladder_problem import FirmPosterior
from simcore.ladder_table import FirmEnsemble
from simcore.levers import Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.priors import load_priors
from simcore.production import produce
from simcore.sampling import BLOCK
from simcore.scenario import load_scenario
from simcore.shards import Parts
from simcore.store import laid_out
from simcore.sweep import offsets_of
from simcore.verify import verify
from simcore.workers import Job

SEED, DRAWS, LAST = 11, 24, 2030
ROUNDING = 1e-6  # results are kept in single precision
LEVER = "levers.donghu.firms.promotion=40%"
CENTRED = "levers.donghu.gdp_growth={value: 5%, mode: centre}"


def scenario(baseline: Baseline, *settings: str, name: str = "firms") -> Scenario:
    horizon = f"horizon={LAST}"
    return load_scenario("baseline", baseline, [horizon, *settings, f"name={name}"])


def plan_of(posterior: Posterior, *scenarios: Scenario, draws: int = DRAWS) -> Plan:
    return Plan(scenarios, draws, SEED, posterior)


@pytest.fixture(scope="module")
def fitted(baseline: Baseline) -> FirmPosterior:
    return fit_firms(baseline, load_priors())


@pytest.fixture(scope="module", autouse=True)
def _fitted_once(fitted: FirmPosterior) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.ladder_coupling.fit_firms", lambda *_: fitted)
        yield


@pytest.fixture(scope="module")
def pair(baseline: Baseline, posterior: Posterior) -> xr.Dataset:
    """Without and with more promotions in East Lake."""
    both = scenario(baseline, name="none"), scenario(baseline, LEVER)
    return run_plan(plan_of(posterior, *both))


def same(found: xr.Dataset, expected: xr.Dataset) -> bool:
    return all(
        np.array_equal(found[name].values, expected[name].values, equal_nan=True)
        for name in VARIABLES
    )


# --- the equation ---------------------------------------------------------------------------------


def test_intensity_follows_the_ratio_of_high_tech_firms_a_year_later(
    pair: xr.Dataset, fitted: FirmPosterior, posterior: Posterior, baseline: Baseline
) -> None:
    """``i_t = i*_t (N_s,t−1 / N_b,t−1)^ε``, draw by draw, from the counts of `simcore firms`."""
    factors = factors_of(fitted.problem, scenario(baseline, LEVER))
    drawn = plan_of(posterior).members(0).replications(BLOCK)[:DRAWS]
    with_levers, without = (
        FirmEnsemble(fitted, SEED, BLOCK, LAST, some).published("donghu", "high_tech")[:, drawn]
        for some in (factors, {})
    )
    elasticity = FirmMembers(fitted, SEED).rnd_elasticity()[drawn]
    first = fitted.problem.firms.zones["donghu"].first_year
    intensity = pair["rnd_intensity"].sel(zone="donghu")
    for year in range(baseline.base_year + 1, LAST + 1):
        firms = with_levers[year - 1 - first] / without[year - 1 - first]
        path, reference = (intensity.sel(scenario=n, year=year).values for n in ("firms", "none"))
        np.testing.assert_allclose(path, reference * firms**elasticity, rtol=ROUNDING)
    assert (firms > 1.1).all()
    assert (elasticity > 0).all()


def test_spending_is_intensity_times_gdp_and_gdp_follows_two_years_later(
    pair: xr.Dataset, baseline: Baseline
) -> None:
    """Firms of 2024, R&D of 2025, the R&D stock and GDP of 2026."""
    np.testing.assert_allclose(
        pair["rnd"], pair["rnd_intensity"] / 100 * pair["gdp"], rtol=ROUNDING
    )
    change = pair.sel(scenario="firms") - pair.sel(scenario="none")
    first = {
        name: int(change["year"].values[(np.abs(change[name].sel(zone=zone)) > 0).any("draw")][0])
        for name, zone in (("rnd", "donghu"), ("rnd_stock", "donghu"), ("gdp_real", "donghu"))
    }
    base = baseline.base_year
    assert first == {"rnd": base + 2, "rnd_stock": base + 3, "gdp_real": base + 3}
    assert (change["gdp_real"].sel(year=LAST) > 0).all()  # in Jingkai by spillovers
    elsewhere = change["rnd_intensity"].sel(zone="jingkai", year=slice(base, LAST))
    assert (elsewhere == 0).all()


@pytest.mark.parametrize("lever", ["entry", "promotion", "exit"])
def test_a_lever_of_zero_is_exactly_without_effect(
    lever: str, baseline: Baseline, posterior: Posterior
) -> None:
    none, zero = (
        run_plan(plan_of(posterior, scenario(baseline, *settings), draws=4))
        for settings in ((), (f"levers.*.firms.{lever}=0%",))
    )
    assert same(zero, none)


def test_without_levers_on_firms_the_ladder_is_not_run(
    baseline: Baseline, posterior: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("simcore.ladder_coupling.fit_firms")
    plan = plan_of(posterior, scenario(baseline, "levers.donghu.rnd_growth=10%"))
    assert plan.firm_changes == {}
    assert build_parameters(plan.members(0), plan.scenarios[0]).rnd_change is None


def test_more_of_a_lever_moves_every_draw_further(
    baseline: Baseline, posterior: Posterior, pair: xr.Dataset
) -> None:
    less = scenario(baseline, "levers.donghu.firms.promotion=20%")
    found = run_plan(plan_of(posterior, less))["rnd_intensity"].sel(zone="donghu", year=LAST)
    more = pair["rnd_intensity"].sel(zone="donghu", year=LAST)
    assert (more.sel(scenario="none") < found).all()
    assert (found < more.sel(scenario="firms")).all()


# --- beside other levers --------------------------------------------------------------------------


def test_where_a_path_gives_rnd_firms_change_nothing_of_it(
    baseline: Baseline, posterior: Posterior, pair: xr.Dataset
) -> None:
    path = "levers.donghu.rnd_growth={value: 9%, until: 2027}"
    plan = plan_of(posterior, *(scenario(baseline, path, *s, name=n) for s, n in (
        ((), "path"), ((LEVER,), "both"))))  # fmt: skip
    found = run_plan(plan)["rnd"].sel(zone="donghu")
    given = found.sel(year=slice(2024, 2027))
    np.testing.assert_allclose(
        given.sel(scenario="both"), given.sel(scenario="path"), rtol=ROUNDING
    )
    intensity = run_plan(plan)["rnd_intensity"].sel(zone="donghu", year=slice(2027, LAST))
    moved = intensity.sel(scenario="both") / intensity.sel(scenario="both", year=2027)
    alone = pair["rnd_intensity"].sel(zone="donghu", year=slice(2027, LAST))
    factor = alone.sel(scenario="firms") / alone.sel(scenario="none")
    np.testing.assert_allclose(moved, factor / factor.sel(year=2027), rtol=ROUNDING)


def test_centred_growth_has_the_ladder_of_its_own_ensemble(
    baseline: Baseline, posterior: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simcore.assembly.CENTRE_BLOCKS", 1)
    centred = scenario(baseline, LEVER, CENTRED)
    plan = plan_of(posterior, centred)
    (one,), (other,) = offsets_of(plan), offsets_of(replace(plan, seed=SEED + 1))
    (plain,) = offsets_of(plan_of(posterior, scenario(baseline, CENTRED)))
    assert one is not None and other is not None and plain is not None  # noqa: PT018
    np.testing.assert_array_equal(one[0], other[0])
    assert (one[0][0, 2:] < plain[0][0, 2:]).all()  # firms give a part of the growth


# --- replications ---------------------------------------------------------------------------------


def test_a_tile_of_draws_has_every_replication_once_in_an_order_of_its_own(
    baseline: Baseline, posterior: Posterior
) -> None:
    """Number of draws, company and blocks do not matter."""
    firms = scenario(baseline, LEVER)
    plan = plan_of(posterior, scenario(baseline, name="none"), firms, draws=2 * BLOCK)
    found = run_plan(plan)["rnd_intensity"].sel(zone="donghu", year=LAST)
    ratio = (found.sel(scenario="firms") / found.sel(scenario="none")).values
    first, second = ratio[:BLOCK], ratio[BLOCK:]
    np.testing.assert_allclose(np.sort(first), np.sort(second), rtol=ROUNDING)
    assert (np.abs(first / second - 1) > ROUNDING).mean() > 0.9
    assert len(np.unique(ratio)) > BLOCK // 2
    drawn = replace(plan, scenarios=plan.scenarios[1:]).members(0).replications(BLOCK)
    change = plan.firm_changes["firms"]["donghu"].prod(axis=0)  # of all years
    assert np.corrcoef(first, change[drawn])[0, 1] > 0.999
    for size in (256, 4096):
        alone = replace(plan, scenarios=(firms,), draws=BLOCK + 1, block_draws=size)
        other = run_plan(alone)["rnd_intensity"].sel(zone="donghu", year=LAST).values
        np.testing.assert_array_equal(other[0], found.sel(scenario="firms").values[: BLOCK + 1])


def test_workers_are_given_what_the_parent_found(
    baseline: Baseline,
    posterior: Posterior,
    pair: xr.Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = plan_of(posterior, scenario(baseline, name="none"), scenario(baseline, LEVER))
    job = Job.of(plan, offsets_of(plan), Parts(tmp_path / "x.h5"))
    there = pickle.loads(pickle.dumps(job)).plan()
    monkeypatch.delattr("simcore.ladder_coupling.fit_firms")
    assert there.firm_changes.keys() == {"firms"}
    assert same(run_plan(there), pair)


def test_points_of_a_sweep_share_what_their_levers_share(
    baseline: Baseline, posterior: Posterior
) -> None:
    growth = "levers.donghu.gdp_growth=5%"
    points = scenario(baseline, LEVER), scenario(baseline, LEVER, growth, name="growth")
    ladders = firm_ladders(posterior.problem.past, CENTRE_SEED, points)
    assert ladders is not None
    assert ladders.changes["firms"]["donghu"] is ladders.changes["growth"]["donghu"]


# --- results --------------------------------------------------------------------------------------


def test_a_result_holds_the_ladder_by_rung(
    baseline: Baseline, posterior: Posterior, fitted: FirmPosterior, tmp_path: Path
) -> None:
    both = scenario(baseline, "horizon=2028", name="none"), scenario(baseline, LEVER)
    plan = plan_of(posterior, *both, draws=2)
    produce(plan, tmp_path / "x.h5", workers=1)
    assert verify(tmp_path / "x.h5", posterior).differences == ()
    factors = factors_of(fitted.problem, both[1])
    ladders = [FirmEnsemble(fitted, SEED, BLOCK, LAST, some) for some in (factors, {})]
    first = ladders[0].first_year("donghu") - baseline.first_year
    with xr.open_dataset(tmp_path / "x.h5", engine="h5netcdf", group="firms") as found:
        assert found["firms"].dims == ("quantile", "scenario", "zone", "rung", "year")
        assert list(found["rung"].values) == list(fitted.problem.ladder.rungs)
        names = ("firms", "firms_without_levers")
        for name, ladder in zip(names, ladders, strict=True):
            expected = np.median(ladder.published("donghu", "gazelle"), axis=-1)
            stored = found[name].sel(rung="gazelle").values
            np.testing.assert_allclose(stored[2, 1, 0, first:], expected, rtol=ROUNDING)
        firms, without = (found[name].values for name in names)
    np.testing.assert_array_equal(firms[:, 0], without[:, 0])
    assert np.isfinite(firms[:, 0, ..., first:-2]).all()
    assert np.isnan(firms[:, 0, ..., -2:]).all()
    np.testing.assert_array_equal(firms[:, 1, 1], without[:, 1, 1])  # Jingkai has no levers
    with h5py.File(tmp_path / "x.h5") as file:
        assert file["firms/rung_label_zh"].asstr()[3] == "瞪羚企业"


def test_only_results_with_levers_on_firms_have_a_ladder(
    baseline: Baseline, posterior: Posterior
) -> None:
    for settings, there in (((), False), ((LEVER,), True)):
        plan = replace(plan_of(posterior, scenario(baseline, *settings)), keep="summary")
        with h5py.File(laid_out(plan.layout, plan.description)) as file:
            assert ("firms" in file) == there


# --- command line ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_folder", "read_once")
def test_commands_follow_levers_on_firms() -> None:
    words = ("-n", 4, "--set", LEVER, "--set", "horizon=2027")
    invoke("run", "baseline", *words, "-o", "run.h5")
    (row,) = (
        row
        for row in printed_json("what-if", *words)["rows"]
        if (row["zone"], row["indicator"], row["year"]) == ("donghu", "rnd", 2025)
    )
    assert row["difference_q05"] > 0


@pytest.mark.usefixtures("own_folder")
def test_the_ladders_of_a_result_are_printed(posterior: Posterior, baseline: Baseline) -> None:
    none, firms = scenario(baseline, "horizon=2028", name="none"), scenario(baseline, LEVER)
    produce(plan_of(posterior, none, firms, draws=2), Path("x.h5"), workers=1)
    found = printed_json("firms", "x.h5", "--zone", "donghu")
    rows, without = found["rows"], found["without_levers"]
    assert list(rows[0]) == ["scenario", "zone", "year", "rung", "median", "q05", "q95"]
    with xr.open_dataset("x.h5", engine="h5netcdf", group="firms") as group:
        stored = group["firms"].values
        cell = stored[:, 1, 0, list(group["rung"].values).index("gazelle"), -1]
    last = next(
        row for row in rows
        if (row["scenario"], row["year"], row["rung"]) == ("firms", LAST, "gazelle")
    )  # fmt: skip
    assert [last[name] for name in ("q05", "median", "q95")] == [cell[0], cell[2], cell[4]]
    moved = {
        (row["scenario"], row["year"]) for row, plain in zip(rows, without, strict=True)
        if row != plain
    }  # fmt: skip
    assert moved == {("firms", year) for year in range(2024, LAST + 1)}
    assert max(row["year"] for row in rows if row["scenario"] == "none") == 2028
    text = invoke("firms", "x.h5").stdout
    assert "firms · donghu: firms at the end of the year, as documents count them" in text
    assert "gazelle" in text
    assert set(printed_json("inspect", "x.h5")["groups"]) == {"firms"}
    assert "simcore firms x.h5 prints it" in invoke("inspect", "x.h5").stdout
    assert text.count("Signed: change of the median by the levers.") == 1
    for words in (("--trace", 1), ("-n", 64), ("--year", 2025), ("--set", LEVER)):
        assert "leave out all options but --zone" in refused("firms", "x.h5", *words)[0]
    (line,) = refused("firms", "x.h5", "--zone", "jinkai")
    assert line.startswith("jinkai: no zone of x.h5; did you mean")
    produce(plan_of(posterior, none, draws=2), Path("y.h5"), workers=1)
    assert refused("firms", "y.h5")[0].startswith("y.h5: holds no firms")


@pytest.mark.usefixtures("own_folder", "read_once")
def test_a_sweep_has_an_axis_of_firms() -> None:
    write(
        "mine.yaml",
        "simcore: 1\nname: mine\nlabel: {en: mine, zh: 我的}\nbase: baseline\n"
        "axes:\n  levers.donghu.firms.promotion: {values: [0%, 20%]}\n",
    )
    invoke("sweep", "mine.yaml", "-n", 4, "-o", "sweep.h5")
    with open_results("sweep.h5") as found:
        rnd = found["rnd"].sel(zone="donghu", year=2035).values
        assert (np.diff(rnd, axis=0) > 0).all()
