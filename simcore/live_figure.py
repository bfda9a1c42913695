"""The fan chart of the live page: sources that are filled anew, glyphs that stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simcore.arrays import Array, Rows
from simcore.entries import Figure
from simcore.labels import say
from simcore.pictures import COLOURS, INK, PALE

COLUMNS = ("q05", "q25", "q50", "q75", "q95")
FONT = "system-ui, Noto Sans, Noto Sans CJK SC, Microsoft YaHei, sans-serif"
HISTORY, BASELINE, CURRENT = "history", "baseline", "current"
SAVED = ("saved-1", "saved-2", "saved-3", "saved-4")
HUES = {HISTORY: INK, BASELINE: PALE, CURRENT: COLOURS[0]} | dict(
    zip(SAVED, COLOURS[1:], strict=False)
)
BANDS = {HISTORY: (0.14, 0.24), BASELINE: (0.0, 0.0), CURRENT: (0.16, 0.26)}
SAVED_BANDS = (0.10, 0.0)
"""Opacity of the bands that hold nine tenths and half of the draws; none where there are many."""


@dataclass(frozen=True)
class Trace:
    """A fan to be drawn: what the legend says, years, and quantiles (quantile, year)."""

    label: str
    years: Rows
    fan: Array


class FanFigure:
    """A Bokeh figure with a place for every trace; what it says comes with what it shows."""

    def __init__(self) -> None:
        from bokeh.models import ColumnDataSource, HoverTool, Range1d
        from bokeh.models.annotations import Legend, Span
        from bokeh.plotting import figure

        self.figure: Any = figure(
            height=430, sizing_mode="stretch_width", toolbar_location=None, tools="",
            min_border_right=12, min_border_left=84,
        )  # fmt: skip
        self.figure.x_range = Range1d()
        self.sources = {name: ColumnDataSource(_columns(None), name=name) for name in HUES}
        self.points = ColumnDataSource({"year": [], "value": [], "figure": []}, name="points")
        self.first = Span(dimension="height", line_color=PALE, line_dash="dotted")
        self.figure.add_layout(self.first)
        self.glyphs = {name: self._glyphs(name) for name in HUES}
        self.documented = self.figure.scatter(
            "year", "value", source=self.points, size=8, fill_color="white", line_color=INK,
            line_width=1.6,
        )  # fmt: skip
        self.legend: Any = Legend(
            items=[], orientation="horizontal", border_line_alpha=0, ncols=4,
            label_text_font=FONT, label_text_font_size="12px", click_policy="hide",
            location="left",
        )  # fmt: skip
        self.named: list[str] = []
        self.figure.add_layout(self.legend, "above")
        lines = [glyphs[-1] for glyphs in self.glyphs.values()]
        numbers = "@q50{0,0.0} [@q05{0,0.0} – @q95{0,0.0}]"
        self.of_points = HoverTool(renderers=[self.documented])
        self.figure.add_tools(
            HoverTool(renderers=lines, tooltips=[("@name", numbers), ("", "@year")]),
            self.of_points,
        )
        self._style()

    def _glyphs(self, name: str) -> list[Any]:
        """Return the renderers of a trace, the line of its median last."""
        source, hue = self.sources[name], HUES[name]
        wide, narrow = BANDS.get(name, SAVED_BANDS)
        found = [
            self.figure.varea(
                "year", low, high, source=source, fill_color=hue, fill_alpha=opacity
            )
            for low, high, opacity in (("q05", "q95", wide), ("q25", "q75", narrow))
            if opacity
        ]  # fmt: skip
        if name == BASELINE:
            found += [
                self.figure.line(
                    "year", edge, source=source, line_color=hue, line_dash="dotted", line_width=1.2
                )
                for edge in ("q05", "q95")
            ]  # fmt: skip
        line = self.figure.line(
            "year", "q50", source=source, line_color=hue, line_width=2.4,
            line_dash="dashed" if name == BASELINE else "solid",
        )  # fmt: skip
        return [*found, line]

    def _style(self) -> None:
        from bokeh.models import NumeralTickFormatter

        figure = self.figure
        figure.outline_line_color = None
        figure.xgrid.visible = False
        figure.ygrid.grid_line_color = "#e6e6e6"
        figure.xaxis.ticker.desired_num_ticks = 8
        figure.xaxis.minor_tick_line_color = figure.yaxis.minor_tick_line_color = None
        for axis in (figure.xaxis, figure.yaxis):
            axis.axis_label_text_font = axis.major_label_text_font = FONT
            axis.axis_label_text_font_style = "normal"
            axis.major_label_text_color = axis.axis_label_text_color = INK
            axis.axis_line_color = axis.major_tick_line_color = PALE
        figure.yaxis.formatter = NumeralTickFormatter(format="0,0.[00]")

    def put(self, name: str, trace: Trace | None) -> None:
        """Fill the place of a trace, or empty it."""
        self.sources[name].data = _columns(trace)

    def show(
        self, traces: Mapping[str, Trace], points: Sequence[Figure], label: str, base_year: int
    ) -> None:
        """Draw traces by their places, and documented figures as points."""
        from bokeh.core.properties import value
        from bokeh.models.annotations import LegendItem

        for name in self.sources:
            self.put(name, traces.get(name))
        self.points.data = {
            "year": [figure.year for figure in points],
            "value": [figure.value for figure in points],
            "figure": [str(figure.source) for figure in points],
        }
        years = [int(year) for source in self.sources.values() for year in source.data["year"]]
        if years:
            self.figure.x_range.update(start=min(years) - 0.5, end=max(years) + 0.5)
        self.first.location = base_year
        said = [(say("documented"), "@value{0,0.0}, @year"), ("", "@figure")]
        if self.of_points.tooltips != said:
            self.of_points.tooltips = said
        self.figure.yaxis.axis_label = label
        named = {trace.label: self.glyphs[name] for name, trace in traces.items()}
        if points:
            named[say("documented")] = [self.documented]
        if self.named != list(named):
            self.named = list(named)
            self.legend.items = [
                LegendItem(label=value(text), renderers=renderers)
                for text, renderers in named.items()
            ]


def _columns(trace: Trace | None) -> dict[str, Any]:
    """Return the columns of a source; years without a value are left out."""
    if trace is None:
        return {"year": [], "name": [], **{name: [] for name in COLUMNS}}
    known = np.isfinite(trace.fan).all(axis=0)
    years = np.asarray(trace.years)[known]
    columns = dict(zip(COLUMNS, trace.fan[:, known].astype(np.float64), strict=True))
    return {"year": years, "name": [trace.label] * len(years), **columns}
