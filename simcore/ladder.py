"""The ladder of firms: counts and moves of every rung, year and draw, all draws at once.

A firm makes at most one move a year: up, down, or off the ladder. With hazards h_m of the moves m
that leave its rung and H their sum, it makes move m with probability ``(1 − exp(−H)) h_m / H``. New
firms are a Poisson number and move from the year after their entry on. So the moves that leave a
rung in a year are multinomial, drawn here one after the other as binomial numbers given the rest:
exactly the distribution of the firms of `simcore.ladder_events`, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array, Rows
from simcore.counting import binomial, poisson
from simcore.ladder_priors import OUTSIDE, Firms, Move

TINY = 1e-300  # keeps a share defined where every firm has moved


@dataclass(frozen=True)
class Ladder:
    """The rungs of a zone and the moves between them."""

    rungs: tuple[str, ...]
    moves: tuple[Move, ...]

    @classmethod
    def of(cls, firms: Firms) -> Ladder:
        """Return the ladder of a calibration."""
        return cls(tuple(firms.rungs), firms.moves)

    @property
    def source(self) -> Rows:
        """Place of the rung that each move leaves, (move)."""
        return np.array([move.source for move in self.moves], dtype=np.intp)

    def turns(self) -> list[Rows]:
        """Return the moves in turns: at most one move of each rung in a turn."""
        seen = [0] * len(self.rungs)
        turns: list[list[int]] = []
        for place, move in enumerate(self.moves):
            turn = seen[move.source]
            seen[move.source] += 1
            turns += [[]] if turn == len(turns) else []
            turns[turn].append(place)
        return [np.array(turn, dtype=np.intp) for turn in turns]

    def probabilities(self, hazard: Array) -> Array:
        """Chance of each move in a year, (move, draw), from the hazards [1/year]."""
        total = (self.source == np.arange(len(self.rungs))[:, None]).astype(float) @ hazard
        share = -np.expm1(-total) / np.where(total > 0, total, 1.0)
        return hazard * share[self.source]

    def moved(self, count: Array, moves: Array) -> Array:
        """Return the counts (rung, draw) after the moves (move, draw) of a year."""
        after = count.copy()
        for place, move in enumerate(self.moves):
            after[move.source] -= moves[place]
            if move.target != OUTSIDE:
                after[move.target] += moves[place]
        return after


@dataclass(frozen=True)
class Rates:
    """What a zone's ladder runs on, from its first year on.

    ``start`` : (rung, draw) firms at the end of the first year; ``entry`` : (rung, year, draw) mean
    of new firms; ``hazard`` : (move, draw) [1/year]; ``factor`` : (move, year, draw or 1) on the
    hazards, 1 where nothing moves them. Years are those after the first.
    """

    start: Array
    entry: Array
    hazard: Array
    factor: Array

    @property
    def years(self) -> int:
        """Number of years after the first."""
        return self.entry.shape[1]


@dataclass(frozen=True)
class Counts:
    """Firms of every rung at the end of each year, and the moves of each year after the first.

    ``count`` : (rung, year, draw), one year more than ``entered`` (rung, year, draw) and ``moves``
    (move, year, draw).
    """

    count: Array
    entered: Array
    moves: Array


def expected(ladder: Ladder, rates: Rates) -> Counts:
    """Return the means: ``n_t = (I + A_t) n_t−1 + b_t``, linear in counts and entry."""
    start = np.broadcast_to(rates.start, (len(ladder.rungs), rates.hazard.shape[1]))
    counts, moves = [start], []
    for year, chance in enumerate(_chances(ladder, rates)):
        moves.append(chance * counts[-1][ladder.source])
        counts.append(ladder.moved(counts[-1], moves[-1]) + rates.entry[:, year])
    shape = (rates.years, *rates.hazard.shape)
    flows = np.array(moves).reshape(shape).swapaxes(0, 1)
    return Counts(np.stack(counts, axis=1), rates.entry, flows)


def simulate(ladder: Ladder, rates: Rates, normal: Array, born: Mapping[int, Array]) -> Counts:
    """Return counts and moves of every draw.

    ``normal`` : (move, year, draw), and ``born`` by place of a rung, (year, draw), are the standard
    normals behind the moves and the new firms; under any rates they give the same quantiles.
    """
    shape = (len(ladder.rungs), rates.years + 1, rates.hazard.shape[1])
    count, moves = np.empty(shape), np.empty((len(ladder.moves), rates.years, shape[2]))
    entered = np.zeros((shape[0], rates.years, shape[2]))
    for place, numbers in born.items():
        entered[place] = poisson(np.broadcast_to(rates.entry[place], numbers.shape), numbers)
    count[:, 0] = np.round(rates.start)
    turns, before, shares = ladder.turns(), None, np.empty(0)
    for year, chance in enumerate(_chances(ladder, rates)):
        if chance is not before:
            before, shares = chance, _shares(ladder, turns, chance)
        left = count[:, year].copy()
        for turn in turns:
            rungs = ladder.source[turn]
            moves[turn, year] = binomial(left[rungs], shares[turn], normal[turn, year])
            left[rungs] -= moves[turn, year]
        count[:, year + 1] = ladder.moved(count[:, year], moves[:, year]) + entered[:, year]
    return Counts(count, entered, moves)


def _chances(ladder: Ladder, rates: Rates) -> Iterator[Array]:
    """Chance of each move, (move, draw), year by year; the same array while nothing changes."""
    before, chance = None, np.empty(0)
    for year in range(rates.years):
        factor = rates.factor[:, year]
        if before is None or not np.array_equal(factor, before):
            before, chance = factor, ladder.probabilities(rates.hazard * factor)
        yield chance


def _shares(ladder: Ladder, turns: Sequence[Rows], chance: Array) -> Array:
    """Chance of each move among the firms that no earlier move of the year took, (move, draw)."""
    found, unused = np.empty_like(chance), np.ones((len(ladder.rungs), chance.shape[1]))
    for turn in turns:
        rungs = ladder.source[turn]
        found[turn] = np.clip(chance[turn] / np.maximum(unused[rungs], TINY), 0.0, 1.0)
        unused[rungs] -= chance[turn]
    return found


def spread(ladder: Ladder, rates: Rates) -> Array:
    """Covariance of the counts at each year's end from chance alone, (year, rung, rung).

    ``V_t = P V_t−1 Pᵀ + Σ_r n_r (diag p_r − p_r p_rᵀ) + diag b`` with p_r the chances of a firm of
    rung r to be on each rung a year later and P their matrix, for rates of one draw.
    """
    size = len(ladder.rungs)
    means = expected(ladder, rates)
    found = [np.zeros((size, size))]
    for year, chances in enumerate(_chances(ladder, rates)):
        chance = chances[:, 0]
        step = np.eye(size)
        for place, move in enumerate(ladder.moves):
            step[move.source, move.source] -= chance[place]
            if move.target != OUTSIDE:
                step[move.target, move.source] += chance[place]
        now = means.count[:, year, 0]
        variance = step @ found[-1] @ step.T + np.diag(rates.entry[:, year, 0])
        for rung in range(size):
            own = step[:, rung]
            variance += now[rung] * (np.diag(own) - np.outer(own, own))
        found.append(variance)
    return np.array(found)
