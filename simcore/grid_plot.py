"""Pictures of a sweep: a heatmap of two axes, a line of one, and the frontier of a goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from simcore.aims import Aim, aim_of
from simcore.arrays import Array
from simcore.baseline import Baseline, load_baseline
from simcore.dataset import open_results
from simcore.dims import VARIABLES
from simcore.disk import reading
from simcore.errors import InputError
from simcore.frontier_plot import frontier_panel
from simcore.grid import (
    Grid,
    GridAxis,
    chances,
    differences,
    least_values,
    point_at,
    spreads,
)
from simcore.key_labels import joined, key_label, place_label
from simcore.labels import language, say
from simcore.pictures import (
    COLOURS,
    DIVERGENCE,
    INK,
    PALE,
    SEQUENCE,
    Source,
    colour_map,
    digits_for,
    footer,
    headline,
    house_style,
    plain,
    save,
    with_percent,
    wrapped,
)
from simcore.plot import select
from simcore.store import number_of_draws
from simcore.units import amount_text, unit_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MIDDLE = 2  # place of the median among the levels
GLUE = "\N{NO-BREAK SPACE}"
Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What is shown of a sweep: an indicator in a year, its difference to a point, or P(goal).

    ``at`` : axes that are held, ``KEY=VALUE`` each; ``scenarios`` : those among which to look.
    """

    indicator: str = "gdp"
    industry: str | None = None
    zones: Sequence[str] = ()
    scenarios: Sequence[str] = ()
    year: int = 2030
    at: Sequence[str] = ()
    against: str | None = None
    goal: str | None = None


@dataclass(frozen=True)
class _Shown:
    """A panel: a zone, or nothing of a goal; numbers over the grid, last axis what is known."""

    zone: str
    values: Array


def sweep_chart(file: Path, output: Path, asked: Asked) -> list[Row]:
    """Draw a heatmap of a sweep of two axes, or a line of one; return the numbers shown.

    Raises `InputError` for a file that is no sweep, and for more axes than two.
    """
    baseline = load_baseline()
    with reading(file), open_results(file) as dataset:
        grid = _grid(file, dataset, asked)
        if len(grid.axes) > 2 or not grid.axes:
            axes = ", ".join(axis.short for axis in grid.axes) or "–"
            text = say(
                "{file}: a heatmap is of two axes, a line of one; here vary {axes}: hold the "
                "others with --at AXIS=VALUE",
                file=file, axes=axes,
            )  # fmt: skip
            raise InputError(text)
        aim = aim_of(asked.goal, baseline) if asked.goal else None
        found = _values(dataset, grid, asked, aim)
        source = Source.of_result(file, number_of_draws(file), dataset.attrs)
    with house_style():
        draw = _heatmaps if len(grid.axes) == 2 else _lines
        picture = draw(grid, found, asked, baseline)
        footer(picture, *_notes(grid, asked, baseline), str(source))
        save(picture, output)
    return _rows(grid, found, asked)


def _grid(file: Path, dataset: xr.Dataset, asked: Asked) -> Grid:
    names = [str(name) for name in dataset["scenario"].values]
    among = [name for name in names if name in asked.scenarios]
    return Grid.of(file, asked.at, among)


def _values(dataset: xr.Dataset, grid: Grid, asked: Asked, aim: Aim | None) -> list[_Shown]:
    if aim is not None:
        return [_Shown(aim.measure.zone, chances(dataset, grid, aim))]
    names = sorted(grid.scenarios.values())
    values = select(dataset, asked.indicator, asked.industry, asked.zones, names)
    if asked.year not in values["year"].values:
        years = values["year"].values
        raise InputError(
            say("the result has no year {year}: it has {first} to {last}", year=asked.year,
                first=int(years[0]), last=int(years[-1]))
        )  # fmt: skip
    found = []
    for zone in map(str, values["zone"].values):
        own = values.sel(zone=zone, year=asked.year)
        cells = (
            differences(dataset, grid, own, grid.scenario(asked.against))
            if asked.against
            else spreads(dataset, grid, own)
        )
        if np.isfinite(cells[..., MIDDLE]).any():
            found.append(_Shown(zone, cells))
    if not found:
        text = say(
            "{indicator} has no values in {year} in these zones and scenarios",
            indicator=asked.indicator, year=asked.year,
        )  # fmt: skip
        raise InputError(text)
    return found


