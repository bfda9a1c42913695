"""The command compare: scenarios draw by draw."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from simcore.cli import answers
from simcore.cli.base import Command, json_option, print_json
from simcore.cli.rankings import print_rankings, print_unchanged
from simcore.labels import say


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
    from simcore.disk import working_on

    with working_on(*files):
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


COMMANDS = (compare,)
