"""A part of a result, chosen by name, as rows of statistics or of draws: what an export writes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr

from simcore.accessor import refuse_summary
from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.dataset import open_results
from simcore.dims import QUANTILES, STATUS, VARIABLES, Variable
from simcore.disk import working_on
from simcore.errors import InputError, did_you_mean
from simcore.labels import Label, say
from simcore.quantiles import mean_of, sorted_quantiles
from simcore.weighting import are_equal, weighted_quantiles

STATISTICS = ("mean", *("median" if q == 0.5 else f"q{round(100 * q):02d}" for q in QUANTILES))


def shortest(value: Any) -> float:
    """Return a float32 as the double of the fewest digits that give it back.

    >>> float(np.float32(3095.81)), shortest(np.float32(3095.81))
    (3095.81005859375, 3095.81)
    """
    return float(str(np.float32(value)))


@dataclass(frozen=True)
class Series:
    """The path of an indicator in a zone, or in one of its industries: ``values`` (row, year).

    The rows are `STATISTICS`, or the draws; NaN where there is nothing.
    """

    scenario: str
    zone: str
    industry: str
    values: Array


@dataclass(frozen=True)
class Extract:
    """A part of a result.

    ``summary`` : the quantiles and means that the result itself holds, None where they have to be
    computed: in memory, and of draws with unequal weights.
    """

    dataset: xr.Dataset
    summary: Mapping[Any, Any] | None
    indicators: tuple[str, ...]
    zones: tuple[str, ...]
    scenarios: tuple[str, ...]
    years: tuple[int, ...]
    name: str = ""
    """of the file"""

    @property
    def has_draws(self) -> bool:
        """Whether the result holds its draws."""
        return self.dataset.attrs.get("keep") != "summary"

    def weight(self, scenario: str) -> Array:
        """Return the weights of a scenario's draws, (draw)."""
        weight = self.dataset["weight"]
        own = weight.sel(scenario=scenario) if "scenario" in weight.dims else weight
        return np.asarray(own.values)

    def is_weighted(self) -> bool:
        """Whether the draws of any scenario have unequal weights."""
        return self.has_draws and not all(are_equal(self.weight(name)) for name in self.scenarios)

    def statistics(self, indicator: str) -> Iterator[Series]:
        """Return the `STATISTICS` of an indicator, scenario by scenario; empty paths left out."""
        if self.summary is not None:
            mean, quantiles = (
                np.asarray(self.summary[n]) for n in (f"{indicator}_mean", indicator)
            )
            held = np.concatenate([mean[None], quantiles])
            for scenario in self.scenarios:
                own = held[:, self._place("scenario", scenario)]  # (row, zone, …, year)
                yield from self._paths(_reader(own), indicator, scenario)
            return
        for scenario in self.scenarios:
            for path in self.draws(indicator, scenario):
                yield Series(scenario, path.zone, path.industry, self._computed(path))

    def _computed(self, path: Series) -> Array:
        """Return the statistics of draws as the file would hold them, (statistic, year) float32."""
        values, weight = path.values.T, self.weight(path.scenario)
        if are_equal(weight):
            quantiles = sorted_quantiles(values, QUANTILES)
        else:
            quantiles = weighted_quantiles(values, weight, QUANTILES)
        if are_equal(weight):
            mean = mean_of(values)
        else:
            shares = np.where(np.isnan(values), 0.0, weight)
            with np.errstate(invalid="ignore"):
                mean = np.nansum(shares * values, axis=-1) / shares.sum(axis=-1)
        return np.vstack([mean, quantiles]).astype(np.float32)

    def draws(self, indicator: str, scenario: str) -> Iterator[Series]:
        """Return the draws of an indicator in a scenario, read one path after the other.

        Raises `InputError` for a result without draws.
        """
        refuse_summary(self.dataset)
        order = [name for name in VARIABLES[indicator].dims if name != "draw"]
        values = self.dataset[indicator].transpose(*order, "draw").variable
        at = self._place("scenario", scenario)
        yield from self._paths(lambda place: values[(at, *place)].values.T, indicator, scenario)

    def _paths(
        self, read: Callable[[tuple[Any, ...]], Array], indicator: str, scenario: str
    ) -> Iterator[Series]:
        """Return the chosen zones and industries; ``read`` gives the (row, year) of a place."""
        by_industry = "industry" in VARIABLES[indicator].dims
        years = [self._place("year", year) for year in self.years]
        for zone in self.zones:
            for industry in self._names["industry"] if by_industry else ("",):
                place: tuple[Any, ...] = (self._place("zone", zone),)
                place += (self._place("industry", industry),) if industry else ()
                found = np.asarray(read((*place, slice(None))))[:, years]
                if np.isfinite(found).any():
                    yield Series(scenario, zone, str(industry), found)

    @cached_property
    def _names(self) -> dict[str, dict[Any, int]]:
        """Positions of names and years along the dimensions of the whole result."""
        axes = ("scenario", "zone", "industry", "year")
        return {axis: {name: at for at, name in enumerate(self.dataset[axis].values.tolist())}
                for axis in axes}  # fmt: skip

    def _place(self, axis: str, name: str | int) -> int:
        return self._names[axis][name]

    def variable(self, indicator: str) -> Variable:
        """Return what an indicator is."""
        return VARIABLES[indicator]

    def status(self, zone: str, year: int) -> str:
        """Return ``history``, ``nowcast``, ``projection``, or nothing, of a zone's year."""
        return STATUS[int(self._status[self._place("zone", zone), self._place("year", year)])]

    @cached_property
    def _status(self) -> Array:
        return np.asarray(self.dataset["status"].transpose("zone", "year").values)

    def label(self, kind: str, name: str, baseline: Baseline) -> Label:
        """Return the label of a zone or an industry: the result's own, else the baseline's."""
        if name in self._labels[kind]:
            return self._labels[kind][name]
        if kind == "zone":
            return baseline.zones[name].label if name in baseline.zones else Label(name, name)
        return baseline.industry_label(name)

    @cached_property
    def _labels(self) -> dict[str, dict[str, Label]]:
        """Labels that the result itself has, by zone and by industry."""
        found: dict[str, dict[str, Label]] = {"zone": {}, "industry": {}}
        for kind, labels in found.items():
            keys = [f"{kind}_label_{language}" for language in ("en", "zh")]
            if all(key in self.dataset.coords for key in keys):
                pairs = zip(*(self.dataset[key].values.tolist() for key in keys), strict=True)
                for name, (en, zh) in zip(self._names[kind], pairs, strict=True):
                    labels[name] = Label(str(en), str(zh))
        return found