# --- two axes -------------------------------------------------------------------------------------


def _heatmaps(grid: Grid, found: Sequence[_Shown], asked: Asked, baseline: Baseline) -> Any:
    from matplotlib.figure import Figure

    across, up = grid.shape
    wide, high = max(3.4, 0.78 * across), max(1.6, 0.46 * up)
    picture = Figure(
        figsize=(1.6 + (wide + 0.9) * len(found), high + 2.1), layout="constrained"
    )  # fmt: skip
    panels = picture.subplots(1, len(found), squeeze=False, sharey=True)[0]
    for panel, shown in zip(panels, found, strict=True):
        _heatmap(panel, grid, _middle(shown, asked), asked)
        if not asked.goal:
            panel.set_title(place_label(shown.zone, baseline), loc="left", fontsize=10.5)
        panel.set_xlabel(_folded(key_label(grid.axes[0].key, baseline), wide))
    panels[0].set_ylabel(_folded(key_label(grid.axes[1].key, baseline), high + 0.6))
    headline(picture, _title(grid, asked, baseline))
    return picture


def _middle(shown: _Shown, asked: Asked) -> Array:
    """Return what a cell says: the median, or the probability [percent]."""
    return 100 * shown.values[..., 0] if asked.goal else np.asarray(shown.values[..., MIDDLE])


def _heatmap(panel: Axes, grid: Grid, values: Array, asked: Asked) -> None:
    """One panel; ``values`` (first axis, second axis), the first across."""
    from matplotlib.patches import Rectangle

    known = values[np.isfinite(values)]
    colours = colour_map(SEQUENCE)
    low, high = (0.0, 100.0) if asked.goal else (float(known.min()), float(known.max()))
    if asked.against:
        colours = colour_map(DIVERGENCE)
        high = max(abs(low), abs(high)) or 1.0
        low = -high
    if high - low < 1e-9 * max(abs(high), 1.0):
        high = low + 1.0
    panel.imshow(values.T, origin="lower", aspect="auto", cmap=colours, vmin=low, vmax=high)
    digits = 0 if asked.goal else min(digits_for(known), 2)
    sign = "+" if asked.against else ""
    for (across, up), value in np.ndenumerate(values):
        if not np.isfinite(value):
            panel.text(across, up, "–", ha="center", va="center", color=PALE)
            continue
        red, green, blue, _ = colours((value - low) / (high - low))
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
        text = _percent(value) if asked.goal else _cell(value, digits, sign)
        panel.text(
            across, up, text, ha="center", va="center", fontsize=9, color="white" if dark else INK
        )
    if asked.against:
        point = point_at(grid, grid.scenario(asked.against))
        across, up = (
            axis.values.index(value) for axis, value in zip(grid.axes, point, strict=True)
        )
        panel.add_patch(
            Rectangle((across - 0.48, up - 0.48), 0.96, 0.96, fill=False, edgecolor=INK, lw=1.6)
        )
    for axis, own in ((panel.xaxis, grid.axes[0]), (panel.yaxis, grid.axes[1])):
        axis.set_ticks(range(len(own.values)), [value_of(value) for value in own.values])
    panel.tick_params(length=0)
    for spine in panel.spines.values():
        spine.set_visible(False)


def _cell(value: float, digits: int, sign: str) -> str:
    """Write a number; what rounds to nothing has no sign."""
    text = f"{value:{sign},.{digits}f}"
    return text.lstrip("+-") if not text.strip("+-0.") else text


def _percent(value: float) -> str:
    """Write a probability [percent]; what is nearly certain is not rounded to certainty."""
    text = "< 1" if 0 < value < 1 else "> 99" if 99 < value < 100 else f"{value:.0f}"
    return with_percent(text)


# --- one axis -------------------------------------------------------------------------------------


