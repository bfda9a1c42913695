"""Queues of projects: containers by hand, slots against a queue of servers one by one."""

from __future__ import annotations

import heapq

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.arrays import Array
from simcore.pipeline_queues import begun, granted

YEARS = tuple(range(2015, 2026))


def served_one_by_one(
    asked: Array, hold: Array, capacity: Array, years: tuple[int, ...]
) -> list[float]:
    """A heap of the moments at which slots are free: each request takes the first."""
    free = [float(years[0])] * int(capacity[0])
    removed: list[float] = []
    for year, change in zip(years[1:], np.diff(capacity), strict=True):
        free += [float(year)] * int(max(change, 0))
        removed += [float(year)] * int(max(-change, 0))
    heapq.heapify(free)
    found, gone = [], 0
    for moment, held in zip(asked.tolist(), hold.tolist(), strict=True):
        while gone < len(removed) and removed[gone] <= moment and free:
            heapq.heappop(free)  # a slot out of use, in its turn of the queue
            gone += 1
        begins = max(moment, free[0]) if free else np.inf
        found.append(begins if begins < years[-1] + 1 else np.inf)
        if free:
            heapq.heapreplace(free, begins + held)
    return found


# --- containers -----------------------------------------------------------------------------------


def test_a_container_serves_in_order_and_piles_up_to_its_most() -> None:
    asked, one = np.array([2015.2, 2015.3, 2015.4, 2018.5, 2018.6, 2018.7, 2018.8]), np.ones(7)
    supplied, most = np.ones(len(YEARS)), 2 * np.ones(len(YEARS))
    served = granted(asked, one, supplied, most, YEARS)
    # one in 2015; two wait for 2016 and 2017; of 2018 and what is left none but one is there
    assert served.tolist() == [2015.2, 2016.0, 2017.0, 2018.5, 2019.0, 2020.0, 2021.0]
    late = granted(np.array([2020.5] * 4), np.ones(4), supplied, most, YEARS)
    assert late.tolist() == [2020.5, 2020.5, 2021.0, 2022.0]


def test_a_large_request_holds_up_those_behind_it() -> None:
    served = granted(
        np.array([2015.1, 2015.2]), np.array([2.5, 0.1]), np.ones(11), np.full(11, 3.0), YEARS
    )
    assert served.tolist() == [2017.0, 2017.0]


# --- slots ----------------------------------------------------------------------------------------


def test_slots_are_a_queue_of_servers() -> None:
    asked, hold = np.array([2015.0, 2015.5, 2016.0]), np.array([2.0, 2.0, 1.0])
    one = np.ones(len(YEARS))
    assert begun(asked, hold, one, YEARS).tolist() == [2015.0, 2017.0, 2019.0]
    two = np.where(np.array(YEARS) >= 2017, 2.0, 1.0)
    assert begun(asked, hold, two, YEARS).tolist() == [2015.0, 2017.0, 2017.0]
    assert begun(asked, hold, 3 * one, YEARS).tolist() == asked.tolist()
    assert begun(asked, 6 * hold, one, YEARS).tolist() == [2015.0, np.inf, np.inf]
    assert begun(asked[:0], hold[:0], one, YEARS).tolist() == []


@settings(max_examples=150, deadline=None)
@given(
    capacity=st.lists(st.integers(0, 12), min_size=len(YEARS), max_size=len(YEARS)),
    count=st.integers(0, 150), longest=st.floats(0.05, 6), seed=st.integers(0, 10**6),
    grid=st.sampled_from([0, 2]),
)  # fmt: skip
def test_slots_are_those_of_requests_one_by_one(
    capacity: list[int], count: int, longest: float, seed: int, grid: int
) -> None:
    """Bit by bit, capacity rising and falling, also where many moments are the same."""
    random = np.random.default_rng(seed)
    asked = np.sort(random.uniform(YEARS[0], YEARS[-1] + 1, count))
    hold = random.uniform(0.01, longest, count)
    if grid:
        asked, hold = np.floor(asked * grid) / grid, np.ceil(hold * grid) / grid
    slots = np.array(capacity, dtype=float)
    assert begun(asked, hold, slots, YEARS).tolist() == served_one_by_one(
        asked, hold, slots, YEARS
    )  # fmt: skip


def test_some_of_the_random_requests_wait_and_some_never_begin() -> None:
    random, capacity = np.random.default_rng(1), np.array([6.0, 8, 3, 3, 5, 0, 0, 4, 9, 2, 1])
    asked = np.sort(random.uniform(YEARS[0], YEARS[-1] + 1, 60))
    hold = random.uniform(0.1, 2.5, 60)
    found = begun(asked, hold, capacity, YEARS)
    assert found.tolist() == served_one_by_one(asked, hold, capacity, YEARS)
    assert (found == asked).sum() > 5
    assert (np.isfinite(found) & (found > asked)).sum() > 5
    assert np.isinf(found).sum() > 5
