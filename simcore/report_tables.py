"""What a report says in sentences and tables: the answer in short, headline numbers, the basis."""

from __future__ import annotations

from collections.abc import Iterator

from simcore.data_page import KINDS, printed_period, printed_value
from simcore.dims import VARIABLES
from simcore.labels import Label, say_both
from simcore.number_text import probability
from simcore.printed_units import with_english
from simcore.report_answers import Difference
from simcore.report_contents import MOST_LISTED, Report
from simcore.report_exhibits import Cell, Table, name_of, unit_of
from simcore.report_series import FANS
from simcore.report_words import MINUS, joined, number_text, with_unit
from simcore.units import MONEY, unit_label

GRADES = {
    "documented": Label("documented", "有文件依据"),
    "derived": Label("derived", "推算"),
    "assumed": Label("assumed", "假设"),
}
FACTS = {
    "file": Label("file", "结果文件"),
    "created": Label("made", "生成时间"),
    "scenarios": Label("scenarios", "情景数"),
    "draws": Label("draws", "抽样次数"),
    "seed": Label("seed", "随机种子"),
    "sampler": Label("sampler", "抽样方法"),
    "precision": Label("precision", "精度"),
    "keep": Label("kept", "保留内容"),
    "fingerprint": Label("fingerprint", "结果指纹"),
    "calibration": Label("calibration", "校准指纹"),
    "simcore": Label("simcore", "simcore版本"),
    "versions": Label("versions", "程序库版本"),
}


def in_short(report: Report) -> Iterator[Label]:
    """Say the answer: GDP of every zone, what scenarios change, how many goals are met."""
    for zone in report.zones:
        place = report.baseline.zones[zone].label
        fan = report.series.fan("gdp", zone, report.reference)
        found = fan.at(report.year) if fan else None
        if found is not None:
            low, median, high = map(number_text, found)
            yield say_both(
                "{zone}: GDP of {year} is {median} (90 %: {low} to {high}), in {unit}, in the "
                "scenario “{scenario}”.",
                zone=place, year=report.year, median=median, low=low, high=high,
                unit=unit_label(MONEY), scenario=report.label(report.reference),
            )  # fmt: skip
        for change in report.differences:
            if (change.zone, change.indicator, change.year) == (zone, "gdp", report.year):
                yield _difference(report, change.scenario, place, change)
        assessment = report.goals.get(report.reference)
        for together in assessment.zones if assessment else ():
            if together.zone == zone:
                yield say_both(
                    "{zone}: of {count} goals for {year} that the model answers, {expected:.1f} "
                    "are met on average; all of them in {joint} of the draws.",
                    zone=place, count=together.targets, year=together.year,
                    expected=together.expected, joint=probability(together.joint),
                )  # fmt: skip


def _difference(report: Report, scenario: str, place: Label, change: Difference) -> Label:
    """Say what a scenario changes of GDP."""
    if change.low == change.high == change.median == 0.0:
        return say_both(
            "{zone}: “{scenario}” leaves GDP of {year} as it is.",
            zone=place, scenario=report.label(scenario), year=change.year,
        )  # fmt: skip
    return say_both(
        "{zone}: “{scenario}” changes GDP of {year} by {median} (90 %: {low} to {high}); it lies "
        "above in {share} of the draws.",
        zone=place, scenario=report.label(scenario), year=change.year,
        median=number_text(change.median, sign=True), low=number_text(change.low, sign=True),
        high=number_text(change.high, sign=True), share=probability(change.above),
    )  # fmt: skip


def headline(report: Report, zone: str) -> Table:
    """Return a zone's headline numbers: a row an indicator and year, a column a scenario."""
    rows: list[tuple[Cell, ...]] = []
    for indicator in FANS:
        for year in report.years:
            cells = []
            for one in report.shown:
                fan = report.series.fan(indicator, zone, one.name)
                cells.append(band_text(fan.at(year) if fan else None))
            if any(cell != "–" for cell in cells):
                what = with_unit(name_of(indicator), unit_of(indicator))
                rows.append((what, str(year), *cells))
    columns = (say_both("indicator"), say_both("year"), *(one.label for one in report.shown))
    return Table(report.baseline.zones[zone].label, columns, tuple(rows))


