"""Whole sweeps with storage, in fresh processes: seconds, bytes, and the memory of the tree.

Beside them, in the same rounds: computing alone, and bare processes that do nothing but draw
normals, which say how much two processes can be worth on this machine now.
``python -m benchmarks.sweep stored|computing DRAWS SCENARIOS WORKERS FOLDER`` is one of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.kernel import SCENARIOS, count_normals
from benchmarks.measure import (
    LONGEST,
    Row,
    Size,
    interleaved,
    python,
    ratios,
    rounds_for,
    spread,
    watch,
)
from simcore.arrays import Array, Mask
from simcore.plan import Plan
from simcore.production import produce
from simcore.reconcile import reconcile
from simcore.scenario import load_scenario
from simcore.sweep import execute

SEED = 1
BARE = 200_000  # draws whose normals each bare process draws
MEMORY = 600e6  # bytes
Cell = dict[str, float]
"""Seconds of the work, seconds with the start of Python, bytes on disk, peak bytes of memory."""


class Nowhere:
    """A sink that keeps nothing: what is left is computing."""

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep nothing."""

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Keep nothing."""

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep nothing."""


# --- inside a fresh process -----------------------------------------------------------------------


def child(kind: str, draws: int, scenarios: int, workers: int, folder: Path) -> dict[str, float]:
    """Do one of the works, and say how long it took without the start of Python."""
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    chosen = tuple(load_scenario(name, baseline) for name in SCENARIOS[:scenarios])
    plan, path = Plan(chosen, draws, SEED, posterior), folder / "sweep.h5"
    start = time.perf_counter()
    if kind == "computing":
        execute(plan, Nowhere())
        return {"work": time.perf_counter() - start}
    produce(plan, path, workers=workers)
    return {"work": time.perf_counter() - start, "bytes": path.stat().st_size}


# --- measuring it ---------------------------------------------------------------------------------


def measure(size: Size, folder: Path) -> dict[str, Any]:
    """Return the rounds of every size, smallest first; each says how long the next will take."""
    cell = partial(run, folder=folder)
    cell("stored", 1, 1, 1)  # the reconciliation is kept, files are in memory
    found: dict[str, Any] = {"one": {}, "omitted": []}
    cost = {1: 1e-3, 2: 1e-3}  # seconds a draw, by workers
    for draws in size.draws:
        works = _works(cell, draws, draws < max(size.draws), cost, found["omitted"])
        rounds = rounds_for(sum(seconds for _, seconds in works.values()), size.rounds)
        if not works:
            continue
        calls = {name: work for name, (work, _) in works.items()}
        rounds_found = interleaved(calls, max(rounds, 1))
        found["one"][draws] = rounds_found
        for workers in cost:
            if name := _present(rounds_found, workers):
                cost[workers] = median(c["work"] for c in rounds_found[name]) / draws
    estimate = len(SCENARIOS) * size.several * cost[2]
    rounds = max(1, rounds_for(estimate, size.rounds))
    several = partial(cell, "stored", size.several, len(SCENARIOS), 2)
    found["several"] = {size.several: [several() for _ in range(rounds)]}
    found["summary"] = summary(size, folder, found["several"][size.several][0]["work"])
    return found


def _works(
    cell: Callable[..., Cell],
    draws: int,
    beside: bool,
    cost: Mapping[int, float],
    omitted: list[str],
) -> dict[str, tuple[Callable[[], Cell], float]]:
    """Return the works of a size, each with the seconds it is estimated to take.

    ``beside``: with computing alone and bare processes, left out at the largest size.
    """
    works = {f"stored, {w}": (partial(cell, "stored", draws, 1, w), draws * cost[w]) for w in cost}
    if beside:
        works["computing"] = partial(cell, "computing", draws, 1, 1), draws * cost[1]
        for workers in cost:
            works[f"normals, {workers}"] = partial(bare, workers), 0.0
    too_long = [name for name, (_, seconds) in works.items() if seconds > LONGEST]
    for name in too_long:
        estimate = works.pop(name)[1]
        omitted.append(f"{draws:,} draws, {name}: estimated to take {estimate:.0f} s, left out")
    return works


def _present(found: Mapping[str, Any], workers: int) -> str | None:
    name = f"stored, {workers}"
    return name if name in found else None


def run(kind: str, draws: int, scenarios: int, workers: int, folder: Path) -> Cell:
    """Run one of the works in a fresh process; what it wrote is removed."""
    words = ("-m", "benchmarks.sweep", kind, draws, scenarios, workers, folder)
    found = watch(python(*words))
    (folder / "sweep.h5").unlink(missing_ok=True)
    return {"whole": found.seconds, "peak": found.peak, **found.found}


def bare(workers: int) -> Cell:
    """Run processes that only draw normals."""
    found = watch(python("-m", "benchmarks.normals", count_normals(), BARE, workers))
    return {"whole": found.seconds, "peak": found.peak, **found.found}


def summary(size: Size, folder: Path, stored: float) -> Cell | str:
    """Return what a sweep of which only summaries are kept takes, or why there is none."""
    usage = subprocess.run(python("-m", "simcore", "run", "--help"), capture_output=True, text=True)
    if "--keep" not in usage.stdout:
        return "this version keeps every draw"
    estimate = stored * size.summary / size.several
    if estimate > LONGEST:
        return f"estimated to take {estimate:.0f} s, left out"
    path = folder / "summary.h5"
    words = ("-m", "simcore", "run", *SCENARIOS, "-n", size.summary, "--seed", SEED, "-o", path)
    found = watch(python(*words, "--workers", 2, "--keep", "summary"))
    written = path.stat().st_size
    path.unlink()
    return {
        "draws": size.summary, "whole": found.seconds, "work": found.seconds, "peak": found.peak,
        "bytes": written,
    }  # fmt: skip


