"""``dataset.simcore``: what one asks of a result, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from simcore.baseline import Baseline, load_baseline
from simcore.dims import QUANTILES
from simcore.errors import InputError, did_you_mean, known_names
from simcore.labels import say
from simcore.quantiles import sorted_quantiles
from simcore.weighting import are_equal, weighted_quantiles


@xr.register_dataset_accessor("simcore")
class Accessor:
    """Questions to a result, as `xarray.Dataset.simcore`."""

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    def fan(self, variable: str, quantiles: Sequence[float] = QUANTILES) -> xr.DataArray:
        """Return quantiles over the draws, the dimension ``quantile`` first."""
        values = self._dataset[variable]
        if "quantile" in values.dims:
            return _stored(values, quantiles)
        values = values.transpose(..., "draw")
        found = over_draws(values, self._dataset.get("weight"), quantiles)
        coords = {name: values[name] for name in values.dims if name != "draw"}
        dims = ("quantile", *coords)
        return xr.DataArray(
            found, {"quantile": list(quantiles), **coords}, dims, variable, values.attrs
        )

    def aggregate(self, name: str, baseline: Baseline | None = None) -> xr.DataArray:
        """Return an aggregate's share of GDP [percent], (scenario, zone, year, draw).

        The aggregate is the sum of value added over industries with the weights of ``zones.yaml``,
        at current prices; NaN in a zone that has no weights for it. The assumed weights' own error,
        which the reconciliation estimates beside a documented share, is not added.
        Raises `InputError` if no zone has weights for it.
        """
        zones = (baseline or load_baseline()).zones
        parts = {
            zone: zones[zone].aggregates[name]
            for zone in map(str, self._dataset["zone"].values)
            if zone in zones and name in zones[zone].aggregates
        }
        if not any(part.weights for part in parts.values()):
            known = {key for z in zones.values() for key, a in z.aggregates.items() if a.weights}
            near = did_you_mean(name, known) or known_names(sorted(known))
            raise InputError(say("no aggregate '{name}' with weights{near}", name=name, near=near))
        refuse_summary(self._dataset)
        value_added, label = self._dataset["value_added"], next(iter(parts.values())).label
        axes = {axis: self._dataset[axis].values for axis in ("zone", "industry")}
        weights = xr.DataArray(np.full([len(names) for names in axes.values()], np.nan), axes, axes)
        for zone, part in parts.items():
            if part.weights:
                row = [part.weights.get(str(i), 0.0) for i in weights["industry"].values]
                weights.loc[{"zone": zone}] = row
        total = (value_added.fillna(0.0) * weights).sum("industry", skipna=False)
        share = (100 * total / self._dataset["gdp"]).rename(name)
        share.attrs = {
            "units": "percent of GDP", "long_name": label.en, "long_name_zh": label.zh,
        }  # fmt: skip
        return share.transpose("scenario", "zone", "year", "draw")

    def masked(self) -> xr.DataArray:
        """Return how many draws of each scenario are masked, and so left out of every statistic."""
        refuse_summary(self._dataset)
        return (self._dataset["weight"] == 0).sum("draw").rename("masked")

    def delta(self, baseline: str = "baseline") -> xr.Dataset:
        """Return draw-by-draw differences of every other scenario from ``baseline``.

        Raises `InputError` for draws of unequal weights, which are no pairs.
        """
        refuse_summary(self._dataset)
        refuse_weights(self._dataset, say("draw-by-draw differences"), say("compare knows weights"))
        dataset = self._dataset.drop_vars(["weight", "status"], errors="ignore")
        others = [name for name in dataset["scenario"].values if name != baseline]
        reference = dataset.sel(scenario=baseline, drop=True)
        with xr.set_options(keep_attrs=True):
            return dataset.sel(scenario=others) - reference

    def probability(
        self,
        variable: str,
        *,
        year: int,
        above: float | None = None,
        below: float | None = None,
        published: bool = False,
    ) -> xr.DataArray:
        """Return the share of draws above or below a value.

        ``published=True`` measures GDP as it will be published, times ``revision_factor``.
        """
        if (above is None) == (below is None):
            raise ValueError(say("give either above or below"))
        refuse_summary(self._dataset)
        values = self._dataset[variable].sel(year=year)
        if published:
            values = values * self._dataset["revision_factor"].sel(year=year)
        met = values > above if above is not None else values < (below or 0.0)
        known = np.isfinite(values)
        share = met.where(known)
        weight = self._dataset.get("weight")
        if weight is not None and not are_equal(weight.values):
            found = share.weighted(weight).mean("draw")
        else:
            found = share.mean("draw")
        return found.assign_attrs(units="1", long_name="probability")


def over_draws(
    values: xr.DataArray, weight: xr.DataArray | None, quantiles: Sequence[float]
) -> Any:
    """Return quantiles over the draws, the last axis, weighted where draws have unequal weights.

    ``weight`` : (draw) or (scenario, draw), of at least the scenarios of ``values``.
    """
    if weight is None or are_equal(weight.values):
        return sorted_quantiles(values.values, quantiles)
    if "scenario" not in weight.dims:
        return weighted_quantiles(values.values, weight.values, quantiles)
    place = values.dims.index("scenario")
    own_weights = weight.sel(scenario=values["scenario"]).transpose("scenario", "draw").values
    rows = [
        weighted_quantiles(own, share, quantiles)
        for own, share in zip(np.moveaxis(values.values, place, 0), own_weights, strict=True)
    ]
    return np.moveaxis(np.array(rows), 0, place + 1)


def refuse_summary(dataset: xr.Dataset, file: str = "") -> None:
    """Raise `InputError` if a result holds summaries and no draws; ``file`` begins the message."""
    if dataset.attrs.get("keep") == "summary":
        raise InputError(
            say(
                "{file}holds summaries alone; this needs the draws: run again with --keep full",
                file=file,
            )
        )


def are_pairs(dataset: xr.Dataset) -> bool:
    """Whether draws can be held against each other one by one: each scenario's weigh alike."""
    weight = dataset.get("weight")
    return weight is None or all(map(are_equal, np.atleast_2d(weight.values)))


def refuse_weights(dataset: xr.Dataset, what: str, hint: str) -> None:
    """Raise `InputError` if the draws of any scenario have unequal weights."""
    if not are_pairs(dataset):
        raise InputError(say(
            "{what}: draws have unequal weights, as `condition` gives them; {hint}",
            what=what, hint=hint,
        ))  # fmt: skip


def _stored(values: xr.DataArray, quantiles: Sequence[float]) -> xr.DataArray:
    """Return quantiles of a result that holds no draws, of those that it holds."""
    known = [float(quantile) for quantile in values["quantile"].values]
    if lacking := [quantile for quantile in quantiles if quantile not in known]:
        raise InputError(say(
            "holds the quantiles {quantiles} alone, not {quantile}: run again with --keep full",
            quantiles=", ".join(map(str, known)), quantile=lacking[0],
        ))  # fmt: skip
    return values.sel(quantile=list(quantiles))
