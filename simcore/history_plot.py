"""The calibrated history as a picture: what the documents print, and what they leave open.

A row a zone; columns for GDP, its growth, the sectors' shares and R&D intensity. Bands hold half
and nine tenths of the posterior draws. Years for which no document gives the quantity are hatched.
A figure that was printed on another basis than the series' (before a revision, or on an earlier
scope of the sectors) is filled in grey: the model meets it on that basis, away from the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcore.entries import SECTOR_LABELS
from simcore.errors import InputError
from simcore.history import Past
from simcore.history_series import (
    QUANTITIES,
    SHARES,
    Series,
    Shown,
    documented_figures,
    history_series,
    undocumented,
    write_history,
)
from simcore.labels import say
from simcore.pictures import (
    COLOURS,
    INK,
    PALE,
    footer,
    frame_years,
    in_house_style,
    refuse_format,
    save,
    titles_of,
)
from simcore.posterior import Posterior
from simcore.printed import ABOUT
from simcore.units import MONEY, unit_text
from simcore.writing import refuse_existing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

BANDS = ((0, 4, 0.16), (1, 3, 0.28))
HATCH = "#c4c4c4"
MARKERS = {"over": "^", "under": "v"}


@in_house_style
def history_chart(
    posterior: Posterior, output: Path, *, data: Path | None = None, force: bool = False
) -> list[Path]:
    """Draw the calibrated history with the documented figures on it; return the files written.

    ``data`` also writes the numbers as CSV. Raises `InputError` for another format or a file that
    exists, `RunError` without matplotlib or if a file cannot be written.
    """
    refuse_format(output)
    for path in (output, data):
        if path is not None:
            refuse_existing(path, force=force)
    if data is not None and data.resolve() == output.resolve():
        raise InputError(say("{data}: the picture and its numbers need two names", data=data))
    past = posterior.problem.past
    found = list(history_series(posterior))
    shown = documented_figures(posterior)
    save(_draw(past, found, shown), output)
    if data is None:
        return [output]
    write_history(past, found, shown, data)
    return [output, data]


# --- the picture ----------------------------------------------------------------------------------


def _draw(past: Past, found: Sequence[Series], shown: Sequence[Shown]) -> Picture:
    from matplotlib.figure import Figure as Picture

    zones = past.baseline.zones
    picture = Picture(figsize=(12.5, 1.5 + 3 * len(zones)), layout="constrained")
    axes = picture.subplots(len(zones), len(QUANTITIES), squeeze=False)
    for row, (zone, entry) in enumerate(zones.items()):
        for panel, quantity in zip(axes[row], QUANTITIES, strict=True):
            series = [s for s in found if (s.zone, s.quantity) == (zone, quantity)]
            mine = [one for one in shown if (one.figure.zone, one.quantity) == (zone, quantity)]
            _panel(panel, past, series, mine)
            # the empty line is the name's, which must not widen its panel
            panel.set_title(f"\n\n{_title(quantity)}", loc="left", fontsize=9.5, color=INK)
        name = axes[row, 0].annotate(
            str(entry.label), (0, 1), xycoords="axes fraction", xytext=(0, 23),
            textcoords="offset points", fontsize=11.5, fontweight="bold",
        )  # fmt: skip
        name.set_in_layout(False)
    _legend(picture)
    footer(picture, _sources(past, shown))
    return picture


def _title(quantity: str) -> str:
    return {
        "gdp": say("GDP at current prices, {unit}", unit=unit_text(MONEY)),
        "gdp_growth": say("real GDP growth, %"),
        SHARES: say("sectors' shares of GDP, %"),
        "rnd_intensity": say("R&D spending over GDP, %"),
    }[quantity]


def _panel(panel: Axes, past: Past, series: Sequence[Series], shown: Sequence[Shown]) -> None:
    """One quantity of a zone: its bands, its documented figures, and what no document gives."""
    zone, baseline, years = series[0].zone, past.baseline, series[0].years
    for colour, one in zip(COLOURS, series, strict=False):
        _bands(panel, one, colour)
    for figure in shown:
        _point(panel, figure)
    _names(panel, [one for one in series if one.sector])
    for year in undocumented(years, [one.figure for one in shown]):
        panel.axvspan(
            year - 0.5, year + 0.5, facecolor="none", edgecolor=HATCH, hatch="///", lw=0, zorder=-2
        )
    for year in years:
        if baseline.status(zone, year) == "nowcast":
            panel.axvspan(year - 0.5, year + 0.5, color=PALE, alpha=0.16, lw=0, zorder=-3)
    first = min(baseline.zones[zone].first_year, baseline.zones[zone].first_growth_year)
    panel.set_xlim(first - 0.5, baseline.base_year + 0.5)
    frame_years(panel, ticks=5)


def _bands(panel: Axes, one: Series, colour: str) -> None:
    for low, high, alpha in BANDS:
        panel.fill_between(
            one.years, one.values[low], one.values[high], color=colour, alpha=alpha, lw=0
        )
    panel.plot(one.years, one.values[2], color=colour, lw=1.6)


def _names(panel: Axes, series: Sequence[Series]) -> None:
    """Write the sectors' names at the ends of their lines: the middle one below, others above."""
    order = sorted(series, key=lambda one: float(one.values[2, -1]))
    for rank, one in enumerate(order):
        below = 0 < rank < len(order) - 1
        panel.annotate(
            str(SECTOR_LABELS[one.sector]), (one.years[-1], one.values[2, -1]),
            xytext=(0, -5 if below else 5), textcoords="offset points", fontsize=8.5,
            color=COLOURS[series.index(one)], ha="right", va="top" if below else "bottom",
        )  # fmt: skip


