"""Results in a file: netCDF-4 in HDF5, written block by block, put in place when it is whole."""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import numpy as np

from simcore.beside import Beside, lay_out_beside, strings
from simcore.chunks import CHUNK_DRAWS, Row, place_chunks
from simcore.dims import (
    BY_INDUSTRY,
    DRAW_ATTRIBUTES,
    QUANTILES,
    STATUS_ATTRIBUTES,
    VARIABLES,
    WEIGHT,
)
from simcore.disk import put_in_place, refuse_full, reserve, set_aside, writing
from simcore.labels import Label
from simcore.netcdf import create_variable
from simcore.results import Layout
from simcore.sinks import MEMBERS

PART_SUFFIX = ".part"
CHUNK_HEADER, HEADERS = 256, 1 << 18  # bytes that HDF5 adds at most, to a chunk and in all


def note(file: h5py.File, name: str, value: Any) -> None:
    """Add to the provenance what is known only when the run is over."""
    file["provenance"].attrs[name] = _text(value)


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
        for place in layout.rows(variable, scenario)
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
    cells = sum(math.prod(layout.shape(variable)[:-1]) for variable in VARIABLES.values())
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
