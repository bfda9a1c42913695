"""Reading scenarios: shipped names, files, what they extend, and what is laid on top."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simcore.baseline import Baseline
from simcore.document import Document, read_document
from simcore.errors import InputError, did_you_mean
from simcore.layering import joined_label, layered, setting_document
from simcore.levers import Scenario
from simcore.resources import folder
from simcore.scenario_check import check

__all__ = ["Resolved", "Scenario", "find_scenario", "load_scenario", "resolve", "shipped_scenarios"]


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


def resolve(name: str, baseline: Baseline, settings: Sequence[str] = ()) -> Resolved:
    """As `load_scenario`, with the merged document."""
    parts = [name] if _is_path(name) else name.split("+")
    document = _inherited(find_scenario(parts[0]), ())
    labels = [document.data.get("label")]
    for part in parts[1:]:
        later = _inherited(find_scenario(part), ())
        labels.append(later.data.get("label"))
        document = layered(later, document)
        document.data["name"] = name
    for setting in settings:
        document = layered(setting_document(setting), document)
    if len(parts) > 1:
        document.data["label"] = joined_label(labels)
    if settings and not any(setting.startswith("name=") for setting in settings):
        laid = [setting.removeprefix("levers.") for setting in settings]
        name = "; ".join([str(document.data.get("name")), *laid])
        document.data["name"] = re.sub(r"[^\w.+=%,;*@ -]", "", name)[:200]
    return Resolved(check(document, baseline), document)


def shipped_scenarios() -> dict[str, Path]:
    """Names and files of the shipped scenarios."""
    return {path.stem: path for path in sorted(folder("scenarios").glob("*.yaml"))}


def find_scenario(name: str) -> Path:
    """Return the file of a shipped name or of a path; raises `InputError`."""
    if _is_path(name):
        return Path(name)
    known = shipped_scenarios()
    if name not in known:
        near = did_you_mean(name, known)
        raise InputError(f"{name}: no such scenario{near or '; simcore list shows them'}")
    return known[name]


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml"))


def _inherited(path: Path, chain: tuple[Path, ...]) -> Document:
    """Read a scenario file merged onto its parents."""
    document = read_document(path)
    if not isinstance(document.data, dict):
        raise InputError([document.problem((), "a scenario is a mapping of keys")])
    parent = document.data.get("extends")
    if parent is None:
        return document
    here = (*chain, path.resolve())
    if not isinstance(parent, str):
        raise InputError([document.problem(("extends",), "names one scenario")])
    parent_path = path.parent / parent if _is_path(parent) else shipped_scenarios().get(parent)
    if parent_path is None or not parent_path.exists():
        near = did_you_mean(parent, shipped_scenarios())
        message = f"there is no scenario '{parent}' to extend{near}"
        raise InputError([document.problem(("extends",), message)])
    if parent_path.resolve() in here:
        raise InputError([document.problem(("extends",), f"'{parent}' extends this one in turn")])
    return layered(document, _inherited(parent_path, here))
