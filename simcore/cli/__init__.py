"""The command line: parses, calls, prints. One file a group of commands."""

from __future__ import annotations

import gc
import os
import sys

import click

from simcore.cli import (
    calibration,
    compare,
    discover,
    explain,
    exports,
    figures,
    files,
    firms,
    hindcast,
    impact,
    lists,
    merge,
    new,
    plot,
    projects,
    report,
    runs,
    scenarios,
    sensitivity,
    serve,
    solve,
    studies,
    targets,
    what_if,
)  # fmt: skip
from simcore.cli.base import Group
from simcore.labels import say

CONTEXT = {"help_option_names": ["-h", "--help"]}


@click.group(cls=Group, context_settings=CONTEXT)
@click.version_option(package_name="simcore", message="%(prog)s %(version)s")
def cli() -> None:
    """Simulate GDP, industry output and R&D of Wuhan's two development zones.

    \b
    What if growth is 5 %?       simcore what-if --gdp-growth 5%
    Which scenarios are there?   simcore list
    Run two and compare them:    simcore run baseline growth-5 -o x.h5
                                 simcore compare x.h5
    """


ROOMS = (
    studies, lists, new, scenarios, runs, what_if, compare, serve, report, plot, exports, targets,
    solve, explain, sensitivity, discover, impact, merge, calibration, hindcast, projects, firms,
    figures, files,
)  # fmt: skip
for room in ROOMS:
    for command in room.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run the command line; what nobody foresaw is one line too, unless --debug asks for more."""
    try:
        code = cli.main(prog_name="simcore", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(say("interrupted"), err=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        kind = type(error).__name__
        text = say("{kind}: {error} (unforeseen; --debug shows where)", kind=kind, error=error)
        click.echo(text, err=True)
        sys.exit(1)
    finally:
        gc.freeze()  # or everything is searched for cycles when the process ends
    sys.exit(code if isinstance(code, int) else 0)
