"""Blocks of a plan on several processes; each writes its own files, nothing big travels."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

from simcore.arrays import Array
from simcore.aside import end_with_parent, start_method
from simcore.assembly import Offsets
from simcore.block_file import written
from simcore.digestion import digest
from simcore.errors import RunError
from simcore.faults import Tally
from simcore.history import Past
from simcore.joining import copy, summary
from simcore.labels import language, say, use_language
from simcore.plan import Plan
from simcore.posterior import Posterior, Problem
from simcore.shards import Parts, wanted
from simcore.sweep import Progress, run_block
from simcore.tasks import Block, Check, Copy, Digest, Do, Done, Summary, Task
from simcore.threads import one_thread


@dataclass(frozen=True)
class Job:
    """All that a process needs to run any block of a plan; small, and plain data."""

    past: Past
    arrays: tuple[Array, Array, Array, Array]
    fingerprint: str
    settings: Mapping[str, Any]
    """the plan's fields beside its posterior"""
    offsets: tuple[Offsets | None, ...]
    parts: Parts
    language: str
    """of the errors"""

    @classmethod
    def of(cls, plan: Plan, offsets: Sequence[Offsets | None], parts: Parts) -> Job:
        """Pack a plan."""
        p = plan.posterior
        past = p.problem.past
        settings = {field.name: getattr(plan, field.name) for field in fields(Plan)}
        del settings["posterior"]
        settings["given"], settings["effects"] = plan.drawing, plan.projects
        settings["given_firms"] = plan.firm_changes
        return cls(
            Past(past.baseline, past.priors, past.satellites),
            (p.mean, p.factor, p.misfit, p.jacobian), p.fingerprint, settings, tuple(offsets),
            replace(parts, output=parts.output.absolute()), language(),
        )  # fmt: skip

    def plan(self) -> Plan:
        """Unpack the plan."""
        posterior = Posterior(Problem.of(self.past), *self.arrays, self.fingerprint)
        return Plan(posterior=posterior, **self.settings)


def perform(
    plan: Plan,
    offsets: Sequence[Offsets | None],
    parts: Parts,
    task: Task,
    progress: Progress | None = None,
) -> Done:
    """Do a task. Raises `RunError` if a block is not whole."""
    match task:
        case Block(block):
            with written(parts, plan, block) as (sink, rows):
                tally = run_block(plan, offsets, block, sink, progress)
                rows += tally.rows()
            return Done(task, tally)
        case Check(block):
            parts.refuse_harmed(plan, block)
        case Digest():
            digest(plan, parts, task)
        case Copy():
            return Done(task, *copy(plan, parts, task))
        case Summary():
            return Done(task, Tally(), summary(plan, task))
    return Done(task, Tally())


@contextmanager
def here(
    plan: Plan,
    offsets: Sequence[Offsets | None],
    parts: Parts,
    progress: Progress | None = None,
) -> Iterator[Do]:
    """Do tasks one after the other in this process."""
    with one_thread():
        yield lambda tasks: (perform(plan, offsets, parts, task, progress) for task in tasks)


@contextmanager
def on_processes(
    plan: Plan,
    offsets: Sequence[Offsets | None],
    parts: Parts,
    workers: int,
    progress: Progress | None = None,
) -> Iterator[Do]:
    """Do tasks on local processes.

    Raises `RunError` if a process dies or cannot begin; finished blocks stay. After an interrupt
    the tasks in flight are finished, no other is begun; so when no more of them are asked for.
    """
    context = multiprocessing.get_context(start_method())
    job, others = Job.of(plan, offsets, parts), multiprocessing.active_children()

    def do(tasks: Sequence[Task]) -> Iterator[Done]:
        futures = _submitted(pool, tasks)
        return (told(future.result(), plan, progress) for future in as_completed(futures))

    with ProcessPoolExecutor(workers, context, _prepare, (job,)) as pool:
        try:
            yield do
        except BrokenProcessPool as error:
            for child in multiprocessing.active_children():  # one that was just being started is
                if child not in others:  # unknown to the pool, which would wait for it for ever
                    child.terminate()
            raise RunError(
                say("a worker process died or did not start (killed, or out of memory)")
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, tasks: Sequence[Task]) -> list[Future[Done]]:
    """Hand tasks over; the pool closes its pipes under a worker that is just being started."""
    try:
        return [pool.submit(_run, task) for task in tasks]
    except OSError as error:
        raise BrokenProcessPool(str(error)) from error


def told(done: Done, plan: Plan, progress: Progress | None) -> Done:
    """Tell of the draws of a block that was computed."""
    if progress and isinstance(done.task, Block):
        progress(wanted(plan, done.task.number) * len(plan.scenarios))
    return done


_STATE: dict[str, tuple[Plan, Job]] = {}
_FAILED: list[Exception] = []
_KEPT = ExitStack()


def _prepare(job: Job) -> None:
    """Set up a worker: an interrupt is the parent's to handle, linear algebra has one thread.

    An error is kept for the first block to raise: the pool would say no more than that it broke.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    use_language(job.language)
    try:
        _KEPT.enter_context(one_thread())
        _STATE["job"] = (job.plan(), job)
    except Exception as error:
        _FAILED.append(error)


def _run(task: Task) -> Done:
    if _FAILED:
        what = (str(_FAILED[0]).splitlines() or [type(_FAILED[0]).__name__])[0]
        raise RunError(say("a worker process could not begin: {what}", what=what)) from _FAILED[0]
    plan, job = _STATE["job"]
    return perform(plan, job.offsets, job.parts, task)
