"""What disturbs the path: annual growth shocks, crises, dated events, and productivity levers.

Everything is cumulated to log points of the level of value added, (activity, year, draw).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

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
    total = by_year(*common.shape)
    np.add(common, levers, out=total)
    for event in scenario.events:
        _add_event(total, members, event, years)
    return total


def _shocks(members: Members, scenario: Scenario, years: Sequence[int], count: int) -> Array:
    """Growth shocks and crisis gaps, the same for all scenarios of one behaviour."""
    gaps = _crises(members, scenario, len(years)) + _open_gap(members, years)
    total = _growth_shocks(members, scenario, years, count)
    for row, zone in enumerate(members.past.baseline.zones):
        total[members.past.members[zone]] += gaps[row]
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
    innovation = np.sqrt(1 - persistence**2)
    start, noise = _innovations(members, len(years), count)
    level = start
    total = np.zeros_like(level)
    result = by_year(*noise.shape)
    for t in range(len(years)):
        level *= persistence
        new = noise[:, t]
        new *= innovation
        level += new
        np.add(total, level, out=result[:, t])
        total = result[:, t]
    return result


def _innovations(members: Members, steps: int, count: int) -> tuple[Array, Array]:
    """Shocks of the base year (activity, draw), and standard innovations times their deviations.

    Nation, city and zones add to each of their activities: having one persistence, they go
    on as one shock.
    """
    baseline, priors, history = members.past.baseline, members.past.priors, members.history
    zones, shocks = list(baseline.zones), priors.shocks
    names = [
        f"shock.activity.{activity.zone}.{activity.industry}" for activity in baseline.activities
    ]
    first = members.normals(names[0], steps + 1)
    noise = np.empty((steps + 1, count, first.shape[1]))
    for row, name in enumerate(names):
        noise[:, row] = members.normals(name, steps + 1) if row else first
    keys = tuple((activity.zone, activity.industry) for activity in baseline.activities)
    mixed = loadings(priors, keys) @ noise
    common = shocks.nation * members.students("shock.nation", steps)
    common += shocks.city * members.students("shock.city", steps)
    for row, zone in enumerate(zones):
        inside = members.past.members[zone]
        own = shocks.zone * members.students(f"shock.zone.{zone}", steps)
        mixed[1:, inside] += (common + own)[:, None]
        mixed[0, inside] += history.city_shock + history.zone_shock[row]
    return mixed[0], mixed[1:].transpose(1, 0, 2)


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
