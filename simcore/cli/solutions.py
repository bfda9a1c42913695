"""How the answers of a goal seek are printed: one lever's, the cheapest path's, a frontier."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import print_json, print_table
from simcore.labels import say
from simcore.number_text import number, percent
from simcore.units import MONEY, amount_text, unit_text

Row = dict[str, Any]


def answer_single(found: Any, words: Sequence[str], *, as_json: bool) -> None:
    """Print what one lever takes; ``words`` are the scenario and the settings it is laid on."""
    if as_json:
        trials = [{"value": t.value, "probability": t.probability} for t in found.trials]
        paths = {"paths": list(map(solution_row, found.candidates))} if found.candidates else {}
        print_json("solve", [solution_row(found)], seed=found.seed, trials=trials, **paths)
        return
    print_solution(found)
    if found.candidates:
        _print_paths(found)
    _print_cost(found)
    if found.feasible:
        line = ["simcore", "run", words[0]]
        for setting in (*words[1:], found.setting):
            line += ["--set", setting]
        click.echo(shlex.join(line))
    click.echo(
        say(
            "{draws:,} draws of {scenario}, seed {seed}.",
            draws=found.draws, scenario=found.base, seed=found.seed,
        )
    )  # fmt: skip


def solution_row(found: Any) -> Row:
    """Return what JSON says of the answer to a goal seek."""
    lever, cost = found.instrument, found.cost
    scale = 1 if lever.kind.years else 100
    return {
        "target": found.target, "wanted": found.wanted, "instrument": lever.name,
        "value": scale * found.value, "set": found.setting, "probability": found.probability,
        "standard_error": found.standard_error, "draws": found.draws, "feasible": found.feasible,
        "best_probability": found.best_probability, "probability_without": found.without,
        "monotone": found.monotone, "low": scale * lever.low, "high": scale * lever.high,
        "path": found.shape.form, "from_year": found.shape.start or found.years[0],
        "cost": cost and cost.mean, "cost_q05": cost and cost.q05, "cost_q95": cost and cost.q95,
        "discount_rate": 100 * found.discount,
    }  # fmt: skip


def print_solution(found: Any) -> None:
    """Say which value of the instrument does it, or what the best one reaches."""
    lever = found.instrument
    facts = {
        "lever": lever.name, "label": lever.kind.label, "value": lever.written(found.value),
        "low": lever.written(lever.low), "high": lever.written(lever.high),
        "probability": percent(found.probability), "error": f"{100 * found.standard_error:.1f}",
    }  # fmt: skip
    click.echo(
        say(
            "Wanted: {target} with P ≥ {wanted}; without the instrument P = {without}.",
            target=found.target, wanted=percent(found.wanted), without=percent(found.without),
        )
    )  # fmt: skip
    if not found.feasible:
        click.echo(
            say(
                "No value of {lever} ({label}) from {low} to {high} does it; the best reaches "
                "P = {probability} ± {error} at {value}.",
                **facts,
            )
        )
        return
    click.echo(_takes(found, facts))
    if found.shape.form == "ramp":
        click.echo(
            say(
                "It rises from {usual}, what it is without it, in {first} to that in {last}.",
                usual=lever.written(found.shape.usual), first=found.shape.start,
                last=found.years[1],
            )
        )  # fmt: skip
    elif found.shape.start is not None:
        click.echo(say("It begins in {first}.", first=found.shape.start))
    if found.value == (lever.high if lever.kind.falls else lever.low):
        click.echo(say("That is the end of the range: the goal needs less than that."))
    if not found.monotone:
        click.echo(say("note: more of it did not always do better; see --json"), err=True)


def _takes(found: Any, facts: Row) -> str:
    """Return what is needed, or how far the lever may give way."""
    if found.instrument.kind.falls:
        return say(
            "It takes {lever} ({label}) of at most {value}: P = {probability} ± {error}. Looked "
            "for from {low} to {high}.",
            **facts,
        )
    if found.needless:
        return say(
            "Nothing is needed: the goal is likely enough without {lever} ({label}); it may fall "
            "to {value}: P = {probability} ± {error}. Looked for from {low} to {high}.",
            **facts,
        )
    return say(
        "It takes {lever} ({label}) of {value}: P = {probability} ± {error}. Looked for from "
        "{low} to {high}.",
        **facts,
    )


def _print_cost(found: Any) -> None:
    """Say what the path costs, if the lever is paid for."""
    if found.cost is None or not found.feasible:
        return
    saved = found.cost.mean < 0
    ends = (found.cost.mean, found.cost.q05, found.cost.q95)
    mean, *band = map(number, (-end for end in ends) if saved else ends)
    facts = {
        "cost": amount_text(mean, MONEY), "low": band[saved], "high": band[not saved],
        "first": found.years[0], "last": found.years[1], "rate": percent(found.discount),
    }  # fmt: skip
    if saved:
        text = say(
            "It saves spending of {cost} ({low} to {high}) at 2020 prices in "
            "{first}–{last}, discounted at {rate} a year.",
            **facts,
        )
    else:
        text = say(
            "It adds spending of {cost} ({low} to {high}) at 2020 prices in "
            "{first}–{last}, discounted at {rate} a year.",
            **facts,
        )
    click.echo(text)


def _print_paths(found: Any) -> None:
    """Print the best of every path, the cheapest marked."""
    forms = {"constant": say("constant"), "ramp": say("ramp")}
    lines = []
    for one in found.candidates:
        best = one.feasible and one.setting == found.setting
        lines.append(
            [forms[one.shape.form], str(one.shape.start or one.years[0]),
             one.instrument.written(one.value) if one.feasible else "–",
             percent(one.probability), _cost(one) + (" *" if best else "")]
        )  # fmt: skip
    columns = [
        say("path"),
        say("from year"),
        found.instrument.name,
        "P",
        say("cost, {unit}", unit=unit_text(MONEY)),
    ]
    print_table(say("What every path takes, and costs; * the cheapest"), columns, lines, left=1)


def _cost(solution: Any) -> str:
    return number(solution.cost.mean) if solution.cost and solution.feasible else "–"


# --- two levers -----------------------------------------------------------------------------------


def answer_pair(found: Any, output: Path | None, *, force: bool, as_json: bool) -> None:
    """Print or draw the frontier of two instruments."""
    if output is not None:
        from simcore.frontier_plot import frontier_chart

        frontier_chart(found, output, force=force)
    if as_json:
        scale = 1 if found.first.kind.years else 100
        rows = [
            solution_row(point.answer)
            | {"first": found.first.name, "first_value": scale * point.value,
               "first_set": point.setting, "cheapest": point is found.cheapest}
            for point in found.points
        ]  # fmt: skip
        print_json("solve", rows, seed=found.alone.seed, alone=solution_row(found.alone))
        return
    _print_frontier(found)
    if output is not None:
        click.echo(str(output))


def _print_frontier(found: Any) -> None:
    title = say(
        "Pairs that give {target} a probability of {wanted}",
        target=found.alone.target, wanted=percent(found.alone.wanted),
    )  # fmt: skip
    second, cheapest = found.second, found.cheapest
    columns, lines = [found.first.name, second.name, "P"], []
    for point in found.points:
        value = second.written(point.answer.value) if point.answer.feasible else "–"
        lines.append([found.first.written(point.value), value, percent(point.answer.probability)])
        if cheapest:
            lines[-1].append(_cost(point.answer) + (" *" if point is cheapest else ""))
    if cheapest:
        columns.append(say("cost, {unit}", unit=unit_text(MONEY)))
    print_table(title, columns, lines, left=0)
    if not all(point.answer.feasible for point in found.points):
        click.echo(
            say(
                "–: no value of {lever} from {low} to {high} does it; P is then the best.",
                lever=second.name, low=second.written(second.low),
                high=second.written(second.high),
            )
        )  # fmt: skip
    if cheapest:
        click.echo(
            say(
                "* the cheapest pair: spending that both add in {first}–{last}, at 2020 prices, "
                "discounted at {rate} a year.",
                first=found.alone.years[0], last=found.alone.years[1],
                rate=percent(found.alone.discount),
            )
        )  # fmt: skip
        return
    free = [lever.name for lever in (found.first, found.second) if not lever.kind.spends]
    if free:
        click.echo(say("{levers}: no cost in the model, so no pair is the cheapest.",
                       levers=", ".join(free)))  # fmt: skip
