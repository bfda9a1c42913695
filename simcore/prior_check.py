"""What no schema finds in the priors: zones, industries, figures and years that do not fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simcore.baseline import Baseline
from simcore.correlations import ACTIVITY_PARAMETER, ZONE_PARAMETERS, groups, matrix
from simcore.document import Document, Keys
from simcore.errors import InputError, Problem, did_you_mean, known_names
from simcore.labels import say
from simcore.priors import BEHAVIOUR, SLACKS, Priors
from simcore.resources import calibration_document
from simcore.strict import validated

SMALLEST = 1e-9  # eigenvalue of a correlation matrix that is positive definite


def load_checked_priors(baseline: Baseline) -> Priors:
    """Read the priors of a baseline; raises `InputError` with every fault and its place."""
    document = calibration_document("priors")
    priors = validated(Priors, document)
    problems = [
        *_zones(document, priors, baseline),
        *_activities(document, priors, baseline),
        *_slacks(document, priors, baseline),
        *_national_years(document, priors, baseline),
        *_correlations(document, priors, baseline),
    ]
    if problems:
        raise InputError(problems)
    return priors


def _zones(document: Document, priors: Priors, baseline: Baseline) -> Iterator[Problem]:
    """Zones that do not exist, wherever the priors name one."""
    named: list[tuple[str, Keys]] = [
        (zone, ("parameters", name, "zones", zone))
        for name, prior in priors.parameters.items()
        for zone in prior.zones
    ]
    named += [(zone, ("activities", zone)) for zone in priors.activities]
    named += [(zone, ("output_share_figures", zone)) for zone in priors.output_share_figures]
    named += [(slack.zone, ("slacks", name, "zone")) for name, slack in priors.slacks.items()]
    named += [(entry.zone, ("conflicts", name, "zone")) for name, entry in priors.conflicts.items()]
    for zone, keys in named:
        if zone not in baseline.zones:
            near = did_you_mean(zone, baseline.zones)
            yield document.problem(keys, say("unknown zone '{zone}'{near}", zone=zone, near=near))


def _activities(document: Document, priors: Priors, baseline: Baseline) -> Iterator[Problem]:
    """Industries without a prior, priors without an industry, and groups that do not exist."""
    for zone, entries in priors.activities.items():
        industries = baseline.zones[zone].industries if zone in baseline.zones else entries
        for name, prior in entries.items():
            here: Keys = ("activities", zone, name)
            if name not in industries:
                near = did_you_mean(name, industries)
                yield document.problem(
                    here, say("unknown industry '{industry}'{near}", industry=name, near=near)
                )
            if (prior.value_added_share is None) == (prior.output_share is None):
                message = say("give either value_added_share or output_share")
                yield document.problem(here, message)
            if prior.output_share and zone not in priors.output_share_figures:
                message = say(
                    "output_share needs the figures of output_share_figures.{zone}", zone=zone
                )
                yield document.problem((*here, "output_share"), message)
            if prior.shock.group not in priors.shocks.groups:
                near = did_you_mean(prior.shock.group, priors.shocks.groups)
                message = say("unknown group '{group}'{near}", group=prior.shock.group, near=near)
                yield document.problem((*here, "shock", "group"), message)
    for activity in baseline.activities:
        if activity.industry not in priors.activities.get(activity.zone, {}):
            message = say(
                "activities.{zone} has no prior of {industry}",
                zone=activity.zone, industry=activity.industry,
            )  # fmt: skip
            yield document.problem(("activities", activity.zone), message)


def _slacks(document: Document, priors: Priors, baseline: Baseline) -> Iterator[Problem]:
    """Slacks that nothing reads, conflicts without a slack, figures that do not exist."""
    for name, slack in priors.slacks.items():
        kind, _, zone = name.partition(".")
        if kind not in SLACKS:
            near = did_you_mean(kind, SLACKS) or known_names(SLACKS)
            yield document.problem(
                ("slacks", name), say("unknown slack '{kind}'{near}", kind=kind, near=near)
            )
        elif zone not in ("", slack.zone):
            message = say("the slack {name} is of {zone}", name=name, zone=slack.zone)
            yield document.problem(("slacks", name, "zone"), message)
        if slack.conflict not in priors.conflicts:
            near = did_you_mean(slack.conflict, priors.conflicts)
            message = say("unknown conflict '{conflict}'{near}", conflict=slack.conflict, near=near)
            yield document.problem(("slacks", name, "conflict"), message)
    if len(priors.slack_unknowns) < len(priors.slacks):
        yield document.problem(("slacks",), say("a slack stands twice for one zone"))
    named: list[tuple[str, Keys]] = [
        (figure, ("conflicts", name, "figures", place))
        for name, conflict in priors.conflicts.items()
        for place, figure in enumerate(conflict.figures)
    ]
    for zone, figures in priors.output_share_figures.items():
        named += [(figures.output, ("output_share_figures", zone, "output"))]
        named += [(figures.gdp, ("output_share_figures", zone, "gdp"))]
    for figure, keys in named:
        if figure not in baseline.figures:
            near = did_you_mean(figure, baseline.figures)
            yield document.problem(
                keys, say("unknown figure '{figure}'{near}", figure=figure, near=near)
            )
    used = {slack.conflict for slack in priors.slacks.values()}
    for name in priors.conflicts.keys() - used:
        yield document.problem(
            ("conflicts", name), say("no slack reconciles the conflict {name}", name=name)
        )


def _national_years(document: Document, priors: Priors, baseline: Baseline) -> Iterator[Problem]:
    """Years of the past whose national growth is not given, or is given and not read."""
    national, vintage = priors.national_growth, priors.vintage
    first = min(zone.first_growth_year for zone in baseline.zones.values())
    known = {year for year in national.outcomes if year < vintage.year} | set(vintage.path)
    for year in range(first, baseline.base_year + 1):
        if year not in known:
            where, keys = ("outcomes", ("national_growth", "outcomes"))
            if year >= vintage.year:
                where, keys = say("a later vintage"), ("national_growth", "vintages")
            message = say(
                "the nation's growth of {year} is missing; give it in {where}",
                year=year, where=where,
            )  # fmt: skip
            yield document.problem(keys, message)
    for year in national.outcomes:
        if year >= vintage.year:
            message = say(
                "{year} is no outcome yet for the latest vintage, of {latest}",
                year=year, latest=vintage.year,
            )  # fmt: skip
            yield document.problem(("national_growth", "outcomes", year), message)
    if max(vintage.path) >= national.long_run_year:
        message = say(
            "the latest vintage reaches long_run_year, {year}", year=national.long_run_year
        )
        yield document.problem(("national_growth", "long_run_year"), message)


def projected_parameters(priors: Priors, baseline: Baseline) -> list[str]:
    """Return the names of the projection's own parameters that have one value a draw."""
    common = [name for name in BEHAVIOUR if priors.parameters[name].scope == "common"]
    zonal = [f"{name}.{zone}" for name in ZONE_PARAMETERS for zone in baseline.zones]
    own = [f"{ACTIVITY_PARAMETER}.{a.zone}.{a.industry}" for a in baseline.activities]
    return [*common, *zonal, *own]


