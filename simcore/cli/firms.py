"""The command firms: the ladder of firms, its goals, its fit, and the log of one replication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import (
    Command,
    print_json,
    print_table,
    refuse_options_of_result,
)
from simcore.cli.firm_tables import Found, print_firms, print_stored
from simcore.cli.sources import is_result, output_options, refuse_output, write_rows
from simcore.errors import InputError, did_you_mean, known_names
from simcore.labels import say

EVENTS = 20  # of a trace are printed; JSON and --data have all


@click.command(cls=Command, short_help="Simulate the ladder of technology firms.")
@click.argument("scenario", default="baseline")
@click.option("--zone", "zones", multiple=True, help="A zone; without one, all.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set a lever.")
@click.option(
    "-n", "--draws", type=click.IntRange(min=2), default=4096, show_default=True, help="Draws."
)
@click.option("--seed", type=int, default=20211222, show_default=True, help="Seed.")
@click.option("--year", "years", type=int, multiple=True, help="A year of the table.")
@click.option(
    "--trace", type=click.IntRange(min=0), metavar="DRAW",
    help="Print the events of one draw's firms instead.",
)  # fmt: skip
@output_options("Also draw it: .png, .svg or .pdf.")
def firms(
    scenario: str,
    zones: tuple[str, ...],
    settings: tuple[str, ...],
    draws: int,
    seed: int,
    years: tuple[int, ...],
    output: Path | None,
    data: Path | None,
    trace: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Simulate the ladder of technology firms, from start-ups to listed ones, with its goals.

    \b
    Example: simcore firms --zone donghu --set levers.donghu.firms.promotion=20%
             simcore firms outputs/x.h5

    Of a result file, the ladders that it keeps of its scenarios are printed.
    """
    if is_result(scenario):
        refuse_options_of_result()
        _print_stored(Path(scenario), zones, as_json=as_json)
        return
    from simcore.ladder_fit import fit_firms
    from simcore.ladder_members import factors_of
    from simcore.ladder_table import FirmEnsemble
    from simcore.ladder_table import trace as events
    from simcore.reconcile import reconcile
    from simcore.scenario import load_scenario

    posterior = reconcile()
    past = posterior.problem.past
    resolved = load_scenario(scenario, past.baseline, settings)
    fitted = fit_firms(past.baseline, past.priors)
    chosen = _zones(zones, fitted.problem.zones)
    if trace is not None and output is not None:
        raise InputError(say("a trace is a list of events: there is no picture of it"))
    refuse_output(output, data, force=force)
    _refuse_years(years, chosen, fitted.problem, resolved.horizon)
    factors = factors_of(fitted.problem, resolved)
    if trace is not None:
        logs = {
            zone: events(fitted, seed, trace, zone, resolved.horizon, factors.get(zone))
            for zone in chosen
        }
        if data is not None:
            write_rows(
                [
                    {"scenario": resolved.name, "draw": trace, "seed": seed} | row
                    for row in _event_rows(logs)
                ],
                data,
            )
        if as_json:
            print_json("firms", _event_rows(logs), scenario=resolved.name, draw=trace, seed=seed)
            return
        _print_events(fitted.problem, trace, logs)
        _say_written(data)
        return
    ensemble = FirmEnsemble(fitted, seed, draws, resolved.horizon, factors)
    beside = FirmEnsemble(fitted, seed, draws, resolved.horizon) if factors else None
    found = Found(ensemble, beside, posterior, resolved, chosen)
    if output is not None:
        from simcore.ladder_plot import firms_chart

        firms_chart(ensemble, found.rows, found.goals, found.satellites, output, force=force)
    if data is not None:
        write_rows(found.named(found.rows), data)
    if as_json:
        print_json("firms", found.named(found.rows), **found.fields())
        return
    print_firms(found, years)
    _say_written(output, data)


def _print_stored(path: Path, zones: tuple[str, ...], *, as_json: bool) -> None:
    from simcore.stored_groups import stored_groups, stored_ladder

    rows, without = stored_ladder(path, zones)
    if as_json:
        print_json(
            "firms", [asdict(row) for row in rows], file=str(path),
            without_levers=[asdict(row) for row in without],
        )  # fmt: skip
        return
    print_stored(rows, without, stored_groups(path)["firms"])


def _say_written(*paths: Path | None) -> None:
    for path in paths:
        if path is not None:
            click.echo(str(path))


def _zones(wanted: Sequence[str], known: Sequence[str]) -> list[str]:
    for zone in wanted:
        if zone not in known:
            near = did_you_mean(zone, known) or known_names(known)
            raise InputError(say("'{zone}' has no ladder of firms{near}", zone=zone, near=near))
    return [zone for zone in known if not wanted or zone in wanted]


def _refuse_years(years: Sequence[int], zones: Sequence[str], problem: Any, last: int) -> None:
    """Refuse years that a zone does not have."""
    for zone in zones:
        first = problem.firms.zones[zone].first_year
        for year in years:
            if not first <= year <= last:
                raise InputError(say(
                    "{zone} has firms from {first} to {last}, not in {year}",
                    zone=zone, first=first, last=last, year=year,
                ))  # fmt: skip


# --- one draw -------------------------------------------------------------------------------------


def _event_rows(replications: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"zone": zone, **asdict(event)}
        for zone, replication in replications.items()
        for event in replication.events
    ]


def _print_events(problem: Any, draw: int, replications: Mapping[str, Any]) -> None:
    """Print the first events of the firms of one draw, in the order of their dates."""
    labels = problem.firms.rungs
    for zone, replication in replications.items():
        table = [
            [f"{event.date:.3f}", event.firm, say(event.kind),
             *(str(labels[name].label) if name in labels else say("outside")
               for name in (event.start, event.end))]
            for event in replication.events[:EVENTS]
        ]  # fmt: skip
        title = say(
            "Draw {draw}, {zone}: the first {shown} of {count} events",
            draw=draw, zone=problem.baseline.zones[zone].label, shown=len(table),
            count=f"{len(replication.events):,}",
        )  # fmt: skip
        columns = [say("date"), say("firm"), say("event"), say("from"), say("to")]
        print_table(title, columns, table, left=5)


COMMANDS = (firms,)
