"""What disturbs the path: annual growth shocks, crises, dated events, and productivity levers.

Everything is cumulated to log points of the level of value added, (activity, year, draw).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from simcore import equations
from simcore.arrays import Array, by_year
from simcore.levers import Event, Scenario
from simcore.members import Members
from simcore.priors import Priors


def disturbance(
    members: Members, scenario: Scenario, years: Sequence[int], count: int, *, shocks: bool = True
) -> Array:
    """Shocks, gaps, events and productivity levers together, (activity, year, draw or 1)."""
    levers = _levers(members, scenario, years)[:, :, None]
    if not shocks:
        return levers
    behaviour = [scenario.behaviour.get(name) for name in ("shock_persistence", "crisis_size")]
    key = ("shocks", tuple(years), *behaviour)
    common = members.remember(key, lambda: _shocks(members, scenario, years, count))
    if not levers.any() and not scenario.events:
        return common
    count, steps, draws = common.shape
    total = by_year(count, steps, draws, common.dtype)
    np.add(common, levers, out=total)
    for event in scenario.events:
        _add_event(total, members, event, years)
    return total


def _shocks(members: Members, scenario: Scenario, years: Sequence[int], count: int) -> Array:
    """Growth shocks and crisis gaps, the same for all scenarios of one behaviour."""
    total = _growth_shocks(members, scenario, years, count)
    gaps = _crises(members, scenario, len(years)) + _open_gap(members, years)
    for t in range(len(years)):
        for row, zone in enumerate(members.past.baseline.zones):
            total[members.past.members[zone], t] += gaps[row, t].astype(total.dtype)
    return total


def _levers(members: Members, scenario: Scenario, years: Sequence[int]) -> Array:
    """Cumulated TFP levers of zones and industries, (activity, year)."""
    rows = []
    zones = {zone: scenario.zone_levers(zone) for zone in members.past.baseline.zones}
    for activity in members.past.baseline.activities:
        levers = zones[activity.zone]
        industry = levers.industries.get(activity.industry)
        change = np.zeros(len(years))
        for lever in (levers.tfp, industry.tfp if industry else None):
            if lever is not None:
                change += np.nan_to_num(lever.values(years))
        rows.append(np.cumsum(change))
    return np.array(rows)


def _growth_shocks(members: Members, scenario: Scenario, years: Sequence[int], count: int) -> Array:
    """Cumulated growth shocks U of the nation, city, zone and activity, (activity, year, draw).

    ``u_t = ρ u_t−1 + σ √(1−ρ²) z_t``: σ is the stationary standard deviation. City and zone
    start from the reconciled shock of the base year, the nation from none (its base year is
    known), activities from a stationary draw.
    """
    override = scenario.behaviour.get("shock_persistence")
    persistence = members.parameter("shock_persistence", override=override)
    path = _innovations(members, np.sqrt(1 - persistence**2), len(years), count)
    persistence = persistence.astype(path.dtype)
    level, total = path[0], np.zeros_like(path[0])
    for shock in path[1:]:
        level *= persistence
        level += shock
        total = np.add(total, level, out=shock)
    return path[1:].transpose(1, 0, 2)


def _innovations(members: Members, scale: Array, steps: int, count: int) -> Array:
    """Shocks of the base year, then every year's innovations, (year with the base, activity, draw).

    ``scale`` : (draw) standard deviation of an innovation over that of its shock. Nation, city and
    zones add to each of their activities: having one persistence, they go on as one shock.
    """
    baseline, priors, history = members.past.baseline, members.past.priors, members.history
    shocks = priors.shocks
    dtype: Any = np.float32 if members.single else np.float64
    noise = np.empty((steps + 1, count, len(scale)), dtype)
    for row, activity in enumerate(baseline.activities):
        name = f"shock.activity.{activity.zone}.{activity.industry}"
        normals = members.normals(name, steps + 1)
        noise[0, row] = normals[0]
        np.multiply(normals[1:], scale, out=noise[1:, row], casting="same_kind")
    keys = tuple((activity.zone, activity.industry) for activity in baseline.activities)
    path = loadings(priors, keys).astype(dtype) @ noise
    common = shocks.nation * members.students("shock.nation", steps)
    common += shocks.city * members.students("shock.city", steps)
    for row, zone in enumerate(baseline.zones):
        inside = members.past.members[zone]
        own = scale * (common + shocks.zone * members.students(f"shock.zone.{zone}", steps))
        path[1:, inside] += own[:, None].astype(dtype)
        path[0, inside] += (history.city_shock + history.zone_shock[row]).astype(dtype)
    return np.asarray(path)


def loadings(priors: Priors, activities: tuple[tuple[str, str], ...]) -> Array:
    """Cholesky factor of the covariance of activity shocks, (activity, activity)."""
    shocks = [priors.activities[zone][industry].shock for zone, industry in activities]
    groups = list(dict.fromkeys(shock.group for shock in shocks))
    table = np.array([[priors.correlation(a, b) for b in groups] for a in groups])
    rows = [groups.index(shock.group) for shock in shocks]
    correlation = table[np.ix_(rows, rows)]
    np.fill_diagonal(correlation, 1.0)
    deviation = np.array([shock.deviation for shock in shocks])
    return np.asarray(_cholesky(correlation.tobytes(), len(rows)) * deviation[:, None])


@lru_cache(maxsize=8)
def _cholesky(correlation: bytes, size: int) -> Array:
    matrix = np.frombuffer(correlation).reshape(size, size)
    return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)


def _crises(members: Members, scenario: Scenario, steps: int) -> Array:
    """Gap that future crises open and half close again, the same in all zones, (1, year, draw)."""
    priors = members.past.priors
    struck = members.uniforms("crisis.occurrence", steps) < priors.crisis_probability
    distribution = scenario.behaviour.get("crisis_size") or priors.distribution("crisis_size")
    size = np.zeros(struck.shape)
    size[struck] = distribution.from_standard(members.normals("crisis.size", steps)[struck])
    rebound = members.history.values["rebound"]
    struck_now, year_after, stays = (equations.gap_path(t, size, rebound) for t in range(3))
    gap = np.cumsum(stays, axis=0)
    gap += struck_now - stays
    gap[1:] += (year_after - stays)[:-1]
    return gap[None]


def _open_gap(members: Members, years: Sequence[int]) -> Array:
    """What the documented crisis' gap still closes after the base year, (zone, year, draw)."""
    past, values = members.past, members.history.values
    crisis, base = past.priors.documented_crisis, past.baseline.base_year
    rows = []
    for zone in past.baseline.zones:
        size = values["gap_city"] + values[f"gap_own.{zone}"]
        now = equations.gap_path(base - crisis, size, values["rebound"])
        rows.append(
            [equations.gap_path(year - crisis, size, values["rebound"]) - now for year in years]
        )
    return np.array(rows)


def _add_event(total: Array, members: Members, event: Event, years: Sequence[int]) -> None:
    """Add an event: ln(1 + size) in its year, times the persistence in every year after it."""
    rows = [
        row
        for row, activity in enumerate(members.past.baseline.activities)
        if event.zone in ("*", activity.zone) and event.industry in ("*", activity.industry)
    ]
    chance = members.uniforms(f"event.{event.name}", len(years))
    effect = np.zeros((len(years), chance.shape[1]))
    for t, year in enumerate(years):
        if event.year is None or event.year == year:
            struck = np.log1p(event.size) * (chance[t] < event.probability)
            for later in range(t, len(years)):
                effect[later] += struck * event.persistence ** (later - t)
    total[rows] += effect
