"""One session of the live page: its controls, its settings, and what they give.

Sessions share the members that were drawn, which nothing changes, and no more.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from pathlib import Path
from traceback import format_exception
from typing import Any

import numpy as np

from simcore.arrays import Array
from simcore.dims import VARIABLES
from simcore.documented_points import documented_points
from simcore.errors import InputError, SimcoreError
from simcore.labels import say, use_language
from simcore.levers import Scenario
from simcore.live import FILE, Live, LivePaths
from simcore.live_controls import Controls
from simcore.live_downloads import DOWNLOADS, Download, made, result_of
from simcore.live_figure import BASELINE, CURRENT, HISTORY, HUES, SAVED, FanFigure, Trace
from simcore.live_parts import parts, read
from simcore.live_tables import Column, comparison_tables, headline, targets_table
from simcore.setting import LONGEST, Setting, distinct
from simcore.units import with_unit

log = logging.getLogger("simcore")
PAUSE = 400  # milliseconds without a move after which what was rough is computed in full
LEFT_OUT = ("revision_factor", "tfp_growth_required")  # without numbers in the baseline, or no path
COMPARED = 2030


@dataclass(frozen=True)
class Kept:
    """A setting with what it gave."""

    setting: Setting
    scenario: Scenario
    paths: LivePaths


class Page:
    """A session: everything that one browser tab sees and has saved."""

    def __init__(self, live: Live, output: Path, language: str) -> None:
        import panel as pn

        self.live, self.output, self.language = live, output, language
        self.document: Any = pn.state.curdoc
        self.saved: list[Kept] = []
        self.moves = 0
        self.refused: Exception | None = None  # why what the controls say is not what is shown
        self.telling = False
        self.roots = {
            name: pn.Column(sizing_mode="stretch_width", margin=0)
            for name in ("heading", "language", "controls", "picture", "targets", "settings")
        }
        self.current = Kept(Setting(), live.scenario(Setting()), live.usual)
        self.alert, self.headline, self.note = text(), text(), text()
        self.targets, self.comparison = text(), text()
        self.figure = FanFigure()
        picture = pn.pane.Bokeh(self.figure.figure, sizing_mode="stretch_width")
        self.roots["picture"][:] = [self.alert, self.headline, picture, self.note]
        self.roots["targets"][:] = [self.targets]
        self._build(Setting())

    def template(self) -> Any:
        """Return the page around the session's parts."""
        import panel as pn

        page = pn.Template(read("live.html"))
        for name, root in self.roots.items():
            page.add_panel(name, root)
        page.add_variable("page_language", "zh-CN" if self.language == "zh" else "en")
        page.add_variable("page_title", say("simcore: try it live"))
        page.add_variable("page_style", read("live.css"))
        return page

    # --- what is there ----------------------------------------------------------------------------

    def _build(self, setting: Setting) -> None:
        """Make the controls in the session's language, at a setting, and show all in it."""
        import panel as pn

        use_language(self.language)
        self.controls = Controls(
            self.live.baseline, self.live.years, self._indicators,
            self._soon(self._moved), self._soon(self._looked),
        )  # fmt: skip
        self.controls.take(setting)
        self.name: Any = pn.widgets.TextInput(
            name=say("name of this setting"), max_length=LONGEST, value=setting.label, width=260
        )
        self.name.param.watch(lambda event: self._soon(self._named)(), "value")
        years = {str(year): year for year in self.live.years}
        start = COMPARED if COMPARED in self.live.years else self.live.years[-1]
        self.year = pn.widgets.Select(name=say("year"), options=years, value=start, width=110)
        self.year.param.watch(lambda event: self._soon(self._looked)(), "value")
        save = pn.widgets.Button(name=say("save this setting"), button_type="primary", align="end")
        save.on_click(lambda event: self._soon(self._save)())
        self.list = pn.Column(sizing_mode="stretch_width", margin=0)
        words = {"copy": say("copy"), "copied": say("copied"), "keep": say("save as a file")}
        self.file = parts().copy(label=say("scenario file"), file=FILE, **words)
        self.command = parts().copy(label=say("command"), **words)
        for part in (self.file, self.command):
            part.sizing_mode = "stretch_width"
        switch = parts().language(language=self.language, heading=say("simcore: try it live"))
        switch.param.watch(lambda event: self._soon(self._switch)(event.new), "language")
        offer = say("This file says what is shown; the command gives the same numbers.")
        downloads = [self._download(kind) for kind in DOWNLOADS]
        title = text(f"<h1 style='font-size:20px;margin:0'>{say('simcore: try it live')}</h1>")
        self.roots["heading"][:] = [title]
        self.roots["language"][:] = [switch]
        self.roots["controls"][:] = [self.controls.view]
        self.roots["settings"][:] = [
            text(f"<h2>{say('Compare settings')}</h2>"),
            pn.Row(self.name, save, self.year, margin=0), self.list, self.comparison,
            text(f"<h2 style='margin-top:1em'>{say('Take it away')}</h2><p>{offer}</p>"),
            self.file, self.command, pn.FlexBox(*downloads),
        ]  # fmt: skip
        self._list_saved()
        self._offer_text()
        self._looked()

    def _indicators(self, zone: str) -> list[str]:
        """Return the indicators that the baseline has numbers of in a zone."""
        return [
            name for name in VARIABLES
            if name not in LEFT_OUT and np.isfinite(self.live.usual.fan(name, zone)[:, -1]).any()
        ]  # fmt: skip

    # --- what happens -----------------------------------------------------------------------------

    def _soon(self, work: Callable[..., None]) -> Callable[..., None]:
        """Return what has work done next, with the document to itself; events alone have not.

        In the session's language; errors are one line on the page.
        """

        def later(*arguments: Any) -> None:
            self.document.add_next_tick_callback(lambda: self._done(work, *arguments))

        return later

    def _done(self, work: Callable[..., None], *arguments: Any) -> None:
        use_language(self.language)
        try:
            work(*arguments)
        except Exception as error:
            if not isinstance(error, SimcoreError):
                log.error("%s", "".join(format_exception(error)).rstrip())
            self._say(_line(error))

    def _say(self, text: str) -> None:
        shown = f'<p class="alert" role="alert">{escape(text)}</p>' if text else ""
        if self.alert.object != shown:
            self.alert.object = shown

    def _say_refusal(self) -> None:
        """Say why what the controls say is not shown, as long as it is so; else say nothing."""
        self._say(_line(self.refused) if self.refused else "")

    def _shown(self) -> Kept:
        """Return what is shown, in full, if it is what the controls say; raise why not."""
        if self.refused:
            raise self.refused.with_traceback(None)
        self._complete()
        return self.current

    def _moved(self, lever: Any = None) -> None:
        """Simulate what the controls say and show its fan; words and tables follow at once."""
        self.moves += 1
        try:
            self._simulate()
        except Exception as error:
            self.refused = error
            raise
        finally:
            if lever is not None:
                lever.seen += 1
            if self.current.paths.rough:
                refine = partial(self._refine, self.moves)
                self.document.add_timeout_callback(lambda: self._done(refine), PAUSE)
        self.figure.put(CURRENT, self._trace(self._title(), self.current.paths, past=False))
        if not self.telling:
            self.telling = True
            self._soon(self._tell_all)()

    def _tell_all(self) -> None:
        self.telling = False
        self._say_refusal()
        self._offer_text()
        self._tell()

    def _refine(self, moves: int) -> None:
        """Meet growth that is centred exactly, unless something has moved since."""
        if moves == self.moves:
            self._complete()
            self._show_all()

    def _show_all(self) -> None:
        self._say_refusal()
        self._offer_text()
        self._draw()

    def _simulate(self) -> None:
        setting = self.controls.setting(self.name.value)
        scenario = self.live.scenario(setting)
        self.current = Kept(setting, scenario, self.live.run(scenario, rough=True))
        self.refused = None

    def _complete(self) -> None:
        """Make sure that what is shown is what the file gives."""
        if self.current.paths.rough:
            self.current = replace(self.current, paths=self.live.run(self.current.scenario))

    def _named(self) -> None:
        """Give what is shown its name."""
        self._rename()
        self._show_all()

    def _rename(self) -> None:
        """Read what is shown from its file again, under the name in the box."""
        setting = replace(self.current.setting, label=self.name.value)
        scenario = self.live.scenario(setting)
        self.current = replace(self.current, setting=setting, scenario=scenario)

    def _save(self) -> None:
        """Keep the setting beside those that are kept already."""
        shown = self._shown()
        if len(self.saved) == len(SAVED):
            raise InputError(
                say("{count} settings are saved; remove one first", count=len(SAVED))
            )  # fmt: skip
        setting = shown.setting
        first = setting.label.strip() or "ABCD"[len(self.saved)]
        label = distinct(first, [kept.setting.title for kept in self.saved])
        setting = replace(setting, label=label)
        self.saved.append(Kept(setting, self.live.scenario(setting), shown.paths))
        self.name.value = ""
        self._list_saved()
        self._show_all()

    def _restore(self, kept: Kept) -> None:
        self.controls.take(kept.setting)
        self.name.value = kept.setting.label
        self._moved()

    def _remove(self, kept: Kept) -> None:
        self.saved.remove(kept)
        self._list_saved()
        self._show_all()

    def _switch(self, language: str) -> None:
        """Show everything in the other language; nothing that was set is lost."""
        self.language = language
        place, setting = self.controls.place(), self.controls.setting(self.name.value)
        self._build(setting)
        self.controls.show(place)
        self._rename()
        self._looked()
        if self.refused:
            self._moved()  # to be refused in the other language

    # --- what is shown ----------------------------------------------------------------------------

    def _looked(self) -> None:
        """Show another place of what was simulated."""
        zone, _, _ = self.controls.place()
        self.controls.hints(self.live.usual_values(zone))
        self._draw()

    def _draw(self) -> None:
        zone, indicator, industry = self.controls.place()
        traces = {
            HISTORY: self._trace(say("history and nowcast"), self.live.usual, past=True),
            BASELINE: self._trace(say("baseline"), self.live.usual, past=False),
        }
        for name, kept in zip(SAVED, self.saved, strict=False):
            traces[name] = self._trace(kept.setting.title, kept.paths, past=False)
        traces[CURRENT] = self._trace(self._title(), self.current.paths, past=False)
        points = [] if industry else documented_points(self.live.baseline, zone, indicator)
        label = with_unit(self._what(), VARIABLES[indicator].units)
        self.figure.show(traces, points, label, self.live.baseline.base_year)
        self._tell()

    def _trace(self, label: str, paths: LivePaths, *, past: bool) -> Trace:
        """Return the fan of what is shown, up to the base year or from it on."""
        years, base = np.array(paths.years), self.live.baseline.base_year
        part = years <= base if past else years >= base
        return Trace(label, years[part], paths.fan(*self._place_of_path())[:, part])

    def _place_of_path(self) -> tuple[str, str, str | None]:
        zone, indicator, industry = self.controls.place()
        return indicator, zone, industry

    def _title(self) -> str:
        """Return what the current setting is called beside the saved ones."""
        return distinct(self.current.setting.title, [kept.setting.title for kept in self.saved])

    def _what(self) -> str:
        _, indicator, industry = self.controls.place()
        label = str(VARIABLES[indicator].label)
        return f"{label}: {self.live.baseline.industry_label(industry)}" if industry else label

    def _tell(self) -> None:
        """Say the numbers in words and tables."""
        zone, year = self.controls.zone.value, self.year.value

        def values(paths: LivePaths) -> Array:
            return np.asarray(paths.series(*self._place_of_path())[year - paths.years[0]])

        columns = [
            Column(say("baseline"), HUES[BASELINE], values(self.live.usual)),
            *(
                Column(kept.setting.title, HUES[name], values(kept.paths))
                for name, kept in zip(SAVED, self.saved, strict=False)
            ),
            Column(self._title(), HUES[CURRENT], values(self.current.paths)),
        ]
        where = self.live.baseline.zones[zone].label
        named = with_unit(self._what(), VARIABLES[self.controls.place()[1]].units)
        what = say("{zone}, {what}, {year}", zone=where, what=named, year=year)
        self.comparison.object = comparison_tables(columns, what)
        self.headline.object = headline(columns[-1], columns[0], what)
        at, usual = self.live.sampling, self.live.usual_targets(zone)
        self.targets.object = (
            f"<h2>{escape(say('Goals of the plans'))}</h2>"
            + targets_table(self.live.targets(self.current.paths, zone), usual, str(where))
        )  # fmt: skip
        said = [
            say("Bands: 50 % and 90 % of the draws; line: median. Points: documented figures."),
            say("{draws:,} draws, seed {seed}.", draws=at.draws, seed=at.seed),
        ]
        if self.current.paths.masked:
            said.append(say("{count} draws are masked.", count=self.current.paths.masked))
        if self.current.paths.rough:
            said.append(say("Growth is centred roughly while you move; the exact answer follows."))
        self.note.object = f'<p class="note">{escape(" ".join(said))}</p>'

    def _offer_text(self) -> None:
        """Offer the file and the command of what is shown."""
        self.file.text = self.live.text(self.current.setting)
        self.command.text = self.live.sampling.command(FILE)

    def _list_saved(self) -> None:
        """List what is saved, each with its buttons."""
        import panel as pn

        rows = []
        for name, kept in zip(SAVED, self.saved, strict=False):
            title = kept.setting.title
            again = pn.widgets.Button(name=say("set the levers to {title}", title=title))
            away = pn.widgets.Button(name=say("remove {title}", title=title))
            again.on_click(self._with(self._restore, kept))
            away.on_click(self._with(self._remove, kept))
            bar = pn.Spacer(width=6, height=28, styles={"background": HUES[name]})
            rows.append(pn.Row(bar, again, away, margin=0))
        self.list[:] = rows

    def _with(self, work: Callable[[Kept], None], kept: Kept) -> Callable[[Any], None]:
        """Return what a button does with a saved setting."""
        return lambda event: self._soon(work)(kept)

    def _download(self, kind: Download) -> Any:
        """Return the button of a download; what it gives is made when it is pressed."""
        button = parts().download(
            label=str(kind.label), busy=say("one moment …"), file=f"simcore{kind.suffix}"
        )

        def give() -> None:
            button.content = ""
            try:
                shown = self._shown()
                scenarios = [kept.scenario for kept in self.saved]
                if shown.setting.asks:
                    scenarios.append(shown.scenario)
                file = result_of(self.live, scenarios, self.output)
                content = made(kind, file, self.controls.place())
                button.content = b64encode(content).decode()
            finally:
                button.answered += 1

        button.param.watch(lambda event: self._soon(give)(), "asked")
        return button


def text(content: str = "") -> Any:
    """Return a part of the page that is HTML."""
    import panel as pn

    css = [read("live.css")]
    return pn.pane.HTML(content, stylesheets=css, sizing_mode="stretch_width", margin=0)


def _line(error: Exception) -> str:
    """Return an error as one line, without the place in a file that nobody wrote."""
    if not isinstance(error, SimcoreError):
        kind, said = type(error).__name__, " ".join(str(error).split())
        return say("{kind}: {error} (unforeseen; the terminal shows where)", kind=kind, error=said)
    if isinstance(error, InputError) and error.problems:
        return "; ".join(dict.fromkeys(problem.message for problem in error.problems))
    return " ".join(str(error).split("\n"))
