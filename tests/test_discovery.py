"""Scenario discovery: a box and a tree known beforehand are found, and those of the model hold."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from command_line import PNG, invoke, printed_json, refused, write

import simcore
from simcore.arrays import Array, Mask
from simcore.baseline import Baseline
from simcore.boxes import Bounds, inside, peel, quality
from simcore.conditioning import condition
from simcore.dataset import run_plan
from simcore.design import describe, load_design
from simcore.discovery import Discovery, Question, _alike, _rows, discovered, most_differing
from simcore.errors import InputError, RunError
from simcore.labels import use_language
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.rule_tree import grow
from simcore.scenario import load_scenario

pytest.importorskip("ema_workbench", reason="the extra discovery is not installed")
pytest.importorskip("sklearn", reason="the extra discovery is not installed")

GOAL = "donghu.gdp.2030=4200"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second process: what it does has tests of its own."""
    monkeypatch.setattr("simcore.aside.cores", lambda: 1)


@pytest.fixture(scope="module")
def known() -> tuple[Array, Mask]:
    """Four uniform inputs, of interest where x1 > 0.6 and x2 < 0.3: 12 % of the draws."""
    values = np.random.default_rng(1).random((1500, 4))
    return values, (values[:, 1] > 0.6) & (values[:, 2] < 0.3)


def test_a_box_known_beforehand_is_found(known: tuple[Array, Mask]) -> None:
    values, wanted = known
    found = peel(values, wanted)
    one, other = sorted(found.box, key=lambda bounds: bounds.column)
    assert (one.column, one.high, other.column, other.low) == (1, None, 2, None)
    assert one.low == pytest.approx(0.6, abs=0.03)
    assert other.high == pytest.approx(0.3, abs=0.03)
    assert one.low_chance is not None
    assert one.low_chance < 1e-6
    worth = quality(found.inside(values), wanted, np.ones(len(values)))
    assert worth.coverage > 0.95
    assert worth.density > 0.9
    assert worth.mass == pytest.approx(0.12, abs=0.02)
    assert found.steps[0].quality.coverage == found.steps[0].quality.mass == 1
    assert found.steps[0].quality.density == pytest.approx(wanted.mean())


def test_a_density_that_is_asked_for_is_reached_or_refused(known: tuple[Array, Mask]) -> None:
    values, wanted = known
    wide = peel(values, wanted, 0.5)
    worth = quality(wide.inside(values), wanted, np.ones(len(values)))
    assert worth.coverage == 1
    assert 0.5 <= worth.density < 0.6
    noisy = wanted.copy()
    noisy[::3] = ~noisy[::3]
    with pytest.raises(InputError, match=r"no box has a density of 99 %: the densest has \d+ %"):
        peel(values, noisy, 0.99)


def test_what_depends_on_nothing_has_few_conditions(known: tuple[Array, Mask]) -> None:
    """Bounds that a binomial test calls chance are given up: what is left tells little."""
    values = known[0]
    wanted = np.random.default_rng(2).random(len(values)) < 0.4
    found = peel(values, wanted)
    chances = [c for b in found.box for c in (b.low_chance, b.high_chance) if c is not None]
    assert all(chance <= 0.05 for chance in chances)
    worth = quality(found.inside(values), wanted, np.ones(len(values)))
    assert worth.coverage - worth.mass < 0.12


def test_a_tree_splits_where_it_should(known: tuple[Array, Mask]) -> None:
    values, wanted = known
    branches = grow(values, wanted, np.ones(len(values)), values)
    splits = {(b.column, round(b.threshold, 1)) for b in branches if b.column is not None}
    assert splits == {(1, 0.6), (2, 0.3)}
    leaves = [branch for branch in branches if branch.leaf]
    assert sorted(leaf.probability for leaf in leaves) == [0, 0, 1]
    assert sum(leaf.share for leaf in leaves) == pytest.approx(1)
    assert np.sum([leaf.rows for leaf in leaves], axis=0).tolist() == [1] * len(values)
    for branch in branches:
        assert wanted[branch.rows].mean() == pytest.approx(branch.probability)


