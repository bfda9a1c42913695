"""The documented baseline: zones, industries, and every figure with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from simcore.errors import InputError, Problem, did_you_mean
from simcore.labels import Label
from simcore.resources import calibration_document
from simcore.strict import Strict, validated

Sector = Literal["primary", "secondary", "tertiary"]
Treatment = Literal["simulated", "satellite", "not_modelled"]
Concept = Literal[
    "level", "growth", "share", "gross_output", "value_added", "revenue", "scale", "count",
    "cumulative", "intensity",
]  # fmt: skip

SECTOR_LABELS = {
    "primary": Label("primary sector", "第一产业"),
    "secondary": Label("secondary sector", "第二产业"),
    "tertiary": Label("tertiary sector", "第三产业"),
    "industry": Label("industry", "工业"),
}


class Industry(Strict):
    """One exclusive, sector-pure activity of a zone."""

    label: Label
    sector: Sector
    industrial: bool = False


class Aggregate(Strict):
    """A cluster that overlaps industries: a weighted sum, never added to GDP."""

    label: Label
    weights: dict[str, float] = {}
    evidence: Literal["documented", "derived", "assumed"] | None = None


class Zone(Strict):
    """A zone with its industries and the years its documents settle."""

    label: Label
    first_year: int
    first_growth_year: int
    split_year: int
    rnd_year: int
    population_year: int
    industries: dict[str, Industry]
    aggregates: dict[str, Aggregate]


class Zones(Strict):
    """The content of ``zones.yaml``."""

    prices: int
    zones: dict[str, Zone]


class Indicator(Strict):
    """What a figure measures, and how the model treats it.

    ``variable`` is the core's result variable, ``concepts`` the senses in which figures speak of
    it.
    """

    label: Label
    treatment: Treatment
    variable: str | None = None
    concepts: list[Concept] = []

    @model_validator(mode="after")
    def _answered(self) -> Indicator:
        if (self.treatment == "simulated") != bool(self.variable and self.concepts):
            raise ValueError("an indicator that is simulated has a variable and concepts")
        return self


class Indicators(Strict):
    """The content of ``indicators.yaml``."""

    indicators: dict[str, Indicator]


class Publication(Strict):
    """A public document: what it is and the fingerprint of the text that was read."""

    title: Label
    issuer: str
    number: str = ""
    published: int
    period: tuple[int, int]
    note: str = ""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Publications(Strict):
    """The content of ``documents.yaml``."""

    documents: dict[str, Publication]


class Source(Strict):
    """The place of a figure: document, section, and line of its text rendition."""

    document: str
    section: str
    line: int = Field(ge=1)

    def __str__(self) -> str:
        """``document 一(一), line 12``."""
        return f"{self.document} {self.section}, line {self.line}"


def _period(value: object) -> object:
    """A year, a pair of years, or a quarter such as ``2023Q1``."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}(Q[1-4](-Q[2-4])?|H[12])", value):
        raise ValueError(f"'{value}' is no period: a year, [first, last], 2023Q1 or 2023H1")
    return tuple(value) if isinstance(value, list) else value


Period = Annotated[int | str | tuple[int, int], BeforeValidator(_period)]


class Figure(Strict):
    """One documented figure, as printed, with its place."""

    id: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")
    term: str
    zone: str
    indicator: str
    industry: str | None = None
    sector: Literal["primary", "secondary", "tertiary", "industry"] | None = None
    concept: Concept
    value: int | float | None = None
    value_high: int | float | None = None
    unit: str
    period: Period
    kind: Literal["actual", "target", "plan_annual", "pipeline", "capacity"]
    qualifier: Literal["exact", "over", "under", "about", "aspire", "aspire_over", "none_given"]
    strength: Literal["binding", "anticipatory", "aspirational"] | None = None
    price_basis: Literal["current", "real", "none"]
    source: Source
    same_as: str | None = None
    note: str = ""

    @model_validator(mode="after")
    def _value_or_none_given(self) -> Figure:
        if (self.value is None) != (self.qualifier == "none_given"):
            raise ValueError("a figure has a value, or the qualifier none_given")
        return self

    @property
    def year(self) -> int | None:
        """The year of an annual figure, or the last year of a span; None for a quarter."""
        if isinstance(self.period, int):
            return self.period
        return self.period[1] if isinstance(self.period, tuple) else None


class Figures(Strict):
    """The content of one document's file of figures."""

    figures: list[Figure]


@dataclass(frozen=True)
class Activity:
    """A (zone, industry) pair: one row of the kernel."""

    zone: str
    industry: str
    sector: str
    industrial: bool


