"""How a sheet of an exported workbook looks: formats, columns, headers, print settings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from simcore.labels import language

INK, PALE, RULE, HEAD = "#1f2937", "#6b7280", "#d1d5db", "#1f4e79"
PAST, NOWCAST = "#e8eaed", "#fff4d6"
CHART = 640, 310  # pixels
PIXELS = 20  # of a row
MAXIMUM_LINES = 8  # of a chart
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7f7f7f", "#332288")
FONTS = {"en": "Calibri", "zh": "Microsoft YaHei"}
LONGEST_SHEET = 31  # characters of a sheet's name in Excel
FORBIDDEN = dict.fromkeys(map(ord, "[]:*?/\\'"), " ")


def number_format(size: float) -> str:
    """Return the format of numbers as large as ``size``: as many digits as a reader needs.

    >>> number_format(4030.0), number_format(123.0), number_format(7.25)
    ('#,##0', '#,##0.0', '#,##0.00')
    """
    if not math.isfinite(size):
        return "#,##0.00"
    return "#,##0" if size >= 1000 else "#,##0.0" if size >= 100 else "#,##0.00"


def sheet_title(label: str) -> str:
    """Return a label that begins a line, with a capital."""
    return label[:1].upper() + label[1:]


class Book:
    """A workbook with the formats of the house, each made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()

    def form(self, **settings: Any) -> Any:
        """Return a format: the house's font and these settings."""
        base = {"font_name": FONTS[language()], "font_size": 10, "font_color": INK,
                "valign": "vcenter"}  # fmt: skip
        key = tuple(sorted({**base, **settings}.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(dict(key))
        return self._formats[key]

    def sheet(self, name: str) -> Sheet:
        """Add a sheet under a name that Excel takes, cut and told apart where it must be."""
        cut = name.translate(FORBIDDEN).strip()[:LONGEST_SHEET].strip() or "-"
        place = 2
        while cut.lower() in self._names:
            tail = f" {place}"
            cut, place = f"{cut[: LONGEST_SHEET - len(tail)].strip()}{tail}", place + 1
        self._names.add(cut.lower())
        return Sheet(self, self.book.add_worksheet(cut), cut)


class Sheet:
    """A sheet that is written from top to bottom; ``row`` is the next free one."""

    def __init__(self, owner: Book, sheet: Any, name: str) -> None:
        self.owner, self.sheet, self.name, self.row = owner, sheet, name, 0
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        shown = name.replace("&", "&&")
        sheet.set_footer(f"&L&8simcore · {shown}&R&8&P / &N")

    def cell(self, column: int, value: Any, **settings: Any) -> None:
        """Write a number as a number and a text as a text, never as a formula; NaN stays empty."""
        form = self.owner.form(**settings)
        if value is None or isinstance(value, float) and not math.isfinite(value):
            self.sheet.write_blank(self.row, column, None, form)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            self.sheet.write_string(self.row, column, str(value), form)
        else:
            self.sheet.write_number(self.row, column, value, form)

    def title(self, text: str, note: str = "") -> None:
        """Write the title of the sheet and a line beneath it."""
        self.sheet.set_row(self.row, 24)
        self.cell(0, text, bold=True, font_size=15, font_color=HEAD)
        self.row += 1
        if note:
            self.cell(0, note, font_color=PALE)
            self.row += 1
        self.row += 1

    def section(self, text: str) -> None:
        """Write the heading of a part of the sheet."""
        self.cell(0, text, bold=True, font_size=12, font_color=HEAD)
        self.row += 1

    def line(self, text: str, last: int) -> None:
        """Write a sentence over the columns up to the last, on as many lines as it takes."""
        form = self.owner.form(text_wrap=True, valign="top")
        self.sheet.merge_range(self.row, 0, self.row, last, "", form)
        self.cell(0, text, text_wrap=True, valign="top")
        if len(text.encode()) > 150:
            self.sheet.set_row(self.row, 28)
        self.row += 1

    def head(self, names: Sequence[Any], texts: int) -> None:
        """Write the header of a table whose first columns are text."""
        lines = max(str(name).count("\n") + 1 for name in names)
        self.sheet.set_row(self.row, 6 + 14 * lines)
        for place, name in enumerate(names):
            side = "left" if place < texts else "right"
            self.cell(place, name, bold=True, font_color="#ffffff", bg_color=HEAD, align=side,
                      text_wrap=lines > 1)  # fmt: skip
        self.row += 1

    def widths(self, widths: Sequence[float]) -> None:
        """Set the widths of the first columns [characters]."""
        for place, width in enumerate(widths):
            self.sheet.set_column(place, place, width)

    def table(
        self, names: Sequence[str], rows: Sequence[Sequence[Any]], printed: Sequence[int] = ()
    ) -> None:
        """Write a table of texts and numbers with a filter and a frozen header.

        ``printed`` : columns whose numbers are shown with the digits that they have.
        """
        first = self.row
        texts = {place for place in range(len(names))
                 if not any(isinstance(row[place], float | int) for row in rows)}  # fmt: skip
        for place, name in enumerate(names):
            side = "left" if place in texts else "right"
            self.cell(place, name, bold=True, font_color="#ffffff", bg_color=HEAD, align=side,
                      text_wrap=True, indent=1 if place and place in texts else 0)  # fmt: skip
        self.sheet.set_row(first, 32)
        self.row += 1
        for row in rows:
            for place, value in enumerate(row):
                form: dict[str, Any] = {"indent": 1} if place and isinstance(value, str) else {}
                if isinstance(value, float) and place not in printed:
                    form = {"num_format": number_format(abs(value))}
                self.cell(place, value, bottom=1, bottom_color=RULE, **form)
            self.row += 1
        self.sheet.freeze_panes(first + 1, 1)
        self.sheet.repeat_rows(first)
        self.sheet.print_area(0, 0, self.row, len(names) - 1)  # not what overflows the last column
        if rows:
            self.sheet.autofilter(first, 0, self.row - 1, len(names) - 1)


def chart_of(
    sheet: Sheet,
    title: str,
    rows: Sequence[tuple[str, int]],
    head: int,
    columns: tuple[int, int],
    form: str,
) -> Any:
    """Return a line chart of rows of a sheet, each with its name, over the header's row."""
    chart = sheet.owner.book.add_chart({"type": "line"})
    first, last = columns
    for count, (name, row) in enumerate(rows[:MAXIMUM_LINES]):
        chart.add_series(
            {"name": name, "categories": [sheet.name, head, first, head, last],
             "values": [sheet.name, row, first, row, last],
             "line": {"color": COLOURS[count], "width": 2}}
        )  # fmt: skip
    small = {"num_font": {"size": 9}}
    grid = {"visible": True, "line": {"color": "#e5e7eb"}}
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}, "overlay": False})
    chart.set_legend({"position": "right", "font": {"size": 9}})
    chart.set_x_axis({**small, "interval_unit": 2})
    chart.set_y_axis({**small, "num_format": form, "major_gridlines": grid, "line": {"none": True}})
    chart.show_blanks_as("gap")
    chart.set_size({"width": CHART[0], "height": CHART[1]})
    return chart


def place_charts(sheet: Sheet, charts: Sequence[Any]) -> None:
    """Put charts beneath what is written, two beside each other."""
    sheet.row += 1
    for number, chart in enumerate(charts):
        row = sheet.row + (number // 2) * (CHART[1] // PIXELS + 2)
        sheet.sheet.insert_chart(row, 0, chart, {"x_offset": (number % 2) * (CHART[0] + 16)})


def text_width(text: str) -> int:
    """Return how wide a text is [characters]; Chinese ones take two.

    >>> text_width("GDP"), text_width("东湖")
    (3, 4)
    """
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
