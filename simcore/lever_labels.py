"""What people call each lever and assumption: one label each, wherever it is shown."""

from __future__ import annotations

from simcore.instruments import OF_INDUSTRIES, OF_ZONES
from simcore.labels import Label

ZONE_LEVERS = {
    "gdp_growth": Label("real GDP growth a year", "地区生产总值年均实际增长"),
    **{name: kind.label for name, kind in OF_ZONES.items()},
    "projects": Label("levers on major projects", "重大项目政策"),
    "firms": Label("levers on firms", "企业政策"),
}
INDUSTRY_LEVERS = {
    **{name: kind.label for name, kind in OF_INDUSTRIES.items()},
    "investment_share": Label("added share of the zone's investment", "占全区投资比重提高"),
    "labour_share": Label("added share of the zone's employment", "占全区就业比重提高"),
}
PROJECT_LEVERS = {
    "arrivals": Label("number of new major projects a year", "每年新增重大项目数"),
    "sizes": Label("budgets of major projects", "重大项目签约规模"),
    "delay": Label("delay of major projects' preparation", "重大项目前期工作延长"),
    "funds": Label("yearly funds for new starts", "每年新开工资金"),
    "capacity": Label("capacity to build", "建设能力"),
    "cancellation": Label("share of major projects that are dropped", "重大项目取消比例"),
}
FIRM_LEVERS = {
    "entry": Label("new firms a year", "每年新设企业数"),
    "promotion": Label("rates of promotion of firms", "企业晋级率"),
    "exit": Label("rates of exit of firms", "企业退出率"),
    "support": Label("support of firms", "企业扶持"),
}
ASSUMPTIONS = {
    "inflation": Label("inflation (GDP deflator) a year", "价格（GDP平减指数）年均涨幅"),
    "national_growth": Label("real growth of the nation's GDP a year", "全国GDP年均实际增长"),
}
EVERY = ZONE_LEVERS | INDUSTRY_LEVERS | PROJECT_LEVERS | FIRM_LEVERS | ASSUMPTIONS
"""By the last word of a key; the levers of a zone and of an industry that share a name are one."""
