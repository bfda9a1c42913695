"""The data page: every documented figure with its source, in one file that opens without a server.

Both languages stand in the page: each text carries its number in a list of pairs, and the page's
script writes the other language over it. Nothing is loaded, and no script runs but the page's own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from simcore.baseline import Baseline
from simcore.entries import SECTOR_LABELS, Figure
from simcore.fit import FitRow, conflicts, fit_table
from simcore.labels import Label, language, say_both
from simcore.posterior import Posterior
from simcore.printed_units import printed_unit
from simcore.writing import refuse_existing, write_text

TEMPLATES = Path(__file__).parent

KINDS = {
    "actual": Label("actual", "实际值"),
    "target": Label("target", "规划目标"),
    "plan_annual": Label("plan of the year", "年度计划"),
    "pipeline": Label("pipeline", "储备项目"),
    "capacity": Label("capacity", "产能"),
}
CONCEPTS = {
    "level": Label("level", "总量"),
    "growth": Label("growth", "增速"),
    "share": Label("share", "比重"),
    "gross_output": Label("gross output", "总产值"),
    "value_added": Label("value added", "增加值"),
    "revenue": Label("revenue", "营业收入"),
    "scale": Label("scale", "产业规模"),
    "count": Label("count", "数量"),
    "cumulative": Label("cumulative", "累计值"),
    "intensity": Label("intensity", "强度"),
}
STRENGTHS = {
    "binding": Label("binding", "约束性"),
    "anticipatory": Label("anticipatory", "预期性"),
    "aspirational": Label("aspirational", "力争"),
}
PRICES = {
    "current": Label("current prices", "当年价格"),
    "real": Label("constant prices", "可比价格"),
    "none": Label("", ""),
}
VALUES = {  # a figure with its qualifier in words; what is exact needs none
    "exact": Label("{value}", "{value}"),
    "over": Label("over {value}", "超过 {value}"),
    "under": Label("under {value}", "不足 {value}"),
    "about": Label("about {value}", "{value} 左右"),
    "aspire": Label("aim at {value}", "力争达到 {value}"),
    "aspire_over": Label("aim at over {value}", "力争超过 {value}"),
    "none_given": Label("no number given", "未给出数值"),
}
USES = {
    "evidence": Label("evidence of the past", "作为历史依据"),
    "satellite": Label("met by the path of a satellite", "卫星方程的路径与之相符"),
    "beside": Label("beside the model", "仅供对照"),
    "repetition": Label("repetition, not counted", "重复，不再计入"),
    "goal": Label("goal, no evidence", "目标，不作为依据"),
    "reserve": Label("project, no evidence", "项目，不作为依据"),
}


@dataclass(frozen=True)
class Entry:
    """A documented figure with everything that the page says of it, in both languages."""

    figure: Figure
    indicator: Label
    scope: Label | None
    zone: Label
    value: Label
    basis: Label | None
    period: str
    year: int
    use: str
    reason: Label | None
    fitted: Label | None
    conflicts: tuple[Label, ...]


@dataclass
class Texts:
    """The pairs of texts on a page, each once, and the language that is shown first."""

    first: str
    pairs: dict[tuple[str, str], int] = field(default_factory=dict)

    def number(self, label: Label) -> int:
        """Return the place of a label among the pairs; a new one joins them."""
        return self.pairs.setdefault((label.en, label.zh), len(self.pairs))

    def shown(self, label: Label) -> str:
        """Return the text of a label in the language that is shown first."""
        return label.zh if self.first == "zh" else label.en


def write_data_page(path: Path, posterior: Posterior, *, force: bool = False) -> None:
    """Write the data page; raises `InputError` if the file exists, `RunError` if it cannot be."""
    refuse_existing(path, force=force)
    write_text(path, data_page(posterior))


def data_page(posterior: Posterior) -> str:
    """Return the data page as HTML, with the language in use shown first."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    templates.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    baseline = posterior.problem.past.baseline
    texts = Texts(language())
    script = templates.get_template("data_page.js").render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return templates.get_template("data_page.html").render(
        baseline=baseline, entries=list(entries(posterior)), counts=counts(baseline),
        zones={name: zone.label for name, zone in baseline.zones.items()},
        documents={name: document.title for name, document in baseline.documents.items()},
        indicators=_indicators(baseline), kinds=_kinds(baseline), uses=USES,
        counted_kinds=[(f"count-{kind}", label) for kind, label in _kinds(baseline).items()],
        concepts=CONCEPTS, strengths=STRENGTHS, texts=texts, say=say_both,
        script=script, digest=digest, version=version("simcore"),
        fingerprint=posterior.fingerprint[:12],
    )  # fmt: skip


