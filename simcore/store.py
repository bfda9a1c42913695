"""Results in a file: netCDF-4 in HDF5, written block by block, put in place when it is whole."""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import h5netcdf
import h5py
import numpy as np

from simcore.arrays import Array, Mask
from simcore.beside import Beside, lay_out_beside, strings
from simcore.chunks import CHUNK_DRAWS, Chunks, Row, place_chunks
from simcore.dims import (
    BY_INDUSTRY,
    DRAW_ATTRIBUTES,
    QUANTILES,
    STATUS_ATTRIBUTES,
    VARIABLES,
    WEIGHT,
    Variable,
)
from simcore.disk import put_in_place, reading, refuse_full, reserve, set_aside, writing
from simcore.errors import InputError, RunError, system_reason
from simcore.labels import Label, say
from simcore.netcdf import create_variable
from simcore.no_result import no_result
from simcore.results import Layout
from simcore.selection import add_tiles
from simcore.selection import mean as mean_of_sums
from simcore.threads import cores

MEMBERS = "members/value"
PART_SUFFIX = ".part"
SLAB = 1 << 22  # values that are summarised together at most, of several years
CHUNK_HEADER, HEADERS = 256, 1 << 18  # bytes that HDF5 adds at most, to a chunk and in all


class Sink(Protocol):
    """Where blocks go: a file, or arrays in memory."""

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario and block, its first draw at ``start``."""

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Give draws of a scenario, the first at ``start``, no weight."""

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
        self.weight: Any = np.ones(shape(WEIGHT, layout), dtype=np.float32)
        self.members: dict[str, Any] = {}

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario and block."""
        place(self.variables, self.layout, scenario, start, block)

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Give draws of a scenario no weight."""
        self.weight[scenario, start : start + len(masked)] = (~masked).astype(np.float32)

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters of a block."""
        for name, draws in members.items():
            stored = self.members.setdefault(name, np.empty(self.layout.draws, dtype=np.float32))
            stored[start : start + len(draws)] = draws[: self.layout.draws - start]


class FileSink:
    """Blocks in a result file that is laid out; other processes may write other blocks to it."""

    def __init__(self, chunks: Chunks, layout: Layout) -> None:
        self.chunks = chunks
        self.layout = layout

    @classmethod
    @contextlib.contextmanager
    def opened(cls, part: Path, layout: Layout) -> Iterator[FileSink]:
        """Open the file that `created` has given a name to."""
        with Chunks.opened(part) as chunks:
            yield cls(chunks, layout)

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario and block."""
        for name, rows in block.items():
            places = _places(VARIABLES[name], self.layout, scenario)
            self.chunks.put(name, places, start, np.asarray(rows, dtype=np.float32))

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Give draws of a scenario no weight."""
        weight = (~masked).astype(np.float32)
        self.chunks.put(WEIGHT.name, [(scenario,)], start, weight[None])

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters of a block in the group of members."""
        table = np.array(list(members.values()), dtype=np.float32)
        self.chunks.put(MEMBERS, [(row,) for row in range(len(table))], start, table)


def _places(variable: Variable, layout: Layout, scenario: int) -> list[Row]:
    """Return where the rows of a variable begin that hold anything, of one scenario."""
    if variable.dims == BY_INDUSTRY:
        return [(scenario, *pair, 0) for pair in layout.activities]
    return [(scenario, zone, 0) for zone in range(len(layout.zones))]


def note(file: h5py.File, name: str, value: Any) -> None:
    """Add to the provenance what is known only when the run is over."""
    file["provenance"].attrs[name] = _text(value)


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


@dataclass(frozen=True)
class Description:
    """What a result says beside its numbers."""

    attributes: Mapping[str, Any]
    provenance: Mapping[str, Any]
    members: Sequence[str]
    """names of the sampled parameters"""
    points: Mapping[str, Sequence[str | float]]
    """value of every sweep axis at every scenario"""
    labels: Mapping[str, Sequence[Label]]
    """labels of zones and industries"""
    keep: str = "full"
    """``full``, or ``summary`` for a file without draws"""
    beside: Sequence[Beside] = ()
    """groups of what stands beside the core"""


