"""The hindcast: fit what was known by a year, forecast, and score the figures printed later.

Nothing that was published after the vintage's year enters the fit; `simcore.vintage` sees to it
and checks what the fit has really used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.benchmarks import Quantity, middle, observed_values
from simcore.dims import QUANTILES, VARIABLES
from simcore.entries import Figure
from simcore.errors import CalibrationError, InputError
from simcore.history import Past
from simcore.labels import say
from simcore.levers import MAXIMUM_DRAWS
from simcore.outlook import Meaning, core_meaning, look_ahead, satellite_meaning
from simcore.posterior import Posterior
from simcore.reconcile import reconcile
from simcore.relations import quantity
from simcore.satellite_figures import usable
from simcore.scenario import load_scenario
from simcore.scorecard import Base, Fan, Hindcast, Row
from simcore.scores import crps_ensemble, pit, standardised_error
from simcore.sweep import Progress
from simcore.vintage import as_of, known_figures, refuse_leaks, vintage_years

BEYOND = 2  # years that a picture goes on after the last figure that is scored

NO_ZONE = "the zone's GDP was not printed by then"
PART_OF_A_YEAR = "part of a year: the model is yearly"
NOT_MODELLED = "not a quantity of the model"
OF_THE_PAST = "of a year up to the base year"
NO_BASE = "no figure of this quantity was printed by then"
REASONS = (NO_ZONE, PART_OF_A_YEAR, NOT_MODELLED, OF_THE_PAST, NO_BASE)
"""Why a later figure is not scored, in the order in which they are asked."""


def scored_vintages(baseline: Baseline) -> list[int]:
    """Return every vintage after which something was published."""
    return vintage_years(baseline)[:-1]


def hindcast(
    past: Past,
    year: int,
    *,
    draws: int = 4096,
    seed: int = 20211222,
    progress: Progress | None = None,
) -> Hindcast:
    """Fit the vintage of a year, forecast, and score the figures that were published later.

    Raises `CalibrationError` if something later is found in what the fit used, or if no national
    path was known; `InputError` for a number of draws or seed that cannot be run.
    """
    if not 2 <= draws <= MAXIMUM_DRAWS or seed < 0:
        raise InputError(say(
            "{draws} draws, seed {seed}: from 2 to {most} draws can be run",
            draws=draws, seed=seed, most=MAXIMUM_DRAWS,
        ))  # fmt: skip
    baseline = past.baseline
    vintage, known = as_of(baseline, past.priors, year)
    later = [f for f in baseline.actuals() if baseline.published(f) > year]
    result = Hindcast(year, tuple(vintage.documents), draws=draws, seed=seed)
    if not later:
        return result
    if not vintage.zones:
        bases = _bases(known_figures(baseline, year), later)
        return replace(result, not_scored={NO_ZONE: tuple(f.id for f in later)}, bases=bases)
    if not known.national_growth.vintages:
        raise CalibrationError(say("no path of national growth was known by {year}", year=year))
    posterior = reconcile(vintage, known, past.satellites, cache=False)
    refuse_leaks(posterior.problem.past.baseline, known, year, _evidence(posterior))
    return _scored(replace(result, national_path=known.vintage.source), posterior, later, progress)


def _bases(known: Mapping[str, Figure], later: Sequence[Figure]) -> tuple[Base, ...]:
    """Return the actual figures known by then, each with the later ones of its quantity."""
    found = []
    for figure in known.values():
        if figure.kind == "actual" and not figure.same_as and figure.value is not None:
            again = [other.id for other in later if _alike(figure, other)]
            found.append(Base(figure.id, tuple(again)))
    return tuple(found)


def _alike(figure: Figure, other: Figure) -> bool:
    """Whether two figures are of one quantity, by their names, and in one concept."""
    return quantity(figure) == quantity(other) and figure.concept == other.concept


def _scored(
    result: Hindcast,
    posterior: Posterior,
    later: Sequence[Figure],
    progress: Progress | None,
) -> Hindcast:
    """Forecast and score what can be scored of the later figures."""
    past = posterior.problem.past
    reasons: dict[str, list[str]] = {}
    scored = []
    for figure in later:
        reason = _why_not(posterior, figure)
        if reason:
            reasons.setdefault(reason, []).append(figure.id)
        else:
            scored.append(figure)
    result = replace(
        result, base_year=past.baseline.base_year, zones=tuple(past.baseline.zones),
        not_scored={name: tuple(reasons[name]) for name in REASONS if name in reasons},
    )  # fmt: skip
    if not scored:
        return result
    horizon = max(figure.year or 0 for figure in scored) + BEYOND
    shown = list({_speaks_of(past, f): f for f in scored if isinstance(f.period, int)}.values())
    paths = {figure.id: _path(past, figure, horizon) for figure in shown}
    wanted = {figure.id: _meaning(past, figure) for figure in scored}
    asked = {name: meaning for name, meaning in wanted.items() if meaning is not None}
    asked |= {key: meaning for path in paths.values() for key, meaning in path.items()}
    scenario = load_scenario("baseline", past.baseline).model_copy(update={"horizon": horizon})
    draws = look_ahead(posterior, scenario, asked, result.draws, result.seed, progress)
    return replace(
        result,
        rows=tuple(_row(past, result.as_of, figure, draws[figure.id]) for figure in scored),
        fans=tuple(_fan(past, f, [draws[k] for k in paths[f.id]], horizon, scored) for f in shown),
    )


# --- what a figure speaks of ----------------------------------------------------------------------


def _speaks_of(past: Past, figure: Figure) -> tuple[str | None, ...]:
    """What a figure measures, and in which concept."""
    satellite = past.satellite_of.get(figure.id)
    if satellite is not None:
        return (figure.zone, satellite, figure.concept)
    return (figure.zone, figure.indicator, figure.industry, figure.sector, figure.concept)


def _why_not(posterior: Posterior, figure: Figure) -> str:
    """Return why a later figure cannot be scored, or nothing."""
    past = posterior.problem.past
    if figure.zone not in past.baseline.zones:
        return NO_ZONE
    if figure.year is None:
        return PART_OF_A_YEAR
    if _meaning(past, figure) is None:
        return NOT_MODELLED
    if figure.year <= past.baseline.base_year:
        return OF_THE_PAST
    bases = {_speaks_of(past, known)[:-1] for known in _evidence(posterior)}
    return "" if _speaks_of(past, figure)[:-1] in bases else NO_BASE


def _evidence(posterior: Posterior) -> Iterator[Figure]:
    """Return the figures that the vintage rests on: of the reconciliation, and of satellites."""
    yield from (observation.figure for observation in posterior.problem.observations)
    past = posterior.problem.past
    baseline = past.baseline
    for satellite in past.satellites.equations.values():
        for zone, place in satellite.zones.items():
            if zone in baseline.zones:
                yield from usable(baseline, place, zone)


def _meaning(past: Past, figure: Figure) -> Meaning | None:
    """Return what the model says of a figure of a projected year, None if nothing."""
    satellite = past.satellite_of.get(figure.id)
    if satellite is not None:
        return satellite_meaning(past, figure, satellite)
    return core_meaning(past, figure)


def _quantity(past: Past, figure: Figure) -> Quantity:
    """Return what the vintage knows of a figure's quantity in the years before it."""
    baseline, shocks = past.baseline, past.priors.shocks
    known = [
        other
        for other in baseline.figures.values()
        if _speaks_of(past, other)[:-1] == _speaks_of(past, figure)[:-1]
        and (other.kind != "actual" or (other.year or 0) < (figure.year or 0))
    ]
    known.sort(key=lambda other: -baseline.published(other))
    satellite = past.satellites.equations.get(past.satellite_of.get(figure.id, ""))
    step = float(np.sqrt(shocks.nation**2 + shocks.city**2 + shocks.zone**2))
    return Quantity(tuple(known), satellite.walk.deviation if satellite else step, past.priors)


