"""Writes the generated pages of the documentation, or with --check finds the stale ones.

Made from the software: ``reference/cli.md``, and ``cli.zh.md`` in Chinese, from the help of every
command, ``reference/scenario-schema.md`` from the models of scenario and sweep files,
``reference/data.md`` from the documented figures, ``reference/python.md`` and
``reference/house.md`` from docstrings, the table of variables in ``conventions.md``, and the
tables of satellites and firms in ``theory.md``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

os.environ.update({"LC_ALL": "C", "LANG": "C", "NO_COLOR": "1"})

import click  # noqa: E402
from house import house_page, python_page  # noqa: E402

from simcore.baseline import Baseline, load_baseline  # noqa: E402
from simcore.cli import cli  # noqa: E402
from simcore.data_page import KINDS, counts, printed_period, printed_value  # noqa: E402
from simcore.design import Sweep  # noqa: E402
from simcore.dims import VARIABLES, WEIGHT, Variable  # noqa: E402
from simcore.entries import Figure, Publication  # noqa: E402
from simcore.labels import use_language  # noqa: E402
from simcore.ladder_priors import Sourced, load_firms  # noqa: E402
from simcore.levers import Scenario  # noqa: E402
from simcore.priors import BEHAVIOUR  # noqa: E402
from simcore.satellite_priors import (  # noqa: E402
    Assumption,
    Satellite,
    ZoneLevel,
    load_satellites,
)
from simcore.strict import json_schema  # noqa: E402

DOCS = Path(__file__).resolve().parent
WIDTH = 80
NOTE = "<!-- Made by docs/generate.py: run `make docs` instead of editing this. -->"
MARKS = "<!-- {name}: made by docs/generate.py -->", "<!-- end of {name} -->"

ABOUT = {"Label": "A name in both languages."}  # its class is no model: no description everywhere
MEANINGS = {  # of keys that the models leave to their names
    "simcore": "version of the format",
    "name": "as the result has it",
    "label": "what people read",
    "question": "the question that the file answers",
    "extends": "the scenario on which this one is laid",
    "horizon": "the last year",
    "levers": 'what a policy team decides: by zone, or `"*"` for every zone',
    "industries": "levers of single industries, by name",
    "assumptions": "what the world decides",
    "behaviour": "other distributions of parameters",
    "until": "the last year that it binds",
    "path": "values by year",
    "GrowthTrajectory.mode": "`set`: met in every draw; `centre`: on average over the draws",
    "Event.name": "what tells its random numbers from those of other events",
    "Event.zone": "`*` is every zone",
    "Event.industry": "`*` is every industry",
    "events": "dated or random changes of the level of value added",
    "sampling": "draws and seed, unless the command line says otherwise",
    "size": "change of the level of value added in its year",
    "probability": "of striking in its year, or in any year",
    "persistence": "what is left of the effect after each further year",
    "draws": "members of the ensemble",
    "seed": "of the random numbers",
    "base": "the scenario that the axes vary, or a list",
    "axes": "by key path, such as `levers.*.gdp_growth`",
    "combine": "all combinations, in step, Latin hypercube, Sobol",
    "points": "how many, for `lhs` and `sobol`",
    "steps": "how many values, ends included",
}

Schema = dict[str, Any]


def main() -> int:
    """Write every generated page; with --check, write nothing and say which are stale."""
    use_language("en")
    stale = []
    for path, text in pages().items():
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        if known == text:
            continue
        stale.append(path)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{path.relative_to(DOCS.parent)}: {'stale' if '--check' in sys.argv else 'written'}")
    return 1 if stale and "--check" in sys.argv else 0


def pages() -> dict[Path, str]:
    """Return every generated page and what belongs in it."""
    conventions, theory = DOCS / "conventions.md", DOCS / "theory.md"
    return {
        DOCS / "reference" / "cli.md": cli_page(),
        DOCS / "reference" / "cli.zh.md": cli_page("zh"),
        DOCS / "reference" / "scenario-schema.md": schema_page(),
        DOCS / "reference" / "data.md": data_tables(load_baseline()),
        DOCS / "reference" / "python.md": python_page(NOTE),
        DOCS / "reference" / "house.md": house_page(NOTE),
        conventions: with_part(conventions, "variables", variables_table()),
        theory: with_part(theory, "satellites", satellites_tables(), firms=firms_tables()),
    }


# --- commands -------------------------------------------------------------------------------------


COMMANDS = {
    "en": (
        "# Commands",
        "Exit codes: 0 done, 1 the run failed, 2 what was asked is wrong. Tables can be had as JSON"
        " with `--json`; numbers are numbers there, percentages in percent, probabilities from 0 to"
        " 1. A result file that exists is replaced with `--force` alone.",
    ),
    "zh": (
        "# 命令",
        "退出码：0 表示完成，1 表示运行失败，2 表示所求有误。表格可用 `--json` 以 JSON 输出，其中"
        "数值即为数，百分数以百分点计，概率为 0 至 1。已存在的结果文件须加 `--force` 才会覆盖。"
        "界面语言随系统区域设置，也可用 `--lang zh` 指定。",
    ),
}


def cli_page(language: str = "en") -> str:
    """Return the help of every command in a language."""
    title, about = COMMANDS[language]
    parts = [title, NOTE, about]
    use_language(language)
    for context in contexts(cli, None, "simcore"):
        path = context.command_path
        level = "##" if context.parent is None or context.parent.parent is None else "###"
        parts += [f"{level} {path}", f"```text\n{help_of(context)}\n```"]
    use_language("en")
    return "\n\n".join(parts) + "\n"


def contexts(
    command: click.Command, parent: click.Context | None, name: str
) -> Iterator[click.Context]:
    """Return the context of a command, then those of its subcommands in alphabetical order."""
    context = command.context_class(
        command, parent=parent, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH,
        **command.context_settings,
    )  # fmt: skip
    yield context
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                yield from contexts(found, context, inner)


def help_of(context: click.Context) -> str:
    """Return a command's help without spaces at the ends of lines."""
    with context.scope(cleanup=False):
        lines = context.command.get_help(context).splitlines()
    text = "\n".join(line.rstrip() for line in lines).strip()
    return re.sub(r"\[\[(.*?)\]\]", r"[\1]", text)  # as newer versions of click write choices


