"""The closure condition: draws weighted by how near their growth comes to a wanted one.

Nothing is fixed and nothing gives way. A draw's weight is the likelihood of the wanted growth, were
it measured in that draw with a normal error whose standard deviation is the tolerance, for every
zone that is conditioned on: ``w ∝ exp(−½ Σ_z ((ḡ_z − g)/tolerance)²)``, ḡ the average growth from
the first projected year to 2030. Weighted draws show the world in which that growth comes about.

References
----------
Geweke (1989), Bayesian inference in econometric models using Monte Carlo integration,
Econometrica 57:1317, doi:10.2307/1913710.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import xarray as xr

from simcore.accessor import refuse_summary
from simcore.arrays import Array, Mask
from simcore.dims import STATUS
from simcore.errors import InputError, did_you_mean
from simcore.labels import say
from simcore.quantity import percent, points
from simcore.weighting import effective_size, weighted_quantiles
from simcore.what_if import REQUIRED_UNTIL, average

TOLERANCE = "0.5 pp"
FEWEST = 100  # effective draws below which quantiles of 5 and 95 % are too rough to be told
SMALLEST = 1e-30  # a weight of zero marks masked draws alone


@dataclass(frozen=True)
class Conditional:
    """What the weighted draws say of a zone, averaged over the years.

    ``growth`` : mean over the weighted draws [percent a year]; ``tfp_growth`` : median, 5 % and
    95 % quantile of productivity growth among them, ``tfp_growth_before`` those of all draws.
    """

    zone: str
    years: tuple[int, int]
    growth: float
    tfp_growth: tuple[float, float, float]
    tfp_growth_before: tuple[float, float, float]


def condition(
    dataset: xr.Dataset,
    growth: float | str,
    *,
    zone: str = "*",
    tolerance: float | str = TOLERANCE,
    scenario: str | None = None,
) -> xr.Dataset:
    """Return a result whose draws are weighted to an average growth to 2030.

    Parameters
    ----------
    dataset : a result with its draws
    growth : 0.05 or ``"5%"``
    zone : one zone, or ``"*"``: each of them has that growth
    tolerance : 0.005, ``"0.5 pp"``, or infinite, which leaves all draws alike
    scenario : the one whose draws are weighted; all by default, each on its own growth

    `compare`, `targets`, ``dataset.simcore.fan`` and ``probability`` take weights into account.
    Raises `InputError` for a tolerance that is not above zero, growth that is pinned, and an
    effective sample size below `FEWEST`.
    """
    refuse_summary(dataset)
    wanted, width = _rate(growth), _width(tolerance)
    known = [str(name) for name in dataset["zone"].values]
    if zone != "*" and zone not in known:
        raise InputError(
            say("unknown zone '{zone}'{near}", zone=zone, near=did_you_mean(zone, known))
        )
    names = [str(name) for name in dataset["scenario"].values]
    if scenario is not None and scenario not in names:
        raise InputError(say(
            "unknown scenario '{scenario}'{near}",
            scenario=scenario, near=did_you_mean(scenario, names),
        ))  # fmt: skip
    weight = dataset["weight"].copy(deep=True)
    for name in names if scenario is None else [scenario]:
        average_growth = np.array(
            [growth_of(dataset, name, one) for one in (known if zone == "*" else [zone])]
        )
        found = _weights(average_growth, dataset["weight"].sel(scenario=name).values > 0,
                         wanted, width)  # fmt: skip
        what = say("{growth:g}% ± {width:g} pp in {scenario}",
                   growth=100 * wanted, width=100 * width, scenario=name)  # fmt: skip
        _refuse_few(found, what)
        weight.loc[{"scenario": name}] = found
    return dataset.assign(weight=weight)


def growth_of(dataset: xr.Dataset, scenario: str, zone: str, of: str = "gdp_growth") -> Array:
    """Return the average growth from the first projected year to 2030 [percent a year], (draw)."""
    first, last = span_of(dataset)
    path = dataset[of].sel(scenario=scenario, zone=zone, year=slice(first, last))
    return np.asarray(average(path.transpose("year", "draw").values.astype(np.float64)))


def span_of(dataset: xr.Dataset) -> tuple[int, int]:
    """Return the years over which growth is averaged."""
    projected = (dataset["status"] == STATUS.index("projection")).all("zone")
    years = dataset["year"].values[projected.values]
    return int(years[0]), int(min(REQUIRED_UNTIL, years[-1]))


def conditionals(dataset: xr.Dataset, scenario: str) -> list[Conditional]:
    """Return what the weighted draws of a scenario say of every zone."""
    weight = dataset["weight"].sel(scenario=scenario).values.astype(np.float64)
    found = []
    for zone in [str(name) for name in dataset["zone"].values]:
        growth = growth_of(dataset, scenario, zone)
        productivity = growth_of(dataset, scenario, zone, "tfp_growth")
        known = np.isfinite(growth) & (weight > 0)
        low, middle, high = weighted_quantiles(productivity, weight, (0.05, 0.5, 0.95))
        alike = np.where(known, 1.0, 0.0)
        before = weighted_quantiles(productivity, alike, (0.05, 0.5, 0.95))
        mean = float(np.average(growth[known], weights=weight[known]))
        found.append(
            Conditional(
                zone, span_of(dataset), mean, (float(middle), float(low), float(high)),
                (float(before[1]), float(before[0]), float(before[2])),
            )
        )  # fmt: skip
    return found


def _weights(growth: Array, sound: Mask, wanted: float, width: float) -> Array:
    """Return the weights of draws from their growth (zone, draw); masked ones have none.

    The mean over the others is one.
    """
    own = growth[:, sound]
    if math.isfinite(width) and own.size and (np.ptp(own, axis=1) < 1e-6).any():
        raise InputError(say("growth is the same in every draw: there is nothing to choose by"))
    exponent = -0.5 * (((own - 100 * wanted) / (100 * width)) ** 2).sum(axis=0)
    raw = np.maximum(np.exp(exponent - exponent.max(initial=-np.inf)), SMALLEST)
    weight = np.zeros(growth.shape[1])
    weight[sound] = raw / raw.mean()
    return weight


def _refuse_few(weight: Array, what: str) -> None:
    size, draws = effective_size(weight), int((weight > 0).sum())
    if size < FEWEST:
        needed = math.ceil(draws * FEWEST / max(size, 1.0) / 1000) * 1000
        raise InputError(say(
            "growth of {what}: an effective sample of {size:.0f} of {draws} draws, below "
            "{fewest}; ask for a wider tolerance, or for about {needed} draws",
            what=what, size=size, draws=draws, fewest=FEWEST, needed=needed,
        ))  # fmt: skip


def _rate(growth: float | str) -> float:
    try:
        return percent(growth) if isinstance(growth, str) else float(growth)
    except ValueError as error:
        raise InputError(say("growth: {error}", error=error)) from None


def _width(tolerance: float | str) -> float:
    try:
        if isinstance(tolerance, str) and tolerance.strip() not in ("inf", "infinite"):
            width = points(tolerance)
        else:
            width = float("inf") if isinstance(tolerance, str) else float(tolerance)
    except ValueError as error:
        raise InputError(say("tolerance: {error}", error=error)) from None
    if not width > 0:
        raise InputError(say("the tolerance {tolerance} is not above zero", tolerance=tolerance))
    return width
