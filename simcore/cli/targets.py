"""The command targets: will the plans' goals be met."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import (
    Command,
    json_option,
    print_json,
    print_table,
)
from simcore.cli.sources import is_result
from simcore.errors import InputError
from simcore.labels import say
from simcore.number_text import number, percent

DRAWS = 4096  # of a scenario that is run for the answer
MOMENTS = ("annual", "mid-term", "final")
MIDDLE = 2  # years before the end of a plan in which its middle is assessed


@click.command(cls=Command, short_help="Assess every documented goal: how likely, what it needs.")
@click.argument("file")
@click.option("--scenario", metavar="NAME", help="Of the file; the baseline by default.")
@click.option("--year", type=int, help="Goals of this year alone.")
@click.option("--zone", help="One zone; every zone by default.")
@click.option(
    "--at", default="annual", show_default=True, metavar="annual|mid-term|final|YEAR",
    help="As of each goal's last documented year, the plan's middle or last year, or a year.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Goals without a probability as well.")
@click.option(
    "-n", "--draws", type=click.IntRange(min=1), help=f"Draws of a scenario to run; {DRAWS:,}."
)
@click.option("--seed", type=int, help="Seed of a scenario to run.")
@json_option
def targets(
    file: str,
    scenario: str | None,
    year: int | None,
    zone: str | None,
    at: str,
    everything: bool,
    draws: int | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Assess every documented goal: probability, growth still needed, progress, status.

    FILE is a result, or the name of a scenario to run.

    \b
    Example: simcore targets outputs/demo.h5 --at mid-term
             simcore targets baseline --zone donghu --year 2025
    """
    from dataclasses import asdict

    from simcore.accessor import refuse_summary
    from simcore.assessment import targets as assess
    from simcore.baseline import load_baseline
    from simcore.disk import working_on

    baseline = load_baseline()
    when = _moment(at, baseline)
    guard = working_on(Path(file)) if is_result(file) else contextlib.nullcontext()
    with guard, _result(file, draws, seed, baseline) as dataset:
        refuse_summary(dataset, f"{file}: ")
        found = assess(dataset, scenario=scenario, year=year, zone=zone, at=when, baseline=baseline)
        seed = int(dataset.attrs["seed"])
        ladder = _by_ladder(dataset, found)
    noted = found.scenario if is_result(file) else file
    if as_json:
        rows = [row | {"label": str(of.label), "ladder_probability": ladder.get(of.target)} for
                row, of in zip(found.records(), found.rows, strict=True)]  # fmt: skip
        tables = [asdict(row) | {"label": str(row.label)} for row in found.tables]
        notes = [_firm_note(found.scenario, noted)] if ladder else []
        print_json(
            "targets", rows, scenario=found.scenario, at=found.at, draws=found.draws, seed=seed,
            zones=[asdict(row) for row in found.zones], tables=tables, notes=notes,
        )  # fmt: skip
        return
    _print(found, baseline, everything)
    if ladder:
        click.echo(_firm_note(found.scenario, noted))
        other = {row.target: row.probability or 0.0 for row in found.rows}
        for target, chance in ladder.items():
            click.echo(
                "  "
                + say(
                    "{target}: P = {probability} by the ladder, {other} by the equation.",
                    target=target, probability=percent(chance),
                    other=percent(other[target]),
                )
            )  # fmt: skip
    click.echo(
        say(
            "{draws:,} draws of {scenario}, seed {seed}.",
            draws=found.draws, scenario=found.scenario, seed=seed,
        )
    )  # fmt: skip


def _by_ladder(dataset: Any, found: Any) -> dict[str, float]:
    """Return what the ladder says of goals on high-tech firms, where a scenario has levers on it.

    By the goal's id; empty of other scenarios.
    """
    import json

    from simcore.levers import FirmLevers, Scenario

    scenarios = map(Scenario.restored, json.loads(dataset.attrs["scenarios"]))
    scenario = next(one for one in scenarios if one.name == found.scenario)
    goals = [row for row in found.rows if row.answered_by == "high_tech_firms"]
    moved = [row.zone for row in goals
             if scenario.zone_levers(row.zone).firms not in (None, FirmLevers())]  # fmt: skip
    if not moved:
        return {}
    from simcore.ladder_fit import fit_firms
    from simcore.ladder_goals import goal_probabilities
    from simcore.ladder_members import factors_of
    from simcore.ladder_table import FirmEnsemble
    from simcore.reconcile import reconcile

    past = reconcile().problem.past
    fitted = fit_firms(past.baseline, past.priors)
    factors = factors_of(fitted.problem, scenario)
    seed, last = int(dataset.attrs["seed"]), max(row.year for row in goals)
    ensemble = FirmEnsemble(fitted, seed, found.draws, last, factors)
    chances = goal_probabilities(ensemble, moved)
    wanted = {row.target for row in goals if row.zone in moved and row.probability is not None}
    return {target: chance for target, chance in chances.items() if target in wanted}


def _firm_note(scenario: str, source: str) -> str:
    """Say which of the two models of high-tech firms answers their goals."""
    return say(
        "note: {scenario} has levers on firms. Goals on high-tech firms are answered by the "
        "satellite equation, which knows them through R&D alone; {command} has the ladder's "
        "count.",
        scenario=scenario, command=shlex.join(["simcore", "firms", source]),
    )  # fmt: skip


