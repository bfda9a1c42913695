"""Commands on a scenario's file: validate, show, schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import (
    Command,
    json_option,
    print_json,
)
from simcore.errors import InputError
from simcore.labels import say


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


COMMANDS = (validate, show, schema)
