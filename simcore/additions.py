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
        self.moved: list[int] = []
        """zones whose projects change"""
        self.effect: Array | None = None
        """α ln(1 + E/K'), (activity, draw)"""
        if p.commissioned is None:
            return
        self.inside = p.inside
        self.moved = [zone for zone, rows in enumerate(self.inside) if p.commissioned[rows].any()]
        self.scale = (p.capital_formation_share * p.investment_rate_reference)[:, None]
        self.scale = self.scale * reference.gdp
        self.base = split.base(p.capital_elasticity * p.share)
        self.usual = self.base * p.capital[p.zone_of]
        self.wanted, self.stock = np.zeros_like(self.usual), np.zeros_like(self.usual)
        self.effect = np.zeros_like(self.usual)

    def step(self, t: int, capital: Array) -> None:
        """Commission what was built by the end of the year before.

        ``capital`` : (zone, draw) the zones' usual capital of this year, after the split.
        """
        p, share, effect = self.parameters, self.split.capital_share, self.effect
        if effect is None:
            return
        kept = 1 - p.depreciation
        for zone in self.moved:
            rows = self.inside[zone]
            usual = (self.base if share is None else share)[rows] * capital[zone]
            new = usual - kept * self.usual[rows]
            self.wanted[rows], self.stock[rows] = equations.project_capital(
                self.wanted[rows], self.stock[rows], p.depreciation, self.built(t, zone, rows), new
            )
            ratio = np.divide(self.stock[rows], usual, out=new)
            ratio += 1
            np.multiply(p.capital_elasticity[rows], np.log(ratio, out=ratio), out=effect[rows])
            self.usual[rows] = usual

    def built(self, t: int, zone: int, rows: slice) -> Array:
        """Return φ s GDP* D of the year before: none in the base year, (activity, draw)."""
        differences = self.parameters.commissioned
        if t == 0 or differences is None:
            return np.zeros_like(self.stock[rows])
        return np.asarray(self.scale[zone, t] * differences[rows, t - 1])

    def total(self, zone: int) -> Array:
        """Return Σ E of a zone, (draw)."""
        return np.asarray(np.add.reduce(self.stock[self.inside[zone]], axis=0))

    def put_in_place(self) -> Array | None:
        """Return the difference of investment at constant prices, (zone, year, draw)."""
        p = self.parameters
        if p.put_in_place is None:
            return None
        usual = p.investment_rate_reference[:, None] * self.reference.gdp[:, 1:]
        return np.asarray(usual * p.put_in_place)
