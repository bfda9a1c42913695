"""Finished blocks are never lost: workers, resumption, extension, damage, one writer."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from simcore import joining, production, shards, workers
from simcore import plan as plan_module
from simcore.baseline import Baseline
from simcore.cli import cli
from simcore.dims import VARIABLES
from simcore.errors import InputError, RunError
from simcore.plan import Plan, code_fingerprint
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.scenario import load_scenario
from simcore.shards import Parts, intact
from simcore.store import read_attributes
from simcore.sweep import offsets_of
from simcore.tasks import Block

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
        produce(replace(plan, draws=5000), path, workers=2, progress=kill)
    produce(replace(plan, draws=5000), path, workers=1, resume=True)
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
    path, real = tmp_path / "x.h5", joining.created

    def full(*arguments: object, **named: object) -> object:
        raise RunError(f"{path}: the result cannot be written: No space left on device")

    monkeypatch.setattr(joining, "created", full)
    with pytest.raises(RunError, match="No space left on device; 3 of 3 blocks are kept"):
        produce(plan, path, workers=1)
    monkeypatch.setattr(joining, "created", real)
    assert produce(plan, path, workers=1, resume=True).kept == 3
    same(path, undisturbed)


def test_numbers_are_finite(undisturbed: Path) -> None:
    with h5py.File(undisturbed) as file:
        assert np.isfinite(file["gdp"][:, :, -1]).all()


# --- whose blocks they are ------------------------------------------------------------------------


def test_blocks_of_another_code_are_refused(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, monkeypatch, 4000)
    monkeypatch.setattr(plan_module, "code_fingerprint", lambda: "another")
    with pytest.raises(InputError, match="cannot be resumed: another code; --force"):
        produce(replace(plan), path, workers=1, resume=True)


def test_the_code_is_every_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(plan_module.__file__).parent
    for module in package.glob("*.py"):
        shutil.copy(module, tmp_path)
    monkeypatch.setattr(plan_module, "__file__", str(tmp_path / "plan.py"))
    whole = code_fingerprint.__wrapped__
    assert whole() == code_fingerprint()
    seen = {code_fingerprint()}
    for name in ("kernel", "satellites", "members", "store", "of_tomorrow"):
        with (tmp_path / f"{name}.py").open("a") as file:
            file.write("# changed")
        seen.add(whole())
    assert len(seen) == 6


def test_fewer_draws_than_are_there_lose_nothing(
    plan: Plan, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))
    before = path.read_bytes()
    with pytest.raises(InputError, match="2500 draws are there, 1500 are asked for; -n 2500"):
        produce(replace(plan, draws=1500), path, workers=1, resume=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    begun = tmp_path / "begun.h5"
    interrupted(plan, begun, monkeypatch, 4500)
    with pytest.raises(InputError, match="2048 draws are there, 1500 are asked for"):
        produce(replace(plan, draws=1500), begun, workers=1, resume=True)
    assert Parts(begun).blocks() == [0, 1]


@pytest.mark.parametrize("part", ["gdp", "members/value", "unusual_by_block", "digests"])
def test_damage_of_a_result_is_not_carried_on(
    plan: Plan, undisturbed: Path, tmp_path: Path, part: str
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))
    with h5py.File(path, "r+") as file:
        if part == "digests":
            del file["provenance"].attrs[part]
        elif part == "unusual_by_block":
            file["provenance"].attrs[part] = "[]"
        else:
            file[part][..., 7] = 1
    outcome = produce(plan, path, workers=1, resume=True)
    lost = {"digests": (), "unusual_by_block": ("x.h5, block 0", "x.h5, block 1")}
    assert outcome.damaged == lost.get(part, ("x.h5, block 0",))
    assert outcome.kept == (1 if "/" in part or part == "gdp" else 0)
    same(path, undisturbed)


def test_a_block_that_changes_while_the_run_goes_on_is_not_joined(
    plan: Plan, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, complete = tmp_path / "x.h5", production._complete
    other = replace(plan, seed=SEED + 1)

    def orphan(plan: Plan, parts: Parts, *rest: Any) -> None:
        complete(plan, parts, *rest)
        workers.perform(other, offsets_of(other), parts, Block(0))

    monkeypatch.setattr(production, "_complete", orphan)
    with pytest.raises(RunError, match=r"block-000000\.h5: was damaged.*--resume goes on"):
        produce(plan, path, workers=1)
    monkeypatch.setattr(production, "_complete", complete)
    assert produce(plan, path, workers=1, resume=True).kept == 2
    same(path, undisturbed)


def test_an_orphan_of_an_earlier_run_replaces_nothing(plan: Plan, tmp_path: Path) -> None:
    parts = Parts(tmp_path / "x.h5")
    with parts.locked():
        old, new = parts.begin(plan), parts.begin(plan)
        with shards.written(new, plan, 0):
            pass
        before = parts.path(0).read_bytes()
        refused = pytest.raises(RunError, match="another run is writing it")
        with refused, shards.written(old, plan, 0) as (sink, _):
            sink.file.attrs["whose"] = "the orphan"
        assert parts.path(0).read_bytes() == before
        assert not list(parts.folder.glob("*.part"))


def test_workers_end_with_the_process_that_was_killed(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "simcore", "run", "baseline", "-n", "400000", "-o",
        str(tmp_path / "x.h5"), "--workers", "2",
    ]  # fmt: skip
    process = subprocess.Popen(command, start_new_session=True)
    parts, patience = Parts(tmp_path / "x.h5"), time.monotonic() + 120
    while not parts.blocks():
        assert time.monotonic() < patience
        time.sleep(0.05)
    process.kill()
    process.wait()
    while session(process.pid) and time.monotonic() < patience:
        time.sleep(0.05)
    assert session(process.pid) == []


@pytest.mark.parametrize("pause", [0, 0.2])
def test_a_worker_that_dies_while_another_is_started_is_said(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    """The pool has ended its workers when the second one comes, and would wait for it."""
    spawn: Any = getattr(ProcessPoolExecutor, "_spawn_process")  # noqa: B009

    def late(pool: Any) -> None:
        if pool._processes:
            os.kill(next(iter(pool._processes)), signal.SIGKILL)
            patience = time.monotonic() + 3  # later Pythons end none while one is started
            while not pool._broken and time.monotonic() < patience:
                time.sleep(0.01)
            time.sleep(pause)
        spawn(pool)

    monkeypatch.setattr(ProcessPoolExecutor, "_spawn_process", late)
    parts = Parts(tmp_path / "x.h5")
    with parts.locked():
        died = pytest.raises(RunError, match="a worker process died")
        with died, workers.on_processes(plan, [None, None], parts.begin(plan), 2) as do:
            list(do([Block(0), Block(1)]))
    assert not multiprocessing.active_children()


def session(leader: int) -> list[int]:
    """Processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, number = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(number) == leader and state != "Z":
            found.append(int(stat.parent.name))
    return found


