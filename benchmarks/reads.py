"""Reading quantiles of an indicator from a result file, through the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Row, Size, seconds, spread
from simcore.dataset import open_results
from simcore.plan import Plan
from simcore.production import produce
from simcore.reconcile import reconcile
from simcore.scenario import load_scenario

INDICATORS = ("gdp", "value_added")
SEED = 1
GOAL = 1.0  # seconds


def measure(size: Size, folder: Path) -> dict[str, Any]:
    """Return the seconds of opening a result and taking five quantiles of an indicator."""
    import simcore.accessor  # noqa: F401  (dataset.simcore)

    posterior = reconcile()
    path = folder / "reads.h5"
    scenario = load_scenario("baseline", posterior.problem.past.baseline)
    produce(Plan((scenario,), size.read, SEED, posterior), path)
    taken: dict[str, list[float]] = {name: [] for name in INDICATORS}
    for _ in range(size.rounds):
        for name in INDICATORS:
            taken[name].append(seconds(lambda name=name: _read(path, name)))
    path.unlink()
    return {"draws": size.read, "seconds": taken}


def _read(path: Path, indicator: str) -> Any:
    with open_results(path) as dataset:
        return dataset.simcore.fan(indicator)


def rows(data: Mapping[str, Any]) -> list[Row]:
    """Return the lines of the table; the goal is for an indicator of zones."""
    found = []
    for name, taken in data["seconds"].items():
        what = f"quantiles of {name} over {data['draws']:,} draws, seconds"
        goal = name == INDICATORS[0]
        met = median(taken) <= GOAL if goal else None
        found.append(Row(what, spread(taken), f"≤ {GOAL:.0f} s" if goal else "", met))
    return found
