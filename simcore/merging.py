"""One result from blocks that several machines have computed, each its part of a run."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from simcore.attributes import read_attributes
from simcore.crew import crew
from simcore.digestion import digested, recheck, rounds, tally_there
from simcore.disk import refuse_full, writing
from simcore.errors import InputError, RunError
from simcore.faults import Tally
from simcore.joining import block_draws_of, digest_of, digests_of, join, recover, summarise
from simcore.labels import say
from simcore.levers import Scenario
from simcore.plan import Keep, Plan, sampled_names
from simcore.posterior import Posterior
from simcore.resumption import block_size, different, refuse_another
from simcore.shards import SUFFIX, Parts, described
from simcore.store import room
from simcore.verify import plan_of
from simcore.writing import refuse_existing


@dataclass(frozen=True)
class Source:
    """What is merged: a folder of blocks, or a finished result.

    ``about`` : what it belongs to, as its manifest or its attributes say.
    """

    path: Path
    about: Mapping[str, Any]
    parts: Parts | None

    @classmethod
    def of(cls, path: Path) -> Source:
        """Find the blocks of a folder, of an output without its folder's ending, or of a result.

        Raises `InputError` if there are none, or a run is writing them.
        """
        if path.is_file():
            return cls(path, read_attributes(path), None)
        folder = path if path.name.endswith(SUFFIX) else path.with_name(path.name + SUFFIX)
        parts = Parts(folder.with_name(folder.name.removesuffix(SUFFIX)))
        about = parts.manifest()
        if about is None:
            raise InputError(say("{path}: holds no blocks of a run and is no result", path=path))
        if parts.running():
            raise InputError(
                say("{folder}: a run is writing it; merge it when that has ended", folder=folder)
            )
        return cls(folder, about, parts)

    @cached_property
    def block_draws(self) -> int:
        """How many draws a block has."""
        return int(self.about["block"]) if self.parts else block_draws_of(self.path)

    def plan(self, posterior: Posterior) -> Plan:
        """Return the plan that the blocks were made from."""
        if self.parts is None:
            made = plan_of(self.path, posterior)
            return replace(made, keep="full", block_draws=self.block_draws)
        try:
            definition = self.about["definition"]
            scenarios = tuple(map(Scenario.restored, definition["scenarios"]))
            return Plan(
                scenarios, self.about["draws"], self.about["seed"], posterior, definition["points"],
                block_draws=self.block_draws, precision=self.about["precision"],
                sampler=self.about["sampler"],
            )  # fmt: skip
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            raise RunError(
                say("{path}: its manifest cannot be read: {error}", path=self.path, error=error)
            ) from error


@dataclass(frozen=True)
class Merged:
    """How a merge went: what was unusual, damaged blocks that others replaced, other versions."""

    plan: Plan
    tally: Tally
    blocks: int
    damaged: tuple[str, ...]
    versions: dict[str, dict[str, tuple[str, str]]]
    """by source, name: (there, here), of libraries that differ"""


def merge(
    path: Path,
    sources: Sequence[Path],
    posterior: Posterior,
    *,
    keep: Keep = "full",
    force: bool = False,
) -> Merged:
    """Join the blocks of several folders and results of one run into a result, ``keep`` as of runs.

    Blocks that an earlier merge has left beside ``path`` count too. Raises `InputError` if the
    sources are not of one run, or of another calibration or code than is here, or hold the same
    block with other bits; `RunError` if blocks are missing: what is there then stays, to be
    completed by another merge or a run with ``resume``.
    """
    refuse_existing(path, force=force)
    found = [Source.of(source) for source in sources]
    plan = replace(found[0].plan(posterior), keep=keep)
    for source in found:
        _refuse_foreign(plan, source, found[0])
    parts = Parts(path)
    with parts.locked(), writing(path):
        others = [source for source in found if not _same_folder(source, parts)]
        if force and len(others) == len(found):
            parts.clear()
        refuse_another(parts, plan, None)
        block_size(parts, path, plan.block_draws)
        refuse_full(path, room(plan.layout, len(sampled_names(posterior)), keep))
        parts = parts.begin(plan)
        damaged = [name for source in others for name in _gather(plan, parts, source)]
        tally = _join(plan, parts, path)
        parts.remove()
    versions = {str(source.path): _versions(plan, source) for source in found}
    return Merged(plan, tally, plan.blocks, tuple(damaged), versions)


def _refuse_foreign(plan: Plan, source: Source, first: Source) -> None:
    """Raise `InputError` if a source is not of the plan, or of other draws."""
    now = described(plan)
    if source.about.get("fingerprint") != now["fingerprint"]:
        here = source is first or first.about["fingerprint"] != now["fingerprint"]
        what = different(source.about, now)
        if here:
            raise InputError(
                say("{path}: is of another {what} than is here", path=source.path, what=what)
            )
        raise InputError(say(
            "{path}: is of another {what} than {first_path} is of",
            path=source.path, what=what, first_path=first.path,
        ))  # fmt: skip
    if source.parts is not None and source.about["draws"] != plan.draws:
        raise InputError(say(
            "{path}: is part of {draws} draws, {first_path} of {wanted}",
            path=source.path, draws=source.about["draws"], first_path=first.path,
            wanted=plan.draws,
        ))  # fmt: skip
    if source.parts is None and source.about.get("keep") == "summary":
        raise InputError(say("{path}: holds summaries alone, no blocks", path=source.path))
    if source.block_draws != plan.block_draws:
        raise InputError(say(
            "{path}: its blocks have {block_draws} draws, those of {first_path} "
            "{wanted}: blocks of one size can be merged",
            path=source.path, block_draws=source.block_draws, first_path=first.path,
            wanted=plan.block_draws,
        ))  # fmt: skip
    if source.parts is not None and source.parts.digests():
        raise InputError(
            say("{path}: its run keeps summaries alone, blocks were let go", path=source.path)
        )


def _same_folder(source: Source, parts: Parts) -> bool:
    return source.path.resolve() == parts.folder.resolve()


def _versions(plan: Plan, source: Source) -> dict[str, tuple[str, str]]:
    """Return the libraries whose versions were others where a source was made."""
    there, here = (
        json.loads(str(about.get("versions", "{}"))) for about in (source.about, plan.attributes())
    )
    both = {name: (there.get(name, here[name]), here[name]) for name in here}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def _gather(plan: Plan, parts: Parts, source: Source) -> list[str]:
    """Add the whole blocks of a source; returns the names of its damaged ones."""
    if source.parts is None:
        for block, digest in enumerate(digests_of(source.path)):
            if parts.sound(plan, block):
                _refuse_unlike(plan, parts, block, digest, source.path)
        return recover(plan, parts, source.path)
    damaged = []
    for block in source.parts.blocks():
        if block * plan.block_draws >= plan.draws:
            continue
        theirs = source.parts.path(block)
        if not source.parts.sound(plan, block):
            damaged.append(str(theirs))
        elif parts.sound(plan, block):
            _refuse_unlike(plan, parts, block, digest_of(plan, theirs, block), theirs)
        else:
            _put(theirs, parts.path(block))
    return damaged


def _refuse_unlike(plan: Plan, parts: Parts, block: int, digest: str, theirs: Path) -> None:
    """Raise `InputError` if a block that came twice has other bits."""
    if digest_of(plan, parts.path(block), block) != digest:
        raise InputError(say(
            "{theirs}: its block {block} has other bits than the one that was there "
            "before; one of the machines does not compute what the others do",
            theirs=theirs, block=block,
        ))  # fmt: skip


def _put(source: Path, place: Path) -> None:
    """Give a block's file a second name where that can be, else copy it."""
    place.unlink(missing_ok=True)
    try:
        os.link(source, place)
    except OSError:
        part = place.with_name(f"{place.name}.copy.part")
        with contextlib.ExitStack() as left:
            left.callback(lambda: part.unlink(missing_ok=True))
            shutil.copyfile(source, part)
            os.replace(part, place)


