"""The pipeline of projects: events against arrays, identities, levers, what is drawn."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipelines import FIRST_CHANGED, SCARCE, YEARS, small_pipeline
from scipy.stats import ks_2samp

from simcore import pipeline_draws
from simcore.arrays import Array
from simcore.errors import RunError
from simcore.pipeline import Pipeline, simulate_pipeline
from simcore.pipeline_draws import draw_projects
from simcore.pipeline_fast import Simulation, simulate_pipelines
from simcore.pipeline_flows import DROP, EVENTS, STAGES, Flows, joined
from simcore.pipeline_parameters import (
    PipelineParameters,
    ProjectChanges,
    joined_parameters,
    supply,
)

NOTHING = ProjectChanges()
CHANGES = {
    "nothing": NOTHING,
    "delayed": ProjectChanges(delay=1.5),
    "hurried": ProjectChanges(delay=-0.4, arrivals=0.6),
    "squeezed": ProjectChanges(funds=-0.6, capacity=-0.4, sizes=0.3),
    "fewer": ProjectChanges(arrivals=-0.5, cancellation=1.0),
}
ARRAYS = [part.name for part in fields(Flows) if part.name not in ("zone", "years", "cells")]


def event_by_event(
    parameters: PipelineParameters, replication: int = 0, changes: ProjectChanges = NOTHING
) -> Pipeline:
    one = parameters.of(slice(0, 1))
    return simulate_pipeline(one, 1, replication, changes, FIRST_CHANGED)


def at_once(
    parameters: PipelineParameters, start: int = 0, changes: ProjectChanges = NOTHING
) -> Flows:
    numbers = range(start, start + parameters.draws)
    return simulate_pipelines(parameters, 1, numbers, changes, FIRST_CHANGED)


# --- the arrays against the events ----------------------------------------------------------------


@pytest.mark.parametrize("scarce", [False, True])
@pytest.mark.parametrize("name", CHANGES)
def test_arrays_are_the_events(name: str, scarce: bool) -> None:
    parameters = small_pipeline(3, **(SCARCE if scarce else {}))
    flows = at_once(parameters, 5, CHANGES[name])
    for place in range(3):
        slow = event_by_event(parameters, 5 + place, CHANGES[name]).flows()
        for array in ARRAYS:
            np.testing.assert_allclose(
                getattr(flows, array)[..., place], getattr(slow, array)[..., 0],
                rtol=1e-9, atol=1e-7, err_msg=f"{array} of replication {5 + place}",
            )  # fmt: skip


def test_scarce_supplies_make_projects_wait() -> None:
    plenty, scarce = at_once(small_pipeline(8)), at_once(small_pipeline(8, **SCARCE))
    assert plenty.waited.sum() == 0
    assert scarce.waited.sum() > 0
    assert (scarce.queue_time[5:] > 0).any()
    started = STAGES.index("start")
    assert scarce.entered[started].sum() < plenty.entered[started].sum()


def numbers_of(flows: Flows) -> dict[str, Array]:
    """Every output as numbers by draw: each row summed over the later years."""
    found = {}
    for array in ARRAYS:
        later = getattr(flows, array)[..., 5:, :].sum(axis=-2)
        for row, values in enumerate(later.reshape(-1, later.shape[-1])):
            found[f"{array} {row}"] = values
    return found


@pytest.mark.parametrize("scarce", [False, True])
def test_arrays_have_the_distribution_of_other_events(scarce: bool) -> None:
    """Kolmogorov and Smirnov's test of every output, on replications of other numbers."""
    chosen = SCARCE if scarce else {}
    slow = joined([event_by_event(small_pipeline(**chosen), r).flows() for r in range(80)])
    fast = numbers_of(at_once(small_pipeline(400, **chosen), 1000))
    tested = 0
    for name, values in numbers_of(slow).items():
        if values.max() > 0:
            assert ks_2samp(values, fast[name]).pvalue > 1e-4, name
            tested += 1
    assert tested >= 30


