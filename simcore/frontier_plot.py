"""The picture of a frontier: how much of one lever saves how much of another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simcore.errors import InputError
from simcore.instruments import Instrument
from simcore.labels import say
from simcore.lever_frontier import Frontier, Point
from simcore.pictures import COLOURS, INK, refuse_format, save, use_style
from simcore.store import refuse_existing


def frontier_chart(found: Frontier, output: Path, *, force: bool = False) -> None:
    """Draw the pairs of values that give the goal its probability.

    Raises `InputError` where no pair does and for unknown formats, `RunError` without matplotlib.
    """
    refuse_format(output)
    refuse_existing(output, force=force)
    pairs = [point for point in found.points if point.answer.feasible]
    if not pairs:
        raise InputError(say("no pair of values reaches the goal: there is no frontier to draw"))
    use_style()
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(6.2, 4.2), layout="constrained")
    panel = picture.subplots()
    across = [_scale(found.first) * point.value for point in pairs]
    up = [_scale(found.second) * point.answer.value for point in pairs]
    panel.plot(across, up, color=COLOURS[0], marker="o", markersize=4)
    if found.cheapest is not None:
        _mark_cheapest(panel, found, found.cheapest)
    for axis, lever in ((panel.xaxis, found.first), (panel.yaxis, found.second)):
        unit = say("years") if lever.kind.years else "%"
        unit = say("percentage points") if lever.kind.points else unit
        axis.set_label_text(f"{lever.name}\n{lever.kind.label} [{unit}]")
    panel.set_title(
        say(
            "Pairs that give {target} a probability of {wanted}",
            target=found.alone.target, wanted=f"{100 * found.alone.wanted:g} %",
        ),
        loc="left", color=INK, fontsize=10,
    )  # fmt: skip
    save(picture, output)


def _scale(lever: Instrument) -> int:
    """Percent of a rate; a length of time as it is."""
    return 1 if lever.kind.years else 100


def _mark_cheapest(panel: Any, found: Frontier, point: Point) -> None:
    place = _scale(found.first) * point.value, _scale(found.second) * point.answer.value
    cost = point.answer.cost
    panel.plot(*place, color=COLOURS[1], marker="o", markersize=9, linestyle="none")
    panel.annotate(
        say("the cheapest: {cost} 1e8 CNY", cost=f"{cost.mean:,.0f}" if cost else "–"),
        place, xytext=(8, 8), textcoords="offset points", color=INK, fontsize=8,
        ha="left" if point.value < found.points[-1].value else "right",
    )  # fmt: skip
