"""The command list: scenarios, sweeps, zones, industries, indicators, tables, targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simcore.cli.base import Command, json_option, period_text, print_json, print_table, source_text
from simcore.errors import InputError
from simcore.labels import say
from simcore.units import unit_text

KINDS = ("scenarios", "sweeps", "zones", "industries", "indicators", "tables", "targets")


@click.command(
    "list", cls=Command, short_help="List scenarios, sweeps, zones, indicators, targets and more."
)
@click.argument("kind", type=click.Choice(KINDS), default="scenarios")
@json_option
def list_(kind: str, as_json: bool) -> None:
    """List scenarios, sweeps, zones, industries, indicators, tables or targets.

    Indicators and the rows of the plans' indicator tables say how they are treated: simulated by
    the core, by a satellite equation, or not modelled.

    \b
    Example: simcore list indicators
    """
    from simcore.baseline import load_baseline

    rows = _LISTS[kind](load_baseline())
    if as_json:
        print_json("list", [{name: _plain(value) for name, value in row.items()} for row in rows])
    else:
        columns = list(rows[0]) if rows else [say("nothing")]
        table = [[_cell(name, row[name]) for name in columns] for row in rows]
        titles = [say("origin") if name == "origin" else say(name) for name in columns]
        print_table(say(kind), titles, table, left=len(columns))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | list | dict) else str(value)


def _cell(column: str, value: Any) -> str:
    if column == "source":
        return source_text(value)
    if column == "evidence":
        return ", ".join(f"{zone}: {say(grade)}" for zone, grade in value.items())
    if column == "origin":
        return {"shipped": say("shipped"), "own": say("own"),
                "shadows": say("own, in place of the shipped one")}[value]  # fmt: skip
    if isinstance(value, list):
        return str(len(value)) if column == "figures" else ", ".join(value)
    if column == "units":
        return unit_text(value) if value else ""
    return say(str(value)) if column in _WORDS and value else str(value)


_WORDS = ("qualifier", "treatment", "of")


def _list_scenarios(baseline: Any) -> list[dict[str, Any]]:
    from simcore.design import is_sweep
    from simcore.scenario import known_scenarios, load_scenario

    rows = []
    for name, path in known_scenarios().items():
        if not is_sweep(path):
            try:
                scenario = load_scenario(_unambiguous(path), baseline)
                question = str(scenario.question or scenario.label)
            except InputError as error:
                question = _refusal(error)
            rows.append({"name": name, **_origin(name), "question": question})
    return rows


def _unambiguous(path: Path) -> str:
    """Return a file as a path that is no name of a scenario."""
    return str(path.resolve())


def _origin(name: str) -> dict[str, str]:
    """Say, inside a study, whether a scenario is the study's own; nothing outside of one."""
    from simcore.scenario import own_scenarios, shipped_scenarios
    from simcore.study import study

    if study() is None:
        return {}
    if name not in own_scenarios():
        return {"origin": "shipped"}
    return {"origin": "shadows" if name in shipped_scenarios() else "own"}


def _list_sweeps(baseline: Any) -> list[dict[str, Any]]:
    from simcore.design import is_sweep, load_design
    from simcore.scenario import known_scenarios

    rows = []
    for name, path in known_scenarios().items():
        if is_sweep(path):
            try:
                design = load_design(_unambiguous(path), baseline)
                points = len(design.points)
                question = str(design.sweep.question or design.sweep.label)
            except InputError as error:
                points, question = 0, _refusal(error)
            rows.append({"name": name, **_origin(name), "points": points, "question": question})
    return rows


def _refusal(error: InputError) -> str:
    """Why a shipped scenario cannot be run once the user's calibration is laid on."""
    reasons = ", ".join(problem.message for problem in error.problems) or str(error)
    return say("cannot be run on this calibration: {reasons}", reasons=reasons)


def _list_zones(baseline: Any) -> list[dict[str, Any]]:
    return [
        {
            "zone": name, "label": str(zone.label), "first_year": zone.first_year,
            "last_documented_year": baseline.last_documented_year(name),
            "industries": len(zone.industries),
        }
        for name, zone in baseline.zones.items()
    ]  # fmt: skip


def _list_industries(baseline: Any) -> list[dict[str, Any]]:
    from simcore.entries import SECTOR_LABELS

    return [
        {
            "zone": zone_name, "industry": name, "label": str(industry.label),
            "sector": str(SECTOR_LABELS[industry.sector]),
        }
        for zone_name, zone in baseline.zones.items()
        for name, industry in zone.industries.items()
    ]  # fmt: skip


def _list_indicators(baseline: Any) -> list[dict[str, Any]]:
    from simcore.inventory import inventory

    return [
        {
            "indicator": entry.name, "of": entry.of, "treatment": entry.treatment,
            "by": list(entry.by), "label": str(entry.label), "units": entry.units,
            "evidence": entry.evidence,
        }
        for entry in inventory(baseline)
    ]  # fmt: skip


def _list_tables(baseline: Any) -> list[dict[str, Any]]:
    from simcore.plan_tables import load_plan_tables

    return [
        {
            "document": document, "row": row.row, "label": str(row.label),
            "treatment": row.treatment, "by": row.by, "figures": row.figures,
            "note": str(row.note or ""),
        }
        for document, _, row in load_plan_tables(baseline).rows()
    ]  # fmt: skip


def _list_targets(baseline: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": figure.id, "term": figure.term, "period": period_text(figure.period),
            "qualifier": figure.qualifier,
            "value": "" if figure.value is None else f"{figure.value:.15g} {figure.unit}",
            "source": figure.source,
        }
        for figure in baseline.figures.values()
        if figure.kind in ("target", "plan_annual") and not figure.same_as
    ]  # fmt: skip


_LISTS = {
    "scenarios": _list_scenarios, "sweeps": _list_sweeps, "zones": _list_zones,
    "industries": _list_industries, "indicators": _list_indicators, "tables": _list_tables,
    "targets": _list_targets,
}  # fmt: skip


COMMANDS = (list_,)
