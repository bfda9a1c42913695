"""The command report: a result as a page for the browser."""

from __future__ import annotations

from pathlib import Path

import click

from simcore.cli.base import Command, force_option
from simcore.errors import InputError
from simcore.labels import say


@click.command(cls=Command, short_help="Write a result as one page for a browser.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="The HTML file to write; beside FILE by default.",
)  # fmt: skip
@click.option("--against", metavar="NAME", help="Compare with this scenario of the file.")
@click.option(
    "--without", multiple=True, metavar="SECTION",
    help="Leave out sensitivity, contributions or targets, which take a while.",
)  # fmt: skip
@force_option
def report(
    file: Path, output: Path | None, against: str | None, without: tuple[str, ...], force: bool
) -> None:
    """Write a result as one page for a browser: charts, targets, what drives it, sources.

    The page holds both languages; --lang is the one shown first. It needs no network. Of a file
    with many scenarios it draws six and lists all.

    \b
    Example: simcore report outputs/demo.h5 -o report.html
    """
    from simcore.reconcile import reconcile
    from simcore.report_basis import with_calibration
    from simcore.report_page import write_report
    from simcore.writing import refuse_existing

    place = output or file.with_suffix(".html")
    if place.suffix.lower() not in (".html", ".htm"):
        raise InputError(say("{path}: a report ends in .html", path=place))
    refuse_existing(place, force=force)
    words = ["simcore", "report", file.name, "-o", place.name]
    words += ["--against", against] if against else []
    words += [word for section in without for word in ("--without", section)]
    found = write_report(
        file, place, reconcile(), against=against, without=without,
        command=with_calibration(words), force=force,
    )  # fmt: skip
    for section, reason in found.left_out.items():
        if section not in without:
            click.echo(say("left out, {section}: {reason}", section=section, reason=reason))
    click.echo(say("wrote {path}", path=place))


COMMANDS = (report,)
