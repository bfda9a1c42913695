"""Who does the tasks of a run: as many processes as are worth it, and who joins."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from simcore import crew as crew_module
from simcore.baseline import Baseline
from simcore.cluster import Cluster
from simcore.crew import crew
from simcore.faults import Tally
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.scenario import load_scenario
from simcore.shards import Parts
from simcore.tasks import Block, Copy, Do, Done, Summary, Task


@pytest.fixture
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    return Plan((load_scenario("growth-5", baseline),), 20_000, 1, posterior)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked for: processes, or the tasks that a cluster was given."""
    found: list[Any] = []

    def doing(place: str) -> Do:
        def do(tasks: Sequence[Task]) -> Iterator[Done]:
            found.append((place, list(tasks)))
            return iter([Done(task, Tally()) for task in tasks])

        return do

    @contextlib.contextmanager
    def processes(plan: Plan, offsets: Any, parts: Parts, count: int, *rest: Any) -> Iterator[Do]:
        found.append(count)
        yield doing("here")

    @contextlib.contextmanager
    def dask(*rest: Any) -> Iterator[Do]:
        yield doing("there")

    monkeypatch.setattr(crew_module, "on_processes", processes)
    monkeypatch.setattr(crew_module, "on_dask", dask)
    monkeypatch.setattr(crew_module, "cores", lambda: 8)
    return found


@pytest.mark.parametrize(
    ("where", "missing", "joined", "count"),
    [
        (None, 20, 20, [8]),
        (3, 20, 20, [3]),
        (3, 2, 2, [2]),
        (None, 6, 6, []),  # done before others have started
        (None, 0, 12, []),
        (None, 0, 20, [8]),  # joining alone
        (1, 20, 20, []),
    ],
)
def test_as_many_processes_as_are_worth_it(
    plan: Plan, asked: list[Any], where: int | None, missing: int, joined: int, count: list[int]
) -> None:
    with crew(plan, Parts(Path("x.h5")), where, range(missing), joined):
        assert asked == count


def test_a_cluster_computes_and_this_machine_joins(plan: Plan, asked: list[Any]) -> None:
    path = Path("x.h5.part")
    rounds: list[list[Task]] = [[Block(0)], [Copy(0, path)], [Summary(0, "gdp", path)]]
    with crew(plan, Parts(Path("x.h5")), Cluster("local"), range(20), 20) as do:
        for tasks in rounds:
            assert [done.task for done in do(tasks)] == tasks
    places = zip(["there", "here", "here"], rounds, strict=True)
    assert asked == [8, *places]