# --- saying it ------------------------------------------------------------------------------------


def rows(data: Mapping[str, Any]) -> list[Row]:
    """Return the lines of the table."""
    found = []
    for draws, works in data["one"].items():
        for workers in (1, 2):
            if name := _present(works, workers):
                what = f"{int(draws):,} draws × 1 scenario, {_processes(workers)}"
                found += _stored_rows(what, int(draws), works[name])
    found += _ratio_rows(data["one"])
    (draws, cells), scenarios = next(iter(data["several"].items())), len(SCENARIOS)
    what = f"{int(draws):,} draws × {scenarios} scenarios, {_processes(2)}"
    found += _stored_rows(what, int(draws) * scenarios, cells, 100_000)
    if isinstance(data["summary"], str):
        found.append(Row(f"summaries alone of {scenarios} scenarios: {data['summary']}", "–"))
    else:
        draws = int(data["summary"]["draws"])
        what = f"{draws:,} draws × {scenarios} scenarios, summaries alone, {_processes(2)}"
        found += _stored_rows(what, draws * scenarios, [data["summary"]])
    return found + [Row(text, "–") for text in data["omitted"]]


def _processes(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"


def _stored_rows(
    what: str, scenario_draws: int, cells: list[Cell], goal: float | None = None
) -> list[Row]:
    """Seconds, speed, bytes and memory of a stored sweep."""
    times = f"; {len(cells)} rounds" if len(cells) > 1 else "; once"
    speeds = [scenario_draws / c["work"] for c in cells]
    aim = f"≥ {goal:,.0f}" if goal else ""
    met = None if goal is None else median(speeds) >= goal
    size, peak = max(c["bytes"] for c in cells) / 1e6, max(c["peak"] for c in cells)
    most = f"≤ {MEMORY / 1e6:.0f} MB"
    return [
        Row(f"{what}: seconds, start of Python included{times}",
            spread([c["whole"] for c in cells], ".1f")),
        Row(f"{what}: scenario-draws/s", spread(speeds, ",.0f"), aim, met),
        Row(f"{what}: on disk", f"{size:,.0f} MB"),
        Row(f"{what}: peak memory of all processes", f"{peak / 1e6:,.0f} MB", most, peak <= MEMORY),
    ]  # fmt: skip


def _ratio_rows(one: Mapping[Any, Any]) -> list[Row]:
    """Storage over computing, two workers over one, and how flat the cost of a draw is."""
    beside = [(int(draws), works) for draws, works in one.items() if "computing" in works]
    draws, works = max(beside, key=lambda pair: pair[0])
    work = {name: [c["work"] for c in cells] for name, cells in works.items()}
    storage = ratios(work["stored, 1"], work["computing"])
    gain = ratios(work["stored, 1"], work["stored, 2"])
    bare_gain = [2 * value for value in ratios(work["normals, 1"], work["normals, 2"])]
    relative = ratios(gain, bare_gain)
    note = f"{draws:,} draws"
    return [
        Row(f"whole sweep ÷ computing alone, 1 worker, {note}", spread(storage), "≤ 1.8",
            median(storage) <= 1.8),
        Row(f"one worker's time ÷ two workers', {note}", spread(gain)),
        Row("the same of processes that only draw normals", spread(bare_gain)),
        Row(f"two workers ÷ one, relative to bare processes, {note}", spread(relative), "≥ 0.9",
            median(relative) >= 0.9),
        *(row for workers in (1, 2) if (row := _flat_row(one, workers))),
    ]  # fmt: skip


def costs(one: Mapping[Any, Any], workers: int) -> dict[int, float]:
    """Return the median seconds of a draw by number of draws."""
    return {
        int(draws): median(c["work"] for c in works[name]) / int(draws)
        for draws, works in one.items()
        if (name := _present(works, workers))
    }


def _flat_row(one: Mapping[Any, Any], workers: int) -> Row | None:
    """How much the cost of a draw varies with their number.

    Two workers are compared from the second size on: in the first they mostly start.
    """
    cost = costs(one, workers)
    chosen = list(cost.items())[workers - 1 :]
    if len(chosen) < 2:
        return None
    values = [value for _, value in chosen]
    change = 100 * (max(values) / min(values) - 1)
    span = f"{chosen[0][0]:,} to {chosen[-1][0]:,}"
    texts = ", ".join(f"{1e6 * value:.1f}" for value in values)
    return Row(f"cost of a draw from {span}, {_processes(workers)}: {texts} µs",
               f"{change:.0f} % apart", "≤ 10 %", change <= 10)  # fmt: skip


def speeds(data: Mapping[str, Any]) -> list[float]:
    """Return the scenario-draws a second of the sweep of several scenarios, round by round."""
    draws, cells = next(iter(data["several"].items()))
    return [int(draws) * len(SCENARIOS) / cell["work"] for cell in cells]


if __name__ == "__main__":
    kind, *numbers, place = sys.argv[1:]
    draws, scenarios, workers = map(int, numbers)
    print(json.dumps(child(kind, draws, scenarios, workers, Path(place))))
