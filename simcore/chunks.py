"""The chunks of a result: each has its place in the file before any has its values.

HDF5 lays out the file once, in one process. Then any number of processes write the values of their
blocks at once, each the bytes of its own chunks, past HDF5, which locks a file for one writer.
"""

from __future__ import annotations

import contextlib
import io
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

CHUNK_DRAWS = 1024

Row = tuple[int, ...]
"""Where a row of chunks begins in a dataset: its indices before the draw."""


MARK = uuid.uuid4().bytes
"""how a chunk begins that only takes its place"""


def place_chunks(path: Path, rows: Sequence[tuple[str, Row]]) -> None:
    """Give the chunks of rows of datasets their places in a file that is laid out.

    Those of a row stand one after the other. What they hold is not written.
    """
    with _Placing(path, "r+b") as raw, h5py.File(raw, "r+") as file:
        for name, row in rows:
            stored = file[name]
            chunk = np.zeros(stored.chunks, stored.dtype)
            head = chunk.reshape(-1).view(np.uint8)[: len(MARK)]
            head[:] = np.frombuffer(MARK, np.uint8)[: len(head)]
            for first in range(0, stored.shape[-1], stored.chunks[-1]):
                stored.id.write_direct_chunk((*row, first), chunk)


class _Placing(io.FileIO):
    """A file to which all is written but chunks that only take their place."""

    def write(self, data: Any) -> int:
        """Write what HDF5 needs."""
        left = memoryview(data).cast("B")
        size = len(left)
        if left[: len(MARK)] == MARK:
            self.seek(size, os.SEEK_CUR)
            return size
        while left:
            left = left[super().write(left) :]
        return size


class Chunks:
    """The chunks of an open file, to be written."""

    def __init__(self, file: h5py.File, descriptor: int) -> None:
        self.file = file
        self.descriptor = descriptor
        self.known: dict[str, tuple[Callable[[Row], Any], int, int]] = {}

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path) -> Iterator[Chunks]:
        """Open a file whose chunks have their places; other processes may do so too."""
        with path.open("r+b", buffering=0) as raw, h5py.File(path, "r") as file:
            yield cls(file, raw.fileno())

    def put(self, name: str, rows: Sequence[Row], start: int, values: Any) -> None:
        """Write values (row, …, draw), float32, of rows of a dataset, the first draw at ``start``.

        Draws beyond the last one of the dataset are left out.
        """
        find, draws, width = self._dataset(name)
        stop = min(start + values.shape[-1], draws)
        for row, inside in zip(rows, values, strict=True):
            for first in range(start - start % width, stop, width):
                low, high = max(first, start), min(first + width, stop)
                place = find((*row, first)).byte_offset + 4 * (low - first)
                part = inside[..., low - start : high - start]
                if high - low == width:
                    self._write(np.ascontiguousarray(part), place)
                else:
                    for line, piece in enumerate(part.reshape(-1, high - low)):
                        self._write(np.ascontiguousarray(piece), place + 4 * width * line)

    def _dataset(self, name: str) -> tuple[Callable[[Row], Any], int, int]:
        """Return what finds a chunk of a dataset, its number of draws, and that of a chunk."""
        if name not in self.known:
            stored = self.file[name]
            find = stored.id.get_chunk_info_by_coord
            self.known[name] = find, stored.shape[-1], stored.chunks[-1]
        return self.known[name]

    def _write(self, values: Any, place: int) -> None:
        left = memoryview(values).cast("B")
        while left:
            written = os.pwrite(self.descriptor, left, place)
            left, place = left[written:], place + written
