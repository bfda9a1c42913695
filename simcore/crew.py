"""Who does the tasks of a run: this process, others on this machine, or a Dask cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from simcore.cluster import Cluster, on_dask
from simcore.plan import Plan
from simcore.sampling import BLOCK
from simcore.shards import Parts
from simcore.sweep import Progress, offsets_of
from simcore.tasks import Copy, Do, Done, Summary, Task
from simcore.threads import cores, one_thread
from simcore.workers import here, on_processes

FEW = 6  # blocks times scenarios that one process finishes before another has started


@contextlib.contextmanager
def crew(
    plan: Plan,
    parts: Parts,
    where: Cluster | int | None,
    missing: Sequence[int],
    joined: int = 0,
    progress: Progress | None = None,
) -> Iterator[Do]:
    """Yield what does tasks: as many processes as are worth it, no more than asked for.

    ``missing``, ``joined`` : blocks that are to be computed, and how many make a result.
    """
    with one_thread():
        offsets = offsets_of(plan) if missing else []
        _ = plan.drawing, plan.funnels, plan.firm_changes  # what workers are given, and the result
    if isinstance(where, Cluster) and (missing or plan.keep == "summary"):
        with (
            on_dask(plan, offsets, parts, where, progress) as there,
            crew(plan, parts, None, [], joined) as near,
        ):
            yield _shared(there, near)
        return
    asked = None if isinstance(where, Cluster) else where
    tiles = (len(missing) + joined) / (2 if joined else 1) * plan.block_draws / BLOCK
    few = asked is None and tiles * len(plan.scenarios) <= FEW
    count = min(1 if few else asked or cores(), max(len(missing), joined, 1))
    if count == 1:
        with here(plan, offsets, parts, progress) as do:
            yield do
    else:
        with on_processes(plan, offsets, parts, count, progress) as do:
            yield do


def _shared(there: Do, near: Do) -> Do:
    """Return what leaves to a cluster all but joining: one machine alone writes the result."""

    def do(tasks: Sequence[Task]) -> Iterator[Done]:
        joins = any(isinstance(task, Copy | Summary) for task in tasks)
        return near(tasks) if joins else there(tasks)

    return do
