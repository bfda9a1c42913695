"""Gathers the contents of a report from a result file, and says what it leaves out and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from simcore.assessment import Assessment, targets
from simcore.baseline import Baseline
from simcore.comparison import DEFAULT_YEARS, reference_of
from simcore.dataset import open_results
from simcore.disk import working_on
from simcore.entries import Figure
from simcore.errors import InputError, SimcoreError, did_you_mean
from simcore.labels import Label, say, say_both
from simcore.levers import Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.report_answers import (
    Difference,
    Drivers,
    differences,
    drivers,
    refused,
    why_not_again,
)
from simcore.report_basis import assumptions, footnotes, provenance
from simcore.report_bridges import Bridge, growth_bridges, lever_bridges
from simcore.report_contents import MOST_LISTED, Report, Row
from simcore.report_series import FANS, Series, documented, overview, series
from simcore.report_words import Story, points_in_words, story
from simcore.verify import plan_of
from simcore.weighting import are_equal

MOST_SHOWN = 6  # scenarios with a colour of their own
SECTIONS = ("sensitivity", "contributions", "targets")
"""Sections that take a while, which a report can do without."""
HEADLINE_YEAR = 2030


def contents(
    path: Path,
    posterior: Posterior,
    *,
    against: str | None = None,
    without: Collection[str] = (),
    command: str = "",
) -> Report:
    """Return the contents of a report on a result file.

    ``against`` : the scenario that others are compared with, the baseline by default, or else the
    first; ``without`` : sections of `SECTIONS` to leave out; ``command`` : what made the report.
    Raises `InputError` for an unknown scenario or section, and for what is no result.
    """
    for name in without:
        if name not in SECTIONS:
            near = did_you_mean(name, SECTIONS) or say(
                "; known: {names}", names=", ".join(SECTIONS)
            )
            raise InputError(say("unknown section '{name}'", name=name) + near)
    with open_results(path) as dataset:
        return _Maker(path, dataset, posterior, frozenset(without), command).report(against)


@dataclass(frozen=True)
class _Maker:
    """Gathers the contents from an open file."""

    path: Path
    dataset: xr.Dataset
    posterior: Posterior
    without: frozenset[str]
    command: str

    @property
    def baseline(self) -> Baseline:
        return self.posterior.problem.past.baseline

    def report(self, against: str | None) -> Report:
        left_out: dict[str, Label] = {}
        with working_on(self.path):
            names = tuple(str(name) for name in self.dataset["scenario"].values)
            reference = self.reference(names, against)
            chosen = chosen_scenarios(names, reference)
            stories, years = self.stories(chosen), self.years()
            year = HEADLINE_YEAR if HEADLINE_YEAR in years else years[-1]
            paths = self.paths(chosen, left_out)
            goals = self.goals(chosen, left_out)
            changes = self.differences(reference, chosen, years, left_out)
            listed = self.listed(names, year)
            used = self.posterior.fingerprint
            origin = provenance(self.path, self.dataset, self.baseline, used, self.command)
        focal = next((name for name in reversed(chosen) if name != reference), reference)
        spread, bridges = self.answers(reference, focal, year, stories, left_out)
        problem = self.posterior.problem
        return Report(
            self.baseline, names, stories, reference, focal, year, years, paths, listed, changes,
            goals, spread, bridges, assumptions(problem.past.priors, self.baseline),
            len(problem.observations), footnotes(self.figures(paths, goals)), origin,
            self.weighted, self.summary, left_out,
        )  # fmt: skip

    def paths(self, chosen: Sequence[str], left_out: dict[str, Label]) -> Series:
        found = series(self.path, self.dataset, chosen)
        if found.without_sum:
            left_out["output"] = say_both(
                "The file holds summaries alone: output cannot be summed over industries. "
                "It stands industry by industry below."
            )
        return found

    @property
    def summary(self) -> bool:
        return "quantile" in self.dataset.dims

    @property
    def weighted(self) -> bool:
        if "weight" not in self.dataset:
            return False
        return not all(map(are_equal, np.atleast_2d(self.dataset["weight"].values)))

    def reference(self, names: Sequence[str], against: str | None) -> str:
        if against is None:
            return reference_of(self.dataset)
        if against not in names:
            near = did_you_mean(against, names) or say(
                "; known: {names}", names=", ".join(names[:MOST_LISTED])
            )
            raise InputError(say("unknown scenario '{name}'", name=against) + near)
        return against

    def years(self) -> tuple[int, ...]:
        """Return the projected years of headline numbers."""
        known = [int(year) for year in self.dataset["year"].values]
        found = tuple(year for year in DEFAULT_YEARS if year in known)
        return found or (known[-1],)

    def stories(self, chosen: Sequence[str]) -> tuple[Story, ...]:
        priors = self.posterior.problem.past.priors
        kept = {
            scenario.name: scenario
            for scenario in map(Scenario.restored, json.loads(self.dataset.attrs["scenarios"]))
        }
        return points_in_words([story(kept[name], self.baseline, priors) for name in chosen])

    def listed(self, names: Sequence[str], year: int) -> tuple[Row, ...]:
        """Return the rows of a file with more scenarios than are shown."""
        if len(names) <= MOST_SHOWN:
            return ()
        first = list(names[:MOST_LISTED])
        indicators = [name for name in FANS if name != "output"]
        found = overview(self.path, self.dataset, indicators, first, year)
        return tuple(Row(name, found[name]) for name in first)

    def differences(
        self,
        reference: str,
        chosen: tuple[str, ...],
        years: tuple[int, ...],
        left_out: dict[str, Label],
    ) -> tuple[Difference, ...]:
        if len(chosen) < 2:
            return ()
        if self.summary:
            left_out["differences"] = _needs_draws(self.path)
            return ()
        return differences(self.dataset, reference, chosen, years)

    def goals(self, chosen: Sequence[str], left_out: dict[str, Label]) -> dict[str, Assessment]:
        if "targets" in self.without:
            left_out["targets"] = _asked_for("targets")
            return {}
        if self.summary:
            left_out["targets"] = _needs_draws(self.path)
            return {}
        return {
            name: targets(self.dataset, scenario=name, baseline=self.baseline) for name in chosen
        }

    def answers(
        self,
        reference: str,
        focal: str,
        year: int,
        stories: Sequence[Story],
        left_out: dict[str, Label],
    ) -> tuple[tuple[Drivers, ...], tuple[Bridge, ...]]:
        """Run the model again for what drives the spread and what made growth."""
        fresh = self.posterior.fingerprint
        reason = why_not_again(self.path, self.dataset, fresh, self.weighted)
        for name in ("sensitivity", "contributions"):
            if name in self.without:
                left_out[name] = _asked_for(name)
            elif reason is not None:
                left_out[name] = reason
        if {"sensitivity", "contributions"} <= set(left_out):
            return (), ()
        try:
            plan = self.plan(reference, focal)
        except SimcoreError as error:
            left_out |= {name: refused(error) for name in ("sensitivity", "contributions")}
            return (), ()
        labels = {one.name: one.label for one in stories}
        spread: tuple[Drivers, ...] = ()
        bridges: tuple[Bridge, ...] = ()
        if "sensitivity" not in left_out:
            spread = _or_reason(
                lambda: self._spread(plan, reference, year, left_out), "sensitivity", left_out
            )
        if "contributions" not in left_out:
            bridges = _or_reason(
                lambda: growth_bridges(plan, focal, year), "contributions", left_out
            )
            if focal != reference:
                bridges += _or_reason(
                    lambda: lever_bridges(plan, focal, reference, year, labels), "levers", left_out
                )
        return spread, bridges

    def _spread(
        self, plan: Plan, scenario: str, year: int, left_out: dict[str, Label]
    ) -> tuple[Drivers, ...]:
        """Return what drives the spread, unless discrete events make that slow."""
        levers = next(one for one in plan.scenarios if one.name == scenario).levers
        if any(own.projects is not None or own.firms is not None for own in levers.values()):
            left_out["sensitivity"] = say_both(
                "{scenario} has levers on projects or firms, which take long to share out; "
                "simcore sensitivity does it.",
                scenario=scenario,
            )
            return ()
        return drivers(plan, scenario, year)

    def plan(self, reference: str, focal: str) -> Plan:
        whole = plan_of(self.path, self.posterior)
        wanted = tuple(dict.fromkeys((reference, focal)))
        chosen = {scenario.name: scenario for scenario in whole.scenarios}
        return replace(
            whole, scenarios=tuple(chosen[name] for name in wanted), points={}, keep="full"
        )

    def figures(self, paths: Series, goals: Mapping[str, Assessment]) -> list[Figure]:
        """Return every documented figure that the page shows, in the order in which it does."""
        zones = dict.fromkeys(fan.zone for fan in paths.fans)
        found = [
            figure
            for indicator in FANS
            for zone in zones
            for figure in documented(self.baseline, indicator, zone)
        ]
        for assessment in list(goals.values())[:1]:
            found += [
                self.baseline.figures[row.target]
                for row in assessment.rows
                if row.probability is not None
            ]
        return found


def _or_reason(
    make: Callable[[], Any], section: str, left_out: dict[str, Label]
) -> tuple[Any, ...]:
    """Return what is made, or nothing with the reason why it cannot be."""
    try:
        return tuple(make())
    except SimcoreError as error:
        left_out[section] = refused(error)
        return ()


def chosen_scenarios(names: Sequence[str], reference: str) -> tuple[str, ...]:
    """Return the scenarios to show: all, or of many the reference and evenly spaced others.

    >>> chosen_scenarios(["a", "b"], "b")
    ('a', 'b')
    >>> chosen_scenarios([str(i) for i in range(11)], "0")
    ('0', '2', '4', '6', '8', '10')
    """
    if len(names) <= MOST_SHOWN:
        return tuple(names)
    places = np.linspace(0, len(names) - 1, MOST_SHOWN).round().astype(int).tolist()
    chosen = [names[place] for place in places]
    if reference not in chosen:
        chosen[0] = reference
    return tuple(chosen)


def _needs_draws(path: Path) -> Label:
    return say_both(
        "{file} holds summaries alone; this part needs the draws (simcore run --keep full).",
        file=path.name,
    )


def _asked_for(section: str) -> Label:
    return say_both("Left out, as --without {section} asks.", section=section)
