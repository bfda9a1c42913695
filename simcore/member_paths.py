"""The paths of one scenario after another, on the same members of the ensemble, in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simcore.arrays import Array
from simcore.levers import Scenario
from simcore.paired_projects import PairedProjects
from simcore.plan import Plan
from simcore.results import assemble
from simcore.sweep import settled


class MemberPaths:
    """The paths of one scenario after another, on the same members."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._members = [plan.members(block) for block in range(plan.blocks)]
        self._baseline = plan.posterior.problem.past.baseline
        self._found: list[dict[str, Array]] = []
        self._projects = PairedProjects(plan.posterior.problem.past, plan.seed)
        self.years = range(plan.layout.years[0], plan.layout.years[-1] + 1)

    def run(self, scenario: Scenario) -> None:
        """Run a scenario over all members; what is simulated of the projects is kept."""
        effects = self._projects.effects((scenario,))
        known = settled(replace(self._plan, scenarios=(scenario,), effects=effects))[0]
        zones, self._found = tuple(self._baseline.zones), []
        for members in self._members:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # they miss
                results = known.simulate(members, zones).results
                self._found.append(assemble(members, results, self._plan.layout.years))

    def at(self, variable: str, zone: str, year: int, industry: str | None = None) -> Array:
        """Return a variable of a zone, or of one of its industries, in a year, (draw)."""
        if industry is None:
            row = list(self._baseline.zones).index(zone)
        else:
            pairs = [(activity.zone, activity.industry) for activity in self._baseline.activities]
            row = pairs.index((zone, industry))
        place = year - self.years[0]
        joined = np.concatenate([block[variable][row, place] for block in self._found])
        return joined[: self._plan.draws].astype(np.float64)
