"""Charts of a report as Vega-Lite specifications, in which texts stand as numbers of pairs.

A text of a chart is a mark such as ``⟦12⟧``; the page's script puts the text of the language in
its place before it draws. So one specification serves both languages, and no name of a scenario
is ever part of a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simcore.assessment import LIKELY, UNLIKELY, TargetRow
from simcore.errors import RunError
from simcore.labels import Label, say, say_both
from simcore.pictures import COLOURS, INK, PALE
from simcore.report_answers import Bridge, Drivers
from simcore.report_series import Fan, Point
from simcore.report_words import number_text

Mark = Callable[[Label], str]
Spec = dict[str, Any]

MOST_BANDS = 3  # scenarios; more than this are drawn as medians alone
DASHES: tuple[list[int], ...] = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [12, 4])
QUIET = "#595959"  # of text, dark enough on white
FONT = (
    "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', "
    "sans-serif"
)
GROUPS = {
    "layer": Label("where it comes from", "来源"),
    "grade": Label("parameters by evidence", "按依据等级划分的参数"),
    "factor": Label("strongest single factors", "影响最大的单项因素"),
}


def altair() -> Any:
    """Return Altair; raises `RunError` where the extra is missing."""
    try:
        import altair
    except ImportError as error:
        text = say("simcore report needs Altair: pip install 'simcore[report]'")
        raise RunError(text) from error
    return altair


def fan_chart(
    title: tuple[Label, Label],
    fans: Sequence[Fan],
    labels: Mapping[str, Label],
    span: tuple[int, Sequence[int]],
    points: Sequence[Point],
    mark: Mark,
) -> Spec:
    """Return one zone's fans: the past in grey, every scenario from the base year on.

    ``title`` : the zone and the unit; ``labels`` : of scenarios, in the order of their colours;
    ``span`` : the base year, and the nowcast years.
    """
    alt, (base_year, nowcast) = altair(), span
    rows = fan_rows(fans, labels, base_year, mark)
    years = [row["y"] for row in rows]
    chart = alt.Chart(alt.NamedData("paths"))
    x = alt.X(
        "y:Q", title=None, scale=alt.Scale(domain=[min(years), max(years)], nice=False),
        axis=alt.Axis(format="d", tickMinStep=1, grid=False, tickCount=7),
    )  # fmt: skip
    y = {"scale": alt.Scale(zero=False), "title": None}
    shown = "datum.s < 0 || indexof(shown, datum.s) >= 0"
    few = f"datum.s < 0 || (indexof(shown, datum.s) >= 0 && length(shown) <= {MOST_BANDS})"
    colour = _colour(alt, len(labels))
    layers = [
        *_nowcast(alt, nowcast, mark),
        _band(alt, chart, few, x, ("a", "e"), y, colour, 0.14),
        _band(alt, chart, few, x, ("b", "d"), y, colour, 0.22),
        chart.transform_filter(shown).mark_line(strokeWidth=2).encode(
            x=x, y=alt.Y("c:Q", **y), color=colour, strokeDash=_dash(alt, len(labels)),
        ),
        chart.transform_filter(shown).mark_point(size=190, opacity=0, filled=True).encode(
            x=x, y=alt.Y("c:Q", **y), tooltip=_tooltip(alt, mark),
        ),
        *_points(alt, points, x, y, mark),
    ]  # fmt: skip
    spec = _finished(alt, alt.layer(*layers), len(labels), width="container", height=230)
    spec["title"] = _title(title[0], title[1], mark)
    spec["datasets"] = {"paths": rows, "points": [_point_row(one, mark) for one in points]}
    return spec


def fan_rows(
    fans: Sequence[Fan], labels: Mapping[str, Label], base_year: int, mark: Mark
) -> list[Spec]:
    """Return a row a year: scenario -1 is the past, that of the first scenario."""
    rows = []
    names = list(labels)
    for fan in fans:
        place = names.index(fan.scenario)
        for index, year in enumerate(fan.years):
            low, lower, middle, upper, high = fan.values[:, index].tolist()
            if middle != middle:
                continue
            cells = {
                "y": year, "a": _short(low), "b": _short(lower), "c": _short(middle),
                "d": _short(upper), "e": _short(high),
            }  # fmt: skip
            if fan is fans[0] and year <= base_year:
                rows.append({"s": -1, "n": mark(say_both("history and nowcast"))} | cells)
            if year >= base_year:
                rows.append({"s": place, "n": mark(labels[fan.scenario])} | cells)
    return rows


def _short(value: float) -> float:
    """Round to six digits that count."""
    return float(f"{value:.6g}")


def _band(
    alt: Any, chart: Any, kept: str, x: Any, ends: tuple[str, str], y: Spec, colour: Any,
    opacity: float,
) -> Any:  # fmt: skip
    low, high = ends
    return (
        chart.transform_filter(kept)
        .mark_area(opacity=opacity, clip=True)
        .encode(x=x, y=alt.Y(f"{low}:Q", **y), y2=f"{high}:Q", color=colour)
    )


def _colour(alt: Any, count: int) -> Any:
    scale = alt.Scale(domain=[-1, *range(count)], range=[INK, *COLOURS[:count]])
    return alt.Color("s:N", scale=scale, legend=None)


def _dash(alt: Any, count: int) -> Any:
    scale = alt.Scale(domain=[-1, *range(count)], range=[[1, 0], *DASHES[:count]])
    return alt.StrokeDash("s:N", scale=scale, legend=None)


def _tooltip(alt: Any, mark: Mark) -> list[Any]:
    names = {
        "c": say_both("median"), "a": say_both("5 %"), "e": say_both("95 %"), "b": say_both("25 %"),
        "d": say_both("75 %"),
    }  # fmt: skip
    return [
        alt.Tooltip("n:N", title=mark(say_both("scenario"))),
        alt.Tooltip("y:Q", title=mark(say_both("year")), format="d"),
        *(
            alt.Tooltip(f"{key}:Q", title=mark(name), format=",.4~r")
            for key, name in names.items()
        ),
    ]


def _nowcast(alt: Any, years: Sequence[int], mark: Mark) -> list[Any]:
    """Return the shade of nowcast years, with its word."""
    if not years:
        return []
    ends = [{"x": min(years) - 0.5, "x2": max(years) + 0.5, "t": mark(say_both("nowcast"))}]
    chart = alt.Chart(alt.InlineData(values=ends)).encode(x=alt.X("x:Q"))
    return [
        chart.mark_rect(color=PALE, opacity=0.13).encode(x2="x2:Q"),
        chart.mark_text(align="left", baseline="top", dx=3, dy=3, color=QUIET, fontSize=11).encode(
            text="t:N", y=alt.value(0)
        ),
    ]


def _points(alt: Any, points: Sequence[Point], x: Any, y: Spec, mark: Mark) -> list[Any]:
    """Return the documented figures; those that say “over” point up."""
    if not points:
        return []
    names = {
        "t": say_both("documented"), "y": say_both("year"), "w": say_both("value"),
        "q": say_both("source"),
    }  # fmt: skip
    layer = alt.Chart(alt.NamedData("points")).mark_point(
        size=70, filled=True, fill="white", stroke=INK, strokeWidth=1.8, opacity=1
    )
    return [
        layer.encode(
            x=x, y=alt.Y("v:Q", **y),
            shape=alt.Shape(
                "k:N", legend=None,
                scale=alt.Scale(domain=["is", "over"], range=["circle", "triangle-up"]),
            ),
            tooltip=[
                alt.Tooltip(f"{key}:{'Q' if key == 'y' else 'N'}", title=mark(name),
                            **({"format": "d"} if key == "y" else {}))
                for key, name in names.items()
            ],
        )
    ]  # fmt: skip


def _point_row(point: Point, mark: Mark) -> Spec:
    return {
        "y": point.year, "v": point.value, "k": "over" if point.over else "is",
        "t": mark(Label(point.term, point.term)), "w": mark(point.printed),
        "q": mark(point.source),
    }  # fmt: skip


def industry_chart(
    fans: Sequence[Fan],
    labels: Mapping[str, Label],
    industries: Mapping[str, Label],
    base_year: int,
    mark: Mark,
) -> Spec:
    """Return one zone's industries as small multiples, each with an axis of its own."""
    alt, rows = altair(), []
    for industry, label in industries.items():
        own = [fan for fan in fans if fan.industry == industry]
        rows += [row | {"i": mark(label)} for row in fan_rows(own, labels, base_year, mark)]
    years = [row["y"] for row in rows]
    chart = alt.Chart(alt.NamedData("paths"))
    x = alt.X(
        "y:Q", title=None, scale=alt.Scale(domain=[min(years), max(years)], nice=False),
        axis=alt.Axis(format="d", tickMinStep=1, grid=False, values=[2020, 2025, 2030, 2035]),
    )  # fmt: skip
    y = {"scale": alt.Scale(zero=True), "title": None, "axis": alt.Axis(tickCount=3)}
    shown = "datum.s < 0 || indexof(shown, datum.s) >= 0"
    few = f"datum.s < 0 || (indexof(shown, datum.s) >= 0 && length(shown) <= {MOST_BANDS})"
    colour = _colour(alt, len(labels))
    layers = [
        _band(alt, chart, few, x, ("a", "e"), y, colour, 0.16),
        chart.transform_filter(shown).mark_line(strokeWidth=1.6).encode(
            x=x, y=alt.Y("c:Q", **y), color=colour, strokeDash=_dash(alt, len(labels)),
        ),
        chart.transform_filter(shown).mark_point(size=90, opacity=0, filled=True).encode(
            x=x, y=alt.Y("c:Q", **y), tooltip=_tooltip(alt, mark),
        ),
    ]  # fmt: skip
    order = [mark(label) for label in industries.values()]
    header = alt.Header(title=None, labelFontSize=12, labelColor=INK, labelAnchor="start",
                        labelLimit=190)  # fmt: skip
    small = alt.layer(*layers, data=alt.NamedData("paths")).properties(width=170, height=95)
    whole = small.facet(facet=alt.Facet("i:N", sort=order, header=header), columns=4)
    spec = _finished(alt, whole.resolve_scale(y="independent"), len(labels), spacing=14)
    spec["datasets"] = {"paths": rows}
    return spec


