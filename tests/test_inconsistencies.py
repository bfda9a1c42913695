"""Figures that do not go together: every entry sound, every implied number computed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from simcore.baseline import Baseline, load_baseline
from simcore.document import parse_document
from simcore.errors import InputError
from simcore.figure_identities import hold_identities
from simcore.inconsistencies import Implied, Inconsistency, load_inconsistencies
from simcore.priors import load_priors
from simcore.resources import folder

BASELINE = load_baseline()
PRIORS = load_priors()
CASES = {case.entry.id: case for case in load_inconsistencies(BASELINE, PRIORS)}
TEXT = (folder("calibration") / "inconsistencies.yaml").read_text("utf-8")


def implied(case: str, name: str) -> Implied:
    (found,) = [number for number in CASES[case].implied if number.name == name]
    return found


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_entry_is_whole(case: Inconsistency) -> None:
    assert set(case.entry.figures) <= set(BASELINE.figures)
    for number in case.implied:
        ends = [number.value, number.value_high or 0.0]
        assert all(math.isfinite(end) for end in ends)
        assert " = " in number.text
    for text in (case.entry.label, case.verdict, case.treatment):
        assert text.en
        assert text.zh
        assert "{" not in text.en + text.zh
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
    assert case.verdict.en.startswith(
        ("Cannot ", "Can ", "Both readings can ", "Scale can hardly ")
    )


@pytest.mark.parametrize(
    ("case", "name", "value", "text"),
    [
        ("donghu_gdp_goal_2025", "needed", 35.7, "(5000/2715)^(1/2) − 1 = 35.7 %"),
        ("donghu_gdp_goal_2025", "achieved", 10.7, "(2715/2000)^(1/3) − 1 = 10.7 %"),
        ("donghu_gdp_plan_2024", "needed_2025", 72.1, "(5000/2905)^(1/1) − 1 = 72.1 %"),
        ("donghu_gdp_growth_2021_2023", "others", 13.9, "(1.1073^3/1.047)^(1/(3−1)) − 1 = 13.9 %"),
        ("donghu_rnd_intensity", "intensity_plan", 6.1, "8.7 × 1.12^5/(5000/2000) = 6.1 %"),
        ("donghu_optoelectronics_gdp", "ratio", 2.1, "6000/2905 = 2.07"),
        ("donghu_foreign_investment", "a_year", 25, "125/5 = 25 亿美元"),
        ("donghu_foreign_investment", "rest", 111.1, "125 − 13.9 = 111 亿美元"),
        ("donghu_foreign_investment", "times", 16.3, "111/6.8 = 16.3"),
        ("donghu_high_tech_growth", "rest", 4.4, None),
        ("donghu_new_firms", "ratio", 1.8, "182500/100000 = 1.82"),
        ("jingkai_gdp_goal_2025", "needed", 19.4, "(4000/1650)^(1/5) − 1 = 19.4 %"),
        ("jingkai_gdp_growth_2020", "others", 7.3, "(1.056^5/0.99)^(1/(5−1)) − 1 = 7.3 %"),
        ("jingkai_services_growth", "share_2015", 28.1, "33.0 × (1.056/1.091)^5 = 28.1 %"),
        ("jingkai_output_value_added", "industry", 641, "3064 × 0.209 = 641 亿元"),
        ("jingkai_population", "population", 48.5, "1650/34 = 48.5 万人"),
        ("jingkai_high_tech_firms", "needed", 55.4, "(3000/331)^(1/5) − 1 = 55.4 %"),
        ("jingkai_reserve_sum", "fields", 12057, None),
        ("jingkai_energy_carbon", "rest", 0.0, "0.971/0.971 − 1 = 0 %"),
    ],
)
def test_implied_number(case: str, name: str, value: float, text: str | None) -> None:
    found = implied(case, name)
    assert found.value == pytest.approx(value, rel=0.02)
    assert text is None or found.text == text


def test_a_range_gives_both_ends() -> None:
    goals = implied("jingkai_sector_goals", "goals")
    assert (goals.value, goals.value_high, goals.unit) == (8500, 8700, "亿元")
    growth = implied("jingkai_sector_goals", "growth")
    assert (growth.value, growth.value_high) == pytest.approx((23.4, 24.0), abs=0.05)
    assert growth.text == "((8500–8700)/2972)^(1/5) − 1 = 23.4–24.0 %"


def test_numbers_follow_the_figures() -> None:
    """Nothing is typed: with another figure number, text and verdict change."""
    figure = BASELINE.figures["donghu.gdp.2023"].model_copy(update={"value": 4000})
    baseline = replace(BASELINE, figures=BASELINE.figures | {figure.id: figure})
    cases = {case.entry.id: case for case in load_inconsistencies(baseline, PRIORS)}
    goal = cases["donghu_gdp_goal_2025"]
    assert "(5000/4000)^(1/2) − 1 = 11.8 %" in [number.text for number in goal.implied]
    assert "11.8 % a year is needed" in goal.verdict.en
    assert "需年均11.8%" in goal.verdict.zh


def test_an_assumption_says_its_grade() -> None:
    (assumption,) = implied("jingkai_output_value_added", "industry").assumptions
    assert assumption == "value_added_rate.jingkai = 0.209 (assumed)"


def test_every_conflict_of_slacks_that_documents_cause_is_listed() -> None:
    named = {case.entry.slack_conflict for case in CASES.values()} - {None}
    assert named == {"services_growth_against_share", "industrial_output_against_secondary_share"}
    for case in CASES.values():
        if case.entry.slack_conflict:
            slack = PRIORS.conflicts[case.entry.slack_conflict]
            assert set(slack.figures) <= set(case.entry.figures)


# --- what is refused ------------------------------------------------------------------------------


def refused(text: str, baseline: Baseline = BASELINE) -> list[str]:
    document = parse_document(text, "planted.yaml")
    with pytest.raises(InputError, match=r"^planted\.yaml:\d+:\d+: ") as error:
        load_inconsistencies(baseline, PRIORS, document)
    return str(error.value).splitlines()


ENTRY = """\
identities: []
inconsistencies:
  - id: goal
    zone: donghu
    label: {en: goal, zh: 目标}
    figures: [donghu.gdp.2023, donghu.gdp.2025.target]
    implied:
      - {name: needed, label: {en: gain, zh: 增}, calculation: growth_needed, of: {first: donghu.gdp.2023, last: donghu.gdp.2025.target}}
    reason: ambition
    verdict: {en: "Cannot: {needed}.", zh: "不能：{needed}。"}
    treatment: {en: none, zh: 无}
