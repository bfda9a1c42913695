"""The past as a function of the unknowns: growth, prices, levels and structure up to the base year.

Growth in log points follows the law that the projection also uses,

    g_z,t = ν_t + ℓ_z,t + Δc_z,t + u_city,t + u_z,t

with ν the nation's path, ℓ the zone's lead (halving with the half-life), c the gap that a
crisis opened and u first-order autoregressive shocks. All arrays end with the draw axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from simcore.arrays import Array, Rows
from simcore.baseline import Activity, Baseline
from simcore.equations import decay, gap_path
from simcore.priors import Priors
from simcore.satellite_priors import Satellites, load_satellites
from simcore.unknowns import Values, central_weight

MAXIMUM_VALUE_ADDED_RATE = 0.95  # gross output is never below value added


@dataclass(frozen=True)
class History:
    """The past of every zone (NaN before a zone's first year), and what the projection takes over.

    ``growth`` : (zone, year, draw) [log points]; ``gdp`` : (zone, year, draw) [1e8 CNY, current];
    ``deflator`` : (zone, year, draw) [prices' year = 1]; ``share`` : (activity, year, draw) of
    ``share_years``; ``value_added_rate`` : (activity, draw); ``rnd_intensity`` : (zone, year,
    draw); ``population`` : (zone, draw) [10,000 persons, base year]; ``city_shock``,
    ``zone_shock`` : the base year's shocks [log points]; ``values`` : the unknowns themselves.
    """

    years: tuple[int, ...]
    growth: Array
    gdp: Array
    deflator: Array
    share: Array
    share_years: tuple[int, ...]
    value_added_rate: Array
    rnd_intensity: Array
    population: Array
    city_shock: Array
    zone_shock: Array
    values: Values

    @property
    def gdp_real(self) -> Array:
        """GDP at the constant prices of the prices' year [1e8 CNY]."""
        return self.gdp / self.deflator

    def place(self, year: int) -> int:
        """Return the position of a year on the year axis."""
        return year - self.years[0]

    def shares(self, year: int) -> Array:
        """Return the activities' shares of nominal GDP in a year, (activity, draw)."""
        return self.share[:, self.share_years.index(year)]


@dataclass(frozen=True)
class Past:
    """Computes the history of draws; holds what does not vary.

    The satellite equations travel with it: what is simulated from a past follows those that it was
    reconciled with, wherever that is done.
    """

    baseline: Baseline
    priors: Priors
    satellites: Satellites = field(default_factory=load_satellites)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """All years up to the base year."""
        return tuple(range(self.baseline.first_year, self.baseline.base_year + 1))

    @cached_property
    def satellite_of(self) -> dict[str, str]:
        """The satellite that lists a figure, as evidence or as a goal, by the figure."""
        return {figure: name for name, _, figure, _ in self.satellites.listed()}

    @cached_property
    def first_growth_year(self) -> int:
        """The first year whose growth any zone's documents speak of."""
        return min(zone.first_growth_year for zone in self.baseline.zones.values())

    @cached_property
    def weights(self) -> Array:
        """Central weights (activity) of the base split."""
        activities = self.baseline.activities
        return np.array([central_weight(self.baseline, self.priors, a) for a in activities])

    @cached_property
    def members(self) -> dict[str, slice]:
        """Rows of each zone on the activity axis."""
        zones = [activity.zone for activity in self.baseline.activities]
        return {
            zone: slice(zones.index(zone), zones.index(zone) + zones.count(zone))
            for zone in self.baseline.zones
        }

    @cached_property
    def sectors(self) -> tuple[str, ...]:
        """Sector of each activity."""
        return tuple(activity.sector for activity in self.baseline.activities)

    @cached_property
    def industrial(self) -> Array:
        """One for each industrial activity, zero for the others."""
        return np.array([float(activity.industrial) for activity in self.baseline.activities])

    @cached_property
    def _of_output(self) -> dict[str, tuple[Rows, Array]]:
        """Rows of each zone whose priors are shares of output, and the centres of their rates."""
        found = {}
        for zone, members in self.members.items():
            priors = [
                self.priors.activities[zone][activity.industry]
                for activity in self.baseline.activities[members]
            ]
            rows = [row for row, prior in enumerate(priors) if prior.output_share is not None]
            centre = [[priors[row].value_added_rate.median] for row in rows]
            found[zone] = (np.array(rows, dtype=np.intp), np.array(centre))
        return found

    @cached_property
    def persistence(self) -> float:
        """ρ: what is left of a growth shock a year later, at the centre of its prior."""
        return float(self.priors.distribution("shock_persistence").from_standard(np.zeros(1))[0])

    @cached_property
    def _national(self) -> dict[int, float]:
        """The nation's growth [log points] by year."""
        vintage, outcomes = self.priors.vintage, self.priors.national_growth.outcomes
        known = {year: growth for year, growth in outcomes.items() if year < vintage.year}
        return {year: float(np.log1p(growth)) for year, growth in (known | vintage.path).items()}

    def national(self, year: int) -> float:
        """ν: the nation's growth [log points] in a year, as the latest vintage knows it."""
        return self._national[year]  # of every year of the past (checked with the priors)

    def history(self, values: Values, years: Sequence[int] | None = None) -> History:
        """Compute the past of every draw from named unknowns, each of shape (draw).

        ``years`` : those whose shares of GDP are wanted, in order, by default all.
        """
        share_years = self.years if years is None else tuple(years)
        draws = len(next(iter(values.values())))
        city = self._shocks(values, "shock_city", self.first_growth_year, self.priors.shocks.city)
        growth = np.full((len(self.baseline.zones), len(self.years), draws), np.nan)
        zone_shock = np.empty((len(self.baseline.zones), draws))
        for row, name in enumerate(self.baseline.zones):
            first = self.baseline.zones[name].first_growth_year
            own = self._shocks(values, f"shock_zone.{name}", first, self.priors.shocks.zone)
            growth[row, first - self.years[0] :] = self._growth(values, name, city, own)
            zone_shock[row] = own[-1]
        deflator = self._deflators(values, draws)
        rate = self._value_added_rates(values)
        gdp = self._gdp(values, growth, deflator)
        return History(
            years=self.years,
            growth=growth,
            gdp=gdp,
            deflator=deflator,
            share=self._shares(values, draws, share_years),
            share_years=share_years,
            value_added_rate=rate,
            rnd_intensity=self._rnd_intensity(values, draws),
            population=self._population(values),
            city_shock=city[-1],
            zone_shock=zone_shock,
            values=values,
        )

    def _shocks(self, values: Values, name: str, first: int, deviation: float) -> Array:
        """u_t = ρ u_t−1 + σ √(1−ρ²) z_t from ``first`` on, stationary at its start."""
        persistence, years = self.persistence, range(first, self.baseline.base_year + 1)
        path = deviation * np.array([values[f"{name}.{year}"] for year in years])
        path[1:] *= np.sqrt(1 - persistence**2)
        for before, shock in pairwise(path):
            shock += persistence * before
        return path

    def _growth(self, values: Values, zone: str, city: Array, own: Array) -> Array:
        """Growth law, from the zone's first growth year to the base year, (year, draw)."""
        first, crisis = self.baseline.zones[zone].first_growth_year, self.priors.documented_crisis
        years = range(first, self.baseline.base_year + 1)
        nation = np.array([[self.national(year)] for year in years])
        left = np.array([[decay(year - crisis, self.priors.half_life)] for year in years])
        size = values["gap_city"] + values[f"gap_own.{zone}"]
        gap = [gap_path(y - crisis, size, values["rebound"]) for y in (first - 1, *years)]
        shock = city[first - self.first_growth_year :] + own
        return nation + left * values[f"lead.{zone}"] + np.diff(gap, axis=0) + shock

    def _deflators(self, values: Values, draws: int) -> Array:
        """Deflators of all zones: the mean, the year's common and the zone's own change.

        They cumulate from the prices' year where a zone begins after it.
        """
        baseline = self.baseline
        deflator = np.full((len(baseline.zones), len(self.years), draws), np.nan)
        for row, (name, zone) in enumerate(baseline.zones.items()):
            first = min(zone.first_year, baseline.prices)
            years = range(first + 1, baseline.base_year + 1)
            level = np.zeros((1 + len(years), draws))
            for place, year in enumerate(years):
                own = values[f"deflator_own.{name}.{year}"]
                change = values["deflator_mean"] + values[f"deflator_common.{year}"] + own
                np.add(level[place], change, out=level[place + 1])
            price = np.exp(level - level[baseline.prices - first])
            deflator[row, zone.first_year - self.years[0] :] = price[zone.first_year - first :]
        return deflator

    def _gdp(self, values: Values, growth: Array, deflator: Array) -> Array:
        """Nominal GDP on the basis of the zone's last printed level."""
        gdp = np.full_like(growth, np.nan)
        for row, (name, zone) in enumerate(self.baseline.zones.items()):
            start = zone.first_year - self.years[0]
            known = self.baseline.last_documented_year(name) - zone.first_year
            level = growth[row, start:].copy()
            level[0] = 0.0
            for before, now in pairwise(level):
                now += before
            price = deflator[row, start:]
            relative = np.exp(level - level[known]) * price / price[known]
            gdp[row, start:] = values[f"level.{name}"] * relative
        return gdp

    def _value_added_rates(self, values: Values) -> Array:
        """Value added over gross output; industrial activities with their zone's factor."""
        rate = self._rows(values, "value_added_rate", self.baseline.activities)
        for zone, rows in self.members.items():
            factor = values.get(f"value_added_rate_factor.{zone}")
            if factor is not None:
                rate[rows] *= np.where(self.industrial[rows, None], np.exp(factor), 1.0)
        return np.minimum(rate, MAXIMUM_VALUE_ADDED_RATE, out=rate)

    @staticmethod
    def _rows(values: Values, name: str, activities: Sequence[Activity]) -> Array:
        """Stack an unknown of several activities, (activity, draw)."""
        return np.array([values[f"{name}.{a.zone}.{a.industry}"] for a in activities])

    def _shares(self, values: Values, draws: int, years: Sequence[int]) -> Array:
        """Shares of nominal GDP, (activity, year, draw): the split year's, moved to the others."""
        share = np.full((len(self.weights), len(years), draws), np.nan)
        for name, zone in self.baseline.zones.items():
            rows = self.members[name]
            known = sum(year < zone.first_year for year in years)
            elapsed = np.array([[year - zone.split_year] for year in years[known:]])
            split = self._split(values, name)
            moved = share[rows, known:]
            tilt = self._rows(values, "differential", self.baseline.activities[rows])
            np.exp(np.multiply(tilt[:, None], elapsed, out=moved), out=moved)
            moved *= split[:, None]
            moved /= moved.sum(axis=0)
            if f"sector_lead.{name}" in values:
                early = slice(np.count_nonzero(elapsed < 0))
                self._scale_sectors(values, name, split, moved[:, early], elapsed[early])
        return share

    def _split(self, values: Values, zone: str) -> Array:
        """Softmax of the split year: central weights times lognormal deviations.

        A share of output is one of value added by its rate, relative to the centre.
        """
        members = self.members[zone]
        activities = self.baseline.activities[members]
        raised = np.exp(self._rows(values, "activity", activities))
        raised *= self.weights[members, None]
        rows, centre = self._of_output[zone]
        if len(rows):
            rate = self._rows(values, "value_added_rate", [activities[row] for row in rows])
            factor = np.exp(values.get(f"value_added_rate_factor.{zone}", 0.0))
            raised[rows] *= rate / centre * factor
        return np.asarray(raised / raised.sum(axis=0))

    def _scale_sectors(
        self, values: Values, zone: str, split: Array, moved: Array, elapsed: Array
    ) -> None:
        """Scale activities to their sector's share of earlier years, in place.

        ``s_tertiary,t = s_tertiary (1 + …) = s exp((lead + price)(t − split))``, the primary
        sector by its own drift, the secondary as the rest.
        """
        sectors = np.array(self.sectors[self.members[zone]])
        lead = values[f"sector_lead.{zone}"] + values.get(f"relative_price_services.{zone}", 0.0)
        drift = values[f"primary_drift.{zone}"]
        tertiary = split[sectors == "tertiary"].sum(axis=0) * np.exp(elapsed * lead)
        primary = split[sectors == "primary"].sum(axis=0) * np.exp(elapsed * drift)
        target = {"tertiary": tertiary, "primary": primary, "secondary": 1 - tertiary - primary}
        for sector, total in target.items():
            rows = sectors == sector
            if rows.any():  # a zone may have no farms
                moved[rows] *= total / moved[rows].sum(axis=0)

    def _rnd_intensity(self, values: Values, draws: int) -> Array:
        """R&D over GDP from the zone's R&D year to the base year."""
        intensity = np.full((len(self.baseline.zones), len(self.years), draws), np.nan)
        for row, (name, zone) in enumerate(self.baseline.zones.items()):
            for year in range(zone.rnd_year, self.baseline.base_year + 1):
                drift = values[f"rnd_intensity_drift.{name}"] * (year - zone.rnd_year)
                intensity[row, year - self.years[0]] = values[f"rnd_intensity.{name}"] * np.exp(
                    drift
                )
        return intensity

    def _population(self, values: Values) -> Array:
        """Population of the base year, grown from the zone's population year."""
        return np.array(
            [
                values[f"population.{name}"]
                * (1 + values[f"labour_growth.{name}"])
                ** (self.baseline.base_year - zone.population_year)
                for name, zone in self.baseline.zones.items()
            ]
        )