def goal_chart(
    rows: Sequence[tuple[str, TargetRow, Label]], labels: Mapping[str, Label], mark: Mark
) -> Spec:
    """Return one zone's goals: the probability of each in every scenario.

    ``rows`` : (scenario, goal, its label with year and value).
    """
    alt, names = altair(), list(labels)
    data = [
        {
            "s": names.index(scenario), "n": mark(labels[scenario]), "g": mark(label),
            "p": round(float(row.probability or 0.0), 5),
            "u": mark(say_both(row.status)),
            "l": max(0.0, round(float(row.probability or 0) - 1.645 * (row.standard_error or 0), 5)),
            "h": min(1.0, round(float(row.probability or 0) + 1.645 * (row.standard_error or 0), 5)),
        }
        for scenario, row, label in rows
    ]  # fmt: skip
    order = list(dict.fromkeys(row["g"] for row in data))
    chart = alt.Chart(alt.NamedData("goals")).transform_filter("indexof(shown, datum.s) >= 0")
    x = alt.X("p:Q", title=None, scale=alt.Scale(domain=[0, 1]),
              axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]))  # fmt: skip
    y = alt.Y("g:N", sort=order, title=None, axis=alt.Axis(labelLimit=330, grid=True, ticks=False))
    colour = _colour(alt, len(labels))
    marks = alt.Chart(alt.InlineData(values=[{"p": UNLIKELY}, {"p": LIKELY}]))
    layers = [
        marks.mark_rule(color=PALE, strokeDash=[3, 3]).encode(x="p:Q"),
        chart.mark_rule(strokeWidth=2).encode(x=alt.X("l:Q"), x2="h:Q", y=y, color=colour),
        chart.mark_point(size=75, filled=True, opacity=0.95).encode(
            x=x, y=y, color=colour, shape=_shape(alt, len(labels)),
            tooltip=[
                alt.Tooltip("n:N", title=mark(say_both("scenario"))),
                alt.Tooltip("g:N", title=mark(say_both("goal"))),
                alt.Tooltip("p:Q", title=mark(say_both("probability")), format=".1%"),
                alt.Tooltip("u:N", title=mark(say_both("status"))),
            ],
        ),
    ]  # fmt: skip
    spec = _finished(
        alt, alt.layer(*layers), len(labels), width="container", height={"step": 22}
    )
    spec["datasets"] = {"goals": data}
    return spec


