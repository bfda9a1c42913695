"""The pipeline of projects as data: priors, fields, documented flows, with their sources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from simcore.baseline import Baseline
from simcore.document import Document, Keys
from simcore.errors import InputError, Problem, did_you_mean
from simcore.labels import say
from simcore.priors import Distribution, Evidence, Prior, Priors
from simcore.resources import calibration_content, calibration_document
from simcore.strict import Strict, validated

UNKNOWNS = (
    "plans", "trend", "planning", "preparation", "construction", "size", "size_spread", "realised",
    "coverage", "dropped_plan", "dropped_contract", "dropped_building",
)  # fmt: skip
"""Parameters that the documented flows speak of, one value a zone and draw."""
CONSTANTS = (
    "planning_spread", "preparation_spread", "construction_spread", "size_effect", "smallest",
    "large", "land_headroom", "funds_headroom", "capacity_headroom", "carry",
)  # fmt: skip
"""Parameters that are held fixed."""
PARAMETERS = (*UNKNOWNS, "year_effect", *CONSTANTS)

Measure = Literal[
    "signed", "signed_value", "signed_large", "starts", "started_value", "started_large",
    "half_built", "completions", "under_construction", "investment", "reserve",
]  # fmt: skip
"""What a documented figure measures of the pipeline, in a year or at its end."""
COUNTS = frozenset(
    ("signed", "signed_large", "starts", "started_large", "half_built", "completions",
     "under_construction")
)  # fmt: skip
"""Measures that count projects."""
UNITS = {"count": ("个", "项"), "money": ("亿元", "万亿元")}


class Weight(Strict):
    """A field's weight: a documented amount, or what it leaves of another."""

    figure: str
    less: str | None = None


class ProjectField(Strict):
    """A field of projects, named as an aggregate of its zone, and the industries that use it."""

    weight: Weight
    industries: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(min_length=1)
    evidence: Evidence
    source: str

    @model_validator(mode="after")
    def _whole(self) -> ProjectField:
        if abs(sum(self.industries.values()) - 1) > 1e-9:
            raise ValueError(
                say(
                    "the shares of industries sum to {total:g}", total=sum(self.industries.values())
                )
            )
        return self


def _years(value: object) -> object:
    """A year, or the first and last of a span."""
    return tuple(value) if isinstance(value, list) else value


class Flow(Strict):
    """A documented figure, or a sum of some, as a measure of the pipeline.

    ``times`` : a parameter of priors.yaml that turns the figure into the measure.
    ``deviation`` : log standard deviation of what the figure measures around the measure, beyond
    rounding and the chance of single projects.
    """

    measure: Measure
    year: Annotated[int | tuple[int, int], BeforeValidator(_years)]
    figures: list[str] = Field(min_length=1)
    field: str | None = None
    times: str | None = None
    deviation: float = Field(0.0, ge=0, le=2)
    note: str = ""

    @model_validator(mode="after")
    def _sense(self) -> Flow:
        if isinstance(self.year, tuple) and not self.year[0] < self.year[1]:
            raise ValueError(say("the years of a span rise"))
        if self.measure != "investment" and (self.field or isinstance(self.year, tuple)):
            raise ValueError(
                say("{measure} is of all fields and of one year", measure=self.measure)
            )
        return self

    @property
    def years(self) -> tuple[int, ...]:
        """Every year that it covers."""
        first, last = self.year if isinstance(self.year, tuple) else (self.year, self.year)
        return tuple(range(first, last + 1))


class ZonePipeline(Strict):
    """A zone's fields, the flows that the fit meets, and those it is only compared with."""

    fields: dict[str, ProjectField] = Field(min_length=1)
    evidence: list[Flow] = []
    compared: list[Flow] = []


class PipelinePriors(Strict):
    """The content of ``pipeline.yaml``."""

    first_year: int
    parameters: dict[str, Prior]
    zones: dict[str, ZonePipeline]

    @model_validator(mode="after")
    def _complete(self) -> PipelinePriors:
        for name in self.parameters:
            if name not in PARAMETERS:
                near = did_you_mean(name, PARAMETERS)
                raise ValueError(
                    say("'{name}' is no parameter of the pipeline{near}", name=name, near=near)
                )
        missing = [name for name in PARAMETERS if name not in self.parameters]
        if missing:
            raise ValueError(say("the pipeline also needs {missing}", missing=", ".join(missing)))
        for name in CONSTANTS:
            for zone in (None, *self.zones):
                if self.parameters[name].of_zone(zone).dist != "constant":
                    raise ValueError(
                        say("{name} is held fixed: give dist: constant and its value", name=name)
                    )
        return self

    def distribution(self, name: str, zone: str) -> Distribution:
        """Return the distribution of a parameter in a zone."""
        return self.parameters[name].of_zone(zone)

    def constant(self, name: str, zone: str) -> float:
        """Return the value of a parameter that is held fixed."""
        value = self.distribution(name, zone).value
        assert value is not None  # checked by the validator of the class
        return value


