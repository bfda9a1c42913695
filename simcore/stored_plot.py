"""Funnel of projects and ladder of firms as a result file keeps them, scenarios side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from simcore.attributes import number_of_draws, read_attributes
from simcore.baseline import Baseline, load_baseline
from simcore.disk import reading
from simcore.errors import InputError, did_you_mean
from simcore.labels import Label, language, say
from simcore.pictures import (
    BANDS,
    INK,
    Source,
    footer,
    frame_years,
    in_house_style,
    save,
    scenario_colours,
    scenario_names,
    shared_legend,
)
from simcore.stored_groups import OWN_DIMENSION, stored_groups

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WITHOUT = "firms_without_levers"
Row = dict[str, Any]


@dataclass(frozen=True)
class _Group:
    """A group of a result: (quantile, scenario, zone, entry, year), and its entries' labels."""

    name: str
    values: xr.DataArray
    without: xr.DataArray | None
    labels: dict[str, Label]
    titles: dict[str, str]
    alike: dict[str, str]
    """scenarios that are left out, by the one that they equal"""


@in_house_style
def stored_chart(
    file: Path,
    output: Path,
    name: str,
    *,
    zones: Sequence[str] = (),
    scenarios: Sequence[str] = (),
) -> list[Row]:
    """Draw what a result keeps of projects or firms: a row a zone, a panel a stage or rung.

    Raises `InputError` for a file that has none of it, and for unknown names.
    """
    baseline = load_baseline()
    group = _read(file, name, zones, scenarios)
    picture = _draw(group, baseline)
    shown = {
        "projects": say("Projects that enter each stage in a year."),
        "firms": say(
            "Firms at the end of a year, as documents count them; dashed: without levers on firms."
        ),
    }[name]  # fmt: skip
    bands = say("Bands: 50 % and 90 % of the draws; line: median.")
    source = Source.of_result(file, number_of_draws(file), read_attributes(file))
    footer(picture, f"{shown} {bands}", _left_out(group), str(source))
    save(picture, output)
    return _rows(group)


def _left_out(group: _Group) -> str:
    """Say which scenarios would lie on another's line."""
    separator = "、" if language() == "zh" else ", "
    parts = [
        say(
            "Like {name}: {others}.",
            name=group.titles.get(first, first),
            others=separator.join(
                group.titles.get(one, one) for one, to in group.alike.items() if to == first
            ),
        )
        for first in dict.fromkeys(group.alike.values())
    ]  # fmt: skip
    return " ".join(parts)


def _read(file: Path, name: str, zones: Sequence[str], scenarios: Sequence[str]) -> _Group:
    known, attributes = stored_groups(file), read_attributes(file)
    if name not in known:
        command = {"projects": "projects-delayed", "firms": "firm-doubling"}[name]
        raise InputError(
            say(
                "{file}: holds no {name}: simcore run {scenario} keeps them, as any scenario with "
                "levers on them does; simcore {name} -o draws those of a scenario",
                file=file, name=name, scenario=command,
            )
        )  # fmt: skip
    own = OWN_DIMENSION[name]
    with reading(file):
        names = xr.open_dataset(file, engine="h5netcdf")
        group = xr.open_dataset(file, engine="h5netcdf", group=name)
        axes = {key: names[key].astype(str).values for key in ("scenario", "zone")}
        axes |= {"year": names["year"].values, own: group[own].astype(str).values}
        variable = "entered" if name == "projects" else "firms"
        values = group[variable].load().assign_coords(axes)
        without = group[WITHOUT].load().assign_coords(axes) if name == "firms" else None
    for key, wanted in (("zone", zones), ("scenario", scenarios)):
        for one in wanted:
            if one not in axes[key]:
                near = did_you_mean(one, axes[key])
                raise InputError(say("{file}: has no {kind} '{name}'", file=file, kind=say(key),
                                     name=one) + near)  # fmt: skip
        if wanted:
            values = values.sel({key: list(wanted)})
            without = without.sel({key: list(wanted)}) if without is not None else None
    alike = _alike(values)
    kept = [one for one in map(str, values["scenario"].values) if one not in alike]
    values = values.sel(scenario=kept)
    without = without.sel(scenario=kept) if without is not None else None
    return _Group(name, values, without, known[name], scenario_names(attributes), alike)


