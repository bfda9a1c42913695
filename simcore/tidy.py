"""Long tables of a result, one number a row: CSV for every program, Parquet for the large ones."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from simcore.errors import RunError
from simcore.extract import STATISTICS, Extract, Series
from simcore.labels import say

Progress = Callable[[int], object]
Columns = dict[str, Any]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet would compute."""
TOLD = ("fingerprint", "calibration", "seed", "draws", "sampler", "simcore_version")
"""Attributes of a result that go into a Parquet file."""


def plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before it.

    >>> plain("=1+1"), plain("growth-5")
    ("'=1+1", 'growth-5')
    """
    return f"'{text}" if text.startswith(FORMULA) else text


def number(value: Any) -> str:
    """Write a float32 in the fewest digits that give it back; nothing for NaN.

    >>> number(np.float32(3095.81)), number(np.float32("nan"))
    ('3095.81', '')
    """
    return str(np.float32(value)) if np.isfinite(value) else ""


def header(*, draws: bool) -> tuple[str, ...]:
    """Return the names of the columns; with draws their number and weight stand for a statistic."""
    own = ("draw", "weight") if draws else ("statistic",)
    return ("scenario", "zone", "industry", "indicator", "unit", "year", *own, "value")


def write_csv(part: Extract, path: Path, progress: Progress, *, draws: bool) -> None:
    """Write a CSV file in UTF-8 with the mark by which spreadsheets know it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header(draws=draws))
        for columns in batches(part, progress, draws=draws):
            count = len(columns["value"])
            cells = [
                _texts(columns[name], count) if name in columns else [""] * count
                for name in header(draws=draws)
            ]
            writer.writerows(zip(*cells, strict=True))


def _texts(column: Any, count: int) -> list[str]:
    if isinstance(column, str):
        return [plain(column)] * count
    return [str(cell) for cell in column]


def write_parquet(part: Extract, path: Path, progress: Progress, *, draws: bool) -> None:
    """Write a Parquet file: names as dictionaries, units and provenance in its metadata.

    Raises `RunError` without pyarrow.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        text = say(
            "simcore export needs {library}: pip install 'simcore[export]'", library="pyarrow"
        )
        raise RunError(text) from error
    name = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    kinds = {"year": pyarrow.int16(), "draw": pyarrow.int32(), "weight": pyarrow.float32(),
             "value": pyarrow.float32()}  # fmt: skip
    fields = [(column, kinds.get(column, name)) for column in header(draws=draws)]
    schema = pyarrow.schema(fields, metadata=_metadata(part))
    with parquet.ParquetWriter(path, schema) as writer:
        for columns in batches(part, progress, draws=draws):
            count, arrays = len(columns["value"]), []
            for column, kind in fields:
                cells = columns[column]
                if isinstance(cells, str):
                    one = pyarrow.array([cells], pyarrow.string())
                    places = pyarrow.array(np.zeros(count, np.int32))
                    arrays.append(pyarrow.DictionaryArray.from_arrays(places, one))
                else:
                    arrays.append(pyarrow.array(cells).cast(kind))
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _metadata(part: Extract) -> dict[str, str]:
    """Return what the file says of itself: the unit of every indicator, and the provenance."""
    units = {name: part.variable(name).units for name in part.indicators}
    told = {name: str(part.dataset.attrs[name]) for name in TOLD if name in part.dataset.attrs}
    return {"units": json.dumps(units), "writer": f"simcore {version('simcore')}", **told}


def batches(part: Extract, progress: Progress, *, draws: bool) -> Iterator[Columns]:
    """Return the rows column by column, a path a batch: no more than one is held in memory.

    A column is one text for all rows, or an array; cells without a number are left out.
    """
    for indicator in part.indicators:
        if draws:
            for scenario in part.scenarios:
                for path in part.draws(indicator, scenario):
                    yield _columns(part, indicator, path) | _draws(part, path)
                progress(1)
            continue
        done = 0
        for path in part.statistics(indicator):
            yield _columns(part, indicator, path) | _statistics(part, path)
            at = part.scenarios.index(path.scenario)
            progress(at - done)
            done = at
        progress(len(part.scenarios) - done)


def _columns(part: Extract, indicator: str, path: Series) -> Columns:
    unit = part.variable(indicator).units
    return {"scenario": path.scenario, "zone": path.zone, "industry": path.industry,
            "indicator": indicator, "unit": unit}  # fmt: skip


def _statistics(part: Extract, path: Series) -> Columns:
    values = path.values.T  # (year, statistic)
    known = np.isfinite(values)
    years, names = np.broadcast_arrays(np.array(part.years)[:, None], np.array(STATISTICS))
    return {"year": years[known], "statistic": names[known].astype(object),
            "value": values[known].astype(np.float32)}  # fmt: skip


def _draws(part: Extract, path: Series) -> Columns:
    values = path.values.T.astype(np.float32)  # (year, draw)
    known = np.isfinite(values)
    weight = part.weight(path.scenario).astype(np.float32)
    numbers = part.dataset["draw"].values
    years, draws, weights = np.broadcast_arrays(np.array(part.years)[:, None], numbers, weight)
    return {"year": years[known], "draw": draws[known], "weight": weights[known],
            "value": values[known]}  # fmt: skip
