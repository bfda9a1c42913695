"""The command plot: every kind of picture of a result file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from simcore.cli.base import Command, force_option
from simcore.cli.sources import refuse_output, write_rows
from simcore.errors import InputError
from simcore.labels import say

YEAR = 2030
DRAWS = 1024  # that a waterfall runs again
EVERY = {"zones", "scenarios"}
OPTIONS = {
    "fan": EVERY | {"indicator", "industry"},
    "industries": EVERY | {"indicator", "same_scale"},
    "heatmap": EVERY | {"indicator", "industry", "year", "at", "against", "goal"},
    "tornado": EVERY | {"indicator", "industry", "year", "at", "against"},
    "waterfall": EVERY | {"indicator", "year", "against"},
    "funnel": EVERY,
    "ladder": EVERY,
    "frontier": {"scenarios", "at", "goal", "probability"},
    "history": set(),
}
"""Kinds of pictures, and the options that mean something to them."""


@dataclass(frozen=True)
class Wish:
    """What the options ask for."""

    indicator: str | None
    industry: str | None
    zones: tuple[str, ...]
    scenarios: tuple[str, ...]
    year: int
    same_scale: bool
    at: tuple[str, ...]
    against: str | None
    goal: str | None
    probability: str


@click.command(cls=Command, short_help="Draw a picture of a result, or write its numbers.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind", type=click.Choice(list(OPTIONS)), default="fan", show_default=True,
    help="What to draw; below is what each kind shows.",
)  # fmt: skip
@click.option("--indicator", help="A variable of the result; gdp, or value_added of industries.")
@click.option("--industry", help="One industry, for value_added and output.")
@click.option("--zone", "zones", multiple=True, help="Only this zone.")
@click.option(
    "--scenario", "scenarios", multiple=True, help="Only this scenario, or those like 'growth-*'."
)
@click.option("--year", type=int, default=YEAR, show_default=True, help="Of what is of one year.")
@click.option("--same-scale", is_flag=True, help="One scale for all industries of a zone.")
@click.option("--at", multiple=True, metavar="AXIS=VALUE", help="Hold an axis of a sweep.")
@click.option(
    "--against", metavar="POINT",
    help="Differences to this scenario, or to a sweep's point such as 5%,12%.",
)  # fmt: skip
@click.option("--goal", help="Its probability instead, such as donghu.gdp.2030=5000.")
@click.option("--probability", default="80%", show_default=True, help="Of the frontier's goal.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="PNG, SVG or PDF; beside FILE by default.",
)  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path), help="Also write the numbers as CSV.")
@force_option
def plot(
    file: Path, kind: str, output: Path | None, data: Path | None, force: bool, **given: Any
) -> None:
    """Draw a picture of a result, and with --data write the numbers behind it.

    \b
    fan         each scenario over the years, with history and documented figures
    industries  a small fan for each industry of a zone
    heatmap     a sweep of two axes, a cell a point; of one axis, a line
    tornado     a sweep's axes taken to their ends, or a parameter low and high
    waterfall   what growth is made of, or the difference to another scenario
    funnel      projects by stage, of a result that holds projects
    ladder      firms by rung, of a result that holds firms
    frontier    pairs of a sweep's two axes that make a goal likely enough
    history     the calibrated past on which the result rests

    \b
    Example: simcore plot outputs/demo.h5 --indicator gdp -o gdp.png
             simcore plot sweep.h5 --kind heatmap --indicator rnd_intensity --zone donghu
             simcore plot sweep.h5 --kind heatmap --goal donghu.rnd_intensity.2030=13%
             simcore plot outputs/demo.h5 --kind tornado --data tornado.csv
    """
    wish = Wish(**given)
    _refuse_idle(kind)
    path = output or _default(file, kind, wish)
    refuse_output(path, data, force=force)
    _refuse_same(file, path, data)
    if kind == "history":
        written = _history(file, path, data, force=force)
    elif kind == "fan":
        written = _fan(file, path, data, wish, force=force)
    else:
        rows = DRAWN[kind](file, path, wish)
        if data is not None:
            write_rows(rows, data)
        written = [name for name in (path, data) if name is not None]
    for name in written:
        click.echo(say("wrote {path}", path=name))


def _default(file: Path, kind: str, wish: Wish) -> Path:
    """Return the name of a picture beside the result."""
    usual = {"fan": "gdp", "heatmap": "gdp", "tornado": "gdp", "waterfall": "gdp"}
    indicator = "" if wish.goal else wish.indicator or usual.get(kind, "")
    parts = [file.stem, "" if kind == "fan" else kind, indicator, wish.industry or ""]
    return file.with_name("-".join(part for part in parts if part) + ".png")


def _refuse_idle(kind: str) -> None:
    """Refuse options that would not do anything to a picture of this kind."""
    context = click.get_current_context()
    for option in context.command.params:
        name = str(option.name)
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name in {field.name for field in fields(Wish)} - OPTIONS[kind]:
            kinds = ", ".join(one for one, own in OPTIONS.items() if name in own)
            text = say(
                "{option} is not for --kind {kind}, but for {kinds}",
                option=option.opts[-1], kind=kind, kinds=kinds,
            )  # fmt: skip
            raise InputError(text)


def _refuse_same(file: Path, output: Path, data: Path | None) -> None:
    for path in (output, data):
        if path is not None and path.exists() and file.exists() and path.samefile(file):
            raise InputError(say("{path}: is the result itself", path=path))
    if data is not None and data.resolve() == output.resolve():
        raise InputError(say("{path}: the picture and its numbers need two names", path=data))


def _scenarios(file: Path, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the scenarios of a file that are named, or that a pattern such as growth-* means."""
    from simcore.dataset import open_results
    from simcore.disk import working_on

    if not wanted:
        return ()
    with working_on(file), open_results(file) as dataset:
        names = [str(name) for name in dataset["scenario"].values]
    found: list[str] = []
    for one in wanted:
        like = [name for name in names if fnmatchcase(name, one)]
        set_on = [name for name in names if name.startswith(f"{one}; ")]  # by --set
        found += [one] if one in names else like or set_on or [one]
    return tuple(dict.fromkeys(found))


