"""What click finds wrong with a command line, said in the language in use."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import click

from simcore.cli.help_page import in_chinese
from simcore.labels import language, say, say_again

TEXTS = (
    "No such option {name}.",
    "No such option: {name}",
    "No such command {name}.",
    "Did you mean {name}?",
    "(Did you mean one of: {names}?)",
    "(Possible options: {names})",
    "Invalid value for {name}",
    "Invalid value",
    "{value} is not one of {choices}.",
    "{value} is not a valid integer.",
    "{value} is not a valid integer range.",
    "{value} is not a valid float.",
    "{value} is not a valid float range.",
    "{value} is not in the range {range}.",
    "Takes {wanted} values but 1 was given.",
    "Takes {wanted} values but {given} were given.",
    "Missing argument {name}.",
    "Missing option {name}.",
    "Missing command.",
    "Choose from:{choices}",
    "Got unexpected extra argument ({names})",
    "Got unexpected extra arguments ({names})",
    "Option {name} requires an argument.",
    "Option {name} requires {count} arguments.",
    "Option {name} does not take a value.",
)
"""templates of click's messages, of its versions from 8.2 on; others are said in English"""
PARTS = (
    re.compile(r"(Invalid value(?: for .*?)?)(: )(.*)", re.DOTALL),
    re.compile(r"(.*?)( +)(\(?Did you mean .*|\(Possible options: .*)", re.DOTALL),
    re.compile(r"(Missing .*?\.)( )(Choose from:.*)", re.DOTALL),
)


class Misuse(click.UsageError):
    """A command line that cannot be understood, shown in Chinese."""

    def show(self, file: Any = None) -> None:
        """Print how the command is called, where its help is, and what is wrong."""
        if self.ctx is not None:
            click.echo(self.ctx.get_usage(), err=True)
            command = self.ctx.command_path
            click.echo(say("Try '{command} --help' for help.", command=command) + "\n", err=True)
        click.echo(say("Error: {message}", message=self.format_message()), err=True)


@contextlib.contextmanager
def said_misuse() -> Iterator[None]:
    """Turn click's error about a command line into one in Chinese, if that is in use."""
    try:
        yield
    except click.UsageError as error:
        plain = isinstance(error, Misuse) or not error.format_message()
        if plain or language() == "en" or isinstance(error, click.exceptions.NoArgsIsHelpError):
            raise
        raise Misuse(said(error.format_message()), error.ctx) from error


def said(text: str) -> str:
    """Return a message of click in the language in use, part by part.

    >>> said("No such command 'rum'. Did you mean 'run'?")
    "No such command 'rum'. Did you mean 'run'?"
    """
    if language() == "en":
        return text
    for parts in PARTS:
        if found := parts.fullmatch(text):
            between = "：" if found[2] == ": " else ""
            return said(found[1]) + between + said(found[3])
    return in_chinese(say_again(text.rstrip(), TEXTS))


def asked_language(arguments: Sequence[str]) -> str | None:
    """Return the language that a command line asks for anywhere, before it is understood.

    >>> asked_language(["run", "--help", "--lang", "zh"]), asked_language(["--lang=en"])
    ('zh', 'en')
    """
    found = None
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            found = argument.partition("=")[2]
        elif argument == "--lang" and place + 1 < len(arguments):
            found = arguments[place + 1]
    return found