def test_an_error_of_setting_up_a_worker_is_said(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = workers.Job.of
    monkeypatch.setattr(workers.Job, "of", lambda *given: replace(whole(*given), arrays=()))
    parts = Parts(tmp_path / "x.h5")
    with parts.locked():
        failed = pytest.raises(RunError, match="a worker process could not begin: .*missing")
        with failed, workers.on_processes(plan, [None, None], parts.begin(plan), 2) as do:
            list(do([Block(0), Block(1)]))


def test_the_lock_is_the_file_that_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run ends, and removes the lock, after another has opened it and before that holds it."""
    parts, real, ended = Parts(tmp_path / "x.h5"), fcntl.flock, []

    def flock(file: object, how: int) -> None:
        if not ended:
            ended.append(True)
            parts.remove()
        real(file, how)  # type: ignore[arg-type]

    monkeypatch.setattr(fcntl, "flock", flock)
    with parts.locked():
        assert parts.lock.exists()
        assert parts.running()
        with pytest.raises(InputError, match="another run is writing it"), parts.locked():
            pass
    assert not parts.running()


# --- the disk and the folder ----------------------------------------------------------------------


def test_too_little_room_is_refused_before_the_first_block(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1, 1, 70_000_000))
    with pytest.raises(RunError, match=r"x\.h5: .* MB are needed, 70\.0 MB are free$"):
        produce(plan, tmp_path / "x.h5", workers=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["begin", "clear", "done"])
def test_an_error_of_the_system_is_one_line_at_every_step(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "begin":
        monkeypatch.setattr(os, "replace", fail)
    else:
        monkeypatch.setattr(Parts, step, fail)
    (tmp_path / "x.h5.parts").mkdir()
    with pytest.raises(RunError, match=r"^[^\n]*x\.h5: [^\n]*No space left on device$"):
        produce(plan, tmp_path / "x.h5", workers=1)
    assert not list(tmp_path.glob("x.h5.parts/manifest*"))


def test_a_strange_folder_among_the_blocks_stays(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    strange = Parts(path).folder / "block-notes.h5" / "mine"
    strange.mkdir(parents=True)
    (Parts(path).folder / "block-000001.h5.old.part").write_text("of a killed run")
    produce(replace(plan, draws=10), path, workers=1, force=True)
    assert [entry.name for entry in Parts(path).folder.iterdir()] == ["block-notes.h5"]
    assert strange.is_dir()
    assert Parts(path).state() is None


@pytest.mark.parametrize("size", [256, 4096])
def test_blocks_of_another_size_give_the_same_result(
    size: int, plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.h5"
    outcome = produce(plan, path, workers=2 if size == 256 else 1, block_draws=size)
    assert outcome.blocks == -(-DRAWS // size)
    same(path, undisturbed)
    assert read_attributes(path)["fingerprint"] == plan.fingerprint


def test_what_is_resumed_keeps_the_size_of_its_blocks(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path, done = tmp_path / "x.h5", []

    def stop(count: int) -> None:
        done.append(count)
        if len(done) > 10:
            raise KeyboardInterrupt

    with pytest.raises(RunError, match="interrupted; 4 of 10 blocks are kept"):
        produce(plan, path, workers=1, block_draws=256, progress=stop)
    state = Parts(path).state()
    assert state is not None
    assert (state["block"], state["blocks"], state["done"]) == (256, 10, 4)
    refusal = r"in blocks of 4096 draws: its own have 256; --block-draws 256 goes on, --force"
    with pytest.raises(InputError, match=refusal):
        produce(plan, path, workers=1, block_draws=4096, resume=True)
    with pytest.raises(InputError, match="1024 draws are there, 1000 are asked for"):
        produce(replace(plan, draws=1000), path, workers=1, resume=True)
    assert produce(plan, path, workers=1, resume=True).kept == 4
    same(path, undisturbed)


def test_a_finished_result_is_extended_in_its_own_blocks(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.h5"
    produce(replace(plan, draws=1600), path, workers=1, block_draws=256)
    with pytest.raises(InputError, match="in blocks of 1024 draws: its own have 256"):
        produce(plan, path, workers=1, block_draws=1024, resume=True)
    outcome = produce(plan, path, workers=1, resume=True)
    assert (outcome.blocks, outcome.kept, outcome.damaged) == (10, 6, ())
    same(path, undisturbed)


def test_blocks_of_another_size_are_not_taken_from_a_result_that_was_to_be_replaced(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))

    small = replace(plan, scenarios=plan.scenarios[:1])
    produce(small, path, workers=1, force=True)
    parts = Parts(path)
    with parts.locked():
        parts.begin(replace(small, block_draws=4096))
    outcome = produce(small, path, workers=1, resume=True)
    assert (outcome.blocks, outcome.kept, outcome.damaged) == (1, 0, ())


@pytest.mark.parametrize("text", ["[]", "{}", '{"draws": "many"}', "\x00"])
def test_a_manifest_that_says_too_little_is_damaged(tmp_path: Path, text: str) -> None:
    parts = Parts(tmp_path / "x.h5")
    parts.folder.mkdir()
    (parts.folder / "manifest.json").write_text(text)
    with pytest.raises(RunError, match=r"manifest\.json: is damaged: .*; --force starts again"):
        parts.state()


def test_a_result_without_provenance_cannot_be_extended(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))
    with h5py.File(path, "r+") as file:
        del file["provenance"]
    with pytest.raises(RunError, match=r"x\.h5: is damaged: .*provenance"):
        produce(replace(plan, draws=4000), path, workers=1, resume=True)
    assert path.exists()


# --- looking at it --------------------------------------------------------------------------------


def test_a_result_and_an_unfinished_run_of_it_are_both_shown(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))
    parts = Parts(path)
    with parts.locked():
        parts.begin(replace(plan, draws=5000))
        text = CliRunner().invoke(cli, ["inspect", str(path)]).output
        assert "unfinished; 0 of 5 blocks are done" in text
        assert "a run of it is going on" in text
        assert "--resume" not in text
        assert "foreign_investment" in text
    found = json.loads(CliRunner().invoke(cli, ["inspect", str(path), "--json"]).output)
    assert (found["draws"], found["unfinished"]["running"]) == (DRAWS, False)
    text = CliRunner().invoke(cli, ["inspect", str(path)]).output
    assert "the same command with --resume goes on" in text
