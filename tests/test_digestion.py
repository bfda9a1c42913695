"""Summaries without draws: the bits of a full result, whatever happens on the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from interrupted_runs import interrupted

from simcore import digestion
from simcore.baseline import Baseline
from simcore.digestion import pieces
from simcore.dims import VARIABLES
from simcore.errors import InputError, RunError
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.precision import precision_of
from simcore.production import produce
from simcore.scenario import load_scenario
from simcore.shards import Parts

pytestmark = pytest.mark.long

DRAWS = 4500  # four whole blocks and a part of one


@pytest.fixture(scope="module")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    scenarios = (load_scenario("growth-5", baseline),)
    return Plan(scenarios, DRAWS, 4, posterior, {"a.b": ["5%"]}, keep="summary")


@pytest.fixture(scope="module")
def whole(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "x.h5"
    produce(replace(plan, keep="full"), path, workers=1)
    return path


@pytest.fixture(autouse=True)
def two_blocks_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digestion, "batch", lambda plan: 2)


def same(summary: Path, full: Path) -> None:
    """Whether summaries, coordinates and tally have the bits of a full result, and no draws."""
    with h5py.File(summary) as one, h5py.File(full) as other:
        for name in VARIABLES:
            for stored in (f"summary/{name}", f"summary/{name}_mean"):
                assert one[stored].dtype == other[stored].dtype
                assert one[stored][...].tobytes() == other[stored][...].tobytes(), stored
        for name in ("scenario", "zone", "industry", "year", "status", "points/a.b"):
            assert (one[name][...] == other[name][...]).all()
        mine, theirs = one["provenance"].attrs["unusual"], other["provenance"].attrs["unusual"]
        assert mine == theirs
        assert one.attrs["fingerprint"] == other.attrs["fingerprint"]
        assert (one.attrs["keep"], other.attrs["keep"]) == ("summary", "full")
        assert not {"draw", "members", "weight", "gdp"} & set(one)


@pytest.mark.parametrize("workers", [1, 2])
def test_they_are_those_of_all_draws(plan: Plan, whole: Path, tmp_path: Path, workers: int) -> None:
    outcome = produce(plan, tmp_path / "x.h5", workers=workers)
    assert (outcome.blocks, outcome.kept, outcome.damaged) == (5, 0, ())
    same(tmp_path / "x.h5", whole)
    assert [path.name for path in tmp_path.iterdir()] == ["x.h5"]


@pytest.mark.parametrize("draws", [1, 2048, 3000])
def test_any_number_of_draws(plan: Plan, tmp_path: Path, draws: int) -> None:
    few = replace(plan, draws=draws)
    produce(few, tmp_path / "x.h5", workers=1)
    produce(replace(few, keep="full"), tmp_path / "full.h5", workers=1)
    same(tmp_path / "x.h5", tmp_path / "full.h5")


@pytest.mark.parametrize("after", [2000, 3500, 4200])
def test_an_interrupted_run_goes_on(plan: Plan, whole: Path, tmp_path: Path, after: int) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, after)
    outcome = produce(plan, path, workers=1, resume=True)
    assert outcome.kept == after // 1024
    same(path, whole)
    assert not Parts(path).folder.exists()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_killed_between_two_states_nothing_counts_twice(
    plan: Plan, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Some scenarios and groups have taken blocks in, others have not."""
    path, real, done = tmp_path / "x.h5", digestion.sealed_file, []

    def seal(parts: Parts, place: Path, size: int) -> object:
        done.append(place)
        if len(done) > count:
            raise KeyboardInterrupt
        return real(parts, place, size)

    monkeypatch.setattr(digestion, "sealed_file", seal)
    with pytest.raises(RunError, match="interrupted; . of 5 blocks are kept"):
        produce(plan, path, workers=1)
    monkeypatch.setattr(digestion, "sealed_file", real)
    produce(plan, path, workers=1, resume=True)
    same(path, whole)


