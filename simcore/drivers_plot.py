"""What drives a spread as a picture: a bar a factor, alone and with the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simcore.drivers import CHANCE, LAYERS, LEVERS, Factor, Sensitivity
from simcore.headline import PARAMETER
from simcore.labels import say
from simcore.pictures import COLOURS, INK, PALE, Source, footer, in_house_style, save
from simcore.priors import load_priors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST = 0.01  # total order from which a factor is drawn


@in_house_style
def sensitivity_chart(
    found: Sequence[Sensitivity],
    title: Callable[[Sensitivity], str],
    output: Path,
    source: Source,
) -> None:
    """Draw a panel for each result, its factors from the greatest down.

    ``title`` : says what a panel is of, asked for in the picture's language.
    Raises `RunError` without matplotlib or if the file cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    rows = [len(_shown(one)) for one in found]
    heights = [1.0 + 0.3 * count for count in rows]
    picture = Figure(figsize=(8.6, sum(heights) + 0.4), layout="constrained")
    rooms = picture.subfigures(len(found), 1, squeeze=False, height_ratios=heights)[:, 0]
    for room, one in zip(rooms, found, strict=True):
        room.suptitle(title(one), x=0.01, ha="left", fontsize=10, linespacing=1.4)
        _panel(room.subplots(), one)
    colours = dict(zip(LAYERS, COLOURS, strict=False))
    marks: list[Patch | Line2D] = [
        Patch(color=colours[name], label=str(label))
        for name, label in LAYERS.items()
        if name != LEVERS or any(layer.name == LEVERS for one in found for layer in one.layers)
    ]
    marks.append(
        Line2D([], [], marker="o", color=INK, mfc="white", label=say("with the others, 90 %"))
    )
    picture.legend(
        handles=marks, loc="outside upper left", ncols=len(marks), frameon=False, fontsize=8.5
    )
    note = say("Bars: alone, without interplay. Factors below 1 % are left out.")
    footer(picture, note, str(source))
    save(picture, output)


def _shown(found: Sensitivity) -> list[Factor]:
    """Return the factors that matter, and the levers that were asked about."""
    return [f for f in found.factors if f.index.total_order >= LEAST or f.layer == LEVERS]


def _panel(panel: Axes, found: Sensitivity) -> None:
    colours = dict(zip(LAYERS, COLOURS, strict=False))
    shown = _shown(found)
    for row, factor in enumerate(shown):
        index = factor.index
        panel.barh(row, 100 * max(index.first_order, 0), color=colours[factor.layer], height=0.6)
        low, high = (100 * bound for bound in index.total_interval)
        panel.plot([low, high], [row, row], color=INK, lw=1.2)
        panel.plot(100 * index.total_order, row, "o", color=INK, mfc="white", ms=4.5)
    panel.set_yticks(range(len(shown)), [_name(factor) for factor in shown])
    panel.invert_yaxis()
    panel.set_xlim(left=0)
    panel.set_xlabel(say("share of the variance, %"), fontsize=8.5)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_color(PALE)


def _name(factor: Factor) -> str:
    """Return a factor's name in the picture's language, which need not be the table's."""
    known = CHANCE | LAYERS
    if factor.name in known:
        return str(known[factor.name])
    priors = load_priors().parameters
    name = factor.name.removeprefix(PARAMETER)
    return str(priors[name].label) if name in priors else factor.label
