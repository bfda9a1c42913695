"""Satellite equations as data: drivers, elasticities, trends and levels, with their sources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from simcore.baseline import Baseline
from simcore.dims import VARIABLES
from simcore.errors import InputError, did_you_mean
from simcore.labels import say
from simcore.priors import Distribution, Evidence
from simcore.quantity import number
from simcore.resources import calibration_content, calibration_document
from simcore.strict import Strict, validated

CORE_DRIVERS = (
    "gdp", "gdp_real", "gdp_real_per_head", "rnd_stock", "population", "employment",
)  # fmt: skip
"""Variables of the core that may drive a satellite."""

Number = Annotated[float, BeforeValidator(number, json_schema_input_type=float | str)]
Spread = Annotated[
    float, BeforeValidator(number, json_schema_input_type=float | str), Field(ge=0, le=1)
]


class Assumption(Strict):
    """What a reader must know of a number: its evidence grade and source."""

    evidence: Evidence
    source: str
    verified: bool = True


class NormalPrior(Assumption):
    """A normal distribution; a deviation of zero holds the number fixed."""

    mean: Number
    deviation: Spread


class Walk(Assumption):
    """Standard deviation of a year's step of a random walk [log points]."""

    deviation: Spread


class Level(Assumption):
    """An assumed lognormal level in a year, where no document prints one."""

    year: int
    median: float = Field(gt=0)
    sigma: float = Field(gt=0)

    def distribution(self) -> Distribution:
        """Return the lognormal distribution."""
        return Distribution(dist="lognormal", median=self.median, sigma=self.sigma)


class ZoneLevel(Strict):
    """Where a zone's level comes from: figures that the path meets, or an assumption."""

    figures: list[str] = []
    goals: list[str] = []
    level: Level | None = None

    @model_validator(mode="after")
    def _one_source(self) -> ZoneLevel:
        if self.figures and self.level:
            raise ValueError(say("a zone has figures or an assumed level, not both"))
        return self


class Satellite(Strict):
    """One satellite equation."""

    indicator: str
    printed: list[str] = []
    index: bool = False
    drivers: dict[str, NormalPrior] = Field(min_length=1)
    trend: NormalPrior
    walk: Walk
    zones: dict[str, ZoneLevel] = {}

    @model_validator(mode="after")
    def _level_or_index(self) -> Satellite:
        if self.index and any(zone.level for zone in self.zones.values()):
            raise ValueError(say("an index has no level"))
        return self


class Product(Strict):
    """An identity: an index of intensity times an index of its scale."""

    indicator: str
    intensity: str
    scale: str


class Satellites(Strict):
    """The content of ``satellites.yaml``."""

    reference_year: int
    equations: dict[str, Satellite]
    products: dict[str, Product]

    @model_validator(mode="after")
    def _names(self) -> Satellites:
        for name in (*self.equations, *self.products):
            if name not in VARIABLES:
                raise ValueError(say(
                    "'{name}' is no variable{near}",
                    name=name, near=did_you_mean(name, VARIABLES),
                ))  # fmt: skip
        known = list(CORE_DRIVERS)
        for name, satellite in self.equations.items():
            for driver in satellite.drivers:
                if driver not in known:
                    near = did_you_mean(driver, known) or say(
                        "; known here: {names}", names=", ".join(known)
                    )
                    raise ValueError(say(
                        "{name}: unknown driver '{driver}'{near}",
                        name=name, driver=driver, near=near,
                    ))  # fmt: skip
            known.append(name)
        for name, product in self.products.items():
            intensity = self.equations.get(product.intensity)
            if intensity is None or not intensity.index:
                raise ValueError(say(
                    "{name}: '{intensity}' is no index of an equation",
                    name=name, intensity=product.intensity,
                ))  # fmt: skip
            if product.scale not in CORE_DRIVERS:
                raise ValueError(
                    say("{name}: unknown scale '{scale}'", name=name, scale=product.scale)
                )
        return self

    @property
    def indicators(self) -> dict[str, str]:
        """The documented indicator of every satellite, equations first."""
        return {name: part.indicator for name, part in (self.equations | self.products).items()}

    def evidence(self, name: str, zone: str) -> list[str]:
        """Return the figures that a satellite's path meets in a zone; none of an identity."""
        satellite = self.equations.get(name)
        place = satellite.zones.get(zone) if satellite else None
        return place.figures if place else []

    def listed(self) -> Iterator[tuple[str, str, str, bool]]:
        """Return (satellite, zone, figure, whether it is evidence) of every named figure."""
        for name, satellite in self.equations.items():
            for zone, place in satellite.zones.items():
                yield from ((name, zone, figure, True) for figure in place.figures)
                yield from ((name, zone, figure, False) for figure in place.goals)

    @property
    def met(self) -> dict[str, list[str]]:
        """The satellites whose paths pass through a figure, by the figure."""
        found: dict[str, list[str]] = {}
        for name, _, figure, evidence in self.listed():
            if evidence:
                found.setdefault(figure, []).append(name)
        return found


