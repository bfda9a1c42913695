"""Commands on the documented figures: list, show, conflicts, check."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from simcore.cli.base import (
    Group,
    json_option,
    period_text,
    print_json,
    print_table,
    source_text,
)
from simcore.cli.calibration import print_conflicts
from simcore.cli.pages import figures_page
from simcore.errors import CalibrationError, InputError, did_you_mean
from simcore.labels import say


@click.group(cls=Group)
def baselines() -> None:
    """Look up the documented figures and their sources.

    \b
    Example: simcore baselines show donghu.gdp.2023
    """


@baselines.command("list")
@click.option("--zone", help="Only this zone.")
@click.option("--indicator", help="Only this indicator.")
@click.option("--document", help="Only this document.")
@click.option("--kind", help="Only actual, target, plan_annual, pipeline or capacity.")
@click.option("--year", type=int, help="Only this year.")
@json_option
def list_(as_json: bool, year: int | None, **filters: str | None) -> None:
    """List documented figures.

    \b
    Example: simcore baselines list --zone donghu --indicator gdp
    """
    from simcore.baseline import load_baseline

    baseline = load_baseline()
    known: dict[str, Any] = {
        "zone": baseline.zones, "indicator": baseline.indicators, "document": baseline.documents,
        "kind": ("actual", "target", "plan_annual", "pipeline", "capacity"),
    }  # fmt: skip
    for name, value in filters.items():
        if value is not None and value not in known[name]:
            near = did_you_mean(value, known[name]) or f"; known: {', '.join(known[name])}"
            raise InputError(f"unknown {name} '{value}'{near}")
    rows = [
        figure
        for figure in baseline.figures.values()
        if year in (None, figure.year)
        and filters["zone"] in (None, figure.zone)
        and filters["indicator"] in (None, figure.indicator)
        and filters["document"] in (None, figure.source.document)
        and filters["kind"] in (None, figure.kind)
    ]
    if as_json:
        print_json("baselines list", [row.model_dump(mode="json") for row in rows])
        return
    table = [
        [row.id, row.term, period_text(row.period), say(row.kind), say(row.qualifier), _value(row),
         source_text(row.source)]
        for row in rows
    ]  # fmt: skip
    columns = ["id", "term", "period", "kind", "qualifier", "value", "source"]
    print_table(say("{count} figures", count=len(rows)), [say(c) for c in columns], table, left=7)


def _value(figure: Any) -> str:
    if figure.value is None:
        return "–"
    high = f"–{figure.value_high:g}" if figure.value_high is not None else ""
    return f"{figure.value:g}{high} {figure.unit}"


@baselines.command("show")
@click.argument("figure_id", metavar="ID")
@json_option
def show_figure(figure_id: str, as_json: bool) -> None:
    """Show one figure: as printed, its source, what the model makes of it.

    \b
    Example: simcore baselines show jingkai.gdp.2020
    """
    from simcore.fit import conflicts, fit_table
    from simcore.reconcile import reconcile

    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    if figure_id not in baseline.figures:
        raise InputError(f"no figure '{figure_id}'{did_you_mean(figure_id, baseline.figures)}")
    figure = baseline.figures[figure_id]
    fit = next((row for row in fit_table(posterior) if row.figure == figure_id), None)
    touching = [row for row in conflicts(posterior) if figure_id in row.figures]
    if as_json:
        row = figure.model_dump(mode="json") | {"fit": asdict(fit) if fit else None}
        row["conflicts"] = [conflict.conflict for conflict in touching]
        print_json("baselines show", [row])
        return
    document = baseline.documents[figure.source.document]
    lines = {
        "figure": figure.id,
        "term": figure.term,
        "value": f"{_value(figure)} ({say(figure.qualifier)})",
        "period": period_text(figure.period),
        "kind": say(figure.kind),
        "concept": say(figure.concept),
        "price basis": say(figure.price_basis),
        "document": f"{document.title}, {document.issuer} {document.number}".strip(),
        "source": source_text(figure.source),
    }
    if figure.same_as:
        lines["repeats"] = figure.same_as
    if figure.note:
        lines["note"] = figure.note
    if fit:
        lines["fitted"] = f"{fit.fitted:,.2f} (z {fit.z:+.2f})"
    elif figure.kind == "actual" and not figure.same_as:
        lines["in the model"] = say(posterior.problem.unused.get(figure.id, "not used"))
    if touching:
        lines["conflict"] = "; ".join(
            str(posterior.problem.past.priors.conflicts[row.conflict].label) for row in touching
        )
    for name, value in lines.items():
        click.echo(f"{say(name):<14} {value}")


@baselines.command("conflicts")
@json_option
def show_conflicts(as_json: bool) -> None:
    """Show which documented figures cannot hold together, and what the model does about it.

    \b
    Example: simcore baselines conflicts
    """
    from simcore.fit import conflicts
    from simcore.reconcile import reconcile

    posterior = reconcile()
    found = conflicts(posterior)
    if as_json:
        rows = [
            {
                "figures": row.figures, "slack": row.slacks,
                "implied": {"figure": row.worst_figure, "misfit": row.worst_misfit},
                "verdict": posterior.problem.past.priors.conflicts[row.conflict].label.en,
            }
            for row in found
        ]  # fmt: skip
        print_json("baselines conflicts", rows)
    else:
        print_conflicts(found, posterior.problem.past.priors)


@baselines.command("check")
@click.option(
    "--documents", type=click.Path(path_type=Path), help="Folder with the documents' texts."
)
@json_option
def check(documents: Path | None, as_json: bool) -> None:
    """Check that the figures agree with each other, and stand where they say they do.

    \b
    Example: simcore baselines check
    """
    from simcore.baseline import load_baseline
    from simcore.figure_check import check_documents, check_figures

    baseline = load_baseline()
    found = check_figures(baseline)
    if documents is not None:
        found += check_documents(baseline, documents)
    failed = [row for row in found if not row.passed]
    if as_json:
        print_json("baselines check", [asdict(row) for row in found])
    else:
        shown = [row for row in found if row.check in LISTED or not row.passed]
        names = {
            "repetition": say("repetition"), "sector sum": say("sector sum"),
            "sector share": say("sector share"), "reserve": say("reserve"),
            "fingerprint": say("fingerprint"), "printed": say("printed"), "line": say("line"),
        }  # fmt: skip
        table = [
            [names.get(row.check, row.check), row.found, row.expected,
             say("yes") if row.passed else say("no"), ", ".join(row.figures)]
            for row in shown
        ]  # fmt: skip
        columns = [say("check"), say("found"), say("expected"), say("agrees"), say("figures")]
        print_table(say("Figures against each other"), columns, table, left=5)
        click.echo(say("{count} checks, {failed} failed", count=len(found), failed=len(failed)))
    if failed:
        raise CalibrationError(say("{failed} checks of figures failed", failed=len(failed)))


LISTED = ("sector sum", "sector share", "reserve")
baselines.add_command(figures_page)
COMMANDS = (baselines,)
