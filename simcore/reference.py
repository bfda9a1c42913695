"""The reference path of a block: its own parameters and assumptions, no shocks, no levers.

In logs and in closed form but for the two stocks. What a year of the path needs of it is the
productivity at which its own capital and labour produce it, and the stock of R&D to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcore import equations
from simcore.arrays import Array, by_year
from simcore.parameters import Parameters


@dataclass(frozen=True)
class Reference:
    """Logs along the reference path, from the base year on, and its GDP.

    ``productivity`` : (activity, year, draw) ln A*, with labour relative to the base year's;
    ``rnd_stock`` : (zone, year, draw) ln S*; ``gdp`` : (zone, year, draw) GDP*, itself.
    """

    productivity: Array
    rnd_stock: Array
    gdp: Array


def reference_path(parameters: Parameters) -> Reference:
    """Return the reference path of a block of draws; the levers of the parameters are not read.

    ``ln A*_a = ln Y*_a − α (ln K* − ln L*) − ln L*``, with ``Y*_a`` the activity's share of
    ``GDP*_t = GDP_0 exp(Σ μ)`` and shares moving with ``exp τ``.
    """
    p = parameters
    log_gdp = cumulated(np.log(p.gdp), p.reference_growth)
    gdp = np.exp(log_gdp)
    log_labour = cumulated(
        np.zeros_like(p.gdp),
        np.repeat(np.log1p(p.labour_growth_reference)[:, None], len(p.years), axis=1),
    )
    rnd_stock, capital = np.empty_like(gdp), np.empty_like(gdp)
    rnd_stock[:, 0], capital[:, 0] = p.rnd_stock, p.capital
    for t in range(len(p.years)):
        rnd_stock[:, t + 1] = equations.rnd_stock(
            rnd_stock[:, t], p.rnd_depreciation, p.rnd_intensity_reference * gdp[:, t]
        )
        capital[:, t + 1] = equations.capital(
            capital[:, t], p.depreciation, p.capital_formation_share, p.investment_rate_reference,
            gdp[:, t],
        )  # fmt: skip
    intensity = np.log(capital) - log_labour
    return Reference(_productivity(p, log_gdp - log_labour, intensity), np.log(rnd_stock), gdp)


def cumulated(start: Array, changes: Array) -> Array:
    """Return a start and the sums of what is added to it, (row, year with the base, draw).

    >>> cumulated(np.zeros((1, 1)), np.ones((1, 3, 1))).ravel().tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    draws = max(start.shape[1], changes.shape[2])
    path = by_year(len(start), changes.shape[1] + 1, draws, start.dtype)
    path[:, 0] = start
    for t in range(changes.shape[1]):
        np.add(path[:, t], changes[:, t], out=path[:, t + 1])
    return path


def _productivity(p: Parameters, gdp_per_head: Array, capital_per_head: Array) -> Array:
    """Return ln A* from the logs of GDP* and K* per head of L*, (activity, year, draw)."""
    log_share = np.log(p.share)
    elapsed = np.concatenate([[0.0], np.cumsum(p.differential_decay)])
    productivity = by_year(len(p.zone_of), len(elapsed), p.draws, p.gdp.dtype)
    scratch = np.empty_like(log_share)
    for t, decayed in enumerate(elapsed):
        log_weight = productivity[:, t]
        np.multiply(p.differential, p.gdp.dtype.type(decayed), out=log_weight)
        log_weight += log_share
        np.exp(log_weight, out=scratch)
        for zone, rows in enumerate(p.inside):
            log_weight[rows] += gdp_per_head[zone, t] - np.log(scratch[rows].sum(axis=0))
            np.multiply(p.capital_elasticity[rows], capital_per_head[zone, t], out=scratch[rows])
        log_weight -= scratch
    return productivity
