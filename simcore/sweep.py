"""Running scenarios over draws, block by block, on common random numbers."""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from simcore import identities
from simcore.arrays import Array
from simcore.assembly import Offsets, build_parameters, centre_offsets
from simcore.errors import InputError, RunError
from simcore.kernel import Results, simulate
from simcore.levers import MAXIMUM_DRAWS, Scenario
from simcore.members import Members
from simcore.parameters import Parameters
from simcore.posterior import Posterior
from simcore.priors import BEHAVIOUR
from simcore.results import Layout, assemble, layout
from simcore.sampling import BLOCK, blocks
from simcore.store import Description, Sink
from simcore.threads import one_thread

LIBRARIES = ("numpy", "scipy", "xarray", "h5py", "h5netcdf")

Progress = Callable[[int], None]

_YEARLY = ("shock_", "deflator_common.", "deflator_own.", "excess.", "revision.")


@dataclass(frozen=True)
class Plan:
    """What is to be run: scenarios on common random numbers, draws and seed."""

    scenarios: tuple[Scenario, ...]
    draws: int
    seed: int
    posterior: Posterior
    points: Mapping[str, Sequence[str | float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        names = [scenario.name for scenario in self.scenarios]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise InputError(f"the scenario '{twice[0]}' is named twice")
        if not 1 <= self.draws <= MAXIMUM_DRAWS:
            raise InputError(f"{self.draws} draws; from 1 to {MAXIMUM_DRAWS} can be run")
        if self.seed < 0:
            raise InputError(f"the seed {self.seed} is negative")

    @property
    def layout(self) -> Layout:
        """The axes of the result."""
        baseline = self.posterior.problem.past.baseline
        horizon = max(scenario.horizon for scenario in self.scenarios)
        return layout(baseline, [s.name for s in self.scenarios], horizon, self.draws)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over calibration, code version, scenarios, seed and sampler; not the draws."""
        content = {
            "calibration": self.posterior.fingerprint,
            "simcore": version("simcore"),
            "scenarios": [scenario.model_dump(mode="json") for scenario in self.scenarios],
            "seed": self.seed,
            "sampler": "random",
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def attributes(self) -> dict[str, Any]:
        """Root attributes of the result."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        names = ", ".join(scenario.name for scenario in self.scenarios[:4])
        return {
            "Conventions": "CF-1.10",
            "title": f"simcore: {names}" + (" …" if len(self.scenarios) > 4 else ""),
            "source": f"simcore {version('simcore')}",
            "history": f"{now} simcore {version('simcore')}",
            "date_created": now,
            "simcore_version": version("simcore"),
            "scenarios": json.dumps(
                [scenario.model_dump(mode="json") for scenario in self.scenarios],
                ensure_ascii=False,
            ),
            "seed": self.seed,
            "sampler": "random",
            "versions": json.dumps(
                {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
            ),
            "fingerprint": self.fingerprint,
            "calibration": self.posterior.fingerprint,
        }

    @property
    def description(self) -> Description:
        """What the result's file says beside its numbers."""
        baseline = self.posterior.problem.past.baseline
        return Description(
            attributes=self.attributes(),
            provenance=self.provenance(),
            members=sampled_names(self.posterior),
            points=self.points,
            labels={
                "zone": [zone.label for zone in baseline.zones.values()],
                "industry": [baseline.industry_label(name) for name in baseline.industries],
            },
        )

    def provenance(self) -> dict[str, Any]:
        """What the result rests on: every document with its place, and the evidence grades."""
        past = self.posterior.problem.past
        documents = {
            name: document.model_dump(mode="json")
            for name, document in past.baseline.documents.items()
        }
        figures = {
            observation.figure.id: str(observation.figure.source)
            for observation in self.posterior.problem.observations
        }
        evidence = {u.name: u.evidence for u in self.posterior.problem.unknowns}
        return {"documents": documents, "figures_used": figures, "evidence": evidence}


@dataclass
class Tally:
    """What was unusual in a run: draws by cause, and where each was first seen."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, finding: identities.Finding, place: str) -> None:
        """Count a finding."""
        self.counts[finding.cause] += finding.draws
        self.places.setdefault(finding.cause, place)

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
    with one_thread():
        return _execute(plan, sink, progress)


def _execute(plan: Plan, sink: Sink, progress: Progress | None) -> Tally:
    axes, tally = plan.layout, Tally()
    zones = axes.zones
    offsets = [centre_offsets(plan.posterior, scenario) for scenario in plan.scenarios]
    for block, wanted in blocks(plan.draws):
        members = Members(plan.posterior, plan.seed, block)
        start = block * BLOCK
        for index, (scenario, offset) in enumerate(zip(plan.scenarios, offsets, strict=True)):
            parameters, results = _run(members, scenario, offset, zones)
            variables = assemble(members, results, axes.years)
            judge = _Judge(scenario, axes, start, wanted)
            judge.refuse(parameters, results, variables)
            judge.count(parameters, results, tally)
            sink.write(index, start, variables)
            if progress:
                progress(wanted)
        sink.write_members(start, {k: v[:wanted] for k, v in sampled(members).items()})
    return tally


def _run(
    members: Members, scenario: Scenario, offsets: Offsets | None, zones: tuple[str, ...]
) -> tuple[Parameters, dict[str, Array]]:
    parameters = build_parameters(members, scenario, offsets)
    return parameters, simulate(parameters, zones)


@dataclass(frozen=True)
class _Judge:
    """Holds a block of a scenario to what must be, its wanted draws alone."""

    scenario: Scenario
    axes: Layout
    start: int
    wanted: int

    def refuse(
        self, parameters: Parameters, results: Results, variables: Mapping[str, Array]
    ) -> None:
        """Raise `RunError` with the place of the first identity that breaks."""
        findings = identities.broken(parameters, self.used(results))
        findings += identities.inconsistent(self.used(variables), self.axes.years[0])
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


def sampled_names(posterior: Posterior) -> list[str]:
    """Names of the sampled parameters: what the past leaves, and the projection's own."""
    past = [unknown.name for unknown in posterior.problem.unknowns]
    return [name for name in past if not name.startswith(_YEARLY)] + _projected(posterior)


def sampled(members: Members) -> dict[str, Array]:
    """Return the sampled parameters of a block."""
    projected = _projected(members.posterior)
    return {
        name: members.parameter(name) if name in projected else members.history.values[name]
        for name in sampled_names(members.posterior)
    }


def _projected(posterior: Posterior) -> list[str]:
    """Names of the projection's own parameters that have one value a draw."""
    known = posterior.problem.past.priors.parameters
    return [name for name in BEHAVIOUR if known[name].scope == "common"]
