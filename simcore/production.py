"""Making a result file: run what is missing, keep what is done, join the blocks.

A run that was killed, interrupted or starved of disk leaves its finished blocks; resumed, it
computes the others and gives the same bits as an undisturbed one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simcore.cluster import Cluster, run_on_dask
from simcore.disk import refuse_full, writing
from simcore.errors import InputError, RunError, SimcoreError
from simcore.joining import block_draws_of, join, recover
from simcore.plan import Plan, sampled_names
from simcore.sampling import BLOCK
from simcore.shards import Parts, Rows, block_room, described, wanted
from simcore.store import number_of_draws, read_attributes, refuse_existing, room
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
    block_draws: int | None = None,
) -> Outcome:
    """Run a plan into a file; ``workers`` processes, by default one a core, or a Dask cluster.

    With ``resume`` the blocks of an interrupted run, or of a finished one with fewer draws, are
    kept. Raises `InputError` if they belong to something else, are more than is asked for, or
    another run holds the file, `RunError` if the run fails; finished blocks then stay for a later
    ``resume``. ``block_draws`` : draws of a block of work, by default those of what is resumed,
    else `sampling.BLOCK`; the result is the same.
    """
    refuse_existing(path, force=force or resume)
    parts = Parts(path)
    with parts.locked(), writing(path):
        plan = replace(plan, block_draws=block_draws or plan.block_draws)
        if resume:
            _refuse_another(parts, plan, path)
            _refuse_fewer(parts, plan, path)
            plan = replace(plan, block_draws=_size(parts, path, block_draws) or plan.block_draws)
        else:
            _refuse_unfinished(parts, force=force)
            parts.clear()
        count = plan.blocks
        refuse_full(path, _room(plan, parts, count))
        parts = parts.begin(plan)
        with _resumable(parts, count), writing(path):
            damaged = recover(plan, parts, path) if resume and path.exists() else []
            kept, unreadable = parts.done(plan, count)
            if progress:
                progress(sum(wanted(plan, block) for block in kept) * len(plan.scenarios))
            missing = [block for block in range(count) if block not in kept]
            _run(plan, parts, missing, cluster or workers, progress)
            unusual = join(plan, parts, path)
        parts.remove()
    return Outcome(unusual, count, len(kept), (*damaged, *unreadable))


def _room(plan: Plan, parts: Parts, count: int) -> int:
    """Return what the blocks that are not there and the result will take [bytes]."""
    present = sum(block < count for block in parts.blocks())
    result = room(plan.layout, len(sampled_names(plan.posterior)))
    return result + (count - present) * block_room(plan)


@contextlib.contextmanager
def _resumable(parts: Parts, count: int) -> Iterator[None]:
    """Say after an interrupt or a failure what is kept; keep no empty folder."""
    try:
        yield
    except (KeyboardInterrupt, SimcoreError) as error:
        done = sum(block < count for block in parts.blocks())
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
    missing: Sequence[int],
    where: Cluster | int | None,
    progress: Progress | None,
) -> None:
    if not missing:
        return
    with one_thread():
        offsets = offsets_of(plan)
    if isinstance(where, Cluster):
        run_on_dask(plan, offsets, missing, parts, where, progress)
        return
    tiles = len(missing) * plan.block_draws / BLOCK
    few = where is None and tiles * len(plan.scenarios) <= FEW
    count = min(1 if few else where or cores(), len(missing))
    if count == 1:
        run_here(plan, offsets, missing, parts, progress)
    else:
        run_on_processes(plan, offsets, missing, parts, count, progress)


# --- what is there already ------------------------------------------------------------------------


def _refuse_unfinished(parts: Parts, *, force: bool) -> None:
    """Raise `InputError` if an interrupted run left blocks, unless they may go."""
    left = parts.blocks()
    if left and not force:
        raise InputError(
            f"{parts.output}: an interrupted run left {len(left)} blocks in {parts.folder}; "
            "--resume goes on, --force starts again"
        )


def _refuse_another(parts: Parts, plan: Plan, path: Path) -> None:
    """Raise `InputError` if what is there belongs to another run."""
    now = described(plan)
    for place, found in ((parts.folder, parts.manifest()), (path, _attributes(path))):
        if found is None or found.get("fingerprint") == now["fingerprint"]:
            continue
        names = ("simcore_version", "code", "calibration", "seed", "sampler")
        other = [name for name in names if str(found.get(name)) != str(now[name])]
        what = ", ".join(other) or "scenarios"
        raise InputError(f"{place}: cannot be resumed: another {what}; --force starts again")


def _attributes(path: Path) -> dict[str, Any] | None:
    return read_attributes(path) if path.exists() else None


def _refuse_fewer(parts: Parts, plan: Plan, path: Path) -> None:
    """Raise `InputError` if more draws are there than the plan wants: they would be lost."""
    held = number_of_draws(path) if path.exists() else 0
    begun = parts.manifest()
    if begun is not None:
        size = begun["block"]
        held = max([held, *(min((b + 1) * size, begun["draws"]) for b in parts.blocks())])
    if held > plan.draws:
        raise InputError(
            f"{path}: cannot be resumed: {held} draws are there, {plan.draws} are asked for; "
            f"-n {held} keeps them, --force starts again"
        )


def _size(parts: Parts, path: Path, wanted: int | None) -> int | None:
    """Return how many draws the blocks have that are there, None where there are none.

    Raises `InputError` if another number is wanted: blocks are kept whole.
    """
    begun, size = parts.manifest(), None
    if begun is not None:
        size = begun["block"]
    elif path.exists():
        size = block_draws_of(path)
    if size and wanted and size != wanted:
        raise InputError(
            f"{path}: cannot be resumed in blocks of {wanted} draws: its own have {size}; "
            f"--block-draws {size} goes on, --force starts again"
        )
    return size
