"""What must hold in every run, checked on every block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from simcore.arrays import Array, Mask
from simcore.kernel import Results
from simcore.parameters import Parameters, Pins
from simcore.satellite_priors import Satellites

TOLERANCE, SINGLE_TOLERANCE = 1e-9, 1e-5  # relative, in double and in single precision
CAPITAL_OUTPUT_RANGE = (1.0, 6.0)
MAXIMUM_RND_INTENSITY = 25.0  # percent of GDP


@dataclass(frozen=True)
class Finding:
    """Something wrong or unusual in a block: what, how many draws, and the first place."""

    cause: str
    draws: int
    draw: int
    zone: int
    year: int

    @property
    def message(self) -> str:
        """What is said of it, without the place."""
        return f"{self.cause} in {self.draws} draws"


def broken(parameters: Parameters, results: Results) -> list[Finding]:
    """Identities that do not hold, and values that are not finite or not positive."""
    p, r, tolerance = parameters, results, _tolerance(results)
    value_added = np.add.reduceat(r["value_added"], p.starts, axis=0)
    positive = ("gdp", "capital", "employment", "rnd_stock", "deflator", "value_added")
    faults = {
        f"{name} is not finite and positive": ~(np.isfinite(r[name]) & (r[name] > 0))
        for name in positive
    }
    faults |= {
        "value added does not sum to GDP": _apart(value_added, r["gdp"], tolerance),
        "nominal GDP is not real GDP times the deflator": _apart(
            r["gdp_real"] * r["deflator"], r["gdp"], tolerance
        ),
        "R&D is not intensity times GDP": _apart(
            r["rnd_intensity"] / 100 * r["gdp"], r["rnd"], tolerance
        ),
        "gross output is below value added": r["output"] < r["value_added"],
        "pinned GDP growth is missed": _missed(
            p.zone_pins, lambda: r["gdp_growth"][:, 1:] / 100, tolerance
        ),
        "pinned growth of an industry is missed": _missed(
            p.activity_pins, lambda: _real_growth(p, r), tolerance
        ),
    }
    return _located(faults, p)


def inconsistent(
    variables: Mapping[str, Array], first_year: int, satellites: Satellites
) -> list[Finding]:
    """Identities of the assembled variables (zone, year, draw) that do not hold.

    GDP per head times population is GDP, and so for productivity and employment; an index of energy
    or carbon is its intensity times real GDP, both relative to the index's year; what a satellite
    has is finite and positive. ``satellites`` : those of the past.
    """
    v, tolerance = variables, _tolerance(variables)
    place = satellites.reference_year - first_year
    faults = {
        "GDP per head is not GDP over population": _apart(
            v["gdp_per_head"] * v["population"], v["gdp"], tolerance
        ),
        "productivity is not real GDP over employment": _apart(
            v["labour_productivity"] * v["employment"], v["gdp_real"], tolerance
        ),
    }
    for name, product in satellites.products.items() if place >= 0 else ():
        scale = v[product.scale] / v[product.scale][:, place, None]
        wrong = _apart(v[product.intensity] * scale, v[name], tolerance)
        faults[f"{name} is not {product.intensity} times {product.scale}"] = wrong
    for name in satellites.indicators:
        least, most = np.fmin.reduce(v[name], axis=None), np.fmax.reduce(v[name], axis=None)
        if least <= 0 or most == np.inf:
            faults[f"{name} is not finite and positive"] = (v[name] <= 0) | np.isinf(v[name])
    return _placed(faults, first_year)


def unusual(parameters: Parameters, results: Results) -> list[Finding]:
    """Draws outside what is seen in economies: counted and located, not refused."""
    ratio = results["capital"] / results["gdp_real"]
    low, high = CAPITAL_OUTPUT_RANGE
    faults = {
        f"capital-output ratio outside {low:g} to {high:g}": (ratio < low) | (ratio > high),
        f"R&D above {MAXIMUM_RND_INTENSITY:g} % of GDP": (
            results["rnd_intensity"] > MAXIMUM_RND_INTENSITY
        ),
    }
    return _located(faults, parameters)


def _tolerance(results: Mapping[str, Array]) -> float:
    """Return how far an identity may be missed, by the precision of the projection."""
    return SINGLE_TOLERANCE if results["gdp"].dtype == np.float32 else TOLERANCE


def _apart(left: Array, right: Array, tolerance: float) -> Mask:
    gap, limit = left - right, np.abs(right)
    limit *= tolerance
    return np.asarray(np.abs(gap, out=gap) > limit)


def _real_growth(parameters: Parameters, results: Results) -> Array:
    """Growth of real value added, (activity, projected year, draw)."""
    level = results["value_added"] / results["deflator"][parameters.zone_of]
    return np.asarray(level[:, 1:] / level[:, :-1] - 1)


def _missed(pins: Pins, growth_of: Callable[[], Array], tolerance: float) -> Mask:
    """Where real growth under ``set`` is not its target, (row, year with the base, draw)."""
    set_ = np.isfinite(pins.target) & ~pins.centred
    if not set_.any():
        return np.zeros((1, 1, 1), dtype=bool)
    growth = growth_of()
    wanted = np.where(set_, pins.target, 0.0)[:, :, None]
    missed = set_[:, :, None] & (np.abs(growth - wanted) > tolerance)
    return np.concatenate([np.zeros_like(missed[:, :1]), missed], axis=1)


def _located(faults: dict[str, Mask], parameters: Parameters) -> list[Finding]:
    """Findings of masks (zone or activity, year with the base, draw), by zone."""
    found = []
    for finding, rows in _found(faults, parameters.years[0] - 1):
        by_zone = rows == len(parameters.starts)
        zone = finding.zone if by_zone else int(parameters.zone_of[finding.zone])
        found.append(replace(finding, zone=zone))
    return found


def _placed(faults: dict[str, Mask], first_year: int) -> list[Finding]:
    """Findings of masks (zone, year, draw)."""
    return [finding for finding, _ in _found(faults, first_year)]


def _found(faults: dict[str, Mask], first_year: int) -> Iterator[tuple[Finding, int]]:
    """Return the first place of every fault, its row as the zone, and the number of rows."""
    for cause, where in faults.items():
        if where.any():
            row, place, draw = (int(index) for index in np.argwhere(where)[0])
            count = int(where.any(axis=(0, 1)).sum())
            yield Finding(cause, count, draw, row, first_year + place), len(where)
