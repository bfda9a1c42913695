"""Exact quantiles in one pass: the bits of a sort of everything, in bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simcore.dims import QUANTILES
from simcore.errors import RunError
from simcore.quantiles import sorted_quantiles
from simcore.selection import TILE, Selection, add_tiles, margin, mean


def draws_of(count: int, seed: int = 1) -> Any:
    """Six quantities: normal, skewed, tied, constant, never there, partly missing."""
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((6, count)).astype(np.float32)
    values[1] = np.exp(values[1])
    values[2] = np.round(values[2], 1)
    values[3] = 7.25
    values[4] = np.nan
    values[5, generator.random(count) < 0.05] = np.nan
    return values


def selection_of(values: Any, batch: int) -> Selection:
    found = Selection.begun(len(values), QUANTILES, values.shape[-1])
    for start in range(0, values.shape[-1], batch):
        found.absorb(values[:, start : start + batch].copy())
    return found


def by_sorting(values: Any) -> Any:
    """Quantiles of what is finite in each row, (quantile, quantity)."""
    rows = [row[np.isfinite(row)] for row in values]
    none = np.full(len(QUANTILES), np.nan)
    return np.array([sorted_quantiles(row) if len(row) else none for row in rows]).T + 0.0


@pytest.mark.parametrize("count", [1, 2, 5, 1000, TILE, 5 * TILE + 17, 60 * TILE + 1])
@pytest.mark.parametrize("batch", [TILE, 16 * TILE])
def test_it_selects_what_a_sort_selects(count: int, batch: int) -> None:
    values = draws_of(count)
    found = selection_of(values, batch).selected()
    assert found.tobytes() == by_sorting(values).tobytes()


@pytest.mark.parametrize("seed", range(5))
def test_any_seed_does(seed: int) -> None:
    values = draws_of(40 * TILE, seed)
    assert selection_of(values, 2 * TILE).selected().tobytes() == by_sorting(values).tobytes()


def test_memory_grows_with_the_root_of_the_draws() -> None:
    """Ten times a quarter of the draws: what is kept at any time is within twice its margins."""
    count = 256 * TILE
    values = draws_of(count)[:3]
    selection = Selection.begun(3, QUANTILES, count)
    most = 0
    for start in range(0, count, 16 * TILE):
        selection.absorb(values[:, start : start + 16 * TILE].copy())
        most = max(most, *(len(window) for row in selection.windows for window in row))
    assert most <= 2 * margin(count // 2, 0.5, 0.5) + 1
    assert most < count / 50


@pytest.mark.parametrize("order", ["up", "down"])
def test_sorted_draws_are_refused_and_not_answered_wrongly(order: str) -> None:
    values = np.sort(draws_of(64 * TILE)[:1], axis=-1)
    with pytest.raises(RunError, match="no random order.*--keep full takes any order"):
        selection_of(values if order == "up" else values[:, ::-1], 4 * TILE).selected()


def test_a_window_that_misses_is_an_error() -> None:
    selection = selection_of(draws_of(64 * TILE)[:1], 16 * TILE)
    with pytest.raises(RunError, match="their 5 % quantile"):
        selection.at(0, 0, 0.5 * 64 * TILE)


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_sums_do_not_depend_on_the_batches(batch: int) -> None:
    values = draws_of(20 * TILE + 5)
    whole = np.zeros(len(values))
    add_tiles(whole, values)
    for row, total in zip(values, whole, strict=True):  # nor on the quantities beside it
        alone = np.zeros(1)
        add_tiles(alone, row[None])
        assert alone[0] == total
    assert selection_of(values, batch * TILE).total.tobytes() == whole.tobytes()
    finite = np.isfinite(values).sum(axis=-1)
    assert mean(whole, finite)[:2] == pytest.approx(values[:2].mean(axis=-1, dtype=np.float64))
    assert np.isnan(mean(whole, finite)[4])
    assert mean(whole, finite)[5] == pytest.approx(np.nanmean(values[5], dtype=np.float64))
