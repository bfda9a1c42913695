"""The plans' indicator tables, row by row, and how the model treats what a figure measures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pydantic import Field, model_validator

from simcore.baseline import Baseline
from simcore.dims import VARIABLES
from simcore.entries import Figure
from simcore.entries import Treatment as Way
from simcore.errors import InputError, did_you_mean
from simcore.labels import Label, say
from simcore.resources import calibration_content, calibration_document
from simcore.satellite_priors import Satellites, load_satellites
from simcore.strict import Strict, validated


class Row(Strict):
    """One row of an indicator table."""

    row: int = Field(ge=1)
    label: Label
    figures: list[str] = Field(min_length=1)
    treatment: Way
    by: str = ""
    note: Label | None = None

    @model_validator(mode="after")
    def _answered(self) -> Row:
        if (self.treatment == "not_modelled") == bool(self.by):
            raise ValueError(say("a row that is simulated says by what, and no other"))
        return self


class Table(Strict):
    """The indicator table of a document."""

    zone: str
    rows: list[Row]


class PlanTables(Strict):
    """The content of ``plan_tables.yaml``."""

    tables: dict[str, Table]

    def rows(self) -> Iterator[tuple[str, str, Row]]:
        """Return (document, zone, row) of every row, in the order of the tables."""
        for document, table in self.tables.items():
            for row in table.rows:
                yield document, table.zone, row


@dataclass(frozen=True)
class Treatment:
    """How the model treats what a figure measures.

    ``by`` : the result variable or aggregate, empty if nothing simulates it; ``document`` and
    ``row`` : the row of a plan's indicator table in which the figure stands, if in any.
    """

    treatment: Way
    by: str = ""
    document: str = ""
    row: Row | None = None


def _read() -> PlanTables:
    return _read_with(calibration_content("plan_tables"))


@lru_cache(maxsize=8)
def _read_with(content: tuple[bytes, ...]) -> PlanTables:
    return validated(PlanTables, calibration_document("plan_tables"))


def load_plan_tables(baseline: Baseline) -> PlanTables:
    """Read the indicator tables and hold them against the whole baseline.

    Raises `InputError` with the place of every row whose number, figures or answer do not fit.
    """
    tables, document = _read(), calibration_document("plan_tables")
    problems = []
    for name, table in tables.tables.items():
        for index, row in enumerate(table.rows):
            message = _fault(row, index, name, table, baseline)
            if message:
                problems.append(document.problem(("tables", name, "rows", index), message))
    if problems:
        raise InputError(problems)
    return tables


def _fault(row: Row, index: int, document: str, table: Table, baseline: Baseline) -> str:
    """Say what is wrong with a row, or nothing."""
    zone = baseline.zones.get(table.zone)
    if document not in baseline.documents or zone is None:
        return say(
            "unknown document '{document}' or zone '{zone}'", document=document, zone=table.zone
        )
    if row.row != index + 1:
        return say("row {row} stands where row {expected} belongs", row=row.row, expected=index + 1)
    for name in row.figures:
        figure = baseline.figures.get(name)
        if figure is None:
            return say(
                "no figure '{name}'{near}", name=name, near=did_you_mean(name, baseline.figures)
            )
        if figure.source.document != document or figure.zone != table.zone:
            return say("{name} stands in another document or zone", name=name)
    satellites = load_satellites().indicators
    answers = {
        "satellite": list(satellites),
        "simulated": [
            *(variable for variable in VARIABLES if variable not in satellites),
            *(aggregate for aggregate, part in zone.aggregates.items() if part.weights),
        ],
        "not_modelled": [""],
    }[row.treatment]
    return (
        ""
        if row.by in answers
        else say("unknown answer '{name}'{near}", name=row.by, near=did_you_mean(row.by, answers))
    )


def treatment(
    baseline: Baseline,
    figure_id: str,
    satellites: Satellites | None = None,
    tables: PlanTables | None = None,
) -> Treatment:
    """Say how the model treats the quantity that a documented figure measures.

    A figure, or one that it repeats or that repeats it, may stand in a plan's indicator table: then
    the row decides. Else a satellite equation may name it; else its indicator decides, with the
    sense in which the figure speaks of it. ``satellites``, ``tables`` : of the calibration in use
    if not given.
    Raises `InputError` if there is no such figure.
    """
    if figure_id not in baseline.figures:
        raise InputError(say(
            "no figure '{name}'{near}",
            name=figure_id, near=did_you_mean(figure_id, baseline.figures),
        ))  # fmt: skip
    figure = baseline.original(figure_id)
    for document, _, row in (tables or _read()).rows():
        if any(baseline.original(name).id == figure.id for name in _known(baseline, row.figures)):
            return Treatment(row.treatment, row.by, document, row)
    for satellite, _, name, _ in (satellites or load_satellites()).listed():
        if name in baseline.figures and baseline.original(name).id == figure.id:
            return Treatment("satellite", satellite)
    return _by_indicator(baseline, figure)


def _known(baseline: Baseline, names: list[str]) -> list[str]:
    return [name for name in names if name in baseline.figures]


def _by_indicator(baseline: Baseline, figure: Figure) -> Treatment:
    """Core if the figure speaks of the indicator's variable as the model has it."""
    indicator = baseline.indicators[figure.indicator]
    zone = baseline.zones.get(figure.zone)
    if (
        zone is None
        or indicator.variable is None
        or figure.concept not in indicator.concepts
        or figure.kind in ("pipeline", "capacity")
        or figure.year is None  # a part of a year
    ):
        return Treatment("not_modelled")
    by_industry = "industry" in VARIABLES[indicator.variable].dims
    name = figure.industry
    if name is None:
        return Treatment("simulated", _in_sense(figure, indicator.variable))
    aggregate = zone.aggregates.get(name)
    if not by_industry or aggregate is not None and not aggregate.weights:
        return Treatment("not_modelled")
    return Treatment("simulated", indicator.variable if aggregate is None else name)


def _in_sense(figure: Figure, variable: str) -> str:
    """Return the variable that has the figure's sense: the growth of GDP, the intensity of R&D."""
    return {("gdp", "growth"): "gdp_growth", ("rnd", "intensity"): "rnd_intensity"}.get(
        (variable, figure.concept), variable
    )
