"""From blocks to a result, and from a result back to its blocks; each is checked on the way."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simcore.block_digest import BlockDigest
from simcore.block_file import written
from simcore.digestion import HEADLINE, selection_of, summaries_of, tally_there
from simcore.dims import BY_INDUSTRY, VARIABLES, WEIGHT
from simcore.disk import reading
from simcore.faults import Tally
from simcore.plan import Plan, sampled_names
from simcore.precision import precision_in
from simcore.sampling import BLOCK
from simcore.shards import (
    Parts,
    Rows,
    tally_of,
    wanted,
)
from simcore.sinks import FileSink
from simcore.store import created, note
from simcore.summaries import summaries
from simcore.tasks import Copy, Do, Done, Summary


def join(plan: Plan, parts: Parts, path: Path, do: Do) -> Tally:
    """Join the blocks into the result file; returns what was wrong or unusual in them.

    ``do`` copies and summarises, on however many processes that see the file; here it is laid out,
    and what they found is put in. Raises `RunError` for a block that is not whole or not of this
    plan.
    """
    tally, by_block, digests = Tally(), [], []
    with created(path, plan.layout, plan.description, plan.image) as part:
        copies = [Copy(block, part.absolute()) for block in range(plan.blocks)]
        copied = {done.task: done for done in do(copies)}
        for task in copies:
            done = copied[task]
            tally.join(done.tally)
            by_block += [[task.number, row] for row in done.tally.rows()]
            digests.append(done.found)
        summaries_done = list(do(_summaries(plan, part.absolute())))
        with h5py.File(part, "r+") as file:
            for done in summaries_done:
                _put(file["summary"], done)
            note(file, "masked", dict(tally.masked))
            note(file, "unusual", tally.rows())
            note(file, "unusual_by_block", by_block)
            note(file, "digests", digests)
            note(file, "block_draws", plan.block_draws)
    return tally


def copy(plan: Plan, parts: Parts, task: Copy) -> tuple[Tally, str]:
    """Copy the values of a block into a result; returns its tally and digest.

    Raises `RunError` if it is not whole or not of this plan.
    """
    block, start = task.number, task.number * plan.block_draws
    parts.refuse_harmed(plan, block)
    path = parts.path(block)
    with h5py.File(path, "r") as shard, FileSink.opened(task.result, plan.layout) as sink:
        stored = {name: shard[name] for name in VARIABLES}
        for scenario in range(len(plan.scenarios)):
            sink.write(scenario, start, {name: rows[scenario] for name, rows in stored.items()})
            weight = shard[WEIGHT.name][scenario, : wanted(plan, block)]
            if not weight.all():
                sink.mask(scenario, start, weight == 0)
        names = sampled_names(plan.posterior)
        sink.write_members(start, dict(zip(names, shard["members"][...], strict=True)))
        tally = tally_of(shard, plan.layout.scenarios)
    return tally, digest_of(plan, path, block)


def summary(plan: Plan, task: Summary) -> dict[str, Any]:
    """Return the summaries of a variable and scenario of a result, by their names."""
    with h5py.File(task.result, "r", rdcc_nbytes=0) as file:  # parts of chunks are read but once
        return summaries(file, VARIABLES[task.name], plan.layout, task.scenario)


def _summaries(plan: Plan, result: Path) -> list[Summary]:
    """Return the tasks of summarising a result, the longest first."""
    longest = sorted(VARIABLES.values(), key=lambda variable: -len(variable.dims))
    scenarios = range(len(plan.scenarios))
    return [Summary(scenario, v.name, result) for v in longest for scenario in scenarios]


def _put(group: h5py.Group, done: Done) -> None:
    """Write the summaries of a variable and scenario."""
    if isinstance(done.task, Summary):
        name, scenario = done.task.name, done.task.scenario
        group[name][:, scenario] = done.found[name][:, 0]
        group[f"{name}_mean"][scenario] = done.found[f"{name}_mean"][0]


def summarise(plan: Plan, parts: Parts, path: Path) -> Tally:
    """Write the result of digested blocks; returns what was wrong or unusual in them.

    Raises `RunError` if the draws were in no random order.
    """
    tally = tally_there(plan, parts)
    with (
        created(path, plan.layout, plan.description, plan.image) as part,
        h5py.File(part, "r+") as file,
    ):
        for name, values in summaries_of(plan, parts):
            file["summary"][name][...] = values
        headline = selection_of(plan, parts, 0, HEADLINE)
        rows = precision_in(headline, plan.layout)
        note(file, "precision", [asdict(row) for row in rows])
        note(file, "masked", dict(tally.masked))
        note(file, "unusual", tally.rows())
        note(file, "block_draws", plan.block_draws)
    return tally


def tally_in_result(path: Path) -> Tally:
    """Return what was wrong or unusual in a result."""
    with reading(path), h5py.File(path, "r") as file:
        notes = file["provenance"].attrs
        return Tally.of(json.loads(notes["unusual"]), json.loads(notes.get("masked", "{}")))


def digest_of(plan: Plan, path: Path, block: int) -> str:
    """Return the digest of a block's file, over its wanted draws."""
    with reading(path), h5py.File(path, "r") as shard:
        if shard.attrs["wanted"] == wanted(plan, block):
            return str(shard.attrs["digest"])
        digest = BlockDigest(wanted(plan, block))
        stored = {name: shard[name] for name in VARIABLES}
        for scenario in range(len(plan.scenarios)):
            rows = {name: values[scenario] for name, values in stored.items()}
            digest.add(rows, shard[WEIGHT.name][scenario])
        return digest.text(shard["members"][...], json.loads(shard.attrs["unusual"]))