def _moment(at: str, baseline: Any) -> int | None:
    """Return the year of an assessment: none for each goal's last documented year."""
    from simcore.errors import did_you_mean
    from simcore.goals import plan_period

    if at == "annual":
        return None
    if at.isdigit():
        return int(at)
    if at not in MOMENTS:
        near = did_you_mean(at, MOMENTS) or say(
            "; known: {names}, or a year", names=", ".join(MOMENTS)
        )
        raise InputError(say("--at: unknown moment '{at}'{near}", at=at, near=near))
    last = plan_period(baseline)[1]
    return last if at == "final" else last - MIDDLE


def _result(file: str, draws: int | None, seed: int | None, baseline: Any) -> Any:
    """Open a result, or run a scenario into memory."""
    from simcore.dataset import open_results, run_plan
    from simcore.plan import Plan
    from simcore.reconcile import reconcile
    from simcore.scenario import load_scenario

    if is_result(file):
        if draws is not None or seed is not None:
            raise InputError(
                say("{file}: a result has its draws and seed; leave out -n and --seed", file=file)
            )
        return open_results(file)
    resolved = load_scenario(file, baseline)
    seed = resolved.sampling.seed if seed is None else seed
    return run_plan(
        Plan((resolved,), draws or DRAWS, seed, reconcile(), sampler=resolved.sampling.sampler)
    )


def _print(found: Any, baseline: Any, everything: bool) -> None:
    """Print the goals of each zone, what they are together, and what is not simulated."""
    columns = [
        say("target"), say("year"), say("value"), say("strength"), say("P(met)"),
        say("shortfall"), say("median"), say("last known"), say("needed, % a year"),
        "A/τ", say("A/τ, logs"), say("status"), say("treatment"),
    ]  # fmt: skip
    for zone in dict.fromkeys(row.zone for row in found.rows):
        label = baseline.zones[zone].label
        here = [row for row in found.rows if row.zone == zone]
        shown = [row for row in here if row.probability is not None]
        lines = [_line(row)[:-1] for row in shown]
        if lines:
            title = say("Goals that the model answers · {zone}", zone=label)
            print_table(title, columns[:-1], lines)
        beside = [row for row in here if row.probability is None]
        if not everything:
            beside = [
                row for row in beside if row.row is not None or row.progress_ratio is not None
            ]
        if beside:
            title = say("Goals without a probability · {zone}", zone=label)
            kept = [0, 1, 2, 3, 7, 8, 9, 10, 11, 12]
            table = [[line[place] for place in kept] for line in map(_line, beside)]
            print_table(title, [columns[place] for place in kept], table)
        for together in (row for row in found.zones if row.zone == zone):
            _print_together(together, here, label)
    _print_notes(found)


def _line(row: Any) -> list[str]:
    from simcore.printed_units import goal_amount

    mark = "" if row.last_basis != "model" else "*"
    last = "–" if row.last_value is None else f"{number(row.last_value)} ({row.last_year}){mark}"
    chance = "–"
    if row.probability is not None:
        chance = f"{percent(row.probability)} ± {100 * row.standard_error:.1f}"
    ratio_mark = "*" if row.progress_basis == "model" else ""
    ratios = [
        "–" if ratio is None else f"{ratio:.2f}{ratio_mark}"
        for ratio in (row.progress_ratio, row.progress_ratio_log)
    ]
    value = str(goal_amount(row.comparator, row.value, row.unit))
    needed = "–" if row.required_growth is None else f"{row.required_growth:.1f}"
    return [
        str(row.label), str(row.year), value, say(row.strength) if row.strength else "–", chance,
        number(row.expected_shortfall), number(row.median), last, needed, *ratios,
        say(row.status), say(row.treatment),
    ]  # fmt: skip


def _print_together(together: Any, rows: Sequence[Any], label: Any) -> None:
    """Say how likely all goals of a zone and year are together, and which one binds."""
    binding = next(row for row in rows if row.target == together.binding)
    click.echo(
        say(
            "{zone}, {year}: all {count} goals with a probability are met in {joint} of the draws; "
            "{expected:.1f} of them on average. The one that binds: {binding} ({chance}).",
            zone=label, year=together.year, count=together.targets, joint=percent(together.joint),
            expected=together.expected, binding=binding.label,
            chance=percent(binding.probability),
        )
    )  # fmt: skip


def _print_notes(found: Any) -> None:
    from simcore.weighting import bound_of_none

    if found.tables:
        ways: dict[str, int] = {}
        for row in found.tables:
            ways[row.treatment] = ways.get(row.treatment, 0) + 1
        click.echo(
            say(
                "Rows of the plans' indicator tables: {count}; core {core}, satellite equation "
                "{satellite}, pace alone {pace}; {empty} of them print no number.",
                count=len(found.tables), core=ways.get("simulated", 0),
                satellite=ways.get("satellite", 0), pace=ways.get("pace", 0),
                empty=sum(row.status == "no number" for row in found.tables),
            )
        )  # fmt: skip
    click.echo(
        say(
            "* The model's median: no figure is documented. GDP is met by a published figure, "
            "future revisions included. A goal that no draw meets: P below {bound}, at 95 % "
            "confidence.",
            bound=f"{100 * bound_of_none(found.effective):.2g} %",
        )
    )  # fmt: skip


COMMANDS = (targets,)
