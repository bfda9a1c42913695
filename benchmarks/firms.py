"""A sweep with levers on firms over the same sweep without them, in fresh processes.

``python -m benchmarks.firms with|without DRAWS FOLDER`` is one of them.
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
LEVERS = {"without": (), "with": ("levers.*.firms.promotion=20%", "levers.*.firms.entry=10%")}
DEAREST = 1.3
SECOND = 4e3  # draws of a scenario that are made in it, to say how many rounds there are


def child(kind: str, draws: int, folder: Path) -> float:
    """Return the seconds of a stored sweep of one worker, the counts of firms included."""
    posterior = reconcile()
    scenario = load_scenario("baseline", posterior.problem.past.baseline, LEVERS[kind])
    start = time.perf_counter()
    produce(Plan((scenario,), draws, SEED, posterior), folder / "firms.h5", workers=1)
    return time.perf_counter() - start


def measure(size: Size, folder: Path) -> dict[str, Any]:
    """Return the draws and the seconds with and without, round by round."""
    draws = size.several
    rounds = min(size.rounds, rounds_for(len(LEVERS) * draws / SECOND))
    works = {kind: partial(run, kind, draws, folder) for kind in LEVERS}
    return {"draws": draws, "seconds": interleaved(works, max(rounds, 1))}


def run(kind: str, draws: int, folder: Path) -> float:
    """Run one of the sweeps in a fresh process; what it wrote is removed."""
    found = watch(python("-m", "benchmarks.firms", kind, draws, folder))
    (folder / "firms.h5").unlink()
    return float(found.found)


def rows(data: Mapping[str, Any]) -> list[Row]:
    """Return the lines of the table."""
    taken = data["seconds"]
    times = ratios(taken["with"], taken["without"])
    what = f"sweep with levers on firms ÷ without, 1 worker, {data['draws']:,} draws"
    return [Row(what, spread(times), f"≤ {DEAREST}", median(times) <= DEAREST)]


if __name__ == "__main__":
    print(json.dumps(child(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
