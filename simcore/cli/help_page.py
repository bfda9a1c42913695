"""Help pages in Chinese: what click lays out, in columns for wide characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

import click

from simcore.labels import language, say, translated_help

METAVAR = re.compile(r"\b[A-Z]{2,}(?: RANGE)?\b")
EXTRA = re.compile(r"(?P<help>.*?)(?:  )?\[(?P<extra>[^\[\]]*)\]$", re.DOTALL)
EXAMPLE = re.compile(r"(?P<left>[^ ].*?[:?])(?P<gap> +)(?P<right>simcore .*)$")
LISTED = re.compile(r"(?P<name>[a-z]+)(?P<gap> {2,})(?P<text>[^ ].*)$")
RAW = "\b"  # before lines that are not wrapped
NEVER_FIRST = "，。、；：？！）》”’］…％%"
NEVER_LAST = "（《“‘［"


class Context(click.Context):
    """A context whose help pages are in the language in use."""

    def make_formatter(self) -> click.HelpFormatter:
        """Return what lays out a help page."""
        if language() == "en":
            return super().make_formatter()
        return ChinesePage(width=self.terminal_width, max_width=self.max_content_width)


class ChinesePage(click.HelpFormatter):
    """A help page: headings, paragraphs and options are translated as they are written."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that says how a command is called."""
        start = f"{prefix or say('Usage:')}{prog} "
        lines = wrapped(in_chinese(args), self.width - cells(start))
        for place, line in enumerate(lines or [""]):
            self.write((start if place == 0 else " " * cells(start)) + line + "\n")

    def write_heading(self, heading: str) -> None:
        """Write the title of a section."""
        self.write(" " * self.current_indent + say(heading) + "：\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs; lines after a backspace stay as they are."""
        indent = " " * self.current_indent
        parts = []
        for paragraph in paragraphs(text):
            if paragraph.startswith(RAW):
                lines = [example(line) for line in paragraph.splitlines()[1:]]
            else:
                lines = wrapped(translated_help(paragraph), self.width - self.current_indent)
            parts.append("".join(f"{indent}{line}\n" for line in lines))
        self.write("\n".join(parts))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write names with their explanations, these in a column of their own."""
        table = [(in_chinese(name), explained(text)) for name, text in rows]
        first = min(max(cells(name) for name, _ in table), col_max) + col_spacing
        indent, beside = " " * self.current_indent, " " * (first + self.current_indent)
        for name, text in table:
            lines = wrapped(text, max(self.width - first - self.current_indent, 10))
            if cells(name) > first - col_spacing:
                self.write(f"{indent}{name}\n")
                self.write("".join(f"{beside}{line}\n" for line in lines))
                continue
            padding = " " * (first - cells(name))
            self.write(f"{indent}{name}{padding}{lines[0] if lines else ''}".rstrip() + "\n")
            self.write("".join(f"{beside}{line}\n" for line in lines[1:]))


def paragraphs(text: str) -> Iterator[str]:
    """Split a help text at empty lines; what is no list of examples becomes one line.

    >>> list(paragraphs("One\\ntwo.\\n\\nThree."))
    ['One two.', 'Three.']
    """
    for part in re.split(r"\n[ ]*\n", text.strip("\n")):
        yield part if part.startswith(RAW) else " ".join(part.split())


def example(line: str) -> str:
    """Translate what stands before a command, or behind a name, and keep the column."""
    found = EXAMPLE.match(line)
    if listed := LISTED.match(line):
        return listed["name"] + listed["gap"] + translated_help(listed["text"])
    if not found:
        return line
    left = translated_help(found["left"])
    return left + " " * max(len(found["left"] + found["gap"]) - cells(left), 1) + found["right"]


def explained(text: str) -> str:
    """Translate the help of an option: its sentence, and default, range or ``required``."""
    found = EXTRA.fullmatch(text)
    if not found or translated_help(text) != text:
        return translated_help(text)
    extra = found["extra"].replace("default: ", say("default: "))
    extra = re.sub(r"\brequired\b", lambda _: say("required"), extra)
    return f"{translated_help(found['help'])}［{extra}］"


def in_chinese(usage: str) -> str:
    """Translate the words in capitals that stand for what a user gives."""
    return METAVAR.sub(lambda found: translated_help(found[0]), usage)


def cells(text: str) -> int:
    """Return the width of a text on a terminal; a Chinese character is two columns wide.

    >>> cells("GDP"), cells("地区生产总值")
    (3, 12)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of so many columns: between words, or between Chinese characters.

    >>> wrapped("情景文件，YAML", 8)
    ['情景文', '件，YAML']
    """
    lines, line = [], ""
    for piece in _pieces(text):
        if line and cells(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may end."""
    pieces: list[str] = []
    for piece in re.findall(r" *(?:[^\x00-\x7f]|[\x21-\x7f]+)| +$", text):
        follows = pieces and (piece[0] in NEVER_FIRST or pieces[-1][-1] in NEVER_LAST)
        if follows:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces
