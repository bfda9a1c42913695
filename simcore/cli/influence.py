"""How `calibrate` prints what figures do to GDP to come, and where its spread comes from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from simcore.cli.base import print_table, progress_bar
from simcore.labels import language, say

MOVES = 0.05  # percent or percentage points: smaller changes are counted, not listed


def influences(posterior: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Return contributions of documents, influence of figures, and the spread's sources."""
    from simcore.headline import Headline
    from simcore.influence import document_contributions, figure_influence
    from simcore.sampling import BLOCK
    from simcore.spread import BLOCKS, Ensemble, spread_table

    headline = Headline.of(posterior)
    with progress_bar(BLOCKS * BLOCK, say("draws")) as progress:
        ensemble = Ensemble.of(headline, progress=progress)
    deviation = ensemble.deviation
    return (
        document_contributions(headline, deviation),
        figure_influence(headline, deviation),
        spread_table(ensemble),
    )


def influence_fields(found: tuple[list[Any], list[Any], list[Any]]) -> dict[str, Any]:
    """Return what JSON says of them, under the keys of the command."""
    names = ("documents", "influence", "spread")
    return {name: [asdict(row) for row in rows] for name, rows in zip(names, found, strict=True)}


def print_influences(found: tuple[list[Any], list[Any], list[Any]], baseline: Any) -> None:
    """Print the three tables."""
    documents, figures, spread = found
    setting = {row.document for row in figures if row.sets_level}
    _print_documents(documents, setting, baseline)
    for zone in baseline.zones:
        _print_figures(figures, zone, baseline)
    for zone in baseline.zones:
        _print_spread([row for row in spread if row.zone == zone], baseline.zones[zone].label)


def _change_columns(years: list[int]) -> list[str]:
    """Name the columns of changes: the median's and the standard deviation's of each year."""
    return [
        name
        for year in years
        for name in (
            say("GDP {year}, %", year=year), say("its s.d., points", year=year),
        )
    ]  # fmt: skip


def _changes(effects: list[Any]) -> list[str]:
    cells = []
    for effect in effects:
        cells.append(_signed(effect.median_change))
        cells.append(f"{effect.deviation:.1f} → {effect.deviation_without:.1f}")
    return cells


def _signed(value: float) -> str:
    """Write a change with two digits; one that rounds to nothing has no sign."""
    return f"{value:+.2f}" if abs(value) >= 0.005 else "0.00"


def _print_documents(rows: list[Any], setting: set[str], baseline: Any) -> None:
    """Print what documents contributed; ``setting`` : those that set a level of GDP."""
    years = sorted({effect.year for row in rows for effect in row.effects})
    table = []
    for row in rows:
        mark = " *" if row.document in setting else ""
        first = [row.document + mark, str(row.figures), f"{row.information:.1f}"]
        for zone, entry in baseline.zones.items():
            name, count, bits = first
            mine = [effect for effect in row.effects if effect.zone == zone]
            if row.figures:
                table.append([name, str(entry.label), count, bits, *_changes(mine)])
                first = [""] * 3
        if not row.figures:
            table.append([row.document, "", "0", *["–"] * (1 + 2 * len(years))])
    title = say("What each document contributed: GDP to come if its figures were left out")
    columns = [say("document"), say("zone"), say("figures used"), say("bits")]
    print_table(title, [*columns, *_change_columns(years)], table, left=2)
    if setting:
        _print_mark()


def _print_figures(rows: list[Any], zone: str, baseline: Any) -> None:
    chosen = []
    for row in rows:
        mine = [effect for effect in row.effects if effect.zone == zone]
        size = max(
            max(abs(e.median_change), e.deviation_without - e.deviation) for e in mine
        )  # fmt: skip
        if size >= MOVES:
            chosen.append((size, row, mine))
    chosen.sort(key=lambda entry: -entry[0])
    table = [
        [row.figure + (" *" if row.sets_level else ""), f"{row.information:.1f}", *_changes(mine)]
        for _, row, mine in chosen
    ]
    years = sorted({effect.year for row in rows for effect in row.effects})
    title = say("GDP of {zone} if one figure were left out", zone=baseline.zones[zone].label)
    print_table(title, [say("figure"), say("bits"), *_change_columns(years)], table)
    click.echo(
        "  "
        + say(
            "The other {count} of {total} figures move neither median nor s.d. by {size} "
            "(--json: all).",
            count=len(rows) - len(chosen), total=len(rows), size=MOVES,
        )
    )  # fmt: skip
    if any(row.sets_level for _, row, _ in chosen):
        _print_mark()


def _print_mark() -> None:
    """Say what the asterisk of a figure or document means."""
    click.echo(
        "  * "
        + say(
            "Sets the level of GDP; the wide prior of that level stays centred on it when "
            "it is left out."
        )
    )


def _print_spread(rows: list[Any], zone: Any) -> None:
    years = sorted({row.year for row in rows})
    last = years[-1]
    table = []
    for row in (row for row in rows if row.year == last):
        same = {
            other.year: other.share
            for other in rows
            if (other.source, other.evidence) == (row.source, row.evidence)
        }
        largest = ", ".join(
            f"{name} {_percent(share)}"
            for name, share in row.largest.items()
            if abs(share) >= 0.005
        )
        grade = say(row.evidence) if row.evidence else ""
        table.append(
            [say(row.source), grade, largest, *(_percent(same[year]) for year in years)]
        )  # fmt: skip
    columns = [
        say("arises from"), say("evidence"), say("largest in {year}", year=last), *map(str, years),
    ]  # fmt: skip
    title = say(
        "Where the spread of GDP arises: shares of the variance of ln GDP, {zone}", zone=zone
    )
    print_table(title, columns, table, left=3)
    graded = {
        grade: sum(row.share for row in rows if (row.year, row.evidence) == (last, grade))
        for grade in ("assumed", "derived", "documented")
    }
    chance = sum(row.share for row in rows if row.year == last and "shocks" in row.source)
    click.echo(
        "  "
        + say(
            "{zone}, {year}: {assumed} of the variance comes from assumed unknowns and "
            "parameters, {derived} from derived and {documented} from documented ones, {chance} "
            "from chance.",
            zone=zone, year=last, chance=_percent(chance),
            **{grade: _percent(share) for grade, share in graded.items()},
        )
    )  # fmt: skip


def _percent(share: float) -> str:
    """Write a share of a variance, which may be slightly below zero."""
    sign = "%" if language() == "zh" else " %"
    return f"{0.0 if abs(share) < 0.0005 else 100 * share:.1f}{sign}"
