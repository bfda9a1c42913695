"""The exhibits of a report: each a chart, a text that says what it shows, and its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simcore.dims import VARIABLES
from simcore.entries import Figure
from simcore.labels import Label, say_both
from simcore.report_charts import MOST_BANDS, Mark, Spec, fan_chart, industry_chart
from simcore.report_contents import Report
from simcore.report_series import FANS, Fan, documented, point
from simcore.report_words import joined, number_text, plain, with_unit
from simcore.units import unit_label

Cell = str | Label
NAMES = {
    "output": Label("gross output of all industries", "各行业总产值合计（现价）"),
    "rnd": Label("R&D spending", "研发经费投入（现价）"),
}


@dataclass(frozen=True)
class Table:
    """Numbers behind a chart; the first ``left`` columns are text, the others numbers."""

    caption: Label
    columns: tuple[Label, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left: int = 2


@dataclass(frozen=True)
class Exhibit:
    """A chart of one or more panels; ``alt`` says what they show, in numbers.

    ``wide`` : whether a panel takes the whole width; ``legend`` : whether scenarios are told apart
    by colour; ``notes`` : numbers of the footnotes.
    """

    key: str
    title: Label
    caption: Label
    alt: tuple[Label, ...]
    panels: tuple[Spec, ...]
    table: Table
    notes: tuple[int, ...] = ()
    wide: bool = False
    legend: bool = True


def name_of(indicator: str) -> Label:
    """Return what an indicator is called."""
    return NAMES.get(indicator, VARIABLES[indicator].label)


def unit_of(indicator: str) -> Label:
    """Return an indicator's unit in words."""
    return unit_label(VARIABLES[indicator].units)


def scenario_labels(report: Report) -> dict[str, Label]:
    """Return the labels of the shown scenarios, in the order of their colours."""
    return {one.name: one.label for one in report.shown}


# --- fans -----------------------------------------------------------------------------------------


def fan_exhibits(report: Report, mark: Mark) -> Iterator[Exhibit]:
    """Return an exhibit an indicator, with a panel a zone."""
    labels = scenario_labels(report)
    for indicator in FANS:
        panels, alts, notes = [], [], list[int]()
        for zone in report.zones:
            fans = _of(report.series.fans, labels, indicator, zone)
            if not fans:
                continue
            figures = documented(report.baseline, indicator, zone)
            notes += [report.notes[figure.id].number for figure in figures]
            place, known = report.baseline.zones[zone].label, report.series.status[zone]
            nowcast = [year for year, word in known.items() if word == "nowcast"]
            panels.append(
                fan_chart((place, unit_of(indicator)), fans, labels,
                          (report.series.base_year, nowcast),
                          [point(figure) for figure in figures], mark)
            )  # fmt: skip
            alts.append(_fan_words(report, indicator, zone, fans, figures))
        if panels:
            yield Exhibit(
                f"fan-{indicator}", name_of(indicator), _fan_caption(len(labels)), tuple(alts),
                tuple(panels), _fan_table(report, indicator), tuple(dict.fromkeys(notes)),
            )  # fmt: skip


def _of(fans: Sequence[Fan], labels: Mapping[str, Label], indicator: str, zone: str) -> list[Fan]:
    found = [fan for fan in fans if (fan.indicator, fan.zone) == (indicator, zone)]
    return sorted(found, key=lambda fan: list(labels).index(fan.scenario))


def _fan_caption(scenarios: int) -> Label:
    text = say_both(
        "Line: median; bands: 50 % and 90 % of the draws. Grey: history and nowcast; hollow "
        "points: documented figures, those that say “over” as triangles."
    )
    if scenarios <= MOST_BANDS:
        return text
    few = say_both("Bands are drawn while up to {count} scenarios are chosen.", count=MOST_BANDS)
    return joined([text, few], " ", "")


