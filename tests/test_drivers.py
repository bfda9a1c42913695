"""Sobol' indices: known ones are found, and those of the model add up and mean what they say."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import PNG, invoke, printed_json, refused

from simcore import sampling
from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.contributions import Change
from simcore.drivers import Sensitivity, sensitivity
from simcore.errors import InputError, RunError
from simcore.indices import Index, Seeds, sobol_indices
from simcore.labels import use_language
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.scenario import load_scenario, resolve

BLOCKS = 16
NAMES = ("x1", "x2", "x3")


def uniforms(seeds: Seeds, name: str) -> Array:
    return np.hstack([sampling.uniforms(seeds(name), name, b, 1)[0] for b in range(BLOCKS)])


def ishigami(seeds: Seeds) -> Array:
    one, two, three = (np.pi * (2 * uniforms(seeds, name) - 1) for name in NAMES)
    return np.asarray(np.sin(one) + 7 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one))


def linear(seeds: Seeds) -> Array:
    return sum((k + 1) * uniforms(seeds, name) for k, name in enumerate(NAMES))  # type: ignore[return-value]


# Ishigami & Homma (1990): V = a²/8 + b π⁴/5 + b² π⁸/18 + 1/2 with a = 7, b = 0.1
V = 49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 1 / 2
CROSS = 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
ALONE = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2
ISHIGAMI = {"x1": (ALONE / V, (ALONE + CROSS) / V), "x2": (49 / 8 / V,) * 2, "x3": (0.0, CROSS / V)}
LINEAR = {name: ((k + 1) ** 2 / 14,) * 2 for k, name in enumerate(NAMES)}


@pytest.mark.parametrize(("run", "theory"), [(ishigami, ISHIGAMI), (linear, LINEAR)])
def test_indices_of_known_models_are_found(
    run: object, theory: dict[str, tuple[float, ...]]
) -> None:
    """Within twice the reported interval, of six or so that hold nine times in ten."""
    factors = [(name, lambda other, name=name: other == name) for name in NAMES]
    for found in sobol_indices(run, factors, (1, 2)):  # type: ignore[arg-type]
        for value, (low, high), expected in (
            (found.first_order, found.first_interval, theory[found.factor][0]),
            (found.total_order, found.total_interval, theory[found.factor][1]),
        ):
            assert low < value < high
            assert abs(value - expected) < high - low, found
            assert high - low < 0.05


def test_intervals_hold_nine_times_in_ten() -> None:
    held = []
    for seed in range(40):
        factors = [("x3", lambda name: name == "x3")]
        found = sobol_indices(linear_of_one_block, factors, (seed, 1000 + seed))[0]
        low, high = found.total_interval
        held.append(low < LINEAR["x3"][0] < high)
    assert 0.75 <= np.mean(held) <= 1.0  # 0.9, binomial s.e. 0.047


def linear_of_one_block(seeds: Seeds) -> Array:
    return sum(  # type: ignore[return-value]
        (k + 1) * sampling.uniforms(seeds(name), name, 0, 1)[0] for k, name in enumerate(NAMES)
    )


def test_estimates_are_those_of_scipy() -> None:
    from scipy.stats import sobol_indices as estimate

    factors = [(name, lambda other, name=name: other == name) for name in NAMES]
    values = [ishigami(lambda _: 1), ishigami(lambda _: 2)]
    mixed = [ishigami(lambda n, name=name: 2 if n == name else 1) for name in NAMES]  # type: ignore[misc]
    theirs = estimate(
        func={"f_A": values[0][None], "f_B": values[1][None], "f_AB": np.array(mixed)[:, None]},
        n=BLOCKS * sampling.BLOCK,
    )  # fmt: skip
    ours = sobol_indices(ishigami, factors, (1, 2))  # type: ignore[arg-type]
    np.testing.assert_allclose([i.first_order for i in ours], theirs.first_order, atol=1e-3)
    np.testing.assert_allclose([i.total_order for i in ours], theirs.total_order, atol=1e-3)


def test_what_does_not_vary_or_is_too_short_is_refused() -> None:
    factors = [("x1", lambda name: name == "x1")]
    with pytest.raises(RunError, match="the same in every draw"):
        sobol_indices(lambda _: np.ones(128), factors, (1, 2))
    with pytest.raises(InputError, match="63 draws are too few"):
        sobol_indices(lambda seeds: uniforms(seeds, "x1")[:63], factors, (1, 2))


# --- the model ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(posterior: Posterior, baseline: Baseline) -> Sensitivity:
    plan = Plan((load_scenario("baseline", baseline),), 2048, 3, posterior)
    return sensitivity(plan, Change("baseline", "donghu", "gdp", (2023, 2030)))


def test_shares_of_the_model_sum_as_they_should(found: Sensitivity) -> None:
    """First orders to at most one, totals to at least one, up to their errors; layers too."""
    for rows in (found.factors, found.layers):
        first = sum(row.index.first_order for row in rows)
        total = sum(row.index.total_order for row in rows)
        error = 3 * sum(_error(row.index) ** 2 for row in rows) ** 0.5
        assert 0.8 < first < 1 + error
        assert 1 - error < total < 1.3
    for layer in found.layers:
        inside = [row.index for row in found.factors if row.layer == layer.name]
        error = 3 * sum(_error(index) ** 2 for index in [*inside, layer.index]) ** 0.5
        assert layer.index.total_order < sum(index.total_order for index in inside) + error


def _error(index: Index) -> float:
    low, high = index.first_interval
    return (high - low) / 2 / 1.645


def test_every_random_number_of_a_run_has_a_factor_and_a_label(found: Sensitivity) -> None:
    names = {row.name for row in found.factors}
    assert {"base_state", "shock.nation", "shock.city", "shock.zone", "shock.activity", "crisis",
            "deflator", "parameter.path_error", "parameter.rnd_elasticity"} <= names  # fmt: skip
    assert all(row.label for row in found.factors)
    assert {row.layer for row in found.factors} == {row.name for row in found.layers}
    graded = [row for row in found.factors if row.layer == "parameters"]
    assert {row.evidence for row in graded} <= {"documented", "derived", "assumed"}


def test_grades_of_evidence_hold_their_parameters(found: Sensitivity) -> None:
    parameters = [row for row in found.factors if row.layer == "parameters"]
    assert {row.name for row in found.grades} == {row.evidence for row in parameters}
    for grade in found.grades:
        inside = [row.index for row in parameters if row.evidence == grade.name]
        error = 3 * sum(_error(index) ** 2 for index in [*inside, grade.index]) ** 0.5
        assert max(i.total_order for i in inside) - error < grade.index.total_order
        assert grade.index.total_order < sum(i.total_order for i in inside) + error
    derived = next(row.index for row in found.grades if row.name == "derived")
    assert derived.total_order > 0.05  # the error of the national path


def test_the_spread_is_that_of_a_run(found: Sensitivity) -> None:
    assert found.deviation / found.mean == pytest.approx(0.21, abs=0.04)


def test_pinned_growth_leaves_only_base_state_and_prices(
    posterior: Posterior, baseline: Baseline
) -> None:
    plan = Plan((load_scenario("growth-5", baseline),), 256, 3, posterior, block_draws=256)
    change = Change("growth-5", "jingkai", "gdp", (2023, 2030))
    layers = {row.name: row.index for row in sensitivity(plan, change).layers}
    assert layers["base_state"].total_order + layers["prices"].total_order == pytest.approx(
        1, abs=0.1
    )
    assert abs(layers["chance"].total_order) < 1e-9
    assert abs(layers["parameters"].total_order) < 1e-9


def test_a_random_event_is_a_factor(posterior: Posterior, baseline: Baseline) -> None:
    event = "events=[{name: fire, zone: jingkai, size: -40%, probability: 20%, persistence: 1}]"
    scenario = resolve("baseline", baseline, [event, "name=fire"]).scenario
    plan = Plan((scenario,), 256, 3, posterior, block_draws=256)
    rows = sensitivity(plan, Change("fire", "jingkai", "gdp_real", (2023, 2030))).factors
    assert rows[0].name == "event"
    assert rows[0].index.total_order > 0.5
    elsewhere = sensitivity(plan, Change("fire", "donghu", "gdp_real", (2023, 2030)), 128).factors
    assert next(row for row in elsewhere if row.name == "event").index.total_order < 0.01


def test_the_same_seed_gives_the_same_indices(posterior: Posterior, baseline: Baseline) -> None:
    plan = Plan((load_scenario("baseline", baseline),), 128, 3, posterior, block_draws=256)
    change = Change("baseline", "donghu", "rnd", (2023, 2030))
    one, other = sensitivity(plan, change), sensitivity(replace(plan, draws=200), change, 128)
    assert one == other


def test_draws_that_cannot_do_what_the_scenario_asks(
    posterior: Posterior, baseline: Baseline
) -> None:
    def found(growth: str, draws: int) -> Sensitivity:
        settings = ["levers.donghu.gdp_growth=1%", "name=hard",
                    f"levers.donghu.industries.optoelectronics.growth={growth}"]  # fmt: skip
        scenario = resolve("baseline", baseline, settings).scenario
        change = Change("hard", "donghu", "gdp", (2023, 2035))
        return sensitivity(Plan((scenario,), draws, 11, posterior), change)

    few = found("9%", 1024)
    assert 1020 < few.draws < 1024
    assert np.isfinite([few.mean, few.deviation]).all()
    with pytest.raises(InputError, match=r"'hard' asks what cannot be in \d+ of 256 draws"):
        found("12%", 256)


# --- the command ----------------------------------------------------------------------------------

FEW = ("-n", 128, "--zone", "donghu")


@pytest.mark.usefixtures("own_folder", "read_once")
def test_the_command_prints_draws_and_writes() -> None:
    text = invoke("sensitivity", *FEW, "-o", "drivers.png", "--data", "drivers.csv").stdout
    assert "East Lake High-tech: GDP at current prices of 2030, baseline · mean" in text
    assert "BASE STATE" in text
    assert "factors below 1 % are left out" in text
    assert Path("drivers.png").read_bytes().startswith(PNG)
    with Path("drivers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    printed = printed_json("sensitivity", *FEW)
    assert [row["parameter"] for row in printed["rows"]] == [row["parameter"] for row in rows]
    assert {row["parameter"] for row in printed["layers"]} == {
        "base_state", "parameters", "chance", "prices"
    }  # fmt: skip
    assert printed["draws"] == 128
    whole = invoke("--lang", "zh", "sensitivity", *FEW, "--all").stdout
    assert "基期状态" in whole
    assert "未列出" not in whole
    use_language("en")
    assert "unknown zone" in refused("sensitivity", "--zone", "wuhan", "-n", 128)[0]
    assert "too few" in refused("sensitivity", "-n", 8)[0]
