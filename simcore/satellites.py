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
from simcore.baseline import Figure
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
        path = np.full_like(logs["gdp"], np.nan)
        for row, zone in enumerate(zones):
            own = [logs[driver][row] for driver in satellite.drivers]
            equation = _remembered(members, name, zone, own, years)
            if equation is not None:
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
        path[self.first : known] = self.past
        ahead = path[known:]
        ahead[:] = self.ahead
        for elasticity, log in zip(self.elasticity, drivers, strict=True):
            ahead += elasticity * log[known:]


def _equation(
    members: Members, name: str, zone: str, drivers: Sequence[Array], years: Sequence[int]
) -> _Equation | None:
    """Draw a satellite's level, elasticities, trend and walk, given the zone's figures.

    ``drivers`` : (year, draw) logs, of which the past is used. None for a zone without a level in
    a year that its documents reach.
    """
    satellites, baseline = members.past.satellites, members.past.baseline
    satellite, first_year = satellites.equations[name], baseline.zones[zone].first_year
    place, key = satellite.zones.get(zone, ZoneLevel()), f"satellite.{name}.{zone}"
    figures, anchor = usable(baseline, place, zone), anchor_year(satellites, name, zone, baseline)
    if anchor is None:
        return None
    level = _level(members, satellite, place, figures, key)
    first, known = first_year - years[0], baseline.base_year + 1 - first_year
    at = anchor - first_year
    half_life = members.past.priors.half_life
    decays = np.array([decay(y - satellites.reference_year, half_life) for y in years[first:]])
    past = np.array([log[first : first + known] for log in drivers])
    model = _Model(satellite, decays, past)
    latent = _latents(members, key, len(drivers), at, len(decays))
    changes = changes_of(members, key, figures, level, at, first_year)
    trend, elasticity, steps = model.scaled(_conditioned(latent, model, changes))
    smooth, path = np.cumsum(decays), _cumulated(steps)
    path += level - path[at] + trend * (smooth - smooth[at])[:, None]
    path -= (elasticity * past[:, at]).sum(axis=0)
    driven = (elasticity[:, None] * past).sum(axis=0)
    return _Equation(first, path[:known] + driven, path[known:], elasticity)


@dataclass(frozen=True)
class _Model:
    """Means, standard deviations and coefficients of the latent normals: τ, ε, then W's steps."""

    satellite: Satellite
    decays: Array
    drivers: Array

    @property
    def mean(self) -> Array:
        """Prior means, (latent)."""
        priors = [self.satellite.trend, *self.satellite.drivers.values()]
        return np.array([*(p.mean for p in priors), *np.zeros(len(self.decays) - 1)])

    @property
    def deviation(self) -> Array:
        """Prior standard deviations, (latent)."""
        priors = [self.satellite.trend, *self.satellite.drivers.values()]
        steps = np.full(len(self.decays) - 1, self.satellite.walk.deviation)
        return np.array([*(p.deviation for p in priors), *steps])

    def coefficients(self, start: int, end: int) -> Array:
        """What each latent adds to ln X from one year place to a later one, (latent, draw)."""
        change = self.drivers[:, end] - self.drivers[:, start]
        smooth = np.full((1, change.shape[1]), self.decays[start + 1 : end + 1].sum())
        steps = np.arange(1, len(self.decays))
        inside = ((steps > start) & (steps <= end)).astype(float)
        return np.vstack([smooth, change, np.repeat(inside[:, None], change.shape[1], axis=1)])

    def scaled(self, latent: Array) -> tuple[Array, Array, Array]:
        """Trend (draw), elasticities (driver, draw) and steps (year, draw) of latent normals."""
        value = self.mean[:, None] + self.deviation[:, None] * latent
        first = 1 + len(self.drivers)
        return value[0], value[1:first], value[first:]


def _latents(members: Members, key: str, drivers: int, anchor: int, years: int) -> Array:
    """Standard normals of τ, ε and the steps into the second to the last year, (latent, draw).

    Steps have streams that run from the anchor forward and backward: another first or last year of
    the result leaves those between as they are.
    """
    backward = members.normals(f"{key}.backward", anchor)[::-1]
    forward = members.normals(f"{key}.forward", years - 1 - anchor)
    return np.vstack([members.normals(f"{key}.rates", 1 + drivers), backward, forward])


def _conditioned(latent: Array, model: _Model, changes: Sequence[Change]) -> Array:
    """Move latent normals so that the path makes the documented changes, (latent, draw).

    ``y' = y + Hᵀ (H Hᵀ)⁻¹ (target − m − H y)`` with H the coefficients times the standard
    deviations and m the mean of the change: Matheron's rule, which turns draws of the prior into
    draws of the normal distribution given the changes. `RIDGE` on the diagonal shares out what
    cannot hold together, such as two levels of one year.

    References
    ----------
    Journel & Huijbregts (1978), Mining Geostatistics; Doucet (2010), A note on efficient
    conditional simulation of Gaussian distributions, University of British Columbia.
    """
    if not changes:
        return latent
    effect = np.array([model.coefficients(change.start, change.end) for change in changes])
    matrix = effect * model.deviation[None, :, None]
    mean = np.einsum("old,l->od", effect, model.mean)
    target = np.array([change.target for change in changes])
    gap = target - mean - np.einsum("old,ld->od", matrix, latent)
    spread = np.einsum("old,pld->dop", matrix, matrix)
    spread += RIDGE * np.eye(len(changes))
    weights = np.linalg.solve(spread, gap.T[:, :, None])[:, :, 0]
    return np.asarray(latent + np.einsum("old,do->ld", matrix, weights))


def _cumulated(steps: Array) -> Array:
    """A walk from zero in the first year, (year, draw)."""
    return np.vstack([np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)])


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
