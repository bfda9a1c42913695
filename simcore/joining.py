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

from simcore.digestion import HEADLINE, selection_of, summaries_of, tally_there
from simcore.dims import BY_INDUSTRY, VARIABLES, WEIGHT
from simcore.disk import reading
from simcore.errors import RunError
from simcore.faults import Tally
from simcore.plan import Plan, sampled_names
from simcore.precision import precision_in
from simcore.sampling import BLOCK
from simcore.shards import Parts, Rows, tally_of, wanted, written
from simcore.store import FileSink, create, create_summary, note

DIGEST_BYTES = 16


def join(plan: Plan, parts: Parts, path: Path) -> Tally:
    """Join the blocks into the result file; returns what was wrong or unusual in them.

    Raises `RunError` for a block that is not whole or not of this plan.
    """
    tally, by_block, digests = Tally(), [], []
    with create(path, plan.layout, plan.description) as sink:
        for block in range(plan.blocks):
            if not parts.sound(plan, block):
                raise RunError(f"{parts.path(block)}: was damaged while the run went on")
            with h5py.File(parts.path(block), "r") as shard:
                found = tally_of(shard, plan.layout.scenarios)
                digests.append(_copy(shard, sink, plan, block, found.rows()))
            tally.join(found)
            by_block += [[block, row] for row in found.rows()]
        sink.note("masked", dict(tally.masked))
        sink.note("unusual", tally.rows())
        sink.note("unusual_by_block", by_block)
        sink.note("digests", digests)
        sink.note("block_draws", plan.block_draws)
    return tally


def summarise(plan: Plan, parts: Parts, path: Path) -> Tally:
    """Write the result of digested blocks; returns what was wrong or unusual in them.

    Raises `RunError` if the draws were in no random order.
    """
    tally = tally_there(plan, parts)
    with create_summary(path, plan.layout, plan.description) as file:
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


def _copy(shard: h5py.File, sink: FileSink, plan: Plan, block: int, unusual: Rows) -> str:
    """Copy the values of a block; returns their digest."""
    start, digest = block * plan.block_draws, _Digest(wanted(plan, block))
    for scenario in range(len(plan.scenarios)):
        rows = {name: shard[name][scenario] for name in VARIABLES}
        sink.write(scenario, start, rows)
        weight = shard[WEIGHT.name][scenario, : digest.draws]
        if not weight.all():
            sink.mask(scenario, start, weight == 0)
        digest.add(rows, weight)
    members = shard["members"][...]
    sink.write_members(start, dict(zip(sampled_names(plan.posterior), members, strict=True)))
    return digest.text(members, unusual)


class _Digest:
    """SHA-256 over the values and weights of a block's wanted draws, in order, and its tally."""

    def __init__(self, draws: int) -> None:
        self.draws = draws
        self.hash = hashlib.sha256()

    def add(self, rows: Mapping[str, Any], weight: Any) -> None:
        """Add the variables and the weights of the next scenario."""
        for name in VARIABLES:
            self.hash.update(rows[name][..., : self.draws].tobytes())
        self.hash.update(weight.tobytes())

    def text(self, members: Any, unusual: Rows) -> str:
        """Add the sampled parameters and the tally, and return the digest."""
        self.hash.update(members[:, : self.draws].tobytes())
        self.hash.update(json.dumps(unusual, sort_keys=True).encode())
        return self.hash.hexdigest()[: 2 * DIGEST_BYTES]


def digest_of(plan: Plan, path: Path, block: int) -> str:
    """Return the digest of a block's file, over its wanted draws."""
    digest = _Digest(wanted(plan, block))
    with reading(path), h5py.File(path, "r") as shard:
        for scenario in range(len(plan.scenarios)):
            rows = {name: shard[name][scenario] for name in VARIABLES}
            digest.add(rows, shard[WEIGHT.name][scenario, : digest.draws])
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
    digest = _Digest(plan.block_draws)
    for scenario in range(len(plan.scenarios)):
        digest.add(_rows(file, plan, scenario, block), _weight(file, plan, scenario, block))
    return digest.text(_members(file, plan, block), unusual)


def _extract(file: h5py.File, plan: Plan, parts: Parts, block: int, unusual: Rows) -> None:
    """Write the file of a block from a result."""
    with written(parts, plan, block) as (sink, tally):
        for scenario in range(len(plan.scenarios)):
            sink.write(scenario, 0, _rows(file, plan, scenario, block))
            sink.mask(scenario, 0, _weight(file, plan, scenario, block) == 0)
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
