"""What the kernel does: identities that hold in every run, single equations, scenarios."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_examples import EXAMPLES, assert_same, cut, feasible, scenario_of, small_parameters

from simcore.assembly import build_parameters
from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.kernel import simulate
from simcore.members import Members
from simcore.parameters import Parameters, Pins
from simcore.posterior import Posterior
from simcore.scenario import load_scenario

REAL = ("gdp_real", "gdp_growth", "rnd_stock", "capital", "employment", "tfp_growth")


@pytest.fixture(scope="module")
def members(posterior: Posterior) -> Members:
    return Members(posterior, 20211222, 0)


# --- random parameters ----------------------------------------------------------------------------


@given(small_parameters())
@EXAMPLES
def test_identities(parameters: Parameters) -> None:
    found = feasible(parameters)
    p, close = parameters, {"rtol": 1e-9}
    total = np.add.reduceat(found["value_added"], p.starts, axis=0)
    np.testing.assert_allclose(total, found["gdp"], **close)
    np.testing.assert_allclose(found["gdp"], found["gdp_real"] * found["deflator"], **close)
    np.testing.assert_allclose(
        found["value_added"], found["output"] * p.value_added_rate[:, None], **close
    )
    assert (found["output"] >= found["value_added"]).all()
    np.testing.assert_allclose(found["rnd"], found["rnd_intensity"] / 100 * found["gdp"], **close)
    growth = found["gdp_real"][:, 1:] / found["gdp_real"][:, :-1] - 1
    np.testing.assert_allclose(found["gdp_growth"][:, 1:], 100 * growth, rtol=1e-9, atol=1e-9)
    for name in ("value_added", "gdp", "capital", "employment", "population", "rnd_stock", "rnd"):
        assert (found[name] > 0).all(), name
    investment = p.investment_rate * found["gdp_real"][:, 1:]
    if p.put_in_place is not None:
        usual = p.investment_rate_reference[:, None] * p.gdp[:, None]
        usual = usual * np.exp(np.cumsum(p.reference_growth, axis=1))
        investment = np.maximum(investment + usual * p.put_in_place, 0)
    np.testing.assert_allclose(
        found["investment"][:, 1:], investment * found["deflator"][:, 1:], rtol=1e-9, atol=1e-9
    )


@given(small_parameters())
@EXAMPLES
def test_set_growth_is_met_in_every_draw(parameters: Parameters) -> None:
    found = feasible(parameters)
    real = found["value_added"] / found["deflator"][parameters.zone_of]
    for pins, levels in (
        (parameters.zone_pins, found["gdp_real"]),
        (parameters.activity_pins, real),
    ):
        exact = np.isfinite(pins.target) & ~pins.centred
        growth = levels[:, 1:] / levels[:, :-1] - 1
        wanted = np.broadcast_to(pins.target[:, :, None], growth.shape)
        np.testing.assert_allclose(growth[exact], wanted[exact], rtol=0, atol=1e-9)


@given(small_parameters())
@EXAMPLES
def test_required_productivity_only_where_growth_is_closed(parameters: Parameters) -> None:
    found = feasible(parameters)
    closed = np.isfinite(parameters.zone_pins.target)
    required = found["tfp_growth_required"][:, 1:]
    assert (np.isfinite(required) == closed[:, :, None]).all()
    assert np.array_equal(required[closed], found["tfp_growth"][:, 1:][closed])
    assert np.isnan(found["tfp_growth_required"][:, 0]).all()


@given(small_parameters())
@EXAMPLES
def test_leaves_its_parameters_as_they_are(parameters: Parameters) -> None:
    def copied() -> dict[str, Any]:
        arrays = {f.name: getattr(parameters, f.name) for f in fields(parameters)}
        return {n: v.copy() for n, v in arrays.items() if isinstance(v, np.ndarray)}

    before = copied()
    feasible(parameters)
    for name, value in copied().items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)


@given(small_parameters(), st.integers(0, 1))
@EXAMPLES
def test_one_draw_alone_is_the_same_as_among_others(parameters: Parameters, place: int) -> None:
    """No draw looks at another: a block of width one is a column of a wider block."""
    together = feasible(parameters)
    alone = simulate(cut(parameters, slice(place, place + 1)))
    offsets = {name: together[name] for name in ("zone_offset", "activity_offset")}
    column = {name: values[..., place : place + 1] for name, values in together.items()}
    assert_same(alone, column | offsets)


# --- one activity in one zone, by hand ------------------------------------------------------------


def one(**changes: Any) -> Parameters:
    """One zone, two activities, two years, two draws; no growth, no shocks, no levers."""
    nothing = np.full((1, 2), np.nan)
    pins = Pins(nothing, np.zeros((1, 2), dtype=bool), None)
    free = Pins(np.full((2, 2), np.nan), np.zeros((2, 2), dtype=bool), None)
    values: dict[str, Any] = {
        "years": (2024, 2025), "zone_of": np.zeros(2, dtype=int), "starts": np.zeros(1, dtype=int),
        "gdp": np.full((1, 2), 100.0), "deflator": np.ones((1, 2)), "share": np.full((2, 2), 0.5),
        "capital": np.full((1, 2), 240.0), "employment": np.full((1, 2), 10.0),
        "population": np.full((1, 2), 20.0), "rnd_stock": np.full((1, 2), 20.0),
        "rnd_intensity_reference": np.full((1, 2), 0.03), "value_added_rate": np.full((2, 2), 0.25),
        "capital_elasticity": np.full((2, 2), 0.4), "depreciation": np.full(2, 0.1),
        "capital_formation_share": np.full(2, 0.6), "rnd_depreciation": np.full(2, 0.15),
        "rnd_elasticity": np.full(2, 0.1), "spillover": np.zeros(2),
        "spillover_weights": np.zeros((1, 1)), "reference_growth": np.zeros((1, 2, 2)),
        "differential": np.zeros((2, 2)), "differential_decay": np.ones(2),
        "deflator_change": np.zeros((1, 2, 2)), "investment_rate_reference": np.full((1, 2), 0.4),
        "labour_growth_reference": np.zeros((1, 2)), "investment_rate": np.full((1, 2, 1), 0.4),
        "labour_growth": np.zeros((1, 2, 1)), "rnd_intensity": nothing, "rnd_growth": nothing,
        "rnd_change": None, "investment_share_shift": None, "labour_share_shift": None,
        "disturbance": np.zeros((2, 2, 1)), "zone_pins": pins, "activity_pins": free,
    }  # fmt: skip
    return Parameters(**(values | changes))


def test_stationary_zone_stays_where_it_is() -> None:
    found = simulate(one())
    np.testing.assert_allclose(found["gdp"], 100, rtol=1e-14)
    np.testing.assert_allclose(found["capital"], 240, rtol=1e-14)
    np.testing.assert_allclose(found["rnd_stock"], 20, rtol=1e-14)
    np.testing.assert_allclose(found["tfp_growth"][:, 1:], 0, atol=1e-12)


def test_investment_lever_by_hand() -> None:
    """K = 0.9 · 240 + 0.6 · 0.5 · 100 = 246 and Y = 100 (246/240)^0.4."""
    found = simulate(one(investment_rate=np.full((1, 2, 1), 0.5)))
    assert found["capital"][0, 1, 0] == pytest.approx(246, rel=1e-14)
    assert found["gdp"][0, 1, 0] == pytest.approx(100 * (246 / 240) ** 0.4, rel=1e-13)
    assert found["tfp_growth"][0, 1, 0] == pytest.approx(0, abs=1e-10)


def test_commissioned_projects_are_capital_a_year_later_by_hand() -> None:
    """A tenth of the investment of 40 more in one activity: K_a = 120 + 0.6 · 4 from 2025 on."""
    more = np.zeros((2, 2, 2))
    more[0, 0] = 0.1
    found = simulate(one(commissioned=more, put_in_place=np.full((1, 2, 2), 0.05)))
    assert found["capital"][0, :, 0] == pytest.approx([240, 240, 242.4], rel=1e-14)
    expected = [50, 50, 50 * (122.4 / 120) ** 0.4]
    assert found["value_added"][0, :, 0] == pytest.approx(expected, rel=1e-13)
    assert found["value_added"][1, :, 0] == pytest.approx(50, rel=1e-14)
    gdp = found["gdp"][0, :, 0]
    assert found["investment"][0, 1:, 0] == pytest.approx(0.4 * gdp[1:] + 2, rel=1e-13)
    np.testing.assert_allclose(found["tfp_growth"][:, 1:], 0, atol=1e-12)


def test_projects_take_no_more_than_new_capital_and_the_rest_later_by_hand() -> None:
    """New capital is 12 a year in each activity: of 24 less, half is taken a year later."""
    nothing = np.full((1, 3), np.nan)
    pins = Pins(nothing, np.zeros((1, 3), dtype=bool), None)
    free = Pins(np.full((2, 3), np.nan), np.zeros((2, 3), dtype=bool), None)
    less = np.zeros((2, 3, 2))
    less[0, 0] = -1.0
    still = np.zeros((1, 3, 2))
    found = simulate(
        one(
            years=(2024, 2025, 2026), differential_decay=np.ones(3), reference_growth=still,
            deflator_change=still, investment_rate=np.full((1, 3, 1), 0.4), rnd_intensity=nothing,
            labour_growth=np.zeros((1, 3, 1)), rnd_growth=nothing, zone_pins=pins,
            disturbance=np.zeros((2, 3, 1)), activity_pins=free, commissioned=less,
            put_in_place=np.full((1, 3, 2), -2.0),
        )
    )  # fmt: skip
    fallen = 0.9 * 120
    first = 50 * (fallen / 120) ** 0.4
    assert found["value_added"][0, 1:3, 0] == pytest.approx([50, first], rel=1e-13)
    # Ẽ falls to −24, then to −21.6; the usual capital is a little lower with GDP
    usual = 0.9 * 120 + 0.5 * 0.6 * 0.4 * (50 + first)
    assert usual - 0.9 * 24 > 0.9 * fallen
    knowledge = ((0.85 * 20 + 0.03 * (50 + first)) / 20) ** 0.1
    third = 50 * ((usual - 21.6) / 120) ** 0.4 * knowledge
    assert found["value_added"][0, 3, 0] == pytest.approx(third, rel=1e-13)
    assert (found["investment"][:, 1:] == 0).all()


def test_research_lever_acts_after_a_year() -> None:
    """Spending of 2024 enters the stock of 2025: S = 0.85 · 20 + 0.06 · 100 = 23."""
    found = simulate(one(rnd_intensity=np.array([[0.06, 0.06]])))
    assert found["gdp"][0, 1, 0] == pytest.approx(100, rel=1e-14)
    assert found["rnd_stock"][0, 2, 0] == pytest.approx(23, rel=1e-14)
    assert found["gdp"][0, 2, 0] == pytest.approx(100 * (23 / 20) ** 0.1, rel=1e-13)


def test_research_growth_is_nominal_and_its_intensity_stays_when_it_ends() -> None:
    growth, inflation = np.array([[0.2, np.nan]]), np.full((1, 2, 2), 0.1)
    found = simulate(one(rnd_growth=growth, deflator_change=inflation))
    assert found["rnd"][0, 1, 0] == pytest.approx(3 * 1.2, rel=1e-14)
    assert found["rnd_intensity"][0, 2, 0] == pytest.approx(
        found["rnd_intensity"][0, 1, 0], rel=1e-14
    )


def test_pinned_growth_is_productivity() -> None:
    pins = Pins(np.array([[0.05, 0.05]]), np.zeros((1, 2), dtype=bool), None)
    found = simulate(one(zone_pins=pins))
    assert found["gdp"][0, :, 0] == pytest.approx([100, 105, 110.25], rel=1e-14)
    assert found["tfp_growth_required"][0, 1, 0] == pytest.approx(5, rel=1e-12)


def test_neutral_factor_is_kept_after_the_closure_ends() -> None:
    pins = Pins(np.array([[0.05, np.nan]]), np.zeros((1, 2), dtype=bool), None)
    found = simulate(one(zone_pins=pins))
    stock = 0.9 * 240 + 0.6 * 0.4 * 105
    expected = 105 * (stock / 240) ** 0.4
    knowledge = ((0.85 * 20 + 0.03 * 105) / 20) ** 0.1
    assert found["gdp"][0, 2, 0] == pytest.approx(expected * knowledge, rel=1e-13)


def test_the_rest_absorbs_the_zone_closure_of_pinned_industries() -> None:
    zone = Pins(np.array([[0.05, 0.05]]), np.zeros((1, 2), dtype=bool), None)
    target = np.array([[0.1, 0.1], [np.nan, np.nan]])
    found = simulate(one(zone_pins=zone, activity_pins=Pins(target, np.zeros((2, 2), bool), None)))
    assert found["value_added"][:, 1, 0] == pytest.approx([55, 50], rel=1e-13)
    assert found["value_added"][:, 2, 0] == pytest.approx([60.5, 49.75], rel=1e-13)


def test_labour_follows_the_split_lever() -> None:
    """One activity gets 0.6 of the labour, the other keeps 0.4: Y = 50 (1.2^0.6 + 0.8^0.6)."""
    found = simulate(one(labour_share_shift=np.array([[0.1, 0.1], [0.0, 0.0]])))
    assert found["value_added"][:, 1, 0] == pytest.approx([50 * 1.2**0.6, 50 * 0.8**0.6], rel=1e-13)
    assert found["tfp_growth"][0, 1, 0] == pytest.approx(0, abs=1e-10)


def test_centring_finds_the_offset_that_meets_the_mean() -> None:
    disturbance = np.array([[[0.1, -0.2]] * 2] * 2)
    centred = np.ones((1, 2), dtype=bool)
    parameters = one(zone_pins=Pins(np.full((1, 2), 0.05), centred, None), disturbance=disturbance)
    found = simulate(parameters)
    np.testing.assert_allclose(found["gdp_growth"][0, 1:].mean(axis=-1), 5, rtol=1e-12)
    assert found["gdp_growth"][0, 1].std() > 10  # the draws still differ
    pins = Pins(np.full((1, 2), 0.05), centred, found["zone_offset"])
    again = simulate(one(zone_pins=pins, disturbance=disturbance))
    assert_same(again, found)


# --- real blocks ----------------------------------------------------------------------------------


def test_growth_of_five_per_cent_is_met_in_every_draw(members: Members, baseline: Baseline) -> None:
    found = simulate(build_parameters(members, load_scenario("growth-5", baseline)))
    np.testing.assert_allclose(found["gdp_growth"][:, 1:], 5, rtol=0, atol=1e-7)
    assert np.isfinite(found["tfp_growth_required"][:, 1:]).all()


def test_shock_free_baseline_grows_at_the_reference_rate(
    members: Members, baseline: Baseline
) -> None:
    parameters = build_parameters(members, load_scenario("baseline", baseline), shocks=False)
    assert parameters.years[-1] == 2035
    found = simulate(parameters)
    growth = found["gdp_real"][:, 1:] / found["gdp_real"][:, :-1] - 1
    np.testing.assert_allclose(growth, np.expm1(parameters.reference_growth), rtol=0, atol=1e-9)


def test_without_levers_a_scenario_is_the_baseline_bit_for_bit(
    members: Members, baseline: Baseline
) -> None:
    first = simulate(build_parameters(members, load_scenario("baseline", baseline)))
    levers = "question: {en: what, zh: 什么}\nlevers: {donghu: {}, jingkai: {industries: {}}}"
    again = simulate(build_parameters(members, scenario_of(levers, baseline, "nothing")))
    for name, values in first.items():
        np.testing.assert_array_equal(again[name], values, err_msg=name)


def test_the_past_and_the_shocks_do_not_depend_on_the_horizon(
    members: Members, baseline: Baseline
) -> None:
    long = simulate(build_parameters(members, load_scenario("baseline", baseline)))
    short = simulate(build_parameters(members, scenario_of("horizon: 2028", baseline)))
    assert short["gdp"].shape[1] == 6
    np.testing.assert_allclose(short["gdp"], long["gdp"][:, :6], rtol=1e-12)


def test_inflation_has_no_real_effect(members: Members, baseline: Baseline) -> None:
    first = simulate(build_parameters(members, load_scenario("baseline", baseline)))
    dear = scenario_of("assumptions: {inflation: 8%}", baseline)
    second = simulate(build_parameters(members, dear))
    for name in REAL:
        np.testing.assert_array_equal(second[name], first[name], err_msg=name)
    assert (second["gdp"][:, -1] > 1.5 * first["gdp"][:, -1]).mean() > 0.9


def test_levers_act_from_the_first_projected_year(members: Members, baseline: Baseline) -> None:
    first = simulate(build_parameters(members, load_scenario("baseline", baseline)))
    levers = scenario_of("levers: {donghu: {tfp: +1 pp}}", baseline)
    second = simulate(build_parameters(members, levers))
    np.testing.assert_array_equal(second["gdp"][:, 0], first["gdp"][:, 0])
    ratio = second["gdp"][0, 1] / first["gdp"][0, 1]
    np.testing.assert_allclose(ratio, np.exp(0.01), rtol=1e-12)
    np.testing.assert_array_equal(second["gdp"][1, 1], first["gdp"][1, 1])


# --- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "per_cent"), [((0.9, 0.8), "100.0"), ((0.2, 0.9), "50.0"), ((0.7, 0.8), "50.0")]
)
def test_impossible_pins_name_zone_year_and_share(
    shares: tuple[float, float], per_cent: str
) -> None:
    """An industry of share w pinned at +20 % exceeds a zone pinned at −10 % from w = 0.75 on."""
    share = np.array([shares, [1 - share for share in shares]])
    zone = Pins(np.array([[np.nan, -0.1]]), np.zeros((1, 2), dtype=bool), None)
    target = np.array([[np.nan, 0.2], [np.nan, np.nan]])
    industry = Pins(target, np.zeros((2, 2), dtype=bool), None)
    parameters = one(share=share, zone_pins=zone, activity_pins=industry)
    message = rf"^east, 2025: the pinned industries alone exceed .* in {per_cent} % of the draws$"
    with pytest.raises(InputError, match=message):
        simulate(parameters, ("east",))


def test_impossible_pins_of_a_real_scenario(members: Members, baseline: Baseline) -> None:
    levers = """
