"""Runs the examples of the documentation; with --refresh, writes into the pages what they print.

A page's fenced blocks run in order, in one folder and one Python namespace: ``console`` (lines
after ``$ `` are commands, ``...`` stands for output that is left out), ``python``, and ``text``,
which is what the Python, or a part of what the command, before it printed. A comment before a
block says more: ``file: NAME`` writes the block to a file, ``exit: 2`` expects that exit code.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from simcore.cli import cli

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md",
    "docs/tutorial.md",
    "docs/how-to/add-a-document.md",
    "docs/how-to/add-a-zone.md",
    "docs/how-to/read-the-reconciliation.md",
    "docs/how-to/score-the-forecast.md",
    "docs/how-to/simulate-projects.md",
    "docs/how-to/simulate-firms.md",
    "docs/how-to/explain-a-number.md",
    "docs/how-to/find-what-matters.md",
    "docs/how-to/will-the-plan-be-met.md",
    "docs/how-to/what-would-it-take.md",
    "docs/how-to/what-if-growth-is-5.md",
    "docs/how-to/make-a-report.md",
    "docs/how-to/draw-pictures.md",
    "docs/how-to/export-results.md",
    "docs/how-to/start-a-study.md",
)
FENCE = re.compile(
    r"(?:<!-- (?P<note>(?:file|exit): [^\n]*?) -->\n+)?```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
NUMBER = r"(?:[<>] )?[-+−]?\d[\d,.]*"


@dataclass(frozen=True)
class Example:
    """What a page shows of one command or one piece of Python, and what it printed."""

    place: str
    shown: str
    printed: str
    code: int = 0
    expected: int = 0

    @property
    def alike(self) -> bool:
        """Whether the page shows what was printed, numbers aside."""
        wanted = ".*?".join(map(_pattern, self.shown.split("...")))
        return re.search(wanted, self.printed, re.DOTALL) is not None


def _pattern(text: str) -> str:
    """Return the pattern of a text in which numbers, and the widths of columns, may differ."""
    parts = re.split(f"({NUMBER}|─+|\\s+)", text.strip())
    found = ""
    for part in parts:
        if re.fullmatch(NUMBER, part):
            found += NUMBER
        elif re.fullmatch("─+", part):
            found += "─+"
        else:
            found += r"\s+" if part.isspace() else re.escape(part)
    return found


def examples(page: str) -> Iterator[Example]:
    """Run a page's blocks in the current folder."""
    text = (ROOT / page).read_text(encoding="utf-8")
    namespace: dict[str, Any] = {}
    printed = ""
    for block in FENCE.finditer(text):
        place = f"{page}:{text.count(chr(10), 0, block.start('text'))}"
        note, content = block["note"] or "", block["text"]
        if block["kind"] == "console":
            for example in _commands(content, place, int(note.removeprefix("exit: ") or 0)):
                printed = example.printed
                yield example
        elif block["kind"] == "python":
            with contextlib.redirect_stdout(io.StringIO()) as stream:
                exec(compile(content, place, "exec"), namespace)
            printed = stream.getvalue()
        elif block["kind"] == "text":
            yield Example(place, content, printed)
        elif note.startswith("file: "):
            path = Path(note.removeprefix("file: "))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")


def _commands(content: str, place: str, expected: int) -> Iterator[Example]:
    for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
        command, _, shown = part.replace("\\\n", " ").partition("\n")
        program, *words = shlex.split(command)
        if program != "simcore":
            raise ValueError(f"{place}: only commands of simcore are run, not {program}")
        result = CliRunner().invoke(cli, words, env={"LC_ALL": "C"})
        yield Example(f"{place}: {command}", shown, result.output, result.exit_code, expected)


def refreshed(example: Example) -> str:
    """Return what the page shows, line by line as it was printed now."""
    lines, place = [], 0
    for line in example.shown.splitlines(keepends=True):
        pieces = []
        for piece in re.split(r"(\.\.\.)", line.rstrip("\n")):
            found = re.compile(_pattern(piece)).search(example.printed, place)
            known = found is not None and piece.strip() not in ("", "...")
            if known:
                place = found.end()
            margins = re.fullmatch(r"(\s*).*?(\s*)", piece)
            pieces.append(margins[1] + found[0] + margins[2] if known else piece)
        lines.append("".join(pieces) + "\n")
    return "".join(lines)


def refresh(page: str) -> None:
    """Write what a page's examples print now into the page."""
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    start = 0
    for example in examples(page):
        if example.shown:
            start = text.index(example.shown, start)
            fresh = refreshed(example)
            text = text[:start] + fresh + text[start + len(example.shown) :]
            start += len(fresh)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    """Run every page; say which examples fail or show something else than is printed."""
    faults = 0
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            if "--refresh" in sys.argv:
                refresh(page)
                continue
            for example in examples(page):
                if example.code != example.expected or not example.alike:
                    faults += 1
                    print(f"{example.place}\nprints\n{example.printed}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
