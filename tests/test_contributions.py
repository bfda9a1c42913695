"""Growth and differences taken apart: the parts add up, and each is what its name says."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simcore.baseline import Baseline
from simcore.contributions import INDICATORS, TERMS, Change, contributions, log_mean, points_a_year
from simcore.dataset import run_plan
from simcore.errors import InputError
from simcore.lever_effects import lever_effects
from simcore.levers import Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.scenario import load_scenario, resolve

SPAN = (2023, 2030)
LEVERS = {
    "gdp_growth.value": ("3%", "8%"),
    "rnd_growth.value": ("5%", "15%"),
    "investment_rate.value": ("30%", "60%"),
    "labour_growth.value": ("-1%", "4%"),
    "tfp.value": ("-0.5 pp", "+1 pp"),
    "industries.other_services.growth.value": ("2%", "6%"),
    "industries.other_services.labour_share.value": ("-1 pp", "+2 pp"),
    "industries.other_services.investment_share.value": ("-1 pp", "+2 pp"),
}
EVENT = '[{name: slump, zone: "*", year: 2026, size: -8%, persistence: 0.5}]'


def plan_of(posterior: Posterior, *scenarios: Scenario) -> Plan:
    return Plan(scenarios, 256, 11, posterior, block_draws=256)


def shipped(baseline: Baseline, *names: str) -> list[Scenario]:
    return [load_scenario(name, baseline) for name in names]


@st.composite
def chosen_settings(draw: st.DrawFn) -> list[str]:
    found = []
    for lever, values in LEVERS.items():
        for zone in draw(st.sets(st.sampled_from(["donghu", "jingkai"]))):
            found.append(f"levers.{zone}.{lever}={draw(st.sampled_from(values))}")
            if lever == "rnd_growth.value":
                found.append(f"levers.{zone}.rnd_growth.until=2030")
    mode = draw(st.sampled_from(["set", "centre"]))
    for zone in ("donghu", "jingkai"):
        if any(f"{zone}.gdp_growth" in text for text in found) and mode == "set":
            found.append(f"levers.{zone}.gdp_growth.mode={mode}")
    if draw(st.booleans()):
        found.append(f"events={EVENT}")
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    chosen=chosen_settings(),
    zone=st.sampled_from(["donghu", "jingkai"]),
    indicator=st.sampled_from(INDICATORS),
    last=st.integers(2024, 2035),
)
def test_terms_add_up_to_the_change_that_a_run_has(
    posterior: Posterior, baseline: Baseline, chosen: list[str], zone: str, indicator: str,
    last: int,
) -> None:  # fmt: skip
    scenario = resolve("baseline", baseline, [*chosen, "name=any"]).scenario
    plan = plan_of(posterior, scenario)
    found = contributions(plan, Change("any", zone, indicator, (2023, last)))
    rest = found["contribution"].sum(("term", "industry")) - found["total"]
    assert float(np.abs(rest / found["last"]).max()) < 1e-9
    run = run_plan(plan)[indicator].sel(scenario="any", zone=zone)
    change = run.sel(year=last) - run.sel(year=2023)
    np.testing.assert_allclose(found["total"], change, rtol=2e-4, atol=1e-2)  # stored as float32


def test_points_add_up_to_average_growth(posterior: Posterior, baseline: Baseline) -> None:
    found = contributions(
        plan_of(posterior, *shipped(baseline, "baseline")),
        Change("baseline", "donghu", "gdp", SPAN),
    )
    growth = 100 * np.log(found["last"] / found["first"]) / 7
    np.testing.assert_allclose(points_a_year(found).sum(("term", "industry")), growth, rtol=1e-9)


def terms_of(plan: Plan, scenario: str, indicator: str = "gdp_real") -> dict[str, Any]:
    found = contributions(plan, Change(scenario, "jingkai", indicator, SPAN))
    return {name: found["contribution"].sel(term=name).sum("industry").values for name in TERMS}


def test_a_scenario_without_levers_has_no_terms_of_levers(
    posterior: Posterior, baseline: Baseline
) -> None:
    found = terms_of(plan_of(posterior, *shipped(baseline, "baseline")), "baseline")
    for name in ("events", "tfp", "closure", "intensity", "prices"):
        assert not found[name].any(), name
    for name in ("capital", "labour", "rnd", "spillover", "trend", "shocks"):
        assert found[name].any(), name


@pytest.mark.parametrize(
    ("setting", "term"),
    [
        ("levers.jingkai.tfp=+0.5 pp", "tfp"),
        ("levers.jingkai.gdp_growth=6%", "closure"),
        (f"events={EVENT}", "events"),
    ],
)
def test_a_lever_has_its_own_term(
    posterior: Posterior, baseline: Baseline, setting: str, term: str
) -> None:
    usual = load_scenario("baseline", baseline)
    changed = resolve("baseline", baseline, [setting, "name=changed"]).scenario
    plan = plan_of(posterior, usual, changed)
    before, after = terms_of(plan, "baseline"), terms_of(plan, "changed")
    assert not before[term].any()
    assert after[term].all()
    for name in set(TERMS) - {term, "shocks", "trend", "labour", "rnd", "spillover", "capital"}:
        assert not after[name].any(), name


def test_a_productivity_lever_contributes_what_it_is(
    posterior: Posterior, baseline: Baseline
) -> None:
    """Half a point a year for seven years, on the logarithmic mean of the zone."""
    changed = resolve("baseline", baseline, ["levers.*.tfp=+0.5 pp", "name=changed"]).scenario
    found = contributions(
        plan_of(posterior, changed), Change("changed", "donghu", "gdp_real", SPAN)
    )
    own = points_a_year(found).sel(term="tfp").sum("industry")
    weight = log_mean(found["last"].values, found["first"].values)
    assert float(own.mean()) == pytest.approx(0.5, rel=0.02)  # the mean of industries' lies below
    assert (own * weight * 7 / 100).values.sum() == pytest.approx(
        float(found["contribution"].sel(term="tfp").sum())
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("base", "donghu", "gdp", SPAN), "unknown scenario 'base'; did you mean 'baseline'"),
        (Change("baseline", "dongu", "gdp", SPAN), "unknown zone 'dongu'; did you mean 'donghu'"),
        (Change("baseline", "donghu", "capital", SPAN), "unknown indicator 'capital'"),
        (Change("baseline", "donghu", "gdp", (2020, 2030)), "years 2020 to 2030.*from 2023"),
        (Change("baseline", "donghu", "gdp", (2030, 2030)), "years 2030 to 2030"),
    ],
)
def test_what_there_is_not_is_refused(
    posterior: Posterior, baseline: Baseline, change: Change, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        contributions(plan_of(posterior, *shipped(baseline, "baseline")), change)


# --- draws that cannot do what is asked -----------------------------------------------------------


def pinned(baseline: Baseline, industry: str, zone: str = "1%", name: str = "hard") -> Scenario:
    """A zone that grows less than its greatest industry, which in some draws leaves no room."""
    levers = [f"levers.donghu.gdp_growth={zone}",
              f"levers.donghu.industries.optoelectronics.growth={industry}"]  # fmt: skip
    return resolve("baseline", baseline, [*levers, f"name={name}"]).scenario


def test_a_few_draws_that_cannot_do_what_is_asked_are_left_out(
    posterior: Posterior, baseline: Baseline
) -> None:
    plan = Plan((pinned(baseline, "9.4%"),), 2048, 11, posterior)
    found = contributions(plan, Change("hard", "donghu", "gdp", (2023, 2035)))
    assert 2046 <= found.sizes["draw"] < 2048
    run = run_plan(plan)["gdp"].sel(scenario="hard", zone="donghu", year=2035)
    assert found["draw"].values.tolist() == np.flatnonzero(np.isfinite(run)).tolist()
    np.testing.assert_allclose(found["last"], run.sel(draw=found["draw"]), rtol=1e-6)
    for values in found.data_vars.values():
        assert np.isfinite(values).all()
    rest = found["contribution"].sum(("term", "industry")) - found["total"]
    assert float(np.abs(rest / found["last"]).max()) < 1e-9
    difference = found["last"].mean() - found["first"].mean()
    assert float(difference) == pytest.approx(float(found["total"].mean()), rel=1e-12)


def test_many_draws_that_cannot_do_what_is_asked_are_refused(
    posterior: Posterior, baseline: Baseline
) -> None:
    plan = plan_of(posterior, load_scenario("baseline", baseline), pinned(baseline, "12%"))
    message = r"'hard' asks what cannot be in \d+ of 256 draws; at most 0.1 % may be left out"
    change = Change("hard", "donghu", "gdp", (2023, 2035))
    with pytest.raises(InputError, match=message):
        contributions(plan, change)
    with pytest.raises(InputError, match=message):
        lever_effects(plan, change, "baseline")
    with pytest.raises(InputError, match="^'hard' asks what cannot be"):
        lever_effects(plan, replace(change, scenario="baseline"), "hard")


def test_settings_that_need_each_other_are_not_taken_apart(
    posterior: Posterior, baseline: Baseline
) -> None:
    """The industry's growth has room where the zone grows as well, not where it grows by 1 %."""
    slow = resolve("baseline", baseline, ["levers.donghu.gdp_growth=1%", "name=slow"]).scenario
    plan = plan_of(posterior, slow, pinned(baseline, "12%", "8%", "fast"))
    message = "the settings of 'fast' cannot be had one without the other in .* of 256 draws"
    with pytest.raises(InputError, match=message):
        lever_effects(plan, Change("fast", "donghu", "gdp", (2023, 2035)), "slow")


