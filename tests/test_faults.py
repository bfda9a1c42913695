"""Draws that break something: masked, counted and located; too many of them fail the run."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr
from command_line import invoke, printed_json

from simcore import sweep
from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.cluster import Cluster
from simcore.comparison import compare
from simcore.dataset import open_results, run_plan
from simcore.dims import QUANTILES, VARIABLES
from simcore.errors import InputError, RunError
from simcore.faults import BrokenDraw, Tally, TooManyMasked
from simcore.identities import Finding
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.scenario import load_scenario
from simcore.shards import Parts
from simcore.verify import verify
from simcore.what_if import demands, required

DRAWS, SEED = 2048, 3
BROKEN = {3: "gdp", 1600: "rnd"}  # draw: what breaks in it
NAMES = ("baseline", "growth-5")


@pytest.fixture(scope="module")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    return Plan(tuple(load_scenario(n, baseline) for n in NAMES), DRAWS, SEED, posterior)


@pytest.fixture(scope="module")
def sound(plan: Plan) -> xr.Dataset:
    return run_plan(plan)


def poison(patch: pytest.MonkeyPatch, broken: dict[int, str]) -> None:
    """Let draws of growth-5 break: GDP is not finite, R&D is a millionth off."""
    simulate, members = sweep.simulate, Plan.members
    block = 0

    def noted(plan: Plan, number: int) -> Any:
        nonlocal block
        block = number
        return members(plan, number)

    def poisoned(parameters: Any, *rest: Any) -> dict[str, Array]:
        results = simulate(parameters, *rest)
        if np.isfinite(parameters.zone_pins.target).any():
            for draw, name in broken.items():
                if draw // 1024 == block:
                    wrong = np.nan if name == "gdp" else 1 + 1e-6
                    results[name][1, 4, draw % 1024] *= wrong
        return results

    patch.setattr(Plan, "members", noted)
    patch.setattr(sweep, "simulate", poisoned)


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    poison(monkeypatch, BROKEN)


@pytest.fixture(scope="module")
def made(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result with two masked draws, as a run of the command line writes it."""
    path = tmp_path_factory.mktemp("made") / "x.h5"
    with pytest.MonkeyPatch.context() as patch:
        poison(patch, BROKEN)
        outcome = produce(plan, path, workers=1)
    assert outcome.tally.masked == {"growth-5": 2}
    return path


@pytest.fixture
def result(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path))


def row(cause: str, draws: int, first: str, scenario: str | None = None) -> dict[str, Any]:
    return {
        "cause": cause, "scenario": scenario, "masked": scenario is not None,
        "scenario_draws": draws, "first": first,
    }  # fmt: skip


# --- counting -------------------------------------------------------------------------------------


def test_a_tally_adds_up_by_cause_and_scenario() -> None:
    one, other = Tally(), Tally()
    one.add(Finding("odd", 3, 1, 0, 2030), "first")
    other.add(Finding("odd", 2, 5, 1, 2031), "second")
    other.add(Finding("odd", 1, 0, 0, 2024), "third", "a")
    other.masked["a"] += 1
    one.join(other)
    one.join(other)
    assert one.rows() == [row("odd", 7, "first"), row("odd", 2, "third", "a")]
    assert one.masked == {"a": 2}
    assert Tally.of(one.rows(), {"a": 2, "b": 0}) == one


@pytest.mark.parametrize(("masked", "draws"), [(1, 1000), (2, 2999), (0, 1)])
def test_a_thousandth_of_the_draws_may_be_masked(masked: int, draws: int) -> None:
    Tally.of([row("odd", masked, "there", "a")], {"a": masked, "b": 0}).refuse_too_many(draws)


@pytest.mark.parametrize(("masked", "draws", "share"), [(1, 999, "0.1"), (3, 2999, "0.1"),
                                                         (1, 8, "12.5")])  # fmt: skip
