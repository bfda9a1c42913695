"""Building the kernel's parameters from the members of the ensemble and a scenario."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simcore import equations
from simcore.arrays import Array
from simcore.errors import RunError
from simcore.kernel import centring
from simcore.labels import say
from simcore.levers import GrowthTrajectory, Scenario, Trajectory, ZoneLevers
from simcore.members import ENSEMBLE, Members
from simcore.parameters import Parameters, Pins
from simcore.posterior import Posterior
from simcore.project_effects import ProjectEffects
from simcore.reference import Reference, reference_path
from simcore.shocks import disturbance

CENTRE_BLOCKS = 16  # fixed ensemble of a centre closure: 16384 draws, s.e. of growth 0.03 pp
CENTRE_SEED = 20240101

FirmChange = Mapping[str, Array]
"""By zone: factor on last year's R&D over GDP, (year, replication)."""

LATEST = "reference of the ensemble"
"""under which it is remembered"""

Offsets = tuple[Array, Array]
"""Log factors (zone, year) and (activity, year) of centred closures."""


def build_parameters(
    members: Members,
    scenario: Scenario,
    offsets: Offsets | None = None,
    projects: ProjectEffects | None = None,
    *,
    shocks: bool = True,
    firms: FirmChange | None = None,
) -> Parameters:
    """Return the kernel's parameters for a block of members under a scenario.

    ``offsets`` are those of `centre_offsets`, needed if the scenario centres growth; ``projects``
    are of `simcore.paired_projects` and ``firms`` of `simcore.ladder_coupling`, needed if it has
    levers on them (`RunError` without those on projects).
    ``shocks=False`` leaves out shocks, crises and events.
    """
    baseline = members.past.baseline
    zones, years = tuple(baseline.zones), scenario.years(baseline)
    free = members.remember(
        ("parameters", *_setting(scenario, years)), lambda: _without_levers(members, scenario)
    )
    levers = {zone: scenario.zone_levers(zone) for zone in zones}
    rate, labour = free.investment_rate_reference, free.labour_growth_reference
    count = len(baseline.activities)
    if projects is None and any(zone.projects for zone in levers.values()):
        raise RunError(
            say(
                "{scenario}: the effects of its levers on projects are not given",
                scenario=scenario.name,
            )
        )
    commissioned, put_in_place = projects.of_draws(members) if projects else (None, None)
    built = replace(
        free,
        investment_rate=_path(rate, levers, "investment_rate", years),
        labour_growth=_path(labour, levers, "labour_growth", years),
        rnd_intensity=_zone_rows(levers, lambda z: z.rnd_intensity, years),
        rnd_growth=_zone_rows(levers, lambda z: z.rnd_growth, years),
        rnd_change=_rnd_change(members, firms, zones),
        investment_share_shift=_shift(members, levers, "investment_share", years),
        labour_share_shift=_shift(members, levers, "labour_share", years),
        disturbance=disturbance(members, scenario, years, count, shocks=shocks),
        zone_pins=_pins([levers[zone].gdp_growth for zone in zones], years, offsets, 0),
        activity_pins=_pins(_industry(members, levers, "growth"), years, offsets, 1),
        commissioned=commissioned,
        put_in_place=put_in_place,
    )
    return built.single() if members.single else built


def build_reference(members: Members, scenario: Scenario, parameters: Parameters) -> Reference:
    """Return the reference path of a block, the same for scenarios that differ by levers alone."""
    key = ("reference", *_setting(scenario, parameters.years))
    return members.remember(key, lambda: reference_path(parameters))


def _setting(scenario: Scenario, years: tuple[int, ...]) -> tuple[Hashable, ...]:
    """Return what a scenario says of the reference path: horizon, assumptions, behaviour."""
    assumptions = scenario.assumptions
    paths = [_values(path, years) for path in (assumptions.inflation, assumptions.national_growth)]
    behaviour = tuple(sorted(scenario.behaviour.items()))
    return years, behaviour, *(path.tobytes() for path in paths)


