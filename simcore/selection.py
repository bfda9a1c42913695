"""Exact quantiles and means of more draws than memory holds, in one pass over them.

Of every quantity the sorted values around each quantile are kept, and how many lie below them. As
draws come in random order, the rank that the final quantile has among the first t of N values is
hypergeometric, its mean q t and its variance at most t (1 − t/N) q (1 − q): values further off than
`DEVIATIONS` of these are only counted, not kept. What is selected is exact: if the final rank lies
outside of the values kept, which random order all but excludes, that is an error.

References
----------
Munro and Paterson (1980), Selection and sorting with limited storage, Theoretical Computer Science
12:315–323, doi:10.1016/0304-3975(80)90061-4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simcore.errors import RunError
from simcore.labels import say

TILE = 1024  # values that are added before their sum is added to the others
DEVIATIONS = 7.0  # standard deviations of a rank that it may be off; beyond: 3 in 10¹² cases
NEIGHBOURS = 2.5  # standard deviations of a rank: what a quantile's standard error is read from


def add_tiles(total: Any, values: Any) -> None:
    """Add to ``total`` (…) the sums of ``values`` (…, draw), tile by tile in float64; NaN is none.

    The order is fixed: the sum has the same bits in however many calls it is made, as long as
    each but the last brings whole tiles.
    """
    for start in range(0, values.shape[-1], TILE):
        tile = values[..., start : start + TILE].astype(np.float64)
        added = tile.sum(axis=-1)
        if np.isnan(added).any():
            added = np.where(np.isnan(tile), 0.0, tile).sum(axis=-1)
        total += added


def mean(total: Any, count: Any) -> Any:
    """Return sums over their counts, NaN where nothing was counted.

    >>> mean(np.array([6.0, 0.0]), np.array([4, 0])).tolist()
    [1.5, nan]
    """
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def margin(seen: int, share: float, quantile: float, near: float = 0.0) -> int:
    """Return how far from its expected rank the final quantile may be.

    ``seen`` : values of the quantity so far; ``share`` : of all draws that have been seen;
    ``near`` : standard deviations of the final rank that are wanted to both sides of it.
    """
    deviation = math.sqrt(quantile * (1 - quantile) * seen)
    strayed = DEVIATIONS * deviation * math.sqrt(1 - share) + DEVIATIONS**2 * (share < 1)
    return math.ceil(strayed + near * deviation * math.sqrt(share)) + 2


@dataclass
class Selection:
    """The values around the quantiles of some quantities, of the draws seen so far.

    ``windows`` : by quantity and quantile, sorted; ``below`` : (quantity, quantile) how many values
    are smaller than the window's; ``finite``, ``total`` : (quantity) values that are a number, and
    their sum; ``near`` : as of `margin`.
    """

    quantiles: Sequence[float]
    draws: int
    near: float
    seen: int
    windows: list[list[Any]]
    below: Any
    finite: Any
    total: Any

    @classmethod
    def begun(
        cls, quantities: int, quantiles: Sequence[float], draws: int, near: float = 0.0
    ) -> Selection:
        """Return the selection of ``draws`` of which none has been seen."""
        size, none = (quantities, len(quantiles)), np.empty(0, dtype=np.float32)
        return cls(
            quantiles, draws, near, 0, [[none] * size[1] for _ in range(quantities)],
            np.zeros(size, dtype=np.int64), np.zeros(quantities, dtype=np.int64),
            np.zeros(quantities),
        )  # fmt: skip

    def absorb(self, values: Any) -> None:
        """Add draws (quantity, draw), float32, whole tiles unless they are the last.

        ``values`` are sorted in place. Raises `RunError` if their order is not random.
        """
        add_tiles(self.total, values)
        values.sort(axis=-1)
        self.seen += values.shape[-1]
        counts = values.shape[-1] - np.isnan(values).sum(axis=-1)
        for quantity, count in enumerate(counts):
            if count:
                self._merge(quantity, values[quantity, :count])

    def _merge(self, quantity: int, batch: Any) -> None:
        """Merge sorted values into the windows of a quantity, and cut these."""
        before = int(self.finite[quantity])
        known = self.finite[quantity] = before + len(batch)
        for place, quantile in enumerate(self.quantiles):
            window, below = self.windows[quantity][place], int(self.below[quantity, place])
            first, last = 0, len(batch)
            if below:
                first = int(np.searchsorted(batch, window[0], "left"))
            if below + len(window) < before:
                last = int(np.searchsorted(batch, window[-1], "right"))
            below += first
            if len(window):
                merged = np.concatenate([window, batch[first:last]])
                merged.sort()
            else:
                merged = batch[first:last]
            rank = quantile * (known - 1)
            width = margin(int(known), self.seen / self.draws, quantile, self.near)
            low = max(math.floor(rank) - width, below)
            high = min(math.floor(rank) + width + 1, below + len(merged))
            if low >= high:
                raise _not_random(quantile)
            self.windows[quantity][place] = merged[low - below : high - below].copy()
            self.below[quantity, place] = low

    def selected(self) -> Any:
        """Return the quantiles, (quantile, quantity) float64, as of all finite values sorted.

        Linear between neighbours; NaN where there are none; zero has no sign. Raises `RunError` if
        a window has missed its quantile.
        """
        found = np.full((len(self.quantiles), len(self.finite)), np.nan)
        for quantity, known in enumerate(self.finite):
            for place, quantile in enumerate(self.quantiles):
                if known:
                    found[place, quantity] = self.at(quantity, place, quantile * (known - 1))
        return found + 0.0

    def at(self, quantity: int, place: int, rank: float) -> float:
        """Return the value at a rank, between neighbours linear, from a quantile's window.

        Raises `RunError` if the window does not reach it.
        """
        window, known = self.windows[quantity][place], int(self.finite[quantity])
        low = math.floor(rank)
        first = low - int(self.below[quantity, place])
        second = min(low + 1, known - 1) - int(self.below[quantity, place])
        if first < 0 or second >= len(window):
            raise _not_random(self.quantiles[place])
        share = np.float64(rank - low)
        return float(window[first] * (1 - share) + window[second] * share)


def _not_random(quantile: float) -> RunError:
    return RunError(
        say(
            "the draws are in no random order: their {quantile:g} % quantile cannot be "
            "found in one pass; --keep full takes any order",
            quantile=100 * quantile,
        )
    )  # fmt: skip
