"""Results as `xarray.Dataset`: run into memory, or opened from a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import numpy as np
import xarray as xr

from simcore import accessor  # noqa: F401  (registers dataset.simcore)
from simcore.dims import VARIABLES, WEIGHT
from simcore.errors import InputError
from simcore.store import ArraySink, read_attributes
from simcore.sweep import Plan, Progress, execute


def run_plan(plan: Plan, progress: Progress | None = None) -> xr.Dataset:
    """Run a plan into memory: a dataset of the layout of the result file."""
    sink = ArraySink(plan.layout)
    execute(plan, sink, progress)
    return _dataset(sink, plan)


def _dataset(sink: ArraySink, plan: Plan) -> xr.Dataset:
    axes = plan.layout
    data = {
        name: (VARIABLES[name].dims, array, VARIABLES[name].attributes)
        for name, array in sink.variables.items()
    }
    weight = np.ones((len(axes.scenarios), axes.draws), dtype=np.float32)
    data[WEIGHT.name] = (WEIGHT.dims, weight, WEIGHT.attributes)
    data["status"] = (("zone", "year"), np.array(axes.status, dtype="i1"), {"units": "1"})
    return xr.Dataset(
        data,
        coords={
            "scenario": list(axes.scenarios),
            "zone": list(axes.zones),
            "industry": list(axes.industries),
            "year": np.array(axes.years, dtype="i4"),
            "draw": ("draw", np.arange(axes.draws), {"standard_name": "realization"}),
        },
        attrs=plan.attributes(),
    )


def open_results(path: str | Path) -> xr.Dataset:
    """Open a result file lazily; raises `InputError` if it is none."""
    read_attributes(Path(path))
    dataset = xr.open_dataset(path, engine="h5netcdf")
    names = {name: dataset[name].astype(str) for name in ("scenario", "zone", "industry")}
    labels = [str(name) for name in dataset.data_vars if "_label_" in str(name)]
    return dataset.assign_coords(names).set_coords(labels)


def open_together(paths: Sequence[str | Path]) -> xr.Dataset:
    """Open several results as one, their scenarios side by side, cut to the draws all have.

    Raises `InputError` if they do not share calibration and seed, or name a scenario twice: such
    draws are not pairs.
    """
    datasets = [open_results(path) for path in paths]
    for path, dataset in zip(paths[1:], datasets[1:], strict=True):
        for name in ("calibration", "seed"):
            if dataset.attrs[name] != datasets[0].attrs[name]:
                raise InputError(f"{path}: another {name} than {paths[0]}; draws are not pairs")
    return reduce(_joined, datasets)


def _joined(left: xr.Dataset, right: xr.Dataset) -> xr.Dataset:
    twice = set(left["scenario"].values) & set(right["scenario"].values)
    right = right.sel(scenario=[name for name in right["scenario"].values if name not in twice])
    if not right.sizes["scenario"]:
        return left
    draws = slice(0, min(left.sizes["draw"], right.sizes["draw"]))
    pair = [left.isel(draw=draws), right.isel(draw=draws)]
    return xr.concat(
        pair, dim="scenario", data_vars="minimal", coords="minimal", compat="override",
        join="outer", combine_attrs="override",
    )  # fmt: skip
