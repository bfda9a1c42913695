"""Checks of the documented figures: against each other, and against the documents' texts."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from simcore.baseline import Baseline
from simcore.entries import Figure
from simcore.errors import InputError, system_reason
from simcore.figure_identities import hold_identities
from simcore.implied import rounded
from simcore.inconsistencies import load_inconsistencies
from simcore.labels import say
from simcore.printed import is_printed, split_unit
from simcore.priors import Priors, load_priors
from simcore.relations import StatedGrowth, stated_growth

MONEY = "元"  # amounts of it are compared in 1e8, 亿元
REACH = 2  # lines beside the cited one in which a term may stand


@dataclass(frozen=True)
class Check:
    """One check: the figures it reads, what stands and what should, and whether they agree."""

    check: str
    figures: tuple[str, ...]
    found: str
    expected: str
    passed: bool
    listed: str = ""
    """Id of the entry of ``inconsistencies.yaml`` that lists the disagreement."""


def check_figures(baseline: Baseline, priors: Priors | None = None) -> list[Check]:
    """Check that the figures agree with each other, within their rounding.

    A disagreement of growth or of an identity that an entry of ``inconsistencies.yaml`` lists is
    known, and passes as listed.
    """
    priors = load_priors() if priors is None else priors
    return [
        *_repetitions(baseline),
        *_sector_sums(baseline),
        *_sector_shares(baseline),
        *_pipelines(baseline),
        *_identities(baseline, priors),
        *_growth(baseline, priors),
    ]


def _identities(baseline: Baseline, priors: Priors) -> Iterator[Check]:
    """The identities that ``inconsistencies.yaml`` names, within rounding and qualifiers."""
    for held in hold_identities(baseline, priors):
        limit = baseline.figures[held.identity.expected]
        sign = "≤ " if held.identity.comparator == "at_most" else ""
        found = f"{held.found} {held.found.unit}"
        expected = f"{sign}{limit.value:.10g} {limit.unit}"
        listed = "" if held.agrees else held.identity.listed or ""
        passed = held.agrees or bool(listed)
        yield Check(held.identity.check, held.figures, found, expected, passed, listed)


def _growth(baseline: Baseline, priors: Priors) -> Iterator[Check]:
    """Printed growth is the growth between the printed levels around its years.

    Real growth between levels at current prices may differ by what prices do. A disagreement is
    listed if an entry of the inconsistencies holds the rate and both levels.
    """
    entries = [case.entry for case in load_inconsistencies(baseline, priors)]
    for stated in stated_growth(baseline):
        growth, limit = stated.growth, rounded(stated.growth)
        names = (growth.id, stated.first.id, stated.last.id)
        found, expected = stated.text.rpartition(" = ")[2], f"{growth.value:g} %"
        fall, rise = price_change(priors) if at_current_prices(stated) else (0.0, 0.0)
        agrees = stated.low - rise <= limit.high and stated.high - fall >= limit.low
        around = [entry.id for entry in entries if set(names) <= set(entry.figures)]
        listed = around[0] if around and not agrees else ""
        yield Check("growth", names, found, expected, agrees or bool(listed), listed)


def at_current_prices(stated: StatedGrowth) -> bool:
    """Whether real growth is held against levels at current prices."""
    return (stated.growth.price_basis, stated.last.price_basis) == ("real", "current")


def price_change(priors: Priors) -> tuple[float, float]:
    """Return the ends of a year's usual change of the deflator [percent].

    Centre and two standard deviations of the sum of ``deflator_mean``, ``_common`` and ``_own``,
    whatever their distributions: the median of each, and half the way between its values one
    standard deviation of the normal below and above.
    """
    parts = [priors.distribution(f"deflator_{name}") for name in ("mean", "common", "own")]
    low, centre, high = np.array([p.from_standard(np.array([-1.0, 0.0, 1.0])) for p in parts]).T
    middle, spread = float(centre.sum()), 2 * float(np.sqrt((((high - low) / 2) ** 2).sum()))
    return 100 * (middle - spread), 100 * (middle + spread)


def check_documents(baseline: Baseline, folder: Path) -> list[Check]:
    """Check that every figure stands at its line of the text that was read.

    Documents that are registered without a text are left out. Raises `InputError` if the folder
    lacks a text.
    """
    found: list[Check] = []
    for name, document in baseline.documents.items():
        expected = document.sha256
        if expected is None:
            continue
        path = folder / f"{name}.txt"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(
                say("{path}: cannot be read: {reason}", path=path, reason=system_reason(error))
            ) from error
        same = hashlib.sha256(content).hexdigest()
        found.append(Check("fingerprint", (name,), same[:12], expected[:12], same == expected))
        lines = content.decode("utf-8").split("\n")
        figures = [f for f in baseline.figures.values() if f.source.document == name]
        found += [_printed(figure, lines) for figure in figures]
    return found


def _printed(figure: Figure, lines: list[str]) -> Check:
    """Whether a figure's value stands in its line, and its term in or beside it."""
    place = figure.source.line - 1
    if place >= len(lines):
        return Check("line", (figure.id,), f"{len(lines)} lines", str(figure.source.line), False)
    values = [value for value in (figure.value, figure.value_high) if value is not None]
    missing = [v for v in values if not is_printed(v, figure.unit, lines[place])]
    near = "".join(lines[max(place - REACH, 0) : place + REACH])
    letters = set(unicodedata.normalize("NFKC", near))
    strange = [c for c in unicodedata.normalize("NFKC", figure.term) if c not in letters]
    found = "".join([*(f"{value:g} " for value in missing), *strange])
    return Check("printed", (figure.id,), found or "ok", str(figure.source), not found)


