"""Draws the documentation's pictures of the past and of answers.

``python docs/pictures.py [projects|report]`` draws all, or one of these alone.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import simcore
from simcore.baseline import Baseline, load_baseline
from simcore.cli import cli
from simcore.hindcast import hindcast
from simcore.hindcast_plot import hindcast_chart
from simcore.history import Past
from simcore.history_plot import history_chart
from simcore.labels import use_language
from simcore.pictures import COLOURS as HUES
from simcore.pictures import INK, save, use_style
from simcore.priors import load_priors
from simcore.reconcile import reconcile

WIDTH, COLOURS = 1200, 128
IMAGES = Path(__file__).resolve().parent / "images"


def main() -> None:
    """Write the pictures."""
    use_language("en")
    if sys.argv[1:] != ["projects"]:
        first_chart_of_a_report(IMAGES / "report.png")
    if sys.argv[1:] == ["report"]:
        return
    delayed_projects(IMAGES / "projects-delayed.png")
    if sys.argv[1:] == ["projects"]:
        return
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


def first_chart_of_a_report(target: Path) -> None:
    """Take a picture of a report as a browser shows it, from the chart of GDP on."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as program:
        result, page = Path(folder) / "three.h5", Path(folder) / "report.html"
        names = ["baseline", "growth-5", "chip-shock"]
        cli(["run", *names, "-n", "4096", "-o", str(result)], standalone_mode=False)
        cli(["report", str(result), "-o", str(page)], standalone_mode=False)
        browser = program.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        shown = browser.new_page(viewport={"width": 1100, "height": 640}, device_scale_factor=2)
        shown.goto(page.as_uri())
        shown.wait_for_selector("html[data-ready]", timeout=120_000)
        shown.evaluate("document.getElementById('paths').scrollIntoView()")
        shown.screenshot(path=Path(folder) / "report.png")
        browser.close()
        shrink(Path(folder) / "report.png", target)


def delayed_projects(target: Path) -> None:
    """Draw what `projects-delayed` changes of investment, GDP and, in 2030, of industries."""
    use_style()
    from matplotlib.figure import Figure

    found = simcore.run("baseline", "projects-delayed", draws=4096).sel(year=slice(2023, None))
    change = 100 * (found.sel(scenario="projects-delayed") / found.sel(scenario="baseline") - 1)
    baseline, picture = load_baseline(), Figure(figsize=(10, 5.6), layout="constrained")
    for row, zone in zip(
        picture.subplots(2, 3, width_ratios=(1, 1, 1.1)), baseline.zones, strict=True
    ):
        here = change.sel(zone=zone)
        for panel, name, title, hue in zip(
            row, ("investment", "gdp"), ("fixed-asset investment", "GDP"), HUES, strict=False
        ):
            bands = here[name].quantile([0.05, 0.25, 0.5, 0.75, 0.95], "draw").values
            for low, high, alpha in ((0, 4, 0.13), (1, 3, 0.22)):
                panel.fill_between(
                    here["year"], bands[low], bands[high], color=hue, alpha=alpha, lw=0
                )
            panel.plot(here["year"], bands[2], color=hue, lw=1.7)
            panel.axhline(0, color=INK, lw=0.6)
            panel.set_title(f"\n\n{title}, %", loc="left", fontsize=9.5)
        zone_name = row[0].annotate(
            str(baseline.zones[zone].label), (0, 1), xycoords="axes fraction", xytext=(0, 23),
            textcoords="offset points", fontsize=11.5, fontweight="bold",
        )  # fmt: skip
        zone_name.set_in_layout(False)
        industries(row[2], here["value_added"].sel(year=2030).median("draw"), baseline)
    note = "Medians of the change against the baseline, with 50 and 90 % bands; 4096 draws."
    picture.supxlabel(note, fontsize=8, x=0.01, ha="left")
    with tempfile.TemporaryDirectory() as folder:
        save(picture, Path(folder) / "delayed.png")
        shrink(Path(folder) / "delayed.png", target)


def industries(panel: Any, change: Any, baseline: Baseline) -> None:
    """Draw the median change of value added by industry, the largest fall on top."""
    there = change.dropna("industry").sortby(change.dropna("industry"), ascending=False)
    names = [str(baseline.industry_label(str(name))) for name in there["industry"].values]
    panel.barh(np.arange(len(names)), there.values, color=HUES[2], height=0.7)
    panel.set_yticks(np.arange(len(names)), names, fontsize=7)
    panel.set_title("\n\nvalue added of 2030, %", loc="left", fontsize=9.5)


def shrink(source: Path, target: Path) -> None:
    """Write a picture 1200 pixels wide and with few colours."""
    with Image.open(source) as picture:
        size = (WIDTH, round(WIDTH * picture.height / picture.width))
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    few = small.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


if __name__ == "__main__":
    main()