@contextlib.contextmanager
def created(
    path: Path, layout: Layout, description: Description, image: memoryview | None = None
) -> Iterator[Path]:
    """Lay out a new result file; it appears under its name only when it is whole.

    Yields the name that it has before. Its numbers are for `FileSink`, its summaries and notes for
    h5py. ``image`` : what `laid_out` gives, where that is there already.
    Raises `RunError` if the file cannot be written, before anything is where the disk is too full.
    """
    part = path.with_name(path.name + PART_SUFFIX)
    size = room(layout, len(description.members), description.keep)
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            image = image or laid_out(layout, description).getbuffer()
            refuse_full(path, len(image) + size)
            reserve(part, image, len(image) + size)
            if description.keep == "full":
                place_chunks(part, _rows(layout, len(description.members)))
                set_aside(part, len(image) + size)  # for the summaries
            yield part
            put_in_place(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _rows(layout: Layout, members: int) -> list[tuple[str, Row]]:
    """Return the rows of chunks of a result that will be written, by dataset."""
    scenarios = range(len(layout.scenarios))
    return [
        (variable.name, place)
        for variable in VARIABLES.values()
        for scenario in scenarios
        for place in _places(variable, layout, scenario)
    ] + [(MEMBERS, (row,)) for row in range(members)]


def laid_out(layout: Layout, description: Description) -> io.BytesIO:
    """Return the file of a result in memory: all but the numbers of variables and summaries.

    Through h5netcdf, which keeps it valid netCDF-4.
    """
    image = io.BytesIO()
    with h5netcdf.File(image, "w") as file:
        _lay_out(file, layout, description)
    with h5py.File(image, "r+") as file:
        if description.keep == "full":
            _draws_layout(file, layout)
        _summary_layout(file["summary"])
    return image


def room(layout: Layout, members: int, keep: str = "full") -> int:
    """Return what the numbers of a result take on the disk, with what HDF5 adds [bytes]."""
    cells = sum(math.prod(shape(variable, layout)[:-1]) for variable in VARIABLES.values())
    if keep == "summary":
        return 4 * cells * (len(QUANTILES) + 1) + HEADERS
    whole = layout.draws > CHUNK_DRAWS
    draws = -(-layout.draws // CHUNK_DRAWS) * CHUNK_DRAWS if whole else layout.draws
    places = {True: len(layout.activities), False: len(layout.zones)}
    rows = sum(places[variable.dims == BY_INDUSTRY] for variable in VARIABLES.values())
    rows *= len(layout.scenarios)
    numbers = (rows * len(layout.years) + members) * draws + cells * (len(QUANTILES) + 1)
    chunks = (rows + members) * math.ceil(draws / CHUNK_DRAWS)
    return 4 * numbers + CHUNK_HEADER * chunks + HEADERS


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise `InputError` if the output exists and may not be replaced, or is a folder."""
    try:
        path.exists()
        if path.is_dir():
            raise InputError(say("{path}: is a folder, not a file", path=path))
    except OSError as error:
        raise InputError(
            say("{path}: cannot be a file name: {reason}", path=path, reason=system_reason(error))
        ) from error
    for parent in path.parents:
        if parent.exists() and not parent.is_dir():
            raise InputError(
                say("{path}: {parent} is a file, not a folder", path=path, parent=parent)
            )
    if path.exists() and not force:
        raise InputError(say("{path}: exists; --force replaces it, -o names another", path=path))


def _lay_out(file: Any, layout: Layout, description: Description) -> None:
    dimensions = ("scenario", "zone", "industry", "year")
    file.dimensions = {name: layout.size(name) for name in dimensions}
    for name, value in description.attributes.items():
        file.attrs[name] = value
    _coordinates(file, layout, description.labels)
    _status(file, layout)
    if description.keep == "full":
        _draws(file, layout, description.members)
    if description.points:
        points = file.create_group("points")
        for name, values in description.points.items():
            strings(points, name, "scenario", [str(value) for value in values])
    summary = file.create_group("summary")
    summary.dimensions = {"quantile": len(QUANTILES)}
    summary.create_variable("quantile", ("quantile",), "f8", data=np.array(QUANTILES))
    for beside in description.beside:
        lay_out_beside(file, beside)
    provenance = file.create_group("provenance")
    for name, value in description.provenance.items():
        provenance.attrs[name] = _text(value)


def _draws(file: Any, layout: Layout, members: Sequence[str]) -> None:
    """Name the draws and the sampled parameters."""
    file.dimensions["draw"] = layout.draws
    draws = np.arange(layout.draws, dtype="i4")
    draw = file.create_variable("draw", ("draw",), "i4", data=draws)
    for name, value in DRAW_ATTRIBUTES.items():
        draw.attrs[name] = value
    group = file.create_group("members")
    group.dimensions = {"parameter": len(members)}
    strings(group, "parameter", "parameter", members)


def _draws_layout(file: h5py.File, layout: Layout) -> None:
    """Lay out what has a value a draw, chunked by whole years and blocks of draws."""
    chunks = {"draw": min(CHUNK_DRAWS, layout.draws), "year": layout.size("year")}
    for variable in VARIABLES.values():
        create_variable(file, variable.name, variable.dims, variable.attributes, chunks)
    weight = create_variable(file, WEIGHT.name, WEIGHT.dims, WEIGHT.attributes, chunks)
    weight[...] = np.ones(weight.shape, dtype=np.float32)
    table = {
        "long_name": "sampled parameters", "units": "1",
        "comment": "shares, rates and log deviations as in calibration/priors.yaml",
    }  # fmt: skip
    create_variable(file["members"], "value", ("parameter", "draw"), table, chunks)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _coordinates(file: Any, layout: Layout, labels: Mapping[str, Sequence[Label]]) -> None:
    for name in ("scenario", "zone", "industry"):
        coordinate = strings(file, name, name, getattr(layout, _AXES[name]))
        coordinate.attrs["long_name"] = name
    for name, texts in labels.items():
        for language in ("en", "zh"):
            found = [getattr(text, language) for text in texts]
            label = strings(file, f"{name}_label_{language}", name, found)
            label.attrs["long_name"] = f"label of the {name}, {language}"
    years = file.create_variable("year", ("year",), "i4", data=np.array(layout.years, "i4"))
    years.attrs["long_name"] = "year"


_AXES = {"scenario": "scenarios", "zone": "zones", "industry": "industries"}


def _status(file: Any, layout: Layout) -> None:
    status = file.create_variable("status", ("zone", "year"), "i1")
    status[...] = np.array(layout.status, dtype="i1")
    for name, value in STATUS_ATTRIBUTES.items():
        status.attrs[name] = value


def _summary_layout(group: h5py.Group) -> None:
    for variable in VARIABLES.values():
        dims = [name for name in variable.dims if name != "draw"]
        for name, axes, what in (
            (variable.name, ["quantile", *dims], "quantiles of "),
            (f"{variable.name}_mean", dims, "mean of "),
        ):
            said = {"units": variable.units, "long_name": what + variable.label.en}
            create_variable(group, name, axes, said)


def summaries(
    file: h5py.File, variable: Variable, layout: Layout, scenario: int | None = None
) -> dict[str, Any]:
    """Return the quantiles and the mean over the draws of a stored variable, exact, float32.

    By their names in the group of summaries: (quantile, scenario, …) and (scenario, …). Of one
    scenario alone where it is given, else on a thread a core.
    """
    stored, alone = file[variable.name], scenario is not None
    chosen = range(len(layout.scenarios)) if scenario is None else [scenario]
    size = (len(chosen), *stored.shape[1:-1])
    quantiles = np.full((len(QUANTILES), *size), np.nan, dtype=np.float32)
    mean = np.full(size, np.nan, dtype=np.float32)
    height = max(SLAB // stored.shape[-1], 1)

    def summarise(index: Row) -> None:
        for first in range(0, size[-1], height):
            years = slice(first, first + height)
            place: Any = (*index, years)
            found = _summarised(stored[(chosen[index[0]], *index[1:], years)])
            quantiles[:, *place], mean[place] = found

    indices = [row[:-1] for at in range(len(chosen)) for row in _places(variable, layout, at)]
    with contextlib.ExitStack() as opened:
        each: Any = map  # a thread would take memory of its own
        if not alone:
            each = opened.enter_context(ThreadPoolExecutor(cores())).map  # sorting locks nothing
        for _ in each(summarise, indices):
            pass
    return {variable.name: quantiles, f"{variable.name}_mean": mean}


def _summarised(slab: Any) -> tuple[Any, Any]:
    """Return quantiles (quantile, year) and means (year) of values (year, draw), which it sorts."""
    total = np.zeros(slab.shape[:-1])
    add_tiles(total, slab)
    slab.sort(axis=-1)
    known = np.array([np.searchsorted(row, np.nan) for row in slab])  # NaN are last
    found = quantiles_of(slab) + 0.0  # no zero below zero
    return np.where(np.isnan(found), np.nan, found), mean_of_sums(total, known)  # NaN of one kind


def sorted_quantiles(slab: Any, quantiles: Sequence[float] = QUANTILES) -> Any:
    """Return linear quantiles over the last axis, first axis the quantile; faster than NumPy's.

    Masked draws, which are NaN, are left out; a row of nothing else is NaN.

    >>> sorted_quantiles(np.array([3.0, 1.0, 2.0]), (0.5, 0.75)).tolist()
    [2.0, 2.5]
    """
    return quantiles_of(np.sort(slab, axis=-1), quantiles)  # NaN last


def quantiles_of(ordered: Any, quantiles: Sequence[float] = QUANTILES) -> Any:
    """Return linear quantiles of what is in order, as `sorted_quantiles`."""
    found = _interpolated(ordered, quantiles)
    some = np.isnan(ordered[..., -1]) & ~np.isnan(ordered[..., 0])
    if some.any():
        rows = ordered[some]
        counts = np.isfinite(rows).sum(axis=-1)
        parts = np.empty((len(rows), len(quantiles)), dtype=found.dtype)
        for count in np.unique(counts):
            parts[counts == count] = _interpolated(rows[counts == count, :count], quantiles)
        found[some] = parts
    return np.moveaxis(found, -1, 0)


def _interpolated(ordered: Any, quantiles: Sequence[float]) -> Any:
    """Return linear quantiles of ordered values, the last axis the quantile."""
    places = np.asarray(quantiles) * (ordered.shape[-1] - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, ordered.shape[-1] - 1)
    share = places - low
    return ordered[..., low] * (1 - share) + ordered[..., high] * share


def mean_of(values: Any) -> Any:
    """Return the mean over the last axis, without masked draws, which are NaN.

    >>> mean_of(np.array([[1.0, 3.0], [1.0, np.nan], [np.nan, np.nan]])).tolist()
    [2.0, 1.0, nan]
    """
    found = np.asarray(values.mean(axis=-1, dtype=np.float64))
    none = np.isnan(found)
    if not none.any():
        return found
    some = none & ~np.isnan(values).all(axis=-1)
    if some.any():
        rows = values[some]
        known = ~np.isnan(rows)
        total = np.where(known, rows, 0.0).sum(axis=-1, dtype=np.float64)
        found[some] = total / known.sum(axis=-1)
    return found


def read_attributes(path: Path) -> dict[str, Any]:
    """Return the root attributes of a result.

    Raises `InputError` if it is no result, `RunError` if it is HDF5 that cannot be opened.
    """
    try:
        with h5py.File(path, "r") as file:
            attributes = {name: _scalar(value) for name, value in file.attrs.items()}
    except OSError as error:
        if _begins_as_hdf5(path):
            raise RunError(say("{path}: is damaged or was cut short", path=path)) from error
        raise InputError(no_result(path)) from error
    if "simcore_version" not in attributes:
        raise InputError(say("{path}: is no result of simcore", path=path))
    return attributes


def number_of_draws(path: Path) -> int:
    """Return how many draws a result holds; raises `RunError` if it is damaged."""
    with reading(path), h5py.File(path, "r") as file:
        if "draw" in file:
            return int(file["draw"].shape[0])
        return int(_scalar(file.attrs["draws"]))


def _scalar(value: Any) -> Any:
    """Return a number that netCDF keeps as an array of one."""
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value


def _begins_as_hdf5(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(8) == b"\x89HDF\r\n\x1a\n"
    except OSError:
        return False
