"""Scenarios: what a policy team and the world decide, and how both are read from YAML."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.document import Document, Keys, parse_document, read_document
from simcore.errors import InputError, Problem, did_you_mean
from simcore.labels import Label
from simcore.priors import BEHAVIOUR, Distribution
from simcore.quantity import percent, points
from simcore.resources import folder
from simcore.strict import Strict, validated

MAXIMUM_HORIZON = 2100
MAXIMUM_DRAWS = 10_000_000


def _rate(value: object) -> float:
    """A percentage between −50 % and 100 %."""
    rate = percent(value)
    if not -0.5 <= rate <= 1.0:
        raise ValueError(f"{value} lies outside -50% to 100%")
    return rate


def _share(value: object) -> float:
    """A percentage above 0 % and up to 100 %."""
    share = percent(value)
    if not 0.0 < share <= 1.0:
        raise ValueError(f"{value} lies outside 0% to 100%")
    return share


def _difference(value: object) -> float:
    """A difference of at most 50 percentage points either way."""
    difference = points(value)
    if abs(difference) > 0.5:
        raise ValueError(f"{value} is beyond 50 pp")
    return difference


def _text(pattern: str, example: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern, "examples": [example]}


_PERCENT_SCHEMA = _text(r"^[-+]?(\d+(\.\d*)?|\.\d+)\s*%$", "5%")
_POINTS_SCHEMA = _text(r"^[-+]?(\d+(\.\d*)?|\.\d+)\s*pp$", "+0.3 pp")

Rate = Annotated[float, BeforeValidator(_rate, json_schema_input_type=str)]
Share = Annotated[float, BeforeValidator(_share, json_schema_input_type=str)]
Difference = Annotated[float, BeforeValidator(_difference, json_schema_input_type=str)]
Value = TypeVar("Value")


class Trajectory(Strict, Generic[Value]):
    """Values that bind from the first year of a path on, or in every projected year.

    Linear between the years of the path, flat after the last, to the horizon or ``until``.
    """

    value: Value | None = None
    path: dict[int, Value] | None = None
    until: int | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Trajectory[Value]:
        if (self.value is None) == (self.path is None):
            raise ValueError("give either a value for every year or a path of years")
        if self.path is not None and not self.path:
            raise ValueError("the path is empty")
        if self.path and self.until is not None and self.until < min(self.path):
            raise ValueError(f"until {self.until} ends the path before its first year")
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


Growth = Annotated[GrowthTrajectory, BeforeValidator(_from_scalar)]
Rates = Annotated[Trajectory[Rate], BeforeValidator(_from_scalar)]
Shares = Annotated[Trajectory[Share], BeforeValidator(_from_scalar)]
Differences = Annotated[Trajectory[Difference], BeforeValidator(_from_scalar)]


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


class ZoneLevers(Strict):
    """Levers of one zone, or of every zone under ``"*"``."""

    gdp_growth: Growth | None = Field(None, description="real GDP growth a year")
    rnd_growth: Rates | None = Field(None, description="nominal R&D growth a year; give until")
    rnd_intensity: Shares | None = Field(None, description="R&D over GDP")
    investment_rate: Shares | None = Field(None, description="fixed-asset investment over GDP")
    labour_growth: Rates | None = Field(None, description="growth of employment and population")
    tfp: Differences | None = Field(None, description="added to productivity growth a year")
    industries: dict[str, IndustryLevers] = {}


class Assumptions(Strict):
    """What the world decides; the same in the path and in its reference."""

    inflation: Rates | None = Field(None, description="mean change of the GDP deflator")
    national_growth: Rates | None = Field(None, description="the nation's real growth")


class Event(Strict):
    """A dated or random change of the level of value added, fading with its persistence."""

    name: str = Field(min_length=1)
    zone: str = "*"
    industry: str = "*"
    year: int | None = Field(None, description="without one it may strike in any projected year")
    size: Rate
    probability: Share = 1.0
    persistence: Annotated[float, Field(ge=0, le=1)] = 0.5

    @model_validator(mode="after")
    def _dated_or_random(self) -> Event:
        if self.year is None and self.probability == 1.0:
            raise ValueError("an event without a year needs a probability below 100%")
        return self


class Sampling(Strict):
    """How many members, and from which seed."""

    draws: int = Field(10_000, ge=1, le=MAXIMUM_DRAWS)
    seed: int = Field(20211222, ge=0, lt=2**63)


class Scenario(Strict):
    """A scenario, resolved: everything that distinguishes one run from the baseline."""

    simcore: Literal[1]
    name: str = Field(pattern=r"^[\w.+=%,;*@ -]{1,200}$")
    label: Label
    question: Label | None = None
    extends: str | None = None
    horizon: int = 2035
    levers: dict[str, ZoneLevers] = {}
    assumptions: Assumptions = Assumptions()
    behaviour: dict[str, Distribution] = {}
    events: list[Event] = []
    sampling: Sampling = Sampling()

    def zone_levers(self, zone: str) -> ZoneLevers:
        """Return the levers of a zone: its own entries win over those of every zone."""
        common = self.levers.get("*", ZoneLevers())
        own = self.levers.get(zone, ZoneLevers())
        fields = {
            name: getattr(own, name) or getattr(common, name)
            for name in ZoneLevers.model_fields
            if name != "industries"
        }
        return ZoneLevers(**fields, industries={**common.industries, **own.industries})

    def years(self, baseline: Baseline) -> tuple[int, ...]:
        """Return the projected years."""
        return tuple(range(baseline.base_year + 1, self.horizon + 1))


@dataclass(frozen=True)
class Resolved:
    """A scenario and the document it was resolved from, for ``show`` and for errors."""

    scenario: Scenario
    document: Document


def load_scenario(name: str, baseline: Baseline, settings: Sequence[str] = ()) -> Scenario:
    """Read a shipped scenario by name, or a file by path; ``a+b`` composes, the later wins.

    ``settings`` are ``levers.donghu.gdp_growth=5%`` and the like, laid on top.
    Raises `InputError` with every problem and its place.
    """
    return resolve(name, baseline, settings).scenario


def resolve(name: str, baseline: Baseline, settings: Sequence[str] = ()) -> Resolved:
    """As `load_scenario`, with the merged document."""
    parts = [name] if _is_path(name) else name.split("+")
    document = _inherited(find_scenario(parts[0]), ())
    labels = [document.data.get("label")]
    for part in parts[1:]:
        later = _inherited(find_scenario(part), ())
        labels.append(later.data.get("label"))
        document = layered(later, document)
        document.data["name"] = name
    for setting in settings:
        document = layered(_setting(setting), document)
    if len(parts) > 1:
        document.data["label"] = _joined_label(labels)
    return Resolved(check(document, baseline), document)


def layered(later: Document, earlier: Document) -> Document:
    """Lay one scenario document on another: mappings merge, the later one wins.

    What the later one says of every zone (``"*"``) replaces what the earlier one says of a single
    zone; events join, one of the same name replaces the earlier.
    """
    data = copy.deepcopy(earlier.data)
    levers, wide = data.get("levers"), _mapping(_mapping(later.data, "levers"), "*")
    if isinstance(levers, dict):
        for zone in [zone for zone in levers if zone != "*" and isinstance(levers[zone], dict)]:
            levers[zone] = _without(levers[zone], wide)
    merged = later.merged_onto(Document(earlier.file, data, earlier.marks))
    before, after = earlier.data.get("events"), _mapping(later.data, "events", list)
    if isinstance(before, list) and after and earlier is not later:
        _join_events(merged, earlier, later)
    return merged


def _mapping(data: Any, key: str, kind: type = dict) -> Any:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, kind) else kind()


def _without(levers: dict[str, Any], wide: dict[str, Any]) -> dict[str, Any]:
    """Return a zone's levers without those that a later layer gives to every zone."""
    kept = {
        name: lever for name, lever in levers.items() if name == "industries" or name not in wide
    }
    inner = _mapping(wide, "industries")
    if isinstance(kept.get("industries"), dict):
        kept["industries"] = {
            name: _without(levers_, inner[name]) if isinstance(inner.get(name), dict) else levers_
            for name, levers_ in kept["industries"].items()
        }
    return kept


