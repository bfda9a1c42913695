"""Documented figures that do not go together: why, what they imply, and what the model does.

The entries stand in ``calibration/inconsistencies.yaml``. A number that figures imply is never
typed: an entry names a calculation of `simcore.implied` and the figures it is applied to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from simcore.baseline import Baseline
from simcore.calculations import CALCULATIONS
from simcore.document import Document, Keys
from simcore.entries import Figure
from simcore.errors import InputError, Problem, did_you_mean
from simcore.implied import Amount, amount, calculate, spoken
from simcore.labels import Label, say
from simcore.priors import Priors
from simcore.resources import calibration_document
from simcore.strict import Strict, Whole, validated

Reason = Literal["scope", "revision", "concept", "ambition", "met_early", "rounding", "misprint"]
"""Why figures disagree: they cover different things; an earlier one was revised or raised; they
measure different concepts; a goal is far from what is documented; a goal was met before its year;
rounding; a misprint."""


class ImpliedNumber(Strict):
    """A number that figures imply: a calculation, and the figures that fill its arguments.

    An argument is the id of a figure, ``implied.NAME`` of an earlier number of the same entry, or
    ``prior.…`` of priors.yaml; `total` takes a list of them.
    """

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    label: Label
    calculation: str
    of: dict[str, str | list[str]]
    until: Whole | None = None


class Entry(Strict):
    """Figures that do not go together, with a verdict.

    ``{NAME}`` in verdict or treatment is an implied number of the entry.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    zone: str
    label: Label
    figures: list[str] = Field(min_length=1)
    implied: list[ImpliedNumber] = Field(min_length=1)
    reason: Reason
    verdict: Label
    treatment: Label
    slack_conflict: str | None = None


class Identity(Strict):
    """What must hold between figures: a calculation gives another figure, within rounding.

    One that does not hold names the entry of the inconsistencies that lists it.
    """

    check: Literal["sum", "part of a whole", "share", "per head", "increase"]
    calculation: str
    of: dict[str, str | list[str]]
    expected: str
    comparator: Literal["equal", "at_most"] = "equal"
    listed: str | None = None


class InconsistencyFile(Strict):
    """The content of ``inconsistencies.yaml``."""

    identities: list[Identity]
    inconsistencies: list[Entry]


@dataclass(frozen=True)
class Implied:
    """An implied number, computed; a range has a high end, an assumption its grade."""

    name: str
    label: Label
    value: float
    value_high: float | None
    unit: str
    text: str
    spoken: str
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inconsistency:
    """An entry, the numbers that its figures imply, and its texts with those numbers in them."""

    entry: Entry
    implied: tuple[Implied, ...]
    verdict: Label
    treatment: Label


def load_inconsistencies(
    baseline: Baseline, priors: Priors, document: Document | None = None
) -> list[Inconsistency]:
    """Read the inconsistencies and compute what they imply.

    Raises `InputError` with the place of every unknown figure, calculation or argument.
    """
    source = calibration_document("inconsistencies") if document is None else document
    content = validated(InconsistencyFile, source)
    problems: list[Problem] = []
    found = []
    for place, entry in enumerate(content.inconsistencies):
        known = [other.id for other in content.inconsistencies[:place]]
        keys: Keys = ("inconsistencies", place)
        faults = _faults(entry, baseline, priors, keys, known)
        problems += [source.problem(at, text) for at, text in faults]
        implied = _computed(entry, baseline, priors, (source, keys), problems)
        numbers = {number.name: number.spoken for number in implied}
        texts = []
        for key in ("verdict", "treatment"):
            try:
                texts.append(_filled(getattr(entry, key), numbers))
            except KeyError as fault:
                near = did_you_mean(str(fault.args[0]), numbers)
                message = say(
                    "no implied number '{name}' in this entry{near}", name=fault.args[0], near=near
                )
                problems.append(source.problem((*keys, key), message))
            except (ValueError, IndexError):
                message = say("braces hold the name of an implied number, as in {needed}")
                problems.append(source.problem((*keys, key), message))
        if len(texts) == 2:
            found.append(Inconsistency(entry, implied, *texts))
    if problems:
        raise InputError(problems)
    return found


def _filled(text: Label, numbers: dict[str, str]) -> Label:
    close = {name: number.replace(" ", "") for name, number in numbers.items()}
    return Label(text.en.format(**numbers), text.zh.format(**close))


def _faults(
    entry: Entry, baseline: Baseline, priors: Priors, keys: Keys, known: list[str]
) -> list[tuple[Keys, str]]:
    """Say what is wrong with the names that an entry uses, each with its place."""
    faults = []
    if entry.id in known:
        faults.append(((*keys, "id"), say("the id {name} stands twice", name=entry.id)))
    if entry.zone not in baseline.zones:
        near = did_you_mean(entry.zone, baseline.zones)
        faults.append(
            ((*keys, "zone"), say("unknown zone '{zone}'{near}", zone=entry.zone, near=near))
        )
    for place, name in enumerate(entry.figures):
        if name not in baseline.figures:
            near = did_you_mean(name, baseline.figures)
            faults.append(
                ((*keys, "figures", place), say("no figure '{name}'{near}", name=name, near=near))
            )
        elif baseline.figures[name].zone != entry.zone:
            faults.append(((*keys, "figures", place), say("{name} is of another zone", name=name)))
    if entry.slack_conflict is not None and entry.slack_conflict not in priors.conflicts:
        near = did_you_mean(entry.slack_conflict, priors.conflicts)
        place_of = (*keys, "slack_conflict")
        faults.append(
            (
                place_of,
                say(
                    "no conflict '{name}' in priors.yaml{near}",
                    name=entry.slack_conflict, near=near,
                ),
            )
        )  # fmt: skip
    return faults


