"""What is there already of a run: whether a new one may go on from it, replace it, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simcore.attributes import number_of_draws, read_attributes
from simcore.errors import InputError
from simcore.joining import block_draws_of
from simcore.labels import say
from simcore.plan import Plan
from simcore.shards import Parts, described


def refuse_unfinished(parts: Parts, *, force: bool) -> None:
    """Raise `InputError` if an interrupted run left blocks, unless they may go."""
    left = parts.blocks()
    if (left or parts.digests()) and not force:
        raise InputError(say(
            "{path}: an interrupted run left {count} blocks in {folder}; --resume goes "
            "on, --force starts again",
            path=parts.output, count=len(left), folder=parts.folder,
        ))  # fmt: skip


def refuse_another(parts: Parts, plan: Plan, path: Path | None) -> None:
    """Raise `InputError` if what is there, blocks or a result, belongs to another run."""
    now = described(plan)
    for place, found in ((parts.folder, parts.manifest()), (path, _attributes(path))):
        if found is None or found.get("fingerprint") == now["fingerprint"]:
            continue
        what = different(found, now)
        raise InputError(say(
            "{place}: cannot be resumed: another {what}; --force starts again",
            place=place, what=what,
        ))  # fmt: skip


def different(found: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return what tells two runs of other fingerprints apart."""
    names = ("simcore_version", "code", "calibration", "seed", "sampler", "precision")
    other = [name for name in names if str(found.get(name)) != str(now[name])]
    return ", ".join(map(say, other or ["scenarios"]))


def _attributes(path: Path | None) -> dict[str, Any] | None:
    return read_attributes(path) if path is not None and path.exists() else None


def refuse_fewer(parts: Parts, plan: Plan, path: Path) -> None:
    """Raise `InputError` if more draws are there than the plan wants: they would be lost."""
    held = number_of_draws(path) if path.exists() else 0
    begun = parts.manifest()
    if begun is not None:
        size = begun["block"]
        held = max([held, *(min((b + 1) * size, begun["draws"]) for b in parts.blocks())])
    if held > plan.draws:
        raise InputError(say(
            "{path}: cannot be resumed: {held} draws are there, {wanted} are asked for; "
            "-n {held} keeps them, --force starts again",
            path=path, held=held, wanted=plan.draws,
        ))  # fmt: skip


def refuse_without_draws(parts: Parts, plan: Plan, path: Path) -> None:
    """Raise `InputError` if the draws that the plan would go on from are gone, or would go."""
    attributes, begun = _attributes(path), parts.manifest()
    kept = attributes and attributes.get("keep", "full")
    if kept == "summary" and not finished(plan, path):
        raise InputError(say(
            "{path}: cannot be resumed: it holds summaries of {draws} draws, the draws "
            "themselves are gone; --force computes all anew",
            path=path, draws=number_of_draws(path),
        ))  # fmt: skip
    if kept == "full" and plan.keep == "summary":
        raise InputError(say(
            "{path}: cannot be resumed with --keep summary: its draws would be lost; -o "
            "names another file",
            path=path,
        ))  # fmt: skip
    if begun is None or not parts.digests():
        return
    if plan.keep == "full":
        raise InputError(say(
            "{path}: cannot be resumed with --keep full: draws were let go; --keep "
            "summary goes on, --force starts again",
            path=path,
        ))  # fmt: skip
    if begun["draws"] != plan.draws:
        raise InputError(say(
            "{path}: cannot be resumed: summaries of {begun} draws were begun, {wanted} "
            "are asked for; -n {begun} goes on, --force starts again",
            path=path, begun=begun["draws"], wanted=plan.draws,
        ))  # fmt: skip


def finished(plan: Plan, path: Path) -> bool:
    """Whether a result holds just the summaries that the plan asks for."""
    attributes = _attributes(path)
    return (
        attributes is not None
        and attributes.get("keep") == plan.keep == "summary"
        and attributes["fingerprint"] == plan.fingerprint
        and number_of_draws(path) == plan.draws
    )


def block_size(parts: Parts, path: Path, wanted: int | None) -> int | None:
    """Return how many draws the blocks have that are there, None where there are none.

    Raises `InputError` if another number is wanted: blocks are kept whole.
    """
    begun, size = parts.manifest(), None
    if begun is not None:
        size = begun["block"]
    elif path.exists():
        size = block_draws_of(path)
    if size and wanted and size != wanted:
        raise InputError(say(
            "{path}: cannot be resumed in blocks of {wanted} draws: its own have {size}; "
            "--block-draws {size} goes on, --force starts again",
            path=path, wanted=wanted, size=size,
        ))  # fmt: skip
    return size
