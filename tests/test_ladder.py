"""The ladder of firms: conservation, levers on common random numbers, and the firms one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.correction import NEAR
from simcore.ladder import Counts, Ladder, Rates, expected, simulate, spread
from simcore.ladder_events import Replication, replicate
from simcore.ladder_fit import fit_firms
from simcore.ladder_members import Drivers, FirmFactors, FirmMembers
from simcore.ladder_priors import OUTSIDE, load_firms
from simcore.ladder_problem import FirmPosterior
from simcore.ladder_table import FirmEnsemble, trace
from simcore.priors import load_priors
from simcore.sampling import BLOCK, normals

SEED, ZONES, HORIZON = 5, ("donghu", "jingkai"), 2030
YEARS = 6
LADDER = Ladder.of(load_firms())
START = np.array([40.0, 30, 20, 12, 3, 5])


@pytest.fixture(scope="module")
def fitted(baseline: Baseline) -> FirmPosterior:
    return fit_firms(baseline, load_priors())


@pytest.fixture(scope="module")
def members(fitted: FirmPosterior) -> FirmMembers:
    return FirmMembers(fitted, SEED)


def small(draws: int = 1, *, hazard: float = 0.08, entry: float = 9.0) -> Rates:
    """A ladder of a hundred firms, the same in every draw."""
    new = np.zeros((len(LADDER.rungs), YEARS, draws))
    new[0] = entry
    hazards = hazard * (1 + np.arange(len(LADDER.moves)) % 4)[:, None] * np.ones(draws)
    start = START[:, None] * np.ones(draws)
    return Rates(start, new, hazards, np.ones((len(LADDER.moves), YEARS, 1)))


def conserved(counts: Counts) -> None:
    """Count = count before + entered + moved in − moved out, of every rung, year and draw."""
    for place in range(len(LADDER.rungs)):
        change = counts.entered[place].copy()
        for move, path in zip(LADDER.moves, counts.moves, strict=True):
            if move.target == place:
                change += path
            if move.source == place:
                change -= path
        np.testing.assert_array_equal(np.diff(counts.count[place], axis=0), change)
    assert (counts.count >= 0).all()
    assert (counts.moves >= 0).all()


# --- the law --------------------------------------------------------------------------------------


def test_the_moves_of_a_rung_share_its_chance_of_moving() -> None:
    hazard = small().hazard
    chance = LADDER.probabilities(hazard)
    for place in range(len(LADDER.rungs)):
        own = LADDER.source == place
        total = hazard[own].sum()
        assert chance[own].sum() == pytest.approx(1 - np.exp(-total))
        np.testing.assert_allclose(chance[own] / chance[own].sum(), hazard[own] / total)


def test_without_any_hazard_nobody_moves() -> None:
    counts = expected(LADDER, small(hazard=0.0))
    np.testing.assert_array_equal(counts.moves, 0)
    np.testing.assert_allclose(counts.count[0, -1], START[0] + 9 * YEARS)


def test_means_are_linear_in_stocks_and_entry() -> None:
    one, many = expected(LADDER, small()), small()
    many = replace(many, start=3 * many.start, entry=3 * many.entry)
    np.testing.assert_allclose(expected(LADDER, many).count, 3 * one.count)


def test_stocks_settle_at_arrivals_times_the_stay() -> None:
    """Little's law: firms on a rung = firms that arrive a year × years that they stay."""
    rates = small()
    years = 400
    entry = np.repeat(rates.entry[:, :1], years, axis=1)
    long = replace(rates, entry=entry, factor=np.ones((len(LADDER.moves), years, 1)))
    found = expected(LADDER, long)
    chance = LADDER.probabilities(rates.hazard)[:, 0]
    for place in range(len(LADDER.rungs)):
        arrivals = found.entered[place, -1, 0] + sum(
            found.moves[row, -1, 0] for row, move in enumerate(LADDER.moves) if move.target == place
        )
        stay = 1 / chance[LADDER.source == place].sum()
        assert found.count[place, -1, 0] == pytest.approx(arrivals * stay, rel=1e-6)


# --- draws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ZONES)
def test_firms_are_conserved_in_every_draw(zone: str, members: FirmMembers) -> None:
    conserved(members.counts(zone, HORIZON))


@pytest.mark.parametrize(("seed", "block", "draw"), [(1, 0, 382), (8, 1, 571)])
def test_no_draw_runs_away_from_the_figures(
    seed: int, block: int, draw: int, fitted: FirmPosterior
) -> None:
    """These did: Broyden's method left the range of the exponential."""
    problem = fitted.problem
    normal = normals(seed, "ladder.posterior", block, len(problem.unknowns))
    latent = fitted.latent(normal)
    linear = fitted.misfit[:, None] + fitted.jacobian @ (fitted.factor @ normal)
    assert np.abs(latent).max() < 8
    assert np.abs(problem.misfit(latent) - linear)[:, draw].max() < NEAR


