"""Standard errors of quantiles, and estimates before a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simcore.baseline import Baseline
from simcore.levers import Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.precision import ENOUGH, enough, estimate, precision, quantile_error
from simcore.production import produce
from simcore.scenario import load_scenario


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.95])
def test_the_error_is_that_of_repeated_samples(quantile: float) -> None:
    """Against 4000 samples of 500 draws of a skewed distribution."""
    generator = np.random.default_rng(3)
    samples = np.exp(0.4 * generator.standard_normal((4000, 500)))
    found = np.quantile(samples, quantile, axis=1).std()
    told = [quantile_error(sample, quantile, 500) for sample in samples[:200]]
    assert np.mean(told) == pytest.approx(found, rel=0.1)


def test_four_times_the_draws_halve_it() -> None:
    values = np.random.default_rng(5).standard_normal(2000)
    one, four = (quantile_error(values, 0.5, n) for n in (1000, 4000))
    assert one / four == pytest.approx(2)


@pytest.fixture(scope="module")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    scenarios = tuple(load_scenario(name, baseline) for name in ("baseline", "growth-5", "rnd-14"))
    return Plan(scenarios, 3000, 4, posterior)


def test_the_estimate_is_of_the_plan(plan: Plan, tmp_path: Path) -> None:
    found = estimate(plan)
    assert (found.scenarios, found.draws) == (3, 3000)
    assert found.seconds > 0
    assert {row.zone for row in found.precision} == {"donghu", "jingkai"}
    more = estimate(replace(plan, draws=300_000))
    for few, many in zip(found.precision, more.precision, strict=True):
        assert few.standard_error / many.standard_error == pytest.approx(10)
    assert enough(more.precision)
    assert not enough([replace(found.precision[1], standard_error=2 * ENOUGH * 5000)])


def test_what_comes_before_the_blocks_is_counted_once_and_not_shared(
    plan: Plan, baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a clock that goes on by an hour whenever projects are compared, and else by a second."""
    clock, tick = [0.0], 1.0

    def now() -> float:
        clock[0] += tick
        return clock[0]

    def effects(_: object, scenarios: Sequence[Scenario], *__: object) -> tuple[None, ...]:
        clock[0] += 3600 * any(s.name == "rnd-14" for s in scenarios)
        return (None,) * len(scenarios)

    monkeypatch.setattr("simcore.precision.time.perf_counter", now)
    monkeypatch.setattr("simcore.plan.project_effects", effects)
    pair = replace(plan, scenarios=(plan.scenarios[0], plan.scenarios[2]), draws=300_000)
    found = estimate(pair)
    assert found.before == 3600 + 2 * tick
    assert found.seconds == 293 * 2 * tick


def test_megabytes_are_those_of_the_file(plan: Plan, tmp_path: Path) -> None:
    small = replace(plan, draws=1024)
    produce(small, tmp_path / "x.h5", workers=1)
    size = (tmp_path / "x.h5").stat().st_size / 1e6
    assert estimate(small).megabytes == pytest.approx(size, rel=0.15)


def test_a_headline_year_beyond_the_horizon_is_the_last_one(plan: Plan) -> None:
    layout = replace(plan.layout, years=tuple(range(2015, 2028)))
    values = np.random.default_rng(1).lognormal(size=(2, 13, 500))
    assert {row.year for row in precision(values, layout, 500)} == {2027}