def counts(baseline: Baseline) -> dict[str, dict[str, int]]:
    """Return how many figures of each kind a document has, for the kinds that any has."""
    table = {name: dict.fromkeys(_kinds(baseline), 0) for name in baseline.documents}
    for figure in baseline.figures.values():
        table[figure.source.document][figure.kind] += 1
    return table


def _kinds(baseline: Baseline) -> dict[str, Label]:
    """Return the kinds that occur, in the order of `KINDS`."""
    found = {figure.kind for figure in baseline.figures.values()}
    return {kind: label for kind, label in KINDS.items() if kind in found}


def _indicators(baseline: Baseline) -> dict[str, Label]:
    """Return the indicators that have a figure."""
    found = {figure.indicator for figure in baseline.figures.values()}
    return {name: item.label for name, item in baseline.indicators.items() if name in found}


def entries(posterior: Posterior) -> Iterator[Entry]:
    """Return every figure in the order of the documents, with what the model makes of it."""
    past = posterior.problem.past
    baseline, met = past.baseline, set(past.satellites.met)
    fits = {row.figure: row for row in fit_table(posterior) if row.figure}
    labels = past.priors.conflicts
    touching: dict[str, tuple[Label, ...]] = {}
    for row in conflicts(posterior):
        for name in row.figures:
            touching[name] = (*touching.get(name, ()), _conflict(labels[row.conflict].label))
    for name, figure in baseline.figures.items():
        use, fit = _use(figure, fits, met), fits.get(name)
        reason = posterior.problem.unused.get(name)
        yield Entry(
            figure, baseline.indicators[figure.indicator].label, _scope(baseline, figure),
            baseline.zones[figure.zone].label, printed_value(figure),
            _basis(figure), printed_period(figure),
            int(printed_period(figure)[-4:]) if figure.year else int(str(figure.period)[:4]),
            use, say_both(reason) if reason else None,
            _fitted(fit) if fit else None, touching.get(name, ()),
        )  # fmt: skip


def _conflict(label: Label) -> Label:
    return Label(f"conflict: {label.en}", f"数据冲突：{label.zh}")


def _scope(baseline: Baseline, figure: Figure) -> Label | None:
    """Return the label of the industry, aggregate or sector that a figure is limited to."""
    zone = baseline.zones[figure.zone]
    if figure.industry in zone.industries:
        return zone.industries[figure.industry].label
    if figure.industry:
        return zone.aggregates[figure.industry].label
    return SECTOR_LABELS[figure.sector] if figure.sector else None


def _basis(figure: Figure) -> Label | None:
    """Return the unit in English, where the printed one says more than a count, and the prices."""
    unit, prices = printed_unit(figure.unit).en, PRICES[figure.price_basis]
    translated = unit if figure.value is not None and unit != figure.unit else ""
    english = ", ".join(filter(None, [translated, prices.en]))
    return Label(english, prices.zh) if english else None


def _fitted(fit: FitRow) -> Label:
    """Return the fitted value with its 90 % interval and z."""
    fitted, low, high = (f"{value:,.2f}" for value in (fit.fitted, fit.low, fit.high))
    z = f"{round(fit.z or 0.0, 2) + 0.0:+.2f}"  # no minus before zero
    return say_both(
        "fitted {fitted} ({low} to {high}), z {z}", fitted=fitted, low=low, high=high, z=z
    )


def _use(figure: Figure, fits: Mapping[str, FitRow], met: Container[str]) -> str:
    """Return what the model does with a figure, a key of `USES`."""
    if figure.id in fits:
        return "evidence"
    if figure.same_as:
        return "repetition"
    if figure.id in met:
        return "satellite"
    return {"actual": "beside", "target": "goal", "plan_annual": "goal"}.get(figure.kind, "reserve")


def printed_value(figure: Figure) -> Label:
    """Return value, unit and qualifier in words, with every digit that is printed.

    >>> from simcore.baseline import load_baseline
    >>> printed_value(load_baseline().figures["donghu.gdp.2020"])
    Label(en='over 2000 亿元', zh='超过 2000 亿元')
    """
    high = "" if figure.value_high is None else f"–{_digits(figure.value_high)}"
    text = f"{_digits(figure.value or 0)}{high} {figure.unit}"
    words = VALUES[figure.qualifier]
    return Label(words.en.format(value=text), words.zh.format(value=text))


def _digits(value: float) -> str:
    """Write a number with every digit that it has, and never as a power of ten."""
    from decimal import Decimal

    return f"{Decimal(repr(value)):f}"


def printed_period(figure: Figure) -> str:
    """Return the year, the span of years or the part of a year that a figure is of."""
    period: Any = figure.period
    return "–".join(map(str, period)) if isinstance(period, tuple) else str(period)
