"""simcore in Python: the names of the contract, and that they fit together."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

import simcore
from simcore.dataset import open_together
from simcore.dims import VARIABLES
from simcore.errors import InputError
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.reconcile import reconcile
from simcore.scenario import load_scenario


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    return simcore.run("baseline", "growth-5", draws=64, seed=1)


@cache
def _reconciled() -> Posterior:
    return reconcile()


def written(path: Path, *names: str, draws: int = 16, seed: int = 1, **settings: str) -> Path:
    posterior = _reconciled()
    baseline = posterior.problem.past.baseline
    laid = [f"{key}={value}" for key, value in settings.items()]
    scenarios = tuple(load_scenario(name, baseline, laid) for name in names)
    plan = Plan(scenarios, draws, seed, posterior)
    produce(plan, path, workers=1)
    return path


def test_public_names() -> None:
    names = {"run", "open_results", "compare", "simulate", "load_scenario", "load_baseline"}
    assert names <= set(simcore.__all__) == set(dir(simcore))
    for name in simcore.__all__:
        assert callable(getattr(simcore, name))
    with pytest.raises(AttributeError, match="no attribute 'runs'"):
        _ = simcore.runs


def test_import_is_light() -> None:
    code = "import sys, simcore; print(*{'numpy', 'xarray', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_growth_is_exactly_five_per_cent(dataset: xr.Dataset) -> None:
    growth = dataset["gdp_growth"].sel(scenario="growth-5", year=slice(2024, None))
    np.testing.assert_allclose(growth, 5.000, rtol=0, atol=1e-6)
    usual = dataset["gdp_growth"].sel(scenario="baseline", year=slice(2024, None))
    assert float(usual.std("draw").min()) > 1


def test_run_has_every_variable_of_the_contract(dataset: xr.Dataset) -> None:
    for name, variable in VARIABLES.items():
        assert dataset[name].dims == variable.dims
        assert dataset[name].attrs == variable.attributes
    assert list(dataset["scenario"].values) == ["baseline", "growth-5"]
    assert dataset.attrs["seed"] == 1


def test_run_defaults_to_the_baseline_and_its_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = []
    monkeypatch.setattr("simcore.api.run_plan", plans.append)
    simcore.run()
    simcore.run("growth-5", settings=["sampling.draws=12", "sampling.seed=0"])
    simcore.run("growth-5", draws=3, seed=0)
    assert [[scenario.name for scenario in plan.scenarios] for plan in plans] == [
        ["baseline"], ["growth-5; sampling.draws=12; sampling.seed=0"], ["growth-5"]
    ]  # fmt: skip
    assert [(plan.draws, plan.seed) for plan in plans] == [(10_000, 20211222), (12, 0), (3, 0)]


def test_run_takes_names_files_and_objects(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "simcore: 1\nname: mine\nlabel: {en: mine, zh: mine}\nextends: growth-5\nhorizon: 2030\n"
    )
    scenario = simcore.load_scenario("rnd-14")
    found = simcore.run("baseline", path, scenario, draws=2, seed=1)
    assert list(found["scenario"].values) == ["baseline", "mine", "rnd-14"]


def test_run_lays_settings_on_every_scenario() -> None:
    settings = ["levers.donghu.gdp_growth=9%"]
    found = simcore.run("baseline", "growth-5", draws=2, seed=1, settings=settings)
    growth = found["gdp_growth"].sel(zone="donghu", year=2030)
    np.testing.assert_allclose(growth, 9, rtol=1e-6)


def test_run_refuses() -> None:
    with pytest.raises(InputError, match="did you mean 'growth-5'"):
        simcore.run("growth-55")
    with pytest.raises(InputError, match="0 draws; from 1 to"):
        simcore.run("baseline", draws=0)
    with pytest.raises(InputError, match="the seed -1 is negative"):
        simcore.run("baseline", draws=1, seed=-1)
    with pytest.raises(InputError, match="named twice"):
        simcore.run("baseline", "baseline", draws=1)


def test_compare(dataset: xr.Dataset) -> None:
    found = simcore.compare(dataset, baseline="baseline")
    assert list(found.data_vars) == ["gdp", "rnd", "output"]
    assert list(found["scenario"].values) == ["growth-5"]


def test_a_file_is_the_run(dataset: xr.Dataset, tmp_path: Path) -> None:
    path = written(tmp_path / "x.h5", "baseline", "growth-5", draws=64)
    with simcore.open_results(path) as opened:
        assert set(opened.data_vars) == set(dataset.data_vars)
        assert opened["zone_label_zh"].sel(zone="donghu").item() == "东湖高新区"
        for name in VARIABLES:
            assert opened[name].values.tobytes() == dataset[name].values.tobytes()
        compared = simcore.compare(opened)
    xr.testing.assert_equal(compared, simcore.compare(dataset))


def test_open_results_is_lazy_and_takes_text(tmp_path: Path) -> None:
    path = written(tmp_path / "x.h5", "baseline", draws=2)
    with simcore.open_results(str(path)) as opened:
        assert not opened["output"].variable._in_memory
        assert list(opened["scenario"].values) == ["baseline"]


def test_open_results_refuses(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lost\.h5: does not exist"):
        simcore.open_results(tmp_path / "lost.h5")


def test_simulate_is_the_kernel() -> None:
    from simcore.kernel import simulate

    assert simcore.simulate is simulate


# --- several files --------------------------------------------------------------------------------


def test_files_open_together_cut_to_common_draws(tmp_path: Path) -> None:
    one = written(tmp_path / "one.h5", "baseline", "growth-5", draws=20)
    other = written(tmp_path / "other.h5", "talent", draws=12, name="talent", horizon="2030")
    both = open_together([one, other])
    assert list(both["scenario"].values) == ["baseline", "growth-5", "talent"]
    assert both.sizes["draw"] == 12
    talent = both["gdp"].sel(scenario="talent")
    assert bool(talent.sel(year=2030, zone="jingkai").notnull().all())
    assert bool(talent.sel(year=2031).isnull().all())
    assert bool(both["gdp"].sel(scenario="baseline", year=2035).notnull().all())


def test_files_of_other_seeds_and_calibrations_do_not_open_together(tmp_path: Path) -> None:
    one = written(tmp_path / "one.h5", "baseline", draws=2)
    other = written(tmp_path / "other.h5", "talent", draws=2, seed=2)
    with pytest.raises(InputError, match=r"other\.h5: another seed than .*one\.h5"):
        open_together([one, other])
    third = written(tmp_path / "third.h5", "talent", draws=2)
    with h5py.File(third, "r+") as file:
        file.attrs["calibration"] = "0" * 64
    with pytest.raises(InputError, match=r"third\.h5: another calibration than"):
        open_together([one, third])


def test_the_same_name_for_another_scenario_does_not_open_together(tmp_path: Path) -> None:
    settings = {"levers.donghu.tfp": "+1 pp", "name": "growth-5"}
    one = written(tmp_path / "one.h5", "baseline", "growth-5", draws=2)
    other = written(tmp_path / "other.h5", "growth-5", draws=2, **settings)
    with pytest.raises(InputError, match="growth-5"):
        open_together([one, other])


def test_the_same_scenario_in_both_files_is_taken_once(tmp_path: Path) -> None:
    one = written(tmp_path / "one.h5", "baseline", "growth-5", draws=4)
    other = written(tmp_path / "other.h5", "baseline", "rnd-14", draws=4)
    both = open_together([one, other])
    assert list(both["scenario"].values) == ["baseline", "growth-5", "rnd-14"]
    assert list(open_together([one, one])["scenario"].values) == ["baseline", "growth-5"]
