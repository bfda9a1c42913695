"""Kernel time per scenario-draw over the time of drawing its normals alone.

Rounds are interleaved and ratios taken inside a round, since machines are shared and noisy; the
median of the rounds is quoted. ``python benchmarks/kernel.py [ROUNDS]`` prints a table.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from statistics import median

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402  (after the number of threads)

from simcore.assembly import build_parameters, build_reference  # noqa: E402
from simcore.kernel import simulate  # noqa: E402
from simcore.members import Members  # noqa: E402
from simcore.reconcile import reconcile  # noqa: E402
from simcore.sampling import BLOCK  # noqa: E402
from simcore.scenario import load_scenario  # noqa: E402


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def normals_of_a_draw(posterior: object, years: int) -> int:
    """Count the random numbers behind one draw of one scenario's projection.

    Activity shocks with their start, the nation's, city's and zones' shocks, deflators, crises.
    """
    past = posterior.problem.past  # type: ignore[attr-defined]
    activities, zones = len(past.baseline.activities), len(past.baseline.zones)
    return activities * (years + 1) + years * (2 + zones) + years * (1 + zones) + 2 * years


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    names = ("baseline", "growth-5", "growth-slow", "rnd-12")
    scenarios = [load_scenario(name, baseline) for name in names]
    count = normals_of_a_draw(posterior, len(scenarios[0].years(baseline)))
    generator = np.random.Generator(np.random.PCG64(1))
    table: dict[str, list[float]] = {}
    base: list[float] = []
    for block in range(rounds):
        bound = seconds(lambda: generator.standard_normal((count, BLOCK)))
        base.append(bound)
        members = Members(posterior, 1, block)
        table.setdefault("past of a block (once for all scenarios)", []).append(
            seconds(lambda members=members: members.history) / bound
        )
        builds, steps = [], []
        for scenario in scenarios:
            start = time.perf_counter()
            parameters = build_parameters(members, scenario)
            reference = build_reference(members, scenario, parameters)
            middle = time.perf_counter()
            simulate(parameters, reference=reference)
            builds.append((middle - start) / bound)
            steps.append((time.perf_counter() - middle) / bound)
        table.setdefault("parameters and shocks, first scenario", []).append(builds[0])
        table.setdefault("parameters and shocks, a further scenario", []).append(median(builds[1:]))
        table.setdefault("kernel, a scenario", []).append(median(steps))
        table.setdefault("shocks and kernel, one scenario", []).append(builds[0] + steps[0])
        table.setdefault("shocks and kernel, four scenarios, each", []).append(
            (sum(builds) + sum(steps)) / len(scenarios)
        )
    drawn = BLOCK / median(base) / 1000
    print(f"{count} normals a draw; drawing them alone: {drawn:.0f} thousand draws/s (PCG64)")
    print(f"{'medians of ' + str(rounds) + ' rounds':<44} ÷ drawing the normals alone")
    for name, ratios in table.items():
        print(f"{name:<44} {median(ratios):6.2f}  ({min(ratios):.2f}–{max(ratios):.2f})")


if __name__ == "__main__":
    main()
