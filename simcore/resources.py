"""Where the data stand: beside the package or inside it, and the user's own, laid on them."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from simcore.document import Document, parse_document, read_text
from simcore.errors import InputError, Problem, did_you_mean, system_reason
from simcore.labels import say
from simcore.study import study

CALIBRATION_VARIABLE = "SIMCORE_CALIBRATION"
IDENTIFIERS = ("id", "name", "year")
"""Lists whose entries all have one of these keys are joined by it; any other list is replaced."""

_chosen: tuple[Path, ...] = ()  # of the process, not of a thread: no thread loses it


def folder(kind: str) -> Path:
    """Return the folder of shipped ``scenarios`` or ``calibration`` data."""
    inside = Path(str(files("simcore"))) / kind
    beside = inside.parent.parent / kind
    for place in (inside, beside):
        if place.is_dir():
            return place
    raise FileNotFoundError(say(
        "simcore's {kind} are missing: neither {inside} nor {beside} exists",
        kind=kind, inside=inside, beside=beside,
    ))  # fmt: skip


# --- the user's own calibration -------------------------------------------------------------------


@contextlib.contextmanager
def using_calibration(*folders: str | Path) -> Iterator[None]:
    """Lay folders of calibration files on the shipped ones, each on those before it.

    Takes the place of the folders of ``SIMCORE_CALIBRATION``; inside another ``with`` it adds to
    that one's. Raises `InputError` if a folder cannot be used.
    """
    global _chosen
    before = _chosen
    _chosen = (*before, *map(Path, folders))
    try:
        check_calibration_folders()
        yield
    finally:
        _chosen = before


def calibration_folders() -> tuple[Path, ...]:
    """Return the user's folders in the order in which they are laid on the shipped calibration.

    Those of the study that is in use come first.
    Raises `InputError` for one that does not exist or has no calibration file.
    """
    named = os.environ.get(CALIBRATION_VARIABLE, "").split(os.pathsep)
    wanted = _chosen or tuple(Path(name) for name in named if name.strip())
    in_use = study()
    wanted = (*(in_use.calibration if in_use else ()), *wanted)
    found = tuple(dict.fromkeys(reversed(wanted)))[::-1]  # a folder named twice lies on top
    for place in found:
        if not place.is_dir():
            raise InputError(
                say("{place}: there is no such folder of calibration files", place=place)
            )
        if not _files(place):
            raise InputError(
                say("{place}: has no calibration file, such as documents.yaml", place=place)
            )
    return found


def _files(place: Path) -> list[Path]:
    """Calibration files of a folder; notes and texts may stand beside them."""
    try:
        found = sorted(place.iterdir())
    except OSError as error:
        raise InputError(
            say("{path}: cannot be read: {reason}", path=place, reason=system_reason(error))
        ) from error
    kept = [path for path in found if path.suffix.lower() in (".yaml", ".yml")]
    return [path for path in kept if not path.name.startswith(".")]


def overlay_files() -> dict[str, str]:
    """SHA-256 of every file of the user's folders by name, ``my-data/zones.yaml``, in order."""
    return {
        f"{_shown(place)}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for place in calibration_folders()
        for path in _files(place)
    }


def _shown(place: Path) -> Path:
    """Return a folder as it is named in a result: of a study, from there."""
    in_use = study()
    of_study = in_use is not None and place in in_use.calibration
    inside = in_use is not None and of_study and place.is_relative_to(in_use.folder)
    return place.relative_to(in_use.folder) if in_use and inside else place


def calibration_document(name: str) -> Document:
    """Read a file of the calibration, such as ``zones`` or ``priors``, with the user's laid on it.

    Figures of a document stand in one folder, so that file is not merged; see
    `check_calibration_folders`. Raises `InputError` with file, line and column.
    """
    shipped = folder("calibration") / f"{name}.yaml"
    own = [place / f"{name}.yaml" for place in calibration_folders()]
    layers = [path for path in (shipped, *own) if path.exists()]
    document = _document(layers[0] if layers else shipped)
    for path in layers[1:]:
        document = laid_on(_document(path), document)
    return document


def _document(path: Path) -> Document:
    """Read a file of the calibration; it is parsed once for each content, which nobody changes."""
    return _parsed(read_text(path), str(path))


_parsed = lru_cache(maxsize=64)(parse_document)


def calibration_content(name: str) -> tuple[bytes, ...]:
    """Return what `calibration_document` reads, layer by layer: what is kept of it has this key."""
    places = (folder("calibration"), *calibration_folders())
    paths = [place / f"{name}.yaml" for place in places]
    return tuple(path.read_bytes() for path in paths if path.exists())


def laid_on(later: Document, earlier: Document) -> Document:
    """Deep merge of calibration files: mappings merge by key, listed entries by `IDENTIFIERS`."""
    merged = later.merged_onto(earlier)
    for keys, identifier in _identified(later.data, earlier.data, ()):
        merged.join_entries(earlier, later, keys, identifier)
    return merged


def _identified(later: Any, earlier: Any, keys: tuple[Any, ...]) -> Iterator[tuple[Any, str]]:
    """Key paths of lists that both have, with the key that tells their entries apart."""
    if isinstance(later, dict) and isinstance(earlier, dict):
        for key in later.keys() & earlier.keys():
            yield from _identified(later[key], earlier[key], (*keys, key))
    elif isinstance(later, list) and isinstance(earlier, list):
        entries = [*earlier, *later]
        for identifier in IDENTIFIERS:
            if all(isinstance(entry, dict) and identifier in entry for entry in entries):
                yield keys, identifier
                return


def check_calibration_folders() -> None:
    """Raise `InputError` for files that are no part of the calibration, each with its place.

    A file lays itself on the shipped one of its name, or has the figures of a document that the
    user registers. The figures of a shipped document are what it prints: they are not changed.
    """
    places = calibration_folders()
    if not places:
        return
    shipped = folder("calibration")
    printed = _document(shipped / "documents.yaml").data["documents"]
    general = {path.stem for path in shipped.glob("*.yaml")} - set(printed)
    registry = calibration_document("documents")
    data = registry.data.get("documents") if isinstance(registry.data, dict) else None
    registered = set(map(str, data)) if isinstance(data, dict) else set()
    problems, found = [], set()
    for path in (path for place in places for path in _files(place)):
        message = ""
        if path.suffix != ".yaml":
            message = say("is not read; call it {name}.yaml", name=path.stem)
        elif path.stem in printed:
            message = say(
                "{name} is a shipped document; register one of your own beside it", name=path.stem
            )
        elif path.stem in found:
            message = say("the figures of {name} stand in two folders", name=path.stem)
        elif path.stem not in general | registered:
            near = did_you_mean(path.stem, general | registered)
            message = say(
                "is no calibration file and no document of documents.yaml{near}", near=near
            )
        if message:
            problems.append(Problem(str(path), 1, 1, message))
        found |= {path.stem} - general
    for name in sorted(registered - set(printed) - found):
        message = say("there is no file {name}.yaml with the figures of {name}", name=name)
        problems.append(registry.problem(("documents", name), message))
    if problems:
        raise InputError(problems)
