"""The documented baseline: zones, industries, and every figure with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from simcore.document import Document, Keys
from simcore.errors import InputError, Problem, did_you_mean
from simcore.labels import Label, say
from simcore.resources import calibration_document, check_calibration_folders, overlay_files
from simcore.strict import Strict, validated

GDP_UNIT = "亿元"
NAME = re.compile(r"^[a-z][a-z0-9_]*$")
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
            raise ValueError(say("an indicator that is simulated has a variable and concepts"))
        return self


class Indicators(Strict):
    """The content of ``indicators.yaml``."""

    indicators: dict[str, Indicator]


class Publication(Strict):
    """A public document: what it is, and the fingerprint of the text that was read, if any."""

    title: Label
    issuer: str
    number: str = ""
    published: int
    period: tuple[int, int]
    note: str = ""
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")


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
        raise ValueError(
            say("'{value}' is no period: a year, [first, last], 2023Q1 or 2023H1", value=value)
        )
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
            raise ValueError(say("a figure has a value, or the qualifier none_given"))
        return self

    @property
    def is_of_the_zone(self) -> bool:
        """Whether it speaks of the whole zone, not of an industry or sector."""
        return not self.industry and not self.sector

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
    overlay: dict[str, str] = field(default_factory=dict)
    """SHA-256 of every file of the user's own calibration"""

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
        """Return a zone's printed GDP levels of whole years, by publication and year."""
        return self._gdp_levels.get(zone, [])

    @cached_property
    def _gdp_levels(self) -> dict[str, list[Figure]]:
        found: dict[str, list[Figure]] = {}
        for figure in self.actuals():
            of_gdp = (figure.indicator, figure.concept) == ("gdp", "level")
            if of_gdp and figure.is_of_the_zone and isinstance(figure.period, int):
                found.setdefault(figure.zone, []).append(figure)
        for levels in found.values():
            levels.sort(key=lambda figure: (self.published(figure), figure.year or 0))
        return found

    def published(self, figure: Figure) -> int:
        """Return the year in which the figure's document was published."""
        return self.documents[figure.source.document].published

    def actuals(self) -> Iterator[Figure]:
        """Return what is said of the past: no goals, no facts printed a second time."""
        for figure in self.figures.values():
            if figure.kind == "actual" and not figure.same_as and figure.value is not None:
                yield figure

    def original(self, name: str) -> Figure:
        """Return the figure that another repeats, at the end of the chain, or itself."""
        return _original(self.figures, name)

    def misnamed(self, name: str, zone: str) -> str:
        """Say what is wrong with the name of a figure that must be of a zone, or nothing."""
        if name not in self.figures:
            return say("no figure '{name}'{near}", name=name, near=did_you_mean(name, self.figures))
        there = self.figures[name].zone
        return "" if there == zone else say("{name} is of the zone {zone}", name=name, zone=there)

    def industry_label(self, name: str, zone: str = "") -> Label:
        """Return the label of an industry in a zone, or in the first zone that has it.

        An industry of another calibration is labelled with its name.
        """
        zones = [self.zones[zone]] if zone in self.zones else []
        for place in (*zones, *self.zones.values()):
            if name in place.industries:
                return place.industries[name].label
        return Label(name, name)

    def status(self, zone: str, year: int) -> str:
        """Return ``history``, ``nowcast`` or ``projection`` for a zone's year, or nothing."""
        if year > self.base_year:
            return "projection"
        if year > self.last_documented_year(zone):
            return "nowcast"
        return "history" if year >= self.zones[zone].first_year else ""


def load_baseline() -> Baseline:
    """Read the documented baseline; raises `InputError` with every fault and its place."""
    check_calibration_folders()
    places = calibration_document("zones")
    zones = validated(Zones, places)
    indicators = validated(Indicators, calibration_document("indicators")).indicators
    documents = validated(Publications, calibration_document("documents")).documents
    figures: dict[str, Figure] = {}
    found: dict[str, Problem] = {}  # what to say of a figure, should it be at fault
    problems: list[Problem] = []
    for name in documents:
        document = calibration_document(name)
        for index, figure in enumerate(validated(Figures, document).figures):
            message = _fault(figure, name, zones, indicators, figures)
            if message:
                problems.append(document.problem(("figures", index), message))
            figures[figure.id] = figure
            found[figure.id] = document.problem(("figures", index), figure.id)
    problems += [*_dangling(figures, found), *_circular(figures, found)]
    if problems:
        raise InputError(problems)
    baseline = Baseline(zones.zones, indicators, documents, figures, zones.prices, overlay_files())
    problems = [*_wrong_levels(baseline, found), *_wrong_zones(baseline, places)]
    if problems:
        raise InputError(problems)
    return baseline


