"""Making a result file: run what is missing, keep what is done, join the blocks.

A run that was killed, interrupted or starved of disk leaves its finished blocks; resumed, it
computes the others and gives the same bits as an undisturbed one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcore.cluster import Cluster, run_on_dask
from simcore.digestion import Block, digested, recheck, rounds, scratch
from simcore.disk import refuse_full, writing
from simcore.errors import InputError, RunError, SimcoreError
from simcore.joining import join, recover, summarise, unusual_of
from simcore.plan import Plan, sampled_names
from simcore.resumption import (
    finished,
    refuse_another,
    refuse_fewer,
    refuse_unfinished,
    refuse_without_draws,
)
from simcore.sampling import BLOCK
from simcore.shards import Parts, Rows, block_room, wanted
from simcore.store import refuse_existing, room
from simcore.sweep import Progress, offsets_of
from simcore.threads import one_thread
from simcore.workers import cores, run_here, run_on_processes

FEW = 6  # blocks times scenarios that one process finishes before another has started


@dataclass(frozen=True)
class Outcome:
    """How a result came about: what was unusual, and which blocks were already there."""

    unusual: Rows
    blocks: int
    kept: int
    damaged: tuple[str, ...]


def produce(
    plan: Plan,
    path: Path,
    *,
    workers: int | None = None,
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
    cluster: Cluster | None = None,
) -> Outcome:
    """Run a plan into a file; ``workers`` processes, by default one a core, or a Dask cluster.

    With ``resume`` the blocks of an interrupted run, or of a finished one with fewer draws, are
    kept. Raises `InputError` if they belong to something else, are more than is asked for, or
    another run holds the file, `RunError` if the run fails; finished blocks then stay for a later
    ``resume``.
    """
    count = -(-plan.draws // BLOCK)
    with _begun(plan, path, resume=resume, force=force) as parts:
        if resume and finished(plan, path):
            parts.remove()
            return Outcome(unusual_of(path), count, count, ())
        with _resumable(plan, parts), writing(path):
            damaged = recover(plan, parts, path) if resume and path.exists() else []
            damaged += recheck(plan, parts)
            kept, unreadable = _kept(plan, parts)
            _run(plan, parts, range(count), kept, cluster or workers, progress)
            unusual = (summarise if plan.keep == "summary" else join)(plan, parts, path)
        parts.remove()
    return Outcome(unusual, count, len(kept), (*damaged, *unreadable))


def produce_part(
    plan: Plan,
    path: Path,
    part: tuple[int, int],
    *,
    workers: int | None = None,
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
    cluster: Cluster | None = None,
) -> tuple[range, int]:
    """Compute the blocks of a part alone, and leave them beside where the result would be.

    ``part`` : (1, 3) is the first third. Returns its blocks, and how many were there already.
    Else as `produce`; also raises `InputError` if the part has no blocks.
    """
    blocks = part_of(-(-plan.draws // BLOCK), part)
    if plan.keep == "summary":
        raise InputError("a part keeps its blocks whole; give --keep summary to simcore merge")
    if path.exists():
        raise InputError(f"{path}: exists: a part belongs to a result that is not there yet")
    with (
        _begun(plan, path, resume=resume, force=force, blocks=blocks) as parts,
        _resumable(plan, parts),
        writing(path),
    ):
        kept, _ = _kept(plan, parts)
        _run(plan, parts, blocks, kept, cluster or workers, progress)
    return blocks, len(kept & set(blocks))


def part_of(count: int, part: tuple[int, int]) -> range:
    """Return the blocks of a part of a run of ``count`` blocks, next to each other.

    Raises `InputError` if there are none.

    >>> [part_of(10, (number, 3)) for number in (1, 2, 3)]
    [range(0, 3), range(3, 6), range(6, 10)]
    """
    number, of = part
    blocks = range((number - 1) * count // of, number * count // of)
    if not blocks:
        raise InputError(f"part {number}/{of} is empty: the run has {count} blocks")
    return blocks


@contextlib.contextmanager
def _begun(
    plan: Plan, path: Path, *, resume: bool, force: bool, blocks: range | None = None
) -> Iterator[Parts]:
    """Hold the folder of a run that may begin, or go on from what is there.

    ``blocks`` : those of a part that makes no result.
    """
    refuse_existing(path, force=force or resume)
    parts = Parts(path)
    with parts.locked(), writing(path):
        if resume:
            refuse_another(parts, plan, path)
            refuse_fewer(parts, plan, path)
            refuse_without_draws(parts, plan, path)
        else:
            refuse_unfinished(parts, force=force)
            parts.clear()
        refuse_full(path, len(blocks) * block_room(plan) if blocks else _room(plan, parts))
        yield parts.begin(plan)


def _kept(plan: Plan, parts: Parts) -> tuple[set[int], list[str]]:
    """Return the blocks that need not be computed, and the names of damaged files."""
    kept, damaged = parts.done(plan, -(-plan.draws // BLOCK))
    return kept | set(range(digested(plan, parts))), damaged


def _room(plan: Plan, parts: Parts) -> int:
    """Return what the blocks that are not there and the result will take [bytes]."""
    count = -(-plan.draws // BLOCK)
    result = room(plan.layout, len(sampled_names(plan.posterior)), plan.keep)
    if plan.keep == "summary":
        there = [parts.path(block) for block in parts.blocks()] + parts.digests()
        return result + max(scratch(plan) - sum(path.stat().st_size for path in there), 0)
    present = sum(block < count for block in parts.blocks())
    return result + (count - present) * block_room(plan)


@contextlib.contextmanager
def _resumable(plan: Plan, parts: Parts) -> Iterator[None]:
    """Say after an interrupt or a failure what is kept; keep no empty folder."""
    count = -(-plan.draws // BLOCK)
    try:
        yield
    except (KeyboardInterrupt, SimcoreError) as error:
        done = sum(block < count for block in parts.blocks())
        if parts.digests():
            done = len({*range(digested(plan, parts)), *parts.blocks()})
        if not done:
            parts.remove()
        if not done or isinstance(error, InputError):
            raise
        what = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
        raise RunError(
            f"{what}; {done} of {count} blocks are kept in {parts.folder}, "
            "the same command with --resume goes on"
        ) from error


def _run(
    plan: Plan,
    parts: Parts,
    blocks: Sequence[int],
    kept: Collection[int],
    where: Cluster | int | None,
    progress: Progress | None,
) -> None:
    """Compute the blocks that are not kept; digest all of them where summaries are wanted."""
    if progress:
        progress(sum(wanted(plan, b) for b in blocks if b in kept) * len(plan.scenarios))
    missing = [block for block in blocks if block not in kept]
    summary = plan.keep == "summary"
    if not missing and not summary:
        return
    tasks = rounds(plan, parts, kept) if summary else [[Block(block) for block in missing]]
    with one_thread():
        offsets = offsets_of(plan)
    if isinstance(where, Cluster):
        run_on_dask(plan, offsets, tasks, parts, where, progress)
        return
    few = where is None and len(missing) * len(plan.scenarios) <= FEW
    count = min(1 if few else where or cores(), max(len(missing), 1))
    if count == 1:
        run_here(plan, offsets, tasks, parts, progress)
    else:
        run_on_processes(plan, offsets, tasks, parts, count, progress)
