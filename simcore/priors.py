"""Prior distributions: what no document gives, with its evidence grade and source.

Every distribution is a monotone map of a standard normal, ``x = F⁻¹(Φ(z))``. So the
reconciliation works in units of prior standard deviations, and any sampler of uniform or
normal numbers (random, Latin hypercube, Sobol) reaches every parameter the same way.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from simcore.arrays import Array
from simcore.correlations import Mixture, Pair, mixtures
from simcore.errors import did_you_mean
from simcore.labels import Label, say
from simcore.quantity import number
from simcore.resources import calibration_document
from simcore.strict import Strict, validated

Number = Annotated[float, BeforeValidator(number, json_schema_input_type=float | str)]
Evidence = Literal["documented", "derived", "assumed"]

BEHAVIOUR = {
    "capital_elasticity": (0.01, 0.99),
    "depreciation": (0.001, 0.5),
    "capital_formation_share": (0.01, 1.5),
    "rnd_depreciation": (0.001, 0.9),
    "rnd_elasticity": (0.0, 5.0),
    "spillover": (0.0, 2.0),
    "path_error": (-0.2, 0.2),
    "long_run_deviation": (-0.2, 0.2),
    "crisis_size": (0.0, 0.9),
    "shock_persistence": (0.0, 0.99),
}
"""Parameters of the projection alone, which a scenario may give another distribution, and the
interval in which its draws must lie for the equations to make sense."""


SLACKS = (
    "relative_price_services", "sector_scope", "value_added_rate_factor", "coverage",
    "aggregate_weights",
)  # fmt: skip
"""Ways to disagree that the model knows. A slack's key is one of them, or one and its zone,
``coverage.jingkai``, where several zones have it."""


class Distribution(Strict):
    """A one-dimensional distribution, as a function of a standard normal.

    >>> Distribution(dist="lognormal", median=2.0, sigma=0.5).from_standard(np.zeros(1))
    array([2.])
    """

    dist: Literal[
        "normal", "lognormal", "beta", "triangular", "truncated_normal", "uniform", "constant"
    ]
    mean: Number | None = None
    deviation: Number | None = None
    median: Number | None = None
    sigma: Number | None = None
    shift: Number = 0.0
    low: Number | None = None
    mode: Number | None = None
    high: Number | None = None
    value: Number | None = None

    @model_validator(mode="after")
    def _complete(self) -> Distribution:
        needed = _NEEDED[self.dist]
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(say(
                "a {dist} distribution also needs {missing}",
                dist=self.dist, missing=", ".join(missing),
            ))  # fmt: skip
        for name in ("deviation", "sigma", "median"):
            given = getattr(self, name)
            if name in needed and given <= 0:
                raise ValueError(say("{name} must be above zero", name=name))
        if self.dist == "beta":
            mean, deviation = _given(self.mean), _given(self.deviation)
            if not (0 < mean < 1 and deviation**2 < mean * (1 - mean)):
                raise ValueError(say("no beta distribution has this mean and deviation"))
        if "low" in needed:
            inner = _given(self.mode) if self.dist == "triangular" else _given(self.low)
            if not (
                _given(self.low) <= inner <= _given(self.high)
                and _given(self.low) < _given(self.high)
            ):
                raise ValueError(say("low, mode and high must rise"))
        return self

    def from_standard(self, normal: Array) -> Array:
        """Map standard normals to this distribution, elementwise.

        A normal is ``mean + deviation z``; a lognormal ``shift + median exp(sigma z)``; a beta,
        triangular or uniform the inverse of its distribution function at Φ(z); a truncated
        normal the inverse of the normal's, Φ(z) scaled to the interval.
        """
        match self.dist:
            case "constant":
                return np.full_like(normal, _given(self.value))
            case "normal":
                return _given(self.mean) + _given(self.deviation) * normal
            case "lognormal":
                return self.shift + _given(self.median) * np.exp(_given(self.sigma) * normal)
            case "beta":
                return self._beta(normal)
            case "truncated_normal":
                return self._truncated(normal)
        return self._bounded(normal)

    def _beta(self, normal: Array) -> Array:
        from scipy.special import betaincinv, ndtr

        mean, deviation = _given(self.mean), _given(self.deviation)
        size = mean * (1 - mean) / deviation**2 - 1
        if min(mean, 1 - mean) * size < 1:  # a density without bound: too steep for a table
            return np.asarray(betaincinv(mean * size, (1 - mean) * size, ndtr(normal)))
        grid, values = _beta_table(mean, deviation)
        return np.interp(normal, grid, values)

    def _truncated(self, normal: Array) -> Array:
        from scipy.special import ndtr, ndtri

        mean, deviation = _given(self.mean), _given(self.deviation)
        ends = [(end - mean) / deviation for end in (_given(self.low), _given(self.high))]
        if ends[0] > 0:  # reflected: the distribution function is exact in its lower tail alone
            bottom, top = ndtr(-ends[1]), ndtr(-ends[0])
            inner = -ndtri(bottom + (top - bottom) * ndtr(-normal))
        else:
            bottom, top = ndtr(ends[0]), ndtr(ends[1])
            inner = ndtri(bottom + (top - bottom) * ndtr(normal))
        return np.asarray(np.clip(mean + deviation * inner, _given(self.low), _given(self.high)))

    def _bounded(self, normal: Array) -> Array:
        from scipy.special import ndtr

        share = ndtr(normal)
        low, high = _given(self.low), _given(self.high)
        if self.dist == "uniform":
            return np.asarray(low + (high - low) * share)
        mode = _given(self.mode)
        turn = (mode - low) / (high - low)
        rising = low + np.sqrt(share * (high - low) * (mode - low))
        falling = high - np.sqrt((1 - share) * (high - low) * (high - mode))
        return np.where(share < turn, rising, falling)


@lru_cache(maxsize=64)
def _beta_table(mean: float, deviation: float) -> tuple[Array, Array]:
    """Inverse of the beta distribution at Φ(z) on a grid of z, which `numpy.interp` reads.

    The inverse takes microseconds a value; between grid points the error is below 1e-6.
    """
    from scipy.special import betaincinv, ndtr

    size = mean * (1 - mean) / deviation**2 - 1
    grid = np.linspace(-8.0, 8.0, 2049)
    return grid, betaincinv(mean * size, (1 - mean) * size, ndtr(grid))


_NEEDED: dict[str, tuple[str, ...]] = {
    "normal": ("mean", "deviation"),
    "lognormal": ("median", "sigma"),
    "beta": ("mean", "deviation"),
    "triangular": ("low", "mode", "high"),
    "truncated_normal": ("mean", "deviation", "low", "high"),
    "uniform": ("low", "high"),
    "constant": ("value",),
}


def _given(value: float | None) -> float:
    assert value is not None  # checked by the validator of the class
    return value


class Prior(Distribution):
    """A parameter's distribution with what a reader must know of it."""

    label: Label
    unit: str = "share"
    scope: Literal["common", "zone", "activity", "year", "zone_year"]
    zones: dict[str, dict[str, Any]] = {}
    evidence: Evidence
    source: str
    verified: bool = True

    @model_validator(mode="after")
    def _zones_complete(self) -> Prior:
        for zone, own in self.zones.items():
            for name in own:
                if name not in Distribution.model_fields:
                    near = did_you_mean(name, Distribution.model_fields)
                    raise ValueError(
                        say("unknown key '{name}' of {zone}{near}", name=name, zone=zone, near=near)
                    )
            try:
                self.of_zone(zone)
            except ValidationError as error:
                fault = error.errors(include_url=False)[0]
                said = str(fault.get("ctx", {}).get("error", fault["msg"]))
                raise ValueError(f"{zone}: {said}") from None
        return self

    def of_zone(self, zone: str | None) -> Distribution:
        """Return the zone's own distribution, or the common one."""
        common = {name: getattr(self, name) for name in Distribution.model_fields}
        return Distribution(**{**common, **self.zones.get(zone or "", {})})


