"""What must hold in every run, checked on every block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from simcore.arrays import Array, Mask
from simcore.causes import said_cause
from simcore.kernel import Results
from simcore.labels import say
from simcore.parameters import Parameters, Pins
from simcore.satellite_priors import Satellites

TOLERANCE, SINGLE_TOLERANCE = 1e-9, 1e-5  # relative, in double and in single precision
CAPITAL_OUTPUT_RANGE = (1.0, 6.0)
MAXIMUM_RND_INTENSITY = 25.0  # percent of GDP
LARGEST = float(np.finfo(np.float32).max)  # that a result file can hold
NOWHERE = np.zeros((1, 1, 1), dtype=bool)
POSITIVE = ("gdp", "capital", "employment", "rnd_stock", "deflator")
FINITE = ("gdp_real", "rnd", "rnd_intensity", "investment", "population")
RATES = ("gdp_growth", "tfp_growth")  # of which there is none in the base year


@dataclass(frozen=True)
class Finding:
    """Something wrong or unusual in a block: what, how many draws, and the first place.

    ``where`` : (draw) whether it is in a draw; ``asked`` : whether a scenario asks what cannot be.
    """

    cause: str
    draws: int
    draw: int
    zone: int
    year: int
    where: Mask = field(default_factory=lambda: NOWHERE[0, 0], compare=False, repr=False)
    asked: bool = False

    @property
    def message(self) -> str:
        """What is said of it, without the place."""
        return say("{cause} in {count} draws", cause=said_cause(self.cause), count=self.draws)


def broken(parameters: Parameters, results: Results) -> list[Finding]:
    """Identities that do not hold, and values that are not finite or not positive."""
    p, r, tolerance = parameters, results, _tolerance(results)
    value_added = np.add.reduceat(r["value_added"], p.starts, axis=0)
    faults = {f"{name} is not finite and positive": _beyond(r[name], 0.0) for name in POSITIVE}
    faults |= {f"{name} is not finite": _beyond(r[name]) for name in FINITE}
    faults |= {f"{name} is not finite": _beyond(r[name], absent=True) for name in RATES}
    faults |= {
        "value_added is not finite and positive": _beyond(r["value_added"], 0.0, np.inf),
        "output is not finite": _beyond(r["output"], -np.inf),
        "value added does not sum to GDP": _apart(value_added, r["gdp"], tolerance),
        "nominal GDP is not real GDP times the deflator": _apart(
            r["gdp_real"] * r["deflator"], r["gdp"], tolerance
        ),
        "R&D is not intensity times GDP": _apart(
            r["rnd_intensity"] / 100 * r["gdp"], r["rnd"], tolerance
        ),
        "gross output is below value added": ~(r["output"] >= r["value_added"]),
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
        faults[f"{name} is not finite and positive"] = _beyond(v[name], 0.0, absent=True)
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


def impossible(parameters: Parameters, faults: dict[str, Mask]) -> list[Finding]:
    """What the kernel found that draws cannot do: masks (zone, year with the base, draw)."""
    return [replace(finding, asked=True) for finding in _located(faults, parameters)]


def _tolerance(results: Mapping[str, Array]) -> float:
    """Return how far an identity may be missed, by the precision of the projection."""
    return SINGLE_TOLERANCE if results["gdp"].dtype == np.float32 else TOLERANCE


def _apart(left: Array, right: Array, tolerance: float) -> Mask:
    gap, limit = left - right, np.abs(right)
    limit *= tolerance
    return np.asarray(np.abs(gap, out=gap) > limit)


def _beyond(
    rows: Array, low: float = -LARGEST, high: float = LARGEST, *, absent: bool = False
) -> Mask:
    """Where values are NaN, not above ``low``, or above ``high``: too large for a result file.

    With ``absent`` a value that is NaN in every draw is none. `NOWHERE` if nothing is wrong: that
    is told from the extremes of each (row, year) alone. A limit that is infinite is not looked at:
    value added is below gross output.
    """
    fine = np.ones(rows.shape[:-1], dtype=bool)
    if np.isfinite(low):
        fine &= rows.min(axis=-1) > low
    if np.isfinite(high):
        fine &= rows.max(axis=-1) <= high
    cells = rows[~fine]
    if not len(cells) or (absent and np.isnan(cells).all()):
        return NOWHERE
    inside = ~((cells > low) & (cells <= high))
    if absent:
        inside[np.isnan(cells).all(axis=-1)] = False
    where = np.zeros(rows.shape, dtype=bool)
    where[~fine] = inside
    return where


def _real_growth(parameters: Parameters, results: Results) -> Array:
    """Growth of real value added, (activity, projected year, draw)."""
    level = results["value_added"] / results["deflator"][parameters.zone_of]
    return np.asarray(level[:, 1:] / level[:, :-1] - 1)


def _missed(pins: Pins, growth_of: Callable[[], Array], tolerance: float) -> Mask:
    """Where real growth under ``set`` is not its target, (row, year with the base, draw)."""
    set_ = np.isfinite(pins.target) & ~pins.centred
    if not set_.any():
        return NOWHERE
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
            draws = np.asarray(where.any(axis=(0, 1)))
            count = int(draws.sum())
            yield Finding(cause, count, draw, row, first_year + place, draws), len(where)
