"""Simple forecasts, computed by hand from a few figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simcore.benchmarks import Normal, Point, Quantity, middle, observed_values, scale
from simcore.entries import Figure
from simcore.priors import Priors, load_priors

STEP = 0.03


@pytest.fixture(scope="module")
def priors() -> Priors:
    return load_priors()


def figure(name: str, value: float, period: Any, **more: Any) -> Figure:
    """A figure of a zone's GDP; more says what is unusual about it."""
    fields: dict[str, Any] = {
        "id": name, "term": "x", "zone": "a", "indicator": "gdp", "concept": "level",
        "value": value, "unit": "亿元", "period": period, "kind": "actual", "qualifier": "exact",
        "price_basis": "none", "source": {"document": "d", "section": "1", "line": 1},
    }  # fmt: skip
    return Figure(**fields | more)


def growth(name: str, value: float, period: Any, **more: Any) -> Figure:
    return figure(name, value, period, concept="growth", unit="%", **more)


def quantity(priors: Priors, *figures: Figure) -> Quantity:
    return Quantity(figures, STEP, priors)


LATER = figure("a.gdp.2023", 150, 2023)
LATER_GROWTH = growth("a.gdp.growth.2023", 5, 2023)


def test_units_are_made_alike() -> None:
    assert [scale(unit) for unit in ("家", "万户", "亿元", "万亿元", "%")] == [1, 1e4, 1e8, 1e12, 1]


def test_an_exact_figure_stands_for_its_rounding(priors: Priors) -> None:
    values = observed_values(figure("a.b", 4.7, 2023), priors)
    assert middle(values) == pytest.approx(4.7)
    assert 4.65 < values[0] < values[-1] < 4.75
    assert values.std() == pytest.approx(0.1 / np.sqrt(12), rel=1e-2)


@pytest.mark.parametrize(("qualifier", "sign"), [("over", 1), ("under", -1)])
def test_a_one_sided_figure_stands_for_it_and_an_excess(
    qualifier: str, sign: int, priors: Priors
) -> None:
    values = observed_values(figure("a.b", 1000, 2023, qualifier=qualifier), priors)
    assert middle(values) == pytest.approx(1000 * (1 + sign * 0.012))
    assert (np.diff(values) > 0).all()
    assert (sign * (values - 1000) > 0).all()
    logs = np.log(np.abs(values / 1000 - 1))
    assert logs.std() == pytest.approx(0.7, rel=0.05)


def test_about_is_two_percent(priors: Priors) -> None:
    values = observed_values(figure("a.b", 200, 2023, qualifier="about"), priors)
    assert (middle(values), values.std()) == (pytest.approx(200), pytest.approx(4, rel=0.05))


def test_growth_stays_and_its_spread_grows_with_the_root_of_time(priors: Priors) -> None:
    known = quantity(priors, growth("a.g.2019", 9, 2019), growth("a.g.2020", 6, 2020))
    found = known.random_walk(LATER_GROWTH)
    assert found == Normal(pytest.approx(6), pytest.approx(3 * np.sqrt(3)))  # type: ignore[arg-type]


def test_levels_cumulate_the_last_growth(priors: Priors) -> None:
    known = quantity(priors, figure("a.gdp.2020", 100, 2020), growth("a.g.2020", 6, 2020))
    found = known.random_walk(LATER)
    assert found is not None
    assert found.mean == pytest.approx(100 * 1.06**3)
    assert found.deviation == pytest.approx(found.mean * STEP * np.sqrt(1 + 4 + 9))


def test_the_spread_of_a_level_is_that_of_growth_that_walks(priors: Priors) -> None:
    known = quantity(priors, figure("a.gdp.2020", 100, 2020), growth("a.g.2020", 6, 2020))
    found = known.random_walk(LATER)
    steps = np.random.default_rng(1).normal(0.0, STEP, (100_000, 3))
    walked = np.exp(np.cumsum(steps, axis=1).sum(axis=1))
    assert found is not None
    assert found.deviation / found.mean == pytest.approx(np.log(walked).std(), rel=0.02)