def test_draws_do_not_depend_on_their_number_or_the_horizon(fitted: FirmPosterior) -> None:
    few, many = (FirmEnsemble(fitted, SEED, draws, 2026) for draws in (5, BLOCK + 3))
    longer = FirmEnsemble(fitted, SEED, 5, 2028)
    for zone in ZONES:
        one = few.counts[zone].count
        np.testing.assert_array_equal(one, many.counts[zone].count[..., :5])
        np.testing.assert_array_equal(one, longer.counts[zone].count[:, : one.shape[1]])
    assert len(np.unique(many.counts["donghu"].count[2, -1])) > 500


@pytest.mark.parametrize("zone", ZONES)
def test_what_moves_nothing_changes_nothing(zone: str, members: FirmMembers) -> None:
    plain = members.counts(zone, HORIZON)
    years = HORIZON - members.posterior.problem.firms.zones[zone].first_year
    still = Drivers(np.zeros((years, BLOCK)), np.zeros((years, BLOCK)))
    for found in (
        members.counts(zone, HORIZON, FirmFactors.none(years)),
        members.counts(zone, HORIZON, drivers=still),
    ):
        for name in ("count", "entered", "moves"):
            np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))


def levered(members: FirmMembers, **factors: float) -> tuple[Counts, Counts]:
    """Counts of East Lake without and with factors from 2024 on."""
    years = HORIZON - 2020
    later = np.arange(years) >= 3
    changed = {name: np.where(later, factor, 1.0) for name, factor in factors.items()}
    levers = replace(FirmFactors.none(years), **changed)
    return members.counts("donghu", HORIZON), members.counts("donghu", HORIZON, levers)


def test_more_entry_moves_only_what_follows_from_it(members: FirmMembers) -> None:
    plain, more = levered(members, entry=2.0)
    np.testing.assert_array_equal(more.count[:, :4], plain.count[:, :4])
    np.testing.assert_array_equal(more.count[1:, 4], plain.count[1:, 4])  # new ones stay a year
    np.testing.assert_array_equal(more.count[2:, 5], plain.count[2:, 5])  # and one on each rung
    gained = more.count[0, 4] - plain.count[0, 4]
    np.testing.assert_allclose(gained, plain.entered[0, 3], rtol=0.2)
    assert (more.count[2, -1] >= plain.count[2, -1]).mean() > 0.99


def test_a_run_goes_on_from_a_year_as_if_it_had_not_stopped(members: FirmMembers) -> None:
    later = np.where(np.arange(HORIZON - 2020) >= 3, 1.3, 1.0)
    levers = replace(FirmFactors.none(HORIZON - 2020), promotion=later)
    whole = members.counts("donghu", HORIZON, levers)
    rest = members.onward("donghu", 2023, HORIZON, levers)
    np.testing.assert_array_equal(rest.count, whole.count[:, 3:])


def test_promotion_fills_the_rungs_above_and_exit_empties_them(members: FirmMembers) -> None:
    plain, promoted = levered(members, promotion=1.2)
    assert np.median(promoted.count[2, 4] - plain.count[2, 4]) > 0
    plain, closing = levered(members, exit=1.5)
    assert (closing.count.sum(axis=0)[-1] < plain.count.sum(axis=0)[-1]).all()


def test_support_helps_the_firms_of_its_rung(members: FirmMembers) -> None:
    years = HORIZON - 2020
    support = {"tech_sme": np.where(np.arange(years) >= 3, 1.3, 1.0)}
    helped = members.counts("donghu", HORIZON, replace(FirmFactors.none(years), support=support))
    plain = members.counts("donghu", HORIZON)
    for row, move in enumerate(LADDER.moves):
        change = helped.moves[row, 3] - plain.moves[row, 3]
        if move.start != "tech_sme":
            np.testing.assert_array_equal(change, 0)
        elif move.kind == "promotion":
            assert (change >= 0).all()
        else:
            assert (change <= 0).all()


def test_more_research_and_growth_lift_the_ladder(members: FirmMembers) -> None:
    years = HORIZON - 2020
    later = np.where(np.arange(years) >= 3, 0.1, 0.0)[:, None] * np.ones(BLOCK)
    found = members.counts("donghu", HORIZON, drivers=Drivers(later, later / 5))
    plain = members.counts("donghu", HORIZON)
    np.testing.assert_array_equal(found.count[:, :4], plain.count[:, :4])
    assert np.median(found.count[2, -1] / plain.count[2, -1]) > 1.02


# --- one by one -----------------------------------------------------------------------------------


def replications(count: int, rates: Rates) -> list[Replication]:
    return [replicate(LADDER, rates, "test", 2020, SEED, number) for number in range(count)]


@pytest.fixture(scope="module")
def oracle() -> list[Replication]:
    return replications(200, small())


@pytest.fixture(scope="module")
def fast() -> Counts:
    draws = 4000
    generator = np.random.default_rng(SEED)
    normal = generator.standard_normal((len(LADDER.moves), YEARS, draws))
    born = {0: generator.standard_normal((YEARS, draws))}
    return simulate(LADDER, small(draws), normal, born)


def stacked(oracle: list[Replication]) -> Array:
    return np.concatenate([one.counts.count for one in oracle], axis=-1)