@dataclass(frozen=True)
class Baseline:
    """Zones, industries and documented figures; the same for every scenario."""

    zones: dict[str, Zone]
    indicators: dict[str, Indicator]
    documents: dict[str, Publication]
    figures: dict[str, Figure]
    prices: int

    @cached_property
    def activities(self) -> tuple[Activity, ...]:
        """All (zone, industry) pairs, grouped by zone."""
        return tuple(
            Activity(zone_name, name, industry.sector, industry.industrial)
            for zone_name, zone in self.zones.items()
            for name, industry in zone.industries.items()
        )

    @cached_property
    def industries(self) -> tuple[str, ...]:
        """Names of all industries, each once, in the order of the zones' files."""
        return tuple(dict.fromkeys(activity.industry for activity in self.activities))

    @cached_property
    def base_year(self) -> int:
        """The last documented GDP year of any zone."""
        return max(self.last_documented_year(zone) for zone in self.zones)

    @cached_property
    def first_year(self) -> int:
        """The first year of any zone."""
        return min(zone.first_year for zone in self.zones.values())

    def last_documented_year(self, zone: str) -> int:
        """Return the last year whose GDP level is printed for the zone."""
        return max(figure.year or 0 for figure in self.gdp_levels(zone))

    def gdp_levels(self, zone: str) -> list[Figure]:
        """Return the printed GDP levels of a zone, in order of publication."""
        levels = [
            figure
            for figure in self.actuals()
            if figure.zone == zone and figure.indicator == "gdp" and figure.concept == "level"
        ]
        return sorted(levels, key=lambda figure: self.published(figure))

    def published(self, figure: Figure) -> int:
        """Return the year in which the figure's document was published."""
        return self.documents[figure.source.document].published

    def actuals(self) -> Iterator[Figure]:
        """Return what is said of the past: no goals, no facts printed a second time."""
        for figure in self.figures.values():
            if figure.kind == "actual" and not figure.same_as and figure.value is not None:
                yield figure

    def industry_label(self, name: str) -> Label:
        """Return the label of an industry, from the first zone that has it."""
        return next(
            zone.industries[name].label for zone in self.zones.values() if name in zone.industries
        )

    def status(self, zone: str, year: int) -> str:
        """Return ``history``, ``nowcast`` or ``projection`` for a zone's year, or nothing."""
        if year > self.base_year:
            return "projection"
        if year > self.last_documented_year(zone):
            return "nowcast"
        return "history" if year >= self.zones[zone].first_year else ""


def load_baseline() -> Baseline:
    """Read the documented baseline; raises `InputError` with every fault and its place."""
    zones = validated(Zones, calibration_document("zones"))
    indicators = validated(Indicators, calibration_document("indicators")).indicators
    registry = calibration_document("documents")
    documents = validated(Publications, registry).documents
    figures: dict[str, Figure] = {}
    problems: list[Problem] = []
    for name in documents:
        document = calibration_document(name)
        for index, figure in enumerate(validated(Figures, document).figures):
            message = _fault(figure, name, zones, indicators, figures)
            if message:
                problems.append(document.problem(("figures", index), message))
            figures[figure.id] = figure
    problems += _dangling(figures, registry.file)
    if problems:
        raise InputError(problems)
    return Baseline(zones.zones, indicators, documents, figures, zones.prices)


def _fault(
    figure: Figure,
    document: str,
    zones: Zones,
    indicators: dict[str, Indicator],
    known: dict[str, Figure],
) -> str:
    """Say what is wrong with a figure's references, or nothing."""
    if figure.id in known:
        return f"the id {figure.id} stands twice"
    if figure.source.document != document:
        return f"{figure.id} names another document, {figure.source.document}"
    if figure.indicator not in indicators:
        near = did_you_mean(figure.indicator, indicators)
        return f"{figure.id}: unknown indicator '{figure.indicator}'{near}"
    zone = zones.zones.get(figure.zone)
    if zone is None:
        return f"{figure.id}: unknown zone '{figure.zone}'{did_you_mean(figure.zone, zones.zones)}"
    names = [*zone.industries, *zone.aggregates]
    if figure.industry and figure.industry not in names:
        near = did_you_mean(figure.industry, names)
        return f"{figure.id}: unknown industry '{figure.industry}'{near}"
    return ""


def _dangling(figures: dict[str, Figure], file: str) -> list[Problem]:
    """Find the figures that repeat one which does not exist."""
    return [
        Problem(file, 1, 1, f"{figure.id} repeats {figure.same_as}, which does not exist")
        for figure in figures.values()
        if figure.same_as and figure.same_as not in figures
    ]
