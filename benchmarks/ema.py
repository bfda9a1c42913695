"""The same projection through EMA Workbench: one experiment is one draw.

The function of one draw is the plain Python loop, the fastest there is for a single draw. Its
inputs are handed over in two ways: every value under a name of its own, as EMA's uncertainties are
meant, and as the number of a draw that the function looks up, which spares EMA the values.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.loop import (
    Draw,
    Fixed,
    block_of_parameters,
    draws_of,
    project,
    refuse_differing,
)
from benchmarks.measure import Row, Size, seconds, spread
from simcore.kernel import ACTIVITY_VARIABLES, ZONE_VARIABLES
from simcore.threads import one_thread

WAYS, EVALUATORS = ("by value", "by number"), ("sequential", "multiprocessing")
PROCESSES = 2
CHECKED = 30  # experiments whose outcomes are held against the kernel's

Results = dict[str, list[list[float]]]


class ByValue:
    """The model as a function of every value of a draw, each with a name."""

    def __init__(self, fixed: Fixed, example: Draw) -> None:
        self.fixed = fixed
        self.shapes = {name: _shape(value) for name, value in example.items()}

    def inputs(self, number: int, draw: Draw) -> dict[str, float]:
        """Return a draw's values by name: ``disturbance_3_7`` is activity 3's in year 7."""
        return dict(pair for name, value in draw.items() for pair in _named(name, value))

    def __call__(self, **values: float) -> Results:
        """Run the draw of these values."""
        return project({n: _read(values, n, s) for n, s in self.shapes.items()}, self.fixed)


class ByNumber:
    """The model as a function of the number of a draw."""

    def __init__(self, fixed: Fixed, draws: Sequence[Draw]) -> None:
        self.fixed, self.draws = fixed, draws

    def inputs(self, number: int, draw: Draw) -> dict[str, float]:
        """Return the number of the draw."""
        return {"draw": number}

    def __call__(self, draw: float) -> Results:
        """Run the draw of this number."""
        return project(self.draws[int(draw)], self.fixed)


def _shape(value: Any) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, list) else ()


def _named(name: str, value: Any) -> list[tuple[str, float]]:
    if not isinstance(value, list):
        return [(name, value)]
    return [pair for place, part in enumerate(value) for pair in _named(f"{name}_{place}", part)]


def _read(values: Mapping[str, float], name: str, shape: tuple[int, ...]) -> Any:
    if not shape:
        return values[name]
    return [_read(values, f"{name}_{place}", shape[1:]) for place in range(shape[0])]


def measure(size: Size, folder: Path) -> dict[str, Any]:
    """Return seconds by way of handing over, evaluator and number of experiments."""
    parameters = block_of_parameters()
    draws = draws_of(parameters, max(size.peers))
    fixed = Fixed.of(parameters)
    functions = ByValue(fixed, draws[0]), ByNumber(fixed, draws)
    ways = dict(zip(WAYS, functions, strict=True))
    runs = {
        f"{way}, {evaluator}": _evaluation(function, draws, evaluator)
        for way, function in ways.items()
        for evaluator in EVALUATORS
    }
    taken: dict[str, dict[int, list[float]]] = {n: {c: [] for c in size.peers} for n in runs}
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of EMA's own libraries
        for run in runs.values():
            refuse_differing(run(CHECKED)[1], parameters)
        for _ in range(size.rounds):
            for name, run in runs.items():
                for count in size.peers:
                    taken[name][count].append(run(count)[0])
    return {
        "version": version("ema_workbench"),
        "uncertainties": len(functions[0].inputs(0, draws[0])),
        "seconds": taken,
    }


def _evaluation(
    function: ByValue | ByNumber, draws: Sequence[Draw], evaluator: str
) -> Callable[[int], tuple[float, Any]]:
    """Return what performs a number of experiments: its seconds, and the outcomes.

    The pool of processes is started before the clock is.
    """

    def perform(count: int) -> tuple[float, Any]:
        from ema_workbench import (
            ArrayOutcome,
            IntegerParameter,
            Model,
            MultiprocessingEvaluator,
            RealParameter,
            Scenario,
            SequentialEvaluator,
        )

        inputs = [function.inputs(number, draw) for number, draw in enumerate(draws[:count])]
        model = Model("projection", function=function)
        if isinstance(function, ByNumber):
            model.uncertainties = [IntegerParameter("draw", 0, len(draws))]
        else:
            model.uncertainties = [RealParameter(name, -1e9, 1e9) for name in inputs[0]]
        names = (*ZONE_VARIABLES, *ACTIVITY_VARIABLES)
        model.outcomes = [ArrayOutcome(name) for name in names]
        scenarios = [Scenario(str(n), **values) for n, values in enumerate(inputs)]
        chosen = (
            SequentialEvaluator(model)
            if evaluator == "sequential"
            else MultiprocessingEvaluator(model, n_processes=min(PROCESSES, os.cpu_count() or 1))
        )
        with chosen as open_evaluator:
            found: list[Any] = []
            took = seconds(
                lambda: found.append(
                    open_evaluator.perform_experiments(scenarios=scenarios, log_progress=True)
                )
            )
        return took, found[0][1]

    return perform


def rows(data: Mapping[str, Any]) -> list[Row]:
    """Return the lines of the table."""
    found = [Row("numbers of a draw that go in", str(data["uncertainties"]))]
    for name, by_count in data["seconds"].items():
        count, taken = max((int(n), values) for n, values in by_count.items())
        rate = spread([count / value for value in taken], ",.0f")
        found.append(
            Row(
                f"the projection through EMA Workbench {data['version']}, {name}", f"{rate} draws/s"
            )
        )
    return found


def rates(data: Mapping[str, Any], way: str) -> list[float]:
    """Return the draws a second of a way's faster evaluator, round by round."""
    by_round = []
    for evaluator in EVALUATORS:
        counts = data["seconds"][f"{way}, {evaluator}"]
        count, taken = max((int(n), values) for n, values in counts.items())
        by_round.append([count / value for value in taken])
    return [max(values) for values in zip(*by_round, strict=True)]