@pytest.mark.parametrize("harm", ["flip", "cut", "gone", "empty"])
def test_a_damaged_state_is_found_and_its_draws_are_computed_again(
    plan: Plan, whole: Path, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, 4200)
    state = Parts(path).digests()[1]
    content = bytearray(state.read_bytes())
    content[len(content) // 2] ^= 1
    if harm == "gone":
        state.unlink()
    else:
        state.write_bytes({"flip": content, "cut": content[:-99], "empty": b""}[harm])
    outcome = produce(plan, path, workers=1, resume=True)
    assert outcome.damaged == (() if harm == "gone" else (state.name,))
    assert outcome.kept == 2  # the last batch, which was not yet let go
    same(path, whole)


def test_the_precision_is_that_of_the_draws(plan: Plan, whole: Path, tmp_path: Path) -> None:
    produce(plan, tmp_path / "x.h5", workers=1)
    found = precision_of(tmp_path / "x.h5", plan.layout)
    for mine, other in zip(found, precision_of(whole, plan.layout), strict=True):
        assert (mine.zone, mine.year, mine.quantile) == (other.zone, other.year, other.quantile)
        assert mine.value == pytest.approx(other.value, rel=1e-6)
        assert mine.standard_error == pytest.approx(other.standard_error, rel=1e-3)


def test_a_block_that_changes_while_the_run_goes_on_is_not_digested(
    plan: Plan, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "x.h5", Parts.sound

    def harmed(parts: Parts, plan: Plan, block: int) -> bool:
        if block == 3 and not monkeypatched:
            monkeypatched.append(block)
            content = bytearray(parts.path(3).read_bytes())
            content[5000] ^= 1
            parts.path(3).write_bytes(content)
        return real(parts, plan, block)

    monkeypatched: list[int] = []
    monkeypatch.setattr(Parts, "sound", harmed)
    with pytest.raises(RunError, match=r"block-000003\.h5: was damaged.*--resume goes on"):
        produce(plan, path, workers=1)
    outcome = produce(plan, path, workers=1, resume=True)
    assert (outcome.kept, outcome.damaged) == (3, ("block-000003.h5",))
    same(path, whole)


# --- full and summary -----------------------------------------------------------------------------


def test_blocks_of_a_full_run_can_become_summaries(plan: Plan, whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    interrupted(replace(plan, keep="full"), path, 3500)
    assert produce(plan, path, workers=1, resume=True).kept == 3
    same(path, whole)


Change = Callable[[Plan], Plan]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda plan: replace(plan, keep="full"), "with --keep full: draws were let go"),
        (lambda plan: replace(plan, draws=9000), "4500 draws were begun, 9000 are asked for"),
        (lambda plan: replace(plan, draws=4400), "4500 draws were begun, 4400 are asked for"),
    ],
)
def test_what_was_let_go_is_not_gone_on_from(
    plan: Plan, tmp_path: Path, change: Change, what: str
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, 4200)
    before = sorted(entry.name for entry in Parts(path).folder.iterdir())
    with pytest.raises(InputError, match=what):
        produce(change(plan), path, workers=1, resume=True)
    with pytest.raises(InputError, match="an interrupted run left . blocks"):
        produce(change(plan), path, workers=1)
    assert sorted(entry.name for entry in Parts(path).folder.iterdir()) == before


def test_a_finished_summary_cannot_be_extended(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    few = replace(plan, draws=2000)
    produce(few, path, workers=1)
    before = path.read_bytes()
    outcome = produce(few, path, workers=1, resume=True)
    assert (outcome.kept, outcome.blocks) == (2, 2)
    for other in (plan, replace(few, keep="full")):
        with pytest.raises(InputError, match="summaries of 2000 draws, the draws.* are gone"):
            produce(other, path, workers=1, resume=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_result_is_not_resumed_into_a_summary(
    plan: Plan, whole: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.h5"
    path.write_bytes(whole.read_bytes())
    with pytest.raises(InputError, match="--keep summary: its draws would be lost; -o names"):
        produce(plan, path, workers=1, resume=True)
    assert path.read_bytes() == whole.read_bytes()


def test_the_fingerprint_is_the_same(plan: Plan) -> None:
    assert plan.fingerprint == replace(plan, keep="full").fingerprint
    assert len(pieces(plan)) == 2
    assert json.loads(plan.attributes()["scenarios"])


def test_draws_in_order_fail_and_lose_nothing(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window that is far too narrow misses: no wrong number comes out."""
    monkeypatch.setattr("simcore.selection.DEVIATIONS", 0.0)
    with pytest.raises(RunError, match="in no random order.*--keep full.*blocks are kept"):
        produce(plan, tmp_path / "x.h5", workers=1)
    assert not (tmp_path / "x.h5").exists()


def test_a_finished_one_needs_no_room(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.h5"
    produce(plan, path, workers=1)
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1, 1, 0))
    outcome = produce(plan, path, workers=1, resume=True)
    assert outcome.kept == outcome.blocks == 5
    with pytest.raises(RunError, match="MB are needed, 0.0 MB are free"):
        produce(plan, path, workers=1, force=True)


def test_scratch_is_bounded(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    small, large = (digestion.scratch(replace(plan, draws=n)) for n in (200_000, 1_000_000))
    assert large < 1.2 * small
    assert np.all([digestion.batch(replace(plan, draws=n)) == 64 for n in (2000, 10**6)])
