"""What an investment adds: capital of its industry first, the rest by the model's own equations."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from command_line import invoke, printed_json, refused

import simcore
from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.injection import Injection, impact
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.scenario import load_scenario, resolve

ASKED = Injection("donghu", "optoelectronics", 100.0, 2025)


@pytest.fixture(scope="module")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    return Plan((load_scenario("baseline", baseline),), 256, 5, posterior, block_draws=256)


@pytest.fixture(scope="module")
def found(plan: Plan) -> xr.Dataset:
    return impact(plan, ASKED)


def test_the_amount_is_invested_and_nothing_before(found: xr.Dataset) -> None:
    np.testing.assert_allclose(found["investment"].sel(zone="donghu", year=2025), 100)
    for name in ("gdp", "gdp_real", "rnd", "value_added"):
        early = found[name].sel(year=slice(None, 2025))
        assert not early.where(early.notnull(), 0).any(), name
    assert (found["gdp"].sel(zone="donghu", year=2026) > 0).all()


def test_value_added_follows_capital_by_its_elasticity(
    plan: Plan, found: xr.Dataset, baseline: Baseline
) -> None:
    """``ΔY/Y = (1 + φ A / (P K))^α − 1`` in the year after, nothing elsewhere but through R&D."""
    members = plan.members(0)
    ds = simcore.run("baseline", draws=256, seed=5)
    usual = ds["value_added"].sel(zone="donghu", industry="optoelectronics", year=2026).values[0]
    price = ds["deflator"].sel(zone="donghu", year=2025).values[0]
    zone_capital = ds["capital"].sel(zone="donghu", year=2026).values[0]
    row = next(k for k, a in enumerate(baseline.activities) if a.industry == "optoelectronics")
    alpha = members.capital_elasticity()
    weights = alpha * members.history.share[:, -1]
    inside = members.past.members["donghu"]
    capital = zone_capital * weights[row] / weights[inside].sum(axis=0)
    formation = members.parameter("capital_formation_share")
    expected = usual * ((1 + formation * 100 / price / capital) ** alpha[row] - 1)
    own = found["value_added"].sel(zone="donghu", industry="optoelectronics", year=2026)
    np.testing.assert_allclose(own, expected, rtol=2e-3)
    other = found["value_added"].sel(zone="donghu", industry="life_health", year=2026)
    assert float(np.abs(other).max()) < 1e-9


def test_sums_and_the_other_zone(found: xr.Dataset) -> None:
    total = found["value_added"].sum("industry")
    np.testing.assert_allclose(total, found["gdp"], atol=1e-8)
    there = found["gdp"].sel(zone="jingkai", year=2035)
    assert (there > 0).all()  # knowledge spills over
    assert float(there.median()) < 0.05 * float(found["gdp"].sel(zone="donghu", year=2035).median())


def test_twice_the_amount_is_nearly_twice_the_effect(plan: Plan, found: xr.Dataset) -> None:
    twice = impact(plan, replace(ASKED, amount=200.0))["gdp"].sel(zone="donghu", year=2030)
    ratio = twice / found["gdp"].sel(zone="donghu", year=2030)
    assert ((ratio > 1.8) & (ratio < 2.0)).all()  # returns fall


def test_pinned_growth_stays(posterior: Posterior, baseline: Baseline) -> None:
    pinned = Plan((load_scenario("growth-5", baseline),), 64, 5, posterior, block_draws=256)
    found = impact(pinned, ASKED)
    assert float(np.abs(found["gdp_real"]).max()) < 1e-8
    assert (found["investment"].sel(zone="donghu", year=2025) > 99).all()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"zone": "dongu"}, "unknown zone 'dongu'; did you mean 'donghu'"),
        ({"industry": "automotive"}, "unknown industry 'automotive'"),
        ({"year": 2023}, "year 2023: an investment is in 2024 to 2035"),
        ({"amount": -1.0}, "amount -1: an investment is above nothing"),
        ({"amount": float("nan")}, "amount nan"),
    ],
)
def test_what_cannot_be_invested_is_refused(
    plan: Plan, changed: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        impact(plan, replace(ASKED, **changed))  # type: ignore[arg-type]


def test_draws_that_cannot_do_what_the_scenario_asks(
    posterior: Posterior, baseline: Baseline
) -> None:
    def found(growth: str, draws: int) -> xr.Dataset:
        settings = ["levers.donghu.gdp_growth=1%", "name=hard",
                    f"levers.donghu.industries.optoelectronics.growth={growth}"]  # fmt: skip
        scenario = resolve("baseline", baseline, settings).scenario
        return impact(Plan((scenario,), draws, 11, posterior), ASKED)

    few = found("9.4%", 2048)
    assert 2046 <= few.sizes["draw"] < 2048
    assert np.isfinite(few["gdp"]).all()
    with pytest.raises(InputError, match=r"'hard' asks what cannot be in \d+ of 256 draws"):
        found("12%", 256)


@pytest.mark.usefixtures("own_folder", "read_once")
def test_the_command() -> None:
    words = ("impact", "--zone", "donghu", "--industry", "optoelectronics", "-n", 64)
    text = invoke(*words, "--data", "impact.csv").stdout
    assert (
        "100 × 100 million CNY invested in optoelectronics of East Lake High-tech in 2024" in text
    )
    assert "Value added of 2035 by industry" in text
    found = printed_json(*words, "--year", 2030)
    assert {row["year"] for row in found["rows"]} == {2030}
    assert {row["indicator"] for row in found["rows"]} == {
        "gdp", "output", "rnd", "investment", "value_added"
    }  # fmt: skip
    with Path("impact.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert len(written) > len(found["rows"])
    assert {row["scenario"] for row in written} == {"baseline"}
    assert "亿元" in invoke("--lang", "zh", *words).stdout
    assert "unknown industry" in refused("impact", "--zone", "donghu", "--industry", "cars")[0]
