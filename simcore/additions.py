"""Capital that a change of major projects adds to activities, or keeps from them."""

from __future__ import annotations

import numpy as np

from simcore import equations
from simcore.arrays import Array
from simcore.parameters import Parameters
from simcore.reference import Reference
from simcore.split import Split


class Additions:
    """The difference that levers on projects make to capital and to investment.

    Differences are shares of the investment that the zone's reference path has in the year, s GDP*,
    which already holds the projects of the baseline. The usual capital of an activity, K' = its
    share of the zone's by `Split`, is that without a difference; this adds E, so that K = K' + E.
    """

    def __init__(self, parameters: Parameters, split: Split, reference: Reference) -> None:
        p = self.parameters = parameters
        self.split, self.reference = split, reference
        self.total: Array | None = None
        """Σ E by zone, (zone, draw), or None without a change of projects"""
        self.effect: Array | None = None
        """α ln(1 + E/K'), (moved activity, draw)"""
        if p.commissioned is None:
            return
        self.rows = np.flatnonzero(p.commissioned.any(axis=(1, 2)))
        self.zone_of = p.zone_of[self.rows]
        self.rate = p.capital_formation_share * p.investment_rate_reference
        self.elasticity = p.capital_elasticity[self.rows]
        self.base = split.base(p.capital_elasticity * p.share)[self.rows]
        self.usual = self.base * p.capital[self.zone_of]
        self.wanted = self.stock = np.zeros_like(self.usual)
        self.total = np.zeros_like(p.gdp)

    def step(self, t: int, capital: Array) -> None:
        """Commission what was built by the end of the year before.

        ``capital`` : (zone, draw) the zones' usual capital of this year, after the split.
        """
        p = self.parameters
        if self.total is None or p.commissioned is None:
            return
        share = self.split.capital_share
        last, part = self.usual, self.base if share is None else share[self.rows]
        self.usual = part * capital[self.zone_of]
        scale = (self.rate * self.reference.gdp[:, t])[self.zone_of]
        built = scale * p.commissioned[self.rows, t - 1] if t else np.zeros_like(self.usual)
        new = self.usual - (1 - p.depreciation) * last
        self.wanted, self.stock = equations.project_capital(
            self.wanted, self.stock, p.depreciation, built, new
        )
        self.effect = self.elasticity * np.log(1 + self.stock / self.usual)
        self.total = np.zeros_like(self.total)
        np.add.at(self.total, self.zone_of, self.stock)

    def put_in_place(self) -> Array | None:
        """Return the difference of investment at constant prices, (zone, year, draw)."""
        p = self.parameters
        if p.put_in_place is None:
            return None
        usual = p.investment_rate_reference[:, None] * self.reference.gdp[:, 1:]
        return np.asarray(usual * p.put_in_place)
