"""The result file: its layout, its numbers, and that it is whole or not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import numpy as np
import pytest
import xarray as xr

from simcore.attributes import read_attributes
from simcore.dataset import run_plan
from simcore.dims import BY_INDUSTRY, QUANTILES, STATUS, VARIABLES
from simcore.errors import InputError, RunError
from simcore.labels import Label
from simcore.plan import Plan, sampled_names
from simcore.posterior import Posterior
from simcore.reconcile import reconcile
from simcore.scenario import load_scenario
from simcore.sinks import FileSink
from simcore.store import created
from simcore.summaries import summaries
from simcore.sweep import execute

DRAWS = 1100  # more than one block
MONEY = {
    "gdp", "gdp_real", "value_added", "output", "rnd", "rnd_stock", "capital", "investment",
    "gdp_per_head", "labour_productivity", "trade", "foreign_investment", "retail_sales",
    "fiscal_revenue", "resident_income",
}  # fmt: skip
LATE = {
    "capital", "investment", "employment", "population", "rnd_stock", "tfp_growth", "gdp_per_head",
    "labour_productivity",
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A result file, and the same plan run into memory."""

    path: Path
    plan: Plan
    memory: xr.Dataset


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return reconcile()


def plan_of(posterior: Posterior, *names: str, draws: int, settings: tuple[str, ...] = ()) -> Plan:
    baseline = posterior.problem.past.baseline
    scenarios = tuple(load_scenario(name, baseline, settings) for name in names)
    return Plan(scenarios, draws, 3, posterior)


def write(path: Path, plan: Plan, progress: Any = None) -> None:
    with created(path, plan.layout, plan.description) as part:
        with FileSink.opened(part, plan.layout) as sink:
            execute(plan, sink, progress)
        with h5py.File(part, "r+") as file:
            for variable in VARIABLES.values():
                for name, values in summaries(file, variable, plan.layout).items():
                    file["summary"][name][...] = values


