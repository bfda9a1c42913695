"""A second process: it works elsewhere, says what went wrong, and is gone with its block."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest
from pipelines import FIRST_CHANGED, small_pipeline

from simcore import aside, pipeline_fast
from simcore.aside import beside, second_process
from simcore.boxes import peel, peeling
from simcore.errors import InputError, RunError
from simcore.labels import language, use_language
from simcore.pipeline_fast import CHUNK, Simulation
from simcore.pipeline_parameters import ProjectChanges

pytestmark = pytest.mark.skipif(aside.cores() < 2, reason="a second process takes a second core")


def refuse() -> None:
    raise InputError("no such thing")


def modules() -> list[str]:
    return list(sys.modules)


def kept_there() -> int:
    return pipeline_fast._simulation.cache_info().currsize


def kill_it() -> None:
    with beside():
        process = second_process()
        assert process is not None
        process.submit(os.kill, process.submit(os.getpid).result(), signal.SIGKILL).result()


def is_gone(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return False


def comes_true(condition: Callable[[], bool]) -> bool:
    """Return whether a condition holds within a minute."""
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_it_is_another_process_with_what_was_asked_for(in_english: None) -> None:
    before = multiprocessing.active_children()
    use_language("zh")
    assert second_process() is None
    with beside("xml.dom.minidom", "no_such_module"):
        process = second_process()
        assert process is not None
        assert process.submit(os.getpid).result() != os.getpid()
        assert process.submit(language).result() == "zh"
        assert "xml.dom.minidom" in process.submit(modules).result()
        with pytest.raises(InputError, match="no such thing"):
            process.submit(refuse).result()
        assert process.submit(second_process).result() is None  # it has none of its own
    assert second_process() is None
    assert comes_true(lambda: multiprocessing.active_children() == before)


def test_one_that_was_killed_is_said() -> None:
    with pytest.raises(RunError, match="a worker process died"):
        kill_it()


def test_there_is_none_on_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "cores", lambda: 1)
    with beside():
        assert second_process() is None


def test_it_ends_with_a_parent_that_is_killed() -> None:
    code = (
        "import os, signal\n"
        "from simcore.aside import beside, second_process\n"
        "if __name__ == '__main__':\n"
        "    with beside():\n"
        "        print(second_process().submit(os.getpid).result(), flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert comes_true(lambda: is_gone(int(done.stdout)))


def test_replications_are_the_same_in_two_processes() -> None:
    parameters, changes = small_pipeline(5 * CHUNK + 3), ProjectChanges(arrivals=0.3)

    def simulation() -> Simulation:
        return Simulation(parameters, 1, range(5 * CHUNK + 3), FIRST_CHANGED)

    alone = [simulation().outturn(one) for one in (changes, ProjectChanges())]
    with beside():
        halved = simulation()
        found = [halved.outturn(one) for one in (changes, ProjectChanges())]
        process = second_process()
        assert process is not None
        assert process.submit(kept_there).result() == 1  # of them a half, for both levers
    for one, other in zip(found, alone, strict=True):
        for array in ("entered", "investment", "commissioned"):
            np.testing.assert_array_equal(getattr(one, array), getattr(other, array))


def test_a_box_is_the_same_in_the_other_process() -> None:
    pytest.importorskip("ema_workbench")
    values = np.random.default_rng(1).random((400, 3))
    wanted = (values[:, 0] > 0.6) & (values[:, 1] < 0.5)
    with beside():
        later = peeling(values, wanted, None)
        assert later.__name__ == "result"  # of the other process
        assert later() == peel(values, wanted)


def test_where_none_can_begin_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("AF_UNIX path too long")

    monkeypatch.setattr(aside, "ProcessPoolExecutor", refused)
    before = signal.getsignal(signal.SIGINT)
    with beside():
        assert second_process() is None
    assert signal.getsignal(signal.SIGINT) is before
