"""Exports: numbers equal the result's, texts stay texts, nothing is overwritten."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from command_line import invoke, refused

import simcore
from simcore.dims import QUANTILES, VARIABLES
from simcore.errors import InputError, RunError
from simcore.extract import STATISTICS, Choice, extracted
from simcore.iamc import KEYS, NAMES
from simcore.labels import use_language
from simcore.priors import load_priors
from simcore.tidy import header

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")
YEARS = (2023, 2025, 2030)


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory, read_once: None) -> Path:
    path = tmp_path_factory.mktemp("summary") / "few.h5"
    words = ("run", "baseline", "growth-5", "rnd-14", "-n", 200, "--seed", 7, "-o", path)
    invoke(*words, "--keep", "summary", "--workers", 1)
    return path


@pytest.fixture(scope="module")
def book(result: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The workbook of a result, in English, as openpyxl reads it."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl reads the workbook back")
    path = tmp_path_factory.mktemp("book") / "x.xlsx"
    invoke("export", result, "-o", path, "--lang", "en")
    return openpyxl.load_workbook(path)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def expected(dataset: xr.Dataset, indicator: str) -> dict[tuple[str, ...], np.float32]:
    """Quantiles by scenario, zone, industry, year and statistic, as float32."""
    fan = dataset.simcore.fan(indicator).astype("f4")
    stacked = fan.stack(place=list(fan.dims))
    found = {}
    for place, value in zip(stacked["place"].values, stacked.values, strict=True):
        if np.isfinite(value):
            quantile, scenario, zone, *inner, year = place
            name = STATISTICS[1 + QUANTILES.index(quantile)]
            key = (scenario, zone, inner[0] if inner else "", str(year), name)
            found[tuple(map(str, key))] = value
    return found


def held(rows: list[dict[str, str]]) -> dict[tuple[str, ...], np.float32]:
    keys = ("scenario", "zone", "industry", "year", "statistic")
    return {
        tuple(row[key] for key in keys): np.float32(row["value"])
        for row in rows
        if row["statistic"] != "mean"
    }


# --- long tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize("indicator", ["gdp", "output", "resident_income"])
def test_a_table_has_every_quantile_of_the_result(result: Path, indicator: str) -> None:
    path = simcore.export(result, "x.csv", indicators=[indicator])
    rows = rows_of(path)
    assert tuple(rows[0]) == header(draws=False)
    with simcore.open_results(result) as dataset:
        assert held(rows) == expected(dataset, indicator)
        means = {r["year"]: float(r["value"]) for r in rows
                 if (r["scenario"], r["zone"], r["industry"], r["statistic"])
                 == ("growth-5", "donghu", "", "mean")}  # fmt: skip
        if indicator != "output":
            mean = dataset[indicator].sel(scenario="growth-5", zone="donghu").mean("draw")
            assert means == pytest.approx(
                {str(int(y)): float(mean.sel(year=y)) for y in map(int, means)}, rel=1e-6
            )
    assert {row["unit"] for row in rows} == {VARIABLES[indicator].units}


def test_without_a_choice_every_indicator_is_there(result: Path) -> None:
    rows = rows_of(simcore.export(result, "x.csv", years=[2030], scenarios=["growth-5"]))
    assert set(VARIABLES) - {row["indicator"] for row in rows} == set()
    assert {row["year"] for row in rows} == {"2030"}
    assert {row["scenario"] for row in rows} == {"growth-5"}


def test_it_is_utf_8_that_spreadsheets_know(result: Path) -> None:
    invoke("export", result, "--to", "csv", "-o", "x.csv", "--indicator", "gdp")
    assert Path("x.csv").read_bytes().startswith(b"\xef\xbb\xbfscenario,")


def test_summaries_and_draws_give_the_same_table(result: Path, summary: Path) -> None:
    for name, path in (("draws", result), ("summary", summary)):
        simcore.export(path, f"{name}.csv", indicators=["gdp", "value_added"])
    assert Path("draws.csv").read_bytes() == Path("summary.csv").read_bytes()


def test_a_dataset_in_memory_gives_the_table_of_its_file(result: Path) -> None:
    simcore.export(result, "file.csv", indicators=["gdp"])
    with simcore.open_results(result) as dataset:
        simcore.export(dataset, "memory.csv", indicators=["gdp"])
    assert held(rows_of(Path("memory.csv"))) == held(rows_of(Path("file.csv")))


def test_weights_count(result: Path) -> None:
    with simcore.open_results(result) as dataset:
        weighted = simcore.condition(dataset, "4%", zone="donghu", tolerance="3 pp",
                                     scenario="baseline")  # fmt: skip
        path = simcore.export(weighted, "x.csv", indicators=["gdp"], scenarios=["baseline"])
        assert held(rows_of(path)) == expected(weighted.sel(scenario=["baseline"]), "gdp")
        assert held(rows_of(path)) != expected(dataset.sel(scenario=["baseline"]), "gdp")
        simcore.export(weighted, "d.csv", indicators=["gdp"], scenarios=["baseline"], years=[2030],
                       zones=["donghu"], draws=True)  # fmt: skip
        own = [np.float32(row["weight"]) for row in rows_of(Path("d.csv"))]
        np.testing.assert_array_equal(own, weighted["weight"].sel(scenario="baseline").values)


def test_every_draw(result: Path) -> None:
    path = simcore.export(result, "x.csv", indicators=["gdp"], zones=["jingkai"], draws=True)
    rows = rows_of(path)
    assert tuple(rows[0]) == header(draws=True)
    with simcore.open_results(result) as dataset:
        values = dataset["gdp"].sel(zone="jingkai")
        assert len(rows) == int(np.isfinite(values).sum())
        for row in rows[:: len(rows) // 50]:
            place = {"scenario": row["scenario"], "year": int(row["year"]),
                     "draw": int(row["draw"])}  # fmt: skip
            assert np.float32(row["value"]) == values.sel(place).item()
    assert {row["weight"] for row in rows} == {"1.0"}


@pytest.mark.parametrize("draws", [False, True])
def test_parquet_holds_the_table(result: Path, draws: bool) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow writes Parquet")
    choice: dict[str, Any] = {
        "indicators": ["gdp", "output"],
        "years": YEARS,
        "draws": draws,
        "scenarios": ["baseline"],
    }
    simcore.export(result, "x.parquet", **choice)
    simcore.export(result, "x.csv", **choice)
    table = parquet.read_table("x.parquet")
    units = json.loads(table.schema.metadata[b"units"])
    assert units == {name: VARIABLES[name].units for name in ("gdp", "output")}
    assert table.schema.metadata[b"seed"] == b"7"
    assert str(table.schema.field("scenario").type).startswith("dictionary<")
    columns = {name: [str(cell) for cell in table[name].to_pylist()] for name in table.column_names}
    for row, theirs in zip(zip(*columns.values(), strict=True), rows_of(Path("x.csv")),
                           strict=True):  # fmt: skip
        mine = dict(zip(columns, row, strict=True))
        assert np.float32(mine.pop("value")) == np.float32(theirs.pop("value"))
        assert mine == theirs


def test_a_name_is_never_a_formula_in_a_table(result: Path) -> None:
    with simcore.open_results(result) as dataset:
        evil = dataset.isel(scenario=[0]).assign_coords(scenario=["=1+1"])
        rows = rows_of(simcore.export(evil, "x.csv", indicators=["gdp"], years=[2030]))
    assert {row["scenario"] for row in rows} == {"'=1+1"}


# --- IAMC -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["wide", "long"])
def test_iamc_follows_the_rules_of_pyam(result: Path, shape: str) -> None:
    """Columns as pyam names them, every number with a unit, no series twice, years are whole."""
    invoke("export", result, "--to", "iamc", "-o", "x.csv", "--shape", shape)
    with Path("x.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    assert tuple(head[:5]) == KEYS
    width = 5 if shape == "wide" else 6
    keys = [tuple(row[:width]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert all(row[:5] == [cell.strip() for cell in row[:5]] and all(row[:5]) for row in rows)
    years = head[5:] if shape == "wide" else sorted({row[5] for row in rows})
    assert years == sorted(years)
    assert all(re.fullmatch(r"20\d\d", year) for year in years)
    numbers = [cell for row in rows for cell in (row[5:] if shape == "wide" else row[6:]) if cell]
    assert np.isfinite(np.array(numbers, dtype=float)).all()
    units: dict[str, set[str]] = {}
    for row in rows:
        units.setdefault(row[3], set()).add(row[4])
    assert all(len(found) == 1 for found in units.values())
    assert {"GDP|Nominal", "GDP|Nominal|5.0th Percentile", "Value Added|Automotive",
            "Value Added|Life and Health Manufacturing|Mean"} <= set(units)  # fmt: skip


def test_every_indicator_has_a_name_of_its_own_in_iamc() -> None:
    assert set(NAMES) == set(VARIABLES)
    assert len({name for name, _ in NAMES.values()}) == len(NAMES)


def test_the_plain_variable_of_iamc_is_the_median(result: Path) -> None:
    path = simcore.export(result, "x.csv", to="iamc", indicators=["gdp"], shape="long")
    rows = rows_of(path)
    with simcore.open_results(result) as dataset:
        fan = dataset.simcore.fan("gdp").astype("f4")
        labels = dict(zip(dataset["zone_label_en"].values, dataset["zone"].values, strict=True))
        for suffix, quantile in (("", 0.5), ("|5.0th Percentile", 0.05)):
            own = [row for row in rows if row["Variable"] == f"GDP|Nominal{suffix}"]
            assert own
            for row in own:
                zone = next(z for label, z in labels.items() if label == row["Region"])
                value = fan.sel(quantile=quantile, scenario=row["Scenario"], zone=zone,
                                year=int(row["Year"]))  # fmt: skip
                assert np.float32(row["Value"]) == value.item()


def test_pyam_reads_it(result: Path) -> None:
    pyam = pytest.importorskip("pyam", reason="pyam-iamc is not installed")
    frames = []
    for shape in ("wide", "long"):
        simcore.export(result, f"{shape}.csv", to="iamc", shape=shape)  # type: ignore[arg-type]
        frames.append(pyam.IamDataFrame(f"{shape}.csv"))
    assert frames[0].equals(frames[1])
    median = frames[0].filter(variable="GDP|Nominal", scenario="growth-5", year=2030)
    with simcore.open_results(result) as dataset:
        fan = dataset.simcore.fan("gdp", [0.5]).sel(scenario="growth-5", year=2030).astype("f4")
    assert sorted(np.float32(median.data["value"])) == sorted(fan.values.ravel())


# --- the workbook ---------------------------------------------------------------------------------


def blocks(sheet: Any, keys: int) -> dict[str, dict[tuple[str, ...], list[Any]]]:
    """Rows of every block of an indicator's sheet, by the texts in their first columns."""
    found: dict[str, dict[tuple[str, ...], list[Any]]] = {}
    name = ""
    for row in sheet.iter_rows(min_row=5, values_only=True):
        if row[0] and row[1] is None:
            name = row[0]
        elif row[0]:
            found.setdefault(name, {})[tuple(row[:keys])] = list(row[keys:])
    return found