def test_effects_leave_out_a_few_draws(posterior: Posterior, baseline: Baseline) -> None:
    plan = Plan(
        (load_scenario("baseline", baseline), pinned(baseline, "9.4%")), 2048, 11, posterior
    )
    found = lever_effects(plan, Change("hard", "donghu", "gdp", (2023, 2035)), "baseline")
    assert 2046 <= found.sizes["draw"] < 2048
    rest = found["contribution"].sum("setting") - found["total"]
    assert float(np.abs(rest / found["last"]).max()) < 1e-9


# --- scenario against scenario --------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair(posterior: Posterior, baseline: Baseline) -> Plan:
    chosen = [
        "levers.donghu.rnd_growth.value=14%", "levers.donghu.rnd_growth.until=2030",
        "levers.*.investment_rate=50%", "assumptions.inflation=2%", f"events={EVENT}",
    ]  # fmt: skip
    many = resolve("baseline", baseline, [*chosen, "name=many"]).scenario
    return plan_of(posterior, load_scenario("baseline", baseline), many)


def test_effects_of_levers_add_up_to_the_difference_of_the_runs(pair: Plan) -> None:
    found = lever_effects(pair, Change("many", "donghu", "gdp", SPAN), "baseline")
    assert found["setting"].values.tolist() == [
        "levers.donghu.rnd_growth", "levers.donghu.investment_rate",
        "levers.jingkai.investment_rate", "assumptions.inflation", "events.slump",
    ]  # fmt: skip
    rest = found["contribution"].sum("setting") - found["total"]
    assert float(np.abs(rest / found["last"]).max()) < 1e-9
    run = run_plan(pair)["gdp"].sel(zone="donghu", year=2030)
    difference = run.sel(scenario="many") - run.sel(scenario="baseline")
    np.testing.assert_allclose(found["total"], difference, rtol=2e-3, atol=0.01)


