"""The picture of what moves a result: a bar a parameter or lever, the widest on top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simcore.attributes import number_of_draws
from simcore.baseline import Baseline
from simcore.dataset import open_results
from simcore.dims import VARIABLES
from simcore.disk import reading, working_on
from simcore.errors import InputError
from simcore.grid import MIDDLE, point_at, spreads
from simcore.key_labels import joined, key_label, place_label
from simcore.labels import say
from simcore.pictures import (
    COLOURS,
    GRID,
    INK,
    Source,
    digits_for,
    footer,
    house_style,
    plain,
    save,
    scenario_names,
    wrapped,
)
from simcore.reconcile import reconcile
from simcore.sweep_question import Asked, Row, grid_of, selected
from simcore.sweep_words import point_label, value_of
from simcore.tornado import Bar, Tornado, middle_point, of_draws, of_sweep
from simcore.units import unit_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 12  # bars of a panel
LOW, HIGH = COLOURS[1], COLOURS[0]
NAME = 46  # half-width characters of a line of a bar's name


def tornado_chart(file: Path, output: Path, asked: Asked) -> list[Row]:
    """Draw what moves an indicator in a year: the axes of a sweep, else the parameters of draws.

    Raises `InputError` for unknown names and for a file that does not tell.
    """
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    with working_on(file), open_results(file) as dataset:
        draws = number_of_draws(file)
        found, scenario, held = _tornados(file, dataset, asked)
        source = Source.of_result(file, draws, dataset.attrs)
        attributes = dataset.attrs
    labels = {unknown.name: unknown.label for unknown in posterior.problem.unknowns}
    labels |= {key: prior.label for key, prior in posterior.problem.past.priors.parameters.items()}
    with house_style():
        named = [
            {bar.name: _name(bar, labels, baseline, one.zone) for bar in one.bars} for one in found
        ]
        shown = scenario_names(attributes).get(scenario, scenario)
        picture = _draw(found, named, asked, shown, baseline)
        footer(picture, _note(found, held, baseline), str(source))
        save(picture, output)
    return _rows(found, asked, scenario)


def _tornados(file: Path, dataset: Any, asked: Asked) -> tuple[list[Tornado], str, dict[str, str]]:
    """Return a tornado a zone, the scenario that it is of, and the point where it stands."""
    swept = bool(_axes(file))
    names = [str(name) for name in dataset["scenario"].values]
    if swept:
        grid = grid_of(file, dataset, asked)
        base = point_at(grid, grid.scenario(asked.against)) if asked.against else middle_point(grid)
        chosen = sorted(grid.scenarios.values())
    else:
        wanted = list(asked.scenarios) or [names[-1]]
        if len(wanted) > 1:
            raise InputError(say("a tornado is of one scenario: name it with --scenario"))
        chosen = wanted
    values = selected(dataset, asked, chosen)
    zones = [str(zone) for zone in values["zone"].values]
    if not swept:
        return [
            of_draws(file, dataset, values.sel(zone=zone, scenario=chosen[0]), zone)
            for zone in zones
        ], chosen[0], {}  # fmt: skip
    found = [
        of_sweep(grid, spreads(dataset, grid, values.sel(zone=zone))[..., MIDDLE], zone, base)
        for zone in zones
    ]
    moved = [one for one in found if any(bar.swing > 0 for bar in one.bars)]
    if not moved:
        text = say("{file}: none of its axes moves {indicator} in {year}", file=file,
                   indicator=asked.indicator, year=asked.year)  # fmt: skip
        raise InputError(text)
    return moved, "", dict(zip((axis.key for axis in grid.axes), base, strict=True))


def _axes(file: Path) -> list[str]:
    """Return the axes of a file, of which there are none unless it is a sweep's."""
    import h5py

    with reading(file), h5py.File(file, "r") as found:
        return list(found["points"]) if "points" in found else []


def _draw(
    found: Sequence[Tornado],
    named: Sequence[dict[str, str]],
    asked: Asked,
    scenario: str,
    baseline: Baseline,
) -> Any:
    from matplotlib.figure import Figure

    heights = [
        0.9 + sum(_height(names[bar.name]) for bar in one.bars[:MOST])
        for one, names in zip(found, named, strict=True)
    ]
    picture = Figure(figsize=(9.4, sum(heights) + 0.9), layout="constrained")
    rooms = picture.subfigures(len(found), 1, squeeze=False, height_ratios=heights)[:, 0]
    variable = VARIABLES[asked.indicator]
    for room, one, names in zip(rooms, found, named, strict=True):
        title = say(
            "{zone}: what moves {indicator} of {year}",
            zone=place_label(one.zone, baseline), indicator=variable.label, year=asked.year,
        )  # fmt: skip
        room.suptitle(f"{title} · {scenario}" if scenario else title, x=0.01, ha="left",
                      fontsize=10.5)  # fmt: skip
        panel = room.subplots()
        _panel(panel, one, names)
        panel.set_xlabel(unit_text(variable.units))
    _legend(picture, swept=not scenario)
    return picture


