"""Parts of the live page that are plain HTML controls: lever, text to copy, download, language.

Made when they are first asked for: importing Panel takes seconds, and it is an extra.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent


def read(name: str) -> str:
    """Return a file of the page that stands beside this module."""
    return (FOLDER / name).read_text(encoding="utf-8")


class Parts(NamedTuple):
    """The classes of the page's own controls."""

    lever: Any
    copy: Any
    download: Any
    language: Any


@cache
def parts() -> Parts:
    """Return the classes of the page's own controls."""
    import param
    from panel.custom import JSComponent

    class Lever(JSComponent):
        """A lever: ``value`` is None where it is off; ``seen`` counts the answers.

        One that is not ``optional`` cannot be off.
        """

        label = param.String()
        hint = param.String()
        value = param.Number(default=None, allow_None=True)
        place = param.Number(default=0.0)
        low = param.Number(default=0.0)
        high = param.Number(default=1.0)
        step = param.Number(default=0.1)
        optional = param.Boolean(default=True)
        seen = param.Integer(default=0)
        _esm = read("live_lever.js")
        _stylesheets = [read("live.css")]

    class CopyText(JSComponent):
        """A text with a button that copies it and, if it has a file's name, one that saves it."""

        label = param.String()
        text = param.String()
        file = param.String()
        copy = param.String()
        copied = param.String()
        keep = param.String()
        _esm = read("live_copy.js")
        _stylesheets = [read("live.css")]

    class Download(JSComponent):
        """A button that asks for a file; ``content`` is the file in base64, empty if it failed."""

        label = param.String()
        busy = param.String()
        file = param.String()
        asked = param.Integer(default=0)
        content = param.String()
        answered = param.Integer(default=0)
        _esm = read("live_download.js")
        _stylesheets = [read("live.css")]

    class Language(JSComponent):
        """A button that switches the language; the page's title and language follow."""

        language: Any = param.Selector(default="en", objects=["en", "zh"])
        heading = param.String()
        _esm = read("live_language.js")
        _stylesheets = [read("live.css")]

    return Parts(Lever, CopyText, Download, Language)


def text(content: str = "") -> Any:
    """Return a part of the page that is HTML."""
    import panel as pn

    css = [read("live.css")]
    return pn.pane.HTML(content, stylesheets=css, sizing_mode="stretch_width", margin=0)