class Slack(Distribution):
    """One named way in which documented figures may disagree."""

    label: Label
    unit: str = "share"
    zone: str
    conflict: str
    evidence: Evidence
    source: str


class Conflict(Strict):
    """Figures that cannot hold together without their slacks."""

    zone: str
    label: Label
    figures: list[str]


class Spread(Strict):
    """A lognormal share or rate: median and log standard deviation."""

    median: Number
    sigma: Number

    def distribution(self) -> Distribution:
        """Return the lognormal distribution."""
        return Distribution(dist="lognormal", median=self.median, sigma=self.sigma)


class ActivityShock(Strict):
    """Group and stationary standard deviation of an activity's own growth shocks."""

    group: str
    deviation: Number


class ActivityPrior(Strict):
    """Base-year priors of one activity."""

    value_added_share: Spread | None = None
    output_share: Spread | None = None
    value_added_rate: Spread
    differential: Number
    income_share: Number
    shock: ActivityShock
    evidence: Evidence
    source: str = ""


class Vintage(Strict):
    """A national growth path as known in a year."""

    year: int
    path: dict[int, Number]
    source: str


class NationalGrowth(Strict):
    """Outcomes and forecast vintages of national real growth."""

    label: Label
    outcomes: dict[int, Number]
    vintages: list[Vintage]
    long_run_year: int
    evidence: Evidence


