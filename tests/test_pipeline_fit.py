"""The fit of the pipeline: documented flows met, parameters drawn, moments against simulations."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from pipelines import FIRST_CHANGED, YEARS, small_pipeline

from simcore.baseline import Baseline
from simcore.funnel import (
    ZoneProjects,
    flow_table,
    funnel_table,
    measured,
    simulate_projects,
    work_table,
)
from simcore.pipeline_fast import simulate_pipelines
from simcore.pipeline_fit import PipelineFit, fit_pipelines, unknown_table
from simcore.pipeline_flows import STAGES
from simcore.pipeline_moments import moments
from simcore.pipeline_parameters import ProjectChanges
from simcore.pipeline_priors import COUNTS
from simcore.pipeline_readings import stated_amount
from simcore.scenario import load_scenario

DRAWS = 256


@pytest.fixture(scope="module")
def fits(baseline: Baseline) -> dict[str, PipelineFit]:
    return fit_pipelines(baseline)


@pytest.fixture(scope="module")
def found(baseline: Baseline) -> dict[str, ZoneProjects]:
    short = load_scenario("baseline", baseline, ["horizon=2026"])
    return simulate_projects(baseline, short, DRAWS, 20211222)


# --- documented flows -----------------------------------------------------------------------------


def test_flows_of_2023_lie_in_the_half_band(found: dict[str, ZoneProjects]) -> None:
    """East Lake's starts, completions and investment, and its stock and large contracts."""
    rows = {row.measure: row for row in flow_table(found) if row.zone == "donghu" and row.fitted}
    assert {"starts", "completions", "investment"} <= set(rows)
    for row in rows.values():
        assert row.inside_half, row
        assert row.q25 <= row.documented <= row.q75
        assert abs(row.z) < 0.75
    assert (rows["starts"].documented, rows["completions"].documented) == (107, 176)
    assert rows["investment"].documented == pytest.approx(1200 * 1.012)
    assert rows["investment"].figures == ("donghu.investment.2023",)


def test_jingkai_meets_its_reserve_and_the_assumed_investment(
    found: dict[str, ZoneProjects],
) -> None:
    rows = {row.measure: row for row in flow_table(found) if row.zone == "jingkai" and row.fitted}
    assert rows["reserve"].documented == 12057
    assert rows["investment"].documented == pytest.approx(0.42 * 1650)
    assert rows["investment"].inside_half
    assert abs(rows["reserve"].z) < 1  # the upper quartile, or just above it


def test_flows_can_be_written_as_json(found: dict[str, ZoneProjects]) -> None:
    rows = [asdict(row) for row in flow_table(found)]
    assert [row["measure"] for row in json.loads(json.dumps(rows))][:2] == ["starts", "completions"]


def test_goals_are_compared_and_not_fitted(
    baseline: Baseline, fits: dict[str, PipelineFit]
) -> None:
    """Two stocks that are printed among goals and plans are fitted; no goal for a flow is."""
    stocks = {"under_construction", "reserve"}
    for fit in fits.values():
        for reading in fit.problem.evidence:
            kinds = {baseline.figures[name].kind for name in reading.flow.figures}
            assert kinds == {"actual"} or reading.flow.measure in stocks
    compared = [r for row in fits.values() for r in row.problem.compared]
    assert {r.stated for r in compared} >= {176, 60, 130, 2550, 4315, 7, 80}


def test_what_the_flows_tell(fits: dict[str, PipelineFit]) -> None:
    rows = {
        f"{row.zone}.{row.parameter}": row for fit in fits.values() for row in unknown_table(fit)
    }
    assert rows["donghu.construction"].evidence == "derived"
    assert rows["donghu.construction"].low > 2
    assert rows["donghu.plans"].lost > 0.8
    assert rows["jingkai.construction"].evidence == "assumed"
    assert rows["donghu.dropped_plan"].lost < 0.1
    assert rows["donghu.realised"].posterior < rows["donghu.realised"].prior
    assert all(-0.01 <= row.lost < 1 for row in rows.values())
    assert all(row.source for row in rows.values())


def test_fitting_again_gives_the_same(baseline: Baseline, fits: dict[str, PipelineFit]) -> None:
    for zone, fit in fit_pipelines(baseline).items():
        np.testing.assert_array_equal(fit.mean, fits[zone].mean)
        np.testing.assert_array_equal(fit.factor, fits[zone].factor)


def test_fields_have_their_documented_shares(
    baseline: Baseline, fits: dict[str, PipelineFit]
) -> None:
    jingkai = fits["jingkai"].problem
    figures = [f"jingkai.investment.{f}.cumulative.2021_2025.pipeline" for f in ("infrastructure",)]
    amount = stated_amount(baseline.figures[figures[0]])
    assert jingkai.field_share("infrastructure") == pytest.approx(amount / 12057)
    assert fits["donghu"].problem.field_share("industry_projects") == pytest.approx(646 / 1200)
    for fit in fits.values():
        assert fit.problem.field_share(None) == pytest.approx(1)
        known = baseline.zones[fit.problem.zone].industries
        assert {industry for _, industry in fit.problem.cells} <= set(known)


# --- draws ----------------------------------------------------------------------------------------


def test_parameters_depend_on_seed_and_number_alone(fits: dict[str, PipelineFit]) -> None:
    fit = fits["donghu"]
    many = fit.parameters(3, range(130), 2026)
    for numbers in (range(1), range(66, 68), range(129, 130)):
        few = fit.parameters(3, numbers, 2026)
        for name in ("rate", "construction", "funds", "capacity"):
            wanted = getattr(many, name)[..., numbers.start : numbers.stop]
            np.testing.assert_array_equal(getattr(few, name), wanted)
    longer = fit.parameters(3, range(4), 2030)
    np.testing.assert_array_equal(longer.size, many.size[:4])
    np.testing.assert_allclose(longer.rate[:-4], many.rate[:, :4])
    assert (fit.parameters(4, range(4), 2026).size != many.size[:4]).all()