# --- identities -----------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    rate=st.floats(0.5, 20), planning=st.floats(0.1, 3), construction=st.floats(0.2, 4),
    dropped=st.floats(0, 0.6), land=st.integers(1, 20), capacity=st.integers(1, 20),
    delay=st.sampled_from([-0.5, 0.0, 2.0]), replication=st.integers(0, 10**6),
)  # fmt: skip
def test_little_and_conservation(
    rate: float, planning: float, construction: float, dropped: float, land: int, capacity: int,
    delay: float, replication: int,
) -> None:  # fmt: skip
    """L = λ W on every path, and what has entered a stage is in it, beyond it, or dropped."""
    parameters = small_pipeline(
        rate=rate, planning=planning, construction=construction, dropped_plan=dropped,
        dropped_contract=dropped, dropped_building=dropped, land=land, capacity=capacity,
    )  # fmt: skip
    run = event_by_event(parameters, replication, ProjectChanges(delay=delay))
    flows, end, span = run.flows(), YEARS[-1] + 1, len(YEARS)
    for place, stage in enumerate(STAGES[:-1]):
        entered = {e.project: e.time for e in run.log if (e.stage, e.event) == (stage, "enter")}
        left = {
            e.project: e.time for e in run.log
            if (e.stage, e.event) in ((STAGES[place + 1], "enter"), (stage, DROP))
        }  # fmt: skip
        stays = [left.get(project, end) - time for project, time in entered.items()]
        mean_inside = flows.time_inside[place].sum() / span  # from the changes of the number
        arrivals = len(entered) / span
        mean_stay = sum(stays) / max(len(stays), 1)
        assert mean_inside == pytest.approx(arrivals * mean_stay, abs=1e-9)
        gone = flows.entered[place + 1] + flows.dropped[place]
        np.testing.assert_allclose(
            np.cumsum(flows.entered[place] - gone, axis=0), flows.inside[place], atol=1e-9
        )
    assert flows.dropped.sum() == flows.entered[EVENTS.index(DROP)].sum()


def test_money_is_conserved() -> None:
    """What was spent on completed projects is what is commissioned; the rest is under way."""
    parameters = replace(small_pipeline(16), dropped_building=np.zeros(16))
    flows = at_once(parameters)
    open_end = small_pipeline(16, rate=[12.0] * 4 + [0.0] * 7, dropped_building=0)
    assert (flows.investment.sum(axis=1) >= flows.commissioned.sum(axis=1) - 1e-9).all()
    done = at_once(open_end)
    np.testing.assert_array_equal(done.inside[:, -1].sum(axis=0), np.zeros(16))
    np.testing.assert_allclose(done.investment.sum(axis=1), done.commissioned.sum(axis=1))
    np.testing.assert_allclose(
        done.commissioned.sum(axis=(0, 1)),
        0.5 * done.entered_value[STAGES.index("commission")].sum(axis=0),
    )


def test_drops_of_every_stage_are_all_drops() -> None:
    flows = at_once(small_pipeline(16, **SCARCE))
    np.testing.assert_allclose(flows.dropped.sum(axis=0), flows.entered[EVENTS.index(DROP)])
    assert (flows.dropped >= 0).all()
    assert (flows.inside >= 0).all()


def test_cells_sum_to_industries_and_fields() -> None:
    flows = at_once(small_pipeline(4))
    total = flows.investment.sum(axis=0)
    by_industry = flows.by_industry(flows.investment, ("steel", "glass", "none"))
    np.testing.assert_allclose(by_industry.sum(axis=0), total)
    assert by_industry[2].sum() == 0
    fields_ = flows.by_field(flows.investment, "works") + flows.by_field(flows.investment, "roads")
    np.testing.assert_allclose(fields_, total)
    np.testing.assert_allclose(flows.by_field(flows.investment, None), total)


# --- replications ---------------------------------------------------------------------------------


def test_a_trace_replays_identically() -> None:
    first, again = (event_by_event(small_pipeline(**SCARCE), 7).log for _ in range(2))
    assert len(first) > 100
    assert first == again
    assert first != event_by_event(small_pipeline(**SCARCE), 8).log
    assert [event.time for event in first] == sorted(event.time for event in first)


