"""Running scenarios over draws, block by block, on common random numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simcore import identities
from simcore.arrays import Array
from simcore.assembly import Offsets, build_parameters, build_reference, centre_offsets
from simcore.errors import RunError
from simcore.kernel import Results, simulate
from simcore.levers import Scenario
from simcore.members import Members
from simcore.parameters import Parameters
from simcore.plan import Plan, sampled
from simcore.results import Layout, assemble
from simcore.satellite_priors import Satellites
from simcore.store import Sink
from simcore.threads import one_thread

Progress = Callable[[int], None]


@dataclass
class Tally:
    """What was unusual in a run: draws by cause, and where each was first seen."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, finding: identities.Finding, place: str) -> None:
        """Count a finding."""
        self.counts[finding.cause] += finding.draws
        self.places.setdefault(finding.cause, place)

    def join(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add the rows of another block's tally."""
        for row in rows:
            self.counts[row["cause"]] += row["scenario_draws"]
            self.places.setdefault(row["cause"], row["first"])

    def rows(self) -> list[dict[str, Any]]:
        """Return cause, number of scenario-draws and first place of everything unusual."""
        return [
            {"cause": cause, "scenario_draws": count, "first": self.places[cause]}
            for cause, count in self.counts.items()
        ]


def execute(plan: Plan, sink: Sink, progress: Progress | None = None) -> Tally:
    """Run every block of a plan into a sink; ``progress`` is told of scenario-draws done.

    Raises `RunError` naming scenario, draw, zone and year if an identity breaks.
    """
    tally = Tally()
    with one_thread():
        offsets = offsets_of(plan)
        for block in range(plan.blocks):
            tally.join(run_block(plan, offsets, block, sink, progress).rows())
    return tally


def offsets_of(plan: Plan) -> list[Offsets | None]:
    """Return the closure offsets of every scenario of a plan, the same for all blocks."""
    return [centre_offsets(plan.posterior, scenario) for scenario in plan.scenarios]


def members_of(plan: Plan, block: int) -> Members:
    """Return the members of a block of a plan."""
    return Members(plan.posterior, plan.seed, block, draws=plan.block_draws)


def run_block(
    plan: Plan,
    offsets: Sequence[Offsets | None],
    block: int,
    sink: Sink,
    progress: Progress | None = None,
) -> Tally:
    """Run one block of every scenario into a sink; returns what was unusual in its wanted draws.

    A pure function of the plan's posterior, scenarios and seed, and the block's number.
    """
    members, tally = members_of(plan, block), Tally()
    axes, start = plan.layout, block * plan.block_draws
    wanted = min(plan.block_draws, plan.draws - start)
    for index, (scenario, offset) in enumerate(zip(plan.scenarios, offsets, strict=True)):
        parameters, results = _run(members, scenario, offset, axes.zones)
        variables = assemble(members, results, axes.years)
        judge = _Judge(scenario, axes, members.past.satellites, start, wanted)
        judge.refuse(parameters, results, variables)
        judge.count(parameters, results, tally)
        sink.write(index, start, variables)
        if progress:
            progress(wanted)
    sink.write_members(start, sampled(members))
    return tally


def _run(
    members: Members, scenario: Scenario, offsets: Offsets | None, zones: tuple[str, ...]
) -> tuple[Parameters, dict[str, Array]]:
    parameters = build_parameters(members, scenario, offsets)
    reference = build_reference(members, scenario, parameters)
    return parameters, simulate(parameters, zones, reference)


@dataclass(frozen=True)
class _Judge:
    """Holds a block of a scenario to what must be, its wanted draws alone."""

    scenario: Scenario
    axes: Layout
    satellites: Satellites
    start: int
    wanted: int

    def refuse(
        self, parameters: Parameters, results: Results, variables: Mapping[str, Array]
    ) -> None:
        """Raise `RunError` with the place of the first identity that breaks."""
        findings = identities.broken(parameters, self.used(results))
        findings += identities.inconsistent(
            self.used(variables), self.axes.years[0], self.satellites
        )
        for finding in findings:
            raise RunError(f"{self.place(finding)}: {finding.message}")

    def count(self, parameters: Parameters, results: Results, tally: Tally) -> None:
        """Add what is unusual to the tally."""
        for finding in identities.unusual(parameters, self.used(results)):
            tally.add(finding, self.place(finding))

    def used(self, arrays: Mapping[str, Array]) -> Results:
        """Return the wanted draws."""
        return {
            name: array[..., : self.wanted] if array.ndim == 3 else array
            for name, array in arrays.items()
        }

    def place(self, finding: identities.Finding) -> str:
        """Scenario, draw, zone and year of a finding."""
        draw, zone = self.start + finding.draw, self.axes.zones[finding.zone]
        return f"{self.scenario.name}, draw {draw}, {zone}, {finding.year}"
