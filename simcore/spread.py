"""Where the spread of GDP to come arises: what documents left open, parameters, or chance.

In every draw ln GDP is taken apart into a sum: the linear effects of the unknowns of the past and
of the projection's parameters, what chance adds to the same draw (with it minus without it), and
the rest, which is curvature. The share of a part in the variance of the sum is its covariance with
the sum over that variance: shares sum to one, and a part that works against the whole is below zero
(Shorrocks 1982, Econometrica 50:193, doi:10.2307/1912537). Freezing one group after the other would
count interactions twice or not at all, and the unknowns of the past depend on each other: no group
of them can be frozen alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simcore.arrays import Array
from simcore.fit import shrinkage_table
from simcore.headline import PARAMETER, Given, Headline
from simcore.members import Members
from simcore.sampling import BLOCK
from simcore.threads import one_thread

BLOCKS = 8  # 8192 draws: standard error of a share at most 0.6 percentage points
SEED = 20240102
PREFIX = "spread:"
LARGEST = 3  # parts named in each row

Source = Literal["past", "parameters", "growth shocks and crises", "price shocks", "curvature"]


@dataclass(frozen=True)
class SpreadRow:
    """The share of one source in the variance of ln GDP of a zone and year.

    ``evidence`` is the grade of unknowns and parameters, None for chance and curvature;
    ``deviation`` [percentage points of the logarithm] what the source's part alone would spread;
    ``largest`` the parts that matter most, with their shares of the same variance.
    """

    zone: str
    year: int
    source: Source
    evidence: str | None
    share: float
    deviation: float
    largest: dict[str, float]


@dataclass(frozen=True)
class Ensemble:
    """Draws of the headline taken apart, on a fixed ensemble with streams of its own.

    ``total`` : (zone, year, draw) ln GDP; ``inputs`` : (input, draw) unknowns, then parameters, as
    deviations in prior standard deviations; ``growth``, ``prices`` : (zone, year, draw) what
    chance adds.
    """

    headline: Headline
    total: Array
    inputs: Array
    growth: Array
    prices: Array

    @classmethod
    def of(
        cls, headline: Headline, blocks: int = BLOCKS, progress: Callable[[int], None] | None = None
    ) -> Ensemble:
        """Draw the ensemble; ``progress`` is told of draws done."""
        parts = []
        with one_thread():
            for block in range(blocks):
                parts.append(_block(headline, block))
                if progress:
                    progress(BLOCK)
        joined = [np.concatenate(arrays, axis=-1) for arrays in zip(*parts, strict=True)]
        return cls(headline, *joined)

    @property
    def deviation(self) -> Array:
        """Standard deviation of ln GDP, (zone, year)."""
        return np.asarray(self.total.std(axis=-1))


def _block(headline: Headline, block: int) -> tuple[Array, ...]:
    """One block of the ensemble: total, inputs, and what chance adds to growth and to prices."""
    posterior = headline.posterior
    plain = Members(posterior, SEED, block, PREFIX)
    latent = posterior.latent(plain.normals("posterior", len(posterior.mean)))
    past = posterior.problem.history(latent)
    struck = headline.log_gdp(Given(posterior, SEED, block, PREFIX, known=past))
    still = headline.log_gdp(Given(posterior, SEED, block, PREFIX, known=past, chance=False))
    drawn = [plain.normals(name, 1)[0] for name in headline.parameters]
    inputs = np.vstack([latent - posterior.mean[:, None], np.array(drawn)])
    growth, prices = struck - still
    return struck.sum(axis=0), inputs, growth, prices


def spread_table(ensemble: Ensemble) -> list[SpreadRow]:
    """Return the shares of every source, by zone and year; they sum to one."""
    headline = ensemble.headline
    return [
        row
        for place, zone in enumerate(headline.zones)
        for when, year in enumerate(headline.years)
        for row in _rows(ensemble, (place, when), zone, year)
    ]


def _rows(ensemble: Ensemble, place: tuple[int, int], zone: str, year: int) -> Iterator[SpreadRow]:
    """Take one quantity apart: inputs by source and grade, then chance, then curvature."""
    total, rest = ensemble.total[place], ensemble.total[place]
    slopes = np.concatenate([part[place] for part in ensemble.headline.gradient])
    for source, grade, inside, names in _groups(ensemble.headline):
        part = slopes[inside] @ ensemble.inputs[inside]
        own = slopes[inside] * shares(ensemble.inputs[inside], total)
        first = np.argsort(-np.abs(own))[:LARGEST]
        largest = {names[row]: float(own[row]) for row in first}
        yield SpreadRow(zone, year, source, grade, *_size(part, total), largest)
        rest = rest - part
    growth, prices = ensemble.growth[place], ensemble.prices[place]
    yield SpreadRow(zone, year, "growth shocks and crises", None, *_size(growth, total), {})
    yield SpreadRow(zone, year, "price shocks", None, *_size(prices, total), {})
    yield SpreadRow(zone, year, "curvature", None, *_size(rest - growth - prices, total), {})


def _size(part: Array, total: Array) -> tuple[float, float]:
    """Return a part's share of the variance, and its own standard deviation in points of log."""
    return float(shares(part[None], total)[0]), 100 * float(part.std())


def _groups(headline: Headline) -> Iterator[tuple[Source, str, Array, list[str]]]:
    """Return source, evidence grade, places among the inputs and names of each group of inputs.

    Unknowns have the grade that the reconciliation leaves them, as in the table of shrinkage.
    """
    posterior = headline.posterior
    table = shrinkage_table(posterior)
    known = posterior.problem.past.priors.parameters
    names = [name.removeprefix(PARAMETER) for name in headline.parameters]
    inputs: list[tuple[Source, str, str]] = [("past", row.evidence, row.parameter) for row in table]
    inputs += [("parameters", known[name.split(".")[0]].evidence, name) for name in names]
    for key in sorted({entry[:2] for entry in inputs}, key=lambda k: (k[0] != "past", k[1])):
        inside = [place for place, entry in enumerate(inputs) if entry[:2] == key]
        yield *key, np.array(inside), [inputs[place][2] for place in inside]


def shares(parts: Array, total: Array) -> Array:
    """cov(part, total) / var(total) of each part (part, draw).

    >>> parts = np.array([[1.0, -1.0, 1.0, -1.0], [2.0, 2.0, -2.0, -2.0]])
    >>> shares(parts, parts.sum(axis=0))
    array([0.2, 0.8])
    """
    centred = total - total.mean()
    return np.asarray(parts @ centred / (centred @ centred))
