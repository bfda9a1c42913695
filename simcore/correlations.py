"""Correlated parameters: a Gaussian copula over standard normals, from correlations of pairs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from simcore.arrays import Array

Pair = tuple[str, str, float]
Mixture = tuple[tuple[str, float], ...]

ZONE_PARAMETERS = ("capital_ratio_error", "rnd_growth_before", "employment_ratio")
ACTIVITY_PARAMETER = "capital_elasticity_deviation"
"""Parameters of the projection that every zone or activity has of its own."""


def groups(pairs: Iterable[Pair]) -> list[list[str]]:
    """Return the names that hang together by pairs, each group and its names as they come.

    >>> groups([("a", "b", 0.5), ("c", "d", 0.1), ("e", "b", 0.2)])
    [['a', 'b', 'e'], ['c', 'd']]
    """
    found: list[list[str]] = []
    for first, second, _ in pairs:
        joined = [group for group in found if first in group or second in group]
        names = list(dict.fromkeys([name for group in joined for name in group] + [first, second]))
        place = found.index(joined[0]) if joined else len(found)
        found[place : place + 1] = [names]
        found = [group for group in found if group not in joined[1:]]
    return found


def matrix(names: list[str], pairs: Iterable[Pair]) -> Array:
    """Return the correlation matrix of names; pairs that are not given have none."""
    found = np.eye(len(names))
    for first, second, coefficient in pairs:
        if first in names:
            row, column = names.index(first), names.index(second)
            found[row, column] = found[column, row] = coefficient
    return found


@lru_cache(maxsize=8)
def mixtures(pairs: tuple[Pair, ...]) -> dict[str, Mixture]:
    """Return each correlated name as a sum of independent standard normals: names and weights.

    ``z' = L z`` with L the Cholesky factor of the correlations, so every z' is standard normal and
    the first name of a group keeps its own number. Raises `numpy.linalg.LinAlgError` unless the
    matrix is positive definite.
    """
    found = {}
    for names in groups(pairs):
        factor = np.linalg.cholesky(matrix(names, pairs))
        for name, row in zip(names, factor.tolist(), strict=True):
            found[name] = tuple((n, w) for n, w in zip(names, row, strict=True) if w)
    return found
