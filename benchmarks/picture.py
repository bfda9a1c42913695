"""The cost of draws as a picture: seconds, and microseconds a draw, against their number."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.sweep import costs
from simcore.pictures import COLOURS, PALE, in_house_style, save

Line = dict[int, float]
"""seconds a draw by number of draws"""


def lines(sections: Mapping[str, Any]) -> dict[str, Line]:
    """Return the lines of the picture by name."""
    found = {}
    for workers, name in ((1, "simcore, 1 worker"), (2, "simcore, 2 workers")):
        if cost := costs(sections["sweep"]["one"], workers):
            found[name] = cost
    for way, by_count in sections["ema"]["seconds"].items():
        found[f"EMA, {way}"] = _line(by_count)
    found["plain Python loop"] = _line(sections["loop"]["seconds"])
    return found


def _line(by_count: Mapping[Any, list[float]]) -> Line:
    return {int(count): median(taken) / int(count) for count, taken in by_count.items()}


@in_house_style
def draw(sections: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw it as PNG and SVG; returns the files."""
    import matplotlib.pyplot as plt

    picture, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.2), layout="constrained")
    for (name, line), colour in zip(lines(sections).items(), (*COLOURS, PALE), strict=False):
        draws = list(line)
        own = name.startswith("simcore")
        style = {"color": colour, "label": name, "marker": "o", "markersize": 4}
        style |= {"linewidth": 2.2 if own else 1.2, "linestyle": "-" if own else "--"}
        left.plot(draws, [line[n] * n for n in draws], **style)
        right.plot(draws, [1e6 * line[n] for n in draws], **style)
    for axes, title in ((left, "seconds"), (right, "microseconds a draw")):
        axes.set(xscale="log", yscale="log", xlabel="draws")
        axes.set_title(title, loc="left", fontsize=10.5)
        axes.grid(color="#e5e5e5", linewidth=0.6)
        axes.set_axisbelow(True)
    handles, names = right.get_legend_handles_labels()
    picture.legend(handles, names, loc="outside lower center", ncols=4, frameon=False, fontsize=8.5)
    paths = [folder / f"cost.{ending}" for ending in ("png", "svg")]
    for path in paths:
        save(picture, path)
    plt.close(picture)
    return paths
