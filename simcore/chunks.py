"""The chunks of a result: each has its place in the file before any has its values.

HDF5 lays out the file once, in one process. Then any number of processes write the values of their
blocks at once, each the bytes of its own chunks, past HDF5, which locks a file for one writer.
"""

from __future__ import annotations

import contextlib
import io
import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

CHUNK_DRAWS = 1024

Row = tuple[int, ...]
"""Where a row of chunks begins in a dataset: its indices before the draw."""


MARK = uuid.uuid4().bytes
"""how a chunk begins that only takes its place"""


def place_chunks(path: Path, rows: Sequence[tuple[str, Row]]) -> None:
    """Give the chunks of rows of datasets their places in a file that is laid out.

    Those of a row stand one after the other. What they hold is not written.
    """
    _PLACES.clear()
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


_PLACES: dict[tuple[str, str], NDArray[np.int64]] = {}
"""Where the chunks of a dataset are, (chunk along each axis) [bytes]: to look for one of them takes
HDF5 a time that grows with their number. A process has one file, or lays out the next."""


def _places(stored: h5py.Dataset) -> NDArray[np.int64]:
    key = stored.file.filename, stored.name
    if key not in _PLACES:
        counts = [
            -(-size // width) for size, width in zip(stored.shape, stored.chunks, strict=True)
        ]
        found = np.zeros(counts, dtype=np.int64)

        def keep(chunk: Any) -> None:
            place = zip(chunk.chunk_offset, stored.chunks, strict=True)
            found[tuple(first // width for first, width in place)] = chunk.byte_offset

        stored.id.chunk_iter(keep)
        _PLACES[key] = found
    return _PLACES[key]


class Chunks:
    """The chunks of an open file, to be written."""

    def __init__(self, file: h5py.File, descriptor: int) -> None:
        self.file = file
        self.descriptor = descriptor

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
        stored = self.file[name]
        places, draws, width = _places(stored), stored.shape[-1], stored.chunks[-1]
        stop = min(start + values.shape[-1], draws)
        for row, inside in zip(rows, values, strict=True):
            of_row = places[tuple(at // size for at, size in zip(row, stored.chunks, strict=False))]
            for first in range(start - start % width, stop, width):
                low, high = max(first, start), min(first + width, stop)
                place = int(of_row[first // width]) + 4 * (low - first)
                part = inside[..., low - start : high - start]
                if high - low == width:
                    self._write(np.ascontiguousarray(part), place)
                else:
                    for line, piece in enumerate(part.reshape(-1, high - low)):
                        self._write(np.ascontiguousarray(piece), place + 4 * width * line)

    def _write(self, values: Any, place: int) -> None:
        left = memoryview(values).cast("B")
        while left:
            written = os.pwrite(self.descriptor, left, place)
            left, place = left[written:], place + written