def test_effects_are_means_over_all_orders(pair: Plan, baseline: Baseline) -> None:
    """Shapley's definition itself, on three settings."""
    settings_ = {
        "levers.donghu.investment_rate": "levers.donghu.investment_rate=50%",
        "levers.donghu.labour_growth": "levers.donghu.labour_growth=3%",
        "levers.donghu.tfp": "levers.donghu.tfp=+1 pp",
    }

    @cache
    def value(names: frozenset[str]) -> Any:
        chosen = [settings_[name] for name in sorted(names)]
        scenario = resolve("baseline", baseline, [*chosen, "name=some"]).scenario
        dataset = run_plan(replace(pair, scenarios=(scenario,)))
        return dataset["gdp"].sel(scenario="some", zone="donghu", year=2030).values.astype(float)

    orders = list(permutations(settings_))
    expected = {name: 0.0 for name in settings_}
    for order in orders:
        for place, name in enumerate(order):
            expected[name] += (
                value(frozenset(order[: place + 1])) - value(frozenset(order[:place]))
            ) / len(orders)
    every = resolve("baseline", baseline, [*settings_.values(), "name=every"]).scenario
    plan = replace(pair, scenarios=(pair.scenarios[0], every))
    found = lever_effects(plan, Change("every", "donghu", "gdp", SPAN), "baseline")
    for name, effect in expected.items():
        np.testing.assert_allclose(found["contribution"].sel(setting=name), effect, atol=0.01)


def test_an_alternative_of_the_same_lever_is_one_setting(
    posterior: Posterior, baseline: Baseline
) -> None:
    one = resolve("baseline", baseline, ["levers.donghu.rnd_intensity=9%", "name=one"]).scenario
    found = lever_effects(
        plan_of(posterior, *shipped(baseline, "rnd-12"), one),
        Change("one", "donghu", "rnd", SPAN), "rnd-12",
    )  # fmt: skip
    assert found["setting"].values.tolist() == ["levers.donghu.rnd_growth+rnd_intensity"]


def test_many_settings_are_joined_by_zone(posterior: Posterior, baseline: Baseline) -> None:
    chosen = [f"levers.{zone}.{lever}" for zone in ("donghu", "jingkai") for lever in
              ("investment_rate=45%", "labour_growth=2%", "tfp=+1 pp", "rnd_intensity=5%",
               "gdp_growth=5%")]  # fmt: skip
    many = resolve("baseline", baseline, [*chosen, "name=many"]).scenario
    plan = plan_of(posterior, load_scenario("baseline", baseline), many)
    found = lever_effects(plan, Change("many", "donghu", "gdp", SPAN), "baseline")
    assert found["setting"].values.tolist() == ["levers.donghu", "levers.jingkai"]
    assert found["label_en"].values.tolist()[0] == "East Lake High-tech: all settings"


def test_scenarios_that_are_alike_have_nothing_to_take_apart(
    posterior: Posterior, baseline: Baseline
) -> None:
    same = load_scenario("baseline", baseline).model_copy(update={"name": "same"})
    plan = plan_of(posterior, load_scenario("baseline", baseline), same)
    with pytest.raises(InputError, match=re.escape("'same' and 'baseline' set the same")):
        lever_effects(plan, Change("same", "donghu", "gdp", SPAN), "baseline")
