"""Sweeps: one scenario a point, from the axes of a sweep file."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from simcore.baseline import Baseline
from simcore.document import Document, read_document
from simcore.errors import InputError, Problem
from simcore.labels import Label, say
from simcore.layering import layered
from simcore.levers import Sampling, Scenario
from simcore.scenario import bounded_name, find_scenario, is_path, named_from, resolve
from simcore.scenario_check import check
from simcore.strict import Strict, Version, Whole, validated

MAXIMUM_POINTS = 10_000
SWEPT = ("levers", "assumptions", "behaviour", "events", "horizon")


class Axis(Strict):
    """Values of one key path: listed, or evenly spaced from one to another."""

    values: list[str | int | float] | None = Field(None, min_length=1)
    start: str | int | float | None = Field(None, alias="from")
    stop: str | int | float | None = Field(None, alias="to")
    steps: Whole | None = Field(None, ge=2, le=MAXIMUM_POINTS)

    @model_validator(mode="after")
    def _listed_or_spaced(self) -> Axis:
        spaced = (self.start, self.stop, self.steps)
        listed = self.values is not None and spaced == (None, None, None)
        if not listed and (self.values is not None or None in spaced[:2]):
            raise ValueError(say("give either values, or from, to and steps"))
        if self.values and len(set(map(str, self.values))) < len(self.values):
            raise ValueError(say("a value stands twice"))
        return self

    def at(self, share: float) -> str | float:
        """Return the value at a share of the way from the first to the last."""
        start, stop = self.start, self.stop
        assert start is not None  # checked by the validator of the class
        assert stop is not None
        low, unit = with_unit(start)
        high, other = with_unit(stop)
        if unit != other:
            raise ValueError(say("{start} and {stop} have different units", start=start, stop=stop))
        value = float(f"{low + share * (high - low):.10g}")
        return f"{value:g}{unit}" if unit else value

    def listed(self) -> list[str | float]:
        """Return all values of the axis."""
        if self.values is not None:
            return self.values
        count = self.steps or 2
        return [self.at(place / (count - 1)) for place in range(count)]


def with_unit(value: str | float) -> tuple[float, str]:
    """Split ``5%`` into 5 and ``%``."""
    if not isinstance(value, str):
        return float(value), ""
    for unit in ("%", " pp", "pp"):
        if value.endswith(unit):
            return float(value.removesuffix(unit)), unit
    raise ValueError(say("'{value}' is neither a number nor ends in % or pp", value=value))


class Sweep(Strict):
    """A sweep file: base scenarios, axes, and how the axes combine."""

    simcore: Version
    name: str = Field(pattern=r"^[\w.+=%,-]{1,100}$")
    label: Label
    question: Label | None = None
    base: str | list[str] = "baseline"
    axes: dict[str, Axis] = Field(min_length=1)
    combine: Literal["grid", "zip", "lhs", "sobol"] = "grid"
    points: Whole | None = Field(None, ge=1, le=MAXIMUM_POINTS)
    sampling: Sampling = Sampling()

    @property
    def bases(self) -> list[str]:
        """The base scenarios."""
        return [self.base] if isinstance(self.base, str) else self.base


@dataclass(frozen=True)
class Point:
    """One scenario of a sweep and the value of each axis."""

    scenario: Scenario
    values: dict[str, str | float]


@dataclass(frozen=True)
class Design:
    """A sweep, resolved to its points."""

    sweep: Sweep
    points: tuple[Point, ...]


def is_sweep(path: Path) -> bool:
    """Whether a scenario file is a sweep: it has axes."""
    document = read_document(path)
    return isinstance(document.data, dict) and "axes" in document.data


def load_design(name: str, baseline: Baseline) -> Design:
    """Read a sweep by shipped name or path; raises `InputError` with every problem."""
    document = read_document(find_scenario(name))
    sweep = validated(Sweep, document)
    try:
        combinations = _combinations(sweep)
    except ValueError as error:
        raise InputError([document.problem(("axes",), str(error))]) from None
    if len(combinations) * len(sweep.bases) > MAXIMUM_POINTS:
        message = say(
            "{count} points; at most {most} are run", count=len(combinations), most=MAXIMUM_POINTS
        )
        raise InputError([document.problem(("axes",), message)])
    points = [
        _point(sweep, document, base, values, baseline)
        for base in sweep.bases
        for values in combinations
    ]
    return Design(sweep, tuple(points))


def _combinations(sweep: Sweep) -> list[dict[str, str | float]]:
    names = list(sweep.axes)
    if sweep.combine in ("lhs", "sobol"):
        rows = [[axis.at(u) for axis, u in zip(sweep.axes.values(), row, strict=True)]
                for row in _spread(sweep)]  # fmt: skip
    elif sweep.points is not None:
        raise ValueError(
            say("points go with lhs or sobol, not with {combine}", combine=sweep.combine)
        )
    elif sweep.combine == "zip":
        lists = [axis.listed() for axis in sweep.axes.values()]
        if len({len(values) for values in lists}) > 1:
            lengths = ", ".join(str(len(values)) for values in lists)
            raise ValueError(say("zip needs axes of one length, not {lengths}", lengths=lengths))
        rows = [list(row) for row in zip(*lists, strict=True)]
    else:
        rows = [
            list(row) for row in itertools.product(*(axis.listed() for axis in sweep.axes.values()))
        ]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _spread(sweep: Sweep) -> Any:
    """Return points of the unit cube by Latin hypercube or scrambled Sobol."""
    from scipy.stats import qmc

    if sweep.points is None:
        raise ValueError(say("{combine} needs points: N", combine=sweep.combine))
    if any(axis.values is not None for axis in sweep.axes.values()):
        raise ValueError(say("{combine} needs axes given by from and to", combine=sweep.combine))
    kind = qmc.LatinHypercube if sweep.combine == "lhs" else qmc.Sobol
    if sweep.combine == "sobol" and sweep.points & (sweep.points - 1):
        raise ValueError(
            say("sobol needs a power of two as points, not {points}", points=sweep.points)
        )
    return kind(len(sweep.axes), rng=np.random.default_rng(sweep.sampling.seed)).random(
        sweep.points
    )


def _point(
    sweep: Sweep,
    document: Document,
    base: str,
    values: dict[str, str | float],
    baseline: Baseline,
) -> Point:
    """Lay a point's values on its base scenario."""
    try:
        beside = is_path(base) and not Path(base).is_absolute()
        found = str(Path(document.file).parent / base) if beside else base
        if not is_path(base) and (named := named_from(Path(document.file), base)):
            found = str(named)
        merged = resolve(found, baseline).document
    except InputError as error:
        if error.problems:
            raise
        place = sweep.bases.index(base)
        raise InputError([document.problem(("base", place), str(error))]) from None
    for path, value in values.items():
        if path.split(".")[0] not in SWEPT:
            message = say(
                "'{path}' cannot be swept; an axis is a key path below {names}",
                path=path, names=", ".join(SWEPT),
            )  # fmt: skip
            raise InputError([document.problem(("axes", path), message)])
        merged = layered(_overlay(document, path, value), merged)
    name = _name(sweep, base, values)
    merged.data["name"] = name
    merged.data["label"] = {"en": name, "zh": name}
    merged.data["sampling"] = {}
    try:
        return Point(check(merged, baseline), values)
    except InputError as error:
        raise InputError(_in_this_file(error, document, values)) from None