def _join_events(merged: Document, earlier: Document, later: Document) -> None:
    """Put the earlier document's events before the later one's, each with its marks."""
    names = {_mapping({"e": event}, "e").get("name") for event in later.data["events"]}
    kept = [
        (earlier, place)
        for place, event in enumerate(earlier.data["events"])
        if _mapping({"e": event}, "e").get("name") not in names
    ]
    kept += [(later, place) for place in range(len(later.data["events"]))]
    merged.data["events"] = [source.data["events"][place] for source, place in kept]
    for keys in [keys for keys in merged.marks if keys[:1] == ("events",) and len(keys) > 1]:
        del merged.marks[keys]
    for place, (source, origin) in enumerate(kept):
        for keys, mark in source.marks.items():
            if keys[:2] == ("events", origin):
                merged.marks[("events", place, *keys[2:])] = mark


def _joined_label(labels: Sequence[Any]) -> Any:
    """Join the labels of composed scenarios; a label that is none is left for the check to find."""
    if not all(isinstance(label, dict) for label in labels):
        return labels[-1]
    return {name: " + ".join(str(label.get(name)) for label in labels) for name in ("en", "zh")}


def check(document: Document, baseline: Baseline) -> Scenario:
    """Validate a merged scenario document; raises `InputError` with every problem."""
    if isinstance(document.data, dict) and "axes" in document.data:
        message = "this is a sweep, not a scenario: run it with simcore sweep"
        raise InputError([document.problem(("axes",), message)])
    problems = list(_unknown_names(document, baseline))
    try:
        scenario = validated(Scenario, document)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    problems += _wrong_years(document, scenario, baseline)
    problems += _contradictions(document, scenario, baseline)
    if problems:
        raise InputError(problems)
    return scenario


