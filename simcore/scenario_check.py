"""What no schema finds in a scenario: unknown names, years that do not fit, contradictions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from simcore.baseline import Baseline
from simcore.document import Document, Keys
from simcore.errors import InputError, Problem, did_you_mean, known_names
from simcore.labels import say
from simcore.ladder_priors import load_firms
from simcore.levers import (
    MAXIMUM_HORIZON,
    Assumptions,
    FirmLevers,
    IndustryLevers,
    Scenario,
    Trajectory,
    ZoneLevers,
)
from simcore.pipeline_priors import load_pipeline_priors
from simcore.priors import BEHAVIOUR
from simcore.strict import validated


def check(
    document: Document, baseline: Baseline, context: dict[str, Any] | None = None
) -> Scenario:
    """Validate a merged scenario document; raises `InputError` with every problem.

    ``context`` : `simcore.levers.RESOLVED` for what a scenario was dumped to.
    """
    if isinstance(document.data, dict) and "axes" in document.data:
        message = say("this is a sweep, not a scenario: run it with simcore sweep")
        raise InputError([document.problem(("axes",), message)])
    problems = list(_unknown_names(document, baseline))
    try:
        scenario = validated(Scenario, document, context)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    problems += _wrong_years(document, scenario, baseline)
    problems += _contradictions(document, scenario, baseline)
    problems += _wrong_pipelines(document, scenario)
    problems += _wrong_ladders(document, scenario)
    if problems:
        raise InputError(problems)
    return scenario


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
        near = did_you_mean(zone, baseline.zones) or known_names(["*", *baseline.zones])
        yield document.problem(keys, say("unknown zone '{zone}'{near}", zone=zone, near=near))


def _unknown_industry(
    document: Document, keys: Keys, zone: str, industry: str, baseline: Baseline
) -> Iterator[Problem]:
    known = baseline.zones[zone].industries if zone in baseline.zones else baseline.industries
    if industry not in known and not (industry == "*" and keys[0] == "events"):
        near = did_you_mean(industry, known) or known_names(known)
        yield document.problem(
            keys, say("unknown industry '{industry}'{near}", industry=industry, near=near)
        )


def _trajectories(
    levers: ZoneLevers | IndustryLevers | FirmLevers, keys: Keys
) -> Iterator[tuple[Keys, Trajectory[float]]]:
    """Return every trajectory of a lever block with its key path."""
    for name in type(levers).model_fields:
        lever = getattr(levers, name)
        if isinstance(lever, Trajectory):
            yield (*keys, name), lever
        elif isinstance(lever, FirmLevers):
            yield from _trajectories(lever, (*keys, name))
        elif isinstance(lever, dict):
            for part, inner in lever.items():
                if isinstance(inner, Trajectory):
                    yield (*keys, name, part), inner
                else:
                    yield from _trajectories(inner, (*keys, name, part))


def _wrong_years(document: Document, scenario: Scenario, baseline: Baseline) -> Iterator[Problem]:
    """Years before the first projected one or after the horizon."""
    first, last = baseline.base_year + 1, scenario.horizon
    if not first <= last <= MAXIMUM_HORIZON:
        message = say(
            "the horizon {last} lies outside {first} to {latest}",
            last=last, first=first, latest=MAXIMUM_HORIZON,
        )  # fmt: skip
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
            message = (
                say("{year} is before the first projected year, {first}", year=year, first=first)
                if year < first
                else say("{year} is after the horizon, {last}", year=year, last=last)
            )
            yield document.problem(place, message)


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
            message = say("rnd_growth and rnd_intensity both fix the R&D of {zone}", zone=zone)
            yield document.problem(place, message)
        pinned = [name for name, industry in levers.industries.items() if industry.growth]
        everything = set(baseline.zones[zone].industries) <= set(pinned)
        for lever in ("investment_share", "labour_share"):
            moved = [name for name, inner in levers.industries.items() if getattr(inner, lever)]
            if set(baseline.zones[zone].industries) <= set(moved):
                message = say(
                    "{lever} of every industry of {zone} leaves none to give way",
                    lever=lever, zone=zone,
                )  # fmt: skip
                yield document.problem(("levers", zone, "industries"), message)
        if levers.gdp_growth and everything:
            place = _lever_place(document, zone, "gdp_growth")
            message = say(
                "gdp_growth and the growth of every industry both fix the GDP of {zone}", zone=zone
            )
            yield document.problem(place, message)
    for name in scenario.behaviour:
        if name not in BEHAVIOUR:
            near = did_you_mean(name, BEHAVIOUR) or known_names(BEHAVIOUR)
            yield document.problem(
                ("behaviour", name), say("unknown parameter '{name}'{near}", name=name, near=near)
            )
            continue
        low, high = BEHAVIOUR[name]
        ends = scenario.behaviour[name].from_standard(np.array([-5.0, 5.0]))
        if not (low <= ends.min() and ends.max() <= high):
            message = say(
                "{name} must lie in {low:g} to {high:g}; its draws reach {smallest:.3g} to "
                "{largest:.3g}",
                name=name, low=low, high=high, smallest=ends.min(), largest=ends.max(),
            )  # fmt: skip
            yield document.problem(("behaviour", name), message)
    names = [event.name for event in scenario.events]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield document.problem(
                ("events", index, "name"), say("the event '{name}' stands twice", name=name)
            )


def _wrong_pipelines(document: Document, scenario: Scenario) -> Iterator[Problem]:
    """Levers of projects where there is no pipeline."""
    wanted = [zone for zone, levers in scenario.levers.items() if levers.projects and zone != "*"]
    known = load_pipeline_priors().zones if wanted else {}
    for zone in wanted:
        if zone not in known:
            keys: Keys = ("levers", zone, "projects")
            yield document.problem(keys, say("{zone} has no pipeline of projects", zone=zone))


def _wrong_ladders(document: Document, scenario: Scenario) -> Iterator[Problem]:
    """Levers of firms where there is no ladder, or of a rung that is none."""
    wanted = {zone: levers.firms for zone, levers in scenario.levers.items() if levers.firms}
    if not wanted:
        return
    known = load_firms()
    for zone, levers in wanted.items():
        keys: Keys = ("levers", zone, "firms")
        if zone != "*" and zone not in known.zones:
            yield document.problem(keys, say("{zone} has no ladder of firms", zone=zone))
        for rung in levers.support:
            if rung not in known.rungs:
                near = did_you_mean(rung, known.rungs) or known_names(known.rungs)
                yield document.problem(
                    (*keys, "support", rung),
                    say("unknown rung '{rung}'{near}", rung=rung, near=near),
                )


def _lever_place(document: Document, zone: str, lever: str) -> Keys:
    own: Keys = ("levers", zone, lever)
    return own if own in document.marks else ("levers", "*", lever)
