"""Charts of a report as Vega-Lite specifications, in which texts stand as numbers of pairs.

A text of a chart is a mark such as ``⟦12⟧``; the page's script puts the text of the language in
its place before it draws. So one specification serves both languages, and no name of a scenario
is ever part of a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simcore.errors import RunError
from simcore.labels import Label, say, say_both
from simcore.pictures import COLOURS, INK, PALE
from simcore.report_series import Fan, Point

Mark = Callable[[Label], str]
Spec = dict[str, Any]

MOST_BANDS = 3  # scenarios; more than this are drawn as medians alone
DASHES: tuple[list[int], ...] = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [12, 4])
SHOWN = "datum.s < 0 || indexof(shown, datum.s) >= 0"
QUIET = "#595959"  # of text, dark enough on white
FONT = (
    "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', "
    "sans-serif"
)


def altair() -> Any:
    """Return Altair; raises `RunError` where the extra is missing."""
    try:
        import altair
    except ImportError as error:
        text = say("simcore report needs Altair and vl-convert: pip install 'simcore[report]'")
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
    few = f"datum.s < 0 || (indexof(shown, datum.s) >= 0 && length(shown) <= {MOST_BANDS})"
    colour = colour_of(alt, len(labels))
    layers = [
        *_nowcast(alt, nowcast, x, mark),
        _band(alt, chart, few, x, ("a", "e"), y, colour, 0.14),
        _band(alt, chart, few, x, ("b", "d"), y, colour, 0.22),
        chart.transform_filter(SHOWN).mark_line(strokeWidth=2).encode(
            x=x, y=alt.Y("c:Q", **y), color=colour, strokeDash=_dash(alt, len(labels)),
        ),
        chart.transform_filter(SHOWN).mark_point(size=190, opacity=0, filled=True).encode(
            x=x, y=alt.Y("c:Q", **y), tooltip=_tooltip(alt, mark),
        ),
        *_points(alt, points, x, y, mark),
    ]  # fmt: skip
    spec = finished(alt, alt.layer(*layers), len(labels), width="container", height=230)
    spec["title"] = _title(title[0], title[1], mark)
    put(spec, paths=rows, points=[_point_row(one, mark) for one in points])
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
                "y": year, "a": short(low), "b": short(lower), "c": short(middle),
                "d": short(upper), "e": short(high),
            }  # fmt: skip
            if fan is fans[0] and year <= base_year:
                rows.append({"s": -1, "n": mark(say_both("history and nowcast"))} | cells)
            if year >= base_year:
                rows.append({"s": place, "n": mark(labels[fan.scenario])} | cells)
    return rows


def short(value: float) -> float:
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


def colour_of(alt: Any, count: int) -> Any:
    """Return the encoding of scenarios by colour; -1 is the past."""
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
        *(alt.Tooltip(f"{key}:Q", title=mark(name), format=",.4~r") for key, name in names.items()),
    ]


def _nowcast(alt: Any, years: Sequence[int], x: Any, mark: Mark) -> list[Any]:
    """Return the shade of nowcast years, with its word."""
    if not years:
        return []
    ends = [{"y": min(years) - 0.5, "z": max(years) + 0.5, "t": mark(say_both("nowcast"))}]
    chart = alt.Chart(alt.InlineData(values=ends)).encode(x=x)
    return [
        chart.mark_rect(color=PALE, opacity=0.13).encode(x2="z:Q"),
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
    chart = alt.Chart()
    x = alt.X(
        "y:Q", title=None, scale=alt.Scale(domain=[min(years), max(years)], nice=False),
        axis=alt.Axis(format="d", tickMinStep=1, grid=False, values=[2020, 2025, 2030, 2035]),
    )  # fmt: skip
    y = {
        "scale": alt.Scale(zero=True), "title": None,
        "axis": alt.Axis(tickCount=3, minExtent=44, maxExtent=44),
    }  # fmt: skip
    colour = colour_of(alt, len(labels))
    banded = alt.condition(
        f"datum.s < 0 || length(shown) <= {MOST_BANDS}", alt.value(0.16), alt.value(0)
    )
    layers = [
        chart.mark_area(clip=True).encode(
            x=x, y=alt.Y("a:Q", **y), y2="e:Q", color=colour, opacity=banded
        ),
        chart.mark_line(strokeWidth=1.6).encode(
            x=x, y=alt.Y("c:Q", **y), color=colour, strokeDash=_dash(alt, len(labels))
        ),
        chart.mark_point(size=90, opacity=0, filled=True).encode(
            x=x, y=alt.Y("c:Q", **y), tooltip=_tooltip(alt, mark)
        ),
    ]
    order = [mark(label) for label in industries.values()]
    header = alt.Header(title=None, labelFontSize=12, labelColor=INK, labelAnchor="start",
                        labelLimit=190)  # fmt: skip
    small = alt.layer(*layers, data=alt.NamedData("paths")).properties(width=170, height=95)
    whole = (
        small.facet(facet=alt.Facet("i:N", sort=order, header=header), columns=4)
        .transform_filter(SHOWN)
        .resolve_scale(y="independent")
        .resolve_axis(x="independent")
    )
    spec = finished(alt, whole, len(labels), spacing=12)
    put(spec, paths=rows)
    return spec


def put(spec: Spec, **rows: list[Spec]) -> None:
    """Give a specification the rows of its named data."""
    spec.setdefault("datasets", {}).update(rows)


def _title(text: Label, beside: Label, mark: Mark) -> Spec:
    return {
        "text": mark(text), "subtitle": mark(beside), "anchor": "start", "frame": "group",
        "fontSize": 14, "subtitleFontSize": 12, "color": INK, "subtitleColor": QUIET, "offset": 8,
    }  # fmt: skip


def finished(alt: Any, chart: Any, scenarios: int, **properties: Any) -> Spec:
    """Return a chart as a specification in the house style, with what the page can set."""
    fitted = alt.AutoSizeParams(type="fit-x" if "width" in properties else "pad")
    spec: Spec = chart.properties(**properties, background="transparent", autosize=fitted).to_dict(
        validate=False
    )
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
