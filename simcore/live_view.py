"""What the live page shows of its settings: the fan, and the numbers in words and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from simcore.arrays import Array
from simcore.dims import VARIABLES
from simcore.documented_points import documented_points
from simcore.labels import say
from simcore.levers import Scenario
from simcore.live import Live, LivePaths
from simcore.live_figure import BASELINE, CURRENT, HISTORY, HUES, SAVED, FanFigure, Trace
from simcore.live_parts import text
from simcore.live_tables import Column, comparison_tables, headline, targets_table
from simcore.setting import Setting, distinct
from simcore.units import with_unit


@dataclass(frozen=True)
class Kept:
    """A setting with what it gave."""

    setting: Setting
    scenario: Scenario
    paths: LivePaths


@dataclass(frozen=True)
class Look:
    """What is looked at: settings, at a place and in a year."""

    current: Kept
    saved: Sequence[Kept]
    place: tuple[str, str, str | None]
    """zone, indicator and industry, None for all together"""
    year: int

    @property
    def title(self) -> str:
        """What the current setting is called beside the saved ones."""
        return distinct(self.current.setting.title, [kept.setting.title for kept in self.saved])

    def values(self, paths: LivePaths) -> Array:
        """Return the draws of the year at the place."""
        zone, indicator, industry = self.place
        series = paths.series(indicator, zone, industry)
        return np.asarray(series[self.year - paths.years[0]])


class View:
    """The parts of a session's page that are looked at."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.figure = FanFigure()
        self.headline, self.note = text(), text()
        self.targets, self.comparison = text(), text()

    def move(self, look: Look) -> None:
        """Show the fan of the current setting, which alone has changed."""
        trace = self._trace(look, look.title, look.current.paths, past=False)
        self.figure.put(CURRENT, trace)

    def draw(self, look: Look) -> None:
        """Show all, in the picture and in words."""
        zone, indicator, industry = look.place
        traces = {
            HISTORY: self._trace(look, say("history and nowcast"), self.live.usual, past=True),
            BASELINE: self._trace(look, say("baseline"), self.live.usual, past=False),
        }
        for name, kept in zip(SAVED, look.saved, strict=False):
            traces[name] = self._trace(look, kept.setting.title, kept.paths, past=False)
        traces[CURRENT] = self._trace(look, look.title, look.current.paths, past=False)
        points = [] if industry else documented_points(self.live.baseline, zone, indicator)
        label = with_unit(self._what(look), VARIABLES[indicator].units)
        self.figure.show(traces, points, label, self.live.baseline.base_year)
        self.tell(look)

    def _trace(self, look: Look, label: str, paths: LivePaths, *, past: bool) -> Trace:
        """Return the fan of what is shown, up to the base year or from it on."""
        zone, indicator, industry = look.place
        years, base = np.array(paths.years), self.live.baseline.base_year
        part = years <= base if past else years >= base
        return Trace(label, years[part], paths.fan(indicator, zone, industry)[:, part])

    def _what(self, look: Look) -> str:
        _, indicator, industry = look.place
        label = str(VARIABLES[indicator].label)
        return f"{label}: {self.live.baseline.industry_label(industry)}" if industry else label

    def tell(self, look: Look) -> None:
        """Say the numbers in words and tables."""
        zone = look.place[0]
        columns = [
            Column(say("baseline"), HUES[BASELINE], look.values(self.live.usual)),
            *(
                Column(kept.setting.title, HUES[name], look.values(kept.paths))
                for name, kept in zip(SAVED, look.saved, strict=False)
            ),
            Column(look.title, HUES[CURRENT], look.values(look.current.paths)),
        ]
        where = self.live.baseline.zones[zone].label
        named = with_unit(self._what(look), VARIABLES[look.place[1]].units)
        what = say("{zone}, {what}, {year}", zone=where, what=named, year=look.year)
        self.comparison.object = comparison_tables(columns, what)
        self.headline.object = headline(columns[-1], columns[0], what)
        usual = self.live.usual_targets(zone)
        self.targets.object = (
            f"<h2>{escape(say('Goals of the plans'))}</h2>"
            + targets_table(self.live.targets(look.current.paths, zone), usual, str(where))
        )  # fmt: skip
        self.note.object = (
            f'<p class="note">{escape(" ".join(self._notes(look.current.paths)))}</p>'
        )

    def _notes(self, paths: LivePaths) -> list[str]:
        """Say what a reader must know of the bands and draws."""
        at = self.live.sampling
        said = [
            say("Bands: 50 % and 90 % of the draws; line: median. Points: documented figures."),
            say("{draws:,} draws, seed {seed}.", draws=at.draws, seed=at.seed),
        ]
        if paths.masked:
            said.append(say("{count} draws are masked.", count=paths.masked))
        if paths.rough:
            said.append(say("Growth is centred roughly while you move; the exact answer follows."))
        return said


def saved_row(
    name: str, kept: Kept, restore: Callable[[Any], None], remove: Callable[[Any], None]
) -> Any:
    """Return the row of a saved setting: its colour, and the buttons that take it up or away."""
    import panel as pn

    title = kept.setting.title
    again = pn.widgets.Button(name=say("set the levers to {title}", title=title))
    away = pn.widgets.Button(name=say("remove {title}", title=title))
    again.on_click(restore)
    away.on_click(remove)
    bar = pn.Spacer(width=6, height=28, styles={"background": HUES[name]})
    return pn.Row(bar, again, away, margin=0)
