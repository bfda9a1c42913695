"""The soak test sees a difference when there is one, and draws the same moments again."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from soak import Case, contents, differences


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as stored:
        stored["gdp"] = np.arange(6, dtype="f4").reshape(2, 3)
        stored["summary/gdp"] = np.array([1.0, np.nan])
        stored["zone"] = np.array(["donghu", "jingkai"], dtype=h5py.string_dtype())
        stored.attrs["seed"] = 4
        stored.attrs["date_created"] = "today"
        stored["gdp"].attrs["units"] = "1e8 CNY"
    return path


def test_equal_files_do_not_differ(file: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(file, tmp_path / "y.h5"))
    with h5py.File(other, "r+") as stored:
        stored.attrs["date_created"] = "tomorrow"
    assert differences(contents(file), contents(other)) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [("bit", "gdp"), ("gone", "summary/gdp"), ("seed", "@seed"), ("zone", "zone")],
)
def test_a_difference_is_named(file: Path, tmp_path: Path, change: str, name: str) -> None:
    other = Path(shutil.copy(file, tmp_path / "y.h5"))
    with h5py.File(other, "r+") as stored:
        if change == "bit":
            stored["gdp"][1, 2] = np.nextafter(np.float32(5), np.float32(6))
        elif change == "gone":
            del stored["summary/gdp"]
        elif change == "seed":
            stored.attrs["seed"] = 5
        else:
            stored["zone"][0] = "elsewhere"
    assert differences(contents(file), contents(other)) == [name]


@pytest.mark.parametrize(("victim", "last"), [("parent", 8), ("worker", 6), ("dask", 6)])
def test_moments_come_again_with_the_seed(tmp_path: Path, victim: str, last: int) -> None:
    case = Case(victim, 0, 8192, tmp_path / "x.h5")
    one, again = ([case.moment(random.Random(n)) for n in range(200)] for _ in range(2))
    assert one == again
    assert {moment.blocks for moment in one} == set(range(last + 1))