def test_counts_have_the_distribution_of_the_firms_one_by_one(
    oracle: list[Replication], fast: Counts
) -> None:
    """Kolmogorov and Smirnov's test on every rung and year; chance alone gives one in 10 000."""
    exact = stacked(oracle)
    for rung in range(len(LADDER.rungs)):
        for year in range(1, YEARS + 1):
            found = stats.ks_2samp(exact[rung, year], fast.count[rung, year], method="asymp")
            assert found.pvalue > 1e-4, (LADDER.rungs[rung], year, found)


def test_moves_have_the_distribution_of_the_firms_one_by_one(
    oracle: list[Replication], fast: Counts
) -> None:
    for row, move in enumerate(LADDER.moves):
        exact = np.concatenate([one.counts.moves[row, -1] for one in oracle])
        found = stats.ks_2samp(exact, fast.moves[row, -1], method="asymp")
        assert found.pvalue > 1e-4, (move.name, found)


def test_another_law_would_be_noticed(oracle: list[Replication], fast: Counts) -> None:
    exact = stacked(oracle)[2, -1]
    assert stats.ks_2samp(exact + 3, fast.count[2, -1], method="asymp").pvalue < 1e-4


def test_means_and_spread_are_the_linear_models(fast: Counts) -> None:
    means, variance = expected(LADDER, small()).count[..., 0], spread(LADDER, small())
    np.testing.assert_allclose(fast.count.mean(axis=-1), means, atol=0.4)
    for rung in range(len(LADDER.rungs)):
        np.testing.assert_allclose(
            fast.count[rung].var(axis=-1), variance[:, rung, rung], rtol=0.1, atol=0.05
        )


def test_firms_are_conserved_in_every_replication(oracle: list[Replication]) -> None:
    for one in oracle:
        conserved(one.counts)


def test_the_log_adds_up_to_the_counts(oracle: list[Replication]) -> None:
    one = oracle[0]
    names = {move.name: row for row, move in enumerate(LADDER.moves)}
    moves = np.zeros_like(one.counts.moves)
    for event in one.events:
        year = int(event.date) - 2021
        if event.kind != "entry":
            moves[names[f"{event.kind}.{event.start}.{event.end}"], year] += 1
    np.testing.assert_array_equal(moves, one.counts.moves)
    assert [event.date for event in one.events] == sorted(event.date for event in one.events)


def test_firms_on_the_ladder_are_the_sum_of_their_stays(oracle: list[Replication]) -> None:
    """Little's law on each path: the integral of the count is the time that firms stayed."""
    for one in oracle[:20]:
        for place, rung in enumerate(LADDER.rungs):
            count, since, area = one.counts.count[place, 0, 0], 2021.0, 0.0
            for event in one.events:
                change = (event.end == rung) - (event.start == rung)
                if change:
                    area += count * (event.date - since)
                    count, since = count + change, event.date
            area += count * (2021 + YEARS - since)
            assert one.stays[place] == pytest.approx(area)


def test_a_replication_replays_identically() -> None:
    first, again = (replicate(LADDER, small(), "test", 2020, SEED, 7) for _ in range(2))
    assert first.events == again.events
    assert first.events != replicate(LADDER, small(), "test", 2020, SEED, 8).events


def test_a_lever_leaves_the_other_firms_of_a_replication_alone() -> None:
    """With entry doubled the firms of the first year live as before."""
    plain = replicate(LADDER, small(), "test", 2020, SEED, 1)
    more = replicate(LADDER, small(entry=18.0), "test", 2020, SEED, 1)
    old = [[e for e in one.events if "new" not in e.firm] for one in (plain, more)]
    assert old[0] == old[1]
    assert len(more.events) > len(plain.events)


def test_a_trace_is_of_the_draws_own_rates(fitted: FirmPosterior) -> None:
    found = trace(fitted, SEED, 2, "jingkai", 2022)
    rates = FirmMembers(fitted, SEED).rates("jingkai", 2022)
    np.testing.assert_array_equal(found.counts.count[:, 0, 0], np.round(rates.start[:, 2]))
    assert found.events == trace(fitted, SEED, 2, "jingkai", 2022).events
    assert trace(fitted, SEED, BLOCK + 2, "jingkai", 2022).events != found.events


@settings(max_examples=25, deadline=None)
@given(
    hazards=st.lists(st.floats(0, 3), min_size=16, max_size=16),
    factor=st.floats(0, 4),
    entry=st.floats(0, 40),
)
def test_any_rates_conserve_firms(hazards: list[float], factor: float, entry: float) -> None:
    rates = replace(
        small(draws=3, entry=entry),
        hazard=np.array(hazards)[:, None] * np.ones(3),
        factor=np.full((len(LADDER.moves), YEARS, 1), factor),
    )
    generator = np.random.default_rng(1)
    normal = generator.standard_normal((len(LADDER.moves), YEARS, 3))
    conserved(simulate(LADDER, rates, normal, {0: generator.standard_normal((YEARS, 3))}))
    chance = LADDER.probabilities(rates.hazard * factor)
    left = np.ones(len(LADDER.rungs))
    np.subtract.at(left, LADDER.source, chance[:, 0])
    assert ((left >= -1e-12) & (left <= 1)).all()
    assert OUTSIDE not in LADDER.source
