"""The file of one block: written under another name, checked, and put in place when it is whole."""

from __future__ import annotations

import contextlib
import io
import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simcore.arrays import Array, Mask
from simcore.block_digest import BlockDigest
from simcore.checksum import add_checksum
from simcore.dims import WEIGHT
from simcore.disk import reserve, writing
from simcore.plan import Plan, sampled_names
from simcore.results import Layout
from simcore.shards import Parts, Rows, wanted
from simcore.store import room


class ShardSink:
    """One block of all scenarios on its way into a file; they come one after the other.

    ``draws`` : of the block, and how many of them are wanted.
    """

    def __init__(
        self, file: h5py.File, layout: Layout, members: Sequence[str], draws: tuple[int, int]
    ) -> None:
        self.file = file
        self.layout = layout
        self.members = members
        self.stored: dict[str, h5py.h5d.DatasetID] = {}
        self.weight = np.ones((len(layout.scenarios), draws[0]), dtype=np.float32)
        self.table = np.empty((0, draws[0]), dtype=np.float32)
        self.wanted = draws[1]
        self.digest = BlockDigest(draws[1])

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario, (row, year, draw), whose masked draws are known."""
        kept = {name: rows.astype(np.float32, order="C") for name, rows in block.items()}
        for name, rows in kept.items():
            self._store(name, scenario, rows)
        self.digest.add(kept, self.weight[scenario])

    def _store(self, name: str, scenario: int, rows: Any) -> None:
        """Write rows of a scenario; through the lower interface of h5py, which takes less time."""
        if name not in self.stored:
            size = (len(self.layout.scenarios), *rows.shape)
            self.stored[name] = self.file.create_dataset(name, size, "f4").id
        place = self.stored[name].get_space()
        place.select_hyperslab((scenario, 0, 0, 0), (1, *rows.shape))
        self.stored[name].write(h5py.h5s.create_simple(rows.shape), place, rows)

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Give draws of a scenario no weight; the first ones of the block."""
        self.weight[scenario, : len(masked)] = ~masked

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters."""
        self.table = np.array([members[n] for n in self.members], dtype=np.float32)

    def finish(self, plan: Plan, tally: Rows) -> None:
        """Keep what is known when all scenarios are there."""
        self.file["members"] = self.table
        self.file[WEIGHT.name] = self.weight
        self.file.attrs.update(
            fingerprint=plan.fingerprint, block_draws=plan.block_draws, wanted=self.wanted,
            unusual=json.dumps(tally, ensure_ascii=False),
            digest=self.digest.text(self.table, tally),
        )  # fmt: skip


@contextlib.contextmanager
def sealed(parts: Parts, path: Path, size: int) -> Iterator[h5py.File]:
    """Open a new file of the folder; it appears under its name when it is whole, with its checksum.

    ``size`` : what it will take [bytes].
    """
    part = path.with_name(f"{path.name}.{parts.run}.{uuid.uuid4().hex[:8]}.part")
    try:
        with writing(path):
            reserve(part, _empty(), size)
            with h5py.File(part, "r+") as file:
                yield file
            add_checksum(part)
            parts.owned()
            os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def written(parts: Parts, plan: Plan, block: int) -> Iterator[tuple[ShardSink, Rows]]:
    """Open the file of a block; it appears under its name when it is whole, with its checksum.

    The list is for the rows of the block's tally.
    """
    tally: Rows = []
    with sealed(parts, parts.path(block), block_room(plan)) as file:
        names = sampled_names(plan.posterior)
        draws = plan.block_draws, wanted(plan, block)
        sink = ShardSink(file, plan.layout, names, draws)
        yield sink, tally
        sink.finish(plan, tally)


def block_room(plan: Plan) -> int:
    """Return what the file of a block takes [bytes]."""
    return room(replace(plan.layout, draws=plan.block_draws), len(sampled_names(plan.posterior)))


def _empty() -> memoryview:
    image = io.BytesIO()
    with h5py.File(image, "w"):
        pass
    return image.getbuffer()