# --- scores and fans ------------------------------------------------------------------------------


def _row(past: Past, year: int, figure: Figure, draws: Array) -> Row:
    """Score the draws of a figure."""
    values = observed_values(figure, past.priors)
    observed = middle(values)
    q05, q25, median, q75, q95 = map(float, np.quantile(draws, QUANTILES))
    quantity = _quantity(past, figure)
    benchmarks = {
        f"crps_{name}": forecast.crps(values) if forecast else None
        for name, forecast in (
            ("random_walk", quantity.random_walk(figure)),
            ("five_year_mean", quantity.five_year_mean(figure)),
            ("plan", quantity.plan(figure)),
        )
    }
    error = observed - median
    return Row(
        as_of=year,
        figure=figure.id,
        zone=figure.zone,
        indicator=figure.indicator,
        year=figure.year or 0,
        unit=figure.unit,
        qualifier=figure.qualifier,
        printed=float(figure.value or 0.0),
        observed=observed,
        median=median,
        q05=q05,
        q25=q25,
        q75=q75,
        q95=q95,
        error=error,
        error_percent=None if figure.unit == "%" else 100 * error / observed,
        z=standardised_error(draws, observed),
        pit=pit(draws, values),
        crps=crps_ensemble(draws, values),
        inside_50=q25 <= observed <= q75,
        inside_90=q05 <= observed <= q95,
        source=str(figure.source),
        **benchmarks,
    )


def _path(past: Past, figure: Figure, horizon: int) -> dict[str, Meaning]:
    """Return what the model says of a figure's quantity in every year, by ``figure@year``."""
    zone = past.baseline.zones[figure.zone]
    found = {}
    for year in range(zone.first_year, horizon + 1):
        meaning = _meaning(past, figure.model_copy(update={"period": year}))
        if meaning is not None:
            found[f"{figure.id}@{year}"] = meaning
    return found


_NAMED = {
    ("gdp", "growth"): "gdp_growth", ("rnd", "intensity"): "rnd_intensity",
}  # fmt: skip


def _fan(
    past: Past, figure: Figure, draws: Sequence[Array], horizon: int, scored: Sequence[Figure]
) -> Fan:
    """Return the fan of a figure's quantity; the path's years end at the horizon."""
    baseline, quantity = past.baseline, _quantity(past, figure)
    alike = [f for f in scored if _speaks_of(past, f) == _speaks_of(past, figure)]
    known = quantity.levels(figure) if figure.concept != "growth" else {
        year: 100 * rate for year, rate in quantity.growth.items()
    }  # fmt: skip
    name = _NAMED.get((figure.indicator, figure.concept), figure.indicator)
    variable = VARIABLES.get(past.satellite_of.get(figure.id, name))
    start = max(known, default=baseline.base_year)
    ahead = [figure.model_copy(update={"period": year}) for year in range(start + 1, horizon + 1)]
    plan = [(f.year or 0, quantity.plan(f)) for f in ahead]
    return Fan(
        label=variable.label if variable else baseline.indicators[figure.indicator].label,
        zone=baseline.zones[figure.zone].label,
        units=variable.units if variable else "",
        years=tuple(range(horizon - len(draws) + 1, horizon + 1)),
        quantiles=np.quantile(np.array(draws), QUANTILES, axis=1),
        base_year=baseline.base_year,
        known=tuple(known.items()),
        later=tuple((f.year or 0, middle(observed_values(f, past.priors))) for f in alike),
        plan=tuple((year, point.value) for year, point in plan if point is not None),
    )
