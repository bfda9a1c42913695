"""Random numbers that depend on nothing but the seed, a name and the draw.

Numbers are made in tiles of `BLOCK` draws. Every shock and parameter has a stream of its own for
every tile, keyed by its name: so draw i is the same whatever the number of draws, the scenarios
beside it, the other parameters, or the order in which blocks are computed. A block of work is one
tile, a part of one or several of them: `tiled` cuts and joins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import numpy as np

from simcore.arrays import Array

BLOCK = 1024
BLOCK_SIZES = (256, 1024, 4096)  # draws of a block of work: divide a tile, or are a number of them


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


def tiled(block: int, draws: int, compute: Callable[[int], Array]) -> Array:
    """Return what is computed by tiles (…, draw) for a block of ``draws``: cut, or joined.

    >>> tiled(3, 512, lambda tile: np.arange(BLOCK) + tile * BLOCK)[[0, -1]]
    array([1536, 2047])
    """
    start = block * draws
    tiles = range(start // BLOCK, -(-(start + draws) // BLOCK))
    found = [compute(tile) for tile in tiles]
    if len(found) > 1:
        return np.concatenate(found, axis=-1)
    first = start % BLOCK
    return np.ascontiguousarray(found[0][..., first : first + draws])


def blocks(draws: int) -> Iterator[tuple[int, int]]:
    """Return the blocks of a number of draws, with how many draws of each are wanted.

    >>> list(blocks(2500))
    [(0, 1024), (1, 1024), (2, 452)]
    """
    for block in range(-(-draws // BLOCK)):
        yield block, min(BLOCK, draws - block * BLOCK)
