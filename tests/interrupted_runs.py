"""Runs of a few blocks, interrupted or not, and whether two results hold the same bits."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from simcore.dims import VARIABLES
from simcore.errors import RunError
from simcore.plan import Plan
from simcore.production import produce

DRAWS, SEED = 2500, 4  # two whole blocks and a part of one


def same(left: Path, right: Path, draws: int = DRAWS) -> None:
    """Whether two results hold the same bits in their first draws."""
    with h5py.File(left) as one, h5py.File(right) as other:
        for name in [*VARIABLES, "members/value"]:
            a, b = one[name][..., :draws], other[name][..., :draws]
            assert a.tobytes() == b.tobytes(), name


def interrupted(plan: Plan, path: Path, after: int) -> None:
    """Interrupt a run in this process when ``after`` scenario-draws are done."""
    total = 0

    def stop(done: int) -> None:
        nonlocal total
        total += done
        if total > after:
            raise KeyboardInterrupt

    kept = f"interrupted; . of {plan.blocks} blocks are kept.*--resume goes on"
    with pytest.raises(RunError, match=kept):
        produce(plan, path, workers=1, progress=stop)
