"""What would it take: the smallest value of a lever that makes a goal likely enough."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import simcore
from simcore import solve
from simcore.aims import aim_of
from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.goal_seek import Solution
from simcore.instruments import COARSE, OF_PROJECTS, OF_ZONES, STEP, instrument_of
from simcore.lever_shapes import setting
from simcore.quantile_search import Search

pytestmark = pytest.mark.usefixtures("sought_once")
GOAL = "donghu.gdp.2028=4500"


@pytest.fixture(scope="module")
def found() -> Solution:
    return solve(GOAL, "70%", "donghu.tfp", draws=1024, seed=5)


def share(setting: str, draws: int, seed: int) -> float:
    dataset = simcore.run("baseline", settings=[setting], draws=draws, seed=seed)
    met = dataset.simcore.probability("gdp", year=2028, above=4500, published=True)
    return float(met.sel(zone="donghu").item())


def test_the_solution_does_it_and_a_step_less_does_not(found: Solution) -> None:
    assert found.feasible
    assert found.probability >= 0.7 > found.without
    assert share(found.setting, 1024, 5) == pytest.approx(found.probability, abs=1e-3)
    less = setting(found.instrument, found.value - STEP, 2028)
    assert share(less, 1024, 5) < 0.7


def test_the_solution_holds_on_fresh_draws(found: Solution) -> None:
    draws = 2048
    error = math.sqrt(0.7 * 0.3 * (1 / found.draws + 1 / draws))
    assert share(found.setting, draws, 77) == pytest.approx(found.probability, abs=2 * error)


def test_it_is_bracketed_monotone_and_reproducible(found: Solution) -> None:
    values = [trial.value for trial in found.trials]
    assert (values[0], values[-1]) == (found.instrument.low, found.instrument.high)
    assert found.monotone
    again = solve(GOAL, 0.7, "donghu.tfp", draws=1024, seed=5)
    assert (again.value, again.probability) == (found.value, found.probability)


def test_a_path_laid_on_centred_growth_means_what_its_setting_means(tmp_path: Path) -> None:
    """One value is met in every draw, also where the scenario centres; a path then says so."""
    base = tmp_path / "centred.yaml"
    base.write_text(
        "simcore: 1\nname: centred\nlabel: {en: centred, zh: 平均}\nextends: baseline\nlevers:\n"
        "  donghu: {industries: {optoelectronics: {growth: {value: 6%, mode: centre}}}}\n",
        encoding="utf-8",
    )
    settings = {}
    for year in (None, 2025):
        one = solve(
            "donghu.gdp.2028=4200", "60%", "donghu.optoelectronics.growth", base=str(base),
            from_year=year, draws=128, seed=5,
        )  # fmt: skip
        assert one.feasible
        settings[year] = one.setting
        again = simcore.run(str(base), settings=[one.setting], draws=128, seed=5)
        met = again.simcore.probability("gdp", year=2028, above=4200, published=True)
        assert float(met.sel(zone="donghu").item()) == pytest.approx(one.probability, abs=1e-6)
        output = again["value_added"].sel(zone="donghu", industry="optoelectronics").squeeze()
        real = output / again["deflator"].sel(zone="donghu").squeeze()
        growth = (real.sel(year=2028) / real.sel(year=2027)).values - 1
        np.testing.assert_allclose(growth, one.value, atol=1e-5)  # in every draw
    assert settings[None].endswith("%")
    assert settings[2025].endswith("%}, mode: set}")


def test_more_probability_takes_more(found: Solution) -> None:
    more = solve(GOAL, 0.9, "donghu.tfp", draws=1024, seed=5)
    assert more.value > found.value


def test_what_no_value_reaches_says_what_the_best_does() -> None:
    best = solve("donghu.gdp.2025.target", "80%", "donghu.rnd_growth", draws=256, seed=5)
    assert not best.feasible
    assert best.probability == best.best_probability == 0
    assert len(best.trials) == 3
    assert best.value == best.instrument.high  # of equals the closest to the goal


def test_what_is_there_already_takes_the_low_end() -> None:
    easy = solve(
        "donghu.gdp.2030>=1000", 0.8, "donghu.labour_growth", between=("0%", "5%"), draws=64
    )  # fmt: skip
    assert (easy.feasible, easy.value, easy.probability) == (True, 0.0, 1.0)


@pytest.mark.parametrize(
    ("target", "instrument", "start"),
    [
        ("donghu.rnd.growth.2021_2025.target", "donghu.rnd_growth",
         "levers.donghu.rnd_growth={value: "),
        ("jingkai.gdp_growth.2024-2030=6%", "*.investment_rate", "levers.*.investment_rate="),
        ("jingkai.automotive.output.2028=3200", "jingkai.automotive.growth",
         "levers.jingkai.industries.automotive.growth="),
        ("donghu.digital_core.2028=40%", "donghu.digital_services.growth",
         "levers.donghu.industries.digital_services.growth="),
    ],
)  # fmt: skip
def test_targets_and_instruments(target: str, instrument: str, start: str) -> None:
    solution = solve(target, 0.5, instrument, draws=128, seed=1)
    assert solution.feasible
    assert solution.setting.startswith(start)
    assert 0.5 <= solution.probability < 0.55


def test_a_goal_of_at_most_is_turned_round() -> None:
    solution = solve("donghu.gdp.2028<=3000", 0.5, "donghu.tfp", draws=128, seed=1)
    assert solution.feasible
    assert solution.value == solution.instrument.low


# --- the search, on a function that is known ------------------------------------------------------


RATE, PROJECTS, DELAY = OF_ZONES["rnd_growth"], OF_PROJECTS["arrivals"], OF_PROJECTS["delay"]


def normals() -> np.ndarray:
    return np.random.default_rng(1).standard_normal(1000)


def test_the_search_finds_the_quantile() -> None:
    """X = 100 · value + z in every draw: the quantile of z decides."""
    z = normals()
    search = Search(lambda value: z + 100 * value - 3, 0.8, RATE)
    value, feasible = search.found(0.0, 1.0)
    exact = (3.0 - np.sort(z)[200]) / 100
    assert feasible
    assert exact <= value <= exact + STEP
    assert 0.8 <= (z + 100 * value >= 3).mean() <= 0.805


@pytest.mark.parametrize(("goal", "wanted"), [(0.3, 0.3), (0.3, 0.95), (-0.8, 0.9), (0.5, 0.9)])
def test_a_coarse_search_finds_the_first_step_in_few_trials(goal: float, wanted: float) -> None:
    """X = √(1 + value) + z / 10, which bends, tried in steps of 5 %, none twice."""
    z, asked = normals() / 10, []

    def past(value: float) -> np.ndarray:
        asked.append(value)
        return 3 * (np.sqrt(1 + value) - 1) + z - goal

    value, feasible = Search(past, wanted, PROJECTS).found(-0.9, 1.0)
    assert feasible
    assert (past(value) >= 0).mean() >= wanted
    assert (past(value - COARSE) >= 0).mean() < wanted
    assert len(asked) <= 9
    assert len(set(asked[:-2])) == len(asked[:-2])


def test_of_what_lowers_a_goal_the_most_is_found() -> None:
    z = normals() / 10
    search = Search(lambda value: 1 - 0.4 * value + z, 0.9, DELAY)
    value, feasible = search.found(-2.0, 5.0)
    assert feasible
    assert value == pytest.approx(0.25 * math.floor((1 + np.sort(z)[100]) / 0.4 / 0.25))
    assert Search(lambda value: -1 - 0.1 * value + z, 0.9, DELAY).found(-2.0, 5.0) == (-2.0, False)


# --- what cannot be asked -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("donghu.gdp", "is none: ZONE.VARIABLE.YEAR=VALUE"),
        ("dongu.gdp.2030=5000", "unknown zone 'dongu'; did you mean 'donghu'"),
        ("donghu.gpd.2030=5000", "unknown variable 'gpd'; did you mean 'gdp'"),
        ("donghu.gdp.2030=many", "'many' is no number"),
        ("donghu.gdp.2030=inf", "'inf' is not a finite number"),
        ("donghu.gdp.2030=5000%", "gdp is in 100 million CNY, not in percent"),
        ("donghu.optoelectronics.output.2030>=50%", "output is in 100 million CNY, not in percent"),
        ("donghu.gdp.2024-2030=5%", "an average over years is of gdp_growth alone"),
        ("donghu.gdp.2020", "is no goal, but actual"),
        ("donghu.environment.forest.share.2025.target", "its pace alone is"),
    ],
)
def test_targets_that_are_none(target: str, message: str, baseline: Baseline) -> None:
    with pytest.raises(InputError, match=message):
        aim_of(target, baseline)


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("donghu.gdp_growth.2030=5%", 5), ("donghu.gdp_growth.2024-2030=5%", 5),
        ("donghu.digital_core.2030=45%", 45), ("donghu.rnd_intensity.2030=9%", 9),
    ],
)  # fmt: skip
def test_percentages_are_of_growth_and_shares(
    target: str, value: float, baseline: Baseline
) -> None:
    assert aim_of(target, baseline).value == value


@pytest.mark.parametrize(
    ("instrument", "message"),
    [
        ("dongu.tfp", "unknown zone 'dongu'; did you mean 'donghu'"),
        ("donghu", "is none: ZONE.LEVER or ZONE.INDUSTRY.LEVER"),
        ("rnd_growth", r"of which zone\? did you mean 'donghu.rnd_growth'"),
        ("donghu.rd_growth", "unknown lever 'rd_growth'; did you mean 'rnd_growth'"),
        ("donghu.automotive.growth", "unknown industry 'automotive'"),
    ],
)
def test_instruments_that_are_none(instrument: str, message: str, baseline: Baseline) -> None:
    with pytest.raises(InputError, match=message):
        instrument_of(instrument, baseline)


def test_ranges_that_are_none(baseline: Baseline) -> None:
    with pytest.raises(InputError, match="5% is not below 5%"):
        instrument_of("donghu.rnd_growth", baseline, ("5%", "5%"))
    with pytest.raises(InputError, match="a percentage is written with its sign|not a percentage"):
        instrument_of("donghu.rnd_growth", baseline, ("0", "0.2"))


def test_years_and_probabilities_that_are_none() -> None:
    with pytest.raises(InputError, match="2040 is after the horizon, 2035"):
        solve("donghu.gdp.2040=5000", 0.8, "donghu.tfp")
    with pytest.raises(InputError, match="levers act from 2024 on"):
        solve("donghu.gdp.2023=5000", 0.8, "donghu.tfp")
    for wrong in (1.0, "120%"):
        with pytest.raises(InputError, match="is not between 0% and 100%"):
            solve(GOAL, wrong, "donghu.tfp")
    with pytest.raises(InputError, match="is not a percentage such as 5%"):
        solve(GOAL, "often", "donghu.tfp")


def test_the_middle_is_best_and_known_by_its_written_value() -> None:
    """The high end cannot be, the low end misses by more: the middle is best, of (0 + 30 %) / 2."""

    def past(value: float) -> np.ndarray:
        return np.full(8, -np.inf if value > 0.2 else value - 1.0)

    low, high = 0.0, 0.1 + 0.2
    search = Search(past, 0.8, RATE)
    value, feasible = search.found(low, high)
    assert not feasible
    assert value == 0.15
    assert not search.tried[value].any()
