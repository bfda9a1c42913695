"""The command line as a process: exit codes, one line a problem, pipes, imports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import h5py
import pytest
from click.testing import CliRunner
from command_line import invoke, refused

from simcore.cli import cli
from simcore.errors import InputError

HEAVY = {"h5netcdf", "h5py", "matplotlib", "numpy", "pydantic", "scipy", "xarray", "rich"}
SCRIPT = Path(sys.executable).with_name("simcore")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a result, damaged ones, and scenario files good and bad."""
    path = tmp_path_factory.mktemp("process")
    done = simcore("run", "baseline", "growth-5", "-n", "4", "-o", "good.h5", cwd=path)
    assert done.returncode == 0, done.stderr
    content = (path / "good.h5").read_bytes()
    (path / "truncated.h5").write_bytes(content[: len(content) // 2])
    (path / "text.h5").write_text("this is not HDF5\n")
    (path / "empty.h5").write_bytes(b"")
    (path / "folder.yaml").mkdir()
    (path / "bad.yaml").write_text("simcore: 1\nname: bad\nlevrs: {}\n")
    return path


def simcore(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simcore", *words], cwd=cwd, env=settings(**environment),
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def settings(**environment: str) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "error", **environment}


def problems(*words: str, cwd: Path, code: int = 2) -> list[str]:
    """The lines on stderr of a command that fails with a code and prints nothing."""
    done = simcore(*words, cwd=cwd)
    assert "Traceback" not in done.stderr
    assert "unforeseen" not in done.stderr
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize("command", [[sys.executable, "-m", "simcore"], [str(SCRIPT)]])
def test_module_and_script_are_the_same_program(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*command, "--version"], cwd=tmp_path, env=settings(), capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"simcore {version('simcore')}\n", "")


def test_done_is_zero(tmp_path: Path) -> None:
    done = simcore("list", "zones", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "donghu" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["run", "lost.yaml"], r"lost\.yaml:1:1: cannot be read: No such file or directory"),
        (["run", "folder.yaml"], r"folder\.yaml:1:1: cannot be read: Is a directory"),
        (["run", "baseline", "-o", "."], r"\.: is a folder, not a file"),
        (["compare", "text.h5"], r"text\.h5: is no HDF5 file.*"),
        (["inspect", "empty.h5"], r"empty\.h5: is no HDF5 file.*"),
        (["inspect", "folder.yaml"], r"folder\.yaml: is .*"),
        (["compare", "good.h5", "--baseline", "x"], r"unknown scenario 'x'; .*"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_asked_wrongly_is_one_line_and_two(
    words: list[str], line: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process; below are commands of which the system is asked how they ended."""
    monkeypatch.chdir(folder)
    (found,) = refused(*words)
    assert re.fullmatch(line, found)


def test_every_problem_is_a_line(folder: Path) -> None:
    lines = problems("validate", "bad.yaml", "lost.yaml", cwd=folder)
    assert [line.split(": ")[0] for line in lines] == [
        "bad.yaml:1:1", "bad.yaml:3:1", "lost.yaml:1:1"
    ]  # fmt: skip


def test_a_truncated_result_is_a_failure(folder: Path) -> None:
    """A result that lost its end is damaged: the run fails, with 1; a text is no result, with 2."""
    (line,) = problems("inspect", "truncated.h5", cwd=folder, code=1)
    assert line.startswith("truncated.h5: ")


@pytest.mark.parametrize(
    ("output", "code"), [("good.h5/x.h5", 2), ("/proc/x.h5", 1), ("x" * 300 + ".h5", 2)]
)
def test_an_output_that_cannot_be_written_is_one_line(
    output: str, code: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    found = invoke("run", "baseline", "-n", "2", "-o", output, code=code)
    (line,) = found.stderr.splitlines()
    assert found.stdout == ""
    assert line.startswith(f"{output}: ")
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_traceback_only_with_debug(folder: Path) -> None:
    done = simcore("run", "lost.yaml", "--debug", cwd=folder)
    assert done.returncode != 0
    assert "Traceback" in done.stderr
    assert "InputError" in done.stderr
    found = CliRunner().invoke(cli, ["--debug", "run", str(folder / "lost.yaml")])
    assert isinstance(found.exception, InputError)


def test_errors_have_the_language_of_the_environment(folder: Path) -> None:
    done = simcore("list", cwd=folder, LC_ALL="zh_CN.UTF-8")
    assert done.stdout.startswith("情景")


def test_output_is_written_whatever_the_encoding_of_the_terminal(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simcore", "--lang", "zh", "list"], cwd=folder,
        env=settings(PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0"), capture_output=True,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert b"unforeseen" not in done.stderr


@pytest.mark.parametrize("words", [["list"], ["calibrate", "--json"]])
def test_a_reader_that_leaves_ends_it_quietly(words: list[str], tmp_path: Path) -> None:
    command = subprocess.Popen(
        [sys.executable, "-m", "simcore", *words], cwd=tmp_path, env=settings(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert command.stdout is not None
    assert command.stderr is not None
    command.stdout.readline()
    command.stdout.close()
    said = command.stderr.read()
    assert (said, command.wait(timeout=60)) == ("", 0)
    command.stderr.close()


def test_a_reader_that_left_before_anything_was_said(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "simcore", "list", "targets"], cwd=tmp_path, env=settings(),
        stdout=writing, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(writing)
    assert (done.stderr, done.returncode) == ("", 0)


def imported(words: list[str], cwd: Path) -> Iterator[str]:
    """Packages that a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "simcore", *words], cwd=cwd, env=settings(),
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for line in done.stderr.splitlines():
        if line.startswith("import time:"):
            yield line.rpartition("|")[2].strip().partition(".")[0]


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["what-if", "--help"], ["plot", "-h"]], ids=" ".join
)
def test_help_imports_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    found = set(imported(words, tmp_path))
    assert "click" in found
    assert found & HEAVY == set()


def test_lists_do_not_import_what_they_do_not_need(tmp_path: Path) -> None:
    found = set(imported(["list", "zones"], tmp_path))
    assert found & {"matplotlib", "h5py", "h5netcdf", "xarray"} == set()


def test_a_run_says_one_line_and_no_progress_bar(tmp_path: Path) -> None:
    done = simcore("run", "baseline", "-n", "2", "--seed", "1", cwd=tmp_path)
    assert done.returncode == 0
    assert re.fullmatch(
        r"2 draws × 1 scenarios in [\d.]+ s, \d+ MB, seed 1: "
        r"outputs/baseline__n2__s1__[0-9a-f]{8}\.h5\n",
        done.stdout,
    )
    assert "%" not in done.stderr


def test_two_processes_make_the_same_numbers(folder: Path, tmp_path: Path) -> None:
    done = simcore("run", "growth-5", "baseline", "-n", "4", "-o", "again.h5", cwd=tmp_path)
    assert done.returncode == 0
    with h5py.File(folder / "good.h5") as one, h5py.File(tmp_path / "again.h5") as other:
        for name in ("gdp", "output", "rnd_stock"):
            assert one[name][0].tobytes() == other[name][1].tobytes()


def test_numbers_do_not_depend_on_threads(tmp_path: Path) -> None:
    """What the Python interface reconciles is the same however many threads BLAS may use."""
    code = "from simcore.reconcile import reconcile; print(reconcile(cache=False).mean.tobytes())"
    found = set()
    for threads in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path,
            env=settings(OPENBLAS_NUM_THREADS=threads),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1
