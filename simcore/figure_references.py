"""What figures refer to: zones, indicators, documents, and the figures that they repeat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from simcore.entries import Figure, Indicator, Zones
from simcore.errors import Problem, did_you_mean
from simcore.labels import say


def fault(
    figure: Figure,
    document: str,
    zones: Zones,
    indicators: dict[str, Indicator],
    known: dict[str, Figure],
) -> str:
    """Say what is wrong with a figure's references, or nothing."""
    if figure.id in known:
        return say("the id {name} stands twice", name=figure.id)
    if figure.source.document != document:
        return say(
            "{figure} names another document, {document}",
            figure=figure.id, document=figure.source.document,
        )  # fmt: skip
    if figure.indicator not in indicators:
        near = did_you_mean(figure.indicator, indicators)
        return say(
            "{figure}: unknown indicator '{indicator}'{near}",
            figure=figure.id, indicator=figure.indicator, near=near,
        )  # fmt: skip
    zone = zones.zones.get(figure.zone)
    if zone is None:
        return say(
            "{figure}: unknown zone '{zone}'{near}",
            figure=figure.id, zone=figure.zone, near=did_you_mean(figure.zone, zones.zones),
        )  # fmt: skip
    names = [*zone.industries, *zone.aggregates]
    if figure.industry and figure.industry not in names:
        near = did_you_mean(figure.industry, names)
        return say(
            "{figure}: unknown industry '{industry}'{near}",
            figure=figure.id, industry=figure.industry, near=near,
        )  # fmt: skip
    return ""


def original(figures: Mapping[str, Figure], name: str) -> Figure:
    """Follow repetitions to a figure that repeats no other; a circle ends before it closes."""
    figure, seen = figures[name], {name}
    while (after := figure.same_as) and after in figures and after not in seen:
        figure = figures[after]
        seen.add(after)
    return figure


def circular(figures: dict[str, Figure], found: dict[str, Problem]) -> Iterator[Problem]:
    """Find the figures whose chain of repetitions has no first one."""
    for figure in figures.values():
        if original(figures, figure.id).same_as in figures:
            message = say(
                "{figure} repeats {first} in a circle; one of them is the first",
                figure=figure.id, first=figure.same_as,
            )  # fmt: skip
            yield replace(found[figure.id], message=message)


def dangling(figures: dict[str, Figure], found: dict[str, Problem]) -> list[Problem]:
    """Find the figures that repeat one which does not exist."""
    return [
        replace(
            found[figure.id],
            message=say(
                "{figure} repeats {first}, which does not exist",
                figure=figure.id, first=figure.same_as,
            )
            + did_you_mean(figure.same_as, figures),
        )
        for figure in figures.values()
        if figure.same_as and figure.same_as not in figures
    ]  # fmt: skip
