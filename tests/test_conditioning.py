"""The closure condition: draws weighted by how near their growth comes to a wanted one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

import simcore
from simcore import condition
from simcore.conditioning import FEWEST, conditionals, growth_of
from simcore.errors import InputError
from simcore.weighting import (
    are_equal,
    effective_size,
    weighted_quantiles,
    weighted_share,
)

ZONES = ("donghu", "jingkai")


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    return simcore.run("baseline", "rnd-14", draws=2048, seed=4)


def test_an_infinite_tolerance_changes_nothing(dataset: xr.Dataset) -> None:
    free = condition(dataset, 0.05, tolerance="inf")
    xr.testing.assert_identical(free, dataset)
    xr.testing.assert_identical(simcore.compare(free), simcore.compare(dataset))
    for variable in ("gdp", "value_added"):
        np.testing.assert_array_equal(free.simcore.fan(variable), dataset.simcore.fan(variable))


def test_a_very_wide_tolerance_nearly_nothing(dataset: xr.Dataset) -> None:
    wide = condition(dataset, 0.05, tolerance=10.0)
    np.testing.assert_allclose(wide["weight"], 1, rtol=1e-3)
    np.testing.assert_allclose(wide.simcore.fan("gdp"), dataset.simcore.fan("gdp"), rtol=1e-3)


def test_weights_are_the_likelihood_of_the_growth(dataset: xr.Dataset) -> None:
    weighted = condition(dataset, "5%", tolerance="1 pp", scenario="baseline")
    assert are_equal(weighted["weight"].sel(scenario="rnd-14").values)
    growth = np.array([growth_of(dataset, "baseline", zone) for zone in ZONES])
    wanted = np.exp(-0.5 * ((growth - 5) ** 2).sum(axis=0))
    found = weighted["weight"].sel(scenario="baseline").values
    np.testing.assert_allclose(found, wanted / wanted.mean(), rtol=1e-5, atol=1e-25)


def test_growth_is_near_what_was_asked(dataset: xr.Dataset) -> None:
    weighted = condition(dataset, 0.06, tolerance=0.003, zone="donghu", scenario="baseline")
    donghu, jingkai = conditionals(weighted, "baseline")
    assert donghu.growth == pytest.approx(6, abs=0.1)
    assert abs(jingkai.growth - 6) > abs(donghu.growth - 6)
    assert donghu.years == (2024, 2030)
    assert (
        donghu.tfp_growth[0] > donghu.tfp_growth_before[0]
    )  # faster growth is mostly productivity


def test_weights_count_in_every_statistic(dataset: xr.Dataset) -> None:
    weighted = condition(dataset, 0.07, tolerance=0.01, zone="donghu", scenario="rnd-14")
    cell = weighted["gdp"].sel(zone="donghu", year=2030)
    weight = weighted["weight"].sel(scenario="rnd-14").values.astype(float)
    own = cell.sel(scenario="rnd-14").values.astype(float)
    median = float(weighted_quantiles(own, weight, (0.5,))[0])
    fan = weighted.simcore.fan("gdp", [0.5]).sel(zone="donghu", year=2030, scenario="rnd-14")
    assert float(fan.item()) == pytest.approx(median)
    chosen = weighted.simcore.fan("gdp", [0.5])
    np.testing.assert_array_equal(
        chosen.sel(scenario="baseline"),
        dataset.simcore.fan("gdp", [0.5]).sel(scenario="baseline"),
    )
    above = weighted.simcore.probability("gdp", year=2030, above=5000)
    wanted = weighted_share(own > 5000, weight)[0]
    assert float(above.sel(scenario="rnd-14", zone="donghu")) == pytest.approx(wanted, rel=1e-5)
    table = simcore.compare(weighted, indicators=["gdp"], years=[2030])["gdp"]
    table = table.sel(scenario="rnd-14", zone="donghu", year=2030)
    usual = float(np.median(cell.sel(scenario="baseline").astype(float)))
    assert float(table.sel(statistic="median")) == pytest.approx(median)
    difference = float(table.sel(statistic="difference_median"))
    assert difference == pytest.approx(median - usual)
    share = float(table.sel(statistic="probability_above"))
    assert share == pytest.approx(weighted_share(own > usual, weight)[0], abs=1e-6)


def test_the_baselines_weights_count_as_well(dataset: xr.Dataset) -> None:
    keys: dict[str, Any] = {"zone": "donghu", "year": 2030}
    usual, own = (dataset["gdp"].sel(**keys, scenario=s).values for s in ("baseline", "rnd-14"))
    for scenario in (None, "baseline"):
        weighted = condition(dataset, 0.07, tolerance=0.01, zone="donghu", scenario=scenario)
        weight = weighted["weight"].sel(scenario="baseline").values.astype(float)
        median = float(weighted_quantiles(usual, weight, (0.5,))[0])
        assert abs(median / np.median(usual) - 1) > 0.01
        table = simcore.compare(weighted, indicators=["gdp"], years=[2030])["gdp"]
        found = table.sel(**keys, scenario="rnd-14")
        assert float(found.sel(statistic="baseline_median")) == pytest.approx(median)
        weight = weighted["weight"].sel(scenario="rnd-14").values.astype(float)
        gap = float(weighted_quantiles(own, weight, (0.5,))[0]) - median
        assert float(found.sel(statistic="difference_median")) == pytest.approx(gap)


def test_goals_know_the_effective_sample_size(dataset: xr.Dataset) -> None:
    weighted = condition(dataset, 0.07, tolerance=0.01, zone="donghu", scenario="rnd-14")
    weight = weighted["weight"].sel(scenario="rnd-14").values.astype(float)
    found = simcore.targets(weighted, scenario="rnd-14", year=2025)
    assert found.effective == pytest.approx(effective_size(weight))
    assert found.effective < found.draws == 2048
    assert simcore.targets(weighted, scenario="baseline", year=2025).effective == 2048


def test_what_knows_no_weights_refuses_them(dataset: xr.Dataset) -> None:
    weighted = condition(dataset, 0.07, tolerance=0.01, zone="donghu", scenario="rnd-14")
    with pytest.raises(InputError, match="unequal weights, as `condition` gives them; compare"):
        weighted.simcore.delta("baseline")
    with pytest.raises(InputError, match="^explain: draws have unequal weights"):
        simcore.explain(weighted, zone="donghu", draws=64)
    alike = condition(dataset, 0.07, tolerance="infinite")
    masked = alike.assign(weight=alike["weight"].where(alike["draw"] > 2, 0))
    assert masked.simcore.delta("baseline").sizes["scenario"] == 1


def test_masked_draws_stay_masked(dataset: xr.Dataset) -> None:
    broken = dataset.copy()
    broken["weight"] = dataset["weight"].where(dataset["draw"] >= 3, 0)
    weighted = condition(broken, 0.05, tolerance="0.5 pp", zone="donghu")
    assert (weighted["weight"].isel(draw=slice(0, 3)) == 0).all()
    assert weighted.simcore.masked().values.tolist() == [3, 3]


def test_too_few_effective_draws_are_refused(dataset: xr.Dataset) -> None:
    with pytest.raises(
        InputError, match=r"growth of 12% ± 0.5 pp in baseline: an effective sample"
    ):
        condition(dataset, "12%", tolerance="0.5 pp")
    with pytest.raises(InputError, match=f"below {FEWEST}; ask for a wider tolerance, or for"):
        condition(dataset, "5%", tolerance="0.01 pp")


def test_pinned_growth_gives_no_choice() -> None:
    pinned = simcore.run("growth-5", draws=128, seed=4)
    with pytest.raises(InputError, match="the same in every draw"):
        condition(pinned, "5%")


def test_what_cannot_be_asked(dataset: xr.Dataset) -> None:
    with pytest.raises(InputError, match="unknown zone 'dongu'; did you mean 'donghu'"):
        condition(dataset, 0.05, zone="dongu")
    with pytest.raises(InputError, match="unknown scenario 'basline'"):
        condition(dataset, 0.05, scenario="basline")
    with pytest.raises(InputError, match="growth: a percentage is written|growth: '5' is not"):
        condition(dataset, "5")
    with pytest.raises(InputError, match="the tolerance 0 is not above zero"):
        condition(dataset, 0.05, tolerance=0)
    with pytest.raises(InputError, match="tolerance: '1%' is not a difference"):
        condition(dataset, 0.05, tolerance="1%")


# --- weights --------------------------------------------------------------------------------------


def test_whole_weights_are_repetitions() -> None:
    values, weight = np.array([4.0, 1.0, 9.0]), np.array([1.0, 2.0, 1.0])
    repeated = np.array([4.0, 1.0, 1.0, 9.0])
    assert weighted_share(values > 2, weight)[0] == (repeated > 2).mean()
    assert effective_size(weight) == pytest.approx(16 / 6)
    low, high = weighted_quantiles(values, weight, (0.0, 1.0))
    assert (low, high) == (1.0, 9.0)


def test_equal_weights_are_none() -> None:
    values = np.random.default_rng(1).standard_normal((2, 3, 500))
    values[0, 0, 7] = np.nan
    places = (0.05, 0.5, 0.95)
    found = weighted_quantiles(values, np.full(500, 0.3), places)
    np.testing.assert_allclose(found, np.nanquantile(values, places, axis=-1), rtol=1e-12)


def test_the_standard_error_is_that_of_repeated_samples() -> None:
    random = np.random.default_rng(3)
    normal = random.standard_normal((4000, 400))
    found = [weighted_share(row > 0.5, np.exp(0.5 * row)) for row in normal]
    shares, errors = np.array(found).T
    assert shares.std() == pytest.approx(errors.mean(), rel=0.05)


def test_nothing_weighs_nothing() -> None:
    assert np.isnan(weighted_share(np.array([True]), np.zeros(1))).all()
    assert np.isnan(weighted_quantiles(np.array([np.nan]), np.ones(1), (0.5,))).all()
    assert effective_size(np.zeros(3)) == 0
