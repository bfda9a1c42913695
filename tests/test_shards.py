"""The folder of the blocks: one writer, whose it is, and what stands in it."""

from __future__ import annotations

import fcntl
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from interrupted_runs import DRAWS, interrupted

from simcore import block_file
from simcore.cli import cli
from simcore.errors import InputError, RunError
from simcore.plan import Plan
from simcore.production import produce
from simcore.shards import Parts


def test_one_writer(plan: Plan, tmp_path: Path) -> None:
    parts = Parts(tmp_path / "x.h5")
    parts.folder.mkdir()
    with (parts.folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another run is writing it"):
            produce(plan, parts.output, workers=1)


def test_an_orphan_of_an_earlier_run_replaces_nothing(plan: Plan, tmp_path: Path) -> None:
    parts = Parts(tmp_path / "x.h5")
    with parts.locked():
        old, new = parts.begin(plan), parts.begin(plan)
        with block_file.written(new, plan, 0):
            pass
        before = parts.path(0).read_bytes()
        refused = pytest.raises(RunError, match="another run is writing it")
        with refused, block_file.written(old, plan, 0) as (sink, _):
            sink.file.attrs["whose"] = "the orphan"
        assert parts.path(0).read_bytes() == before
        assert not list(parts.folder.glob("*.part"))


def test_the_lock_is_the_file_that_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run ends, and removes the lock, after another has opened it and before that holds it."""
    parts, real, ended = Parts(tmp_path / "x.h5"), fcntl.flock, []

    def flock(file: object, how: int) -> None:
        if not ended:
            ended.append(True)
            parts.remove()
        real(file, how)  # type: ignore[arg-type]

    monkeypatch.setattr(fcntl, "flock", flock)
    with parts.locked():
        assert parts.lock.exists()
        assert parts.running()
        with pytest.raises(InputError, match="another run is writing it"), parts.locked():
            pass
    assert not parts.running()


@pytest.mark.parametrize("text", ["[]", "{}", '{"draws": "many"}', "\x00"])
def test_a_manifest_that_says_too_little_is_damaged(tmp_path: Path, text: str) -> None:
    parts = Parts(tmp_path / "x.h5")
    parts.folder.mkdir()
    (parts.folder / "manifest.json").write_text(text)
    with pytest.raises(RunError, match=r"manifest\.json: is damaged: .*; --force starts again"):
        parts.state()


def test_a_strange_folder_among_the_blocks_stays(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    strange = Parts(path).folder / "block-notes.h5" / "mine"
    strange.mkdir(parents=True)
    (Parts(path).folder / "block-000001.h5.old.part").write_text("of a killed run")
    produce(replace(plan, draws=10), path, workers=1, force=True)
    assert [entry.name for entry in Parts(path).folder.iterdir()] == ["block-notes.h5"]
    assert strange.is_dir()
    assert Parts(path).state() is None


def test_a_damaged_manifest_is_named(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    interrupted(plan, path, 4000)
    (Parts(path).folder / "manifest.json").write_text("{")
    with pytest.raises(RunError, match=r"manifest\.json: is damaged"):
        produce(plan, path, workers=1, resume=True)


def test_a_result_and_an_unfinished_run_of_it_are_both_shown(
    plan: Plan, undisturbed: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(undisturbed, tmp_path))
    parts = Parts(path)
    with parts.locked():
        parts.begin(replace(plan, draws=5000))
        text = CliRunner().invoke(cli, ["inspect", str(path)]).output
        assert "unfinished; 0 of 5 blocks are done" in text
        assert "a run of it is going on" in text
        assert "--resume" not in text
        assert "foreign_investment" in text
    found = json.loads(CliRunner().invoke(cli, ["inspect", str(path), "--json"]).output)
    assert (found["draws"], found["unfinished"]["running"]) == (DRAWS, False)
    text = CliRunner().invoke(cli, ["inspect", str(path)]).output
    assert "the same command with --resume goes on" in text
