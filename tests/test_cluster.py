"""The same blocks on Dask distributed: the same bits, whoever computes them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import h5py
import pytest

from simcore.baseline import Baseline
from simcore.cluster import Cluster
from simcore.dims import VARIABLES
from simcore.errors import InputError
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.scenario import load_scenario

pytestmark = pytest.mark.filterwarnings("ignore")  # of the scheduler, as workers come and go
DRAWS = 4000


@pytest.fixture(scope="module")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    return Plan((load_scenario("growth-5", baseline),), DRAWS, 5, posterior)


@pytest.fixture(scope="module")
def undisturbed(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "x.h5"
    produce(plan, path, workers=1)
    return path


@pytest.fixture(scope="module")
def three() -> Iterator[Any]:
    """A cluster of three workers, each a process."""
    with distributed.LocalCluster(
        n_workers=3, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        yield cluster


def same(left: Path, right: Path) -> None:
    with h5py.File(left) as one, h5py.File(right) as other:
        for name in [*VARIABLES, "members/value"]:
            assert one[name][...].tobytes() == other[name][...].tobytes(), name


def test_three_workers_make_the_same_bits(
    plan: Plan, undisturbed: Path, three: Any, tmp_path: Path
) -> None:
    links: list[str] = []
    cluster = Cluster(three.scheduler_address, announce=links.append)
    done: list[int] = []
    outcome = produce(plan, tmp_path / "x.h5", cluster=cluster, progress=done.append)
    same(tmp_path / "x.h5", undisturbed)
    assert (outcome.blocks, outcome.kept) == (4, 0)
    assert (sum(done), len(links)) == (DRAWS, 1)


def test_a_worker_that_is_killed_loses_nothing(
    plan: Plan, undisturbed: Path, three: Any, tmp_path: Path
) -> None:
    victims = [worker.pid for worker in three.workers.values()]

    def kill(done: int) -> None:
        if done and victims:
            os.kill(victims.pop(), signal.SIGKILL)
            victims.clear()

    produce(plan, tmp_path / "x.h5", cluster=Cluster(three.scheduler_address), progress=kill)
    same(tmp_path / "x.h5", undisturbed)


def test_no_scheduler_there(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simcore.cluster.WAIT", "1s")
    with pytest.raises(InputError, match=r"--dask tcp://127\.0\.0\.1:9: no scheduler answers"):
        produce(plan, tmp_path / "x.h5", cluster=Cluster("tcp://127.0.0.1:9"))
    assert list(tmp_path.iterdir()) == []
