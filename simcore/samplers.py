"""Samplers: how the uncertain parameters and the leading shocks of a tile of draws are placed.

``random`` takes independent numbers. ``lhs`` makes every tile of 1024 draws a Latin hypercube, and
so every aligned 2, 4, 8, … tiles together. ``sobol`` takes scrambled Sobol' points. A point of the
unit cube becomes a normal or Student t number by the inverse of its distribution function. Draw i
depends on seed, sampler and i alone; a tile is computed without those before it. What is not
covered (activity and price shocks, events, revisions) stays independent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np

from simcore import sampling
from simcore.arrays import Array
from simcore.sampling import BLOCK, stream

Kind = Literal["random", "lhs", "sobol"]
SAMPLERS: tuple[str, ...] = get_args(Kind)

PAST = "posterior"  # the name of the past's normals
YEARLY = (
    "shock.nation",
    "shock.city",
    "shock.zone.",
    "crisis.",
)  # shocks that all activities share
BITS = 32  # of a point
DIMENSIONS = 512  # whose direction numbers are made at once
ENOUGH_BITS = (14, 17, 20, 24)  # of a draw's number; 2**24 is above the most draws there are


def covered(name: str) -> bool:
    """Whether a sampler places the numbers of a name; the others are always independent.

    >>> covered("parameter.spillover"), covered("shock.activity.donghu.digital_services")
    (True, False)
    """
    rates = name.startswith("satellite.") and name.endswith((".rates", ".level"))
    return name == PAST or name.startswith(("parameter.", *YEARLY)) or rates


@dataclass(frozen=True)
class Sampler:
    """A sampler; ``places`` are the Sobol' dimensions of the first rows of each name."""

    kind: Kind = "random"
    places: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def normals(self, seed: int, name: str, tile: int, rows: int) -> Array:
        """Return standard normals (row, draw)."""
        return self._placed(_normal, sampling.normals, seed, name, tile, rows)

    def students(self, seed: int, name: str, tile: int, rows: int, degrees: int) -> Array:
        """Return Student t numbers (row, draw) of unit variance."""

        def plain(seed: int, name: str, tile: int, rows: int) -> Array:
            return sampling.students(seed, name, tile, rows, degrees)

        def student(points: Array) -> Array:
            return np.interp(_normal(points), *_student_table(degrees))

        return self._placed(student, plain, seed, name, tile, rows)

    def uniforms(self, seed: int, name: str, tile: int, rows: int) -> Array:
        """Return numbers in [0, 1), (row, draw)."""
        return self._placed(np.asarray, sampling.uniforms, seed, name, tile, rows)

    def _placed(
        self,
        inverse: Callable[[Array], Array],
        plain: Callable[[int, str, int, int], Array],
        seed: int,
        name: str,
        tile: int,
        rows: int,
    ) -> Array:
        """Map the sampler's points; rows that it does not place are plain random numbers."""
        held = self._held(name, rows)
        if held == 0:
            return plain(seed, name, tile, rows)
        if self.kind == "lhs":
            found = inverse(hypercube(seed, name, tile, rows))
        else:
            found = inverse(sobol(seed, name, tile, self.places[name][:rows]))
        return found if held == rows else np.vstack([found, plain(seed, name, tile, rows)[held:]])

    def _held(self, name: str, rows: int) -> int:
        """Return how many rows of a name the sampler places."""
        if self.kind == "lhs":
            return rows if covered(name) else 0
        return min(rows, len(self.places.get(name, ())))


def _normal(points: Array) -> Array:
    from scipy.special import ndtri

    return np.asarray(ndtri(points))


@lru_cache(maxsize=4)
def _student_table(degrees: int) -> tuple[Array, Array]:
    """Student t quantiles of unit variance at Φ(z) on a grid of z, exact to some 1e-5."""
    from scipy.special import ndtr, stdtrit

    lower = np.linspace(-8.0, 0.0, 4097)
    half = stdtrit(degrees, ndtr(lower)) * np.sqrt((degrees - 2) / degrees)
    return np.hstack([lower, -lower[-2::-1]]), np.hstack([half, -half[-2::-1]])


# --- Latin hypercubes -----------------------------------------------------------------------------