def _without_levers(members: Members, scenario: Scenario) -> Parameters:
    """Return the parameters of a scenario but for its levers, events and shocks."""
    past, history = members.past, members.history
    baseline, priors, values = past.baseline, past.priors, history.values
    zones, years = tuple(baseline.zones), scenario.years(baseline)
    override = scenario.behaviour.get

    def common(name: str) -> Array:
        return members.parameter(name, override=override(name))

    def by_zone(name: str) -> Array:
        return np.array([values[f"{name}.{zone}"] for zone in zones])

    gdp, deflator = history.gdp_real[:, -1], history.deflator[:, -1]
    usual = reference_growth(members, scenario, years[:1], assumed=False)[:, 0]
    depreciation, formation = common("depreciation"), common("capital_formation_share")
    rate, labour = by_zone("investment_rate"), by_zone("labour_growth")
    error = np.array([members.parameter("capital_ratio_error", zone=zone) for zone in zones])
    before = np.array([members.parameter("rnd_growth_before", zone=zone) for zone in zones])
    ratio = np.array([members.parameter("employment_ratio", zone=zone) for zone in zones])
    rnd_depreciation, intensity = common("rnd_depreciation"), history.rnd_intensity[:, -1]
    count = len(baseline.activities)
    elapsed = range(1, len(years) + 1)
    rows = np.array([zones.index(activity.zone) for activity in baseline.activities])
    inflation = _values(scenario.assumptions.inflation, years)
    nothing = {zone: ZoneLevers() for zone in zones}
    free = Parameters(
        years=years,
        zone_of=rows,
        starts=np.array([past.members[zone].start for zone in zones]),
        gdp=gdp,
        deflator=deflator,
        share=np.ascontiguousarray(history.share[:, -1]),
        capital=equations.steady_capital(
            gdp, formation, rate, np.expm1(usual), depreciation, error
        ),
        employment=ratio * history.population,
        population=history.population,
        rnd_stock=equations.steady_rnd_stock(intensity * gdp, before, rnd_depreciation),
        rnd_intensity_reference=intensity,
        value_added_rate=history.value_added_rate,
        capital_elasticity=members.capital_elasticity(override("capital_elasticity")),
        depreciation=depreciation,
        capital_formation_share=formation,
        rnd_depreciation=rnd_depreciation,
        rnd_elasticity=common("rnd_elasticity"),
        spillover=common("spillover"),
        spillover_weights=spillover_weights(len(zones)),
        reference_growth=reference_growth(members, scenario, years),
        differential=np.array(
            [values[f"differential.{a.zone}.{a.industry}"] for a in baseline.activities]
        ),
        differential_decay=np.array([equations.decay(t, priors.half_life) for t in elapsed]),
        deflator_change=members.deflator_change(len(years), inflation),
        investment_rate_reference=rate,
        labour_growth_reference=labour,
        investment_rate=_path(rate, nothing, "investment_rate", years),
        labour_growth=_path(labour, nothing, "labour_growth", years),
        rnd_intensity=_zone_rows(nothing, lambda z: z.rnd_intensity, years),
        rnd_growth=_zone_rows(nothing, lambda z: z.rnd_growth, years),
        rnd_change=None,
        investment_share_shift=None,
        labour_share_shift=None,
        disturbance=np.zeros((count, len(years), 1)),
        zone_pins=_pins([None] * len(zones), years, None, 0),
        activity_pins=_pins([None] * count, years, None, 1),
    )
    return free.single() if members.single else free


def reference_growth(
    members: Members, scenario: Scenario, years: Sequence[int], *, assumed: bool = True
) -> Array:
    """μ = ν + ℓ + b, (zone, year, draw) [log points].

    ν is the nation's path: its vintage, then linear to the draw's long-run rate, flat after the
    long-run year. ℓ is the zone's lead, halving with the half-life; b the path's persistent error.
    ``assumed=False`` leaves out what the scenario assumes of the nation's future.
    """
    past = members.past
    priors, override = past.priors, scenario.behaviour.get
    vintage = priors.vintage.path
    last, end = max(vintage), priors.national_growth.long_run_year
    deviation = members.parameter("long_run_deviation", override=override("long_run_deviation"))
    error = members.parameter("path_error", override=override("path_error"))
    future = scenario.assumptions.national_growth if assumed else None
    assumptions = _values(future, years)
    path = []
    for year, given in zip(years, assumptions, strict=True):
        faded = deviation * min(max((year - last) / (end - last), 0.0), 1.0)
        rate = vintage.get(year, vintage[last]) + faded
        path.append(np.log1p(rate) if np.isnan(given) else np.full_like(error, np.log1p(given)))
    national = np.array(path) + error
    leads = [
        [
            members.history.values[f"lead.{zone}"]
            * equations.decay(year - priors.documented_crisis, priors.half_life)
            for year in years
        ]
        for zone in past.baseline.zones
    ]
    return np.asarray(national + np.array(leads))


def spillover_weights(zones: int) -> Array:
    """Equal weights over the other zones, (zone, zone)."""
    if zones == 1:
        return np.zeros((1, 1))
    return (np.ones((zones, zones)) - np.eye(zones)) / (zones - 1)


