"""What if growth is 5 %: pinned exactly, and how demanding that is."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import simcore
from simcore.baseline import load_baseline
from simcore.errors import InputError
from simcore.what_if import Demand, average, demands, what_if_scenario

BASELINE = load_baseline()
PIN = "levers.*.gdp_growth.value=5%"


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    scenario = what_if_scenario(BASELINE, [PIN])
    return simcore.run(simcore.load_scenario("baseline"), scenario, draws=1500, seed=2)


def test_growth_is_five_per_cent_in_every_draw_and_year(dataset: xr.Dataset) -> None:
    growth = dataset["gdp_growth"].sel(scenario="what-if", year=slice(2024, None))
    assert growth.shape == (2, 12, 1500)
    np.testing.assert_allclose(growth, 5, rtol=0, atol=1e-6)
    real = dataset["gdp_real"].sel(scenario="what-if").astype(float)
    ratio = (real / real.shift(year=1)).sel(year=slice(2024, None))
    np.testing.assert_allclose(ratio, 1.05, rtol=1e-6)


def test_the_past_is_not_touched(dataset: xr.Dataset) -> None:
    for name in ("gdp", "gdp_growth", "rnd"):
        past = dataset[name].sel(year=slice(None, 2023))
        np.testing.assert_array_equal(past.sel(scenario="what-if"), past.sel(scenario="baseline"))


def test_demands_are_what_they_say(dataset: xr.Dataset) -> None:
    found = demands(dataset, what_if_scenario(BASELINE, [PIN]), 2023)
    assert [demand.zone for demand in found] == ["donghu", "jingkai"]
    span = dataset.sel(year=slice(2024, 2030))
    for demand in found:
        usual, pinned = (span.sel(scenario=s, zone=demand.zone) for s in ("baseline", "what-if"))
        required = average(pinned["tfp_growth_required"].values)
        assert demand.years == (2024, 2030)
        assert demand.growth == pytest.approx(5, abs=1e-6)
        assert demand.tfp_growth_required == pytest.approx(
            tuple(np.quantile(required, [0.5, 0.05, 0.95])), rel=1e-6
        )
        growth = usual["gdp_growth"].values
        wanted = (
            (average(usual["tfp_growth"].values) < np.median(required)).mean(),
            (average(growth) >= 5).mean(), (growth >= 5).all(axis=0).mean(),
        )  # fmt: skip
        shares = (
            demand.baseline_share_below, demand.share_average_reached,
            demand.share_every_year_reached,
        )  # fmt: skip
        assert shares == pytest.approx(wanted, abs=1 / 1500)
        assert 0 < shares[2] < shares[1] < 1


def test_faster_growth_is_more_demanding() -> None:
    scenarios = [
        what_if_scenario(BASELINE, [PIN.replace("5%", rate)]).model_copy(update={"name": rate})
        for rate in ("3%", "7%")
    ]
    both = simcore.run(simcore.load_scenario("baseline"), *scenarios, draws=500, seed=2)
    slow, fast = (demands(both, scenario, 2023) for scenario in scenarios)
    for one, other in zip(slow, fast, strict=True):
        for low, high in zip(one.tfp_growth_required, other.tfp_growth_required, strict=True):
            assert 3 < high - low < 5
        assert one.baseline_share_below < other.baseline_share_below
        assert one.share_average_reached > other.share_average_reached


def test_growth_has_no_variance_under_set() -> None:
    pinned = simcore.run("growth-5", draws=256, seed=2)["gdp_growth"].sel(year=slice(2024, None))
    assert float(pinned.var("draw").max()) < 1e-10
    np.testing.assert_allclose(pinned, 5, atol=1e-5)


def test_only_pinned_zones_have_demands() -> None:
    scenario = what_if_scenario(BASELINE, ["levers.jingkai.gdp_growth.value=5%"])
    both = simcore.run(simcore.load_scenario("baseline"), scenario, draws=8, seed=2)
    assert [demand.zone for demand in demands(both, scenario, 2023)] == ["jingkai"]
    assert demands(both, simcore.load_scenario("baseline"), 2023) == []


def asked(*settings: str) -> list[Demand]:
    scenario = what_if_scenario(BASELINE, [PIN, *settings])
    both = simcore.run(simcore.load_scenario("baseline"), scenario, draws=64, seed=2)
    return demands(both, scenario, 2023)


def test_a_pin_that_does_not_reach_every_year_demands_nothing() -> None:
    assert asked("levers.*.gdp_growth.until=2027") == []


def test_a_shorter_horizon_is_answered_for_its_years() -> None:
    found = asked("horizon=2028")
    assert [demand.years for demand in found] == [(2024, 2028)] * 2
    assert np.isfinite([demand.tfp_growth_required for demand in found]).all()


def test_a_path_is_answered_year_by_year() -> None:
    scenario = what_if_scenario(
        BASELINE, ["levers.*.gdp_growth={path: {2024: 8%, 2026: 2%}}"]
    )  # fmt: skip
    both = simcore.run(simcore.load_scenario("baseline"), scenario, draws=800, seed=2)
    usual = both["gdp_growth"].sel(scenario="baseline", year=slice(2024, 2030))
    path = xr.DataArray([8, 5, 2, 2, 2, 2, 2], coords={"year": usual["year"]})
    for demand in demands(both, scenario, 2023):
        reached = (usual.sel(zone=demand.zone) >= path - 1e-6).all("year").mean()
        assert demand.share_every_year_reached == pytest.approx(float(reached), abs=2e-3)
        assert demand.growth == pytest.approx(average(path.values), abs=1e-5)


def test_the_question_is_laid_on_its_base() -> None:
    scenario = what_if_scenario(BASELINE, [PIN, "levers.donghu.tfp=+1 pp"], base="rnd-14")
    assert scenario.name == "what-if"
    levers = scenario.zone_levers("donghu")
    assert levers.gdp_growth is not None
    assert levers.gdp_growth.value == 0.05
    assert levers.rnd_growth is not None
    assert levers.tfp is not None


def test_a_wrong_question_is_refused() -> None:
    with pytest.raises(InputError, match="with its sign: 5% instead of 5"):
        what_if_scenario(BASELINE, ["levers.*.gdp_growth.value=5"])
    with pytest.raises(InputError, match="did you mean 'growth-5'"):
        what_if_scenario(BASELINE, [PIN], base="growth-55")
