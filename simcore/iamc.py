"""The IAMC format of integrated-assessment models, which pyam reads.

A row has model, scenario, region, variable and unit, and a column a year; or a row a year. Names
are words joined by ``|``, from the general to the special. The plain variable is the median, other
quantiles carry the names of the database of IPCC AR6, ``GDP|Nominal|5.0th Percentile``.

References
----------
Huppmann et al. (2021), pyam: Analysis and visualisation of integrated assessment and macro-energy
scenarios, Open Research Europe 1:74, doi:10.12688/openreseurope.13633.2; Byers et al. (2022), AR6
Scenarios Database, doi:10.5281/zenodo.5886911.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np

from simcore.baseline import Baseline
from simcore.dims import QUANTILES
from simcore.extract import Extract
from simcore.tidy import number, plain

Shape = Literal["wide", "long"]

MONEY, REAL = "100 million CNY/yr", "100 million CNY_2020"
NAMES = {
    "gdp": ("GDP|Nominal", MONEY),
    "gdp_real": ("GDP|Real", f"{REAL}/yr"),
    "gdp_growth": ("GDP|Real|Growth Rate", "%/yr"),
    "value_added": ("Value Added", MONEY),
    "output": ("Gross Output", MONEY),
    "rnd": ("Expenditure|R&D", MONEY),
    "rnd_intensity": ("Expenditure|R&D|Share of GDP", "%"),
    "rnd_stock": ("Capital Stock|R&D", REAL),
    "capital": ("Capital Stock", REAL),
    "investment": ("Investment", MONEY),
    "employment": ("Employment", "10 thousand persons"),
    "population": ("Population", "10 thousand persons"),
    "deflator": ("Price|GDP Deflator", "Index (2020 = 1)"),
    "tfp_growth": ("Productivity|Total Factor|Growth Rate", "%/yr"),
    "tfp_growth_required": ("Productivity|Total Factor|Growth Rate|Required", "%/yr"),
    "revision_factor": ("GDP|Nominal|Revision Factor", "1"),
    "gdp_per_head": ("GDP|Nominal|Per Capita", "10 thousand CNY/yr"),
    "labour_productivity": ("Productivity|Labour", "10 thousand CNY_2020/yr"),
    "high_value_patents": ("Patents|High-Value", "patents per 10 thousand persons"),
    "high_tech_firms": ("Enterprises|High-Tech", "enterprises"),
    "market_entities": ("Market Entities", "10 thousand entities"),
    "enterprises": ("Enterprises", "10 thousand enterprises"),
    "trade": ("Trade", "Index (2020 = 100)"),
    "foreign_investment": ("Investment|Foreign Direct", "100 million USD/yr"),
    "retail_sales": ("Retail Sales", MONEY),
    "fiscal_revenue": ("Revenue|Government", MONEY),
    "resident_income": ("Income|Household|Per Capita", "Index (2020 = 100)"),
    "energy_intensity": ("Energy Intensity|GDP", "Index (2020 = 100)"),
    "carbon_intensity": ("Carbon Intensity|GDP", "Index (2020 = 100)"),
    "hospital_beds": ("Health|Hospital Beds", "beds per 1000 persons"),
    "doctors": ("Health|Doctors", "doctors per 1000 persons"),
    "energy_use": ("Final Energy", "Index (2020 = 100)"),
    "carbon_emissions": ("Emissions|CO2", "Index (2020 = 100)"),
}
"""Variable and unit of every indicator; its numbers stay what they are in the result."""
SUFFIXES = ("Mean", *("" if q == 0.5 else f"{100 * q:.1f}th Percentile" for q in QUANTILES))
KEYS = ("Model", "Scenario", "Region", "Variable", "Unit")
SMALL_WORDS = ("and", "of", "the", "in", "for")


def titled(text: str) -> str:
    """Write a label as a name of the format.

    >>> titled("life and health manufacturing")
    'Life and Health Manufacturing'
    """
    words = text.replace("|", " ").split()
    return " ".join(w if w in SMALL_WORDS else w[:1].upper() + w[1:] for w in words)


def variables(part: Extract, baseline: Baseline, indicator: str, zone: str) -> dict[str, str]:
    """Return the variable of an indicator in a zone, or in each of its industries, by industry."""
    name = NAMES[indicator][0]
    if "industry" not in part.variable(indicator).dims:
        return {"": name}
    industries = [str(industry) for industry in part.dataset["industry"].values]
    labels = {i: titled(part.label("industry", i, baseline).en) for i in industries}
    own = baseline.zones[zone].industries if zone in baseline.zones else industries
    often = Counter(labels[i] for i in industries if i in own)
    return {
        i: f"{name}|{label}" if often[label] < 2 else f"{name}|{label} ({i})"
        for i, label in labels.items()
    }


def write_iamc(
    part: Extract, path: Path, progress: Callable[[int], object], baseline: Baseline, shape: Shape
) -> None:
    """Write quantiles and means as CSV in UTF-8."""
    model = f"simcore {version('simcore')}"
    regions = {zone: titled(part.label("zone", zone, baseline).en) for zone in part.zones}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        last = part.years if shape == "wide" else ("Year", "Value")
        writer.writerow([*KEYS, *last])
        for indicator in part.indicators:
            unit = NAMES[indicator][1]
            names = {zone: variables(part, baseline, indicator, zone) for zone in part.zones}
            for series in part.statistics(indicator):
                variable = names[series.zone][series.industry]
                for suffix, values in zip(SUFFIXES, series.values, strict=True):
                    full = f"{variable}|{suffix}" if suffix else variable
                    keys = [model, plain(series.scenario), regions[series.zone], full, unit]
                    if shape == "wide":
                        writer.writerow([*keys, *map(number, values)])
                        continue
                    for year, value in zip(part.years, values, strict=True):
                        if np.isfinite(value):
                            writer.writerow([*keys, year, number(value)])
            progress(len(part.scenarios))
