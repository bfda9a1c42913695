"""Paths, costs and levers on projects of a goal seek."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import simcore
from simcore import solve
from simcore.appraisal import load_appraisal
from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.goal_seek import Solution
from simcore.instruments import instrument_of
from simcore.lever_costs import Spending, discount_rate, flows_of

pytestmark = pytest.mark.usefixtures("sought_once")
GOAL = "donghu.gdp.2028=3900"


def ran(*settings: str, draws: int, seed: int, **how: Any) -> xr.Dataset:
    return simcore.run("baseline", settings=settings, draws=draws, seed=seed, **how)


def share(dataset: xr.Dataset, above: float, year: int = 2028) -> float:
    met = dataset.simcore.probability("gdp", year=year, above=above, published=True)
    return float(met.sel(zone="donghu").item())


# --- costs ----------------------------------------------------------------------------------------


class Known:
    """Spending of 100 in the first year, 10 more in each later one, at a price of 2."""

    years = range(2024, 2027)

    def at(self, variable: str, zone: str, year: int, industry: str | None = None) -> np.ndarray:
        first = {"deflator": 2.0, "rnd": 100.0 + 10 * (year - 2024)}[variable]
        return np.array([first, first])


def test_spending_is_discounted_to_the_base_year() -> None:
    spending = Spending([("donghu", "rnd")], range(2024, 2027), 2023, 0.1)
    wanted = 50 / 1.1 + 55 / 1.1**2 + 60 / 1.1**3
    np.testing.assert_allclose(spending.of(Known()), wanted)
    cost = spending.cost(np.array([3.0, 5.0, np.nan]), np.array([1.0, 1.0, 1.0]))
    assert cost.mean == 3
    assert cost.q05 < 3 < cost.q95


def test_the_discount_rate_has_a_source_and_can_be_replaced() -> None:
    rate = load_appraisal().discount_rate
    assert discount_rate(None) == rate.value
    assert rate.source
    assert discount_rate("5%") == discount_rate(0.05) == 0.05
    with pytest.raises(
        InputError, match="discount rate: a percentage is written with its sign: 5% instead of 5"
    ):
        discount_rate("5")
    with pytest.raises(InputError, match="discount rate 90% is not between 0% and 50%"):
        discount_rate("90%")


def test_every_flow_counts_once(baseline: Baseline) -> None:
    levers = {name: instrument_of(name, baseline) for name in (
        "*.rnd_growth", "donghu.rnd_intensity", "donghu.investment_rate", "donghu.tfp",
        "jingkai.projects.funds", "jingkai.projects.delay",
    )}  # fmt: skip

    def flows(*names: str) -> list[tuple[str, str]]:
        return flows_of([levers[name] for name in names], tuple(baseline.zones))

    both = [("donghu", "rnd"), ("jingkai", "rnd")]
    assert flows("*.rnd_growth", "donghu.rnd_intensity") == both
    assert flows("donghu.investment_rate") == [("donghu", "investment")]
    assert flows("jingkai.projects.funds") == [("jingkai", "investment")]
    assert flows("donghu.rnd_intensity", "donghu.tfp") == []
    assert flows("jingkai.projects.delay") == []


def test_the_cost_is_that_of_the_run() -> None:
    found = solve(GOAL, 0.5, "donghu.investment_rate", draws=128, seed=3, discount="5%")
    both = [ran(*some, draws=128, seed=3) for some in ([], [found.setting])]
    spent = [one["investment"].sel(zone="donghu") / one["deflator"].sel(zone="donghu")
             for one in both]  # fmt: skip
    years = slice(2024, 2028)
    added = (spent[1].squeeze() - spent[0].squeeze()).sel(year=years)
    total = (added * 1.05 ** (2023 - added["year"])).sum("year")
    assert found.cost is not None
    assert found.cost.mean == pytest.approx(float(total.mean()), rel=1e-4)
    assert found.cost.q05 < found.cost.mean < found.cost.q95
    dear = solve(GOAL, 0.5, "donghu.investment_rate", draws=128, seed=3, discount=0)
    assert (dear.value, dear.setting) == (found.value, found.setting)
    assert dear.cost is not None
    assert dear.cost.mean > found.cost.mean > 0


# --- paths ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cheapest() -> Solution:
    return solve(GOAL, 0.5, "donghu.investment_rate", draws=256, seed=3, minimise="cost")


def test_the_cheapest_of_all_paths_is_found(cheapest: Solution) -> None:
    shapes = [(one.shape.form, one.shape.start) for one in cheapest.candidates]
    assert shapes == [("constant", year) for year in range(2024, 2029)] + [
        ("ramp", year) for year in range(2024, 2028)
    ]
    costs = [one.cost.mean for one in cheapest.candidates if one.cost]
    assert len(costs) == len(shapes)
    assert cheapest.cost is not None
    assert cheapest.cost.mean == min(costs)
    assert all(one.feasible and one.probability >= 0.5 for one in cheapest.candidates)
    constant = [one.value for one in cheapest.candidates if one.shape.form == "constant"]
    assert constant == sorted(constant)  # who begins later needs more


def test_every_path_put_back_does_it(cheapest: Solution) -> None:
    for one in (cheapest, cheapest.candidates[2], cheapest.candidates[-1]):
        again = share(ran(one.setting, draws=256, seed=3), 3900)
        assert again == pytest.approx(one.probability, abs=1e-3)


def test_the_cheapest_path_holds_on_fresh_draws(cheapest: Solution) -> None:
    draws = 2048
    error = math.sqrt(0.25 * (1 / cheapest.draws + 1 / draws))
    fresh = share(ran(cheapest.setting, draws=draws, seed=88), 3900)
    assert fresh == pytest.approx(cheapest.probability, abs=2 * error)


def test_a_ramp_starts_from_what_there_is() -> None:
    found = solve(GOAL, 0.5, "donghu.investment_rate", path="ramp", from_year=2025, draws=128)
    usual = ran(draws=128, seed=found.seed).sel(zone="donghu", year=2025).squeeze()
    median = float((usual["investment"] / usual["gdp"]).median())
    assert found.shape.usual == pytest.approx(median, abs=1e-4)
    assert f"{{path: {{2025: {100 * median:.2f}%, 2028: " in found.setting


@pytest.mark.parametrize(
    ("instrument", "start"),
    [
        ("donghu.tfp", "+0.00 pp"), ("donghu.rnd_growth", "6."), ("donghu.rnd_intensity", "8."),
        ("donghu.labour_growth", ""), ("donghu.optoelectronics.growth", ""),
    ],
)  # fmt: skip
def test_every_lever_has_a_ramp(instrument: str, start: str) -> None:
    found = solve("donghu.gdp.2028>=2000", 0.01, instrument, path="ramp", draws=64)
    assert found.setting.split("path: {2024: ")[1].startswith(start)
    ends = ", until: 2028}" if instrument == "donghu.rnd_growth" else "}"
    assert found.setting.endswith(ends)


@pytest.mark.parametrize(
    ("instrument", "how", "message"),
    [
        ("donghu.tfp", {"minimise": "cost"}, "donghu.tfp has no cost in the model"),
        ("donghu.projects.delay", {"minimise": "cost"}, "has no cost in the model"),
        ("donghu.tfp", {"minimise": "costs"}, "unknown objective 'costs'; did you mean 'cost'"),
        ("donghu.tfp", {"path": "rampe"}, "unknown path 'rampe'; did you mean 'ramp'"),
        ("donghu.tfp", {"from_year": 2029}, "begins in 2024 to 2028, not in 2029"),
        ("donghu.tfp", {"path": "ramp", "from_year": 2028}, "begins in 2024 to 2027, not in 2028"),
        ("*.rnd_growth", {"path": "ramp"}, "starts from what one zone does"),
        ("donghu.projects.funds", {"from_year": 2025}, "levers on projects have no path"),
    ],
)
def test_paths_and_costs_that_are_none(
    instrument: str, how: dict[str, Any], message: str
) -> None:  # fmt: skip
    with pytest.raises(InputError, match=message):
        solve(GOAL, 0.5, instrument, draws=16, **how)


PATHS = {
    "levers.donghu.investment_rate": "{path: {2025: 40%, 2030: 50%}}",
    "levers.donghu.industries.optoelectronics.growth": "{path: {2025: 4%, 2030: 5%}}",
    "levers.*.tfp": "{path: {2025: 1 pp}}",
}


@pytest.mark.parametrize(
    ("instrument", "how"),
    [
        ("donghu.investment_rate", {"from_year": 2028}),
        ("donghu.investment_rate", {"path": "ramp"}),
        ("donghu.investment_rate", {"minimise": "cost"}),
        ("donghu.optoelectronics.growth", {"from_year": 2026}),
        ("*.tfp", {"from_year": 2026}),
    ],
)
def test_a_path_beside_the_scenarios_own_is_refused(instrument: str, how: dict[str, Any]) -> None:
    settings = [f"{key}={path}" for key, path in PATHS.items()]
    with pytest.raises(InputError, match=f"has a path of its own for {re.escape(instrument)};"):
        solve(GOAL, 0.5, instrument, draws=16, settings=settings, **how)


def test_one_value_takes_the_place_of_a_path() -> None:
    """Without the path in the same place there is nothing to mix: the zone's own wins."""
    settings = ["levers.donghu.investment_rate={path: {2025: 40%, 2030: 50%}}"]
    found = solve(GOAL, 0.5, "donghu.investment_rate", draws=64, seed=3, settings=settings)
    plain = solve(GOAL, 0.5, "donghu.investment_rate", draws=64, seed=3)
    assert (found.value, found.setting) == (plain.value, plain.setting)
    wide = ["levers.*.investment_rate={path: {2025: 40%, 2030: 50%}}"]
    late = solve(
        GOAL, 0.5, "donghu.investment_rate", draws=64, seed=3, settings=wide, from_year=2025
    )
    assert late.setting.startswith("levers.donghu.investment_rate={path: {2025: ")


