"""A disk that is full in earnest: a small tmpfs, where one may be mounted."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from soak import contents, differences

from simcore.baseline import Baseline
from simcore.errors import RunError
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.scenario import load_scenario
from simcore.shards import Parts

MEGABYTES = 100
DRAWS = 3000  # three blocks of 10 MB and a result of 30: they fit together


@pytest.fixture(scope="module")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    return Plan((load_scenario("baseline", baseline),), DRAWS, 4, posterior)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write a file until nothing more fits."""
    with path.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(1 << 20))


def test_a_disk_that_fills_up_ends_the_run_in_one_line_and_it_goes_on_later(
    plan: Plan, disk: Path, tmp_path: Path
) -> None:
    path, other = disk / "x.h5", disk / "of somebody else"

    def disturb(done: int) -> None:
        if done and not other.exists():
            with pytest.raises(OSError, match="No space left"):
                fill(other)

    kept = r"^[^\n]*: No space left on device; 1 of 3 blocks are kept [^\n]*--resume goes on$"
    with pytest.raises(RunError, match=kept):
        produce(plan, path, workers=1, progress=disturb)
    assert not path.exists()
    assert Parts(path).blocks() == [0]
    other.unlink()
    assert produce(plan, path, workers=1, resume=True).kept == 1
    produce(plan, tmp_path / "whole.h5", workers=1)
    assert differences(contents(path), contents(tmp_path / "whole.h5")) == []


def test_a_disk_that_is_too_small_is_said_before_the_run(plan: Plan, disk: Path) -> None:
    (disk / "of somebody else").write_bytes(bytes((MEGABYTES - 20) << 20))
    with pytest.raises(RunError, match=r"x\.h5: .* MB are needed, 21\.0 MB are free$"):
        produce(plan, disk / "x.h5", workers=1)
    assert [entry.name for entry in disk.iterdir()] == ["of somebody else"]
