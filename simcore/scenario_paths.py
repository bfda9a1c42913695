"""The paths of one scenario of a result, draw by draw, with the weights of the draws."""

from __future__ import annotations

import numpy as np
import xarray as xr

from simcore.arrays import Array, Mask
from simcore.weighting import weighted_quantiles


class ScenarioPaths:
    """The paths of one scenario of a result; each is read once."""

    def __init__(self, dataset: xr.Dataset, scenario: str) -> None:
        self._dataset = dataset.sel(scenario=scenario)
        self._read: dict[tuple[str, str, str | None], Array] = {}
        years = [int(year) for year in dataset["year"].values]
        self.years = range(years[0], years[-1] + 1)
        self.zones = [str(zone) for zone in dataset["zone"].values]
        weight = np.asarray(self._dataset["weight"].values, dtype=np.float64)
        self.sound: Mask = weight > 0
        self.weight = weight[self.sound]

    def at(self, variable: str, zone: str, year: int, industry: str | None = None) -> Array:
        """Return a variable of a zone, or of one of its industries, in a year, (draw)."""
        key = (variable, zone, industry)
        if key not in self._read:
            place = {"zone": zone} | ({} if industry is None else {"industry": industry})
            path = self._dataset[variable].sel(place).transpose("year", "draw")
            self._read[key] = np.asarray(path.values[:, self.sound], dtype=np.float64)
        return self._read[key][year - self.years[0]]

    def median(self, values: Array) -> float:
        """Return the weighted median of draws, NaN of none."""
        return float(weighted_quantiles(values, self.weight, (0.5,))[0])
