"""The documented baseline: zones, industries, and every figure with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from simcore.document import Document, Keys
from simcore.entries import (
    Figure,
    Figures,
    Indicator,
    Indicators,
    Publication,
    Publications,
    Zone,
    Zones,
)
from simcore.errors import InputError, Problem, did_you_mean
from simcore.figure_references import circular, dangling, fault, original
from simcore.labels import Label, say
from simcore.resources import calibration_document, check_calibration_folders, overlay_files
from simcore.strict import validated

GDP_UNIT = "亿元"
NAME = re.compile(r"^[a-z][a-z0-9_]*$")


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
        return original(self.figures, name)

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
            message = fault(figure, name, zones, indicators, figures)
            if message:
                problems.append(document.problem(("figures", index), message))
            figures[figure.id] = figure
            found[figure.id] = document.problem(("figures", index), figure.id)
    problems += [*dangling(figures, found), *circular(figures, found)]
    if problems:
        raise InputError(problems)
    baseline = Baseline(zones.zones, indicators, documents, figures, zones.prices, overlay_files())
    problems = [*_wrong_levels(baseline, found), *_wrong_zones(baseline, places)]
    if problems:
        raise InputError(problems)
    return baseline


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
