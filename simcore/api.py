"""simcore in Python: run, open, compare, and the pure kernel beneath."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from simcore import comparison
from simcore import scenario as scenarios
from simcore.assessment import targets
from simcore.baseline import Baseline, load_baseline
from simcore.conditioning import condition
from simcore.dataset import open_results, run_plan
from simcore.goal_seek import solve
from simcore.kernel import simulate
from simcore.levers import Scenario
from simcore.plan import Plan, Precision
from simcore.reconcile import reconcile
from simcore.resources import using_calibration
from simcore.samplers import Kind

__all__ = [
    "compare", "condition", "load_baseline", "load_scenario", "open_results", "run", "simulate",
    "solve", "targets", "using_calibration",
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
    """Read a shipped scenario by name, or a file by path."""
    return scenarios.load_scenario(str(name), baseline or load_baseline(), settings)


def compare(
    dataset: xr.Dataset,
    baseline: str = "baseline",
    indicators: Sequence[str] = comparison.DEFAULT_INDICATORS,
    years: Sequence[int] | None = None,
) -> xr.Dataset:
    """Return paired differences of every scenario from ``baseline``; see `simcore.comparison`."""
    return comparison.compare(dataset, baseline, indicators, years)
