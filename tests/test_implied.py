"""Calculations on figures: the arithmetic, the years, the units, and the neighbours of a figure."""

from __future__ import annotations

import pytest

from simcore.baseline import load_baseline
from simcore.calculations import CALCULATIONS, growth_of_others, share_before_growth
from simcore.entries import Figure
from simcore.implied import Amount, amount, calculate, rounded
from simcore.relations import quantity, relations, stated_growth

BASELINE = load_baseline()


def figure(name: str) -> Figure:
    return BASELINE.figures[name]


def test_every_calculation_says_its_formula_and_unit() -> None:
    for name, calculation in CALCULATIONS.items():
        assert calculation.compute.__doc__, name
        assert all(f"{{{argument}" in calculation.text for argument in calculation.arguments), name
        assert ("{years" in calculation.text) == calculation.takes_years, name
        assert set(calculation.alike) <= set(calculation.arguments), name


def test_growth_and_its_inverse() -> None:
    others = growth_of_others(5.6, -1.0, 5)
    assert (1 + others / 100) ** 4 * 0.99 == pytest.approx(1.056**5)
    assert share_before_growth(25.9, 9.1, 5.6, 5) == pytest.approx(22, abs=0.01)


def test_years_follow_from_the_figures() -> None:
    level, growth = amount(figure("donghu.gdp.2023")), amount(figure("donghu.gdp.growth.2024.plan"))
    outcome, text = calculate("level_after_growth", {"first": level, "growth": growth})
    assert (outcome.last, text) == (2024, "2715 × 1.07^1 = 2905 亿元")
    outcome, text = calculate("level_after_growth", {"first": level, "growth": growth}, 2025)
    assert (outcome.last, text) == (2025, "2715 × 1.07^2 = 3108 亿元")


def test_money_is_brought_to_one_unit() -> None:
    clusters = {"above": Amount(2, 2, "万亿元"), "below": Amount(5000, 5000, "亿元")}
    outcome, text = calculate("ratio", clusters)
    assert (outcome.low, text) == (4, "20000/5000 = 4")


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (Amount(1, 1, "亿元", 2020, 2020), Amount(2, 2, "亿美元", 2025, 2025), "units differ"),
        (Amount(1, 1, "亿元", 2025, 2025), Amount(2, 2, "亿元", 2020, 2020), "no years from 2025"),
        (Amount(1, 1, "亿元", 2020, None), Amount(2, 2, "亿元", 2025, 2025), "no years from None"),
        (Amount(0, 0, "亿元", 2020, 2020), Amount(2, 2, "亿元", 2025, 2025), "has no value here"),
        (Amount(-1, -1, "%", 2020, 2020), Amount(2, 2, "%", 2025, 2025), "no finite value"),
    ],
)
def test_what_cannot_be_computed_is_refused(first: Amount, last: Amount, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calculate("growth_needed", {"first": first, "last": last})


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("donghu.gdp.2023", 2714.5, 2715.5),
        ("donghu.gdp.2020", 2000, 2100),
        ("donghu.gdp.growth.2024.plan", 6.72, 7.28),
        ("jingkai.unemployment.urban.share.2025.target", 5.7, 6),
        ("jingkai.value_added.primary.share.2015", 1.05, 1.15),
    ],
)
def test_rounding_leaves_an_interval(name: str, low: float, high: float) -> None:
    found = rounded(figure(name))
    assert (found.low, found.high) == pytest.approx((low, high))


def test_a_quantity_is_the_same_in_level_growth_and_goal() -> None:
    names = ["donghu.gdp.2023", "donghu.gdp.growth.2023h1", "donghu.gdp.2025.target.action"]
    assert {quantity(figure(name)) for name in names} == {("donghu", "gdp")}
    assert quantity(figure("donghu.gdp.2023")) != quantity(figure("jingkai.gdp.2020"))


def implications(name: str) -> dict[str, str]:
    return {found.meaning: found.text for found in relations(BASELINE, figure(name))}


def test_what_a_figure_implies_with_its_neighbours() -> None:
    assert implications("donghu.gdp.2023") == {
        "growth a year from": "(2715/2000)^(1/3) − 1 = 10.7 %",
        "growth a year to": "(5000/2715)^(1/2) − 1 = 35.7 %",
        "GDP per head with": "2715/120 = 22.6 万元",
    }
    assert implications("donghu.gdp.growth.2024.plan") == {
        "level reached from": "2715 × 1.07^1 = 2905 亿元"
    }
    assert implications("jingkai.value_added.secondary.share.2020") == {
        "points a year from": "(66 − 76.9)/5 = −2.2 %",
        "level with": "66 % × 1650 = 1089 亿元",
    }


def test_what_happened_is_not_measured_from_a_goal() -> None:
    assert "growth a year from" not in implications("donghu.foreign_investment.2023")
    goal = relations(BASELINE, figure("donghu.foreign_investment.2020.target"))
    assert [found.other for found in goal] == ["donghu.foreign_investment.2024.plan"]


def test_shares_of_something_else_are_not_taken_for_shares_of_gdp() -> None:
    assert implications("donghu.rnd.enterprises.share_of_sales.2020.target") == {}
    assert implications("jingkai.value_added.producer_services.share.2025.target") == {}


def test_relations_never_fail() -> None:
    found = sum(bool(relations(BASELINE, one)) for one in BASELINE.figures.values())
    assert found > 100


def test_stated_growth_finds_the_levels_around_it() -> None:
    pairs = {row.growth.id: (row.first.id, row.last.id) for row in stated_growth(BASELINE)}
    assert pairs["donghu.gdp.growth.2023"] == ("donghu.gdp.2020", "donghu.gdp.2023")
