"""The report as one page that opens from disk: contents, charts and their script, nothing loaded.

Both languages stand in the page, as in the data page. A policy in its head lets no script run but
its own two, by their fingerprints, so that no text of a file can become one.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path
from typing import Any

from simcore.data_page import Texts
from simcore.errors import InputError, RunError
from simcore.labels import Label, language, say, say_both
from simcore.pictures import COLOURS
from simcore.posterior import Posterior
from simcore.reconcile import cache_folder
from simcore.report_answer_exhibits import bridge_exhibits, driver_exhibits, goal_exhibits
from simcore.report_charts import DASHES, Mark
from simcore.report_contents import Report
from simcore.report_exhibits import Exhibit, fan_exhibits, industry_exhibits
from simcore.report_gathering import contents
from simcore.report_tables import (
    FACTS,
    assumption_tables,
    differences,
    headline,
    in_short,
    listed,
    notes,
)
from simcore.writing import refuse_existing, write_text

TEMPLATES = Path(__file__).parent
OPEN, CLOSE = "⟦", "⟧"  # around the number of a text in a specification


def write_report(
    file: Path,
    output: Path,
    posterior: Posterior,
    *,
    against: str | None = None,
    without: Collection[str] = (),
    command: str = "",
    force: bool = False,
) -> Report:
    """Write the report on a result file as a page, and return what stands on it.

    Raises `InputError` if the page exists, is the result itself, or what is asked is unknown;
    `RunError` where the extra is missing or the page cannot be written.
    """
    refuse_existing(output, force=force)
    if output.exists() and file.exists() and output.samefile(file):
        raise InputError(say("{path}: is the result itself", path=output))
    script = chart_script()
    report = contents(file, posterior, against=against, without=without, command=command)
    write_text(output, report_page(report, script))
    return report


def report_page(report: Report, charts: str) -> str:
    """Return a report as HTML, the language in use first; ``charts`` : of `chart_script`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    templates.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    texts = Texts(language())
    exhibits = _exhibits(report, marker(texts))
    script = templates.get_template("report_page.js").render()
    specs = {one.key: list(one.panels) for found in exhibits.values() for one in found}
    return templates.get_template("report_page.html").render(
        report=report, texts=texts, say=say_both, exhibits=exhibits, specs=specs,
        title=_title(report), short=list(in_short(report)),
        headlines=[(zone, headline(report, zone)) for zone in report.zones],
        listed=listed(report), differences=differences(report),
        assumptions=list(assumption_tables(report)), notes=notes(report), facts=FACTS,
        colours=COLOURS, dashes=DASHES, charts=charts, script=script,
        digests=[digest(charts), digest(script)], version=version("simcore"),
    )  # fmt: skip


def _title(report: Report) -> Label:
    """Return the question of the scenario that the report is about."""
    story = next(one for one in report.shown if one.name == report.focal)
    if len(report.names) > len(report.shown):
        return say_both("{count} scenarios compared", count=len(report.names))
    return story.question or story.label


def _exhibits(report: Report, mark: Mark) -> dict[str, list[Exhibit]]:
    return {
        "paths": list(fan_exhibits(report, mark)),
        "industries": list(industry_exhibits(report, mark)),
        "targets": list(goal_exhibits(report, mark)),
        "sensitivity": list(driver_exhibits(report, mark)),
        "contributions": list(bridge_exhibits(report, mark)),
    }


def marker(texts: Texts) -> Mark:
    """Return what puts the number of a text into a specification, in its place."""
    return lambda label: f"{OPEN}{texts.number(label)}{CLOSE}"


def digest(script: str) -> str:
    """Return the fingerprint by which a policy knows a script."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def chart_script() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, which takes seconds to bundle once.

    Raises `RunError` where the extra is missing.
    """
    try:
        import altair
        import vl_convert
    except ImportError as error:
        text = say("simcore report needs Altair and vl-convert: pip install 'simcore[report]'")
        raise RunError(text) from error
    grammar = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    place = cache_folder() / f"charts-{version('vl-convert-python')}-{grammar}.js"
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        pass  # not bundled yet, or not readable: made again
    bundler: Any = vl_convert  # its types ask for a snippet that is optional
    bundle = bundler.javascript_bundle(vl_version=grammar)
    safe = str(bundle).replace("</script", "<\\/script").replace("<!--", "<\\!--")
    write_text(place, safe)
    return safe
