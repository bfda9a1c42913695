"""The exported workbook: a summary, a sheet an indicator, goals, assumptions, sources, provenance.

Numbers are numbers, float32 as in the result; texts are never formulas. History, nowcast and
projection are told apart by the colour of the cell.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from simcore.baseline import Baseline
from simcore.errors import RunError
from simcore.extract import STATISTICS, Extract, Series, shortest
from simcore.labels import say
from simcore.shown_figures import Shown, shown_figures
from simcore.units import with_unit
from simcore.workbook_front import front_sheet
from simcore.workbook_sheet import (
    NOWCAST,
    PAST,
    RULE,
    Book,
    Sheet,
    chart_of,
    number_format,
    place_charts,
    sheet_title,
    text_width,
)
from simcore.workbook_tables import (
    assumptions_sheet,
    provenance_sheet,
    sources_sheet,
    targets_sheet,
)

USUAL = (
    "gdp", "gdp_growth", "gdp_per_head", "value_added", "output", "rnd", "rnd_intensity",
    "investment",
)  # fmt: skip
"""Indicators of a workbook unless others are asked for."""
BLOCKS = ("median", "q05", "q95")
HEAD = 3  # the row of years
FILLS = {"history": PAST, "nowcast": NOWCAST}


def write_workbook(
    part: Extract, path: Path, progress: Callable[[int], object], baseline: Baseline
) -> None:
    """Write the workbook; raises `RunError` without XlsxWriter."""
    try:
        import xlsxwriter
    except ImportError as error:
        text = say(
            "simcore export needs {library}: pip install 'simcore[export]'", library="XlsxWriter"
        )
        raise RunError(text) from error
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(content, options) as file:
        _describe(file, part)
        book = Book(file)
        front = book.sheet(say("Summary"))
        figures = [shown_figures(part, indicator, baseline) for indicator in part.indicators]
        found: dict[str, list[Series]] = {}
        charts: list[Any] = []
        for indicator, shown in zip(part.indicators, figures, strict=True):
            found[indicator] = list(part.statistics(indicator))
            drawn = _indicator_sheet(book, part, indicator, found[indicator], shown, baseline)
            charts = charts or ([] if any(one.industry for one in found[indicator]) else drawn)
            progress(len(part.scenarios))
        front_sheet(front, part, found, baseline)
        place_charts(front, charts)
        goals = targets_sheet(book, part, baseline)
        assumptions_sheet(book, baseline)
        sources_sheet(book, [one for shown in figures for one in shown], goals, baseline)
        provenance_sheet(book, part, baseline)
    path.write_bytes(content.getvalue())


def _describe(file: Any, part: Extract) -> None:
    """Set what the file says of itself; its date is the result's, so that it is made again."""
    attributes = part.dataset.attrs
    created = datetime.fromisoformat(str(attributes["date_created"])).replace(tzinfo=None)
    file.set_properties(
        {"title": attributes["title"], "author": attributes["source"], "created": created,
         "comments": f"fingerprint {attributes['fingerprint']}"}
    )  # fmt: skip


# --- an indicator ---------------------------------------------------------------------------------


def _indicator_sheet(
    book: Book,
    part: Extract,
    indicator: str,
    found: list[Series],
    shown: list[Shown],
    baseline: Baseline,
) -> list[Any]:
    """Write the sheet of an indicator; returns its charts once more, for the summary."""
    label = part.variable(indicator).label
    sheet = book.sheet(sheet_title(str(label)))
    note = say("Grey: years that documents describe. Yellow: nowcast. White: projection.")
    sheet.title(with_unit(sheet_title(str(label)), part.variable(indicator).units), note)
    by_industry = any(one.industry for one in found)
    keys = [say("scenario"), say("zone"), *([say("industry")] if by_industry else [])]
    sheet.head([*keys, *part.years], len(keys))
    sheet.sheet.freeze_panes(sheet.row, len(keys))
    sheet.sheet.repeat_rows(sheet.row - 1)
    zones = _width([str(part.label("zone", zone, baseline)) for zone in part.zones])
    sheet.widths([_width(part.scenarios), zones, *([28] if by_industry else [])])
    sheet.sheet.set_column(len(keys), len(keys) + len(part.years) - 1, 9.5)
    form = number_format(max((float(np.nanmax(one.values[3])) for one in found), default=1.0))
    if not found:
        sheet.cell(0, say("no values in these zones and scenarios"))
        return []
    places: dict[tuple[str, str, str], int] = {}
    for block in BLOCKS:
        titles = {"median": say("Median"), "q05": say("5 % quantile"), "q95": say("95 % quantile")}
        sheet.section(titles[block])
        for one in found:
            if block == "median":
                places[one.scenario, one.zone, one.industry] = sheet.row
            _path(sheet, part, one, one.values[STATISTICS.index(block)], form, baseline)
        sheet.row += 1
    if shown:
        sheet.section(say("Documented"))
        _documented(sheet, part, shown, len(keys), form, baseline)
    place_charts(sheet, _charts(sheet, part, places, len(keys), form, baseline))
    return _charts(sheet, part, places, len(keys), form, baseline)


def _width(names: Sequence[str]) -> float:
    return min(max(16, *(text_width(name) + 2 for name in names)), 48)


def _path(
    sheet: Sheet, part: Extract, one: Series, values: Any, form: str, baseline: Baseline
) -> None:
    """Write one path, its years coloured by what they rest on."""
    texts = [one.scenario, str(part.label("zone", one.zone, baseline))]
    texts += [str(part.label("industry", one.industry, baseline))] if one.industry else []
    for place, text in enumerate(texts):
        sheet.cell(place, text, bottom=1, bottom_color=RULE)
    for place, (year, value) in enumerate(zip(part.years, values, strict=True), len(texts)):
        fill = FILLS.get(part.status(one.zone, year)) if np.isfinite(value) else None
        sheet.cell(place, shortest(value), num_format=form, bottom=1, bottom_color=RULE,
                   **({"bg_color": fill} if fill else {}))  # fmt: skip
    sheet.row += 1


def _documented(
    sheet: Sheet, part: Extract, shown: list[Shown], keys: int, form: str, baseline: Baseline
) -> None:
    """Write the documented figures of the indicator as printed; the comment names the source."""
    for zone, industry in dict.fromkeys((one.figure.zone, one.industry) for one in shown):
        texts = [say("documents"), str(part.label("zone", zone, baseline))]
        texts += [str(part.label("industry", industry, baseline))] if industry else []
        for place, text in enumerate(texts):
            sheet.cell(place, text, bottom=1, bottom_color=RULE)
        for one in shown:
            if (one.figure.zone, one.industry) == (zone, industry):
                place = keys + part.years.index(one.year)
                sheet.cell(place, float(one.figure.value or 0.0), num_format=form, italic=True,
                           bottom=1, bottom_color=RULE)  # fmt: skip
                text = f"{one.source(baseline)}; {say(one.figure.qualifier)}"
                sheet.sheet.write_comment(sheet.row, place, text, {"x_scale": 2})
        sheet.row += 1
    sheet.row += 1


def _charts(
    sheet: Sheet,
    part: Extract,
    places: dict[tuple[str, str, str], int],
    keys: int,
    form: str,
    baseline: Baseline,
) -> list[Any]:
    """Return charts of medians, one a zone: a line a scenario, or of one scenario an industry."""
    by_industry, first = any(industry for _, _, industry in places), part.scenarios[0]
    charts = []
    for zone in part.zones:
        rows = [
            (str(part.label("industry", industry, baseline)) if industry else scenario, row)
            for (scenario, place, industry), row in places.items()
            if place == zone and (not by_industry or scenario == first)
        ]
        title = f"{part.label('zone', zone, baseline)} · {sheet.name}"
        title += f" · {first}" if by_industry else ""
        columns = (keys, keys + len(part.years) - 1)
        if rows:
            charts.append(chart_of(sheet, title, rows, HEAD, columns, form))
    return charts
