"""What a scenario may say: trajectories, levers, assumptions, events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

import numpy as np
from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.labels import Label, say
from simcore.priors import Distribution
from simcore.quantity import percent, points, years
from simcore.samplers import Kind
from simcore.strict import Strict, Version, Whole

MAXIMUM_HORIZON = 2100
MAXIMUM_DRAWS = 10_000_000
MAXIMUM_NAME = 200
USUAL = ("sampler", "random")
BESIDE = ("projects", "firms")
"""Levers of discrete events, which dumps leave out where there are none."""


RESOLVED = {"resolved": True}  # context in which a result's scenarios are read: plain numbers


def _amount(value: object, info: ValidationInfo, read: Callable[[object], float]) -> float:
    """Read a number as people write it, or as a resolved scenario has it."""
    if info.context == RESOLVED and isinstance(value, float):
        return value
    return read(value)


def _rate(value: object, info: ValidationInfo) -> float:
    """A percentage between −50 % and 100 %."""
    rate = _amount(value, info, percent)
    if not -0.5 <= rate <= 1.0:
        raise ValueError(say("{value} lies outside -50% to 100%", value=value))
    return rate


def _share(value: object, info: ValidationInfo) -> float:
    """A percentage above 0 % and up to 100 %."""
    share = _amount(value, info, percent)
    if not 0.0 < share <= 1.0:
        raise ValueError(say("{value} lies outside 0% to 100%", value=value))
    return share


def _difference(value: object, info: ValidationInfo) -> float:
    """A difference of at most 50 percentage points either way."""
    difference = _amount(value, info, points)
    if abs(difference) > 0.5:
        raise ValueError(say("{value} is beyond 50 pp", value=value))
    return difference


def _change(value: object, info: ValidationInfo) -> float:
    """A relative change between −100 % and +100 %."""
    change = _amount(value, info, percent)
    if not -1.0 <= change <= 1.0:
        raise ValueError(say("{value} lies outside -100% to +100%", value=value))
    return change


def _delay(value: object, info: ValidationInfo) -> float:
    """Years between −2 and 10; above zero is later."""
    delay = _amount(value, info, years)
    if not -2.0 <= delay <= 10.0:
        raise ValueError(say("{value} lies outside -2 to 10 years", value=value))
    return delay


PercentText = Annotated[str, Field(pattern=r"^[-+]?(\d+(\.\d*)?|\.\d+)\s*%$", examples=["5%"])]
PointsText = Annotated[str, Field(pattern=r"^[-+]?(\d+(\.\d*)?|\.\d+)\s*pp$", examples=["+0.3 pp"])]
YearsText = Annotated[
    str, Field(pattern=r"^[-+]?(\d+(\.\d*)?|\.\d+)\s*years?$", examples=["1.5 years"])
]

Rate = Annotated[float, BeforeValidator(_rate, json_schema_input_type=PercentText)]
Share = Annotated[float, BeforeValidator(_share, json_schema_input_type=PercentText)]
Difference = Annotated[float, BeforeValidator(_difference, json_schema_input_type=PointsText)]
Change = Annotated[float, BeforeValidator(_change, json_schema_input_type=PercentText)]
Delay = Annotated[float, BeforeValidator(_delay, json_schema_input_type=YearsText)]
Value = TypeVar("Value")
Levers = TypeVar("Levers", bound=Strict)


class Trajectory(Strict, Generic[Value]):
    """Values that bind from the first year of a path on, or in every projected year.

    Linear between the years of the path, flat after the last, to the horizon or ``until``.
    """

    value: Value | None = None
    path: dict[int, Value] | None = None
    until: Whole | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Trajectory[Value]:
        if (self.value is None) == (self.path is None):
            raise ValueError(say("give either a value for every year or a path of years"))
        if self.path is not None and not self.path:
            raise ValueError(say("the path is empty"))
        if self.path and self.until is not None and self.until < min(self.path):
            raise ValueError(
                say("until {until} ends the path before its first year", until=self.until)
            )
        return self

    def values(self, years: Sequence[int]) -> Array:
        """Return the value of each year, NaN where nothing binds."""
        known: dict[int, Any] = self.path or {years[0]: self.value}
        marks = sorted(known)
        found = np.interp(years, marks, [float(known[year]) for year in marks])
        where = np.asarray(years)
        bound = (where >= marks[0]) & (where <= (self.until or years[-1]))
        return np.where(bound, found, np.nan)

    def years(self) -> Iterator[int]:
        """Return every year that the trajectory names."""
        yield from self.path or ()
        if self.until is not None:
            yield self.until


class GrowthTrajectory(Trajectory[Rate]):
    """A growth path that is met in every draw (``set``) or on average (``centre``)."""

    mode: Literal["set", "centre"] = "set"


def _from_scalar(value: object) -> object:
    return value if isinstance(value, dict | Trajectory) else {"value": value}


class RateTrajectory(Trajectory[Rate]):
    """A path of percentages that may be negative."""


class ShareTrajectory(Trajectory[Share]):
    """A path of percentages above 0 % and up to 100 %."""


class DifferenceTrajectory(Trajectory[Difference]):
    """A path of differences in percentage points."""


Growth = Annotated[
    GrowthTrajectory,
    BeforeValidator(_from_scalar, json_schema_input_type=GrowthTrajectory | PercentText),
]
Rates = Annotated[
    RateTrajectory,
    BeforeValidator(_from_scalar, json_schema_input_type=RateTrajectory | PercentText),
]
Shares = Annotated[
    ShareTrajectory,
    BeforeValidator(_from_scalar, json_schema_input_type=ShareTrajectory | PercentText),
]
Differences = Annotated[
    DifferenceTrajectory,
    BeforeValidator(_from_scalar, json_schema_input_type=DifferenceTrajectory | PointsText),
]


class IndustryLevers(Strict):
    """Levers of one industry of a zone."""

    growth: Growth | None = Field(None, description="real growth of value added a year")
    tfp: Differences | None = Field(None, description="added to productivity growth a year")
    investment_share: Differences | None = Field(
        None, description="added to the industry's share of the zone's investment"
    )
    labour_share: Differences | None = Field(
        None, description="added to the industry's share of the zone's employment"
    )


class ProjectLevers(Strict):
    """Levers of a zone's major projects, from the first projected year on."""

    arrivals: Change | None = Field(None, description="change of the number of new plans a year")
    sizes: Change | None = Field(None, description="change of the budgets of contracts then signed")
    delay: Delay | None = Field(
        None, description="added to the preparation of projects that are not ready by then"
    )
    funds: Change | None = Field(None, description="change of the yearly funds for new starts")
    capacity: Change | None = Field(None, description="change of the capacity to build")
    cancellation: Change | None = Field(
        None, description="change of the shares of projects that are dropped"
    )


