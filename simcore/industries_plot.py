"""Industries as small multiples: a panel each, zone by zone, with the fan of every scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from simcore.attributes import number_of_draws
from simcore.baseline import Baseline, load_baseline
from simcore.dataset import open_results
from simcore.dims import BY_INDUSTRY, VARIABLES
from simcore.disk import working_on
from simcore.errors import InputError
from simcore.key_labels import joined
from simcore.labels import say
from simcore.pictures import Source, footer, in_house_style, save, shared_legend, wrapped
from simcore.plot import base_year, draw_fan, names_in, quantiles, select
from simcore.units import with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 5
TITLE = 26  # half-width characters of a line of a panel's title
Row = dict[str, Any]


@dataclass(frozen=True)
class _Past:
    """What a panel knows of years: which are history, and which of a zone a nowcast."""

    base_year: int
    status: xr.DataArray


@in_house_style
def industries_chart(
    file: Path,
    output: Path,
    *,
    indicator: str = "value_added",
    zones: Sequence[str] = (),
    scenarios: Sequence[str] = (),
    same_scale: bool = False,
) -> list[Row]:
    """Draw an indicator of every industry, the largest first, and return the numbers shown.

    All panels have the same years; each has its own scale, or with ``same_scale`` all of a zone
    one. Raises `InputError` for unknown names and an indicator without industries.
    """
    if indicator in VARIABLES and VARIABLES[indicator].dims != BY_INDUSTRY:
        raise InputError(
            say("{indicator} has no industries; value_added and output have", indicator=indicator)
        )
    baseline = load_baseline()
    with working_on(file), open_results(file) as dataset:
        names = [str(name) for name in dataset["industry"].values]
        found = {name: _fan(dataset, indicator, name, zones, scenarios) for name in names}
        fans = {name: fan for name, fan in found.items() if fan is not None}
        past = _Past(base_year(dataset), dataset["status"].load())
        source = Source.of_result(file, number_of_draws(file), dataset.attrs)
    by_zone: dict[str, dict[str, xr.DataArray]] = {}
    for name, fan in fans.items():
        for zone in map(str, fan["zone"].values):
            by_zone.setdefault(zone, {})[name] = fan.sel(zone=zone)
    picture = _draw(by_zone, past, baseline, indicator, same_scale=same_scale)
    note = say("Bands: 50 % and 90 % of the draws; line: median. The largest industry first.")
    scale = say("Panels of a zone share a scale.") if same_scale else say(
        "Each panel has its own scale.")  # fmt: skip
    footer(picture, f"{note} {scale}", str(source))
    save(picture, output)
    return [row for zone, own in by_zone.items() for row in _rows(zone, own)]


def _fan(
    dataset: xr.Dataset, indicator: str, name: str, zones: Sequence[str], scenarios: Sequence[str]
) -> xr.DataArray | None:
    """Return the quantiles of an industry, None of one that is in none of the zones."""
    there = dataset[indicator].sel(industry=name)
    if zones:
        there = there.sel(zone=[zone for zone in map(str, zones) if zone in there["zone"].values])
    if there.size and not np.isfinite(there.isel(scenario=0, year=-1).values).any():
        return None
    found = quantiles(select(dataset, indicator, name, zones, scenarios), dataset.get("weight"))
    return found.assign_coords(scenario_name=("scenario", names_in(dataset, found)))


def _draw(
    by_zone: dict[str, dict[str, xr.DataArray]],
    past: _Past,
    baseline: Baseline,
    indicator: str,
    *,
    same_scale: bool,
) -> Any:
    from matplotlib.figure import Figure

    lines = {zone: -(-len(own) // COLUMNS) for zone, own in by_zone.items()}
    heights = [0.45 + 1.75 * count for count in lines.values()]
    picture = Figure(figsize=(12.5, sum(heights) + 0.9), layout="constrained")
    rooms = picture.subfigures(len(by_zone), 1, squeeze=False, height_ratios=heights)[:, 0]
    every: list[Axes] = []
    for room, (zone, own) in zip(rooms, by_zone.items(), strict=True):
        known = baseline.zones.get(zone)
        variable = VARIABLES[indicator]
        title = joined(str(known.label if known else zone), str(variable.label))
        room.suptitle(with_unit(title, variable.units), x=0.01, ha="left", fontsize=11)
        panels = room.subplots(
            lines[zone], COLUMNS, squeeze=False, sharex=True, sharey=same_scale
        ).ravel()
        ordered = sorted(own, key=lambda name, own=own: -_size(own[name]))  # type: ignore[misc]
        for panel, name in zip(panels, ordered, strict=False):
            draw_fan(panel, own[name], past.status.sel(zone=zone), past.base_year, small=True)
            label = str(baseline.industry_label(name, zone))
            panel.set_title("\n".join(wrapped(label, TITLE)), loc="left", fontsize=8.5)
            panel.set_ylim(bottom=0)
            panel.tick_params(labelsize=8)
            every.append(panel)
        _empty(panels, len(ordered))
    first = min(panel.get_xlim()[0] for panel in every)
    for panel in every:
        panel.set_xlim(first, panel.get_xlim()[1])
    shared_legend(picture, every, most=6)
    return picture


def _empty(panels: Any, filled: int) -> None:
    """Take away the panels that no industry fills; those above them get the years below."""
    for place in range(filled, len(panels)):
        panels[place].set_axis_off()
        if place >= COLUMNS:
            panels[place - COLUMNS].tick_params(labelbottom=True)


def _size(fan: xr.DataArray) -> float:
    """Return the median in the last year of the first scenario, by which panels are ordered."""
    medians = fan.sel(quantile=0.5).isel(scenario=0).values
    known = medians[np.isfinite(medians)]
    return float(known[-1]) if known.size else 0.0


def _rows(zone: str, own: dict[str, xr.DataArray]) -> list[Row]:
    rows = []
    for name, fan in own.items():
        for scenario in map(str, fan["scenario"].values):
            for year in fan["year"].values:
                values = fan.sel(scenario=scenario, year=year)
                if np.isfinite(values.values).all():
                    row: Row = {
                        "scenario": scenario, "zone": zone, "industry": name, "year": int(year),
                    }  # fmt: skip
                    rows.append(row | _quantile_cells(values))
    return rows


def _quantile_cells(values: xr.DataArray) -> dict[str, float]:
    return {
        f"q{round(100 * level):02d}": float(f"{value:.6g}")
        for level, value in zip(values["quantile"].values, values.values, strict=True)
    }
