"""The pipeline of projects as a picture: entries into stages, work in progress, money."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.funnel import QUANTILES, FlowRow, ZoneProjects, flow_table
from simcore.labels import say
from simcore.pictures import (
    COLOURS,
    INK,
    PALE,
    Source,
    footer,
    frame_years,
    in_house_style,
    save,
    titles_of,
)
from simcore.pipeline_flows import STAGES
from simcore.units import MONEY, unit_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BANDS = ((0, 4, 0.13), (1, 3, 0.22))
SHOWN_STAGES = ("sign", "start", "commission")
PANELS = {
    "starts": "stages", "completions": "stages", "signed": "stages",
    "under_construction": "work", "investment": "money",
}  # fmt: skip
MEASURED = {"signed": "sign", "starts": "start", "completions": "commission"}


@in_house_style
def funnel_chart(
    found: Mapping[str, ZoneProjects],
    baseline: Baseline,
    years: tuple[int, int],
    output: Path,
    source: Source,
) -> None:
    """Draw a row a zone: projects by stage, under construction, investment and commissioning.

    Raises `RunError` without matplotlib or if the file cannot be written.
    """
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(12.5, 1.4 + 3.3 * len(found)), layout="constrained")
    axes = picture.subplots(len(found), 3, squeeze=False)
    flows = flow_table(found)
    for row, (zone, part) in enumerate(found.items()):
        documented = [flow for flow in flows if flow.zone == zone and flow.field is None]
        _stages(axes[row, 0], part, years, documented)
        _work(axes[row, 1], part, years, documented)
        _money(axes[row, 2], part, years, documented)
        for panel in axes[row]:
            _frame(panel, baseline.base_year, years)
        name = axes[row, 0].annotate(
            str(baseline.zones[zone].label), (0, 1), xycoords="axes fraction", xytext=(0, 23),
            textcoords="offset points", fontsize=11.5, fontweight="bold",
        )  # fmt: skip
        name.set_in_layout(False)
    _legend(picture)
    draws = next(iter(found.values())).parameters.draws
    note = say(
        "Bands: 50 % of {draws} replications, from the second column on also 90 %.",
        draws=f"{draws:,}",
    )
    places = [baseline.figures[name].source.document for flow in flows for name in flow.figures]
    sources = say("Documented flows: {documents}", documents=titles_of(baseline, places))
    footer(picture, note, sources, str(source))
    save(picture, output)


def _legend(picture: Any) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], marker="o", color=INK, mfc=INK, ls="", label=say("documented, fitted")),
        Line2D(
            [], [], marker="o", color=INK, mfc="white", ls="",
            label=say("goal of a document, compared"),
        ),
    ]  # fmt: skip
    picture.legend(handles=marks, loc="outside upper right", ncols=2, frameon=False, fontsize=8.5)


def _stages(
    panel: Axes, part: ZoneProjects, years: tuple[int, int], documented: list[FlowRow]
) -> None:
    names = {
        "sign": say("signed"), "start": say("started"), "commission": say("commissioned"),
    }  # fmt: skip
    for colour, stage in zip(COLOURS, SHOWN_STAGES, strict=False):
        values = part.flows.entered[STAGES.index(stage)]
        _fan(panel, *_shown(part, values, years), colour, names[stage], wide=False)
        for flow in documented:
            if MEASURED.get(flow.measure) == stage:
                _point(panel, flow, colour)
    panel.set_title(f"\n\n{say('projects a year')}", loc="left", fontsize=9.5)
    panel.legend(frameon=False, fontsize=8.5, loc="upper left", ncols=3)


def _work(
    panel: Axes, part: ZoneProjects, years: tuple[int, int], documented: list[FlowRow]
) -> None:
    _fan(panel, *_shown(part, part.flows.under_construction, years), COLOURS[3])
    for flow in documented:
        if PANELS.get(flow.measure) == "work":
            _point(panel, flow, COLOURS[3])
    title = say("projects under construction at the year's end")
    panel.set_title(f"\n\n{title}", loc="left", fontsize=9.5)


def _money(
    panel: Axes, part: ZoneProjects, years: tuple[int, int], documented: list[FlowRow]
) -> None:
    flows, coverage = part.flows, part.parameters.coverage
    invested = flows.investment.sum(axis=0) / coverage
    _fan(panel, *_shown(part, invested, years), COLOURS[4], say("fixed-asset investment"))
    commissioned = flows.commissioned.sum(axis=0)
    label = say("projects commissioned, as realised")
    _fan(panel, *_shown(part, commissioned, years), COLOURS[2], label)
    for flow in documented:
        if PANELS.get(flow.measure) == "money":
            _point(panel, flow, COLOURS[4])
    panel.set_title(f"\n\n{say('{unit} a year', unit=unit_text(MONEY))}", loc="left", fontsize=9.5)
    panel.legend(frameon=False, fontsize=8.5, loc="upper left")


def _fan(
    panel: Axes,
    where: tuple[int, ...],
    bands: Array,
    colour: str,
    label: str | None = None,
    *,
    wide: bool = True,
) -> None:
    """A median with its 50 % band and, if ``wide``, its 90 % band; ``bands`` (quantile, year)."""
    for low, high, alpha in BANDS[0 if wide else 1 :]:
        panel.fill_between(where, bands[low], bands[high], color=colour, alpha=alpha, lw=0)
    panel.plot(where, bands[2], color=colour, lw=1.7, label=label)


def _shown(
    part: ZoneProjects, values: Array, years: tuple[int, int]
) -> tuple[tuple[int, ...], Array]:
    """Return the years to show and the quantiles of values (year, draw) in them."""
    where = tuple(year for year in part.flows.years if years[0] <= year <= years[1])
    rows = [part.flows.year(year) for year in where]
    return where, np.quantile(values[rows], QUANTILES, axis=-1)


def _point(panel: Axes, flow: FlowRow, colour: str) -> None:
    if isinstance(flow.year, int):
        panel.plot(
            flow.year, flow.documented, "o", color=colour, mfc=colour if flow.fitted else "white",
            mew=1.6, ms=6.5, zorder=5,
        )  # fmt: skip


def _frame(panel: Axes, base_year: int, years: tuple[int, int]) -> None:
    panel.axvline(base_year, color=PALE, lw=0.8, ls=":")
    panel.set_xlim(years[0] - 0.4, years[1] + 0.4)
    low, high = panel.get_ylim()
    panel.set_ylim(0, high + 0.22 * (high - max(low, 0)))
    frame_years(panel)