def _fault(
    figure: Figure,
    document: str,
    zones: Zones,
    indicators: dict[str, Indicator],
    known: dict[str, Figure],
) -> str:
    """Say what is wrong with a figure's references, or nothing."""
    if figure.id in known:
        return say("the id {name} stands twice", name=figure.id)
    if figure.source.document != document:
        return say(
            "{figure} names another document, {document}",
            figure=figure.id, document=figure.source.document,
        )  # fmt: skip
    if figure.indicator not in indicators:
        near = did_you_mean(figure.indicator, indicators)
        return say(
            "{figure}: unknown indicator '{indicator}'{near}",
            figure=figure.id, indicator=figure.indicator, near=near,
        )  # fmt: skip
    zone = zones.zones.get(figure.zone)
    if zone is None:
        return say(
            "{figure}: unknown zone '{zone}'{near}",
            figure=figure.id, zone=figure.zone, near=did_you_mean(figure.zone, zones.zones),
        )  # fmt: skip
    names = [*zone.industries, *zone.aggregates]
    if figure.industry and figure.industry not in names:
        near = did_you_mean(figure.industry, names)
        return say(
            "{figure}: unknown industry '{industry}'{near}",
            figure=figure.id, industry=figure.industry, near=near,
        )  # fmt: skip
    return ""


def _original(figures: Mapping[str, Figure], name: str) -> Figure:
    """Follow repetitions to a figure that repeats no other; a circle ends before it closes."""
    figure, seen = figures[name], {name}
    while (after := figure.same_as) and after in figures and after not in seen:
        figure = figures[after]
        seen.add(after)
    return figure


def _circular(figures: dict[str, Figure], found: dict[str, Problem]) -> Iterator[Problem]:
    """Find the figures whose chain of repetitions has no first one."""
    for figure in figures.values():
        if _original(figures, figure.id).same_as in figures:
            message = say(
                "{figure} repeats {first} in a circle; one of them is the first",
                figure=figure.id, first=figure.same_as,
            )  # fmt: skip
            yield replace(found[figure.id], message=message)


def _dangling(figures: dict[str, Figure], found: dict[str, Problem]) -> list[Problem]:
    """Find the figures that repeat one which does not exist."""
    return [
        replace(
            found[figure.id],
            message=say(
                "{figure} repeats {first}, which does not exist",
                figure=figure.id, first=figure.same_as,
            )
            + did_you_mean(figure.same_as, figures),
        )
        for figure in figures.values()
        if figure.same_as and figure.same_as not in figures
    ]  # fmt: skip


def _wrong_levels(baseline: Baseline, found: dict[str, Problem]) -> Iterator[Problem]:
    """GDP levels in a unit that is not computed in, or printed before their year was over."""
    for zone in baseline.zones:
        for figure in baseline.gdp_levels(zone):
            if figure.unit != GDP_UNIT:
                message = say(
                    "{figure}: GDP levels are read in {wanted}, not in {unit}",
                    figure=figure.id, wanted=GDP_UNIT, unit=figure.unit,
                )  # fmt: skip
                yield replace(found[figure.id], message=message)
            if baseline.published(figure) <= (figure.year or 0):
                when = say(
                    "GDP of {year} in a document of {published}",
                    year=figure.year, published=baseline.published(figure),
                )  # fmt: skip
                message = say(
                    "{figure}: {when}; a year's GDP is published after it",
                    figure=figure.id, when=when,
                )  # fmt: skip
                yield replace(found[figure.id], message=message)


def _wrong_zones(baseline: Baseline, document: Document) -> Iterator[Problem]:
    """Names, years and weights of zones that the model cannot work with."""
    for name, zone in baseline.zones.items():
        here: Keys = ("zones", name)
        inner: list[Keys] = [(*here, "industries", industry) for industry in zone.industries]
        for place in (here, *inner):
            if not NAME.match(str(place[-1])):
                message = say(
                    "'{name}' is no name: small letters, digits and _, a letter first",
                    name=place[-1],
                )
                yield document.problem(place, message)
        for aggregate, entry in zone.aggregates.items():
            for industry in entry.weights:
                if industry not in zone.industries:
                    near = did_you_mean(industry, zone.industries)
                    place = (*here, "aggregates", aggregate, "weights", industry)
                    yield document.problem(
                        place,
                        say("unknown industry '{industry}'{near}", industry=industry, near=near),
                    )
        if not zone.industries:
            yield document.problem((*here, "industries"), say("a zone has at least one industry"))
        if not baseline.gdp_levels(name):
            yield document.problem(
                here, say("no document prints a GDP level of {name}; it needs one", name=name)
            )
    if all(map(baseline.gdp_levels, baseline.zones)):
        yield from _wrong_years(baseline, document)


def _wrong_years(baseline: Baseline, document: Document) -> Iterator[Problem]:
    """Years of zones that do not fit the years of their documents or of each other."""
    first, base = baseline.first_year, baseline.base_year
    for name, zone in baseline.zones.items():
        limits = {
            "first_year": (first, baseline.last_documented_year(name)),
            "first_growth_year": (first, min(zone.first_year + 1, base)),
            "rnd_year": (first, base),
        }
        for key, (low, high) in limits.items():
            year = getattr(zone, key)
            if not low <= year <= high:
                message = say(
                    "{key} {year} of {name} lies outside {low} to {high}",
                    key=key, year=year, name=name, low=low, high=high,
                )  # fmt: skip
                yield document.problem(("zones", name, key), message)
