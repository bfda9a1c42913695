"""Commands on the documented figures: list, show, conflicts, check."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from simcore.cli.base import (
    Group,
    json_option,
    period_text,
    print_json,
    print_table,
    source_text,
)
from simcore.cli.conflicts import conflict_rows, print_blocks, value_text
from simcore.cli.figure_page import FigurePage, prior_uses, satellite_uses
from simcore.cli.pages import figures_page
from simcore.errors import CalibrationError, InputError, did_you_mean, unknown
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
            raise InputError(unknown(name, value, known[name]))
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
        [row.id, row.term, period_text(row.period), say(row.kind), say(row.qualifier),
         value_text(row), source_text(row.source)]
        for row in rows
    ]  # fmt: skip
    columns = ["id", "term", "period", "kind", "qualifier", "value", "source"]
    print_table(say("{count} figures", count=len(rows)), [say(c) for c in columns], table, left=7)


@baselines.command("show", short_help="Show a figure: source, what it implies, what conflicts.")
@click.argument("figure_id", metavar="ID")
@json_option
def show_figure(figure_id: str, as_json: bool) -> None:
    """Show one figure: its source, what it implies, who uses it, what conflicts with it.

    ID may also be a row of a plan's indicator table, document:row (simcore list tables).

    \b
    Example: simcore baselines show jingkai.gdp.2020
             simcore baselines show donghu-14fyp-2021:2
    """
    from simcore.fit import fit_table
    from simcore.inconsistencies import load_inconsistencies
    from simcore.reconcile import reconcile
    from simcore.relations import relations

    posterior = reconcile()
    past = posterior.problem.past
    baseline, priors, satellites = past.baseline, past.priors, past.satellites
    if ":" in figure_id:
        _show_row(baseline, figure_id, as_json=as_json)
        return
    if figure_id not in baseline.figures:
        raise InputError(say(
            "no figure '{name}'{near}",
            name=figure_id, near=did_you_mean(figure_id, baseline.figures),
        ))  # fmt: skip
    figure = baseline.figures[figure_id]
    page = FigurePage(
        figure,
        baseline,
        implied=relations(baseline, figure),
        fit=next((row for row in fit_table(posterior) if row.figure == figure_id), None),
        unused=posterior.problem.unused.get(figure_id),
        other_uses=[*prior_uses(priors, figure_id), *satellite_uses(satellites, figure_id)],
        treatment=treatment_text(baseline, figure),
        cases=[
            case for case in load_inconsistencies(baseline, priors)
            if {figure_id, figure.same_as} & set(case.entry.figures)
        ],
        repeated_by=[other.id for other in baseline.figures.values() if other.same_as == figure_id],
    )  # fmt: skip
    if as_json:
        print_json("baselines show", [page.row()])
    else:
        page.print()


def treatment_text(baseline: Any, figure: Any) -> str:
    """Say how the model treats what a figure measures, and in which row of a plan it stands."""
    from simcore.plan_tables import treatment

    found = treatment(baseline, figure.id)
    text = {
        "simulated": say("simulated by the core as {variable}", variable=found.by),
        "satellite": say("simulated by the satellite equation of {variable}", variable=found.by),
        "not_modelled": say("not modelled: arithmetic of pace only"),
    }[found.treatment]
    if found.row is None:
        return text
    row = say(
        "row {row} of the table of {document}: {label}",
        row=found.row.row, document=found.document, label=found.row.label,
    )  # fmt: skip
    return "; ".join([text, row, *([str(found.row.note)] if found.row.note else [])])


def _show_row(baseline: Any, name: str, *, as_json: bool) -> None:
    """Show a row of a plan's indicator table, ``document:row``: its figures and its treatment."""
    from simcore.plan_tables import load_plan_tables
    from simcore.relations import relations

    rows = {f"{document}:{row.row}": row for document, _, row in load_plan_tables(baseline).rows()}
    if name not in rows:
        raise InputError(
            say("no table row '{name}'{near}", name=name, near=did_you_mean(name, rows))
        )
    row = rows[name]
    first = baseline.figures[row.figures[0]]
    text = treatment_text(baseline, first)
    implied = {f: relations(baseline, baseline.figures[f]) for f in row.figures}
    if as_json:
        beside = {f: [asdict(part) for part in parts] for f, parts in implied.items()}
        fields = {"row": name, **row.model_dump(mode="json"), "text": text, "implied": beside}
        print_json("baselines show", [fields])
        return
    click.echo(f"{row.label} ({name}, {source_text(first.source)})")
    click.echo(f"{say('treatment')}: {text}")
    for figure in (baseline.figures[figure] for figure in row.figures):
        printed = f"{value_text(figure)} ({say(figure.qualifier)}), {period_text(figure.period)}"
        click.echo(f"  {figure.id}: {figure.term}, {printed}")
        for part in implied[figure.id]:
            click.echo(f"    {say(part.meaning)} {part.other or ''}: {part.text}")


