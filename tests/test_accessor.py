"""``dataset.simcore``: fans, differences and probabilities, in memory and from a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import simcore
from simcore.dims import QUANTILES
from simcore.errors import InputError
from simcore.plan import Plan
from simcore.production import produce


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    return simcore.run("baseline", "growth-5", draws=201, seed=4)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[xr.Dataset]:
    from simcore.reconcile import reconcile

    scenarios = tuple(simcore.load_scenario(name) for name in ("baseline", "growth-5"))
    plan = Plan(scenarios, 201, 4, reconcile())
    path = Path(tmp_path_factory.mktemp("accessor")) / "x.h5"
    produce(plan, path, workers=1)
    with simcore.open_results(path) as found:
        yield found


@pytest.fixture(params=["memory", "file"])
def source(request: pytest.FixtureRequest, dataset: xr.Dataset, opened: xr.Dataset) -> xr.Dataset:
    return dataset if request.param == "memory" else opened


def test_fan(source: xr.Dataset, dataset: xr.Dataset) -> None:
    fan = source.simcore.fan("gdp")
    assert fan.dims[0] == "quantile"
    assert list(fan["quantile"].values) == list(QUANTILES)
    assert fan.attrs["units"] == "1e8 CNY"
    known = fan.sel(year=slice(2020, None))
    wanted = np.quantile(dataset["gdp"].sel(year=slice(2020, None)), QUANTILES, axis=-1)
    np.testing.assert_allclose(known, wanted, rtol=1e-6)
    assert bool(fan.sel(zone="donghu", year=2016).isnull().all())


def test_fan_of_industries_and_other_quantiles(dataset: xr.Dataset) -> None:
    fan = dataset.simcore.fan("output", [0.1, 0.9]).sel(zone="jingkai", industry="automotive")
    values = dataset["output"].sel(zone="jingkai", industry="automotive", year=2030)
    np.testing.assert_allclose(
        fan.sel(year=2030), np.quantile(values, [0.1, 0.9], axis=-1), rtol=1e-6
    )


def test_delta_is_draw_by_draw(source: xr.Dataset, dataset: xr.Dataset) -> None:
    delta = source.simcore.delta("baseline")
    assert list(delta["scenario"].values) == ["growth-5"]
    gdp = dataset["gdp"]
    wanted = gdp.sel(scenario="growth-5") - gdp.sel(scenario="baseline")
    np.testing.assert_array_equal(delta["gdp"].sel(scenario="growth-5"), wanted)
    assert delta["gdp"].attrs["units"] == "1e8 CNY"
    assert {"weight", "status"}.isdisjoint(delta.data_vars)
    growth = dataset.simcore.delta("growth-5")["gdp_growth"].sel(scenario="baseline", year=2030)
    wide = dataset["gdp_growth"].sel(scenario="baseline", year=2030) - 5
    np.testing.assert_allclose(growth, wide, atol=1e-5)


def test_probability(source: xr.Dataset, dataset: xr.Dataset) -> None:
    gdp = dataset["gdp"].sel(year=2030)
    above = source.simcore.probability("gdp", year=2030, above=4200)
    below = source.simcore.probability("gdp", year=2030, below=4200)
    np.testing.assert_allclose(above, (gdp > 4200).mean("draw"))
    np.testing.assert_allclose(above + below, 1)
    assert 0.2 < float(above.sel(scenario="baseline", zone="donghu")) < 0.8
    assert above.attrs["units"] == "1"


def test_probability_of_a_fall(dataset: xr.Dataset) -> None:
    found = dataset.simcore.probability("gdp_growth", year=2026, below=0)
    wanted = (dataset["gdp_growth"].sel(year=2026) < 0).mean("draw")
    np.testing.assert_allclose(found, wanted)
    assert float(found.sel(scenario="growth-5", zone="donghu")) == 0
    assert float(found.sel(scenario="baseline", zone="donghu")) > 0


def test_probability_as_published(dataset: xr.Dataset) -> None:
    found = dataset.simcore.probability("gdp", year=2030, above=4200, published=True)
    seen = (dataset["gdp"] * dataset["revision_factor"]).sel(year=2030)
    np.testing.assert_allclose(found, (seen > 4200).mean("draw"))
    plain = dataset.simcore.probability("gdp", year=2030, above=4200)
    assert float(found.sel(scenario="baseline", zone="donghu")) != float(
        plain.sel(scenario="baseline", zone="donghu")
    )


def test_probability_of_what_does_not_exist_is_nan(dataset: xr.Dataset) -> None:
    found = dataset.simcore.probability("output", year=2030, above=0)
    assert bool(found.sel(zone="donghu", industry="automotive").isnull().all())
    assert bool((found.sel(zone="jingkai", industry="automotive") == 1).all())


def test_probability_needs_one_side(dataset: xr.Dataset) -> None:
    for sides in ({}, {"above": 1.0, "below": 2.0}):
        with pytest.raises(ValueError, match="give either above or below"):
            dataset.simcore.probability("gdp", year=2030, **sides)


def test_aggregates_are_weighted_shares_of_gdp(source: xr.Dataset, dataset: xr.Dataset) -> None:
    share = source.simcore.aggregate("digital_core")
    assert share.dims == ("scenario", "zone", "year", "draw")
    assert share.attrs["units"] == "percent of GDP"
    assert share.attrs["long_name_zh"] == "数字经济核心产业"
    for zone, weights in (
        ("donghu", {"optoelectronics": 1, "digital_services": 1}),
        ("jingkai", {"digital_services": 1, "electronics_appliances": 0.5}),
    ):
        here = dataset.sel(zone=zone, year=2027)
        total = sum(w * here["value_added"].sel(industry=name) for name, w in weights.items())
        wanted = 100 * total / here["gdp"]
        np.testing.assert_allclose(share.sel(zone=zone, year=2027), wanted, rtol=1e-6)
    assert bool(share.sel(zone="donghu", year=2016).isnull().all())


def test_an_aggregate_without_weights_in_a_zone_is_nan_there(dataset: xr.Dataset) -> None:
    share = dataset.simcore.aggregate("high_tech")
    assert bool(share.sel(zone="jingkai").isnull().all())
    in_2020 = share.sel(zone="donghu", year=2020, scenario="baseline")
    assert float(in_2020.median()) == pytest.approx(55, abs=1.5)  # the weights' error apart


def test_unknown_aggregates_are_refused(dataset: xr.Dataset) -> None:
    with pytest.raises(InputError, match="no aggregate 'hightech' with weights; did you mean"):
        dataset.simcore.aggregate("hightech")
    with pytest.raises(InputError, match="no aggregate 'culture' .*known: digital_core, high_tech"):
        dataset.simcore.aggregate("culture")
