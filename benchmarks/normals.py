"""Processes that do nothing but draw normals: what this machine gives to one and to two of them.

``python -m benchmarks.normals NORMALS DRAWS PROCESSES`` prints the seconds of the slowest.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from typing import Any

import numpy as np

BLOCK = 1024


def bare(normals: int, draws: int, processes: int) -> float:
    """Return the seconds of drawing the normals of so many draws in each process."""
    context = multiprocessing.get_context("spawn")
    begin, results = context.Barrier(processes), context.Queue()
    started = [
        context.Process(target=_draw, args=(begin, results, normals, draws, number))
        for number in range(processes)
    ]
    for process in started:
        process.start()
    taken = [results.get() for _ in started]
    for process in started:
        process.join()
    return max(taken)


def _draw(begin: Any, results: Any, normals: int, draws: int, number: int) -> None:
    generator = np.random.Generator(np.random.PCG64(number))
    begin.wait()
    start = time.perf_counter()
    for _ in range(-(-draws // BLOCK)):
        generator.standard_normal((normals, BLOCK))
    results.put(time.perf_counter() - start)


if __name__ == "__main__":
    print(json.dumps({"work": bare(*map(int, sys.argv[1:]))}))
