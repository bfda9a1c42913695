"""Finished blocks are never lost: workers, resumption, extension, damage, one writer."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from simcore import production
from simcore.baseline import Baseline
from simcore.dims import VARIABLES
from simcore.errors import InputError, RunError
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.scenario import load_scenario
from simcore.shards import Parts, intact

DRAWS, SEED = 2500, 4  # two whole blocks and a part of one
KILLS = 4


@pytest.fixture(scope="module")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    names = ("baseline", "growth-5")
    return Plan(tuple(load_scenario(n, baseline) for n in names), DRAWS, SEED, posterior)


@pytest.fixture(scope="module")
def undisturbed(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "x.h5"
    outcome = produce(plan, path, workers=1)
    assert (outcome.blocks, outcome.kept, outcome.damaged) == (3, 0, ())
    return path


def same(left: Path, right: Path, draws: int = DRAWS) -> None:
    """Whether two results hold the same bits in their first draws."""
    with h5py.File(left) as one, h5py.File(right) as other:
        for name in [*VARIABLES, "members/value"]:
            a, b = one[name][..., :draws], other[name][..., :draws]
            assert a.tobytes() == b.tobytes(), name


def interrupted(plan: Plan, path: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Interrupt a run in this process when ``after`` scenario-draws are done."""
    total = 0

    def stop(done: int) -> None:
        nonlocal total
        total += done
        if total > after:
            raise KeyboardInterrupt

    with pytest.raises(RunError, match="interrupted; . of 3 blocks are kept.*--resume goes on"):
        produce(plan, path, workers=1, progress=stop)


def test_workers_do_not_matter(plan: Plan, undisturbed: Path, tmp_path: Path) -> None:
    produce(plan, tmp_path / "x.h5", workers=2)
    same(tmp_path / "x.h5", undisturbed)
    assert [path.name for path in tmp_path.iterdir()] == ["x.h5"]


def test_the_summary_and_the_tally_do_not_depend_on_the_way(
    plan: Plan, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, monkeypatch, 4000)
    produce(plan, path, workers=1, resume=True)
    with h5py.File(path) as one, h5py.File(undisturbed) as other:
        for name in VARIABLES:
            for summary in (name, f"{name}_mean"):
                a, b = one["summary"][summary][...], other["summary"][summary][...]
                assert a.tobytes() == b.tobytes(), summary
        for name in ("unusual", "unusual_by_block"):
            assert one["provenance"].attrs[name] == other["provenance"].attrs[name]
        assert json.loads(one["provenance"].attrs["unusual"])


def test_an_interrupted_run_goes_on(
    plan: Plan, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, monkeypatch, 4000)
    assert not path.exists()
    with pytest.raises(InputError, match=r"an interrupted run left . blocks.*--resume goes on"):
        produce(plan, path, workers=1)
    outcome = produce(plan, path, workers=1, resume=True)
    assert 0 < outcome.kept < outcome.blocks
    same(path, undisturbed)
    assert not Parts(path).folder.exists()


def test_an_interrupt_before_the_first_block_keeps_nothing(plan: Plan, tmp_path: Path) -> None:
    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        produce(plan, tmp_path / "x.h5", workers=1, progress=lambda done: done and stop(done))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["flip", "cut", "empty"])
def test_a_damaged_block_is_found_named_and_done_again(
    plan: Plan, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, monkeypatch, 4000)
    block = Parts(path).path(0)
    content = bytearray(block.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
    block.write_bytes({"flip": content, "cut": content[:-100], "empty": b""}[harm])
    assert not intact(block)
    outcome = produce(plan, path, workers=1, resume=True)
    assert outcome.damaged == ("block-000000.h5",)
    same(path, undisturbed)


def test_more_draws_keep_the_first_ones(plan: Plan, undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    produce(replace(plan, draws=1500), path, workers=1)
    outcome = produce(plan, path, workers=1, resume=True)
    assert (outcome.kept, outcome.blocks) == (1, 3)
    same(path, undisturbed)
    assert produce(plan, path, workers=1, resume=True).kept == 2  # the last block is not whole
    same(path, undisturbed)


@pytest.mark.parametrize(
    ("change", "what"),
    [({"seed": 5}, "another seed"), ({"scenarios": 1}, "another scenarios")],
)
def test_nothing_is_resumed_onto_another_run(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, int], what: str
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, monkeypatch, 4000)
    fields = {"scenarios": plan.scenarios[:1]} if "scenarios" in change else dict(change)
    other = replace(plan, **fields)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=f"cannot be resumed: {what}"):
        produce(other, path, workers=1, resume=True)
    assert len(list(Parts(path).folder.glob("block-*.h5"))) >= 1


def test_a_damaged_manifest_is_named(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, monkeypatch, 4000)
    (Parts(path).folder / "manifest.json").write_text("{")
    with pytest.raises(RunError, match=r"manifest\.json: is damaged"):
        produce(plan, path, workers=1, resume=True)


def test_one_writer(plan: Plan, tmp_path: Path) -> None:
    parts = Parts(tmp_path / "x.h5")
    parts.folder.mkdir()
    with (parts.folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another run is writing it"):
            produce(plan, parts.output, workers=1)


def test_a_dead_worker_is_said_and_its_blocks_are_done_later(
    plan: Plan, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.h5"

    def kill(done: int) -> None:
        if done:
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)

    with pytest.raises(RunError, match="a worker process died.*blocks are kept"):
        produce(replace(plan, draws=12_000), path, workers=2, progress=kill)
    produce(plan, path, workers=1, resume=True)
    same(path, undisturbed)


def test_killed_at_random_moments_and_resumed(undisturbed: Path, tmp_path: Path) -> None:
    """``kill -9`` of the whole command, again and again, and then an undisturbed end."""
    path, luck = tmp_path / "x.h5", random.Random(20261122)
    command = [
        sys.executable, "-m", "simcore", "run", "baseline", "growth-5", "-n", str(DRAWS),
        "--seed", str(SEED), "-o", str(path), "--resume", "--workers", "1",
    ]  # fmt: skip
    for _ in range(KILLS):
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        time.sleep(0.5 + 2 * luck.random())
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    same(path, undisturbed)


def test_a_folder_that_cannot_be_written(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file")
    with pytest.raises(InputError, match="is a file, not a folder"):
        produce(plan, tmp_path / "x" / "y.h5", workers=1)


def test_a_full_disk_keeps_what_is_done(
    plan: Plan, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "x.h5", production.create

    def full(*arguments: object, **named: object) -> object:
        raise RunError(f"{path}: the result cannot be written: No space left on device")

    monkeypatch.setattr(production, "create", full)
    with pytest.raises(RunError, match="No space left on device; 3 of 3 blocks are kept"):
        produce(plan, path, workers=1)
    monkeypatch.setattr(production, "create", real)
    assert produce(plan, path, workers=1, resume=True).kept == 3
    same(path, undisturbed)


def test_numbers_are_finite(undisturbed: Path) -> None:
    with h5py.File(undisturbed) as file:
        assert np.isfinite(file["gdp"][:, :, -1]).all()
