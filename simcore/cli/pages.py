"""Commands that write pages for a browser: baselines page."""

from __future__ import annotations

from pathlib import Path

import click

from simcore.cli.base import Command, force_option
from simcore.labels import say


@click.command(
    "page", cls=Command, short_help="Write all documented figures as one page for a browser."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="The HTML file to write; outputs/figures.html by default.",
)  # fmt: skip
@force_option
def figures_page(output: Path | None, force: bool) -> None:
    """Write all documented figures with their sources as one page for a browser.

    The page holds both languages; --lang is the one shown first. It needs no network.

    \b
    Example: simcore baselines page -o figures.html
    """
    from simcore.data_page import write_data_page
    from simcore.reconcile import reconcile
    from simcore.study import outputs_folder
    from simcore.writing import refuse_existing

    output = output or outputs_folder() / "figures.html"
    refuse_existing(output, force=force)
    write_data_page(output, reconcile(), force=force)
    click.echo(say("wrote {path}", path=output))
