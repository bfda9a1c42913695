"""The command that joins what several machines have computed."""

from __future__ import annotations

from pathlib import Path

import click

from simcore.cli.base import Command, force_option
from simcore.labels import say


@click.command(cls=Command, short_help="Join the blocks of several machines into one result.")
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path, exists=False))
@click.option(
    "--keep", type=click.Choice(["full", "summary"]), default="full", show_default=True,
    help="Every draw, or exact quantiles and means alone.",
)  # fmt: skip
@force_option
def merge(output: Path, sources: tuple[Path, ...], keep: str, force: bool) -> None:
    """Join the blocks that several machines have computed into one result file.

    A source is a folder of blocks (x.h5.parts), or a result of the same run.

    \b
    Example: simcore merge all.h5 a.h5.parts b.h5.parts c.h5.parts
    """
    from simcore.merging import merge as join
    from simcore.reconcile import reconcile

    found = join(output, sources, reconcile(), keep="summary" if keep == "summary" else "full",
                 force=force)  # fmt: skip
    for source, versions in found.versions.items():
        for name, (there, here) in versions.items():
            text = say("note: {source} was made with {name} {there}, here {here}", source=source,
                       name=name, there=there, here=here)  # fmt: skip
            click.echo(text, err=True)
    for name in found.damaged:
        click.echo(say("note: {name} is damaged; another source had it", name=name), err=True)
    click.echo(
        say(
            "{blocks} blocks, {draws:,} draws × {scenarios} scenarios, {size:.0f} MB: {path}",
            blocks=found.blocks, draws=found.plan.draws, scenarios=len(found.plan.scenarios),
            size=output.stat().st_size / 1e6, path=output,
        )
    )  # fmt: skip


COMMANDS = (merge,)
