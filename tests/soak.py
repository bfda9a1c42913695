"""Kill runs at random moments, resume them, and hold them against an undisturbed one, bit for bit.

``python tests/soak.py --kills 10`` kills the parent, a worker and a Dask worker ten times each, by
``kill -9``. It prints a line for each, and fails if any result differs. The moments follow from the
seed that is printed: ``--seed`` gives them again, ``--only worker --case 3`` one of them. A moment
is a number of finished blocks and a delay, so it means the same on a slow machine. ``make test``
does not run it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import psutil

from simcore.sampling import BLOCK
from simcore.shards import Parts

SCENARIOS = ("baseline", "growth-5")
SEED = 4  # of the runs
OF_THE_DAY = ("history", "date_created")  # attributes that differ from run to run
PATIENCE = 600  # seconds for a run to get anywhere
LOOK = 0.01  # seconds between two looks
START = 5.0  # seconds within which a run has most of its start behind it
TRIES = 10  # how often a moment is drawn anew after a run was over before it
VICTIMS = ("parent", "worker", "dask")


@dataclass(frozen=True)
class Moment:
    """When to kill: so many seconds after so many blocks."""

    blocks: int
    delay: float

    def __str__(self) -> str:
        return f"{self.blocks} blocks + {self.delay:.3f} s"


@dataclass(frozen=True)
class Case:
    """One run that is to be killed."""

    victim: str
    number: int
    draws: int
    path: Path
    address: str = ""
    """of the Dask scheduler"""

    @property
    def blocks(self) -> int:
        """How many blocks the run has."""
        return -(-self.draws // BLOCK)

    def command(self) -> list[str]:
        """Return the command, which is also the one that resumes."""
        where = ("--dask", self.address) if self.address else ("--workers", "2")
        return [
            sys.executable, "-m", "simcore", "--lang", "en", "run", *SCENARIOS,
            "-n", str(self.draws), "--seed", str(SEED), "-o", str(self.path), "--resume", *where,
        ]  # fmt: skip

    def moment(self, luck: random.Random) -> Moment:
        """Draw a moment: the parent may go from its start until the blocks are being joined."""
        last = self.blocks if self.victim == "parent" else self.blocks - 2
        blocks = luck.randint(0, max(last, 0))
        return Moment(blocks, luck.random() * (START if blocks == 0 else 0.5))


class Over(Exception):
    """A run was over before it could be killed."""


# --- one case -------------------------------------------------------------------------------------


def contents(path: Path) -> dict[str, str]:
    """Return a digest of every dataset and attribute by name; what is of the day is left out."""
    found: dict[str, str] = {}

    def add(name: str, item: Any) -> None:
        for key, value in item.attrs.items():
            if key not in OF_THE_DAY and not key.startswith(("REFERENCE", "DIMENSION", "_Net")):
                found[f"{name}@{key}"] = _digest(str(value).encode())
        if isinstance(item, h5py.Dataset):
            values = item[...]
            data = values.tobytes() if values.dtype != object else repr(values.tolist()).encode()
            found[name] = _digest(f"{item.dtype} {item.shape}".encode() + data)

    with h5py.File(path) as file:
        add("", file)
        file.visititems(add)
    return found


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return the names of what two files do not have alike."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def disturb(
    case: Case, victims: Callable[[subprocess.Popen[str]], list[int]], moment: Moment
) -> tuple[int, str]:
    """Start a run and kill a victim at a moment; returns exit code and words when it has ended.

    Raises `Over` if the run was over before, or had no such process any more.
    """
    process = subprocess.Popen(
        case.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        _wait(process, lambda: len(Parts(case.path).blocks()) >= moment.blocks)
        if case.victim != "parent":
            _wait(process, lambda: bool(victims(process)))
        time.sleep(moment.delay)
        alive = victims(process)
        if process.poll() is not None or not alive:
            raise Over
        os.kill(alive[0], signal.SIGKILL)
    except Over:
        process.communicate(timeout=PATIENCE)
        raise
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, (err or out).strip()


def _wait(process: subprocess.Popen[str], ready: Callable[[], bool]) -> None:
    patience = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None:
            raise Over
        if time.monotonic() > patience:
            process.kill()
            raise TimeoutError(f"a run got nowhere in {PATIENCE} s")
        time.sleep(LOOK)


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Return the processes that a run computes on: the children of its server of forks."""
    try:
        servers = psutil.Process(process.pid).children()
        return [worker.pid for server in servers for worker in server.children()]
    except psutil.NoSuchProcess:
        return []


