"""The command discover: under which conditions a goal is missed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simcore.cli.base import Command, print_json, print_table
from simcore.cli.sources import output_options, refuse_output, write_rows
from simcore.errors import InputError
from simcore.labels import say
from simcore.number_text import number, percent
from simcore.units import amount_text

SHOWN = 8  # steps of the way to the box


@click.command(cls=Command, short_help="Find the conditions under which a goal is missed.")
@click.argument("source", metavar="FILE|SCENARIO")
@click.option(
    "--goal", required=True, metavar="GOAL",
    help="Such as donghu.gdp.2030=5000, or the id of a documented goal.",
)  # fmt: skip
@click.option("--missed/--met", "missed", default=True, help="Which draws to tell from the others.")
@click.option("--scenario", metavar="NAME", help="Of a file; its baseline by default.")
@click.option(
    "--shocks/--no-shocks", "shocks", default=True,
    help="Whether to look at what chance adds up to beside the parameters.",
)  # fmt: skip
@click.option(
    "--density", metavar="PERCENT", help="Least density of the box; by default the best balance."
)
@click.option(
    "-n", "--draws", type=click.IntRange(1), help="Of a scenario to run, 4,096; or the first ones."
)
@click.option("--seed", type=click.IntRange(0), help="Seed of a scenario to run.")
@output_options("Also draw it: .png, .svg or .pdf.", "Also write the draws as CSV.")
def discover(
    source: str,
    goal: str,
    missed: bool,
    scenario: str | None,
    shocks: bool,
    density: str | None,
    draws: int | None,
    seed: int | None,
    output: Path | None,
    data: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Find the conditions under which a goal is missed: a box (PRIM) and a small tree of rules.

    FILE is a result; of a sweep all points are taken together, its levers being among the
    conditions. SCENARIO is run for the answer.

    \b
    Example: simcore discover baseline --goal donghu.gdp.2030=4000
             simcore discover sweep.h5 --goal 'jingkai.gdp_growth.2024-2030=6%' --met -o box.png
    """
    from simcore.aside import beside

    refuse_output(output, data, force=force)
    least = _density(density)
    with beside("simcore.boxes", "ema_workbench.analysis.prim"):
        from simcore.discovery import Question, conditions  # imported on both cores at once

        question = Question(goal, missed, scenario, shocks, least)
        found = conditions(source, question, draws, seed)
    if output is not None:
        from simcore.discovery_plot import discovery_chart

        discovery_chart(found, _title, output)
    if data is not None:
        write_rows(_draws(found), data)
    written = [str(path) for path in (output, data) if path is not None]
    if as_json:
        _print_json(found, written)
        return
    _print(found)
    for path in written:
        click.echo(say("wrote {path}", path=path))


def _density(text: str | None) -> float | None:
    from simcore.quantity import percent as read

    if text is None:
        return None
    try:
        density = read(text)
    except ValueError as error:
        raise InputError(say("density: {error}", error=error)) from None
    if not 0 < density <= 1:
        raise InputError(say("--density: {value} is not between 0% and 100%", value=text))
    return density


# --- what is written ------------------------------------------------------------------------------


def _print_json(found: Any, written: list[str]) -> None:
    from dataclasses import asdict

    rows = [
        {
            "input": r.input.name, "label": str(r.input.label), "evidence": r.input.evidence,
            "unit": r.input.unit, "low": r.low, "high": r.high, "low_quasi_p": r.low_chance,
            "high_quasi_p": r.high_chance, "prior": r.input.prior, "drawn": r.drawn,
        }
        for r in found.box
    ]  # fmt: skip
    tree = [
        {
            "depth": rule.depth, "input": rule.input and rule.input.name,
            "below": rule.below, "threshold": rule.threshold, "share": rule.share,
            "probability": rule.probability, "probability_held_back": rule.held,
            "leaf": rule.leaf,
        }
        for rule in found.tree
    ]  # fmt: skip
    print_json(
        "discover", rows, goal=found.goal, of="missed" if found.missed else "met",
        scenarios=found.scenarios, draws=found.draws, seed=found.seed, share=found.share,
        standard_error=found.standard_error, box=asdict(found.found),
        held_back=asdict(found.checked), chosen=found.chosen,
        steps=[{"restricted": s.bounded, **asdict(s.quality)} for s in found.steps],
        tree=tree, inputs=found.inputs, searched=[one.name for one in found.searched],
        left_out=found.left_out, written=written,
    )  # fmt: skip


def _draws(found: Any) -> list[dict[str, Any]]:
    """Return a row a draw: what it is, and the inputs that were searched."""
    all_of, kind = found.looked_at, "missed" if found.missed else "met"
    names = [one.name for one in found.searched]
    return [
        {
            "scenario": found.scenarios[scenario if len(found.scenarios) > 1 else 0], "draw": draw,
            kind: int(interest), "in_box": int(within), "held_back": int(held), "weight": weight,
            **dict(zip(names, values, strict=True)),
        }
        for scenario, draw, interest, within, held, weight, values in zip(
            all_of.rows.scenario.tolist(), all_of.rows.draw.tolist(), all_of.interest,
            all_of.within, all_of.held, all_of.weight.tolist(), all_of.values.tolist(), strict=True,
        )
    ]  # fmt: skip


