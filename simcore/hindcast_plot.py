"""The picture of a hindcast: the fans as of a vintage, what was known then, and what came."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simcore.errors import InputError
from simcore.labels import say
from simcore.pictures import (
    COLOURS,
    INK,
    PALE,
    footer,
    frame_years,
    in_house_style,
    refuse_format,
    save,
    shared_legend,
)
from simcore.scorecard import Fan, Hindcast
from simcore.units import with_unit
from simcore.writing import refuse_existing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 3
BANDS = ((0, 4, 0.14), (1, 3, 0.24))  # quantiles of a fan: 5 and 95 %, 25 and 75 %


@in_house_style
def hindcast_chart(found: Hindcast, output: Path, *, force: bool = False) -> None:
    """Draw a panel for every quantity of which a later figure is scored.

    Raises `InputError` for a vintage without such figures and for unknown formats, `RunError`
    without matplotlib.
    """
    refuse_format(output)
    refuse_existing(output, force=force)
    if not found.fans:
        raise InputError(
            say("the vintage of {year} has no scored figure to draw", year=found.as_of)
        )
    from matplotlib.figure import Figure as Picture

    columns = min(len(found.fans), COLUMNS)
    lines = -(-len(found.fans) // columns)
    picture = Picture(figsize=(1.2 + 3.9 * columns, 1.5 + 3.0 * lines), layout="constrained")
    axes = picture.subplots(lines, columns, squeeze=False).ravel()
    for panel, fan in zip(axes, found.fans, strict=False):
        _panel(panel, fan)
    for panel in axes[len(found.fans) :]:
        panel.set_axis_off()
    _frame(picture, axes[: len(found.fans)], found)
    save(picture, output)


def _frame(picture: Any, axes: Any, found: Hindcast) -> None:
    """Title with the vintage, one legend for all panels, and the source line."""
    shared_legend(
        picture, axes, most=8, fontsize=8.5, alignment="left", title_fontsize=12,
        title=say("Forecast with what was known at the end of {year}", year=found.as_of),
    )  # fmt: skip
    note = say(
        "Bands: 50 % and 90 % of {draws} draws. Sources: {documents}; {path}.",
        draws=f"{found.draws:,}", documents=", ".join(found.documents), path=found.national_path,
    )  # fmt: skip
    footer(picture, note)


def _panel(panel: Axes, fan: Fan) -> None:
    """One quantity: its past in grey, its forecast in colour, figures as points."""
    years = np.array(fan.years)
    past, future = years <= fan.base_year, years >= fan.base_year
    for part, colour, label in (
        (past, INK, say("as reconciled then")),
        (future, COLOURS[0], say("forecast")),
    ):
        if part.sum() < 2:  # a single year is the figure's own point
            continue
        for low, high, alpha in BANDS:
            panel.fill_between(
                years[part], fan.quantiles[low, part], fan.quantiles[high, part],
                color=colour, alpha=alpha, lw=0,
            )  # fmt: skip
        panel.plot(years[part], fan.quantiles[2, part], color=colour, lw=1.8, label=label)
    if fan.plan:
        start = [fan.known[-1]] if fan.known and fan.plan[0][0] > fan.known[-1][0] else []
        panel.plot(
            *zip(*start, *fan.plan, strict=True), color=COLOURS[2], lw=1.3, ls="--",
            label=say("the plan's path"),
        )  # fmt: skip
    _points(panel, fan.known, say("figures known then"), color=INK, mfc=INK)
    _points(panel, fan.later, say("figures printed later"), color=COLOURS[1], mfc="white")
    panel.axvline(fan.base_year, color=PALE, lw=0.8, ls=":")
    panel.set_title(f"{fan.zone}\n{fan.label}", loc="left", fontsize=9.5, linespacing=1.35)
    panel.set_ylabel(with_unit("", fan.units).strip())
    panel.set_xlim(years[0] - 0.4, years[-1] + 0.4)
    frame_years(panel)


def _points(
    panel: Axes, points: tuple[tuple[int, float], ...], label: str, *, color: str, mfc: str
) -> None:
    if points:
        panel.plot(
            *zip(*points, strict=True), "o", color=color, mfc=mfc, mew=1.6, ms=6.5, ls="",
            label=label, zorder=5,
        )  # fmt: skip
