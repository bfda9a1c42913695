"""Draws the documentation's pictures of the past and of answers.

``python docs/pictures.py [growth|projects|report|live|kinds]`` draws all, or the fans of the front
page, that of the projects, the first chart of a report, the live page, or one of each kind that
`simcore plot` knows.
"""

from __future__ import annotations

import re
import shutil
import subprocess
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
from simcore.pictures import INK, footer, house_style, save
from simcore.priors import load_priors
from simcore.reconcile import reconcile

WIDTH, COLOURS = 1200, 256
IMAGES = Path(__file__).resolve().parent / "images"
GOAL = "--goal donghu.rnd_intensity.2030=13%"
KINDS = {
    "fan": ("plans.h5", "--scenario baseline --scenario growth-5"),
    "industries": ("plans.h5", "--kind industries --zone jingkai --scenario baseline "
                   "--scenario nev-transition"),
    "heatmap": ("sweep.h5", "--kind heatmap --indicator rnd_intensity --zone donghu"),
    "goal": ("sweep.h5", f"--kind heatmap {GOAL}"),
    "difference": ("sweep.h5", "--kind heatmap --indicator rnd_intensity --zone donghu "
                   "--against 5%,12%"),
    "line": ("sweep.h5", f"--kind heatmap --at gdp_growth=5% {GOAL}"),
    "tornado-sweep": ("sweep.h5", "--kind tornado --indicator rnd_intensity --zone donghu"),
    "tornado": ("plans.h5", "--kind tornado --scenario baseline"),
    "waterfall": ("plans.h5", "--kind waterfall --scenario nev-transition --against baseline "
                  "--zone jingkai"),
    "funnel": ("plans.h5", "--kind funnel --zone donghu"),
    "ladder": ("plans.h5", "--kind ladder --zone donghu"),
    "frontier": ("sweep.h5", f"--kind frontier {GOAL} --probability 60%"),
}  # fmt: skip
CHINESE = ("fan", "goal")  # shown in Chinese too


def main() -> None:
    """Write the pictures."""
    use_language("en")
    wanted = sys.argv[1:]
    if wanted in ([], ["growth"]):
        growth_of_5_percent(IMAGES / "growth-5.png")
    if wanted in ([], ["live"]):
        live_page(IMAGES / "live-page.png")
    if wanted in ([], ["report"]):
        first_chart_of_a_report(IMAGES / "report.png")
    if wanted in ([], ["kinds"]):
        every_kind()
    if wanted in ([], ["projects"]):
        delayed_projects(IMAGES / "projects-delayed.png")
    if wanted:
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


def growth_of_5_percent(target: Path) -> None:
    """Draw the fans of the baseline and of 5 % growth."""
    with tempfile.TemporaryDirectory() as folder:
        result, place = Path(folder) / "x.h5", Path(folder) / "growth-5.png"
        _simcore("run", "baseline", "growth-5", "-n", 10_000, "-o", result)
        _simcore("plot", result, "-o", place)
        shrink(place, target)


def live_page(target: Path) -> None:
    """Take a picture of the live page: a saved setting, R&D raised, a shock."""
    from playwright.sync_api import sync_playwright

    words = [sys.executable, "-m", "simcore", "--lang", "en", "serve", "--port", "0", "--no-open"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(words, cwd=folder, text=True, stdout=subprocess.PIPE) as server,
        sync_playwright() as program,
    ):
        try:
            assert server.stdout is not None
            address = re.findall(r"http://\S+(?=;)", server.stdout.readline())[0]
            browser = program.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1320, "height": 1400})
            page.goto(address)
            page.wait_for_selector(".lever input[type=range]")
            _set_levers(page)
            page.screenshot(path=Path(folder) / "live.png")
            browser.close()
        finally:
            server.terminate()
        shrink(Path(folder) / "live.png", target)


def _set_levers(page: Any) -> None:
    """Save 5 % growth, then raise R&D and let a shock come."""

    def drag(label: str, value: float) -> None:
        page.locator(f".lever input[type=range][aria-label^='{label}']").evaluate(
            "(range, value) => { range.value = value; range.dispatchEvent(new Event('input')); }",
            value,
        )

    drag("real GDP growth", 5)
    page.get_by_text("gdp_growth: 5%").first.wait_for()
    page.get_by_label("name of this setting").fill("5 % growth")
    page.get_by_role("button", name="save this setting").click()
    page.get_by_role("button", name="remove 5 % growth").wait_for()
    page.locator(".lever input[type=checkbox]").first.uncheck()
    drag("R&D spending", 14)
    drag("size", -20)
    drag("probability", 30)
    page.get_by_text("probability: 30%").first.wait_for()
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
    page.wait_for_timeout(3000)


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


def every_kind() -> None:
    """Draw a picture of every kind of `simcore plot`, as docs/how-to/draw-pictures.md has them."""
    with tempfile.TemporaryDirectory() as folder:
        result, sweep = Path(folder) / "plans.h5", Path(folder) / "sweep.h5"
        runs = ["baseline", "growth-5", "nev-transition", "projects-delayed", "firm-doubling"]
        _simcore("run", *runs, "-n", "4096", "-o", result)
        _simcore("sweep", "growth-by-rnd", "-n", "2048", "-o", sweep)
        for name, (file, options) in KINDS.items():
            for language in ("en", "zh"):
                if language == "zh" and name not in CHINESE:
                    continue
                place = Path(folder) / f"{name}.png"
                source = result if file == "plans.h5" else sweep
                words = ["--lang", language, "plot", source, *options.split(), "-o", place]
                _simcore(*words, "--force")
                end = "" if language == "en" else "-zh"
                shrink(place, IMAGES / f"plot-{name}{end}.png")
    use_language("en")


def _simcore(*words: Any) -> None:
    cli([str(word) for word in words], standalone_mode=False)


def delayed_projects(target: Path) -> None:
    """Draw what `projects-delayed` changes of investment, GDP and, in 2030, of industries."""
    with house_style():
        _delayed_projects(target)


def _delayed_projects(target: Path) -> None:
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
    footer(picture, note)
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
    """Write a picture at most 1200 pixels wide and with few colours."""
    with Image.open(source) as picture:
        width = min(WIDTH, picture.width)
        size = (width, round(width * picture.height / picture.width))
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    few = small.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


if __name__ == "__main__":
    main()
