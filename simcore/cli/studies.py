"""The command init: a study folder of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from simcore.cli.base import Command
from simcore.labels import say


@click.command(cls=Command, short_help="Make a study folder of your own.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Add what is missing to a folder that is not empty.")
def init(folder: Path, force: bool) -> None:
    """Make a study folder: settings, scenarios, sweeps, calibration and outputs of your own.

    simcore finds it when it runs inside it or below. No file that is there is ever changed.

    \b
    Example: simcore init my-study
    """
    from simcore.study_new import new_study

    written, kept = new_study(folder, force=force)
    for path in kept:
        click.echo(say("kept {path}", path=path))
    click.echo(
        say("{folder}: a study, {count} files written; go there and try: simcore list",
            folder=folder, count=len(written))
    )  # fmt: skip


COMMANDS = (init,)
