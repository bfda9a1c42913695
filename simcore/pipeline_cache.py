"""Replications that were simulated before, kept by the fingerprint of everything they depend on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np

from simcore.labels import say
from simcore.pipeline_fast import Simulation
from simcore.pipeline_flows import Flows, Kind, Outturn
from simcore.pipeline_parameters import PipelineParameters, ProjectChanges
from simcore.reconcile import cache_folder

_LOG = logging.getLogger(__name__)
_SOURCES = (
    "sampling", "pipeline_parameters", "pipeline_draws", "pipeline_queues", "pipeline_fast",
    "pipeline_flows",
)  # fmt: skip


def replications(simulation: Simulation, changes: ProjectChanges, kind: type[Kind]) -> Kind:
    """Return the replications of a simulation under changes, simulated unless they were kept.

    ``kind`` : all that happens in them, `Flows`, or what the economy sees of it, `Outturn`.
    """
    known = simulation
    fingerprint = replications_fingerprint(
        known.parameters, changes, kind.__name__, seed=known.seed,
        start=known.replications.start, first=known.first_year,
    )  # fmt: skip
    run = known.flows if kind is Flows else known.outturn
    return kept(fingerprint, known.parameters, kind, lambda: cast(Kind, run(changes)))


def replications_fingerprint(
    parameters: PipelineParameters, changes: ProjectChanges, kind: str, **numbers: int
) -> str:
    """SHA-256 over parameters, levers, code, NumPy's version, and numbers such as the seed."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((package / f"{name}.py").read_bytes())
    plain: dict[str, Any] = {}
    for part in fields(parameters):
        value = getattr(parameters, part.name)
        if isinstance(value, np.ndarray):
            digest.update(f"{part.name} {value.shape}".encode() + value.tobytes())
        else:
            plain[part.name] = value
    content = {
        "parameters": plain, "changes": asdict(changes), "kind": kind, "numbers": numbers,
        "numpy": version("numpy"),
    }  # fmt: skip
    digest.update(json.dumps(content, sort_keys=True).encode())
    return digest.hexdigest()


def kept(
    fingerprint: str, parameters: PipelineParameters, kind: type[Kind], simulate: Callable[[], Kind]
) -> Kind:
    """Return what has a fingerprint, simulated unless it was kept; what cannot be read, again.

    That it simulates, which takes seconds, is logged as information.
    """
    place = cache_folder() / f"projects-{fingerprint[:24]}.npz"
    known = _read(place, fingerprint, parameters, kind)
    if known is not None:
        return known
    _LOG.info(
        say(
            "simulating {count:,} replications of projects: once for each seed and setting, "
            "then kept",
            count=parameters.draws,
        )
    )  # fmt: skip
    flows = simulate()
    _write(place, fingerprint, flows)
    return flows


def _arrays(kind: type[Outturn]) -> list[str]:
    return [part.name for part in fields(kind) if part.name not in ("zone", "years", "cells")]


def _read(
    place: Path, fingerprint: str, parameters: PipelineParameters, kind: type[Kind]
) -> Kind | None:  # fmt: skip
    try:
        with place.open("rb") as file, np.load(file) as stored:
            if str(stored["fingerprint"]) != fingerprint:
                return None
            arrays: dict[str, Any] = {name: stored[name] for name in _arrays(kind)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    return kind(
        zone=parameters.zone, years=parameters.years, cells=parameters.cells, **arrays
    )  # fmt: skip


def _write(place: Path, fingerprint: str, flows: Outturn) -> None:
    """Keep flows; a cache that cannot be written costs seconds, not the run."""
    part = place.with_suffix(f".{os.getpid()}.part.npz")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {name: getattr(flows, name) for name in _arrays(type(flows))}
        np.savez(part, fingerprint=fingerprint, **arrays)
        part.replace(place)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
