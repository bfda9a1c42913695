"""The command solve: what it would take to meet a goal."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import Command, force_option, json_option
from simcore.cli.run_options import precision_option, sampler_option
from simcore.cli.solutions import answer_pair, answer_single
from simcore.cli.targets import DRAWS
from simcore.errors import InputError
from simcore.labels import say

PATHS = ("constant", "ramp")  # of simcore.lever_shapes
OBJECTIVES = ("value", "cost")  # of simcore.goal_seek


@click.command(cls=Command, short_help="Find the lever's value that makes a goal likely enough.")
@click.option(
    "--target", required=True, metavar="GOAL",
    help="Such as donghu.gdp.2030=5000, or the id of a documented goal.",
)  # fmt: skip
@click.option("--probability", default="80%", show_default=True, help="That it shall have.")
@click.option(
    "--instrument", "instruments", required=True, multiple=True, metavar="LEVER",
    help="Such as donghu.rnd_growth, '*.tfp' or donghu.optoelectronics.growth; two: the frontier.",
)  # fmt: skip
@click.option("--between", nargs=2, metavar="LOW HIGH", help="Instead of the lever's own range.")
@click.option(
    "--path", type=click.Choice(PATHS),
    help="One value, or a ramp up to it in the goal's year; the first by default, for the lowest "
    "cost both.",
)  # fmt: skip
@click.option("--from-year", type=int, help="First year of the path; the first projected one.")
@click.option(
    "--minimise", type=click.Choice(OBJECTIVES), default="value", show_default=True,
    help="The value; or the cost, over all paths and first years that are left open.",
)  # fmt: skip
@click.option(
    "--discount", metavar="RATE", help="Real discount rate of the cost; the calibration's, 8%."
)
@click.option("--from", "base", default="baseline", show_default=True, help="Scenario to change.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set a lever.")
@click.option(
    "-n", "--draws", type=click.IntRange(min=2),
    help=f"Draws; {DRAWS:,}, or 1,024 for two levers or the lowest cost.",
)  # fmt: skip
@click.option("--seed", type=int, help="Seed; the scenario's by default.")
@sampler_option
@precision_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Draw the frontier: .png, .svg, .pdf."
)
@force_option
@json_option
def solve(
    target: str,
    probability: str,
    instruments: tuple[str, ...],
    between: tuple[str, str] | None,
    path: str | None,
    from_year: int | None,
    minimise: str,
    discount: str | None,
    base: str,
    settings: tuple[str, ...],
    draws: int | None,
    seed: int | None,
    sampler: Any,
    precision: Any,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Find the smallest value, or the cheapest path, of a lever that makes a goal likely enough.

    If no value of the lever's range does, it says what the best one reaches. Two levers give the
    frontier: for each of several values of the first, the smallest of the second. A lever that is
    paid for has a cost: the added spending up to the goal's year, discounted.

    \b
    Example: simcore solve --target donghu.gdp.2030=5000 --probability 80% --instrument donghu.tfp
             simcore solve --target jingkai.gdp_growth.2024-2030=6% --instrument '*.rnd_growth'
             simcore solve --target donghu.gdp.2030=4500 --probability 50% \
               --instrument donghu.investment_rate --minimise cost
    """
    how: dict[str, Any] = {
        "base": base, "settings": settings, "discount": discount, "seed": seed,
        "sampler": sampler, "precision": precision,
    }  # fmt: skip
    if len(instruments) > 1:
        if len(instruments) > 2 or between or path or from_year or minimise != "value":
            raise InputError(
                say("a frontier is of two instruments, each constant and over its own range")
            )
        from simcore.cli.sources import refuse_output
        from simcore.lever_frontier import frontier

        refuse_output(output, None, force=force)
        pair = instruments[0], instruments[1]
        how |= {"draws": draws} if draws else {}
        with _second_process(instruments):
            both = frontier(target, probability, pair, **how)
        answer_pair(both, output, force=force, as_json=as_json)
        return
    if output is not None:
        raise InputError(say("-o draws a frontier: give two instruments"))
    with _second_process(instruments):
        from simcore.goal_seek import solve as seek

        found = seek(
            target, probability, instruments[0], between=between, path=path, from_year=from_year,
            minimise=minimise, draws=draws, **how,
        )  # fmt: skip
    answer_single(found, [base, *settings], as_json=as_json)


def _second_process(instruments: tuple[str, ...]) -> AbstractContextManager[None]:
    """Replications of projects, which take the most time, are shared by two processes."""
    from simcore.aside import beside

    of_projects = any(".projects." in name for name in instruments)
    return beside("simcore.pipeline_fast") if of_projects else nullcontext()


COMMANDS = (solve,)
