"""The command line inside one process: how tests call it, and what it prints and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from simcore.baseline import load_baseline
from simcore.cli import cli

BASELINE = load_baseline()
PAIRS = {(activity.zone, activity.industry) for activity in BASELINE.activities}
COMPARISON_KEYS = {
    "scenario", "indicator", "zone", "industry", "year", "median", "q05", "q95",
    "baseline_median", "difference_median", "difference_q05", "difference_q95",
    "probability_above", "largest_difference",
}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n"


def invoke(*words: object, code: int = 0) -> Result:
    found = CliRunner().invoke(cli, [str(word) for word in words])
    if found.exit_code != code:
        raise AssertionError(f"exit {found.exit_code}: {found.output:.400}") from found.exception
    return found


def refused(*words: object) -> list[str]:
    """Lines of the error of a command that exits with 2 and prints nothing else."""
    found = invoke(*words, code=2)
    assert found.stdout == ""
    return found.stderr.splitlines()


def no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which json.loads would take."""
    raise AssertionError(f"{name} is no JSON")


def printed_json(*words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(invoke(*words, "--json").stdout, parse_constant=no_constant)
    assert isinstance(found["rows"], list)
    return found


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def scenario_file(name: str, body: str) -> Path:
    stem = Path(name).stem
    head = f"simcore: 1\nname: {stem}\nlabel: {{en: {stem}, zh: {stem}}}\nextends: baseline\n"
    return write(name, head + body)
