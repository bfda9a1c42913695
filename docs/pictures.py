"""Draws the documentation's picture of the calibrated history: 1200 pixels wide, few colours."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from simcore.history_plot import history_chart
from simcore.labels import use_language
from simcore.reconcile import reconcile

WIDTH, COLOURS = 1200, 128
TARGET = Path(__file__).resolve().parent / "images" / "calibrated-history.png"


def main() -> None:
    """Write the picture."""
    use_language("en")
    with tempfile.TemporaryDirectory() as folder:
        (path,) = history_chart(reconcile(), Path(folder) / "history.png")
        with Image.open(path) as picture:
            size = (WIDTH, round(WIDTH * picture.height / picture.width))
            small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    few = small.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
