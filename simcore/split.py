"""Capital and labour moved between the activities of a zone by the levers on their shares."""

from __future__ import annotations

import numpy as np

from simcore.arrays import Array
from simcore.closure import nothing_left
from simcore.impossible import Impossible
from simcore.parameters import Parameters

SMALLEST_SHARE = 1e-4  # that a lever leaves an activity of its zone's capital or labour


class Split:
    """The split of capital and labour; as in the reference where no lever moves it.

    The reference split follows the zone: base shares of capital in proportion to α Y, of labour
    to (1 − α) Y.
    """

    def __init__(self, parameters: Parameters, impossible: Impossible) -> None:
        p = self.parameters = parameters
        self.impossible = impossible
        self.capital_share: Array | None = None
        self.capital_base: Array | None = None
        self.labour_base: Array | None = None
        self.of_capital: Array | None = None
        """α ln(K_a/K_z) relative to the reference split, (activity, draw)"""
        self.of_labour: Array | None = None
        """(1−α) ln(L_a/L_z) relative to the reference split, (activity, draw)"""
        if p.investment_share_shift is not None:
            self.capital_share = self.capital_base = self._base(p.capital_elasticity * p.share)
        if p.labour_share_shift is not None:
            self.labour_base = self._base((1 - p.capital_elasticity) * p.share)

    def step(self, t: int, last: Array, capital: Array) -> None:
        """Move the split: K_a,t = (1−δ) K_a,t−1 + φ s GDP_t−1 (its share + the lever's shift).

        ``last``, ``capital`` : (zone, draw) of the year before and of this year.
        """
        p = self.parameters
        share, base = self.capital_share, self.capital_base
        if p.investment_share_shift is not None and share is not None and base is not None:
            kept = (1 - p.depreciation) * last
            new = (capital - kept)[p.zone_of]
            flow = self._shifted(share, p.investment_share_shift[:, t, None], "investment", t)
            stock = kept[p.zone_of] * share + new * flow
            self.capital_share = stock / capital[p.zone_of]
            self.of_capital = p.capital_elasticity * np.log(self.capital_share / base)
        if p.labour_share_shift is not None and self.labour_base is not None:
            share = self._shifted(self.labour_base, p.labour_share_shift[:, t, None], "labour", t)
            self.of_labour = (1 - p.capital_elasticity) * np.log(share / self.labour_base)

    @property
    def effect(self) -> Array | None:
        """Both together."""
        effects = [effect for effect in (self.of_capital, self.of_labour) if effect is not None]
        return sum(effects[1:], effects[0]) if effects else None

    def _base(self, weights: Array) -> Array:
        p = self.parameters
        return np.asarray(weights / np.add.reduceat(weights, p.starts, axis=0)[p.zone_of])

    def _shifted(self, share: Array, shift: Array, what: str, t: int) -> Array:
        """Return shares plus a shift, the activities without one giving way in proportion."""
        p = self.parameters
        bounded = np.clip(share + shift, SMALLEST_SHARE, 1 - SMALLEST_SHARE)
        moved = np.where(shift != 0, bounded, 0.0)
        rest = np.where(shift != 0, 0.0, share)
        left = 1 - np.add.reduceat(moved, p.starts, axis=0)
        for zone in np.flatnonzero((left <= 0).any(axis=1)):
            left[zone] = self.impossible.without(left[zone], nothing_left(what), int(zone), t)
        weight = left / np.add.reduceat(rest, p.starts, axis=0)
        return np.asarray(moved + rest * weight[p.zone_of])
