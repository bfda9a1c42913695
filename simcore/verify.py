"""Running a result again from its own provenance, and comparing it bit for bit."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simcore.arrays import Array, Mask
from simcore.attributes import number_of_draws, read_attributes
from simcore.dims import VARIABLES, WEIGHT
from simcore.disk import reading, working_on
from simcore.errors import InputError, RunError
from simcore.labels import say
from simcore.levers import Scenario
from simcore.plan import Keep, Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.results import Layout
from simcore.sampling import BLOCK
from simcore.sinks import place
from simcore.store import laid_out
from simcore.summaries import summaries
from simcore.sweep import Progress, offsets_of, run_block
from simcore.threads import one_thread


@dataclass(frozen=True)
class Difference:
    """Values of a variable, or of what describes them, that a new run does not reproduce."""

    variable: str
    values: int
    different: int
    largest: float
    """largest relative difference; NaN of what is no number"""
    first: str
    """scenario, draw and year of the first one, or its place"""


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
    attributes, draws = read_attributes(path), number_of_draws(path)
    try:
        with h5py.File(path, "r") as file:
            points = json.loads(file["provenance"].attrs.get("points", "{}"))
        return plan_from(attributes, draws, posterior, points)
    except (LookupError, ValueError, TypeError, AttributeError, OSError, InputError) as error:
        reason = str(error).splitlines()[0]
        raise RunError(
            say("{path}: its provenance cannot be read: {reason}", path=path, reason=reason)
        ) from error


def plan_from(
    attributes: Mapping[Any, Any], draws: int, posterior: Posterior, points: Any = None
) -> Plan:
    """Return the plan that the attributes of a result tell of.

    Raises `LookupError` or `ValueError` if they do not, `InputError` if it cannot be run.
    """
    keep: Keep = "summary" if attributes.get("keep") == "summary" else "full"
    return Plan(
        tuple(map(Scenario.restored, json.loads(attributes["scenarios"]))), draws,
        int(attributes["seed"]), posterior, points or {}, keep=keep,
        sampler=attributes["sampler"], precision=attributes.get("precision", "double"),
    )  # fmt: skip


def refuse_other_calibration(
    attributes: Mapping[Any, Any], posterior: Posterior, name: str
) -> None:
    """Raise `InputError` if a result rests on another calibration: it cannot be run again here."""
    made, here = str(attributes["calibration"]), posterior.fingerprint
    if made != here:
        raise InputError(say(
            "{name}: rests on another calibration ({made}, here {here}); it can be "
            "reproduced with that one alone",
            name=name, made=made[:12], here=here[:12],
        ))  # fmt: skip


def verify(path: Path, posterior: Posterior, progress: Progress | None = None) -> Verdict:
    """Run a result again and compare every value, and what describes and summarises the values.

    Raises `InputError` if the result rests on another calibration: nothing could be reproduced.
    """
    plan, attributes = plan_of(path, posterior), read_attributes(path)
    here = plan.attributes()
    with reading(path):
        versions = _versions(attributes, here)
    refuse_other_calibration(attributes, posterior, str(path))
    if plan.keep == "summary":
        return _verify_summary(path, plan, versions, progress)
    with h5py.File(path, "r") as file:
        sink = _Comparison(path, file, plan.layout)
        with reading(path):
            sink.shapes()
        with working_on(path):
            _compare_fingerprint(attributes, plan, sink)
            _compare_description(plan, sink)
        with one_thread():
            offsets = offsets_of(plan)
            for block in range(-(-plan.draws // BLOCK)):
                run_block(plan, offsets, block, sink, progress)
        with working_on(path):
            sink.compare_whole(WEIGHT.name, file[WEIGHT.name][...], sink.weight)
            _compare_summaries(sink)
    return Verdict(plan.draws, sink.values, versions, tuple(sink.found.values()))


def _verify_summary(
    path: Path, plan: Plan, versions: dict[str, tuple[str, str]], progress: Progress | None
) -> Verdict:
    """Make a result without draws again, in a folder that does not stay, and compare all of it."""
    with tempfile.TemporaryDirectory(prefix="simcore-") as folder:
        produce(plan, Path(folder) / "again.h5", progress=progress)
        with h5py.File(path, "r") as file, h5py.File(Path(folder) / "again.h5", "r") as again:
            sink = _Comparison(path, file, plan.layout)
            with working_on(path):
                _compare_fingerprint(read_attributes(path), plan, sink)
                for name in _datasets(again):
                    sink.compare_whole(name, file[name][...], again[name][...])
    return Verdict(plan.draws, sink.values, versions, tuple(sink.found.values()))


def _datasets(file: h5py.File) -> list[str]:
    names: list[str] = []
    file.visit(names.append)
    return [name for name in names if isinstance(file[name], h5py.Dataset)]


def _versions(
    attributes: Mapping[str, object], now: Mapping[str, object]
) -> dict[str, tuple[str, str]]:
    """Return what the result was made with where it is not what is here.

    ``attributes``, ``now`` : the attributes of the result, and of one that was made now.
    """
    made, here = (
        {
            "simcore": str(a["simcore_version"]), "code": str(a.get("code", "")),
            "calibration": str(a["calibration"]),
        }
        | json.loads(str(a["versions"]))
        for a in (attributes, now)
    )  # fmt: skip
    return {name: (made[name], here.get(name, "")) for name in made if made[name] != here.get(name)}


def _compare_fingerprint(attributes: Mapping[str, Any], plan: Plan, sink: _Comparison) -> None:
    """Compare the stored fingerprint with the plan's, made with the version and code it names."""
    if "code" in attributes:  # earlier results do not name it
        with reading(sink.path):
            stored = attributes["fingerprint"]
        again = plan.fingerprint_with(attributes["simcore_version"], attributes["code"])
        sink.compare_whole("fingerprint", np.array([stored]), np.array([again]))


