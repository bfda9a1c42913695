"""The command new: a scenario file to start from."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click

from simcore.cli.base import Command, force_option
from simcore.errors import InputError, system_reason
from simcore.labels import say


@click.command(cls=Command)
@click.argument("name")
@click.option("--from", "parent", default="baseline", show_default=True, help="Scenario to extend.")
@force_option
def new(name: str, parent: str, force: bool) -> None:
    """Write a scenario file to start from.

    \b
    Example: simcore new my-plan --from growth-5
    """
    from simcore.scenario import find_scenario, is_path
    from simcore.writing import refuse_existing

    path, schema_file = _place_of_new(name)
    if not re.fullmatch(r"\w[\w.+-]*", path.stem) or len(path.stem) > 100:
        raise InputError(
            say("'{name}' is no name: letters, digits, - and _, up to 100", name=path.stem)
        )
    _refuse_name(path)
    found = find_scenario(parent)
    if is_path(parent):
        parent = os.path.relpath(found.resolve(), path.parent.resolve())
        parent = parent if is_path(parent) else f"./{parent}"
    refuse_existing(path, force=force)
    quoted = {"name": json.dumps(path.stem, ensure_ascii=False), "parent": json.dumps(parent),
              "schema": schema_file, "hint": "" if "/" in schema_file else _HINT}  # fmt: skip
    try:
        path.write_text(_TEMPLATE.format(**quoted), encoding="utf-8")
    except OSError as error:
        raise InputError(
            say("{path}: cannot be written: {reason}", path=path, reason=system_reason(error))
        ) from error
    click.echo(say("wrote {path}; try: simcore validate {path}", path=path))


def _refuse_name(path: Path) -> None:
    """Refuse the name of a shipped scenario, which would mean two things, and a result's."""
    from simcore.scenario import shipped_scenarios

    if path.stem in shipped_scenarios():
        raise InputError(
            say("'{name}' is a shipped scenario; --from {name} extends it under a name of your own",
                name=path.stem)
        )  # fmt: skip
    if path.stem.endswith((".h5", ".nc")):
        raise InputError(say("'{name}' is a result's name, not a scenario's", name=path.stem))


def _place_of_new(name: str) -> tuple[Path, str]:
    """Return the file of a new scenario, and the way from it to the schema.

    Inside a study a bare name is put among its scenarios, and the schema is the study's.
    """
    from simcore.scenario import is_path
    from simcore.study import study

    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    in_use = study()
    if in_use is None:
        return path, "scenario.schema.json"
    if not is_path(name) and in_use.settings.scenarios:
        path = in_use.folder / in_use.settings.scenarios[0] / path
    schema_file = in_use.folder / "schemas" / "scenario.schema.json"
    return path, Path(os.path.relpath(schema_file, path.parent)).as_posix()


_HINT = """\
# (simcore schema > scenario.schema.json lets your editor check and complete this file)
"""
_TEMPLATE = """\
# yaml-language-server: $schema={schema}
{hint}#
# Which question does this scenario ask, and where does it come from?
simcore: 1
name: {name}
label: {{en: {name}, zh: {name}}}
extends: {parent}
levers:
  "*":                        # every zone; an entry under donghu or jingkai wins
    gdp_growth: 5%            # fixed in every draw; mode: centre fixes the mean over draws
#  donghu:
#    rnd_growth: {{path: {{2024: 14%}}, until: 2030}}
#    industries: {{optoelectronics: {{growth: 8%}}}}
#events:
#  - {{name: downturn, zone: jingkai, industry: automotive, year: 2027, size: -10%}}
"""


COMMANDS = (new,)
