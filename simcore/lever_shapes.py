"""Shapes of a lever's path: one value from a year on, or a ramp up to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from simcore.errors import InputError, did_you_mean
from simcore.instruments import Instrument
from simcore.labels import say
from simcore.levers import IndustryLevers, Scenario, ZoneLevers

Form = Literal["constant", "ramp"]
FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True)
class Shape:
    """How a value is reached: at once in the first year, or linearly until the goal's year.

    ``start`` : the first year, None for all projected years; ``usual`` : what the lever is
    without it in that year, from which a ramp starts; ``said`` : whether the mode is said, which
    one value for all years need not: it takes the place of all that the scenario says of the lever.
    """

    form: Form = "constant"
    start: int | None = None
    usual: float | None = None
    said: bool = False


CONSTANT = Shape()


def form_of(text: str) -> Form:
    """Return the form of a path; raises `InputError` for an unknown one."""
    for form in FORMS:
        if form == text:
            return form
    near = did_you_mean(text, FORMS) or f"; {', '.join(FORMS)}"
    raise InputError(say("unknown path '{name}'{near}", name=text, near=near))


def refuse_mixed(scenario: Scenario, lever: Instrument) -> None:
    """Raise `InputError` where a scenario has a path of a lever: one laid on joins its years."""
    own = _own(scenario, lever)
    if own is not None and own.path:
        raise InputError(
            say("the scenario has a path of its own for {lever}; only one value for all years "
                "can take its place", lever=lever.name)
        )  # fmt: skip


def is_centred(scenario: Scenario, lever: Instrument) -> bool:
    """Whether a scenario meets a lever on average: a path laid on it would do so as well."""
    return getattr(_own(scenario, lever), "mode", "set") == "centre"


def _own(scenario: Scenario, lever: Instrument) -> Any:
    """Return what a scenario says of a lever at its very place, None if nothing."""
    place: ZoneLevers | IndustryLevers | None = scenario.levers.get(lever.zone)
    if lever.industry is not None and isinstance(place, ZoneLevers):
        place = place.industries.get(lever.industry)
    return getattr(place, lever.lever, None)


def setting(lever: Instrument, value: float, until: int, shape: Shape = CONSTANT) -> str:
    """Return what ``--set`` takes: the lever on a path, ending with a year where it must.

    A ramp is linear from ``shape.usual`` in its first year to the value in the goal's year,
    ``until``, and flat from then on.

    >>> rnd = Instrument("donghu", None, "rnd_growth", 0.0, 0.4)
    >>> setting(rnd, 0.14, 2030)
    'levers.donghu.rnd_growth={value: 14.00%, until: 2030}'
    >>> setting(rnd, 0.14, 2030, Shape("ramp", 2026, 0.1))
    'levers.donghu.rnd_growth={path: {2026: 10.00%, 2030: 14.00%}, until: 2030}'

    Growth that a scenario centres is met in every draw by one value; so it is by a path, then.

    >>> growth = Instrument("donghu", "automotive", "growth", -0.1, 0.4)
    >>> setting(growth, 0.08, 2030, Shape("constant", 2026, said=True))
    'levers.donghu.industries.automotive.growth={path: {2026: 8.00%}, mode: set}'
    """
    text = lever.written(value)
    ends = f", until: {until}" if lever.kind.ends else ""
    ends += ", mode: set" if shape.said else ""
    if shape.form == "ramp" and shape.usual is not None:
        said = f"{{path: {{{shape.start}: {lever.written(shape.usual)}, {until}: {text}}}{ends}}}"
    elif shape.start is not None:
        said = f"{{path: {{{shape.start}: {text}}}{ends}}}"
    else:
        said = f"{{value: {text}{ends}}}" if ends else text
    return f"{lever.key}={said}"
