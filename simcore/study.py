"""A study: a folder of one's own with scenarios, sweeps, calibration and outputs.

It is found as git finds a repository: the nearest folder with a ``simcore.yaml``, from the current
one upwards. Names of scenarios are looked up in it first, its calibration is laid on the shipped
one, results go to its outputs. Outside a study nothing is different.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from simcore.errors import InputError
from simcore.labels import say

if TYPE_CHECKING:
    from simcore.study_settings import Settings

MARKER = "simcore.yaml"
VARIABLE = "SIMCORE_STUDY"
NONE = "none"  # as a name of a study: use no study at all
SUFFIXES = (".yaml", ".yml")

_chosen: str | None = None  # of the process, not of a thread: no thread loses it


@dataclass(frozen=True)
class Study:
    """A study folder, as a path from the current folder where that is near, and its settings."""

    folder: Path
    settings: Settings

    @property
    def outputs(self) -> Path:
        """Where results go unless ``-o`` names a file."""
        return self.folder / self.settings.outputs

    @property
    def calibration(self) -> tuple[Path, ...]:
        """Folders of calibration files, each laid on those before it; empty ones are left out."""
        places = [self.folder / name for name in self.settings.calibration]
        return tuple(place for place in places if _files(place))

    @property
    def scenarios(self) -> dict[str, Path]:
        """Names and files of the study's own scenarios and sweeps.

        Raises `InputError` where two files have one name.
        """
        found: dict[str, Path] = {}
        for path in (
            path for name in self.settings.scenarios for path in _files(self.folder / name)
        ):
            if path.stem in found:
                text = say("{path}: has the name of {other}; rename one", path=path,
                           other=found[path.stem])  # fmt: skip
                raise InputError(text)
            found[path.stem] = path
        return found


def _files(folder: Path) -> list[Path]:
    """YAML files of a folder in order, none where there is no folder; hidden ones left out."""
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir()
        if path.suffix in SUFFIXES and path.name[0] != "." and path.is_file()
    )  # fmt: skip


def study() -> Study | None:
    """Return the study that is in use, None outside of one.

    Named by `using_study`, or else by ``SIMCORE_STUDY``, or else found from the current folder
    upwards. Raises `InputError` for a folder that is none, and with file, line and column for a
    ``simcore.yaml`` that is wrong.
    """
    named = _chosen if _chosen is not None else os.environ.get(VARIABLE, "").strip()
    if named == NONE:
        return None
    if named:
        folder = Path(named)
        if not (folder / MARKER).is_file():
            text = say("{folder}: is no study: it has no {marker}; simcore init makes one",
                       folder=folder, marker=MARKER)  # fmt: skip
            raise InputError(text)
        return _opened(folder)
    found = _nearest(Path.cwd())
    return None if found is None else _opened(found)


def _nearest(start: Path) -> Path | None:
    """Return the nearest folder with the marker, named from the start."""
    for up, place in enumerate((start, *start.parents)):
        with contextlib.suppress(OSError):  # a folder that may not be read holds no study of ours
            if (place / MARKER).is_file():
                return Path(*[".."] * up)
    return None


def _opened(folder: Path) -> Study:
    marker = folder / MARKER
    stamp = marker.stat().st_mtime_ns
    return _read(folder, marker.resolve(), stamp)


@lru_cache(maxsize=8)
def _read(folder: Path, place: Path, stamp: int) -> Study:
    """Read a study once as long as its marker does not change."""
    from simcore.study_settings import read_settings  # takes long to import

    return Study(folder, read_settings(folder / MARKER))


@contextlib.contextmanager
def using_study(folder: str | Path | None) -> Iterator[None]:
    """Use the study in ``folder`` for the time of a ``with``, or, with None, no study at all.

    Raises `InputError` if it is none.
    """
    global _chosen
    before = _chosen
    _chosen = NONE if folder is None else str(folder)
    try:
        study()
        yield
    finally:
        _chosen = before


def outputs_folder() -> Path:
    """Return where results go unless a file is named: ``outputs``, or the study's."""
    found = study()
    return Path("outputs") if found is None else found.outputs
