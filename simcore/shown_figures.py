"""The documented figures that can stand beside an indicator of a result, in its own unit."""

from __future__ import annotations

from dataclasses import dataclass

from simcore.baseline import Baseline
from simcore.dims import SATELLITES
from simcore.entries import Figure
from simcore.extract import Extract
from simcore.labels import say
from simcore.satellite_priors import load_satellites

COMPARED = {
    "gdp": ("gdp", "level", "亿元"),
    "gdp_growth": ("gdp", "growth", "%"),
    "gdp_per_head": ("gdp_per_head", "level", "万元"),
    "value_added": ("value_added", "value_added", "亿元"),
    "output": ("output", "gross_output", "亿元"),
    "rnd": ("rnd", "level", "亿元"),
    "rnd_intensity": ("rnd", "intensity", "%"),
    "investment": ("investment", "level", "亿元"),
    "population": ("population", "count", "万人"),
}
"""Indicator, concept and printed unit of the figures that can stand beside a variable."""


@dataclass(frozen=True)
class Shown:
    """A documented figure beside a variable, of a zone or one of its industries, in a year."""

    figure: Figure
    variable: str
    industry: str
    year: int

    def source(self, baseline: Baseline) -> str:
        """Return the document's title, section and line."""
        return place_text(self.figure, baseline)


def place_text(figure: Figure, baseline: Baseline) -> str:
    """Return where a figure stands: the document's title, section and line."""
    source = figure.source
    return say(
        "{document} {section}, line {line}",
        document=baseline.documents[source.document].title, section=source.section,
        line=source.line,
    )  # fmt: skip


def shown_figures(part: Extract, indicator: str, baseline: Baseline) -> list[Shown]:
    """Return the actual figures of an indicator; of two of one year, the one published last."""
    found: dict[tuple[str, str, int], Shown] = {}
    by_industry = "industry" in part.variable(indicator).dims
    for figure in sorted(baseline.actuals(), key=baseline.published):
        if figure.zone not in part.zones or not isinstance(figure.period, int):
            continue
        known = baseline.zones[figure.zone].industries
        fits = figure.industry in known if by_industry else figure.is_of_the_zone
        if figure.sector or not fits or figure.period not in part.years:
            continue
        if _is_of(figure, indicator):
            place = (figure.zone, figure.industry or "", figure.period)
            found[place] = Shown(figure, indicator, place[1], place[2])
    order = {zone: at for at, zone in enumerate(part.zones)}
    return sorted(found.values(), key=lambda s: (order[s.figure.zone], s.industry, s.year))


def _is_of(figure: Figure, indicator: str) -> bool:
    if indicator in SATELLITES:
        satellites = load_satellites()
        equation = satellites.equations.get(indicator)
        named = satellites.evidence(indicator, figure.zone)
        of_level = figure.id in named and figure.concept != "growth"
        return of_level and equation is not None and not equation.index
    return COMPARED.get(indicator) == (figure.indicator, figure.concept, figure.unit)
