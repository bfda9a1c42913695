"""Where the shipped data stand: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def folder(kind: str) -> Path:
    """Return the folder of shipped ``scenarios`` or ``calibration`` data."""
    inside = Path(str(files("simcore"))) / kind
    beside = inside.parent.parent / kind
    for place in (inside, beside):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"simcore's {kind} are missing: neither {inside} nor {beside} exists")
