"""Files written whole: beside their place first, so that no reader ever finds half of one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from simcore.errors import InputError, RunError, system_reason
from simcore.labels import say

RESULTS = (".h5", ".nc")  # ends of the names of result files
TEXTS = (".yaml", ".yml")  # of scenarios, sweeps and settings


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there; on any failure the old one stays.

    ``write`` : writes to the path it is given, which ends as ``path`` does. A link keeps its
    target; what is no file, such as a pipe, is written directly. Folders are made.
    Raises `RunError` if the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        place = path.resolve()
        if place.exists() and not place.is_file():
            write(path)
            return
        part = place.with_name(f".{place.stem}.{os.getpid()}.part{place.suffix}")
        try:
            write(part)
            part.replace(place)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:
        reason = system_reason(error)
        raise RunError(
            say("{path}: cannot be written: {reason}", path=path, reason=reason)
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 as a whole; raises `RunError` if it cannot be written."""
    write_whole(path, lambda place: place.write_text(text, encoding="utf-8"))


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise `InputError` if the output exists and may not be replaced, or is a folder."""
    try:
        path.exists()
        if path.is_dir():
            raise InputError(say("{path}: is a folder, not a file", path=path))
    except OSError as error:
        raise InputError(
            say("{path}: cannot be a file name: {reason}", path=path, reason=system_reason(error))
        ) from error
    for parent in path.parents:
        if parent.exists() and not parent.is_dir():
            raise InputError(
                say("{path}: {parent} is a file, not a folder", path=path, parent=parent)
            )
    if path.exists() and not force:
        raise InputError(say("{path}: exists; --force replaces it, -o names another", path=path))
