"""The exhibits of a report that answer: goals, what drives the spread, what made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simcore.assessment import TargetRow
from simcore.labels import Label, say_both
from simcore.number_text import probability
from simcore.printed_units import goal_amount
from simcore.report_answer_charts import GROUPS, bridge_chart, driver_chart, goal_chart
from simcore.report_bridges import Bridge
from simcore.report_charts import Mark
from simcore.report_contents import Report
from simcore.report_exhibits import Exhibit, Table, scenario_labels, unit_of
from simcore.report_words import joined, number_text, plain, with_unit
from simcore.units import MONEY, unit_label

# --- goals ----------------------------------------------------------------------------------------


def goal_label(row: TargetRow) -> Label:
    """Return a goal with its year and its value."""
    value = goal_amount(row.comparator, row.value, row.unit)
    return Label(
        f"{row.label.en}, {row.year}: {value.en}", f"{row.label.zh}（{row.year}）{value.zh}"
    )


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
            joined([label, probability(row.probability)], " ")
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
            label, report.label(scenario), probability(row.probability),
            number_text(row.median), number_text(row.expected_shortfall), say_both(row.status),
            f"[{report.notes[row.target].number}]",
        )
        for scenario, row, label in sorted(rows, key=lambda one: order.index(one[1].target))
    ]  # fmt: skip
    columns = (
        say_both("goal"), say_both("scenario"), say_both("P(met)"), say_both("median"),
        say_both("shortfall"), say_both("status"), say_both("source"),
    )  # fmt: skip
    place = report.baseline.zones[rows[0][1].zone].label
    caption = joined([place, say_both("Goals that the model answers")], " · ")
    return Table(caption, columns, tuple(lines))


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
        parts = [joined([row.label, probability(_share(row.total))], " ")
                 for row in strongest]  # fmt: skip
        alts.append(
            say_both(
                "Shares of the variance of GDP of {zone} in {year}: {parts}.",
                zone=place,
                year=found.year,
                parts=joined(parts, "; ", "；"),
            )  # fmt: skip
        )
        rows += [
            (place, GROUPS[row.group], row.label, *(probability(_share(value)) for value in
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
        table = Table(with_unit(title, unit_of("gdp")), columns, tuple(rows))
        yield Exhibit(
            f"bridge-{kind}", title, caption, tuple(alts), tuple(panels), table, wide=True,
            legend=False,
        )  # fmt: skip


def _bridge_title(report: Report, bridge: Bridge) -> tuple[Label, Label]:
    first, last = bridge.years
    means = say_both(
        "Means of {draws:,} draws, {unit}; they add up. An axis may not begin at zero.",
        draws=bridge.draws,
        unit=unit_label(MONEY),
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
    parts = [
        joined([part.label, plain(number_text(part.mean, sign=True))], " ") for part in bridge.parts
    ]
    return say_both(
        "Waterfall of GDP of {zone}: from {before} ({first}) to {after} ({last}): {parts}.",
        zone=place, before=bridge.before[0], first=number_text(bridge.before[1]),
        after=bridge.after[0], last=number_text(bridge.after[1]), parts=joined(parts, "; ", "；"),
    )  # fmt: skip
