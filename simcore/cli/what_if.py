"""The command what-if: one question against the baseline, without a file."""

from __future__ import annotations

import json
from typing import Any

import click

from simcore.cli import answers, closures
from simcore.cli.base import Command, json_option, print_json, progress_bar
from simcore.cli.precision import say_sampler
from simcore.cli.refusals import DIFFERENCE, RATE
from simcore.cli.run_options import (
    draws_option,
    fail_fast_option,
    precision_option,
    sampler_option,
    seed_option,
    set_option,
)
from simcore.errors import InputError
from simcore.labels import say

WHAT_IF_DRAWS = 4096


@click.command(
    "what-if", cls=Command, short_help="Answer one question against the baseline, in seconds."
)
@click.option("--gdp-growth", type=RATE, metavar="RATE", help="Real GDP growth a year, such as 5%.")
@click.option(
    "--rnd-growth", type=RATE, metavar="RATE", help="R&D spending growth a year, to 2030."
)
@click.option(
    "--investment-rate", type=RATE, metavar="SHARE", help="Fixed-asset investment over GDP."
)
@click.option("--labour-growth", type=RATE, metavar="RATE", help="Growth of employment a year.")
@click.option(
    "--tfp", type=DIFFERENCE, metavar="DIFFERENCE",
    help="Added productivity growth, such as '+0.3 pp'.",
)  # fmt: skip
@click.option("--zone", default="*", help="One zone; every zone by default.")
@click.option(
    "--mode", type=click.Choice(closures.MODES), default="set", show_default=True,
    help="Fix growth in every draw, or its mean; weigh draws by it; or find the lever it takes.",
)  # fmt: skip
@click.option("--tolerance", metavar="POINTS", help="Of condition, such as '0.5 pp', the default.")
@click.option("--instrument", metavar="LEVER", help="Of target, such as donghu.tfp.")
@click.option("--probability", metavar="SHARE", help="Of target; 80% by default.")
@click.option("--from", "base", default="baseline", show_default=True, help="Scenario to change.")
@click.option("--indicator", "indicators", multiple=True, help="Instead of gdp, output and rnd.")
@click.option("--year", "years", type=int, multiple=True, help="Instead of 2025, 2030 and 2035.")
@draws_option
@seed_option
@precision_option
@sampler_option
@fail_fast_option
@set_option
@json_option
def what_if(
    gdp_growth: str | None,
    rnd_growth: str | None,
    investment_rate: str | None,
    labour_growth: str | None,
    tfp: str | None,
    zone: str,
    mode: str,
    tolerance: str | None,
    instrument: str | None,
    probability: str | None,
    base: str,
    indicators: tuple[str, ...],
    years: tuple[int, ...],
    draws: int | None,
    seed: int | None,
    precision: Any,
    sampler: Any,
    fail_fast: bool,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Answer one question against the baseline, in seconds and without a file.

    \b
    Example: simcore what-if --gdp-growth 5%
             simcore what-if --gdp-growth 5% --mode condition --tolerance '0.5 pp'
             simcore what-if --rnd-growth 14% --zone donghu
    """
    from simcore.comparison import DEFAULT_INDICATORS, compare, rows
    from simcore.dataset import run_plan
    from simcore.plan import Plan
    from simcore.reconcile import reconcile
    from simcore.scenario import load_scenario
    from simcore.what_if import demands, what_if_scenario

    levers = {"investment_rate": investment_rate, "labour_growth": labour_growth, "tfp": tfp}
    closure = closures.Closure(mode, gdp_growth, zone, tolerance, instrument, probability)
    closure.check()
    laid = closure.levers
    laid += [f"levers.{zone}.{name}.value={value}" for name, value in levers.items() if value]
    if rnd_growth:
        laid += [
            f"levers.{zone}.rnd_growth.value={rnd_growth}", f"levers.{zone}.rnd_growth.until=2030"
        ]  # fmt: skip
    if not laid and not settings and base == "baseline" and not closure.asked:
        raise InputError(
            say("what if what? give --gdp-growth 5%, another lever, or --set KEY=VALUE")
        )
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    question = what_if_scenario(baseline, [*laid, *settings], base=base)
    reference = load_scenario("baseline", baseline)
    seed = question.sampling.seed if seed is None else seed
    run: dict[str, Any] = {
        "draws": draws or WHAT_IF_DRAWS, "seed": seed, "precision": precision,
        "sampler": sampler or question.sampling.sampler,
    }  # fmt: skip
    if found_lever := closure.seek(base, [*laid, *settings], question.horizon, baseline, run):
        question = what_if_scenario(baseline, [*laid, *settings, *found_lever], base=base)
    plan = Plan((reference, question), posterior=posterior, fail_fast=fail_fast, **run)
    say_sampler(plan)
    with progress_bar(2 * plan.draws, say("draws")) as progress:
        dataset = closure.weigh(run_plan(plan, progress))
    found = rows(compare(dataset, "baseline", indicators or DEFAULT_INDICATORS, years or None))
    asked = demands(dataset, question, baseline.base_year)
    masked = dataset.simcore.masked().to_series().to_dict()
    if as_json:
        print_json(
            "what-if", found,
            **answers.demand_fields(mode, asked) | closure.fields(dataset), draws=plan.draws,
            seed=seed, masked=masked,
        )  # fmt: skip
    else:
        click.echo(answers.question(base, [*closure.asked, *laid], settings))
        closure.print(dataset, baseline)
        answers.print_demands(asked, mode, baseline)
        answers.print_comparison(found, baseline)
        answers.print_masked(json.loads(dataset.attrs["unusual"]), masked, plan.draws)
        click.echo(
            say(
                "{draws:,} draws, seed {seed}; medians with 90 % bands.",
                draws=plan.draws, seed=seed,
            )
        )  # fmt: skip


COMMANDS = (what_if,)
