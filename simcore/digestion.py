"""From blocks to summaries without keeping draws: whole runs of blocks are digested and let go.

What is kept of the digested blocks stands in the folder of the blocks, a checked file for every
scenario and group of variables. Each says how many blocks it has taken in and is replaced as a
whole: whenever a run ends, a block is counted once or still there.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from simcore.block_file import block_room
from simcore.block_file import sealed as sealed_file
from simcore.checksum import intact
from simcore.dims import QUANTILES, VARIABLES
from simcore.disk import reading
from simcore.errors import RunError
from simcore.faults import Tally
from simcore.labels import say
from simcore.plan import Plan
from simcore.selection import NEIGHBOURS, TILE, Selection, margin, mean
from simcore.shards import (
    FIRST,
    GROUPS,
    Parts,
    tally_of,
    wanted,
)
from simcore.tasks import Block, Check, Digest, Task

HEADLINE = "gdp"  # the variable whose quantiles get standard errors
BATCH_BYTES = 1.5e9  # of the blocks that are digested together
FEWEST, MOST = 16, 64  # tiles digested together: fewer would rewrite what is kept too often
ROWS = 4  # of a variable that are in memory together
HEADERS = 1 << 18  # bytes that HDF5 adds to a file at most


def pieces(plan: Plan) -> list[tuple[int, str]]:
    """Return the scenarios and groups of variables that are digested apart."""
    return [(scenario, group) for scenario in range(len(plan.scenarios)) for group in GROUPS]


def batch(plan: Plan) -> int:
    """Return how many blocks are digested together, whole tiles."""
    size = plan.block_draws / TILE  # tiles of a block
    tiles = int(min(max(BATCH_BYTES * size / block_room(plan), FEWEST), MOST))
    return max(int(tiles / size), 1)


def rounds(plan: Plan, parts: Parts, kept: Collection[int]) -> Iterator[list[Task]]:
    """Yield the tasks of a run that keeps summaries, each round to be done before the next.

    ``kept`` : blocks that need not be computed. Blocks that have been digested are removed.
    """
    count, behind = plan.blocks, digested(plan, parts)
    pending: list[Task] = []
    _drop(parts, range(behind))
    for start in range(behind, count, batch(plan)):
        these = range(start, min(start + batch(plan), count))
        yield [*pending, *(Block(block) for block in these if block not in kept)]
        _drop(parts, range(behind, start))
        yield [Check(block) for block in these]
        pending = [Digest(*piece, these.stop) for piece in pieces(plan)]
        behind = start
    yield pending
    _drop(parts, range(behind, count))


def scratch(plan: Plan) -> int:
    """Return what a run that keeps summaries needs beside its result at most [bytes].

    Two batches of blocks, and what is kept of the digested ones twice while it is replaced.
    """
    count, layout = plan.blocks, plan.layout
    rows = {"zones": len(layout.zones), "industries": len(layout.activities)}
    half = max(plan.draws // 2, min(plan.draws, batch(plan) * plan.block_draws))
    kept = sum(
        _room((rows[group], len(layout.years)), half, plan.draws)
        for group, dims in GROUPS.items()
        for variable in VARIABLES.values()
        if variable.dims == dims
    )
    blocks = min(count, 2 * batch(plan))
    return blocks * block_room(plan) + 2 * len(layout.scenarios) * (kept + len(GROUPS) * HEADERS)


def _drop(parts: Parts, blocks: Sequence[int]) -> None:
    for block in blocks:
        parts.path(block).unlink(missing_ok=True)


def digested(plan: Plan, parts: Parts) -> int:
    """Return how many blocks every scenario and group has taken in; they may be gone."""
    return parts.digested(len(plan.scenarios))


def recheck(plan: Plan, parts: Parts) -> list[str]:
    """Remove what is kept of digested blocks if part of it is damaged, missing or of another plan.

    Returns the names of the files that are not what they should be. The draws that they stood for
    are then computed again.
    """
    if not parts.digests():
        return []
    paths = [parts.digest(*piece) for piece in pieces(plan)]
    wrong = [path.name for path in paths if path.is_file() and not _sound(plan, parts, path)]
    if wrong:
        for path in parts.digests():
            path.unlink(missing_ok=True)
    return wrong


def _sound(plan: Plan, parts: Parts, path: Any) -> bool:
    if not intact(path):
        return False
    with h5py.File(path, "r") as file:
        same = file.attrs["fingerprint"] == plan.fingerprint
        return bool(same and int(file.attrs["draws"]) == plan.draws)


# --- taking in ------------------------------------------------------------------------------------


def digest(plan: Plan, parts: Parts, task: Digest) -> None:
    """Take blocks into what is kept of a scenario and group; nothing is taken in twice."""
    path = parts.digest(task.scenario, task.group)
    with contextlib.ExitStack() as opened:
        before = opened.enter_context(h5py.File(path, "r")) if path.is_file() else None
        first = int(before.attrs["blocks"]) if before else 0
        blocks = range(first, task.stop)
        if not blocks:
            return
        shards = [opened.enter_context(h5py.File(parts.path(block), "r")) for block in blocks]
        draws = [wanted(plan, block) for block in blocks]
        seen = min(task.stop * plan.block_draws, plan.draws)
        names = [
            name for name, variable in VARIABLES.items() if variable.dims == GROUPS[task.group]
        ]
        size = sum(_room(shards[0][name].shape[1:3], seen, plan.draws) for name in names)
        after = opened.enter_context(sealed_file(parts, path, size + HEADERS))
        for name in names:
            source = _Source(shards, draws, name, task.scenario)
            _absorb(plan, source, before and before[name], after.create_group(name), seen)
        first_one = (task.scenario, task.group) == FIRST
        tally = _tally(plan, before, shards) if first_one else Tally()
        after.attrs.update(
            fingerprint=plan.fingerprint, draws=plan.draws, blocks=task.stop, seen=seen,
            unusual=json.dumps(tally.rows(), ensure_ascii=False), masked=json.dumps(tally.masked),
        )  # fmt: skip


@dataclass(frozen=True)
class _Source:
    """A variable of a scenario in the files of some blocks; how many draws are wanted of each."""

    shards: Sequence[h5py.File]
    draws: Sequence[int]
    name: str
    scenario: int

    @property
    def size(self) -> tuple[int, int]:
        """Rows and years."""
        _, rows, years, _ = self.shards[0][self.name].shape
        return rows, years

    def read(self, rows: slice) -> Any:
        """Return the values of some rows, (row and year, draw)."""
        count, years = len(range(self.size[0])[rows]), self.size[1]
        values = np.empty((count, years, sum(self.draws)), dtype=np.float32)
        start = 0
        for shard, width in zip(self.shards, self.draws, strict=True):
            found = shard[self.name][self.scenario, rows]
            values[..., start : start + width] = found[..., :width]
            start += width
        return values.reshape(count * years, -1)


def _absorb(plan: Plan, source: _Source, before: Any, after: Any, seen: int) -> None:
    """Take a variable in, some rows at a time."""
    (rows, years), near = source.size, NEIGHBOURS * (source.name == HEADLINE)
    columns = _columns(seen, plan.draws, near)
    for name, kind, width in (
        ("windows", "f4", columns[-1]), ("lengths", "i4", len(QUANTILES)),
        ("below", "i8", len(QUANTILES)), ("finite", "i8", 1), ("total", "f8", 1),
    ):  # fmt: skip
        after.create_dataset(name, (rows * years, width), kind)
    for start in range(0, rows, ROWS):
        part = slice(start, min(start + ROWS, rows))
        cells = slice(part.start * years, part.stop * years)
        selection = (
            _read(before, plan.draws, near, cells) if before
            else Selection.begun((part.stop - part.start) * years, QUANTILES, plan.draws, near)
        )  # fmt: skip
        selection.absorb(source.read(part))
        _write(selection, after, columns, cells)


def _columns(seen: int, draws: int, near: float) -> list[int]:
    """Return where the window of each quantile begins in a row of the file, and where all end."""
    widths = [min(2 * margin(seen, seen / draws, q, near) + 1, seen) for q in QUANTILES]
    return [0, *map(int, np.cumsum(widths))]


def _room(size: tuple[int, int], seen: int, draws: int) -> int:
    """Return what is kept of a variable (row, year) on the disk at most [bytes]."""
    columns = _columns(seen, draws, NEIGHBOURS)
    return size[0] * size[1] * (4 * columns[-1] + 12 * len(QUANTILES) + 16)


def _write(selection: Selection, group: Any, columns: Sequence[int], cells: slice) -> None:
    table = np.zeros((len(selection.windows), columns[-1]), dtype=np.float32)
    for row, windows in zip(table, selection.windows, strict=True):
        for start, window in zip(columns, windows, strict=False):
            row[start : start + len(window)] = window
    group["windows"][cells] = table
    group["lengths"][cells] = [[len(window) for window in row] for row in selection.windows]
    group["below"][cells] = selection.below
    group["finite"][cells] = selection.finite[:, None]
    group["total"][cells] = selection.total[:, None]


def _read(group: Any, draws: int, near: float, cells: slice) -> Selection:
    """Return the selection of some cells as it was written."""
    seen = int(group.file.attrs["seen"])
    starts = _columns(seen, draws, near)[:-1]
    table, lengths = group["windows"][cells], group["lengths"][cells]
    windows = [
        [row[start : start + length] for start, length in zip(starts, long, strict=True)]
        for row, long in zip(table, lengths, strict=True)
    ]
    return Selection(
        QUANTILES, draws, near, seen, windows, group["below"][cells],
        group["finite"][cells][:, 0], group["total"][cells][:, 0],
    )  # fmt: skip


def _tally(plan: Plan, before: Any, shards: Sequence[h5py.File]) -> Tally:
    """Return what was wrong or unusual so far."""
    tally = Tally() if before is None else _kept_tally(before)
    for shard in shards:
        tally.join(tally_of(shard, plan.layout.scenarios))
    return tally


def _kept_tally(file: h5py.File) -> Tally:
    return Tally.of(json.loads(file.attrs["unusual"]), json.loads(file.attrs["masked"]))


# --- what comes out -------------------------------------------------------------------------------


def summaries_of(plan: Plan, parts: Parts) -> Iterator[tuple[str, Any]]:
    """Yield quantiles and mean of every variable by their names, float32, as `summaries.summaries`.

    Raises `RunError` if blocks have not been digested, or a quantile was missed.
    """
    layout = plan.layout
    if digested(plan, parts) != plan.blocks:
        raise RunError(say("{folder}: not all blocks have been digested", folder=parts.folder))
    for name, variable in VARIABLES.items():
        size = tuple(layout.size(dimension) for dimension in variable.dims if dimension != "draw")
        quantiles = np.full((len(QUANTILES), *size), np.nan, dtype=np.float32)
        means = np.full(size, np.nan, dtype=np.float32)
        group = next(key for key, dims in GROUPS.items() if dims == variable.dims)
        for scenario in range(len(plan.scenarios)):
            selection = selection_of(plan, parts, scenario, name)
            found = np.vstack([selection.selected(), mean(selection.total, selection.finite)])
            rows: Any = layout.activities if group == "industries" else np.arange(size[1])[:, None]
            found = found.reshape(len(QUANTILES) + 1, len(rows), -1)
            years = found.shape[-1]
            for row, place in enumerate(rows):
                quantiles[(slice(None), scenario, *place, slice(years))] = found[:-1, row]
                means[(scenario, *place, slice(years))] = found[-1, row]
        yield name, quantiles
        yield f"{name}_mean", means


def selection_of(plan: Plan, parts: Parts, scenario: int, name: str) -> Selection:
    """Return what is kept of a variable of a scenario, its quantities by row and year."""
    dims = VARIABLES[name].dims
    group = next(key for key, value in GROUPS.items() if value == dims)
    path = parts.digest(scenario, group)
    near = NEIGHBOURS * (name == HEADLINE)
    with reading(path), h5py.File(path, "r") as file:
        return _read(file[name], plan.draws, near, slice(None))


def tally_there(plan: Plan, parts: Parts, kept: Collection[int] = ()) -> Tally:
    """Return what was wrong or unusual in the digested blocks, and in those that are kept."""
    path, total, taken = parts.digest(*FIRST), Tally(), 0
    if path.is_file():
        with reading(path), h5py.File(path, "r") as file:
            total, taken = _kept_tally(file), int(file.attrs["blocks"])
    for block in sorted(kept):
        if block >= taken:
            total.join(parts.tally(plan, block))
    return total
