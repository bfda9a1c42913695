"""The past as a function of the unknowns: growth, prices, levels and structure up to the base year.

Growth in log points follows the law that the projection also uses,

    g_z,t = ν_t + ℓ_z,t + Δc_z,t + u_city,t + u_z,t

with ν the nation's path, ℓ the zone's lead (halving with the half-life), c the gap that a
crisis opened and u first-order autoregressive shocks. All arrays end with the draw axis.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.equations import decay, gap_path
from simcore.priors import Priors
from simcore.satellite_priors import Satellites, load_satellites
from simcore.unknowns import Values, central_weight

MAXIMUM_VALUE_ADDED_RATE = 0.95  # gross output is never below value added


@dataclass(frozen=True)
class History:
    """The past of every zone (NaN before a zone's first year), and what the projection takes over.

    ``growth`` : (zone, year, draw) [log points]; ``gdp`` : (zone, year, draw) [1e8 CNY, current];
    ``deflator`` : (zone, year, draw) [prices' year = 1]; ``share`` : (activity, year, draw);
    ``value_added_rate`` : (activity, draw); ``rnd_intensity`` : (zone, year, draw);
    ``population`` : (zone, draw) [10,000 persons, base year]; ``city_shock``, ``zone_shock`` :
    the base year's shocks [log points]; ``values`` : the unknowns themselves.
    """

    years: tuple[int, ...]
    growth: Array
    gdp: Array
    deflator: Array
    share: Array
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

    def national(self, year: int) -> float:
        """ν: the nation's growth [log points] in a year, as the latest vintage knows it."""
        vintage = self.priors.vintage
        known = {**self.priors.national_growth.outcomes}
        known = {y: g for y, g in known.items() if y < vintage.year} | vintage.path
        return float(np.log1p(known[year]))  # of every year of the past (checked with the priors)

    def history(self, values: Values) -> History:
        """Compute the past of every draw from named unknowns, each of shape (draw)."""
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
            share=self._shares(values, rate),
            value_added_rate=rate,
            rnd_intensity=self._rnd_intensity(values, draws),
            population=self._population(values),
            city_shock=city[-1],
            zone_shock=zone_shock,
            values=values,
        )

    def _shocks(self, values: Values, name: str, first: int, deviation: float) -> Array:
        """u_t = ρ u_t−1 + σ √(1−ρ²) z_t from ``first`` on, stationary at its start."""
        persistence = float(
            self.priors.distribution("shock_persistence").from_standard(np.zeros(1))[0]
        )
        innovation = deviation * np.sqrt(1 - persistence**2)
        path: list[Array] = []
        for year in range(first, self.baseline.base_year + 1):
            shock = values[f"{name}.{year}"]
            path.append(persistence * path[-1] + innovation * shock if path else deviation * shock)
        return np.array(path)

    def _growth(self, values: Values, zone: str, city: Array, own: Array) -> Array:
        """Growth law, from the zone's first growth year to the base year, (year, draw)."""
        first = self.baseline.zones[zone].first_growth_year
        size = values["gap_city"] + values[f"gap_own.{zone}"]
        crisis = self.priors.documented_crisis
        path = []
        for year in range(first, self.baseline.base_year + 1):
            lead = values[f"lead.{zone}"] * decay(year - crisis, self.priors.half_life)
            now = gap_path(year - crisis, size, values["rebound"])
            before = gap_path(year - 1 - crisis, size, values["rebound"])
            shock = city[year - self.first_growth_year] + own[year - first]
            path.append(self.national(year) + lead + now - before + shock)
        return np.array(path)

    def _deflators(self, values: Values, draws: int) -> Array:
        """Deflators of all zones: the mean, the year's common and the zone's own change.

        They cumulate from the prices' year where a zone begins after it.
        """
        baseline = self.baseline
        deflator = np.full((len(baseline.zones), len(self.years), draws), np.nan)
        for row, (name, zone) in enumerate(baseline.zones.items()):
            first = min(zone.first_year, baseline.prices)
            change = [np.zeros(draws)] + [
                values["deflator_mean"]
                + values[f"deflator_common.{year}"]
                + values[f"deflator_own.{name}.{year}"]
                for year in range(first + 1, baseline.base_year + 1)
            ]
            level = np.cumsum(change, axis=0)
            price = np.exp(level - level[baseline.prices - first])
            deflator[row, zone.first_year - self.years[0] :] = price[zone.first_year - first :]
        return deflator

    def _gdp(self, values: Values, growth: Array, deflator: Array) -> Array:
        """Nominal GDP on the basis of the zone's last printed level."""
        gdp = np.full_like(growth, np.nan)
        for row, (name, zone) in enumerate(self.baseline.zones.items()):
            start = zone.first_year - self.years[0]
            known = self.baseline.last_documented_year(name) - zone.first_year
            change = growth[row, start:].copy()
            change[0] = 0.0
            level = np.cumsum(change, axis=0)
            price = deflator[row, start:]
            relative = np.exp(level - level[known]) * price / price[known]
            gdp[row, start:] = values[f"level.{name}"] * relative
        return gdp

    def _value_added_rates(self, values: Values) -> Array:
        """Value added over gross output; industrial activities with their zone's factor."""
        rows = []
        for activity in self.baseline.activities:
            rate = values[f"value_added_rate.{activity.zone}.{activity.industry}"]
            factor = values.get(f"value_added_rate_factor.{activity.zone}")
            if activity.industrial and factor is not None:
                rate = rate * np.exp(factor)
            rows.append(np.minimum(rate, MAXIMUM_VALUE_ADDED_RATE))
        return np.array(rows)

    def _shares(self, values: Values, rate: Array) -> Array:
        """Shares of nominal GDP, (activity, year, draw): the split year's, moved to the others."""
        draws = rate.shape[-1]
        share = np.full((len(self.weights), len(self.years), draws), np.nan)
        for name, zone in self.baseline.zones.items():
            rows = self.members[name]
            split = self._split(values, name, rows)
            tilt = np.array(
                [values[f"differential.{name}.{industry}"] for industry in zone.industries]
            )
            for year in range(zone.first_year, self.baseline.base_year + 1):
                moved = split * np.exp(tilt * (year - zone.split_year))
                moved /= moved.sum(axis=0)
                if f"sector_lead.{name}" in values and year < zone.split_year:
                    moved = self._documented_sectors(values, name, split, moved, year)
                share[rows, year - self.years[0]] = moved
        return share

    def _split(self, values: Values, zone: str, rows: slice) -> Array:
        """Softmax of the split year: central weights times lognormal deviations."""
        factor = values.get(f"value_added_rate_factor.{zone}")
        weights = []
        for activity, weight in zip(
            self.baseline.activities[rows], self.weights[rows], strict=True
        ):
            prior = self.priors.activities[zone][activity.industry]
            log = np.log(weight) + values[f"activity.{zone}.{activity.industry}"]
            if prior.output_share is not None:
                central = np.log(prior.value_added_rate.median)
                log = log + np.log(values[f"value_added_rate.{zone}.{activity.industry}"]) - central
                if factor is not None:
                    log = log + factor
            weights.append(log)
        raised = np.exp(np.array(weights))
        return np.asarray(raised / raised.sum(axis=0))

    def _documented_sectors(
        self, values: Values, zone: str, split: Array, moved: Array, year: int
    ) -> Array:
        """Scale activities to their sector's share of an earlier year.

        ``s_tertiary,t = s_tertiary (1 + …) = s exp((lead + price)(t − split))``, the primary
        sector by its own drift, the secondary as the rest.
        """
        sectors = np.array(self.sectors[self.members[zone]])
        elapsed = year - self.baseline.zones[zone].split_year
        price = values.get(f"relative_price_services.{zone}", 0.0)
        target = {
            "tertiary": split[sectors == "tertiary"].sum(axis=0)
            * np.exp(elapsed * (values[f"sector_lead.{zone}"] + price)),
            "primary": split[sectors == "primary"].sum(axis=0)
            * np.exp(elapsed * values[f"primary_drift.{zone}"]),
        }
        target["secondary"] = 1 - target["tertiary"] - target["primary"]
        scaled = moved.copy()
        for sector, total in target.items():
            rows = sectors == sector
            if rows.any():  # a zone may have no farms
                scaled[rows] *= total / moved[rows].sum(axis=0)
        return scaled

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
