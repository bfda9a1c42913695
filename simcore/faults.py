"""Draws in which something breaks: masked, counted and located; too many of them fail the run.

A masked draw of a scenario is NaN in every variable and has the weight zero; the same draw of
other scenarios stays. At most one draw in a thousand of every scenario may be masked: so no
statistic of any scenario rests on fewer draws than it seems to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simcore.arrays import Array, Rows
from simcore.causes import said_cause, said_place
from simcore.errors import InputError, RunError
from simcore.identities import Finding
from simcore.labels import say

ONE_IN = 1000  # draws of a scenario, of which one may be masked

Row = dict[str, Any]


class TooManyMasked(RunError):
    """More draws of a scenario are masked than a run tolerates."""


class BrokenDraw(RunError):
    """A draw broke something in a run that was to stop at the first one."""


@dataclass
class Tally:
    """What was wrong or unusual in a run, by cause, and how many draws are masked by scenario.

    A draw that breaks several things is counted with each of them, but masked once.
    """

    found: dict[tuple[str, str | None], Row] = field(default_factory=dict)
    masked: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, rows: list[Row], masked: dict[str, int]) -> Tally:
        """Return the tally with these rows; scenarios without a masked draw are left out."""
        tally = cls({}, Counter({name: count for name, count in masked.items() if count}))
        for row in rows:
            tally._add({"scenario": None, "masked": False, **row})  # earlier results say neither
        return tally

    def add(self, finding: Finding, place: str, scenario: str | None = None) -> None:
        """Count a finding; ``scenario`` is that of the draws it masks, None if they are kept."""
        row = {"cause": finding.cause, "scenario": scenario, "masked": scenario is not None}
        self._add(row | {"scenario_draws": finding.draws, "first": place})

    def join(self, other: Tally) -> None:
        """Add the tally of another block."""
        for row in other.found.values():
            self._add(row)
        self.masked += other.masked

    def _add(self, row: Row) -> None:
        key = row["cause"], row["scenario"]
        before = self.found.get(key)
        count = row["scenario_draws"] + (before["scenario_draws"] if before else 0)
        self.found[key] = {**row, **(before or {}), "scenario_draws": count}

    def rows(self) -> list[Row]:
        """Return cause, scenario, whether it masks, number of scenario-draws and first place.

        What is unusual without being wrong is counted over all scenarios.
        """
        return list(self.found.values())

    def refuse_too_many(self, draws: int, *, fail_fast: bool = False) -> None:
        """Raise `TooManyMasked` if over a thousandth of a scenario's ``draws`` is masked.

        With ``fail_fast`` one draw is too many: `BrokenDraw`.
        """
        for scenario, masked in self.masked.items():
            row = main_cause(self.rows(), scenario)
            if fail_fast:
                raise BrokenDraw(f"{said_place(row['first'])}: {said_cause(row['cause'])}")
            if masked * ONE_IN > draws:
                raise TooManyMasked(_too_many(row, masked, draws))


def cannot_be(scenario: str) -> str:
    """Say that a scenario asks what cannot be."""
    return say("'{scenario}' asks what cannot be", scenario=scenario)


def sound_draws(arrays: Iterable[Array], cause: str) -> Rows:
    """Return the draws, along the last axis, in which everything is finite, by number.

    Where a few draws cannot do what a scenario asks, answers leave them out, as statistics of a run
    do. Raises `InputError` with the ``cause`` if they are more than a run tolerates.
    """
    sound: Any = True
    for array in arrays:
        sound = sound & np.isfinite(array).reshape(-1, array.shape[-1]).all(axis=0)
    found = np.flatnonzero(sound)
    draws = len(sound)
    if (draws - len(found)) * ONE_IN > draws:
        raise InputError(
            say(
                "{cause} in {count} of {draws} draws; at most {limit:g} % may be left out",
                cause=cause, count=draws - len(found), draws=draws, limit=100 / ONE_IN,
            )
        )  # fmt: skip
    return found


def main_cause(rows: Sequence[Row], scenario: str) -> Row:
    """Return the row of the cause that masks most draws of a scenario."""
    return max(
        (row for row in rows if row["scenario"] == scenario), key=lambda row: row["scenario_draws"]
    )  # fmt: skip


def _too_many(row: Row, masked: int, draws: int) -> str:
    return say(
        "{first}: {cause} in {count} draws; {masked} of {draws} draws of {scenario} "
        "break ({share:.3g} %), at most {limit:g} % may be masked: change what the "
        "scenario asks there",
        first=said_place(row["first"]), cause=said_cause(row["cause"]),
        count=row["scenario_draws"], masked=masked, draws=draws, scenario=row["scenario"],
        share=100 * masked / draws, limit=100 / ONE_IN,
    )  # fmt: skip
