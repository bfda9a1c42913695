"""The commands run and sweep: scenarios simulated into a result file."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from simcore.cli import answers
from simcore.cli.base import Command, progress_bar
from simcore.cli.precision import FEWEST, print_estimate, print_precision, say_sampler
from simcore.cli.run_options import How, run_options, set_option
from simcore.errors import InputError
from simcore.labels import say


@click.command(cls=Command)
@click.argument("scenarios", nargs=-1, required=True)
@set_option
@run_options
def run(scenarios: tuple[str, ...], settings: tuple[str, ...], how: How) -> None:
    """Run scenarios on common random numbers into one result file.

    A scenario is a shipped name (simcore list), a YAML file, or a+b composed of two.

    \b
    Example: simcore run baseline growth-5 -n 10000 -o growth.h5
    """
    from simcore.reconcile import reconcile
    from simcore.scenario import load_scenario

    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    chosen = tuple(_all(lambda name: load_scenario(name, baseline, settings), scenarios))
    name = "+".join(scenario.name for scenario in chosen)
    _execute(chosen, name, how, posterior, {})


def _all(load: Callable[[str], Any], names: Sequence[str]) -> list[Any]:
    """Load every scenario, and report the problems of all of them together."""
    loaded, errors = [], []
    for name in names:
        try:
            loaded.append(load(name))
        except InputError as error:
            errors.append(error)
    if errors:
        raise InputError("\n".join(dict.fromkeys(map(str, errors))))
    return loaded


@click.command(cls=Command, short_help="Run a sweep file: a scenario for every point of its axes.")
@click.argument("file")
@run_options
def sweep(file: str, how: How) -> None:
    """Run the Monte Carlo sweep of a sweep file: a scenario for every point of its axes.

    \b
    Example: simcore sweep growth-by-rnd -n 2000 -o sweep.h5
    """
    from simcore.design import describe, load_design
    from simcore.reconcile import reconcile

    posterior = reconcile()
    design = load_design(file, posterior.problem.past.baseline)
    sampling = design.sweep.sampling
    how = replace(
        how, draws=how.draws or sampling.draws,
        seed=sampling.seed if how.seed is None else how.seed,
        sampler=how.sampler or sampling.sampler,
    )  # fmt: skip
    scenarios = tuple(point.scenario for point in design.points)
    path = _execute(scenarios, design.sweep.name, how, posterior, describe(design.points))
    if path is not None and how.keep == "full":  # a mean over years needs the draws
        answers.print_required(path, posterior.problem.past.baseline)


def _execute(
    scenarios: tuple[Any, ...],
    name: str,
    how: How,
    posterior: Any,
    points: Mapping[str, Sequence[str | float]],
) -> Path | None:
    """Run scenarios into a file, with a progress bar and an end line; returns the file.

    A dry run prints an estimate and returns None.
    """
    from simcore.plan import Plan
    from simcore.production import produce
    from simcore.writing import refuse_existing

    sampling = scenarios[0].sampling
    seed = sampling.seed if how.seed is None else how.seed
    plan = Plan(
        scenarios, how.draws or sampling.draws, seed, posterior, points,
        sampler=how.sampler or sampling.sampler, precision=how.precision, fail_fast=how.fail_fast,
        keep=how.keep, block_draws=int(how.block_draws or 1024),
    )  # fmt: skip
    say_sampler(plan)
    if how.dry_run:
        print_estimate(plan, how.workers, _blocks(plan, how.part))
        return None
    path = how.output or _default_output(name, plan)
    refuse_existing(path, force=how.force or how.resume)
    if how.part is not None:
        _execute_part(plan, path, how)
        return None
    started = time.perf_counter()
    with progress_bar(plan.draws * len(scenarios), say("draws")) as progress:
        outcome = produce(
            plan, path, workers=how.workers, resume=how.resume, force=how.force, progress=progress,
            cluster=_cluster(how), block_draws=int(how.block_draws) if how.block_draws else None,
        )  # fmt: skip
    seconds = time.perf_counter() - started
    if plan.draws >= FEWEST:
        print_precision(path, plan)
    _say_outcome(outcome, plan, path, seconds)
    return path


def _blocks(plan: Any, part: tuple[int, int] | None) -> range | None:
    """Return the blocks of the part that is asked for, if one is; refuse what it cannot be."""
    from simcore.production import part_of, refuse_part_of_summaries

    if part is None:
        return None
    refuse_part_of_summaries(plan)
    return part_of(plan.blocks, part)


def _execute_part(plan: Any, path: Path, how: How) -> None:
    """Compute a part of the blocks, and say where they are."""
    from simcore.production import produce_part
    from simcore.shards import Parts

    assert how.part is not None
    with progress_bar(plan.draws * len(plan.scenarios) // how.part[1], say("draws")) as progress:
        blocks, _ = produce_part(
            plan, path, how.part, workers=how.workers, resume=how.resume, force=how.force,
            progress=progress, cluster=_cluster(how),
            block_draws=int(how.block_draws) if how.block_draws else None,
        )  # fmt: skip
    click.echo(
        say(
            "part {number} of {count}: blocks {first} to {last} are in {folder}; "
            "simcore merge joins the parts",
            number=how.part[0], count=how.part[1], first=blocks.start, last=blocks.stop - 1,
            folder=Parts(path).folder,
        )
    )  # fmt: skip


def _cluster(how: How) -> Any:
    """Return the Dask cluster that was asked for, which says where its dashboard is."""
    if how.dask is None:
        return None
    from simcore.cluster import Cluster

    def announce(link: str) -> None:
        click.echo(say("Dask dashboard: {link}", link=link), err=True)

    return Cluster(how.dask, how.workers, announce)


def _say_outcome(outcome: Any, plan: Any, path: Path, seconds: float) -> None:
    for name in outcome.damaged:
        click.echo(say("note: {name} was damaged; its draws were computed again", name=name),
                   err=True)  # fmt: skip
    total = plan.draws * len(plan.scenarios)
    answers.print_unusual(outcome.tally.rows(), total)
    answers.print_masked(outcome.tally.rows(), outcome.tally.masked, plan.draws)
    if outcome.kept:
        click.echo(say("{kept} of {blocks} blocks were there already",
                       kept=outcome.kept, blocks=outcome.blocks))  # fmt: skip
    click.echo(
        say(
            "{draws:,} draws × {scenarios} scenarios in {seconds:.1f} s, {size:.0f} MB, "
            "seed {seed}: {path}",
            draws=plan.draws, scenarios=len(plan.scenarios), seconds=seconds,
            size=path.stat().st_size / 1e6, seed=plan.seed, path=path,
        )
    )  # fmt: skip


def _default_output(name: str, plan: Any) -> Path:
    from simcore.study import outputs_folder

    safe = re.sub(r"[^\w+.-]+", "-", name)[:80]
    return outputs_folder() / (f"{safe}__n{plan.draws}__s{plan.seed}__{plan.fingerprint[:8]}.h5")


COMMANDS = (run, sweep)