@pytest.mark.parametrize(("indicator", "title", "keys"), [
    ("gdp", "GDP at current prices", 2), ("value_added", "Value added at current prices", 3),
])  # fmt: skip
def test_numbers_of_the_workbook_are_those_of_the_file(
    result: Path, book: Any, indicator: str, title: str, keys: int
) -> None:
    sheet = book[title]
    years = [cell.value for cell in sheet[4]][keys:]
    found = blocks(sheet, keys)
    with simcore.open_results(result) as dataset:
        assert years == dataset["year"].values.tolist()
        zones = dict(zip(dataset["zone"].values, dataset["zone_label_en"].values, strict=True))
        names = dict(
            zip(dataset["industry"].values, dataset["industry_label_en"].values, strict=True)
        )
        values = expected(dataset, indicator)
    titles = {"Median": "median", "5 % quantile": "q05", "95 % quantile": "q95"}
    seen = 0
    for (scenario, zone, industry, year, statistic), value in values.items():
        block = next((t for t, name in titles.items() if name == statistic), None)
        if block is not None:
            key = (scenario, zones[zone], names[industry])[:keys] if industry else (
                scenario, zones[zone])  # fmt: skip
            assert np.float32(found[block][key][years.index(int(year))]) == value
            seen += 1
    assert seen > 100


