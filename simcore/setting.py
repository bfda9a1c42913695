"""A setting: a few levers as a person drags them, written as the scenario file that says the same.

What a setting does is read back from that file: what is shown and what is offered are one.
"""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from simcore.errors import InputError
from simcore.instruments import OF_ZONES
from simcore.labels import Label, say
from simcore.lever_labels import ASSUMPTIONS, ZONE_LEVERS
from simcore.resources import calibration_folders
from simcore.samplers import Kind
from simcore.scenario import bounded_name
from simcore.what_if import REQUIRED_UNTIL

Mode = Literal["set", "centre"]
MODES: tuple[Mode, ...] = ("set", "centre")
LONGEST = 60
"""Characters of a name that people give; the rest is cut."""


@dataclass(frozen=True)
class Dial:
    """A lever of one number: its label, range and step [percent]; where a scenario has it."""

    label: Label
    low: float
    high: float
    step: float = 0.1
    block: Literal["levers", "assumptions"] = "levers"


def _of_zones(name: str) -> Dial:
    kind = OF_ZONES[name]
    return Dial(kind.label, 100 * kind.low, 100 * kind.high)


DIALS = {
    "gdp_growth": Dial(ZONE_LEVERS["gdp_growth"], -5.0, 15.0),
    "rnd_growth": _of_zones("rnd_growth"),
    "rnd_intensity": _of_zones("rnd_intensity"),
    "investment_rate": _of_zones("investment_rate"),
    "labour_growth": _of_zones("labour_growth"),
    "inflation": Dial(ASSUMPTIONS["inflation"], -3.0, 10.0, block="assumptions"),
}  # fmt: skip
SIZE = Dial(Label("size: change of value added", "幅度：增加值变动"), -50.0, 50.0, 1.0)
PROBABILITY = Dial(Label("probability in that year", "当年发生概率"), 1.0, 100.0, 1.0)


@dataclass(frozen=True)
class Shock:
    """An event: its size and probability [percent], in a year or in any, of an industry or all."""

    size: float
    probability: float
    year: int | None
    industry: str = "*"


@dataclass(frozen=True)
class Setting:
    """What is asked; a dial that is not named follows the baseline's rule.

    ``zone`` : whom levers and shock act on, ``"*"`` every zone; ``dials`` : values [percent].
    Raises `InputError` for a value outside its range.
    """

    label: str = ""
    zone: str = "*"
    dials: Mapping[str, float] = field(default_factory=dict)
    mode: Mode = "set"
    shock: Shock | None = None

    def __post_init__(self) -> None:
        """Refuse what no dial can say."""
        for name, value in self.dials.items():
            _refuse_outside(DIALS[name], value)
        if self.shock is not None:
            _refuse_outside(SIZE, self.shock.size)
            _refuse_outside(PROBABILITY, self.shock.probability)

    @property
    def asks(self) -> bool:
        """Whether it differs from the baseline."""
        return bool(self.dials) or self.shock is not None

    @property
    def title(self) -> str:
        """The label as typed, in one line of printable characters, or a word for it."""
        typed = "".join(c if c.isprintable() else " " for c in self.label)
        return typed.strip()[:LONGEST].strip() or say("current setting")

    @property
    def name(self) -> str:
        """The scenario's name: the title without odd characters."""
        found = bounded_name(self.title).strip()
        return "what-if" if found.casefold() in ("", "baseline") else found

    def text(self, sampling: Sampled) -> str:
        """Return the scenario file."""
        title = json.dumps(self.title, ensure_ascii=False)
        lines = [
            "simcore: 1",
            f"name: {json.dumps(self.name, ensure_ascii=False)}",
            f"label: {{en: {title}, zh: {title}}}",
            "extends: baseline",
        ]
        levers = [f"    {name}: {self._said(name)}" for name in self._named("levers")]
        if levers:
            lines += ["levers:", f'  "{self.zone}":', *levers]
        assumptions = [f"  {name}: {self._said(name)}" for name in self._named("assumptions")]
        if assumptions:
            lines += ["assumptions:", *assumptions]
        if self.shock is not None:
            lines += ["events:", f"  - {self._event(self.shock)}"]
        return "\n".join([*lines, f"sampling: {sampling.text}", ""])

    def _named(self, block: str) -> list[str]:
        return [name for name, dial in DIALS.items() if dial.block == block and name in self.dials]

    def _said(self, name: str) -> str:
        value = written(self.dials[name])
        if name == "rnd_growth":
            return f"{{value: {value}, until: {REQUIRED_UNTIL}}}"
        if name == "gdp_growth" and self.mode != "set":
            return f"{{value: {value}, mode: {self.mode}}}"
        return value

    def _event(self, shock: Shock) -> str:
        year = "" if shock.year is None else f"year: {shock.year}, "
        return (
            f'{{name: shock, zone: "{self.zone}", industry: "{shock.industry}", {year}'
            f"size: {written(shock.size)}, probability: {written(shock.probability)}}}"
        )


@dataclass(frozen=True)
class Sampled:
    """Draws, seed and sampler of everything that is shown."""

    draws: int
    seed: int
    sampler: Kind

    @property
    def text(self) -> str:
        """As a scenario file has it."""
        return f"{{draws: {self.draws}, seed: {self.seed}, sampler: {self.sampler}}}"

    def command(self, file: str) -> str:
        """Return the command that runs a file and gives the same numbers."""
        words = ["simcore", "run", file, "-n", str(self.draws), "--seed", str(self.seed)]
        if self.sampler != "random":
            words += ["--sampler", self.sampler]
        for folder in calibration_folders():
            words += ["--calibration", str(folder)]
        return shlex.join([*words, "-o", str(Path(file).with_suffix(".h5"))])


def _refuse_outside(dial: Dial, value: float) -> None:
    if not (math.isfinite(value) and dial.low - 1e-9 <= value <= dial.high + 1e-9):
        raise InputError(
            say(
                "{label}: {value} lies outside {low} to {high} %",
                label=dial.label, value=f"{value:g}", low=f"{dial.low:g}", high=f"{dial.high:g}",
            )
        )  # fmt: skip


def written(value: float) -> str:
    """Write a percentage as a scenario has it, to a hundredth.

    >>> written(5.0), written(-0.001), written(4.7000000001)
    ('5%', '0%', '4.7%')
    """
    return f"{round(value, 2) + 0.0:g}%"


def distinct(label: str, taken: Collection[str]) -> str:
    """Return a label that no other has: with a number behind it, if need be.

    >>> distinct("A", ["A", "A 2"])
    'A 3'
    """
    found, number = label, 1
    while found in taken:
        number += 1
        found = f"{label} {number}"
    return found
