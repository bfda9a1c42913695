"""The contents of a report: everything that stands on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simcore.assessment import Assessment
from simcore.baseline import Baseline
from simcore.labels import Label
from simcore.report_answers import Difference, Drivers
from simcore.report_basis import Assumption, Footnote, Provenance
from simcore.report_bridges import Bridge
from simcore.report_series import Series
from simcore.report_words import Story

MOST_LISTED = 200  # points of a sweep in the table


@dataclass(frozen=True)
class Row:
    """A scenario of a file with many: by (indicator, zone) median, 5 % and 95 % of the year."""

    scenario: str
    values: Mapping[tuple[str, str], tuple[float, float, float]]


@dataclass(frozen=True)
class Report:
    """Everything that stands on the page.

    ``shown`` : scenarios with charts, of all ``names``; ``year`` of headline numbers, one of
    ``years``; ``focal`` : the scenario that is taken apart;
    ``evidence`` : how many documented figures are evidence; ``left_out`` : by section, why it is
    not there.
    """

    baseline: Baseline
    names: tuple[str, ...]
    shown: tuple[Story, ...]
    reference: str
    focal: str
    year: int
    years: tuple[int, ...]
    series: Series
    listed: tuple[Row, ...]
    differences: tuple[Difference, ...]
    goals: Mapping[str, Assessment]
    drivers: tuple[Drivers, ...]
    bridges: tuple[Bridge, ...]
    assumptions: tuple[Assumption, ...]
    evidence: int
    notes: Mapping[str, Footnote]
    provenance: Provenance
    weighted: bool
    summary: bool
    left_out: Mapping[str, Label]

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones of the paths, in their order."""
        return tuple(dict.fromkeys(fan.zone for fan in self.series.fans))

    def label(self, name: str) -> Label:
        """Return the label of a shown scenario."""
        return next(one.label for one in self.shown if one.name == name)
