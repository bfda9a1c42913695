"""Blocks of any size give the same result; what is resumed keeps its own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from interrupted_runs import DRAWS, same

from simcore.attributes import read_attributes
from simcore.errors import InputError, RunError
from simcore.plan import Plan
from simcore.production import produce
from simcore.shards import Parts


@pytest.mark.parametrize("size", [256, 4096])
@pytest.mark.long
def test_blocks_of_another_size_give_the_same_result(
    size: int, plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.h5"
    outcome = produce(plan, path, workers=2 if size == 256 else 1, block_draws=size)
    assert outcome.blocks == -(-DRAWS // size)
    same(path, undisturbed)
    assert read_attributes(path)["fingerprint"] == plan.fingerprint


def test_what_is_resumed_keeps_the_size_of_its_blocks(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path, done = tmp_path / "x.h5", []

    def stop(count: int) -> None:
        done.append(count)
        if len(done) > 10:
            raise KeyboardInterrupt

    with pytest.raises(RunError, match="interrupted; 4 of 10 blocks are kept"):
        produce(plan, path, workers=1, block_draws=256, progress=stop)
    state = Parts(path).state()
    assert state is not None
    assert (state["block"], state["blocks"], state["done"]) == (256, 10, 4)
    refusal = r"in blocks of 4096 draws: its own have 256; --block-draws 256 goes on, --force"
    with pytest.raises(InputError, match=refusal):
        produce(plan, path, workers=1, block_draws=4096, resume=True)
    with pytest.raises(InputError, match="1024 draws are there, 1000 are asked for"):
        produce(replace(plan, draws=1000), path, workers=1, resume=True)
    assert produce(plan, path, workers=1, resume=True).kept == 4
    same(path, undisturbed)


@pytest.mark.long
def test_a_finished_result_is_extended_in_its_own_blocks(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.h5"
    produce(replace(plan, draws=1600), path, workers=1, block_draws=256)
    with pytest.raises(InputError, match="in blocks of 1024 draws: its own have 256"):
        produce(plan, path, workers=1, block_draws=1024, resume=True)
    outcome = produce(plan, path, workers=1, resume=True)
    assert (outcome.blocks, outcome.kept, outcome.damaged) == (10, 6, ())
    same(path, undisturbed)


def test_blocks_of_another_size_are_not_taken_from_a_result_that_was_to_be_replaced(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))

    small = replace(plan, scenarios=plan.scenarios[:1])
    produce(small, path, workers=1, force=True)
    parts = Parts(path)
    with parts.locked():
        parts.begin(replace(small, block_draws=4096))
    outcome = produce(small, path, workers=1, resume=True)
    assert (outcome.blocks, outcome.kept, outcome.damaged) == (1, 0, ())
