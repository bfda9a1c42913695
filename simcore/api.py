"""simcore in Python: run, open, compare, and the pure kernel beneath."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from simcore import comparison
from simcore import scenario as scenarios
from simcore.accessor import refuse_weights
from simcore.assessment import targets
from simcore.baseline import Baseline, load_baseline
from simcore.conditioning import condition
from simcore.contributions import Change, contributions
from simcore.dataset import open_results, run_plan
from simcore.discovery import Discovery, Question, conditions
from simcore.drivers import Sensitivity
from simcore.drivers import sensitivity as sensitivity_of
from simcore.errors import InputError
from simcore.exporting import Format
from simcore.exporting import export as export_part
from simcore.extract import Choice
from simcore.goal_seek import solve
from simcore.iamc import Shape
from simcore.injection import Injection
from simcore.injection import impact as impact_of
from simcore.kernel import simulate
from simcore.labels import say
from simcore.lever_effects import lever_effects
from simcore.lever_frontier import frontier
from simcore.lever_ranges import levers_of
from simcore.levers import Scenario
from simcore.plan import Plan, Precision
from simcore.reconcile import reconcile
from simcore.resources import using_calibration
from simcore.samplers import Kind
from simcore.study import using_study
from simcore.verify import plan_from, refuse_other_calibration

__all__ = [
    "compare", "condition", "discover", "explain", "export", "frontier", "impact", "load_baseline",
    "load_scenario", "open_results", "run", "sensitivity", "simulate", "solve", "targets",
    "using_calibration", "using_study",
]  # fmt: skip


def run(
    *names: str | Path | Scenario,
    draws: int | None = None,
    seed: int | None = None,
    settings: Sequence[str] = (),
    precision: Precision = "double",
    sampler: Kind | None = None,
) -> xr.Dataset:
    """Run one or more scenarios on common random numbers, into memory.

    Parameters
    ----------
    names : shipped names, paths of scenario files, or `Scenario` objects; the baseline if none
    draws : number of draws; the first scenario's by default
    seed : the first scenario's by default; draw i depends on the seed and i alone
    settings : ``levers.donghu.gdp_growth=5%`` and the like, laid on every scenario
    precision : of shocks and projection, ``"double"`` or ``"single"``, which is faster
    sampler : ``random``, ``lhs`` or ``sobol``; the first scenario's by default

    Returns
    -------
    A dataset of the layout of the result file.
    """
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    chosen = tuple(
        name if isinstance(name, Scenario) else load_scenario(name, baseline, settings)
        for name in names or ("baseline",)
    )
    sampling = chosen[0].sampling
    return run_plan(
        Plan(
            chosen,
            sampling.draws if draws is None else draws,
            sampling.seed if seed is None else seed,
            posterior,
            precision=precision,
            sampler=sampler or sampling.sampler,
        )
    )


def load_scenario(
    name: str | Path, baseline: Baseline | None = None, settings: Sequence[str] = ()
) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    name : a shipped scenario, several laid on each other (``a+b``), or the path of a file
    baseline : the calibration's figures that it is checked against; read if left out
    settings : ``levers.donghu.gdp_growth=5%`` and the like, laid on it

    Returns
    -------
    The scenario. Raises `InputError` with file, line and column of everything that is wrong.
    """
    return scenarios.load_scenario(str(name), baseline or load_baseline(), settings)


def compare(
    dataset: xr.Dataset,
    baseline: str = "baseline",
    indicators: Sequence[str] = comparison.DEFAULT_INDICATORS,
    years: Sequence[int] | None = None,
) -> xr.Dataset:
    """Return paired differences of every scenario from one of them, draw by draw.

    Parameters
    ----------
    dataset : results of two or more scenarios on common random numbers
    baseline : the scenario that the others are compared with
    indicators : variables of the result, such as ``gdp``
    years : 2025, 2030 and 2035 by default

    Returns
    -------
    Quantiles of levels and differences, and P(A > B); see `simcore.comparison.compare`.
    """
    return comparison.compare(dataset, baseline, indicators, years)


def export(
    source: str | Path | xr.Dataset,
    path: str | Path,
    *,
    to: Format | None = None,
    indicators: Sequence[str] = (),
    zones: Sequence[str] = (),
    scenarios: Sequence[str] = (),
    years: Sequence[int] = (),
    draws: bool = False,
    shape: Shape = "wide",
    force: bool = False,
) -> Path:
    """Write a result, or a part of it, as ``xlsx``, ``csv``, ``parquet`` or ``iamc``.

    Parameters
    ----------
    source : a result file, or a dataset in memory, weighted or not
    path : of the new file; its ending names the format unless ``to`` does
    indicators, zones, scenarios, years : the parts to write; of a workbook the usual indicators by
        default, else all
    draws : every draw instead of statistics, in CSV and Parquet
    shape : of IAMC, ``wide``, a column a year, or ``long``, a row a year
    force : replace the file if it exists

    Returns
    -------
    The file; see `simcore.exporting.export`.
    """
    choice = Choice(indicators, zones, scenarios, years)
    return export_part(
        source, path, to=to, choice=choice, draws=draws, shape=shape, force=force
    )  # fmt: skip