def test_more_are_refused_with_the_main_cause(masked: int, draws: int, share: str) -> None:
    rows = [row("even", 1, "here", "a"), row("odd", masked + 1, "there", "a"),
            row("odd", 99, "nowhere", "b"), row("unusual", 99, "nowhere")]  # fmt: skip
    message = (
        f"^there: odd in {masked + 1} draws; {masked} of {draws} draws of a break "
        rf"\({share} %\), at most 0.1 % may be masked: change what the scenario asks there$"
    )
    tally = Tally.of(rows, {"a": masked, "b": 0})
    with pytest.raises(TooManyMasked, match=message):
        tally.refuse_too_many(draws)
    with pytest.raises(BrokenDraw, match="^there: odd$"):
        tally.refuse_too_many(10**6, fail_fast=True)


# --- in memory ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("poisoned")
def test_draws_that_break_are_masked_and_no_others(plan: Plan, sound: xr.Dataset) -> None:
    found = run_plan(plan)
    kept = ~np.isin(np.arange(DRAWS), list(BROKEN))
    np.testing.assert_array_equal(found["weight"].sel(scenario="growth-5"), kept)
    assert (found["weight"].sel(scenario="baseline") == 1).all()
    assert found.simcore.masked().values.tolist() == [0, 2]
    for name in VARIABLES:
        assert np.isnan(found[name].sel(scenario="growth-5", draw=list(BROKEN))).all(), name
        np.testing.assert_array_equal(found[name].isel(draw=kept), sound[name].isel(draw=kept))
        np.testing.assert_array_equal(found[name][0], sound[name][0])
    rows = [entry for entry in json.loads(found.attrs["unusual"]) if entry["masked"]]
    causes = [
        row("gdp is not finite and positive", 1, "growth-5, draw 3, jingkai, 2027", "growth-5"),
        row("R&D is not intensity times GDP", 1, "growth-5, draw 1600, jingkai, 2027", "growth-5"),
    ]
    assert rows == causes  # nothing of what follows from GDP


