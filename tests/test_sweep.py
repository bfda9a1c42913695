"""Running: draws that depend on nothing but seed and number, and what a run reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from simcore import identities, sweep
from simcore.arrays import Array
from simcore.dataset import run_plan
from simcore.dims import VARIABLES
from simcore.errors import InputError
from simcore.identities import Finding
from simcore.levers import MAXIMUM_DRAWS, Scenario
from simcore.plan import Plan, sampled_names
from simcore.posterior import Posterior
from simcore.reconcile import reconcile
from simcore.sampling import BLOCK, BLOCK_SIZES
from simcore.scenario import load_scenario
from simcore.sinks import ArraySink
from simcore.sweep import execute

SEED = 17


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return reconcile()


def scenario(posterior: Posterior, name: str, *settings: str) -> Scenario:
    return load_scenario(name, posterior.problem.past.baseline, settings)


def run(posterior: Posterior, *names: str, draws: int, seed: int = SEED) -> xr.Dataset:
    scenarios = tuple(scenario(posterior, name) for name in names)
    return run_plan(Plan(scenarios, draws, seed, posterior))


@pytest.fixture(scope="module")
def thousand(posterior: Posterior) -> xr.Dataset:
    return run(posterior, "baseline", draws=1000)


def same(one: xr.Dataset, other: xr.Dataset, name: str) -> None:
    """Every variable of a scenario, bit for bit."""
    for variable in VARIABLES:
        left, right = (data[variable].sel(scenario=name).values for data in (one, other))
        assert left.tobytes() == right.tobytes(), variable


# --- draws ----------------------------------------------------------------------------------------


def test_a_thousand_draws_are_the_first_of_five_thousand(
    posterior: Posterior, thousand: xr.Dataset
) -> None:
    many = run(posterior, "baseline", draws=5000)
    same(many.isel(draw=slice(0, 1000)), thousand, "baseline")
    gdp = many["gdp"].sel(zone="donghu", year=2035).values.ravel()
    assert len(np.unique(gdp)) > 4900  # blocks do not repeat one another


@pytest.mark.parametrize("draws", [1, 7, 1000])
def test_any_number_of_draws_is_the_beginning_of_any_other(
    draws: int, posterior: Posterior, thousand: xr.Dataset
) -> None:
    same(run(posterior, "baseline", draws=draws), thousand.isel(draw=slice(0, draws)), "baseline")


@pytest.fixture(scope="module")
def various(posterior: Posterior) -> Plan:
    """Scenarios that take every way through the model: closures, events, moved splits."""
    chosen = (
        scenario(posterior, "baseline"),
        scenario(posterior, "growth-5"),
        scenario(posterior, "growth-5", "levers.*.gdp_growth={mode: centre, value: 5%}"),
        scenario(posterior, "chip-shock+services-50"),
        scenario(posterior, "auto-downturn"),
    )
    return Plan(chosen, 2300, SEED, posterior)


@pytest.fixture(scope="module")
def by_tiles(various: Plan) -> xr.Dataset:
    return run_plan(various)


@pytest.mark.parametrize("size", [size for size in BLOCK_SIZES if size != BLOCK])
def test_no_bit_depends_on_the_size_of_the_blocks(
    size: int, various: Plan, by_tiles: xr.Dataset
) -> None:
    found = run_plan(replace(various, block_draws=size))
    for one in various.scenarios:
        same(found, by_tiles, one.name)


def test_blocks_have_one_of_a_few_sizes(various: Plan) -> None:
    with pytest.raises(InputError, match="blocks of 1000 draws; they can have 256, 1024, 4096"):
        replace(various, block_draws=1000)


@pytest.mark.parametrize(
    "names",
    [
        ("growth-5", "baseline"),
        ("baseline", "growth-5"),
        ("chip-shock", "corridor", "baseline", "services-50"),
    ],
)
def test_scenarios_around_it_change_nothing(
    names: tuple[str, ...], posterior: Posterior, thousand: xr.Dataset
) -> None:
    same(run(posterior, *names, draws=64), thousand.isel(draw=slice(0, 64)), "baseline")


def test_order_of_scenarios_changes_nothing(posterior: Posterior) -> None:
    one = run(posterior, "rnd-14", "auto-downturn", draws=32)
    other = run(posterior, "auto-downturn", "rnd-14", draws=32)
    for name in ("rnd-14", "auto-downturn"):
        same(one, other, name)


def test_a_longer_scenario_beside_it_changes_no_projection(
    posterior: Posterior, thousand: xr.Dataset
) -> None:
    longer = scenario(posterior, "baseline", "horizon=2045", "name=longer")
    plan = Plan((scenario(posterior, "baseline"), longer), 16, SEED, posterior)
    found = run_plan(plan).sel(year=slice(2015, 2035))
    same(found, thousand.isel(draw=slice(0, 16)), "baseline")
    np.testing.assert_array_equal(
        found["gdp"].sel(scenario="longer"), found["gdp"].sel(scenario="baseline")
    )


def test_centre_does_not_depend_on_the_draws(posterior: Posterior) -> None:
    centred = scenario(posterior, "growth-5", "levers.*.gdp_growth={value: 5%, mode: centre}")
    runs = [
        run_plan(Plan((centred,), draws, seed, posterior))["gdp_growth"].sel(year=slice(2024, None))
        for draws, seed in ((2, SEED), (2048, SEED))
    ]
    assert runs[1].isel(draw=slice(0, 2)).values.tobytes() == runs[0].values.tobytes()
    np.testing.assert_allclose(runs[1].mean("draw"), 5, atol=0.35)


def test_another_seed_is_another_ensemble(posterior: Posterior, thousand: xr.Dataset) -> None:
    other = run(posterior, "baseline", draws=1000, seed=SEED + 1)
    gdp = [data["gdp"].sel(zone="donghu", year=2035).values.ravel() for data in (thousand, other)]
    assert abs(float(np.corrcoef(gdp)[0, 1])) < 0.15
    assert np.intersect1d(*gdp).size < 5  # in single precision two draws may meet


def test_every_scenario_stands_on_the_same_past(posterior: Posterior) -> None:
    found = run(posterior, "baseline", "growth-fast", draws=16).sel(year=slice(None, 2023))
    for name in ("gdp", "gdp_real", "value_added", "output", "rnd", "deflator"):
        one, other = (found[name].sel(scenario=s) for s in ("baseline", "growth-fast"))
        assert one.values.tobytes() == other.values.tobytes()


# --- plans ----------------------------------------------------------------------------------------


def test_a_plan_refuses_what_cannot_be_run(posterior: Posterior) -> None:
    one = scenario(posterior, "baseline")
    with pytest.raises(InputError, match="the scenario 'baseline' is named twice"):
        Plan((one, one), 1, 0, posterior)
    for draws in (0, MAXIMUM_DRAWS + 1):
        with pytest.raises(InputError, match=f"{draws} draws; from 1 to"):
            Plan((one,), draws, 0, posterior)
    with pytest.raises(InputError, match="the seed -1 is negative"):
        Plan((one,), 1, -1, posterior)
    with pytest.raises(InputError, match=r"^keep 'all' is neither full nor summary$"):
        Plan((one,), 1, 1, posterior, keep="all")  # type: ignore[arg-type]


def test_fingerprint_is_of_all_but_the_draws(posterior: Posterior) -> None:
    one, other = scenario(posterior, "baseline"), scenario(posterior, "growth-5")
    first = Plan((one,), 10, 1, posterior).fingerprint
    assert Plan((one,), 20, 1, posterior).fingerprint == first
    changed = [
        Plan((one,), 10, 2, posterior), Plan((other,), 10, 1, posterior),
        Plan((one, other), 10, 1, posterior),
        Plan((scenario(posterior, "baseline", "horizon=2034"),), 10, 1, posterior),
    ]  # fmt: skip
    assert len({first, *(plan.fingerprint for plan in changed)}) == 5


def test_layout_reaches_to_the_farthest_horizon(posterior: Posterior) -> None:
    scenarios = (
        scenario(posterior, "baseline", "horizon=2026"),
        scenario(posterior, "growth-5", "horizon=2040"),
    )
    axes = Plan(scenarios, 5, 1, posterior).layout
    assert (axes.years[0], axes.years[-1], axes.draws) == (2015, 2040, 5)


# --- executing ------------------------------------------------------------------------------------


class Remembering(ArraySink):
    """A sink that also remembers what was written, in order."""

    def __init__(self, layout: Any) -> None:
        super().__init__(layout)
        self.written: list[tuple[int, int, int]] = []

    def write(self, scenario: int, start: int, block: Any) -> None:
        """Keep the block and note it."""
        self.written.append((scenario, start, block["gdp"].shape[-1]))
        super().write(scenario, start, block)


def test_progress_counts_scenario_draws(posterior: Posterior) -> None:
    plan = Plan(
        (scenario(posterior, "baseline"), scenario(posterior, "growth-5")), 1030, 1, posterior
    )
    sink, done = Remembering(plan.layout), []
    execute(plan, sink, done.append)
    assert done == [1024, 1024, 6, 6]
    assert [(s, start) for s, start, _ in sink.written] == [(0, 0), (1, 0), (0, 1024), (1, 1024)]
    assert np.isfinite(sink.variables["gdp"][:, :, 8:]).all()
    assert set(sink.members) == set(sampled_names(posterior))
    assert all(len(values) == 1030 for values in sink.members.values())


def test_rnd_beyond_what_is_seen_is_counted(posterior: Posterior) -> None:
    settings = ("levers.donghu.rnd_growth={value: 40%, until: 2030}", "name=wild")
    plan = Plan((scenario(posterior, "baseline", *settings),), 50, 1, posterior)
    sink = ArraySink(plan.layout)
    tally = execute(plan, sink)
    cause = "R&D above 25 % of GDP"
    above = sink.variables["rnd_intensity"][0] > 25
    (row,) = (row for row in tally.rows() if row["cause"] == cause)
    assert row["scenario_draws"] == int(above.any(axis=(0, 1)).sum()) > 0
    place = np.argwhere(above)[0]
    zone, year, draw = (int(part) for part in place)
    first = f"wild, draw {draw}, {plan.layout.zones[zone]}, {plan.layout.years[year]}"
    assert (row["first"], row["scenario"], row["masked"]) == (first, None, False)
    assert not tally.masked


def test_what_happens_in_draws_that_were_not_asked_for_is_no_matter(
    posterior: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate = sweep.simulate

    def broken(*arguments: Any) -> dict[str, Array]:
        results = simulate(*arguments)
        results["gdp"][..., 8:] = np.nan
        return results

    monkeypatch.setattr(sweep, "simulate", broken)
    plan = Plan((scenario(posterior, "growth-5"),), 8, 1, posterior)
    sink = ArraySink(plan.layout)
    execute(plan, sink)
    assert np.isfinite(sink.variables["gdp"][:, :, 8:]).all()


def test_every_block_is_judged(posterior: Posterior, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def judge(parameters: Any, results: dict[str, Array]) -> list[Finding]:
        seen.append(results["gdp"].shape[-1])
        return []

    monkeypatch.setattr(identities, "broken", judge)
    plan = Plan((scenario(posterior, "baseline"),), 1100, 1, posterior)
    execute(plan, ArraySink(plan.layout))
    assert seen == [1024, 76]
