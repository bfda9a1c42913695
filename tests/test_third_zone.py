"""A third zone, and a later document of a known one, by data alone: they calibrate and run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result

import simcore
from simcore.assembly import build_parameters
from simcore.baseline import Baseline, load_baseline
from simcore.cli import cli
from simcore.dims import SATELLITES
from simcore.errors import InputError
from simcore.fit import conflicts, fit_table
from simcore.inventory import inventory
from simcore.members import Members
from simcore.posterior import Posterior
from simcore.reconcile import reconcile
from simcore.resources import using_calibration
from simcore.scenario import load_scenario

DATA = Path(__file__).parent / "data"
ZONE, DOCUMENT = DATA / "third-zone", DATA / "extra-document"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def three() -> Posterior:
    with using_calibration(ZONE):
        return reconcile()


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    scenario = "levers.beihu.investment_rate=60%"
    with using_calibration(ZONE):
        pushed = simcore.load_scenario("baseline", settings=[scenario, "name=pushed"])
        return simcore.run("baseline", "growth-5", pushed, draws=300, seed=3)


def invoke(*words: object, code: int = 0) -> Result:
    found = CliRunner().invoke(cli, [str(word) for word in words], env={"LC_ALL": "C"})
    assert found.exit_code == code, found.output
    return found


def spoken(posterior: Posterior) -> dict[str, np.ndarray]:
    """Row of the Jacobian of every figure: which unknowns it speaks of."""
    names = [observation.figure.id for observation in posterior.problem.observations]
    return dict(zip(names, posterior.jacobian, strict=True))


# --- calibration ----------------------------------------------------------------------------------


def test_every_figure_of_the_new_zone_is_met(three: Posterior) -> None:
    rows = {row.figure: row for row in fit_table(three) if row.zone == "beihu" and row.figure}
    assert set(rows) == {
        "beihu.gdp.2023", "beihu.gdp.growth.2023", "beihu.value_added.tertiary.share.2023",
        "beihu.rnd.intensity.2023",
    }  # fmt: skip
    for row in rows.values():
        assert row.z is not None
        assert abs(row.z) < 0.5
        assert row.fitted == pytest.approx(row.value, rel=2e-3)


def test_the_new_zones_figures_speak_of_no_other_zones_own_unknowns(three: Posterior) -> None:
    names = [unknown.name for unknown in three.problem.unknowns]
    others = [
        place for place, name in enumerate(names) if {"donghu", "jingkai"} & {*name.split(".")}
    ]
    shared = [place for place, name in enumerate(names) if name.startswith("shock_city.")]
    for figure, row in spoken(three).items():
        if figure.startswith("beihu."):
            assert (row[others] == 0).all(), figure
    assert (spoken(three)["beihu.gdp.growth.2023"][shared] != 0).any()


def test_the_other_zones_move_only_through_what_is_shared(
    three: Posterior, posterior: Posterior
) -> None:
    """The new growth figure says a little of the city's shock; nothing is refitted by it."""
    before = dict(zip([u.name for u in posterior.problem.unknowns], posterior.mean, strict=True))
    after = dict(zip([u.name for u in three.problem.unknowns], three.mean, strict=True))
    assert set(before) < set(after)
    moved = {name: abs(after[name] - mean) for name, mean in before.items()}
    assert max(moved.values()) < 0.25  # prior standard deviations
    assert moved["shock_city.2023"] > 0.01
    assert moved["activity.jingkai.automotive"] < 0.01
    ours = {o.figure.id: z for o, z in zip(three.problem.observations, three.misfit, strict=True)}
    for observation, z in zip(posterior.problem.observations, posterior.misfit, strict=True):
        assert ours[observation.figure.id] == pytest.approx(z, abs=0.1)