# --- what is printed ------------------------------------------------------------------------------


def _title(found: Any) -> str:
    names = found.scenarios
    of = names[0] if len(names) == 1 else say("{count} points of a sweep", count=len(names))
    facts = {"goal": found.goal, "of": of, "share": percent(found.share),
             "error": f"{100 * found.standard_error:.1f}"}  # fmt: skip
    if found.missed:
        return say("{goal} is missed in {share} ± {error} of the draws of {of}", **facts)
    return say("{goal} is met in {share} ± {error} of the draws of {of}", **facts)


def _print(found: Any) -> None:
    if found.box:
        _print_box(found)
    else:
        click.echo(_title(found))
        click.echo(say("No condition on the inputs tells these draws from the others."))
    _print_steps(found)
    _print_tree(found)
    text = say(
        "{searched} of {inputs} inputs were searched, those that differ most. Every third draw was "
        "held back. {draws:,} draws, seed {seed}.",
        searched=len(found.searched), inputs=found.inputs, draws=found.draws, seed=found.seed,
    )  # fmt: skip
    click.echo(text)
    if found.left_out:
        names = ", ".join(found.left_out)
        click.echo(say("note: left out, for its values are no numbers: {names}", names=names))


def _print_box(found: Any) -> None:
    columns = [
        say("missed when") if found.missed else say("met when"), say("evidence"), say("condition"),
        say("prior, 5–95 %"), say("draws, 5–95 %"), say("quasi-p"),
    ]  # fmt: skip
    lines = [
        [
            str(r.input.label), say(r.input.evidence), condition(r), _range(r.input.prior),
            _range(r.drawn), _chances(r),
        ]
        for r in found.box
    ]  # fmt: skip
    print_table(_title(found), columns, lines, left=2)
    for words, quality in (
        (say("Searched draws"), found.found),
        (say("Draws held back"), found.checked),
    ):
        text = say(
            "{which}: coverage {coverage}, density {density}, mass {mass}.", which=words,
            coverage=percent(quality.coverage), density=percent(quality.density),
            mass=percent(quality.mass),
        )  # fmt: skip
        click.echo(text)
    click.echo()


def condition(restriction: Any) -> str:
    """Write the bounds of an input: below, above or between."""
    unit = restriction.input.unit
    low, high = restriction.low, restriction.high
    if low is None:
        return say("below {value}", value=amount_text(amount(high), unit))
    if high is None:
        return say("above {value}", value=amount_text(amount(low), unit))
    return say("between {low} and {high}", low=amount(low), high=amount_text(amount(high), unit))


def amount(value: float) -> str:
    """Write a number with three significant digits, or all before the point.

    >>> amount(0.01234), amount(-3.456), amount(2715.2)
    ('0.0123', '-3.46', '2,715')
    """
    return number(value) if abs(value) >= 100 else f"{value:.3g}"


def _range(ends: tuple[float, float] | None) -> str:
    return (
        "–" if ends is None else say("{low} to {high}", low=amount(ends[0]), high=amount(ends[1]))
    )


def _chances(restriction: Any) -> str:
    both = (restriction.low_chance, restriction.high_chance)
    return ", ".join("< 0.001" if p < 0.001 else f"{p:.3f}" for p in both if p is not None)


def _print_steps(found: Any) -> None:
    """Print some steps on the way: coverage is given up for density."""
    count = len(found.steps)
    places = sorted({round(k * (count - 1) / (SHOWN - 1)) for k in range(SHOWN)} | {found.chosen})
    columns = [
        say("step"), say("inputs bounded"), say("coverage"), say("density"), say("mass")
    ]  # fmt: skip
    lines = []
    for place in places:
        step = found.steps[place]
        mark = " *" if place == found.chosen else ""
        quality = step.quality
        shares = [percent(s) for s in (quality.coverage, quality.density, quality.mass)]
        lines.append([f"{place}{mark}", str(step.bounded), *shares])
    print_table(say("The way to the box (* chosen, then without bounds of chance)"), columns, lines)


def _print_tree(found: Any) -> None:
    click.echo(say("A tree of rules (of the draws in it; of those held back)"))
    for rule in found.tree:
        facts = {
            "rule": _rule(rule), "share": percent(rule.share),
            "probability": percent(rule.probability),
            "held": "–" if rule.held != rule.held else percent(rule.held),
        }  # fmt: skip
        if found.missed:
            text = say("{rule}: {share} of draws, missed in {probability} ({held})", **facts)
        else:
            text = say("{rule}: {share} of draws, met in {probability} ({held})", **facts)
        click.echo("  " * rule.depth + text)
    click.echo()


def _rule(rule: Any) -> str:
    if rule.input is None:
        return say("all")
    value = amount_text(amount(rule.threshold), rule.input.unit)
    label = str(rule.input.label)
    if rule.below:
        return say("{label} at most {value}", label=label, value=value)
    return say("{label} above {value}", label=label, value=value)


COMMANDS = (discover,)
