"""What the ladder of firms says: counts and moves by year over draws, beside the satellite's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simcore.arrays import Array
from simcore.dataset import run_plan
from simcore.ladder import Counts, Rates
from simcore.ladder_events import Replication, replicate
from simcore.ladder_members import FirmFactors, FirmMembers
from simcore.ladder_priors import OUTSIDE
from simcore.ladder_problem import FirmPosterior
from simcore.levers import Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.sampling import BLOCK, blocks
from simcore.threads import one_thread

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
FLOWS = ("new", "up_in", "down_in", "up_out", "down_out", "exits")
SATELLITE = ("high_tech", "high_tech_firms")  # the rung whose count a satellite equation gives too


@dataclass(frozen=True)
class FirmEnsemble:
    """Draws of every zone's ladder up to a year; draw i depends on the seed and i alone."""

    posterior: FirmPosterior
    seed: int
    draws: int
    last_year: int
    levers: Mapping[str, FirmFactors] = field(default_factory=dict)

    @cached_property
    def members(self) -> list[tuple[FirmMembers, int]]:
        """Blocks with the number of draws wanted of each."""
        return [(FirmMembers(self.posterior, self.seed, block), wanted)
                for block, wanted in blocks(self.draws)]  # fmt: skip

    @cached_property
    def counts(self) -> dict[str, Counts]:
        """Counts and moves of every zone, all draws."""
        found = {}
        with one_thread():
            for zone in self.posterior.problem.zones:
                parts = [(m.counts(zone, self.last_year, self.levers.get(zone)), wanted)
                         for m, wanted in self.members]  # fmt: skip
                found[zone] = Counts(
                    *(np.concatenate([getattr(part, name)[..., :wanted] for part, wanted in parts],
                                     axis=-1) for name in ("count", "entered", "moves"))
                )  # fmt: skip
        return found

    def first_year(self, zone: str) -> int:
        """Return the first year of a zone's counts."""
        return self.posterior.problem.firms.zones[zone].first_year

    def published(self, zone: str, rung: str) -> Array:
        """Return the firms that a documented count of a rung covers, (year, draw)."""
        problem, parts = self.posterior.problem, []
        for members, wanted in self.members:
            count = members.counts(zone, self.last_year, self.levers.get(zone)).count
            parts.append(problem.counted(zone, rung, count, members.values)[..., :wanted])
        return np.concatenate(parts, axis=-1)


@dataclass(frozen=True)
class RungRow:
    """A rung of a zone at the end of a year: firms on it and counted for it, moves of the year.

    ``median`` and quantiles are of the firms that a documented count covers; ``own`` is the median
    of those on the rung itself. Flows are medians of the year's moves [firms a year].
    """

    zone: str
    rung: str
    year: int
    median: float
    q05: float
    q25: float
    q75: float
    q95: float
    own: float
    new: float | None
    up_in: float | None
    down_in: float | None
    up_out: float | None
    down_out: float | None
    exits: float | None


def rung_rows(ensemble: FirmEnsemble, zones: Sequence[str]) -> list[RungRow]:
    """Return every zone's rungs from its first year on."""
    rows = []
    for zone in zones:
        counts, first = ensemble.counts[zone], ensemble.first_year(zone)
        for place, rung in enumerate(ensemble.posterior.problem.ladder.rungs):
            bands = np.quantile(ensemble.published(zone, rung), LEVELS, axis=-1)
            own = np.median(counts.count[place], axis=-1)
            flows = _flows(ensemble, counts, place)
            for year in range(counts.count.shape[1]):
                low, first_quarter, middle, third_quarter, high = map(float, bands[:, year])
                moved = {
                    name: None if year == 0 else float(path[year - 1])
                    for name, path in flows.items()
                }
                rows.append(
                    RungRow(
                        zone, rung, first + year, middle, low, first_quarter, third_quarter, high,
                        float(own[year]), **moved,
                    )
                )  # fmt: skip
    return rows


def _flows(ensemble: FirmEnsemble, counts: Counts, place: int) -> dict[str, Array]:
    """Medians of a rung's yearly flows, each (year)."""
    ladder = ensemble.posterior.problem.ladder
    paths = {name: np.zeros_like(counts.entered[place]) for name in FLOWS}
    for move, path in zip(ladder.moves, counts.moves, strict=True):
        if move.target == place:
            paths["up_in" if move.source < place else "down_in"] += path
        if move.source == place:
            up = "up_out" if move.target > place else "down_out"
            paths["exits" if move.target == OUTSIDE else up] += path
    paths["new"] += counts.entered[place]
    return {name: np.median(path, axis=-1) for name, path in paths.items()}


@dataclass(frozen=True)
class SatelliteRow:
    """High-tech firms of a zone at the end of a year, by the ladder and by the satellite."""

    zone: str
    year: int
    ladder: float
    ladder_q05: float
    ladder_q95: float
    satellite: float
    satellite_q05: float
    satellite_q95: float

    @property
    def agree(self) -> bool:
        """Whether each median lies in the other's 90 % band."""
        return (
            self.ladder_q05 <= self.satellite <= self.ladder_q95
            and self.satellite_q05 <= self.ladder <= self.satellite_q95
        )


def satellite_rows(
    ensemble: FirmEnsemble, posterior: Posterior, scenario: Scenario, years: Sequence[int]
) -> list[SatelliteRow]:
    """Hold the ladder's counts against the satellite equation's, under a scenario of the core."""
    rung, variable = SATELLITE
    plan = Plan((scenario,), ensemble.draws, ensemble.seed, posterior)
    found = run_plan(plan)[variable]
    rows = []
    for zone in ensemble.posterior.problem.zones:
        published = ensemble.published(zone, rung)
        for year in years:
            place = year - ensemble.first_year(zone)
            if not 0 <= place < len(published):
                continue
            other = found.sel(zone=zone, year=year).values.ravel()
            if not np.isfinite(other).all():
                continue
            mine, theirs = (np.quantile(v, [0.5, 0.05, 0.95]) for v in (published[place], other))
            rows.append(SatelliteRow(zone, year, *map(float, mine), *map(float, theirs)))
    return rows


def trace(
    posterior: FirmPosterior,
    seed: int,
    draw: int,
    zone: str,
    last_year: int,
    factors: FirmFactors | None = None,
) -> Replication:
    """Run the firms of one draw one by one, with the rates that the draw has."""
    block, place = divmod(draw, BLOCK)
    with one_thread():
        rates = FirmMembers(posterior, seed, block).rates(zone, last_year, factors)
    own = slice(place, place + 1)
    factor = rates.factor[..., own] if rates.factor.shape[-1] > 1 else rates.factor
    one = Rates(rates.start[:, own], rates.entry[..., own], rates.hazard[:, own], factor)
    first = posterior.problem.firms.zones[zone].first_year
    return replicate(posterior.problem.ladder, one, zone, first, seed, draw)
