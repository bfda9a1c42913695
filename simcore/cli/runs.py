"""Commands that simulate and compare: run, sweep, what-if, compare."""

from __future__ import annotations

import functools
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import click

from simcore.cli import answers, closures
from simcore.cli.base import Command, force_option, json_option, print_json, progress_bar
from simcore.cli.precision import FEWEST, print_estimate, print_precision, say_sampler
from simcore.cli.rankings import print_rankings, print_unchanged
from simcore.cli.refusals import DIFFERENCE, RATE
from simcore.errors import InputError
from simcore.labels import say

WHAT_IF_DRAWS = 4096
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
    from simcore.store import refuse_existing

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
    "--tfp",
    type=DIFFERENCE,
    metavar="DIFFERENCE",
    help="Added productivity growth, such as '+0.3 pp'.",
)
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


@click.command(cls=Command, short_help="Compare scenarios draw by draw.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--baseline", help="Scenario to compare with; baseline, or the first one.")
@click.option("--indicator", "indicators", multiple=True, help="Instead of gdp, output and rnd.")
@click.option("--year", "years", type=int, multiple=True, help="Instead of 2025, 2030 and 2035.")
@click.option("--only-changed", is_flag=True, help="Leave out what the scenario does not change.")
@click.option("--rank", is_flag=True, help="Also rank the scenarios, in the last year compared.")
@json_option
def compare(
    files: tuple[Path, ...],
    baseline: str | None,
    indicators: tuple[str, ...],
    years: tuple[int, ...],
    only_changed: bool,
    rank: bool,
    as_json: bool,
) -> None:
    """Compare scenarios draw by draw: medians, 90 % bands, P(above the baseline).

    \b
    Example: simcore compare outputs/demo.h5 --indicator gdp --year 2030
             simcore compare outputs/a.h5 outputs/b.h5 --rank --only-changed
    """
    from simcore.baseline import load_baseline
    from simcore.comparison import DEFAULT_INDICATORS, reference_of, rows, unchanged
    from simcore.comparison import compare as paired
    from simcore.dataset import open_together
    from simcore.disk import reading

    with reading(*files):
        dataset = open_together(files)
        baseline = baseline or reference_of(dataset)
        comparison = paired(dataset, baseline, indicators or DEFAULT_INDICATORS, years or None)
        found = rows(comparison, only_changed=only_changed)
        ranked = _ranked(dataset, comparison) if rank else []
        masked, draws = dataset.simcore.masked().to_series().to_dict(), dataset.sizes["draw"]
    if as_json:
        beside = {"ranking": [asdict(row) for row in ranked]} if rank else {}
        print_json("compare", found, baseline=baseline, masked=masked, **beside)
    else:
        click.echo(say("against {name}", name=baseline))
        answers.print_comparison(found, load_baseline())
        if ranked:
            print_rankings(ranked, load_baseline(), baseline)
        print_unchanged(unchanged(comparison))
        for scenario, count in masked.items():
            if count:
                text = say("{count} of {draws} draws of {scenario} are masked and left out",
                           count=count, draws=draws, scenario=scenario)  # fmt: skip
                click.echo(text, err=True)


def _ranked(dataset: Any, comparison: Any) -> list[Any]:
    """Rank the scenarios by the compared indicators of zones, in the last compared year."""
    from simcore.baseline import load_baseline
    from simcore.rankings import rankings

    first, year = load_baseline().base_year + 1, int(comparison["year"].max())
    zones = [str(name) for name, values in comparison.items() if "industry" not in values.dims]
    reference = str(comparison.attrs["baseline"])
    return [row for name in zones for row in rankings(dataset, reference, name, year, first)]


COMMANDS = (run, sweep, what_if, compare)
