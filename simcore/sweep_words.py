"""Words on pictures of a sweep: axes and their values, titles, goals, notes."""

from __future__ import annotations

from collections.abc import Sequence

from simcore.aims import aim_of
from simcore.baseline import Baseline
from simcore.dims import VARIABLES
from simcore.grid import Grid, GridAxis
from simcore.key_labels import joined, key_label, place_label
from simcore.labels import language, say
from simcore.pictures import plain, with_percent, wrapped
from simcore.sweep_question import Asked
from simcore.units import amount_text, unit_text

GLUE = "\N{NO-BREAK SPACE}"


def axis_label(axis: GridAxis, baseline: Baseline) -> str:
    """Return what an axis is, with its unit if its values are numbers in one."""
    label = key_label(axis.key, baseline)
    return f"{label} [{axis.unit}]" if axis.unit else label


def point_label(keys: Sequence[str], values: Sequence[str], baseline: Baseline) -> str:
    """Return the axes with their values at a point."""
    separator = "，" if language() == "zh" else ", "
    return separator.join(
        f"{key_label(key, baseline)} {value_of(value)}"
        for key, value in zip(keys, values, strict=True)
    )


def value_of(text: str) -> str:
    """Write a value of an axis as text has it: ``5 %``."""
    return with_percent(text.removesuffix("%").rstrip()) if text.endswith("%") else text


def folded(text: str, inches: float) -> str:
    """Return a text in lines that fit into a width."""
    return "\n".join(wrapped(text, int(12 * inches)))


def title(grid: Grid, asked: Asked, baseline: Baseline) -> str:
    """Return what a picture of a sweep shows."""
    if asked.goal:
        return say("Probability: {goal}", goal=goal_name(asked.goal, baseline))
    variable = VARIABLES[asked.indicator]
    name = str(variable.label)
    if asked.industry:
        name = joined(name, str(baseline.industry_label(asked.industry)))
    if asked.against:
        return say(
            "{indicator} of {year}, difference to the marked point [{units}]",
            indicator=name, year=asked.year, units=unit_text(variable.units),
        )  # fmt: skip
    return say(
        "{indicator} of {year}, median [{units}]",
        indicator=name, year=asked.year, units=unit_text(variable.units),
    )  # fmt: skip


def goal_name(goal: str, baseline: Baseline) -> str:
    """Return a goal as people name it: zone, quantity, year and value."""
    aim = aim_of(goal, baseline)
    measure = aim.measure
    if goal in baseline.figures or measure.share:
        return goal
    label = VARIABLES["gdp_growth" if measure.form == "growth" else measure.variable]
    names = [place_label(measure.zone, baseline)]
    names += [place_label(name, baseline) for name in measure.industries or ()]
    units = "percent" if label.units.startswith("percent") else label.units
    years = f"{measure.last}" if measure.form != "growth" else f"{measure.start + 1}–{measure.last}"
    text = say(
        "{zone}: {indicator}, {years} {sign} {value}",
        zone=" · ".join(names), indicator=label.label, years=years,
        sign="≥" if aim.at_least else "≤",
        value=amount_text(plain(aim.value), units).replace(" ", GLUE),
    )  # fmt: skip
    return text.replace("≥ ", f"≥{GLUE}").replace("≤ ", f"≤{GLUE}")  # sign and value on one line


def notes(grid: Grid, asked: Asked, baseline: Baseline, *, paired: bool) -> list[str]:
    """Return what a reader must know of the bands, differences and held axes."""
    said = []
    if len(grid.axes) == 1 and asked.goal:
        said.append(say("Band: 95 % interval of the probability from finitely many draws."))
    elif len(grid.axes) == 1:
        said.append(say("Bands: 50 % and 90 % of the draws; line: median."))
    if asked.against and paired:
        said.append(say("Differences are taken draw by draw, then their median."))
    elif asked.against:
        said.append(say("Draws have unequal weights: differences are those of medians."))
    if grid.fixed:
        held = point_label(list(grid.fixed), list(grid.fixed.values()), baseline)
        said.append(say("Held: {axes}.", axes=held))
    return [" ".join(said)] if said else []