# --- scenario files -------------------------------------------------------------------------------


def schema_page() -> str:
    """Return a table for every mapping of scenario and sweep files."""
    scenario, sweep = json_schema(Scenario), json_schema(Sweep)
    known = set(scenario["$defs"])
    parts = [
        "# Scenario and sweep files",
        NOTE,
        "What a scenario or sweep file may say. How to write one, with examples, stands in "
        "[scenarios/README.md](../../scenarios/README.md); `simcore schema` and `simcore schema "
        "--sweep` print the JSON Schema for editors, and `simcore validate` names every mistake "
        "with its line.",
        "Rates and shares are written with `%`, differences with `pp`. A lever is one value for "
        "every projected year (`gdp_growth: 5%`), or a mapping: `value`, or `path` with values of "
        "named years, linear in between and flat after the last; and `until`, the last year that "
        "it binds. Rates lie between -50% and 100%, shares above 0% and up to 100%, differences "
        "within 50 pp. Every other key is refused.",
        "Under `behaviour` stand new distributions of these parameters, drawn within these bounds: "
        + ", ".join(f"`{name}` ({low:g} to {high:g})" for name, (low, high) in BEHAVIOUR.items())
        + ".",
    ]
    parts += list(tables("Scenario", scenario, skip=set()))
    parts += list(tables("Sweep", sweep, skip=known))
    return "\n\n".join(parts) + "\n"


