"""What the documents leave open about the ladder of firms: its unknowns, and the figures' misfit.

Each unknown is a standard normal mapped to its prior; the counts are linear in stocks and entry
(`simcore.ladder.expected`), and each figure is met up to its rounding and the chance of the moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.entries import Figure
from simcore.labels import Label
from simcore.ladder import Counts, Ladder, Rates, expected, spread
from simcore.ladder_priors import Firms, Sourced, printed_count
from simcore.laplace import Laplace, slopes
from simcore.observe import rounding
from simcore.priors import Distribution, Priors
from simcore.unknowns import Scales, Unknown, Values

DAYS = 365.25  # of a year
DIFFUSE = 0.25  # standard deviation of the prior of a printed count, relative


@dataclass(frozen=True)
class Evidence:
    """A figure that speaks of the ladder: the count of a rung, or the arrivals on it in a year."""

    figure: Figure
    zone: str
    rung: str
    arrivals: bool

    @property
    def year(self) -> int:
        """The year at whose end, or in which, firms are counted."""
        assert self.figure.year is not None  # checked with the calibration
        return self.figure.year


@dataclass(frozen=True)
class FirmProblem:
    """Unknowns of every zone's ladder and the figures that speak of them."""

    baseline: Baseline
    priors: Priors
    firms: Firms
    chance: Mapping[str, float]
    """Standard deviation of each figure's quantity from chance alone [firms]"""

    @cached_property
    def ladder(self) -> Ladder:
        """The rungs and moves, the same for every zone."""
        return Ladder.of(self.firms)

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that have a ladder, in the order of the baseline."""
        return tuple(zone for zone in self.baseline.zones if zone in self.firms.zones)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """Documented counts and arrivals that the documents in use hold."""
        return tuple(
            Evidence(self.baseline.figures[name], zone, rung, part == "arrivals")
            for zone, part, rung, _, name in self.firms.named()
            if part != "goals" and name in self.baseline.figures and zone in self.zones
        )

    @cached_property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Every unknown, in a fixed order."""
        found = [unknown for zone in self.zones for unknown in _zone_unknowns(self, zone)]
        excess = self.priors.parameters["excess"]
        for part in self.evidence:
            if part.figure.qualifier in ("over", "under"):
                name = f"excess.{part.figure.id}"
                found.append(
                    Unknown(name, excess.of_zone(None), excess.label, excess.evidence,
                            excess.source, excess.unit)
                )  # fmt: skip
        return tuple(found)

    @cached_property
    def scales(self) -> Scales:
        """The unknowns' distributions."""
        return Scales(self.unknowns)

    def rates(self, zone: str, values: Values, years: int) -> Rates:
        """Return what a zone's ladder runs on for some years after its first, of every draw."""
        entry, growth = self.firms.zones[zone], values[f"{zone}.entry_growth"]
        start = self._start(zone, values)
        new = np.zeros((len(self.ladder.rungs), years, start.shape[1]))
        elapsed = np.arange(1, years + 1)[:, None]
        for place, rung in enumerate(self.ladder.rungs):
            if rung in entry.entry:
                new[place] = values[f"{zone}.entry.{rung}"] * np.exp(growth * elapsed)
        hazard = np.array([values[f"{zone}.{move.name}"] for move in self.ladder.moves])
        return Rates(start, new, hazard, np.ones((len(self.ladder.moves), years, 1)))

    def _start(self, zone: str, values: Values) -> Array:
        """Firms at the end of a zone's first year, (rung, draw).

        An assumed stock is the rung's own; from a printed count what else it covers is taken off,
        the highest rung first.
        """
        rungs = self.ladder.rungs
        start = np.zeros((len(rungs), len(values[f"{zone}.entry_growth"])))
        for place, rung in reversed(list(enumerate(rungs))):
            if self.printed(zone, rung) is None:
                start[place] = values[f"{zone}.stock.{rung}"]
            else:
                above = self.counted(zone, rung, start, values)
                start[place] = np.maximum(values[f"{zone}.count.{rung}"] - above, 0)
        return start

    def printed(self, zone: str, rung: str) -> Figure | None:
        """Return the count that is printed of a rung for the zone's first year, if any."""
        first = self.firms.zones[zone].first_year
        for part in self.evidence:
            if (part.zone, part.rung, part.year, part.arrivals) == (zone, rung, first, False):
                return part.figure
        return None

    def published(self, part: Evidence, counts: Counts, values: Values) -> Array:
        """Return what the ladder says of a figure, (draw)."""
        place = part.year - self.firms.zones[part.zone].first_year
        if part.arrivals:
            return self.arrivals(part.rung, counts.moves[:, place - 1])
        return self.counted(part.zone, part.rung, counts.count[:, place], values)

    def counted(self, zone: str, rung: str, count: Array, values: Values) -> Array:
        """Return the firms that a documented count of a rung covers, of counts (rung, …, draw)."""
        covered, places = self.firms.covers(rung), self.ladder.rungs.index
        found = count[[places(name) for name in covered.rungs]].sum(axis=0)
        for other in covered.partly:
            found = found + values[f"{zone}.share.{rung}.{other}"] * count[places(other)]
        return np.asarray(found)

    def arrivals(self, rung: str, moves: Array) -> Array:
        """Return the firms that reach a rung from another, of moves (move, …, draw)."""
        into = [place for place, move in enumerate(self.ladder.moves) if move.end == rung]
        return np.asarray(moves[into].sum(axis=0))

    def misfit(self, latent: Array) -> Array:
        """(model − figure)/σ of every figure, (figure, draw), of the mean of the counts."""
        values = self.scales.values(latent)
        counts = {zone: expected(self.ladder, self.rates(zone, values, self.last(zone)))
                  for zone in self.zones}  # fmt: skip
        rows = []
        for part in self.evidence:
            stated: Array = np.asarray(printed_count(part.figure))
            if part.figure.qualifier in ("over", "under"):
                excess = values[f"excess.{part.figure.id}"]
                stated = stated * (1 + excess if part.figure.qualifier == "over" else 1 - excess)
            found = self.published(part, counts[part.zone], values)
            rows.append((found - stated) / self.deviation(part))
        return np.array(rows).reshape(len(self.evidence), latent.shape[1])

    def jacobian(self, latent: Array) -> Array:
        """Central differences of the misfit at one point (unknown), (figure, unknown)."""
        return slopes(self.misfit, latent)

    def deviation(self, part: Evidence) -> float:
        """Standard deviation of a figure around the ladder's mean: rounding and chance [firms]."""
        unit = printed_count(part.figure) / float(part.figure.value or 1.0)
        return float(np.hypot(unit * rounding(part.figure), self.chance[part.figure.id]))

    def last(self, zone: str) -> int:
        """Years from a zone's first to the last with a figure."""
        years = [part.year for part in self.evidence if part.zone == zone]
        first = self.firms.zones[zone].first_year
        return max([*years, first]) - first

    def chances(self, latent: Array) -> dict[str, float]:
        """Standard deviation of every figure's quantity from chance alone, at one point."""
        values, found = self.scales.values(latent[:, None]), {}
        for zone in self.zones:
            rates = self.rates(zone, values, self.last(zone))
            variance, means = spread(self.ladder, rates), expected(self.ladder, rates)
            for part in (part for part in self.evidence if part.zone == zone):
                if part.arrivals:
                    square = float(self.published(part, means, values)[0])
                else:
                    weight = self._weights(part, values)
                    square = float(
                        weight @ variance[part.year - self.firms.zones[zone].first_year] @ weight
                    )
                found[part.figure.id] = float(np.sqrt(square))
        return found

    def _weights(self, part: Evidence, values: Values) -> Array:
        """Share of each rung that a documented count covers, (rung), at one point."""
        each = np.eye(len(self.ladder.rungs))
        return np.array([self.counted(part.zone, part.rung, one[:, None], values)[0]
                         for one in each])  # fmt: skip