def _indicator(wish: Wish, usual: str = "gdp") -> str:
    """Return the indicator that is asked for; refuses one that there is not."""
    from simcore.dims import VARIABLES
    from simcore.errors import did_you_mean

    name = wish.indicator or usual
    if name not in VARIABLES:
        near = did_you_mean(name, VARIABLES) or say(
            "; simcore list indicators: {variables}", variables=", ".join(VARIABLES)
        )
        raise InputError(say("unknown indicator '{name}'", name=name) + near)
    return name


# --- kinds ----------------------------------------------------------------------------------------


def _fan(file: Path, output: Path, data: Path | None, wish: Wish, *, force: bool) -> list[Path]:
    from simcore.plot import fan_chart

    return fan_chart(
        file, output, indicator=_indicator(wish), industry=wish.industry, zones=wish.zones,
        scenarios=_scenarios(file, wish.scenarios), data=data, force=force,
    )  # fmt: skip


def _history(file: Path, output: Path, data: Path | None, *, force: bool) -> list[Path]:
    from simcore.attributes import read_attributes
    from simcore.history_plot import history_chart
    from simcore.reconcile import reconcile
    from simcore.verify import refuse_other_calibration

    attributes, posterior = read_attributes(file), reconcile()
    refuse_other_calibration(attributes, posterior, str(file))
    return history_chart(posterior, output, data=data, force=force)


def _industries(file: Path, output: Path, wish: Wish) -> list[dict[str, Any]]:
    from simcore.industries_plot import industries_chart

    return industries_chart(
        file, output, indicator=_indicator(wish, "value_added"), zones=wish.zones,
        scenarios=_scenarios(file, wish.scenarios), same_scale=wish.same_scale,
    )  # fmt: skip


def _asked(file: Path, wish: Wish) -> Any:
    from simcore.sweep_question import Asked

    if wish.goal and (wish.against or wish.indicator):
        raise InputError(say("--goal shows a probability: leave out --indicator and --against"))
    return Asked(
        _indicator(wish), wish.industry, wish.zones, _scenarios(file, wish.scenarios), wish.year,
        wish.at, wish.against, wish.goal,
    )  # fmt: skip


def _heatmap(file: Path, output: Path, wish: Wish) -> list[dict[str, Any]]:
    from simcore.grid_plot import sweep_chart

    return sweep_chart(file, output, _asked(file, wish))


def _tornado(file: Path, output: Path, wish: Wish) -> list[dict[str, Any]]:
    from simcore.tornado_plot import tornado_chart

    return tornado_chart(file, output, _asked(file, wish))


def _frontier(file: Path, output: Path, wish: Wish) -> list[dict[str, Any]]:
    from simcore.quantity import percent
    from simcore.sweep_frontier import sweep_frontier_chart

    if not wish.goal:
        raise InputError(say("a frontier is of a goal: --goal, such as donghu.gdp.2030=5000"))
    try:
        wanted = percent(wish.probability)
    except ValueError as error:
        raise InputError(say("probability: {error}", error=error)) from None
    return sweep_frontier_chart(file, output, _asked(file, wish), wanted)


def _waterfall(file: Path, output: Path, wish: Wish) -> list[dict[str, Any]]:
    from simcore.cli.explain import answer_of, draw
    from simcore.cli.sources import plan_of_source
    from simcore.contributions import Change
    from simcore.pictures import Source

    indicator = _indicator(wish)
    if indicator not in ("gdp", "gdp_real", "rnd"):
        raise InputError(
            say("a waterfall is of gdp, gdp_real or rnd, not of {name}", name=indicator)
        )
    chosen = _scenarios(file, wish.scenarios)
    plan = plan_of_source(str(file), None, None)
    own = [s.name for s in plan.scenarios if s.name != wish.against]
    names = chosen or tuple(own[-1:] or [plan.scenarios[-1].name])
    baseline, draws = plan.posterior.problem.past.baseline, min(DRAWS, plan.draws)
    answers = [
        answer_of(
            plan, Change(name, zone, indicator, (baseline.base_year, wish.year)), wish.against,
            "term", draws,
        )
        for name in names
        for zone in wish.zones or tuple(baseline.zones)
    ]  # fmt: skip
    labels = {one.name: one.label for one in plan.scenarios}
    draw(answers, baseline, output, Source(draws, plan.seed, file=file.name), labels)
    return [row for answer in answers for row in answer["rows"]]


def _stored(name: str) -> Callable[[Path, Path, Wish], list[dict[str, Any]]]:
    def drawn(file: Path, output: Path, wish: Wish) -> list[dict[str, Any]]:
        from simcore.stored_plot import stored_chart

        chosen = _scenarios(file, wish.scenarios)
        return stored_chart(file, output, name, zones=wish.zones, scenarios=chosen)

    return drawn


DRAWN: dict[str, Callable[[Path, Path, Wish], list[dict[str, Any]]]] = {
    "industries": _industries,
    "heatmap": _heatmap,
    "tornado": _tornado,
    "waterfall": _waterfall,
    "funnel": _stored("projects"),
    "ladder": _stored("firms"),
    "frontier": _frontier,
}
COMMANDS = (plot,)
