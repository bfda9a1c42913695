"""What a result file keeps beside the core, as rows: funnels of projects and ladders of firms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from simcore.arrays import Array
from simcore.attributes import read_attributes
from simcore.disk import reading
from simcore.errors import InputError, did_you_mean, known_names
from simcore.labels import Label, say

OWN_DIMENSION = {"projects": "stage", "firms": "rung"}
"""of the groups, beside the root's scenario, zone and year"""
VARIABLES = {"projects": ("entered",), "firms": ("firms", "firms_without_levers")}
SHOWN = (0.5, 0.05, 0.95)


@dataclass(frozen=True)
class StoredRow:
    """Projects that enter a stage, or are dropped, in a year, as a result file keeps them."""

    scenario: str
    zone: str
    year: int
    stage: str
    median: float
    q05: float
    q95: float


@dataclass(frozen=True)
class StoredRung:
    """Firms of a rung at the end of a year, as documents count them, as a result keeps them."""

    scenario: str
    zone: str
    year: int
    rung: str
    median: float
    q05: float
    q95: float


def stored_groups(path: Path) -> dict[str, dict[str, Label]]:
    """Return the groups that a result file has, with the labelled entries of their dimension."""
    with reading(path), h5py.File(path, "r") as file:
        return {
            name: _labels(file[name], own) for name, own in OWN_DIMENSION.items() if name in file
        }


def _labels(group: h5py.Group, own: str) -> dict[str, Label]:
    names, english, chinese = (
        group[key].asstr()[...].tolist() for key in (own, f"{own}_label_en", f"{own}_label_zh")
    )
    return {name: Label(en, zh) for name, en, zh in zip(names, english, chinese, strict=True)}


def stored_funnel(path: Path, zones: tuple[str, ...] = ()) -> list[StoredRow]:
    """Read the funnel of a result file, of some zones or all; years of no projects are left out.

    Raises `InputError` for a file without projects or a zone that is not there, `RunError` for a
    damaged file.
    """
    group = _Group.read(path, "projects", zones)
    return [StoredRow(*place, *values) for place, values in group.rows("entered")]


def stored_ladder(
    path: Path, zones: tuple[str, ...] = ()
) -> tuple[list[StoredRung], list[StoredRung]]:
    """Read the ladders of a result file with their levers, and without: row by row the same places.

    Raises as `stored_funnel`.
    """
    group = _Group.read(path, "firms", zones)
    found, without = (
        [StoredRung(*place, *values) for place, values in group.rows(name)]
        for name in VARIABLES["firms"]
    )
    return found, without


@dataclass(frozen=True)
class _Group:
    """A group with the names along its dimensions.

    ``values`` : by variable, (quantile, scenario, zone, own dimension, year), of `SHOWN`.
    """

    scenarios: list[str]
    zones: list[str]
    wanted: tuple[str, ...]
    entries: list[str]
    years: list[int]
    values: dict[str, Array]

    @classmethod
    def read(cls, path: Path, name: str, zones: tuple[str, ...]) -> _Group:
        read_attributes(path)
        with reading(path), h5py.File(path, "r") as file:
            if name not in file:
                raise InputError(say(
                    "{path}: holds no {name}: none of its scenarios has levers on them",
                    path=path, name=name,
                ))  # fmt: skip
            group = file[name]
            marks = group["quantile"][...].tolist()
            places = [marks.index(quantile) for quantile in SHOWN]
            values = {key: group[key][...][places] for key in VARIABLES[name]}
            scenarios, known = (file[key].asstr()[...].tolist() for key in ("scenario", "zone"))
            entries = group[OWN_DIMENSION[name]].asstr()[...].tolist()
            years = file["year"][...].tolist()
        for zone in zones:
            if zone not in known:
                near = did_you_mean(zone, known) or known_names(known)
                raise InputError(
                    say("{zone}: no zone of {path}{near}", zone=zone, path=path, near=near)
                )
        return cls(scenarios, known, zones or tuple(known), entries, years, values)

    def rows(self, name: str) -> list[tuple[tuple[str, str, int, str], tuple[float, ...]]]:
        """Return scenario, zone, year and entry with the quantiles, where there are any."""
        return [
            ((scenario, zone, year, entry), tuple(map(float, cell)))
            for s, scenario in enumerate(self.scenarios)
            for z, zone in enumerate(self.zones)
            if zone in self.wanted
            for y, year in enumerate(self.years)
            for e, entry in enumerate(self.entries)
            for cell in [self.values[name][:, s, z, e, y]]
            if np.isfinite(cell).all()
        ]
