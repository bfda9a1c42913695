"""The documented figures that stand as points on the path of an indicator."""

from __future__ import annotations

from simcore.baseline import Baseline
from simcore.dims import SATELLITES
from simcore.entries import Figure
from simcore.satellite_priors import load_satellites

_SHOWN = {
    "gdp": ("gdp", "level"), "gdp_growth": ("gdp", "growth"), "rnd_intensity": ("rnd", "intensity"),
    "investment": ("investment", "level"), "population": ("population", "count"),
    "gdp_per_head": ("gdp_per_head", "level"),
}  # fmt: skip
"""Indicator and concept of the figures that measure a variable as a result has it."""


def documented_points(baseline: Baseline, zone: str, indicator: str) -> list[Figure]:
    """Return the actual figures of a zone that are points on the path of an indicator.

    Those of whole years that measure it, and the levels that a satellite's path meets.
    """
    shown = [figure for figure in baseline.actuals() if _shown(figure, zone, indicator)]
    return [*shown, *_met(baseline, zone, indicator)]


def _shown(figure: Figure, zone: str, indicator: str) -> bool:
    wanted = _SHOWN.get(indicator)
    whole_year = isinstance(figure.period, int)
    of_zone = figure.zone == zone and not figure.industry and not figure.sector
    return of_zone and whole_year and wanted == (figure.indicator, figure.concept)


def _met(baseline: Baseline, zone: str, indicator: str) -> list[Figure]:
    """Return the levels that a satellite's path meets in a zone; of the core there is none."""
    named = load_satellites().evidence(indicator, zone) if indicator in SATELLITES else []
    return [f for f in baseline.actuals() if f.id in named and f.concept != "growth"]
