"""Past and projection in one, and what the model says of a figure of a projected year.

The operators mean what those of `simcore.observe` mean in the years up to the base year; levels of
GDP and of value added are on the basis on which they will be published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array
from simcore.assembly import build_parameters
from simcore.dims import SATELLITES
from simcore.entries import Figure
from simcore.errors import RunError
from simcore.history import History, Past
from simcore.identities import broken, inconsistent
from simcore.kernel import simulate
from simcore.labels import say
from simcore.levers import Scenario
from simcore.members import Members
from simcore.observe import lasting_operator
from simcore.posterior import Posterior
from simcore.results import assemble
from simcore.sampling import blocks
from simcore.sweep import Progress
from simcore.threads import one_thread


@dataclass(frozen=True)
class Outlook(History):
    """The history of draws, carried on to the horizon.

    ``revision_factor`` : (zone, year, draw) published over current-basis GDP, one where it is
    printed already; ``investment`` : (zone, year, draw) [1e8 CNY]; ``people`` : (zone, year, draw)
    [10,000 persons]; ``satellites`` : (zone, year, draw) each, in the units of the result.
    """

    revision_factor: Array
    investment: Array
    people: Array
    satellites: dict[str, Array]

    @property
    def published(self) -> Array:
        """GDP as it will be published, (zone, year, draw) [1e8 CNY, current]."""
        return self.gdp * self.revision_factor


Meaning = Callable[[Outlook], Array]


def look_ahead(
    posterior: Posterior,
    scenario: Scenario,
    wanted: Mapping[str, Meaning],
    draws: int,
    seed: int,
    progress: Progress | None = None,
) -> dict[str, Array]:
    """Simulate from the base year on and return the draws of what is wanted, each (draw).

    Raises `RunError` if an identity of the model breaks.
    """
    found: dict[str, list[Array]] = {name: [] for name in wanted}
    with one_thread():
        for block, count in blocks(draws):
            outlook = _outlook(Members(posterior, seed, block), scenario)
            for name, meaning in wanted.items():
                found[name].append(meaning(outlook)[:count])
            if progress:
                progress(count)
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _outlook(members: Members, scenario: Scenario) -> Outlook:
    """Simulate one block of draws."""
    baseline, history = members.past.baseline, members.history
    parameters = build_parameters(members, scenario)
    results = simulate(parameters, tuple(baseline.zones))
    years = (*members.past.years, *parameters.years)
    core = assemble(members, results, years)
    for fault in (
        *broken(parameters, results),
        *inconsistent(core, years[0], members.past.satellites),
    ):
        zone = list(baseline.zones)[fault.zone]
        raise RunError(say(
            "hindcast, {zone}, {year}: {message}",
            zone=zone, year=fault.year, message=fault.message,
        ))  # fmt: skip
    return Outlook(
        years=years,
        growth=np.log1p(core["gdp_growth"] / 100),
        gdp=core["gdp"],
        deflator=core["deflator"],
        share=core["value_added"] / core["gdp"][parameters.zone_of],
        share_years=years,
        value_added_rate=history.value_added_rate,
        rnd_intensity=core["rnd_intensity"] / 100,
        population=history.population,
        city_shock=history.city_shock,
        zone_shock=history.zone_shock,
        values=history.values,
        revision_factor=np.nan_to_num(core["revision_factor"], nan=1.0),
        investment=core["investment"],
        people=core["population"],
        satellites={name: core[name] for name in SATELLITES},
    )


def core_meaning(past: Past, figure: Figure) -> Meaning | None:
    """Return what the core says of an annual figure or a span of years, None if nothing."""
    builder = _BUILDERS.get((figure.indicator, figure.concept))
    if figure.year is None or figure.zone not in past.baseline.zones:
        return None
    if builder is None:
        return lasting_operator(past, figure)
    row, place = list(past.baseline.zones).index(figure.zone), figure.year - past.years[0]
    rows = _sector(past, figure)
    if (rows is None) != (figure.indicator != "value_added") or figure.industry:
        return None
    return builder(row, place, figure, rows if rows is not None else np.zeros(0, dtype=bool))


def satellite_meaning(past: Past, figure: Figure, name: str) -> Meaning | None:
    """Return what a satellite says of an annual level or growth rate, None of anything else."""
    if figure.zone not in past.baseline.zones or not isinstance(figure.period, int):
        return None
    row, place = list(past.baseline.zones).index(figure.zone), figure.period - past.years[0]
    if figure.concept != "growth":
        return lambda outlook: outlook.satellites[name][row, place]
    if place < 1:
        return None

    def growth(outlook: Outlook) -> Array:
        path = outlook.satellites[name][row]
        return np.asarray(100 * (path[place] / path[place - 1] - 1))

    return growth


def _sector(past: Past, figure: Figure) -> Array | None:
    """Which activities are of the figure's zone and sector; None for the whole zone."""
    if figure.sector is None:
        return None
    return np.array(
        [
            activity.zone == figure.zone
            and (activity.industrial if figure.sector == "industry" else
                 activity.sector == figure.sector)
            for activity in past.baseline.activities
        ]
    )  # fmt: skip


_Builder = Callable[[int, int, Figure, Array], Meaning]


def _gdp(row: int, place: int, figure: Figure, rows: Array) -> Meaning:
    return lambda outlook: outlook.published[row, place]


def _per_head(row: int, place: int, figure: Figure, rows: Array) -> Meaning:
    return lambda outlook: outlook.published[row, place] / outlook.people[row, place]


def _people(row: int, place: int, figure: Figure, rows: Array) -> Meaning:
    return lambda outlook: outlook.people[row, place]


def _investment(row: int, place: int, figure: Figure, rows: Array) -> Meaning:
    return lambda outlook: outlook.investment[row, place]


def _sector_level(row: int, place: int, figure: Figure, rows: Array) -> Meaning:
    return lambda outlook: outlook.published[row, place] * outlook.share[rows, place].sum(axis=0)


def _sector_growth(row: int, place: int, figure: Figure, rows: Array) -> Meaning:
    """Average real growth: a sector's share of real GDP is its nominal share, one deflator."""
    first = figure.period[0] if isinstance(figure.period, tuple) else figure.year or 0
    steps = (figure.year or 0) - first + 1

    def growth(outlook: Outlook) -> Array:
        real = outlook.gdp_real[row] * outlook.share[rows].sum(axis=0)
        return np.asarray(100 * ((real[place] / real[place - steps]) ** (1 / steps) - 1))

    return growth


_BUILDERS: dict[tuple[str, str], _Builder] = {
    ("gdp", "level"): _gdp,
    ("gdp_per_head", "level"): _per_head,
    ("population", "count"): _people,
    ("investment", "level"): _investment,
    ("value_added", "level"): _sector_level,
    ("value_added", "value_added"): _sector_level,
    ("value_added", "growth"): _sector_growth,
}