def centre_offsets(
    posterior: Posterior,
    scenario: Scenario,
    projects: ProjectEffects | None = None,
    firms: FirmChange | None = None,
    ensemble: Sequence[Members] | None = None,
) -> Offsets | None:
    """Return the log factors that centre growth, found on a fixed ensemble of its own.

    None if the scenario centres nothing. The ensemble has its own seed and streams, so the offsets
    are the same for every seed and number of draws; ``projects`` and ``firms`` are of replications
    with the same seed, `CENTRE_SEED`. ``ensemble`` : `centre_ensemble`, where it is there already.
    """
    if not centres(scenario, tuple(posterior.problem.past.baseline.zones)):
        return None
    ensemble = ensemble or centre_ensemble(posterior)
    blocks = [
        build_parameters(members, scenario, None, projects, firms=firms) for members in ensemble
    ]
    joined = _joined(blocks)
    reference = _joined_reference(ensemble, scenario, joined)
    return centring(joined, tuple(posterior.problem.past.baseline.zones), reference)


def _joined_reference(
    ensemble: Sequence[Members], scenario: Scenario, joined: Parameters
) -> Reference:
    """Return the reference path of a whole ensemble; its first block remembers the latest."""
    place, key = (LATEST, len(ensemble)), _setting(scenario, joined.years)
    memory = ensemble[0].memory
    if place not in memory or memory[place][0] != key:
        memory[place] = key, reference_path(joined)
    found: Reference = memory[place][1]
    return found


def centre_ensemble(posterior: Posterior) -> list[Members]:
    """Return the fixed ensemble on which closures are centred, block by block."""
    blocks = range(CENTRE_BLOCKS)
    return [Members(posterior, CENTRE_SEED, block, ENSEMBLE) for block in blocks]


def centres(scenario: Scenario, zones: Sequence[str]) -> bool:
    """Whether any growth of the scenario is centred."""
    for zone in zones:
        levers = scenario.zone_levers(zone)
        growths = [levers.gdp_growth, *(i.growth for i in levers.industries.values())]
        if any(growth is not None and growth.mode == "centre" for growth in growths):
            return True
    return False


def _joined(blocks: Sequence[Parameters]) -> Parameters:
    """Join blocks along the draw axis."""
    fields: dict[str, Any] = {}
    for name, first in vars(blocks[0]).items():
        varies = isinstance(first, np.ndarray) and first.shape[-1:] == (blocks[0].draws,)
        if varies:
            fields[name] = np.concatenate([getattr(b, name) for b in blocks], axis=-1)
    return replace(blocks[0], **fields)


def _values(trajectory: Trajectory[float] | None, years: Sequence[int]) -> Array:
    """Return the trajectory's values, NaN where nothing binds."""
    return trajectory.values(years) if trajectory else np.full(len(years), np.nan)


def _zone_rows(
    levers: dict[str, ZoneLevers],
    pick: Callable[[ZoneLevers], Trajectory[float] | None],
    years: Sequence[int],
) -> Array:
    return np.array([_values(pick(zone), years) for zone in levers.values()])


def _path(own: Array, levers: dict[str, ZoneLevers], lever: str, years: Sequence[int]) -> Array:
    """The lever's path where it binds, the draw's own rate elsewhere, (zone, year, draw)."""
    given = _zone_rows(levers, lambda zone: getattr(zone, lever), years)
    free = np.isnan(given)
    if free.all():
        return np.broadcast_to(own[:, None], (len(own), len(years), own.shape[1]))
    return np.where(free[:, :, None], own[:, None, :], given[:, :, None])


def _industry(
    members: Members, levers: dict[str, ZoneLevers], lever: str
) -> list[Trajectory[float] | None]:
    """Return an industry lever for every activity."""
    found = []
    for activity in members.past.baseline.activities:
        industry = levers[activity.zone].industries.get(activity.industry)
        found.append(getattr(industry, lever) if industry else None)
    return found


def _shift(
    members: Members, levers: dict[str, ZoneLevers], lever: str, years: Sequence[int]
) -> Array | None:
    """Return shifts of a split, (activity, year), or None where no lever moves it."""
    trajectories = _industry(members, levers, lever)
    if not any(trajectories):
        return None
    return np.nan_to_num(np.array([_values(path, years) for path in trajectories]))


def _rnd_change(
    members: Members, firms: FirmChange | None, zones: Sequence[str]
) -> Array | None:  # fmt: skip
    """Factor on last year's R&D over GDP, (zone, year, draw), or None where no lever moves it.

    Every draw has that of its replication, see `Members.replications`; one in a zone without
    levers on firms.
    """
    if not firms:
        return None
    years, number = next(iter(firms.values())).shape
    drawn = members.replications(number)
    ones = np.ones((years, number))
    return np.array([firms.get(zone, ones)[:, drawn] for zone in zones])


def _pins(
    growths: Sequence[Trajectory[float] | None],
    years: Sequence[int],
    offsets: Offsets | None,
    place: int,
) -> Pins:
    centred = [isinstance(g, GrowthTrajectory) and g.mode == "centre" for g in growths]
    return Pins(
        target=np.array([_values(growth, years) for growth in growths]),
        centred=np.repeat(np.array(centred)[:, None], len(years), axis=1),
        offset=None if offsets is None else offsets[place],
    )
