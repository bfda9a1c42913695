"""What was known by the end of a year: the documents, figures and national paths of a vintage.

Strict: what was published later is not there. What no document gives, the prior distributions of
elasticities, shocks and the split by industry, is today's in every vintage, but for what would
repeat a later figure: those years and the documented crisis are set back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from simcore.baseline import Baseline
from simcore.entries import Figure, Zone
from simcore.errors import CalibrationError, InputError, did_you_mean
from simcore.labels import say
from simcore.priors import Distribution, NationalGrowth, Prior, Priors

Value = TypeVar("Value")
CRISIS_GAPS = ("gap_city", "gap_own")  # priors of the documented crisis; nothing before it


def vintage_years(baseline: Baseline) -> list[int]:
    """Return the years in which documents were published, in order."""
    return sorted({document.published for document in baseline.documents.values()})


def vintage_year(baseline: Baseline, as_of: str) -> int:
    """Return the year of a vintage given as a year or as a document, by its publication.

    Raises `InputError` for an unknown document and for a year before the first publication.
    """
    if as_of in baseline.documents:
        return baseline.documents[as_of].published
    first = vintage_years(baseline)[0]
    if not as_of.isdecimal():
        near = did_you_mean(as_of, baseline.documents)
        raise InputError(
            say("'{as_of}' is neither a year nor a document{near}", as_of=as_of, near=near)
        )
    if int(as_of) < first:
        raise InputError(say(
            "nothing was published by {as_of}; the first document is of {first}",
            as_of=as_of, first=first,
        ))  # fmt: skip
    return int(as_of)


def as_of(baseline: Baseline, priors: Priors, year: int) -> tuple[Baseline, Priors]:
    """Return baseline and priors with nothing in them that was published after a year.

    A zone stays if a GDP level of it was printed by then, and the figures that its industries'
    priors rest on; there may be none. Its years are set back to the base year that follows.
    """
    documents = {
        name: document
        for name, document in baseline.documents.items()
        if document.published <= year
    }
    figures = _figures(baseline, documents)
    known = replace(baseline, documents=documents, figures=figures)
    zones = {name: zone for name, zone in baseline.zones.items() if _settled(known, priors, name)}
    known = replace(known, zones=zones)
    if zones:
        base = known.base_year
        clipped = {name: _clipped(zone, base) for name, zone in zones.items()}
        known = replace(known, zones=clipped, prices=min(baseline.prices, base))
    return known, _priors(known, priors, year)


def known_figures(baseline: Baseline, year: int) -> dict[str, Figure]:
    """Return the figures of all zones that were published by a year."""
    documents = {n: d for n, d in baseline.documents.items() if d.published <= year}
    return _figures(baseline, documents)


def _figures(baseline: Baseline, documents: Iterable[str]) -> dict[str, Figure]:
    """Return the documents' figures; a fact that only a later document printed first is one."""
    kept = {
        name: figure
        for name, figure in baseline.figures.items()
        if figure.source.document in documents
    }
    repeated: dict[str, str] = {}  # the later original of a repetition: the first that is kept
    found = {}
    for name, figure in kept.items():
        original = baseline.original(name).id
        if figure.same_as and original not in kept:
            first = repeated.setdefault(original, name)
            figure = figure.model_copy(update={"same_as": None if first == name else first})
        found[name] = figure
    return found


def _settled(known: Baseline, priors: Priors, zone: str) -> bool:
    """Whether the zone's GDP, and what its industries' priors rest on, had been printed."""
    needed = priors.output_share_figures.get(zone)
    basis = [needed.output, needed.gdp] if needed else []
    return bool(known.gdp_levels(zone)) and all(name in known.figures for name in basis)


def _clipped(zone: Zone, base: int) -> Zone:
    """Set a zone's years back to the base year."""
    names = ("first_year", "first_growth_year", "split_year", "rnd_year", "population_year")
    return zone.model_copy(update={name: min(getattr(zone, name), base) for name in names})


def _priors(known: Baseline, priors: Priors, year: int) -> Priors:
    zones = known.zones
    conflicts = {
        name: conflict.model_copy(
            update={"figures": [figure for figure in conflict.figures if figure in known.figures]}
        )
        for name, conflict in priors.conflicts.items()
        if conflict.zone in zones
    }
    changes = {
        "parameters": _parameters(priors, year),
        "slacks": {name: slack for name, slack in priors.slacks.items() if slack.zone in zones},
        "conflicts": conflicts,
        "national_growth": _national(known, priors, year),
        "output_share_figures": _of(zones, priors.output_share_figures),
        "activities": _of(zones, priors.activities),
    }
    # built anew: a copy would keep the vintage that the other had found already
    return Priors(**{name: getattr(priors, name) for name in Priors.model_fields} | changes)


def _of(zones: Iterable[str], entries: dict[str, Value]) -> dict[str, Value]:
    return {zone: entry for zone, entry in entries.items() if zone in zones}


def _parameters(priors: Priors, year: int) -> dict[str, Prior]:
    """Return the priors; before the documented crisis nobody knew of its gap."""
    if year >= priors.documented_crisis:
        return priors.parameters
    none = {name: None for name in Distribution.model_fields} | {
        "dist": "constant", "value": 0.0, "shift": 0.0, "zones": {},
    }  # fmt: skip
    gaps = {name: priors.parameters[name].model_copy(update=none) for name in CRISIS_GAPS}
    return priors.parameters | gaps


def _national(known: Baseline, priors: Priors, year: int) -> NationalGrowth:
    """Return the national path as known: its last vintage, and outcomes before that vintage.

    Outcomes after the base year join the path, so that no projected year lacks a value.
    """
    growth = priors.national_growth
    vintages = [vintage for vintage in growth.vintages if vintage.year <= year]
    last = max((vintage.year for vintage in vintages), default=0)
    outcomes = {y: rate for y, rate in growth.outcomes.items() if y < last}
    if vintages and known.zones:
        later = {y: rate for y, rate in outcomes.items() if y > known.base_year}
        vintages = [v.model_copy(update={"path": later | v.path}) for v in vintages]
    return growth.model_copy(update={"outcomes": outcomes, "vintages": vintages})


def refuse_leaks(
    baseline: Baseline, priors: Priors, year: int, used: Iterable[Figure] = ()
) -> None:
    """Raise `CalibrationError` naming everything that was not yet known at the end of a year.

    ``used`` : figures that serve as evidence, wherever they come from.
    """
    found = [*_later(baseline, priors, year, used)]
    if found:
        raise CalibrationError(
            "\n".join(
                say("the vintage of {year} knows what came later: {leak}", year=year, leak=leak)
                for leak in found
            )
        )


def _later(baseline: Baseline, priors: Priors, year: int, used: Iterable[Figure]) -> Iterator[str]:
    for name, document in baseline.documents.items():
        if document.published > year:
            yield say("document {name} of {year}", name=name, year=document.published)
    everything = {**baseline.figures, **{figure.id: figure for figure in used}}
    for name, figure in everything.items():
        source = baseline.documents.get(figure.source.document)
        if source is None or source.published > year:
            yield say("figure {name} of {document}", name=name, document=figure.source.document)
        elif figure.kind == "actual" and (figure.year or 0) > year:
            yield say("figure {name} of the year {year}", name=name, year=figure.year)
    growth = priors.national_growth
    for vintage in growth.vintages:
        if vintage.year > year:
            yield say("national path of {year}", year=vintage.year)
    in_use = max((vintage.year for vintage in growth.vintages), default=year)
    for outcome in growth.outcomes:
        if outcome >= min(year, in_use):
            yield say("national outcome of {year}", year=outcome)
