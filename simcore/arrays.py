"""Types of the arrays that travel through the model."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]


def by_year(rows: int, years: int, draws: int, dtype: DTypeLike = np.float64) -> Array:
    """Return an empty array (row, year, draw) in which each year lies in one piece.

    >>> bool(by_year(3, 2, 4)[:, 1].flags.c_contiguous)
    True
    """
    return np.empty((years, rows, draws), dtype).transpose(1, 0, 2)
