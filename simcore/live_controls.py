"""The controls of the live page: what is shown, the levers, a shock, and the setting they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simcore.baseline import Baseline
from simcore.dims import BY_INDUSTRY, VARIABLES
from simcore.labels import say
from simcore.live_parts import parts, read
from simcore.setting import DIALS, MODES, PROBABILITY, SIZE, Dial, Setting, Shock, distinct

EVERY = "*"
USUAL_SHOCK = (-10.0, 30.0)
"""Where the sliders of a shock stand before they are moved: size, probability [percent]."""


class Controls:
    """Every control of one session, in the language in use.

    ``changed`` is called when the setting changes, with the lever that was moved if it is one;
    ``looked`` when only what is shown changes.
    """

    def __init__(
        self, baseline: Baseline, years: tuple[int, ...], indicators: Callable[[str], list[str]],
        changed: Callable[..., None], looked: Callable[[], None],
    ) -> None:  # fmt: skip
        import panel as pn

        self.baseline, self.indicators = baseline, indicators
        self.changed, self.looked = changed, looked
        self.quiet = False
        zones = {str(zone.label): name for name, zone in baseline.zones.items()}
        first = next(iter(baseline.zones))
        css = [read("live.css")]
        self.zone = pn.widgets.Select(name=say("zone"), options=zones, value=first)
        self.indicator = pn.widgets.Select(name=say("indicator"))
        self.industry = pn.widgets.Select(name=say("industry"))
        self.scope = pn.widgets.Select(
            name=say("the levers act on"), options={say("every zone"): EVERY} | zones, value=EVERY
        )
        self.mode = pn.widgets.Select(
            name=say("GDP growth is met"),
            options={say("in every draw (set)"): MODES[0], say("on average (centre)"): MODES[1]},
        )
        self.levers = {name: _lever(dial) for name, dial in DIALS.items()}
        self.size = _lever(SIZE, place=USUAL_SHOCK[0])
        self.probability = _lever(PROBABILITY, value=USUAL_SHOCK[1], optional=False)
        self.year = pn.widgets.Select(
            name=say("year of the shock"),
            options={say("any year"): 0} | {str(year): year for year in years},
            value=years[min(2, len(years) - 1)],
        )
        self.struck = pn.widgets.Select(name=say("industry that is struck"))
        self.size.hint = say("off: no shock beside those of the baseline")
        self._offer()
        self._offer_struck(EVERY)
        self._show_shock()
        self.scope.param.watch(self._rescope, "value")
        for widget in (self.zone, self.indicator, self.industry):
            widget.param.watch(self._look, "value")
        for widget in (self.mode, self.year, self.struck):
            widget.param.watch(lambda event: None if self.quiet else changed(), "value")
        for lever in (*self.levers.values(), self.size, self.probability):
            lever.param.watch(self._move, "value")

        def title(text: str) -> Any:
            return pn.pane.HTML(f"<h2>{text}</h2>", stylesheets=css, margin=(8, 0, 0, 0))

        shown = (self.zone, self.indicator, self.industry)
        shock = (self.size, self.probability, self.year, self.struck)
        levers = list(self.levers.values())
        self.view = pn.Column(
            title(say("What is shown")), *shown, title(say("Levers")), self.scope, levers[0],
            self.mode, *levers[1:], title(say("A shock")), *shock,
            sizing_mode="stretch_width",
        )  # fmt: skip
        for part in self.view:
            part.param.update(sizing_mode="stretch_width", margin=(3, 0))

    def _move(self, event: Any) -> None:
        """Tell of a lever's new value."""
        self._show_shock()
        if not self.quiet:
            self.changed(event.obj)

    def _show_shock(self) -> None:
        """Show what a shock is like where there is one."""
        for widget in (self.probability, self.year, self.struck):
            widget.visible = self.size.value is not None

    def _look(self, event: Any) -> None:
        if self.quiet:
            return
        self._offer()
        self.looked()

    def _rescope(self, event: Any) -> None:
        """Offer the industries of the new scope; one that is struck stays, to be refused aloud."""
        self._offer_struck(self.struck.value if self.size.value is not None else EVERY)
        if not self.quiet:
            self.changed()

    def _offer(self) -> None:
        """Offer the indicators and the industries of the zone that is shown."""
        quiet, self.quiet = self.quiet, True
        zone = self.baseline.zones[self.zone.value]
        names = self.indicators(self.zone.value)
        _choose(self.indicator, {str(VARIABLES[name].label): name for name in names})
        labels = {str(industry.label): name for name, industry in zone.industries.items()}
        _choose(self.industry, {say("all industries"): EVERY} | labels)
        self.industry.visible = VARIABLES[self.indicator.value].dims == BY_INDUSTRY
        self.quiet = quiet

    def _offer_struck(self, chosen: str) -> None:
        """Offer the industries of whom the levers act on, and choose one, known there or not.

        Where two have one label, their zones tell them apart.
        """
        quiet, self.quiet = self.quiet, True
        scope, baseline = self.scope.value, self.baseline
        known = baseline.industries if scope == EVERY else baseline.zones[scope].industries
        names = list(dict.fromkeys([*known, chosen]))
        labels = {n: str(baseline.industry_label(n, scope)) for n in names if n != EVERY}
        options = {say("all industries"): EVERY}
        for name, label in labels.items():
            if list(labels.values()).count(label) > 1:
                of = next(str(z.label) for z in baseline.zones.values() if name in z.industries)
                label = say("{industry} of {zone}", industry=label, zone=of)
            options[distinct(label, options)] = name
        self.struck.param.update(options=options, value=chosen)
        self.quiet = quiet

    def show(self, place: tuple[str, str, str | None]) -> None:
        """Show a place without telling of it."""
        quiet, self.quiet = self.quiet, True
        self.zone.value = place[0]
        self._offer()
        self.indicator.value = place[1]
        self.industry.value = place[2] or EVERY
        self._offer()
        self.quiet = quiet

    def hints(self, usual: Mapping[str, float]) -> None:
        """Say what the baseline's rule gives, and begin there."""
        for name, lever in self.levers.items():
            lever.hint = say("off: the baseline's rule, median {value:.1f} %", value=usual[name])
            if lever.value is None:
                step, dial = lever.step, DIALS[name]
                place = round(round(usual[name] / step) * step, 2)
                lever.place = min(max(place, dial.low), dial.high)

    def setting(self, label: str) -> Setting:
        """Return what the controls say; raises `InputError`."""
        dials = {
            n: float(lever.value) for n, lever in self.levers.items() if lever.value is not None
        }
        shock = None
        if self.size.value is not None:
            shock = Shock(
                float(self.size.value), float(self.probability.value), self.year.value or None,
                self.struck.value,
            )  # fmt: skip
        return Setting(label, self.scope.value, dials, self.mode.value, shock)

    def take(self, setting: Setting) -> None:
        """Set the controls to what a setting says."""
        self.quiet = True
        try:
            self.scope.value, self.mode.value = setting.zone, setting.mode
            for name, lever in self.levers.items():
                lever.value = setting.dials.get(name)
            shock = setting.shock
            self.size.value = shock.size if shock else None
            if shock:
                self.probability.value, self.year.value = shock.probability, shock.year or 0
            self._offer_struck(shock.industry if shock else EVERY)
        finally:
            self.quiet = False

    def place(self) -> tuple[str, str, str | None]:
        """Return zone, indicator and industry that are shown, None for all together."""
        by_industry = VARIABLES[self.indicator.value].dims == BY_INDUSTRY
        industry = self.industry.value if by_industry else EVERY
        return self.zone.value, self.indicator.value, None if industry == EVERY else industry


def _lever(dial: Dial, **state: Any) -> Any:
    return parts().lever(
        label=str(dial.label), low=dial.low, high=dial.high, step=dial.step, **state
    )  # fmt: skip


def _choose(select: Any, options: dict[str, str]) -> None:
    """Give a list its options; what is chosen stays where it can."""
    chosen = select.value
    value = chosen if chosen in options.values() else next(iter(options.values()))
    if select.options != options:
        select.param.update(options=options, value=value)
