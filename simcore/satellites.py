"""Satellite equations: indicators beside the core that follow its variables.

    ln X_t = ln X_a + Σ_k ε_k ln(D_k,t / D_k,a) + τ (C_t − C_a) + W_t − W_a

X the indicator of a zone, a its anchor year, D its drivers, ε their elasticities, τ the trend in
the reference year with C the sum of its decays, W a random walk. Elasticities, trend and steps of
the walk are normal. A path passes through every documented figure: draw by draw the normals are
moved by the least change, in prior standard deviations, that does it (Matheron's rule). The drivers
are taken as they are: figures of a satellite teach the core nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array
from simcore.entries import Figure
from simcore.equations import decay
from simcore.members import Members
from simcore.satellite_figures import Change, anchor_year, changes_of, true_value, usable
from simcore.satellite_priors import CORE_DRIVERS, Satellite, ZoneLevel

INDEX = 100.0  # an index in its reference year
RIDGE = 1e-12  # variance with which a documented change is met [log points squared]


def satellite_paths(
    members: Members, core: Mapping[str, Array], years: Sequence[int]
) -> dict[str, Array]:
    """Return every satellite of a block, each (zone, year, draw), in the units of the result.

    ``core`` : the core's variables over all ``years``, whose first is the past's first. Years
    before a zone's first and zones without a level are NaN. What does not depend on the scenario is
    computed once for the block.
    """
    satellites, zones = members.past.satellites, members.past.baseline.zones
    logs = _log_drivers(members, core, years)
    drivers = {driver for part in satellites.equations.values() for driver in part.drivers}
    paths = {}
    for name, satellite in satellites.equations.items():
        path = np.empty_like(logs["gdp"])
        for row, zone in enumerate(zones):
            own = [logs[driver][row] for driver in satellite.drivers]
            equation = _remembered(members, name, zone, own, years)
            if equation is None:
                path[row] = np.nan
            else:
                equation.write(own, path[row])
        if name in drivers:
            logs[name] = path.copy()
        paths[name] = np.exp(path, out=path)
    for name, product in satellites.products.items():
        scale, place = logs[product.scale], satellites.reference_year - years[0]
        base = scale[:, place, None] if place >= 0 else np.nan
        paths[name] = paths[product.intensity] * np.exp(scale - base)
    return paths


def _remembered(
    members: Members, name: str, zone: str, drivers: Sequence[Array], years: Sequence[int]
) -> _Equation | None:
    """Return the equation of a satellite in a zone, the same for every scenario of the block."""
    return members.remember(
        ("satellite", name, zone, tuple(years)),
        lambda: _equation(members, name, zone, drivers, years),
    )


# --- drivers --------------------------------------------------------------------------------------


def _log_drivers(
    members: Members, core: Mapping[str, Array], years: Sequence[int]
) -> dict[str, Array]:
    """Logs of the drivers relative to the base year, (zone, year, draw).

    The past comes from the reconciliation, the same for every scenario. Stocks and persons, which
    the core has from the base year on, went there at the rates that the core assumes: population
    and employment at the growth of labour, the stock of R&D at the growth of R&D before the base.
    """
    base = len(members.history.years) - 1
    past = members.remember("satellite drivers", lambda: _past_logs(members))
    logs = {}
    for name in CORE_DRIVERS:
        if name not in past:
            continue
        future = np.log(core[name][:, base + 1 : len(years)] / core[name][:, base, None])
        logs[name] = np.concatenate([past[name], future], axis=1)
    logs["gdp_real_per_head"] = logs["gdp_real"] - logs["population"]
    return logs


def _past_logs(members: Members) -> dict[str, Array]:
    history, zones = members.history, list(members.past.baseline.zones)
    elapsed = np.arange(1 - len(history.years), 1)[None, :, None]
    labour = np.array([history.values[f"labour_growth.{zone}"] for zone in zones])
    research = np.array([members.parameter("rnd_growth_before", zone=zone) for zone in zones])
    logs = {name: np.log(level) for name, level in
            (("gdp", history.gdp), ("gdp_real", history.gdp_real))}  # fmt: skip
    logs = {name: log - log[:, -1:] for name, log in logs.items()}
    persons = np.where(np.isnan(logs["gdp"]), np.nan, elapsed * np.log1p(labour)[:, None])
    stock = np.where(np.isnan(logs["gdp"]), np.nan, elapsed * np.log1p(research)[:, None])
    return logs | {"population": persons, "employment": persons, "rnd_stock": stock}


# --- one equation ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Equation:
    """The equation of a satellite in a zone, its draws taken.

    ``first`` : place of the zone's first year; ``past`` : (year, draw) ln X from there to the base
    year; ``ahead`` : (year, draw) ln X of the years after it, without its drivers [log points];
    ``elasticity`` : (driver, draw).
    """

    first: int
    past: Array
    ahead: Array
    elasticity: Array

    def write(self, drivers: Sequence[Array], path: Array) -> None:
        """Write ln X into a path (year, draw), from the logs of the drivers (year, draw)."""
        known = self.first + len(self.past)
        path[: self.first] = np.nan
        path[self.first : known] = self.past
        ahead, before = path[known:], self.ahead
        for elasticity, log in zip(self.elasticity, drivers, strict=True):
            before = np.add(before, elasticity * log[known:], out=ahead)


def _equation(
    members: Members, name: str, zone: str, drivers: Sequence[Array], years: Sequence[int]
) -> _Equation | None:
    """Draw a satellite's level, elasticities, trend and walk, given the zone's figures.

    ``drivers`` : (year, draw) logs, of which the past is used. None for a zone without a level in
    a year that its documents reach.
    """
    satellites, baseline = members.past.satellites, members.past.baseline
    satellite, first_year = satellites.equations[name], baseline.zones[zone].first_year
    place, key = satellite.zones.get(zone) or ZoneLevel(), f"satellite.{name}.{zone}"
    figures, anchor = usable(baseline, place, zone), anchor_year(satellites, name, zone, baseline)
    if anchor is None:
        return None
    level = _level(members, satellite, place, figures, key)
    first, known = first_year - years[0], baseline.base_year + 1 - first_year
    at = anchor - first_year
    half_life = members.past.priors.half_life
    decays = np.array([decay(y - satellites.reference_year, half_life) for y in years[first:]])
    past = np.array([log[first : first + known] for log in drivers])
    rates = _Rates(satellite, decays, past)
    changes = changes_of(members, key, figures, level, at, first_year)
    trend, elasticity, steps = _conditioned(_drawn(members, key, rates, at), rates, changes)
    steps += decays[1:, None] * trend
    path = _from_anchor(level - (elasticity * past[:, at]).sum(axis=0), steps, at)
    for slope, log in zip(elasticity, past, strict=True):
        path[:known] += slope * log
    return _Equation(first, path[:known], path[known:], elasticity)


Drawn = tuple[Array, Array, Array]
"""τ (draw), ε (driver, draw) and the steps of W into the second to the last year (year, draw)."""


@dataclass(frozen=True)
class _Rates:
    """Means and standard deviations of τ, ε and W's steps, and what they act on.

    ``decays`` : (year) the trend's; ``drivers`` : (driver, year, draw) logs, up to the base year.
    """

    satellite: Satellite
    decays: Array
    drivers: Array

    @property
    def mean(self) -> Array:
        """Prior means of τ and ε, (1 + driver)."""
        return np.array([p.mean for p in (self.satellite.trend, *self.satellite.drivers.values())])

    @property
    def deviation(self) -> Array:
        """Prior standard deviations of τ and ε, (1 + driver)."""
        priors = (self.satellite.trend, *self.satellite.drivers.values())
        return np.array([p.deviation for p in priors])

    def of(self, normal: Array, steps: Array) -> Drawn:
        """Return what standard normals of τ and ε (1 + driver, draw) and of the steps stand for.

        The steps are scaled in place.
        """
        rates = self.mean[:, None] + self.deviation[:, None] * normal
        steps *= self.satellite.walk.deviation
        return rates[0], rates[1:], steps


def _drawn(members: Members, key: str, rates: _Rates, anchor: int) -> Drawn:
    """Draw τ, ε and the steps.

    Steps have streams that run from the anchor forward and backward: another first or last year of
    the result leaves those between as they are.
    """
    backward = members.normals(f"{key}.backward", anchor)[::-1]
    forward = members.normals(f"{key}.forward", len(rates.decays) - 1 - anchor)
    normal = members.normals(f"{key}.rates", 1 + len(rates.drivers))
    return rates.of(normal, np.concatenate([backward, forward]))


def _conditioned(drawn: Drawn, rates: _Rates, changes: Sequence[Change]) -> Drawn:
    """Move what was drawn so that the path makes the documented changes, the steps in place.

    ``y' = y + V Hᵀ (H V Hᵀ)⁻¹ (target − H y)`` with y = (τ, ε, steps), V their prior variances and
    H what each adds to a change: the trend's decays, the drivers' changes, one for a step of its
    years. Matheron's rule, which turns draws of the prior into draws of the normal distribution
    given the changes. `RIDGE` on the diagonal shares out what cannot hold together, such as two
    levels of one year.

    References
    ----------
    Journel & Huijbregts (1978), Mining Geostatistics; Doucet (2010), A note on efficient
    conditional simulation of Gaussian distributions, University of British Columbia.
    """
    if not changes:
        return drawn
    trend, elasticity, steps = drawn
    spans = [slice(change.start, change.end) for change in changes]
    decays = np.array([rates.decays[1:][span].sum() for span in spans])
    rise = np.array([rates.drivers[:, c.end] - rates.drivers[:, c.start] for c in changes])
    inside = np.zeros((len(changes), len(steps)))
    for row, span in enumerate(spans):
        inside[row, span] = 1.0

    walk, (of_trend, *of_drivers) = rates.satellite.walk.deviation**2, rates.deviation**2
    slopes = np.array(of_drivers)[:, None]
    spread = ((slopes * rise)[:, None] * rise[None]).sum(axis=2)
    spread += (of_trend * np.outer(decays, decays) + walk * inside @ inside.T)[:, :, None]
    spread += RIDGE * np.eye(len(changes))[:, :, None]
    walked = np.array([steps[span].sum(axis=0) for span in spans])
    target = np.array([change.target for change in changes])
    gap = target - decays[:, None] * trend - (rise * elasticity).sum(axis=1) - walked
    weights = _solved(spread, gap)

    trend = trend + of_trend * (decays[:, None] * weights).sum(axis=0)
    elasticity = elasticity + slopes * (rise * weights[:, None]).sum(axis=0)
    for span, weight in zip(spans, weights, strict=True):
        steps[span] += walk * weight
    return trend, elasticity, steps


def _solved(matrix: Array, right: Array) -> Array:
    """Solve a linear system in every draw, (row, column, draw) and (row, draw)."""
    if len(matrix) == 1:
        return right / matrix[0]
    found = np.linalg.solve(np.moveaxis(matrix, 2, 0), right.T[:, :, None])
    return np.asarray(found[:, :, 0].T)


def _from_anchor(level: Array, steps: Array, anchor: int) -> Array:
    """Cumulate yearly steps from the anchor on and back from it, (year, draw)."""
    path = np.empty((len(steps) + 1, len(level)))
    path[anchor] = level
    for year in range(anchor, len(steps)):
        np.add(path[year], steps[year], out=path[year + 1])
    for year in reversed(range(anchor)):
        np.subtract(path[year + 1], steps[year], out=path[year])
    return path


def _level(
    members: Members, satellite: Satellite, place: ZoneLevel, figures: Sequence[Figure], key: str
) -> Array:
    """Return ln X in the anchor year, (draw): of an index, the first documented or the assumed."""
    if satellite.index:
        return np.full(members.draws, np.log(INDEX))
    for figure in figures:
        if figure.concept != "growth":
            return np.asarray(np.log(true_value(members, key, figure)))
    assert place.level is not None  # else there is no anchor year
    normal = members.normals(f"{key}.level", 1)[0]
    return np.asarray(np.log(place.level.distribution().from_standard(normal)))
