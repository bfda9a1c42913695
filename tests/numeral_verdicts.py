"""What every numeral of a document is: a figure of the base, explained by one, or excluded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from numerals import Numeral, claims, explaining

from simcore.document import read_document
from simcore.entries import Figure
from simcore.strict import Strict, validated


class ExcludedClass(Strict):
    """Numerals that are no figures, by the words they stand in."""

    name: str
    reason: str
    pattern: str
    document: str | None = None
    lines: tuple[int, int] | None = None


class ExcludedEntry(Strict):
    """A single numeral that is no figure: the numeral with the words behind it."""

    document: str
    line: int
    numeral: str
    behind: str
    reason: str


class Exclusions(Strict):
    """The content of ``numerals_excluded.yaml``."""

    classes: list[ExcludedClass]
    entries: list[ExcludedEntry]


def excludes(rule: ExcludedClass | ExcludedEntry, numeral: Numeral) -> bool:
    """Whether a class or an entry excludes the numeral."""
    if rule.document not in (None, numeral.document):
        return False
    if isinstance(rule, ExcludedEntry):
        words = numeral.printed.startswith(rule.numeral + rule.behind, numeral.start)
        return (rule.line, rule.numeral) == (numeral.line, numeral.text) and words
    if rule.lines and not rule.lines[0] <= numeral.line <= rule.lines[1]:
        return False
    return any(
        found.start() <= numeral.start and numeral.end <= found.end()
        for found in re.finditer(rule.pattern, numeral.printed)
    )


def read_exclusions() -> Exclusions:
    """The exclusions that stand beside this module."""
    place = Path(__file__).parent / "numerals_excluded.yaml"
    return validated(Exclusions, read_document(place))


@dataclass(frozen=True)
class Verdict:
    """What a numeral is: a figure's value, in a figure's period or term, excluded, or missing."""

    numeral: Numeral
    kind: Literal["figure", "explained", "excluded", "missing"]
    by: str = ""
    swallowed: bool = False  # a rule excludes what a figure claims


def verdicts(found: list[Numeral], figures: list[Figure], exclusions: Exclusions) -> list[Verdict]:
    """The verdict on every numeral of a document, given the document's figures."""
    lines: dict[int, list[Numeral]] = {}
    for numeral in found:
        lines.setdefault(numeral.line, []).append(numeral)
    rules = [*exclusions.classes, *exclusions.entries]
    result = []
    for line, row in lines.items():
        here = [figure for figure in figures if figure.source.line == line]
        excluded = {n: rule for n in row for rule in rules if excludes(rule, n)}
        # what no rule excludes may claim first: a rule that swallows a figure leaves one to claim
        claimed = claims([*(n for n in row if n not in excluded), *excluded], here)
        result += [_verdict(n, claimed.get(n), here, excluded.get(n)) for n in row]
    return result


def _verdict(
    numeral: Numeral,
    figure: Figure | None,
    figures: list[Figure],
    rule: ExcludedClass | ExcludedEntry | None,
) -> Verdict:
    if figure:
        return Verdict(numeral, "figure", figure.id, swallowed=rule is not None)
    explained = explaining(numeral, figures)
    if explained:
        return Verdict(numeral, "explained", explained.id)
    if rule:
        name = rule.name if isinstance(rule, ExcludedClass) else rule.reason
        return Verdict(numeral, "excluded", name)
    return Verdict(numeral, "missing")
