"""What the key path of a setting is called in pictures: the place, and the lever or assumption."""

from __future__ import annotations

from simcore.baseline import Baseline
from simcore.dims import VARIABLES
from simcore.instruments import OF_INDUSTRIES, OF_ZONES
from simcore.labels import Label, language, say
from simcore.priors import load_priors

HEADS = ("levers", "behaviour", "assumptions")
INNER = ("industries", "projects", "firms", "value")
LEVERS = {
    "gdp_growth": Label("real GDP growth", "地区生产总值实际增速"),
    "investment_share": Label("added share of the zone's investment", "占全区投资比重提高"),
    "labour_share": Label("added share of the zone's employment", "占全区就业比重提高"),
    "arrivals": Label("number of new major projects", "新增重大项目数"),
    "sizes": Label("budgets of major projects", "重大项目签约规模"),
    "delay": Label("delay of major projects", "重大项目延迟"),
    "funds": Label("yearly funds for new starts", "每年新开工资金"),
    "capacity": Label("capacity to build", "建设能力"),
    "cancellation": Label("projects that are dropped", "项目中止比例"),
    "entry": Label("new firms a year", "每年新设企业数"),
    "promotion": Label("promotion of firms", "企业晋级率"),
    "exit": Label("exit of firms", "企业退出率"),
    "inflation": Label("rise of prices a year", "价格年均涨幅"),
    "national_growth": Label("growth of the nation's GDP", "全国GDP增速"),
    "horizon": Label("last year", "末年"),
}


def key_label(key: str, baseline: Baseline, zone: str = "") -> str:
    """Return what a key path sets, in the language in use; the path itself where that is unknown.

    ``zone`` : of which the picture speaks anyway, so that it need not be named.
    """
    head, *rest = key.split(".")
    if head == "events" and rest:
        return say("event: {name}", name=".".join(rest))
    parts = [part for part in (rest if head in HEADS else [head, *rest]) if part not in INNER]
    levers = {name: kind.label for name, kind in (OF_ZONES | OF_INDUSTRIES).items()}
    if len(parts) == 2:
        levers |= {name: kind.label for name, kind in OF_ZONES.items()}
    known = {name: prior.label for name, prior in load_priors().parameters.items()}
    known |= {name: variable.label for name, variable in VARIABLES.items()} | levers | LEVERS
    if not parts or parts[-1] not in known:
        return key.removeprefix("levers.")
    where = [_place(part, baseline) for part in parts[:-1] if part != zone]
    what = str(known[parts[-1]])
    return joined(" · ".join(where), what)


def joined(first: str, second: str) -> str:
    """Return two names with a colon between them, or the one that there is."""
    colon = "：" if language() == "zh" else ": "
    return colon.join(part for part in (first, second) if part)


def place_label(name: str, baseline: Baseline, zone: str = "") -> str:
    """Return what a zone or an industry is called."""
    if name in baseline.zones:
        return str(baseline.zones[name].label)
    return str(baseline.industry_label(name, zone))


def _place(name: str, baseline: Baseline) -> str:
    if name != "*":
        return place_label(name, baseline)
    return say("both zones") if len(baseline.zones) == 2 else say("all zones")
