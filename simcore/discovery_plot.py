"""Scenario discovery as a picture: coverage against density on the way, and the box itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simcore.discovery import Discovery
from simcore.labels import say
from simcore.pictures import COLOURS, INK, PALE, Source, footer, in_house_style, save
from simcore.units import with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@in_house_style
def discovery_chart(found: Discovery, title: Callable[[Discovery], str], output: Path) -> None:
    """Draw the trade-off of the steps, and each bound of the box over the range of the draws.

    ``title`` : says what was found, asked for in the picture's language.
    Raises `RunError` without matplotlib or if the file cannot be written.
    """
    from matplotlib.figure import Figure

    picture = Figure(figsize=(10.4, 3.9), layout="constrained")
    picture.suptitle(title(found), x=0.01, ha="left", fontsize=10.5)
    left, right = picture.subplots(1, 2, width_ratios=[1, 1.25])
    _trade_off(left, found)
    _box(right, found)
    alone = found.scenarios[0] if len(found.scenarios) == 1 else ""
    footer(picture, str(Source(found.draws, found.seed, alone)))
    save(picture, output)


def _trade_off(panel: Axes, found: Discovery) -> None:
    """Draw density over coverage, a colour for each number of inputs that are bounded."""
    bounded = np.array([step.bounded for step in found.steps])
    coverage = np.array([100 * step.quality.coverage for step in found.steps])
    density = np.array([100 * step.quality.density for step in found.steps])
    panel.plot(coverage, density, color=PALE, lw=0.8, zorder=1)
    dots = panel.scatter(coverage, density, c=bounded, cmap="viridis_r", s=18, zorder=2)
    panel.figure.colorbar(
        dots, ax=panel, label=say("inputs bounded"), ticks=np.unique(bounded), shrink=0.8
    )
    panel.plot(
        coverage[found.chosen], density[found.chosen], "o", ms=10, mfc="none", mec=INK,
        mew=1.4, ls="",
        label=say("chosen step"),
    )  # fmt: skip
    if found.box:
        panel.plot(
            100 * found.checked.coverage, 100 * found.checked.density, "x", ms=8, color=INK, ls="",
            label=say("box, draws held back"),
        )  # fmt: skip
    panel.set_xlabel(say("coverage, %"))
    panel.set_ylabel(say("density, %"))
    panel.set_xlim(0, 103)
    panel.set_ylim(0, 105)
    panel.legend(frameon=False, fontsize=8, loc="lower left")


def _box(panel: Axes, found: Discovery) -> None:
    """Draw what is left of every bounded input, its 1st to 99th percentile spread alike."""
    panel.set_axis_off()
    panel.set_xlim(-0.03, 1.03)
    panel.set_ylim(len(found.box) - 0.3, -0.8)
    for row, restriction in enumerate(found.box):
        column = found.searched.index(restriction.input)
        first, last = np.quantile(found.looked_at.values[:, column], [0.01, 0.99])
        ends = [first if restriction.low is None else restriction.low,
                last if restriction.high is None else restriction.high]  # fmt: skip
        places = [float(np.clip((end - first) / (last - first), 0, 1)) for end in ends]
        panel.plot([0, 1], [row, row], color=PALE, lw=1.2, zorder=1)
        panel.plot(places, [row, row], color=COLOURS[0], lw=7, solid_capstyle="butt", zorder=2)
        name = with_unit(restriction.input.label, restriction.input.unit)
        panel.text(0, row - 0.2, name, fontsize=8.5, va="bottom")
        for place, end, bound in zip(
            places, ends, (restriction.low, restriction.high), strict=True
        ):
            colour, weight = (PALE, "normal") if bound is None else (INK, "bold")
            panel.text(
                place, row + 0.12, f"{end:.3g}", fontsize=8, ha="center", va="top", color=colour,
                weight=weight,
            )  # fmt: skip
    if not found.box:
        text = say("No condition on the inputs tells these draws from the others.")
        panel.text(0, 0, text, fontsize=9)