def _reader(rows: Array) -> Callable[[tuple[Any, ...]], Array]:
    return lambda place: np.asarray(rows[(slice(None), *place)])


@dataclass(frozen=True)
class Choice:
    """Which part of a result is wanted; all of it by default."""

    indicators: Sequence[str] = ()
    zones: Sequence[str] = ()
    scenarios: Sequence[str] = ()
    years: Sequence[int] = ()

    def of(self, dataset: xr.Dataset, summary: Mapping[Any, Any] | None, name: str) -> Extract:
        """Return the part; raises `InputError` for what the result does not have."""
        held = {
            "indicator": [str(key) for key in VARIABLES if key in dataset],
            **{axis: [str(n) for n in dataset[axis].values] for axis in ("zone", "scenario")},
            "year": [str(year) for year in dataset["year"].values],
        }
        asked = {
            "indicator": self.indicators, "zone": self.zones, "scenario": self.scenarios,
            "year": [str(year) for year in self.years],
        }  # fmt: skip
        words = {"indicator": say("indicator"), "zone": say("zone"), "scenario": say("scenario"),
                 "year": say("year")}  # fmt: skip
        for axis, names in asked.items():
            for one in names:
                if one not in held[axis]:
                    if axis == "year":
                        raise InputError(
                            say("the result has no year {year}: it has {first} to {last}",
                                year=one, first=held[axis][0], last=held[axis][-1])
                        )  # fmt: skip
                    near = did_you_mean(one, held[axis])
                    text = say("the result has no {what} '{name}'", what=words[axis], name=one)
                    raise InputError(text + (near or f": {_listed(held[axis])}"))
        chosen = {axis: tuple(dict.fromkeys(asked[axis])) or tuple(held[axis]) for axis in held}
        years = tuple(sorted(int(year) for year in chosen["year"]))
        return Extract(dataset, summary, chosen["indicator"], chosen["zone"], chosen["scenario"],
                       years, name)  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")


@contextlib.contextmanager
def extracted(source: str | Path | xr.Dataset, choice: Choice) -> Iterator[Extract]:
    """Open a part of a result file, or of a dataset, for the time of a ``with``."""
    if isinstance(source, xr.Dataset):
        held = source if source.attrs.get("keep") == "summary" else None
        yield choice.of(source, held, "")
        return
    path = Path(source)
    with working_on(path), contextlib.ExitStack() as opened:
        dataset = opened.enter_context(open_results(path))
        summary: Mapping[Any, Any] | None = dataset
        if dataset.attrs.get("keep") != "summary":  # a dataset that was saved has none
            summary = opened.enter_context(h5py.File(path, "r")).get("summary")
        part = choice.of(dataset, summary, path.name)
        yield replace(part, summary=None) if part.is_weighted() else part
