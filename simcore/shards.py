"""Finished blocks of a run, each in a checked file of its own: what is done is never lost.

They stand in ``<output>.parts/`` beside a manifest that says what they belong to.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import h5py

from simcore.checksum import intact
from simcore.dims import BY_INDUSTRY, BY_ZONE, WEIGHT
from simcore.disk import put_in_place, reading, writing
from simcore.errors import InputError, RunError
from simcore.faults import Row, Tally
from simcore.labels import say
from simcore.plan import Plan

SUFFIX = ".parts"
GROUPS = {"zones": BY_ZONE, "industries": BY_INDUSTRY}  # of variables that are digested apart
FIRST = (0, "zones")  # the scenario and group whose digest also keeps the tally
TRIES, PAUSE = 5, 0.05  # how often a lock is tried for, and seconds between

MANIFEST: dict[str, type] = {
    "fingerprint": str, "scenarios": list, "block": int, "draws": int, "seed": int,
    "simcore_version": str,
}  # fmt: skip
"""what a manifest must hold to be read"""

Rows = list[Row]


@dataclass(frozen=True)
class Parts:
    """The folder of the finished blocks of one output."""

    output: Path
    run: str = ""
    """the run that writes here, as its manifest calls it; empty for who only reads"""

    @property
    def folder(self) -> Path:
        """``<output>.parts``."""
        return self.output.with_name(self.output.name + SUFFIX)

    def path(self, block: int) -> Path:
        """Return the file of a block."""
        return self.folder / f"block-{block:06d}.h5"

    def digest(self, scenario: int, group: str) -> Path:
        """Return the file of what is kept of the digested blocks: of a group of variables."""
        return self.folder / f"digest-{scenario:06d}-{group}.h5"

    def digests(self) -> list[Path]:
        """Return the files of digested blocks that are there."""
        return sorted(path for path in self.folder.glob("digest-*.h5") if path.is_file())

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one writer; raises `InputError` if another run holds it."""
        with writing(self.output):
            new = not self.folder.exists()
            file = self._hold()
        with file:
            try:
                yield
            except BaseException:
                if new and not self.blocks() and not self.digests():
                    self.remove()
                raise

    def _hold(self) -> TextIO:
        """Return the locked file of the lock, the one that now has its name.

        A run that ends removes the file: who has opened it before holds what nobody else sees.
        """
        for _ in range(TRIES):
            self.folder.mkdir(parents=True, exist_ok=True)
            with (
                contextlib.ExitStack() as opened,
                contextlib.suppress(FileNotFoundError, BlockingIOError),
            ):
                file = opened.enter_context(self.lock.open("a"))
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(file.fileno()).st_ino == self.lock.stat().st_ino:
                    opened.pop_all()
                    return file
            time.sleep(PAUSE)
        raise InputError(say("{path}: another run is writing it", path=self.output))

    def running(self) -> bool:
        """Whether a run holds the folder now."""
        try:
            with self.lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @property
    def lock(self) -> Path:
        """The file that the writer holds."""
        return self.folder / "lock"

    def blocks(self) -> list[int]:
        """Return the numbers of the blocks that have a file."""
        paths = [path for path in self.folder.glob("block-*.h5") if path.is_file()]
        numbers = [path.stem.removeprefix("block-") for path in paths]
        return sorted(int(number) for number in numbers if number.isdecimal())

    def manifest(self) -> dict[str, Any] | None:
        """Return what the blocks belong to, or None where there is no manifest.

        Raises `RunError` if it cannot be read.
        """
        path = self.folder / "manifest.json"
        try:
            with reading(path):
                found = json.loads(path.read_text(encoding="utf-8"))
                for name, kind in MANIFEST.items():
                    if not isinstance(found[name], kind) or (
                        kind is int and found[name] < (name == "block")
                    ):
                        raise ValueError(
                            say("{name} cannot be {value!r}", name=name, value=found[name])
                        )
                return dict(found)
        except RunError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise RunError(say("{error}; --force starts again", error=error)) from error

    def state(self) -> dict[str, Any] | None:
        """Return what an unfinished run is and how far it has come; None where there is none."""
        found = self.manifest()
        if found is None:
            return None
        count = -(-found["draws"] // found["block"])
        harmed = [path.name for path in self.digests() if not intact(path)]
        digested = 0 if harmed else self.digested(len(found["scenarios"]))
        present = [block for block in self.blocks() if digested <= block < count]
        damaged = [
            self.path(block).name
            for block in present
            if not intact(self.path(block)) and self.path(block).exists()  # not digested meanwhile
        ]
        whole = [block for block in present if self.path(block).name not in damaged]
        taken, let_go = self._let_go() if digested else (0, 0)
        return {
            **found, "blocks": count, "done": digested + len(whole),
            "missing": count - digested - len(present), "damaged": harmed + damaged,
            "masked": let_go + sum(self._masked(block) for block in whole if block >= taken),
            "running": self.running(),
        }  # fmt: skip

    def _masked(self, block: int) -> int:
        """Return how many scenario-draws of a block are masked; none if it has been digested."""
        try:
            with h5py.File(self.path(block), "r") as file:
                return int((file[WEIGHT.name][...] == 0).sum())
        except FileNotFoundError:
            return 0

    def _let_go(self) -> tuple[int, int]:
        """Return how many blocks the first digest has, and how many of their draws are masked."""
        with h5py.File(self.digest(*FIRST), "r") as file:
            return int(file.attrs["blocks"]), sum(json.loads(file.attrs["masked"]).values())

    def digested(self, scenarios: int) -> int:
        """Return how many blocks every scenario and group has taken in; they may be gone."""
        paths = [self.digest(scenario, group) for scenario in range(scenarios) for group in GROUPS]
        counts = []
        for path in paths:
            if not path.is_file():
                return 0
            with reading(path), h5py.File(path, "r") as file:
                counts.append(int(file.attrs["blocks"]))
        return min(counts)

    def begin(self, plan: Plan) -> Parts:
        """Write the manifest of a plan; returns the folder as that of a new run."""
        run = uuid.uuid4().hex
        for path in self.folder.glob("*.part"):  # of a run that was killed
            _unlink(path)
        text = json.dumps(described(plan) | {"run": run}, ensure_ascii=False, indent=1)
        part = self.folder / f"manifest.{run}.part"
        try:
            part.write_text(text + "\n", encoding="utf-8")
            put_in_place(part, self.folder / "manifest.json")
        finally:
            part.unlink(missing_ok=True)
        return replace(self, run=run)

    def owned(self) -> None:
        """Raise `RunError` if another run has begun here: then this one is over."""
        found = self.manifest()
        if found is None or found.get("run") != self.run:
            raise RunError(say("{path}: another run is writing it", path=self.output))

    def clear(self) -> None:
        """Remove the blocks and the manifest; the lock stays, and what is not simcore's."""
        for pattern in ("block-*", "digest-*", "manifest.*"):
            for path in self.folder.glob(pattern):
                _unlink(path)

    def remove(self) -> None:
        """Remove the folder with all that is simcore's."""
        with contextlib.suppress(OSError):
            self.clear()
            self.lock.unlink(missing_ok=True)
            self.folder.rmdir()

    def done(self, plan: Plan, count: int) -> tuple[set[int], list[str]]:
        """Return the finished blocks among the first ``count``, and the names of damaged files."""
        present = {block for block in self.blocks() if block < count}
        whole = {block for block in present if intact(self.path(block))}
        damaged = [self.path(block).name for block in sorted(present - whole)]
        return {block for block in whole if self._belongs(plan, block)}, damaged

    def sound(self, plan: Plan, block: int) -> bool:
        """Whether the file of a block is whole, of this plan, and has all its draws."""
        return intact(self.path(block)) and self._belongs(plan, block)

    def refuse_harmed(self, plan: Plan, block: int) -> None:
        """Raise `RunError` unless the file of a block is `sound`."""
        if not self.sound(plan, block):
            raise RunError(say("{path}: was damaged while the run went on", path=self.path(block)))

    def tally(self, plan: Plan, block: int) -> Tally:
        """Return what was wrong or unusual in a block that is there."""
        with h5py.File(self.path(block), "r") as file:
            return tally_of(file, plan.layout.scenarios)

    def _belongs(self, plan: Plan, block: int) -> bool:
        with h5py.File(self.path(block), "r") as file:
            notes = file.attrs
            return bool(
                notes["fingerprint"] == plan.fingerprint
                and notes["block_draws"] == plan.block_draws
                and notes["wanted"] >= wanted(plan, block)
            )


def tally_of(file: h5py.File, scenarios: Sequence[str]) -> Tally:
    """Return the tally that stands in the open file of a block."""
    masked = (file[WEIGHT.name][:, : int(file.attrs["wanted"])] == 0).sum(axis=1)
    counts = dict(zip(scenarios, masked.tolist(), strict=True))
    return Tally.of(json.loads(file.attrs["unusual"]), counts)


def _unlink(path: Path) -> None:
    if not path.is_dir():
        path.unlink(missing_ok=True)


def described(plan: Plan) -> dict[str, Any]:
    """Return what the blocks of a plan belong to."""
    attributes = plan.attributes()
    kept = (
        "fingerprint", "calibration", "simcore_version", "code", "seed", "sampler", "precision",
        "keep", "versions",
    )  # fmt: skip
    return {
        "scenarios": [scenario.name for scenario in plan.scenarios],
        "definition": {
            "scenarios": [scenario.model_dump(mode="json") for scenario in plan.scenarios],
            "points": {name: list(values) for name, values in plan.points.items()},
        },
        "block": plan.block_draws,
        "draws": plan.draws,
        **{name: attributes[name] for name in kept},
    }


def wanted(plan: Plan, block: int) -> int:
    """Return how many draws of a block the plan wants."""
    return min(plan.block_draws, plan.draws - block * plan.block_draws)