def digests_of(path: Path) -> list[str]:
    """Return the digests of a result's whole blocks, in blocks of its own size."""
    with reading(path), h5py.File(path, "r") as file:
        digests = json.loads(file["provenance"].attrs.get("digests", "[]"))
        return list(digests[: file["draw"].shape[0] // _block_draws(file)])


def recover(plan: Plan, parts: Parts, path: Path) -> list[str]:
    """Turn the whole blocks of a finished result into files of blocks.

    Returns the names of those that are not what was written; they are left out, and so are all of
    a result that has no digests, or those of blocks of another size. Raises `RunError` if the file
    cannot be read.
    """
    damaged = []
    with reading(path), h5py.File(path, "r") as file:
        notes = file["provenance"].attrs
        usable = "digests" in notes and _block_draws(file) == plan.block_draws
        digests = json.loads(notes["digests"]) if usable else []
        tallies = json.loads(notes["unusual_by_block"])
        for block, expected in enumerate(digests[: file["draw"].shape[0] // plan.block_draws]):
            if parts.sound(plan, block):
                continue
            unusual = [row for place, row in tallies if place == block]
            if _digest_of(file, plan, block, unusual) == expected:
                _extract(file, plan, parts, block, unusual)
            else:
                damaged.append(f"{path.name}, block {block}")
    return damaged


def block_draws_of(path: Path) -> int:
    """Return how many draws the blocks of a finished result had; `RunError` if it is damaged."""
    with reading(path), h5py.File(path, "r") as file:
        return _block_draws(file)


def _block_draws(file: h5py.File) -> int:
    return int(file["provenance"].attrs.get("block_draws", BLOCK))


def _digest_of(file: h5py.File, plan: Plan, block: int, unusual: Rows) -> str:
    """Return the digest of a whole block as a result holds it."""
    digest = BlockDigest(plan.block_draws)
    for scenario in range(len(plan.scenarios)):
        digest.add(_rows(file, plan, scenario, block), _weight(file, plan, scenario, block))
    return digest.text(_members(file, plan, block), unusual)


def _extract(file: h5py.File, plan: Plan, parts: Parts, block: int, unusual: Rows) -> None:
    """Write the file of a block from a result."""
    with written(parts, plan, block) as (sink, tally):
        for scenario in range(len(plan.scenarios)):
            sink.mask(scenario, 0, _weight(file, plan, scenario, block) == 0)
            sink.write(scenario, 0, _rows(file, plan, scenario, block))
        sink.write_members(0, dict(zip(sink.members, _members(file, plan, block), strict=True)))
        tally += unusual


def _draws(plan: Plan, block: int) -> slice:
    return slice(block * plan.block_draws, (block + 1) * plan.block_draws)


def _members(file: h5py.File, plan: Plan, block: int) -> Any:
    return file["members/value"][:, _draws(plan, block)]


def _weight(file: h5py.File, plan: Plan, scenario: int, block: int) -> Any:
    return file[WEIGHT.name][scenario, _draws(plan, block)]


def _rows(file: h5py.File, plan: Plan, scenario: int, block: int) -> dict[str, Any]:
    """Return one scenario's block of a result, (row, year, draw)."""
    draws, found = _draws(plan, block), {}
    for variable in VARIABLES.values():
        stored = file[variable.name]
        if variable.dims == BY_INDUSTRY:
            pairs = plan.layout.activities
            rows = [stored[scenario, zone, industry, :, draws] for zone, industry in pairs]
            found[variable.name] = np.stack(rows)
        else:
            found[variable.name] = stored[scenario, :, :, draws]
    return found
