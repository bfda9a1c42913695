"""Sheets of an exported workbook beside the numbers: goals, assumptions, sources, provenance."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from simcore.assessment import TargetRow, targets
from simcore.baseline import Baseline
from simcore.comparison import reference_of
from simcore.data_page import CONCEPTS, STRENGTHS
from simcore.extract import Extract
from simcore.labels import say
from simcore.printed_units import printed_unit
from simcore.priors import Distribution, load_priors
from simcore.reconcile import calibration_fingerprint
from simcore.satellite_priors import Assumption, Level, NormalPrior, Walk, load_satellites
from simcore.shown_figures import Shown, place_text
from simcore.units import FACTORS, unit_text
from simcore.workbook_sheet import RULE, Book, sheet_title

MAXIMUM_ASSESSED = 6  # scenarios whose goals are assessed; of more, the reference alone
GRADES = ("documented", "derived", "assumed")
STANDARD = (-1.6448536269514722, 0.0, 1.6448536269514722)  # Φ⁻¹ of 5, 50 and 95 %

Row = list[Any]


def targets_sheet(book: Book, part: Extract, baseline: Baseline) -> list[TargetRow]:
    """Write every goal with its probability in each scenario; returns the goals."""
    sheet = book.sheet(say("Targets"))
    sheet.title(say("Documented goals, and how likely each scenario makes them"))
    if not part.has_draws:
        sheet.cell(0, say("The result holds summaries alone: probabilities of goals need draws."))
        return []
    names = part.scenarios
    if len(names) > MAXIMUM_ASSESSED:
        chosen = part.dataset.sel(scenario=list(names))
        names = (reference_of(chosen),)
    found = [targets(part.dataset, scenario=name, baseline=baseline) for name in names]
    places = [at for at, row in enumerate(found[0].rows) if row.zone in part.zones]
    places.sort(key=lambda at: found[0].rows[at].probability is None)
    heads = [say("goal"), say("zone"), say("year"), say("comparison"), say("value"), say("unit"),
             say("strength"), *(say("P · {scenario}", scenario=name) for name in names),
             *(say("median · {scenario}", scenario=name) for name in names),
             say("status · {scenario}", scenario=names[0]), say("last known"), say("in year"),
             say("source")]  # fmt: skip
    rows: list[Row] = []
    for at in places:
        row = found[0].rows[at]
        sign = {">=": "≥", "<=": "≤"}.get(row.comparator, row.comparator)
        rows.append(
            [sheet_title(str(row.label)), _zone(part, row.zone, baseline), str(row.year), sign,
             _float(row.value), str(printed_unit(row.unit)),
             say(row.strength) if row.strength else "",
             *(_float(one.rows[at].probability) for one in found),
             *(_float(one.rows[at].median) for one in found),
             say(row.status), _float(row.last_value), str(row.last_year or ""),
             place_text(baseline.figures[row.target], baseline)]
        )  # fmt: skip
    first = sheet.row + 1
    sheet.table(heads, rows, (4, len(heads) - 3))
    count = len(names)
    sheet.widths([48, 22, 8, 8, 11, 13, 13, *[13] * (2 * count), 16, 11, 10, 80])
    _percent(
        book, sheet, [[_float(one.rows[at].probability) for at in places] for one in found], first
    )
    return [found[0].rows[at] for at in places]


def _percent(book: Book, sheet: Any, columns: list[list[float | None]], first: int) -> None:
    """Write probabilities once more as percentages, with a bar behind them."""
    form = book.form(num_format="0.0%", bottom=1, bottom_color=RULE, bold=True)
    for place, column in enumerate(columns, 7):
        for at, value in enumerate(column):
            if value is not None:
                sheet.sheet.write_number(first + at, place, value, form)
        if column:
            bar = {"type": "data_bar", "bar_color": "#9ecae1", "min_type": "num", "min_value": 0,
                   "max_type": "num", "max_value": 1}  # fmt: skip
            sheet.sheet.conditional_format(first, place, first + len(column) - 1, place, bar)


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _zone(part: Extract, zone: str, baseline: Baseline) -> str:
    return str(part.label("zone", zone, baseline))


# --- assumptions ----------------------------------------------------------------------------------


def assumptions_sheet(book: Book, baseline: Baseline) -> None:
    """Write every distribution that no document gives, by evidence grade, with its 90 % range."""
    sheet = book.sheet(say("Assumptions"))
    rows = sorted(_assumptions(baseline), key=lambda row: GRADES.index(row[0]))
    counts = {grade: sum(row[0] == grade for row in rows) for grade in GRADES}
    note = "; ".join(f"{say(grade)}: {count}" for grade, count in counts.items())
    sheet.title(say("What no document gives, by evidence grade"), note)
    heads = [say("evidence"), say("assumption"), say("zone"), "5 %", say("median"), "95 %",
             say("unit"), say("checked in the source"), say("key"), say("source")]  # fmt: skip
    for row in rows:
        row[0] = say(row[0])
        row[2] = str(baseline.zones[row[2]].label) if row[2] in baseline.zones else row[2]
    sheet.table(heads, rows)
    sheet.widths([13, 58, 22, 9, 9, 9, 18, 12, 52, 110])


def _assumptions(baseline: Baseline) -> Iterator[Row]:
    """Rows of priors, slacks, industries and satellite equations, their grade first."""
    priors = load_priors()
    for name, prior in priors.parameters.items():
        told = (prior.unit, prior.verified, prior.source, name)
        for zone in ["", *prior.zones]:
            yield _row(prior.evidence, str(prior.label), zone, prior.of_zone(zone), told)
    for name, slack in priors.slacks.items():
        told = (slack.unit, True, slack.source, name)
        yield _row(slack.evidence, str(slack.label), slack.zone, slack, told)
    for zone, activities in priors.activities.items():
        for name, activity in activities.items():
            industry = baseline.industry_label(name, zone)
            label = say("value-added rate of {industry}", industry=industry)
            told = (
                "share",
                True,
                activity.source,
                f"activities.{zone}.{name}.value_added_rate",
            )
            rate = activity.value_added_rate.distribution()
            yield _row(activity.evidence, label, zone, rate, told)
    yield from _satellites()


def _satellites() -> Iterator[Row]:
    from simcore.dims import VARIABLES

    for name, equation in load_satellites().equations.items():
        label = VARIABLES[name].label
        for driver, one in equation.drivers.items():
            text = say("{indicator}: elasticity to {driver}", indicator=label,
                       driver=_driver(driver))  # fmt: skip
            yield _assumed(text, "", one, f"{name}.drivers.{driver}")
        trend = say("{indicator}: trend", indicator=label)
        yield _assumed(trend, "", equation.trend, f"{name}.trend")
        walk = say("{indicator}: standard deviation of a year's step", indicator=label)
        yield _assumed(walk, "", equation.walk, f"{name}.walk")
        for zone, place in equation.zones.items():
            if place.level is not None:
                text = say("{indicator}: level of {year}", indicator=label, year=place.level.year)
                yield _assumed(text, zone, place.level, f"{name}.zones.{zone}.level")


def _driver(name: str) -> str:
    from simcore.dims import VARIABLES

    return str(VARIABLES[name].label) if name in VARIABLES else name.replace("_", " ")


def _assumed(text: str, zone: str, one: Assumption, key: str) -> Row:
    if isinstance(one, NormalPrior):
        spread = [one.mean + one.deviation * z for z in STANDARD]
    elif isinstance(one, Walk):
        spread = [float(one.deviation)] * 3
    else:
        assert isinstance(one, Level)
        spread = list(map(float, one.distribution().from_standard(np.array(STANDARD))))
    low, middle, high = spread
    return [one.evidence, sheet_title(text), zone, low, middle, high, "",
            _checked(one.verified), key, one.source]  # fmt: skip


def _row(
    grade: str, label: str, zone: str, spread: Distribution, told: tuple[str, bool, str, str]
) -> Row:
    unit, verified, source, key = told
    values = FACTORS.get(unit, 1.0) * spread.from_standard(np.array(STANDARD))
    low, middle, high = map(float, values)
    return [grade, sheet_title(label), zone, low, middle, high, unit_text(unit),
            _checked(verified), key, source]  # fmt: skip


def _checked(verified: bool) -> str:
    return say("yes") if verified else say("not yet")


# --- sources --------------------------------------------------------------------------------------


def sources_sheet(
    book: Book, shown: Sequence[Shown], goals: Sequence[TargetRow], baseline: Baseline
) -> None:
    """Write document, section and line of every documented figure that the workbook shows."""
    sheet = book.sheet(say("Sources"))
    sheet.title(
        say("Where every documented figure of this workbook stands"),
        say("Values as printed. Lines count in the text of the document that was read."),
    )
    names = dict.fromkeys([*(one.figure.id for one in shown), *(goal.target for goal in goals)])
    heads = [say("figure"), say("zone"), say("indicator"), say("term"), say("period"), say("value"),
             say("unit"), say("qualifier"), say("concept"), say("kind"), say("strength"),
             say("document"), say("section"), say("line"), say("published")]  # fmt: skip
    rows = []
    for name in names:
        figure = baseline.figures[name]
        document = baseline.documents[figure.source.document]
        period = figure.period
        text = "–".join(map(str, period)) if isinstance(period, tuple) else str(period)
        strength = str(STRENGTHS[figure.strength]) if figure.strength else ""
        rows.append(
            [figure.id, str(baseline.zones[figure.zone].label),
             str(baseline.indicators[figure.indicator].label), figure.term, text,
             _float(figure.value), str(printed_unit(figure.unit)), say(figure.qualifier),
             str(CONCEPTS[figure.concept]), say(figure.kind), strength,
             f"{document.title} {document.number}".strip(), figure.source.section,
             figure.source.line, str(document.published)]
        )  # fmt: skip
    sheet.table(heads, rows, (5,))
    sheet.widths([46, 20, 24, 34, 12, 10, 11, 11, 13, 13, 13, 90, 18, 8, 11])


# --- provenance -----------------------------------------------------------------------------------


def provenance_sheet(book: Book, part: Extract, baseline: Baseline) -> None:
    """Write what the result says of itself, its scenarios in full, and the user's own files."""
    sheet = book.sheet(say("Provenance"))
    note = ""
    if part.dataset.attrs["calibration"] != calibration_fingerprint():
        note = say("The result rests on another calibration than the assumptions and sources here.")
    sheet.title(say("How this was made, and how to make it again"), note)
    attributes = part.dataset.attrs
    rows: list[Row] = [[say("file"), part.name]] if part.name else []
    words = {
        "title": say("title"), "date_created": say("created"), "simcore_version": "simcore",
        "seed": say("seed"), "draws": say("draws"), "sampler": say("sampler"),
        "precision": say("precision"), "keep": say("keep"), "fingerprint": say("fingerprint"),
        "calibration": say("calibration"),
    }  # fmt: skip
    rows += [[word, str(attributes[key])] for key, word in words.items() if key in attributes]
    versions = json.loads(attributes["versions"])
    rows.append([say("versions"), ", ".join(f"{n} {v}" for n, v in versions.items())])
    rows += [[say("own file"), f"{name} (SHA-256 {digest})"]
             for name, digest in baseline.overlay.items()]  # fmt: skip
    for scenario in json.loads(attributes["scenarios"]):
        if scenario["name"] in part.scenarios:
            text = json.dumps(scenario, ensure_ascii=False)[:32_000]  # a cell holds 32 767
            rows.append([say("scenario"), text])
    sheet.table([say("fact"), say("value")], rows)
    sheet.widths([20, 130])
