"""What the live page gives to take away: files made from a result like that of ``simcore run``.

The result is written to the output folder once for the same settings; its name is made of draws,
seed and fingerprint, never of what people type. A further kind of file is one more entry of
`DOWNLOADS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcore.exporting import export
from simcore.labels import Label
from simcore.levers import Scenario
from simcore.live import Live
from simcore.plot import fan_chart
from simcore.production import produce
from simcore.reconcile import reconcile
from simcore.report_page import write_report
from simcore.scenario import load_scenario
from simcore.setting import distinct

Place = tuple[str, str, str | None]
"""Zone, indicator and industry that are shown."""


@dataclass(frozen=True)
class Download:
    """A kind of file: how its name ends, its label, and how it is made of a result.

    ``make`` : is given the result, the file to write, and what is shown.
    """

    suffix: str
    label: Label
    make: Callable[[Path, Path, Place], object]


def _picture(file: Path, target: Path, place: Place) -> None:
    zone, indicator, industry = place
    fan_chart(file, target, indicator=indicator, industry=industry, zones=[zone], force=True)


def _numbers(file: Path, target: Path, place: Place) -> None:
    zone, indicator, industry = place
    fan_chart(
        file, target.with_suffix(".png"), indicator=indicator, industry=industry, zones=[zone],
        data=target, force=True,
    )  # fmt: skip


def _report(file: Path, target: Path, place: Place) -> None:
    write_report(file, target, reconcile(), without=("sensitivity",), force=True)


def _workbook(file: Path, target: Path, place: Place) -> None:
    export(file, target, force=True)


DOWNLOADS = (
    Download(".png", Label("picture (PNG)", "图片（PNG）"), _picture),
    Download(".csv", Label("numbers (CSV)", "数据（CSV）"), _numbers),
    Download(".html", Label("report (HTML)", "报告（HTML）"), _report),
    Download(".xlsx", Label("workbook (xlsx)", "工作簿（xlsx）"), _workbook),
)


def result_of(live: Live, scenarios: Sequence[Scenario], output: Path) -> Path:
    """Return the result of the baseline and some scenarios, run if it is not there yet.

    Raises `RunError` if the folder cannot be written to.
    """
    chosen = [load_scenario("baseline", live.baseline)]
    for scenario in scenarios:
        name = distinct(scenario.name, [other.name for other in chosen])
        chosen.append(scenario.model_copy(update={"name": name}))
    plan = live.plan(chosen)
    path = output / f"live__n{plan.draws}__s{plan.seed}__{plan.fingerprint[:16]}.h5"
    if not path.exists():
        produce(plan, path, workers=1)
    return path


def made(kind: Download, file: Path, place: Place) -> bytes:
    """Return the content of a file of a kind, which also stays in the output folder."""
    words = [file.stem, *(word for word in place if word)]
    target = file.with_name("__".join(words) + kind.suffix)
    kind.make(file, target, place)
    return target.read_bytes()