"""  # noqa: E501


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("donghu.gdp.2023, donghu", "donghu.gdp.2032, donghu", "no figure 'donghu.gdp.2032'; did"),
        ("zone: donghu", "zone: donhu", "unknown zone 'donhu'; did you mean 'donghu'?"),
        ("growth_needed", "growth_neded", "unknown calculation 'growth_neded'; did you mean"),
        ("first: donghu.gdp.2023", "first: donghu.gdp.2020", "'donghu.gdp.2020' is not among the"),
        ("first: donghu.gdp.2023", "first: implied.level", "no earlier number 'level' in this"),
        ("first: donghu.gdp.2023", "first: prior.slack.cover", "no prior 'slack.cover': value_add"),
        ("first: donghu", "start: donghu", "growth_needed takes first, last, not start, last"),
        ("first: donghu.gdp.2023", "first: donghu.gdp.2025.target", "no years from 2025 to 2025"),
        ("Cannot: {needed}", "Cannot: {neded}", "no implied number 'neded' in this entry; did"),
        ("Cannot: {needed}", "Cannot: {needed", "braces hold the name of an implied number"),
        ("Cannot: {needed}", "Cannot: {}", "braces hold the name of an implied number"),
        ("reason: ambition", "reason: hope", "'hope' is not one of "),
        (
            "reason: ambition",
            "reason: ambition\n    slack_conflict: x",
            "no conflict 'x' in pri",
        ),
        ("reason: ambition", "reasons: ambition", "unknown key 'reasons'; did you mean 'reason'?"),
    ],
)
def test_a_planted_error_is_refused_at_its_place(old: str, new: str, message: str) -> None:
    assert old in ENTRY
    text = ENTRY.replace(old, new, 1)
    lines = refused(text)
    assert any(message in line for line in lines), lines


def test_the_place_of_an_error_is_that_of_the_name() -> None:
    (line,) = refused(
        ENTRY.replace("first: donghu.gdp.2023", "first: donghu.gdp.2020").replace("{needed}", "")
    )
    place = ENTRY.splitlines()[7].index("first: ") + 1
    assert line.startswith(f"planted.yaml:8:{place}: ")


def test_units_that_differ_are_refused() -> None:
    text = ENTRY.replace("donghu.gdp.2023", "donghu.gdp.growth.2023")
    assert any("units differ: %, 亿元" in line for line in refused(text))


def test_an_id_stands_once() -> None:
    entry = ENTRY[ENTRY.index("  - id:") :]
    assert any("the id goal stands twice" in line for line in refused(ENTRY + entry))


# --- identities -----------------------------------------------------------------------------------


def test_identities_hold_or_are_listed() -> None:
    for held in hold_identities(BASELINE, PRIORS):
        assert held.agrees is not bool(held.identity.listed), held.identity


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"expected": "donghu.gdp.2032"}, "no figure 'donghu.gdp.2032'"),
        ({"listed": "donghu_gold"}, "no inconsistency 'donghu_gold'"),
        ({"calculation": "totl"}, "unknown calculation 'totl'; did you mean 'total'?"),
    ],
)
def test_a_wrong_identity_is_refused(changes: dict[str, str], message: str) -> None:
    identity: dict[str, Any] = {
        "check": "sum", "calculation": "total", "of": "{parts: [donghu.gdp.2020]}",
        "expected": "donghu.gdp.2023",
    } | changes  # fmt: skip
    line = "{" + ", ".join(f"{key}: {value}" for key, value in identity.items()) + "}"
    document = parse_document(f"identities: [{line}]\ninconsistencies: []\n", "planted.yaml")
    with pytest.raises(InputError, match=r"^planted\.yaml:1:\d+: ") as error:
        hold_identities(BASELINE, PRIORS, document)
    assert message in str(error.value)