def test_history_is_marked_and_documents_stand_beside(book: Any) -> None:
    sheet = book["GDP at current prices"]
    assert sheet.freeze_panes == "C5"
    fills = {}
    years = {cell.value: cell.column for cell in sheet[4]}
    for row in sheet.iter_rows(min_row=6, max_row=7):
        fills[row[1].value] = [row[years[year] - 1].fill.fgColor.rgb for year in (2020, 2023, 2024)]
    assert fills["East Lake High-tech"] == ["FFE8EAED", "FFE8EAED", "00000000"]
    assert list(fills.values())[1] == ["FFE8EAED", "FFFFF4D6", "00000000"]
    documented = blocks(sheet, 2)["Documented"]["documents", "East Lake High-tech"]
    assert documented[years[2023] - 3] == 2715
    comments = [cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment]
    assert any("line 12" in text for text in comments)


def test_sheets_beside_the_numbers(book: Any, baseline: Any) -> None:
    names = book.sheetnames
    assert names[0] == "Summary"
    assert names[-4:] == ["Targets", "Assumptions", "Sources", "Provenance"]
    texts = {name: [cell.value for row in book[name].iter_rows() for cell in row
                    if cell.value is not None] for name in names}  # fmt: skip
    assert "What if real GDP grows 5 % a year, and what would it take?" in texts["Summary"]
    assert "100 million CNY" in texts["Summary"]
    assert "donghu.gdp.2023" in texts["Sources"]
    assert {"documented", "derived", "assumed"} <= set(texts["Assumptions"])
    assert "20211222" not in texts["Provenance"]
    assert "7" in texts["Provenance"]
    head = [cell.value for cell in book["Targets"][3]]
    column = head.index("P · baseline")
    shares = [row[column] for row in book["Targets"].iter_rows(min_row=4, values_only=True)]
    known = [share for share in shares if share is not None]
    assert known
    assert all(0 <= share <= 1 for share in known)