def _compare_description(plan: Plan, sink: _Comparison) -> None:
    """Compare coordinates, labels, status, points: all that is there before the numbers.

    They are those of a new file of the plan that is laid out in memory.
    """
    numbers = {*VARIABLES, WEIGHT.name, "members/value"}

    def visit(name: str, expected: Any) -> None:
        group, _, inner = name.partition("/")
        summarised = group == "summary" and inner.removesuffix("_mean") in VARIABLES
        if isinstance(expected, h5py.Dataset) and not summarised and name not in numbers:
            sink.compare_whole(name, sink.file[name][...], expected[...])

    with h5py.File(laid_out(plan.layout, plan.description), "r") as file:
        file.visititems(visit)


def _compare_summaries(sink: _Comparison) -> None:
    """Compare the summaries with those of the stored values."""
    for variable in VARIABLES.values():
        for name, again in summaries(sink.file, variable, sink.layout).items():
            sink.compare_whole(f"summary/{name}", sink.file["summary"][name][...], again)


class _Comparison:
    """A sink that keeps nothing: it compares what comes with what the file holds."""

    def __init__(self, path: Path, file: h5py.File, layout: Layout) -> None:
        self.path = path
        self.file = file
        self.layout = layout
        self.values = 0
        self.weight = np.ones(layout.shape(WEIGHT), dtype=np.float32)
        self.found: dict[str, Difference] = {}

    def shapes(self) -> None:
        """Raise `RunError` if a variable is missing or has another shape or type."""
        parameters = self.file["members/parameter"].shape[0]
        wanted = {name: self.layout.shape(variable) for name, variable in VARIABLES.items()}
        for name, size in {**wanted, "members/value": (parameters, self.layout.draws)}.items():
            stored = self.file[name]
            if stored.shape != size or stored.dtype != np.float32:
                raise RunError(say(
                    "{path}: is damaged: {name} is {dtype} {shape}",
                    path=self.path, name=name, dtype=stored.dtype, shape=stored.shape,
                ))  # fmt: skip

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Compare the variables of one scenario and block."""
        width = min(BLOCK, self.layout.draws - start)
        for name, rows in block.items():
            size = self.layout.shape(VARIABLES[name])[1:-1]
            again = np.full((1, *size, width), np.nan, dtype=np.float32)
            kept = {name: rows[..., :width]}
            place({name: again}, _narrow(self.layout, width), 0, 0, kept)
            with reading(self.path):
                stored = self.file[name][scenario, ..., start : start + width]
            self.compare(name, stored, again[0], scenario, start)

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Keep the weights, to be compared when all blocks are done."""
        self.weight[scenario, start : start + len(masked)] = ~masked

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Compare the sampled parameters of a block."""
        width = min(BLOCK, self.layout.draws - start)
        table = np.array([draws[:width] for draws in members.values()], dtype=np.float32)
        with reading(self.path):
            stored = self.file["members/value"][:, start : start + width]
        self.compare("members", stored[:, None], table[:, None], 0, start)

    def compare(self, name: str, stored: Any, again: Any, scenario: int, start: int) -> None:
        """Count the values of a block whose bits differ."""
        self.values += stored.size
        apart = _apart(stored, again)
        if not apart.any():
            return
        year, draw = (int(index) for index in np.argwhere(apart)[0][-2:])
        names, years = self.layout.scenarios, self.layout.years
        first = f"{names[scenario]}, draw {start + draw}, {years[year]}"
        whole = self.file["members/value" if name == "members" else name].size
        self.add(name, whole, stored[apart], again[apart], first)

    def compare_whole(self, name: str, stored: Any, again: Any) -> None:
        """Compare all values of what is no variable: numbers or texts."""
        self.values += again.size
        if stored.shape != again.shape or stored.dtype != again.dtype:
            first = f"{stored.dtype} {stored.shape}, not {again.dtype} {again.shape}"
            self.found[name] = Difference(name, stored.size, stored.size, np.nan, first)
            return
        apart = _apart(stored, again)
        if apart.any():
            first = ", ".join(map(str, np.argwhere(apart)[0]))
            self.add(name, stored.size, stored[apart], again[apart], first)

    def add(self, name: str, whole: int, stored: Any, again: Any, first: str) -> None:
        """Add values that differ to what was found of a variable."""
        before = self.found.get(name, Difference(name, whole, 0, np.nan, first))
        self.found[name] = Difference(
            name, whole, before.different + stored.size,
            float(np.fmax(before.largest, _largest(stored, again))), before.first,
        )  # fmt: skip


def _apart(stored: Any, again: Any) -> Any:
    """Return where two arrays differ: floats by their bits, NaN being one value."""
    if again.dtype != np.float32:
        return stored != again
    apart = stored.view(np.uint32) != again.view(np.uint32)
    return apart & ~(np.isnan(stored) & np.isnan(again))


def _largest(stored: Any, again: Any) -> float:
    """Return the largest relative difference; NaN of texts, and of numbers with none."""
    if stored.dtype.kind not in "fiu":
        return np.nan
    left, right = stored.astype(float), again.astype(float)
    relative = np.abs(left - right) / np.maximum(np.abs(right), 1e-30)
    return float(np.fmax.reduce(relative))


def _narrow(layout: Layout, draws: int) -> Layout:
    """Return the layout with fewer draws."""
    return replace(layout, draws=draws)
