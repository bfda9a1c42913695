"""Files written whole: what was there stays until the new one is complete."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simcore.errors import InputError, RunError
from simcore.writing import refuse_existing, write_text, write_whole


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    path.write_text("old", encoding="utf-8")

    def fail(place: Path) -> None:
        assert place.suffix == ".svg"
        place.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(RunError, match=r"x\.svg: cannot be written: No space left on device$"):
        write_whole(path, fail)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_the_old_file_too(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old", encoding="utf-8")

    def stop(place: Path) -> None:
        place.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(path, stop)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_are_made_and_a_link_keeps_its_target(tmp_path: Path) -> None:
    target, link = tmp_path / "new" / "x.txt", tmp_path / "link.txt"
    write_text(target, "一")
    link.symlink_to(target)
    write_text(link, "二")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "二"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(pipe, "numbers")
        assert os.read(reader, 100) == b"numbers"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_refuse_existing(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    refuse_existing(path, force=False)
    path.write_text("precious")
    with pytest.raises(InputError, match=r"x\.h5: exists; --force replaces it"):
        refuse_existing(path, force=False)
    refuse_existing(path, force=True)
    with pytest.raises(InputError, match="is a folder"):
        refuse_existing(tmp_path, force=True)
