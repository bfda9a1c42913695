"""Commands on scenarios: list, new, validate, show, schema."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import (
    Command,
    force_option,
    json_option,
    period_text,
    print_json,
    print_table,
    source_text,
)
from simcore.errors import InputError, system_reason
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
    from simcore.baseline import SECTOR_LABELS

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
            "value": "" if figure.value is None else f"{figure.value:g} {figure.unit}",
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


@click.command(cls=Command)
@click.argument("name")
@click.option("--from", "parent", default="baseline", show_default=True, help="Scenario to extend.")
@force_option
def new(name: str, parent: str, force: bool) -> None:
    """Write a scenario file to start from.

    \b
    Example: simcore new my-plan --from growth-5
    """
    from simcore.scenario import find_scenario, is_path
    from simcore.store import refuse_existing

    path, schema_file = _place_of_new(name)
    if not re.fullmatch(r"\w[\w.+-]*", path.stem) or len(path.stem) > 100:
        raise InputError(
            say("'{name}' is no name: letters, digits, - and _, up to 100", name=path.stem)
        )
    _refuse_name(path)
    found = find_scenario(parent)
    if is_path(parent):
        parent = os.path.relpath(found.resolve(), path.parent.resolve())
        parent = parent if is_path(parent) else f"./{parent}"
    refuse_existing(path, force=force)
    quoted = {"name": json.dumps(path.stem, ensure_ascii=False), "parent": json.dumps(parent),
              "schema": schema_file, "hint": "" if "/" in schema_file else _HINT}  # fmt: skip
    try:
        path.write_text(_TEMPLATE.format(**quoted), encoding="utf-8")
    except OSError as error:
        raise InputError(
            say("{path}: cannot be written: {reason}", path=path, reason=system_reason(error))
        ) from error
    click.echo(say("wrote {path}; try: simcore validate {path}", path=path))


def _refuse_name(path: Path) -> None:
    """Refuse the name of a shipped scenario, which would mean two things, and a result's."""
    from simcore.scenario import shipped_scenarios

    if path.stem in shipped_scenarios():
        raise InputError(
            say("'{name}' is a shipped scenario; --from {name} extends it under a name of your own",
                name=path.stem)
        )  # fmt: skip
    if path.stem.endswith((".h5", ".nc")):
        raise InputError(say("'{name}' is a result's name, not a scenario's", name=path.stem))


def _place_of_new(name: str) -> tuple[Path, str]:
    """Return the file of a new scenario, and the way from it to the schema.

    Inside a study a bare name is put among its scenarios, and the schema is the study's.
    """
    from simcore.scenario import is_path
    from simcore.study import study

    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    in_use = study()
    if in_use is None:
        return path, "scenario.schema.json"
    if not is_path(name) and in_use.settings.scenarios:
        path = in_use.folder / in_use.settings.scenarios[0] / path
    schema_file = in_use.folder / "schemas" / "scenario.schema.json"
    return path, Path(os.path.relpath(schema_file, path.parent)).as_posix()


_HINT = """\
# (simcore schema > scenario.schema.json lets your editor check and complete this file)
"""
_TEMPLATE = """\
# yaml-language-server: $schema={schema}
{hint}#
# Which question does this scenario ask, and where does it come from?
simcore: 1
name: {name}
label: {{en: {name}, zh: {name}}}
extends: {parent}
levers:
  "*":                        # every zone; an entry under donghu or jingkai wins
    gdp_growth: 5%            # fixed in every draw; mode: centre fixes the mean over draws
#  donghu:
#    rnd_growth: {{path: {{2024: 14%}}, until: 2030}}
#    industries: {{optoelectronics: {{growth: 8%}}}}
#events:
#  - {{name: downturn, zone: jingkai, industry: automotive, year: 2027, size: -10%}}
"""


@click.command(cls=Command, short_help="Check scenario and sweep files, by line and column.")
@click.argument("files", nargs=-1, required=True)
def validate(files: tuple[str, ...]) -> None:
    """Check scenario and sweep files; every problem with its line and column.

    \b
    Example: simcore validate my-plan.yaml
    """
    from simcore.baseline import load_baseline

    baseline = load_baseline()
    failures: list[InputError] = []
    for name in files:
        try:
            click.echo(f"{name}: {_describe(name, baseline)}")
        except InputError as error:
            failures.append(error)
    if failures:
        known = [problem for error in failures for problem in error.problems]
        lost = [str(error) for error in failures if not error.problems]
        raise InputError("\n".join([*map(str, sorted(set(known))), *lost]))


def _describe(name: str, baseline: Any) -> str:
    from simcore.design import is_sweep, load_design
    from simcore.scenario import find_scenario, load_scenario

    if is_sweep(find_scenario(name)):
        return say(
            "a valid sweep of {points} points", points=len(load_design(name, baseline).points)
        )
    return say("a valid scenario, '{label}'", label=load_scenario(name, baseline).label)


@click.command(
    cls=Command, short_help="Show a scenario's resolved values and where they come from."
)
@click.argument("scenario")
@click.option("--diff", "other", help="Show only what differs from this scenario.")
@json_option
def show(scenario: str, other: str | None, as_json: bool) -> None:
    """Show a scenario's resolved values, each with the file and line it comes from.

    \b
    Example: simcore show growth-5 --diff baseline
    """
    from simcore.baseline import load_baseline
    from simcore.scenario import resolve

    baseline = load_baseline()
    rows = _leaves(resolve(scenario, baseline).document)
    if other:
        known = {row["key"]: row for row in _leaves(resolve(other, baseline).document)}
        own = {row["key"] for row in rows}
        rows = [row for row in rows if known.get(row["key"], {}).get("value") != row["value"]]
        rows += [known[key] | {"value": None} for key in known if key not in own]
    if as_json:
        print_json("show", rows)
        return
    width = max((len(row["key"]) for row in rows), default=0)
    for row in rows:
        value = json.dumps(row["value"], ensure_ascii=False).strip('"')
        if row["value"] is None:
            value = say("(not set here)")
        click.echo(f"{row['key']:<{width}}  {value}  # {row['origin']}")


def _leaves(document: Any, keys: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    """Every value of a document that is no mapping, with its key path and origin."""
    data = document.data
    for key in keys:
        data = data[key]
    if isinstance(data, dict | list) and data:
        inner = data if isinstance(data, dict) else range(len(data))
        return [row for key in inner for row in _leaves(document, (*keys, key))]
    mark = document.locate(keys)
    name = Path(mark.file).name
    return [{"key": ".".join(map(str, keys)), "value": data, "origin": f"{name}:{mark.line}"}]


@click.command(cls=Command)
@click.option("--sweep", is_flag=True, help="The schema of sweep files instead.")
def schema(sweep: bool) -> None:
    """Print the JSON Schema of scenario files, for editors.

    \b
    Example: simcore schema > scenario.schema.json
    """
    from simcore.design import Sweep
    from simcore.levers import Scenario
    from simcore.strict import json_schema

    found = json_schema(Sweep if sweep else Scenario)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


COMMANDS = (list_, new, validate, show, schema)
