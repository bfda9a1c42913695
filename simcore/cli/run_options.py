"""How a command runs into a file: its options, and what they say together."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import force_option
from simcore.labels import say

SAMPLERS = ("random", "lhs", "sobol")  # of simcore.samplers
BLOCK_SIZES = ("256", "1024", "4096")  # of simcore.sampling, which takes long to import
draws_option = click.option("-n", "--draws", type=click.IntRange(1), help="Number of draws.")
sampler_option = click.option(
    "--sampler", type=click.Choice(SAMPLERS),
    help="How uncertain parameters are placed: independent, a Latin hypercube, Sobol' points.",
)  # fmt: skip
seed_option = click.option("--seed", type=click.IntRange(0), help="Seed of the random numbers.")
fail_fast_option = click.option(
    "--fail-fast", is_flag=True,
    help="Stop at the first draw that breaks something; else it is masked.",
)  # fmt: skip
precision_option = click.option(
    "--precision", type=click.Choice(["double", "single"]), default="double", show_default=True,
    help="Of shocks and projection; single is faster, and exact to 1e-5.",
)  # fmt: skip


@dataclass(frozen=True)
class How:
    """How to run: what the options of every running command say."""

    draws: int | None
    seed: int | None
    sampler: Any
    output: Path | None
    workers: int | None
    dask: str | None
    block_draws: str | None
    precision: Any
    keep: Any
    part: tuple[int, int] | None
    resume: bool
    force: bool
    fail_fast: bool
    dry_run: bool


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that runs into a file; the command gets them as ``how``."""

    @functools.wraps(function)
    def command(**given: Any) -> Any:
        from simcore.study import study

        how, in_use = How(**{field.name: given.pop(field.name) for field in fields(How)}), study()
        if in_use is not None:
            how = replace(
                how, draws=how.draws or in_use.settings.draws,
                seed=in_use.settings.seed if how.seed is None else how.seed,
            )  # fmt: skip
        return function(how=how, **given)

    options = (
        draws_option, seed_option, sampler_option,
        click.option("-o", "--output", type=click.Path(path_type=Path),
                     help="Result file; outputs/… by default."),
        click.option("--workers", type=click.IntRange(1), help="Processes; one a core by default."),
        click.option("--dask", metavar="ADDRESS",
                     help="Run on Dask: local, or a scheduler such as tcp://host:8786."),
        click.option("--block-draws", type=click.Choice(BLOCK_SIZES),
                     help="Draws of a block of work, 1024 by default; no number depends on it. "
                     "Bigger blocks mean fewer files on slow shared storage."),
        precision_option,
        click.option("--keep", type=click.Choice(["full", "summary"]), default="full",
                     show_default=True,
                     help="Every draw, or exact quantiles and means alone, in little memory."),
        click.option("--part", metavar="K/N", callback=_part,
                     help="Compute the K-th of N parts alone; simcore merge joins them."),
        click.option("--resume", is_flag=True,
                     help="Keep what an interrupted run, or one of fewer draws, has done."),
        force_option,
        fail_fast_option,
        click.option("--dry-run", is_flag=True,
                     help="Say what it would take and how exact it would be; run nothing."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _part(context: click.Context, option: click.Parameter, value: str | None) -> Any:
    """Read 1/3 as (1, 3)."""
    if value is None:
        return None
    number, _, of = value.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise click.BadParameter(say("a part is K/N, such as 1/3"))
    return int(number), int(of)


def set_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that lays single values on a scenario."""
    return click.option(
        "--set", "settings", multiple=True, metavar="KEY=VALUE",
        help="Lay a value on top, such as levers.donghu.gdp_growth=5%.",
    )(function)  # fmt: skip