def load_satellites() -> Satellites:
    """Read the satellite equations; raises `InputError` with every fault and its place."""
    return _read(calibration_content("satellites"))


@lru_cache(maxsize=8)
def _read(content: tuple[bytes, ...]) -> Satellites:
    return validated(Satellites, calibration_document("satellites"))


def check_satellites(satellites: Satellites, baseline: Baseline) -> None:
    """Raise `InputError` if a named zone, year or figure is not what the equation takes it for.

    A figure must exist, be of the zone and indicator, and, as evidence, be an actual one in the
    equation's unit or a growth in percent. A vintage of the baseline holds fewer figures: the check
    is for the whole one.
    """
    document = calibration_document("satellites")
    problems = []
    for name, zone, figure, evidence in satellites.listed():
        part = "figures" if evidence else "goals"
        index = getattr(satellites.equations[name].zones[zone], part).index(figure)
        keys = ("equations", name, "zones", zone, part, index)
        if zone in baseline.zones and (
            message := _fault(satellites.equations[name], zone, figure, evidence, baseline)
        ):
            problems.append(document.problem(keys, message))
    first, base = baseline.first_year, baseline.base_year
    if not first <= satellites.reference_year <= base:
        message = say(
            "the model knows the past from {first} to {last}, not {year}",
            first=first, last=base, year=satellites.reference_year,
        )  # fmt: skip
        problems.append(document.problem(("reference_year",), message))
    for name, satellite in satellites.equations.items():
        for zone, place in satellite.zones.items():
            known = baseline.zones.get(zone)
            if known is None:
                message = say(
                    "unknown zone '{zone}'{near}",
                    zone=zone, near=did_you_mean(zone, baseline.zones),
                )  # fmt: skip
                problems.append(document.problem(("equations", name, "zones", zone), message))
                continue
            if place.level is None:
                continue
            if not known.first_year <= place.level.year <= baseline.base_year:
                message = say(
                    "the model knows the past of {zone} from {first} to {last}, not {year}",
                    zone=zone, first=known.first_year, last=baseline.base_year,
                    year=place.level.year,
                )  # fmt: skip
                level = ("equations", name, "zones", zone, "level")
                problems.append(document.problem(level, message))
    if problems:
        raise InputError(problems)


def _fault(satellite: Satellite, zone: str, name: str, evidence: bool, baseline: Baseline) -> str:
    """Say what is wrong with a named figure, or nothing."""
    figure = baseline.figures.get(name)
    if figure is None:
        return say("no figure '{name}'{near}", name=name, near=did_you_mean(name, baseline.figures))
    if figure.zone != zone:
        return say("{name} is of the zone {zone}", name=name, zone=figure.zone)
    if figure.indicator != satellite.indicator:
        return say("{name} is of the indicator {indicator}", name=name, indicator=figure.indicator)
    if evidence != (figure.kind == "actual"):
        what = say("a goal is no evidence") if evidence else say("no goal")
        return say("{name} is {kind}: {what}", name=name, kind=say(figure.kind), what=what)
    growth = figure.concept == "growth" and figure.unit == "%"
    if evidence and not growth and (satellite.index or figure.unit not in satellite.printed):
        return say(
            "{name} is printed in {unit}, not in {units}",
            name=name, unit=figure.unit, units=", ".join(satellite.printed) or "%",
        )  # fmt: skip
    return ""
