"""What a report rests on: assumptions by grade of evidence, sources, and where the file is from."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import xarray as xr

from simcore.baseline import Baseline
from simcore.entries import Figure
from simcore.errors import InputError
from simcore.labels import Label
from simcore.levers import Scenario
from simcore.priors import Distribution, Evidence, Priors
from simcore.report_words import zone_label
from simcore.resources import calibration_folders
from simcore.scenario import load_scenario, shipped_scenarios
from simcore.units import FACTORS, unit_label

STANDARD = np.array([-1.6448536269514722, 0.0, 1.6448536269514722])
"""Standard normals at 5 %, 50 % and 95 %."""


@dataclass(frozen=True)
class Assumption:
    """A prior: median and 90 % interval in its unit, evidence, source; ``zone`` where it differs.

    ``slack`` : whether it is a named way in which figures may disagree.
    """

    name: str
    label: Label
    zone: Label | None
    evidence: str
    unit: Label
    median: float
    low: float
    high: float
    source: str
    verified: bool
    slack: bool


@dataclass(frozen=True)
class Footnote:
    """A documented number that is shown, with its number on the page."""

    number: int
    figure: Figure


@dataclass(frozen=True)
class Provenance:
    """Where the file is from: ``rows`` of name and text; ``commands`` that make it, or check it."""

    rows: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]


def assumptions(priors: Priors, baseline: Baseline) -> tuple[Assumption, ...]:
    """Return the priors of the projection and the slacks, in the order of their evidence."""
    grades = get_args(Evidence)
    found = list(_assumptions(priors, baseline))
    return tuple(sorted(found, key=lambda one: grades.index(one.evidence)))


def _assumptions(priors: Priors, baseline: Baseline) -> Iterator[Assumption]:
    for name, prior in priors.parameters.items():
        for zone in (None, *prior.zones):
            place = None if zone is None else zone_label(zone, baseline)
            numbers = _numbers(prior.of_zone(zone), prior.unit)
            yield Assumption(
                name, prior.label, place, prior.evidence, *numbers, prior.source,
                prior.verified, False,
            )  # fmt: skip
    for name, slack in priors.slacks.items():
        yield Assumption(
            name, slack.label, zone_label(slack.zone, baseline), slack.evidence,
            *_numbers(slack, slack.unit), slack.source, True, True,
        )  # fmt: skip


def _numbers(distribution: Distribution, unit: str) -> tuple[Label, float, float, float]:
    """Return the unit in words, median, 5 % and 95 % of a distribution."""
    factor, words = FACTORS.get(unit, 1.0), Label("", "") if unit == "share" else unit_label(unit)
    low, median, high = (factor * distribution.from_standard(STANDARD)).tolist()
    return words, median, low, high


def footnotes(figures: Sequence[Figure]) -> dict[str, Footnote]:
    """Number the figures that are shown, each once, in the order given."""
    unique = dict.fromkeys(figure.id for figure in figures)
    known = {figure.id: figure for figure in figures}
    return {name: Footnote(place, known[name]) for place, name in enumerate(unique, 1)}


def provenance(
    path: Path, dataset: xr.Dataset, baseline: Baseline, calibration: str, command: str
) -> Provenance:
    """Return where a result is from, and the commands that make it again where that is known.

    ``calibration`` : fingerprint of the one in use; of another one no run is the same.
    """
    attributes = dataset.attrs
    versions: dict[str, str] = json.loads(attributes.get("versions", "{}"))
    rows = {
        "file": path.name,
        "created": str(attributes.get("date_created", "")),
        "scenarios": str(dataset.sizes["scenario"]),
        "draws": f"{int(attributes['draws']):,}",
        "seed": str(int(attributes["seed"])),
        "sampler": str(attributes.get("sampler", "")),
        "precision": str(attributes.get("precision", "double")),
        "keep": str(attributes.get("keep", "full")),
        "fingerprint": str(attributes.get("fingerprint", "")),
        "calibration": str(attributes["calibration"]),
        "simcore": str(attributes.get("simcore_version", "")),
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }
    same = str(attributes["calibration"]) == calibration
    again = run_command(path, attributes, baseline) if same else ""
    commands = [again, with_calibration(["simcore", "verify", path.name]), command]
    return Provenance(tuple(rows.items()), tuple(filter(None, commands)))


def run_command(path: Path, attributes: dict[Any, Any], baseline: Baseline) -> str:
    """Return the command that makes a result of shipped scenarios, nothing of others.

    A scenario counts as shipped if what the file says of it is what the shipped one says now.
    """
    shipped = shipped_scenarios()
    names = []
    for kept in map(Scenario.restored, json.loads(attributes["scenarios"])):
        if kept.name not in shipped:
            return ""
        try:
            now = load_scenario(kept.name, baseline)
        except InputError:  # shipped, but not of this calibration, or a sweep
            return ""
        if now.model_dump(exclude={"sampling"}) != kept.model_dump(exclude={"sampling"}):
            return ""
        names.append(kept.name)
    words = ["simcore", "run", *names, "-n", str(int(attributes["draws"]))]
    words += ["--seed", str(int(attributes["seed"]))]
    for name, usual in (("sampler", "random"), ("precision", "double"), ("keep", "full")):
        if attributes.get(name, usual) != usual:
            words += [f"--{name}", str(attributes[name])]
    return with_calibration([*words, "-o", path.name])


def with_calibration(words: Sequence[str]) -> str:
    """Return a command with the folders that are laid on the shipped calibration."""
    folders = [word for one in calibration_folders() for word in ("--calibration", str(one))]
    return shlex.join([*words, *folders])