def test_a_tree_takes_weights(known: tuple[Array, Mask]) -> None:
    values, wanted = known
    root = grow(values, wanted, np.where(wanted, 3.0, 1.0), values)[0]
    share = wanted.mean()
    assert root.probability == pytest.approx(3 * share / (1 + 2 * share))


def test_inputs_are_ranked_by_the_distance_of_their_distributions(
    known: tuple[Array, Mask],
) -> None:
    from scipy.stats import ks_2samp

    values, wanted = known
    ranked = most_differing(values, wanted, np.ones(len(values))).tolist()
    theirs = [ks_2samp(column[wanted], column[~wanted]).statistic for column in values.T]
    assert ranked == np.argsort(-np.array(theirs)).tolist()
    assert set(ranked[:2]) == {1, 2}


def test_weights_are_resampled_in_proportion() -> None:
    assert _alike(np.array([2.0, 2.0, 2.0])).tolist() == [0, 1, 2]
    weight = np.array([1.0, 2.0, 3.0, 2.0])
    rows = _alike(weight)
    assert len(rows) == 3  # (Σw)²/Σw² = 64/18
    assert rows.tolist() == [1, 2, 3]


def test_points_of_a_sweep_are_used_alike() -> None:
    found = _rows([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 300, 1)
    assert len(found.draw) == 1200
    assert np.bincount(found.scenario).tolist() == [120] * 10
    pairs = set(zip(found.scenario.tolist(), found.draw.tolist(), strict=True))
    assert len(pairs) > 1150
    alone = _rows([3], 200, 1)
    assert (alone.scenario == 3).all()
    assert alone.draw.tolist() == list(range(200))


def test_a_box_without_bounds_has_all() -> None:
    values = np.arange(6.0).reshape(3, 2)
    assert inside((), values).all()
    assert inside((Bounds(0, 2.0, 2.5, 0.0, 0.0),), values).tolist() == [False, True, False]


# --- the model ------------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def few_inputs() -> Iterator[None]:
    """Six inputs are searched: a second less for every search."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simcore.discovery.SEARCHED", 6)
        yield


@pytest.fixture(scope="module")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    return Plan((load_scenario("baseline", baseline),), 600, 5, posterior)


@pytest.fixture(scope="module")
def dataset(plan: Plan) -> xr.Dataset:
    return run_plan(plan)


@pytest.fixture(scope="module")
def found(plan: Plan, dataset: xr.Dataset) -> Discovery:
    return discovered(plan, dataset, Question(GOAL))


def test_conditions_of_the_model_hold_in_draws_held_back(
    found: Discovery, dataset: xr.Dataset
) -> None:
    gdp = dataset["gdp"] * dataset["revision_factor"].fillna(1)
    missed = gdp.sel(scenario="baseline", zone="donghu", year=2030).values < 4200
    assert found.share == pytest.approx(missed.mean())
    assert found.standard_error == pytest.approx(missed.std() / np.sqrt(600))
    assert found.looked_at.interest.tolist() == missed.tolist()
    bounded = {restriction.input.name: restriction for restriction in found.box}
    assert bounded["shocks.donghu"].high is not None  # bad luck, and no upper end of it
    assert bounded["shocks.donghu"].low is None
    for worth in (found.found, found.checked):
        assert worth.density > found.share + 0.15
        assert worth.coverage > 0.5
    leaves = [rule for rule in found.tree if rule.leaf]
    assert max(leaf.held for leaf in leaves) > found.share + 0.2 > min(leaf.held for leaf in leaves)


def test_what_the_box_says_is_so(found: Discovery) -> None:
    names = [one.name for one in found.searched]
    rows = np.ones(600, dtype=bool)
    for r in found.box:
        column = found.looked_at.values[:, names.index(r.input.name)]
        rows &= (column >= (-np.inf if r.low is None else r.low)) & (
            column <= (np.inf if r.high is None else r.high)
        )
    assert rows.tolist() == found.looked_at.within.tolist()
    used = ~found.looked_at.held
    assert found.found.density == found.looked_at.interest[used & rows].mean()
    assert found.checked.mass == rows[~used].mean()
    assert used.sum() == 400


def test_parameters_alone_have_priors_and_labels(plan: Plan, dataset: xr.Dataset) -> None:
    found = discovered(plan, dataset, Question(GOAL, shocks=False))
    assert found.searched[0].name == "path_error"
    for one in found.searched:
        assert one.evidence in ("documented", "derived", "assumed")
        assert one.label.en
        assert one.prior is not None
        assert one.prior[0] < one.prior[1]
    low, high = found.searched[0].prior or (0.0, 0.0)
    drawn = np.quantile(found.looked_at.values[:, 0], [0.05, 0.95])
    assert (low, high) == pytest.approx(tuple(drawn), abs=0.4)


def test_inputs_are_those_that_a_result_file_keeps(plan: Plan, tmp_path: Path) -> None:
    import h5py

    from simcore.discovery_inputs import Rows, inputs_of
    from simcore.production import produce

    few = replace(plan, draws=32)
    produce(few, tmp_path / "x.h5", workers=1)
    rows = Rows(np.zeros(32, dtype=int), np.arange(32))
    found = inputs_of(few, rows, "donghu", None)
    with h5py.File(tmp_path / "x.h5") as file:
        names = file["members/parameter"].asstr()[...].tolist()
        place = names.index("path_error")
        kept = file["members/value"][place]
    column = [one.name for one in found.inputs].index("path_error")
    np.testing.assert_allclose(found.values[:, column], 100 * kept, rtol=1e-6)


def test_a_parameter_that_a_scenario_fixes_is_no_input(
    posterior: Posterior, baseline: Baseline
) -> None:
    from simcore.discovery_inputs import Rows, inputs_of

    fixed = ["behaviour.path_error={dist: constant, value: 0.01}", "name=fixed"]
    other = ["behaviour.spillover={dist: uniform, low: 0.1, high: 0.2}", "name=other"]
    scenarios = tuple(load_scenario("baseline", baseline, laid) for laid in (fixed, other))
    plan = Plan(scenarios, 64, 5, posterior)
    one = inputs_of(plan, Rows(np.zeros(64, dtype=int), np.arange(64)), "donghu", 2030)
    assert "path_error" not in [entry.name for entry in one.inputs]
    two = inputs_of(plan, Rows(np.ones(64, dtype=int), np.arange(64)), "donghu", 2030)
    names = [entry.name for entry in two.inputs]
    drawn = two.values[:, names.index("spillover")]
    assert drawn.min() >= 10
    assert drawn.max() <= 20
    assert {"shocks.donghu", "prices.donghu"} <= set(names)


def test_the_prior_of_a_parameter_is_that_of_all_points(
    posterior: Posterior, baseline: Baseline, tmp_path: Path
) -> None:
    from simcore.discovery_inputs import Rows, inputs_of

    head = "simcore: 1\nname: {0}\nlabel: {{en: {0}, zh: 行为}}\n{1}: {2}\n"
    base, sweep = tmp_path / "habit.yaml", tmp_path / "habits.yaml"
    base.write_text(
        head.format("habit", "extends", "baseline")
        + "behaviour: {spillover: {dist: uniform, low: 0.1, high: 0.2}}\n",
        encoding="utf-8",
    )
    sweep.write_text(
        head.format("habits", "base", base)
        + "axes:\n  behaviour.spillover.high: {values: [0.2, 0.5]}\n",
        encoding="utf-8",
    )
    points = load_design(str(sweep), baseline).points
    plan = Plan(tuple(p.scenario for p in points), 2000, 5, posterior, describe(points))
    rows = Rows(np.tile(np.arange(2), 2000), np.repeat(np.arange(2000), 2))
    found = inputs_of(plan, rows, "donghu", None)
    place = [one.name for one in found.inputs].index("spillover")
    prior = found.inputs[place].prior
    assert prior == pytest.approx((10.8, 46.0), abs=0.02)  # (x − 10) (5 + 1.25) = 5; half + half
    assert prior == pytest.approx(np.quantile(found.values[:, place], [0.05, 0.95]), abs=1.0)
    for point, wanted in ((0, (10.5, 19.5)), (1, (12.0, 48.0))):
        alone = Rows(np.full(2000, point), np.arange(2000))
        one = inputs_of(plan, alone, "donghu", None).inputs
        assert next(i.prior for i in one if i.name == "spillover") == pytest.approx(wanted)


def test_levers_of_a_sweep_are_among_the_conditions(
    posterior: Posterior, baseline: Baseline, tmp_path: Path
) -> None:
    sweep = tmp_path / "levers.yaml"
    sweep.write_text(
        "simcore: 1\nname: levers\nlabel: {en: levers, zh: 手段}\nbase: baseline\ncombine: zip\n"
        "axes:\n  levers.donghu.tfp: {values: [0 pp, 1 pp, 8 pp, 7 pp]}\n"
        "  levers.jingkai.tfp: {values: [1 pp, 3 pp, 0 pp, 2 pp]}\n",
        encoding="utf-8",
    )
    points = load_design(str(sweep), baseline).points
    plan = Plan(tuple(p.scenario for p in points), 300, 5, posterior, describe(points))
    found = discovered(plan, run_plan(plan), Question("donghu.gdp.2030=5000", missed=False))
    assert len(found.scenarios) == 4
    assert [one.evidence for one in found.searched[:2]] == ["lever", "lever"]
    assert found.searched[0].name == "levers.donghu.tfp"
    assert found.searched[0].prior == (0.0, 8.0)
    assert found.tree[1].input == found.searched[0]
    assert found.tree[1].threshold == 4.0
    bounds = next(r for r in found.box if r.input.name == "levers.donghu.tfp")
    assert bounds.low is not None
    assert 1 < bounds.low <= 7
    met = found.looked_at.interest.reshape(300, 4).mean(axis=1)  # of a draw, at all four points
    assert found.standard_error == pytest.approx(met.std() / np.sqrt(300))


def test_weights_count_and_masked_draws_do_not(plan: Plan, dataset: xr.Dataset) -> None:
    masked = dataset.copy(deep=True)
    masked["weight"][0, :50] = 0
    masked["gdp"][..., :50] = np.nan
    weighted = condition(masked, "6%", zone="donghu", tolerance="2 pp")
    found = discovered(plan, weighted, Question("donghu.gdp.2030=4500"))
    assert found.draws == 550
    assert found.looked_at.rows.draw.min() == 50
    weight = weighted["weight"].sel(scenario="baseline").values.astype(float)[50:]
    assert found.share == pytest.approx(np.average(found.looked_at.interest, weights=weight))
    used = found.looked_at.within & ~found.looked_at.held
    assert found.found.density == pytest.approx(
        np.average(found.looked_at.interest[used], weights=weight[used])
    )


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            Question("donghu.gdp.2030=1"),
            "met in all 400 draws searched; there is nothing to tell apart",
        ),
        (Question("donghu.gdp.2030=99999"), "missed in all 400 draws"),
        (Question("donghu.gdp.2030=2700"), "missed in 1?[0-9] and met in 3[89][0-9] of 400 draws"),
        (Question("donghu.gdp.2036=5000"), "2036 is not among the years of baseline, 2015 to 2035"),
        (Question("donghu.gpd.2030=5000"), "unknown variable 'gpd'"),
        (Question(GOAL, scenario="basline"), "unknown scenario 'basline'; did you mean 'baseline'"),
        (Question("donghu.environment.forest.share.2025.target"), "its pace alone is"),
    ],
)
def test_what_cannot_be_told_is_refused(
    plan: Plan, dataset: xr.Dataset, question: Question, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        discovered(plan, dataset, question)


def test_few_draws_are_refused(plan: Plan, dataset: xr.Dataset) -> None:
    few = dataset.isel(draw=slice(0, 149))
    with pytest.raises(InputError, match="149 draws are too few to look for conditions: 150 at"):
        discovered(plan, few, Question(GOAL))


@pytest.mark.usefixtures("read_once")
def test_results_in_memory_are_answered(dataset: xr.Dataset, found: Discovery) -> None:
    again = simcore.discover(dataset, GOAL)
    assert (again.box, again.steps, again.tree) == (found.box, found.steps, found.tree)
    with pytest.raises(InputError, match="give all draws of a result, or its first ones"):
        simcore.discover(dataset.isel(draw=slice(1, None)), GOAL)


@pytest.mark.parametrize("library", ["ema_workbench", "sklearn"])
def test_without_the_library_one_line_says_so(
    library: str, known: tuple[Array, Mask], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, library, None)
    values, wanted = known

    def search() -> None:
        if library == "sklearn":
            grow(values, wanted, np.ones(len(values)), values)
        else:
            peel(values, wanted)

    with pytest.raises(RunError, match=r"pip install 'simcore\[discovery\]'"):
        search()


def test_the_library_is_imported_when_it_is_needed() -> None:
    code = "import sys, simcore.discovery; print({'ema_workbench', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- the command ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_folder", "read_once")
def test_the_command_prints_draws_and_writes() -> None:
    invoke("run", "baseline", "-n", 600, "--seed", 5, "-o", "x.h5")
    words = ["discover", "x.h5", "--goal", GOAL]
    text = invoke(*words, "-o", "box.png", "--data", "draws.csv").stdout
    assert "donghu.gdp.2030=4200 is missed in" in text
    assert "shocks, crises and events, summed to 2030 (East Lake High-tech)" in text
    assert "Draws held back: coverage" in text
    assert "all: 100 % of draws, missed in" in text
    assert Path("box.png").read_bytes().startswith(PNG)
    with Path("draws.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    printed = printed_json(*words)
    assert len(rows) == 600
    assert np.mean([int(row["missed"]) for row in rows]) == pytest.approx(printed["share"])
    held = [row for row in rows if row["held_back"] == "1" and row["in_box"] == "1"]
    assert np.mean([int(row["missed"]) for row in held]) == pytest.approx(
        printed["held_back"]["density"]
    )
    assert printed["rows"][0]["input"] == "shocks.donghu"
    assert printed["tree"][0]["share"] == 1
    chinese = invoke("--lang", "zh", *words, "--met", "--no-shocks").stdout
    assert "实现的条件" in chinese
    assert "规则树" in chinese
    use_language("en")


@pytest.mark.usefixtures("own_folder", "read_once")
def test_the_command_refuses_in_one_line() -> None:
    words = ["discover", "baseline", "--goal", GOAL]
    assert "50% or 0.5% instead of 0.5" in refused(*words, "--density", "0.5")[0]
    assert "not between 0% and 100%" in refused(*words, "--density", "120%")[0]
    assert "too few to look for conditions" in refused(*words, "-n", 20)[0]
    assert "is none: ZONE.VARIABLE.YEAR=VALUE" in refused(*words[:3], "gdp")[0]
    assert "no such scenario" in refused("discover", "basline", "--goal", GOAL)[0]
    write(
        "s.yaml",
        "simcore: 1\nname: s\nlabel: {en: s, zh: s}\naxes: {levers.*.tfp: {values: [0 pp]}}\n",
    )
    assert "is a sweep; look at its result" in refused("discover", "s.yaml", "--goal", GOAL)[0]


def test_a_weighted_result_without_both_kinds_is_refused(plan: Plan, dataset: xr.Dataset) -> None:
    few = dataset.copy(deep=True)
    growth = few["gdp_real"].sel(scenario="baseline", zone="donghu", year=2030).values
    few["weight"][0] = np.where(growth > np.quantile(growth, 0.6), 1.0, 1e-9)
    goal = f"donghu.gdp_real.2030={np.quantile(growth, 0.3):.0f}"
    with pytest.raises(InputError, match="met in all .* draws searched"):
        discovered(plan, few, Question(goal))
