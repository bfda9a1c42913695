"""What a goal seek aims at: ``donghu.gdp.2030=5000`` and the like, or a documented goal."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from simcore.baseline import Baseline
from simcore.dims import INDUSTRY, VARIABLES
from simcore.errors import InputError, did_you_mean, known_names
from simcore.goals import goals
from simcore.labels import say
from simcore.measures import Measure
from simcore.units import unit_text

AIM = re.compile(
    r"^(?P<what>[^\s<>=]+?)\.(?P<first>\d{4})(?:-(?P<last>\d{4}))?\s*(?P<sign>>=|<=|=)\s*(?P<value>\S+)$"
)


@dataclass(frozen=True)
class Aim:
    """What shall be reached: a measure, and the value it has to be at least or at most."""

    text: str
    measure: Measure
    value: float
    at_least: bool = True


def aim_of(text: str, baseline: Baseline) -> Aim:
    """Read a target: ``donghu.gdp.2030=5000`` and the like, or the id of a documented goal.

    Raises `InputError` for what is neither, and for a goal that nothing in a result answers.
    """
    if text in baseline.figures:
        return _documented(text, baseline)
    found = AIM.match(text.strip())
    if found is None:
        raise InputError(say(
            "target {text}: is none: ZONE.VARIABLE.YEAR=VALUE, such as "
            "donghu.gdp.2030=5000, or the id of a documented goal",
            text=text,
        ))  # fmt: skip
    first, last = int(found["first"]), int(found["last"] or found["first"])
    value = _value(text, found["value"])
    measure = _measure(text, found["what"].split("."), (first, last), baseline)
    if found["value"].endswith("%") and not _is_percentage(measure):
        units = unit_text(VARIABLES[measure.variable].units)
        raise InputError(say(
            "target {text}: {variable} is in {units}, not in percent",
            text=text, variable=measure.variable, units=units,
        ))  # fmt: skip
    return Aim(text, measure, value, found["sign"] != "<=")


def _documented(name: str, baseline: Baseline) -> Aim:
    original = baseline.original(name).id
    goal = next((goal for goal in goals(baseline) if goal.figure.id == original), None)
    if goal is None:
        raise InputError(say(
            "target {name}: is no goal, but {kind}",
            name=name, kind=say(baseline.figures[name].kind),
        ))  # fmt: skip
    if goal.measure is None or goal.value is None:
        raise InputError(
            say("target {name}: no variable of a result answers it; its pace alone is", name=name)
        )
    return Aim(name, goal.measure, goal.value, goal.at_least)


def _value(text: str, value: str) -> float:
    try:
        found = float(value.removesuffix("%").replace(",", ""))
    except ValueError:
        raise InputError(
            say("target {text}: '{value}' is no number", text=text, value=value)
        ) from None
    if not math.isfinite(found):
        raise InputError(
            say("target {text}: '{value}' is not a finite number", text=text, value=value)
        )
    return found


def _is_percentage(measure: Measure) -> bool:
    """Whether a goal for it is a percentage: growth, a share, or a variable in percent."""
    units = VARIABLES[measure.variable].units
    return measure.form == "growth" or measure.share or units.startswith("percent")


def _measure(
    text: str, parts: Sequence[str], years: tuple[int, int], baseline: Baseline
) -> Measure:
    """Return the measure of ``donghu.gdp``, ``donghu.digital_core``, ``donghu.INDUSTRY.output``."""
    zone, *inner = parts
    if zone not in baseline.zones:
        near = did_you_mean(zone, baseline.zones) or known_names(baseline.zones)
        raise InputError(
            say("target {text}: unknown zone '{zone}'{near}", text=text, zone=zone, near=near)
        )
    place, (first, last) = baseline.zones[zone], years
    if inner == ["gdp_growth"]:
        return Measure(zone, "gdp_real", "growth", first - 1, last)
    if first != last:
        raise InputError(
            say("target {text}: an average over years is of gdp_growth alone", text=text)
        )
    if len(inner) == 1 and inner[0] in place.aggregates:
        weights = place.aggregates[inner[0]].weights
        if weights:
            return Measure(zone, "value_added", "level", last - 1, last, weights, share=True)
    industries = None
    if len(inner) == 2 and inner[0] in place.industries:
        industries = {inner.pop(0): 1.0}
    known = [
        name
        for name, variable in VARIABLES.items()
        if (INDUSTRY in variable.dims) == (industries is not None)
    ]
    name = ".".join(inner)
    if name not in known:
        near = did_you_mean(name, known)
        raise InputError(
            say("target {text}: unknown variable '{name}'{near}", text=text, name=name, near=near)
        )
    return Measure(zone, name, "level", last - 1, last, industries)