def test_a_replication_depends_on_its_number_alone() -> None:
    parameters = small_pipeline(70)
    many, few = at_once(parameters), at_once(parameters.of(slice(66, 68)), 66)
    for array in ARRAYS:
        np.testing.assert_allclose(
            getattr(many, array)[..., 66:68], getattr(few, array), rtol=1e-12, atol=1e-9
        )
    again = joined_parameters([parameters.of(slice(0, 30)), parameters.of(slice(30, 70))])
    np.testing.assert_array_equal(again.rate, parameters.rate)


def test_one_lever_after_another_is_each_alone() -> None:
    """Chance is drawn once for all of them, and changed by none."""
    parameters = small_pipeline(40, **SCARCE)
    simulation = Simulation(parameters, 1, range(40), FIRST_CHANGED)
    for _ in range(2):
        for changes in CHANGES.values():
            alone, flows = at_once(parameters, 0, changes), simulation.flows(changes)
            for array in ARRAYS:
                np.testing.assert_array_equal(getattr(flows, array), getattr(alone, array))
            seen = simulation.outturn(changes)
            for array in ("entered", "investment", "commissioned"):
                np.testing.assert_array_equal(getattr(seen, array), getattr(flows, array))


def test_more_years_leave_the_first_as_they_are() -> None:
    long = small_pipeline(4)
    part = {name: getattr(long, name)[:8] for name in ("rate", "land", "funds", "capacity")}
    short = at_once(replace(long, years=YEARS[:8], **part))
    flows = at_once(long)
    for array in ARRAYS:
        np.testing.assert_allclose(getattr(flows, array)[..., :8, :], getattr(short, array))


def test_no_room_for_projects_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_draws, "MARGIN", -3.0)
    with pytest.raises(RunError, match="small: [0-9]+ projects are not enough"):
        at_once(small_pipeline())


def test_no_replication_is_refused() -> None:
    with pytest.raises(ValueError, match="no replication"):
        simulate_pipelines(small_pipeline(), 1, range(0), NOTHING, FIRST_CHANGED)


# --- levers ---------------------------------------------------------------------------------------


def test_no_delay_has_exactly_no_effect() -> None:
    parameters = small_pipeline(8, **SCARCE)
    plain = at_once(parameters)
    for changes in (ProjectChanges(delay=0.0), ProjectChanges(arrivals=0.0, sizes=0.0)):
        other = at_once(parameters, 0, changes)
        for array in ARRAYS:
            np.testing.assert_array_equal(getattr(plain, array), getattr(other, array))
    assert (
        event_by_event(parameters).log
        == event_by_event(parameters, 0, ProjectChanges(delay=0.0)).log
    )


def test_a_delay_moves_starts_and_nothing_else() -> None:
    plain, late = at_once(small_pipeline(64)), at_once(small_pipeline(64), 0, CHANGES["delayed"])
    before = YEARS.index(FIRST_CHANGED)
    for event in ("plan", "sign"):
        place = EVENTS.index(event)
        np.testing.assert_array_equal(plain.entered[place], late.entered[place])
        np.testing.assert_array_equal(plain.entered_value[place], late.entered_value[place])
    start, end = STAGES.index("start"), STAGES.index("commission")
    np.testing.assert_array_equal(plain.entered[:, :before], late.entered[:, :before])
    gap = (late.entered - plain.entered).mean(axis=-1)
    assert gap[start, before] < -8  # nearly nothing starts in the first year
    assert abs(gap[end, before]) < abs(gap[end, before + 2])  # commissioning follows later
    lost = (late.investment - plain.investment).sum(axis=0).mean(axis=-1)
    assert lost[before] < 0
    one_and_a_half = plain.entered[start].sum(axis=0) - late.entered[start].sum(axis=0)
    assert one_and_a_half.mean() == pytest.approx(1.5 * plain.entered[start, -2:].mean(), rel=0.15)


