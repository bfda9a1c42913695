"""What levers change of the major projects, replication by replication, for the kernel to use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array
from simcore.members import Members


@dataclass(frozen=True)
class ProjectEffects:
    """Differences between a scenario's and the baseline's projects in the same replications.

    Shares of all fixed-asset investment of the zone in the year, as each replication expects it.
    ``commissioned`` : (activity, projected year, replication) realised budgets of what is
    commissioned; ``put_in_place`` : (zone, projected year, replication) investment.
    """

    commissioned: Array
    put_in_place: Array
    funnel: Array
    """(quantile, zone, event, year from the first documented one) projects that enter each stage or
    are dropped, by the replications; NaN in a zone without projects"""

    def of_draws(self, members: Members) -> tuple[Array | None, Array | None]:
        """Return both for a block of draws, (row, year, draw), or None where nothing changes.

        Draw m has replication r(m): see `Members.replications`.
        """
        if not (self.commissioned.any() or self.put_in_place.any()):
            return None, None
        chosen = members.replications(self.commissioned.shape[-1])
        return (
            np.ascontiguousarray(self.commissioned[..., chosen]),
            np.ascontiguousarray(self.put_in_place[..., chosen]),
        )
