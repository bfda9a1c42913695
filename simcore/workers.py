"""Blocks of a plan on several processes; each writes its own files, nothing big travels."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing.connection import wait

from simcore.arrays import Array
from simcore.assembly import Offsets
from simcore.errors import RunError
from simcore.history import Past
from simcore.levers import Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior, Problem
from simcore.shards import Parts, wanted, written
from simcore.sweep import Progress, run_block
from simcore.threads import one_thread


@dataclass(frozen=True)
class Job:
    """All that a process needs to run any block of a plan; small, and plain data."""

    past: Past
    arrays: tuple[Array, Array, Array, Array]
    fingerprint: str
    scenarios: tuple[Scenario, ...]
    draws: int
    seed: int
    block_draws: int
    offsets: tuple[Offsets | None, ...]
    parts: Parts

    @classmethod
    def of(cls, plan: Plan, offsets: Sequence[Offsets | None], parts: Parts) -> Job:
        """Pack a plan."""
        p = plan.posterior
        arrays = (p.mean, p.factor, p.misfit, p.jacobian)
        past = p.problem.past
        return cls(
            Past(past.baseline, past.priors, past.satellites), arrays, p.fingerprint,
            plan.scenarios, plan.draws, plan.seed, plan.block_draws, tuple(offsets),
            replace(parts, output=parts.output.absolute()),
        )  # fmt: skip

    def plan(self) -> Plan:
        """Unpack the plan."""
        posterior = Posterior(Problem.of(self.past), *self.arrays, self.fingerprint)
        return Plan(self.scenarios, self.draws, self.seed, posterior, block_draws=self.block_draws)


def write_block(
    plan: Plan,
    offsets: Sequence[Offsets | None],
    parts: Parts,
    block: int,
    progress: Progress | None = None,
) -> int:
    """Run one block into its file; returns its number."""
    with written(parts, plan, block) as (sink, tally):
        tally += run_block(plan, offsets, block, sink, progress).rows()
    return block


def run_here(
    plan: Plan,
    offsets: Sequence[Offsets | None],
    blocks: Sequence[int],
    parts: Parts,
    progress: Progress | None = None,
) -> None:
    """Run blocks one after the other in this process."""
    with one_thread():
        for block in blocks:
            write_block(plan, offsets, parts, block, progress)


def run_on_processes(
    plan: Plan,
    offsets: Sequence[Offsets | None],
    blocks: Sequence[int],
    parts: Parts,
    workers: int,
    progress: Progress | None = None,
) -> None:
    """Run blocks on local processes.

    Raises `RunError` if a process dies or cannot begin; finished blocks stay. After an interrupt
    the blocks in flight are finished, no other is begun.
    """
    context = multiprocessing.get_context(_start_method())
    job = Job.of(plan, offsets, parts)
    with ProcessPoolExecutor(workers, context, _prepare, (job,)) as pool:
        try:
            running = [pool.submit(_run, block) for block in blocks]
            for done in as_completed(running):
                block = done.result()
                if progress:
                    progress(wanted(plan, block) * len(plan.scenarios))
        except BrokenProcessPool as error:
            raise RunError("a worker process died (killed, or out of memory)") from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start_method() -> str:
    """Return a way of starting that inherits no threads."""
    known = multiprocessing.get_all_start_methods()
    return "forkserver" if "forkserver" in known else "spawn"


_STATE: dict[str, tuple[Plan, Job]] = {}
_FAILED: list[Exception] = []
_KEPT = ExitStack()


def _prepare(job: Job) -> None:
    """Set up a worker: an interrupt is the parent's to handle, linear algebra has one thread.

    An error is kept for the first block to raise: the pool would say no more than that it broke.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _KEPT.enter_context(one_thread())
        _STATE["job"] = (job.plan(), job)
    except Exception as error:
        _FAILED.append(error)


def _end_with_parent() -> None:
    """End this worker with the process that gives it work, however that one ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _run(block: int) -> int:
    if _FAILED:
        what = (str(_FAILED[0]).splitlines() or [type(_FAILED[0]).__name__])[0]
        raise RunError(f"a worker process could not begin: {what}") from _FAILED[0]
    plan, job = _STATE["job"]
    return write_block(plan, job.offsets, job.parts, block)
