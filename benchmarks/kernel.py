"""Kernel time per scenario-draw over the time of drawing its normals alone.

Rounds are interleaved and ratios taken inside a round, since machines are shared and noisy; the
median of the rounds is quoted. ``python -m benchmarks.kernel [ROUNDS]`` prints a table.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.measure import Row, Size, seconds, spread
from simcore.assembly import build_parameters, build_reference
from simcore.kernel import simulate
from simcore.levers import Scenario
from simcore.members import Members
from simcore.posterior import Posterior
from simcore.reconcile import reconcile
from simcore.sampling import BLOCK
from simcore.scenario import load_scenario
from simcore.threads import one_thread

SCENARIOS = ("baseline", "growth-5", "growth-slow", "rnd-12")

PRECISIONS: dict[str, dict[str, bool]] = {"double": {}}
"""What the members of a block are told, by precision; every one of them is measured."""
if "single" in {field.name for field in fields(Members)}:
    PRECISIONS["single"] = {"single": True}

GOALS = {"double": (1.25, 1.05), "single": (0.8, 0.5)}
"""Of the shocks and the kernel together: one scenario; four, each."""

PAST = "past of a block (once for all scenarios)"
FIRST, FURTHER = "parameters and shocks, first scenario", "parameters and shocks, a further one"
STEPS = "kernel, a scenario"
ONE, FOUR = "shocks and kernel, one scenario", "shocks and kernel, four scenarios, each"


def normals_of_a_draw(posterior: Posterior, years: int) -> int:
    """Count the random numbers behind one draw of one scenario's projection.

    Activity shocks with their start, the nation's, city's and zones' shocks, deflators, crises.
    """
    past = posterior.problem.past
    activities, zones = len(past.baseline.activities), len(past.baseline.zones)
    return activities * (years + 1) + years * (2 + zones) + years * (1 + zones) + 2 * years


def count_normals() -> int:
    """Return the number of normals of a draw of the shipped baseline."""
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    return normals_of_a_draw(posterior, len(load_scenario("baseline", baseline).years(baseline)))


def measure(size: Size, folder: Path) -> dict[str, Any]:
    """Return ratios to the bound by precision and part, round by round."""
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    scenarios = [load_scenario(name, baseline) for name in SCENARIOS]
    count = count_normals()
    generator = np.random.Generator(np.random.PCG64(1))
    bounds: list[float] = []
    found: dict[str, dict[str, list[float]]] = {precision: {} for precision in PRECISIONS}
    with one_thread():
        for block in range(size.kernel_rounds):
            bound = seconds(lambda: generator.standard_normal((count, BLOCK)))
            bounds.append(bound)
            for precision, told in PRECISIONS.items():
                members = Members(posterior, 1, block, **told)
                for part, taken in _parts(members, scenarios).items():
                    found[precision].setdefault(part, []).append(taken / bound)
    return {"normals": count, "draws_per_second": BLOCK / median(bounds), "ratios": found}


def _parts(members: Members, scenarios: Sequence[Scenario]) -> dict[str, float]:
    """Return the seconds of every part of a block."""
    members.posterior.kept.clear()  # what another precision has drawn of the past
    past, builds, steps = seconds(lambda: members.history), [], []
    for scenario in scenarios:
        start = time.perf_counter()
        parameters = build_parameters(members, scenario)
        reference = build_reference(members, scenario, parameters)
        middle = time.perf_counter()
        simulate(parameters, reference=reference)
        builds.append(middle - start)
        steps.append(time.perf_counter() - middle)
    return {
        PAST: past, FIRST: builds[0], FURTHER: median(builds[1:]), STEPS: median(steps),
        ONE: builds[0] + steps[0], FOUR: (sum(builds) + sum(steps)) / len(scenarios),
    }  # fmt: skip


def rows(data: Mapping[str, Any]) -> list[Row]:
    """Return the lines of the table."""
    drawn = data["draws_per_second"] / 1000
    found = [
        Row(
            f"bound: {data['normals']} normals a draw, PCG64, one process",
            f"{drawn:.0f} thousand draws/s",
        )
    ]
    for precision, parts in data["ratios"].items():
        goals = dict(zip((ONE, FOUR), GOALS[precision], strict=True))
        for part, values in parts.items():
            goal = goals.get(part)
            what = f"{part}, {precision} precision ÷ bound"
            met = None if goal is None else median(values) <= goal
            found.append(Row(what, spread(values), f"≤ {goal}" if goal else "", met))
    return found


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    for row in rows(measure(Size((), 0, 0, (), 0, kernel_rounds=count), Path())):
        print(f"{row.what:<72} {row.measured:<20} {row.goal}")


if __name__ == "__main__":
    main()