def test_prices_of_a_zone_that_begins_after_their_year(three: Posterior) -> None:
    """Real values are at prices of 2020 also where the first documented year is 2022."""
    past = three.draw(np.zeros((len(three.mean), 4)))
    years, row = list(past.years), 2
    assert np.isnan(past.deflator[row, years.index(2021)]).all()
    values = past.values
    change = sum(
        values["deflator_mean"] + values[f"deflator_common.{y}"] + values[f"deflator_own.beihu.{y}"]
        for y in (2021, 2022, 2023)
    )
    np.testing.assert_allclose(past.deflator[row, years.index(2023)], np.exp(change))


def test_a_slack_of_a_kind_that_another_zone_has(tmp_path: Path) -> None:
    """``coverage`` is Jingkai's; the new zone gets one of its own under ``coverage.beihu``."""
    for place in ZONE.iterdir():
        (tmp_path / place.name).write_bytes(place.read_bytes())
    figure = (
        "  - {id: beihu.output.2023, term: 产值, zone: beihu, indicator: output,\n"
        "     sector: industry, concept: gross_output, value: 900, unit: 亿元,\n"
        "     period: 2023, kind: actual, qualifier: exact, price_basis: current,\n"
        "     source: {document: beihu-report-2024, section: 一, line: 5}}\n"
    )
    priors = (
        "slacks:\n  coverage.beihu: {zone: beihu, label: {en: coverage, zh: 覆盖}, dist: normal,\n"
        "    mean: 0.9, deviation: 0.1, conflict: beihu_output, evidence: assumed, source: none}\n"
        "conflicts:\n  beihu_output: {zone: beihu, label: {en: output, zh: 产值},\n"
        "    figures: [beihu.output.2023]}\n"
    )
    for name, text in (("beihu-report-2024", figure), ("priors", priors)):
        with (tmp_path / f"{name}.yaml").open("a", encoding="utf-8") as file:
            file.write(text)
    with using_calibration(tmp_path):
        found = reconcile(cache=False)
        unknowns = [unknown.name for unknown in found.problem.unknowns]
        assert {"coverage.beihu", "coverage.jingkai"} < set(unknowns)
        row = next(row for row in conflicts(found) if row.conflict == "beihu_output")
    assert set(row.slacks) == {"coverage.beihu"}