def shipped_scenarios() -> dict[str, Path]:
    """Names and files of the shipped scenarios."""
    return {path.stem: path for path in sorted(folder("scenarios").glob("*.yaml"))}


def find_scenario(name: str) -> Path:
    """Return the file of a shipped name or of a path; raises `InputError`."""
    if _is_path(name):
        return Path(name)
    known = shipped_scenarios()
    if name not in known:
        near = did_you_mean(name, known)
        raise InputError(f"{name}: no such scenario{near or '; simcore list shows them'}")
    return known[name]


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml"))


def _inherited(path: Path, chain: tuple[Path, ...]) -> Document:
    """Read a scenario file merged onto its parents."""
    document = read_document(path)
    if not isinstance(document.data, dict):
        raise InputError([document.problem((), "a scenario is a mapping of keys")])
    parent = document.data.get("extends")
    if parent is None:
        return document
    here = (*chain, path.resolve())
    if not isinstance(parent, str):
        raise InputError([document.problem(("extends",), "names one scenario")])
    parent_path = path.parent / parent if _is_path(parent) else shipped_scenarios().get(parent)
    if parent_path is None or not parent_path.exists():
        near = did_you_mean(parent, shipped_scenarios())
        message = f"there is no scenario '{parent}' to extend{near}"
        raise InputError([document.problem(("extends",), message)])
    if parent_path.resolve() in here:
        raise InputError([document.problem(("extends",), f"'{parent}' extends this one in turn")])
    return layered(document, _inherited(parent_path, here))


def _setting(setting: str) -> Document:
    """Turn ``levers.donghu.gdp_growth=5%`` into a document."""
    path, equals, value = setting.partition("=")
    if not equals or not path:
        raise InputError.at("--set", 1, 1, f"'{setting}' is not of the form path.to.key=value")
    inner = parse_document(value, "--set").data if value.strip() else None
    keys: list[str | int] = [int(key) if key.isdigit() else key for key in path.strip().split(".")]
    data: Any = inner
    for key in reversed(keys):
        data = {key: data}
    document = parse_document("{}", f"--set {setting}")
    document.data = data
    for length in range(1, len(keys) + 1):
        document.marks[tuple(keys[:length])] = document.locate(())
    return document


def _unknown_names(document: Document, baseline: Baseline) -> Iterator[Problem]:
    """Zones and industries that do not exist, found before anything else is validated."""
    data = document.data if isinstance(document.data, dict) else {}
    levers = data.get("levers")
    for zone, entry in levers.items() if isinstance(levers, dict) else ():
        yield from _unknown_zone(document, ("levers", zone), str(zone), baseline)
        industries = entry.get("industries") if isinstance(entry, dict) else None
        for industry in industries if isinstance(industries, dict) else ():
            inner: Keys = ("levers", zone, "industries", industry)
            yield from _unknown_industry(document, inner, str(zone), str(industry), baseline)
    events = data.get("events")
    for index, event in enumerate(events if isinstance(events, list) else ()):
        if isinstance(event, dict):
            zone, industry = str(event.get("zone", "*")), str(event.get("industry", "*"))
            yield from _unknown_zone(document, ("events", index, "zone"), zone, baseline)
            place = ("events", index, "industry")
            yield from _unknown_industry(document, place, zone, industry, baseline)