def _join(plan: Plan, parts: Parts, path: Path) -> Tally:
    count = plan.blocks
    here, _ = parts.done(plan, count)
    if plan.keep == "summary":  # an earlier merge may have been killed while it digested
        recheck(plan, parts)
        here |= set(range(digested(plan, parts)))
    missing = [block for block in range(count) if block not in here]
    if missing:
        raise RunError(say(
            "{path}: {missing} of {count} blocks are missing: {blocks}; the others are "
            "kept in {folder}: merge the folders that hold them to it, or run the same "
            "with --resume -o {path}",
            path=path, missing=len(missing), count=count, blocks=ranges(missing),
            folder=parts.folder,
        ))  # fmt: skip
    tally_there(plan, parts, here).refuse_too_many(plan.draws)
    with crew(plan, parts, None, [], count) as do:
        if plan.keep == "full":
            return join(plan, parts, path, do)
        for tasks in rounds(plan, parts, here):
            for _ in do(tasks):
                pass
    return summarise(plan, parts, path)


def ranges(numbers: Sequence[int]) -> str:
    """Return sorted numbers as ranges.

    >>> ranges([0, 1, 2, 5, 7, 8])
    '0–2, 5, 7–8'
    """
    cuts = [place + 1 for place, (a, b) in enumerate(pairwise(numbers)) if b != a + 1]
    runs = [numbers[a:b] for a, b in pairwise([0, *cuts, len(numbers)])]
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
