"""Results as `xarray.Dataset`: run into memory, or opened from a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from simcore.accessor import refuse_summary  # its module also registers dataset.simcore
from simcore.attributes import read_attributes
from simcore.dims import DRAW_ATTRIBUTES, STATUS_ATTRIBUTES, VARIABLES, WEIGHT
from simcore.disk import reading
from simcore.errors import InputError, RunError
from simcore.labels import say
from simcore.plan import Plan
from simcore.sinks import ArraySink
from simcore.sweep import Progress, execute

ATTRIBUTES = (
    "scenarios", "seed", "sampler", "draws", "versions", "fingerprint", "calibration",
    "date_created", "source",
)  # fmt: skip
"""what every result says of itself, so that who asks for it need not doubt"""


def run_plan(plan: Plan, progress: Progress | None = None) -> xr.Dataset:
    """Run a plan into memory: a dataset of the layout of the result file."""
    sink = ArraySink(plan.layout)
    tally = execute(plan, sink, progress)
    return _dataset(sink, plan).assign_attrs(unusual=json.dumps(tally.rows(), ensure_ascii=False))


def _dataset(sink: ArraySink, plan: Plan) -> xr.Dataset:
    axes = plan.layout
    data: dict[str, Any] = {
        name: (VARIABLES[name].dims, array, VARIABLES[name].attributes)
        for name, array in sink.variables.items()
    }
    data[WEIGHT.name] = (WEIGHT.dims, sink.weight, WEIGHT.attributes)
    status = np.array(axes.status, dtype="i1")
    data["status"] = (("zone", "year"), status, dict(STATUS_ATTRIBUTES))
    return xr.Dataset(
        data,
        coords={
            "scenario": list(axes.scenarios),
            "zone": list(axes.zones),
            "industry": list(axes.industries),
            "year": np.array(axes.years, dtype="i4"),
            "draw": ("draw", np.arange(axes.draws, dtype="i4"), dict(DRAW_ATTRIBUTES)),
        },
        attrs=plan.attributes(),
    )


def open_results(path: str | Path) -> xr.Dataset:
    """Open the result file at ``path`` lazily; one without draws has the dimension ``quantile``.

    Its variables then are quantiles, and ``gdp_mean`` the mean of ``gdp``, and so on.
    Raises `InputError` if it is no result, `RunError` if it is a damaged one.
    """
    path = Path(path)
    with reading(path):
        read_attributes(path)
        dataset = xr.open_dataset(path, engine="h5netcdf")
        if dataset.attrs.get("keep") == "summary":
            dataset = dataset.merge(xr.open_dataset(path, engine="h5netcdf", group="summary"))
        missing = [name for name in (*VARIABLES, "status") if name not in dataset]
        missing += [name for name in ATTRIBUTES if name not in dataset.attrs]
        if missing:
            raise RunError(say("{path}: is damaged: {name} is missing", path=path, name=missing[0]))
        _refuse_undescribed(dataset)
        names = {name: dataset[name].astype(str) for name in ("scenario", "zone", "industry")}
        labels = [str(name) for name in dataset.data_vars if "_label_" in str(name)]
        return dataset.assign_coords(names).set_coords(labels)


def _refuse_undescribed(dataset: xr.Dataset) -> None:
    """Raise what reading raises if a variable or a scenario is not what a result's is."""
    for name, variable in VARIABLES.items():
        dims = tuple("quantile" if dim == "draw" else dim for dim in variable.dims)
        if set(dataset[name].dims) not in ({*variable.dims}, {*dims}):
            raise ValueError(f"{name}: {dataset[name].dims}")
    told = [scenario["name"] for scenario in json.loads(dataset.attrs["scenarios"])]
    if not set(told) >= set(dataset["scenario"].astype(str).values.tolist()):
        raise ValueError(say("it holds other scenarios than it tells of"))


def open_together(paths: Sequence[str | Path]) -> xr.Dataset:
    """Open several results as one, their scenarios side by side, cut to the draws all have.

    Raises `InputError` if they do not share calibration, seed, sampler and precision, or name a
    scenario twice: such draws are not pairs.
    """
    datasets = [open_results(path) for path in paths]
    for path, dataset in zip(paths, datasets, strict=True):
        refuse_summary(dataset, f"{path}: ")
    for path, dataset in zip(paths[1:], datasets[1:], strict=True):
        for name in ("calibration", "seed", "sampler", "precision"):
            if dataset.attrs.get(name) != datasets[0].attrs.get(name):
                raise InputError(say(
                    "{path}: another {name} than {first}; draws are not pairs",
                    path=path, name=name, first=paths[0],
                ))  # fmt: skip
    return reduce(_joined, datasets)


def _joined(left: xr.Dataset, right: xr.Dataset) -> xr.Dataset:
    twice = [name for name in right["scenario"].values if name in left["scenario"].values]
    for name in twice:
        if _definition(left, name) != _definition(right, name):
            raise InputError(
                say(
                    "two different scenarios are named '{name}'; rename one and run again",
                    name=name,
                )
            )
    right = right.sel(scenario=[name for name in right["scenario"].values if name not in twice])
    if not right.sizes["scenario"]:
        return left
    draws = slice(0, min(left.sizes["draw"], right.sizes["draw"]))
    pair = [left.isel(draw=draws), right.isel(draw=draws)]
    joined = xr.concat(
        pair, dim="scenario", data_vars="minimal", coords="minimal", compat="override",
        join="outer", combine_attrs="override",
    )  # fmt: skip
    both = json.loads(left.attrs["scenarios"]) + json.loads(right.attrs["scenarios"])
    return joined.assign_attrs(scenarios=json.dumps(both, ensure_ascii=False))


def _definition(dataset: xr.Dataset, name: str) -> object:
    """Return what a scenario of a result says, its sampling apart."""
    scenarios = json.loads(dataset.attrs["scenarios"])
    found = next(scenario for scenario in scenarios if scenario["name"] == name)
    return {key: value for key, value in found.items() if key not in ("sampling", "label")}