@baselines.command("conflicts", short_help="Show which figures do not go together, and why.")
@click.option("--zone", help="Only this zone.")
@click.option(
    "--reason", help="Only scope, revision, concept, ambition, met_early, rounding or misprint."
)
@json_option
def show_conflicts(zone: str | None, reason: str | None, as_json: bool) -> None:
    """Show which figures do not go together, what they imply, why, and what the model does.

    \b
    Example: simcore baselines conflicts --zone jingkai --reason scope
    """
    from simcore.fit import conflicts
    from simcore.inconsistencies import Reason, load_inconsistencies
    from simcore.reconcile import reconcile

    posterior = reconcile()
    baseline, priors = posterior.problem.past.baseline, posterior.problem.past.priors
    known = {"zone": tuple(baseline.zones), "reason": get_args(Reason)}
    for name, value in {"zone": zone, "reason": reason}.items():
        if value is not None and value not in known[name]:
            raise InputError(unknown(name, value, known[name]))
    cases = [
        case for case in load_inconsistencies(baseline, priors)
        if zone in (None, case.entry.zone) and reason in (None, case.entry.reason)
    ]  # fmt: skip
    rows = conflict_rows(cases, conflicts(posterior))
    if as_json:
        print_json("baselines conflicts", rows)
        return
    print_blocks(rows, baseline, priors)
    click.echo("\n" + say("{count} cases of figures that do not go together", count=len(rows)))


@baselines.command("check", short_help="Check that the figures agree and stand in their sources.")
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
        shown = [row for row in found if row.check in SHOWN or not row.passed]
        names = {
            "repetition": say("repetition"), "sector sum": say("sector sum"),
            "sector share": say("sector share"), "reserve": say("reserve"),
            "fingerprint": say("fingerprint"), "printed": say("printed"), "line": say("line"),
            "sum": say("sum"), "part of a whole": say("part of a whole"), "share": say("share"),
            "per head": say("per head"), "increase": say("increase"), "growth": say("growth"),
        }  # fmt: skip
        table = [
            [names.get(row.check, row.check), row.found, row.expected, _agrees(row),
             ", ".join(row.figures)]
            for row in shown
        ]  # fmt: skip
        columns = [say("check"), say("found"), say("expected"), say("agrees"), say("figures")]
        print_table(say("Figures against each other"), columns, table, left=5)
        listed = sum(bool(row.listed) for row in found)
        click.echo(
            say(
                "{count} checks, {failed} failed, {listed} listed by simcore baselines conflicts",
                count=len(found),
                failed=len(failed),
                listed=listed,
            )  # fmt: skip
        )
        without = [name for name, entry in baseline.documents.items() if entry.sha256 is None]
        if documents is not None and without:
            click.echo(say("registered without a text: {names}", names=", ".join(without)))
    if failed:
        raise CalibrationError(say("{failed} checks of figures failed", failed=len(failed)))


def _agrees(row: Any) -> str:
    if row.listed:
        return say("listed: {name}", name=row.listed)
    return say("yes") if row.passed else say("no")


SHOWN = (
    "sector sum", "sector share", "reserve", "sum", "part of a whole", "share", "per head",
    "increase", "growth",
)  # fmt: skip
baselines.add_command(figures_page)
COMMANDS = (baselines,)
