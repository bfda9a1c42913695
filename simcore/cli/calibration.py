"""Commands on the calibration as a whole: calibrate."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import (
    Command,
    force_option,
    json_option,
    period_text,
    print_json,
    print_table,
    source_text,
)
from simcore.cli.influence import influence_fields, influences, print_influences
from simcore.errors import InputError
from simcore.labels import say


@click.command(
    cls=Command, short_help="Reconcile the documents: fit, conflicts, sources of spread."
)
@click.option("--no-cache", is_flag=True, help="Reconcile again even if nothing changed.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Also draw the calibrated history: PNG, SVG or PDF.",
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Also write the picture's numbers as CSV."
)
@force_option
@json_option
def calibrate(
    no_cache: bool, output: Path | None, data: Path | None, force: bool, as_json: bool
) -> None:
    """Reconcile the documents: fit, conflicts, influence of figures, where GDP's spread is from.

    \b
    Example: simcore calibrate -o history.png
    """
    from simcore.fit import conflicts, fit_table, shrinkage_table
    from simcore.reconcile import reconcile

    if data is not None and output is None:
        raise InputError(say("--data writes the numbers of a picture: name that with -o"))
    posterior = reconcile(cache=not no_cache)
    written = _draw(posterior, output, data, force=force) if output else []
    fit, found = fit_table(posterior), conflicts(posterior)
    shrinkage, influence = shrinkage_table(posterior), influences(posterior)
    if as_json:
        print_json(
            "calibrate", [asdict(row) for row in fit], conflicts=[asdict(row) for row in found],
            shrinkage=[asdict(row) for row in shrinkage], unused=posterior.problem.unused,
            fingerprint=posterior.fingerprint, written=written, **influence_fields(influence),
        )  # fmt: skip
        return
    _print_fit(fit, posterior.problem.past.baseline.figures)
    print_conflicts(found, posterior.problem.past.priors)
    _print_shrinkage(shrinkage)
    print_influences(influence, posterior.problem.past.baseline)
    _print_unused(posterior.problem.unused)
    for name in written:
        click.echo(say("wrote {path}", path=name))


def _draw(posterior: Any, output: Path, data: Path | None, *, force: bool) -> list[str]:
    from simcore.history_plot import history_chart

    return [str(path) for path in history_chart(posterior, output, data=data, force=force)]


def _print_fit(rows: list[Any], figures: dict[str, Any]) -> None:
    columns = ["figure", "period", "printed", "fitted", "90 %", "z", "evidence", "source"]
    table = [
        [
            row.figure or f"{row.zone}.{row.indicator}", period_text(row.period),
            "–" if row.value is None else f"{row.value:g}", f"{row.fitted:,.2f}",
            f"{row.low:,.2f}–{row.high:,.2f}", "" if row.z is None else f"{row.z:+.2f}",
            say(row.evidence),
            source_text(figures[row.figure].source)
            if row.figure
            else say("no document; growth law and priors"),
        ]
        for row in rows
    ]  # fmt: skip
    title = say("Figures, what the reconciliation makes of them, and years no document gives")
    print_table(title, [say(name) for name in columns], table)


def print_conflicts(rows: list[Any], priors: Any) -> None:
    """Print conflicts with the slacks that reconcile them."""
    table = []
    for row in rows:
        label = priors.conflicts[row.conflict].label
        for place, (slack, used) in enumerate(row.slacks.items()):
            first = place == 0
            text = f"{priors.slack_unknowns[slack].label} ({slack})"
            misfit = f"{row.worst_figure} {row.worst_misfit:+.1f} σ" if first else ""
            increase = f"{row.misfit_increase:,.1f}" if first else ""
            table.append([str(label) if first else "", text, f"{used:+.2f}", misfit, increase])
    title = say("Conflicts: figures that cannot hold together, and the slacks that reconcile them")
    columns = ["conflict", "slack", "s.d. used", "worst figure without it", "misfit gained"]
    print_table(title, [say(name) for name in columns], table, left=2)
    for row in rows:
        click.echo(f"  {priors.conflicts[row.conflict].label}: {', '.join(row.figures)}")


def _print_shrinkage(rows: list[Any]) -> None:
    columns = ["parameter", "prior", "posterior", "shift, s.d.", "variance lost", "evidence"]
    moved = [row for row in rows if abs(row.shift) > 0.25 or row.shrinkage > 0.1]
    table = [
        [
            row.parameter, f"{row.prior:.4g}", f"{row.posterior:.4g}", f"{row.shift:+.2f}",
            f"{100 * row.shrinkage:.0f} %", say(row.evidence),
        ]
        for row in sorted(moved, key=lambda row: -row.shrinkage)
    ]  # fmt: skip
    text = say(
        "Prior to posterior: the {moved} of {total} unknowns that the documents move (--json: all)",
        moved=len(moved), total=len(rows),
    )  # fmt: skip
    print_table(text, [say(name) for name in columns], table)


def _print_unused(unused: dict[str, str]) -> None:
    table = [[name, say(reason)] for name, reason in unused.items()]
    title = say("Actual figures that are shown beside the model, and why")
    print_table(title, [say("figure"), say("reason")], table, left=2)


COMMANDS = (calibrate,)
