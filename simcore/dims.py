"""Dimensions and variables of a result: names, units and labels, in one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcore.labels import Label

SCENARIO, ZONE, INDUSTRY, YEAR, DRAW = "scenario", "zone", "industry", "year", "draw"
BY_ZONE = (SCENARIO, ZONE, YEAR, DRAW)
BY_INDUSTRY = (SCENARIO, ZONE, INDUSTRY, YEAR, DRAW)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

DRAW_ATTRIBUTES = {"standard_name": "realization", "long_name": "member of the ensemble"}
STATUS = ("", "history", "nowcast", "projection")
STATUS_ATTRIBUTES = {
    "flag_values": np.arange(len(STATUS), dtype="i1"),
    "flag_meanings": "none history nowcast projection",
    "long_name": "what a zone's year rests on",
    "long_name_zh": "年份性质（历史、推估、预测）",
    "units": "1",
}


@dataclass(frozen=True)
class Variable:
    """A result variable: its dimensions, units, label and, for money, its price basis."""

    name: str
    dims: tuple[str, ...]
    units: str
    label: Label
    price_basis: str = ""

    @property
    def attributes(self) -> dict[str, str]:
        """Attributes as they stand in the file."""
        found = {"units": self.units, "long_name": self.label.en, "long_name_zh": self.label.zh}
        return found | ({"price_basis": self.price_basis} if self.price_basis else {})


def _money(name: str, en: str, zh: str, dims: tuple[str, ...] = BY_ZONE) -> Variable:
    return Variable(name, dims, "1e8 CNY", Label(en, zh), "current")


def _real(name: str, en: str, zh: str) -> Variable:
    return Variable(name, BY_ZONE, "1e8 CNY", Label(en, zh), "constant 2020")


def _rate(name: str, en: str, zh: str, units: str = "percent") -> Variable:
    return Variable(name, BY_ZONE, units, Label(en, zh))


def _index(name: str, en: str, zh: str, price_basis: str = "") -> Variable:
    return Variable(name, BY_ZONE, "2020 = 100", Label(en, zh), price_basis)


CORE = {
    variable.name: variable
    for variable in (
        _money("gdp", "GDP at current prices", "地区生产总值（现价）"),
        _real("gdp_real", "GDP at 2020 prices", "地区生产总值（2020年价）"),
        _rate("gdp_growth", "real GDP growth", "地区生产总值实际增速"),
        _money("value_added", "value added at current prices", "增加值（现价）", BY_INDUSTRY),
        _money("output", "gross output at current prices", "总产值（现价）", BY_INDUSTRY),
        _money("rnd", "R&D spending at current prices", "研发经费投入（现价）"),
        _rate("rnd_intensity", "R&D spending over GDP", "研发投入强度", "percent of GDP"),
        _real("rnd_stock", "R&D stock at 2020 prices", "研发资本存量（2020年价）"),
        _real("capital", "capital stock at 2020 prices", "资本存量（2020年价）"),
        _money("investment", "fixed-asset investment at current prices", "固定资产投资（现价）"),
        Variable("employment", BY_ZONE, "1e4 persons", Label("employment", "就业人员")),
        Variable("population", BY_ZONE, "1e4 persons", Label("population", "常住人口")),
        Variable(
            "deflator", BY_ZONE, "1", Label("GDP deflator, 2020 = 1", "GDP平减指数（2020年=1）"),
        ),
        _rate(
            "tfp_growth", "total factor productivity growth", "全要素生产率增速",
            "percent a year",
        ),
        _rate(
            "tfp_growth_required", "productivity growth that the closure requires",
            "目标增速所需的全要素生产率增速", "percent a year",
        ),
        Variable(
            "revision_factor", BY_ZONE, "1",
            Label("figure as it will be published over this GDP", "公布数与本口径之比"),
        ),
        Variable(
            "gdp_per_head", BY_ZONE, "1e4 CNY",
            Label("GDP per head at current prices", "人均地区生产总值（现价）"), "current",
        ),
        Variable(
            "labour_productivity", BY_ZONE, "1e4 CNY",
            Label("GDP per employed person at 2020 prices", "全员劳动生产率（2020年价）"),
            "constant 2020",
        ),
    )
}  # fmt: skip
"""Variables of the core, and what follows from them by an identity."""

SATELLITES = {
    variable.name: variable
    for variable in (
        Variable(
            "high_value_patents", BY_ZONE, "patents per 1e4 persons",
            Label("high-value invention patents", "高价值发明专利拥有量"),
        ),
        Variable(
            "high_tech_firms", BY_ZONE, "firms", Label("high-tech firms", "高新技术企业数"),
        ),
        Variable(
            "market_entities", BY_ZONE, "1e4 firms",
            Label("market entities, the self-employed included", "市场主体数"),
        ),
        Variable("enterprises", BY_ZONE, "1e4 firms", Label("enterprises", "企业数")),
        _index("trade", "exports and imports at current prices", "进出口总额（现价）", "current"),
        Variable(
            "foreign_investment", BY_ZONE, "1e8 USD",
            Label("foreign investment of a year", "当年利用外资"), "current",
        ),
        _money("retail_sales", "retail sales at current prices", "社会消费品零售总额（现价）"),
        _money("fiscal_revenue", "fiscal revenue of all levels", "全口径财政收入"),
        _index(
            "resident_income", "real resident income per head", "居民人均可支配收入（实际）",
            "constant 2020",
        ),
        _index("energy_intensity", "energy use over real GDP", "单位地区生产总值能耗"),
        _index("carbon_intensity", "carbon dioxide over real GDP", "单位地区生产总值二氧化碳排放"),
        Variable(
            "hospital_beds", BY_ZONE, "beds per 1000 persons",
            Label("hospital beds", "医疗卫生机构床位数"),
        ),
        Variable(
            "doctors", BY_ZONE, "doctors per 1000 persons",
            Label("doctors", "执业（助理）医师数"),
        ),
        _index("energy_use", "energy use", "能源消费量"),
        _index("carbon_emissions", "emissions of carbon dioxide", "二氧化碳排放量"),
    )
}  # fmt: skip
"""Variables of the satellite equations, in the order of ``satellites.yaml``."""

VARIABLES = CORE | SATELLITES
"""Every variable that a block of draws yields, in the order of the file."""

WEIGHT = Variable("weight", (SCENARIO, DRAW), "1", Label("weight of the member", "样本权重"))
