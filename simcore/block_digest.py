"""The digest of a block: whether two machines have computed the same bits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from xxhash import xxh3_128

from simcore.dims import VARIABLES
from simcore.faults import Row


class BlockDigest:
    """XXH3 (128 bits) over values and weights of a block's wanted draws in order, and its tally."""

    def __init__(self, draws: int) -> None:
        self.draws = draws
        self.hash = xxh3_128()

    def add(self, rows: Mapping[str, Any], weight: Any) -> None:
        """Add the variables (row, year, draw) and the weights (draw) of the next scenario."""
        for name in VARIABLES:
            self._update(rows[name])
        self._update(weight)

    def text(self, members: Any, unusual: Sequence[Row]) -> str:
        """Add the sampled parameters (parameter, draw) and the tally, and return the digest."""
        self._update(members)
        self.hash.update(json.dumps(unusual, sort_keys=True).encode())
        return self.hash.hexdigest()

    def _update(self, values: Any) -> None:
        wanted: Any = np.ascontiguousarray(values[..., : self.draws])
        self.hash.update(wanted)
