"""A waterfall: how the parts of a change lead from one level to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simcore.labels import say
from simcore.number_text import number
from simcore.pictures import (
    COLOURS,
    INK,
    PALE,
    Source,
    footer,
    in_house_style,
    plain,
    save,
    wrapped,
)
from simcore.units import MONEY, unit_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME = 44  # half-width characters of a line of a part's name
RISE, FALL, LEVEL = COLOURS[0], COLOURS[1], PALE


@dataclass(frozen=True)
class Bar:
    """A part of the change, and what it adds."""

    name: str
    value: float


@dataclass(frozen=True)
class Waterfall:
    """A panel: the level before, the level after, and the parts between; they add up."""

    title: str
    before: tuple[str, float]
    after: tuple[str, float]
    parts: Sequence[Bar]


@in_house_style
def waterfall_chart(
    changes: Callable[[], Sequence[Waterfall]], output: Path, source: Source
) -> None:
    """Draw a panel for each change, from top to bottom as the table has them.

    ``changes`` : says what is drawn, asked for in the picture's language.
    Raises `RunError` without matplotlib or if the file cannot be written.
    """
    from matplotlib.figure import Figure

    charts = changes()
    rows = [len(chart.parts) + 2 for chart in charts]
    heights = [0.9 + 0.36 * count for count in rows]
    picture = Figure(figsize=(8.6, sum(heights) + 0.4), layout="constrained")
    rooms = picture.subfigures(len(charts), 1, squeeze=False, height_ratios=heights)[:, 0]
    for room, chart in zip(rooms, charts, strict=True):
        room.suptitle(chart.title, x=0.01, ha="left", fontsize=10)
        _panel(room.subplots(), chart)
    note = say("Means over draws, which add up; blue adds, orange takes away.")
    footer(picture, note, str(source))
    save(picture, output)


def _panel(panel: Axes, chart: Waterfall) -> None:
    names = [chart.before[0], *(part.name for part in chart.parts), chart.after[0]]
    level, ends = chart.before[1], [chart.before[1]]
    panel.barh(0, level, color=LEVEL, height=0.62)
    for row, part in enumerate(chart.parts, 1):
        colour = RISE if part.value >= 0 else FALL
        panel.barh(row, part.value, left=level, color=colour, height=0.62)
        panel.plot([level, level], [row - 1, row], color=PALE, lw=0.8, zorder=0)
        level += part.value
        ends.append(level)
        panel.annotate(
            number(part.value, sign=True), (max(level, level - part.value), row), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=8.5, color=INK,
        )  # fmt: skip
    last = len(names) - 1
    panel.plot([level, level], [last - 1, last], color=PALE, lw=0.8, zorder=0)
    panel.barh(last, chart.after[1], color=LEVEL, height=0.62)
    for row, value in ((0, chart.before[1]), (last, chart.after[1])):
        panel.annotate(
            number(value), (value, row), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=8.5, color=INK,
        )  # fmt: skip
    folded = ["\n".join(wrapped(name, NAME)) for name in names]
    panel.set_yticks(range(len(names)), folded, fontsize=9)
    panel.xaxis.set_major_formatter(lambda value, _: plain(value))
    panel.invert_yaxis()
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
    lowest, highest = min(*ends, chart.after[1]), max(*ends, chart.after[1])
    span = highest - lowest
    if span < 0.5 * lowest:  # small changes of a large level: the levels are cut, and it shows
        panel.set_xlim(left=lowest - 0.6 * span)
        panel.set_xlabel(
            say("{unit}; the axis does not begin at zero", unit=unit_text(MONEY)), fontsize=8.5
        )
    else:
        panel.set_xlabel(unit_text(MONEY), fontsize=8.5)
    left, right = panel.get_xlim()
    panel.set_xlim(left, right + 0.1 * (right - left))  # room for the last number
