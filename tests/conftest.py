"""What many tests share: the shipped baseline and its reconciliation, read and computed once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import invoke
from interrupted_runs import DRAWS, SEED
from own_calibration import Write

import simcore.api  # noqa: F401  before tests patch what it imports
from simcore.baseline import Baseline, load_baseline
from simcore.labels import use_language
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.reconcile import reconcile
from simcore.scenario import load_scenario

os.environ.pop("SIMCORE_CALIBRATION", None)  # the tests are of the shipped calibration
os.environ.pop("SIMCORE_STUDY", None)


@pytest.fixture(scope="session")
def baseline() -> Baseline:
    return load_baseline()


@pytest.fixture(scope="session")
def posterior() -> Posterior:
    return reconcile(cache=False)


@pytest.fixture(scope="session")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    """Two scenarios in two whole blocks and a part of one."""
    names = ("baseline", "growth-5")
    return Plan(tuple(load_scenario(n, baseline) for n in names), DRAWS, SEED, posterior)


@pytest.fixture(scope="session")
def undisturbed(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of the plan, made in one go."""
    path = tmp_path_factory.mktemp("whole") / "x.h5"
    outcome = produce(plan, path, workers=1)
    assert (outcome.blocks, outcome.kept, outcome.damaged) == (3, 0, ())
    return path


@pytest.fixture(scope="module")
def few_replications() -> Iterator[int]:
    """Runs have sixteen replications of the projects: seconds less for every new seed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.paired_projects.REPLICATIONS", 16)
        yield 16


@pytest.fixture
def in_english() -> Iterator[None]:
    """Texts are English, whatever language a test leaves behind."""
    use_language("en")
    yield
    use_language("en")


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands write below the current folder: give a test one; English, whatever LANG says."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    yield
    use_language("en")


@pytest.fixture(scope="module")
def read_once(baseline: Baseline, posterior: Posterior) -> Iterator[None]:
    """Every command reads and reconciles the documents anew: a test file does it once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.baseline.load_baseline", lambda: baseline)
        patch.setattr("simcore.reconcile.reconcile", lambda **_: posterior)
        yield


@pytest.fixture(scope="module")
def sought_once(posterior: Posterior) -> Iterator[None]:
    """Every goal seek reads and reconciles the documents anew: a test file does it once."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("goal_seek", "api"):
            patch.setattr(f"simcore.{module}.reconcile", lambda: posterior)
        yield


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory, read_once: None) -> Path:
    """A result of three scenarios, as the command line writes it."""
    path = tmp_path_factory.mktemp("result") / "three.h5"
    invoke("run", "baseline", "growth-5", "rnd-14", "-n", 200, "--seed", 7, "-o", path)
    return path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A folder with these files: ``write(zones="…")`` makes zones.yaml."""

    def made(**files: str) -> Path:
        for name, text in files.items():
            (tmp_path / f"{name.replace('_2025', '-2025')}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return made
