"""Making a result file: run what is missing, keep what is done, join the blocks.

A run that was killed, interrupted or starved of disk leaves its finished blocks; resumed, it
computes the others and gives the same bits as an undisturbed one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simcore.block_file import block_room
from simcore.cluster import Cluster
from simcore.crew import crew
from simcore.digestion import digested, recheck, rounds, scratch, tally_there
from simcore.disk import refuse_full, writing
from simcore.errors import InputError, RunError, SimcoreError
from simcore.faults import BrokenDraw, Tally, TooManyMasked
from simcore.joining import join, recover, summarise, tally_in_result
from simcore.labels import say
from simcore.plan import Plan, sampled_names
from simcore.resumption import (
    block_size,
    finished,
    refuse_another,
    refuse_fewer,
    refuse_unfinished,
    refuse_without_draws,
)
from simcore.shards import Parts, wanted
from simcore.store import room
from simcore.sweep import Progress
from simcore.tasks import Block, Do
from simcore.writing import refuse_existing

_GOES_ON: dict[type[BaseException], str] = {
    TooManyMasked: "with --resume and more draws",
    BrokenDraw: "with --resume and without --fail-fast",
}


@dataclass(frozen=True)
class Outcome:
    """How a result came about: what was wrong or unusual, and which blocks were already there."""

    tally: Tally
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
    block_draws: int | None = None,
) -> Outcome:
    """Run a plan into a file; ``workers`` processes, by default one a core, or a Dask cluster.

    With ``resume`` the blocks of an interrupted run, or of a finished one with fewer draws, are
    kept. Raises `InputError` if they belong to something else, are more than is asked for, or
    another run holds the file, `RunError` if the run fails; finished blocks then stay for a later
    ``resume``. ``block_draws`` : draws of a block of work, by default those of what is resumed,
    else `sampling.BLOCK`; the result is the same.
    """
    with _begun(plan, path, block_draws, resume=resume, force=force) as (plan, parts):
        if resume and finished(plan, path):
            parts.remove()
            return Outcome(tally_in_result(path), plan.blocks, plan.blocks, ())
        with _resumable(plan, parts), writing(path):
            damaged = recover(plan, parts, path) if resume and path.exists() else []
            damaged += recheck(plan, parts)
            kept, unreadable = _kept(plan, parts)
            missing = [block for block in range(plan.blocks) if block not in kept]
            full = plan.keep == "full"
            left = plan.blocks if full else plan.blocks - digested(plan, parts)
            with crew(plan, parts, cluster or workers, missing, left, progress) as do:
                _complete(plan, parts, range(plan.blocks), kept, do, progress)
                tally = join(plan, parts, path, do) if full else summarise(plan, parts, path)
        parts.remove()
    return Outcome(tally, plan.blocks, len(kept), (*damaged, *unreadable))


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
    block_draws: int | None = None,
) -> tuple[range, int]:
    """Compute the blocks of a part alone, and leave them beside where the result would be.

    ``part`` : (1, 3) is the first third. Returns its blocks, and how many were there already.
    Else as `produce`; also raises `InputError` if the part has no blocks.
    """
    refuse_part_of_summaries(plan)
    if path.exists():
        raise InputError(
            say("{path}: exists: a part belongs to a result that is not there yet", path=path)
        )
    begun = _begun(plan, path, block_draws, resume=resume, force=force, part=part)
    with begun as (plan, parts), _resumable(plan, parts), writing(path):
        blocks, (kept, _) = part_of(plan.blocks, part), _kept(plan, parts)
        missing = [block for block in blocks if block not in kept]
        with crew(plan, parts, cluster or workers, missing, 0, progress) as do:
            _complete(plan, parts, blocks, kept, do, progress)
    return blocks, len(kept & set(blocks))


def refuse_part_of_summaries(plan: Plan) -> None:
    """Raise `InputError` if a plan lets its draws go: its parts could not be joined."""
    if plan.keep == "summary":
        raise InputError(say("a part keeps its blocks whole; give --keep summary to simcore merge"))


def part_of(count: int, part: tuple[int, int]) -> range:
    """Return the blocks of a part of a run of ``count`` blocks, next to each other.

    Raises `InputError` if there are none.

    >>> [part_of(10, (number, 3)) for number in (1, 2, 3)]
    [range(0, 3), range(3, 6), range(6, 10)]
    """
    number, of = part
    blocks = range((number - 1) * count // of, number * count // of)
    if not blocks:
        raise InputError(say(
            "part {number}/{of} is empty: the run has {count} blocks",
            number=number, of=of, count=count,
        ))  # fmt: skip
    return blocks


@contextlib.contextmanager
def _begun(
    plan: Plan,
    path: Path,
    block_draws: int | None,
    *,
    resume: bool,
    force: bool,
    part: tuple[int, int] | None = None,
) -> Iterator[tuple[Plan, Parts]]:
    """Hold the folder of a run that may begin, or go on from what is there, in blocks of its size.

    ``part`` : of a part that makes no result.
    """
    refuse_existing(path, force=force or resume)
    parts = Parts(path)
    with parts.locked(), writing(path):
        plan = replace(plan, block_draws=block_draws or plan.block_draws)
        if resume:
            refuse_another(parts, plan, path)
            refuse_fewer(parts, plan, path)
            refuse_without_draws(parts, plan, path)
            size = block_size(parts, path, block_draws)
            plan = replace(plan, block_draws=size or plan.block_draws)
        else:
            refuse_unfinished(parts, force=force)
            parts.clear()
        blocks = part_of(plan.blocks, part) if part else None
        if not (resume and finished(plan, path)):
            refuse_full(path, len(blocks) * block_room(plan) if blocks else _room(plan, parts))
        yield plan, parts.begin(plan)


def _kept(plan: Plan, parts: Parts) -> tuple[set[int], list[str]]:
    """Return the blocks that need not be computed, and the names of damaged files."""
    kept, damaged = parts.done(plan, plan.blocks)
    return kept | set(range(digested(plan, parts))), damaged


def _room(plan: Plan, parts: Parts) -> int:
    """Return what the blocks that are not there and the result will take [bytes]."""
    count = plan.blocks
    result = room(plan.layout, len(sampled_names(plan.posterior)), plan.keep)
    if plan.keep == "summary":
        there = [parts.path(block) for block in parts.blocks()] + parts.digests()
        return result + max(scratch(plan) - sum(path.stat().st_size for path in there), 0)
    present = sum(block < count for block in parts.blocks())
    return result + (count - present) * block_room(plan)


@contextlib.contextmanager
def _resumable(plan: Plan, parts: Parts) -> Iterator[None]:
    """Say after an interrupt or a failure what is kept; keep no empty folder."""
    count = plan.blocks
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
        what = say("interrupted") if isinstance(error, KeyboardInterrupt) else str(error)
        how = say(_GOES_ON.get(type(error), "with --resume"))
        raise RunError(say(
            "{what}; {done} of {count} blocks are kept in {folder}, the same command "
            "{how} goes on",
            what=what, done=done, count=count, folder=parts.folder, how=how,
        )) from error  # fmt: skip


def _complete(
    plan: Plan,
    parts: Parts,
    blocks: Sequence[int],
    kept: Collection[int],
    do: Do,
    progress: Progress | None,
) -> None:
    """Compute the blocks that are not kept, until it is certain that too many draws are masked.

    Where summaries are wanted, all blocks are digested.
    """
    if progress:
        progress(sum(wanted(plan, b) for b in blocks if b in kept) * len(plan.scenarios))
    total = tally_there(plan, parts, kept)
    total.refuse_too_many(plan.draws, fail_fast=plan.fail_fast)
    missing = [Block(block) for block in blocks if block not in kept]
    for tasks in rounds(plan, parts, kept) if plan.keep == "summary" else [missing]:
        running = do(tasks)
        if len(blocks) == plan.blocks:
            _ = plan.image  # while others compute; the result begins with it
        for done in running:
            total.join(done.tally)
            total.refuse_too_many(plan.draws)
