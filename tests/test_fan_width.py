"""How wide the fans are, and that the paths are sane: no scale is tuned, this watches them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simcore.assembly import build_parameters, centre_ensemble, centre_offsets
from simcore.baseline import Baseline
from simcore.document import parse_document
from simcore.kernel import Results, simulate
from simcore.levers import Scenario
from simcore.members import Members
from simcore.posterior import Posterior
from simcore.scenario import load_scenario
from simcore.scenario_check import check

BLOCKS = 10
YEARS = tuple(range(2023, 2036))


def run(posterior: Posterior, scenario: Scenario) -> Results:
    """Ten blocks of 1024 draws."""
    offsets = centre_offsets(posterior, scenario)
    seed = scenario.sampling.seed
    results = [
        simulate(build_parameters(Members(posterior, seed, block), scenario, offsets))
        for block in range(BLOCKS)
    ]
    varying = [name for name in results[0] if not name.endswith("_offset")]
    return {name: np.concatenate([r[name] for r in results], axis=-1) for name in varying}


@pytest.fixture(scope="module")
def found(posterior: Posterior, baseline: Baseline) -> Results:
    return run(posterior, load_scenario("baseline", baseline))


@pytest.mark.parametrize(("zone", "low", "high"), [(0, 0.12, 0.18), (1, 0.15, 0.23)])
def test_spread_of_nominal_gdp_five_years_out(
    zone: int, low: float, high: float, found: Results
) -> None:
    assert low < np.log(found["gdp"][zone, YEARS.index(2028)]).std() < high


@pytest.mark.parametrize("zone", [0, 1])
def test_spread_grows_with_the_horizon(zone: int, found: Results) -> None:
    spread = np.log(found["gdp"][zone]).std(axis=1)
    assert (np.diff(spread) > 0).all()


@pytest.mark.parametrize("zone", [0, 1])
def test_capital_output_ratio(zone: int, found: Results) -> None:
    ratio = found["capital"][zone, 1:] / found["gdp_real"][zone, 1:]
    low, high = np.quantile(ratio, [0.05, 0.95], axis=1)
    assert low.min() > 1.5
    assert high.max() < 4.5


def test_research_intensity_is_constant(found: Results) -> None:
    intensity = found["rnd_intensity"]
    np.testing.assert_allclose(intensity, np.broadcast_to(intensity[:, :1], intensity.shape))
    ratio = 100 * found["rnd"] / found["gdp"]
    np.testing.assert_allclose(ratio, intensity, rtol=1e-9)
    assert (intensity < 25).all()


def test_no_share_doubles(found: Results, baseline: Baseline) -> None:
    rows = [list(baseline.zones).index(activity.zone) for activity in baseline.activities]
    share = np.median(found["value_added"] / found["gdp"][rows], axis=2)
    assert (share[:, -1] < 2 * share[:, 0]).all()
    assert (share[:, -1] > 0.4 * share[:, 0]).all()


@pytest.mark.parametrize("zone", [0, 1])
def test_median_growth_is_sane(zone: int, found: Results) -> None:
    growth = np.median(found["gdp_growth"][zone, 1:], axis=1)
    assert (growth > 1).all()
    assert (growth < 8).all()


def test_the_mean_lies_above_the_median(found: Results) -> None:
    """Jensen: about half the variance."""
    gdp = found["gdp"][:, -1]
    gap = np.log(gdp.mean(axis=1) / np.median(gdp, axis=1))
    np.testing.assert_allclose(gap, np.log(gdp).var(axis=1) / 2, rtol=0.3)


def test_five_thousand_in_2025_is_out_of_reach(found: Results, posterior: Posterior) -> None:
    seed = 20211222
    factor = np.concatenate(
        [Members(posterior, seed, block).revision_factor(YEARS) for block in range(BLOCKS)], axis=-1
    )
    place = YEARS.index(2025)
    published = found["gdp"][0, place] * factor[0, place]
    assert np.isfinite(published).all()
    assert (published > 5000).mean() < 0.01
    assert np.median(published) > 2715


def test_base_year_is_the_documented_level(found: Results) -> None:
    np.testing.assert_allclose(found["gdp"][0, 0], 2715, atol=2)


@pytest.fixture(scope="module")
def centred(posterior: Posterior, baseline: Baseline) -> Results:
    text = """
simcore: 1
name: centre-5
label: {en: growth of 5 % on average, zh: 平均增长5%}
levers: {"*": {gdp_growth: {mode: centre, value: 5%}}}
"""
    return run(posterior, check(parse_document(text, "centre.yaml"), baseline))


def test_centred_growth_meets_its_mean_in_every_year(centred: Results) -> None:
    mean = centred["gdp_growth"][:, 1:].mean(axis=2)
    np.testing.assert_allclose(mean, 5, rtol=0, atol=0.15)


def test_centring_keeps_the_fan(centred: Results, found: Results) -> None:
    spread = np.log(centred["gdp"][:, -1]).std(axis=1)
    np.testing.assert_allclose(spread, np.log(found["gdp"][:, -1]).std(axis=1), rtol=0.1)


def test_offsets_are_the_same_for_every_seed(posterior: Posterior, baseline: Baseline) -> None:
    text = """
simcore: 1
name: centre-5
label: {en: centre, zh: 平均}
horizon: 2027
sampling: {seed: %d, draws: %d}
levers: {donghu: {gdp_growth: {mode: centre, value: 5%%}}}
"""
    first, second = (
        centre_offsets(posterior, check(parse_document(text % pair, "centre.yaml"), baseline))
        for pair in ((1, 100), (2, 5000))
    )
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first[0], second[0])
    assert first[0][0].all()
    assert not first[0][1].any()
    assert not first[1].any()


def test_offsets_are_those_of_a_whole_run_on_the_ensemble(
    posterior: Posterior, baseline: Baseline
) -> None:
    """Nothing but the offsets is computed, and the reference path of the last setting is kept."""
    settings = (
        ["levers.*.gdp_growth={value: 5%, mode: centre}"],
        ["levers.donghu.gdp_growth={value: 6%, mode: centre}", "assumptions.national_growth=4%"],
        ["levers.jingkai.industries.automotive.growth={value: 3%, mode: centre}"],
    )
    ensemble = centre_ensemble(posterior)[:2]
    for setting in settings:
        scenario = load_scenario("baseline", baseline, [*setting, "horizon=2027"])
        found = centre_offsets(posterior, scenario, ensemble=ensemble)
        assert found is not None
        blocks = [vars(build_parameters(members, scenario)) for members in ensemble]
        joined = {
            name: np.concatenate([block[name] for block in blocks], axis=-1)
            for name, array in blocks[0].items()
            if isinstance(array, np.ndarray) and array.shape[-1:] == (1024,)
        }
        whole = simulate(replace(build_parameters(ensemble[0], scenario), **joined))
        np.testing.assert_array_equal(found[0], whole["zone_offset"])
        np.testing.assert_array_equal(found[1], whole["activity_offset"])
        assert found[0].any() or found[1].any()


def test_nothing_to_centre(posterior: Posterior, baseline: Baseline) -> None:
    assert centre_offsets(posterior, load_scenario("growth-5", baseline)) is None
