"""What can go wrong, in two kinds: what was asked is wrong, or the run failed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from simcore.labels import say, say_again


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with an input, and where it stands."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """``file:line:column: message``; a setting of the command line has one line."""
        if self.file.startswith("--"):
            return f"{self.file}: {self.message}"
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class SimcoreError(Exception):
    """Base of every error that simcore raises on purpose; ``exit_code`` is the command's."""

    exit_code = 1


class InputError(SimcoreError):
    """What was asked is wrong; carries every problem found, in the order of the text.

    >>> print(InputError.at("a.yaml", 3, 5, "unknown key"))
    a.yaml:3:5: unknown key
    """

    exit_code = 2

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        self.problems = [] if isinstance(problems, str) else sorted(set(problems))
        text = problems if isinstance(problems, str) else "\n".join(map(str, self.problems))
        super().__init__(text)

    @classmethod
    def at(cls, file: str, line: int, column: int, message: str) -> InputError:
        """Build the error of a single problem."""
        return cls([Problem(file, line, column, message)])


class CalibrationError(SimcoreError):
    """The documented figures cannot be reconciled: a named slack is missing."""


class RunError(SimcoreError):
    """The run failed: a full disk, a non-finite draw, a damaged file."""


SYSTEM_REASONS = (
    "No such file or directory", "Permission denied", "Operation not permitted",
    "Is a directory", "Not a directory", "File exists", "File name too long", "Invalid argument",
    "No space left on device", "Disk quota exceeded", "Read-only file system",
    "Input/output error", "Too many open files", "Too many levels of symbolic links",
    "embedded null byte",
)  # fmt: skip
"""why a system refuses a file, as far as it is said in Chinese too"""


def system_reason(error: Exception) -> str:
    """Return why the system refused, in a few words.

    >>> system_reason(FileNotFoundError(2, "No such file or directory"))
    'No such file or directory'
    """
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return say_again(text.splitlines()[0], SYSTEM_REASONS)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest known name, or the empty string.

    >>> did_you_mean("gdp_grwth", ["gdp_growth", "rnd_growth"])
    "; did you mean 'gdp_growth'?"
    """
    near = nearest(word, known)
    return say("; did you mean '{name}'?", name=near) if near else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the nearest known name, or the empty string."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), "")


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Say that a name is none of the known ones; ``what`` : zone, scenario, indicator ….

    >>> unknown("zone", "dongu", ["donghu", "jingkai"])
    "unknown zone 'dongu'; did you mean 'donghu'?"
    >>> unknown("year", "2051", ["2034", "2035"])
    "unknown year '2051': 2034 to 2035"
    """
    names = list(known)
    if what == "year" and names:
        years = {"first": min(names, key=int), "last": max(names, key=int)}
        return say("unknown {what} '{name}': {first} to {last}", what=say(what), name=name, **years)
    near = did_you_mean(name, names) or known_names(names)
    return say("unknown {what} '{name}'{near}", what=say(what), name=name, near=near)


def known_names(names: Iterable[str]) -> str:
    """Return ``"; known: x, y"``, what is said where no known name is near.

    >>> known_names(["donghu", "jingkai"])
    '; known: donghu, jingkai'
    """
    return say("; known: {names}", names=", ".join(names))
