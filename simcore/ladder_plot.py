"""The picture of the ladder of firms: high-tech firms with goals, and every rung."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simcore.labels import say
from simcore.ladder_goals import GoalRow
from simcore.ladder_priors import printed_count
from simcore.ladder_table import SATELLITE, FirmEnsemble, RungRow, SatelliteRow
from simcore.pictures import (
    COLOURS,
    INK,
    PALE,
    Source,
    footer,
    frame_years,
    in_house_style,
    refuse_format,
    save,
    shared_legend,
    titles_of,
)
from simcore.writing import refuse_existing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOWEST = 0.7  # firms: the foot of the logarithmic axis, below one


@in_house_style
def firms_chart(
    ensemble: FirmEnsemble,
    rows: Sequence[RungRow],
    goals: Sequence[GoalRow],
    satellites: Sequence[SatelliteRow],
    output: Path,
    *,
    force: bool = False,
) -> None:
    """Draw two panels a zone: high-tech firms as a fan, and the medians of all rungs.

    Raises `InputError` for unknown formats, `RunError` without matplotlib.
    """
    refuse_format(output)
    refuse_existing(output, force=force)
    from matplotlib.figure import Figure as Picture

    baseline = ensemble.posterior.problem.baseline
    zones = list(dict.fromkeys(row.zone for row in rows))
    picture = Picture(figsize=(1.6 + 4.6 * len(zones), 8.0), layout="constrained")
    axes = picture.subplots(2, len(zones), squeeze=False)
    for column, zone in enumerate(zones):
        fan, all_rungs = axes[0][column], axes[1][column]
        mine = [row for row in rows if row.zone == zone]
        _fan(fan, [row for row in mine if row.rung == SATELLITE[0]])
        _satellite(fan, [row for row in satellites if row.zone == zone])
        _points(fan, ensemble, zone, [SATELLITE[0]], goals)
        fan.set_ylim(bottom=0)
        fan.set_title(str(baseline.zones[zone].label), loc="left", fontsize=11)
        _rungs(all_rungs, ensemble, mine)
        for panel in (fan, all_rungs):
            _frame(panel, baseline.base_year, mine[0].year, mine[-1].year)
    label = ensemble.posterior.problem.firms.rungs[SATELLITE[0]].label
    axes[0][0].set_ylabel(f"{label} [{say('firms')}]")
    axes[1][0].set_ylabel(f"{say('all rungs, medians')} [{say('firms')}]")
    _legends(picture, axes)
    note = say(
        "Bands: 50 % and 90 % of {draws} draws. Higher rungs count as high-tech firms too.",
        draws=f"{ensemble.draws:,}",
    )
    places = [
        part.figure.source.document
        for part in ensemble.posterior.problem.evidence
        if part.zone in zones
    ]
    documents = say("Documented counts: {documents}", documents=titles_of(baseline, places))
    footer(picture, note, documents, str(Source(ensemble.draws, ensemble.seed)))
    save(picture, output)


def _fan(panel: Axes, rows: Sequence[RungRow]) -> None:
    years = [row.year for row in rows]
    for low, high, alpha in (("q05", "q95", 0.14), ("q25", "q75", 0.24)):
        panel.fill_between(
            years, [getattr(row, low) for row in rows], [getattr(row, high) for row in rows],
            color=COLOURS[0], alpha=alpha, lw=0,
        )  # fmt: skip
    panel.plot(years, [row.median for row in rows], color=COLOURS[0], lw=1.8, label=say("ladder"))


def _satellite(panel: Axes, rows: Sequence[SatelliteRow]) -> None:
    if rows:
        panel.errorbar(
            [row.year + 0.12 for row in rows], [row.satellite for row in rows],
            yerr=np.array([[row.satellite - row.satellite_q05 for row in rows],
                           [row.satellite_q95 - row.satellite for row in rows]]),
            fmt="s", ms=4.5, color=COLOURS[2], lw=1.2, capsize=2.5,
            label=say("satellite equation, 90 %"),
        )  # fmt: skip


def _points(
    panel: Axes, ensemble: FirmEnsemble, zone: str, rungs: Sequence[str], goals: Sequence[GoalRow]
) -> None:
    """Documented counts, one-sided ones as a triangle, and goals as stars."""
    for marker, label, above in (
        ("o", say("documented"), False),
        ("^", say("documented, “over”"), True),
    ):
        known = [
            part
            for part in ensemble.posterior.problem.evidence
            if part.zone == zone and part.rung in rungs and not part.arrivals
            and (part.figure.qualifier == "over") == above
        ]  # fmt: skip
        if known:
            panel.plot(
                [part.year for part in known], [printed_count(part.figure) for part in known],
                marker, color=INK, mfc="white", mew=1.4, ms=6.5, ls="", label=label, zorder=5,
            )  # fmt: skip
    wanted = [row for row in goals if row.zone == zone and row.rung in rungs]
    if wanted:
        panel.plot(
            [row.year for row in wanted], [row.goal for row in wanted], "*", color=COLOURS[1],
            ms=11, ls="", label=say("goal"), zorder=6,
        )  # fmt: skip


def _rungs(panel: Axes, ensemble: FirmEnsemble, rows: Sequence[RungRow]) -> None:
    """Firms on each rung itself, medians on a logarithmic axis."""
    for place, (rung, about) in enumerate(ensemble.posterior.problem.firms.rungs.items()):
        mine = [row for row in rows if row.rung == rung and row.own >= LOWEST]
        panel.plot(
            [row.year for row in mine], [row.own for row in mine],
            color=COLOURS[place % len(COLOURS)], lw=1.8, label=str(about.label),
        )  # fmt: skip
    panel.set_yscale("log")
    panel.set_ylim(bottom=LOWEST)


def _frame(panel: Axes, base_year: int, first: int, last: int) -> None:
    panel.axvline(base_year, color=PALE, lw=0.8, ls=":")
    panel.set_xlim(first - 0.5, last + 0.5)
    frame_years(panel)


def _legends(picture: Any, axes: Any) -> None:
    """Name what the fans show above them, and the rungs in the panels below."""
    shared_legend(picture, axes[0], most=8)
    axes[1][0].legend(
        frameon=True, facecolor="white", edgecolor="none", framealpha=1, fontsize=8,
        loc="upper left", ncols=2,
    )  # fmt: skip
    low, high = axes[1][0].get_ylim()
    axes[1][0].set_ylim(low, high * 12)  # room for the legend above the lines
