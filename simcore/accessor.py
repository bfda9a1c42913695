"""``dataset.simcore``: what one asks of a result, by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from simcore.dims import QUANTILES
from simcore.store import sorted_quantiles


@xr.register_dataset_accessor("simcore")
class Accessor:
    """Questions to a result, as `xarray.Dataset.simcore`."""

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    def fan(self, variable: str, quantiles: Sequence[float] = QUANTILES) -> xr.DataArray:
        """Return quantiles over the draws, the dimension ``quantile`` first."""
        values = self._dataset[variable].transpose(..., "draw")
        found = sorted_quantiles(values.values, quantiles)
        coords = {name: values[name] for name in values.dims if name != "draw"}
        dims = ("quantile", *coords)
        return xr.DataArray(
            found, {"quantile": list(quantiles), **coords}, dims, variable, values.attrs
        )

    def delta(self, baseline: str = "baseline") -> xr.Dataset:
        """Return draw-by-draw differences of every other scenario from ``baseline``."""
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
            raise ValueError("give either above or below")
        values = self._dataset[variable].sel(year=year)
        if published:
            values = values * self._dataset["revision_factor"].sel(year=year)
        met = values > above if above is not None else values < (below or 0.0)
        known = np.isfinite(values)
        return met.where(known).mean("draw").assign_attrs(units="1", long_name="probability")
