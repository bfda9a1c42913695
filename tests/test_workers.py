"""Processes that compute blocks: as many as one likes; what happens when one dies, or all."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from interrupted_runs import DRAWS, SEED, same

from simcore import workers
from simcore.errors import RunError
from simcore.labels import use_language
from simcore.plan import Plan
from simcore.production import produce
from simcore.shards import Parts
from simcore.tasks import Block

KILLS = 4


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


def test_workers_do_not_matter(plan: Plan, undisturbed: Path, tmp_path: Path) -> None:
    produce(plan, tmp_path / "x.h5", workers=2)
    same(tmp_path / "x.h5", undisturbed)
    assert [path.name for path in tmp_path.iterdir()] == ["x.h5"]


def test_a_dead_worker_is_said_and_its_blocks_are_done_later(
    plan: Plan, undisturbed: Path, tmp_path: Path
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


@pytest.mark.long
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


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "a worker process could not begin: .*missing"),
        ("zh", "有工作进程未能启动：.*missing"),
    ],
)
def test_an_error_of_setting_up_a_worker_is_said_in_the_language_in_use(
    language: str, message: str, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_language(language)
    whole = workers.Job.of
    monkeypatch.setattr(workers.Job, "of", lambda *given: replace(whole(*given), arrays=()))
    parts = Parts(tmp_path / "x.h5")
    with parts.locked():
        failed = pytest.raises(RunError, match=message)
        with failed, workers.on_processes(plan, [None, None], parts.begin(plan), 2) as do:
            list(do([Block(0), Block(1)]))