def _lines(grid: Grid, found: Sequence[_Shown], asked: Asked, baseline: Baseline) -> Any:
    from matplotlib.figure import Figure

    picture = Figure(figsize=(1.4 + 4.2 * len(found), 4.4), layout="constrained")
    panels = picture.subplots(1, len(found), squeeze=False)[0]
    axis = grid.axes[0]
    where = axis.numbers or list(range(len(axis.values)))
    for panel, shown in zip(panels, found, strict=True):
        _line(panel, where, shown.values, asked)
        if axis.numbers is None or len(where) <= 9:
            panel.set_xticks(where, [value_of(value) for value in axis.values])
        if not asked.goal:
            panel.set_title(place_label(shown.zone, baseline), loc="left", fontsize=10.5)
        panel.set_xlabel(_folded(key_label(axis.key, baseline), 4.2))
        panel.yaxis.set_major_formatter(lambda value, _: plain(value))
        panel.grid(axis="y", color="#e6e6e6", lw=0.7)
        panel.set_axisbelow(True)
    headline(picture, _title(grid, asked, baseline))
    return picture


def _line(panel: Axes, where: Sequence[float], values: Array, asked: Asked) -> None:
    if asked.goal:
        chance, error = 100 * values[:, 0], 196 * values[:, 1]
        panel.fill_between(
            where, np.clip(chance - error, 0, 100), np.clip(chance + error, 0, 100),
            color=COLOURS[0], alpha=0.24, lw=0,
        )  # fmt: skip
        panel.plot(where, chance, color=COLOURS[0], marker="o", ms=4.5, lw=1.8)
        panel.set_ylim(-2, 102)
        panel.set_ylabel(say("probability, %"))
        return
    for low, high, alpha in ((0, 4, 0.14), (1, 3, 0.24)):
        panel.fill_between(
            where, values[:, low], values[:, high], color=COLOURS[0], alpha=alpha, lw=0
        )
    panel.plot(where, values[:, MIDDLE], color=COLOURS[0], marker="o", ms=4.5, lw=1.8)
    if asked.against:
        panel.axhline(0, color=INK, lw=0.6)


# --- frontier -------------------------------------------------------------------------------------


def sweep_frontier_chart(file: Path, output: Path, asked: Asked, wanted: float) -> list[Row]:
    """Draw which pairs of a sweep's two axes give a goal a probability; return the pairs.

    For every value of the first axis, the least of the second, interpolated between points.
    Raises `InputError` unless two axes of numbers vary, and where no point reaches it.
    """
    baseline = load_baseline()
    aim = aim_of(asked.goal or "", baseline)
    with reading(file), open_results(file) as dataset:
        grid = _grid(file, dataset, asked)
        if len(grid.axes) != 2 or any(axis.numbers is None for axis in grid.axes):
            raise InputError(
                say(
                    "{file}: a frontier is of two axes of numbers; here vary {axes}. simcore solve "
                    "with two instruments finds one without a sweep",
                    file=file, axes=", ".join(axis.short for axis in grid.axes) or "–",
                )
            )  # fmt: skip
        chance = chances(dataset, grid, aim)[..., 0]
        source = Source.of_result(file, number_of_draws(file), dataset.attrs)
    first, second = grid.axes
    pairs = [
        (across, up)
        for across, up in zip(
            first.numbers or [], least_values(second, chance, wanted), strict=True
        )
        if up is not None
    ]
    if not pairs:
        raise InputError(
            say(
                "{file}: no point of the sweep gives {goal} a probability of {wanted}; the best "
                "has {best}",
                file=file, goal=aim.text, wanted=f"{100 * wanted:g} %",
                best=f"{100 * chance.max():.3g} %",
            )
        )  # fmt: skip
    with house_style():
        labels = axis_label(first, baseline), _folded(axis_label(second, baseline), 3.6)
        picture = frontier_panel(pairs, labels, _goal_name(aim.text, baseline), wanted)
        note = say("Between the points of the sweep, interpolated; a value at its edge is a bound.")
        footer(picture, note, str(source))
        save(picture, output)
    return [{first.short: across, second.short: up, "probability": wanted} for across, up in pairs]


# --- words ----------------------------------------------------------------------------------------