def _fan_words(
    report: Report, indicator: str, zone: str, fans: Sequence[Fan], figures: Sequence[Figure]
) -> Label:
    """Return what a panel shows: the headline year in every scenario, and what is documented."""
    parts = [
        say_both(
            "{scenario} {median} (90 %: {low} to {high})",
            scenario=report.label(fan.scenario), low=number_text(found[0]),
            median=number_text(found[1]), high=number_text(found[2]),
        )
        for fan in fans
        if (found := fan.at(report.year)) is not None
    ]  # fmt: skip
    text = say_both(
        "Fan chart: {indicator} of {zone}, {unit}. In {year}: {parts}.",
        indicator=name_of(indicator), zone=report.baseline.zones[zone].label,
        unit=unit_of(indicator), year=report.year, parts=joined(parts, "; ", "；"),
    )  # fmt: skip
    if not figures:
        return text
    points = [say_both("{year}: {value}", year=figure.year, value=point(figure).printed)
              for figure in figures]  # fmt: skip
    known = say_both("Documented: {points}.", points=joined(points, "; ", "；"))
    return joined([text, known], " ", "")


def _fan_table(report: Report, indicator: str) -> Table:
    labels, rows = scenario_labels(report), list[tuple[Cell, ...]]()
    for zone in report.zones:
        place = report.baseline.zones[zone].label
        fans = _of(report.series.fans, labels, indicator, zone)
        for fan in fans:
            for index, year in enumerate(fan.years):
                values = fan.values[:, index].tolist()
                past = year <= report.series.base_year
                if values[2] != values[2] or past and fan is not fans[0]:
                    continue
                what = say_both(report.series.status[zone][year]) if past else labels[fan.scenario]
                rows.append((place, what, str(year), *map(number_text, values)))
    columns = (
        say_both("zone"), say_both("scenario"), say_both("year"), say_both("5 %"), say_both("25 %"),
        say_both("median"), say_both("75 %"), say_both("95 %"),
    )  # fmt: skip
    return Table(with_unit(name_of(indicator), unit_of(indicator)), columns, tuple(rows))


# --- industries -----------------------------------------------------------------------------------


def industry_exhibits(report: Report, mark: Mark) -> Iterator[Exhibit]:
    """Return an exhibit a zone, its industries as small multiples."""
    labels, baseline = scenario_labels(report), report.baseline
    for zone in report.zones:
        fans = _of(report.series.industries, labels, "output", zone)
        if not fans:
            continue
        industries = {
            fan.industry or "": baseline.industry_label(fan.industry or "", zone) for fan in fans
        }
        place, name = baseline.zones[zone].label, VARIABLES["output"].label
        largest = sorted(
            (fan for fan in fans if fan.scenario == report.reference and fan.at(report.year)),
            key=lambda fan: -_median(fan, report.year),
        )[:3]  # fmt: skip
        parts = [
            joined(
                [industries[fan.industry or ""], plain(number_text(_median(fan, report.year)))], " "
            )
            for fan in largest
        ]
        alt = say_both(
            "Small charts of the {count} industries of {zone}: {name}, {unit}. The largest in "
            "{year}, medians of {scenario}: {parts}.",
            count=len(industries), zone=place, name=name, unit=unit_of("output"),
            year=report.year, scenario=report.label(report.reference),
            parts=joined(parts, "; ", "；"),
        )  # fmt: skip
        yield Exhibit(
            f"industries-{zone}", place,
            say_both("{name}, {unit}: median and 90 % band; each chart has an axis of its own.",
                     name=name, unit=unit_of("output")),
            (alt,), (industry_chart(fans, labels, industries, report.series.base_year, mark),),
            _industry_table(report, fans, industries), wide=True,
        )  # fmt: skip


def _median(fan: Fan, year: int) -> float:
    found = fan.at(year)
    return found[1] if found else 0.0


def _industry_table(report: Report, fans: Sequence[Fan], industries: Mapping[str, Label]) -> Table:
    years, rows = (report.series.base_year, *report.years), list[tuple[Cell, ...]]()
    for fan in fans:
        cells = []
        for year in years:
            found = fan.at(year)
            band = "" if found is None else f" [{number_text(found[0])} – {number_text(found[2])}]"
            cells.append(number_text(None if found is None else found[1]) + band)
        rows.append((industries[fan.industry or ""], report.label(fan.scenario), *cells))
    columns = (say_both("industry"), say_both("scenario"), *(Label(str(y), str(y)) for y in years))
    name = with_unit(VARIABLES["output"].label, unit_of("output"))
    place = report.baseline.zones[fans[0].zone].label
    caption = joined([place, say_both("{name}: median and 90 % band", name=name)], " · ")
    return Table(caption, columns, tuple(rows))