def size(unit: str) -> Decimal:
    """Return what a unit multiplies its number by, money in 1e8 CNY.

    >>> size("万亿元"), size("亿元"), size("万户"), size("%")
    (Decimal('10000'), Decimal('1'), Decimal('10000'), Decimal('1'))
    """
    return Decimal(split_unit(unit)[0]) / (10**8 if unit.endswith(MONEY) else 1)


def _amount(figure: Figure) -> Decimal | None:
    """Value without the unit's multiple, money in 1e8 CNY."""
    if figure.value is None:
        return None
    return Decimal(str(figure.value)) * size(figure.unit)


def _half_unit(figure: Figure) -> Decimal:
    exponent = Decimal(str(figure.value)).as_tuple().exponent
    assert isinstance(exponent, int)  # a finite number has a numeric exponent
    return Decimal(5).scaleb(exponent - 1) * size(figure.unit)


def _repetitions(baseline: Baseline) -> Iterator[Check]:
    """A fact printed twice has one value, or a rounder one with "over" or "about"."""
    for figure in baseline.figures.values():
        if figure.same_as and figure.value is not None:
            first = baseline.figures[figure.same_as]
            left, right = _amount(figure), _amount(first)
            if right is None or left is None:
                continue
            same = left == right
            if figure.qualifier in ("over", "about"):  # a rounded restatement
                same = same or (Decimal("0.95") * right <= left <= right)
            pair = (figure.id, first.id)
            yield Check("repetition", pair, str(left), str(right), same)


def _actual(baseline: Baseline, zone: str, indicator: str, concept: str) -> list[Figure]:
    return [
        figure
        for figure in baseline.actuals()
        if (figure.zone, figure.indicator, figure.concept) == (zone, indicator, concept)
        and isinstance(figure.period, int)
    ]


def _sector_sums(baseline: Baseline) -> Iterator[Check]:
    """The sectors' shares of a year sum to one hundred."""
    for zone in baseline.zones:
        shares = [f for f in _actual(baseline, zone, "value_added", "share") if f.sector]
        for year in sorted({figure.year for figure in shares if figure.year}):
            these = [figure for figure in shares if figure.year == year]
            if len(these) == 3:
                total = sum((_amount(figure) or Decimal(0) for figure in these), Decimal(0))
                slack = sum((_half_unit(figure) for figure in these), Decimal(0))
                names = tuple(figure.id for figure in these)
                yield Check("sector sum", names, f"{total}", "100", abs(total - 100) <= slack)


def _sector_shares(baseline: Baseline) -> Iterator[Check]:
    """A sector's value added over GDP is its printed share."""
    for zone in baseline.zones:
        gdp = {figure.year: figure for figure in _actual(baseline, zone, "gdp", "level")}
        shares = {
            (figure.sector, figure.year): figure
            for figure in _actual(baseline, zone, "value_added", "share")
        }
        levels = _actual(baseline, zone, "value_added", "level") + _actual(
            baseline, zone, "value_added", "value_added"
        )
        for level in levels:
            share, whole = shares.get((level.sector, level.year)), gdp.get(level.year)
            if level.sector and share and whole and whole.value:
                implied = 100 * (_amount(level) or Decimal(0)) / (_amount(whole) or Decimal(1))
                agree = abs(implied - (_amount(share) or Decimal(0))) <= _half_unit(share)
                names = (level.id, whole.id, share.id)
                yield Check("sector share", names, f"{implied:.2f}", f"{share.value}", agree)


def _pipelines(baseline: Baseline) -> Iterator[Check]:
    """The fields of a project reserve sum to the whole, which may be printed rounded."""
    for whole in baseline.figures.values():
        if whole.kind == "pipeline" and whole.industry == "project_reserve":
            parts = [
                figure
                for figure in baseline.figures.values()
                if figure.kind == "pipeline"
                and figure.source == whole.source
                and figure.indicator == whole.indicator
                and figure.unit.endswith(MONEY)
                and figure.id != whole.id
                and not figure.same_as
            ]
            total = sum(_amount(figure) or Decimal(0) for figure in parts)
            apart = abs(total - (_amount(whole) or Decimal(0)))
            names = (whole.id, *(figure.id for figure in parts))
            expected = f"{whole.value:g} {whole.unit}"
            yield Check("reserve", names, f"{total} 亿元", expected, apart <= 2 * _half_unit(whole))
