"""Finished blocks are never lost: resumption, extension, damage, a full disk."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from interrupted_runs import SEED, interrupted, same

from simcore import joining, production, workers
from simcore import plan as plan_module
from simcore.checksum import intact
from simcore.dims import VARIABLES
from simcore.errors import InputError, RunError
from simcore.plan import Plan, code_fingerprint
from simcore.production import produce
from simcore.shards import Parts
from simcore.sweep import offsets_of
from simcore.tasks import Block


def test_the_summary_and_the_tally_do_not_depend_on_the_way(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, 4000)
    produce(plan, path, workers=1, resume=True)
    with h5py.File(path) as one, h5py.File(undisturbed) as other:
        for name in VARIABLES:
            for summary in (name, f"{name}_mean"):
                a, b = one["summary"][summary][...], other["summary"][summary][...]
                assert a.tobytes() == b.tobytes(), summary
        for name in ("unusual", "unusual_by_block"):
            assert one["provenance"].attrs[name] == other["provenance"].attrs[name]
        assert json.loads(one["provenance"].attrs["unusual"])


def test_an_interrupted_run_goes_on(plan: Plan, undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, 4000)
    assert not path.exists()
    with pytest.raises(InputError, match=r"an interrupted run left . blocks.*--resume goes on"):
        produce(plan, path, workers=1)
    outcome = produce(plan, path, workers=1, resume=True)
    assert 0 < outcome.kept < outcome.blocks
    same(path, undisturbed)
    assert not Parts(path).folder.exists()


def test_an_interrupt_before_the_first_block_keeps_nothing(plan: Plan, tmp_path: Path) -> None:
    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        produce(plan, tmp_path / "x.h5", workers=1, progress=lambda done: done and stop(done))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["flip", "cut", "empty"])
def test_a_damaged_block_is_found_named_and_done_again(
    plan: Plan, undisturbed: Path, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, 4000)
    block = Parts(path).path(0)
    content = bytearray(block.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
    block.write_bytes({"flip": content, "cut": content[:-100], "empty": b""}[harm])
    assert not intact(block)
    outcome = produce(plan, path, workers=1, resume=True)
    assert outcome.damaged == ("block-000000.h5",)
    same(path, undisturbed)


def test_more_draws_keep_the_first_ones(plan: Plan, undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    produce(replace(plan, draws=1500), path, workers=1)
    outcome = produce(plan, path, workers=1, resume=True)
    assert (outcome.kept, outcome.blocks) == (1, 3)
    same(path, undisturbed)
    assert produce(plan, path, workers=1, resume=True).kept == 2  # the last block is not whole
    same(path, undisturbed)


@pytest.mark.parametrize(
    ("change", "what"),
    [({"seed": 5}, "another seed"), ({"scenarios": 1}, "another scenarios")],
)
def test_nothing_is_resumed_onto_another_run(
    plan: Plan, tmp_path: Path, change: dict[str, int], what: str
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, 4000)
    fields = {"scenarios": plan.scenarios[:1]} if "scenarios" in change else dict(change)
    other = replace(plan, **fields)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=f"cannot be resumed: {what}"):
        produce(other, path, workers=1, resume=True)
    assert len(list(Parts(path).folder.glob("block-*.h5"))) >= 1


def test_a_folder_that_cannot_be_written(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file")
    with pytest.raises(InputError, match="is a file, not a folder"):
        produce(plan, tmp_path / "x" / "y.h5", workers=1)


def test_a_full_disk_keeps_what_is_done(
    plan: Plan, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "x.h5", joining.created

    def full(*arguments: object, **named: object) -> object:
        raise RunError(f"{path}: the result cannot be written: No space left on device")

    monkeypatch.setattr(joining, "created", full)
    with pytest.raises(RunError, match="No space left on device; 3 of 3 blocks are kept"):
        produce(plan, path, workers=1)
    monkeypatch.setattr(joining, "created", real)
    assert produce(plan, path, workers=1, resume=True).kept == 3
    same(path, undisturbed)


def test_numbers_are_finite(undisturbed: Path) -> None:
    with h5py.File(undisturbed) as file:
        assert np.isfinite(file["gdp"][:, :, -1]).all()


def test_blocks_of_another_code_are_refused(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, 4000)
    monkeypatch.setattr(plan_module, "code_fingerprint", lambda: "another")
    with pytest.raises(InputError, match="cannot be resumed: another code; --force"):
        produce(replace(plan), path, workers=1, resume=True)


def test_the_code_is_every_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(plan_module.__file__).parent
    for module in package.glob("*.py"):
        shutil.copy(module, tmp_path)
    monkeypatch.setattr(plan_module, "__file__", str(tmp_path / "plan.py"))
    whole = code_fingerprint.__wrapped__
    assert whole() == code_fingerprint()
    seen = {code_fingerprint()}
    for name in ("kernel", "satellites", "members", "store", "of_tomorrow"):
        with (tmp_path / f"{name}.py").open("a") as file:
            file.write("# changed")
        seen.add(whole())
    assert len(seen) == 6


def test_fewer_draws_than_are_there_lose_nothing(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))
    before = path.read_bytes()
    with pytest.raises(InputError, match="2500 draws are there, 1500 are asked for; -n 2500"):
        produce(replace(plan, draws=1500), path, workers=1, resume=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    begun = tmp_path / "begun.h5"
    interrupted(plan, begun, 4500)
    with pytest.raises(InputError, match="2048 draws are there, 1500 are asked for"):
        produce(replace(plan, draws=1500), begun, workers=1, resume=True)
    assert Parts(begun).blocks() == [0, 1]


@pytest.mark.parametrize("part", ["gdp", "members/value", "unusual_by_block", "digests"])
def test_damage_of_a_result_is_not_carried_on(
    plan: Plan, undisturbed: Path, tmp_path: Path, part: str
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))
    with h5py.File(path, "r+") as file:
        if part == "digests":
            del file["provenance"].attrs[part]
        elif part == "unusual_by_block":
            file["provenance"].attrs[part] = "[]"
        else:
            file[part][..., 7] = 1
    outcome = produce(plan, path, workers=1, resume=True)
    lost = {"digests": (), "unusual_by_block": ("x.h5, block 0", "x.h5, block 1")}
    assert outcome.damaged == lost.get(part, ("x.h5, block 0",))
    assert outcome.kept == (1 if "/" in part or part == "gdp" else 0)
    same(path, undisturbed)


def test_a_block_that_changes_while_the_run_goes_on_is_not_joined(
    plan: Plan, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, complete = tmp_path / "x.h5", production._complete
    other = replace(plan, seed=SEED + 1)

    def orphan(plan: Plan, parts: Parts, *rest: Any) -> None:
        complete(plan, parts, *rest)
        workers.perform(other, offsets_of(other), parts, Block(0))

    monkeypatch.setattr(production, "_complete", orphan)
    with pytest.raises(RunError, match=r"block-000000\.h5: was damaged.*--resume goes on"):
        produce(plan, path, workers=1)
    monkeypatch.setattr(production, "_complete", complete)
    assert produce(plan, path, workers=1, resume=True).kept == 2
    same(path, undisturbed)


def test_too_little_room_is_refused_before_the_first_block(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1, 1, 70_000_000))
    with pytest.raises(RunError, match=r"x\.h5: .* MB are needed, 70\.0 MB are free$"):
        produce(plan, tmp_path / "x.h5", workers=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["begin", "clear", "done"])
def test_an_error_of_the_system_is_one_line_at_every_step(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "begin":
        monkeypatch.setattr(os, "replace", fail)
    else:
        monkeypatch.setattr(Parts, step, fail)
    (tmp_path / "x.h5.parts").mkdir()
    with pytest.raises(RunError, match=r"^[^\n]*x\.h5: [^\n]*No space left on device$"):
        produce(plan, tmp_path / "x.h5", workers=1)
    assert not list(tmp_path.glob("x.h5.parts/manifest*"))


def test_a_result_without_provenance_cannot_be_extended(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))
    with h5py.File(path, "r+") as file:
        del file["provenance"]
    with pytest.raises(RunError, match=r"x\.h5: is damaged: .*provenance"):
        produce(replace(plan, draws=4000), path, workers=1, resume=True)
    assert path.exists()
