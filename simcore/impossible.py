"""Draws of which a scenario asks what cannot be."""

from __future__ import annotations

import numpy as np

from simcore.arrays import Array, Mask
from simcore.closure import refuse_impossible
from simcore.parameters import Parameters


class Impossible:
    """Draws of which a scenario asks what cannot be: refused, or noted and made NaN."""

    def __init__(
        self, parameters: Parameters, zones: tuple[str, ...], found: dict[str, Mask] | None
    ) -> None:
        self.parameters = parameters
        self.zones = zones
        self.found = found

    def without(self, left: Array, cause: str, zone: int, t: int) -> Array:
        """Return what is left to a zone's other activities, NaN in draws in which it is nothing.

        Raises `InputError` if such draws are not wanted, or have a number in common.
        """
        p = self.parameters
        if self.found is None or left.ndim == 0:
            refuse_impossible(left, cause, self.zones[zone], p.years[t])
            return left
        shape = len(p.starts), len(p.years) + 1, p.draws
        where = self.found.setdefault(cause, np.zeros(shape, dtype=bool))
        where[zone, t + 1] |= left <= 0
        return np.where(left <= 0, np.nan, left)