def load_pipeline_priors() -> PipelinePriors:
    """Read the priors of the pipeline; raises `InputError` with every fault and its place."""
    return _read(calibration_content("pipeline"))


@lru_cache(maxsize=8)
def _read(content: tuple[bytes, ...]) -> PipelinePriors:
    return validated(PipelinePriors, calibration_document("pipeline"))


def load_checked_pipeline(baseline: Baseline, priors: Priors) -> PipelinePriors:
    """Read the priors of the pipeline and hold them against zones, figures and years.

    Raises `InputError` with every fault and its place.
    """
    pipeline, document = load_pipeline_priors(), calibration_document("pipeline")
    problems = []
    if not pipeline.first_year < baseline.first_year:
        message = say(
            "projects begin before the first documented year, {first}", first=baseline.first_year
        )
        problems.append(document.problem(("first_year",), message))
    for name, prior in pipeline.parameters.items():
        for zone in prior.zones:
            if zone not in baseline.zones:
                near = did_you_mean(zone, baseline.zones)
                keys: Keys = ("parameters", name, "zones", zone)
                problems.append(
                    document.problem(keys, say("unknown zone '{zone}'{near}", zone=zone, near=near))
                )
    for zone in pipeline.zones:
        problems += _zone_faults(document, pipeline, zone, baseline, priors)
    if problems:
        raise InputError(problems)
    return pipeline


def _zone_faults(
    document: Document, pipeline: PipelinePriors, zone: str, baseline: Baseline, priors: Priors
) -> Iterator[Problem]:
    """Names of fields, industries, figures and parameters that are none, years not simulated."""
    here: Keys = ("zones", zone)
    known, entry = baseline.zones.get(zone), pipeline.zones[zone]
    if known is None:
        near = did_you_mean(zone, baseline.zones)
        yield document.problem(here, say("unknown zone '{zone}'{near}", zone=zone, near=near))
        return
    for name, field in entry.fields.items():
        inner: Keys = (*here, "fields", name)
        if name not in known.aggregates:
            near = did_you_mean(name, known.aggregates)
            yield document.problem(
                inner,
                say("'{name}' is no aggregate of {zone}{near}", name=name, zone=zone, near=near),
            )
        for industry in field.industries:
            if industry not in known.industries:
                near = did_you_mean(industry, known.industries)
                message = say(
                    "unknown industry '{industry}' of {zone}{near}",
                    industry=industry, zone=zone, near=near,
                )  # fmt: skip
                yield document.problem((*inner, "industries", industry), message)
        for part in ("figure", "less"):
            figure = getattr(field.weight, part)
            if figure and (message := _figure_fault(figure, zone, "money", baseline)):
                yield document.problem((*inner, "weight", part), message)
    for kind in ("evidence", "compared"):
        for place, flow in enumerate(getattr(entry, kind)):
            inner = (*here, kind, place)
            for where, message in _flow_faults(inner, flow, zone, pipeline, baseline, priors):
                yield document.problem(where, message)


def _flow_faults(
    keys: Keys, flow: Flow, zone: str, pipeline: PipelinePriors, baseline: Baseline, priors: Priors
) -> Iterator[tuple[Keys, str]]:
    """Places and faults of a documented flow."""
    measured = "count" if flow.measure in COUNTS else "money"
    for place, figure in enumerate(flow.figures):
        if message := _figure_fault(figure, zone, measured, baseline):
            yield (*keys, "figures", place), message
    if flow.field and flow.field not in pipeline.zones[zone].fields:
        near = did_you_mean(flow.field, pipeline.zones[zone].fields)
        yield (*keys, "field"), say("unknown field '{name}'{near}", name=flow.field, near=near)
    if flow.times and flow.times not in priors.parameters:
        near = did_you_mean(flow.times, priors.parameters)
        yield (*keys, "times"), say("unknown parameter '{name}'{near}", name=flow.times, near=near)
    if flow.years[0] <= pipeline.first_year:
        yield (
            (*keys, "year"),
            say(
                "the pipeline is simulated from {first}, empty at first", first=pipeline.first_year
            ),
        )


def _figure_fault(name: str, zone: str, measured: str, baseline: Baseline) -> str:
    """Say what is wrong with a named figure, or nothing."""
    if fault := baseline.misnamed(name, zone):
        return fault
    figure = baseline.figures[name]
    if figure.value is None:
        return say("{name} has no value", name=name)
    if figure.unit not in UNITS[measured]:
        return say(
            "{name} is printed in {unit}, not in {units}",
            name=name, unit=figure.unit, units=", ".join(UNITS[measured]),
        )  # fmt: skip
    return ""
