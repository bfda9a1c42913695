"""Running scenarios over draws, block by block, on common random numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simcore import identities
from simcore.accounting import Account
from simcore.arrays import Array, Mask, Rows
from simcore.assembly import (
    CENTRE_SEED,
    FirmChange,
    Offsets,
    build_parameters,
    build_reference,
    centre_offsets,
    centres,
)
from simcore.causes import said_cause, said_place
from simcore.errors import InputError
from simcore.faults import ONE_IN, BrokenDraw, Tally
from simcore.identities import Finding
from simcore.kernel import Results, simulate
from simcore.labels import say
from simcore.ladder_coupling import firm_ladders
from simcore.levers import Scenario
from simcore.members import Members
from simcore.paired_projects import project_effects
from simcore.parameters import Parameters
from simcore.plan import Plan, sampled
from simcore.project_effects import ProjectEffects
from simcore.reference import Reference
from simcore.results import Layout, assemble
from simcore.satellite_priors import Satellites
from simcore.sinks import Sink
from simcore.threads import one_thread

Progress = Callable[[int], None]


def execute(plan: Plan, sink: Sink, progress: Progress | None = None) -> Tally:
    """Run every block of a plan into a sink; ``progress`` is told of scenario-draws done.

    Raises `RunError` naming scenario, draw, zone and year if too many draws break an identity.
    """
    tally = Tally()
    with one_thread():
        offsets = offsets_of(plan)
        for block in range(plan.blocks):
            tally.join(run_block(plan, offsets, block, sink, progress))
            tally.refuse_too_many(plan.draws)
    return tally


def offsets_of(plan: Plan) -> list[Offsets | None]:
    """Return the closure offsets of every scenario of a plan, the same for all blocks."""
    past = plan.posterior.problem.past
    centred = [s for s in plan.scenarios if centres(s, tuple(past.baseline.zones))]
    effects = project_effects(past, centred, CENTRE_SEED)
    projects = {s.name: effect for s, effect in zip(centred, effects, strict=True)}
    ladders = firm_ladders(past, CENTRE_SEED, centred)
    firms = ladders.changes if ladders else {}
    return [
        centre_offsets(plan.posterior, s, projects.get(s.name), firms.get(s.name))
        for s in plan.scenarios
    ]


@dataclass(frozen=True)
class Settled:
    """A scenario with what is found of it before any block is computed."""

    scenario: Scenario
    offsets: Offsets | None
    projects: ProjectEffects | None
    firms: FirmChange | None

    def parameters(self, members: Members) -> Parameters:
        """Return the kernel's parameters for a block of members."""
        return build_parameters(
            members, self.scenario, self.offsets, self.projects, firms=self.firms
        )

    def simulate(
        self,
        members: Members,
        zones: tuple[str, ...],
        impossible: dict[str, Mask] | None = None,
        account: Account | None = None,
        parameters: Parameters | None = None,
    ) -> Simulated:
        """Run the scenario over a block of members.

        Draws that cannot do what it asks are NaN, and stand in ``impossible``; ``account`` is as in
        `simcore.kernel.simulate`; ``parameters`` are those of the members unless others are given.
        """
        parameters = parameters or self.parameters(members)
        reference = build_reference(members, self.scenario, parameters)
        found = {} if impossible is None else impossible
        results = simulate(parameters, zones, reference, found, account)
        return Simulated(parameters, reference, results)


@dataclass(frozen=True)
class Simulated:
    """A scenario run over a block: the kernel's parameters, reference path and results."""

    parameters: Parameters
    reference: Reference
    results: Results


def settled(plan: Plan, offsets: Sequence[Offsets | None] | None = None) -> list[Settled]:
    """Return the scenarios of a plan; ``offsets`` where they are known already."""
    known = offsets_of(plan) if offsets is None else offsets
    return [
        Settled(scenario, offset, projects, plan.firm_changes.get(scenario.name))
        for scenario, offset, projects in zip(plan.scenarios, known, plan.projects, strict=True)
    ]