def _point(panel: Axes, shown: Shown) -> None:
    """One figure as printed: a dot, a triangle if one-sided, a bar if "about", a span's segment."""
    figure, value = shown.figure, float(shown.figure.value or 0.0)
    style: dict[str, Any] = {"color": INK, "zorder": 5}
    if isinstance(figure.period, tuple):
        first, last = figure.period
        panel.plot([first - 0.4, last + 0.4], [value] * 2, lw=2.2, solid_capstyle="butt", **style)
        return
    year = figure.year or 0
    if figure.qualifier == "about":
        panel.errorbar(year, value, yerr=2 * ABOUT * abs(value), capsize=3, **style)
    marker = MARKERS.get(figure.qualifier, "o")
    fill = PALE if shown.other_basis else "white"
    panel.plot(year, value, marker, mfc=fill, mew=1.4, ms=6, ls="", **style)


def _legend(picture: Picture) -> None:
    from matplotlib.legend_handler import HandlerTuple
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    point: dict[str, Any] = {"color": INK, "mew": 1.4, "ms": 6, "ls": ""}
    bands = tuple(Patch(color=COLOURS[0], alpha=alpha, lw=0) for alpha in (0.40, 0.16))
    entries: list[tuple[Any, str]] = [
        (Line2D([], [], color=COLOURS[0], lw=1.6), say("median")),
        (bands, say("50 % and 90 % of the draws")),
        (Line2D([], [], marker="o", mfc="white", **point), say("documented")),
        (Line2D([], [], marker="^", mfc="white", **point), say("documented, “over”")),
        (Line2D([], [], color=INK, lw=2.2), say("documented average of the years")),
        (Line2D([], [], marker="o", mfc=PALE, **point), say("documented on another basis")),
        (Patch(fc="none", ec=HATCH, hatch="///", lw=0), say("no document: assumed")),
        (Patch(color=PALE, alpha=0.16, lw=0), say("nowcast")),
    ]
    picture.legend(
        [handle for handle, _ in entries], [text for _, text in entries],
        title=say("The past that the documents leave, and what they print"), title_fontsize=13,
        alignment="left", loc="outside upper left", ncols=(len(entries) + 1) // 2, frameon=False,
        fontsize=8.5, handler_map={tuple: HandlerTuple(ndivide=None, pad=0)}, columnspacing=1.2,
        handlelength=1.8,
    )  # fmt: skip


def _sources(past: Past, shown: Sequence[Shown]) -> str:
    """Name the documents whose figures are shown."""
    titles = titles_of(past.baseline, [one.figure.source.document for one in shown])
    return say("{count} figures from: {documents}", count=len(shown), documents=titles)
