"""Making a result file: run what is missing, keep what is done, join the blocks.

A run that was killed, interrupted or starved of disk leaves its finished blocks; resumed, it
computes the others and gives the same bits as an undisturbed one.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simcore.cluster import Cluster, run_on_dask
from simcore.dims import BY_INDUSTRY, VARIABLES
from simcore.errors import InputError, RunError, SimcoreError
from simcore.plan import Plan, sampled_names
from simcore.results import Layout
from simcore.sampling import BLOCK
from simcore.shards import Parts, Rows, described, written
from simcore.store import FileSink, create, read_attributes, refuse_existing
from simcore.sweep import Progress, Tally, offsets_of
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
    kept. Raises `InputError` if they belong to something else or another run holds the file,
    `RunError` if the run fails; finished blocks then stay for a later ``resume``.
    """
    refuse_existing(path, force=force or resume)
    parts, count = Parts(path), -(-plan.draws // BLOCK)
    with parts.locked():
        if resume:
            _refuse_another(parts, plan, path)
            _recover(parts, plan, path)
        else:
            _refuse_unfinished(parts, force=force)
            parts.clear()
        parts.begin(plan)
        kept, damaged = parts.done(plan, count)
        if progress:
            progress(sum(min(BLOCK, plan.draws - b * BLOCK) for b in kept) * len(plan.scenarios))
        missing = [block for block in range(count) if block not in kept]
        with _resumable(parts, count):
            _run(plan, parts, missing, cluster or workers, progress)
            unusual = _join(plan, parts, count, path)
        parts.remove()
    return Outcome(unusual, count, len(kept), tuple(damaged))


@contextlib.contextmanager
def _resumable(parts: Parts, count: int) -> Iterator[None]:
    """Say after an interrupt or a failure what is kept; keep no empty folder."""
    try:
        yield
    except (KeyboardInterrupt, SimcoreError) as error:
        done = sum(parts.path(block).exists() for block in range(count))
        if not done or isinstance(error, InputError):
            parts.remove()
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
    few = where is None and len(missing) * len(plan.scenarios) <= FEW
    count = min(1 if few else where or cores(), len(missing))
    if count == 1:
        run_here(plan, offsets, missing, parts, progress)
    else:
        run_on_processes(plan, offsets, missing, parts, count, progress)


def _join(plan: Plan, parts: Parts, count: int, path: Path) -> Rows:
    """Join the blocks into the result file; returns what was unusual in them."""
    tally, by_block = Tally(), []
    with create(path, plan.layout, plan.description) as sink:
        for block in range(count):
            with h5py.File(parts.path(block), "r") as shard:
                _copy(shard, sink, plan, block)
                rows = json.loads(shard.attrs["unusual"])
            tally.join(rows)
            by_block += [[block, row] for row in rows]
        sink.note("unusual", tally.rows())
        sink.note("unusual_by_block", by_block)
    return tally.rows()


def _copy(shard: h5py.File, sink: FileSink, plan: Plan, block: int) -> None:
    start = block * BLOCK
    for scenario in range(len(plan.scenarios)):
        rows = {name: shard[name][scenario] for name in VARIABLES if name in shard}
        sink.write(scenario, start, rows)
    names = sampled_names(plan.posterior)
    sink.write_members(start, dict(zip(names, shard["members"][...], strict=True)))


# --- what is there already ------------------------------------------------------------------------


def _refuse_unfinished(parts: Parts, *, force: bool) -> None:
    """Raise `InputError` if an interrupted run left blocks, unless they may go."""
    left = sorted(parts.folder.glob("block-*.h5"))
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
        names = ("simcore_version", "calibration", "seed", "sampler")
        other = [name for name in names if str(found.get(name)) != str(now[name])]
        what = ", ".join(other) or "scenarios"
        raise InputError(f"{place}: cannot be resumed: another {what}; --force starts again")


def _attributes(path: Path) -> dict[str, Any] | None:
    return read_attributes(path) if path.exists() else None


def _recover(parts: Parts, plan: Plan, path: Path) -> None:
    """Turn the whole blocks of a finished result with fewer draws into files of blocks."""
    if not path.exists():
        return
    with h5py.File(path, "r") as file:
        tallies = json.loads(file["provenance"].attrs["unusual_by_block"])
        for block in range(file["draw"].shape[0] // BLOCK):
            if parts.path(block).exists():
                continue
            with written(parts, plan, block) as (sink, tally):
                for scenario in range(len(plan.scenarios)):
                    sink.write(scenario, 0, _rows(file, plan.layout, scenario, block))
                table = file["members/value"][:, block * BLOCK : (block + 1) * BLOCK]
                sink.write_members(0, dict(zip(sink.members, table, strict=True)))
                tally += [row for place, row in tallies if place == block]


def _rows(file: h5py.File, layout: Layout, scenario: int, block: int) -> dict[str, Any]:
    """Return one scenario's block of a result, (row, year, draw)."""
    draws, found = slice(block * BLOCK, (block + 1) * BLOCK), {}
    for variable in VARIABLES.values():
        stored = file[variable.name]
        if variable.dims == BY_INDUSTRY:
            pairs = layout.activities
            rows = [stored[scenario, zone, industry, :, draws] for zone, industry in pairs]
            found[variable.name] = np.stack(rows)
        else:
            found[variable.name] = stored[scenario, :, :, draws]
    return found