def test_drawn_parameters_keep_to_the_flows(fits: dict[str, PipelineFit]) -> None:
    """The spread of the expected flows over the draws is what the fit leaves of it."""
    for fit in fits.values():
        normal = np.random.default_rng(1).standard_normal((len(fit.mean), 256))
        misfit = fit.problem.misfit(fit.latent(normal))
        spread = np.sqrt(((fit.jacobian @ fit.factor) ** 2).sum(axis=1))
        np.testing.assert_allclose(misfit.mean(axis=1), fit.misfit, atol=0.25)
        np.testing.assert_allclose(misfit.std(axis=1), spread, rtol=0.15)


# --- moments --------------------------------------------------------------------------------------


def test_moments_are_the_means_of_the_simulation() -> None:
    draws = 1000
    parameters = small_pipeline(draws, rate=np.linspace(5, 20, len(YEARS)))
    expected = moments(parameters.of(slice(0, 1)))
    flows = simulate_pipelines(parameters, 2, range(draws), ProjectChanges(), FIRST_CHANGED)
    entered = dict(zip((*STAGES, "drop"), flows.entered, strict=True))
    pairs = {
        "planned": entered["plan"], "signed": entered["sign"], "started": entered["start"],
        "half_built": entered["build"], "completed": entered["commission"],
        "spent": flows.investment.sum(axis=0),
        "completed_value": flows.entered_value[STAGES.index("commission")],
        "under_construction": flows.under_construction,
    }  # fmt: skip
    for name, values in pairs.items():
        cumulated = getattr(expected, name)
        stock = name == "under_construction"
        want = (cumulated[1:] if stock else expected.yearly(cumulated))[:, 0]
        error = values.std(axis=1) / np.sqrt(draws)
        assert (np.abs(values.mean(axis=1) - want) < 4.5 * error + 0.01 * want + 0.02).all(), name
    dropped = expected.dropped_plan + expected.dropped_contract + expected.abandoned
    np.testing.assert_allclose(
        entered["drop"].mean(axis=1), expected.yearly(dropped)[:, 0], rtol=0.05, atol=0.1
    )
    worth = flows.inside_value.sum(axis=0).mean(axis=1)
    np.testing.assert_allclose(worth, expected.reserve[1:, 0], rtol=0.05)
    large = flows.large[STAGES.index("sign")].sum() / flows.entered[STAGES.index("sign")].sum()
    assert large == pytest.approx(expected.large_share[0], rel=0.05)


def test_in_a_steady_state_stock_is_flow_times_time() -> None:
    """Little's law in the moments: L = λ W after many years of the same rate."""
    still = replace(small_pipeline(1, rate=10.0, dropped_building=0), size_effect=0.0)
    expected = moments(still)
    starts = expected.yearly(expected.started)[-1, 0]
    assert starts == pytest.approx(10 * 0.8 * 0.9, rel=0.01)
    assert expected.under_construction[-1, 0] == pytest.approx(starts * 1.5, rel=0.02)
    budgets = starts * (1 + 5 * np.exp(1.2**2 / 2))
    assert expected.yearly(expected.spent)[-1, 0] == pytest.approx(0.5 * budgets, rel=0.03)


# --- tables ---------------------------------------------------------------------------------------


def test_the_simulated_measures_are_those_of_the_moments(found: dict[str, ZoneProjects]) -> None:
    """Queues are short, so that the means over replications are near the expected flows."""
    for part in found.values():
        problem = part.fit.problem
        expected = moments(part.parameters)
        for reading in (*problem.evidence, *problem.compared):
            want = problem.measured(reading.flow, expected, part.parameters).mean()
            got = measured(part, reading.flow).mean()
            assert got == pytest.approx(want, rel=0.12 if reading.flow.measure in COUNTS else 0.1)


def test_tables_have_every_year_and_stage(found: dict[str, ZoneProjects]) -> None:
    rows = funnel_table(found, "baseline", (2021, 2024))
    assert len(rows) == 2 * 4 * 6
    assert all(row.q05 <= row.median <= row.q95 for row in rows)
    work = work_table(found, "baseline", (2021, 2024))
    assert {row.measure for row in work} == {
        "under_construction", "reserve", "investment", "commissioned", "queue",
    }  # fmt: skip
    assert all(row.q05 <= row.median <= row.q95 for row in work)


def test_a_scenario_delays_the_projects(baseline: Baseline) -> None:
    settings = ["horizon=2026", "levers.*.projects.delay=1 year"]
    late = simulate_projects(baseline, load_scenario("baseline", baseline, settings), 16, 1)
    none = ["horizon=2026", "levers.*.projects.delay=0 years"]
    same = simulate_projects(baseline, load_scenario("baseline", baseline, none), 16, 1)
    plain = simulate_projects(
        baseline, load_scenario("baseline", baseline, ["horizon=2026"]), 16, 1
    )
    for zone, part in plain.items():
        year = part.flows.year(2024)
        np.testing.assert_array_equal(part.flows.investment, same[zone].flows.investment)
        np.testing.assert_array_equal(
            part.flows.investment[:, :year], late[zone].flows.investment[:, :year]
        )
        less = (late[zone].flows.investment - part.flows.investment).sum(axis=0)[year:]
        assert (less.mean(axis=-1) < 0).all()
