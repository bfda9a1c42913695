"""What the kernel needs to know: one frozen set of arrays for a block of draws and a scenario."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from simcore.arrays import Array, Mask, Rows


@dataclass(frozen=True)
class Pins:
    """Growth that a closure fixes, row by row (zones or activities) and year by year.

    ``target`` : (row, year) real growth, or (row, year, draw) where it differs between draws, NaN
    where nothing is fixed. ``centred`` : (row, year)
    whether it is the mean over draws that is fixed. ``offset`` : (row, year) the log factor that
    centres a year, or None on the ensemble from which it is to be found.
    """

    target: Array
    centred: Mask
    offset: Array | None

    def any(self, year: int) -> bool:
        """Whether anything is fixed in the projected year at this position."""
        return bool(np.isfinite(self.target[:, year]).any())

    def fixed(self, year: int) -> Mask:
        """Return the rows whose growth is fixed in the projected year at this position, (row)."""
        finite = np.isfinite(self.target[:, year])
        return np.asarray(finite if finite.ndim == 1 else finite.all(axis=1))


@dataclass(frozen=True)
class Parameters:
    """Arrays of one block; draw axis last, of size 1 where nothing varies.

    Axes: z zone, a activity (grouped by zone), t projected year, d draw. Money in 1e8 CNY, real
    values at the constant prices of the deflator's year, population in 10,000 persons.
    All floats have the precision of ``gdp``, in which the kernel computes.
    A path (``investment_rate``, ``labour_growth``) differs from its reference by levers alone.
    """

    years: tuple[int, ...]
    zone_of: Rows  # (a) row of the activity's zone
    starts: Rows  # (z) first activity of each zone
    # base year
    gdp: Array  # (z, d) real
    deflator: Array  # (z, d)
    share: Array  # (a, d) of GDP
    capital: Array  # (z, d) real
    employment: Array  # (z, d)
    population: Array  # (z, d)
    rnd_stock: Array  # (z, d) real
    rnd_intensity_reference: Array  # (z, d)
    value_added_rate: Array  # (a, d)
    # behaviour
    capital_elasticity: Array  # (a, d)
    depreciation: Array  # (d)
    capital_formation_share: Array  # (d)
    rnd_depreciation: Array  # (d)
    rnd_elasticity: Array  # (d)
    spillover: Array  # (d)
    spillover_weights: Array  # (z, z)
    # reference path
    reference_growth: Array  # (z, t, d) μ, log points
    differential: Array  # (a, d) τ in the base year, log points
    differential_decay: Array  # (t)
    deflator_change: Array  # (z, t, d) log points
    investment_rate_reference: Array  # (z, d)
    labour_growth_reference: Array  # (z, d)
    # path
    investment_rate: Array  # (z, t, d or 1)
    labour_growth: Array  # (z, t, d or 1)
    rnd_intensity: Array  # (z, t) or (z, t, d), NaN where the intensity stays
    rnd_growth: Array  # (z, t) or (z, t, d) nominal, NaN where no growth path binds
    rnd_change: Array | None  # (z, t, d) factor on last year's intensity by levers on firms
    investment_share_shift: Array | None  # (a, t)
    labour_share_shift: Array | None  # (a, t)
    disturbance: Array  # (a, t, d or 1) log points: shocks, gaps, events and TFP levers, cumulated
    zone_pins: Pins
    activity_pins: Pins
    # what levers change of major projects; shares of the zone's investment on the reference path
    commissioned: Array | None = None  # (a, t, d)
    put_in_place: Array | None = None  # (z, t, d)

    @property
    def draws(self) -> int:
        """Return the size of the draw axis."""
        return self.gdp.shape[-1]

    def single(self) -> Parameters:
        """Return the same in single precision."""
        floats: dict[str, Any] = {
            name: value.astype(np.float32, copy=False)
            for name, value in vars(self).items()
            if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        }
        return replace(self, **floats)

    @property
    def inside(self) -> tuple[slice, ...]:
        """Return the rows of each zone on the activity axis."""
        bounds = [*self.starts.tolist(), len(self.zone_of)]
        return tuple(slice(*pair) for pair in pairwise(bounds))