def run_block(
    plan: Plan,
    offsets: Sequence[Offsets | None],
    block: int,
    sink: Sink,
    progress: Progress | None = None,
) -> Tally:
    """Run one block of every scenario into a sink; returns what was wrong or unusual in it.

    A pure function of the plan's posterior, scenarios and seed, and the block's number. Wanted
    draws that break something are masked. Raises `BrokenDraw` at the first one if the plan wants
    that, `InputError` if most of them cannot do what a scenario asks.
    """
    members, tally = plan.members(block), Tally()
    start = block * plan.block_draws
    wanted = min(plan.block_draws, plan.draws - start)
    for index, scenario in enumerate(settled(plan, offsets)):
        judge = _Judge(plan, scenario.scenario, members.past.satellites, start, wanted)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # such draws are found
            run = _run(members, scenario, plan.layout)
            masked = judge.masked(run, tally)
            if masked.any():
                sink.mask(index, start, masked[:wanted])
            sink.write(index, start, _without(run.variables, masked))
        if progress:
            progress(wanted)
    sink.write_members(start, sampled(members))
    return tally


@dataclass(frozen=True)
class _Ran:
    """A scenario in a block: what went in, what came out, and what its draws cannot do."""

    parameters: Parameters
    results: Results
    variables: Mapping[str, Array]
    impossible: dict[str, Mask]


def _run(members: Members, scenario: Settled, axes: Layout) -> _Ran:
    impossible: dict[str, Mask] = {}
    found = scenario.simulate(members, axes.zones, impossible)
    variables = assemble(members, found.results, axes.years)
    return _Ran(found.parameters, found.results, variables, impossible)


def _without(arrays: Mapping[str, Array], masked: Mask) -> Mapping[str, Array]:
    """Return arrays (row, year, draw) that are NaN in the masked draws."""
    if not masked.any():
        return arrays
    return {
        name: np.where(masked, np.nan, array) if array.ndim == 3 else array
        for name, array in arrays.items()
    }


@dataclass(frozen=True)
class _Judge:
    """Holds a block of a scenario to what must be, its wanted draws alone."""

    plan: Plan
    scenario: Scenario
    satellites: Satellites
    start: int
    wanted: int

    def masked(self, run: _Ran, tally: Tally) -> Mask:
        """Count what is wrong or unusual; returns which of the block's draws are masked, (draw).

        What a draw cannot do, what breaks in the core, and what breaks in what follows from it:
        a draw is looked at as long as nothing is wrong with it.
        """
        p, first_year = run.parameters, self.plan.layout.years[0]
        inconsistent = identities.inconsistent
        stages: tuple[Callable[[Rows], list[Finding]], ...] = (
            lambda draws: identities.impossible(p, _used(run.impossible, draws)),
            lambda draws: identities.broken(p, _used(run.results, draws)),
            lambda draws: inconsistent(_used(run.variables, draws), first_year, self.satellites),
        )
        sound = np.arange(self.wanted)
        for stage in stages:
            if len(sound):
                sound = self.passing(stage(sound), sound, tally)
        for finding in identities.unusual(p, _used(run.results, sound)):
            tally.add(finding, self.place(finding, sound))
        masked = np.zeros(p.draws, dtype=bool)
        masked[: self.wanted] = True
        masked[sound] = False
        return masked

    def passing(self, findings: Sequence[Finding], draws: Rows, tally: Tally) -> Rows:
        """Count what is wrong with draws; returns those with which nothing is."""
        if not findings:
            return draws
        for finding in findings:
            place = self.place(finding, draws)
            fails = finding.draws * ONE_IN > self.plan.draws
            if finding.asked and fails and 2 * finding.draws > self.wanted:
                raise InputError(say(
                    "{place}: {cause} in {share:.1f} % of the draws", place=said_place(place),
                    cause=said_cause(finding.cause), share=100 * finding.draws / self.wanted,
                ))  # fmt: skip
            if self.plan.fail_fast:
                raise BrokenDraw(f"{said_place(place)}: {finding.message}")
            tally.add(finding, place, self.scenario.name)
        wrong = np.logical_or.reduce([finding.where for finding in findings])
        tally.masked[self.scenario.name] += int(wrong.sum())
        return draws[~wrong]

    def place(self, finding: Finding, draws: Rows) -> str:
        """Scenario, draw, zone and year of a finding."""
        draw, zone = self.start + draws[finding.draw], self.plan.layout.zones[finding.zone]
        return f"{self.scenario.name}, draw {draw}, {zone}, {finding.year}"


def _used(arrays: Mapping[str, Any], draws: Rows) -> dict[str, Any]:
    """Return the first draws of a block, or some of them."""
    chosen: Any = slice(len(draws)) if len(draws) and draws[-1] == len(draws) - 1 else draws
    return {
        name: array[..., chosen] if array.ndim == 3 else array for name, array in arrays.items()
    }