def settle(case: Case, code: int, words: str) -> tuple[int | None, str]:
    """Resume a run that ended, if it was not finished; returns blocks kept, and what was seen.

    A killed parent says nothing, a parent whose worker was killed says so in one line, and a run
    on Dask goes on by itself.
    """
    kept = len(Parts(case.path).blocks())
    expected = {"parent": -signal.SIGKILL, "worker": 1, "dask": 0}[case.victim]
    seen = "" if code == expected else f"exit {code} instead of {expected}: {words[-200:]}"
    if case.victim == "worker" and "a worker process died" not in words:
        seen = seen or f"not said that a worker died: {words[-200:]}"
    if case.victim == "dask" and code == 0:
        return None, seen or "went on"
    done = subprocess.run(case.command(), capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode:
        return kept, f"not resumed: {done.stderr.strip()[-200:]}"
    return kept, seen or "resumed"


def killed(
    case: Case, victims: Callable[[subprocess.Popen[str]], list[int]], luck: random.Random
) -> tuple[Moment, int | None, str]:
    """Kill and resume a run; a moment after its end is drawn anew."""
    for _ in range(TRIES):
        moment = case.moment(luck)
        case.path.unlink(missing_ok=True)
        try:
            code, words = disturb(case, victims, moment)
        except Over:
            continue
        return (moment, *settle(case, code, words))
    raise RuntimeError(f"{case.victim} {case.number}: {TRIES} runs were over before their moment")


# --- all of them ----------------------------------------------------------------------------------


@contextmanager
def cluster(wanted: bool) -> Iterator[Any]:
    """Open a local Dask cluster of two worker processes, which are started again when they die."""
    if not wanted:
        yield None
        return
    import distributed

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as open_cluster:
        yield open_cluster


def soak(options: argparse.Namespace, folder: Path) -> int:
    """Run every case and print its line; returns how many went wrong."""
    whole = Case("parent", 0, options.draws, folder / "whole.h5")
    subprocess.run(whole.command(), check=True, capture_output=True)
    expected, wrong = contents(whole.path), 0
    numbers = range(options.kills) if options.case is None else [options.case]
    wanted = [victim for victim in VICTIMS if options.only in (None, victim)]
    print(f"{'victim':<8} {'case':>4}  {'moment':<20} {'kept':>8}  {'then':<10} identical")
    with cluster("dask" in wanted) as dask:
        for number in numbers:
            for victim in wanted:
                path = folder / f"{victim}-{number}.h5"
                address = dask.scheduler_address if victim == "dask" else ""
                case = Case(victim, number, options.draws, path, address)
                luck = random.Random(f"{options.seed} {victim} {number}")
                moment, kept, seen = killed(case, partial(_victims, victim, dask), luck)
                wrong += not _print(case, moment, kept, seen, expected)
    return wrong


def _victims(victim: str, dask: Any, process: subprocess.Popen[str]) -> list[int]:
    if victim == "parent":
        return [process.pid]
    if victim == "worker":
        return workers_of(process)
    return [worker.pid for worker in dask.workers.values() if worker.pid]


def _print(
    case: Case, moment: Moment, kept: int | None, seen: str, expected: dict[str, str]
) -> bool:
    """Print the line of a case and remove its file; returns whether all was well."""
    other = differences(contents(case.path), expected) if case.path.exists() else ["no result"]
    left = [path.name for path in case.path.parent.glob(f"{case.path.name}?*")]
    fine = not other and not left and seen in ("resumed", "went on")
    words = "yes" if not other else f"NO: {', '.join(other[:5])}"
    words += f"; left behind: {', '.join(left)}" if left else ""
    blocks = "" if kept is None else f"{kept} of {case.blocks}"
    line = f"{case.victim:<8} {case.number:>4}  {moment!s:<20} {blocks:>8}  {seen:<10} {words}"
    print(line, flush=True)
    case.path.unlink(missing_ok=True)
    return fine


def main() -> int:
    """Read the options, run, and say how it went."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=10, help="of each kind of victim")
    parser.add_argument("--draws", type=int, default=8192)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", choices=VICTIMS)
    parser.add_argument("--case", type=int, help="one case of each kind")
    options = parser.parse_args()
    print(f"{options.draws:,} draws × {len(SCENARIOS)} scenarios; --seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="simcore-soak-") as folder:
        wrong = soak(options, Path(folder))
    print(f"{wrong} went wrong" if wrong else "all identical")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
