"""What `make bench` compares is the same model, and what it writes is what it measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import ema, events, firms, kernel, loop, report, sweep
from benchmarks.measure import interleaved, python, ratios, rounds_for, spread, watch
from simcore.assembly import build_parameters
from simcore.members import Members
from simcore.parameters import Parameters
from simcore.posterior import Posterior
from simcore.scenario import load_scenario

DRAWS = 20


@pytest.fixture(scope="module")
def parameters(posterior: Posterior) -> Parameters:
    scenario = load_scenario(loop.SCENARIO, posterior.problem.past.baseline)
    return build_parameters(Members(posterior, loop.SEED, 0), scenario)


@pytest.fixture(scope="module")
def draws(parameters: Parameters) -> list[loop.Draw]:
    return loop.draws_of(parameters, DRAWS)


# --- the peers are the same model -----------------------------------------------------------------


def test_the_plain_loop_equals_the_kernel(parameters: Parameters, draws: list[loop.Draw]) -> None:
    fixed = loop.Fixed.of(parameters)
    found = loop.stacked([loop.project(draw, fixed) for draw in draws])
    assert found["value_added"].shape == (DRAWS, len(parameters.zone_of), len(parameters.years) + 1)
    assert loop.differing(found, parameters) == []
    for name in found:
        if name != "tfp_growth_required":  # of closures alone
            assert np.isfinite(found[name][..., -1]).all(), name


def test_a_wrong_result_is_not_timed(parameters: Parameters, draws: list[loop.Draw]) -> None:
    fixed = loop.Fixed.of(parameters)
    found = loop.stacked([loop.project(draw, fixed) for draw in draws])
    found["rnd"][3, 1, 5] *= 1 + 1e-6
    with pytest.raises(RuntimeError, match="not the same model: rnd differ from the kernel's"):
        loop.refuse_differing(found, parameters)


def test_the_plain_loop_refuses_levers(posterior: Posterior) -> None:
    scenario = load_scenario("growth-5", posterior.problem.past.baseline)
    pinned = build_parameters(Members(posterior, 1, 0), scenario)
    with pytest.raises(ValueError, match="the plain loop has no levers"):
        loop.Fixed.of(pinned)


@pytest.mark.parametrize("way", ema.WAYS)
def test_the_functions_given_to_ema_equal_the_kernel(
    parameters: Parameters, draws: list[loop.Draw], way: str
) -> None:
    fixed = loop.Fixed.of(parameters)
    functions = dict(
        zip(ema.WAYS, (ema.ByValue(fixed, draws[0]), ema.ByNumber(fixed, draws)), strict=True)
    )
    function = functions[way]
    inputs = [function.inputs(number, draw) for number, draw in enumerate(draws)]
    assert all(isinstance(value, int | float) for value in inputs[0].values())
    found = loop.stacked([function(**values) for values in inputs])
    assert loop.differing(found, parameters) == []


def test_every_number_of_a_draw_has_a_name(parameters: Parameters, draws: list[loop.Draw]) -> None:
    values = ema.ByValue(loop.Fixed.of(parameters), draws[0]).inputs(0, draws[0])
    assert values["disturbance_3_7"] == parameters.disturbance[3, 7, 0]
    arrays = [a for a in vars(parameters).values() if isinstance(a, np.ndarray)]
    varying = [a for a in arrays if a.shape[-1] == parameters.draws]
    assert len(values) == sum(a[..., 0].size for a in varying)


# --- how it is measured ---------------------------------------------------------------------------


def test_rounds_are_interleaved() -> None:
    called: list[str] = []
    works = {"a": lambda: called.append("a") or 2.0, "b": lambda: called.append("b") or 4.0}
    found = interleaved(works, 3)
    assert called == ["a", "b"] * 3
    assert ratios(found["b"], found["a"]) == [2.0] * 3
    assert spread([1.0, 5.0, 2.0]) == "2.00 (1.00–5.00)"


def test_long_measurements_get_fewer_rounds_or_none() -> None:
    assert [rounds_for(seconds) for seconds in (1, 80, 300, 1000)] == [5, 3, 1, 0]


def test_memory_is_that_of_the_whole_tree() -> None:
    hold = "import time; held = bytearray(80_000_000); time.sleep(1)"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    found = watch(python("-c", f"{start}; print('[1]')"))
    assert found.found == [1]
    assert 80e6 < found.peak < 400e6


def test_a_failure_is_said() -> None:
    with pytest.raises(RuntimeError, match="exit 1: .*no such thing"):
        watch(python("-c", "raise SystemExit('no such thing')"))


# --- what is written ------------------------------------------------------------------------------


def stored(work: float, peak: float = 2e8) -> dict[str, float]:
    return {"whole": work + 1, "work": work, "bytes": 8e6, "peak": peak}


@pytest.fixture
def sections() -> dict[str, Any]:
    """Results as they come back from JSON."""
    works = {
        "stored, 1": [stored(1.0)] * 2, "stored, 2": [stored(0.6)] * 2,
        "computing": [{"work": 0.8}] * 2, "normals, 1": [{"work": 1.0}] * 2,
        "normals, 2": [{"work": 1.1}] * 2,
    }  # fmt: skip
    large = {"stored, 1": [stored(10.5)], "stored, 2": [stored(6.0, peak=7e8)]}
    taken = {"20": [0.02, 0.04], "50": [0.05, 0.1]}
    data = {
        "kernel": {
            "normals": 433, "draws_per_second": 1e5,
            "ratios": {"double": {kernel.ONE: [1.2, 1.3, 1.1], kernel.FOUR: [1.3, 1.2, 1.4]}},
        },
        "loop": {"seconds": taken, "kernel_seconds_per_draw": [1e-5, 2e-5]},
        "ema": {
            "version": "2", "uncertainties": 519,
            "seconds": {f"{way}, {how}": taken for way in ema.WAYS for how in ema.EVALUATORS},
        },
        "sweep": {
            "one": {10_000: works, 100_000: large}, "omitted": ["1,000,000 draws: left out"],
            "several": {1000: [stored(0.05)]}, "summary": "this version keeps every draw",
        },
        "firms": {"draws": 1000, "seconds": {"with": [3.0, 2.4, 2.0], "without": [2.0] * 3}},
    }  # fmt: skip
    return dict(json.loads(json.dumps(data)))


def test_ratios_of_a_sweep(sections: dict[str, Any]) -> None:
    found = {row.what: row for row in sweep.rows(sections["sweep"])}
    assert found["whole sweep ÷ computing alone, 1 worker, 10,000 draws"].measured.startswith(
        "1.25"
    )
    relative = found["two workers ÷ one, relative to bare processes, 10,000 draws"]
    assert (relative.measured[:4], relative.met) == ("0.92", True)
    flat = next(row for what, row in found.items() if what.startswith("cost of a draw"))
    assert (flat.measured, flat.met) == ("5 % apart", True)
    peak = found["100,000 draws × 1 scenario, 2 workers: peak memory of all processes"]
    assert (peak.measured, peak.met) == ("700 MB", False)
    assert "1,000,000 draws: left out" in found
    assert "summaries alone of 4 scenarios: this version keeps every draw" in found
    kept = {**sections["sweep"], "summary": {"draws": 2000, **stored(2.0)}}
    found = {row.what: row for row in sweep.rows(kept)}
    speed = found["2,000 draws × 4 scenarios, summaries alone, 2 workers: scenario-draws/s"]
    assert (speed.measured, speed.met) == ("4,000", None)


def test_the_cost_of_events_is_a_ratio_inside_the_rounds() -> None:
    def cells(*seconds: float) -> list[dict[str, float]]:
        return [{"whole": second, "work": second - 1, "projects": 0.5} for second in seconds]

    rounds = {events.WITHOUT: cells(10, 20, 10), events.WITH: cells(12, 21, 14)}
    ratio, kept, first = events.rows({"draws": 1000, "first": 20.0, "rounds": rounds})
    assert (ratio.measured, ratio.goal, ratio.met) == ("1.20 (1.05–1.40)", "≤ 1.3", True)
    assert (kept.measured, first.measured) == ("0.5 (0.5–0.5)", "20.0")


def test_the_cost_of_levers_on_firms(sections: dict[str, Any]) -> None:
    (row,) = firms.rows(sections["firms"])
    assert row.what == "sweep with levers on firms ÷ without, 1 worker, 1,000 draws"
    assert (row.measured, row.met) == ("1.20 (1.00–1.50)", True)


def test_goals_of_the_kernel(sections: dict[str, Any]) -> None:
    rows = {
        row.what.partition(",")[2].split(",")[0]: row for row in kernel.rows(sections["kernel"])
    }
    assert [rows[name].met for name in (" one scenario", " four scenarios")] == [True, False]


def test_the_table_and_the_picture_are_written(
    sections: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = Path(shutil.copy(report.README, tmp_path))
    monkeypatch.setattr(report, "README", readme)
    machine = {"processor": "one", "cores": 2, "memory_gb": 24, "system": "Linux"}
    record = {"date": "2026-11-22", "machine": machine, "versions": {"python": "3.11"}}
    for _ in range(2):
        report.render({**record, "sections": sections}, tmp_path)
        text = readme.read_text(encoding="utf-8")
        assert text.count(report.BEGIN) == text.count(report.END) == 1
        assert text.count("| whole sweep of four scenarios ÷ EMA Workbench, by number") == 1
    assert "Measured on 2026-11-22: 2 cores of one, 24 GB" in text
    assert "120 (80–160) | ≥ 100 | yes |" in text
    assert {path.suffix for path in tmp_path.glob("cost.*")} == {".png", ".svg"}


def test_a_small_run_leaves_the_record_alone(
    sections: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = {
        name: SimpleNamespace(measure=lambda size, folder, name=name: sections[name],
                              rows=report.SECTIONS[name].rows)
        for name in sections
    }  # fmt: skip
    record = report.README.read_bytes()
    monkeypatch.setattr(report, "SECTIONS", modules)
    monkeypatch.setattr(report, "SCRATCH", tmp_path)
    monkeypatch.setattr(report, "SAMPLERS", tmp_path / "none.py")
    monkeypatch.setattr(report, "circumstances", dict)
    monkeypatch.setattr(report.picture, "draw", lambda sections, folder: [folder / "cost.png"])
    monkeypatch.setenv("SIMCORE_CACHE", "")
    report.main("small")
    assert json.loads((tmp_path / "benchmarks-small.json").read_text())["sections"] == sections
    assert [path.name for path in tmp_path.iterdir()] == ["benchmarks-small.json"]
    assert report.README.read_bytes() == record