class GroupPair(Strict):
    """Correlation between two groups of activities."""

    groups: tuple[str, str]
    correlation: float


class ParameterPair(Strict):
    """Correlation of the standard normals behind two parameters of the projection."""

    parameters: tuple[str, str]
    coefficient: Annotated[Number, Field(gt=-1, lt=1)]
    evidence: Evidence
    source: str
    verified: bool = True


class Shocks(Strict):
    """Standard deviations and correlations of annual growth shocks."""

    nation: Number
    city: Number
    zone: Number
    degrees_of_freedom: int
    source: str
    groups: dict[str, float]
    between_groups: float
    pairs: list[GroupPair]
    group_source: str


class OutputShareFigures(Strict):
    """The documented figures that turn a share of output into a share of GDP."""

    output: str
    gdp: str


class Priors(Strict):
    """Everything that no document gives."""

    parameters: dict[str, Prior]
    slacks: dict[str, Slack]
    conflicts: dict[str, Conflict]
    national_growth: NationalGrowth
    half_life: float
    documented_crisis: int
    crisis_probability: Number
    censuses: list[int]
    shocks: Shocks
    differential_deviation: Number
    output_share_figures: dict[str, OutputShareFigures]
    activities: dict[str, dict[str, ActivityPrior]]
    correlations: list[ParameterPair] = []

    @property
    def mixtures(self) -> dict[str, Mixture]:
        """Correlated parameters as sums of independent normals; see `simcore.correlations`."""
        return mixtures(self.pairs)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Correlated parameters and their coefficients."""
        return tuple((*pair.parameters, pair.coefficient) for pair in self.correlations)

    def distribution(self, name: str, zone: str | None = None) -> Distribution:
        """Return the distribution of a parameter, in a zone where it has one of its own."""
        return self.parameters[name].of_zone(zone)

    @property
    def slack_unknowns(self) -> dict[str, Slack]:
        """Slacks by the name of their unknown, ``coverage.jingkai``."""
        return {
            f"{name.partition('.')[0]}.{slack.zone}": slack for name, slack in self.slacks.items()
        }

    @cached_property
    def vintage(self) -> Vintage:
        """The latest vintage of the national path."""
        return max(self.national_growth.vintages, key=lambda vintage: vintage.year)

    def correlation(self, first: str, second: str) -> float:
        """Return the correlation of the shocks of two activities of these groups."""
        if first == second:
            return self.shocks.groups[first]
        for pair in self.shocks.pairs:
            if {first, second} == set(pair.groups):
                return pair.correlation
        return self.shocks.between_groups


def load_priors() -> Priors:
    """Read the shipped priors; raises `InputError` with every fault and its place."""
    return validated(Priors, calibration_document("priors"))
