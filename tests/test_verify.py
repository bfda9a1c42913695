"""A result is run again from what it says of itself."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from simcore import plan as plan_module
from simcore.baseline import Baseline
from simcore.design import is_sweep
from simcore.errors import InputError, RunError
from simcore.levers import Scenario
from simcore.plan import Plan, code_fingerprint
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.scenario import load_scenario, shipped_scenarios
from simcore.verify import plan_of, verify


@pytest.fixture(scope="module")
def made(
    posterior: Posterior, baseline: Baseline, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    scenarios = tuple(load_scenario(name, baseline) for name in ("baseline", "growth-5"))
    path = tmp_path_factory.mktemp("made") / "x.h5"
    produce(Plan(scenarios, 1100, 6, posterior, {"a.b": ["5%", 7.5]}), path, workers=1)
    return path


@pytest.fixture
def result(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path))


def test_the_plan_is_that_of_the_file(result: Path, posterior: Posterior) -> None:
    plan = plan_of(result, posterior)
    assert [scenario.name for scenario in plan.scenarios] == ["baseline", "growth-5"]
    assert (plan.draws, plan.seed) == (1100, 6)
    with h5py.File(result) as file:
        assert plan.fingerprint == file.attrs["fingerprint"]


def test_every_bit_is_reproduced(result: Path, posterior: Posterior) -> None:
    verdict = verify(result, posterior)
    assert verdict.same
    assert verdict.versions == {}
    assert verdict.values > 1_000_000


def test_a_changed_value_is_found(result: Path, posterior: Posterior) -> None:
    with h5py.File(result, "r+") as file:
        file["gdp"][1, 0, -1, 1050] *= 1.25
        file["members/value"][3, 7] = 99
    verdict = verify(result, posterior)
    found = {row.variable: row for row in verdict.differences}
    assert set(found) == {"gdp", "members", "summary/gdp", "summary/gdp_mean"}
    assert found["gdp"].different == 1
    with h5py.File(result) as file:
        assert found["gdp"].values == file["gdp"].size
        assert found["members"].values == file["members/value"].size
    assert found["gdp"].largest == pytest.approx(0.25, rel=1e-5)
    assert found["gdp"].first == "growth-5, draw 1050, 2035"


def test_other_versions_are_said(result: Path, posterior: Posterior) -> None:
    with h5py.File(result, "r+") as file:
        versions = json.loads(file.attrs["versions"]) | {"numpy": "0.1"}
        file.attrs["versions"] = json.dumps(versions)
    verdict = verify(result, posterior)
    assert verdict.same
    assert verdict.versions["numpy"][0] == "0.1"


def test_another_calibration_is_refused(result: Path, posterior: Posterior) -> None:
    with pytest.raises(InputError, match="rests on another calibration"):
        verify(result, replace(posterior, fingerprint="0" * 64))


def test_a_provenance_that_cannot_be_read(result: Path, posterior: Posterior) -> None:
    with h5py.File(result, "r+") as file:
        file.attrs["scenarios"] = "[{"
    with pytest.raises(RunError, match="its provenance cannot be read"):
        verify(result, posterior)


def test_what_describes_and_summarises_the_values_is_compared(
    result: Path, posterior: Posterior
) -> None:
    texts = ("scenario", "zone", "industry", "zone_label_en", "industry_label_zh", "points/a.b")
    numbers = ("year", "draw", "status", "weight", "summary/gdp", "summary/rnd_mean")
    with h5py.File(result, "r+") as file:
        for name in texts:
            file[name][0] = "other"
        for name in numbers:
            first = (0,) * (file[name].ndim - 1)
            file[name][first] = 1 + 2 * file[name][first]
        file.attrs["fingerprint"] = "0" * 64
    found = {row.variable: row for row in verify(result, posterior).differences}
    assert set(found) == {*texts, *numbers, "fingerprint"}
    assert (found["scenario"].different, found["scenario"].values) == (1, 2)
    assert np.isnan(found["zone"].largest)
    assert found["draw"].values == 1100


def test_another_code_is_said_and_the_values_are_compared(
    result: Path, posterior: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_module, "code_fingerprint", lambda: "another")
    verdict = verify(result, posterior)
    assert verdict.same
    assert verdict.versions["code"] == (code_fingerprint(), "another")


@pytest.mark.parametrize("name", ["gdp", "summary/gdp", "members/value", "year", "provenance"])
def test_a_result_that_lacks_a_part_is_damaged(
    result: Path, posterior: Posterior, name: str
) -> None:
    with h5py.File(result, "r+") as file:
        del file[name]
    with pytest.raises(RunError, match=r"^[^\n]*x\.h5: (is damaged|its provenance)[^\n]*$"):
        verify(result, posterior)


@pytest.mark.parametrize("name", ["versions", "calibration"])
def test_a_result_that_lacks_an_attribute_is_damaged(
    result: Path, posterior: Posterior, name: str
) -> None:
    with h5py.File(result, "r+") as file:
        del file.attrs[name]
    with pytest.raises(RunError, match=r"x\.h5: is damaged"):
        verify(result, posterior)


@pytest.mark.parametrize(
    "name", sorted(n for n, p in shipped_scenarios().items() if not is_sweep(p))
)
def test_every_shipped_scenario_is_restored_from_its_dump(name: str, baseline: Baseline) -> None:
    scenario = load_scenario(name, baseline)
    assert Scenario.restored(json.loads(json.dumps(scenario.model_dump(mode="json")))) == scenario