def _shape(alt: Any, count: int) -> Any:
    shapes = ["circle", "square", "diamond", "triangle-up", "triangle-down", "cross"]
    scale = alt.Scale(domain=list(range(count)), range=shapes[:count])
    return alt.Shape("s:N", scale=scale, legend=None)


def driver_chart(found: Drivers, mark: Mark) -> Spec:
    """Return the shares of a zone's variance, by layer, grade of evidence and factor."""
    alt = altair()
    data = [
        {
            "g": mark(GROUPS[row.group]), "f": mark(row.label), "t": round(max(row.total, 0.0), 5),
            "l": round(max(row.low, 0.0), 5), "h": round(max(row.high, 0.0), 5),
            "a": round(row.alone, 5), "k": row.group,
        }
        for row in found.rows
    ]  # fmt: skip
    chart = alt.Chart(alt.NamedData("drivers"))
    y = alt.Y("f:N", title=None, sort=None, axis=alt.Axis(labelLimit=230, ticks=False))
    x = alt.X("t:Q", title=None, axis=alt.Axis(format="%", tickCount=5))
    colour = alt.Color(
        "k:N", legend=None, scale=alt.Scale(domain=list(GROUPS), range=list(COLOURS[:3]))
    )
    bar = chart.mark_bar(height=13).encode(
        x=x, y=y, color=colour,
        tooltip=[
            alt.Tooltip("f:N", title=mark(say_both("what varies"))),
            alt.Tooltip("t:Q", title=mark(say_both("with the others")), format=".1%"),
            alt.Tooltip("l:Q", title=mark(say_both("5 %")), format=".1%"),
            alt.Tooltip("h:Q", title=mark(say_both("95 %")), format=".1%"),
            alt.Tooltip("a:Q", title=mark(say_both("alone")), format=".1%"),
        ],
    )  # fmt: skip
    rule = chart.mark_rule(color=INK, strokeWidth=1.4).encode(x=alt.X("l:Q"), x2="h:Q", y=y)
    header = alt.Header(title=None, labelOrient="top", labelAnchor="start", labelFontWeight="bold",
                        labelColor=INK, labelFontSize=12, labelAngle=0)  # fmt: skip
    order = [mark(label) for label in GROUPS.values()]
    small = alt.layer(bar, rule, data=alt.NamedData("drivers")).properties(
        width=330, height=alt.Step(20)
    )
    whole = small.facet(row=alt.Row("g:N", sort=order, header=header))
    spec = _finished(alt, whole.resolve_scale(y="independent"), 0, spacing=18)
    spec["datasets"] = {"drivers": data}
    return spec


