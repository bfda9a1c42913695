"""Groups of a result that hold what stands beside the core: quantiles over its replications.

Each has a dimension of its own, such as the rung of the ladder of firms, beside the root's
scenario, zone and year. They are known before a draw is computed, and laid out with the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from simcore.arrays import Array
from simcore.dims import QUANTILES, Variable
from simcore.labels import Label


@dataclass(frozen=True)
class Beside:
    """A group: its name, the entries of its own dimension with their labels, and its variables.

    ``values`` : by variable, with the dimensions that it has.
    """

    name: str
    dimension: str
    entries: Mapping[str, Label]
    values: Sequence[tuple[Variable, Array]]


def lay_out_beside(file: Any, beside: Beside) -> None:
    """Write a group into a file that is open through h5netcdf and has the root's dimensions."""
    group = file.create_group(beside.name)
    group.dimensions = {"quantile": len(QUANTILES), beside.dimension: len(beside.entries)}
    group.create_variable("quantile", ("quantile",), "f8", data=np.array(QUANTILES))
    strings(group, beside.dimension, beside.dimension, list(beside.entries))
    for language in ("en", "zh"):
        texts = [getattr(label, language) for label in beside.entries.values()]
        label = strings(group, f"{beside.dimension}_label_{language}", beside.dimension, texts)
        label.attrs["long_name"] = f"label of the {beside.dimension}, {language}"
    for variable, values in beside.values:
        stored = group.create_variable(
            variable.name, variable.dims, "f4", fillvalue=np.float32(np.nan)
        )
        stored[...] = values.astype(np.float32)
        for name, value in variable.attributes.items():
            stored.attrs[name] = value


def strings(group: Any, name: str, dimension: str, values: Sequence[str]) -> Any:
    """Create a variable of texts along a dimension."""
    variable = group.create_variable(name, (dimension,), dtype=h5py.string_dtype())
    variable[...] = np.array(values, dtype=object)
    return variable
