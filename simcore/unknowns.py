"""What the documents leave open about the past: the unknowns of the reconciliation.

Each unknown is a standard normal mapped to its prior distribution, so that a value of one
is one prior standard deviation, whatever the unknown's own unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Activity, Baseline
from simcore.entries import Figure
from simcore.labels import Label
from simcore.priors import Distribution, Evidence, Priors

if TYPE_CHECKING:
    from collections.abc import Sequence

STANDARD = Distribution(dist="normal", mean=0.0, deviation=1.0)

Values = dict[str, Array]


@dataclass(frozen=True)
class Unknown:
    """One unknown: its name, prior, and what a reader of the shrinkage table must know."""

    name: str
    distribution: Distribution
    label: Label
    evidence: Evidence
    source: str
    unit: str = "share"


class Scales:
    """Maps latent normals of all unknowns to their values, a family of distributions at a time.

    ``mean + deviation z`` of the normals, ``shift + median exp(sigma z)`` of the lognormals, each
    by the numbers that `Distribution.from_standard` takes; the few others one by one.
    """

    def __init__(self, unknowns: Sequence[Unknown]) -> None:
        self.names = [unknown.name for unknown in unknowns]
        self.centre, self.spread = np.zeros((len(unknowns), 1)), np.ones((len(unknowns), 1))
        self.lognormal: list[int] = []
        self.others: dict[int, Distribution] = {}
        for row, distribution in enumerate(unknown.distribution for unknown in unknowns):
            match distribution:
                case Distribution(dist="normal", mean=float(mean), deviation=float(deviation)):
                    self.centre[row], self.spread[row] = mean, deviation
                case Distribution(dist="lognormal", sigma=float(sigma)):
                    self.spread[row] = sigma
                    self.lognormal.append(row)
                case _:
                    self.others[row] = distribution
        raised = [unknowns[row].distribution for row in self.lognormal]
        self.shift = np.array([[distribution.shift] for distribution in raised])
        self.median = np.array([[distribution.median] for distribution in raised], dtype=float)

    def values(self, latent: Array) -> Values:
        """Return named values (draw) of latent normals (unknown, draw)."""
        table = self.spread * latent
        table += self.centre
        table[self.lognormal] = self.shift + self.median * np.exp(table[self.lognormal])
        for row, distribution in self.others.items():
            table[row] = distribution.from_standard(latent[row])
        return dict(zip(self.names, table, strict=True))


def list_unknowns(baseline: Baseline, priors: Priors, used: Sequence[Figure]) -> list[Unknown]:
    """Return every unknown, in a fixed order; ``used`` are the figures that serve as evidence."""
    return [
        *_common(priors),
        *_growth(baseline, priors),
        *_prices(baseline, priors),
        *_levels(baseline, priors),
        *_sectors(baseline, priors, used),
        *_activities(baseline, priors),
        *_ratios(baseline, priors),
        *_slacks(priors),
        *_excesses(priors, used),
    ]


def _of(priors: Priors, name: str, *keys: object) -> Unknown:
    """Return the unknown of a prior, for a zone or year if its scope says so."""
    prior = priors.parameters[name]
    zone = str(keys[0]) if keys and prior.scope in ("zone", "zone_year") else None
    label = ".".join([name, *map(str, keys)])
    return Unknown(
        label, prior.of_zone(zone), prior.label, prior.evidence, prior.source, prior.unit
    )


def _common(priors: Priors) -> Iterator[Unknown]:
    for name in ("rebound", "gap_city", "deflator_mean"):
        yield _of(priors, name)


def _growth(baseline: Baseline, priors: Priors) -> Iterator[Unknown]:
    shocks = priors.shocks
    first = min(zone.first_growth_year for zone in baseline.zones.values())
    city = Label("growth shock of the city", "全市增长冲击")
    own = Label("growth shock of the zone", "区增长冲击")
    for year in range(first, baseline.base_year + 1):
        yield Unknown(f"shock_city.{year}", STANDARD, city, "assumed", shocks.source, "s.d.")
    for name, zone in baseline.zones.items():
        yield _of(priors, "lead", name)
        yield _of(priors, "gap_own", name)
        for year in range(zone.first_growth_year, baseline.base_year + 1):
            key = f"shock_zone.{name}.{year}"
            yield Unknown(key, STANDARD, own, "assumed", shocks.source, "s.d.")


def _prices(baseline: Baseline, priors: Priors) -> Iterator[Unknown]:
    for year in range(baseline.first_year + 1, baseline.base_year + 1):
        yield _of(priors, "deflator_common", year)
    for name, zone in baseline.zones.items():
        first = min(zone.first_year, baseline.prices)
        for year in range(first + 1, baseline.base_year + 1):
            yield _of(priors, "deflator_own", name, year)


def _levels(baseline: Baseline, priors: Priors) -> Iterator[Unknown]:
    label = Label("level of nominal GDP", "地区生产总值水平")
    for name in baseline.zones:
        levels = baseline.gdp_levels(name)
        last = levels[-1]
        diffuse = Distribution(dist="lognormal", median=float(last.value or 0), sigma=0.5)
        yield Unknown(f"level.{name}", diffuse, label, "documented", str(last.source), last.unit)
        for published in sorted({baseline.published(figure) for figure in levels[:-1]}):
            if published < baseline.published(last):
                yield _revision(baseline, priors, name, published)


def _revision(baseline: Baseline, priors: Priors, zone: str, published: int) -> Unknown:
    """Build the revision between a publication and the zone's last: 1 % a year, cumulated."""
    unknown = _of(priors, "revision", zone, published)
    years = baseline.published(baseline.gdp_levels(zone)[-1]) - published
    yearly = unknown.distribution.deviation or 0.0
    cumulated = Distribution(dist="normal", mean=0.0, deviation=yearly * float(np.sqrt(years)))
    return Unknown(
        unknown.name, cumulated, unknown.label, unknown.evidence, unknown.source, unknown.unit
    )


