"""Sweeps: the points that axes span, and what is wrong with a sweep file."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simcore.baseline import Baseline, load_baseline
from simcore.design import Axis, Design, describe, is_sweep, load_design
from simcore.errors import InputError, Problem
from simcore.scenario import find_scenario

HEAD = "simcore: 1\nname: test\nlabel: {en: test, zh: 测试}\n"  # axes start in line 4
BASELINE = load_baseline()


@pytest.fixture
def baseline() -> Baseline:
    return BASELINE


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def design(text: str, head: str = HEAD) -> Design:
    Path("sweep.yaml").write_text(head + text, encoding="utf-8")
    return load_design("./sweep.yaml", BASELINE)


def values(text: str) -> list[tuple[Any, ...]]:
    return [tuple(point.values.values()) for point in design(text).points]


def refused(text: str, head: str = HEAD) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        design(text, head)
    assert caught.value.problems, f"without a place: {caught.value}"
    return caught.value.problems


AXES = """axes:
  levers.*.gdp_growth: {values: [3%, 5%, 7%]}
  levers.donghu.rnd_intensity: {from: 8%, to: 10%, steps: 3}
"""

# --- axes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        ({"values": ["3%", "5%"]}, ["3%", "5%"]),
        ({"from": "3%", "to": "9%", "steps": 7}, [f"{rate}%" for rate in range(3, 10)]),
        ({"from": "-1 pp", "to": "1 pp", "steps": 3}, ["-1 pp", "0 pp", "1 pp"]),
        ({"from": "9%", "to": "3%", "steps": 2}, ["9%", "3%"]),
        ({"from": 0.1, "to": 0.3, "steps": 3}, [0.1, 0.2, 0.3]),
        ({"from": "0.1%", "to": "0.2%", "steps": 2}, ["0.1%", "0.2%"]),
    ],
)
def test_axis(axis: dict[str, Any], expected: list[Any]) -> None:
    assert Axis.model_validate(axis).listed() == expected


def test_spaced_values_are_as_exact_as_they_are_written() -> None:
    axis = Axis.model_validate({"from": "0%", "to": "10%", "steps": 8})
    rates = [float(str(value).removesuffix("%")) for value in axis.listed()]
    np.testing.assert_allclose(rates, np.linspace(0, 10, 8), rtol=1e-5)


# --- combinations ---------------------------------------------------------------------------------


def test_grid_is_every_combination_the_last_axis_fastest() -> None:
    wanted = list(itertools.product(["3%", "5%", "7%"], ["8%", "9%", "10%"]))
    assert values(AXES) == wanted
    assert values(AXES + "combine: grid\n") == wanted


def test_zip_takes_the_axes_side_by_side() -> None:
    assert values(AXES + "combine: zip\n") == [("3%", "8%"), ("5%", "9%"), ("7%", "10%")]


SPACED = """axes:
  levers.*.gdp_growth: {from: 2%, to: 10%}
  levers.donghu.tfp: {from: -1 pp, to: 1 pp}
  levers.donghu.rnd_intensity: {from: 3%, to: 6%}