def test_real_growth_gets_the_priors_inflation_to_carry_a_level_at_current_prices(
    priors: Priors,
) -> None:
    known = quantity(
        priors, figure("a.gdp.2020", 100, 2020), growth("a.g.2020", 6, 2020, price_basis="real")
    )
    found = known.random_walk(figure("a.gdp.2023", 150, 2023, price_basis="current"))
    assert found is not None
    assert found.mean == pytest.approx(100 * 1.075**3)


def test_growth_may_come_from_levels_of_neighbouring_years(priors: Priors) -> None:
    known = quantity(priors, figure("a.1", 80, 2019), figure("a.2", 100, 2020))
    found = known.random_walk(LATER)
    assert found is not None
    assert found.mean == pytest.approx(100 * 1.25**3)
    assert known.random_walk(LATER_GROWTH) is None


def test_without_growth_there_is_no_random_walk_and_no_mean(priors: Priors) -> None:
    known = quantity(priors, figure("a.1", 100, 2020))
    assert known.random_walk(LATER) is None
    assert known.five_year_mean(LATER) is None
    one = quantity(priors, figure("a.1", 100, 2020), growth("a.g", 6, 2020))
    assert one.five_year_mean(LATER_GROWTH) is None  # one year is no mean of five


def test_the_mean_of_five_years_as_printed_by_year_or_by_levels(priors: Priors) -> None:
    printed = quantity(priors, growth("a.g", 6, (2016, 2020)))
    years = quantity(priors, *(growth(f"a.g.{y}", 6, y) for y in range(2016, 2021)))
    for known in (printed, years):
        found = known.five_year_mean(LATER_GROWTH)
        assert found is not None
        assert (found.mean, found.deviation) == (pytest.approx(6), pytest.approx(3))
    levels = quantity(priors, figure("a.1", 100, 2015), figure("a.2", 100 * 1.06**5, 2020))
    found = levels.five_year_mean(LATER)
    assert found is not None
    assert found.mean == pytest.approx(100 * 1.06**8)
    assert found.deviation == pytest.approx(found.mean * STEP * np.sqrt(3))


def test_the_plan_is_a_geometric_path_to_its_goal(priors: Priors) -> None:
    known = quantity(
        priors, figure("a.1", 2000, 2020), figure("a.t", 5000, 2025, kind="target"),
        figure("a.late", 9000, 2030, kind="target"),
    )  # fmt: skip
    assert known.plan(LATER) == Point(pytest.approx(2000 * 2.5**0.6))  # type: ignore[arg-type]
    assert known.plan(LATER_GROWTH) is None


def test_the_plan_in_another_unit(priors: Priors) -> None:
    known = quantity(
        priors,
        figure("a.1", 14, 2020, unit="万家"),
        figure("a.t", 20, 2023, unit="万户", kind="target"),
    )
    assert known.plan(figure("a.2", 210000, 2023, unit="户")) == Point(pytest.approx(200000))  # type: ignore[arg-type]


def test_a_goal_of_growth_is_a_plan_too(priors: Priors) -> None:
    goal = growth("a.t", 10, (2021, 2025), kind="target")
    known = quantity(priors, figure("a.1", 100, 2020), goal)
    assert known.plan(LATER_GROWTH) == Point(10)
    assert known.plan(LATER) == Point(pytest.approx(133.1))  # type: ignore[arg-type]
    over = growth("a.g.2027", 5, 2027)
    assert known.plan(over) is None


def test_the_latest_publication_of_a_year_has_the_last_word(priors: Priors) -> None:
    """Of two publications the later comes first, as the hindcast gives them."""
    known = quantity(
        priors, figure("a.new", 2100, 2020), figure("a.old", 2000, 2020),
        growth("g.new", 6, 2020), growth("g.old", 9, 2020),
        growth("m.new", 5, (2016, 2020)), growth("m.old", 8, (2016, 2020)),
    )  # fmt: skip
    assert known.levels(LATER) == {2020: pytest.approx(2100)}
    assert known.growth == {2020: pytest.approx(0.06)}
    found = known.five_year_mean(LATER_GROWTH)
    assert found is not None
    assert found.mean == pytest.approx(5)
