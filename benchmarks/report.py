"""Run all benchmarks; write the results, the table in the README and the picture.

``python -m benchmarks.report [full|small|render]``: ``small`` only shows that it works, and leaves
the record alone; ``render`` writes table and picture again from the results that are there.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import ema, events, firms, kernel, loop, picture, reads, starts, sweep
from benchmarks.measure import SIZES, Row, python, spread
from simcore.plan import LIBRARIES, code_fingerprint

HERE = Path(__file__).parent
SCRATCH = HERE.parent / "outputs"  # on the disk that results are written to
RECORD, README = HERE / "results.json", HERE / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
TIMES_EMA = 100

SECTIONS: dict[str, Any] = {
    "kernel": kernel, "loop": loop, "ema": ema, "sweep": sweep, "events": events, "firms": firms,
    "reads": reads,
    "starts": starts,
}  # fmt: skip
"""Modules with ``measure(size, folder)`` and ``rows(data)``, in the order of the table."""
SAMPLERS = HERE / "samplers.py"  # a script of its own: replicates, largest number of draws, folder
SAMPLED = {"full": (16, 1 << 13), "small": (2, 1 << 7)}


def main(size: str) -> None:
    """Measure everything and write it down."""
    if size == "render":
        render(json.loads(RECORD.read_text(encoding="utf-8")), HERE)
        return
    record: dict[str, Any] = {"size": size, **circumstances(), "sections": {}}
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=SCRATCH) as folder:
        os.environ["SIMCORE_CACHE"] = str(Path(folder) / "kept")
        for name, module in SECTIONS.items():
            print(f"\n{name}", flush=True)
            start = time.perf_counter()
            data = module.measure(SIZES[size], Path(folder))
            record["sections"][name] = json.loads(json.dumps(data))  # as it will be read back
            for row in module.rows(record["sections"][name]):
                print(f"  {_line(row)}", flush=True)
            print(f"  measured in {time.perf_counter() - start:.0f} s")
    kept = RECORD if size == "full" else SCRATCH / "benchmarks-small.json"
    kept.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print()
    for row in peers(record["sections"]):
        print(f"  {_line(row)}")
    place = HERE if size == "full" else SCRATCH
    if SAMPLERS.exists():
        print("\nsamplers", flush=True)
        subprocess.run(python(SAMPLERS, *SAMPLED[size], place), check=True)
    if size == "full":
        render(record, place)
    else:
        print("in", *picture.draw(record["sections"], place))


def circumstances() -> dict[str, Any]:
    """Return the machine, the date and the versions."""
    import psutil

    libraries = (*LIBRARIES, "ema_workbench")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 1e9),
            "system": f"{platform.system()} {platform.release()}",
        },
        "versions": {"python": platform.python_version(), "simcore": version("simcore")}
        | {name: version(name) for name in libraries},
        "code": code_fingerprint(),
    }


def _processor() -> str:
    """Name the processor, as Linux has it."""
    place = Path("/proc/cpuinfo")
    if place.exists():
        for line in place.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def peers(sections: Mapping[str, Any]) -> list[Row]:
    """Compare the whole sweep of several scenarios with EMA Workbench, by way of handing over."""
    own = median(sweep.speeds(sections["sweep"]))
    found = []
    for way in ema.WAYS:
        rates = ema.rates(sections["ema"], way)
        times = [own / rate for rate in rates]
        found.append(
            Row(
                f"whole sweep of four scenarios ÷ EMA Workbench, {way}, faster evaluator",
                spread(times, ",.0f"), f"≥ {TIMES_EMA}", median(times) >= TIMES_EMA,
            )
        )  # fmt: skip
    return found


def table(record: Mapping[str, Any]) -> list[Row]:
    """Return all lines of the table."""
    sections = record["sections"]
    found = [row for name, data in sections.items() for row in SECTIONS[name].rows(data)]
    return found + peers(sections)


def render(record: Mapping[str, Any], folder: Path) -> None:
    """Write the table into the README between its marks, and the picture beside it."""
    machine, versions = record["machine"], record["versions"]
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    head = (
        f"Measured on {record['date']}: {machine['cores']} cores of {machine['processor']}, "
        f"{machine['memory_gb']} GB, {machine['system']}; {listed}."
    )
    lines = ["| what | measured | goal | met |", "|---|--:|--:|---|"]
    for row in table(record):
        verdict = {None: "", True: "yes", False: "**no**"}[row.met]
        lines.append(f"| {row.what} | {row.measured} | {row.goal} | {verdict} |")
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    shown = "![Seconds, and microseconds a draw, against the number of draws](cost.svg)"
    middle = "\n".join(["", shown, "", head, "", *lines, ""])
    README.write_text(f"{before}{BEGIN}{middle}{END}{after}", encoding="utf-8")
    print("in", README, *picture.draw(record["sections"], folder))


def _line(row: Row) -> str:
    verdict = {None: "", True: "met", False: "missed"}[row.met]
    return f"{row.what:<96} {row.measured:>26}  {row.goal:<10} {verdict}".rstrip()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "full")
