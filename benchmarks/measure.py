"""How things are measured: interleaved rounds, medians, and the memory of a tree of processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

ROUNDS = 5
PATIENCE = 240.0  # seconds that the rounds of one measurement may take together
LONGEST = 400.0  # seconds above which a measurement is left out
PAUSE = 0.05  # seconds between two looks at a tree of processes


@dataclass(frozen=True)
class Size:
    """How much is measured: ``full`` for the record, ``small`` to see that it works."""

    draws: tuple[int, ...]  # of a stored sweep of one scenario
    several: int  # draws of a stored sweep of four scenarios
    summary: int  # draws of four scenarios of which only summaries are kept
    peers: tuple[int, ...]  # draws of the same model elsewhere
    read: int  # draws of the result that quantiles are read from
    rounds: int = ROUNDS
    kernel_rounds: int = 9


SIZES = {
    "full": Size((10_000, 100_000, 1_000_000), 100_000, 1_000_000, (200, 1000), 100_000),
    "small": Size((1024, 3072), 1024, 2048, (20, 50), 2048, rounds=1, kernel_rounds=2),
}


@dataclass(frozen=True)
class Row:
    """A line of the table: what, how much, the goal, and whether it is met (None: no goal)."""

    what: str
    measured: str
    goal: str = ""
    met: bool | None = None

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Watched:
    """What a fresh process took: seconds with its start, peak memory, and what it printed."""

    seconds: float
    peak: int
    printed: str

    @property
    def found(self) -> Any:
        """What it printed last, read as JSON."""
        return json.loads(self.printed.splitlines()[-1])


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(
    works: Mapping[str, Callable[[], Any]], rounds: int = ROUNDS
) -> dict[str, list[Any]]:
    """Call every work once a round; return what each returned, round by round."""
    found: dict[str, list[Any]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            found[name].append(work())
    return found


def rounds_for(estimate: float, most: int = ROUNDS) -> int:
    """Return how many rounds fit, at least one; 0 if a round is estimated to take too long.

    >>> [rounds_for(seconds) for seconds in (1, 80, 300, 1000)]
    [5, 3, 1, 0]
    """
    if estimate > LONGEST:
        return 0
    return max(1, min(most, int(PATIENCE // max(estimate, 1e-9))))


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Return ratios inside the rounds."""
    return [a / b for a, b in zip(above, below, strict=True)]


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Return the median with its range, as text.

    >>> spread([3.0, 1.0, 2.0], ".1f")
    '2.0 (1.0–3.0)'
    """
    if len(values) == 1:
        return f"{values[0]:{form}}"
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def watch(command: Sequence[str]) -> Watched:
    """Run a command in a fresh process and look at the memory of its whole tree as it runs.

    Resident memory is summed over the tree: pages that processes share count once for each. Raises
    `RuntimeError` with the command's own words if it fails.
    """
    import psutil

    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    tree, peak = psutil.Process(process.pid), 0
    while True:
        peak = max(peak, _resident(tree))
        try:
            out, err = process.communicate(timeout=PAUSE)
        except subprocess.TimeoutExpired:
            continue
        break
    took = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}: {err[-500:]}")
    return Watched(took, peak, out)


def _resident(tree: Any) -> int:
    """Return the resident memory of a process and all that it started [bytes]."""
    import psutil

    total = 0
    try:
        processes = [tree, *tree.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue  # it has ended since
    return total


def python(*words: object) -> list[str]:
    """Return a command that runs this Python."""
    return [sys.executable, *map(str, words)]
