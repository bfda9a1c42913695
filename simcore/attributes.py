"""What a result file says of itself: its attributes, and how many draws it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simcore.disk import reading
from simcore.errors import InputError, RunError
from simcore.labels import say
from simcore.no_result import no_result


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
