"""Float variables of a netCDF-4 file, made as HDF5: h5netcdf takes some ten times as long for each.

Dimensions and coordinates are h5netcdf's; what a variable must say of them stands in the netCDF-4
file format specification, https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import h5py
import numpy as np

DIMENSION, COORDINATES, FILL = "_Netcdf4Dimid", "_Netcdf4Coordinates", "_FillValue"


def create_variable(
    group: h5py.Group, name: str, dims: Sequence[str], attributes: Mapping[str, str],
    chunks: Mapping[str, int] | None = None,
) -> h5py.Dataset:  # fmt: skip
    """Create a float32 variable on dimensions of the group or the root; NaN where nothing is.

    ``chunks`` : sizes of the chunks by dimension, 1 unless said; without it the variable is one
    piece.
    """
    scales = [group[dim] if dim in group else group.file[dim] for dim in dims]
    stored = group.create_dataset(
        name, tuple(scale.shape[0] for scale in scales), "f4", fillvalue=np.float32(np.nan),
        chunks=None if chunks is None else tuple(chunks.get(dim, 1) for dim in dims),
        track_order=True,
    )  # fmt: skip
    for axis, scale in enumerate(scales):
        stored.dims[axis].attach_scale(scale)
    numbers = np.array([scale.attrs[DIMENSION] for scale in scales], dtype="i4")
    stored.attrs[COORDINATES] = numbers
    stored.attrs[DIMENSION] = numbers[0]
    stored.attrs[FILL] = np.array([np.nan], dtype="f4")
    for key, value in attributes.items():
        stored.attrs[key] = value
    return stored
