"""The exhibits of a report: each a chart, a text that says what it shows, and its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simcore.assessment import TargetRow
from simcore.baseline import Figure
from simcore.dims import VARIABLES
from simcore.labels import Label, say_both
from simcore.report_answers import Bridge
from simcore.report_charts import (
    GROUPS,
    MOST_BANDS,
    Mark,
    Spec,
    bridge_chart,
    driver_chart,
    fan_chart,
    goal_chart,
    industry_chart,
)
from simcore.report_contents import Report
from simcore.report_series import FANS, UNITS, Fan, documented, point
from simcore.report_words import joined, number_text, probability_words

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
    return UNITS[VARIABLES[indicator].units]


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
    labels, rows = scenario_labels(report), []
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
    return Table(_table_caption(name_of(indicator), unit_of(indicator)), columns, tuple(rows))


def _table_caption(name: Label, unit: Label) -> Label:
    return say_both("{name}, {unit}", name=name, unit=unit)


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
            key=lambda fan: -(fan.at(report.year) or (0, 0, 0))[1],
        )[:3]  # fmt: skip
        parts = [
            say_both("{name} {value}", name=industries[fan.industry or ""],
                     value=number_text((fan.at(report.year) or (0, 0, 0))[1]))
            for fan in largest
        ]  # fmt: skip
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


def _industry_table(
    report: Report, fans: Sequence[Fan], industries: Mapping[str, Label]
) -> Table:
    years, rows = (report.series.base_year, *report.years), []
    for fan in fans:
        cells = []
        for year in years:
            found = fan.at(year)
            band = "" if found is None else f" [{number_text(found[0])} – {number_text(found[2])}]"
            cells.append(number_text(None if found is None else found[1]) + band)
        rows.append((industries[fan.industry or ""], report.label(fan.scenario), *cells))
    columns = (say_both("industry"), say_both("scenario"), *(Label(str(y), str(y)) for y in years))
    name = _table_caption(VARIABLES["output"].label, unit_of("output"))
    caption = say_both("{name}: median and 90 % band", name=name)
    return Table(caption, columns, tuple(rows))


# --- goals ----------------------------------------------------------------------------------------


def goal_label(row: TargetRow) -> Label:
    """Return a goal with its year and its value."""
    sign = {">=": "≥", "<=": "≤"}.get(row.comparator, row.comparator)
    value = "" if row.value is None else f"{sign} {row.value:,g} {row.unit}"
    return Label(f"{row.label.en}, {row.year}: {value}", f"{row.label.zh}（{row.year}）{value}")


def goal_exhibits(report: Report, mark: Mark) -> Iterator[Exhibit]:
    """Return an exhibit a zone: the probability of every goal that a variable answers."""
    labels = scenario_labels(report)
    for zone in report.zones:
        rows = [
            (scenario, row, goal_label(row))
            for scenario, found in report.goals.items()
            for row in found.rows
            if row.zone == zone and row.probability is not None
        ]
        if not rows:
            continue
        place = report.baseline.zones[zone].label
        own = [(row, label) for scenario, row, label in rows if scenario == report.reference]
        likely = sorted(own, key=lambda pair: -(pair[0].probability or 0.0))
        parts = [
            say_both("{name} {value}", name=label, value=probability_words(row.probability))
            for row, label in (*likely[:2], *likely[-2:])
        ]
        alt = say_both(
            "Probabilities of {count} goals of {zone}. In {scenario}, the two most and the two "
            "least likely: {parts}.",
            count=len(own), zone=place, scenario=report.label(report.reference),
            parts=joined(parts, "; ", "；"),
        )  # fmt: skip
        notes = tuple(report.notes[row.target].number for row, _ in own)
        yield Exhibit(
            f"goals-{zone}", place,
            say_both("Probability that the published figure meets the goal; lines: 90 % interval "
                     "of the simulation error. Dashed: one third, two thirds."),
            (alt,), (goal_chart(rows, labels, mark),), _goal_table(report, rows), notes, wide=True,
        )  # fmt: skip


def _goal_table(report: Report, rows: Sequence[tuple[str, TargetRow, Label]]) -> Table:
    order = list(dict.fromkeys(row.target for _, row, _ in rows))
    lines = [
        (
            label, report.label(scenario), probability_words(row.probability),
            number_text(row.median), number_text(row.expected_shortfall), say_both(row.status),
            f"[{report.notes[row.target].number}]",
        )
        for scenario, row, label in sorted(rows, key=lambda one: order.index(one[1].target))
    ]  # fmt: skip
    columns = (
        say_both("goal"), say_both("scenario"), say_both("P(met)"), say_both("median"),
        say_both("shortfall"), say_both("status"), say_both("source"),
    )  # fmt: skip
    return Table(say_both("Goals that the model answers"), columns, tuple(lines))


# --- what drives the spread, what made it ---------------------------------------------------------


def driver_exhibits(report: Report, mark: Mark) -> Iterator[Exhibit]:
    """Return one exhibit with a panel a zone."""
    if not report.drivers:
        return
    panels, alts, rows = [], [], []
    for found in report.drivers:
        place = report.baseline.zones[found.zone].label
        panel = driver_chart(found, mark)
        panel["title"] = {"text": mark(place), "anchor": "start", "fontSize": 14, "offset": 10}
        panels.append(panel)
        strongest = [row for row in found.rows if row.group == "layer"]
        parts = [say_both("{name} {value}", name=row.label, value=probability_words(_share(row.total)))
                 for row in strongest]  # fmt: skip
        alts.append(
            say_both(
                "Shares of the variance of GDP of {zone} in {year}: {parts}.",
                zone=place, year=found.year, parts=joined(parts, "; ", "；"),
            )  # fmt: skip
        )
        rows += [
            (place, GROUPS[row.group], row.label, *(probability_words(_share(value)) for value in
             (row.alone, row.total, row.low, row.high)))
            for row in found.rows
        ]  # fmt: skip
    first = report.drivers[0]
    caption = say_both(
        "Sobol' indices of GDP in {year}, {scenario}: the share of the variance with the others "
        "(bar) and its 90 % interval (line). Shares overlap; from {draws:,} draws.",
        year=first.year, scenario=report.label(first.scenario), draws=first.draws,
    )  # fmt: skip
    columns = (
        say_both("zone"), say_both("group"), say_both("what varies"), say_both("alone"),
        say_both("with the others"), say_both("5 %"), say_both("95 %"),
    )  # fmt: skip
    yield Exhibit(
        "drivers", say_both("What drives the spread of GDP in {year}", year=first.year), caption,
        tuple(alts), tuple(panels),
        Table(say_both("Shares of the variance"), columns, tuple(rows), left=3), legend=False,
    )  # fmt: skip


def _share(value: float) -> float:
    """Return a share that cannot be below zero: an estimate can."""
    return max(0.0, value)


def bridge_exhibits(report: Report, mark: Mark) -> Iterator[Exhibit]:
    """Return an exhibit of growth, and one of what the focal scenario sets, a panel a zone."""
    for kind in ("growth", "levers"):
        found = [bridge for bridge in report.bridges if bridge.kind == kind]
        if not found:
            continue
        panels, alts, rows = [], [], []
        for bridge in found:
            place = report.baseline.zones[bridge.zone].label
            panel = bridge_chart(bridge, mark)
            panel["title"] = {"text": mark(place), "anchor": "start", "fontSize": 14, "offset": 10}
            panels.append(panel)
            alts.append(_bridge_words(bridge, place))
            rows += [
                (place, part.label, number_text(part.mean, sign=True),
                 f"{number_text(part.low, sign=True)} – {number_text(part.high, sign=True)}")
                for part in bridge.parts
            ]  # fmt: skip
        columns = (say_both("zone"), say_both("what made it"), say_both("mean"), say_both("90 %"))
        title, caption = _bridge_title(report, found[0])
        table = Table(_table_caption(title, unit_of("gdp")), columns, tuple(rows))
        yield Exhibit(
            f"bridge-{kind}", title, caption, tuple(alts), tuple(panels), table, wide=True,
            legend=False,
        )  # fmt: skip


def _bridge_title(report: Report, bridge: Bridge) -> tuple[Label, Label]:
    first, last = bridge.years
    means = say_both(
        "Means of {draws:,} draws, 100 million CNY; they add up. An axis may not begin at zero.",
        draws=bridge.draws,
    )
    if bridge.kind == "growth":
        title = say_both(
            "What GDP gains from {first} to {last}: {scenario}",
            first=first, last=last, scenario=report.label(bridge.scenario),
        )  # fmt: skip
        return title, means
    title = say_both(
        "GDP of {year}: {scenario} against {against}, setting by setting",
        year=last, scenario=bridge.after[0], against=bridge.before[0],
    )  # fmt: skip
    return title, means


def _bridge_words(bridge: Bridge, place: Label) -> Label:
    parts = [say_both("{name} {value}", name=part.label, value=number_text(part.mean, sign=True))
             for part in bridge.parts]  # fmt: skip
    return say_both(
        "Waterfall of GDP of {zone}: from {before} ({first}) to {after} ({last}): {parts}.",
        zone=place, before=bridge.before[0], first=number_text(bridge.before[1]),
        after=bridge.after[0], last=number_text(bridge.after[1]), parts=joined(parts, "; ", "；"),
    )  # fmt: skip