def tables(name: str, schema: Schema, skip: set[str]) -> Iterator[str]:
    """Return a section for a schema and each of its definitions, in the order of their use."""
    models = {name: schema}
    waiting = [schema]
    while waiting:
        text = json.dumps(waiting.pop(0)["properties"])
        for used in re.findall(r"#/\$defs/(\w+)", text):
            if used not in models and used not in skip:
                models[used] = schema["$defs"][used]
                waiting.append(models[used])
    for title, model in models.items():
        yield f"## {title}"
        yield code_marks(ABOUT.get(title) or model["description"].split("\n\n")[0])
        required = set(model.get("required", ()))
        lines = ["| key | what | default | meaning |", "|---|---|---|---|"]
        for key, entry in model["properties"].items():
            default = "required" if key in required else default_of(entry)
            known = MEANINGS.get(f"{title}.{key}", MEANINGS.get(key, ""))
            meaning = code_marks(entry.get("description", known))
            lines.append(f"| `{key}` | {kind_of(entry)} | {default} | {meaning} |")
        yield "\n".join(lines)


def kind_of(entry: Schema) -> str:
    """Say in words what an entry of a JSON Schema allows."""
    if "$ref" in entry:
        name = entry["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in entry or "allOf" in entry:
        choices = entry.get("anyOf") or entry["allOf"]
        kinds = [kind_of(choice) for choice in choices if choice.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "const" in entry:
        return f"`{entry['const']}`"
    if "enum" in entry:
        return ", ".join(f"`{value}`" for value in entry["enum"])
    match entry.get("type"):
        case "array":
            return f"list of {kind_of(entry.get('items', {}))}"
        case "object" if isinstance(entry.get("additionalProperties"), dict):
            return f"mapping to {kind_of(entry['additionalProperties'])}"
        case "object":
            return "mapping"
        case "string":
            return text_of(entry)
        case "integer" | "number" as kind:
            return f"{kind}{range_of(entry)}"
    return "anything"


def text_of(entry: Schema) -> str:
    """Say what a text must look like."""
    if entry.get("examples"):
        return f"text such as `{entry['examples'][0]}`"
    pattern = entry.get("pattern")
    return f"text matching `{pattern.replace('|', chr(92) + '|')}`" if pattern else "text"


def range_of(entry: Schema) -> str:
    """Say the bounds of a number, or nothing."""
    words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to",
             "exclusiveMaximum": "below"}  # fmt: skip
    bounds = [f"{word} {Decimal(str(entry[key])).normalize():f}"
              for key, word in words.items() if key in entry]  # fmt: skip
    return ", " + " ".join(bounds) if bounds else ""


def default_of(entry: Schema) -> str:
    """Return a default as YAML would have it; nothing for none, a list or a mapping."""
    default = entry.get("default")
    if default is None or isinstance(default, dict | list):
        return ""
    if entry.get("examples") == ["5%"] and isinstance(default, float):
        return f"`{100 * default:g}%`"
    text = f"{default:g}" if isinstance(default, float) else default
    return f"`{text}`"


def code_marks(text: str) -> str:
    """Turn reStructuredText's double backticks into Markdown's, on one line of a table."""
    return re.sub(r"\s+", " ", text.replace("``", "`")).replace("|", "\\|").strip()


# --- documented figures ---------------------------------------------------------------------------


def data_tables(baseline: Baseline) -> str:
    """Return every documented figure, by document and section."""
    parts = [
        "# Documented figures",
        NOTE,
        f"The {len(baseline.figures)} figures of [calibration/](../../calibration/README.md) with "
        "the documents' own terms and units. `simcore baselines show ID` tells more of one: its "
        "note, its concept, and what the model makes of it. `simcore baselines page` writes all "
        "of that as one page for a browser, to be searched, filtered and sorted.",
        "\n".join(count_rows(baseline)),
    ]
    for name, document in baseline.documents.items():
        figures = [figure for figure in baseline.figures.values() if figure.source.document == name]
        parts += [f"## {name}", about(document)]
        for section in dict.fromkeys(figure.source.section for figure in figures):
            parts += [f"### {name}: {section}", figure_table(figures, section)]
    return "\n\n".join(parts) + "\n"


def count_rows(baseline: Baseline) -> Iterator[str]:
    """Return the lines of a table that counts figures by document and kind."""
    table = counts(baseline)
    kinds = [kind for kind in KINDS if any(row.get(kind) for row in table.values())]
    yield "| document | " + " | ".join(KINDS[kind].en for kind in kinds) + " | figures |"
    yield "|---" + "|--:" * (len(kinds) + 1) + "|"
    for name, row in table.items():
        numbers = [row[kind] for kind in kinds]
        yield f"| [{name}](#{name}) | " + " | ".join(map(str, [*numbers, sum(numbers)])) + " |"
    sums = [sum(row[kind] for row in table.values()) for kind in kinds]
    yield "| all | " + " | ".join(map(str, [*sums, sum(sums)])) + " |"


def about(document: Publication) -> str:
    """Return title, issuer, number and year of a document."""
    issuer = " ".join(filter(None, [document.issuer, document.number]))
    return f"{document.title.en} ({document.title.zh}), {issuer}, {document.published}"


def figure_table(figures: list[Figure], section: str) -> str:
    """Return the figures of a section in the order of their lines."""
    lines = ["| figure | term | value | period | kind | line |", "|---|---|--:|---|---|--:|"]
    for figure in figures:
        if figure.source.section == section:
            value, period = printed_value(figure).en, printed_period(figure)
            line = str(figure.source.line)
            cells = [f"`{figure.id}`", figure.term, value, period, kind_text(figure), line]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def kind_text(figure: Figure) -> str:
    """Return kind and strength of a figure, and whether it repeats another."""
    repeated = "repeated" if figure.same_as else None
    return ", ".join(filter(None, [KINDS[figure.kind].en, figure.strength, repeated]))


# --- variables ------------------------------------------------------------------------------------


def with_part(path: Path, name: str, part: str, **further: str) -> str:
    """Return a page with fresh parts, each between the marks of its name."""
    text = path.read_text(encoding="utf-8")
    for title, fresh in {name: part, **further}.items():
        start, end = (mark.format(name=title) for mark in MARKS)
        before, rest = text.split(start)
        text = f"{before}{start}\n\n{fresh}\n\n{end}{rest.split(end)[1]}"
    return text


def variables_table() -> str:
    """Return the table of the result's variables."""
    lines = [
        "| variable | meaning | 中文 | dimensions | units |",
        "|---|---|---|---|---|",
        *(row(variable) for variable in (*VARIABLES.values(), WEIGHT)),
    ]
    return "\n".join(lines)


def row(variable: Variable) -> str:
    """Return the table row of a variable."""
    prices = {"current": "current prices", "constant 2020": "2020 prices"}
    units = ", ".join(filter(None, [variable.units, prices.get(variable.price_basis, "")]))
    dims = ", ".join(variable.dims)
    return f"| `{variable.name}` | {variable.label.en} | {variable.label.zh} | {dims} | {units} |"


# --- satellites -----------------------------------------------------------------------------------


def satellites_tables() -> str:
    """Return the table of the satellite equations' priors, and that of their sources."""
    equations = load_satellites().equations
    numbers = [
        "| satellite | elasticity to its drivers (s.d.) | trend, pp a year (s.d.) | step of W, pp |"
        " level |",
        "|---|---|---|---|---|",
        *(equation_row(name, satellite) for name, satellite in equations.items()),
    ]
    sources = [
        "| satellite | of | evidence | source |",
        "|---|---|---|---|",
        *(line for name, satellite in equations.items() for line in source_rows(name, satellite)),
    ]
    return (
        "\n".join(numbers)
        + "\n\nSources; those marked * are quoted from memory and not yet checked:\n\n"
        + "\n".join(sources)
    )


def firms_tables() -> str:
    """Return the table of the ladder's rates and stocks with their sources."""
    firms = load_firms()
    priors: dict[str, Sourced] = {}
    for move in firms.moves:
        priors[f"`{move.start}` → `{move.end}`" if move.kind != "exit" else
               f"`{move.start}`: exit"] = move.rate  # fmt: skip
    for zone, entry in firms.zones.items():
        for rung, new in entry.entry.items():
            share = f", of those of `{new.figure}`" if new.figure else " a year"
            priors[f"{zone}, new `{rung}`{share}"] = new
        for rung, stock in entry.stocks.items():
            priors[f"{zone}, `{rung}` in {entry.first_year}"] = stock
    for rung, counted in firms.counted.items():
        for other, part in counted.partly.items():
            priors[f"share of `{other}` counted as `{rung}`"] = part
    priors["growth of entry a year"] = firms.entry_growth
    elasticity = f"elasticity of R&D over GDP to `{firms.research.rung}`"
    priors[elasticity] = firms.research.elasticity
    lines = ["| rate a year, stock or share | prior | evidence | source |", "|---|---|---|---|"]
    for what, prior in priors.items():
        mark = "" if prior.verified else " *"
        lines.append(f"| {what} | {prior_text(prior)} | {prior.evidence} | {prior.source}{mark} |")
    for kind, both in firms.elasticities.items():
        for driver in ("rnd", "growth"):
            known = getattr(both, driver)
            mark = "" if known.verified else " *"
            what = f"elasticity of {kind} to {'R&D spending' if driver == 'rnd' else 'growth'}"
            spread = f"{known.mean:g} ({known.deviation:g})"
            lines.append(f"| {what} | {spread} | {known.evidence} | {known.source}{mark} |")
    return "\n".join(lines)


def prior_text(prior: Sourced) -> str:
    """Write a prior: its centre, and its spread as a standard deviation or log deviation."""
    if prior.dist == "lognormal":
        return f"{prior.median:g} (log s.d. {prior.sigma:g})"
    if prior.dist == "constant":
        return f"{prior.value:g}"
    return f"{prior.mean:g} ({prior.deviation:g})"


def equation_row(name: str, satellite: Satellite) -> str:
    """Return the row of a satellite: its priors as they stand in the file."""
    drivers = "; ".join(
        f"`{driver}` {prior.mean:g}" + (f" ({prior.deviation:g})" if prior.deviation else "")
        for driver, prior in satellite.drivers.items()
    )
    trend = f"{100 * satellite.trend.mean:g} ({100 * satellite.trend.deviation:g})"
    levels = [text for zone, place in satellite.zones.items() if (text := level_of(zone, place))]
    level = "; ".join(["index", *levels] if satellite.index else levels)
    return f"| `{name}` | {drivers} | {trend} | {100 * satellite.walk.deviation:g} | {level} |"


def level_of(zone: str, place: ZoneLevel) -> str:
    """Say where a zone's level comes from, or nothing."""
    if place.level:
        return f"{zone}: assumed {place.level.median:g} in {place.level.year}"
    return f"{zone}: {', '.join(f'`{name}`' for name in place.figures)}" if place.figures else ""


def source_rows(name: str, satellite: Satellite) -> Iterator[str]:
    """Return a row for every number of a satellite."""
    parts: dict[str, Assumption] = {
        **{f"`{driver}`": prior for driver, prior in satellite.drivers.items()},
        "trend": satellite.trend,
        "W": satellite.walk,
        **{f"level, {zone}": part.level for zone, part in satellite.zones.items() if part.level},
    }
    for of, part in parts.items():
        mark = "" if part.verified else " *"
        yield f"| `{name}` | {of} | {part.evidence} | {part.source}{mark} |"


if __name__ == "__main__":
    sys.exit(main())
