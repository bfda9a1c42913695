"""The picture of a frontier: how much of one lever saves how much of another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simcore.errors import InputError
from simcore.instruments import Instrument
from simcore.labels import say
from simcore.lever_frontier import Frontier, Point
from simcore.pictures import (
    COLOURS,
    GRID,
    INK,
    Source,
    footer,
    headline,
    in_house_style,
    refuse_format,
    save,
    with_percent,
)
from simcore.units import MONEY, amount_text
from simcore.writing import refuse_existing


@in_house_style
def frontier_chart(found: Frontier, output: Path, *, force: bool = False) -> None:
    """Draw the pairs of values that give the goal its probability.

    Raises `InputError` where no pair does and for unknown formats, `RunError` without matplotlib.
    """
    refuse_format(output)
    refuse_existing(output, force=force)
    pairs = [point for point in found.points if point.answer.feasible]
    if not pairs:
        raise InputError(say("no pair of values reaches the goal: there is no frontier to draw"))
    places = [
        (_scale(found.first) * point.value, _scale(found.second) * point.answer.value)
        for point in pairs
    ]
    alone = found.alone
    picture = frontier_panel(
        places, (_axis(found.first), _axis(found.second)), alone.target, alone.wanted
    )
    if found.cheapest is not None:
        _mark_cheapest(picture.axes[0], found, found.cheapest)
    footer(picture, str(Source(alone.draws, alone.seed, alone.base)))
    save(picture, output)


def frontier_panel(
    pairs: Sequence[tuple[float, float]], labels: tuple[str, str], target: str, wanted: float
) -> Any:
    """Return a picture of pairs of values that give a target the probability wanted."""
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(6.6, 4.6), layout="constrained")
    panel = picture.subplots()
    across, up = zip(*pairs, strict=True)
    panel.plot(across, up, color=COLOURS[0], marker="o", markersize=5, lw=1.8)
    panel.set_xlabel(labels[0])
    panel.set_ylabel(labels[1])
    panel.grid(color=GRID, lw=0.7)
    panel.set_axisbelow(True)
    title = say(
        "Pairs that give {target} a probability of {wanted}",
        target=target, wanted=with_percent(f"{100 * wanted:g}"),
    )  # fmt: skip
    headline(picture, title)
    return picture


def _axis(lever: Instrument) -> str:
    unit = say("years") if lever.kind.years else "%"
    unit = say("percentage points") if lever.kind.points else unit
    return f"{lever.name}\n{lever.kind.label} [{unit}]"


def _scale(lever: Instrument) -> int:
    """Percent of a rate; a length of time as it is."""
    return 1 if lever.kind.years else 100


def _mark_cheapest(panel: Any, found: Frontier, point: Point) -> None:
    place = _scale(found.first) * point.value, _scale(found.second) * point.answer.value
    cost = point.answer.cost
    panel.plot(*place, color=COLOURS[1], marker="o", markersize=9, linestyle="none")
    panel.annotate(
        say("the cheapest: {cost}", cost=amount_text(f"{cost.mean:,.0f}", MONEY) if cost else "–"),
        place, xytext=(8, 8), textcoords="offset points", color=INK, fontsize=8,
        ha="left" if point.value < found.points[-1].value else "right",
    )  # fmt: skip
