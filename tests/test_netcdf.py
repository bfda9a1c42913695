"""Variables made as HDF5 are what h5netcdf makes of the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import numpy as np
import pytest

from simcore.netcdf import create_variable

DIMS, SAID = ("zone", "inner", "draw"), {"units": "1", "long_name": "a share"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Dimensions of the root and of a group, and a variable by each way in the group."""
    path = tmp_path / "x.nc"
    with h5netcdf.File(path, "w") as stored:
        stored.dimensions = {"zone": 2, "draw": 5}
        stored.create_variable("draw", ("draw",), "i4", data=np.arange(5, dtype="i4"))
        group = stored.create_group("part")
        group.dimensions = {"inner": 3}
        group.create_variable("inner", ("inner",), "i4", data=np.arange(3, dtype="i4"))
        theirs = group.create_variable(
            "theirs", DIMS, "f4", chunks=(1, 1, 4), fillvalue=np.float32(np.nan)
        )
        for name, value in SAID.items():
            theirs.attrs[name] = value
    with h5py.File(path, "r+") as stored:
        create_variable(stored["part"], "ours", DIMS, SAID, {"draw": 4})
        create_variable(stored["part"], "whole", DIMS[:1], SAID)
    return path


def attributes(variable: h5py.Dataset) -> list[tuple[str, str, Any]]:
    """Names, types and values in their order; dimensions by their names."""
    found = []
    for name, value in variable.attrs.items():
        kind = str(variable.attrs.get_id(name).dtype)
        if name == "DIMENSION_LIST":
            value = [[variable.file[scale].name for scale in scales] for scales in value]
        found.append((name, kind, str(np.ravel(value))))  # older ones fill with a scalar
    return found


def test_nothing_tells_them_apart(file: Path) -> None:
    with h5py.File(file) as stored:
        ours, theirs = stored["part/ours"], stored["part/theirs"]
        assert (ours.shape, ours.maxshape, ours.dtype) == (
            theirs.shape, theirs.maxshape, theirs.dtype,
        )  # fmt: skip
        assert ours.chunks == theirs.chunks == (1, 1, 4)
        assert np.isnan([ours.fillvalue, theirs.fillvalue]).all()
        assert attributes(ours) == attributes(theirs)
        assert stored["part/whole"].chunks is None


def test_netcdf_reads_them(file: Path) -> None:
    with h5netcdf.File(file, "r") as stored:
        ours = stored["part"]["ours"]
        assert ours.dimensions == DIMS
        assert np.isnan(ours[...]).all()
        assert {name: ours.attrs[name] for name in SAID} == SAID