# --- projects -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("few_replications")
def test_projects_are_an_instrument() -> None:
    found = solve("donghu.gdp.2030=4500", 0.5, "donghu.projects.sizes", draws=512, seed=5)
    assert found.feasible
    assert found.monotone
    assert found.setting.startswith("levers.donghu.projects.sizes=+")
    assert found.cost is not None
    assert found.cost.mean > 0
    again = share(ran(found.setting, draws=512, seed=5), 4500, 2030)
    assert again == pytest.approx(found.probability, abs=1e-3)
    assert again >= 0.5
    less = found.setting.replace(f"{100 * found.value:+g}", f"{100 * found.value - 5:+g}")
    assert share(ran(less, draws=512, seed=5), 4500, 2030) < 0.5
    draws = 2048
    error = math.sqrt(0.25 * (1 / found.draws + 1 / draws))
    fresh = share(ran(found.setting, draws=draws, seed=6), 4500, 2030)
    assert fresh == pytest.approx(found.probability, abs=2 * error)


@pytest.mark.usefixtures("few_replications")
def test_funds_that_do_not_bind_do_nothing() -> None:
    found = solve("donghu.gdp.2030=4500", 0.6, "donghu.projects.funds", draws=256, seed=5)
    assert not found.feasible
    assert found.value == 0
    assert found.probability == found.without