@pytest.fixture(scope="module")
def written(posterior: Posterior, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The baseline, a pinned scenario, and one that ends in 2028."""
    baseline = posterior.problem.past.baseline
    scenarios = (
        load_scenario("baseline", baseline),
        load_scenario("growth-5", baseline),
        load_scenario("auto-downturn", baseline, ["horizon=2028", "name=auto-downturn"]),
    )
    plan = Plan(scenarios, DRAWS, 3, posterior, {"levers.x": ["a", "5%", 7.5]})
    path = tmp_path_factory.mktemp("store") / "x.h5"
    write(path, plan)
    return Written(path, plan, run_plan(plan))


@pytest.fixture(scope="module")
def dataset(written: Written) -> Iterator[xr.Dataset]:
    with xr.open_dataset(written.path, engine="h5netcdf") as opened:
        yield opened.load()


@pytest.fixture
def small(posterior: Posterior) -> Plan:
    return plan_of(posterior, "baseline", draws=4)


# --- layout ---------------------------------------------------------------------------------------


def test_variables_and_their_attributes(dataset: xr.Dataset) -> None:
    assert set(VARIABLES) | {"weight", "status"} <= set(dataset.data_vars)
    for name, variable in VARIABLES.items():
        stored = dataset[name]
        assert stored.dims == variable.dims
        assert stored.dtype == np.float32
        assert stored.attrs["units"] == variable.units
        assert stored.attrs["long_name"] == variable.label.en
        assert stored.attrs["long_name_zh"] == variable.label.zh
        assert ("price_basis" in stored.attrs) == (name in MONEY)
    assert dataset["gdp"].attrs["price_basis"] == "current"
    assert dataset["gdp_real"].attrs["price_basis"] == "constant 2020"
    assert dataset["weight"].dims == ("scenario", "draw")
    assert dataset["status"].dims == ("zone", "year")
    for name in ("weight", "status"):
        assert {"units", "long_name", "long_name_zh"} <= set(dataset[name].attrs)


def test_coordinates(dataset: xr.Dataset, posterior: Posterior) -> None:
    baseline = posterior.problem.past.baseline
    assert list(dataset["scenario"].values) == ["baseline", "growth-5", "auto-downturn"]
    assert list(dataset["zone"].values) == list(baseline.zones)
    assert list(dataset["industry"].values) == list(baseline.industries)
    np.testing.assert_array_equal(dataset["year"], np.arange(2015, 2036))
    np.testing.assert_array_equal(dataset["draw"], np.arange(DRAWS))
    assert np.issubdtype(dataset["year"].dtype, np.integer)
    assert dataset["draw"].attrs["standard_name"] == "realization"
    zones = list(baseline.zones.values())
    for language in ("en", "zh"):
        assert list(dataset[f"zone_label_{language}"].values) == [
            getattr(zone.label, language) for zone in zones
        ]
    labels = dataset["industry_label_zh"].values
    places = dict(zip(dataset["industry"].values, labels, strict=True))
    assert places["optoelectronics"] == "光电子信息"


def test_status(dataset: xr.Dataset) -> None:
    named = {
        zone: [STATUS[code] for code in dataset["status"].sel(zone=zone).values]
        for zone in ("donghu", "jingkai")
    }
    assert named["donghu"] == [""] * 5 + ["history"] * 4 + ["projection"] * 12
    assert named["jingkai"] == ["history"] * 6 + ["nowcast"] * 3 + ["projection"] * 12
    assert dataset["status"].attrs["flag_meanings"].split()[1:] == list(STATUS[1:])


def test_status_has_no_fill_value_and_floats_have(written: Written) -> None:
    with h5py.File(written.path) as file:
        assert "_FillValue" not in file["status"].attrs
        assert file["status"].dtype == np.int8
        for name in VARIABLES:
            assert np.isnan(file[name].attrs["_FillValue"]).all()
            assert np.isnan(file[name].fillvalue)


def test_the_draw_axis_is_last_and_chunked_by_blocks(written: Written) -> None:
    with h5py.File(written.path) as file:
        for name in VARIABLES:
            assert file[name].chunks[-2:] == (21, 1024)
            assert file[name].compression is None


def test_h5py_finds_dimension_scales(written: Written) -> None:
    with h5py.File(written.path) as file:
        for name, variable in VARIABLES.items():
            for place, dimension in enumerate(variable.dims):
                assert file[name].dims[place][0].name == f"/{dimension}"


def test_groups(written: Written) -> None:
    with h5py.File(written.path) as file:
        assert {"members", "points", "summary", "provenance"} <= set(file)
        names = [text.decode() for text in file["members/parameter"]]
        assert names == sampled_names(written.plan.posterior)
        points = [text.decode() for text in file["points/levers.x"]]
        assert points == ["a", "5%", "7.5"]
        provenance = {name: json.loads(text) for name, text in file["provenance"].attrs.items()}
    baseline = written.plan.posterior.problem.past.baseline
    assert set(provenance["documents"]) == set(baseline.documents)
    assert set(provenance["evidence"].values()) <= {"documented", "derived", "assumed"}
    for name, source in provenance["figures_used"].items():
        assert source == str(baseline.figures[name].source)


@pytest.mark.parametrize("group", ["members", "summary", "points"])
def test_groups_open_with_xarray(written: Written, group: str) -> None:
    with xr.open_dataset(written.path, engine="h5netcdf", group=group) as opened:
        assert opened.data_vars
        opened.load()


def test_root_attributes(written: Written) -> None:
    found = read_attributes(written.path)
    assert found["Conventions"].startswith("CF-1.")
    assert {"title", "source", "history", "date_created"} <= set(found)
    assert found["simcore_version"] == version("simcore")
    assert (np.ravel(found["seed"]).tolist(), found["sampler"]) == ([3], "random")
    scenarios = json.loads(found["scenarios"])
    assert [s["name"] for s in scenarios] == ["baseline", "growth-5", "auto-downturn"]
    assert scenarios[1]["levers"]["*"]["gdp_growth"]["value"] == 0.05
    assert {"numpy", "h5py", "python"} <= set(json.loads(found["versions"]))
    assert found["fingerprint"] == written.plan.fingerprint
    assert found["calibration"] == written.plan.posterior.fingerprint


def test_the_file_is_valid_netcdf(written: Written) -> None:
    """h5netcdf refuses what netCDF-4 has not, unless told otherwise: copying must work."""
    with h5netcdf.File(written.path, "r") as file:
        assert set(file.dimensions) == {"scenario", "zone", "industry", "year", "draw"}
        assert not any(file.dimensions[name].isunlimited() for name in file.dimensions)
        assert file.variables["gdp"].dimensions == ("scenario", "zone", "year", "draw")
        assert file.groups["summary"].variables["gdp"].dimensions == (
            "quantile", "scenario", "zone", "year"
        )  # fmt: skip


# --- numbers --------------------------------------------------------------------------------------


def test_file_equals_memory_bit_for_bit(written: Written, dataset: xr.Dataset) -> None:
    for name in [*VARIABLES, "weight", "status"]:
        memory = written.memory[name]
        assert dataset[name].dims == memory.dims
        assert dataset[name].values.tobytes() == memory.values.tobytes(), name
    for name in ("scenario", "zone", "industry", "year", "draw"):
        assert list(dataset[name].values) == list(written.memory[name].values)


def test_memory_describes_itself_as_the_file_does(written: Written, dataset: xr.Dataset) -> None:
    for name in [*VARIABLES, "weight", "status"]:
        stored = {key: str(value) for key, value in dataset[name].attrs.items()}
        assert {key: str(value) for key, value in written.memory[name].attrs.items()} == stored
    assert written.memory["draw"].dtype == dataset["draw"].dtype
    changing = {"date_created", "history"}
    assert set(written.memory.attrs) == {*dataset.attrs, "unusual"}  # of a file: its provenance
    for name in set(dataset.attrs) - changing:
        assert written.memory.attrs[name] == dataset.attrs[name]


def test_industries_sum_to_gdp(dataset: xr.Dataset) -> None:
    total = dataset["value_added"].astype(float).sum("industry", min_count=1)
    np.testing.assert_allclose(total, dataset["gdp"], rtol=1e-6)


def test_identities_of_the_stored_numbers(dataset: xr.Dataset) -> None:
    wide = dataset[list(VARIABLES)].astype(float)
    close: dict[str, Any] = {"rtol": 1e-6, "equal_nan": True}
    np.testing.assert_allclose(wide["gdp_real"] * wide["deflator"], wide["gdp"], **close)
    np.testing.assert_allclose(wide["rnd_intensity"] * wide["gdp"] / 100, wide["rnd"], **close)
    growth = 100 * (wide["gdp_real"] / wide["gdp_real"].shift(year=1) - 1)
    later = growth.sel(year=slice(2021, None)).where(wide["gdp"].notnull())
    assert float(np.abs(later - wide["gdp_growth"]).max()) < 1e-4
    known = wide["value_added"].notnull()
    assert bool((wide["output"] >= wide["value_added"]).where(known, True).all())


def test_what_does_not_exist_is_nan(written: Written, dataset: xr.Dataset) -> None:
    baseline = written.plan.posterior.problem.past.baseline
    pairs = {(activity.zone, activity.industry) for activity in baseline.activities}
    for zone in baseline.zones:
        for industry in baseline.industries:
            part = dataset[["value_added", "output"]].sel(
                zone=zone, industry=industry, year=slice(2024, 2028)
            )
            found = bool(part.notnull().to_array().all())
            none = bool(part.isnull().to_array().all())
            assert (found, none) == ((zone, industry) in pairs, (zone, industry) not in pairs)
    assert bool(dataset["gdp"].sel(zone="donghu", year=slice(None, 2019)).isnull().all())
    assert bool(dataset["gdp"].sel(zone="donghu", year=slice(2020, 2028)).notnull().all())
    assert bool(dataset["gdp"].sel(zone="jingkai", year=slice(2015, 2028)).notnull().all())
    for name in LATE:
        assert bool(dataset[name].sel(year=slice(None, 2022)).isnull().all()), name
        assert bool(dataset[name].sel(year=slice(2024, 2028)).notnull().all()), name
    required = dataset["tfp_growth_required"].sel(year=slice(2024, None))
    assert bool(required.sel(scenario="growth-5").notnull().all())
    assert bool(required.sel(scenario="baseline").isnull().all())


@pytest.mark.parametrize("name", VARIABLES)
def test_a_shorter_scenario_ends_with_its_horizon(name: str, dataset: xr.Dataset) -> None:
    after = dataset[name].sel(year=slice(2029, None))
    assert bool(after.sel(scenario="auto-downturn").isnull().all())
    if name != "tfp_growth_required":
        assert bool(after.sel(scenario="baseline").notnull().any())


def test_a_shorter_scenario_is_the_same_up_to_its_horizon(
    posterior: Posterior, dataset: xr.Dataset
) -> None:
    plan = plan_of(posterior, "auto-downturn", draws=DRAWS)
    whole = run_plan(plan).isel(scenario=0).sel(year=slice(2024, 2028))
    short = dataset.sel(scenario="auto-downturn", year=slice(2024, 2028))
    for name in ("gdp", "rnd", "output", "population"):
        assert whole[name].values.tobytes() == short[name].values.tobytes()


def test_summaries_are_the_quantiles_and_means_of_the_data(
    written: Written, dataset: xr.Dataset
) -> None:
    with h5py.File(written.path) as file:
        summary = file["summary"]
        np.testing.assert_array_equal(summary["quantile"], QUANTILES)
        assert set(summary) >= {*VARIABLES, *(f"{name}_mean" for name in VARIABLES)}
        for name in VARIABLES:
            values = dataset[name].values.astype(float)
            wanted = np.quantile(values, QUANTILES, axis=-1)
            np.testing.assert_allclose(summary[name], wanted, rtol=1e-6, atol=1e-7, err_msg=name)
            mean = values.mean(axis=-1)
            np.testing.assert_allclose(summary[f"{name}_mean"], mean, rtol=1e-6, atol=1e-7)


def test_members_are_those_of_the_draws(written: Written, dataset: xr.Dataset) -> None:
    with xr.open_dataset(written.path, engine="h5netcdf", group="members") as members:
        values = members["value"].load()
    assert values.dims == ("parameter", "draw")
    assert bool(np.isfinite(values).all())
    base = values.sel(parameter="level.donghu").values
    gdp = dataset["gdp"].sel(scenario="baseline", zone="donghu", year=2023).values
    np.testing.assert_allclose(base, gdp, rtol=1e-6)
    assert len({row.tobytes() for row in values.values}) == len(values)


# --- whole or not there ---------------------------------------------------------------------------


class Interruption(Exception):
    pass


def test_an_interrupted_run_leaves_nothing(posterior: Posterior, tmp_path: Path) -> None:
    done = []

    def interrupt(draws: int) -> None:
        done.append(draws)
        if len(done) == 2:
            raise Interruption

    with pytest.raises(Interruption):
        write(tmp_path / "x.h5", plan_of(posterior, "baseline", draws=1500), interrupt)
    assert done == [1024, 476]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, InputError("wrong"), RunError("failed")])
def test_an_existing_file_survives_a_failed_run(
    stop: BaseException | type[BaseException], small: Plan, tmp_path: Path
) -> None:
    path = tmp_path / "x.h5"
    path.write_text("precious")

    def fail(draws: int) -> None:
        raise stop

    with pytest.raises(stop if isinstance(stop, type) else type(stop)):
        write(path, small, fail)
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_not_there_before_it_is_whole(small: Plan, tmp_path: Path) -> None:
    path, seen = tmp_path / "inner" / "x.h5", []
    write(path, small, lambda draws: seen.append(path.exists()))
    assert seen == [False]
    assert list(path.parent.iterdir()) == [path]


def test_a_full_disk_is_a_failed_run(small: Plan, tmp_path: Path) -> None:
    def full(draws: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "x.h5"
    with pytest.raises(RunError, match=r"x\.h5: .*No space left on device"):
        write(path, small, full)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_an_error(small: Plan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    with pytest.raises((RunError, InputError), match="file"):
        write(tmp_path / "file" / "x.h5", small)
    assert (tmp_path / "file").read_text() == "precious"


def test_many_scenarios_fit_in_one_file(posterior: Posterior, tmp_path: Path) -> None:
    """The scenarios stand in one attribute, well beyond the 64 kB of a compact one."""
    baseline = posterior.problem.past.baseline
    long = Label(en="why " * 2000, zh="为何" * 2000)
    scenarios = tuple(
        load_scenario("baseline", baseline, [f"name=point-{place}", "horizon=2025"]).model_copy(
            update={"question": long}
        )
        for place in range(8)
    )
    plan = Plan(scenarios, 1, 0, posterior)
    path = tmp_path / "x.h5"
    write(path, plan)
    text = read_attributes(path)["scenarios"]
    assert len(text) > 65_536
    assert [scenario["name"] for scenario in json.loads(text)] == [s.name for s in scenarios]


def test_every_industry_variable_is_summarised_where_it_is() -> None:
    assert [name for name, variable in VARIABLES.items() if variable.dims == BY_INDUSTRY] == [
        "value_added", "output"
    ]  # fmt: skip


def test_summaries_do_not_depend_on_how_they_are_made(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All scenarios or one, all years together or some at a time."""
    monkeypatch.setattr("simcore.summaries.SLAB", 2 * DRAWS)
    layout = written.plan.layout
    with h5py.File(written.path, rdcc_nbytes=0) as file:
        for name in ("gdp", "output"):
            variable = VARIABLES[name]
            whole = summaries(file, variable, layout)
            alone = [summaries(file, variable, layout, s) for s in range(len(layout.scenarios))]
            for place, axis in ((name, 1), (f"{name}_mean", 0)):
                joined = np.concatenate([part[place] for part in alone], axis=axis)
                stored = file["summary"][place][...]
                assert joined.tobytes() == whole[place].tobytes() == stored.tobytes()
