"""How scenarios are ranked, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from simcore.cli.base import print_table
from simcore.labels import say
from simcore.number_text import number, percent


def print_rankings(found: Sequence[Any], baseline: Any, reference: str) -> None:
    """Print a table a zone and indicator, the best scenario first."""
    from simcore.dims import VARIABLES

    columns = [
        say("scenario"), say("mean rank"), say("P(first)"), say("P(last)"),
        say("differs from"), say("variance removed by pairing"),
    ]  # fmt: skip
    for zone, indicator, year in dict.fromkeys((r.zone, r.indicator, r.year) for r in found):
        here = [row for row in found if (row.zone, row.indicator) == (zone, indicator)]
        lines = [
            [
                row.scenario, number(row.mean_rank), percent(row.first), percent(row.last),
                _clear(row, reference),
                "–" if row.variance_removed is None else percent(row.variance_removed),
            ]
            for row in here
        ]  # fmt: skip
        label = baseline.zones[zone].label if zone in baseline.zones else zone
        title = say(
            "{zone}: scenarios by {indicator} of {year}",
            zone=label, indicator=VARIABLES[indicator].label, year=year,
        )  # fmt: skip
        print_table(title, columns, lines)
    click.echo(
        say("Draw by draw; a difference counts from when its 90 % band leaves out zero for good.")
    )


def _clear(row: Any, reference: str) -> str:
    if row.scenario == reference:
        return "–"
    return say("not clearly") if row.clear_from is None else str(row.clear_from)


def print_unchanged(names: Sequence[str]) -> None:
    """Warn of scenarios that change nothing of what is compared."""
    for name in names:
        text = say("{name}: changes none of the indicators and years that are compared", name=name)
        click.echo(text, err=True)
