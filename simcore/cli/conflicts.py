"""How documented figures that do not go together are printed: a block of lines for each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click

from simcore.cli.base import console
from simcore.labels import language, say

WIDEST = 100  # columns of a block in a terminal, however wide
NAMES = 13  # columns of the names of its lines
_CHINESE = r"\u2e80-\u9fff\uff00-\uffef"
_CLOSING = r"[，。；：、）”]*"  # never first in a line
_BREAKS = re.compile(
    rf"[{_CHINESE}]{_CLOSING}|[^\s{_CHINESE}”]+(?: %(?!\w))?{_CLOSING}|\s+|.", re.DOTALL
)


def conflict_rows(cases: Sequence[Any], strained: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of the inconsistencies for JSON; ``strained`` are the slacks' conflicts, joined in."""
    known = {row.conflict: row for row in strained}
    rows = []
    for case in cases:
        entry, row = case.entry, known.get(case.entry.slack_conflict)
        rows.append(
            {
                "id": entry.id, "zone": entry.zone, "label": str(entry.label),
                "reason": entry.reason, "figures": entry.figures,
                "implied": [_implied(number) for number in case.implied],
                "slack": row.slacks if row else {},
                "worst_figure": row.worst_figure if row else None,
                "worst_misfit": row.worst_misfit if row else None,
                "misfit_increase": row.misfit_increase if row else None,
                "verdict": str(case.verdict), "treatment": str(case.treatment),
            }
        )  # fmt: skip
    return rows


def _implied(number: Any) -> dict[str, Any]:
    return {
        "name": number.name, "label": str(number.label), "value": number.value,
        "value_high": number.value_high, "unit": number.unit, "text": number.text,
        "assumptions": list(number.assumptions),
    }  # fmt: skip


def print_blocks(rows: Sequence[dict[str, Any]], baseline: Any, priors: Any) -> None:
    """Print each row as a short block: figures, what they imply, why, verdict, treatment."""
    screen = console()
    width = min(screen.width, WIDEST) if screen.is_terminal else None
    for row in rows:
        zone = baseline.zones[row["zone"]].label
        click.echo(f"\n{row['label']}")
        click.echo(f"  {zone} · {_words(row['reason'])} · {row['id']}")
        last = ""
        for name, text in _lines(row, baseline, priors):
            print_line("" if name == last else name, text, width)
            last = name


def _lines(row: dict[str, Any], baseline: Any, priors: Any) -> list[tuple[str, str]]:
    """Names and texts of a block's lines."""
    lines = [(say("figures"), figure_text(baseline.figures[name])) for name in row["figures"]]
    for number in row["implied"]:
        text = named(number["label"], number["text"])
        lines.append((say("implied"), text))
    assumed = dict.fromkeys(text for number in row["implied"] for text in number["assumptions"])
    lines += [(say("assumed"), assumption_text(text)) for text in assumed]
    lines += [(say("verdict"), row["verdict"]), (say("treatment"), row["treatment"])]
    for slack, used in row["slack"].items():
        label = priors.slack_unknowns[slack].label
        text = say("{label} ({slack}), {used:+.2f} s.d. used", label=label, slack=slack, used=used)
        lines.append((say("slack"), text))
    if row["slack"]:
        text = say(
            "{figure} misses by {misfit:+.1f} σ; the sum of squares rises by {increase:,.1f}",
            figure=row["worst_figure"], misfit=row["worst_misfit"],
            increase=row["misfit_increase"],
        )  # fmt: skip
        lines.append((say("without it"), text))
    return lines


def named(name: str, text: object) -> str:
    """Write a name before a text, with the colon of the language in use."""
    return f"{name}{'：' if language() == 'zh' else ': '}{text}"


def assumption_text(text: str) -> str:
    """Write an assumption, ``name = value (grade)``, with its grade in the language in use."""
    name, _, grade = text.rpartition(" (")
    return f"{name} ({say(grade.rstrip(')'))}), priors.yaml"


def value_text(figure: Any) -> str:
    """Write a figure's value as printed, with its unit."""
    if figure.value is None:
        return "–"
    high = f"–{figure.value_high:.10g}" if figure.value_high is not None else ""
    return f"{figure.value:.10g}{high} {figure.unit}"


def figure_text(figure: Any) -> str:
    """Write a figure in one line: id, value as printed, and a qualifier that is not plain."""
    qualifier = "" if figure.qualifier == "exact" else f" ({say(figure.qualifier)})"
    return f"{figure.id}  {value_text(figure)}{qualifier}"


def print_line(name: str, text: str, width: int | None, *, indent: int = 2) -> None:
    """Print a name and its text beside it, wrapped to a width in columns; None wraps nothing."""
    from rich.cells import cell_len

    room = None if width is None else width - indent - NAMES - 1
    for place, line in enumerate(wrapped(text, room)):
        shown = name if place == 0 else ""
        click.echo(f"{' ' * indent}{shown}{' ' * max(NAMES - cell_len(shown), 0)} {line}")


def wrapped(text: str, width: int | None) -> list[str]:
    """Break a text into lines of at most ``width`` columns, Chinese after any character.

    >>> wrapped("no number is typed", 10), wrapped("二者不能同时成立。", 12)
    (['no number', 'is typed'], ['二者不能同时', '成立。'])
    """
    from rich.cells import cell_len

    if width is None:
        return [text]
    lines = [""]
    for part in _BREAKS.findall(text):
        if cell_len(lines[-1] + part.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += part if lines[-1] else part.lstrip()
    return [line.rstrip() for line in lines]


def _words(reason: str) -> str:
    """Return a reason as people write it: ``met_early`` is met early."""
    return say(reason).replace("_", " ")
