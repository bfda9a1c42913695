"""Satellite equations: analytic cases, documented figures, vintages, zones, random numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simcore import identities, satellites
from simcore.arrays import Array
from simcore.assembly import build_parameters
from simcore.baseline import Baseline
from simcore.dims import SATELLITES
from simcore.entries import Figure
from simcore.kernel import simulate
from simcore.members import Members
from simcore.observe import rounding
from simcore.posterior import Posterior
from simcore.priors import load_priors
from simcore.reconcile import reconcile
from simcore.results import assemble
from simcore.sampling import BLOCK
from simcore.satellite_figures import span, usable
from simcore.satellite_priors import Satellites, load_satellites
from simcore.satellites import satellite_paths
from simcore.scenario import load_scenario

YEARS = tuple(range(2015, 2036))
ZONES = ("donghu", "jingkai")
REFERENCE = 2020 - 2015


def assembled(members: Members, name: str = "baseline", *settings: str) -> dict[str, Array]:
    baseline = members.past.baseline
    scenario = load_scenario(name, baseline, settings)
    results = simulate(build_parameters(members, scenario, None), tuple(baseline.zones))
    return assemble(members, results, tuple(range(baseline.first_year, scenario.horizon + 1)))


@pytest.fixture(scope="module")
def members(posterior: Posterior) -> Members:
    return Members(posterior, 5, 0)


@pytest.fixture(scope="module")
def core(members: Members) -> dict[str, Array]:
    return assembled(members)


def only(**equation: Any) -> Satellites:
    """One equation, an index unless it says otherwise, every number of it held fixed."""
    said = {"evidence": "assumed", "source": "a test"}
    drivers = equation.pop("drivers", {"gdp": 0.0})
    content = {
        "indicator": "trade",
        "index": "zones" not in equation,
        "drivers": {n: {"mean": e, "deviation": 0, **said} for n, e in drivers.items()},
        "trend": {"mean": equation.pop("trend", 0.0), "deviation": 0, **said},
        "walk": {"deviation": equation.pop("walk", 0.0), **said},
        **equation,
    }
    return Satellites.model_validate(
        {"reference_year": 2020, "equations": {"trade": content}, "products": {}}
    )


def with_(posterior: Posterior, equations: Satellites) -> Posterior:
    """The same past with other satellite equations."""
    past = replace(posterior.problem.past, satellites=equations)
    return replace(posterior, problem=replace(posterior.problem, past=past))


@pytest.fixture
def solve(posterior: Posterior, core: dict[str, Array]) -> Callable[[Satellites], Array]:
    """Paths of a single equation, by members that remember nothing."""

    def paths(equations: Satellites) -> Array:
        return satellite_paths(Members(with_(posterior, equations), 5, 0), core, YEARS)["trade"]

    return paths


# --- the equation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("elasticity", [0.0, 1.0, -0.4, 2.5])
def test_elasticity_of_a_driver(
    elasticity: float, solve: Callable[[Satellites], Array], core: dict[str, Array]
) -> None:
    found = solve(only(drivers={"gdp": elasticity}))
    ratio = core["gdp"] / core["gdp"][:, REFERENCE, None]
    wanted = 100 * np.exp(elasticity * np.log(ratio))
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


def test_drivers_multiply(solve: Callable[[Satellites], Array], core: dict[str, Array]) -> None:
    found = solve(only(drivers={"gdp": 0.5, "gdp_real_per_head": -1.0, "population": 1.0}))
    ratio = {name: core[name] / core[name][:, REFERENCE, None] for name in ("gdp", "gdp_real")}
    known = np.isfinite(core["population"])
    base = 2023 - YEARS[0]
    persons = core["population"] / core["population"][:, base, None]
    relative = found / found[:, base, None]
    wanted = ratio["gdp"] ** 0.5 / ratio["gdp_real"] * persons**2
    wanted /= wanted[:, base, None]
    np.testing.assert_allclose(relative[known], wanted[known], rtol=1e-10)


def test_trend_halves_every_five_years(solve: Callable[[Satellites], Array]) -> None:
    log = np.log(solve(only(trend=0.05)) / 100)
    np.testing.assert_allclose(log[:, REFERENCE], 0, atol=1e-12)
    for year in range(2016, 2036):
        change = log[1, year - 2015] - log[1, year - 2016]
        np.testing.assert_allclose(change, 0.05 * 0.5 ** ((year - 2020) / 5), rtol=1e-9)


def test_stocks_and_persons_went_to_the_base_year_at_the_cores_rates(
    solve: Callable[[Satellites], Array], members: Members
) -> None:
    labour = members.history.values["labour_growth.jingkai"]
    found = solve(only(drivers={"population": 1.0}))[1]
    np.testing.assert_allclose(found[0], 100 * (1 + labour) ** -5, rtol=1e-10)
    research = members.parameter("rnd_growth_before", zone="donghu")
    found = solve(only(drivers={"rnd_stock": 1.0}))[0]
    np.testing.assert_allclose(found[2023 - 2015], 100 * (1 + research) ** 3, rtol=1e-10)


def test_the_walk_spreads_with_the_root_of_the_years(
    solve: Callable[[Satellites], Array],
) -> None:
    log = np.log(solve(only(walk=0.04)) / 100)
    for year in (2015, 2019, 2021, 2024, 2035):
        spread = 0.04 * np.sqrt(abs(year - 2020))
        assert log[1, year - 2015].std() == pytest.approx(spread, rel=0.1)
        assert abs(log[1, year - 2015].mean()) < 4 * spread / np.sqrt(BLOCK)
    ends = np.corrcoef(log[1, 0], log[1, -1])[0, 1]
    assert abs(ends) < 4 / np.sqrt(BLOCK)


def test_an_assumed_level_is_lognormal(solve: Callable[[Satellites], Array]) -> None:
    level = {"year": 2021, "median": 20, "sigma": 0.3, "evidence": "assumed", "source": "a test"}
    found = solve(only(zones={"jingkai": {"level": level}}))
    assert np.isnan(found[0]).all()
    assert np.median(found[1, 6]) == pytest.approx(20, rel=0.05)
    assert np.log(found[1, 6]).std() == pytest.approx(0.3, rel=0.1)


def test_figures_teach_the_trend_by_the_normal_rule(
    posterior: Posterior, core: dict[str, Array]
) -> None:
    """Trend N(2 %, 4 %) and steps of 3 %, given a rise from 141 to 331 in five years."""
    place = load_satellites().equations["high_tech_firms"].zones["jingkai"].model_dump()
    equations = only(zones={"jingkai": place}, walk=0.03, trend=0.02)
    part = equations.equations["trade"]
    part = part.model_copy(update={"trend": part.trend.model_copy(update={"deviation": 0.04})})
    equations = equations.model_copy(update={"equations": {"trade": part}})
    rises = []
    for block in range(6):
        members = Members(with_(posterior, equations), 5, block)
        part = {name: core[name] for name in core}
        log = np.log(satellite_paths(members, part, YEARS)["trade"][1])
        rises.append(log[15] - log[5])  # 2030 over 2020: the trend, and ten free steps
    rise = np.concatenate(rises)
    decays = 0.5 ** ((np.arange(2016, 2031) - 2020) / 5)
    known, ahead = decays[:5].sum(), decays[5:].sum()
    spread = (0.04 * known) ** 2 + 5 * 0.03**2
    mean = 0.02 + 0.04**2 * known / spread * (np.log(331 / 141) - 0.02 * known)
    variance = 0.04**2 - (0.04**2 * known) ** 2 / spread
    wanted = np.sqrt(variance * ahead**2 + 10 * 0.03**2)
    assert rise.mean() == pytest.approx(mean * ahead, abs=4 * wanted / np.sqrt(len(rise)))
    assert rise.std() == pytest.approx(wanted, rel=0.05)


# --- figures --------------------------------------------------------------------------------------

EVIDENCE = [
    (name, zone, figure) for name, zone, figure, evidence in load_satellites().listed() if evidence
]


@pytest.mark.parametrize(("name", "zone", "figure"), EVIDENCE)
def test_every_member_meets_every_figure(
    name: str, zone: str, figure: str, core: dict[str, Array], baseline: Baseline
) -> None:
    printed = baseline.figures[figure]
    start, end = (year - YEARS[0] for year in span(printed))
    path, value = core[name][ZONES.index(zone)], float(printed.value or 0.0)
    found = 100 * (path[end] / path[start] - 1) if printed.concept == "growth" else path[end]
    if printed.qualifier == "over":
        assert (found > value).all()
        assert np.median(found) == pytest.approx(1.012 * value, rel=0.003)
    else:
        assert printed.qualifier == "exact"
        half = np.sqrt(3) * rounding(printed)
        assert np.abs(found - value).max() < 1.0001 * half
        assert found.std() == pytest.approx(half / np.sqrt(3), rel=0.1)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("market_entities", "jingkai"), ("enterprises", "jingkai"), ("doctors", "donghu"),
        ("foreign_investment", "jingkai"), ("fiscal_revenue", "jingkai"),
        ("hospital_beds", "jingkai"),
    ],
)  # fmt: skip
def test_a_zone_without_a_level_has_no_values(name: str, zone: str, core: dict[str, Array]) -> None:
    row = ZONES.index(zone)
    assert np.isnan(core[name][row]).all()
    assert np.isfinite(core[name][1 - row]).any()


@pytest.mark.parametrize("name", SATELLITES)
def test_values_stand_where_gdp_stands(name: str, core: dict[str, Array]) -> None:
    known = np.isfinite(core["gdp_real"])
    for row in range(2):
        found = np.isfinite(core[name][row])
        assert not found.any() or (found == known[row]).all()
    assert core[name].shape == core["gdp"].shape
    assert not (core[name] <= 0).any()


def test_indices_are_100_in_their_year(core: dict[str, Array]) -> None:
    indices = [name for name, variable in SATELLITES.items() if variable.units == "2020 = 100"]
    assert len(indices) == 6
    for name in indices:
        np.testing.assert_allclose(core[name][:, REFERENCE], 100, rtol=1e-12)


def test_a_growth_figure_leaves_the_other_zone_alone(core: dict[str, Array]) -> None:
    change = core["energy_intensity"][:, 2021 - 2015] / 100 - 1
    assert change.std(axis=-1).min() > 0.01
    assert np.isnan(core["energy_intensity"][0, 2019 - 2015]).all()


def test_fans_do_not_explode(core: dict[str, Array]) -> None:
    """By 2035 no median is more than seven times that of 2020, nor below a third of it."""
    for name in SATELLITES:
        for row in range(2):
            ratio = np.median(core[name][row, -1] / core[name][row, REFERENCE])
            assert np.isnan(ratio) or 1 / 3 < ratio < 7, name


# --- identities -----------------------------------------------------------------------------------


def test_levels_per_head(core: dict[str, Array]) -> None:
    np.testing.assert_allclose(
        core["gdp_per_head"] * core["population"], core["gdp"] + 0 * core["population"], rtol=1e-12
    )
    np.testing.assert_allclose(
        core["labour_productivity"],
        core["gdp_real"] / core["employment"], rtol=1e-12,
    )  # fmt: skip
    assert np.isfinite(core["gdp_per_head"][:, 2023 - 2015 :]).all()


@pytest.mark.parametrize(
    ("use", "intensity"),
    [("energy_use", "energy_intensity"), ("carbon_emissions", "carbon_intensity")],
)
def test_use_is_intensity_times_real_gdp(use: str, intensity: str, core: dict[str, Array]) -> None:
    gdp = core["gdp_real"] / core["gdp_real"][:, REFERENCE, None]
    np.testing.assert_allclose(core[use], core[intensity] * gdp, rtol=1e-12)


def test_sound_variables_have_no_finding(core: dict[str, Array]) -> None:
    assert identities.inconsistent(core, YEARS[0], load_satellites()) == []


@pytest.mark.parametrize(
    ("name", "factor", "message"),
    [
        ("gdp_per_head", 1 + 1e-7, "GDP per head is not GDP over population"),
        ("labour_productivity", 0.9, "productivity is not real GDP over employment"),
        ("energy_use", 1 + 1e-7, "energy_use is not energy_intensity times gdp_real"),
        ("carbon_emissions", 2.0, "carbon_emissions is not carbon_intensity times gdp_real"),
        ("trade", np.inf, "trade is not finite and positive"),
        ("retail_sales", -1.0, "retail_sales is not finite and positive"),
    ],
)
def test_a_broken_identity_is_named_and_located(
    name: str, factor: float, message: str, core: dict[str, Array]
) -> None:
    changed = core[name].copy()
    changed[1, 12, 7] *= factor
    findings = identities.inconsistent(core | {name: changed}, YEARS[0], load_satellites())
    assert findings == [identities.Finding(message, 1, 7, 1, 2027)]


# --- scenarios and random numbers -----------------------------------------------------------------


def test_patents_follow_the_stock_of_research(members: Members, core: dict[str, Array]) -> None:
    """In every draw the same elasticity in every year; the past stays as it is, bit for bit."""
    more = assembled(members, "rnd-14")
    base = 2023 - 2015
    for name in SATELLITES:
        np.testing.assert_array_equal(more[name][:, : base + 1], core[name][:, : base + 1])
    patents = np.log(more["high_value_patents"] / core["high_value_patents"])[:, -6:]
    stock = np.log(more["rnd_stock"] / core["rnd_stock"])[:, -6:]
    elasticity = patents / stock
    np.testing.assert_allclose(elasticity, elasticity[:, :1] + 0 * elasticity, rtol=1e-6)
    assert np.median(elasticity) == pytest.approx(0.6, abs=0.05)
    assert not np.array_equal(more["trade"][:, -1], core["trade"][:, -1])
    for name in ("gdp", "gdp_real"):
        unmoved = np.abs(more[name][:, : base + 1] - core[name][:, : base + 1])
        assert not np.nan_to_num(unmoved).any()


def test_faster_growth_takes_more_energy_and_less_of_it_per_gdp(
    members: Members, core: dict[str, Array]
) -> None:
    fast = assembled(members, "growth-fast")
    higher = fast["gdp_real"][:, -1] > core["gdp_real"][:, -1]
    assert higher.mean() > 0.6
    risen = {
        name: (fast[name][:, -1] > core[name][:, -1])[higher].mean()
        for name in ("energy_use", "retail_sales", "energy_intensity")
    }
    assert risen["energy_use"] > 0.95
    assert risen["retail_sales"] > 0.95
    assert risen["energy_intensity"] < 0.05


def test_what_is_remembered_is_what_would_be_computed(
    members: Members, core: dict[str, Array], posterior: Posterior
) -> None:
    """A scenario alone has the bits that it has after others of the block."""
    after = assembled(members, "rnd-12")
    alone = assembled(Members(posterior, 5, 0), "rnd-12")
    for name in SATELLITES:
        np.testing.assert_array_equal(after[name], alone[name])


def test_a_nearer_horizon_leaves_the_years_before_as_they_are(
    core: dict[str, Array], posterior: Posterior
) -> None:
    short = assembled(Members(posterior, 5, 0), "baseline", "horizon=2030")
    for name in SATELLITES:
        np.testing.assert_array_equal(short[name], core[name][:, :16])


def test_a_result_may_reach_further_than_the_scenario(members: Members) -> None:
    scenario = load_scenario("baseline", members.past.baseline, ["horizon=2030"])
    results = simulate(build_parameters(members, scenario, None), ZONES)
    joined = assemble(members, results, YEARS)
    for name in SATELLITES:
        assert np.isnan(joined[name][:, 16:]).all()
    assert np.isfinite(joined["trade"][:, 15]).all()


def test_other_blocks_and_seeds_are_other_draws(
    core: dict[str, Array], posterior: Posterior
) -> None:
    for other in (Members(posterior, 5, 1), Members(posterior, 6, 0)):
        found = assembled(other)
        assert not np.intersect1d(found["doctors"][1, 6], core["doctors"][1, 6]).size


def test_the_core_does_not_know_of_satellites(
    core: dict[str, Array], posterior: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simcore.results.satellite_paths", lambda *_: {})
    bare = assembled(Members(posterior, 5, 0))
    assert set(core) - set(bare) == set(SATELLITES)
    for name in bare:
        np.testing.assert_array_equal(bare[name], core[name])


# --- other baselines ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vintage(baseline: Baseline) -> dict[str, Array]:
    """What was known before the report of 2024: the base year is 2020."""
    known = {
        name: figure for name, figure in baseline.figures.items()
        if figure.source.document != "donghu-report-2024"
    }  # fmt: skip
    earlier = reconcile(replace(baseline, figures=known), load_priors(), cache=False)
    assert earlier.problem.past.baseline.base_year == 2020
    return assembled(Members(earlier, 5, 0))


def test_a_vintage_anchors_at_what_was_known_then(vintage: dict[str, Array]) -> None:
    firms = vintage["high_tech_firms"][0]
    assert np.abs(firms[2020 - 2015] - 3100).max() < 0.51
    assert (firms[2023 - 2015] < 5700).any()
    assert np.log(firms[2023 - 2015]).std() > 0.05
    assert np.isnan(vintage["foreign_investment"]).all()
    np.testing.assert_allclose(vintage["energy_intensity"][:, 5], 100, rtol=1e-12)
    change = 100 * (vintage["energy_intensity"][1, 5] / vintage["energy_intensity"][1, 4] - 1)
    assert np.abs(change + 2.9).max() < 0.06


def test_usable_figures_of_a_vintage(baseline: Baseline) -> None:
    place = load_satellites().equations["high_tech_firms"].zones["donghu"]
    assert [figure.year for figure in usable(baseline, place, "donghu")] == [2020, 2023]
    late = {**baseline.figures}
    changed = late["donghu.firms.high_tech.2023"].model_copy(update={"period": 2024})
    late["donghu.firms.high_tech.2023"] = changed
    later = replace(baseline, figures=late)
    assert [figure.year for figure in usable(later, place, "donghu")] == [2020]


def of_third(figure: Figure) -> Figure:
    name = figure.id.replace("donghu.", "third.", 1)
    return figure.model_copy(update={"id": name, "zone": "third"})


def test_a_third_zone_has_the_indices(baseline: Baseline) -> None:
    names = (
        "donghu.gdp.2020",
        "donghu.gdp.growth.2020",
        "donghu.gdp.2023",
        "donghu.population.2023",
    )
    figures = {(figure := of_third(baseline.figures[name])).id: figure for name in names}
    zones = {"third": baseline.zones["donghu"]}
    wide = replace(baseline, zones=baseline.zones | zones, figures=baseline.figures | figures)
    priors = load_priors()
    activities = priors.activities | {"third": priors.activities["donghu"]}
    posterior = reconcile(wide, priors.model_copy(update={"activities": activities}), cache=False)
    found = assembled(Members(posterior, 5, 0))
    for name, variable in SATELLITES.items():
        assert found[name].shape[0] == 3
        known = np.isfinite(found[name][2, REFERENCE:])
        assert known.all() if variable.units == "2020 = 100" else not known.any(), name


def test_changes_that_cannot_hold_together_share_the_path() -> None:
    """Two changes over the same years: the path makes their mean."""
    equation = only(walk=0.03).equations["trade"]
    rates = satellites._Rates(equation, np.ones(6), np.zeros((1, 6, 4)))
    normal = np.random.default_rng(1).standard_normal((2 + 5, 4))
    changes = [satellites.Change(1, 4, np.full(4, rise)) for rise in (0.1, 0.3)]
    drawn = rates.of(normal[:2], normal[2:].copy())
    trend, elasticity, steps = satellites._conditioned(drawn, rates, changes)
    np.testing.assert_allclose(steps[1:4].sum(axis=0), 0.2, atol=1e-5)
    np.testing.assert_allclose(steps[[0, 4]], 0.03 * normal[[2, 6]])
    assert not trend.any()
    assert not elasticity.any()
