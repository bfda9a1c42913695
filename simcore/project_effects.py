"""What levers change of the major projects, replication by replication, for the kernel to use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from simcore.arrays import Array
from simcore.members import Members


@dataclass(frozen=True)
class ZoneDifferences:
    """Differences between a zone's projects with levers and without, in the same replications.

    Shares of all fixed-asset investment of the zone in the year, as each replication expects it.
    ``commissioned`` : (industry, projected year, replication) realised budgets of what is
    commissioned; ``put_in_place`` : (projected year, replication) investment.
    """

    commissioned: Array
    put_in_place: Array


@dataclass(frozen=True)
class ProjectEffects:
    """What a scenario changes of the projects: nothing but the zones that it does change.

    Scenarios that set the same levers on projects have the same object, and those that set a zone's
    alike have that zone's: it is pickled once.
    """

    changed: Mapping[str, ZoneDifferences]
    """by zone"""
    find_funnel: Callable[[], Array] = field(repr=False)
    """finds `funnel`: it takes replications also of zones in which nothing is changed"""

    @cached_property
    def funnel(self) -> Array:
        """Projects that enter each stage or are dropped, found when first asked for.

        (quantile, zone, event, year from the first documented one) by the replications; NaN in a
        zone without projects.
        """
        return self.find_funnel()

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: the funnel itself, which another process need not find."""
        return {"changed": self.changed, "funnel": self.funnel}

    def of_draws(self, members: Members) -> tuple[Array | None, Array | None]:
        """Return budgets commissioned and investment for a block of draws, None without a change.

        (activity, year, draw) and (zone, year, draw). Draw m has replication r(m): see
        `Members.replications`.
        """
        if not self.changed:
            return None, None
        years, count = next(iter(self.changed.values())).put_in_place.shape
        chosen, baseline = members.replications(count), members.past.baseline
        commissioned = np.zeros((len(baseline.activities), years, len(chosen)))
        put_in_place = np.zeros((len(baseline.zones), years, len(chosen)))
        for zone, differences in self.changed.items():
            commissioned[members.past.members[zone]] = differences.commissioned[..., chosen]
            put_in_place[list(baseline.zones).index(zone)] = differences.put_in_place[..., chosen]
        return commissioned, put_in_place
