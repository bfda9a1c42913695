"""Instruments of a goal seek: levers of one number, and the range in which it is looked for."""

from __future__ import annotations

from dataclasses import dataclass

from simcore.baseline import Baseline
from simcore.errors import InputError, did_you_mean, known_names
from simcore.labels import Label, say
from simcore.quantity import percent, points, years

STEP = 1e-4  # an instrument is found to 0.01 percentage points
COARSE = 0.05  # a lever on projects to 5 %: each value takes replications of its own


@dataclass(frozen=True)
class Kind:
    """A lever that can be an instrument: its label, and the ends of its range.

    ``points`` : whether it is a difference in percentage points; ``years`` : whether it is a length
    of time; ``ends`` : whether it must end with the goal's year, as growth of R&D must; ``falls`` :
    whether less of it serves a goal, so that the most is looked for that the goal can bear;
    ``step`` : to which it is found; ``spends`` : the result's variable that pays for it, empty
    where the model knows no cost.
    """

    label: Label
    low: float
    high: float
    points: bool = False
    years: bool = False
    ends: bool = False
    falls: bool = False
    step: float = STEP
    spends: str = ""

    @property
    def start(self) -> float:
        """The value that changes nothing where the lever has one, or else the range's low end."""
        return 0.0 if self.points or self.coarse else self.low

    @property
    def coarse(self) -> bool:
        """Whether it acts on projects: each value takes replications, which take seconds."""
        return self.step >= COARSE


OF_ZONES = {
    "rnd_growth": Kind(
        Label("R&D spending growth a year", "研发经费投入年均增长"), 0.0, 0.4, ends=True,
        spends="rnd",
    ),
    "rnd_intensity": Kind(Label("R&D over GDP", "研发投入强度"), 0.005, 0.25, spends="rnd"),
    "investment_rate": Kind(
        Label("fixed-asset investment over GDP", "固定资产投资占地区生产总值比重"), 0.05, 0.9,
        spends="investment",
    ),
    "labour_growth": Kind(Label("growth of employment a year", "就业人员年均增长"), -0.03, 0.12),
    "tfp": Kind(
        Label("added productivity growth a year", "全要素生产率年均增速提高"), -0.05, 0.15,
        points=True,
    ),
}  # fmt: skip
OF_INDUSTRIES = {
    "growth": Kind(Label("real growth a year", "增加值年均增长"), -0.1, 0.4),
    "tfp": Kind(
        Label("added productivity growth a year", "全要素生产率年均增速提高"), -0.05, 0.25,
        points=True,
    ),
}  # fmt: skip


def _change(label: Label, low: float = -0.9) -> Kind:
    """Return a change of what projects have, at most twice as much."""
    return Kind(label, low, 1.0, step=COARSE, spends="investment")


OF_PROJECTS = {
    "arrivals": _change(Label("change of new plans of projects", "新策划项目数变动")),
    "sizes": _change(Label("change of the projects' budgets", "项目投资规模变动")),
    "funds": _change(Label("change of funds for new starts", "新开工项目资金变动"), low=-0.95),
    "capacity": _change(Label("change of the capacity to build", "建设能力变动")),
    "delay": Kind(
        Label("delay of projects", "项目延期"), -2.0, 5.0, years=True, falls=True, step=0.25
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Instrument:
    """One lever of a zone, of one of its industries or of its projects."""

    zone: str
    industry: str | None
    lever: str
    low: float
    high: float
    projects: bool = False

    @property
    def kind(self) -> Kind:
        """What kind of lever it is."""
        if self.projects:
            return OF_PROJECTS[self.lever]
        return (OF_ZONES if self.industry is None else OF_INDUSTRIES)[self.lever]

    @property
    def name(self) -> str:
        """``donghu.rnd_growth``, ``donghu.optoelectronics.growth``, ``donghu.projects.funds``."""
        inner = "projects" if self.projects else self.industry
        return ".".join(part for part in (self.zone, inner, self.lever) if part)

    @property
    def key(self) -> str:
        """Its place in a scenario: ``levers.donghu.industries.optoelectronics.growth``."""
        inner = ".projects" if self.projects else ""
        if self.industry is not None:
            inner = f".industries.{self.industry}"
        return f"levers.{self.zone}{inner}.{self.lever}"

    def written(self, value: float) -> str:
        """Write a value as a scenario does.

        >>> Instrument("donghu", None, "tfp", 0.0, 0.1).written(0.0123)
        '+1.23 pp'
        >>> Instrument("donghu", None, "delay", -2.0, 5.0, projects=True).written(1.5)
        '+1.5 years'
        """
        if self.kind.years:
            return f"{value:+g} years"
        if self.projects:
            return f"{round(100 * value, 4):+g}%"
        return f"{100 * value:+.2f} pp" if self.kind.points else f"{100 * value:.2f}%"


def instrument_of(
    text: str, baseline: Baseline, between: tuple[str, str] | None = None
) -> Instrument:
    """Read ``donghu.rnd_growth``, ``*.tfp``, ``donghu.optoelectronics.growth``.

    Levers on projects are ``donghu.projects.funds`` and the like. ``between`` : the ends of the
    range, as a scenario writes them; the lever's own if not given.
    Raises `InputError` for an unknown zone, industry or lever, and for a range that is none.
    """
    zone, *inner = [part for part in text.split(".") if part != "industries"]
    if zone != "*" and zone not in baseline.zones:
        if not inner and zone in OF_ZONES:
            place = next(iter(baseline.zones))
            raise InputError(say(
                "instrument {text}: of which zone? did you mean '{place}.{text}'?",
                text=text, place=place,
            ))  # fmt: skip
        near = did_you_mean(zone, baseline.zones) or known_names(["*", *baseline.zones])
        raise InputError(
            say("instrument {text}: unknown zone '{zone}'{near}", text=text, zone=zone, near=near)
        )
    if len(inner) not in (1, 2):
        raise InputError(say(
            "instrument {text}: is none: ZONE.LEVER or ZONE.INDUSTRY.LEVER, such as "
            "donghu.rnd_growth or donghu.optoelectronics.growth",
            text=text,
        ))  # fmt: skip
    *industry, lever = inner
    projects = industry == ["projects"]
    known = OF_PROJECTS if projects else OF_INDUSTRIES if industry else OF_ZONES
    if lever not in known:
        near = did_you_mean(lever, known) or known_names(known)
        raise InputError(say(
            "instrument {text}: unknown lever '{lever}'{near}",
            text=text, lever=lever, near=near,
        ))  # fmt: skip
    names = baseline.industries if zone == "*" else tuple(baseline.zones[zone].industries)
    if industry and not projects and industry[0] not in names:
        near = did_you_mean(industry[0], names) or known_names(names)
        raise InputError(say(
            "instrument {text}: unknown industry '{industry}'{near}",
            text=text, industry=industry[0], near=near,
        ))  # fmt: skip
    kind = known[lever]
    low, high = _range(text, kind, between) if between else (kind.low, kind.high)
    name = industry[0] if industry and not projects else None
    return Instrument(zone, name, lever, low, high, projects)


def _range(text: str, kind: Kind, between: tuple[str, str]) -> tuple[float, float]:
    read = years if kind.years else points if kind.points else percent
    try:
        low, high = (read(end) for end in between)
    except ValueError as error:
        raise InputError(say("instrument {text}: {error}", text=text, error=error)) from None
    if not low < high:
        raise InputError(say(
            "instrument {text}: {lower} is not below {upper}",
            text=text, lower=between[0], upper=between[1],
        ))  # fmt: skip
    return low, high
