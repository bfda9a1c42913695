"""The calibrated history as numbers: quantiles of its draws, and documented figures beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simcore.arrays import Array
from simcore.dims import QUANTILES
from simcore.entries import Figure
from simcore.history import History, Past
from simcore.posterior import Posterior
from simcore.writing import write_text

DRAWS = 4096
SEED = 20240103
SECTORS = ("secondary", "tertiary", "primary")
SHARES = "sector_share"
QUANTITIES: dict[str, tuple[str, str]] = {
    "gdp": ("gdp", "level"),
    "gdp_growth": ("gdp", "growth"),
    SHARES: ("value_added", "share"),
    "rnd_intensity": ("rnd", "intensity"),
}
"""What is shown, and the indicator and concept of documented figures of it."""


@dataclass(frozen=True)
class Series:
    """Quantiles over draws of one quantity of a zone: ``values`` (quantile, year)."""

    zone: str
    quantity: str
    sector: str
    years: tuple[int, ...]
    values: Array


@dataclass(frozen=True)
class Shown:
    """A documented figure of a quantity that is shown.

    ``other_basis`` : the model meets the figure on the figure's own basis, before a revision or on
    an earlier scope, which is not that of the series.
    """

    quantity: str
    figure: Figure
    other_basis: bool


def history_series(posterior: Posterior, draws: int = DRAWS) -> Iterator[Series]:
    """Return the quantiles of every quantity, zone and sector over a fixed ensemble."""
    normal = np.random.default_rng(SEED).standard_normal((len(posterior.mean), draws))
    past, history = posterior.problem.past, posterior.draw(normal)
    for row, zone in enumerate(past.baseline.zones):
        for quantity in QUANTITIES:
            for sector in SECTORS if quantity == SHARES else ("",):
                values = _values(past, history, row, quantity, sector)
                known = np.isfinite(values).all(axis=1)
                years = tuple(np.array(history.years)[known].tolist())
                yield Series(
                    zone, quantity, sector, years, np.quantile(values[known], QUANTILES, axis=1)
                )


def _values(past: Past, history: History, row: int, quantity: str, sector: str) -> Array:
    """Draws of a quantity in its printed unit, (year, draw); NaN in years that have none."""
    if quantity == "gdp":
        return history.gdp[row]
    if quantity == "gdp_growth":
        return 100 * np.expm1(history.growth[row])
    if quantity == "rnd_intensity":
        return 100 * history.rnd_intensity[row]
    rows = past.members[list(past.baseline.zones)[row]]
    inside = np.array(past.sectors[rows]) == sector
    return np.asarray(100 * history.share[rows][inside].sum(axis=0))


def documented_figures(posterior: Posterior) -> list[Shown]:
    """Return the figures that serve as evidence of a quantity that is shown."""
    past = posterior.problem.past
    middle = posterior.problem.history(posterior.mean[:, None])
    found = []
    for observation in posterior.problem.observations:
        figure = observation.figure
        for quantity, name in QUANTITIES.items():
            sector = figure.sector in SECTORS if quantity == SHARES else figure.sector is None
            if (figure.indicator, figure.concept) == name and sector and not figure.industry:
                other = False
                if isinstance(figure.period, int):
                    row = list(past.baseline.zones).index(figure.zone)
                    own = _values(past, middle, row, quantity, figure.sector or "")
                    value = own[middle.place(figure.period)]
                    other = not np.allclose(observation.operator(middle), value, rtol=1e-6)
                found.append(Shown(quantity, figure, other))
    return found


def undocumented(years: Sequence[int], figures: Sequence[Figure]) -> list[int]:
    """Return the years of which no figure speaks by itself; averages over years do not count."""
    printed = {figure.period for figure in figures}
    return [year for year in years if year not in printed]


def write_history(past: Past, found: Sequence[Series], shown: Sequence[Shown], path: Path) -> None:
    """Write quantiles, a row a zone, quantity and year, then the figures, a row each."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    quantiles = [f"q{round(100 * q):02d}" for q in QUANTILES]
    writer.writerow(
        ["zone", "quantity", "sector", "first", "last", "status", *quantiles]
        + ["evidence", "figure", "qualifier", "value"]
    )
    for one in found:
        figures = [
            s.figure for s in shown
            if (s.figure.zone, s.quantity, s.figure.sector or "")
            == (one.zone, one.quantity, one.sector)
        ]  # fmt: skip
        missing = undocumented(one.years, figures)
        for year, values in zip(one.years, one.values.T, strict=True):
            writer.writerow(
                [
                    one.zone,
                    one.quantity,
                    one.sector,
                    year,
                    year,
                    past.baseline.status(one.zone, year),
                ]
                + [f"{value:.6g}" for value in values]
                + ["assumed" if year in missing else "documented", "", "", ""]
            )
        for figure in figures:
            first, last = figure.period if isinstance(figure.period, tuple) else [figure.year] * 2
            writer.writerow(
                [one.zone, one.quantity, one.sector, first, last, "", *[""] * len(quantiles)]
                + ["documented", figure.id, figure.qualifier, figure.value]
            )
    write_text(path, text.getvalue())
