"""What documented figures say of a satellite: levels and changes, with their rounding drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.entries import Figure
from simcore.members import Members
from simcore.observe import rounding
from simcore.satellite_priors import Satellites, ZoneLevel


@dataclass(frozen=True)
class Change:
    """A documented change: ln X at the year place ``end`` less ln X at ``start``.

    ``target`` : (draw) the change between the values behind the printed ones [log points].
    """

    start: int
    end: int
    target: Array


def usable(baseline: Baseline, place: ZoneLevel, zone: str) -> list[Figure]:
    """Return the zone's figures that a baseline holds and whose years it reaches, in order."""
    found = []
    for name in place.figures:
        figure = baseline.figures.get(name)
        if figure is None or figure.value is None:
            continue
        first, last = span(figure)
        if baseline.zones[zone].first_year <= first and last <= baseline.base_year:
            found.append(figure)
    return sorted(found, key=lambda figure: figure.year or 0)


def span(figure: Figure) -> tuple[int, int]:
    """Return the first and last year of a figure; a growth begins with the year before."""
    first, last = figure.period if isinstance(figure.period, tuple) else (figure.year or 0,) * 2
    return (first - 1, last) if figure.concept == "growth" else (last, last)


def anchor_year(satellites: Satellites, name: str, zone: str, baseline: Baseline) -> int | None:
    """Return the year from which a zone's path is reckoned; None where the zone has no values.

    That of the first documented level, of the assumed one, or the reference year of an index. The
    path begins with the zone and is known up to the base year: the anchor lies between.
    """
    satellite = satellites.equations[name]
    place, known = satellite.zones.get(zone) or ZoneLevel(), baseline.zones[zone]
    levels = [f for f in usable(baseline, place, zone) if f.concept != "growth"]
    year: int | None = None
    if satellite.index:
        year = satellites.reference_year
    elif levels:
        year = span(levels[0])[1]
    elif place.level is not None:
        year = place.level.year
    return year if year and known.first_year <= year <= baseline.base_year else None


def true_value(members: Members, key: str, figure: Figure) -> Array:
    """Return the value behind a printed one, (draw): within its rounding, or beyond it.

    An exact figure is uniform within its rounding, one printed as about normal with 2 %, and one
    printed as over (under) has the excess of ``priors.yaml`` above (below) it.
    """
    printed, sigma = float(figure.value or 0.0), rounding(figure)
    if figure.qualifier in ("over", "under"):
        normal = members.normals(f"{key}.excess.{figure.id}", 1)[0]
        excess = members.past.priors.distribution("excess").from_standard(normal)
        return np.asarray(printed * (1 + excess if figure.qualifier == "over" else 1 - excess))
    if figure.qualifier == "about":
        return printed + sigma * members.normals(f"{key}.about.{figure.id}", 1)[0]
    uniform = members.uniforms(f"{key}.rounding.{figure.id}", 1)[0]
    return np.asarray(printed + np.sqrt(3.0) * sigma * (2 * uniform - 1))


def changes_of(
    members: Members,
    key: str,
    figures: Sequence[Figure],
    level: Array,
    anchor: int,
    first_year: int,
) -> list[Change]:
    """Return the documented changes: from the anchor to every other level, and printed growth.

    ``level`` : (draw) ln X in the anchor year, whose place is ``anchor``.
    """
    changes = []
    for figure in figures:
        start, end = (year - first_year for year in span(figure))
        if figure.concept == "growth":
            rate = np.log1p(true_value(members, key, figure) / 100)
            changes.append(Change(start, end, (end - start) * rate))
        elif end > anchor:
            rise = np.log(true_value(members, key, figure)) - level
            changes.append(Change(anchor, end, rise))
    return changes
