"""What every command shares: language, errors, tables, progress."""

from __future__ import annotations

import contextlib
import inspect
import json
import logging
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click
from click.core import ParameterSource

from simcore.cli.help_page import Context, paragraphs
from simcore.cli.misuse import asked_language, said_misuse
from simcore.cli.refusals import refuse_empty, refuse_outputs
from simcore.errors import InputError, SimcoreError
from simcore.labels import LANGUAGES, say, use_language

NARROW = 110  # columns; below them numbers may take two lines, so that names stay readable
PLAIN_WIDTH = 240  # columns of a table that no terminal shows: nothing is cut


class Failure(click.ClickException):
    """An error that is said in plain lines, with the exit code of its kind."""

    exit_code: int  # type: ignore[misc]  # click declares a class variable and reads the instance's

    def __init__(self, error: SimcoreError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_code

    def show(self, file: Any = None) -> None:
        """Print every line of the error."""
        for line in self.message.splitlines():
            click.echo(line, err=True)


def _set_language(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value:
        use_language(value)
        context.find_root().meta["simcore.language"] = value


def _language_of_study() -> str | None:
    """Return the language that the study in use sets; what is wrong with a study is said later."""
    from simcore.study import study

    with contextlib.suppress(SimcoreError):
        found = study()
        return found.settings.language if found else None
    return None


def _use_study(context: click.Context, option: click.Parameter, folder: str | None) -> None:
    """Use a study, or none, until the command is done."""
    from simcore.study import NONE, using_study

    if folder is None:
        return
    try:
        context.with_resource(using_study(None if folder == NONE else folder))
    except SimcoreError as error:
        raise Failure(error) from error
    if not context.find_root().meta.get("simcore.language"):
        use_language(_language_of_study())


def _set_debug(context: click.Context, option: click.Parameter, value: bool) -> None:
    root = context.find_root()
    root.meta["simcore.debug"] = value or root.meta.get("simcore.debug", False)


def _use_calibration(
    context: click.Context, option: click.Parameter, folders: tuple[str, ...]
) -> None:
    """Lay the folders on the shipped calibration until the command is done."""
    from simcore.resources import using_calibration

    if not folders:
        return
    try:
        context.with_resource(using_calibration(*folders))
    except SimcoreError as error:
        raise Failure(error) from error


def common_options() -> list[click.Option]:
    """Options that stand before or after a command."""
    return [
        click.Option(
            ["--study"], metavar="DIR", expose_value=False, is_eager=True, callback=_use_study,
            help="Study folder to work in, or none; the one around this folder by default.",
        ),
        click.Option(
            ["--lang"], type=click.Choice(LANGUAGES), expose_value=False, is_eager=True,
            callback=_set_language, help="Language of labels and messages.",
        ),
        click.Option(
            ["--debug"], is_flag=True, expose_value=False, is_eager=True, callback=_set_debug,
            help="Show a traceback on errors.",
        ),
        click.Option(
            ["--calibration"], multiple=True, metavar="DIR", expose_value=False,
            callback=_use_calibration, help="Lay a folder of your own on the calibration.",
        ),
    ]  # fmt: skip


def _terminal() -> bool:
    return sys.stderr.isatty()


class _Notes(logging.Handler):
    """Prints what the package logs, every text once."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Print the text of a record unless it was printed before."""
        text = record.getMessage()
        if text not in self.said:
            self.said.add(text)
            click.echo(text, err=True)


@contextlib.contextmanager
def _notes() -> Iterator[None]:
    """Say what a reader must know, and on a terminal what takes a while before any progress."""
    log, notes = logging.getLogger("simcore"), _Notes()
    before = log.level
    log.addHandler(notes)
    log.setLevel(logging.INFO if _terminal() else logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(before)
        log.removeHandler(notes)


class Speaking(click.Command):
    """A command with the common options and a help page in the language in use."""

    context_class = Context

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += common_options()

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the sentence for the list of commands: the short one, or the first, whole."""
        if self.short_help:
            return self.short_help
        return next(paragraphs(inspect.cleandoc(self.help or "")), "")


class Command(Speaking):
    """A command whose errors are one line each."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command line, none of which may be empty."""
        refuse_empty(ctx, args)
        return super().parse_args(ctx, args)

    def invoke(self, context: click.Context) -> Any:
        """Run the command; an error of simcore becomes plain lines and an exit code."""
        try:
            refuse_outputs(context.params)
            with _notes():
                return super().invoke(context)
        except SimcoreError as error:
            if context.find_root().meta.get("simcore.debug"):
                raise
            raise Failure(error) from error


class Group(Speaking, click.Group):
    """A group whose commands have the common options, and which finds the language first."""

    command_class = Command
    group_class = type

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Understand a command line, in the language that it asks for or the environment's."""
        if parent is None:
            use_language(asked_language(args) or _language_of_study())
        with said_misuse():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, context: click.Context) -> Any:
        """Find the command and run it."""
        with said_misuse():
            return super().invoke(context)


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
force_option = click.option("--force", is_flag=True, help="Replace the output if it exists.")


def print_json(command: str, rows: Sequence[Any], **beside: Any) -> None:
    """Print ``{"command": …, "rows": […]}``; what is not a finite number is null."""
    content = {"command": command, "rows": list(rows), **beside}
    click.echo(json.dumps(_finite(content), ensure_ascii=False, indent=2))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def console(*, error: bool = False) -> Any:
    """Return a rich console; wide where no terminal limits it."""
    from rich.console import Console

    class QuietConsole(Console):
        """A console that lets the command line deal with a reader that has gone."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH
    return QuietConsole(stderr=error, width=width, highlight=False, soft_wrap=not stream.isatty())


def print_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1
) -> None:
    """Print a table whose first columns are text and whose others are numbers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    screen = console()
    narrow = screen.width < NARROW
    table = Table(title=Text(title), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for place, name in enumerate(columns):
        text = place < left
        longest = max([len(name), *(len(row[place]) for row in rows)])
        table.add_column(
            Text(name), justify="left" if text else "right", overflow="fold",
            no_wrap=not text and not narrow, min_width=min(longest, 12),
        )  # fmt: skip
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    screen.print(table)


@contextlib.contextmanager
def progress_bar(total: int, unit: str, text: str = "") -> Iterator[Callable[[int], None]]:
    """Show one progress bar with speed and remaining time; silent where there is no terminal.

    ``text`` : what is being done, simulating by default.
    """
    if not _terminal():
        yield lambda done: None
        return
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining
    from rich.text import Text

    class Speed(ProgressColumn):
        """Draws a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed or 0:,.0f} {unit}/s")

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        Speed(), Remaining(), console=console(error=True), transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task(text or say("simulating"), total=total)
        yield lambda done: progress.update(task, advance=done)


def refuse_options_of_result() -> None:
    """Refuse options that say what to simulate where a result file is only printed."""
    context = click.get_current_context()
    for name in context.params.keys() - {"scenario", "zones", "as_json"}:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise InputError(
                say("a result file is only printed: leave out all options but --zone and --json")
            )


def period_text(period: Any) -> str:
    """Write a year, a span of years or a quarter.

    >>> period_text((2016, 2020)), period_text(2023)
    ('2016–2020', '2023')
    """
    return "–".join(map(str, period)) if isinstance(period, tuple) else str(period)


def source_text(source: Any) -> str:
    """Write the place of a figure in the language in use."""
    return say(
        "{document} {section}, line {line}",
        document=source.document, section=source.section, line=source.line,
    )  # fmt: skip
