"""What projects cost a sweep: the same scenario with and without a delay of them, in turns.

Seconds are of fresh processes, their start included: with events, the replications are read from
the cache, and every worker is handed their differences. What it takes to simulate the replications
first is told beside it. ``python -m benchmarks.events NAME DRAWS WORKERS FOLDER`` is one of them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Row, Size, interleaved, python, ratios, rounds_for, spread, watch
from simcore.plan import Plan
from simcore.production import produce
from simcore.reconcile import reconcile
from simcore.scenario import load_scenario

SEED = 1
WITHOUT, WITH = "baseline", "projects-delayed"
WORKERS = 2
GOAL = 1.3
COST = 5e-4  # seconds a draw, as first estimated


def child(name: str, draws: int, workers: int, folder: Path) -> dict[str, float]:
    """Make a result of a scenario; the seconds it took, and those of its projects alone."""
    posterior = reconcile()
    scenario = load_scenario(name, posterior.problem.past.baseline)
    plan, start = Plan((scenario,), draws, SEED, posterior), time.perf_counter()
    kept = plan.projects
    projects = time.perf_counter() - start
    assert (kept[0] is None) == (name == WITHOUT)
    produce(plan, folder / "events.h5", workers=workers)
    return {"work": time.perf_counter() - start, "projects": projects}


def measure(size: Size, folder: Path) -> dict[str, Any]:
    """Return seconds with and without events, round by round, and those of a first run.

    Nothing is in the cache of the benchmarks before.
    """
    once(WITHOUT, 1, folder)  # the reconciliation is kept, files are in memory
    first = once(WITH, 1, folder)["projects"]
    rounds = max(1, rounds_for(2 * COST * size.several, size.rounds))
    works = {name: partial(once, name, size.several, folder) for name in (WITHOUT, WITH)}
    return {"draws": size.several, "first": first, "rounds": interleaved(works, rounds)}


def once(name: str, draws: int, folder: Path) -> dict[str, float]:
    """Run a scenario in a fresh process; what it wrote is removed."""
    found = watch(python("-m", "benchmarks.events", name, draws, WORKERS, folder))
    (folder / "events.h5").unlink(missing_ok=True)
    return {"whole": found.seconds, **found.found}


def rows(data: Mapping[str, Any]) -> list[Row]:
    """Return the lines of the table."""
    whole = {name: [c["whole"] for c in cells] for name, cells in data["rounds"].items()}
    times, kept = ratios(whole[WITH], whole[WITHOUT]), data["rounds"][WITH]
    what = f"{data['draws']:,} draws × 1 scenario, {WORKERS} workers"
    return [
        Row(
            f"{what}: sweep with delayed projects ÷ without, replications kept", spread(times),
            f"≤ {GOAL}", median(times) <= GOAL,
        ),
        Row("reading kept replications, seconds", spread([c["projects"] for c in kept], ".1f")),
        Row("simulating them the first time, seconds", f"{data['first']:.1f}"),
    ]  # fmt: skip


if __name__ == "__main__":
    name, draws, workers, place = sys.argv[1:]
    print(json.dumps(child(name, int(draws), int(workers), Path(place))))