def explain(
    of: str | Path | Scenario | xr.Dataset,
    *,
    zone: str,
    indicator: str = "gdp",
    years: tuple[int, int] = (2023, 2030),
    scenario: str | None = None,
    against: str | None = None,
    draws: int = 4096,
    seed: int | None = None,
) -> xr.Dataset:
    """Take a zone's growth between two years apart, or the difference of two scenarios.

    Parameters
    ----------
    of : a result in memory, or a scenario by name, path or itself
    indicator : ``gdp``, ``gdp_real`` or ``rnd``
    scenario : of a result, its last one by default
    against : the scenario from which the difference in the last year is taken apart
    draws : how many to look at; a result's own are the most
    seed : of a scenario; its own by default

    Returns
    -------
    See `simcore.contributions.contributions`, and `simcore.lever_effects.lever_effects` with
    ``against``. Raises `InputError` for a result whose draws have unequal weights.
    """
    posterior = reconcile()
    if isinstance(of, xr.Dataset):
        refuse_weights(of, say("explain"), say("explain the result as it was run"))
        refuse_other_calibration(of.attrs, posterior, say("the result"))
        if not np.array_equal(of["draw"], np.arange(of.sizes["draw"])):
            raise InputError(
                say("give all draws of a result, or its first ones: they are drawn again")
            )
        plan = plan_from(of.attrs, min(draws, of.sizes["draw"]), posterior)
    else:
        baseline = posterior.problem.past.baseline
        chosen = [
            name if isinstance(name, Scenario) else load_scenario(name, baseline)
            for name in ([against, of] if against else [of])
        ]
        sampling = chosen[-1].sampling
        seed = sampling.seed if seed is None else seed
        plan = Plan(tuple(chosen), draws, seed, posterior, sampler=sampling.sampler)
    change = Change(scenario or plan.scenarios[-1].name, zone, indicator, years)
    return lever_effects(plan, change, against) if against else contributions(plan, change)


def impact(
    zone: str,
    industry: str,
    amount: float = 100.0,
    year: int | None = None,
    *,
    scenario: str | Path | Scenario = "baseline",
    draws: int = 4096,
    seed: int | None = None,
) -> xr.Dataset:
    """Return what an investment in an industry of a zone adds, draw by draw.

    Parameters
    ----------
    zone, industry : where it is spent
    amount : [1e8 CNY, prices of its year]
    year : the first projected one by default
    scenario : the world in which it is spent, by name, path or itself
    draws, seed : of that world; the seed is the scenario's by default

    Returns
    -------
    See `simcore.injection.impact`.
    """
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    world = scenario if isinstance(scenario, Scenario) else load_scenario(scenario, baseline)
    seed = world.sampling.seed if seed is None else seed
    plan = Plan((world,), draws, seed, posterior, sampler=world.sampling.sampler)
    return impact_of(plan, Injection(zone, industry, amount, year or baseline.base_year + 1))


def sensitivity(
    scenario: str | Path | Scenario = "baseline",
    *,
    zone: str,
    indicator: str = "gdp",
    year: int = 2030,
    levers: Sequence[str] = (),
    draws: int = 2048,
    seed: int | None = None,
) -> Sensitivity:
    """Return what drives the spread of a number.

    Parameters
    ----------
    scenario : by name, path or itself
    zone, indicator, year : the number, such as ``gdp`` of ``donghu`` in 2030
    levers : such as ``"donghu.tfp=0 pp..1 pp"``, factors that vary evenly between two values
    draws : of each of the two base samples
    seed : the scenario's by default

    Returns
    -------
    Sobol' indices, and variance by layer and evidence; see `simcore.drivers.sensitivity`.
    """
    posterior = reconcile()
    baseline = posterior.problem.past.baseline
    world = scenario if isinstance(scenario, Scenario) else load_scenario(scenario, baseline)
    seed = world.sampling.seed if seed is None else seed
    plan = Plan((world,), draws, seed, posterior, sampler=world.sampling.sampler)
    change = Change(world.name, zone, indicator, (baseline.base_year, year))
    return sensitivity_of(plan, change, levers=levers_of(levers, baseline))


def discover(
    of: str | Path | Scenario | xr.Dataset,
    goal: str,
    *,
    missed: bool = True,
    scenario: str | None = None,
    shocks: bool = True,
    density: float | None = None,
    draws: int | None = None,
    seed: int | None = None,
) -> Discovery:
    """Return the conditions under which a goal is missed, or met with ``missed=False``.

    Parameters
    ----------
    of : a result in memory, the path of a result file, or a scenario to run
    goal : ``"donghu.gdp.2030=5000"`` and the like, or the id of a documented goal
    scenario : of a result; its baseline by default, all points of a sweep together
    shocks : whether what chance adds up to is looked at beside the parameters
    density : asked of the box; by default the box of the greatest accuracy
    draws, seed : of a scenario to run; the first ``draws`` of a result

    See `simcore.discovery`. Raises `InputError` for a goal that nearly all draws meet or miss.
    """
    return conditions(of, Question(goal, missed, scenario, shocks, density), draws, seed)
