"""What a run will take, and whether its draws were enough, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simcore.cli.base import print_table
from simcore.labels import say
from simcore.number_text import number, percent
from simcore.units import MONEY, unit_text

FEWEST = 500  # draws below which their own standard errors are too rough to be told


def say_sampler(plan: Any) -> None:
    """Note what Sobol' points ask of the number of draws."""
    if plan.sampler == "sobol" and plan.draws & (plan.draws - 1):
        click.echo(
            say(
                "note: Sobol' points are most even in powers of two, such as {draws} draws",
                draws=1 << plan.draws.bit_length(),
            ),
            err=True,
        )


def _say_dependence(plan: Any) -> None:
    """Say what a standard error is worth where draws are not independent."""
    if plan.sampler != "random":
        click.echo(
            say(
                "the standard error is that of independent draws; {sampler} usually does better",
                sampler=plan.sampler,
            )
        )


def print_estimate(plan: Any, workers: int | None, part: range | None = None) -> None:
    """Print points, draws, time, size and the standard errors of the headline's quantiles.

    ``part`` : the blocks of a part, which takes less and is as exact as the whole it belongs to.
    """
    from simcore.precision import estimate
    from simcore.threads import cores

    found = estimate(plan, part)
    processes = workers or cores()
    seconds = found.before + found.seconds / processes
    click.echo(
        say(
            "{scenarios} scenarios × {draws:,} draws: about {seconds:.0f} s on {workers} "
            "processes, {size:,.0f} MB",
            scenarios=found.scenarios, draws=found.draws, seconds=seconds, workers=processes,
            size=found.megabytes,
        )
    )  # fmt: skip
    if part is None:
        click.echo(say("up to {size:,.0f} MB of blocks beside it while it runs", size=found.beside))
    table = [
        [str(_zone(plan, row.zone)), f"{row.year}", f"{100 * row.quantile:g} %", number(row.value),
         number(row.standard_error), percent(row.relative)]
        for row in found.precision
    ]  # fmt: skip
    columns = [
        say("zone"), say("year"), say("quantile"), say("about"), say("standard error"), "%",
    ]  # fmt: skip
    print_table(say("How exact GDP would be, {unit}", unit=unit_text(MONEY)), columns, table)
    _say_dependence(plan)
    click.echo(say("nothing was run"))


def print_precision(path: Path, plan: Any) -> None:
    """Say how exactly the headline's median is known, and what to do if that is not enough."""
    from simcore.precision import ENOUGH, enough, precision_of

    found = precision_of(path, plan.layout)
    worst = max((row for row in found if row.quantile == 0.5), key=lambda row: row.relative)
    known = say(
        "GDP of {year}: the median is known to ± {error} (standard error, {zone})",
        year=worst.year, error=percent(worst.relative), zone=_zone(plan, worst.zone),
    )  # fmt: skip
    if enough(found):
        click.echo(say("{known}; enough for most questions", known=known))
        _say_dependence(plan)
        return
    draws = round(plan.draws * (worst.relative / ENOUGH) ** 2, -3)
    more = say(
        "{known}; -n {draws} would make it {goal}",
        known=known, draws=f"{max(draws, 1000):.0f}", goal=percent(ENOUGH),
    )  # fmt: skip
    click.echo(more)
    _say_dependence(plan)


def _zone(plan: Any, name: str) -> Any:
    return plan.posterior.problem.past.baseline.zones[name].label
