"""Where the blocks of a run go: a result file, or arrays in memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from simcore.arrays import Array, Mask
from simcore.chunks import Chunks
from simcore.dims import BY_INDUSTRY, VARIABLES, WEIGHT
from simcore.results import Layout

MEMBERS = "members/value"


class Sink(Protocol):
    """Where blocks go: a file, or arrays in memory."""

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario and block, its first draw at ``start``."""

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Give draws of a scenario, the first at ``start``, no weight."""

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters of a block."""


class ArraySink:
    """Blocks in memory: arrays of the file's dimensions and type."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.variables: dict[str, Any] = {
            variable.name: np.full(layout.shape(variable), np.nan, dtype=np.float32)
            for variable in VARIABLES.values()
        }
        self.weight: Any = np.ones(layout.shape(WEIGHT), dtype=np.float32)
        self.members: dict[str, Any] = {}

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario and block."""
        place(self.variables, self.layout, scenario, start, block)

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Give draws of a scenario no weight."""
        self.weight[scenario, start : start + len(masked)] = (~masked).astype(np.float32)

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters of a block."""
        for name, draws in members.items():
            stored = self.members.setdefault(name, np.empty(self.layout.draws, dtype=np.float32))
            stored[start : start + len(draws)] = draws[: self.layout.draws - start]


class FileSink:
    """Blocks in a result file that is laid out; other processes may write other blocks to it."""

    def __init__(self, chunks: Chunks, layout: Layout) -> None:
        self.chunks = chunks
        self.layout = layout

    @classmethod
    @contextlib.contextmanager
    def opened(cls, part: Path, layout: Layout) -> Iterator[FileSink]:
        """Open the file that `created` has given a name to."""
        with Chunks.opened(part) as chunks:
            yield cls(chunks, layout)

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario and block."""
        for name, rows in block.items():
            places = self.layout.rows(VARIABLES[name], scenario)
            self.chunks.put(name, places, start, np.asarray(rows, dtype=np.float32))

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Give draws of a scenario no weight."""
        weight = (~masked).astype(np.float32)
        self.chunks.put(WEIGHT.name, [(scenario,)], start, weight[None])

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters of a block in the group of members."""
        table = np.array(list(members.values()), dtype=np.float32)
        self.chunks.put(MEMBERS, [(row,) for row in range(len(table))], start, table)


def place(
    variables: Mapping[str, Any],
    layout: Layout,
    scenario: int,
    start: int,
    block: Mapping[str, Array],
) -> None:
    """Write zone and activity rows (row, year, draw) where they belong."""
    for name, rows in block.items():
        stop = min(start + rows.shape[-1], layout.draws)
        kept = rows[..., : stop - start].astype(np.float32)
        if VARIABLES[name].dims == BY_INDUSTRY:
            for row, (zone, industry) in zip(kept, layout.activities, strict=True):
                variables[name][scenario, zone, industry, : row.shape[0], start:stop] = row
        else:
            variables[name][scenario, :, : kept.shape[1], start:stop] = kept