def test_a_larger_lever_adds_to_the_same_projects() -> None:
    parameters = small_pipeline(32)
    steps = [ProjectChanges(arrivals=share) for share in (-1.0, -0.5, 0.0, 0.4, 1.0)]
    plans = [at_once(parameters, 0, step).entered[0] for step in steps]
    for fewer, more in zip(plans, plans[1:], strict=False):
        assert (fewer <= more).all()
    before = YEARS.index(FIRST_CHANGED)
    assert plans[0][before:].sum() == 0
    assert plans[4][before:].mean() == pytest.approx(2 * plans[2][before:].mean(), rel=0.05)
    for plan in plans:
        np.testing.assert_array_equal(plan[:before], plans[2][:before])


def test_sizes_funds_capacity_and_drops() -> None:
    parameters = small_pipeline(32, **SCARCE)
    plain = at_once(parameters)
    sign, start, drop = (EVENTS.index(name) for name in ("sign", "start", DROP))
    before = YEARS.index(FIRST_CHANGED)
    larger = at_once(parameters, 0, ProjectChanges(sizes=0.5))
    np.testing.assert_allclose(
        larger.entered_value[sign, before:], 1.5 * plain.entered_value[sign, before:]
    )
    for squeeze in (ProjectChanges(funds=-1.0), ProjectChanges(capacity=-1.0)):
        less = at_once(parameters, 0, squeeze)
        late, usual = less.entered[start, before + 3 :], plain.entered[start, before + 3 :]
        assert late.sum() < 0.1 * usual.sum()  # what is left in stock, and who queued before
        assert less.inside[STAGES.index("sign"), -1].mean() > 20
    safer = at_once(parameters, 0, ProjectChanges(cancellation=-1.0))
    kept, dropped = safer.entered[drop, before + 2 :], plain.entered[drop, before + 2 :]
    assert kept.sum() < 0.05 * dropped.sum()  # of those that were ready before


def test_a_hurried_project_is_not_ready_before_the_lever() -> None:
    parameters = small_pipeline(16)
    hurried = ProjectChanges(delay=-2.0)
    projects = draw_projects(parameters, 1, range(16), hurried, FIRST_CHANGED)
    plain = draw_projects(parameters, 1, range(16), NOTHING, FIRST_CHANGED)
    signed = projects.planned + projects.planning
    ready, was = signed + projects.preparation, signed + plain.preparation
    moved = ready < was - 1e-9
    assert moved.any()
    np.testing.assert_array_equal(moved, was >= FIRST_CHANGED)
    left = was - np.maximum(signed, FIRST_CHANGED)
    np.testing.assert_allclose((was - ready)[moved], np.minimum(2.0, left / 2)[moved], atol=1e-9)


# --- draws -----------------------------------------------------------------------------


def test_draws_have_the_means_they_are_given() -> None:
    parameters = small_pipeline(200)
    drawn = draw_projects(parameters, 3, range(200), NOTHING, FIRST_CHANGED)
    for name in ("planning", "preparation", "construction"):
        mean = getattr(drawn, name).mean()
        assert mean == pytest.approx(getattr(parameters, name)[0], rel=0.03)
    assert len(drawn.number) == pytest.approx(200 * 12 * len(YEARS), rel=0.02)
    mean_size = 1 + 5 * np.exp(1.2**2 / 2)
    assert drawn.announced.mean() == pytest.approx(mean_size, rel=0.05)
    assert drawn.announced.min() > 1
    long = drawn.construction[drawn.announced > 20].mean()
    assert long > 1.2 * drawn.construction[drawn.announced < 5].mean()
    shares = np.bincount(drawn.cell) / len(drawn.number)
    np.testing.assert_allclose(shares, parameters.cell_share, atol=0.01)


def test_supplies_under_levers() -> None:
    parameters = small_pipeline(2, **SCARCE)
    changed = supply(parameters, ProjectChanges(funds=-0.3, capacity=0.25), FIRST_CHANGED)
    before = YEARS.index(FIRST_CHANGED)
    np.testing.assert_allclose(changed.funds[before:], 0.7 * parameters.funds[before:])
    np.testing.assert_allclose(changed.funds[:before], parameters.funds[:before])
    np.testing.assert_allclose(
        changed.capacity[before:], np.ceil(1.25 * parameters.capacity[before:])
    )
    np.testing.assert_allclose(changed.most_land, 2 * parameters.land)
