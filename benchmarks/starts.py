"""Cold starts: fresh processes from the shell's side."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Row, Size, interleaved, python, ratios, seconds, spread

HELP, WHAT_IF = ("-m", "simcore", "--help"), ("-m", "simcore", "what-if", "--gdp-growth", "5%")
NOTHING = ("-c", "pass")


def measure(size: Size, folder: Path) -> dict[str, Any]:
    """Return seconds by command, round by round.

    ``cold`` begins with an empty cache of reconciliations, ``warm`` finds one there.
    """
    cache = folder / "cache"
    environment = os.environ | {"SIMCORE_CACHE": str(cache)}

    def timed(*words: str, empty: bool = False) -> float:
        if empty:
            shutil.rmtree(cache, ignore_errors=True)
        command = python(*words)
        return seconds(
            lambda: subprocess.run(command, env=environment, capture_output=True, check=True)
        )

    timed(*HELP)  # files are in memory, modules are compiled
    return interleaved(
        {
            "nothing": lambda: timed(*NOTHING),
            "help": lambda: timed(*HELP),
            "cold": lambda: timed(*WHAT_IF, empty=True),
            "warm": lambda: timed(*WHAT_IF),
        },
        size.rounds,
    )


def rows(data: Mapping[str, Any]) -> list[Row]:
    """Return the lines of the table."""
    times = ratios(data["help"], data["nothing"])
    found = [
        Row("simcore --help, seconds", spread(data["help"])),
        Row("simcore --help ÷ python -c pass", spread(times, ".1f"), "≤ 5", median(times) <= 5),
    ]
    for name, cache in (("warm", "a kept"), ("cold", "no kept")):
        what = f"simcore what-if --gdp-growth 5% with {cache} reconciliation, seconds"
        found.append(Row(what, spread(data[name]), "≤ 3 s", median(data[name]) <= 3))
    return found
