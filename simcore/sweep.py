"""Running scenarios over draws, block by block, on common random numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from simcore import identities
from simcore.arrays import Array
from simcore.assembly import Offsets, build_parameters, centre_offsets
from simcore.errors import RunError
from simcore.kernel import simulate
from simcore.levers import Scenario
from simcore.members import Members
from simcore.parameters import Parameters
from simcore.plan import Plan, sampled
from simcore.results import assemble
from simcore.sampling import BLOCK, blocks
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
        for block, _ in blocks(plan.draws):
            tally.join(run_block(plan, offsets, block, sink, progress).rows())
    return tally


def offsets_of(plan: Plan) -> list[Offsets | None]:
    """Return the closure offsets of every scenario of a plan, the same for all blocks."""
    return [centre_offsets(plan.posterior, scenario) for scenario in plan.scenarios]


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
    members, tally = Members(plan.posterior, plan.seed, block), Tally()
    axes, start = plan.layout, block * BLOCK
    wanted = min(BLOCK, plan.draws - start)
    for index, (scenario, offset) in enumerate(zip(plan.scenarios, offsets, strict=True)):
        parameters, results = _run(members, scenario, offset, axes.zones)
        _judge(parameters, results, scenario, axes.zones, start, wanted, tally)
        sink.write(index, start, assemble(members, results, axes.years))
        if progress:
            progress(wanted)
    sink.write_members(start, sampled(members))
    return tally


def _run(
    members: Members, scenario: Scenario, offsets: Offsets | None, zones: tuple[str, ...]
) -> tuple[Parameters, dict[str, Array]]:
    parameters = build_parameters(members, scenario, offsets)
    return parameters, simulate(parameters, zones)


def _judge(
    parameters: Parameters,
    results: dict[str, Array],
    scenario: Scenario,
    zones: Sequence[str],
    start: int,
    wanted: int,
    tally: Tally,
) -> None:
    """Refuse a block whose identities break; count what is unusual in the wanted draws."""

    def place(finding: identities.Finding) -> str:
        draw = start + finding.draw
        return f"{scenario.name}, draw {draw}, {zones[finding.zone]}, {finding.year}"

    used = {
        name: array[..., :wanted] if array.ndim == 3 else array for name, array in results.items()
    }
    for finding in identities.broken(parameters, used):
        raise RunError(f"{place(finding)}: {finding.message}")
    for finding in identities.unusual(parameters, used):
        tally.add(finding, place(finding))