levers:
  jingkai:
    gdp_growth: -20%
    industries: {automotive: {growth: 60%}, smart_construction: {growth: 60%}}
"""
    parameters = build_parameters(members, scenario_of(levers, baseline))
    with pytest.raises(InputError, match=r"jingkai, 202[4-9]: the pinned .* in \d+\.\d % of"):
        simulate(parameters, tuple(baseline.zones))


def test_shares_that_cannot_be_moved_name_zone_and_year(
    members: Members, baseline: Baseline
) -> None:
    levers = """
levers:
  donghu:
    industries:
      optoelectronics: {investment_share: {path: {2027: 50 pp}}}
      other_services: {investment_share: {path: {2027: 50 pp}}}
"""
    parameters = build_parameters(members, scenario_of(levers, baseline))
    with pytest.raises(InputError, match=r"donghu, 2027: .*investment") as caught:
        simulate(parameters, tuple(baseline.zones))
    assert "pinned GDP" not in str(caught.value)


def test_shares_moved_in_every_industry_are_refused(members: Members, baseline: Baseline) -> None:
    """Nothing is left to give way, so the shares could not sum to one."""
    industries = ", ".join(
        f"{name}: {{labour_share: 1 pp}}" for name in baseline.zones["donghu"].industries
    )
    levers = f"levers: {{donghu: {{industries: {{{industries}}}}}}}"
    with pytest.raises(InputError, match=r"labour"):
        simulate(build_parameters(members, scenario_of(levers, baseline)), tuple(baseline.zones))
