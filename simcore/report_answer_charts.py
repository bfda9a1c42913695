"""Charts of a report that answer: goals, what drives the spread, what made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simcore.assessment import LIKELY, UNLIKELY, TargetRow
from simcore.labels import Label, say_both
from simcore.pictures import COLOURS, INK, PALE
from simcore.report_answers import Drivers
from simcore.report_bridges import Bridge
from simcore.report_charts import Mark, Spec, altair, colour_of, finished, put, short
from simcore.report_words import number_text
from simcore.units import MONEY, unit_label

GROUPS = {
    "layer": Label("where it comes from", "来源"),
    "grade": Label("parameters by evidence", "按依据等级划分的参数"),
    "factor": Label("strongest single factors", "影响最大的单项因素"),
}


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
            "u": mark(say_both(row.status)), **_chance(row),
        }
        for scenario, row, label in rows
    ]  # fmt: skip
    order = list(dict.fromkeys(row["g"] for row in data))
    chart = alt.Chart(alt.NamedData("goals")).transform_filter("indexof(shown, datum.s) >= 0")
    x = alt.X("p:Q", title=None, scale=alt.Scale(domain=[0, 1]),
              axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]))  # fmt: skip
    y = alt.Y(
        "g:N",
        sort=order,
        title=None,
        axis=alt.Axis(labelLimit=420, grid=True, ticks=False, labelPadding=12),
    )
    colour = colour_of(alt, len(labels))
    beside = alt.YOffset("s:N", scale=alt.Scale(domain=list(range(len(labels)))))
    marks = alt.Chart(alt.InlineData(values=[{"p": UNLIKELY}, {"p": LIKELY}]))
    layers = [
        marks.mark_rule(color=PALE, strokeDash=[3, 3]).encode(x="p:Q"),
        chart.mark_rule(strokeWidth=2).encode(
            x=alt.X("l:Q"), x2="h:Q", y=y, yOffset=beside, color=colour
        ),
        chart.mark_point(size=75, filled=True, opacity=0.95).encode(
            x=x, y=y, yOffset=beside, color=colour, shape=_shape(alt, len(labels)),
            tooltip=[
                alt.Tooltip("n:N", title=mark(say_both("scenario"))),
                alt.Tooltip("g:N", title=mark(say_both("goal"))),
                alt.Tooltip("p:Q", title=mark(say_both("probability")), format=".1%"),
                alt.Tooltip("u:N", title=mark(say_both("status"))),
            ],
        ),
    ]  # fmt: skip
    spec = finished(
        alt, alt.layer(*layers), len(labels), width="container",
        height=(16 + 7 * len(labels)) * len(order),
    )  # fmt: skip
    put(spec, goals=data)
    return spec


def _chance(row: TargetRow) -> Spec:
    """Return a goal's probability and its 90 % interval."""
    share, error = float(row.probability or 0.0), 1.645 * float(row.standard_error or 0.0)
    return {
        "p": round(share, 5), "l": round(max(0.0, share - error), 5),
        "h": round(min(1.0, share + error), 5),
    }  # fmt: skip


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
    chart = alt.Chart()
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
    spec = finished(alt, whole.resolve_scale(y="independent"), 0, spacing=18)
    put(spec, drivers=data)
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
        alt.Tooltip("w:N", title=mark(unit_label(MONEY))),
    ]
    layers = [
        chart.mark_bar(height=15).encode(x=x, x2="z:Q", y=y, color=colour, tooltip=tooltip),
        chart.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(
            x=alt.X("r:Q"), y=y, text="w:N"
        ),
    ]
    spec = finished(alt, alt.layer(*layers), 0, width="container", height=24 * len(rows))
    put(spec, steps=rows)
    return spec


def _step(label: Label, start: float, end: float, kind: str, mark: Mark) -> Spec:
    shown = number_text(end) if kind == "level" else number_text(end - start, sign=True)
    return {
        "f": mark(label), "x": short(start), "z": short(end), "r": short(max(start, end)),
        "k": kind, "w": shown,
    }  # fmt: skip
