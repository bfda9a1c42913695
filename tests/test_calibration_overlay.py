"""The user's own calibration: merged with its marks, refused where it is wrong, never mixed up."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from own_calibration import DOCUMENT, FIGURE, REGISTRATION, ZONE, Write

import simcore
from simcore.baseline import Baseline, load_baseline
from simcore.cli import cli
from simcore.cli.conflicts import _lines
from simcore.dataset import run_plan
from simcore.errors import InputError
from simcore.figure_check import check_documents, check_figures
from simcore.labels import Label
from simcore.plan import Plan
from simcore.plan_tables import treatment
from simcore.posterior import Posterior
from simcore.prior_check import load_checked_priors
from simcore.reconcile import calibration_fingerprint, reconcile
from simcore.resources import _parsed, calibration_document, folder, using_calibration
from simcore.satellite_priors import load_satellites
from simcore.scenario import load_scenario
from simcore.shards import Parts
from simcore.workers import Job


def invoke(*words: object, code: int = 0) -> Result:
    found = CliRunner().invoke(cli, [str(word) for word in words], env={"LC_ALL": "C"})
    assert found.exit_code == code, found.output
    return found


# --- merging --------------------------------------------------------------------------------------


def test_mappings_merge_by_key_and_keep_their_marks(write: Write) -> None:
    folder = write(zones="zones:\n  donghu:\n    label: {en: East Lake, zh: 东湖}\n")
    with using_calibration(folder):
        document = calibration_document("zones")
        zone = load_baseline().zones["donghu"]
    assert zone.label.en == "East Lake"
    assert len(zone.industries) == 10
    own = document.locate(("zones", "donghu", "label", "en"))
    assert (Path(own.file).parent, own.line, own.column) == (folder, 3, 13)
    assert Path(document.locate(("zones", "donghu", "first_year")).file).parent != folder


def test_a_listed_entry_joins_by_its_year(write: Write) -> None:
    later = "{year: 2025, path: {2025: 4.5%, 2026: 4.1%}, source: invented}"
    outcomes = "  outcomes: {2023: 5.3%, 2024: 5.0%}\n"
    folder = write(priors=f"national_growth:\n{outcomes}  vintages:\n    - {later}\n")
    with using_calibration(folder):
        priors = load_checked_priors(load_baseline())
        document = calibration_document("priors")
    assert [vintage.year for vintage in priors.national_growth.vintages] == [2021, 2023, 2025]
    assert priors.vintage.source == "invented"
    marks = [
        Path(document.locate(("national_growth", "vintages", place, "source")).file).parent
        for place in range(3)
    ]
    assert [mark == folder for mark in marks] == [False, False, True]


def test_a_listed_entry_of_the_same_year_replaces(write: Write) -> None:
    own = "{year: 2023, path: {2023: 5.2%, 2024: 4.9%}, source: invented}"
    with using_calibration(write(priors=f"national_growth: {{vintages: [{own}]}}")):
        priors = load_checked_priors(load_baseline())
    assert [vintage.year for vintage in priors.national_growth.vintages] == [2021, 2023]
    assert priors.vintage.path == {2023: 0.052, 2024: 0.049}


def test_any_other_list_replaces(write: Write) -> None:
    with using_calibration(write(priors="censuses: [2028]")):
        assert load_checked_priors(load_baseline()).censuses == [2028]


def test_the_later_folder_wins(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "zones.yaml").write_text(
            f"zones: {{donghu: {{label: {{en: {name}, zh: {name}}}}}}}", "utf-8"
        )
    with using_calibration(tmp_path / "first", tmp_path / "second"):
        assert load_baseline().zones["donghu"].label.en == "second"
    with using_calibration(tmp_path / "second"):
        with using_calibration(tmp_path / "first"):
            assert load_baseline().zones["donghu"].label.en == "first"
            with using_calibration(tmp_path / "second"):
                assert load_baseline().zones["donghu"].label.en == "second"
        assert load_baseline().zones["donghu"].label.en == "second"


def test_notes_and_texts_may_stand_beside(write: Write) -> None:
    folder = write(documents=REGISTRATION, mine_2025=FIGURE)
    for name in ("README.md", "mine-2025.txt", ".zones.yaml.swp", ".hidden.yaml"):
        (folder / name).write_text("not YAML: [", "utf-8")
    with using_calibration(folder):
        assert load_baseline().figures["mine.gdp.2024"].value == 2860


# --- fingerprint, cache and provenance ------------------------------------------------------------


def test_the_fingerprint_is_of_the_content_and_not_of_the_place(write: Write) -> None:
    shipped = calibration_fingerprint()
    folder = write(documents=REGISTRATION, mine_2025=FIGURE)
    with using_calibration(folder):
        own = calibration_fingerprint()
    assert own != shipped
    moved = folder.parent / f"{folder.name}-moved"
    folder.rename(moved)
    with using_calibration(moved):
        assert calibration_fingerprint() == own
        (moved / "mine-2025.yaml").write_text(FIGURE.replace("2860", "2861"), "utf-8")
        assert calibration_fingerprint() not in (own, shipped)
    assert calibration_fingerprint() == shipped


def test_caches_never_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMCORE_CACHE", str(tmp_path))
    with using_calibration(DOCUMENT):
        own = reconcile()
        assert reconcile().problem.past.baseline.base_year == 2024
    shipped = reconcile()
    assert shipped.problem.past.baseline.base_year == 2023
    assert own.fingerprint != shipped.fingerprint
    assert len(list(tmp_path.rglob("posterior-*.npz"))) == 2


def test_provenance_names_the_users_files() -> None:
    from simcore.sweep import Plan

    with using_calibration(DOCUMENT):
        posterior = reconcile()
    found = Plan((), 1, 1, posterior).provenance()
    names = [Path(name).name for name in found["overlay"]]
    assert names == ["documents.yaml", "donghu-report-2025.yaml"]
    assert found["documents"]["donghu-report-2025"]["published"] == 2025
    assert found["figures_used"]["donghu.gdp.2024"] == "donghu-report-2025 一, line 2"


# --- how it is chosen -----------------------------------------------------------------------------


def last_year(found: Result) -> str:
    return next(line.split()[-2] for line in found.output.splitlines() if "donghu" in line)


def test_option_stands_before_or_after_the_command() -> None:
    assert last_year(invoke("list", "zones")) == "2023"
    assert last_year(invoke("--calibration", DOCUMENT, "list", "zones")) == "2024"
    assert last_year(invoke("list", "zones", "--calibration", DOCUMENT)) == "2024"
    both = invoke("--calibration", DOCUMENT, "list", "zones", "--calibration", ZONE)
    assert last_year(both) == "2024"
    assert "beihu" in both.output
    assert last_year(invoke("list", "zones")) == "2023"  # and is over with its command


@pytest.mark.parametrize("words", [("--calibration", "nowhere", "list"), ("list", "zones")])
def test_option_names_a_folder_that_does_not_exist(words: tuple[str, ...]) -> None:
    after = [] if "--calibration" in words else ["--calibration", "nowhere"]
    found = invoke(*words, *after, code=2)
    assert found.output == "nowhere: there is no such folder of calibration files\n"


def test_environment_chooses_and_the_option_takes_its_place(
    monkeypatch: pytest.MonkeyPatch, baseline: Baseline
) -> None:
    monkeypatch.setenv("SIMCORE_CALIBRATION", f"{DOCUMENT}{os.pathsep}{ZONE}")
    both = simcore.load_baseline()
    assert (both.base_year, list(both.zones)) == (2024, ["donghu", "jingkai", "beihu"])
    with using_calibration(ZONE):
        assert load_baseline().base_year == 2023
    monkeypatch.setenv("SIMCORE_CALIBRATION", "nowhere")
    with pytest.raises(InputError, match="nowhere: there is no such folder"):
        load_baseline()
    monkeypatch.setenv("SIMCORE_CALIBRATION", "")
    assert load_baseline() == baseline


def test_a_thread_sees_the_folder_too() -> None:
    found: list[int] = []
    with simcore.using_calibration(DOCUMENT):
        thread = threading.Thread(target=lambda: found.append(load_baseline().base_year))
        thread.start()
        thread.join()
    assert found == [2024]


# --- figures against each other and against texts -------------------------------------------------


def test_a_document_without_a_text_is_said_and_not_checked(tmp_path: Path) -> None:
    with using_calibration(DOCUMENT):
        own = load_baseline()
    assert own.documents["donghu-report-2025"].sha256 is None
    assert all(row.passed for row in check_figures(own))
    with pytest.raises(InputError, match=r"13fyp-2017\.txt: cannot be read"):  # the shipped ones
        check_documents(own, tmp_path)
    only = {name: entry for name, entry in own.documents.items() if entry.sha256 is None}
    assert check_documents(Baseline({}, {}, only, own.figures, 2020), tmp_path) == []


def test_figures_of_the_own_document_are_listed_and_shown() -> None:
    found = invoke(
        "baselines", "list", "--document", "donghu-report-2025", "--calibration", DOCUMENT
    )
    assert "2 figures" in found.output
    found = invoke("--calibration", DOCUMENT, "baselines", "show", "donghu.gdp.2024")
    assert "2,860.00" in found.output
    invoke("--calibration", DOCUMENT, "baselines", "check")


# --- what a past takes along ----------------------------------------------------------------------

FALLING = "equations: {energy_intensity: {trend: {mean: -20 pp}}}\n"


def test_the_satellites_of_a_past_hold_wherever_it_is_simulated(
    write: Write, posterior: Posterior, tmp_path: Path
) -> None:
    with using_calibration(write(satellites=FALLING)):
        own = reconcile()
        scenario = load_scenario("baseline", own.problem.past.baseline)
        plan = Plan((scenario,), 64, 1, own)
        inside = run_plan(plan)["energy_intensity"].values
        shipped = run_plan(Plan((scenario,), 64, 1, posterior))["energy_intensity"].values
    outside = run_plan(plan)["energy_intensity"].values
    sent = Job.of(plan, (None,), Parts(tmp_path / "x.h5")).plan()
    elsewhere = run_plan(sent)["energy_intensity"].values
    np.testing.assert_array_equal(outside, inside)
    np.testing.assert_array_equal(elsewhere, inside)
    last = shipped[..., -1, :] / shipped[..., 5, :], inside[..., -1, :] / inside[..., 5, :]
    assert np.median(last[1]) < 0.5 * np.median(last[0])


def test_a_file_that_is_changed_in_place_is_read_again(write: Write) -> None:
    folder = write(satellites=FALLING, plan_tables="tables: {}\n")
    name = "jingkai.gdp.growth.2020"
    with using_calibration(folder):
        before, row = load_satellites(), treatment(load_baseline(), name).row
        write(satellites=FALLING.replace("-20", "-1"), plan_tables=_without(load_baseline(), name))
        after = load_satellites()
        assert row is not None
        assert treatment(load_baseline(), name).row is None
    means = [part.equations["energy_intensity"].trend.mean for part in (before, after)]
    assert means == [-0.2, -0.01]


@pytest.mark.parametrize("folders", [(), (ZONE, DOCUMENT)])
def test_nobody_changes_what_is_kept_of_a_file(folders: tuple[Path, ...]) -> None:
    shipped = folder("calibration")
    with using_calibration(*folders):
        reconcile(cache=False)
        check_figures(load_baseline())
        kept = {path.stem: calibration_document(path.stem) for path in shipped.glob("*.yaml")}
        _parsed.cache_clear()
        for name, document in kept.items():
            anew = calibration_document(name)
            assert anew.data is not document.data
            assert (anew.data, anew.marks) == (document.data, document.marks)


def test_a_zones_own_slack_is_called_by_its_own_label(baseline: Baseline) -> None:
    """Another zone has a slack of the same kind, with another label."""
    priors = load_checked_priors(baseline)
    changes = {"zone": "donghu", "label": Label("my own slack", "我")}
    slack = priors.slacks["coverage"].model_copy(update=changes)
    own = priors.model_copy(update={"slacks": priors.slacks | {"coverage.donghu": slack}})
    row = {
        "figures": [], "implied": [], "verdict": "", "treatment": "",
        "slack": {"coverage.donghu": 0.5, "coverage.jingkai": 0.5},
        "worst_figure": "donghu.gdp.2023", "worst_misfit": 1.0, "misfit_increase": 1.0,
    }  # fmt: skip
    texts = [text for _, text in _lines(row, baseline, own)]
    assert "my own slack (coverage.donghu), +0.50 s.d. used" in texts
    assert f"{priors.slacks['coverage'].label} (coverage.jingkai), +0.50 s.d. used" in texts


def _without(baseline: Baseline, name: str) -> str:
    """Leave out every row of a document's table."""
    return f"tables: {{{baseline.figures[name].source.document}: {{rows: []}}}}\n"
