"""Random numbers that depend on nothing but the seed, a name and the draw.

Draws come in blocks of `BLOCK`. Every shock and parameter has a stream of its own for every block,
keyed by its name: so draw i is the same whatever the number of draws, the scenarios beside it, the
other parameters, or the order in which blocks are computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from simcore.arrays import Array

BLOCK = 1024


def stream(seed: int, name: str, block: int) -> np.random.Generator:
    """Return the generator of a name in a block.

    >>> float(stream(1, "shock.city", 0).random()) == float(stream(1, "shock.city", 0).random())
    True
    """
    digest = hashlib.sha256(name.encode()).digest()
    key = tuple(int.from_bytes(digest[start : start + 4], "little") for start in (0, 4, 8, 12))
    sequence = np.random.SeedSequence(seed, spawn_key=(*key, block))
    return np.random.Generator(np.random.SFC64(sequence))


def normals(seed: int, name: str, block: int, rows: int) -> Array:
    """Return standard normals (row, draw); more rows leave the first ones as they are."""
    return stream(seed, name, block).standard_normal((rows, BLOCK))


def students(seed: int, name: str, block: int, rows: int, degrees: int) -> Array:
    """Student t numbers (row, draw) scaled to unit variance."""
    scale = np.sqrt((degrees - 2) / degrees)
    return stream(seed, name, block).standard_t(degrees, (rows, BLOCK)) * scale


def uniforms(seed: int, name: str, block: int, rows: int) -> Array:
    """Return uniform numbers in [0, 1), (row, draw)."""
    return stream(seed, name, block).random((rows, BLOCK))


def blocks(draws: int) -> Iterator[tuple[int, int]]:
    """Return the blocks of a number of draws, with how many draws of each are wanted.

    >>> list(blocks(2500))
    [(0, 1024), (1, 1024), (2, 452)]
    """
    for block in range(-(-draws // BLOCK)):
        yield block, min(BLOCK, draws - block * BLOCK)
