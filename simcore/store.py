"""Results in a file: netCDF-4 in HDF5, written block by block, put in place when it is whole."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import h5netcdf
import h5py
import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.dims import BY_INDUSTRY, QUANTILES, STATUS, VARIABLES, WEIGHT, Variable
from simcore.errors import InputError, RunError
from simcore.results import Layout

CHUNK_DRAWS = 1024
PART_SUFFIX = ".part"


class Sink(Protocol):
    """Where blocks go: a file, or arrays in memory."""

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario and block, its first draw at ``start``."""

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters of a block."""


class ArraySink:
    """Blocks in memory: arrays of the file's dimensions and type."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.variables: dict[str, Any] = {
            variable.name: np.full(shape(variable, layout), np.nan, dtype=np.float32)
            for variable in VARIABLES.values()
        }
        self.members: dict[str, Any] = {}

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario and block."""
        place(self.variables, self.layout, scenario, start, block)

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters of a block."""
        for name, draws in members.items():
            stored = self.members.setdefault(name, np.empty(self.layout.draws, dtype=np.float32))
            stored[start : start + len(draws)] = draws[: self.layout.draws - start]


class FileSink(ArraySink):
    """Blocks in an open file."""

    def __init__(self, file: Any, layout: Layout) -> None:
        self.layout = layout
        self.file = file
        self.variables = {name: file.variables[name] for name in VARIABLES}
        self.members = {}

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters of a block in the group of members."""
        group = self.file.groups["members"]
        for name, draws in members.items():
            if name not in group.variables:
                chunks = (min(CHUNK_DRAWS, self.layout.draws),)
                group.create_variable(name, ("draw",), "f4", chunks=chunks, fillvalue=np.nan)
            group.variables[name][start : start + len(draws)] = draws.astype(np.float32)


def shape(variable: Variable, layout: Layout) -> tuple[int, ...]:
    """Return the shape of a variable."""
    return tuple(layout.size(dimension) for dimension in variable.dims)


def place(
    variables: Mapping[str, Any],
    layout: Layout,
    scenario: int,
    start: int,
    block: Mapping[str, Array],
) -> None:
    """Write zone and activity rows (row, year, draw) where they belong."""
    for name, rows in block.items():
        stop = min(start + rows.shape[-1], layout.draws)
        kept = rows[..., : stop - start].astype(np.float32)
        if VARIABLES[name].dims == BY_INDUSTRY:
            for row, (zone, industry) in zip(kept, layout.activities, strict=True):
                variables[name][scenario, zone, industry, : row.shape[0], start:stop] = row
        else:
            variables[name][scenario, :, : kept.shape[1], start:stop] = kept


@contextlib.contextmanager
def create(
    path: Path, layout: Layout, attributes: Mapping[str, Any], baseline: Baseline
) -> Iterator[FileSink]:
    """Open a new result file; it appears under its name only when it is whole.

    Raises `RunError` if the file cannot be written.
    """
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5netcdf.File(part, "w") as file:
            _lay_out(file, layout, attributes, baseline)
            yield FileSink(file, layout)
            _summarise(file, layout)
        os.replace(part, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError(f"{path}: the result cannot be written: {reason}") from error
    finally:
        part.unlink(missing_ok=True)


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise `InputError` if the output exists and may not be replaced, or is a folder."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder, not a file")
    if path.exists() and not force:
        raise InputError(f"{path}: exists; --force replaces it, -o names another")


def _lay_out(file: Any, layout: Layout, attributes: Mapping[str, Any], baseline: Baseline) -> None:
    dimensions = ("scenario", "zone", "industry", "year", "draw")
    file.dimensions = {name: layout.size(name) for name in dimensions}
    labels = {
        "scenario": layout.scenarios, "zone": layout.zones, "industry": layout.industries,
    }  # fmt: skip
    for name, values in labels.items():
        coordinate = file.create_variable(name, (name,), dtype=h5py.string_dtype())
        coordinate[...] = np.array(values, dtype=object)
        coordinate.attrs["long_name"] = name
    _zone_labels(file, baseline)
    years = file.create_variable("year", ("year",), "i4", data=np.array(layout.years, "i4"))
    years.attrs["long_name"] = "year"
    draws = np.arange(layout.draws, dtype="i4")
    members = file.create_variable("draw", ("draw",), "i4", data=draws)
    members.attrs["standard_name"] = "realization"
    members.attrs["long_name"] = "member of the ensemble"
    for variable in VARIABLES.values():
        _create(file, variable, layout)
    weight = _create(file, WEIGHT, layout)
    weight[...] = np.ones((len(layout.scenarios), layout.draws), dtype=np.float32)
    status = file.create_variable("status", ("zone", "year"), "i1")
    status[...] = np.array(layout.status, dtype="i1")
    status.attrs["flag_values"] = np.arange(len(STATUS), dtype="i1")
    status.attrs["flag_meanings"] = "none history nowcast projection"
    status.attrs["long_name"] = "what a zone's year rests on"
    status.attrs["long_name_zh"] = "年份性质（历史、推估、预测）"
    status.attrs["units"] = "1"
    file.create_group("members")
    for name, value in attributes.items():
        file.attrs[name] = value


def _zone_labels(file: Any, baseline: Baseline) -> None:
    """Labels of zones and industries in both languages, beside their coordinates."""
    zones = [zone.label for zone in baseline.zones.values()]
    industries = [baseline.industry_label(name) for name in baseline.industries]
    for name, labels in (("zone", zones), ("industry", industries)):
        for language in ("en", "zh"):
            label = f"{name}_label_{language}"
            variable = file.create_variable(label, (name,), dtype=h5py.string_dtype())
            variable[...] = np.array([getattr(text, language) for text in labels], dtype=object)
            variable.attrs["long_name"] = f"label of the {name}, {language}"


def _create(file: Any, variable: Variable, layout: Layout) -> Any:
    chunks = tuple(
        min(CHUNK_DRAWS, layout.draws) if name == "draw" else layout.size(name) if name == "year"
        else 1
        for name in variable.dims
    )  # fmt: skip
    stored = file.create_variable(
        variable.name, variable.dims, "f4", chunks=chunks, fillvalue=np.float32(np.nan)
    )
    for name, value in variable.attributes.items():
        stored.attrs[name] = value
    return stored


def _summarise(file: Any, layout: Layout) -> None:
    """Quantiles and mean of every variable over the draws, exact, in the group of summaries."""
    group = file.create_group("summary")
    group.dimensions = {"quantile": len(QUANTILES)}
    group.create_variable("quantile", ("quantile",), "f8", data=np.array(QUANTILES))
    for variable in VARIABLES.values():
        dims = tuple(name for name in variable.dims if name != "draw")
        size = tuple(layout.size(name) for name in dims)
        quantiles = np.full((len(QUANTILES), *size), np.nan, dtype=np.float32)
        mean = np.full(size, np.nan, dtype=np.float32)
        stored = file.variables[variable.name]
        for index in _slabs(variable, layout):
            slab = stored[index]
            quantiles[:, *index] = sorted_quantiles(slab)
            mean[index] = slab.mean(axis=-1, dtype=np.float64)
        for name, dims_, data, what in (
            (variable.name, ("quantile", *dims), quantiles, "quantiles of "),
            (f"{variable.name}_mean", dims, mean, "mean of "),
        ):
            summary = group.create_variable(name, dims_, "f4", data=data, fillvalue=np.nan)
            summary.attrs["units"] = variable.units
            summary.attrs["long_name"] = what + variable.label.en


def _slabs(variable: Variable, layout: Layout) -> Iterator[tuple[Any, ...]]:
    """Indices of the (year, draw) slabs of a variable that hold anything."""
    for scenario in range(len(layout.scenarios)):
        if variable.dims == BY_INDUSTRY:
            for zone, industry in layout.activities:
                yield scenario, zone, industry
        else:
            for zone in range(len(layout.zones)):
                yield scenario, zone


def sorted_quantiles(slab: Any, quantiles: Sequence[float] = QUANTILES) -> Any:
    """Return linear quantiles over the last axis, first axis the quantile; faster than NumPy's.

    >>> sorted_quantiles(np.array([3.0, 1.0, 2.0]), (0.5, 0.75)).tolist()
    [2.0, 2.5]
    """
    ordered = np.sort(slab, axis=-1)
    places = np.asarray(quantiles) * (ordered.shape[-1] - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, ordered.shape[-1] - 1)
    share = places - low
    found = ordered[..., low] * (1 - share) + ordered[..., high] * share
    return np.moveaxis(found, -1, 0)


def add_points(file: Any, points: Mapping[str, Sequence[str | float]]) -> None:
    """Write the value of every sweep axis at every scenario."""
    group = file.create_group("points")
    for name, values in points.items():
        variable = group.create_variable(name, ("scenario",), dtype=h5py.string_dtype())
        variable[...] = np.array([str(value) for value in values], dtype=object)


def add_provenance(file: Any, provenance: Mapping[str, Any]) -> None:
    """Write what the result was made from, as JSON attributes of a group."""
    group = file.create_group("provenance")
    for name, value in provenance.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        group.attrs[name] = text


def read_attributes(path: Path) -> dict[str, Any]:
    """Return the root attributes of a result; raises `InputError` if it is no result."""
    try:
        with h5py.File(path, "r") as file:
            attributes = dict(file.attrs.items())
    except OSError as error:
        reason = "does not exist" if not path.exists() else "is no HDF5 file, or is damaged"
        raise InputError(f"{path}: {reason}") from error
    if "simcore_version" not in attributes:
        raise InputError(f"{path}: is no result of simcore")
    return attributes
