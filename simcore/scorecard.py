"""The scorecard of a vintage: rows, coverage, benchmarks, and a verdict in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simcore.arrays import Array
from simcore.labels import Label, say
from simcore.scores import Comparison, Coverage, compare, coverage

FEWEST = 8  # figures below which there is no verdict
BANDS = (0.5, 0.9)
BENCHMARKS = ("random_walk", "five_year_mean", "plan")


@dataclass(frozen=True)
class Row:
    """A figure that was printed later, its forecast, and how the forecast scores.

    ``observed`` : the printed value, or for "over" that value and its median excess; ``error`` :
    observed − median, ``error_percent`` : of the observed level, None for rates; ``z`` : in s.d. of
    the draws; ``pit`` and scores : averages over what the printed figure may stand for.
    """

    as_of: int
    figure: str
    zone: str
    indicator: str
    year: int
    unit: str
    qualifier: str
    printed: float
    observed: float
    median: float
    q05: float
    q25: float
    q75: float
    q95: float
    error: float
    error_percent: float | None
    z: float | None
    pit: float
    crps: float
    crps_random_walk: float | None
    crps_five_year_mean: float | None
    crps_plan: float | None
    inside_50: bool
    inside_90: bool
    source: str


@dataclass(frozen=True)
class Base:
    """A figure known by then of whose quantity a forecast could start, and what repeats it."""

    figure: str
    printed_again: tuple[str, ...]


@dataclass(frozen=True)
class Fan:
    """The forecast of one quantity over the years, beside the figures known then and later.

    ``quantiles`` : (quantile, year) at 5, 25, 50, 75 and 95 %; ``known``, ``later``, ``plan`` :
    years with their values, one-sided figures raised by the median excess.
    """

    label: Label
    zone: Label
    units: str
    years: tuple[int, ...]
    quantiles: Array
    base_year: int
    known: tuple[tuple[int, float], ...]
    later: tuple[tuple[int, float], ...]
    plan: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Hindcast:
    """A vintage's scorecard; without a base year nothing could be fitted.

    ``bases`` : for a vintage that cannot be fitted, what it knows of the past.
    """

    as_of: int
    documents: tuple[str, ...]
    base_year: int | None = None
    zones: tuple[str, ...] = ()
    national_path: str = ""
    draws: int = 0
    seed: int = 0
    rows: tuple[Row, ...] = ()
    not_scored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bases: tuple[Base, ...] = ()
    fans: tuple[Fan, ...] = ()

    @property
    def coverage(self) -> list[Coverage]:
        """How many figures lay inside the 50 % and the 90 % band."""
        inside = {0.5: [row.inside_50 for row in self.rows],
                  0.9: [row.inside_90 for row in self.rows]}  # fmt: skip
        found = [coverage(inside[band], band) for band in BANDS]
        return [part for part in found if part is not None]

    @property
    def comparisons(self) -> list[Comparison]:
        """The model's scores over those of each benchmark, where both exist."""
        own = [row.crps for row in self.rows]
        found = [
            compare(name, own, [getattr(row, f"crps_{name}") for row in self.rows])
            for name in BENCHMARKS
        ]
        return [part for part in found if part is not None]

    @property
    def verdict(self) -> str:
        """What the figures say of the forecast, in words; none below eight."""
        if len(self.rows) < FEWEST:
            return say(
                "too few figures for a verdict: {count} of {needed}",
                count=len(self.rows), needed=FEWEST,
            )  # fmt: skip
        return "; ".join([*map(_band_verdict, self.coverage), *map(_skill, self.comparisons)])


def _band_verdict(found: Coverage) -> str:
    band = round(100 * found.band)
    if found.high < found.band:
        return say("the {band} % band is too narrow", band=band)
    if found.low > found.band:
        return say("the {band} % band is too wide", band=band)
    return say("the {band} % band holds as often as it should, within its limits", band=band)


def _skill(found: Comparison) -> str:
    name = benchmark_name(found.benchmark)
    if found.figures < FEWEST:
        return say(
            "too few figures to compare with {benchmark}: {count} of {needed}",
            benchmark=name, count=found.figures, needed=FEWEST,
        )  # fmt: skip
    if found.skill > 0:
        return say("better than {benchmark}", benchmark=name)
    return say("no better than {benchmark}", benchmark=name)


def benchmark_name(name: str) -> str:
    """Return the name of a benchmark for people."""
    return {
        "random_walk": say("random-walk growth"), "five_year_mean": say("five-year mean growth"),
        "plan": say("the plan's path"),
    }[name]  # fmt: skip
