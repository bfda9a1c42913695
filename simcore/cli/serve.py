"""The command serve: a live page on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simcore.cli.base import Command
from simcore.cli.run_options import sampler_option, seed_option
from simcore.labels import say

MAXIMUM = 10_000  # draws; more would not follow a slider


@click.command(cls=Command, short_help="Serve a page on which levers are dragged.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=5006, show_default=True,
    help="Port to listen on; 0 takes any that is free.",
)  # fmt: skip
@click.option("--open/--no-open", "show", default=True, help="Open the page in a browser.")
@click.option(
    "-n", "--draws", type=click.IntRange(2, MAXIMUM), default=1000, show_default=True,
    help="Draws behind every picture.",
)  # fmt: skip
@seed_option
@sampler_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
    help="Folder of what is downloaded; outputs, or the study's, by default.",
)  # fmt: skip
def serve(
    port: int, show: bool, draws: int, seed: int | None, sampler: Any, output: Path | None
) -> None:  # fmt: skip
    """Serve a page on which levers are dragged and the fan and the goals follow.

    Only this machine can reach it. Stop it with Ctrl-C.

    \b
    Example: simcore serve
             simcore serve --port 8080 --no-open --lang zh
    """
    from simcore.live import Live
    from simcore.reconcile import reconcile
    from simcore.server import free_port, refuse_missing
    from simcore.server import serve as run
    from simcore.study import outputs_folder

    refuse_missing()
    free_port(port)
    live = Live(reconcile(), draws, seed=seed, sampler=sampler)

    def ready(address: str) -> None:
        click.echo(say("the live page is at {address}; Ctrl-C stops it", address=address))

    run(live, output or outputs_folder(), port=port, show=show, ready=ready)


COMMANDS = (serve,)
