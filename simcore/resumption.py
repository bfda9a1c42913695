"""What is there already of a run: whether a new one may go on from it, replace it, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simcore.errors import InputError
from simcore.joining import block_draws_of
from simcore.plan import Plan
from simcore.shards import Parts, described
from simcore.store import number_of_draws, read_attributes


def refuse_unfinished(parts: Parts, *, force: bool) -> None:
    """Raise `InputError` if an interrupted run left blocks, unless they may go."""
    left = parts.blocks()
    if (left or parts.digests()) and not force:
        raise InputError(
            f"{parts.output}: an interrupted run left {len(left)} blocks in {parts.folder}; "
            "--resume goes on, --force starts again"
        )


def refuse_another(parts: Parts, plan: Plan, path: Path | None) -> None:
    """Raise `InputError` if what is there, blocks or a result, belongs to another run."""
    now = described(plan)
    for place, found in ((parts.folder, parts.manifest()), (path, _attributes(path))):
        if found is None or found.get("fingerprint") == now["fingerprint"]:
            continue
        what = different(found, now)
        raise InputError(f"{place}: cannot be resumed: another {what}; --force starts again")


def different(found: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return what tells two runs of other fingerprints apart."""
    names = ("simcore_version", "code", "calibration", "seed", "sampler", "precision")
    other = [name for name in names if str(found.get(name)) != str(now[name])]
    return ", ".join(other) or "scenarios"


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
        raise InputError(
            f"{path}: cannot be resumed: {held} draws are there, {plan.draws} are asked for; "
            f"-n {held} keeps them, --force starts again"
        )


def refuse_without_draws(parts: Parts, plan: Plan, path: Path) -> None:
    """Raise `InputError` if the draws that the plan would go on from are gone, or would go."""
    attributes, begun = _attributes(path), parts.manifest()
    kept = attributes and attributes.get("keep", "full")
    if kept == "summary" and not finished(plan, path):
        raise InputError(
            f"{path}: cannot be resumed: it holds summaries of {number_of_draws(path)} draws, the "
            "draws themselves are gone; --force computes all anew"
        )
    if kept == "full" and plan.keep == "summary":
        raise InputError(
            f"{path}: cannot be resumed with --keep summary: its draws would be lost; "
            "-o names another file"
        )
    if begun is None or not parts.digests():
        return
    if plan.keep == "full":
        raise InputError(
            f"{path}: cannot be resumed with --keep full: draws were let go; --keep summary goes "
            "on, --force starts again"
        )
    if begun["draws"] != plan.draws:
        raise InputError(
            f"{path}: cannot be resumed: summaries of {begun['draws']} draws were begun, "
            f"{plan.draws} are asked for; -n {begun['draws']} goes on, --force starts again"
        )


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
        raise InputError(
            f"{path}: cannot be resumed in blocks of {wanted} draws: its own have {size}; "
            f"--block-draws {size} goes on, --force starts again"
        )
    return size