def hypercube(seed: int, name: str, tile: int, rows: int) -> Array:
    """Return Latin hypercube points of a tile in (0, 1), (row, draw).

    ``u = (j + w_j(t)) / 1024``: the strata j of a tile t are a random permutation of its draws;
    within its stratum a point follows the van der Corput sequence in t, with a digital shift of its
    own. So any 2^k tiles that begin at a multiple of 2^k have a point in each of 1024 · 2^k strata.

    References
    ----------
    McKay, Beckman & Conover (1979), Technometrics 21:239, doi:10.2307/1268522; Qian (2009), Nested
    Latin hypercube designs, Biometrika 96:957, doi:10.1093/biomet/asp045.
    """
    keys: Any = stream(seed, f"lhs:{name}", tile).integers(0, 2**64, (rows, BLOCK), dtype=np.uint64)
    last = np.uint64(BLOCK - 1)
    keys = keys & ~last | np.arange(BLOCK, dtype=np.uint64)
    keys.sort(axis=1)  # by the random bits; the last ones number the strata
    strata = (keys & last).astype(np.intp)
    inside = np.take_along_axis(_shifts(seed, name, rows), strata, axis=1) ^ _reversed(tile)
    points: Array = inside.astype(np.float64)
    points += 0.5
    points *= 2.0**-BITS
    points += strata
    points *= 1 / BLOCK
    return points


@lru_cache(maxsize=1024)
def _shifts(seed: int, name: str, rows: int) -> Any:
    """Digital shifts of the strata of a name, (row, stratum), the same in all tiles."""
    generator = stream(seed, f"lhs.shift:{name}", 0)
    return generator.integers(0, 2**BITS, (rows, BLOCK), dtype=np.uint32)


def _reversed(tile: int) -> Any:
    """Return the bits of a number in the opposite order, as van der Corput's sequence has them."""
    return np.uint32(int(f"{tile:0{BITS}b}"[::-1], 2))


# --- Sobol' points --------------------------------------------------------------------------------


def sobol(seed: int, name: str, tile: int, places: tuple[int, ...]) -> Array:
    """Return scrambled Sobol' points of a tile in (0, 1), one row a dimension, (row, draw).

    Draw i has the exclusive or of the direction numbers at the bits of i. Each row is scrambled by
    a random lower triangular matrix of bits and a digital shift, keyed by seed and name: the mean
    square error is that of Owen's nested scrambling, and every single point is uniform.

    References
    ----------
    Sobol' (1967), USSR Comput. Math. Math. Phys. 7:86; Joe & Kuo (2008), SIAM J. Sci. Comput.
    30:2635, doi:10.1137/070709359; Matoušek (1998), J. Complexity 14:527,
    doi:10.1006/jcom.1998.0489.
    """
    bits = next(enough for enough in ENOUGH_BITS if BLOCK << tile.bit_length() <= 1 << enough)
    low, high, shift = _net(seed, name, places, bits)
    moved = shift.copy()
    for place in range(tile.bit_length()):
        if tile >> place & 1:
            moved ^= high[place]
    points: Array = (low ^ moved[:, None]).astype(np.float64)
    points += 0.5
    points *= 2.0**-BITS
    return points


@lru_cache(maxsize=1024)
def _net(seed: int, name: str, places: tuple[int, ...], bits: int) -> tuple[Any, Any, Any]:
    """Scrambled points of the first tile (row, draw), direction numbers beyond it, and shifts."""
    dimensions = max(DIMENSIONS, 1 << max(places).bit_length())
    directions = _directions(dimensions, bits)[:, list(places)]
    digits = stream(seed, f"sobol:{name}", 0).integers(
        0, 2**BITS, (len(places), BITS + 1), dtype=np.uint32
    )
    ones = np.uint32(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint32)  # first digit first
    columns = ones | (digits[:, :BITS] & (ones - np.uint32(1)))
    chosen = np.where(directions[..., None] & ones, columns, np.uint32(0))
    scrambled = np.bitwise_xor.reduce(chosen, axis=-1)
    low = np.zeros((len(places), 1), dtype=np.uint32)
    inside = BLOCK.bit_length() - 1
    for direction in scrambled[:inside]:
        low = np.hstack([low, low ^ direction[:, None]])
    return low, scrambled[inside:], digits[:, BITS]


@lru_cache(maxsize=8)
def _directions(dimensions: int, bits: int) -> Any:
    """Return SciPy's direction numbers, those of Joe and Kuo, (bit, dimension).

    Its points stand in the order of the Gray code: point 2^(k+1) − 1 is direction number k.
    """
    from scipy.stats import qmc

    engine, found = qmc.Sobol(dimensions, scramble=False, bits=BITS), []
    for bit in range(bits):
        engine.fast_forward(2 ** (bit + 1) - 1 - engine.num_generated)
        found.append(engine.random(1)[0])
    return (np.array(found) * 2.0**BITS).astype(np.uint32)