def bridge_chart(bridge: Bridge, mark: Mark) -> Spec:
    """Return a waterfall from one level to another."""
    alt, (level, rows) = altair(), (bridge.before[1], [])
    rows.append(_step(bridge.before[0], 0.0, level, "level", mark))
    ends = [level]
    for part in bridge.parts:
        kind = "rise" if part.mean >= 0 else "fall"
        rows.append(_step(part.label, level, level + part.mean, kind, mark))
        level += part.mean
        ends.append(level)
    rows.append(_step(bridge.after[0], 0.0, bridge.after[1], "level", mark))
    lowest, highest = min(*ends, bridge.after[1]), max(*ends, bridge.after[1])
    span = highest - lowest
    start = lowest - 0.6 * span if span < 0.5 * lowest else 0.0  # a cut axis, which is said
    domain = [start, highest + 0.14 * (highest - start)]
    for row in rows:
        row["x"] = max(row["x"], start)
    chart = alt.Chart(alt.NamedData("steps"))
    y = alt.Y("f:N", sort=None, title=None, axis=alt.Axis(labelLimit=300, ticks=False))
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    x = alt.X("x:Q", title=None, scale=scale, axis=alt.Axis(tickCount=5))
    colour = alt.Color(
        "k:N", legend=None,
        scale=alt.Scale(domain=["level", "rise", "fall"], range=[PALE, COLOURS[0], COLOURS[1]]),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("f:N", title=mark(say_both("what made it"))),
        alt.Tooltip("w:N", title=mark(say_both("100 million CNY"))),
    ]
    layers = [
        chart.mark_bar(height=15).encode(x=x, x2="z:Q", y=y, color=colour, tooltip=tooltip),
        chart.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(
            x=alt.X("r:Q"), y=y, text="w:N"
        ),
    ]
    spec = _finished(alt, alt.layer(*layers), 0, width="container", height={"step": 24})
    spec["datasets"] = {"steps": rows}
    return spec


def _step(label: Label, start: float, end: float, kind: str, mark: Mark) -> Spec:
    shown = number_text(end) if kind == "level" else number_text(end - start, sign=True)
    return {
        "f": mark(label), "x": _short(start), "z": _short(end), "r": _short(max(start, end)),
        "k": kind, "w": shown,
    }  # fmt: skip


def _title(text: Label, beside: Label, mark: Mark) -> Spec:
    return {
        "text": mark(text), "subtitle": mark(beside), "anchor": "start", "frame": "group",
        "fontSize": 14, "subtitleFontSize": 12, "color": INK, "subtitleColor": QUIET, "offset": 8,
    }  # fmt: skip


def _finished(alt: Any, chart: Any, scenarios: int, **properties: Any) -> Spec:
    """Return a chart as a specification in the house style, with what the page can set."""
    spec: Spec = chart.properties(
        **properties, background="transparent", autosize=alt.AutoSizeParams(contains="padding")
    ).to_dict()
    spec.pop("$schema", None)  # an address, which nobody fetches
    if scenarios:
        spec["params"] = [
            *spec.get("params", []), {"name": "shown", "value": list(range(scenarios))},
        ]  # fmt: skip
    spec["config"] = {
        "aria": False, "font": FONT, "view": {"stroke": None},
        "axis": {
            "labelColor": INK, "titleColor": INK, "gridColor": "#e6e6e6", "domainColor": PALE,
            "tickColor": PALE, "labelFontSize": 12, "labelFlush": False,
        },
        "bar": {"continuousBandSize": 14},
    }  # fmt: skip
    return spec
