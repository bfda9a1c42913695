"""Exports of a result for other programs and other people: workbook, long tables, IAMC."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

import xarray as xr

from simcore.accessor import refuse_summary
from simcore.baseline import Baseline, load_baseline
from simcore.errors import InputError, did_you_mean
from simcore.extract import Choice, extracted
from simcore.iamc import Shape, write_iamc
from simcore.labels import say
from simcore.tidy import write_csv, write_parquet
from simcore.workbook import USUAL, write_workbook
from simcore.writing import RESULTS, TEXTS, refuse_existing, write_whole

Format = Literal["xlsx", "csv", "parquet", "iamc"]
Progress = Callable[[int], object]

ENDINGS: dict[Format, str] = {
    "xlsx": ".xlsx", "csv": ".csv", "parquet": ".parquet", "iamc": "-iamc.csv",
}  # fmt: skip
"""How the name of an export ends that is written beside its result."""
ALL = "all"


def export(
    source: str | Path | xr.Dataset,
    path: str | Path,
    *,
    to: Format | None = None,
    choice: Choice | None = None,
    draws: bool = False,
    shape: Shape = "wide",
    force: bool = False,
    progress: Callable[[int, str], Progress] | None = None,
    baseline: Baseline | None = None,
) -> Path:
    """Write a result, or a part of it, in another format, and return the file.

    Parameters
    ----------
    source : a result file, or a dataset as `run`, `open_results` and `condition` return it
    path : of the new file; its ending names the format unless ``to`` does
    to : ``xlsx``, ``csv``, ``parquet`` or ``iamc``
    choice : `Choice` of indicators, zones, scenarios and years; a workbook has the usual
        indicators by default, everything else all of them
    draws : every draw instead of statistics, in CSV and Parquet
    shape : of IAMC, a column a year or a row a year
    force : replace the file if it exists
    progress : called with how much there is to do and the name of the file; gives what counts it
    baseline : for labels, goals and sources; read anew by default

    Raises `InputError` for unknown names, a format that is not known, a file that exists, and draws
    that the result does not hold; `RunError` where a library is missing or the file cannot be
    written.
    """
    path = Path(path)
    kind = _format(path, to)
    if draws and kind in ("xlsx", "iamc"):
        raise InputError(say("draws are written to csv or parquet, not to {format}", format=kind))
    refuse_existing(path, force=force)
    if not isinstance(source, xr.Dataset) and path.exists():
        if not Path(source).exists():
            raise InputError(say("{path}: does not exist", path=source))
        if path.samefile(source):
            raise InputError(say("{path}: is the result itself", path=path))
    _refuse_ending(path, kind)
    with extracted(source, _chosen(choice or Choice(), kind)) as part:
        if draws:
            refuse_summary(part.dataset, f"{source}: " if part.name else "")
        total = len(part.indicators) * len(part.scenarios)
        count = progress(total, path.name) if progress else _silent

        def write(place: Path) -> None:
            match kind:
                case "xlsx":
                    write_workbook(part, place, count, baseline or load_baseline())
                case "csv":
                    write_csv(part, place, count, draws=draws)
                case "parquet":
                    write_parquet(part, place, count, draws=draws)
                case "iamc":
                    write_iamc(part, place, count, baseline or load_baseline(), shape)

        write_whole(path, write)
    return path


def _silent(done: int) -> None:
    """Count nothing."""


def _format(path: Path, to: str | None) -> Format:
    """Return the format that is asked for by name or by the ending of the file."""
    known = get_args(Format)
    name = to or path.suffix.lower().removeprefix(".")
    for kind in known:
        if name == kind:
            return kind
    if to is None:
        raise InputError(
            say("{path}: its ending names no format; say --to {formats}", path=path,
                formats="|".join(known))
        )  # fmt: skip
    near = did_you_mean(name, known) or f": {', '.join(known)}"
    raise InputError(say("unknown format '{name}'", name=name) + near)


def _refuse_ending(path: Path, kind: Format) -> None:
    """Refuse a file whose ending says that it is something else."""
    right, ending = _last(ENDINGS[kind]), path.suffix.lower()
    others = {_last(one) for one in ENDINGS.values()} | {*RESULTS, *TEXTS}
    if ending != right and ending in others:
        raise InputError(
            say("{path}: {format} ends in {ending}", path=path, format=kind, ending=right)
        )


def _last(ending: str) -> str:
    """Return the suffix of an ending, which may begin before it: ``-iamc.csv``."""
    return "." + ending.rpartition(".")[2]


def _chosen(choice: Choice, kind: Format) -> Choice:
    """Return what is asked for: of a workbook the usual indicators, unless others are."""
    wanted = tuple(choice.indicators)
    if not wanted and kind == "xlsx":
        wanted = USUAL
    if wanted == (ALL,):
        wanted = ()
    return Choice(wanted, choice.zones, choice.scenarios, choice.years)


def beside(source: Path, kind: Format) -> Path:
    """Return where an export of a result goes unless another file is named."""
    return source.with_name(source.stem + ENDINGS[kind])
