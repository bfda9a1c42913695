"""Reading scenarios: shipped names, files, what they extend, and what is laid on top."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcore.baseline import Baseline
from simcore.document import Document, parse_document, read_document
from simcore.errors import InputError, did_you_mean
from simcore.labels import say
from simcore.layering import joined_label, layered, setting_document
from simcore.levers import MAXIMUM_NAME, Scenario
from simcore.resources import folder
from simcore.scenario_check import check
from simcore.study import study

__all__ = [
    "Resolved",
    "Scenario",
    "bounded_name",
    "find_scenario",
    "known_scenarios",
    "load_scenario",
    "named_from",
    "own_scenarios",
    "parse_scenario",
    "resolve",
    "shipped_scenarios",
]

log = logging.getLogger("simcore")


@dataclass(frozen=True)
class Resolved:
    """A scenario and the document it was resolved from, for ``show`` and for errors."""

    scenario: Scenario
    document: Document


def load_scenario(name: str, baseline: Baseline, settings: Sequence[str] = ()) -> Scenario:
    """Read a scenario by name, of the study or shipped, or by path; ``a+b`` composes.

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
    if len(parts) > 1 or settings:  # no longer what a file asks
        document.data.pop("question", None)
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


def own_scenarios() -> dict[str, Path]:
    """Names and files of the scenarios of the study that is in use; none outside a study."""
    in_use = study()
    return {} if in_use is None else in_use.scenarios


def known_scenarios() -> dict[str, Path]:
    """Names and files of all scenarios: the study's own, then the shipped ones it does not have."""
    own = own_scenarios()
    return own | {name: path for name, path in shipped_scenarios().items() if name not in own}


def named_from(file: Path, name: str) -> Path | None:
    """Return the scenario that a file means by a name, None of an unknown one.

    A shipped file means shipped ones; a file of a study its own first, but never itself.
    """
    shipped = shipped_scenarios()
    if file.parent == folder("scenarios"):
        return shipped.get(name)
    found = known_scenarios().get(name)
    same = found is not None and found.resolve() == file.resolve()
    return shipped.get(name, found) if same else found


def find_scenario(name: str) -> Path:
    """Return the file of a name, of the study or shipped, or of a path; raises `InputError`."""
    if is_path(name):
        return Path(name)
    known = known_scenarios()
    if name in own_scenarios() and name in shipped_scenarios():
        text = say("note: {name} is {path} of this study, not the shipped scenario of that name",
                   name=name, path=known[name])  # fmt: skip
        log.warning(text)
    if name not in known:
        raise InputError(_no_scenario(name, known))
    return known[name]


def _no_scenario(name: str, known: Iterable[str]) -> str:
    """Say why a name is no scenario's, and what may be meant."""
    path = Path(name)
    if name and path.is_dir():
        return say("{name}: is a folder, not a scenario", name=name)
    if path.is_file():
        return say("{name}: is a file, but no scenario: those end in .yaml", name=name)
    if name and Path(f"{name}.yaml").is_file():
        near = say("; did you mean '{name}'?", name=f"{name}.yaml")
    else:
        near = did_you_mean(name, known) or say("; simcore list shows them")
    return say("{name}: no such scenario{near}", name=name, near=near)


def is_path(name: str) -> bool:
    """Whether a name is that of a file: it has a slash or a suffix."""
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml"))


def _inherited(path: Path, chain: tuple[Path, ...]) -> Document:
    """Read a scenario file merged onto its parents."""
    return _on_parents(read_document(path), path, chain)


def _on_parents(document: Document, path: Path, chain: tuple[Path, ...]) -> Document:
    """Merge what a scenario file says onto its parents."""
    if not isinstance(document.data, dict):
        raise InputError([document.problem((), say("a scenario is a mapping of keys"))])
    parent = document.data.get("extends")
    if parent is None:
        return document
    here = (*chain, path.resolve())
    if not isinstance(parent, str):
        raise InputError([document.problem(("extends",), say("names one scenario"))])
    parent_path = path.parent / parent if is_path(parent) else named_from(path, parent)
    if parent_path is None or not parent_path.exists():
        near = did_you_mean(parent, known_scenarios())
        message = say("there is no scenario '{parent}' to extend{near}", parent=parent, near=near)
        raise InputError([document.problem(("extends",), message)])
    if parent_path.resolve() in here:
        raise InputError(
            [
                document.problem(
                    ("extends",), say("'{parent}' extends this one in turn", parent=parent)
                )
            ]
        )
    parent_document = _inherited(parent_path, here)
    parent_document.data.pop("question", None)  # a file asks its own, or none
    return layered(document, parent_document)
