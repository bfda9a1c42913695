"""Commands on result files: inspect, verify."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from simcore.causes import said_cause, said_place
from simcore.cli.base import (
    Command,
    json_option,
    print_json,
    print_table,
    progress_bar,
)
from simcore.errors import RunError
from simcore.labels import Label, say
from simcore.units import unit_text


@click.command(cls=Command, short_help="Show what is in a result, or how far a run has come.")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def inspect(file: Path, as_json: bool) -> None:
    """Show what is in a result file, and how far an unfinished run of it has come.

    \b
    Example: simcore inspect outputs/demo.h5
    """
    from simcore.attributes import number_of_draws
    from simcore.dataset import open_results
    from simcore.disk import working_on
    from simcore.joining import tally_in_result
    from simcore.shards import Parts
    from simcore.stored_groups import stored_groups

    state = Parts(file).state()
    if state is not None and not file.exists():
        if as_json:
            print_json("inspect", [], file=str(file), unfinished=state)
        else:
            _show_unfinished(file, state)
        return
    with working_on(file), open_results(file) as dataset:
        attributes = dataset.attrs
        facts: dict[str, Any] = {
            "file": str(file),
            "size_mb": round(file.stat().st_size / 1e6, 1),
            "created": attributes["date_created"],
            "simcore": attributes["simcore_version"],
            "seed": int(attributes["seed"]),
            "sampler": attributes["sampler"],
            "precision": attributes.get("precision", "double"),
            "draws": number_of_draws(file),
            "keep": attributes.get("keep", "full"),
            "scenarios": [str(name) for name in dataset["scenario"].values],
            "zones": [str(name) for name in dataset["zone"].values],
            "years": [int(dataset["year"].min()), int(dataset["year"].max())],
            "fingerprint": attributes["fingerprint"],
            "calibration": attributes["calibration"],
            "versions": json.loads(attributes["versions"]),
        }
        tally, groups = tally_in_result(file), stored_groups(file)
        variables = [
            {
                "variable": str(name), "dimensions": ", ".join(map(str, values.dims)),
                "units": str(values.attrs.get("units", "")),
                "label": str(values.attrs.get(say("long_name"), "")),
            }
            for name, values in dataset.data_vars.items()
        ]  # fmt: skip
    if as_json:
        unfinished = {"unfinished": state} if state else {}
        masked = {name: tally.masked[name] for name in facts["scenarios"]}
        print_json(
            "inspect", variables, **facts, masked=masked, unusual=tally.rows(), **unfinished,
            groups={name: list(entries) for name, entries in groups.items()},
        )  # fmt: skip
        return
    if state is not None:
        _show_unfinished(file, state)
        click.echo()
    _show_result(facts | {"masked": tally.masked.total()}, variables)
    _show_groups(file, groups)
    _show_unusual(tally.rows())


def _show_result(facts: dict[str, Any], variables: list[dict[str, str]]) -> None:
    for name, value in facts.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        click.echo(f"{say(name):<12} {text}")
    table = [[*list(row.values())[:2], unit_text(row["units"]), row["label"]] for row in variables]
    columns = [say(name) for name in ("variable", "dimensions", "units", "label")]
    print_table("", columns, table, left=4)


def _show_groups(file: Path, groups: Mapping[str, Mapping[str, Label]]) -> None:
    """Show what stands beside the core: a line a group."""
    for name, entries in groups.items():
        click.echo(
            say(
                "group {name}: {entries}; simcore {name} {file} prints it",
                name=name, entries=", ".join(map(str, entries.values())), file=file,
            )
        )  # fmt: skip


def _show_unusual(rows: list[dict[str, Any]]) -> None:
    """Show what was wrong or unusual in the draws: a line a cause, and a scenario if masked."""
    if not rows:
        return
    table = [
        [
            said_cause(row["cause"]), row["scenario"] or "–",
            say("masked") if row["masked"] else say("kept"),
            f"{row['scenario_draws']:,}", said_place(row["first"]),
        ]
        for row in rows
    ]  # fmt: skip
    columns = [say("cause"), say("scenario"), say("treatment"), say("draws"), say("first")]
    print_table(say("What was wrong or unusual in draws"), columns, table, left=3)


def _show_unfinished(file: Path, state: dict[str, Any]) -> None:
    """Show an unfinished run: what it belongs to; blocks done, missing and damaged."""
    text = say(
        "{file}: unfinished; {done} of {blocks} blocks are done, {missing} missing, "
        "{damaged} damaged",
        file=file, done=state["done"], blocks=state["blocks"], missing=state["missing"],
        damaged=len(state["damaged"]),
    )  # fmt: skip
    click.echo(text)
    facts = {
        say("scenarios"): ", ".join(state["scenarios"]),
        say("draws"): state["draws"],
        say("seed"): state["seed"],
        "simcore": state["simcore_version"],
        say("damaged"): ", ".join(state["damaged"]),
        say("masked"): state["masked"],
    }
    for name, value in facts.items():
        if value != "":
            click.echo(f"{name:<12} {value}")
    if state["running"]:
        click.echo(say("a run of it is going on"))
    else:
        click.echo(say("the same command with --resume goes on"))


@click.command(cls=Command, short_help="Run a result again and compare it bit for bit.")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def verify(file: Path, as_json: bool) -> None:
    """Run a result again from its own provenance and compare it bit for bit.

    \b
    Example: simcore verify outputs/demo.h5
    """
    from simcore.reconcile import reconcile
    from simcore.verify import plan_of
    from simcore.verify import verify as compare

    posterior = reconcile()
    plan = plan_of(file, posterior)
    with progress_bar(plan.draws * len(plan.scenarios), say("draws")) as progress:
        found = compare(file, posterior, progress)
    if as_json:
        print_json(
            "verify", [asdict(row) for row in found.differences], same=found.same,
            draws=found.draws, values=found.values,
            versions={name: list(pair) for name, pair in found.versions.items()},
        )  # fmt: skip
    else:
        _print_verdict(file, found)
    if not found.same:
        raise RunError(say("{file}: was not reproduced", file=file))


def _print_verdict(file: Path, found: Any) -> None:
    for name, (made, here) in found.versions.items():
        click.echo(say("made with {name} {made}, here {here}", name=name, made=made, here=here))
    if found.same:
        text = say("{file}: every bit of {values:,} values reproduced", file=file,
                   values=found.values)  # fmt: skip
        click.echo(text)
        return
    table = [
        [
            row.variable, f"{row.different:,}", f"{row.values:,}",
            "–" if row.largest != row.largest else f"{row.largest:.1e}", said_place(row.first),
        ]
        for row in found.differences
    ]  # fmt: skip
    columns = [
        say("variable"), say("different"), say("values"), say("largest relative difference"),
        say("first"),
    ]  # fmt: skip
    print_table(say("What a new run does not reproduce"), columns, table)


COMMANDS = (inspect, verify)
