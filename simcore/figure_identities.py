"""Identities between documented figures: what must hold within rounding, as data."""

from __future__ import annotations

from dataclasses import dataclass

from simcore.baseline import Baseline
from simcore.document import Document, Keys
from simcore.errors import InputError, Problem, did_you_mean
from simcore.implied import Amount, aligned, calculate, rounded
from simcore.inconsistencies import Identity, InconsistencyFile, Misnamed, Sources, looked_up
from simcore.labels import say
from simcore.priors import Priors
from simcore.resources import calibration_document
from simcore.strict import validated


@dataclass(frozen=True)
class HeldIdentity:
    """An identity, the figures it reads and what came of it."""

    identity: Identity
    figures: tuple[str, ...]
    found: Amount
    agrees: bool


def hold_identities(
    baseline: Baseline, priors: Priors, document: Document | None = None
) -> list[HeldIdentity]:
    """Compute every identity of ``inconsistencies.yaml`` and compare it with what is printed.

    Both sides are intervals that rounding and qualifiers leave open (`simcore.implied.rounded`).
    Raises `InputError` with the place of every unknown figure or calculation.
    """
    source = calibration_document("inconsistencies") if document is None else document
    problems: list[Problem] = []
    held = []
    content = validated(InconsistencyFile, source)
    entries = [entry.id for entry in content.inconsistencies]
    for place, identity in enumerate(content.identities):
        keys: Keys = ("identities", place)
        if identity.listed is not None and identity.listed not in entries:
            near = did_you_mean(identity.listed, entries)
            message = say("no inconsistency '{name}'{near}", name=identity.listed, near=near)
            problems.append(source.problem((*keys, "listed"), message))
        try:
            held.append(_held(identity, baseline, priors))
        except Misnamed as fault:
            problems.append(source.problem((*keys, *fault.keys), str(fault)))
        except ValueError as fault:
            problems.append(source.problem(keys, str(fault)))
    if problems:
        raise InputError(problems)
    return held


def _held(identity: Identity, baseline: Baseline, priors: Priors) -> HeldIdentity:
    if identity.expected not in baseline.figures:
        near = did_you_mean(identity.expected, baseline.figures)
        raise Misnamed(
            ("expected",), say("no figure '{name}'{near}", name=identity.expected, near=near)
        )
    sources = Sources(baseline.figures, {}, priors)
    printed = looked_up(identity.calculation, identity.of, sources)
    found, _ = calculate(identity.calculation, printed)
    names = {key: [of] if isinstance(of, str) else of for key, of in identity.of.items()}
    open_ends = {key: [rounded(baseline.figures[name]) for name in of] for key, of in names.items()}
    widest, _ = calculate(identity.calculation, open_ends)
    expected = baseline.figures[identity.expected]
    sides: dict[str, tuple[Amount, ...]] = {"found": (widest,), "limit": (rounded(expected),)}
    ((widest,), (limit,)) = aligned(sides, ("found", "limit")).values()
    above = widest.high >= limit.low or identity.comparator == "at_most"
    figures = (*(name for of in names.values() for name in of), expected.id)
    return HeldIdentity(identity, figures, found, widest.low <= limit.high and above)
