"""Paired comparison: its statistics against NumPy's, and what cannot be compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

import simcore
from simcore.comparison import DEFAULT_INDICATORS, STATISTICS, compare, rows
from simcore.dims import VARIABLES
from simcore.errors import InputError


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    return simcore.run("baseline", "growth-5", "rnd-14", draws=301, seed=5)


@pytest.fixture(scope="module")
def comparison(dataset: xr.Dataset) -> xr.Dataset:
    return compare(dataset, indicators=["gdp", "output", "rnd_intensity"], years=[2026, 2033])


def expected(values: np.ndarray, other: np.ndarray) -> dict[str, float]:
    values, other = values.astype(float), other.astype(float)
    difference = values - other
    return {
        "median": np.median(values), "q05": np.quantile(values, 0.05),
        "q95": np.quantile(values, 0.95), "baseline_median": np.median(other),
        "difference_median": np.median(difference),
        "difference_q05": np.quantile(difference, 0.05),
        "difference_q95": np.quantile(difference, 0.95),
        "probability_above": np.mean(values > other),
        "largest_difference": np.abs(difference).max(),
    }  # fmt: skip


@pytest.mark.parametrize("scenario", ["growth-5", "rnd-14"])
@pytest.mark.parametrize("zone", ["donghu", "jingkai"])
def test_statistics_are_numpys(
    scenario: str, zone: str, dataset: xr.Dataset, comparison: xr.Dataset
) -> None:
    for indicator, place in (
        ("gdp", {}), ("rnd_intensity", {}), ("output", {"industry": "digital_services"})
    ):  # fmt: skip
        for year in (2026, 2033):
            keys: dict[str, Any] = {"zone": zone, "year": year, **place}
            here = dataset[indicator].sel(keys)
            wanted = expected(
                here.sel(scenario=scenario).values, here.sel(scenario="baseline").values
            )
            found = comparison[indicator].sel(scenario=scenario, **keys)
            for name in STATISTICS:
                value = float(found.sel(statistic=name))
                assert value == pytest.approx(wanted[name], rel=1e-12, abs=1e-12), name


def test_layout(comparison: xr.Dataset) -> None:
    assert comparison["gdp"].dims == ("scenario", "statistic", "zone", "year")
    assert comparison["output"].dims == ("scenario", "statistic", "zone", "industry", "year")
    assert list(comparison["scenario"].values) == ["growth-5", "rnd-14"]
    assert list(comparison["statistic"].values) == list(STATISTICS)
    assert comparison["gdp"].attrs == VARIABLES["gdp"].attributes
    assert comparison.attrs == {"baseline": "baseline", "draws": 301, "seed": 5}


def test_pairs_that_do_not_exist_have_no_probability(comparison: xr.Dataset) -> None:
    part = comparison["output"].sel(zone="donghu", industry="automotive")
    assert bool(part.isnull().all())


def test_defaults(dataset: xr.Dataset) -> None:
    found = compare(dataset)
    assert tuple(found.data_vars) == DEFAULT_INDICATORS
    assert list(found["year"].values) == [2025, 2030, 2035]
    short = dataset.sel(year=slice(None, 2028))
    assert list(compare(short)["year"].values) == [2025]
    assert list(compare(dataset.sel(year=slice(2020, 2024)))["year"].values) == [2024]


def test_another_baseline_reverses_the_differences(dataset: xr.Dataset) -> None:
    one = compare(dataset, "baseline", ["gdp"], [2030]).sel(scenario="growth-5")["gdp"]
    other = compare(dataset, "growth-5", ["gdp"], [2030]).sel(scenario="baseline")["gdp"]
    for name, mirrored in (("median", "median"), ("q05", "q95"), ("q95", "q05")):
        np.testing.assert_allclose(
            one.sel(statistic=f"difference_{name}"),
            -other.sel(statistic=f"difference_{mirrored}"),
            rtol=1e-12,
        )
    total = one.sel(statistic="probability_above") + other.sel(statistic="probability_above")
    np.testing.assert_allclose(total, 1)


def test_rows(dataset: xr.Dataset, comparison: xr.Dataset) -> None:
    found = rows(comparison)
    pairs = 25
    assert len(found) == 2 * 2 * (2 + 2 + pairs)
    assert [row["industry"] for row in found if row["indicator"] == "gdp"] == [None] * 8
    for row in found:
        assert list(row) == ["scenario", "indicator", "zone", "industry", "year", *STATISTICS]
        place = {"scenario": row["scenario"], "zone": row["zone"], "year": row["year"]}
        if row["industry"]:
            place["industry"] = row["industry"]
        here = comparison[row["indicator"]].sel(place)
        assert [row[name] for name in STATISTICS] == here.values.tolist()


def test_rows_only_changed(dataset: xr.Dataset) -> None:
    found = compare(dataset, "baseline", ["rnd_intensity", "population"], [2030])
    changed = rows(found, only_changed=True)
    assert [(row["scenario"], row["indicator"], row["zone"]) for row in changed] == [
        ("rnd-14", "rnd_intensity", "donghu")
    ]


def test_a_change_in_few_draws_is_a_change(dataset: xr.Dataset) -> None:
    """An event that strikes 3 % of the draws leaves the 5 % and 95 % quantiles where they are."""
    event = "events=[{name: e, zone: donghu, year: 2028, size: -10%, probability: 3%}]"
    baseline = simcore.load_scenario("baseline")
    changed = simcore.load_scenario("baseline", settings=[event, "name=rare"])
    both = simcore.run(baseline, changed, draws=1024, seed=5)
    here = both["gdp"].sel(zone="donghu", year=2028)
    assert 10 < int((here.sel(scenario="rare") < here.sel(scenario="baseline")).sum()) < 50
    found = rows(compare(both, "baseline", ["gdp"], [2028]), only_changed=True)
    assert "donghu" in {row["zone"] for row in found}


def test_draws_that_are_equal_are_not_above(dataset: xr.Dataset) -> None:
    found = compare(dataset, "baseline", ["rnd_intensity"], [2030]).sel(zone="jingkai", year=2030)
    values = found["rnd_intensity"].sel(scenario="rnd-14", statistic="probability_above")
    assert float(values) == 0


def test_years_that_one_scenario_does_not_reach_are_left_out() -> None:
    short = simcore.load_scenario("growth-5", settings=["horizon=2028"])
    both = simcore.run("baseline", short, draws=8, seed=1)
    found = rows(compare(both, "baseline", ["gdp"], [2028, 2029]))
    assert {row["year"] for row in found} == {2028}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("baselin",), r"unknown scenario 'baselin'; did you mean 'baseline'\?"),
        (("x",), r"unknown scenario 'x'; known: baseline, growth-5, rnd-14"),
        (("baseline", ["gdpp"]), r"unknown indicator 'gdpp'; did you mean 'gdp'\?"),
        (("baseline", ["gdp"], [2036]), r"unknown year '2036'"),
    ],
)
def test_unknown_names_are_refused(
    arguments: tuple[Any, ...], message: str, dataset: xr.Dataset
) -> None:
    with pytest.raises(InputError, match=message):
        compare(dataset, *arguments)


def test_one_scenario_alone_is_refused(dataset: xr.Dataset) -> None:
    with pytest.raises(InputError, match="no scenario beside 'rnd-14'"):
        compare(dataset.sel(scenario=["rnd-14"]), "rnd-14")
