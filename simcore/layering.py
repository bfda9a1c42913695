"""Laying one scenario document on another: the later one wins."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from simcore.document import Document, parse_document
from simcore.errors import InputError
from simcore.labels import say

NESTED = ("industries", "projects", "firms", "support")
"""Levers that hold levers: each of these is replaced by itself."""


def layered(later: Document, earlier: Document) -> Document:
    """Lay one scenario document on another: mappings merge, the later one wins.

    What the later one says of every zone (``"*"``) replaces what the earlier one says of a single
    zone; events join, one of the same name replaces the earlier.
    """
    data = copy.deepcopy(earlier.data)
    levers, wide = data.get("levers"), _mapping(_mapping(later.data, "levers"), "*")
    if isinstance(levers, dict):
        for zone in [zone for zone in levers if zone != "*" and isinstance(levers[zone], dict)]:
            levers[zone] = _without(levers[zone], wide)
    _drop_alternatives(data, later.data)
    merged = later.merged_onto(Document(earlier.file, data, earlier.marks))
    before, after = earlier.data.get("events"), _mapping(later.data, "events", list)
    if isinstance(before, list) and after and earlier is not later:
        merged.join_entries(earlier, later, ("events",), "name")
    return merged


def _drop_alternatives(earlier: Any, later: Any) -> None:
    """A later value takes the place of an earlier path and its end, and the other way round."""
    if not (isinstance(earlier, dict) and isinstance(later, dict)):
        return
    for given, other in (("value", "path"), ("path", "value")):
        if given in later and other in earlier and other not in later:
            for name in (other, "until"):
                earlier.pop(name, None)
    for key in earlier.keys() & later.keys():
        _drop_alternatives(earlier[key], later[key])


def _mapping(data: Any, key: str, kind: type = dict) -> Any:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, kind) else kind()


def _without(levers: dict[str, Any], wide: dict[str, Any]) -> dict[str, Any]:
    """Return a zone's levers without those that a later layer gives to every zone."""
    kept = {name: lever for name, lever in levers.items() if name in NESTED or name not in wide}
    inner = _mapping(wide, "industries")
    if isinstance(kept.get("industries"), dict):
        kept["industries"] = {
            name: _without(levers_, inner[name]) if isinstance(inner.get(name), dict) else levers_
            for name, levers_ in kept["industries"].items()
        }
    for name in ("projects", "firms", "support"):
        if isinstance(kept.get(name), dict):
            kept[name] = _without(kept[name], _mapping(wide, name))
    return kept


def joined_label(labels: Sequence[Any]) -> Any:
    """Join the labels of composed scenarios; a label that is none is left for the check to find."""
    if not all(isinstance(label, dict) for label in labels):
        return labels[-1]
    return {name: " + ".join(str(label.get(name)) for label in labels) for name in ("en", "zh")}


def setting_document(setting: str) -> Document:
    """Turn ``levers.donghu.gdp_growth=5%`` into a document."""
    path, equals, value = setting.partition("=")
    if not equals or not path:
        raise InputError.at(
            "--set", 1, 1, say("'{setting}' is not of the form path.to.key=value", setting=setting)
        )
    inner = parse_document(value, "--set").data if value.strip() else None
    keys: list[str | int] = [int(key) if key.isdigit() else key for key in path.strip().split(".")]
    data: Any = inner
    for key in reversed(keys):
        data = {key: data}
    document = parse_document("{}", f"--set {setting}")
    document.data = data
    for length in range(1, len(keys) + 1):
        document.marks[tuple(keys[:length])] = document.locate(())
    return document
