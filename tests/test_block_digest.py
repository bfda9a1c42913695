"""The digest of a block says whether two machines computed the same."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from simcore.baseline import Baseline
from simcore.block_digest import BlockDigest
from simcore.dims import VARIABLES, WEIGHT
from simcore.joining import digest_of
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.scenario import load_scenario
from simcore.shards import Parts
from simcore.sweep import offsets_of
from simcore.tasks import Block
from simcore.workers import perform

WANTED, DRAWS = 5, 8


def text(harm: str = "") -> str:
    """The digest of a small block, something of which may be changed."""
    rows = {name: np.ones((2, 3, DRAWS), dtype=np.float32) for name in VARIABLES}
    weight, members = np.ones(DRAWS, dtype=np.float32), np.ones((4, DRAWS), dtype=np.float32)
    places = {"value": rows["gdp"][1, 2], "weight": weight, "members": members[3]}
    name, _, place = harm.partition(" ")
    if name in places:
        places[name][int(place)] = 2
    digest = BlockDigest(WANTED)
    digest.add(rows, weight)
    return digest.text(members, [{"cause": "x"}] if name == "tally" else [])


@pytest.mark.parametrize("harm", ["value 4", "weight 0", "members 2", "tally"])
def test_whatever_is_wanted_changes_it(harm: str) -> None:
    assert text(harm) != text()


@pytest.mark.parametrize("harm", ["value 5", "weight 7", "members 6"])
def test_what_is_not_wanted_does_not(harm: str) -> None:
    assert text(harm) == text()


def test_a_block_carries_the_digest_of_what_is_in_it(
    posterior: Posterior, baseline: Baseline, tmp_path: Path
) -> None:
    plan = Plan((load_scenario("growth-5", baseline),), 1000, 1, posterior)
    parts = Parts(tmp_path / "x.h5")
    with parts.locked():
        parts = parts.begin(plan)
        perform(plan, offsets_of(plan), parts, Block(0))
    again, fewer = BlockDigest(1000), BlockDigest(900)
    with h5py.File(parts.path(0)) as file:
        rows, weight = {name: file[name][0] for name in VARIABLES}, file[WEIGHT.name][0]
        for digest in (again, fewer):
            digest.add(rows, weight)
        members, tally = file["members"][...], json.loads(file.attrs["unusual"])
    assert digest_of(plan, parts.path(0), 0) == again.text(members, tally)
    fewer_plan = Plan(plan.scenarios, 900, 1, posterior)
    assert digest_of(fewer_plan, parts.path(0), 0) == fewer.text(members, tally)