def _alike(values: xr.DataArray) -> dict[str, str]:
    """Return scenarios that say the same as an earlier one, by name."""
    names, found = [str(name) for name in values["scenario"].values], dict[str, str]()
    for place, name in enumerate(names):
        own = values.sel(scenario=name).values
        for earlier in names[:place]:
            if np.array_equal(own, values.sel(scenario=earlier).values, equal_nan=True):
                found.setdefault(name, earlier)
    return found


def _draw(group: _Group, baseline: Baseline) -> Any:
    from matplotlib.figure import Figure

    values, own = group.values, OWN_DIMENSION[group.name]
    zones = [zone for zone in map(str, values["zone"].values)
             if np.isfinite(values.sel(zone=zone).values).any()]  # fmt: skip
    entries = [str(entry) for entry in values[own].values]
    columns = min(3, len(entries))
    lines = -(-len(entries) // columns)
    picture = Figure(figsize=(11.5, 1.1 + len(zones) * (0.45 + 2.1 * lines)), layout="constrained")
    rooms = picture.subfigures(len(zones), 1, squeeze=False)[:, 0]
    every: list[Axes] = []
    for room, zone in zip(rooms, zones, strict=True):
        known = baseline.zones.get(zone)
        unit = say("firms") if group.name == "firms" else say("projects a year")
        room.suptitle(f"{known.label if known else zone} [{unit}]", x=0.01, ha="left", fontsize=11)
        panels = room.subplots(lines, columns, squeeze=False, sharex=True).ravel()
        for panel, entry in zip(panels, entries, strict=False):
            place = {"zone": zone, own: entry}
            without = group.without.sel(place) if group.without is not None else None
            _panel(panel, values.sel(place), without, group.titles)
            panel.set_title(str(group.labels[entry]), loc="left", fontsize=9.5)
            every.append(panel)
        for panel in panels[len(entries) :]:
            panel.set_axis_off()
    shared_legend(picture, every, most=6)
    return picture


def _panel(
    panel: Axes, values: xr.DataArray, without: xr.DataArray | None, titles: dict[str, str]
) -> None:
    """One stage or rung of a zone; ``values`` (quantile, scenario, year)."""
    names = [str(name) for name in values["scenario"].values]
    names = [name for name in names if np.isfinite(values.sel(scenario=name).values).any()]
    bands = BANDS if len(names) <= 2 else ()
    for name, colour in zip(names, scenario_colours(len(names)), strict=True):
        fan = values.sel(scenario=name).dropna("year")
        years = fan["year"].values
        for low, high, alpha in bands:
            panel.fill_between(
                years, fan.sel(quantile=low), fan.sel(quantile=high), color=colour, alpha=alpha,
                lw=0,
            )  # fmt: skip
        panel.plot(years, fan.sel(quantile=0.5), color=colour, lw=1.7, label=titles.get(name, name))
        if without is not None:
            plain = without.sel(scenario=name, quantile=0.5).dropna("year")
            if np.array_equal(plain.values, fan.sel(quantile=0.5).values):
                continue
            panel.plot(plain["year"], plain, color=INK, lw=0.9, ls="--")
    panel.set_ylim(bottom=0)
    panel.margins(x=0.01)
    frame_years(panel, ticks=6)


def _rows(group: _Group) -> list[Row]:
    own = OWN_DIMENSION[group.name]
    rows = []
    for scenario in map(str, group.values["scenario"].values):
        for zone in map(str, group.values["zone"].values):
            for entry in map(str, group.values[own].values):
                fan = group.values.sel({"scenario": scenario, "zone": zone, own: entry})
                for year in fan["year"].values:
                    cell = fan.sel(year=year)
                    if np.isfinite(cell.values).all():
                        row: Row = {
                            "scenario": scenario, "zone": zone, own: entry, "year": int(year),
                        }  # fmt: skip
                        for level, value in zip(cell["quantile"].values, cell.values, strict=True):
                            row[f"q{round(100 * level):02d}"] = float(f"{value:.6g}")
                        rows.append(row)
    return rows