def band_text(found: tuple[float, float, float] | None) -> str:
    """Write a median with its 90 % band.

    >>> band_text((2700.0, 3095.8, 3500.4)), band_text(None)
    ('3,096 [2,700 – 3,500]', '–')
    """
    if found is None:
        return "–"
    low, median, high = map(number_text, found)
    return f"{median} [{low} – {high}]"


def listed(report: Report) -> Table | None:
    """Return the table of all scenarios of a file with more than are shown."""
    if not report.listed:
        return None
    indicators = [name for name in FANS if name != "output"]
    columns = [say_both("scenario")]
    rows: list[tuple[Cell, ...]] = []
    for zone in report.zones:
        columns += [
            joined([report.baseline.zones[zone].label, name_of(name)], " · ") for name in indicators
        ]
    for row in report.listed:
        cells = []
        for zone in report.zones:
            for name in indicators:
                median, low, high = row.values[name, zone]
                cells.append(band_text((low, median, high) if median == median else None))
        rows.append((row.scenario, *cells))
    caption = say_both("All scenarios, {year}: median and 90 % band", year=report.year)
    if len(report.names) > MOST_LISTED:
        caption = say_both(
            "The first {count} of {all} scenarios, {year}: median and 90 % band",
            count=MOST_LISTED, all=len(report.names), year=report.year,
        )  # fmt: skip
    return Table(caption, tuple(columns), tuple(rows), left=1)


def differences(report: Report) -> Table | None:
    """Return what scenarios change against the reference."""
    if not report.differences:
        return None
    rows = [
        (
            VARIABLES[one.indicator].label, report.baseline.zones[one.zone].label,
            report.label(one.scenario), str(one.year), number_text(one.median, sign=True),
            f"{number_text(one.low, sign=True)} – {number_text(one.high, sign=True)}",
            probability(one.above),
        )
        for one in report.differences
    ]  # fmt: skip
    columns = (
        say_both("indicator"), say_both("zone"), say_both("scenario"), say_both("year"),
        say_both("difference"), say_both("90 %"), say_both("P(above)"),
    )  # fmt: skip
    caption = say_both(
        "Against “{scenario}”, {unit}",
        scenario=report.label(report.reference),
        unit=unit_label(MONEY),
    )
    return Table(caption, columns, tuple(rows), left=4)


def assumption_tables(report: Report) -> Iterator[Table]:
    """Return a table a grade of evidence; the source of an assumption stands in English."""
    columns = (
        say_both("assumption"), say_both("zone"), say_both("median"), say_both("90 %"),
        say_both("unit"), say_both("source"),
    )  # fmt: skip
    for grade, label in GRADES.items():
        rows = [
            (
                one.label, one.zone or say_both("all zones"), number_of(one.median),
                f"{number_of(one.low)} – {number_of(one.high)}", one.unit,
                one.source if one.verified
                else say_both("{source} (not checked)", source=one.source),
            )
            for one in report.assumptions
            if one.evidence == grade
        ]  # fmt: skip
        if rows:
            caption = say_both("Priors, {grade}: {count}", grade=label, count=len(rows))
            yield Table(caption, columns, tuple(rows))


def number_of(value: float) -> str:
    """Write a parameter with three digits that count.

    >>> number_of(0.0451), number_of(80.0), number_of(-0.0)
    ('0.0451', '80', '0')
    """
    return f"{value + 0.0:.3g}".replace("-", MINUS)


def notes(report: Report) -> Table:
    """Return the documented numbers that are shown, each with its source."""
    rows = []
    for note in report.notes.values():
        figure, source = note.figure, note.figure.source
        place = say_both(
            "{section}, line {line}", section=source.section, line=source.line,
        )  # fmt: skip
        title = report.baseline.documents[source.document].title
        rows.append(
            (
                f"[{note.number}]", report.baseline.zones[figure.zone].label, figure.term,
                printed_period(figure), with_english(printed_value(figure), figure.unit),
                KINDS[figure.kind], title, place,
            )
        )  # fmt: skip
    columns = (
        say_both("No."), say_both("zone"), say_both("term"), say_both("period"), say_both("value"),
        say_both("kind"), say_both("document"), say_both("place"),
    )  # fmt: skip
    return Table(say_both("Documented numbers shown"), columns, tuple(rows), left=8)
