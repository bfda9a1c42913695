"""Levers that vary from draw to draw, evenly between two values, beside the model's own chance.

Every parameter of the kernel that a lever of an `Instrument` sets is linear in its value, and
levers add up: on the same members,

    p(v) = p(low) + Σ_i w_i (p_i(high_i) − p(low)),      w_i = (v_i − low_i) / (high_i − low_i)

with p(low) where all levers have their low value and p_i(high) where lever i alone has its high
one. So one run has a value of every lever in each draw. Levers on projects and on firms are none of
these: each of their values takes replications of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.document import Document
from simcore.errors import InputError
from simcore.instruments import Instrument, instrument_of
from simcore.labels import Label, say
from simcore.levers import RESOLVED, FirmLevers, Scenario
from simcore.members import Members
from simcore.parameters import Parameters, Pins
from simcore.scenario_check import check

PREFIX = "lever."  # of the names of their random numbers
REPLICATED = {"projects": Label("projects", "项目"), "firms": Label("firms", "企业")}


def lever_of(text: str, baseline: Baseline) -> Instrument:
    """Read ``levers.donghu.tfp=0 pp..1 pp``, or ``donghu.tfp`` with the lever's own range.

    Raises `InputError` for what is no lever of one number, or no range, and for projects and firms.
    """
    path, given, span = text.partition("=")
    name = path.strip().removeprefix("levers.")
    zone, *inner = name.split(".")
    if inner[:1] == ["firms"] and inner[1:2] in ([one] for one in FirmLevers.model_fields):
        instrument_of(f"{zone}.tfp", baseline)  # refuses a zone that there is not
        raise _of_replications(name, "20%")
    if not given:
        return _continuous(instrument_of(name, baseline))
    low, dots, high = span.partition("..")
    if not dots:
        raise InputError(
            say("lever {lever}: has no range such as donghu.tfp='0 pp..1 pp'", lever=text)
        )
    return _continuous(instrument_of(name, baseline, (low.strip(), high.strip())))


def _continuous(lever: Instrument) -> Instrument:
    if lever.projects:
        raise _of_replications(lever.name, "1 year" if lever.kind.years else "20%")
    return lever


def _of_replications(name: str, value: str) -> InputError:
    """Say of a lever whose every value takes replications what tells its effect instead."""
    room = next(room for room in REPLICATED if f".{room}." in name)
    text = say(
        "lever {lever}: a lever on {room} cannot vary from draw to draw, each of its values takes "
        "replications of its own; simcore what-if --set 'levers.{lever}={value}' shows what one "
        "value changes, simcore explain SCENARIO --against NAME what each setting adds",
        lever=name, room=REPLICATED[room], value=value,
    )  # fmt: skip
    if room == "projects":
        text += say("; simcore solve --instrument '{lever}' finds the one for a goal", lever=name)
    return InputError(text)


def levers_of(texts: Sequence[str], baseline: Baseline) -> tuple[Instrument, ...]:
    """Read levers; raises `InputError` as `lever_of`, and for one that is given twice."""
    found = tuple(lever_of(text, baseline) for text in texts)
    names = [lever.name for lever in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(say("the lever {name} is given twice", name=name))
    return found


def laid(
    scenario: Scenario, lever: Instrument, value: float, until: int, baseline: Baseline
) -> Scenario:
    """Return a scenario with a lever at a value, in place of what it says there of that lever.

    Raises `InputError` for what `simcore.scenario_check.check` refuses.
    """
    data = scenario.model_dump(mode="json")
    place = data["levers"].setdefault(lever.zone, {})
    if lever.industry is not None:
        place = place.setdefault("industries", {}).setdefault(lever.industry, {})
    ends = {"until": until} if lever.kind.ends else {}
    number = np.format_float_positional(round(100 * value, 10), trim="-")
    place[lever.lever] = {"value": number + (" pp" if lever.kind.points else "%"), **ends}
    try:
        return check(Document(lever.name, data), baseline, RESOLVED)
    except InputError as error:
        reasons = "; ".join(problem.message for problem in error.problems)
        raise InputError(
            say("lever {lever}: {reasons}", lever=lever.name, reasons=reasons)
        ) from None


def at_corners(
    scenario: Scenario, levers: Sequence[Instrument], until: int, baseline: Baseline
) -> tuple[Scenario, list[Scenario]]:
    """Return the scenario with all levers low, and one for each lever in which it alone is high.

    A lever of every zone also replaces what the scenario says of single zones; beside it, a lever
    of one of these zones wins there. Raises `InputError` as `laid`.
    """
    low = _without_own(scenario, levers)
    for lever in levers:
        low = laid(low, lever, lever.low, until, baseline)
    return low, [laid(low, lever, lever.high, until, baseline) for lever in levers]


def _without_own(scenario: Scenario, levers: Sequence[Instrument]) -> Scenario:
    """Return a scenario in which no single zone has an entry of a lever of every zone."""
    wide = [lever for lever in levers if lever.zone == "*"]
    if not wide:
        return scenario
    data = scenario.model_dump(mode="json")
    for own in data["levers"].values():
        for lever in wide:
            place = own if lever.industry is None else own["industries"].get(lever.industry, {})
            place.pop(lever.lever, None)
    return Scenario.restored(data)


def shares(members: Members, levers: Sequence[Instrument]) -> Array:
    """Return where each lever stands between its ends in every draw, (lever, draw)."""
    return np.array([members.uniforms(PREFIX + lever.name, 1)[0] for lever in levers])


def varied(
    build: Callable[[Scenario], Parameters],
    low: Scenario,
    high: Sequence[Scenario],
    weight: Array,
) -> Parameters:
    """Return parameters with a value of each lever in each draw.

    ``build`` makes the parameters of a scenario on the same members, ``low`` and ``high`` are of
    `at_corners`, ``weight`` (lever, draw) of `shares`.
    """
    base, ends = build(low), [build(scenario) for scenario in high]
    changed: dict[str, Any] = {}
    for name in (field.name for field in fields(base)):
        own, others = getattr(base, name), [getattr(end, name) for end in ends]
        if isinstance(own, Pins):
            target = _between(own.target, [pins.target for pins in others], weight)
            if target is not None:
                changed[name] = replace(own, target=target)
        elif isinstance(own, np.ndarray) and (own.dtype.kind == "f"):
            between = _between(own, others, weight)
            if between is not None:
                changed[name] = between
    return replace(base, **changed)


def _between(low: Array, high: Sequence[Array], weight: Array) -> Array | None:
    """Return ``low + Σ_i w_i (high_i − low)``, a draw axis last; None where no lever moves it."""
    moving = [
        (end, own)
        for end, own in zip(high, weight, strict=True)
        if end is not low and not np.array_equal(end, low, equal_nan=True)
    ]
    if not moving:
        return None
    drawn = low.ndim == 3
    found = low if drawn else low[..., None]
    for end, own in moving:
        change = end - low
        found = found + own * (change if drawn else change[..., None])
    return found
