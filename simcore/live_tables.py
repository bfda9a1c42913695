"""The tables of the live page, as HTML in which everything is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from simcore.arrays import Array
from simcore.assessment import TargetRow
from simcore.labels import say
from simcore.live import compared
from simcore.number_text import number, percent
from simcore.printed_units import goal_amount
from simcore.quantiles import sorted_quantiles


@dataclass(frozen=True)
class Column:
    """One setting in the comparison: its title, colour, and a path in a year, (draw)."""

    title: str
    colour: str
    values: Array


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], text: int = 1) -> str:
    """Return a table; ``rows`` hold HTML, caption and head plain text; first columns are words."""

    def cell(tag: str, place: int, content: str, scope: str = "") -> str:
        kind = ' class="text"' if place < text else ""
        return f"<{tag}{kind}{scope}>{content}</{tag}>"

    names = "".join(cell("th", p, escape(name), ' scope="col"') for p, name in enumerate(head))
    lines = "".join(
        "<tr>" + "".join(cell("td", place, content) for place, content in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{names}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>"
    )


def targets_table(rows: Sequence[TargetRow], usual: Sequence[TargetRow], zone: str) -> str:
    """Return the goals of a zone with their probabilities, those of the baseline beside them."""
    before = {row.target: row.probability for row in usual}
    head = [
        say("target"), say("year"), say("value"), say("P(met)"), say("baseline"), say("median"),
        say("status"),
    ]  # fmt: skip
    lines = []
    for row in rows:
        chance, then = row.probability or 0.0, before.get(row.target) or 0.0
        value = str(goal_amount(row.comparator, row.value, row.unit))
        lines.append(
            [
                escape(str(row.label)), str(row.year), escape(value),
                f'{_bar(chance, then)}<span class="chance">{percent(chance)}</span>', percent(then),
                number(row.median), escape(say(row.status)),
            ]
        )  # fmt: skip
    caption = say("Documented goals of {zone}: probability of being met", zone=zone)
    return table(caption, head, lines)


def _bar(share: float, mark: float) -> str:
    """Return a bar that is filled to a share, with a mark at another."""
    return (
        f'<span class="bar" aria-hidden="true"><i style="width:{100 * share:.1f}%"></i>'
        f'<b style="left:{100 * mark:.1f}%"></b></span>'
    )


def headline(now: Column, usual: Column, what: str) -> str:
    """Return the numbers of a year in a sentence, which a screen reader is told of."""
    low, median, high = map(float, sorted_quantiles(now.values, (0.05, 0.5, 0.95)))
    middle = float(sorted_quantiles(usual.values, (0.5,))[0])
    text = say(
        "{what}: {band}; baseline {baseline}; P(above the baseline) {above}",
        what=what, band=_band(median, low, high), baseline=number(middle),
        above=_chance(compared(now.values, usual.values).above),
    )  # fmt: skip
    return f'<p class="headline" role="status">{escape(text)}</p>'


def comparison_tables(columns: Sequence[Column], what: str) -> str:
    """Return settings beside each other, each against the first, and P(row > column)."""
    head = [
        say("setting"), say("median [90 %]"), say("difference [90 %]"), say("P(above)"),
    ]  # fmt: skip
    lines = []
    for column in columns:
        low, median, high = map(float, sorted_quantiles(column.values, (0.05, 0.5, 0.95)))
        line = [_named(column), _band(median, low, high), "–", "–"]
        if column is not columns[0]:
            against = compared(column.values, columns[0].values)
            if against.above is not None:
                line[2] = _band(*against.difference, sign=True)
            line[3] = _chance(against.above)
        lines.append(line)
    found = table(say("{what}: against the baseline, draw by draw", what=what), head, lines)
    if len(columns) > 2:
        found += "<p></p>" + _chances(columns, what)
    return found


def _chances(columns: Sequence[Column], what: str) -> str:
    head = [say("P(row > column)"), *(column.title for column in columns)]
    lines = [
        [
            _named(row),
            *(
                "–" if row is other else _chance(compared(row.values, other.values).above)
                for other in columns
            ),
        ]
        for row in columns
    ]
    return table(say("{what}: how likely one exceeds another", what=what), head, lines)


def _named(column: Column) -> str:
    swatch = f'<span class="swatch" aria-hidden="true" style="background:{column.colour}"></span>'
    return swatch + escape(column.title)


def _chance(share: float | None) -> str:
    return say("no draw differs") if share is None else percent(share)


def _band(median: float, low: float, high: float, *, sign: bool = False) -> str:
    if not np.isfinite(median):
        return "–"
    middle, below, above = (number(value, sign=sign) for value in (median, low, high))
    return f"{middle} [{below} – {above}]"
