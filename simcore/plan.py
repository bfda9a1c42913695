"""What is to be run, and what its result says of itself."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, get_args

from simcore.arrays import Array
from simcore.assembly import FirmChange
from simcore.beside import Beside
from simcore.dimensions import Drawing, drawing
from simcore.errors import InputError, did_you_mean, known_names
from simcore.labels import say
from simcore.ladder_coupling import Ladders, firm_ladders
from simcore.levers import MAXIMUM_DRAWS, Scenario
from simcore.members import Members
from simcore.paired_projects import funnel_group, project_effects
from simcore.posterior import Posterior
from simcore.priors import BEHAVIOUR
from simcore.project_effects import ProjectEffects
from simcore.results import Layout, layout
from simcore.samplers import SAMPLERS, Kind
from simcore.sampling import BLOCK, BLOCK_SIZES
from simcore.store import Description, laid_out

Precision = Literal["double", "single"]
LIBRARIES = ("numpy", "scipy", "xarray", "h5py", "h5netcdf")

Keep = Literal["full", "summary"]

_YEARLY = ("shock_", "deflator_common.", "deflator_own.", "excess.", "revision.")


@dataclass(frozen=True)
class Plan:
    """What is to be run: scenarios on common random numbers, draws and seed."""

    scenarios: tuple[Scenario, ...]
    draws: int
    seed: int
    posterior: Posterior
    points: Mapping[str, Sequence[str | float]] = field(default_factory=dict)
    _: KW_ONLY
    block_draws: int = BLOCK
    """draws of a block of work; no result depends on it"""
    precision: Precision = "double"
    """of shocks and projection; the past is always computed in double precision"""
    sampler: Kind = "random"
    given: Drawing | None = field(default=None, repr=False)
    """how members are drawn, where that is known already"""
    effects: tuple[ProjectEffects | None, ...] | None = field(default=None, repr=False)
    """what scenarios change of the projects, where that is known already"""
    given_firms: Mapping[str, FirmChange] | None = field(default=None, repr=False)
    """`firm_changes`, where they are known already"""
    fail_fast: bool = False
    """whether the first draw that breaks something ends the run; else it is masked"""
    keep: Keep = "full"
    """every draw, or the summaries alone; they have the same bits"""

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        names = [scenario.name for scenario in self.scenarios]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise InputError(say("the scenario '{name}' is named twice", name=twice[0]))
        if not 1 <= self.draws <= MAXIMUM_DRAWS:
            raise InputError(say(
                "{draws} draws; from 1 to {most} can be run",
                draws=self.draws, most=MAXIMUM_DRAWS,
            ))  # fmt: skip
        if self.seed < 0:
            raise InputError(say("the seed {seed} is negative", seed=self.seed))
        if self.sampler not in SAMPLERS:
            near = did_you_mean(self.sampler, SAMPLERS) or known_names(SAMPLERS)
            raise InputError(say("unknown sampler '{name}'{near}", name=self.sampler, near=near))
        if self.block_draws not in BLOCK_SIZES:
            sizes = ", ".join(map(str, BLOCK_SIZES))
            raise InputError(say(
                "blocks of {block_draws} draws; they can have {sizes}",
                block_draws=self.block_draws, sizes=sizes,
            ))  # fmt: skip
        if self.precision not in get_args(Precision):
            raise InputError(
                say("the precision '{value}' is neither double nor single", value=self.precision)
            )
        if self.keep not in get_args(Keep):
            raise InputError(say("keep '{value}' is neither full nor summary", value=self.keep))

    @property
    def blocks(self) -> int:
        """How many blocks of work there are."""
        return -(-self.draws // self.block_draws)

    @functools.cached_property
    def layout(self) -> Layout:
        """The axes of the result."""
        baseline = self.posterior.problem.past.baseline
        horizon = max(scenario.horizon for scenario in self.scenarios)
        return layout(baseline, [s.name for s in self.scenarios], horizon, self.draws)

    @functools.cached_property
    def drawing(self) -> Drawing:
        """How members are drawn: the sampler with what it needs of the posterior."""
        return self.given or drawing(self.posterior, self.sampler)

    @functools.cached_property
    def projects(self) -> tuple[ProjectEffects | None, ...]:
        """What each scenario changes of the major projects."""
        past = self.posterior.problem.past
        return self.effects or project_effects(past, self.scenarios, self.seed)

    @property
    def funnels(self) -> list[Array]:
        """The funnel of each scenario, none if no scenario has levers on projects."""
        return [effects.funnel for effects in self.projects if effects is not None]

    @functools.cached_property
    def firm_ladders(self) -> Ladders | None:
        """The ladders of firms of the scenarios, if any has levers on firms."""
        return firm_ladders(self.posterior.problem.past, self.seed, self.scenarios)

    @property
    def firm_changes(self) -> Mapping[str, FirmChange]:
        """What levers on firms do to R&D over GDP, by the scenarios that have such levers."""
        if self.given_firms is not None:
            return self.given_firms
        return self.firm_ladders.changes if self.firm_ladders else {}

    def members(self, block: int) -> Members:
        """Return the members of a block of work."""
        return Members(
            self._drawn, self.seed, block, draws=self.block_draws,
            single=self.precision == "single", sampler=self.drawing.sampler,
        )  # fmt: skip

    @functools.cached_property
    def _drawn(self) -> Posterior:
        return self.drawing.posterior(self.posterior)

    @functools.cached_property
    def fingerprint(self) -> str:
        """SHA-256 over calibration, code, scenarios, seed, sampler, precision; not the draws."""
        return self.fingerprint_with(version("simcore"), code_fingerprint())

    def fingerprint_with(self, simcore: str, code: str) -> str:
        """Return the fingerprint that the plan has with a version of simcore and its code."""
        content = {
            "calibration": self.posterior.fingerprint,
            "simcore": simcore,
            "code": code,
            "scenarios": [scenario.model_dump(mode="json") for scenario in self.scenarios],
            "seed": self.seed,
            "sampler": self.sampler,
        }
        if self.precision != "double":  # that there always was: fingerprints of earlier runs hold
            content["precision"] = self.precision
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
            "code": code_fingerprint(),
            "scenarios": json.dumps(
                [scenario.model_dump(mode="json") for scenario in self.scenarios],
                ensure_ascii=False,
            ),
            "seed": self.seed,
            "sampler": self.sampler,
            "precision": self.precision,
            "draws": self.draws,
            "keep": self.keep,
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
            keep=self.keep,
            beside=self._beside(),
        )

    def _beside(self) -> list[Beside]:
        """Return the groups of projects and firms, of scenarios that have levers on them."""
        axes, firms = self.layout, self.firm_ladders
        found = [funnel_group(self.funnels, len(axes.years))] if self.funnels else []
        return found + ([firms.group(self.scenarios, axes.zones, axes.years)] if firms else [])

    @functools.cached_property
    def image(self) -> memoryview:
        """The result's file without its numbers; laying it out takes a while."""
        return laid_out(self.layout, self.description).getbuffer()

    def provenance(self) -> dict[str, Any]:
        """What the result rests on: documents, the user's own files, figures, evidence grades."""
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
        return {
            "documents": documents, "overlay": past.baseline.overlay, "figures_used": figures,
            "evidence": evidence, "points": dict(self.points),
        }  # fmt: skip


@functools.cache
def code_fingerprint() -> str:
    """SHA-256 over the modules of the package, read once a process.

    All of them but the command line's folder, also those that no draw passes through: a rule that
    no new module can be forgotten by.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


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