def _correlations(document: Document, priors: Priors, baseline: Baseline) -> Iterator[Problem]:
    """Correlations of what the projection does not draw, pairs that stand twice, no matrix."""
    known, seen, sound = projected_parameters(priors, baseline), set(), True
    for place, pair in enumerate(priors.correlations):
        keys: Keys = ("correlations", place, "parameters")
        for side, name in enumerate(pair.parameters):
            if name not in known:
                sound = False
                near = did_you_mean(name, known) or say(
                    "; known: {names}, …", names=", ".join(known[:4])
                )
                message = say(
                    "'{name}' is no parameter of the projection with one value a draw{near}",
                    name=name, near=near,
                )  # fmt: skip
                yield document.problem((*keys, side), message)
        both = frozenset(pair.parameters)
        if both in seen or len(both) < 2:
            sound = False
            yield document.problem(
                keys,
                say("the pair {parameters} stands twice", parameters=" and ".join(pair.parameters)),
            )
        seen.add(both)
    for names in groups(priors.pairs) if sound else []:
        smallest = float(np.linalg.eigvalsh(matrix(names, priors.pairs))[0])
        if smallest <= SMALLEST:
            first = next(
                p for p, pair in enumerate(priors.correlations) if pair.parameters[0] in names
            )
            message = say(
                "the correlations of {names} cannot hold together: their matrix has the "
                "eigenvalue {smallest:.3g}, not above zero",
                names=", ".join(names), smallest=smallest,
            )  # fmt: skip
            yield document.problem(("correlations", first, "coefficient"), message)
