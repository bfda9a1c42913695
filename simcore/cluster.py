"""Blocks of a plan on Dask distributed: the same blocks, the same files, on other machines.

Workers write the files of their blocks to the folder beside the output, which they must share
with this process. Nothing but the job (a few hundred kilobytes) and numbers of blocks travels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from simcore.assembly import Offsets
from simcore.errors import InputError, RunError, SimcoreError
from simcore.faults import BrokenDraw
from simcore.labels import say, use_language
from simcore.plan import Plan
from simcore.shards import Parts
from simcore.sweep import Progress
from simcore.tasks import Do, Done, Task
from simcore.threads import cores, one_thread
from simcore.workers import Job, perform, told

RETRIES = 3  # times that a block is run again when the worker that had it is gone
WAIT = "30s"  # for a scheduler to answer


@dataclass(frozen=True)
class Cluster:
    """Where blocks run: ``local`` starts a cluster here, else a scheduler's address.

    ``workers`` : of a local one, by default a core each; ``announce`` is told the address of the
    cluster's dashboard.
    """

    address: str
    workers: int | None = None
    announce: Callable[[str], None] | None = None


@contextmanager
def on_dask(
    plan: Plan,
    offsets: Sequence[Offsets | None],
    parts: Parts,
    cluster: Cluster,
    progress: Progress | None = None,
) -> Iterator[Do]:
    """Do tasks on a Dask cluster.

    A block whose worker dies runs on another. Raises `RunError` without Dask, and if blocks fail;
    `InputError` if no scheduler answers.
    """
    with _client(cluster) as client:
        if cluster.announce:
            cluster.announce(client.dashboard_link)
        from distributed import as_completed

        job = client.submit(_job, Job.of(plan, offsets, parts), pure=False, retries=RETRIES)

        def do(tasks: Sequence[Task]) -> Iterator[Done]:
            running = [client.submit(_do, job, t, pure=False, retries=RETRIES) for t in tasks]
            try:
                for done in as_completed(running):
                    if done.status != "finished":
                        raise RunError(
                            say("a block failed on the cluster: {error}", error=done.exception())
                        )
                    result = done.result()
                    if isinstance(result, SimcoreError):
                        raise result
                    yield told(result, plan, progress)
            finally:
                client.cancel(running)

        yield do


@contextmanager
def _client(where: Cluster) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise RunError(say("--dask needs Dask: pip install 'simcore[distributed]'")) from error
    if where.address == "local":
        with (
            LocalCluster(
                n_workers=where.workers or cores(), threads_per_worker=1, dashboard_address=":0"
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(where.address, timeout=WAIT)
    except (OSError, ValueError) as error:
        raise InputError(say(
            "--dask {address}: no scheduler answers there: {error}",
            address=where.address, error=error,
        )) from error  # fmt: skip
    with client:
        yield client


def _job(job: Job) -> Job:
    """The job, as a result: one that is lost with a worker is made again, scattered data is not."""
    return job


def _do(job: Job, task: Task) -> Done | SimcoreError:
    """Do one task on a worker; returns an error that would come again on every other one."""
    use_language(job.language)
    try:
        with one_thread():
            return perform(_plan(job), job.offsets, job.parts, task)
    except (InputError, BrokenDraw) as error:
        return error


_KEPT: list[tuple[Job, Plan]] = []  # the job at hand with its plan, unpacked once a worker


def _plan(job: Job) -> Plan:
    if not _KEPT or _KEPT[0][0] is not job:
        _KEPT[:] = [(job, job.plan())]
    return _KEPT[0][1]