def _overlay(document: Document, path: str, value: str | float) -> Document:
    """Return a document that sets one key path, marked at the axis that it comes from."""
    keys: list[str | int] = [int(key) if key.isdigit() else key for key in path.split(".")]
    data: Any = value
    for key in reversed(keys):
        data = {key: data}
    mark = document.locate(("axes", path))
    marks = {tuple(keys[:length]): mark for length in range(1, len(keys) + 1)}
    return Document(document.file, data, marks)


def _name(sweep: Sweep, base: str, values: dict[str, str | float]) -> str:
    """Return a name such as ``*.gdp_growth=3%, donghu.rnd_growth=8%``."""
    parts = [f"{path.removeprefix('levers.')}={value}" for path, value in values.items()]
    return bounded_name(", ".join([base, *parts] if len(sweep.bases) > 1 else parts))


def _in_this_file(
    error: InputError, document: Document, values: dict[str, str | float]
) -> list[Problem] | str:
    """Say which point a problem arises in."""
    point = ", ".join(f"{path}={value}" for path, value in values.items())
    if not error.problems:
        return str(error)
    return [
        Problem(
            p.file,
            p.line,
            p.column,
            say("{message} (point {point})", message=p.message, point=point),
        )
        for p in error.problems
    ]


def describe(points: Sequence[Point]) -> dict[str, list[str | float]]:
    """Return the value of every axis at every point."""
    axes = points[0].values if points else {}
    return {axis: [point.values[axis] for point in points] for axis in axes}
