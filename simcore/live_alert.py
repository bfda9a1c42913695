"""The alert of the live page: an error as one line."""

from __future__ import annotations

from html import escape

from simcore.errors import InputError, SimcoreError
from simcore.labels import say


def alert(text: str) -> str:
    """Return the HTML of an alert, or nothing where there is nothing to say."""
    return f'<p class="alert" role="alert">{escape(text)}</p>' if text else ""


def line_of(error: Exception) -> str:
    """Return an error as one line, without the place in a file that nobody wrote."""
    if not isinstance(error, SimcoreError):
        kind, said = type(error).__name__, " ".join(str(error).split())
        return say("{kind}: {error} (unforeseen; the terminal shows where)", kind=kind, error=said)
    if isinstance(error, InputError) and error.problems:
        return "; ".join(dict.fromkeys(problem.message for problem in error.problems))
    return " ".join(str(error).split("\n"))
