"""The frontier of a goal in a sweep: which pairs of its two axes give it a probability."""

from __future__ import annotations

from pathlib import Path

from simcore.aims import aim_of
from simcore.attributes import number_of_draws
from simcore.baseline import load_baseline
from simcore.dataset import open_results
from simcore.disk import working_on
from simcore.errors import InputError
from simcore.frontier_plot import frontier_panel
from simcore.grid import chances, least_values
from simcore.labels import say
from simcore.pictures import Source, footer, house_style, save
from simcore.sweep_question import Asked, Row, grid_of
from simcore.sweep_words import axis_label, folded, goal_name


def sweep_frontier_chart(file: Path, output: Path, asked: Asked, wanted: float) -> list[Row]:
    """Draw which pairs of a sweep's two axes give a goal a probability; return the pairs.

    For every value of the first axis, the least of the second, interpolated between points.
    Raises `InputError` unless two axes of numbers vary, and where no point reaches it.
    """
    baseline = load_baseline()
    aim = aim_of(asked.goal or "", baseline)
    with working_on(file), open_results(file) as dataset:
        grid = grid_of(file, dataset, asked)
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
        labels = axis_label(first, baseline), folded(axis_label(second, baseline), 3.6)
        picture = frontier_panel(pairs, labels, goal_name(aim.text, baseline), wanted)
        note = say("Between the points of the sweep, interpolated; a value at its edge is a bound.")
        footer(picture, note, str(source))
        save(picture, output)
    return [{first.short: across, second.short: up, "probability": wanted} for across, up in pairs]
