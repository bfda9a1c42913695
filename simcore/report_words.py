"""A scenario in plain words, in both languages: its question, and everything that it sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simcore.baseline import Baseline
from simcore.instruments import OF_INDUSTRIES, OF_ZONES
from simcore.labels import Label, say_both
from simcore.ladder_priors import load_firms
from simcore.levers import (
    DifferenceTrajectory,
    Event,
    FirmLevers,
    GrowthTrajectory,
    IndustryLevers,
    ProjectLevers,
    Scenario,
    Trajectory,
    ZoneLevers,
)
from simcore.priors import Distribution, Priors

MINUS = "−"  # the sign, which stands apart from the dash of a range
EVERY_ZONE = Label("all zones", "各区")
EVERY_INDUSTRY = Label("all industries", "各行业")
ZONE_LEVERS = {
    "gdp_growth": Label("real GDP growth a year", "地区生产总值年均实际增长"),
    **{name: kind.label for name, kind in OF_ZONES.items()},
}
INDUSTRY_LEVERS = {
    **{name: kind.label for name, kind in OF_INDUSTRIES.items()},
    "investment_share": Label("added to its share of the zone's investment", "占全区投资比重提高"),
    "labour_share": Label("added to its share of the zone's employment", "占全区就业比重提高"),
}
PROJECT_LEVERS = {
    "arrivals": Label("number of new major projects a year", "每年新增重大项目数"),
    "sizes": Label("budgets of contracts of major projects", "重大项目签约规模"),
    "delay": Label("preparation of major projects, longer by", "重大项目前期工作延长"),
    "funds": Label("yearly funds for new starts", "每年新开工资金"),
    "capacity": Label("capacity to build", "建设能力"),
    "cancellation": Label("shares of projects that are dropped", "项目取消比例"),
}
FIRM_LEVERS = {
    "entry": Label("new firms a year", "每年新设企业数"),
    "promotion": Label("rates of promotion of firms", "企业晋级率"),
    "exit": Label("rates of exit of firms", "企业退出率"),
    "support": Label("support of firms", "企业扶持"),
}
ASSUMPTIONS = {
    "inflation": Label("rise of prices (GDP deflator) a year", "价格（GDP平减指数）年均上涨"),
    "national_growth": Label("real growth of the nation's GDP a year", "全国GDP年均实际增长"),
}


@dataclass(frozen=True)
class Story:
    """A scenario as a reader meets it; ``settings`` : a phrase for each thing that it sets."""

    name: str
    label: Label
    question: Label | None
    settings: tuple[Label, ...]


def story(scenario: Scenario, baseline: Baseline, priors: Priors) -> Story:
    """Return a scenario in words."""
    found = [
        *_levers(scenario, baseline),
        *_assumptions(scenario),
        *_behaviour(scenario, priors),
        *(_event(event, baseline) for event in scenario.events),
    ]
    return Story(scenario.name, scenario.label, scenario.question, tuple(found))


def points_in_words(stories: Sequence[Story]) -> tuple[Story, ...]:
    """Label the points of a sweep, which have their name alone, by what they set apart.

    The question of the scenario that a sweep varies is none of its points'.
    """
    shared = set.intersection(*({*one.settings} for one in stories)) if stories else set()
    found = []
    for one in stories:
        own = [setting for setting in one.settings if setting not in shared]
        if one.label == plain(one.name) and own:
            one = replace(one, label=joined(own, "; ", "；"), question=None)
        found.append(one)
    return tuple(found)


def _levers(scenario: Scenario, baseline: Baseline) -> Iterator[Label]:
    for zone, levers in scenario.levers.items():
        place = zone_label(zone, baseline)
        for name in ZoneLevers.model_fields:
            lever = getattr(levers, name)
            if name == "industries":
                for industry, own in lever.items():
                    inner = joined([place, baseline.industry_label(industry, zone)], " · ")
                    yield from _fields(inner, own, IndustryLevers, INDUSTRY_LEVERS)
            elif name == "projects" and lever is not None:
                yield from _fields(place, lever, ProjectLevers, PROJECT_LEVERS)
            elif name == "firms" and lever is not None:
                yield from _fields(place, lever, FirmLevers, FIRM_LEVERS)
            elif lever is not None:
                yield _phrase(place, ZONE_LEVERS[name], trajectory(lever))


def _fields(
    place: Label,
    levers: IndustryLevers | ProjectLevers | FirmLevers,
    kind: type[IndustryLevers] | type[ProjectLevers] | type[FirmLevers],
    names: dict[str, Label],
) -> Iterator[Label]:
    """Return a phrase for every field that is set."""
    relative = kind is not IndustryLevers
    for name in kind.model_fields:
        lever = getattr(levers, name)
        if isinstance(lever, dict):
            rungs = load_firms().rungs if lever else {}
            for rung, own in lever.items():
                what = say_both("support of firms: {rung}", rung=rungs[rung].label)
                yield _phrase(place, what, trajectory(own, signed=True))
        elif isinstance(lever, Trajectory):
            yield _phrase(place, names[name], trajectory(lever, signed=relative))
        elif name == "delay" and lever is not None:
            yield _phrase(place, names[name], say_both("{count} years", count=f"{lever:g}"))
        elif lever is not None:
            yield _phrase(place, names[name], percent_words(lever, signed=True))


def _phrase(place: Label, what: Label, value: Label) -> Label:
    return joined([joined([place, what], ": ", "："), value], " ", "")


def trajectory(path: Trajectory[float], *, signed: bool = False) -> Label:
    """Return the values of a trajectory in words.

    >>> trajectory(DifferenceTrajectory(path={2026: "0 pp", 2028: "+1.5 pp"}, until=2032)).en
    '2026: +0 points, 2028: +1.5 points, linear between, until 2032'
    """

    def write(value: float) -> Label:
        points = isinstance(path, DifferenceTrajectory)
        return points_words(value) if points else percent_words(value, signed=signed)

    if path.path is None:
        assert path.value is not None  # a trajectory has a value or a path
        parts = [write(path.value)]
    else:
        parts = [
            say_both("{year}: {value}", year=year, value=write(path.path[year]))
            for year in sorted(path.path)
        ]
        if len(parts) > 1:
            parts.append(say_both("linear between"))
    if isinstance(path, GrowthTrajectory) and path.mode == "centre":
        parts.append(say_both("on average over the draws"))
    if path.until is not None:
        parts.append(say_both("until {year}", year=path.until))
    return joined(parts, ", ", "，")


def percent_words(value: float, *, signed: bool = False) -> Label:
    """Return a share as a percentage.

    >>> percent_words(0.05), percent_words(0.3, signed=True).en
    (Label(en='5 %', zh='5%'), '+30 %')
    """
    text = f"{round(100 * value, 6) + 0.0:{'+' if signed else ''}g}".replace("-", MINUS)
    return Label(f"{text} %", f"{text}%")


def points_words(value: float) -> Label:
    """Return a difference of shares in percentage points."""
    return say_both("{value} points", value=f"{round(100 * value, 6) + 0.0:+g}".replace("-", MINUS))


def _assumptions(scenario: Scenario) -> Iterator[Label]:
    for name, label in ASSUMPTIONS.items():
        path = getattr(scenario.assumptions, name)
        if path is not None:
            yield joined([label, trajectory(path)], " ", "")


def _behaviour(scenario: Scenario, priors: Priors) -> Iterator[Label]:
    for name, given in scenario.behaviour.items():
        known = priors.parameters.get(name)
        what = known.label if known else Label(name, name)
        yield joined([what, _distribution(given)], " ")


def _distribution(given: Distribution) -> Label:
    """Return a distribution as its name and its parameters."""
    named = given.model_dump(exclude={"dist"}, exclude_none=True, exclude_defaults=True)
    text = ", ".join(f"{name} {value:g}" for name, value in named.items())
    return Label(f"~ {given.dist} ({text})", f"~ {given.dist}（{text}）")


def _event(event: Event, baseline: Baseline) -> Label:
    """Return what an event does, when and how likely, and how it fades."""
    industry = (
        EVERY_INDUSTRY
        if event.industry == "*"
        else baseline.industry_label(event.industry, event.zone)
    )
    when = (
        Label("any year", "任一年份") if event.year is None else say_both("{year}", year=event.year)
    )
    text = say_both(
        "{name} ({when}): {size} of value added, {place}, {industry}",
        name=event.name, when=when, size=percent_words(event.size, signed=True),
        place=zone_label(event.zone, baseline), industry=industry,
    )  # fmt: skip
    parts = [text]
    if event.probability < 1:
        chance = percent_words(event.probability)
        parts.append(say_both("with a probability of {chance} a year", chance=chance))
    left = percent_words(event.persistence)
    parts.append(say_both("of which {left} is left a year later", left=left))
    return joined(parts, ", ", "，")


def zone_label(zone: str, baseline: Baseline) -> Label:
    """Return the label of a zone, of all zones for ``*``, or the name of an unknown one."""
    if zone == "*":
        return EVERY_ZONE
    return baseline.zones[zone].label if zone in baseline.zones else Label(zone, zone)


def plain(text: str) -> Label:
    """Return a text that is the same in both languages.

    >>> plain("growth-5").zh
    'growth-5'
    """
    return Label(text, text)


def with_unit(name: Label, unit: Label) -> Label:
    """Return a name with its unit behind it."""
    return Label(f"{name.en}, {unit.en}", f"{name.zh}，{unit.zh}")


def joined(labels: Sequence[Label], en: str, zh: str | None = None) -> Label:
    """Join labels with a sign between them, which may be another in Chinese."""
    between = en if zh is None else zh
    return Label(en.join(one.en for one in labels), between.join(one.zh for one in labels))


def number_text(value: float | None, *, sign: bool = False) -> str:
    """Write a number with as many digits as a reader needs.

    >>> number_text(3095.81), number_text(12.345), number_text(-0.042, sign=True)
    ('3,096', '12.3', '−0.04')
    """
    if value is None or value != value:
        return "–"
    size = abs(value)
    digits = 0 if size >= 99.95 else 1 if size >= 9.95 else 2
    return f"{value:{'+' if sign else ''},.{digits}f}".replace("-", MINUS)


def probability_words(share: float | None) -> Label:
    """Write a probability; small and large ones are not rounded to certainty.

    >>> probability_words(0.5).en, probability_words(0.0004).zh, probability_words(0.0).en
    ('50 %', '< 0.1%', '0 %')
    """
    if share is None or share != share:
        return Label("–", "–")
    if 0 < share < 0.001:
        text = "< 0.1"
    elif 0.999 < share < 1:
        text = "> 99.9"
    else:
        text = f"{100 * share:.{0 if 0.1 <= share <= 0.9 or share in (0, 1) else 1}f}"
    return Label(f"{text} %", f"{text}%")
