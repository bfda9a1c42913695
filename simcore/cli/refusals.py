"""What no command takes: an empty text, and an output in place of what people write by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from simcore.errors import InputError
from simcore.labels import say
from simcore.quantity import percent, points
from simcore.writing import RESULTS, TEXTS

EMPTY = re.compile(r"--[\w-]+=")


def refuse_empty(context: click.Context, arguments: Sequence[str]) -> None:
    """Refuse an empty text among the words of a command, which is never what is meant."""
    for place, word in enumerate(arguments):
        if word.strip() and not EMPTY.fullmatch(word):
            continue
        before = arguments[place - 1] if place and not word.strip() else word.rstrip("=")
        flags = {
            name for one in context.command.params for name in one.opts
            if isinstance(one, click.Option) and one.is_flag
        }  # fmt: skip
        if before.startswith("-") and before not in flags:
            raise click.UsageError(say("the value of {name} is empty", name=before), context)
        raise click.UsageError(say("an argument is empty"), context)


def refuse_outputs(given: Mapping[str, Any]) -> None:
    """Refuse to write over scenarios, sweeps and settings, and numbers over a result."""
    for name in ("output", "data"):
        path = given.get(name)
        if not isinstance(path, Path):
            continue
        if path.suffix.lower() in TEXTS:
            raise InputError(
                say("{path}: that is how scenarios and settings end, not an output", path=path)
            )
        if name == "data" and path.suffix.lower() in RESULTS:
            raise InputError(say("{path}: numbers are written as CSV, not as a result", path=path))


class Written(click.ParamType):  # type: ignore[type-arg]  # click 8.1 has no argument
    """A rate or a difference of rates, checked and kept as it is written."""

    def __init__(self, name: str) -> None:
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, if it can be read."""
        try:
            (points if self.name == "points" else percent)(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


RATE, DIFFERENCE = Written("rate"), Written("points")
