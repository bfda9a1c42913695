"""Sobol' indices: the share of a factor in the variance of a result, alone and with the others.

With V = Var(y) and x_i the i-th factor,

    S_i = Var(E(y | x_i)) / V              first order: what knowing x_i would take from V
    T_i = 1 − Var(E(y | x_~i)) / V         total order: what is left if all but x_i is known

Two independent ensembles A and B are run, and for every factor A with that factor's random numbers
of B. Since a random number depends on the seed and its name alone, that is a run in which some
names have another seed: nothing of the model need be known, and a factor may be a group of names.

References
----------
Sobol' (2001), Mathematics and Computers in Simulation 55:271, doi:10.1016/S0378-4754(00)00270-6;
Saltelli et al. (2010), Computer Physics Communications 181:259, doi:10.1016/j.cpc.2009.09.018.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array
from simcore.errors import InputError, RunError
from simcore.labels import say

WITHIN = 1.645  # standard errors to each side: 90 % intervals
LEAST = 64  # draws

Seeds = Callable[[str], int]
"""The seed of a name's random numbers."""


@dataclass(frozen=True)
class Index:
    """The indices of a factor, with 90 % intervals."""

    factor: str
    first_order: float
    first_interval: tuple[float, float]
    total_order: float
    total_interval: tuple[float, float]

    @property
    def deviation_known(self) -> float:
        """Fall of the standard deviation to be expected if the factor were known, ``1 − √(1−S)``.

        >>> round(Index("x", 0.36, (0.3, 0.4), 0.4, (0.3, 0.5)).deviation_known, 6)
        0.2
        """
        return float(1 - np.sqrt(1 - np.clip(self.first_order, 0, 1)))


def sobol_indices(
    run: Callable[[Seeds], Array],
    factors: Sequence[tuple[str, Callable[[str], bool]]],
    seeds: tuple[int, int],
) -> list[Index]:
    """Return the indices of every factor for a result ``run(seeds)``, (draw).

    ``factors`` : name, and which names of random numbers belong to it. ``seeds`` : of A and of B.
    Draws that are not finite in one of the ensembles are left out of all. Raises `InputError` for
    too few draws, `RunError` if the result does not vary.
    """
    one, other = seeds

    def mixed(belongs: Callable[[str], bool]) -> Seeds:
        return lambda name: other if belongs(name) else one

    runs = [run(lambda _: one), run(lambda _: other), *(run(mixed(b)) for _, b in factors)]
    values = np.array(runs)
    values = values[:, np.isfinite(values).all(axis=0)]
    if values.shape[1] < LEAST:
        raise InputError(say(
            "{draws} draws are too few for indices: {fewest} at least",
            draws=values.shape[1], fewest=LEAST,
        ))  # fmt: skip
    if np.ptp(values[0]) == 0:
        raise RunError(
            say("the result is the same in every draw: there is no variance to share out")
        )
    return _estimated([name for name, _ in factors], values - values[:2].mean())


def _estimated(names: Sequence[str], values: Array) -> list[Index]:
    """Estimate the indices from centred results of A, B and the mixtures, (run, draw).

    ``S = mean(b (m − a)) / V`` and ``T = mean((m − a)²) / 2V`` with m of A with the factor of B.
    """
    a, b, mixtures = values[0], values[1], values[2:]
    variance = (a**2 + b**2) / 2
    return [
        Index(name, *_ratio(b * (mixture - a), variance), *_ratio((mixture - a) ** 2 / 2, variance))
        for name, mixture in zip(names, mixtures, strict=True)
    ]


def _ratio(part: Array, whole: Array) -> tuple[float, tuple[float, float]]:
    """Return a ratio of means over draws and its interval.

    Its standard error is ``s.d.(part − ratio · whole) / (mean(whole) √n)``, by the delta method.
    """
    ratio = part.mean() / whole.mean()
    error = np.std(part - ratio * whole) / (whole.mean() * np.sqrt(len(whole)))
    return float(ratio), (float(ratio - WITHIN * error), float(ratio + WITHIN * error))