def test_what_is_unusual_in_a_masked_draw_is_not_counted(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate = sweep.simulate

    def wild(*arguments: Any) -> dict[str, Array]:
        results = simulate(*arguments)
        results["rnd_intensity"][0, 2, 7:9] *= 100
        results["rnd"][0, 2, 8] *= 100
        return results

    monkeypatch.setattr(sweep, "simulate", wild)
    found = run_plan(replace(plan, scenarios=plan.scenarios[:1], draws=1000))
    rows = json.loads(found.attrs["unusual"])
    assert (
        row("R&D is not intensity times GDP", 1, "baseline, draw 7, donghu, 2025", "baseline")
        in rows
    )
    assert row("R&D above 25 % of GDP", 1, "baseline, draw 8, donghu, 2025") in rows


@pytest.mark.usefixtures("poisoned")
def test_a_single_draw_that_breaks_is_the_whole_run(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, {0: "gdp"})
    with pytest.raises(TooManyMasked, match=r"1 of 1 draws of growth-5 break \(100 %\)"):
        run_plan(replace(plan, draws=1))


@pytest.mark.parametrize("name", ["tfp_growth", "gdp_growth", "investment", "output", "rnd_stock"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_nothing_that_a_file_cannot_hold_is_kept(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, name: str, value: float
) -> None:
    simulate = sweep.simulate

    def spoilt(*arguments: Any) -> dict[str, Array]:
        results = simulate(*arguments)
        results[name][0, 3, 5] = value
        return results

    monkeypatch.setattr(sweep, "simulate", spoilt)
    few = replace(plan, scenarios=plan.scenarios[:1], draws=1000)
    found = run_plan(few)
    assert np.flatnonzero(found["weight"][0] == 0).tolist() == [5]
    causes = [row["cause"] for row in json.loads(found.attrs["unusual"]) if row["masked"]]
    assert any(cause.startswith(f"{name} is not finite") for cause in causes)


@pytest.mark.usefixtures("poisoned")
def test_too_many_fail_the_run(plan: Plan) -> None:
    message = r"^growth-5, draw 3, jingkai, 2027: gdp is not finite .* 1 of 8 draws of growth-5"
    with pytest.raises(TooManyMasked, match=message):
        run_plan(replace(plan, draws=8))


@pytest.mark.usefixtures("poisoned")
def test_fail_fast_stops_at_the_first(plan: Plan) -> None:
    message = r"^growth-5, draw 3, jingkai, 2027: gdp is not finite and positive in 1 draws$"
    with pytest.raises(BrokenDraw, match=message):
        run_plan(replace(plan, fail_fast=True))
    assert replace(plan, fail_fast=True).fingerprint == plan.fingerprint


# --- what a scenario asks -------------------------------------------------------------------------


def asking_too_much(sound: xr.Dataset, baseline: Baseline, count: int) -> Any:
    """Return a scenario whose pins of 2024 leave nothing for the rest of Jingkai in some draws.

    An industry pinned at g exceeds a zone pinned at −45 % where its share is over 0.55/(1 + g).
    """
    at = {"zone": "jingkai", "year": 2023, "scenario": "baseline"}
    share = sound["value_added"].sel(industry="automotive", **at) / sound["gdp"].sel(**at)
    largest = np.sort(share.values.astype(float))[::-1]
    growth = 0.55 / (0.5 * (largest[count - 1] + largest[count])) - 1
    levers = "levers.jingkai.gdp_growth={path: {2024: -45%}, until: 2024}"
    path = f"{{path: {{2024: {100 * growth:.9f}%}}, until: 2024}}"
    industry = f"levers.jingkai.industries.automotive.growth={path}"
    return load_scenario("baseline", baseline, [levers, industry, "name=too-much"])


def test_draws_that_cannot_meet_the_pins_are_masked(
    plan: Plan, sound: xr.Dataset, baseline: Baseline
) -> None:
    found = run_plan(replace(plan, scenarios=(asking_too_much(sound, baseline, 2),)))
    assert found.simcore.masked().item() == 2
    rows = [entry for entry in json.loads(found.attrs["unusual"]) if entry["masked"]]
    kept = found["weight"].values[0] == 1
    place = f"too-much, draw {np.flatnonzero(~kept)[0]}, jingkai, 2024"
    cause = "the pinned industries alone exceed the pinned GDP"
    assert rows == [row(cause, 2, place, "too-much")]  # and nothing of what follows from it
    held = np.isfinite(found["gdp"].sel(zone="jingkai", year=2030).values[0])
    np.testing.assert_array_equal(held, kept)


def test_pins_that_many_draws_cannot_meet_fail_the_run(
    plan: Plan, sound: xr.Dataset, baseline: Baseline
) -> None:
    few = replace(plan, scenarios=(asking_too_much(sound, baseline, 3),))
    with pytest.raises(TooManyMasked, match="2024: the pinned industries alone.* in 3 draws"):
        run_plan(few)


def test_pins_that_most_draws_cannot_meet_are_wrong(
    plan: Plan, sound: xr.Dataset, baseline: Baseline
) -> None:
    most = replace(plan, scenarios=(asking_too_much(sound, baseline, 1200),))
    with pytest.raises(InputError, match=r"2024: the pinned .* in [56]\d\.\d % of the draws"):
        run_plan(most)


# --- in a file ------------------------------------------------------------------------------------


def test_weights_and_causes_stand_in_the_file(made: Path) -> None:
    with h5py.File(made) as file:
        assert np.argwhere(file["weight"][...] == 0).tolist() == [[1, 3], [1, 1600]]
        notes = file["provenance"].attrs
        assert json.loads(notes["masked"]) == {"growth-5": 2}
        assert sum(entry["masked"] for entry in json.loads(notes["unusual"])) == 2
        for name in VARIABLES:
            assert np.isnan(file[name][1, ..., [3, 1600]]).all()


@pytest.mark.usefixtures("poisoned")
def test_verify_reproduces_masks(result: Path, posterior: Posterior) -> None:
    assert verify(result, posterior).same
    with h5py.File(result, "r+") as file:
        file["weight"][1, 3] = 1
    assert [entry.variable for entry in verify(result, posterior).differences] == ["weight"]


@pytest.mark.usefixtures("poisoned")
def test_a_resumed_run_has_the_same_masks(plan: Plan, made: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    produce(replace(plan, draws=1500), path, workers=1)  # one is allowed, draw 3
    assert produce(plan, path, workers=1, resume=True).kept == 1  # from the finished result
    with h5py.File(path) as one, h5py.File(made) as other:
        for name in ["weight", *VARIABLES]:
            assert one[name][...].tobytes() == other[name][...].tobytes(), name
        for note in ("masked", "unusual", "unusual_by_block", "digests"):
            assert one["provenance"].attrs[note] == other["provenance"].attrs[note]


def test_a_changed_weight_is_no_digest_of_the_block(
    plan: Plan, result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, BROKEN)
    with h5py.File(result, "r+") as file:
        file["weight"][1, 3] = 1
    assert produce(plan, result, workers=1, resume=True).damaged == ("x.h5, block 0",)


def test_finished_blocks_stay_and_count(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, {3: "gdp", 1030: "rnd", 1031: "rnd"})
    path = tmp_path / "x.h5"
    message = "draw 1030, .* 3 of 2048 .*2 of 2 blocks are kept.* --resume and more draws goes on"
    with pytest.raises(RunError, match=message):
        produce(plan, path, workers=1)
    assert not path.exists()
    state = Parts(path).state()
    assert state is not None
    assert (state["done"], state["masked"]) == (2, 3)
    with monkeypatch.context() as patch:
        patch.setattr(sweep, "simulate", None)  # nothing is run again
        with pytest.raises(RunError, match="3 of 2048 draws of growth-5 break"):
            produce(plan, path, workers=1, resume=True)
        with pytest.raises(RunError, match=r"draw 1030, .*without --fail-fast goes on"):
            produce(replace(plan, fail_fast=True), path, workers=1, resume=True)
    outcome = produce(replace(plan, draws=3000), path, workers=1, resume=True)
    assert (outcome.kept, outcome.tally.masked) == (2, {"growth-5": 3})


@pytest.mark.long
def test_processes_and_dask_mask_the_same(
    plan: Plan, sound: xr.Dataset, baseline: Baseline, tmp_path: Path
) -> None:
    asked = replace(plan, scenarios=(asking_too_much(sound, baseline, 2),))
    expected = run_plan(asked)["weight"]
    for name, where in (("x.h5", None), ("y.h5", Cluster("local", 1))):
        outcome = produce(asked, tmp_path / name, workers=2, cluster=where)
        assert outcome.tally.masked == {"too-much": 2}
        with open_results(tmp_path / name) as dataset:
            np.testing.assert_array_equal(dataset["weight"], expected)
    with pytest.raises(RunError, match=r"2024: the pinned .*without --fail-fast|in 1 draws$"):
        produce(replace(asked, fail_fast=True), tmp_path / "z.h5", workers=2)


# --- statistics -----------------------------------------------------------------------------------


def test_summaries_are_those_of_the_other_draws(made: Path) -> None:
    with h5py.File(made) as file:
        for name in ("gdp", "tfp_growth_required", "value_added"):
            values = np.delete(file[name][1], list(BROKEN), axis=-1).astype(float)
            known = np.isfinite(values).all(axis=-1)
            expected = np.quantile(values[known], QUANTILES, axis=-1)
            found = file["summary"][name][:, 1]
            np.testing.assert_allclose(found[:, known], expected, rtol=1e-6)
            assert np.isnan(found[:, ~known]).all()
            mean = file["summary"][f"{name}_mean"][1]
            np.testing.assert_allclose(mean[known], values[known].mean(axis=-1), rtol=1e-6)


def test_questions_leave_masked_draws_out(
    made: Path, sound: xr.Dataset, baseline: Baseline, plan: Plan
) -> None:
    kept = sound.drop_isel(draw=list(BROKEN))
    with open_results(made) as dataset:
        one, other = compare(dataset), compare(kept)
        for name in ("gdp", "rnd", "output"):
            paired = [s for s in one["statistic"].values if "baseline" not in s]
            np.testing.assert_array_equal(
                one[name].sel(statistic=paired), other[name].sel(statistic=paired)
            )
        assert required(dataset, 2023) == required(kept, 2023)
        assert demands(dataset, plan.scenarios[1], 2023)[0].tfp_growth_required == (
            demands(kept, plan.scenarios[1], 2023)[0].tfp_growth_required
        )
        at = {"year": 2030, "above": 4000.0}
        np.testing.assert_allclose(
            dataset.simcore.probability("gdp", **at).sel(scenario="growth-5"),
            kept.simcore.probability("gdp", **at).sel(scenario="growth-5"),
        )
        np.testing.assert_allclose(
            dataset.simcore.fan("gdp").sel(scenario="growth-5"),
            kept.simcore.fan("gdp").sel(scenario="growth-5"),
        )


def test_pictures_do_not_need_the_first_draw(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simcore.plot import fan_chart

    poison(monkeypatch, {0: "gdp"})
    path = tmp_path / "x.h5"
    produce(replace(plan, scenarios=plan.scenarios[1:], draws=1000), path, workers=1)
    _, numbers = fan_chart(path, tmp_path / "x.png", data=tmp_path / "x.csv")
    assert sum("jingkai,2030" in line for line in numbers.read_text().splitlines()) == 1


# --- the command line -----------------------------------------------------------------------------


@pytest.mark.usefixtures("poisoned", "own_folder", "read_once")
def test_commands_say_how_many_are_masked_and_why() -> None:
    run = invoke("run", *NAMES, "-n", DRAWS, "--seed", SEED, "-o", "x.h5", "--workers", 1)
    note = (
        "note: 2 of 2048 draws of growth-5 are masked: gdp is not finite and positive, first "
        "growth-5, draw 3, jingkai, 2027"
    )
    assert note in run.stderr.splitlines()
    shown = invoke("inspect", "x.h5").stdout
    assert re.search(r"^masked +2$", shown, re.MULTILINE)
    assert re.search(r"R&D is not intensity times GDP +growth-5 +masked +1 ", shown)
    found = printed_json("inspect", "x.h5")
    assert found["masked"] == {"baseline": 0, "growth-5": 2}
    assert {entry["masked"] for entry in found["unusual"]} == {True, False}
    assert "2 of 2048 draws of growth-5 are masked and left out" in invoke("compare", "x.h5").stderr
    assert printed_json("compare", "x.h5")["masked"] == {"baseline": 0, "growth-5": 2}
    asked = ("what-if", "--gdp-growth", "5%", "-n", DRAWS)
    assert "note: 2 of 2048 draws of what-if are masked: gdp" in invoke(*asked).stderr
    assert printed_json(*asked)["masked"] == {"baseline": 0, "what-if": 2}


@pytest.mark.usefixtures("poisoned", "own_folder", "read_once")
def test_commands_stop_at_the_first_if_asked() -> None:
    place = "draw 3, jingkai, 2027: gdp is not finite and positive in 1 draws"
    words = ("-n", DRAWS, "--fail-fast")
    failed = invoke("run", *NAMES, *words, "--workers", 1, code=1)
    assert failed.stderr.splitlines() == [f"growth-5, {place}"]
    assert place in invoke("what-if", "--gdp-growth", "5%", *words, code=1).stderr
    assert place in invoke("sweep", "growth-3-to-9", *words, "--workers", 1, code=1).stderr
    assert not list(Path("outputs").glob("*"))
