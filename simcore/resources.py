"""Where the shipped data stand: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from simcore.document import Document, read_document


def folder(kind: str) -> Path:
    """Return the folder of shipped ``scenarios`` or ``calibration`` data."""
    inside = Path(str(files("simcore"))) / kind
    beside = inside.parent.parent / kind
    for place in (inside, beside):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"simcore's {kind} are missing: neither {inside} nor {beside} exists")


def calibration_document(name: str) -> Document:
    """Read a file of the calibration, such as ``zones`` or ``priors``.

    Raises `InputError` with file, line and column if it cannot be read.
    """
    return read_document(folder("calibration") / f"{name}.yaml")
