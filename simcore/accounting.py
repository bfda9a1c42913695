"""What makes up the value added of every activity: a record that the kernel fills if asked."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simcore.arrays import Array


@dataclass
class Account:
    """Logs of factors, which add up to ln Y with A*, knowledge and U (`simcore.kernel`)."""

    entries: dict[str, list[Array]] = field(default_factory=dict)
    """``capital`` α ln K, ``labour`` (1−α) ln L and ``closure`` Λ by year from the base on, each
    (activity, draw)"""

    def enter(self, **factors: Array) -> None:
        """Add a year."""
        for name, values in factors.items():
            self.entries.setdefault(name, []).append(values.copy())

    def paths(self) -> dict[str, Array]:
        """Return every factor, (activity, year, draw)."""
        return {name: np.stack(years, axis=1) for name, years in self.entries.items()}