def test_rates_of_assumptions_are_in_percent(book: Any, baseline: Any) -> None:
    """A prior is kept as a fraction; the sheet writes the unit beside the number."""
    rows = [[cell.value for cell in row] for row in book["Assumptions"].iter_rows()]
    head = next(row for row in rows if "key" in row)
    at = {name: head.index(name) for name in ("key", "median", "unit")}
    rates = {row[at["key"]]: row for row in rows if row[at["unit"]] == "% a year"}
    priors = load_priors().parameters
    assert rates
    assert "percent a year" not in {row[at["unit"]] for row in rows}
    for name, prior in priors.items():
        if name in rates and not prior.zones:
            median = 100 * float(prior.from_standard(np.zeros(1))[0])
            assert rates[name][at["median"]] == pytest.approx(median, rel=1e-6)


def test_probabilities_are_those_of_targets(result: Path, book: Any, baseline: Any) -> None:
    with simcore.open_results(result) as dataset:
        found = simcore.targets(dataset, scenario="growth-5", baseline=baseline)
    wanted = sorted(row.probability for row in found.rows if row.probability is not None)
    sheet = book["Targets"]
    column = [cell.value for cell in sheet[3]].index("P · growth-5")
    shown = [row[column] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert sorted(share for share in shown if share is not None) == wanted


def test_no_text_is_a_formula(result: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl reads the workbook back")
    with simcore.open_results(result) as dataset:
        names = ["=1+1", "@SUM(A1)", "-1+1"]
        told = json.loads(dataset.attrs["scenarios"])
        for one, name in zip(told, names, strict=True):
            one["name"] = name
            one["label"] = {"en": f"{name} ", "zh": name}
        evil = dataset.assign_coords(scenario=names).assign_attrs(scenarios=json.dumps(told))
        simcore.export(evil, "x.xlsx", indicators=["gdp"])
    found = openpyxl.load_workbook("x.xlsx")
    cells = [cell for sheet in found for row in sheet.iter_rows() for cell in row]
    assert {cell.value for cell in cells} >= set(names)
    assert [cell for cell in cells if cell.data_type == "f"] == []


def test_the_workbook_in_chinese(result: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl reads the workbook back")
    invoke("export", result, "-o", "x.xlsx", "--lang", "zh", "--indicator", "gdp",
           "--scenario", "baseline")  # fmt: skip
    found = openpyxl.load_workbook("x.xlsx")
    assert found.sheetnames == [
        "概要", "地区生产总值（现价）", "规划目标", "假设", "数据来源", "来源信息"
    ]  # fmt: skip
    assert found["地区生产总值（现价）"]["A1"].value == "地区生产总值（现价） [亿元]"
    words = re.compile(r"\b(median|draws|seed|scenario|zone|unit|quantile|CNY|persons)\b")
    english = {
        str(cell.value)
        for name in found.sheetnames[:3]
        for row in found[name].iter_rows()
        for cell in row
        if words.search(str(cell.value))
    }
    assert english == set()


def test_a_workbook_of_summaries_says_what_it_lacks(summary: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl reads the workbook back")
    simcore.export(summary, "x.xlsx", indicators=["gdp"])
    found = openpyxl.load_workbook("x.xlsx")
    assert "probabilities of goals need draws" in found["Targets"]["A3"].value
    assert found["GDP at current prices"]["H6"].value > 0


def test_the_same_result_gives_the_same_bytes(summary: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        simcore.export(summary, name, indicators=["gdp"])
    assert Path("a.xlsx").read_bytes() == Path("b.xlsx").read_bytes()


def test_libreoffice_opens_it_with_the_same_numbers(result: Path, summary: Path) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    simcore.export(summary, "x.xlsx", indicators=["gdp"])
    profile = f"-env:UserInstallation=file://{Path.cwd()}/profile"
    filters = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    subprocess.run([program, profile, "--headless", "--convert-to", filters, "x.xlsx"], check=True,
                   capture_output=True, timeout=300)  # fmt: skip
    with Path("x-GDP at current prices.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    years = rows[3][2:]
    place = 2 + years.index("2030")
    shown = [np.float32(row[place]) for row in rows[5:11]]
    with simcore.open_results(result) as dataset:
        fan = dataset.simcore.fan("gdp", [0.5]).sel(year=2030, quantile=0.5).astype("f4")
    np.testing.assert_allclose(shown, fan.transpose("scenario", "zone").values.ravel(), rtol=1e-6)


# --- what is refused ------------------------------------------------------------------------------


def test_nothing_is_overwritten_and_nothing_is_left(result: Path) -> None:
    Path("x.csv").write_text("precious")
    (line,) = refused("export", result, "-o", "x.csv")
    assert line == "x.csv: exists; --force replaces it, -o names another"
    assert Path("x.csv").read_text() == "precious"
    invoke("export", result, "-o", "x.csv", "--force", "--indicator", "gdp")
    assert Path("x.csv").read_text(encoding="utf-8-sig").startswith("scenario,")
    assert [path.name for path in Path().iterdir()] == ["x.csv"]


def test_a_failure_keeps_the_old_file(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("x.csv").write_text("precious")

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simcore.exporting.write_csv", broken)
    with pytest.raises(RunError, match=r"x\.csv: cannot be written: No space left"):
        simcore.export(result, "x.csv", force=True)
    assert Path("x.csv").read_text() == "precious"
    assert len(list(Path().iterdir())) == 1


def test_refusals(result: Path, summary: Path) -> None:
    assert refused("export", result) == ["say --to xlsx|csv|parquet|iamc, or name a file by -o"]
    assert refused("export", result, "-o", "x.txt") == [
        "x.txt: its ending names no format; say --to xlsx|csv|parquet|iamc"
    ]
    assert refused("export", result, "-o", "x.csv", "--indicator", "gpd") == [
        "the result has no indicator 'gpd'; did you mean 'gdp'?"
    ]
    assert refused("export", result, "-o", "x.csv", "--year", 1999) == [
        "the result has no year 1999: it has 2015 to 2035"
    ]
    assert refused("export", result, "-o", "x.xlsx", "--draws") == [
        "draws are written to csv or parquet, not to xlsx"
    ]
    assert "holds summaries alone" in refused("export", summary, "-o", "x.csv", "--draws")[0]
    assert "does not exist" in refused("export", "lost.h5", "--to", "csv")[0]
    assert "is the result itself" in refused("export", result, "--to", "csv", "-o", result,
                                             "--force")[0]  # fmt: skip
    assert list(Path().iterdir()) == []
    with pytest.raises(InputError, match="unknown format 'xls'; did you mean 'xlsx'"):
        simcore.export(result, "x", to="xls")  # type: ignore[arg-type]


@pytest.mark.parametrize(("module", "ending"), [("xlsxwriter", "xlsx"), ("pyarrow", "parquet")])
def test_a_missing_library_is_named(
    module: str, ending: str, result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    found = invoke("export", result, "-o", f"x.{ending}", code=1)
    assert found.stderr.strip().endswith("pip install 'simcore[export]'")
    assert list(Path().iterdir()) == []


def test_beside_the_result_by_default(result: Path, tmp_path: Path) -> None:
    own = Path(shutil.copy(result, tmp_path / "own.h5"))
    text = invoke("export", own, "--to", "iamc", "--indicator", "gdp").stdout
    assert text.startswith(f"wrote {tmp_path / 'own-iamc.csv'} (")
    assert own.with_name("own-iamc.csv").is_file()


def test_only_the_path_in_hand_is_in_memory(result: Path) -> None:
    """Draws are read one path after the other, never a whole variable."""
    with extracted(result, Choice(["output"])) as part:
        paths = part.draws("output", "baseline")
        sizes = {path.values.shape for path in paths}
        assert sizes == {(200, len(part.years))}
        assert not part.dataset["output"].variable._in_memory


def test_sweeps_are_exported(tmp_path: Path, read_once: None) -> None:
    invoke("sweep", "growth-3-to-9", "-n", 8, "-o", "s.h5", "--workers", 1)
    use_language("en")
    for name in ("s.xlsx", "s.csv"):
        simcore.export("s.h5", name, indicators=["gdp"])
    rows = rows_of(Path("s.csv"))
    assert {row["scenario"] for row in rows} >= {"*.gdp_growth=3%", "*.gdp_growth=9%"}
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl reads the workbook back")
    head = [cell.value for cell in openpyxl.load_workbook("s.xlsx")["Targets"][3]]
    assert sum(str(name).startswith("P · ") for name in head) == 1


def test_a_source_that_is_not_there_is_said_before_the_file_is_touched(tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_text("kept", encoding="utf-8")
    with pytest.raises(InputError, match=r"lost\.h5: does not exist"):
        simcore.export(tmp_path / "lost.h5", old, force=True)
    assert old.read_text(encoding="utf-8") == "kept"


def test_a_dataset_that_was_saved_is_exported_by_its_draws(tmp_path: Path) -> None:
    saved = tmp_path / "saved.h5"
    simcore.run("baseline", draws=20, seed=1).to_netcdf(saved, engine="h5netcdf")
    found = simcore.export(saved, tmp_path / "x.csv", indicators=("gdp",))
    assert "gdp" in found.read_text(encoding="utf-8-sig")
