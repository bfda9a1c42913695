"""Chunks have their places before their values come, and any process may bring them."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from simcore.chunks import CHUNK_DRAWS, Chunks, place_chunks

YEARS, DRAWS = 3, 2500


def laid_out(path: Path, draws: int = DRAWS) -> Path:
    """A file of two rows of a variable, of which one will have values, and a table."""
    width = min(CHUNK_DRAWS, draws)
    with h5py.File(path, "w") as file:
        nan = np.float32(np.nan)
        file.create_dataset("x", (2, YEARS, draws), "f4", chunks=(1, YEARS, width), fillvalue=nan)
        file.create_dataset("table", (2, draws), "f4", chunks=(1, width), fillvalue=nan)
    place_chunks(path, [("x", (1, 0)), ("table", (0,)), ("table", (1,))])
    return path


def values(draws: int) -> np.ndarray:
    return np.arange(YEARS * draws, dtype=np.float32).reshape(1, YEARS, draws)


@pytest.mark.parametrize("block", [256, 1024, 4096])
@pytest.mark.parametrize("draws", [2, 900, 1024, DRAWS])
def test_blocks_in_any_order_by_several_openings(tmp_path: Path, block: int, draws: int) -> None:
    path, whole = laid_out(tmp_path / "x.h5", draws), values(draws + block)
    starts = list(range(0, draws, block))
    for start in reversed(starts):  # blocks are whole, beyond the last draw too
        with Chunks.opened(path) as chunks, Chunks.opened(path) as others:
            rows = whole[..., start : start + block]
            chunks.put("x", [(1, 0)], start, rows)
            others.put("table", [(0,), (1,)], start, rows[0, :2])
    with h5py.File(path) as file:
        assert file["x"][1].tobytes() == np.ascontiguousarray(whole[0, :, :draws]).tobytes()
        assert (file["table"][...] == whole[0, :2, :draws]).all()
        assert np.isnan(file["x"][0]).all()  # a row that has no places


def test_placing_writes_no_values(tmp_path: Path) -> None:
    path = laid_out(tmp_path / "x.h5", 1 << 20)
    with h5py.File(path) as file:
        chunks = file["x"].id.get_num_chunks()
        places = [
            file["x"].id.get_chunk_info_by_coord((1, 0, first)).byte_offset
            for first in range(0, 1 << 20, CHUNK_DRAWS)
        ]
        assert not file["x"][1, :, ::CHUNK_DRAWS].any()
    assert chunks == len(places) == 1024
    assert places == sorted(set(places))
    assert path.stat().st_size > 20e6
    assert path.read_bytes().count(b"\0") > 0.99 * path.stat().st_size