def axis_label(axis: GridAxis, baseline: Baseline) -> str:
    """Return what an axis is, with its unit if its values are numbers in one."""
    label = key_label(axis.key, baseline)
    return f"{label} [{axis.unit}]" if axis.unit else label


def point_label(keys: Sequence[str], values: Sequence[str], baseline: Baseline) -> str:
    """Return the axes with their values at a point."""
    separator = "，" if language() == "zh" else ", "
    return separator.join(
        f"{key_label(key, baseline)} {value_of(value)}"
        for key, value in zip(keys, values, strict=True)
    )


def value_of(text: str) -> str:
    """Write a value of an axis as text has it: ``5 %``."""
    return with_percent(text.removesuffix("%").rstrip()) if text.endswith("%") else text


def _folded(text: str, inches: float) -> str:
    return "\n".join(wrapped(text, int(12 * inches)))


def _title(grid: Grid, asked: Asked, baseline: Baseline) -> str:
    if asked.goal:
        return say("Probability: {goal}", goal=_goal_name(asked.goal, baseline))
    variable = VARIABLES[asked.indicator]
    name = str(variable.label)
    if asked.industry:
        name = joined(name, str(baseline.industry_label(asked.industry)))
    if asked.against:
        return say(
            "{indicator} of {year}, difference to the marked point [{units}]",
            indicator=name, year=asked.year, units=unit_text(variable.units),
        )  # fmt: skip
    return say(
        "{indicator} of {year}, median [{units}]",
        indicator=name, year=asked.year, units=unit_text(variable.units),
    )  # fmt: skip


def _goal_name(goal: str, baseline: Baseline) -> str:
    """Return a goal as people name it: zone, quantity, year and value."""
    aim = aim_of(goal, baseline)
    measure = aim.measure
    if goal in baseline.figures or measure.share:
        return goal
    label = VARIABLES["gdp_growth" if measure.form == "growth" else measure.variable]
    names = [place_label(measure.zone, baseline)]
    names += [place_label(name, baseline) for name in measure.industries or ()]
    units = "percent" if label.units.startswith("percent") else label.units
    years = f"{measure.last}" if measure.form != "growth" else f"{measure.start + 1}–{measure.last}"
    text = say(
        "{zone}: {indicator}, {years} {sign} {value}",
        zone=" · ".join(names), indicator=label.label, years=years,
        sign="≥" if aim.at_least else "≤",
        value=amount_text(plain(aim.value), units).replace(" ", GLUE),
    )  # fmt: skip
    return text.replace("≥ ", f"≥{GLUE}").replace("≤ ", f"≤{GLUE}")  # sign and value on one line


def _notes(grid: Grid, asked: Asked, baseline: Baseline) -> list[str]:
    notes = []
    if len(grid.axes) == 1 and asked.goal:
        notes.append(say("Band: 95 % interval of the probability from finitely many draws."))
    elif len(grid.axes) == 1:
        notes.append(say("Bands: 50 % and 90 % of the draws; line: median."))
    if asked.against:
        notes.append(say("Differences are taken draw by draw, then their median."))
    if grid.fixed:
        held = point_label(list(grid.fixed), list(grid.fixed.values()), baseline)
        notes.append(say("Held: {axes}.", axes=held))
    return [" ".join(notes)] if notes else []


def _rows(grid: Grid, found: Sequence[_Shown], asked: Asked) -> list[Row]:
    """Return a row a zone and point: the axes' values, the scenario, the numbers."""
    names = ("probability", "standard_error") if asked.goal else ("q05", "q25", "q50", "q75", "q95")
    rows = []
    for shown in found:
        for cell, scenario in grid.scenarios.items():
            place = tuple(
                axis.values.index(value) for axis, value in zip(grid.axes, cell, strict=True)
            )
            row: Row = {"zone": shown.zone, "scenario": scenario}
            row |= {axis.short: value for axis, value in zip(grid.axes, cell, strict=True)}
            if not asked.goal:
                row |= {"indicator": asked.indicator, "year": asked.year}
            numbers = [float(f"{value:.6g}") for value in shown.values[place]]
            rows.append(row | dict(zip(names, numbers, strict=True)))
    return rows
