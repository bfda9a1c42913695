"""Pictures of a sweep: a heatmap of two axes, a line of one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simcore.accessor import are_pairs
from simcore.aims import aim_of
from simcore.arrays import Array
from simcore.attributes import number_of_draws
from simcore.baseline import Baseline, load_baseline
from simcore.dataset import open_results
from simcore.disk import working_on
from simcore.errors import InputError
from simcore.grid import MIDDLE, Grid, point_at
from simcore.key_labels import key_label, place_label
from simcore.labels import say
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
)
from simcore.sweep_question import Asked, Row, Shown, grid_of, values_of
from simcore.sweep_words import folded, notes, title, value_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def sweep_chart(file: Path, output: Path, asked: Asked) -> list[Row]:
    """Draw a heatmap of a sweep of two axes, or a line of one; return the numbers shown.

    Raises `InputError` for a file that is no sweep, and for more axes than two.
    """
    baseline = load_baseline()
    with working_on(file), open_results(file) as dataset:
        grid = grid_of(file, dataset, asked)
        if len(grid.axes) > 2 or not grid.axes:
            axes = ", ".join(axis.short for axis in grid.axes) or "–"
            text = say(
                "{file}: a heatmap is of two axes, a line of one; here vary {axes}: hold the "
                "others with --at AXIS=VALUE",
                file=file, axes=axes,
            )  # fmt: skip
            raise InputError(text)
        aim = aim_of(asked.goal, baseline) if asked.goal else None
        found, paired = values_of(dataset, grid, asked, aim), are_pairs(dataset)
        source = Source.of_result(file, number_of_draws(file), dataset.attrs)
    with house_style():
        draw = _heatmaps if len(grid.axes) == 2 else _lines
        picture = draw(grid, found, asked, baseline)
        footer(picture, *notes(grid, asked, baseline, paired=paired), str(source))
        save(picture, output)
    return _rows(grid, found, asked)


# --- two axes -------------------------------------------------------------------------------------


def _heatmaps(grid: Grid, found: Sequence[Shown], asked: Asked, baseline: Baseline) -> Any:
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
        panel.set_xlabel(folded(key_label(grid.axes[0].key, baseline), wide))
    panels[0].set_ylabel(folded(key_label(grid.axes[1].key, baseline), high + 0.6))
    headline(picture, title(grid, asked, baseline))
    return picture


def _middle(shown: Shown, asked: Asked) -> Array:
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


def _lines(grid: Grid, found: Sequence[Shown], asked: Asked, baseline: Baseline) -> Any:
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
        panel.set_xlabel(folded(key_label(axis.key, baseline), 4.2))
        panel.yaxis.set_major_formatter(lambda value, _: plain(value))
        panel.grid(axis="y", color="#e6e6e6", lw=0.7)
        panel.set_axisbelow(True)
    headline(picture, title(grid, asked, baseline))
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


def _rows(grid: Grid, found: Sequence[Shown], asked: Asked) -> list[Row]:
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