"""


def shares(found: list[tuple[Any, ...]]) -> np.ndarray:
    """Where points lie between the ends of the axes, (point, axis)."""
    numbers = [[float(str(v).removesuffix("%").removesuffix(" pp")) for v in row] for row in found]
    low, high = np.array([2, -1, 3]), np.array([10, 1, 6])
    return np.asarray((np.array(numbers) - low) / (high - low))


def test_latin_hypercube_has_one_point_in_every_slice() -> None:
    found = shares(values(SPACED + "combine: lhs\npoints: 20\n"))
    assert found.shape == (20, 3)
    for axis in found.T:
        assert sorted(np.floor(axis * 20).astype(int)) == list(range(20))


def test_sobol_is_balanced_in_every_quarter() -> None:
    found = shares(values(SPACED + "combine: sobol\npoints: 16\n"))
    for axis in found.T:
        np.testing.assert_array_equal(np.bincount(np.floor(axis * 16).astype(int)), np.ones(16))


@pytest.mark.parametrize("combine", ["lhs", "sobol"])
def test_spread_points_depend_on_the_seed_alone(combine: str) -> None:
    text = SPACED + f"combine: {combine}\npoints: 8\n"
    first = values(text + "sampling: {seed: 1}\n")
    assert values(text + "sampling: {seed: 1, draws: 5}\n") == first
    assert values(text + "sampling: {seed: 2}\n") != first


# --- points ---------------------------------------------------------------------------------------


def test_a_point_is_the_base_with_the_axes_values() -> None:
    found = design("base: rnd-12\n" + AXES.replace("rnd_intensity", "tfp").replace("8%", "-1 pp")
                   .replace("10%", "1 pp") + "sampling: {draws: 7, seed: 9}\n")  # fmt: skip
    point = found.points[5]
    levers = point.scenario.levers
    assert levers["*"].gdp_growth is not None
    assert levers["*"].gdp_growth.value == 0.05
    assert levers["donghu"].tfp is not None
    assert levers["donghu"].tfp.value == 0.01
    assert levers["donghu"].rnd_growth is not None  # of the base
    assert point.scenario.name == "*.gdp_growth=5%, donghu.tfp=1 pp"
    assert (found.sweep.sampling.draws, found.sweep.sampling.seed) == (7, 9)


def test_several_bases_are_crossed_with_the_axes() -> None:
    found = design("base: [baseline, rnd-14]\naxes: {horizon: {values: [2030, 2032]}}\n")
    assert [point.scenario.name for point in found.points] == [
        "baseline, horizon=2030", "baseline, horizon=2032",
        "rnd-14, horizon=2030", "rnd-14, horizon=2032",
    ]  # fmt: skip
    assert [point.scenario.horizon for point in found.points] == [2030, 2032, 2030, 2032]


def test_every_zone_of_an_axis_wins_over_the_zones_of_its_base() -> None:
    found = design("base: plan-14fyp\naxes: {'levers.*.gdp_growth': {values: [4%]}}\n")
    for zone in BASELINE.zones:
        growth = found.points[0].scenario.zone_levers(zone).gdp_growth
        assert growth is not None
        assert (growth.value, growth.until) == (0.04, None)


def test_describe() -> None:
    points = design(AXES + "combine: zip\n").points
    assert describe(points) == {
        "levers.*.gdp_growth": ["3%", "5%", "7%"],
        "levers.donghu.rnd_intensity": ["8%", "9%", "10%"],
    }
    assert describe([]) == {}


def test_is_sweep() -> None:
    assert is_sweep(find_scenario("growth-by-rnd"))
    assert not is_sweep(find_scenario("growth-5"))


def test_a_base_file_stands_beside_its_sweep(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "mine.yaml").write_text(HEAD.replace("test", "mine") + "extends: baseline\n")
    text = HEAD + "base: ./mine.yaml\naxes: {horizon: {values: [2030]}}\n"
    (folder / "sweep.yaml").write_text(text)
    (point,) = load_design("inner/sweep.yaml", BASELINE).points
    assert point.scenario.horizon == 2030


def test_many_axes_have_a_name() -> None:
    place = "levers.jingkai.industries.{}.tfp"
    names = [activity.industry for activity in BASELINE.activities if activity.zone == "jingkai"]
    axes = "".join(f"  {place.format(name)}: {{values: [0 pp]}}\n" for name in names)
    found = design("axes:\n" + axes)
    assert len(found.points) == 1


# --- faults ---------------------------------------------------------------------------------------

FAULTS = {
    "misspelt lever": (
        "axes:\n  levers.*.gdp_grwth: {values: [3%]}\n", (5, 3), r"unknown key 'gdp_grwth'; did you"
    ),
    "unknown zone": (
        "axes:\n  levers.dongu.gdp_growth: {values: [3%]}\n", (5, 3), r"unknown zone 'dongu'; did"
    ),
    "wrong unit": ("axes:\n  levers.*.tfp: {values: [3%]}\n", (5, 3), r"not a difference"),
    "no unit": ("axes:\n  levers.*.gdp_growth: {values: [3]}\n", (5, 3), r"with its sign: 3%"),
    "no axes": ("base: baseline\n", (1, 1), r"the key 'axes' is missing"),
    "empty axes": ("axes: {}\n", (4, 1), r"at least 1 item"),
    "empty values": ("axes:\n  horizon: {values: []}\n", (5, 13), r"at least 1 item"),
    "nothing": ("axes:\n  horizon: {steps: 3}\n", (5, 3), r"give either values, or from, to"),
    "half a span": ("axes:\n  horizon: {from: 3, steps: 3}\n", (5, 3), r"give either values"),
    "both": (
        "axes:\n  horizon: {values: [1], from: 3, to: 4, steps: 2}\n", (5, 3), r"give either values"
    ),
    "values and half a span": (
        "axes:\n  horizon: {values: [2030], from: 2028}\n", (5, 3), r"give either values"
    ),
    "values and steps": (
        "axes:\n  horizon: {values: [2030], steps: 2}\n", (5, 3), r"give either values"
    ),
    "one step": ("axes:\n  horizon: {from: 1, to: 2, steps: 1}\n", (5, 29), r"greater than"),
    "different units": (
        "axes:\n  levers.*.gdp_growth: {from: 3%, to: 9, steps: 3}\n", (4, 1), r"different units"
    ),
    "no number": (
        "axes:\n  levers.*.gdp_growth: {from: low, to: 9%, steps: 3}\n", (4, 1), r"'low' is neither"
    ),
    "unknown way": (AXES + "combine: gird\n", (7, 1), r"'gird' is not one of 'grid', 'zip'"),
    "zip of different lengths": (
        "combine: zip\naxes:\n  horizon: {values: [2030, 2031]}\n"
        "  levers.*.tfp: {values: [1 pp]}\n",
        (5, 1), r"zip needs axes of one length, not 2, 1",
    ),
    "lhs without points": (SPACED + "combine: lhs\n", (4, 1), r"lhs needs points: N"),
    "lhs of values": (AXES + "combine: lhs\npoints: 4\n", (4, 1), r"lhs needs axes given by from"),
    "grid with points": (AXES + "points: 4\n", (4, 1), r"points go with lhs or sobol, not with"),
    "sobol of seven": (SPACED + "combine: sobol\npoints: 7\n", (4, 1), r"a power of two"),
    "too many points": (
        "axes:\n  horizon: {from: 2024, to: 2100, steps: 200}\n"
        "  levers.*.tfp: {from: 0 pp, to: 1 pp, steps: 200}\n", (4, 1), r"40000 points; at most",
    ),
    "unknown base": ("base: basline\n" + AXES, (4, 1), r"no such scenario; did you mean 'base"),
    "unknown base of many": ("base: [baseline, x-y]\n" + AXES, (4, 18), r"no such scenario"),
    "unknown key": (AXES + "horizn: 2030\n", (7, 1), r"unknown key 'horizn'"),
    "values twice": ("axes:\n  horizon: {values: [2030, 2030]}\n", (5, 3), r"twice"),
    "axis without effect": ("axes:\n  sampling.draws: {values: [5, 6]}\n", (5, 3), r"sampling"),
    "axis of names": ("axes:\n  name: {values: [a, b]}\n", (5, 3), r"name"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found_and_placed(fault: str) -> None:
    text, place, message = FAULTS[fault]
    found = refused(text)
    assert {problem.file for problem in found} == {"sweep.yaml"}
    with pytest.raises(InputError, match=message):
        design(text)
    assert place in {(problem.line, problem.column) for problem in found}


def test_a_fault_names_its_point() -> None:
    problems = refused("axes:\n  levers.*.gdp_growth: {values: [5%, 500%]}\n")
    assert len(problems) == 1
    assert "500% lies outside -50% to 100%" in problems[0].message
    assert problems[0].message.endswith("(point levers.*.gdp_growth=500%)")


def test_an_unknown_sweep() -> None:
    with pytest.raises(InputError, match="no such scenario; did you mean 'growth-by-rnd'"):
        load_design("growth-by-rnb", BASELINE)
    with pytest.raises(InputError, match=r"lost\.yaml:1:1: cannot be read"):
        load_design("lost.yaml", BASELINE)
