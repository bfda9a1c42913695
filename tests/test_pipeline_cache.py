"""Replications that are kept: read again, never mixed up, computed again if damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pipelines import FIRST_CHANGED, small_pipeline

from simcore.pipeline_cache import kept, replications_fingerprint
from simcore.pipeline_fast import simulate_pipelines
from simcore.pipeline_flows import Flows
from simcore.pipeline_parameters import PipelineParameters, ProjectChanges


class Counted:
    """A simulation that counts how often it is run."""

    def __init__(self) -> None:
        self.parameters = small_pipeline(4)
        self.runs = 0

    def __call__(self) -> Flows:
        self.runs += 1
        return simulate_pipelines(self.parameters, 1, range(4), ProjectChanges(), FIRST_CHANGED)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMCORE_CACHE", str(tmp_path))
    return tmp_path / "simcore"


def test_kept_replications_are_read_and_damaged_ones_made_again(cache: Path) -> None:
    simulate = Counted()
    first = kept("a" * 64, simulate.parameters, Flows, simulate)
    again = kept("a" * 64, simulate.parameters, Flows, simulate)
    assert simulate.runs == 1
    np.testing.assert_array_equal(first.investment, again.investment)
    assert (again.zone, again.years, again.cells) == (first.zone, first.years, first.cells)
    kept("a" * 24 + "b" * 40, simulate.parameters, Flows, simulate)
    assert simulate.runs == 2  # of the same name, but of another fingerprint
    (file,) = cache.glob("projects-*.npz")
    file.write_bytes(file.read_bytes()[:1000])
    kept("a" * 24 + "b" * 40, simulate.parameters, Flows, simulate)
    assert simulate.runs == 3
    assert not list(cache.glob("*.part.npz"))


def test_a_cache_that_cannot_be_written_does_no_harm(cache: Path) -> None:
    cache.write_text("a file, no folder", encoding="utf-8")
    simulate = Counted()
    assert kept("c" * 64, simulate.parameters, Flows, simulate).entered.sum() > 0


def test_the_fingerprint_is_of_everything() -> None:
    def fingerprint(
        parameters: PipelineParameters, changes: ProjectChanges = ProjectChanges(),  # noqa: B008
        kind: str = "Flows", seed: int = 1, first: int = FIRST_CHANGED,
    ) -> str:  # fmt: skip
        return replications_fingerprint(parameters, changes, kind, seed=seed, first=first)

    parameters = small_pipeline(4)
    plain = fingerprint(parameters)
    assert plain == fingerprint(small_pipeline(4), ProjectChanges(delay=0.0))
    others = [
        fingerprint(replace(parameters, zone="other")),
        fingerprint(small_pipeline(5)),
        fingerprint(small_pipeline(4, size=6)),
        fingerprint(small_pipeline(4, carry=3.0)),
        fingerprint(parameters, ProjectChanges(delay=1.0)),
        fingerprint(parameters, kind="Outturn"),
        fingerprint(parameters, seed=2),
        fingerprint(parameters, first=FIRST_CHANGED + 1),
    ]
    assert len({plain, *others}) == 1 + len(others)