def _sectors(baseline: Baseline, priors: Priors, used: Sequence[Figure]) -> Iterator[Unknown]:
    """Sector growth is unknown where a document prints it, or sectors before the split year."""
    for name, zone in baseline.zones.items():
        if any(
            figure.zone == name
            and figure.sector
            and (figure.concept == "growth" or (figure.year or 0) < zone.split_year)
            for figure in used
        ):
            yield _of(priors, "sector_lead", name)
            yield _of(priors, "primary_drift", name)


def _activities(baseline: Baseline, priors: Priors) -> Iterator[Unknown]:
    share = Label("log deviation of an activity's base share", "基期行业比重偏离（对数）")
    rate = Label("value-added rate", "增加值率")
    lead = Label("growth differential of an activity", "行业增速差")
    for activity in baseline.activities:
        prior = priors.activities[activity.zone][activity.industry]
        key = f"{activity.zone}.{activity.industry}"
        spread = prior.output_share or prior.value_added_share
        assert spread is not None  # one of the two stands in every entry (tests)
        tilt = Distribution(
            dist="normal", mean=prior.differential, deviation=priors.differential_deviation
        )
        deviation = Distribution(dist="normal", mean=0.0, deviation=spread.sigma)
        evidence, source = prior.evidence, prior.source
        yield Unknown(f"activity.{key}", deviation, share, evidence, source, "log")
        yield Unknown(
            f"value_added_rate.{key}", prior.value_added_rate.distribution(), rate, "derived",
            "NBS input-output tables 2007-2020",
        )  # fmt: skip
        yield Unknown(f"differential.{key}", tilt, lead, "assumed", source, "percent a year")


def _ratios(baseline: Baseline, priors: Priors) -> Iterator[Unknown]:
    for name in baseline.zones:
        for ratio in (
            "investment_rate", "rnd_intensity", "rnd_intensity_drift", "population",
            "labour_growth",
        ):  # fmt: skip
            yield _of(priors, ratio, name)


def _slacks(priors: Priors) -> Iterator[Unknown]:
    for name, slack in priors.slack_unknowns.items():
        yield Unknown(name, slack, slack.label, slack.evidence, slack.source, slack.unit)


def _excesses(priors: Priors, used: Sequence[Figure]) -> Iterator[Unknown]:
    for figure in used:
        if figure.qualifier in ("over", "under"):
            unknown = _of(priors, "excess")
            yield Unknown(
                f"excess.{figure.id}", unknown.distribution, unknown.label, unknown.evidence,
                unknown.source,
            )  # fmt: skip


def central_weight(baseline: Baseline, priors: Priors, activity: Activity) -> float:
    """Return the prior median of an activity's value added over GDP, before the shares sum to one.

    A share of output becomes a share of GDP through the documented output and GDP:
    ``o X v / (c GDP)`` with v the value-added rate and c the coverage of above-scale output.
    """
    prior = priors.activities[activity.zone][activity.industry]
    if prior.value_added_share is not None:
        return prior.value_added_share.median
    assert prior.output_share is not None  # one of the two stands in every entry (tests)
    figures = priors.output_share_figures[activity.zone]
    output = baseline.figures[figures.output].value or 0.0
    gdp = baseline.figures[figures.gdp].value or 0.0
    slack = priors.slack_unknowns.get(f"coverage.{activity.zone}")
    coverage = slack.mean if slack and slack.mean else 1.0
    return prior.output_share.median * prior.value_added_rate.median * output / (coverage * gdp)
