"""The ladder of firms as data: rungs, rates, what documents count, goals, with their sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from pydantic import Field, model_validator

from simcore.baseline import Baseline
from simcore.document import Keys
from simcore.entries import Figure
from simcore.errors import InputError, Problem, did_you_mean, known_names
from simcore.labels import Label, say
from simcore.printed import split_unit
from simcore.priors import Distribution, Evidence
from simcore.resources import calibration_content, calibration_document
from simcore.satellite_priors import NormalPrior
from simcore.strict import Strict, validated

Kind = Literal["entry", "promotion", "demotion", "exit"]
KINDS: tuple[Kind, ...] = ("entry", "promotion", "demotion", "exit")
DOUBLING = "倍"  # the unit of a goal that is a multiple of a documented count
FIRM = "家"
OUTSIDE = -1  # the place off the ladder


class Sourced(Distribution):
    """A distribution with what a reader must know of it."""

    evidence: Evidence
    source: str
    verified: bool = True


class Rate(Sourced):
    """A hazard [1/year], in a zone by a distribution of its own where it has one."""

    zones: dict[str, Sourced] = {}

    def of_zone(self, zone: str) -> Sourced:
        """Return the zone's own distribution, or the common one."""
        return self.zones.get(zone, self)

    @model_validator(mode="after")
    def _never_negative(self) -> Rate:
        for one in (self, *self.zones.values()):
            if one.dist not in ("lognormal", "constant") or one.shift < 0 or (one.value or 0) < 0:
                raise ValueError(say("a rate is lognormal or constant, and never negative"))
        return self


class Entry(Sourced):
    """New firms a year, or the share of the new firms a day that a figure prints."""

    figure: str | None = None


class Growth(Sourced):
    """Growth of entry a year [log points], in a zone by a distribution of its own."""

    zones: dict[str, Sourced] = {}

    def of_zone(self, zone: str) -> Sourced:
        """Return the zone's own distribution, or the common one."""
        return self.zones.get(zone, self)


class Elasticities(Strict):
    """Of a kind of rate: to R&D spending, and to growth, beyond those of the reference path."""

    rnd: NormalPrior
    growth: NormalPrior


class Research(Strict):
    """How R&D over GDP answers to the firms that a documented count of a rung covers."""

    rung: str
    elasticity: Sourced


class Rung(Strict):
    """One rung: what its firms are called."""

    label: Label


class Counted(Strict):
    """The rungs that a documented count covers, and shares of rungs that it covers in part."""

    rungs: list[str] = Field(min_length=1)
    partly: dict[str, Sourced] = {}


class ZoneFirms(Strict):
    """A zone's entry, assumed stocks of its first year, documented counts and goals."""

    first_year: int
    entry: dict[str, Entry] = Field(min_length=1)
    stocks: dict[str, Sourced] = {}
    counts: dict[str, list[str]] = {}
    arrivals: dict[str, list[str]] = {}
    goals: dict[str, list[str]] = {}


@dataclass(frozen=True)
class Move:
    """A move: its kind, the places and names of the rung it leaves and of the one it reaches."""

    kind: Kind
    source: int
    target: int
    start: str
    end: str
    rate: Rate

    @property
    def name(self) -> str:
        """``promotion.tech_sme.high_tech``."""
        return f"{self.kind}.{self.start}.{self.end}"


