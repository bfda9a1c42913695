"""Past and projection joined: axes, and what each year rests on."""

from __future__ import annotations

import numpy as np
import pytest

from simcore.arrays import Array
from simcore.assembly import build_parameters
from simcore.dims import BY_INDUSTRY, STATUS, VARIABLES
from simcore.kernel import Results, simulate
from simcore.members import Members
from simcore.posterior import Posterior
from simcore.reconcile import reconcile
from simcore.results import assemble, layout
from simcore.scenario import load_scenario

YEARS = range(2015, 2033)
BASE = 2023 - 2015


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return reconcile()


@pytest.fixture(scope="module")
def members(posterior: Posterior) -> Members:
    return Members(posterior, seed=1, block=0)


@pytest.fixture(scope="module")
def projected(members: Members) -> Results:
    """A projection to 2030, two years short of the result's last."""
    baseline = members.past.baseline
    scenario = load_scenario("growth-5", baseline, ["horizon=2030"])
    return simulate(build_parameters(members, scenario, None), tuple(baseline.zones))


@pytest.fixture(scope="module")
def joined(members: Members, projected: Results) -> dict[str, Array]:
    return assemble(members, projected, tuple(YEARS))


def test_layout(posterior: Posterior) -> None:
    baseline = posterior.problem.past.baseline
    axes = layout(baseline, ["a", "b"], 2040, 7)
    sizes = {name: axes.size(name) for name in ("scenario", "zone", "industry", "year", "draw")}
    assert sizes == {"scenario": 2, "zone": 2, "industry": 22, "year": 26, "draw": 7}
    names = [(axes.zones[zone], axes.industries[industry]) for zone, industry in axes.activities]
    assert names == [(activity.zone, activity.industry) for activity in baseline.activities]
    for zone, row in zip(axes.zones, axes.status, strict=True):
        assert [STATUS[code] for code in row] == [baseline.status(zone, y) for y in axes.years]


def test_every_variable_has_its_rows_and_years(
    joined: dict[str, Array], posterior: Posterior
) -> None:
    assert set(joined) == set(VARIABLES)
    counts = {True: len(posterior.problem.past.baseline.activities), False: 2}
    for name, array in joined.items():
        rows = counts[VARIABLES[name].dims == BY_INDUSTRY]
        assert array.shape == (rows, len(YEARS), 1024), name


def test_the_projection_stands_unchanged(joined: dict[str, Array], projected: Results) -> None:
    for name in (set(VARIABLES) & set(projected)) - {"gdp_growth"}:
        np.testing.assert_array_equal(joined[name][:, BASE : BASE + 8], projected[name])
    growth = joined["gdp_growth"][:, BASE + 1 : BASE + 8]
    np.testing.assert_array_equal(growth, projected["gdp_growth"][:, 1:])


@pytest.mark.parametrize("name", VARIABLES)
def test_years_after_the_horizon_are_nan(name: str, joined: dict[str, Array]) -> None:
    assert np.isnan(joined[name][:, BASE + 8 :]).all()


def test_the_past_is_the_reconciled_one(joined: dict[str, Array], members: Members) -> None:
    history = members.history
    for name in ("gdp", "gdp_real", "deflator"):
        found, wanted = joined[name][:, : BASE + 1], getattr(history, name)
        np.testing.assert_allclose(found, wanted, rtol=1e-9)
    growth = joined["gdp_growth"][:, : BASE + 1]
    np.testing.assert_allclose(growth, 100 * np.expm1(history.growth), rtol=1e-9)
    real = joined["gdp_real"]
    for zone, first in ((0, 2021), (1, 2016)):
        place = first - 2015
        change = 100 * (real[zone, place : BASE + 1] / real[zone, place - 1 : BASE] - 1)
        np.testing.assert_allclose(joined["gdp_growth"][zone, place : BASE + 1], change, atol=1e-9)


def test_past_and_projection_meet_in_the_base_year(
    joined: dict[str, Array], members: Members
) -> None:
    baseline = members.past.baseline
    zones = list(baseline.zones)
    rows = np.array([zones.index(activity.zone) for activity in baseline.activities])
    for year in range(BASE - 2, BASE + 8):
        for row in range(len(zones)):
            total = joined["value_added"][rows == row, year].sum(axis=0)
            np.testing.assert_allclose(total, joined["gdp"][row, year], rtol=1e-9)
    np.testing.assert_allclose(
        joined["rnd_intensity"] * joined["gdp"] / 100, joined["rnd"], rtol=1e-9, equal_nan=True
    )