@pytest.mark.usefixtures("few_replications")
def test_the_longest_delay_that_a_goal_can_bear() -> None:
    found = solve("donghu.gdp.2030=4000", 0.55, "donghu.projects.delay", draws=256, seed=5)
    assert found.feasible
    assert 0 < found.value < 5
    assert found.monotone
    assert found.cost is None
    more = f"levers.donghu.projects.delay={found.value + 0.25:+g} years"
    assert share(ran(more, draws=256, seed=5), 4000, 2030) < 0.55 <= found.probability


# --- two levers -----------------------------------------------------------------------------------


def test_a_frontier_knows_its_cheapest_pair() -> None:
    found = simcore.frontier(
        GOAL, 0.55, ("donghu.rnd_growth", "donghu.investment_rate"), draws=128, seed=3,
        sampler="sobol", precision="single",
    )  # fmt: skip
    costs = [p.answer.cost.mean for p in found.points if p.answer.cost and p.answer.feasible]
    assert found.cheapest is not None
    assert found.cheapest.answer.cost is not None
    assert found.cheapest.answer.cost.mean == min(costs)
    pair = [found.cheapest.setting, found.cheapest.answer.setting]
    how: dict[str, Any] = {"sampler": "sobol", "precision": "single", "draws": 128, "seed": 3}
    both = [ran(*some, **how) for some in ([], pair)]
    assert share(both[1], 3900) >= 0.55
    total = 0.0
    for name in ("rnd", "investment"):
        spent = [one[name] / one["deflator"] for one in both]
        added = (spent[1].squeeze() - spent[0].squeeze()).sel(zone="donghu", year=slice(2024, 2028))
        total += float((added * 1.08 ** (2023 - added["year"])).sum("year").mean())
    assert min(costs) == pytest.approx(total, rel=1e-3)


def test_a_frontier_with_what_has_no_cost_has_no_cheapest_pair() -> None:
    found = simcore.frontier(GOAL, 0.55, ("donghu.tfp", "donghu.investment_rate"), draws=64)
    assert found.cheapest is None
    assert all(point.answer.cost is None for point in found.points)


def test_the_discount_rate_is_part_of_the_calibration(tmp_path: Path) -> None:
    (tmp_path / "appraisal.yaml").write_text("discount_rate: {value: 6%}\n", encoding="utf-8")
    with simcore.using_calibration(tmp_path):
        assert discount_rate(None) == 0.06
    (tmp_path / "appraisal.yaml").write_text("discount_rate: {value: 60%}\n", encoding="utf-8")
    with simcore.using_calibration(tmp_path), pytest.raises(InputError, match="0% to 50%"):
        discount_rate(None)
