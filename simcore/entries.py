"""Entries of the calibration's files: zones, indicators, documents and documented figures."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from simcore.labels import Label, say
from simcore.strict import Strict

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
