"""What commands share that look at a result file or at a scenario, and write beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from simcore.cli.base import force_option, json_option
from simcore.errors import InputError
from simcore.labels import say
from simcore.writing import RESULTS

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_OF_A_NUMBER = (
    click.option("--scenario", metavar="NAME", help="Of a result file; its last one by default."),
    click.option(
        "--indicator", type=click.Choice(["gdp", "gdp_real", "rnd"]), default="gdp",
        show_default=True, help="GDP at current prices, real GDP, or R&D spending.",
    ),
    click.option("--zone", "zones", multiple=True, help="One zone; every zone by default."),
    click.option(
        "--year", type=int, default=2030, show_default=True, help="The year; of growth, the last."
    ),
    click.option("--seed", type=click.IntRange(0), help="Seed of a scenario to run."),
)  # fmt: skip


def number_options(command: Decorated) -> Decorated:
    """Give a command the options that say which number is meant, and of which scenario."""
    for option in reversed(_OF_A_NUMBER):
        command = option(command)
    return command


def output_options(
    picture: str, data: str = "Also write the rows as CSV."
) -> Callable[[Decorated], Decorated]:
    """Give a command the options of what it writes; the texts say what is drawn and written."""

    def decorated(command: Decorated) -> Decorated:
        for option in (
            json_option, force_option,
            click.option("--data", type=click.Path(path_type=Path), help=data),
            click.option("-o", "--output", type=click.Path(path_type=Path), help=picture),
        ):  # fmt: skip
            command = option(command)
        return command

    return decorated


def refuse_output(output: Path | None, data: Path | None, *, force: bool) -> None:
    """Refuse a picture or CSV that cannot be written, before anything is computed."""
    from simcore.writing import refuse_existing

    if output is not None:
        from simcore.pictures import refuse_format

        refuse_format(output)
    for path in (output, data):
        if path is not None:
            refuse_existing(path, force=force)
    if output and data and data.resolve() == output.resolve():
        raise InputError(say("{data}: the picture and its numbers need two names", data=data))


def is_result(source: str) -> bool:
    """Whether a source is a result file; else it is a scenario.

    A file of another name than results have is a result if it is no scenario's.
    """
    path = Path(source)
    if path.suffix in RESULTS:
        return True
    if not path.is_file() or path.suffix in (".yaml", ".yml"):
        return False
    from simcore.scenario import shipped_scenarios

    return source not in shipped_scenarios()


def plan_of_source(source: str, against: str | None, seed: int | None) -> Any:
    """Return the plan that a result was made from, or that of scenarios to run."""
    from simcore.attributes import read_attributes
    from simcore.plan import Plan
    from simcore.reconcile import reconcile
    from simcore.scenario import load_scenario
    from simcore.verify import plan_of, refuse_other_calibration

    posterior = reconcile()
    if is_result(source):
        if seed is not None:
            raise InputError(
                say("{source}: a result has its seed; leave out --seed", source=source)
            )
        _refuse_weights(Path(source))
        plan = plan_of(Path(source), posterior)
        refuse_other_calibration(read_attributes(Path(source)), posterior, source)
        return plan
    baseline = posterior.problem.past.baseline
    names = dict.fromkeys([against, source] if against else [source])
    chosen = tuple(load_scenario(name, baseline) for name in names)
    sampling = chosen[-1].sampling
    seed = sampling.seed if seed is None else seed
    return Plan(chosen, sampling.draws, seed, posterior, sampler=sampling.sampler)


def _refuse_weights(file: Path) -> None:
    """Refuse a result that would be run again, and then have draws of equal weight."""
    from simcore.accessor import refuse_weights
    from simcore.dataset import open_results

    with open_results(file) as dataset:
        refuse_weights(dataset, str(file), say("ask this of the result as it was run"))


def draws_text(used: Iterable[int]) -> str:
    """Write how many draws answers rest on: zones may leave out different ones.

    >>> draws_text([4096, 4096]), draws_text([4096, 4095])
    ('4,096', '4,095–4,096')
    """
    return "–".join(f"{count:,}" for count in sorted(set(used)))


def say_left_out(used: Iterable[int], asked: int) -> None:
    """Say it if draws are left out."""
    fewest = min(used)
    if fewest < asked:
        click.echo(
            say(
                "Left out, as what is asked cannot be in them: {count} of {draws:,} draws.",
                count=asked - fewest, draws=asked,
            )
        )  # fmt: skip


def write_rows(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write rows as CSV, which spreadsheets open with its Chinese characters."""
    import csv

    from simcore.tidy import plain
    from simcore.writing import write_whole

    def write(place: Path) -> None:
        with place.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]) if rows else [])
            writer.writeheader()
            writer.writerows(
                {name: plain(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
                for row in rows
            )

    write_whole(path, write)
