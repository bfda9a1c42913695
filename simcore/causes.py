"""What can break in draws and where: kept in English in results, said in the language in use."""

from __future__ import annotations

from simcore.labels import say_again

CAUSES = (
    "the pinned industries alone exceed the pinned GDP",
    "the shifted investment shares leave nothing for the other industries",
    "the shifted labour shares leave nothing for the other industries",
    "value added does not sum to GDP",
    "nominal GDP is not real GDP times the deflator",
    "R&D is not intensity times GDP",
    "gross output is below value added",
    "pinned GDP growth is missed",
    "pinned growth of an industry is missed",
    "GDP per head is not GDP over population",
    "productivity is not real GDP over employment",
    "capital-output ratio outside {low} to {high}",
    "R&D above {limit} % of GDP",
    "{name} is not finite and positive",
    "{name} is not finite",
    "{name} is not {intensity} times {scale}",
)
"""templates of what the identities, the guards of plausibility and the closure find"""
PLACES = (
    "{scenario}, draw {draw}, {zone}, {year}",
    "{scenario}, draw {draw}, {year}",
    "{stored}, not {again}",
)
"""templates of where something was found first"""


def said_cause(cause: str) -> str:
    """Return what is wrong with a draw in the language in use.

    >>> said_cause("gdp is not finite")
    'gdp is not finite'
    """
    return say_again(cause, CAUSES)


def said_place(place: str) -> str:
    """Return where something was found in the language in use.

    >>> said_place("baseline, draw 7, donghu, 2027")
    'baseline, draw 7, donghu, 2027'
    """
    return say_again(place, PLACES)
