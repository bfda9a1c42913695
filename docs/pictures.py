"""Draws the documentation's pictures of the past and of answers: small files."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from simcore.baseline import load_baseline
from simcore.cli import cli
from simcore.hindcast import hindcast
from simcore.hindcast_plot import hindcast_chart
from simcore.history import Past
from simcore.history_plot import history_chart
from simcore.labels import use_language
from simcore.priors import load_priors
from simcore.reconcile import reconcile

WIDTH, COLOURS = 1200, 128
IMAGES = Path(__file__).resolve().parent / "images"


def main() -> None:
    """Write the pictures."""
    use_language("en")
    with tempfile.TemporaryDirectory() as folder:
        history, forecast = Path(folder) / "history.png", Path(folder) / "hindcast.png"
        history_chart(reconcile(), history)
        shrink(history, IMAGES / "calibrated-history.png")
        hindcast_chart(hindcast(Past(load_baseline(), load_priors()), 2021), forecast)
        shrink(forecast, IMAGES / "hindcast-2021.png")
        ladder = Path(folder) / "ladder.png"
        cli(["firms", "-o", str(ladder)], standalone_mode=False)
        shrink(ladder, IMAGES / "firm-ladder.png")
        why = Path(folder) / "why.png"
        words = ["explain", "nev-transition", "--against", "baseline", "--zone", "jingkai"]
        cli([*words, "-n", "1024", "-o", str(why)], standalone_mode=False)
        shrink(why, IMAGES / "explain-nev-transition.png")
        drivers = Path(folder) / "drivers.png"
        cli(["sensitivity", "-o", str(drivers)], standalone_mode=False)
        shrink(drivers, IMAGES / "sensitivity.png")


def shrink(source: Path, target: Path) -> None:
    """Write a picture 1200 pixels wide and with few colours."""
    with Image.open(source) as picture:
        size = (WIDTH, round(WIDTH * picture.height / picture.width))
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    few = small.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


if __name__ == "__main__":
    main()