def test_growth_of_a_sector_without_its_earlier_shares(tmp_path: Path) -> None:
    for place in ZONE.iterdir():
        (tmp_path / place.name).write_bytes(place.read_bytes())
    with (tmp_path / "beihu-report-2024.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "  - {id: beihu.services.growth.2023, term: 服务业, zone: beihu, sector: tertiary,\n"
            "     indicator: value_added, concept: growth, value: 8.1, unit: '%', period: 2023,\n"
            "     kind: actual, qualifier: exact, price_basis: real,\n"
            "     source: {document: beihu-report-2024, section: 一, line: 5}}\n"
        )
    with using_calibration(tmp_path):
        found = reconcile(cache=False)
        fitted = {row.figure: row.fitted for row in fit_table(found)}
    assert fitted["beihu.services.growth.2023"] == pytest.approx(8.1, abs=0.1)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("period: 2023\n    kind: actual\n    qualifier: exact\n    price_basis: current\n"
         "    source: {document: beihu-report-2024, section: 二",
         "period: 2021\n    kind: actual\n    qualifier: exact\n    price_basis: current\n"
         "    source: {document: beihu-report-2024, section: 二",
         "outside the calibrated years"),
        ('value: 4.2\n    unit: "%"', 'value: 42\n    unit: "‰"',
         "printed in a unit that the model does not read"),
    ],
)  # fmt: skip
def test_a_figure_that_the_model_cannot_read(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    for place in ZONE.iterdir():
        text = place.read_text("utf-8")
        (tmp_path / place.name).write_text(text.replace(old, new), "utf-8")
    with using_calibration(tmp_path):
        assert reconcile(cache=False).problem.unused["beihu.rnd.intensity.2023"] == reason


# --- results --------------------------------------------------------------------------------------


def test_results_have_the_zone_and_its_identities(results: xr.Dataset) -> None:
    assert list(results["zone"].values) == ["donghu", "jingkai", "beihu"]
    here = results.sel(zone="beihu")
    known = here["gdp"].isel(scenario=0, draw=0)
    assert [int(y) for y in known["year"][np.isfinite(known)]] == list(range(2022, 2036))
    assert set(here["status"].sel(year=[2022, 2023]).values) == {1}
    whole = here["value_added"].sum("industry", min_count=1)
    xr.testing.assert_allclose(whole, here["gdp"], rtol=1e-5)
    xr.testing.assert_allclose(here["gdp_real"] * here["deflator"], here["gdp"], rtol=1e-5)
    pinned = here["gdp_growth"].sel(scenario="growth-5", year=slice(2024, 2035))
    np.testing.assert_allclose(pinned, 5.0, atol=1e-4)


def test_a_lever_of_the_zone_moves_it_and_hardly_the_others(results: xr.Dataset) -> None:
    change = results["gdp"].sel(scenario="pushed", year=2030) / results["gdp"].sel(
        scenario="baseline", year=2030
    )
    assert (change.sel(zone="beihu") > 1.01).all()
    others = change.sel(zone=["donghu", "jingkai"])
    assert (others > 1.0 - 1e-6).all()  # its R&D grows with it, and flows over
    assert (others < 1.01).all()


def test_knowledge_flows_from_all_other_zones_alike(three: Posterior) -> None:
    with using_calibration(ZONE):
        baseline = three.problem.past.baseline
        parameters = build_parameters(Members(three, 1, 0), load_scenario("baseline", baseline))
    expected = [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    np.testing.assert_array_equal(parameters.spillover_weights, expected)


def test_a_shared_industry_has_the_label_of_its_zone(three: Posterior, tmp_path: Path) -> None:
    (tmp_path / "zones.yaml").write_text(
        "zones: {beihu: {industries: {digital_services: {label: {en: software, zh: 软件}}}}}",
        "utf-8",
    )
    with using_calibration(ZONE, tmp_path):
        baseline = load_baseline()
    assert baseline.industry_label("digital_services").en == "digital services"
    assert baseline.industry_label("digital_services", "beihu").en == "software"
    assert baseline.industry_label("of another calibration").en == "of another calibration"


# --- commands -------------------------------------------------------------------------------------


def test_commands_with_the_folder(tmp_path: Path) -> None:
    file, picture = tmp_path / "x.h5", tmp_path / "x.png"
    own = ("--calibration", ZONE)
    invoke(*own, "run", "baseline", "growth-5", "-n", 50, "-o", file)
    assert "North Lake" in invoke(*own, "compare", file).output
    invoke("plot", file, "-o", picture, *own)
    assert picture.read_bytes().startswith(PNG)
    invoke("plot", file, "--indicator", "output", "--industry", "instruments", "-o",
           tmp_path / "y.png", *own)  # fmt: skip
    asked = invoke("what-if", "--investment-rate", "60%", "--zone", "beihu", "-n", 50, *own)
    assert "North Lake" in asked.output
    assert "beihu" in json.loads(invoke("inspect", file, "--json").output)["zones"]
    rows = json.loads(invoke(*own, "calibrate", "--json").output)["rows"]
    assert {row["zone"] for row in rows} == {"donghu", "jingkai", "beihu"}
    assert "0 failed" in invoke(*own, "baselines", "check").output


def test_a_result_is_shown_without_the_folder_too(tmp_path: Path) -> None:
    file, picture = tmp_path / "x.h5", tmp_path / "x.png"
    invoke("run", "baseline", "growth-5", "-n", 50, "-o", file, "--calibration", ZONE)
    assert "output: instruments" in invoke("compare", file).output
    invoke("plot", file, "-o", picture)
    assert picture.read_bytes().startswith(PNG)
    refused = invoke("what-if", "--tfp", "+1 pp", "--zone", "beihu", code=2)
    assert "unknown zone 'beihu'" in refused.output


# --- a later document of a known zone -------------------------------------------------------------


@pytest.fixture(scope="module")
def later() -> Posterior:
    with using_calibration(DOCUMENT):
        return reconcile()


@pytest.fixture(scope="module")
def moved(later: Posterior) -> Baseline:
    return later.problem.past.baseline


def test_the_base_year_moves_with_the_document(later: Posterior, moved: Baseline) -> None:
    assert moved.base_year == 2024
    assert [moved.status("donghu", year) for year in (2024, 2025)] == ["history", "projection"]
    assert [moved.status("jingkai", year) for year in (2020, 2024)] == ["history", "nowcast"]
    rows: dict[str | None, Any] = {row.figure: row for row in fit_table(later)}
    assert rows["donghu.gdp.2024"].fitted == pytest.approx(2860, abs=1)
    assert rows["donghu.gdp.growth.2024"].fitted == pytest.approx(5.2, abs=0.05)
    assert rows["donghu.gdp.2023"].fitted == pytest.approx(2715, abs=1)


def test_earlier_evidence_stays_evidence(later: Posterior, posterior: Posterior) -> None:
    """Investment of 2023 is the last documented one also when the base year is 2024."""
    used = {observation.figure.id for observation in posterior.problem.observations}
    now = {observation.figure.id for observation in later.problem.observations}
    assert now - used == {"donghu.gdp.2024", "donghu.gdp.growth.2024"}
    assert used < now


def test_the_nations_growth_of_a_documented_year_is_the_vintages_forecast(
    later: Posterior,
) -> None:
    past = later.problem.past
    assert past.national(2024) == pytest.approx(np.log(1.042))


def test_a_run_starts_from_the_document(later: Posterior) -> None:
    with using_calibration(DOCUMENT):
        found = simcore.run("baseline", draws=200, seed=1)
    start = found["gdp"].sel(zone="donghu", year=2024, scenario="baseline")
    np.testing.assert_allclose(start, 2860, atol=1.5)
    spread = found["gdp_growth"].sel(zone="donghu", scenario="baseline").std("draw")
    assert float(spread.sel(year=2024)) < 0.1 < float(spread.sel(year=2025))


def test_scenarios_that_decide_a_documented_year_are_refused(moved: Baseline) -> None:
    message = r"annual-plan-2024\.yaml:13:25: 2024 is before the first projected year, 2025"
    with pytest.raises(InputError, match=message):
        load_scenario("annual-plan-2024", moved)
    with pytest.raises(InputError, match="2024 is before the first projected year, 2025"):
        load_scenario("baseline", moved, ["levers.donghu.gdp_growth.path.2024=7%"])


def test_list_says_which_scenarios_cannot_be_run() -> None:
    rows = json.loads(invoke("list", "--json", "--calibration", DOCUMENT).output)["rows"]
    refused = {row["name"] for row in rows if row["question"].startswith("cannot be run")}
    assert refused == {"annual-plan-2024", "nev-transition"}
    sweeps = json.loads(invoke("list", "sweeps", "--json", "--calibration", DOCUMENT).output)
    assert [row["points"] for row in sweeps["rows"]] == [7, 15]


def test_indices_are_graded_where_they_have_values(results: xr.Dataset) -> None:
    """North Lake begins after the year in which an index is 100, and has none."""
    with using_calibration(ZONE):
        entries = {
            entry.name: entry for entry in inventory(load_baseline()) if entry.of == "result"
        }
    for name in SATELLITES:
        known = np.isfinite(results[name].isel(scenario=0, draw=0)).any("year")
        graded = [zone for zone in results["zone"].values if zone in entries[name].evidence]
        assert graded == list(results["zone"].values[known.values]), name
    assert "beihu" not in entries["energy_use"].evidence
