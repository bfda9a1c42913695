"""The command firms: tables, JSON, picture, data, trace, levers, and what it refuses."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import PNG, invoke, printed_json, refused, write

from simcore.baseline import Baseline
from simcore.ladder_fit import fit_firms
from simcore.posterior import Posterior
from simcore.priors import load_priors

pytestmark = pytest.mark.usefixtures("own_folder")
SMALL = ("-n", "16")


@pytest.fixture(scope="module", autouse=True)
def _fitted_once(baseline: Baseline, posterior: Posterior) -> Iterator[None]:
    fitted = fit_firms(baseline, load_priors())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.reconcile.reconcile", lambda **_: posterior)
        patch.setattr("simcore.ladder_fit.fit_firms", lambda *_: fitted)
        yield


def test_tables_say_counts_goals_fit_and_sources() -> None:
    text = invoke("firms", *SMALL).stdout
    for said in (
        "Firms at the end of the year, as documents count them · East Lake High-tech",
        "Goals, and what would bring the median to each",
        "Documented counts and the ladder fitted to them",
        "> 5,700",
        "donghu-14fyp-2021 一(二), line 29",
    ):
        assert said in text


def test_json_has_rows_goals_fit_and_rates() -> None:
    found = printed_json("firms", *SMALL, "--zone", "jingkai")
    assert {row["zone"] for row in found["rows"]} == {"jingkai"}
    assert {row["scenario"] for row in found["rows"]} == {"baseline"}
    assert {row["rung"] for row in found["rows"]} >= {"start_up", "high_tech", "listed"}
    goal = next(row for row in found["goals"] if row["rung"] == "high_tech")
    assert (goal["goal"], goal["year"], goal["probability"]) == (3000, 2025, 0)
    assert goal["needs"]["settled"] > 500
    assert {row["figure"] for row in found["fit"]} == {
        "jingkai.firms.high_tech.2015", "jingkai.firms.high_tech.2020",
    }  # fmt: skip
    assert {row["zone"] for row in found["satellite"]} == {"jingkai"}
    assert found["without_levers"] == []


def test_a_lever_is_shown_by_its_difference() -> None:
    lever = ("--set", "levers.donghu.firms.promotion=20%", "--zone", "donghu")
    found = printed_json("firms", *SMALL, *lever)
    rows, before = found["rows"], found["without_levers"]
    changed = {(a["rung"], a["year"]) for a, b in zip(rows, before, strict=True) if a != b}
    assert min(year for _, year in changed) == 2024
    assert "Signed: change of the median by the levers." in invoke("firms", *SMALL, *lever).stdout


def test_zero_levers_are_exactly_without_effect() -> None:
    lever = ("--set", "levers.*.firms.entry=0%", "--zone", "jingkai")
    found = printed_json("firms", *SMALL, *lever)
    assert found["rows"] == found["without_levers"]


def test_picture_and_data(tmp_path: Path) -> None:
    invoke("firms", *SMALL, "--zone", "donghu", "-o", "firms.png", "--data", "firms.csv")
    assert Path("firms.png").read_bytes().startswith(PNG)
    rows = list(csv.DictReader(Path("firms.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {row["scenario"] for row in rows} == {"baseline"}
    row = next(
        r for r in rows if (r["zone"], r["rung"], r["year"]) == ("donghu", "gazelle", "2020")
    )
    assert float(row["median"]) == pytest.approx(460, abs=1)
    assert refused("firms", *SMALL, "-o", "firms.png")[0].startswith("firms.png")


def test_a_trace_replays() -> None:
    words = ("firms", "--trace", "3", "--zone", "jingkai", "--set", "horizon=2024")
    first, again = printed_json(*words), printed_json(*words)
    assert first == again
    assert {row["kind"] for row in first["rows"]} == {"entry", "promotion", "demotion", "exit"}
    assert "events" in invoke(*words, "--data", "log.csv").stdout
    log = list(csv.DictReader(Path("log.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert len(log) == len(first["rows"])
    assert {row["draw"] for row in log} == {"3"}
    assert {row["scenario"] for row in log} == {"baseline; horizon=2024"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--zone", "dongu"), "'dongu' has no ladder of firms; did you mean 'donghu'?"),
        (("-o", "firms.gif"), "firms.gif: a picture ends in .png, .svg, .pdf"),
        (("--trace", "1", "-o", "x.png"), "a trace is a list of events: there is no picture of it"),
        (("--year", "2010"), "donghu has firms from 2020 to 2035, not in 2010"),
    ],
)
def test_what_is_asked_wrongly_is_refused(words: tuple[str, ...], message: str) -> None:
    assert invoke("firms", *SMALL, *words, code=2).stderr.splitlines() == [message]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("levers: {donghu: {firms: {entrie: 5%}}}", "unknown key 'entrie'; did you mean 'entry'?"),
        ("levers: {donghu: {firms: {entry: 5}}}", "a percentage is written with its sign"),
        (
            "levers: {donghu: {firms: {entry: {path: {2020: 5%}}}}}",
            "2020 is before the first projected year, 2024",
        ),
        (
            "levers: {donghu: {firms: {support: {gazele: 5%}}}}",
            "unknown rung 'gazele'; did you mean 'gazelle'?",
        ),
        (
            "levers: {donghu: {firms: {support: {gazelle: {path: {2050: 5%}}}}}}",
            "2050 is after the horizon, 2035",
        ),
    ],
)  # fmt: skip
def test_wrong_levers_of_firms_are_refused_with_their_place(body: str, message: str) -> None:
    head = "simcore: 1\nname: mine\nlabel: {en: mine, zh: mine}\nextends: baseline\n"
    write("mine.yaml", head + body + "\n")
    (line,) = refused("validate", "mine.yaml")
    assert line.startswith("mine.yaml:5:")
    assert message in line
