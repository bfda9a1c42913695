"""Reading scenarios: shipped names, files, what they extend, and what is laid on top."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simcore.baseline import Baseline
from simcore.document import Document, parse_document, read_document
from simcore.errors import InputError, did_you_mean
from simcore.layering import joined_label, layered, setting_document
from simcore.levers import MAXIMUM_NAME, Scenario
from simcore.resources import folder
from simcore.scenario_check import check

__all__ = [
    "Resolved",
    "Scenario",
    "bounded_name",
    "find_scenario",
    "load_scenario",
    "parse_scenario",
    "resolve",
    "shipped_scenarios",
]


@dataclass(frozen=True)
class Resolved:
    """A scenario and the document it was resolved from, for ``show`` and for errors."""

    scenario: Scenario
    document: Document


def load_scenario(name: str, baseline: Baseline, settings: Sequence[str] = ()) -> Scenario:
    """Read a shipped scenario by name, or a file by path; ``a+b`` composes, the later wins.

    ``settings`` are ``levers.donghu.gdp_growth=5%`` and the like, laid on top.
    Raises `InputError` with every problem and its place.
    """
    return resolve(name, baseline, settings).scenario


def parse_scenario(text: str, file: str, baseline: Baseline) -> Scenario:
    """Read a scenario from a text as from a file of that name in the current folder.

    Raises `InputError` with every problem and its place.
    """
    path = Path(file)
    return check(_on_parents(parse_document(text, file), path, ()), baseline)


def resolve(name: str, baseline: Baseline, settings: Sequence[str] = ()) -> Resolved:
    """As `load_scenario`, with the merged document."""
    parts = [name] if Path(name).exists() else name.split("+")
    document = _inherited(find_scenario(parts[0]), ())
    labels = [document.data.get("label")]
    for part in parts[1:]:
        later = _inherited(find_scenario(part), ())
        labels.append(later.data.get("label"))
        document = layered(later, document)
        document.data["name"] = bounded_name(name)
    for setting in settings:
        document = layered(setting_document(setting), document)
    if len(parts) > 1:
        document.data["label"] = joined_label(labels)
    if settings and not any(setting.startswith("name=") for setting in settings):
        laid = [setting.removeprefix("levers.") for setting in settings]
        document.data["name"] = bounded_name("; ".join([str(document.data.get("name")), *laid]))
    return Resolved(check(document, baseline), document)


def bounded_name(text: str) -> str:
    """Return a text as a name: without odd characters, and a long one cut but told apart.

    >>> bounded_name("baseline; behaviour.spillover={dist: constant}")
    'baseline; behaviour.spillover=dist constant'
    """
    name = re.sub(r"[^\w.+=%,;*@ -]", "", text)
    if len(name) <= MAXIMUM_NAME:
        return name
    return f"{name[: MAXIMUM_NAME - 9]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def shipped_scenarios() -> dict[str, Path]:
    """Names and files of the shipped scenarios."""
    return {path.stem: path for path in sorted(folder("scenarios").glob("*.yaml"))}


def find_scenario(name: str) -> Path:
    """Return the file of a shipped name or of a path; raises `InputError`."""
    if is_path(name):
        return Path(name)
    known = shipped_scenarios()
    if name not in known:
        near = did_you_mean(name, known)
        raise InputError(f"{name}: no such scenario{near or '; simcore list shows them'}")
    return known[name]


def is_path(name: str) -> bool:
    """Whether a name is that of a file: it has a slash or a suffix."""
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml"))


def _inherited(path: Path, chain: tuple[Path, ...]) -> Document:
    """Read a scenario file merged onto its parents."""
    return _on_parents(read_document(path), path, chain)


def _on_parents(document: Document, path: Path, chain: tuple[Path, ...]) -> Document:
    """Merge what a scenario file says onto its parents."""
    if not isinstance(document.data, dict):
        raise InputError([document.problem((), "a scenario is a mapping of keys")])
    parent = document.data.get("extends")
    if parent is None:
        return document
    here = (*chain, path.resolve())
    if not isinstance(parent, str):
        raise InputError([document.problem(("extends",), "names one scenario")])
    parent_path = path.parent / parent if is_path(parent) else shipped_scenarios().get(parent)
    if parent_path is None or not parent_path.exists():
        near = did_you_mean(parent, shipped_scenarios())
        message = f"there is no scenario '{parent}' to extend{near}"
        raise InputError([document.problem(("extends",), message)])
    if parent_path.resolve() in here:
        raise InputError([document.problem(("extends",), f"'{parent}' extends this one in turn")])
    return layered(document, _inherited(parent_path, here))
