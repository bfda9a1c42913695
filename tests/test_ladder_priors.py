"""The ladder of firms as data: whole, sourced, and held against the documented figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simcore.baseline import Baseline, load_baseline
from simcore.document import parse_document
from simcore.errors import InputError
from simcore.ladder_priors import Firms, check_firms, load_firms
from simcore.resources import folder, using_calibration
from simcore.strict import validated

TEXT = (folder("calibration") / "ladder.yaml").read_text(encoding="utf-8")


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[[str], Firms]:
    """Lay a text on the shipped ladder and read what comes out."""

    def read(text: str) -> Firms:
        (tmp_path / "ladder.yaml").write_text(text, encoding="utf-8")
        with using_calibration(tmp_path):
            firms = load_firms()
            check_firms(firms, load_baseline())
            return firms

    return read


def test_every_number_has_a_source() -> None:
    firms = load_firms()
    priors = [move.rate for move in firms.moves] + [firms.entry_growth]
    for zone in firms.zones.values():
        priors += [*zone.stocks.values(), *zone.entry.values()]
    for elasticity in firms.elasticities.values():
        assert elasticity.rnd.source
        assert elasticity.growth.source
    assert all(prior.source for prior in priors)


def test_evidence_and_goals_are_documented(baseline: Baseline) -> None:
    firms = load_firms()
    check_firms(firms, baseline)
    listed = [name for _, _, _, _, name in firms.named()]
    assert len(listed) == len(set(listed))
    for _, part, _, _, name in firms.named():
        assert (baseline.figures[name].kind == "actual") == (part != "goals")


def test_every_documented_count_of_a_rung_is_used(baseline: Baseline) -> None:
    """A count or goal of high-tech firms, gazelles or technology SMEs is not forgotten."""
    used = {name for _, _, _, _, name in load_firms().named()}
    words = (".high_tech.", ".gazelle", ".tech_sme")
    left = {
        name
        for name, figure in baseline.figures.items()
        if name.partition(".")[2].startswith("firms.")
        and any(word in name for word in words)
        and not figure.same_as
        and name not in used
    }
    assert left == {
        "donghu.firms.tech_smes.share.2023",  # a share of the city
        "donghu.firms.gazelles_new.2024.plan",  # recognitions, mostly renewed
    } | {name for name in left if "tech_high_growth" in name}


def test_a_count_covers_its_own_rung() -> None:
    firms = load_firms()
    for rung in firms.rungs:
        assert rung in firms.covers(rung).rungs


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "    tech_sme: {dist", "    tech_smes: {dist",
            "unknown rung 'tech_smes'; did you mean 'tech_sme'",
        ),
        (
            "{dist: lognormal, median: 0.13,", "{dist: normal, mean: 0.1, deviation: 1,",
            "a rate is lognormal or constant",
        ),
        (
            "entry_growth: {dist", "entry_grwth: {dist",
            "unknown key 'entry_grwth'; did you mean 'entry_growth'",
        ),
        (
            "[high_tech, gazelle, unicorn, listed]", "[gazelle, unicorn, listed]",
            "a count of high_tech covers high_tech itself",
        ),
        (
            "  unicorn:\n    gazelle: {", "  unicorn:\n    listed: {",
            "a demotion leads down, not from unicorn to listed",
        ),
        (
            "  rung: high_tech ", "  rung: high_teck ",
            "unknown rung 'high_teck'; did you mean 'high_tech'",
        ),
        ("  exit:\n    rnd", "  exits:\n    rnd", "is not one of"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_place(
    old: str, new: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    assert old in TEXT
    changed = TEXT.replace(old, new, 1)
    document = parse_document(changed, "ladder.yaml")
    monkeypatch.setattr("simcore.ladder_priors.calibration_document", lambda name: document)
    monkeypatch.setattr(
        "simcore.ladder_priors.calibration_content", lambda name: (changed.encode(),)
    )
    with pytest.raises(InputError, match=message) as caught:
        load_firms()
    problem = caught.value.problems[0]
    assert problem.file == "ladder.yaml"
    assert problem.line > 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "zones: {donghu: {counts: {gazelle: [donghu.firms.gazele.2020]}}}",
            r"ladder.yaml:1:\d+: no figure .* did you mean 'donghu.firms.gazelle.2020'",
        ),
        (
            "zones: {donghu: {counts: {gazelle: [jingkai.firms.high_tech.2020]}}}",
            "is of the zone jingkai",
        ),
        (
            "zones: {donghu: {counts: {gazelle: [donghu.firms.high_tech.2025.target]}}}",
            "is target: no evidence",
        ),
        ("zones: {donghu: {goals: {gazelle: [donghu.firms.gazelle.2020]}}}", "is actual: no goal"),
        (
            "zones: {donghu: {counts: {gazelle: [donghu.gdp.2020]}}}",
            "counts no firms, its unit is 亿元",
        ),
        ("zones: {donghu: {first_year: 2019}}", "neither a count of 2019 nor a stock"),
        ("zones: {jingkai: {first_year: 2016}}", "2015 lies before the first year, 2016"),
        (
            "zones: {donghu: {counts: {gazelle: []}, stocks: {gazelle: {dist: constant, value: 9, "
            "evidence: assumed, source: mine}}}}",
            "multiplies a count of 2020 that is not given",
        ),
        ("zones: {donghu: {first_year: 2030}}", "the past ends in 2023, not 2030"),
        ("zones: {dongu: {first_year: 2020, entry: {}}}", "at least 1 item"),
    ],
)  # fmt: skip
def test_an_overlay_that_does_not_fit_is_refused(
    text: str, message: str, overlay: Callable[[str], Firms]
) -> None:
    with pytest.raises(InputError, match=message):
        overlay(text)


def test_an_overlay_changes_one_rate(overlay: Callable[[str], Firms]) -> None:
    text = "exits: {listed: {dist: constant, value: 2%, evidence: assumed, source: mine}}"
    shipped, firms = load_firms(), overlay(text)
    assert firms.exits["listed"].value == 0.02
    assert firms.exits["unicorn"] == shipped.exits["unicorn"]


def test_a_zone_may_have_a_rate_of_its_own(overlay: Callable[[str], Firms]) -> None:
    own = "{dist: lognormal, median: 5%, sigma: 0.2, evidence: assumed, source: mine}"
    rate = overlay(f"exits: {{start_up: {{zones: {{jingkai: {own}}}}}}}").exits["start_up"]
    assert rate.of_zone("jingkai").median == 0.05
    assert rate.of_zone("donghu").median == load_firms().exits["start_up"].median


def test_the_shipped_text_is_whole() -> None:
    assert validated(Firms, parse_document(TEXT, "ladder.yaml")) == load_firms()
