"""The command impact: what an investment adds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simcore.cli.base import Command, force_option, json_option, print_json, print_table
from simcore.cli.sources import refuse_output, say_left_out, write_rows
from simcore.errors import InputError
from simcore.labels import say
from simcore.number_text import number
from simcore.units import MONEY, amount_text, unit_text

DRAWS = 4096
SHOWN = ("gdp", "output", "rnd", "investment")
BAND = (0.05, 0.5, 0.95)


@click.command(cls=Command, short_help="Show what an investment adds to GDP, output and R&D.")
@click.option("--zone", required=True, help="Where it is invested.")
@click.option("--industry", required=True, help="In which of the zone's industries.")
@click.option("--amount", type=float, default=100.0, show_default=True, help="In 100 million CNY.")
@click.option("--in", "when", type=int, help="Year of the investment; the first projected one.")
@click.option("--scenario", default="baseline", show_default=True, help="In which world.")
@click.option("--year", "years", type=int, multiple=True, help="Only these years.")
@click.option("-n", "--draws", type=click.IntRange(1), default=DRAWS, show_default=True)
@click.option("--seed", type=click.IntRange(0), help="Seed of the random numbers.")
@click.option("--data", type=click.Path(path_type=Path), help="Also write the rows as CSV.")
@force_option
@json_option
def impact(
    zone: str,
    industry: str,
    amount: float,
    when: int | None,
    scenario: str,
    years: tuple[int, ...],
    draws: int,
    seed: int | None,
    data: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Show what an investment in an industry adds to GDP, output and R&D, year by year.

    \b
    Example: simcore impact --zone donghu --industry optoelectronics --amount 100
             simcore impact --zone jingkai --industry automotive --in 2026 --json
    """
    from simcore.injection import Injection
    from simcore.injection import impact as effect
    from simcore.plan import Plan
    from simcore.reconcile import reconcile
    from simcore.scenario import load_scenario

    refuse_output(None, data, force=force)
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    world = load_scenario(scenario, baseline)
    seed = world.sampling.seed if seed is None else seed
    plan = Plan((world,), draws, seed, posterior, sampler=world.sampling.sampler)
    asked = Injection(zone, industry, amount, when or baseline.base_year + 1)
    _refuse_years(years, asked.year, world.horizon)
    found = effect(plan, asked)
    used = found.sizes["draw"]
    rows = _rows(
        found,
        scenario,
        [year for year in found["year"].values.tolist() if year in years or not years],
    )
    if data is not None:
        write_rows(rows, data)
    if as_json:
        print_json(
            "impact", rows, zone=zone, industry=industry, amount=amount, year=asked.year,
            scenario=scenario, draws=used, seed=seed,
        )  # fmt: skip
        return
    for place in sorted(found["zone"].values.tolist(), key=lambda name: name != zone):
        _print(rows, place, asked, baseline)
    _print_industries(rows, asked, baseline)
    text = say(
        "Medians of {draws:,} draws, seed {seed}; differences draw by draw from {scenario}.",
        draws=used, seed=seed, scenario=scenario,
    )  # fmt: skip
    click.echo(text)
    say_left_out([used], draws)


def _refuse_years(years: tuple[int, ...], first: int, last: int) -> None:
    for year in years:
        if not first <= year <= last:
            raise InputError(say(
                "year {year}: an investment of {first} adds something in {first} to {last}",
                year=year, first=first, last=last,
            ))  # fmt: skip


def _rows(found: Any, scenario: str, years: list[int]) -> list[dict[str, Any]]:
    """Return a row an indicator, zone, industry and year."""
    rows = []
    for name in SHOWN:
        values = found[name].sel(year=years)
        total = values.sum("industry") if "industry" in values.dims else values
        for zone in found["zone"].values.tolist():
            rows += _summary(total.sel(zone=zone), name, zone, None)
    own = found.attrs["zone"]
    for industry in found["industry"].values.tolist():
        values = found["value_added"].sel(zone=own, industry=industry, year=years)
        if values.notnull().any():
            rows += _summary(values, "value_added", own, industry)
    return [{"scenario": scenario} | row for row in rows]


def _summary(values: Any, indicator: str, zone: str, industry: str | None) -> list[dict[str, Any]]:
    low, middle, high = values.quantile(BAND, "draw").values
    return [
        {
            "indicator": indicator, "zone": zone, "industry": industry, "year": int(year),
            "median": float(middle[place]), "q05": float(low[place]), "q95": float(high[place]),
        }
        for place, year in enumerate(values["year"].values)
    ]  # fmt: skip


def _print(rows: list[dict[str, Any]], zone: str, asked: Any, baseline: Any) -> None:
    from simcore.dims import VARIABLES

    names = {name: str(VARIABLES[name].label) for name in SHOWN}
    here = {(row["indicator"], row["year"]): row for row in rows
            if row["zone"] == zone and row["industry"] is None}  # fmt: skip
    years = sorted({year for _, year in here if year >= asked.year})
    lines = [[str(year), *(_cell(here[name, year]) for name in SHOWN)] for year in years]
    title = say(
        "{amount} invested in {industry} of {place} in {year}: what it adds in {zone}",
        amount=amount_text(number(asked.amount), MONEY),
        industry=baseline.industry_label(asked.industry, asked.zone),
        place=baseline.zones[asked.zone].label, year=asked.year, zone=baseline.zones[zone].label,
    )  # fmt: skip
    print_table(title, [f"{unit_text(MONEY)} [90 %]", *names.values()], lines)


def _print_industries(rows: list[dict[str, Any]], asked: Any, baseline: Any) -> None:
    here = [row for row in rows if row["industry"] is not None]
    last = max(row["year"] for row in here)
    chosen = sorted((row for row in here if row["year"] == last), key=lambda r: -r["median"])
    lines = [
        [str(baseline.industry_label(row["industry"], asked.zone)), _cell(row)] for row in chosen
    ]
    title = say("Value added of {year} by industry", year=last)
    print_table(title, [say("industry"), f"{unit_text(MONEY)} [90 %]"], lines)


def _cell(row: dict[str, Any]) -> str:
    middle, low, high = (number(row[key]) for key in ("median", "q05", "q95"))
    return f"{middle} [{low} – {high}]"


COMMANDS = (impact,)
