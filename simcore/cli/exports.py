"""The command export: a result as a workbook, long tables, or IAMC."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import Command, force_option, progress_bar
from simcore.errors import InputError
from simcore.labels import say

FORMATS = ("xlsx", "csv", "parquet", "iamc")  # of simcore.exporting, which takes long to import


@click.command(cls=Command, short_help="Write a result as a workbook or a table.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", type=click.Choice(FORMATS), help="Format; the ending of -o by default.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write; beside FILE by default."
)
@click.option(
    "--indicator", "indicators", multiple=True,
    help="Only this indicator; all: every one, in a workbook too.",
)  # fmt: skip
@click.option("--zone", "zones", multiple=True, help="Only this zone.")
@click.option("--scenario", "scenarios", multiple=True, help="Only this scenario.")
@click.option("--year", "years", type=int, multiple=True, help="Only this year.")
@click.option("--draws", is_flag=True, help="Every draw instead of statistics: csv and parquet.")
@click.option(
    "--shape", type=click.Choice(["wide", "long"]), default="wide", show_default=True,
    help="Of iamc: a column a year, or a row a year.",
)  # fmt: skip
@force_option
def export(
    file: Path,
    to: Any,
    output: Path | None,
    indicators: tuple[str, ...],
    zones: tuple[str, ...],
    scenarios: tuple[str, ...],
    years: tuple[int, ...],
    draws: bool,
    shape: Any,
    force: bool,
) -> None:
    """Write a result as a workbook, as a long table, or for other models.

    xlsx is a workbook to send on: summary, a sheet an indicator, targets, assumptions, sources. csv
    and parquet have a row a number. iamc is the format of integrated-assessment models.

    \b
    Example: simcore export outputs/demo.h5 --to xlsx
             simcore export outputs/demo.h5 -o gdp.csv --indicator gdp --draws
    """
    from simcore.baseline import load_baseline
    from simcore.exporting import beside
    from simcore.exporting import export as write
    from simcore.extract import Choice

    if output is None and to is None:
        raise InputError(say("say --to {formats}, or name a file by -o", formats="|".join(FORMATS)))
    with contextlib.ExitStack() as shown:

        def progress(total: int, name: str) -> Callable[[int], None]:
            text = say("writing {name}", name=name)
            return shown.enter_context(progress_bar(total, say("paths"), text))

        path = write(
            file, output or beside(file, to), to=to,
            choice=Choice(indicators, zones, scenarios, years), draws=draws, shape=shape,
            force=force, progress=progress,
            baseline=load_baseline(),
        )  # fmt: skip
    size = f"{path.stat().st_size / 1e6:,.1f}"
    click.echo(say("wrote {path} ({size} MB)", path=path, size=size))


COMMANDS = (export,)