class FirmLevers(Strict):
    """Levers of a zone's ladder of firms, from the first projected year on."""

    entry: Rates | None = Field(None, description="change of new firms a year")
    promotion: Rates | None = Field(None, description="change of every rate of promotion")
    exit: Rates | None = Field(None, description="change of every rate of exit")
    support: dict[str, Rates] = Field(
        {}, description="by rung, raises promotions of its firms, lowers their demotions and exits"
    )


class ZoneLevers(Strict):
    """Levers of one zone, or of every zone under ``"*"``."""

    gdp_growth: Growth | None = Field(None, description="real GDP growth a year")
    rnd_growth: Rates | None = Field(None, description="nominal R&D growth a year; give until")
    rnd_intensity: Shares | None = Field(None, description="R&D over GDP")
    investment_rate: Shares | None = Field(None, description="fixed-asset investment over GDP")
    labour_growth: Rates | None = Field(None, description="growth of employment and population")
    tfp: Differences | None = Field(None, description="added to productivity growth a year")
    industries: dict[str, IndustryLevers] = {}
    projects: ProjectLevers | None = Field(
        None, description="major projects; GDP follows what is commissioned"
    )
    firms: FirmLevers | None = Field(
        None, description="ladder of firms; R&D follows its high-tech firms"
    )

    @model_serializer(mode="wrap")
    def _dumped(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what is not given beside the core: fingerprints of earlier runs hold."""
        found: dict[str, Any] = dump(self)
        return {k: value for k, value in found.items() if value is not None or k not in BESIDE}


class Assumptions(Strict):
    """What the world decides; the same in the path and in its reference."""

    inflation: Rates | None = Field(None, description="mean change of the GDP deflator")
    national_growth: Rates | None = Field(None, description="the nation's real growth")


class Event(Strict):
    """A dated or random change of the level of value added, fading with its persistence."""

    name: str = Field(min_length=1)
    zone: str = "*"
    industry: str = "*"
    year: Whole | None = Field(None, description="without one it may strike in any projected year")
    size: Rate
    probability: Share = 1.0
    persistence: Annotated[float, Field(ge=0, le=1)] = 0.5

    @model_validator(mode="after")
    def _dated_or_random(self) -> Event:
        if self.year is None and self.probability == 1.0:
            raise ValueError(say("an event without a year needs a probability below 100%"))
        return self


class Sampling(Strict):
    """How many members, from which seed, and how their parameters are placed."""

    draws: Whole = Field(10_000, ge=1, le=MAXIMUM_DRAWS)
    seed: Whole = Field(20211222, ge=0, lt=2**63)
    sampler: Kind = "random"

    @model_serializer(mode="wrap")
    def _dumped(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the sampler that there always was: fingerprints of earlier runs hold."""
        found: dict[str, Any] = dump(self)
        return {key: value for key, value in found.items() if (key, value) != USUAL}


def _own_or_common(own: IndustryLevers | None, common: IndustryLevers | None) -> IndustryLevers:
    """Return an industry's levers: each of its own, or else that of every zone."""
    own, common = own or IndustryLevers(), common or IndustryLevers()
    names = IndustryLevers.model_fields
    levers = {name: getattr(own, name) or getattr(common, name) for name in names}
    return IndustryLevers.model_construct(**levers)


def _joined(own: Levers | None, common: Levers | None) -> Levers | None:
    """Return levers of projects or firms: each of the zone's own, or else that of every zone."""
    if own is None or common is None:
        return own or common
    levers: dict[str, Any] = {}
    for name in type(own).model_fields:
        lever, wide = getattr(own, name), getattr(common, name)
        if isinstance(lever, dict):
            levers[name] = wide | lever
        else:
            levers[name] = wide if lever is None else lever
    return common.model_copy(update=levers)


class Scenario(Strict):
    """A scenario, resolved: everything that distinguishes one run from the baseline."""

    simcore: Version
    name: str = Field(pattern=r"^[\w.+=%,;*@ -]{1,200}$")
    label: Label
    question: Label | None = None
    extends: str | None = None
    horizon: Whole = 2035
    levers: dict[str, ZoneLevers] = {}
    assumptions: Assumptions = Assumptions()
    behaviour: dict[str, Distribution] = {}
    events: list[Event] = []
    sampling: Sampling = Sampling()

    @classmethod
    def restored(cls, data: object) -> Scenario:
        """Return a scenario from what `model_dump` made of it; raises `ValueError`."""
        return cls.model_validate(data, context=RESOLVED)

    def zone_levers(self, zone: str) -> ZoneLevers:
        """Return the levers of a zone: its own entries win over those of every zone."""
        common = self.levers.get("*", ZoneLevers())
        own = self.levers.get(zone, ZoneLevers())
        fields = {
            name: getattr(own, name) or getattr(common, name)
            for name in ZoneLevers.model_fields
            if name not in ("industries", *BESIDE)
        }
        industries = {
            name: _own_or_common(own.industries.get(name), common.industries.get(name))
            for name in {**common.industries, **own.industries}
        }
        fields |= {name: _joined(getattr(own, name), getattr(common, name)) for name in BESIDE}
        return ZoneLevers.model_construct(**fields, industries=industries)

    def years(self, baseline: Baseline) -> tuple[int, ...]:
        """Return the projected years."""
        return tuple(range(baseline.base_year + 1, self.horizon + 1))
