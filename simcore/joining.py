"""From blocks to a result, and from a result back to its blocks; each is checked on the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simcore.digestion import HEADLINE, selection_of, summaries_of, unusual_in
from simcore.dims import BY_INDUSTRY, VARIABLES
from simcore.disk import reading
from simcore.errors import RunError
from simcore.plan import Plan, sampled_names
from simcore.precision import precision_in
from simcore.results import Layout
from simcore.sampling import BLOCK
from simcore.shards import Parts, Rows, wanted, written
from simcore.store import FileSink, create, create_summary, note
from simcore.sweep import Tally

DIGEST_BYTES = 16


def join(plan: Plan, parts: Parts, path: Path) -> Rows:
    """Join the blocks into the result file; returns what was unusual in them.

    Raises `RunError` for a block that is not whole or not of this plan.
    """
    tally, by_block, digests = Tally(), [], []
    with create(path, plan.layout, plan.description) as sink:
        for block in range(-(-plan.draws // BLOCK)):
            if not parts.sound(plan, block):
                raise RunError(f"{parts.path(block)}: was damaged while the run went on")
            with h5py.File(parts.path(block), "r") as shard:
                rows = json.loads(shard.attrs["unusual"])
                digests.append(_copy(shard, sink, plan, block, rows))
            tally.join(rows)
            by_block += [[block, row] for row in rows]
        sink.note("unusual", tally.rows())
        sink.note("unusual_by_block", by_block)
        sink.note("digests", digests)
    return tally.rows()


def summarise(plan: Plan, parts: Parts, path: Path) -> Rows:
    """Write the result of digested blocks; returns what was unusual in them.

    Raises `RunError` if the draws were in no random order.
    """
    unusual = unusual_in(parts)
    with create_summary(path, plan.layout, plan.description) as file:
        for name, values in summaries_of(plan, parts):
            file["summary"][name][...] = values
        headline = selection_of(plan, parts, 0, HEADLINE)
        rows = precision_in(headline, plan.layout)
        note(file, "precision", [asdict(row) for row in rows])
        note(file, "unusual", unusual)
    return unusual


def unusual_of(path: Path) -> Rows:
    """Return what was unusual in a result."""
    with reading(path), h5py.File(path, "r") as file:
        return list(json.loads(file["provenance"].attrs["unusual"]))


def _copy(shard: h5py.File, sink: FileSink, plan: Plan, block: int, unusual: Rows) -> str:
    """Copy the values of a block; returns their digest."""
    start, digest = block * BLOCK, _Digest(wanted(plan, block))
    for scenario in range(len(plan.scenarios)):
        rows = {name: shard[name][scenario] for name in VARIABLES}
        sink.write(scenario, start, rows)
        digest.add(rows)
    members = shard["members"][...]
    sink.write_members(start, dict(zip(sampled_names(plan.posterior), members, strict=True)))
    return digest.text(members, unusual)


class _Digest:
    """BLAKE2 over the float32 values of a block's wanted draws, in order, and over its tally."""

    def __init__(self, draws: int) -> None:
        self.draws = draws
        self.hash = hashlib.blake2b(digest_size=DIGEST_BYTES)

    def add(self, rows: Mapping[str, Any]) -> None:
        """Add the variables of the next scenario."""
        for name in VARIABLES:
            self.hash.update(rows[name][..., : self.draws].tobytes())

    def text(self, members: Any, unusual: Rows) -> str:
        """Add the sampled parameters and the tally, and return the digest."""
        self.hash.update(members[:, : self.draws].tobytes())
        self.hash.update(json.dumps(unusual, sort_keys=True).encode())
        return self.hash.hexdigest()


def digest_of(plan: Plan, path: Path, block: int) -> str:
    """Return the digest of a block's file, over its wanted draws."""
    digest = _Digest(wanted(plan, block))
    with reading(path), h5py.File(path, "r") as shard:
        for scenario in range(len(plan.scenarios)):
            digest.add({name: shard[name][scenario] for name in VARIABLES})
        return digest.text(shard["members"][...], json.loads(shard.attrs["unusual"]))


def digests_of(path: Path) -> list[str]:
    """Return the digests of a result's whole blocks."""
    with reading(path), h5py.File(path, "r") as file:
        digests = json.loads(file["provenance"].attrs.get("digests", "[]"))
        return list(digests[: file["draw"].shape[0] // BLOCK])


def recover(plan: Plan, parts: Parts, path: Path) -> list[str]:
    """Turn the whole blocks of a finished result into files of blocks.

    Returns the names of those that are not what was written; they are left out, and so are all of
    a result that has no digests. Raises `RunError` if the file cannot be read.
    """
    damaged = []
    with reading(path), h5py.File(path, "r") as file:
        notes = file["provenance"].attrs
        digests = json.loads(notes["digests"]) if "digests" in notes else []
        tallies = json.loads(notes["unusual_by_block"])
        for block, expected in enumerate(digests[: file["draw"].shape[0] // BLOCK]):
            if parts.sound(plan, block):
                continue
            unusual = [row for place, row in tallies if place == block]
            if _digest_of(file, plan, block, unusual) == expected:
                _extract(file, plan, parts, block, unusual)
            else:
                damaged.append(f"{path.name}, block {block}")
    return damaged


def _digest_of(file: h5py.File, plan: Plan, block: int, unusual: Rows) -> str:
    """Return the digest of a whole block as a result holds it."""
    digest = _Digest(BLOCK)
    for scenario in range(len(plan.scenarios)):
        digest.add(_rows(file, plan.layout, scenario, block))
    return digest.text(_members(file, block), unusual)


def _extract(file: h5py.File, plan: Plan, parts: Parts, block: int, unusual: Rows) -> None:
    """Write the file of a block from a result."""
    with written(parts, plan, block) as (sink, tally):
        for scenario in range(len(plan.scenarios)):
            sink.write(scenario, 0, _rows(file, plan.layout, scenario, block))
        sink.write_members(0, dict(zip(sink.members, _members(file, block), strict=True)))
        tally += unusual


def _members(file: h5py.File, block: int) -> Any:
    return file["members/value"][:, block * BLOCK : (block + 1) * BLOCK]


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