class Firms(Strict):
    """The content of ``ladder.yaml``."""

    rungs: dict[str, Rung] = Field(min_length=2)
    counted: dict[str, Counted] = {}
    promotions: dict[str, dict[str, Rate]]
    demotions: dict[str, dict[str, Rate]] = {}
    exits: dict[str, Rate]
    entry_growth: Growth
    elasticities: dict[Kind, Elasticities]
    research: Research
    zones: dict[str, ZoneFirms]

    @model_validator(mode="after")
    def _whole(self) -> Firms:
        missing = [kind for kind in KINDS if kind not in self.elasticities]
        if missing:
            raise ValueError(say("elasticities of {name} are missing", name=missing[0]))
        return self

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Every move between rungs and off the ladder: promotions, demotions, exits."""
        places = {name: place for place, name in enumerate(self.rungs)}
        between: dict[Kind, dict[str, dict[str, Rate]]] = {
            "promotion": self.promotions,
            "demotion": self.demotions,
        }
        found = [
            Move(kind, places[start], places[end], start, end, rate)
            for kind, rates in between.items()
            for start, inner in rates.items()
            for end, rate in inner.items()
        ]
        found += [
            Move("exit", places[start], OUTSIDE, start, "outside", rate)
            for start, rate in self.exits.items()
        ]
        return tuple(found)

    def covers(self, rung: str) -> Counted:
        """Return what a documented count of a rung covers: itself, unless the file says more."""
        return self.counted.get(rung, Counted(rungs=[rung]))

    def named(self) -> Iterator[tuple[str, str, str, int, str]]:
        """Return (zone, part, rung, place in the list, figure) of every named figure."""
        for zone, entry in self.zones.items():
            for part in ("counts", "arrivals", "goals"):
                for rung, figures in getattr(entry, part).items():
                    yield from ((zone, part, rung, i, name) for i, name in enumerate(figures))


def load_firms() -> Firms:
    """Read the ladder of firms; raises `InputError` with every fault and its place."""
    return _read(calibration_content("ladder"))


@lru_cache(maxsize=8)
def _read(content: tuple[bytes, ...]) -> Firms:
    document = calibration_document("ladder")
    firms = validated(Firms, document)
    problems = [document.problem(keys, message) for keys, message in _wrong_rungs(firms)]
    if problems:
        raise InputError(problems)
    return firms


def check_firms(firms: Firms, baseline: Baseline) -> None:
    """Raise `InputError` if a named zone, year or figure is not what the ladder takes it for.

    The check is for the whole baseline: an earlier vintage of it holds fewer figures.
    """
    document = calibration_document("ladder")
    problems: list[Problem] = []
    for zone, entry in firms.zones.items():
        if zone not in baseline.zones:
            message = say(
                "unknown zone '{zone}'{near}", zone=zone, near=did_you_mean(zone, baseline.zones)
            )
            problems.append(document.problem(("zones", zone), message))
            continue
        if entry.first_year > baseline.base_year:
            message = say(
                "the past ends in {last}, not {first}",
                last=baseline.base_year, first=entry.first_year,
            )  # fmt: skip
            problems.append(document.problem(("zones", zone, "first_year"), message))
        problems += [
            document.problem(("zones", zone, *keys), message)
            for keys, message in _wrong_figures(firms, zone, baseline)
        ]
    if problems:
        raise InputError(problems)


def _wrong_rungs(firms: Firms) -> Iterator[tuple[Keys, str]]:
    """Names that are no rung, moves that lead the wrong way, rungs that nobody leaves."""
    rungs = list(firms.rungs)

    def unknown(rung: str) -> str:
        near = did_you_mean(rung, rungs) or known_names(rungs)
        return say("unknown rung '{rung}'{near}", rung=rung, near=near)

    named: list[tuple[Keys, str]] = [(("exits", rung), rung) for rung in firms.exits]
    named.append((("research", "rung"), firms.research.rung))
    for name, rates in (("promotions", firms.promotions), ("demotions", firms.demotions)):
        for start, inner in rates.items():
            named.append(((name, start), start))
            named += [((name, start, end), end) for end in inner]
    for rung, counted in firms.counted.items():
        named.append((("counted", rung), rung))
        named += [(("counted", rung, "rungs"), other) for other in counted.rungs]
        named += [(("counted", rung, "partly", other), other) for other in counted.partly]
    for zone, entry in firms.zones.items():
        for part in ("entry", "stocks", "counts", "arrivals", "goals"):
            named += [(("zones", zone, part, rung), rung) for rung in getattr(entry, part)]
    for rung, counted in firms.counted.items():
        if rung not in counted.rungs:
            yield (
                ("counted", rung, "rungs"),
                say("a count of {rung} covers {rung} itself", rung=rung),
            )
    wrong = [(keys, unknown(rung)) for keys, rung in named if rung not in rungs]
    yield from wrong
    if wrong:
        return
    for rung in rungs:
        if rung not in firms.exits:
            yield ("exits",), say("{rung} has no rate", rung=rung)
    for move in firms.moves:
        keys: Keys = (f"{move.kind}s", move.start, move.end)
        if move.kind == "promotion" and move.target <= move.source:
            yield (
                keys,
                say(
                    "a promotion leads up, not from {start} to {end}",
                    start=move.start, end=move.end,
                ),
            )  # fmt: skip
        if move.kind == "demotion" and move.target >= move.source:
            yield (
                keys,
                say(
                    "a demotion leads down, not from {start} to {end}",
                    start=move.start, end=move.end,
                ),
            )  # fmt: skip


def _wrong_figures(firms: Firms, zone: str, baseline: Baseline) -> Iterator[tuple[Keys, str]]:
    """Figures of a zone that are none, or not of the kind that is needed there."""
    entry = firms.zones[zone]
    for rung, prior in entry.entry.items():
        if prior.figure is not None and (fault := _fault(prior.figure, "counts", zone, baseline)):
            yield ("entry", rung, "figure"), fault
    for owner, part, rung, place, name in firms.named():
        if owner != zone:
            continue
        if fault := _fault(name, part, zone, baseline):
            yield (part, rung, place), fault
        elif (figure := baseline.figures[name]).unit == DOUBLING:
            counts = [baseline.figures.get(count) for count in entry.counts.get(rung, ())]
            if year_before(figure) not in [count.year for count in counts if count]:
                message = say(
                    "{name} multiplies a count of {year} that is not given",
                    name=name, year=year_before(figure),
                )  # fmt: skip
                yield (part, rung, place), message
    for rung in firms.rungs:
        printed = [baseline.figures[name].year for name in entry.counts.get(rung, ())
                   if name in baseline.figures]  # fmt: skip
        if entry.first_year not in printed and rung not in entry.stocks:
            yield (
                ("stocks",),
                say(
                    "{rung} has neither a count of {first} nor a stock",
                    rung=rung, first=entry.first_year,
                ),
            )  # fmt: skip
        early = [year for year in printed if year is not None and year < entry.first_year]
        if early:
            yield (
                ("counts", rung),
                say(
                    "{name} lies before the first year, {first}",
                    name=early[0], first=entry.first_year,
                ),
            )  # fmt: skip


def _fault(name: str, part: str, zone: str, baseline: Baseline) -> str:
    """Say what is wrong with a named figure, or nothing."""
    if fault := baseline.misnamed(name, zone):
        return fault
    figure = baseline.figures[name]
    if (part != "goals") != (figure.kind == "actual"):
        what = say("no goal") if part == "goals" else say("no evidence")
        return say("{name} is {kind}: {what}", name=name, kind=say(figure.kind), what=what)
    multiple = part == "goals" and figure.unit == DOUBLING
    if figure.value is None or not (multiple or split_unit(figure.unit)[1] == FIRM):
        return say("{name} counts no firms, its unit is {unit}", name=name, unit=figure.unit)
    if figure.year is None:
        return say("{name} is of a part of a year", name=name)
    return ""


def year_before(figure: Figure) -> int:
    """Return the year before the period of a figure of a whole year or span."""
    first = figure.period[0] if isinstance(figure.period, tuple) else figure.year
    assert first is not None  # checked by `check_firms`
    return first - 1


def printed_count(figure: Figure) -> float:
    """Return the firms that a figure prints, its unit's multiple included."""
    return float(figure.value or 0.0) * split_unit(figure.unit)[0]
