"""Samplers: points that are even, and draws that depend on seed, sampler and number alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.stats import kstest, norm, qmc, t

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.dataset import run_plan
from simcore.dimensions import SHOCK_YEARS, Drawing, drawing
from simcore.dims import VARIABLES
from simcore.errors import InputError
from simcore.headline import Headline
from simcore.levers import Sampling, Scenario
from simcore.members import Members
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.samplers import SAMPLERS, Kind, Sampler, _directions, covered, hypercube, sobol
from simcore.sampling import BLOCK, normals, students
from simcore.scenario import load_scenario
from simcore.verify import verify

SEED = 5
QUASI: tuple[Kind, ...] = ("lhs", "sobol")
PLACES = {"a": (0, 1, 2), "b": (3,)}


def points(kind: str, tiles: int, name: str = "a") -> Array:
    """Points of the first tiles, (row, draw)."""
    if kind == "lhs":
        return np.hstack([hypercube(SEED, name, tile, 3) for tile in range(tiles)])
    return np.hstack([sobol(SEED, name, tile, PLACES[name]) for tile in range(tiles)])


# --- points ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", QUASI)
def test_aligned_tiles_have_one_point_in_every_stratum(kind: str) -> None:
    found = points(kind, 8)
    for width in (BLOCK, 2 * BLOCK, 4 * BLOCK, 8 * BLOCK):
        for start in range(0, 8 * BLOCK, width):
            strata = np.floor(found[:, start : start + width] * width)
            assert (np.sort(strata, axis=1) == np.arange(width)).all()


def test_a_tile_far_away_is_even_too_and_costs_no_others() -> None:
    for found in (hypercube(SEED, "a", 9000, 2), sobol(SEED, "a", 700, (0, 1))):
        assert (np.sort(np.floor(found * BLOCK), axis=1) == np.arange(BLOCK)).all()


def test_sobol_points_are_those_of_scipy_in_another_order() -> None:
    directions = _directions(512, 14)
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    mine = np.bitwise_xor.reduce(
        np.where(bits[..., None], directions[:8, :6], 0).astype(np.uint32), axis=1
    )
    theirs = qmc.Sobol(6, scramble=False, bits=32).random(256)
    assert sorted(map(tuple, mine / 2.0**32)) == sorted(map(tuple, theirs))


@pytest.mark.parametrize("power", [6, 8, 10])
def test_powers_of_two_of_sobol_points_are_balanced_in_pairs_of_dimensions(power: int) -> None:
    """The first two dimensions are a (0, 2)-sequence: every elementary interval has its share."""
    first, second = points("sobol", 1)[:2, : 1 << power]
    for digits in range(power + 1):
        cells = np.floor(first * 2**digits) * 2 ** (power - digits)
        cells += np.floor(second * 2 ** (power - digits))
        assert len(np.unique(cells)) == 1 << power


@pytest.mark.parametrize("kind", QUASI)
def test_points_are_uniform_and_names_are_apart(kind: str) -> None:
    found = np.vstack([points(kind, 4), points(kind, 4, "b")])
    assert found.min() > 0
    assert found.max() < 1
    for row in found:
        assert kstest(row, "uniform").pvalue > 0.99  # more even than chance
    correlation = np.corrcoef(found) - np.eye(len(found))
    assert np.abs(correlation).max() < 4 / np.sqrt(found.shape[1])


@pytest.mark.parametrize("kind", QUASI)
def test_a_single_draw_is_uniform_over_seeds(kind: str) -> None:
    if kind == "lhs":
        first = [hypercube(seed, "a", 0, 1)[0, 3] for seed in range(400)]
    else:
        first = [sobol(seed, "a", 0, (5,))[0, 3] for seed in range(400)]
    assert kstest(first, "uniform").pvalue > 0.001


def test_more_rows_leave_the_first_as_they_are() -> None:
    np.testing.assert_array_equal(hypercube(1, "a", 2, 5)[:2], hypercube(1, "a", 2, 2))
    np.testing.assert_array_equal(sobol(1, "a", 2, (4, 9, 7))[:2], sobol(1, "a", 2, (4, 9)))


# --- numbers --------------------------------------------------------------------------------------


def test_random_numbers_are_what_they_were() -> None:
    sampler = Sampler()
    np.testing.assert_array_equal(
        sampler.normals(1, "posterior", 3, 2), normals(1, "posterior", 3, 2)
    )
    np.testing.assert_array_equal(
        sampler.students(1, "shock.nation", 3, 2, 5), students(1, "shock.nation", 3, 2, 5)
    )


@pytest.mark.parametrize("kind", QUASI)
def test_numbers_have_their_distributions(kind: Kind) -> None:
    names = ("parameter.x", "shock.nation", "crisis.occurrence")
    sampler = Sampler(kind, {name: (place,) for place, name in enumerate(names)})
    many = range(4)
    normal = np.hstack([sampler.normals(1, names[0], tile, 1)[0] for tile in many])
    student = np.hstack([sampler.students(1, names[1], tile, 1, 5)[0] for tile in many])
    uniform = np.hstack([sampler.uniforms(1, names[2], tile, 1)[0] for tile in many])
    assert kstest(normal, norm.cdf).pvalue > 0.99
    assert kstest(student / np.sqrt(3 / 5), t(5).cdf).pvalue > 0.99
    assert kstest(uniform, "uniform").pvalue > 0.99


def test_what_is_not_covered_stays_independent() -> None:
    sampler = Sampler("sobol", {"shock.nation": (0, 1)})
    name = "shock.activity.donghu.digital_services"
    np.testing.assert_array_equal(sampler.normals(1, name, 0, 3), normals(1, name, 0, 3))
    np.testing.assert_array_equal(Sampler("lhs").normals(1, name, 0, 3), normals(1, name, 0, 3))
    held = sampler.normals(1, "shock.nation", 0, 4)
    np.testing.assert_array_equal(held[2:], normals(1, "shock.nation", 0, 4)[2:])
    assert not np.array_equal(held[:2], normals(1, "shock.nation", 0, 4)[:2])
    for name in ("deflator_own.donghu", "event.flood", "revision.donghu", "satellite.a.b.forward"):
        assert not covered(name)


# --- dimensions -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def turned(posterior: Posterior) -> Drawing:
    return drawing(posterior, "sobol")


def test_directions_are_turned_and_the_distribution_stays(
    posterior: Posterior, turned: Drawing
) -> None:
    np.testing.assert_allclose(
        turned.factor @ turned.factor.T, posterior.factor @ posterior.factor.T, atol=1e-12
    )
    slopes = (Headline.of(posterior).gradient[0] @ turned.factor).reshape(-1, len(posterior.mean))
    assert np.abs(slopes[:, 4:]).max() < 1e-9 * np.abs(slopes).max()
    for kind in ("random", "lhs"):
        assert drawing(posterior, kind).posterior(posterior) is posterior


def test_every_covered_number_has_a_dimension_of_its_own(
    posterior: Posterior, turned: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = turned.sampler.places
    every = [dimension for rows in places.values() for dimension in rows]
    assert sorted(every) == list(range(len(every)))
    assert len(places["posterior"]) == len(posterior.mean)
    assert len(places["shock.nation"]) == SHOCK_YEARS
    assert max(places["parameter.path_error"] + places["posterior"][:2]) < 4
    asked: dict[str, int] = {}
    plain = Sampler.normals

    def noted(self: Sampler, seed: int, name: str, tile: int, rows: int) -> Array:
        asked[name] = rows
        return plain(self, seed, name, tile, rows)

    monkeypatch.setattr(Sampler, "normals", noted)
    scenario = load_scenario("baseline", posterior.problem.past.baseline)
    run_plan(Plan((scenario,), 2, SEED, posterior))
    for name, rows in asked.items():
        assert not covered(name) or len(places[name]) >= rows, name


@pytest.mark.parametrize(("kind", "gain"), [("lhs", 3), ("sobol", 3)])
def test_a_smooth_mean_has_a_smaller_error(
    kind: Kind, gain: float, posterior: Posterior, turned: Drawing
) -> None:
    """The linear part of ln GDP from unknowns and parameters, through members of the ensemble."""
    headline = Headline.of(posterior)
    past, own = (slopes[0, 0] for slopes in headline.gradient)

    def error(how: Drawing) -> float:
        means = []
        for seed in range(6):
            members = Members(how.posterior(posterior), seed, 0, sampler=how.sampler)
            linear = past @ (how.factor @ members.normals("posterior", len(posterior.mean)))
            drawn = np.array([members.normals(name, 1)[0] for name in headline.parameters])
            means.append(np.expm1(linear + own @ drawn).mean())
        return float(np.std(means))

    plain = error(Drawing(posterior.factor, Sampler()))
    even = error(turned if kind == "sobol" else drawing(posterior, kind))
    assert even < plain / gain


# --- runs -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=QUASI)
def plan(request: pytest.FixtureRequest, posterior: Posterior, baseline: Baseline) -> Plan:
    scenarios = tuple(load_scenario(name, baseline) for name in ("baseline", "auto-downturn"))
    return Plan(scenarios, 2300, SEED, posterior, sampler=request.param)


@pytest.fixture(scope="module")
def path(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "x.h5"
    produce(plan, path, workers=2)
    return path


def test_draws_depend_on_seed_and_number_alone(plan: Plan, path: Path) -> None:
    """Two processes, another company, order, number of draws and size of blocks: the same bits."""
    few = replace(plan, draws=1100, scenarios=plan.scenarios[::-1], block_draws=256)
    found = run_plan(few)
    with h5py.File(path) as file:
        for name in VARIABLES:
            stored = file[name][..., : few.draws][::-1]
            assert np.ascontiguousarray(stored).tobytes() == found[name].values.tobytes(), name
        assert file.attrs["sampler"] == plan.sampler


def test_a_result_of_a_sampler_is_verified(plan: Plan, path: Path) -> None:
    assert verify(path, plan.posterior).same


def test_samplers_have_fingerprints_of_their_own(plan: Plan) -> None:
    prints = {replace(plan, sampler=kind).fingerprint for kind in SAMPLERS}
    assert len(prints) == len(SAMPLERS)
    with pytest.raises(InputError, match="unknown sampler 'sobel'; did you mean 'sobol'"):
        replace(plan, sampler="sobel")  # type: ignore[arg-type]


def test_another_sampler_is_not_resumed(plan: Plan, path: Path) -> None:
    with pytest.raises(InputError, match="cannot be resumed: another sampler"):
        produce(replace(plan, sampler="random"), path, workers=1, resume=True)


# --- files ----------------------------------------------------------------------------------------


def test_a_scenario_says_its_sampler(baseline: Baseline) -> None:
    found = load_scenario("growth-5", baseline, ["sampling.sampler=sobol"])
    assert found.sampling.sampler == "sobol"
    assert Scenario.restored(found.model_dump(mode="json")) == found
    with pytest.raises(InputError, match="'sobel' is not one of 'random', 'lhs' or 'sobol'"):
        load_scenario("growth-5", baseline, ["sampling.sampler=sobel"])


def test_what_there_always_was_is_not_written_down() -> None:
    assert "sampler" not in Sampling().model_dump()
    assert Sampling.model_validate(Sampling().model_dump()).sampler == "random"