def _height(name: str) -> float:
    """Return how high a bar's row is, which has its name beside it [inches]."""
    return max(0.36, 0.06 + 0.155 * len(wrapped(name, NAME)))


def _panel(panel: Axes, one: Tornado, names: dict[str, str]) -> None:
    shown = one.bars[:MOST]
    digits = digits_for([one.middle])
    span = max(abs(end - one.middle) for bar in shown for end in (bar.low, bar.high)) or 1.0
    sizes = np.array([_height(names[bar.name]) for bar in shown])
    rows = np.cumsum(sizes) - sizes / 2
    for row, bar in zip(rows, shown, strict=True):
        for value, colour in ((bar.low, LOW), (bar.high, HIGH)):
            panel.barh(row, value - one.middle, left=one.middle, color=colour, height=0.22)
        for text, value in _ends(bar, digits):
            right = value >= one.middle and not (bar.swing and value == min(bar.low, bar.high))
            panel.annotate(
                text, (value, row), xytext=(4 if right else -4, 0), textcoords="offset points",
                ha="left" if right else "right", va="center", fontsize=8, color=INK,
            )  # fmt: skip
    panel.axvline(one.middle, color=INK, lw=0.9)
    panel.set_yticks(rows, ["\n".join(wrapped(names[b.name], NAME)) for b in shown])
    panel.tick_params(axis="y", length=0, labelsize=8.5)
    panel.set_ylim(float(sizes.sum()), 0.0)
    panel.set_xlim(one.middle - 1.32 * span, one.middle + 1.32 * span)
    panel.xaxis.set_major_formatter(lambda value, _: plain(value))
    panel.grid(axis="x", color=GRID, lw=0.7)
    panel.set_axisbelow(True)
    panel.spines["left"].set_visible(False)


def _ends(bar: Bar, digits: int) -> list[tuple[str, float]]:
    """Return what is written at the two ends: the result, and of an axis its value."""
    pairs = zip(bar.ends or ("", ""), (bar.low, bar.high), strict=True)
    found = [
        (f"{value:,.{digits}f}" + (f" ({value_of(end)})" if end else ""), value)
        for end, value in pairs
    ]
    return found if np.isfinite([bar.low, bar.high]).all() and bar.swing else found[:1]


def _legend(picture: Any, *, swept: bool) -> None:
    from matplotlib.patches import Patch

    names = (
        (say("at the low end of the axis"), say("at the high end of the axis"))
        if swept
        else (say("where the parameter is low"), say("where the parameter is high"))
    )
    marks = [Patch(color=c, label=name) for c, name in zip((LOW, HIGH), names, strict=True)]
    picture.legend(handles=marks, loc="outside upper left", ncols=2, frameon=False, fontsize=8.5)


def _name(bar: Bar, labels: dict[str, Any], baseline: Baseline, zone: str) -> str:
    """Return what a bar is called: an axis, or a parameter with the place, if it is another."""
    if bar.ends is not None:
        return key_label(bar.name, baseline, zone)
    first, *places = bar.name.split(".")
    label = labels.get(bar.name, labels.get(first))
    if label is None:
        return bar.name
    where = " · ".join(place_label(place, baseline) for place in places if place != zone)
    return joined(str(label), where)


def _note(found: Sequence[Tornado], held: dict[str, str], baseline: Baseline) -> str:
    if held:
        point = point_label(list(held), list(held.values()), baseline)
        return say("Medians; line: {point}, where the other axes stay.", point=point)
    most = max(len(one.bars) for one in found)
    note = say(
        "Medians of the fifth of the draws in which the parameter is lowest, and highest; line: "
        "median of all. Parameters that move it by less than chance does are left out."
    )
    return f"{note} {say('The {count} widest bars.', count=MOST)}" if most > MOST else note


def _rows(found: Sequence[Tornado], asked: Asked, scenario: str) -> list[Row]:
    return [
        {
            "scenario": scenario, "zone": one.zone, "indicator": asked.indicator,
            "year": asked.year, "name": bar.name, "low_value": (bar.ends or ("", ""))[0],
            "high_value": (bar.ends or ("", ""))[1], "low": float(f"{bar.low:.6g}"),
            "high": float(f"{bar.high:.6g}"), "middle": float(f"{one.middle:.6g}"),
        }
        for one in found
        for bar in one.bars
    ]  # fmt: skip