def _computed(
    entry: Entry,
    baseline: Baseline,
    priors: Priors,
    at: tuple[Document, Keys],
    problems: list[Problem],
) -> tuple[Implied, ...]:
    """Compute an entry's numbers in their order; what cannot be computed joins the problems."""
    source, keys = at
    known: dict[str, Amount] = {}
    rows = []
    for place, item in enumerate(entry.implied):
        here = (*keys, "implied", place)
        try:
            if item.name in known:
                raise ValueError(say("the name {name} stands twice", name=item.name))
            figures = {
                name: baseline.figures[name] for name in entry.figures if name in baseline.figures
            }
            sources = Sources(figures, known, priors)
            outcome, text = calculate(
                item.calculation, looked_up(item.calculation, item.of, sources), item.until
            )
        except Misnamed as fault:
            problems.append(source.problem((*here, *fault.keys), str(fault)))
            continue
        except ValueError as fault:
            problems.append(source.problem(here, str(fault)))
            continue
        known[item.name] = outcome
        high = outcome.high if outcome.high != outcome.low else None
        rows.append(
            Implied(
                item.name,
                item.label,
                outcome.low,
                high,
                outcome.unit,
                text,
                spoken(outcome),
                sources.assumptions,
            )  # fmt: skip
        )
    return tuple(rows)


class Misnamed(ValueError):
    """A name that leads nowhere, with the keys below its entry."""

    def __init__(self, keys: Keys, message: str) -> None:
        super().__init__(message)
        self.keys = keys


class Sources:
    """Where the arguments of an entry come from; remembers the assumptions it was asked for."""

    def __init__(
        self, figures: dict[str, Figure], known: dict[str, Amount], priors: Priors
    ) -> None:
        self.figures, self.known, self.priors = figures, known, priors
        self.assumptions: tuple[str, ...] = ()

    def find(self, name: str, keys: Keys) -> Amount:
        """Return the amount of a name; raises `Misnamed` if there is none."""
        kind, _, rest = name.partition(".")
        if kind == "prior":
            found, evidence = _prior(self.priors, rest, keys)
            self.assumptions += (f"{rest} = {found} {found.unit}".rstrip() + f" ({evidence})",)
            return found
        if kind == "implied" and rest in self.known:
            return self.known[rest]
        if kind == "implied":
            near = did_you_mean(rest, self.known)
            raise Misnamed(
                keys, say("no earlier number '{rest}' in this entry{near}", rest=rest, near=near)
            )
        if name not in self.figures:
            near = did_you_mean(name, self.figures)
            raise Misnamed(
                keys, say("'{name}' is not among the entry's figures{near}", name=name, near=near)
            )
        return amount(self.figures[name])


def looked_up(
    calculation: str, of: dict[str, str | list[str]], sources: Sources
) -> dict[str, Amount | list[Amount]]:
    """Look up the arguments of a calculation; raises `ValueError` if their names do not fit."""
    if calculation not in CALCULATIONS:
        near = did_you_mean(calculation, CALCULATIONS)
        raise Misnamed(
            ("calculation",),
            say("unknown calculation '{calculation}'{near}", calculation=calculation, near=near),
        )
    needed = CALCULATIONS[calculation].arguments
    if set(needed) != set(of):
        message = say(
            "{calculation} takes {needed}, not {of}",
            calculation=calculation, needed=", ".join(needed), of=", ".join(of),
        )  # fmt: skip
        raise Misnamed(("of",), message)
    return {
        key: sources.find(name, ("of", key))
        if isinstance(name, str)
        else [sources.find(part, ("of", key, place)) for place, part in enumerate(name)]
        for key, name in of.items()
    }


def _prior(priors: Priors, name: str, keys: Keys) -> tuple[Amount, str]:
    """A number of priors.yaml and its evidence grade.

    ``value_added_rate.ZONE`` is the mean over industries weighted with their share of output;
    ``value_added_rate.ZONE.INDUSTRY`` and ``value_added_share.ZONE.INDUSTRY`` are medians;
    ``slack.NAME`` is the mean of a slack that is a share.
    """
    kind, *path = name.split(".")
    if kind == "slack" and len(path) == 1 and path[0] in priors.slacks:
        slack = priors.slacks[path[0]]
        if slack.unit == "share" and slack.mean is not None:
            return Amount(100 * slack.mean, 100 * slack.mean, "%"), slack.evidence
    zone = priors.activities.get(path[0], {}) if path else {}
    if kind == "value_added_rate" and len(path) == 1 and zone:
        weighted = [(one.output_share.median, one) for one in zone.values() if one.output_share]
        whole = math.fsum(weight for weight, _ in weighted)
        rate = math.fsum(weight * one.value_added_rate.median for weight, one in weighted) / whole
        worst = "assumed" if any(one.evidence == "assumed" for _, one in weighted) else "derived"
        return Amount(rate, rate, computed=True), worst
    one = zone.get(path[1]) if len(path) == 2 else None
    if one and kind == "value_added_rate":
        return Amount(one.value_added_rate.median, one.value_added_rate.median), one.evidence
    if one and one.value_added_share and kind == "value_added_share":
        share = 100 * one.value_added_share.median
        return Amount(share, share, "%"), one.evidence
    known = say(
        "value_added_rate.ZONE, value_added_rate.ZONE.INDUSTRY, "
        "value_added_share.ZONE.INDUSTRY or slack.NAME"
    )
    raise Misnamed(keys, say("no prior '{name}': {known}", name=name, known=known))
