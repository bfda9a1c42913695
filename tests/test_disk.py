"""A full disk and a damaged file are said in one line."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

from simcore.disk import put_in_place, reading, reason_of, refuse_full, reserve, working_on, writing
from simcore.errors import RunError

Usage = namedtuple("Usage", "total used free")


def test_the_reason_in_a_text_of_hdf5_is_found() -> None:
    long = "Can't write data\n (file write failed: fd = 5, errno = 28, error message = 'x')"
    assert reason_of(OSError(long)) == os.strerror(errno.ENOSPC)
    assert reason_of(OSError(errno.EROFS, "Read-only file system")) == "Read-only file system"
    assert reason_of(OSError("one\ntwo")) == "one"
    assert reason_of(OSError()) == "OSError"


def test_failures_name_the_file_in_one_line(tmp_path: Path) -> None:
    said = r"^x: the result cannot be written: No space left"
    with pytest.raises(RunError, match=said), writing(Path("x")):
        raise OSError("a\nb errno = 28, c")
    for error in (KeyError("gdp"), IndexError("far\naway"), TypeError(), OSError(5, "io")):
        with pytest.raises(RunError, match=r"^x: is damaged: [^\n]+$"), reading(Path("x")):
            raise error
    with pytest.raises(RunError, match=r"^as it is$"), reading(Path("x")):
        raise RunError("as it is")


def test_a_fault_of_the_work_on_a_file_passes_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file["x"] = [1.0]
    damage: list[Callable[[h5py.File], object]] = [
        lambda file: file["y"], lambda file: file.attrs["y"], lambda file: file["x"][7],
        lambda file: json.loads("{"), lambda file: h5py.File(Path(__file__)),
        lambda file: xr.open_dataset(Path(__file__), engine="h5netcdf"),
    ]  # fmt: skip
    for read in damage:
        said = pytest.raises(RunError, match=r"^x: is damaged: [^\n]+$")
        with h5py.File(path) as file, said, working_on(Path("x")):
            read(file)
    faults: list[Callable[[], object]] = [
        lambda: {}["y"], lambda: len(1), lambda: "".y, lambda: xr.Dataset({"x": 1})["y"],
        lambda: np.zeros(2) + np.zeros(3), lambda: [].index(1),
    ]  # fmt: skip
    for fault in faults:
        kinds = (LookupError, TypeError, AttributeError, ValueError)
        with pytest.raises(kinds), working_on(Path("x")):
            fault()
    with pytest.raises(RunError, match=r"^as it is$"), working_on(Path("x")):
        raise RunError("as it is")


def test_a_fault_that_a_reading_library_calls_passes_as_it_is(tmp_path: Path) -> None:
    """Below the last call of simcore nothing reads: what h5py calls back is simcore's own."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = [1.0]
        calls: dict[str, object] = {"__name__": "simcore.called_back"}
        exec("def visit(name, value):\n    return {}[name]", calls)
        with pytest.raises(KeyError, match="x"), working_on(Path("x")):
            file.visititems(calls["visit"])


def test_too_little_room_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(9, 9, 2_000_000))
    refuse_full(tmp_path / "no" / "folder" / "x", 2_000_000)
    with pytest.raises(RunError, match=r"3\.0 MB are needed, 2\.0 MB are free"):
        refuse_full(tmp_path / "x", 3_000_000)


def test_room_is_set_aside_and_what_is_not_used_is_cut_off(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "empty.h5", "w"):
        pass
    path = tmp_path / "x.h5"
    reserve(path, (tmp_path / "empty.h5").read_bytes(), 5_000_000)
    assert path.stat().st_size == 5_000_000
    with h5py.File(path, "r+") as file:
        file["x"] = [1.0, 2.0]
    assert path.stat().st_size < 20_000


def test_a_file_that_may_not_grow_fails_without_a_crash(tmp_path: Path) -> None:
    """HDF5 that cannot write on closing would end in a segmentation fault of the interpreter."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))\n"
        "from simcore.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "run", "baseline", "-n", "10", "-o", "x.h5"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "the result cannot be written: File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, place, done = tmp_path / "x.part", tmp_path / "x", []
    sync, replace = os.fsync, os.replace

    def synced(number: int) -> None:
        done.append(os.path.basename(os.readlink(f"/proc/self/fd/{number}")))
        sync(number)

    def replaced(*paths: Path) -> None:
        done.append("->")
        replace(*paths)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    place.write_text("old")
    part.write_text("new")
    put_in_place(part, place)
    assert done == ["x.part", "->", tmp_path.name]
    assert (place.read_text(), part.exists()) == ("new", False)


def test_what_cannot_be_put_on_the_disk_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, place = tmp_path / "x.part", tmp_path / "x"
    place.write_text("old")
    part.write_text("new")

    def fail(number: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    said = "x: the result cannot be written: Input/output error"
    with pytest.raises(RunError, match=said), writing(place):
        put_in_place(part, place)
    assert place.read_text() == "old"
