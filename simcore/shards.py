"""Finished blocks of a run, each in a checked file of its own: what is done is never lost.

They stand in ``<output>.parts/`` beside a manifest that says what they belong to. A block is
written under another name and renamed when it is whole; its last bytes are a checksum of the rest.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simcore.arrays import Array
from simcore.errors import InputError, RunError
from simcore.plan import Plan, sampled_names
from simcore.results import Layout
from simcore.sampling import BLOCK

SUFFIX = ".parts"
MAGIC = b"simcore\0"
DIGEST_BYTES = 32
CHUNK_BYTES = 1 << 22

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Parts:
    """The folder of the finished blocks of one output."""

    output: Path

    @property
    def folder(self) -> Path:
        """``<output>.parts``."""
        return self.output.with_name(self.output.name + SUFFIX)

    def path(self, block: int) -> Path:
        """Return the file of a block."""
        return self.folder / f"block-{block:06d}.h5"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one writer; raises `InputError` if another run holds it."""
        new = not self.folder.exists()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / "lock").open("a")
        except OSError as error:
            reason = error.strerror or str(error)
            raise RunError(f"{self.output}: the result cannot be written: {reason}") from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError(f"{self.output}: another run is writing it") from None
            try:
                yield
            except InputError:
                if new:
                    self.remove()
                raise

    def manifest(self) -> dict[str, Any] | None:
        """Return what the blocks belong to, or None where there is no manifest.

        Raises `RunError` if it cannot be read.
        """
        path = self.folder / "manifest.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunError(f"{path}: is damaged: {error}; --force starts again") from error
        return found if isinstance(found, dict) else {}

    def state(self) -> dict[str, Any] | None:
        """Return what an unfinished run is and how far it has come; None where there is none."""
        found = self.manifest()
        if found is None:
            return None
        count = -(-int(found["draws"]) // int(found["block"]))
        present = [block for block in range(count) if self.path(block).exists()]
        damaged = [self.path(block).name for block in present if not intact(self.path(block))]
        return {
            **found, "blocks": count, "done": len(present) - len(damaged),
            "missing": count - len(present), "damaged": damaged,
        }  # fmt: skip

    def begin(self, plan: Plan) -> None:
        """Write the manifest of a plan."""
        text = json.dumps(described(plan), ensure_ascii=False, indent=1)
        part = self.folder / f"manifest.{os.getpid()}.part"
        part.write_text(text + "\n", encoding="utf-8")
        os.replace(part, self.folder / "manifest.json")

    def clear(self) -> None:
        """Remove the blocks and the manifest; the lock stays."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name != "lock":
                path.unlink()

    def remove(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def done(self, plan: Plan, count: int) -> tuple[set[int], list[str]]:
        """Return the finished blocks among the first ``count``, and the names of damaged files."""
        finished, damaged = set(), []
        for block in range(count):
            path = self.path(block)
            if not path.exists():
                continue
            if not intact(path):
                damaged.append(path.name)
                continue
            with h5py.File(path, "r") as file:
                enough = int(file.attrs["wanted"]) >= wanted(plan, block)
                same = file.attrs["fingerprint"] == plan.fingerprint
            if same and enough:
                finished.add(block)
        return finished, damaged


def described(plan: Plan) -> dict[str, Any]:
    """Return what the blocks of a plan belong to."""
    attributes = plan.attributes()
    kept = ("fingerprint", "calibration", "simcore_version", "seed", "sampler")
    return {
        "scenarios": [scenario.name for scenario in plan.scenarios],
        "block": BLOCK,
        "draws": plan.draws,
        **{name: attributes[name] for name in kept},
    }


def wanted(plan: Plan, block: int) -> int:
    """Return how many draws of a block the plan wants."""
    return min(BLOCK, plan.draws - block * BLOCK)


class ShardSink:
    """One block of all scenarios on its way into a file."""

    def __init__(self, file: h5py.File, layout: Layout, members: Sequence[str]) -> None:
        self.file = file
        self.layout = layout
        self.members = members

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of one scenario, (row, year, draw)."""
        for name, rows in block.items():
            if name not in self.file:
                size = (len(self.layout.scenarios), *rows.shape)
                self.file.create_dataset(name, size, "f4")
            self.file[name][scenario] = rows.astype(np.float32)

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Keep the sampled parameters."""
        self.file["members"] = np.array([members[n] for n in self.members], dtype=np.float32)


@contextlib.contextmanager
def written(parts: Parts, plan: Plan, block: int) -> Iterator[tuple[ShardSink, Rows]]:
    """Open the file of a block; it appears under its name when it is whole, with its checksum.

    The list is for the rows of the block's tally.
    """
    path = parts.path(block)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    tally: Rows = []
    try:
        with h5py.File(part, "w") as file:
            yield ShardSink(file, plan.layout, sampled_names(plan.posterior)), tally
            file.attrs["fingerprint"] = plan.fingerprint
            file.attrs["wanted"] = wanted(plan, block)
            file.attrs["unusual"] = json.dumps(tally, ensure_ascii=False)
        digest = _digest(part, part.stat().st_size)
        with part.open("ab") as stream:
            stream.write(MAGIC + digest)
        os.replace(part, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError(f"{path}: cannot be written: {reason}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def intact(path: Path) -> bool:
    """Whether a block's file ends in the checksum of what stands before it."""
    size = path.stat().st_size - DIGEST_BYTES - len(MAGIC)
    if size <= 0:
        return False
    with path.open("rb") as stream:
        stream.seek(size)
        tail = stream.read()
    return tail == MAGIC + _digest(path, size)


def _digest(path: Path, size: int) -> bytes:
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    with path.open("rb") as stream:
        left = size
        while left and (chunk := stream.read(min(CHUNK_BYTES, left))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.digest()
