"""Running a result again from its own provenance, and comparing it bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simcore.arrays import Array
from simcore.dims import VARIABLES
from simcore.errors import InputError, RunError
from simcore.levers import Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.results import Layout
from simcore.sampling import BLOCK
from simcore.store import place, read_attributes, shape
from simcore.sweep import Progress, offsets_of, run_block
from simcore.threads import one_thread


@dataclass(frozen=True)
class Difference:
    """Values of a variable that a new run does not reproduce."""

    variable: str
    values: int
    different: int
    largest: float
    """largest relative difference"""
    first: str
    """scenario, draw and year of the first one"""


@dataclass(frozen=True)
class Verdict:
    """What a new run makes of a result: differing versions, and differing values."""

    draws: int
    values: int
    versions: dict[str, tuple[str, str]]
    """name: (in the file, here)"""
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether every bit was reproduced."""
        return not self.differences


def plan_of(path: Path, posterior: Posterior) -> Plan:
    """Return the plan that a result says it was made from.

    Raises `InputError` if it is no result, `RunError` if its provenance cannot be read.
    """
    attributes = read_attributes(path)
    try:
        scenarios = tuple(map(Scenario.restored, json.loads(attributes["scenarios"])))
        with h5py.File(path, "r") as file:
            draws = int(file["draw"].shape[0])
        return Plan(scenarios, draws, int(attributes["seed"]), posterior)
    except (KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise RunError(f"{path}: its provenance cannot be read: {reason}") from error


def verify(path: Path, posterior: Posterior, progress: Progress | None = None) -> Verdict:
    """Run a result again and compare every value.

    Raises `InputError` if the result rests on another calibration: nothing could be reproduced.
    """
    plan = plan_of(path, posterior)
    versions = _versions(read_attributes(path), plan)
    if "calibration" in versions:
        raise InputError(
            f"{path}: rests on another calibration ({versions['calibration'][0][:12]}, here "
            f"{versions['calibration'][1][:12]}); it can be reproduced with that one alone"
        )
    with h5py.File(path, "r") as file, one_thread():
        sink = _Comparison(file, plan.layout)
        offsets = offsets_of(plan)
        for block in range(-(-plan.draws // BLOCK)):
            run_block(plan, offsets, block, sink, progress)
    return Verdict(plan.draws, sink.values, versions, tuple(sink.found.values()))


def _versions(attributes: Mapping[str, object], plan: Plan) -> dict[str, tuple[str, str]]:
    """Return what the result was made with where it is not what is here."""
    now = plan.attributes()
    made, here = (
        {"simcore": str(a["simcore_version"]), "calibration": str(a["calibration"])}
        | json.loads(str(a["versions"]))
        for a in (attributes, now)
    )
    return {name: (made[name], here.get(name, "")) for name in made if made[name] != here.get(name)}


class _Comparison:
    """A sink that keeps nothing: it compares what comes with what the file holds."""

    def __init__(self, file: h5py.File, layout: Layout) -> None:
        self.file = file
        self.layout = layout
        self.values = 0
        self.found: dict[str, Difference] = {}

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Compare the variables of one scenario and block."""
        width = min(BLOCK, self.layout.draws - start)
        for name, rows in block.items():
            size = shape(VARIABLES[name], self.layout)[1:-1]
            again = np.full((1, *size, width), np.nan, dtype=np.float32)
            kept = {name: rows[..., :width]}
            place({name: again}, _narrow(self.layout, width), 0, 0, kept)
            stored = self.file[name][scenario, ..., start : start + width]
            self.compare(name, stored, again[0], scenario, start)

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Compare the sampled parameters of a block."""
        width = min(BLOCK, self.layout.draws - start)
        table = np.array([draws[:width] for draws in members.values()], dtype=np.float32)
        stored = self.file["members/value"][:, start : start + width]
        self.compare("members", stored[:, None], table[:, None], 0, start)

    def compare(self, name: str, stored: Any, again: Any, scenario: int, start: int) -> None:
        """Count the values whose bits differ."""
        self.values += stored.size
        apart = stored.view(np.uint32) != again.view(np.uint32)
        apart &= ~(np.isnan(stored) & np.isnan(again))
        if not apart.any():
            return
        left, right = stored[apart].astype(float), again[apart].astype(float)
        largest = float(np.nanmax(np.abs(left - right) / np.maximum(np.abs(right), 1e-30)))
        year, draw = (int(index) for index in np.argwhere(apart)[0][-2:])
        names, years = self.layout.scenarios, self.layout.years
        first = f"{names[scenario]}, draw {start + draw}, {years[year]}"
        before = self.found.get(name, Difference(name, 0, 0, 0.0, first))
        self.found[name] = Difference(
            name, before.values + stored.size, before.different + int(apart.sum()),
            max(before.largest, largest), before.first,
        )  # fmt: skip


def _narrow(layout: Layout, draws: int) -> Layout:
    """Return the layout with fewer draws."""
    return replace(layout, draws=draws)