def _unknown_zone(
    document: Document, keys: Keys, zone: str, baseline: Baseline
) -> Iterator[Problem]:
    if zone != "*" and zone not in baseline.zones:
        known = ", ".join(["*", *baseline.zones])
        near = did_you_mean(zone, baseline.zones) or f"; known: {known}"
        yield document.problem(keys, f"unknown zone '{zone}'{near}")


def _unknown_industry(
    document: Document, keys: Keys, zone: str, industry: str, baseline: Baseline
) -> Iterator[Problem]:
    known = baseline.zones[zone].industries if zone in baseline.zones else baseline.industries
    if industry != "*" and industry not in known:
        near = did_you_mean(industry, known) or f"; known: {', '.join(known)}"
        yield document.problem(keys, f"unknown industry '{industry}'{near}")


def _trajectories(
    levers: ZoneLevers | IndustryLevers, keys: Keys
) -> Iterator[tuple[Keys, Trajectory[float]]]:
    """Return every trajectory of a lever block with its key path."""
    for name in type(levers).model_fields:
        lever = getattr(levers, name)
        if isinstance(lever, Trajectory):
            yield (*keys, name), lever
        elif isinstance(lever, dict):
            for industry, inner in lever.items():
                yield from _trajectories(inner, (*keys, name, industry))


def _wrong_years(document: Document, scenario: Scenario, baseline: Baseline) -> Iterator[Problem]:
    """Years before the first projected one or after the horizon."""
    first, last = baseline.base_year + 1, scenario.horizon
    if not first <= last <= MAXIMUM_HORIZON:
        message = f"the horizon {last} lies outside {first} to {MAXIMUM_HORIZON}"
        yield document.problem(("horizon",), message)
        return
    named = [
        (keys, year)
        for zone, levers in scenario.levers.items()
        for keys, trajectory in _trajectories(levers, ("levers", zone))
        for year in trajectory.years()
    ]
    for name in Assumptions.model_fields:
        trajectory = getattr(scenario.assumptions, name)
        years = trajectory.years() if trajectory else ()
        named += [(("assumptions", name), year) for year in years]
    named += [
        (("events", index), event.year)
        for index, event in enumerate(scenario.events)
        if event.year is not None
    ]
    for keys, year in named:
        if not first <= year <= last:
            place = next(
                (
                    (*keys, *inner)
                    for inner in (("path", year), ("until",), ("year",))
                    if (*keys, *inner) in document.marks
                    and (inner[0] != "until" or _at(document.data, (*keys, "until")) == year)
                ),
                keys,
            )
            when = "is before the first projected year" if year < first else "is after the horizon"
            yield document.problem(place, f"{year} {when}, {first if year < first else last}")


def _at(data: Any, keys: Keys) -> Any:
    for key in keys:
        data = data[key]
    return data


def _contradictions(
    document: Document, scenario: Scenario, baseline: Baseline
) -> Iterator[Problem]:
    """Levers that fix the same thing, names of behaviour that are none, events named twice."""
    for zone in baseline.zones:
        levers = scenario.zone_levers(zone)
        if levers.rnd_growth and levers.rnd_intensity:
            place = _lever_place(document, zone, "rnd_intensity")
            message = f"rnd_growth and rnd_intensity both fix the R&D of {zone}"
            yield document.problem(place, message)
        pinned = [name for name, industry in levers.industries.items() if industry.growth]
        everything = set(baseline.zones[zone].industries) <= set(pinned)
        if levers.gdp_growth and everything:
            place = _lever_place(document, zone, "gdp_growth")
            message = f"gdp_growth and the growth of every industry both fix the GDP of {zone}"
            yield document.problem(place, message)
    for name in scenario.behaviour:
        if name not in BEHAVIOUR:
            near = did_you_mean(name, BEHAVIOUR) or f"; known: {', '.join(BEHAVIOUR)}"
            yield document.problem(("behaviour", name), f"unknown parameter '{name}'{near}")
    names = [event.name for event in scenario.events]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield document.problem(("events", index, "name"), f"the event '{name}' stands twice")


def _lever_place(document: Document, zone: str, lever: str) -> Keys:
    own: Keys = ("levers", zone, lever)
    return own if own in document.marks else ("levers", "*", lever)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, for editors."""
    schema = Scenario.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
