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
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import DTypeLike, NDArray

from simcore.arrays import Array
from simcore.gaussian import standard_normals, standard_students

BLOCK = 1024
BLOCK_SIZES = (256, 1024, 4096)  # draws of a block of work: divide a tile, or are a number of them


class _Key(ISeedSequence):
    """The first state of a stream: a digest of what it belongs to, which mixes as well as any."""

    def __init__(self, seed: int, name: str, block: int) -> None:
        self.digest = hashlib.blake2b(f"{seed}/{block}/{name}".encode()).digest()

    def generate_state(self, n_words: int, dtype: DTypeLike = np.uint32) -> NDArray[np.uint32]:
        """Return the first words of the digest, which has sixteen of 32 bits."""
        little = np.dtype(dtype).newbyteorder("<")
        return np.frombuffer(self.digest, little)[:n_words].astype(dtype, copy=False)


def stream(seed: int, name: str, block: int) -> np.random.Generator:
    """Return the generator of a name in a block.

    >>> float(stream(1, "shock.city", 0).random()) == float(stream(1, "shock.city", 0).random())
    True
    """
    return np.random.Generator(_bits(seed, name, block))


def normals(seed: int, name: str, block: int, rows: int) -> Array:
    """Return standard normals (row, draw); more rows leave the first ones as they are."""
    bits = _bits(seed, name, block).random_raw(rows * BLOCK // 2)
    return standard_normals(bits.reshape(rows, BLOCK // 2))


def students(seed: int, name: str, block: int, rows: int, degrees: int) -> Array:
    """Student t numbers (row, draw) scaled to unit variance."""
    scale = np.sqrt((degrees - 2) / degrees)
    bits = _bits(seed, name, block).random_raw(rows * BLOCK)
    return standard_students(bits.reshape(rows, BLOCK), degrees) * scale


def _bits(seed: int, name: str, block: int) -> np.random.SFC64:
    return np.random.SFC64(_Key(seed, name, block))  # type: ignore[arg-type]  # as documented


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
