"""The ladder of firms one by one: SimPy processes, an event log, and the counts that follow.

The exact model of which `simcore.ladder` draws the counts alone. Replication r is a pure function
of (seed, r): every cohort of firms has a stream of its own for each year, keyed by its name, in
which firm k has the row k. A lever that adds firms leaves those that were there as they are.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from simcore.arrays import Array
from simcore.ladder import Counts, Ladder, Rates
from simcore.ladder_priors import OUTSIDE
from simcore.sampling import stream

if TYPE_CHECKING:
    import simpy

    Steps = Generator[simpy.Event, None, None]


@dataclass(frozen=True)
class FirmEvent:
    """One move of one firm: when (a year and the part of it gone by), who, which, from and to."""

    date: float
    firm: str
    kind: str
    start: str
    end: str


@dataclass
class _Cohort:
    """Firms that came together, with their random numbers of each year."""

    name: str
    rung: int
    size: int
    seed: int
    replication: int
    rows: dict[int, Array] = field(default_factory=dict)

    def numbers(self, year: int) -> Array:
        """Uniform numbers of a year, (firm, 2): which move, and when in the year."""
        if year not in self.rows:
            found = stream(self.seed, f"{self.name}.{year}", self.replication)
            self.rows[year] = found.random((self.size, 2))
        return self.rows[year]


@dataclass(frozen=True)
class Replication:
    """Events of a replication in the order of their dates, and what they add up to.

    ``counts`` has a single draw; ``stays`` : (rung) firm-years spent on each rung.
    """

    events: tuple[FirmEvent, ...]
    counts: Counts
    stays: Array


def replicate(
    ladder: Ladder, rates: Rates, zone: str, first_year: int, seed: int, replication: int
) -> Replication:
    """Run the firms of a zone, with rates of one draw.

    The first year ends at time 0; year y lasts from y − first − 1 to y − first.
    """
    import simpy

    run = _Run(simpy.Environment(), ladder, rates, zone, first_year, seed, replication)
    run.start()
    run.environment.run()
    return run.result()


@dataclass
class _Run:
    environment: simpy.Environment
    ladder: Ladder
    rates: Rates
    zone: str
    first_year: int
    seed: int
    replication: int
    events: list[FirmEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Set up tallies, and the intervals of the unit line that stand for each rung's moves."""
        rungs, years = len(self.ladder.rungs), self.rates.years
        self.count = np.zeros((rungs, years + 1, 1))
        self.entered = np.zeros((rungs, years, 1))
        self.moves = np.zeros((len(self.ladder.moves), years, 1))
        self.stays = np.zeros(rungs)
        self.now = [0] * rungs
        self.intervals = [self._intervals(year) for year in range(years)]

    def start(self) -> None:
        """Start the firms of the first year and, year by year, the new ones."""
        for rung, name in enumerate(self.ladder.rungs):
            key = f"firms.{self.zone}.{self.first_year}.{name}"
            size = round(float(self.rates.start[rung, 0]))
            cohort = _Cohort(key, rung, size, self.seed, self.replication)
            for firm in range(size):
                self.environment.process(self._firm(cohort, firm, 0))
            self.now[rung] += size
        self.count[:, 0, 0] = self.now
        self.environment.process(self._audit())
        for year in range(self.rates.years):
            for rung in range(len(self.ladder.rungs)):
                if self.rates.entry[rung, year, 0] > 0:
                    self._enter(rung, year)

    def _audit(self) -> Steps:
        """Count the firms at the end of every year."""
        for year in range(self.rates.years):
            yield self.environment.timeout(year + 1 - self.environment.now)
            self.count[:, year + 1, 0] = self.now

    def _enter(self, rung: int, year: int) -> None:
        """Let the new firms of a year come at the dates of a Poisson process."""
        name = self.ladder.rungs[rung]
        key = f"firms.{self.zone}.{self.first_year + 1 + year}.new.{name}"
        mean = float(self.rates.entry[rung, year, 0])
        dates = _arrivals(stream(self.seed, f"{key}.arrivals", self.replication), mean)
        cohort = _Cohort(key, rung, len(dates), self.seed, self.replication)
        for firm, date in enumerate(dates):
            self.environment.process(self._newcomer(cohort, firm, year, float(date)))

    def _newcomer(self, cohort: _Cohort, firm: int, year: int, date: float) -> Steps:
        yield self.environment.timeout(year + date)
        self._log(cohort, firm, "entry", OUTSIDE, cohort.rung)
        self.entered[cohort.rung, year] += 1
        self.now[cohort.rung] += 1
        yield from self._firm(cohort, firm, year + 1)

    def _firm(self, cohort: _Cohort, firm: int, year: int) -> Steps:
        """One firm from a year on: at most one move a year, at a date of its own."""
        rung, since = cohort.rung, self.environment.now
        for now in range(year, self.rates.years):
            chance, date = cohort.numbers(now)[firm]
            move = self._move(rung, now, float(chance))
            if move is None:
                continue
            yield self.environment.timeout(now + float(date) - self.environment.now)
            target = self.ladder.moves[move].target
            self.moves[move, now] += 1
            self.stays[rung] += self.environment.now - since
            self.now[rung] -= 1
            self._log(cohort, firm, self.ladder.moves[move].kind, rung, target)
            if target == OUTSIDE:
                return
            self.now[target] += 1
            rung, since = target, self.environment.now
        self.stays[rung] += self.rates.years - since

    def _log(self, cohort: _Cohort, firm: int, kind: str, start: int, end: int) -> None:
        names = ("outside" if place == OUTSIDE else self.ladder.rungs[place]
                 for place in (start, end))  # fmt: skip
        date = self.first_year + 1 + self.environment.now
        self.events.append(FirmEvent(date, f"{cohort.name}.{firm}", kind, *names))

    def _intervals(self, year: int) -> list[list[tuple[float, float, int]]]:
        """Part of the unit line of each move, by rung: promotions from 0 up, others from 1 down."""
        factor = self.rates.factor[:, year]
        chance = self.ladder.probabilities(self.rates.hazard * factor)[:, 0]
        found: list[list[tuple[float, float, int]]] = [[] for _ in self.ladder.rungs]
        low, high = [0.0] * len(found), [1.0] * len(found)
        for place, move in enumerate(self.ladder.moves):
            rung, part = move.source, float(chance[place])
            if move.kind == "promotion":
                found[rung].append((low[rung], low[rung] + part, place))
                low[rung] += part
            else:
                found[rung].append((high[rung] - part, high[rung], place))
                high[rung] -= part
        return found

    def _move(self, rung: int, year: int, chance: float) -> int | None:
        for low, high, place in self.intervals[year][rung]:
            if low <= chance < high:
                return place
        return None

    def result(self) -> Replication:
        """Return events and tallies."""
        events = tuple(sorted(self.events, key=lambda event: (event.date, event.firm)))
        return Replication(events, Counts(self.count, self.entered, self.moves), self.stays)


def _arrivals(generator: np.random.Generator, mean: float) -> Array:
    """Return dates in a year of a Poisson process; a higher mean keeps those before, earlier."""
    waits = np.empty(0)
    while waits.sum() <= mean:
        waits = np.append(waits, generator.standard_exponential(256))
    dates = np.cumsum(waits)
    return dates[dates <= mean] / mean
