"""The first sheet of an exported workbook: scenarios, headline numbers, how to read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simcore.baseline import Baseline
from simcore.comparison import DEFAULT_YEARS
from simcore.extract import STATISTICS, Extract, Series, shortest
from simcore.labels import language, say
from simcore.units import unit_text
from simcore.workbook_sheet import RULE, Sheet, number_format, sheet_title, text_width

HEADLINES = ("gdp", "gdp_growth", "rnd", "rnd_intensity")
SHOWN = ("median", "q05", "q95")
KEYS = 4  # columns of text before the numbers
LAST = 12  # column up to which sentences reach


def front_sheet(
    sheet: Sheet, part: Extract, found: Mapping[str, Sequence[Series]], baseline: Baseline
) -> None:
    """Write the summary; ``found`` : the statistics of every indicator."""
    sheet.title(say("What the scenarios lead to"), _made_of(part))
    zones = [text_width(str(part.label("zone", zone, baseline))) for zone in part.zones]
    names = [text_width(name) for name in part.scenarios]
    sheet.widths([32, min(max(28, *zones) + 2, 50), min(max(24, *names) + 2, 44), 18])
    sheet.sheet.set_column(KEYS, LAST, 9)
    _scenarios(sheet, part)
    _headlines(sheet, part, found, baseline)
    _how_to_read(sheet, part)


def _made_of(part: Extract) -> str:
    attributes = part.dataset.attrs
    return say(
        "{draws:,} draws, seed {seed}, on common random numbers; made with {source} on {date}",
        draws=int(attributes["draws"]), seed=int(attributes["seed"]), source=attributes["source"],
        date=str(attributes["date_created"])[:10],
    )  # fmt: skip


def _scenarios(sheet: Sheet, part: Extract) -> None:
    sheet.section(say("Scenarios"))
    empty = [""] * (LAST - 2)
    sheet.head([say("scenario"), say("label"), say("question"), *empty], 3 + len(empty))
    told = {one["name"]: one for one in json.loads(part.dataset.attrs["scenarios"])}
    for name in part.scenarios:
        label, question = (_text(told.get(name, {}).get(key)) for key in ("label", "question"))
        row = [name, label, question]
        for place, text in enumerate(row):
            sheet.cell(place, text, bottom=1, bottom_color=RULE)
        sheet.row += 1
    sheet.row += 1


def _text(label: Any) -> str:
    return str(label[language()]) if isinstance(label, dict) else ""


def _headlines(
    sheet: Sheet, part: Extract, found: Mapping[str, Sequence[Series]], baseline: Baseline
) -> None:
    """Write median, 5 % and 95 % of some years: a row an indicator, zone and scenario."""
    names = [name for name in HEADLINES if name in part.indicators]
    names = names or [n for n in part.indicators if "industry" not in part.variable(n).dims][:4]
    years = [year for year in DEFAULT_YEARS if year in part.years] or [part.years[-1]]
    if not names:
        return
    sheet.section(say("Headline numbers: median, and the band that holds nine draws in ten"))
    words = {"median": say("median"), "q05": "5 %", "q95": "95 %"}
    heads = [f"{year}\n{words[one]}" for year in years for one in SHOWN]
    sheet.head([say("indicator"), say("zone"), say("scenario"), say("unit"), *heads], KEYS)
    rows = [STATISTICS.index(one) for one in SHOWN]
    for name in names:
        columns = [part.years.index(year) for year in years]
        cells = {id(one): one.values[rows][:, columns].T.ravel() for one in found[name]}
        size = max((float(np.nanmax(values)) for values in cells.values()
                    if np.isfinite(values).any()), default=1.0)  # fmt: skip
        variable = part.variable(name)
        order = {scenario: at for at, scenario in enumerate(part.scenarios)}
        for one in sorted(found[name], key=lambda s: (part.zones.index(s.zone), order[s.scenario])):
            texts = [sheet_title(str(variable.label)), str(part.label("zone", one.zone, baseline)),
                     one.scenario, unit_text(variable.units)]  # fmt: skip
            for place, text in enumerate(texts):
                sheet.cell(place, text, bottom=1, bottom_color=RULE)
            for place, value in enumerate(cells[id(one)]):
                sheet.cell(KEYS + place, shortest(value), num_format=number_format(size), bottom=1,
                           bottom_color=RULE, bold=place % len(SHOWN) == 0)  # fmt: skip
            sheet.row += 1
    sheet.row += 1


def _how_to_read(sheet: Sheet, part: Extract) -> None:
    sheet.section(say("How to read this workbook"))
    lines = [
        say("Half of the draws lie below the median; nine in ten lie between 5 % and 95 %. The "
            "bands are the model's uncertainty, given its assumptions."),
        say("Every indicator has a sheet of its own: medians, then both ends of the band, then "
            "what documents print. A cell's comment names the source."),
        say("In these sheets grey cells are years that documents describe, yellow ones are "
            "estimates up to the base year, white ones are projections."),
        say("Medians do not add up: the median of a sum is not the sum of medians. Compare "
            "scenarios draw by draw with simcore compare, not by their bands."),
        say("Targets gives the probability of every documented goal, Assumptions what no document "
            "says, Sources the place of every documented figure, Provenance how to make this "
            "again."),
    ]  # fmt: skip
    if part.is_weighted():
        lines.append(say("Draws have unequal weights: all numbers here are weighted."))
    if not part.has_draws:
        lines.append(say("The result holds summaries alone: probabilities of goals need draws."))
    for text in lines:
        sheet.line(text, LAST)
