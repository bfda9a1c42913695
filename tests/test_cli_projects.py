"""The command projects: tables, JSON, picture, CSV, logs, and what it refuses."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import BASELINE, PNG, invoke, printed_json, refused, write

from simcore.baseline import Baseline
from simcore.levers import Scenario
from simcore.pipeline_fit import fit_pipelines
from simcore.pipeline_flows import EVENTS
from simcore.scenario import load_scenario

SHORT = ("--zone", "jingkai", "-n", 8, "--set", "horizon=2025")


pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture(scope="module", autouse=True)
def _fitted_once(read_once: None, baseline: Baseline) -> Iterator[None]:
    fits = fit_pipelines(baseline)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.funnel.fit_pipelines", lambda _: fits)
        yield


def test_tables_say_what_is_fitted_and_what_is_compared() -> None:
    text = invoke("projects", *SHORT).stdout
    assert "projects that enter each stage" in text
    assert "Documented flows against the pipeline" in text
    assert "fitted" in text
    assert "compared" in text
    assert "jingkai.construction" in text
    assert "donghu" not in text
    assert "8 draws, seed 20211222" in text


def test_json_has_the_funnel_and_the_fit() -> None:
    found = printed_json("projects", *SHORT)
    assert found["command"] == "projects"
    assert {row["stage"] for row in found["rows"]} == set(EVENTS)
    assert {row["year"] for row in found["rows"]} == set(range(2020, 2026))
    assert {"scenario", "zone", "year", "stage", "median", "q05", "q95"} <= set(found["rows"][0])
    assert {row["measure"] for row in found["fit"]} == {"investment", "reserve"}
    assert {row["measure"] for row in found["work"]} >= {"under_construction", "queue"}
    assert any(row["evidence"] == "derived" for row in found["parameters"])
    assert found["draws"] == 8


def test_a_lever_of_a_scenario_acts() -> None:
    name = "late.yaml"
    write(
        name,
        "simcore: 1\nname: late\nlabel: {en: late, zh: 晚}\nextends: baseline\nhorizon: 2025\n"
        'levers:\n  "*": {projects: {delay: 2 years}}\n',
    )
    late = printed_json("projects", name, "--zone", "jingkai", "-n", 8)
    plain = printed_json("projects", *SHORT)
    starts = [
        sum(
            row["median"] for row in found["rows"] if row["stage"] == "start" and row["year"] > 2023
        )
        for found in (late, plain)
    ]
    assert starts[0] < 0.5 * starts[1]
    assert {row["scenario"] for row in late["rows"]} == {"late"}


def test_a_trace_is_the_log_of_one_replication(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same whether replications were kept or not."""
    words = ("projects", "--zone", "jingkai", "--set", "horizon=2024", "--trace", 3)
    text = invoke(*words).stdout
    monkeypatch.setenv("SIMCORE_CACHE", str(tmp_path / "cache"))
    assert text == invoke(*words).stdout
    invoke("projects", "--zone", "jingkai", "--set", "horizon=2024", "-n", 4)
    assert list(tmp_path.rglob("projects-*.npz"))
    assert text == invoke(*words).stdout
    time, project, stage, event = text.splitlines()[0].split()
    assert (stage, event) == ("plan", "enter")
    assert project.startswith("jingkai-")
    assert 2006 <= float(time) < 2025
    rows = printed_json(*words)["rows"]
    assert len(rows) == len(text.splitlines())
    assert list(rows[0]) == ["time", "project", "stage", "event"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_picture_and_numbers(language: str) -> None:
    words = ["--lang", language, "projects", *SHORT, "-o", "funnel.png", "--data", "funnel.csv"]
    invoke(*words)
    assert Path("funnel.png").read_bytes().startswith(PNG)
    rows = list(csv.DictReader(Path("funnel.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["quantity"] for row in rows} >= {*EVENTS, "investment", "queue"}
    assert {row["unit"] for row in rows} == {"projects", "1e8 CNY", "months"}


def test_files_are_replaced_by_force_alone() -> None:
    words = ("projects", *SHORT, "--data", "funnel.csv")
    write("funnel.csv", "mine")
    assert refused(*words)[0].startswith("funnel.csv")
    assert Path("funnel.csv").read_text(encoding="utf-8") == "mine"
    invoke(*words, "--force")
    assert Path("funnel.csv").read_text(encoding="utf-8").startswith("scenario,")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--zone", "jinkai"], "jinkai: no zone with a pipeline of projects; did you mean"),
        (["-o", "x.txt"], "x.txt: a picture ends in"),
        (["-o", "x.svg", "--data", "x.svg"], "the picture and its numbers need two names"),
        (["--trace", "1", "-o", "x.svg"], "--trace prints a log"),
        (["--set", "levers.*.projects.delay=1"], "'1' is not a length of time such as 1.5 years"),
        (["--set", "levers.*.projects.delay=99 years"], "99 years lies outside -2 to 10 years"),
        (["--set", "levers.*.projects.funds=-130%"], "-130% lies outside -100% to +100%"),
        (["--set", "levers.*.projects.arrival=5%"], "unknown key 'arrival'; did you mean"),
        (["--set", "levers.*.projects.sizes=5"], "a percentage is written with its sign"),
    ],
)
def test_wrong_requests_are_refused(words: list[str], message: str) -> None:
    assert message in "\n".join(refused("projects", "-n", 2, *words))


def test_own_levers_win_over_those_of_every_zone() -> None:
    head = "simcore: 1\nname: {0}\nlabel: {{en: {0}, zh: {0}}}\nextends: {1}\nlevers:\n"
    own = "  donghu: {projects: {delay: 0 years, funds: 5%}}\n"
    write("near.yaml", head.format("near", "baseline") + own)
    wide = '  "*": {projects: {delay: 2 years, sizes: 10%}}\n'
    write("both.yaml", head.format("both", "baseline") + wide + own)
    write("later.yaml", head.format("later", "./near.yaml") + wide)
    both, later = (load_scenario(name, BASELINE) for name in ("both.yaml", "later.yaml"))
    donghu, jingkai = (both.zone_levers(zone).projects for zone in ("donghu", "jingkai"))
    assert donghu is not None
    assert jingkai is not None
    assert (donghu.delay, donghu.sizes, donghu.funds) == (0, 0.1, 0.05)
    assert (jingkai.delay, jingkai.sizes, jingkai.funds) == (2, 0.1, None)
    laid = later.zone_levers("donghu").projects  # what is later said of every zone wins
    assert laid is not None
    assert (laid.delay, laid.sizes, laid.funds) == (2, 0.1, 0.05)
    assert Scenario.restored(both.model_dump(mode="json")) == both


def test_a_terminal_is_told_once_that_replications_are_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of both zones in one line; not if they were kept, nor where there is no terminal."""
    words = ("projects", "-n", 2, "--set", "horizon=2024")
    line = "simulating 2 replications of projects: once for each seed and setting, then kept\n"
    monkeypatch.setenv("SIMCORE_CACHE", str(tmp_path / "first"))
    monkeypatch.setattr("simcore.cli.base._terminal", lambda: True)
    assert invoke(*words).stderr == line
    assert invoke(*words).stderr == ""
    monkeypatch.setenv("SIMCORE_CACHE", str(tmp_path / "second"))
    monkeypatch.setattr("simcore.cli.base._terminal", lambda: False)
    assert invoke(*words).stderr == ""
