"""Every result variable and documented indicator: how it is treated, and on what it rests."""

from __future__ import annotations

from dataclasses import dataclass

from simcore.baseline import Baseline
from simcore.dims import CORE, SATELLITES, VARIABLES
from simcore.entries import Treatment as Way
from simcore.history import Past
from simcore.labels import Label
from simcore.observe import observations
from simcore.plan_tables import treatment
from simcore.priors import load_priors
from simcore.satellite_figures import anchor_year, usable


@dataclass(frozen=True)
class Entry:
    """One indicator.

    ``of`` : ``result``, a variable of the result, or ``documents``, what documents measure;
    ``by`` : the result variables that answer it; ``evidence`` : by zone, documented where a figure
    of it enters, assumed elsewhere, nothing for a zone without values.
    """

    name: str
    of: str
    treatment: Way
    by: tuple[str, ...]
    label: Label
    units: str
    evidence: dict[str, str]


def inventory(baseline: Baseline) -> list[Entry]:
    """Return the result's variables in the order of the file, then the documents' indicators."""
    past = Past(baseline, load_priors())
    return [*_results(past), *_documented(past)]


def _results(past: Past) -> list[Entry]:
    baseline, satellites = past.baseline, past.satellites
    documented = _documented_variables(past)
    found = []
    for name, variable in VARIABLES.items():
        way: Way = "satellite" if name in SATELLITES else "simulated"
        if name in CORE:
            evidence = {
                zone: "documented" if (name, zone) in documented else "assumed"
                for zone in baseline.zones
            }
        else:
            product = satellites.products.get(name)
            evidence = _satellite_evidence(past, product.intensity if product else name)
        found.append(Entry(name, "result", way, (name,), variable.label, variable.units, evidence))
    return found


def _documented_variables(past: Past) -> set[tuple[str, str]]:
    """(variable, zone) of everything that a figure of the reconciliation speaks of."""
    used, _ = observations(past)
    found = set()
    for observation in used:
        by = treatment(past.baseline, observation.figure.id, past.satellites).by
        if by in VARIABLES:
            found.add((by, observation.figure.zone))
    return found


def _satellite_evidence(past: Past, name: str) -> dict[str, str]:
    """Grades of the zones in which an equation has values."""
    satellite, baseline, grades = past.satellites.equations[name], past.baseline, {}
    for zone in baseline.zones:
        if anchor_year(past.satellites, name, zone, baseline) is None:
            continue
        place = satellite.zones.get(zone)
        grades[zone] = "assumed"
        if place is not None and usable(baseline, place, zone):
            grades[zone] = "derived" if satellite.index else "documented"  # a rate gives no level
    return grades


def _documented(past: Past) -> list[Entry]:
    """The documents' indicators, each with the variables that answer any of its figures."""
    baseline, satellites = past.baseline, past.satellites.indicators
    answers: dict[str, dict[str, None]] = {name: {} for name in baseline.indicators}
    for figure in baseline.figures.values():
        answer = treatment(baseline, figure.id, past.satellites).by
        if answer in VARIABLES:
            answers[figure.indicator][answer] = None
    found = []
    for name, indicator in baseline.indicators.items():
        own = [indicator.variable] if indicator.variable else []
        own += [satellite for satellite, of in satellites.items() if of == name]
        by = tuple(dict.fromkeys([*own, *answers[name]]))
        units = VARIABLES[by[0]].units if by else ""
        zones = [figure.zone for figure in baseline.actuals() if figure.indicator == name]
        evidence = dict.fromkeys(zones, "documented")
        found.append(
            Entry(name, "documents", indicator.treatment, by, indicator.label, units, evidence)
        )
    return found