def _zone_unknowns(problem: FirmProblem, zone: str) -> Iterator[Unknown]:
    """Stocks of the first year, entry and its growth, hazards, and shares that counts cover."""
    firms, entry = problem.firms, problem.firms.zones[zone]

    def unknown(name: str, en: str, zh: str, prior: Sourced, unit: str) -> Unknown:
        return Unknown(
            f"{zone}.{name}", prior, Label(en, zh), prior.evidence, prior.source, unit
        )  # fmt: skip

    for rung, about in firms.rungs.items():
        label, year, printed = about.label, entry.first_year, problem.printed(zone, rung)
        en, zh = f"{label.en}, {year}", f"{label.zh}，{year}年"
        if printed is None:
            yield unknown(f"stock.{rung}", en, zh, entry.stocks[rung], "firms")
        else:
            yield unknown(f"count.{rung}", en, zh, _diffuse(printed), "firms")
    for rung, new in entry.entry.items():
        label = firms.rungs[rung].label
        yield unknown(
            f"entry.{rung}", f"new {label.en} a year", f"年新增{label.zh}", _entry(problem, new),
            "firms a year",
        )  # fmt: skip
    yield unknown(
        "entry_growth", "growth of entry", "新增企业增速", firms.entry_growth.of_zone(zone),
        "log points a year",
    )  # fmt: skip
    for move in firms.moves:
        ends = [firms.rungs[name].label for name in (move.start, move.end) if name in firms.rungs]
        en, zh = ends[0].en, ends[0].zh
        if move.kind == "exit":
            label = Label(f"{en}: exit", f"{zh}：退出")
        else:
            label = Label(f"{en} to {ends[1].en}", f"{zh}→{ends[1].zh}")
        yield unknown(move.name, label.en, label.zh, move.rate.of_zone(zone), "1/year")
    for rung in firms.rungs:
        for other, share in firms.covers(rung).partly.items():
            inner, whole = firms.rungs[other].label, firms.rungs[rung].label
            yield unknown(
                f"share.{rung}.{other}", f"share of {inner.en} counted as {whole.en}",
                f"{inner.zh}计入{whole.zh}的比例", share, "share",
            )  # fmt: skip


def _diffuse(figure: Figure) -> Sourced:
    """A wide prior around a printed count, which the count itself then settles."""
    count = printed_count(figure)
    return Sourced(
        dist="normal", mean=count, deviation=DIFFUSE * count, evidence="documented",
        source=str(figure.source),
    )  # fmt: skip


def _entry(problem: FirmProblem, new: Sourced) -> Sourced:
    """New firms a year: assumed, or the assumed share of those that a figure prints a day."""
    figure = problem.baseline.figures.get(getattr(new, "figure", None) or "")
    if figure is None:
        return new
    scale = DAYS * printed_count(figure)
    fields = {name: getattr(new, name) for name in Distribution.model_fields}
    fields["median"] = scale * (new.median or 0.0)
    return Sourced(**fields, evidence=new.evidence, source=f"{new.source}; {figure.source}")


@dataclass(frozen=True)
class FirmPosterior(Laplace[FirmProblem]):
    """What the figures leave of the ladder; draws of the unknowns become named values."""

    def values(self, normal: Array) -> Values:
        """Return the unknowns of draws: standard normals (unknown, draw) in, values (draw) out."""
        return self.problem.scales.values(self.latent(normal))
