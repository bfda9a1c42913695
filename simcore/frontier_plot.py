"""The picture of a frontier: how much of one lever saves how much of another."""

from __future__ import annotations

from pathlib import Path

from simcore.errors import InputError
from simcore.frontier import Frontier
from simcore.labels import say
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
    across = [100 * point.value for point in pairs]
    up = [100 * point.answer.value for point in pairs]
    panel.plot(across, up, color=COLOURS[0], marker="o", markersize=4)
    for axis, lever in ((panel.xaxis, found.first), (panel.yaxis, found.second)):
        unit = say("percentage points") if lever.kind.points else "%"
        axis.set_label_text(f"{lever.name}\n{lever.kind.label} [{unit}]")
    panel.set_title(
        say(
            "Pairs that give {target} a probability of {wanted}",
            target=found.alone.target, wanted=f"{100 * found.alone.wanted:g} %",
        ),
        loc="left", color=INK, fontsize=10,
    )  # fmt: skip
    save(picture, output)
