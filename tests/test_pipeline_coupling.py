"""Projects in the kernel: what levers on projects do to investment, capital and GDP, and when."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from command_line import invoke, printed_json, refused, write

import simcore
from simcore.assembly import CENTRE_SEED, build_parameters
from simcore.baseline import Baseline
from simcore.dataset import run_plan
from simcore.errors import RunError
from simcore.levers import Scenario
from simcore.paired_projects import PairedProjects, project_effects
from simcore.pipeline_fast import Simulation, simulate_pipelines
from simcore.pipeline_fit import fit_pipelines
from simcore.pipeline_flows import EVENTS, Outturn
from simcore.pipeline_parameters import ProjectChanges
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.project_effects import ProjectEffects
from simcore.sampling import BLOCK
from simcore.scenario import load_scenario
from simcore.shards import Parts
from simcore.verify import verify
from simcore.workers import Job

SEED, FEW = 11, 16
SHORT = "horizon=2029"
DELAY = "levers.donghu.projects.delay=1.5 years"


pytestmark = pytest.mark.usefixtures("few_replications")


def scenario_of(baseline: Baseline, name: str, *settings: str) -> Scenario:
    return load_scenario("baseline", baseline, [SHORT, f"name={name}", *settings])


@pytest.fixture(scope="module")
def late(baseline: Baseline) -> Scenario:
    return scenario_of(baseline, "late", DELAY)


@pytest.fixture(scope="module")
def usual(baseline: Baseline) -> Scenario:
    return scenario_of(baseline, "baseline")


@pytest.fixture(scope="module")
def effects(posterior: Posterior, late: Scenario) -> ProjectEffects:
    (found,) = project_effects(posterior.problem.past, [late], SEED)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def run(posterior: Posterior, usual: Scenario, late: Scenario) -> xr.Dataset:
    return run_plan(Plan((usual, late), 600, SEED, posterior))


def change(run: xr.Dataset, variable: str, **where: Any) -> np.ndarray:
    """Median change against the baseline in percent from 2023 on, (year)."""
    values = run[variable].sel(year=slice(2023, None), **where)
    ratio = values.sel(scenario="late") / values.sel(scenario="baseline")
    return 100 * (ratio.median("draw").values - 1)


# --- differences ----------------------------------------------------------------------------------


def test_a_difference_is_of_the_same_replication_over_its_expected_investment(
    effects: ProjectEffects, posterior: Posterior
) -> None:
    baseline = posterior.problem.past.baseline
    fit = fit_pipelines(baseline)["donghu"]
    parameters = fit.parameters(SEED, range(FEW), 2029)
    changed, before = (
        simulate_pipelines(parameters, SEED, range(FEW), ProjectChanges(delay=delay), 2024)
        for delay in (1.5, 0.0)
    )
    (zone, found), later = next(iter(effects.changed.items())), before.year(2024)
    assert (zone, len(effects.changed)) == ("donghu", 1)
    assert found.commissioned.shape == (len(baseline.zones[zone].industries), 6, FEW)
    spent, commissioned = (
        (getattr(changed, name) - getattr(before, name)).sum(axis=0)[later:]
        for name in ("investment", "commissioned")
    )
    scale = spent / found.put_in_place
    own = found.commissioned.sum(axis=0) * scale
    np.testing.assert_allclose(own, commissioned, rtol=1e-9, atol=1e-9)
    investment = before.investment.sum(axis=0)[later:] / parameters.coverage
    assert 0.7 < np.median(investment / scale) < 1.3


def test_draws_have_the_effects_of_their_replication_in_the_zone_alone(
    effects: ProjectEffects, posterior: Posterior, late: Scenario
) -> None:
    members = Plan((late,), 10, SEED, posterior).members(0)
    commissioned, put_in_place = effects.of_draws(members)
    assert commissioned is not None
    assert put_in_place is not None
    inside, chosen = posterior.problem.past.members["donghu"], members.replications(FEW)
    own = effects.changed["donghu"]
    np.testing.assert_array_equal(commissioned[inside], own.commissioned[..., chosen])
    np.testing.assert_array_equal(put_in_place[0], own.put_in_place[..., chosen])
    assert not commissioned[posterior.problem.past.members["jingkai"]].any()
    assert not put_in_place[1].any()


def test_no_lever_no_effects_and_a_lever_of_nothing_no_difference(
    posterior: Posterior, usual: Scenario, baseline: Baseline
) -> None:
    none = scenario_of(baseline, "none", "levers.*.projects.delay=0 years")
    assert project_effects(posterior.problem.past, [usual, usual], SEED) == (None, None)
    found = project_effects(posterior.problem.past, [usual, none], SEED)
    for effects in found:
        assert effects is not None
        assert not effects.changed
    members = Plan((none,), 10, SEED, posterior).members(0)
    parameters = build_parameters(members, none, None, found[1])
    assert (parameters.commissioned, parameters.put_in_place) == (None, None)


def test_a_delay_of_zero_changes_no_bit(posterior: Posterior, baseline: Baseline) -> None:
    none = scenario_of(baseline, "none", "levers.*.projects.delay=0 years")
    found = run_plan(Plan((scenario_of(baseline, "baseline"), none), 300, SEED, posterior))
    for name, values in found.data_vars.items():
        if "scenario" in values.dims:
            pair = values.values
            np.testing.assert_array_equal(pair[0], pair[1], err_msg=str(name))


def test_effects_must_be_given(posterior: Posterior, late: Scenario) -> None:
    members = Plan((late,), 10, SEED, posterior).members(0)
    with pytest.raises(RunError, match="late: the effects of its levers on projects are not given"):
        build_parameters(members, late)


def test_replications_are_simulated_once(
    effects: ProjectEffects, posterior: Posterior, late: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(Simulation, "flows", never)
    (again,) = project_effects(posterior.problem.past, [late], SEED)
    assert again is not None
    own, before = again.changed["donghu"], effects.changed["donghu"]
    np.testing.assert_array_equal(own.commissioned, before.commissioned)


def test_a_zone_without_a_change_is_simulated_for_the_funnel_alone(
    posterior: Posterior, late: Scenario, usual: Scenario, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """And a zone whose changes come one after another is fitted, drawn and simulated once each."""
    monkeypatch.setenv("SIMCORE_CACHE", str(tmp_path))  # nothing is kept from another time
    simulated: list[tuple[str, float]] = []
    fitted, outturn = [], Simulation.outturn

    def noted(simulation: Simulation, changes: ProjectChanges) -> Outturn:
        simulated.append((simulation.parameters.zone, changes.delay))
        return outturn(simulation, changes)

    def fit(*given: Any) -> Any:
        fitted.append(given)
        return fit_pipelines(*given)

    monkeypatch.setattr(Simulation, "outturn", noted)
    monkeypatch.setattr("simcore.paired_projects.fit_pipelines", fit)
    projects = PairedProjects(posterior.problem.past, SEED + 1)
    assert projects.effects([usual]) == (None,)
    (first,), (second,) = projects.effects([late]), projects.effects([late])
    assert fitted
    assert simulated == [("donghu", 1.5), ("donghu", 0.0)]
    assert first is not None
    assert second is not None
    assert second.changed["donghu"] is first.changed["donghu"]
    funnel = first.funnel
    assert simulated[2:] == [("jingkai", 0.0)]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(second)).funnel, funnel)
    assert len(simulated) == 3
    assert len(fitted) == 1


# --- replications of draws ------------------------------------------------------------------------


def test_draws_use_all_replications_alike_whatever_the_blocks(
    posterior: Posterior, late: Scenario
) -> None:
    plan = Plan((late,), 5000, SEED, posterior)
    whole = replace(plan, block_draws=4096).members(0).replications(256)
    parts = [replace(plan, block_draws=256).members(b).replications(256) for b in range(16)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    tiles = whole.reshape(4, BLOCK)
    assert all((np.bincount(tile, minlength=256) == 4).all() for tile in tiles)
    assert (tiles[0] != tiles[1]).mean() > 0.9
    other = replace(plan, seed=SEED + 1, block_draws=4096).members(0).replications(256)
    assert (other != whole).mean() > 0.9


def test_a_draw_depends_neither_on_draws_nor_on_blocks_nor_on_company(
    posterior: Posterior, late: Scenario, run: xr.Dataset
) -> None:
    alone = run_plan(Plan((late,), 300, SEED, posterior, block_draws=256))
    for name in ("gdp", "investment", "value_added", "capital"):
        expected = run[name].sel(scenario="late").isel(draw=slice(300)).values
        np.testing.assert_array_equal(alone[name].values[0], expected)


def test_workers_are_given_the_effects(
    posterior: Posterior, late: Scenario, run: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan((late,), 100, SEED, posterior)
    job = pickle.dumps(Job.of(plan, (None,), Parts(Path("x.h5"))))
    monkeypatch.setattr("simcore.plan.project_effects", None)
    elsewhere = run_plan(pickle.loads(job).plan())["gdp"].values[0]
    np.testing.assert_array_equal(elsewhere, run["gdp"].sel(scenario="late").values[..., :100])
    assert len(job) < 2e6


def test_scenarios_share_what_their_levers_on_projects_share(
    posterior: Posterior, baseline: Baseline
) -> None:
    """Points of a sweep that differ elsewhere make a job that is as small as that of one point."""
    both = (DELAY, "levers.jingkai.projects.delay=1 year")
    points = [
        scenario_of(baseline, f"p{point}", *both, f"levers.donghu.tfp=+0.{point} pp")
        for point in range(6)
    ]
    others = scenario_of(baseline, "usual"), scenario_of(baseline, "donghu", DELAY)
    plan = Plan((*points, *others), 100, SEED, posterior)
    first, *rest = plan.projects
    assert all(effects is first for effects in rest[:5])
    usual, donghu = rest[5:]
    assert first is not None
    assert usual is not None
    assert donghu is not None
    assert usual.changed == {}
    assert donghu.changed["donghu"] is first.changed["donghu"]
    one, all_of_them = (
        len(pickle.dumps(Job.of(p, (None,) * len(p.scenarios), Parts(Path("x.h5")))))
        for p in (Plan((points[0],), 100, SEED, posterior), plan)
    )
    arrays = first.changed.values()
    size = sum(part.commissioned.nbytes + part.put_in_place.nbytes for part in arrays)
    assert all_of_them - one < 2 * size  # of seven that change something


# --- what a delay does ----------------------------------------------------------------------------


def test_a_delay_lowers_investment_first_and_gdp_later(run: xr.Dataset) -> None:
    """No project is commissioned later than it would have been in the first year."""
    here = {"zone": "donghu"}
    investment, capital, gdp = (change(run, v, **here) for v in ("investment", "capital", "gdp"))
    assert investment[0] == capital[0] == gdp[0] == 0
    assert investment[1] < -5
    assert investment[2:4].max() < -15
    assert np.abs(capital[1:2]).max() == np.abs(gdp[1:2]).max() == 0
    assert -0.6 < gdp[3] < 0
    assert gdp[6] < -2
    assert capital[6] < gdp[6]
    assert investment[6] > investment[3]  # what was put off is built


def test_other_zones_feel_a_delay_through_knowledge_alone(run: xr.Dataset) -> None:
    assert np.abs(change(run, "capital", zone="jingkai")).max() < 0.05
    assert np.abs(change(run, "investment", zone="jingkai")).max() < 0.05


def test_industries_suffer_by_the_projects_they_have(run: xr.Dataset) -> None:
    def fall(industry: str) -> float:
        return float(change(run, "value_added", zone="donghu", industry=industry)[-1])

    assert fall("optoelectronics") < -2
    assert fall("other_services") < -2
    for industry in ("construction", "agriculture"):  # which have no projects
        assert -0.6 < fall(industry) < 0  # less GDP, less of the usual investment


def test_pinned_growth_turns_a_delay_into_productivity(
    posterior: Posterior, baseline: Baseline
) -> None:
    five = "levers.*.gdp_growth=5%"
    plain, slow = (
        scenario_of(baseline, name, five, *more)
        for name, more in (("baseline", ()), ("late", (DELAY,)))
    )
    found = run_plan(Plan((plain, slow), 300, SEED, posterior))
    np.testing.assert_allclose(change(found, "gdp", zone="donghu"), 0, atol=1e-6)
    required = found["tfp_growth_required"].sel(year=slice(2026, 2029), zone="donghu")
    more = required.sel(scenario="late") - required.sel(scenario="baseline")
    assert float(more.mean()) > 0.2


def test_centred_growth_counts_the_projects(
    posterior: Posterior, baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simcore.assembly.CENTRE_BLOCKS", 2)
    centred = "levers.donghu.gdp_growth={value: 5%, mode: centre}"
    plain, slow = (
        scenario_of(baseline, name, centred, *more)
        for name, more in (("baseline", ()), ("late", (DELAY,)))
    )
    found = run_plan(Plan((plain, slow), 1024, SEED, posterior))
    growth = found["gdp_growth"].sel(zone="donghu", year=slice(2024, None)).mean("draw")
    gap = growth.sel(scenario="late") - growth.sel(scenario="baseline")
    assert np.abs(gap.values).max() < 0.4  # other replications: the ensemble's, not the run's
    assert CENTRE_SEED != SEED


# --- commands -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_folder", "read_once")
def test_a_sweep_over_delays_and_a_what_if() -> None:
    write(
        "mine.yaml",
        "simcore: 1\nname: delays\nlabel: {en: delays, zh: 推迟}\nbase: baseline\n"
        "axes:\n  levers.donghu.projects.delay: {values: [0 years, 2 years]}\n",
    )
    invoke("sweep", "mine.yaml", "-n", 100, "--seed", SEED, "-o", "x.h5")
    with simcore.open_results("x.h5") as found:
        gdp = found["gdp"].sel(year=2030).median("draw").values
    assert (np.diff(gdp[:, 0]) < -10).all()
    text = invoke("what-if", "--set", DELAY, "-n", 100, "--seed", SEED).stdout
    assert "GDP" in text


@pytest.mark.usefixtures("own_folder")
def test_a_result_keeps_the_funnel_of_its_scenarios(
    posterior: Posterior, usual: Scenario, late: Scenario, baseline: Baseline
) -> None:
    long = scenario_of(baseline, "long", "horizon=2030")
    plan = Plan((usual, late, long), 40, SEED, posterior)
    produce(plan, Path("x.h5"), workers=1)
    with xr.open_dataset("x.h5", engine="h5netcdf", group="projects") as found:
        assert dict(found.sizes) == {
            "stage": 6, "quantile": 5, "scenario": 3, "zone": 2, "year": 16,
        }  # fmt: skip
        entered = found["entered"].values
    assert np.isnan(entered[:, :2, ..., -1]).all()
    rows = printed_json("projects", "x.h5", "--zone", "donghu")["rows"]
    assert set(rows[0]) == {"scenario", "zone", "year", "stage", "median", "q05", "q95"}
    middle = {(r["scenario"], r["year"], r["stage"]): r["median"] for r in rows}
    assert middle["late", 2024, "plan"] == middle["baseline", 2024, "plan"] > 50
    assert middle["late", 2024, "start"] < 0.9 * middle["baseline", 2024, "start"]
    assert middle["late", 2023, "start"] == middle["baseline", 2023, "start"]
    assert ("long", 2030, "drop") in middle
    assert ("late", 2030, "drop") not in middle
    assert "projects that enter each stage" in invoke("projects", "x.h5").stdout
    assert printed_json("inspect", "x.h5")["groups"] == {"projects": list(EVENTS)}
    (group,) = (t for t in invoke("inspect", "x.h5").stdout.splitlines() if t.startswith("group"))
    assert group == (
        "group projects: planned, signed, started, half built, commissioned, dropped; "
        "simcore projects x.h5 prints it"
    )
    assert "leave out all options but --zone" in refused("projects", "x.h5", "--trace", 1)[0]
    assert (
        "jinkai: no zone of x.h5; did you mean"
        in refused("projects", "x.h5", "--zone", "jinkai")[0]
    )
    produce(Plan((usual,), 10, SEED, posterior), Path("y.h5"), workers=1)
    assert refused("projects", "y.h5")[0].startswith("y.h5: holds no projects")
    assert verify(Path("x.h5"), posterior).differences == ()


@pytest.mark.usefixtures("own_folder", "read_once")
def test_a_zone_without_a_pipeline_is_refused(
    monkeypatch: pytest.MonkeyPatch, baseline: Baseline
) -> None:
    from simcore.pipeline_priors import load_pipeline_priors

    known = load_pipeline_priors()
    one = known.model_copy(update={"zones": {"jingkai": known.zones["jingkai"]}})
    monkeypatch.setattr("simcore.scenario_check.load_pipeline_priors", lambda: one)
    (line,) = refused("run", "baseline", "-n", 2, "--set", DELAY)
    assert line.endswith("donghu has no pipeline of projects")
