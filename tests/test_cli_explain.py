"""The command explain: tables, JSON, picture, CSV, and what it refuses."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from command_line import PNG, invoke, printed_json, refused

import simcore
from simcore.cli.sources import is_result, plan_of_source
from simcore.errors import InputError
from simcore.labels import use_language

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")

FEW = ("-n", 64, "--zone", "donghu")


def test_terms_of_a_scenario_lead_from_one_year_to_the_other() -> None:
    text = invoke("explain", "baseline", *FEW, "--year", 2030).stdout
    assert "East Lake High-tech: GDP at current prices from 2023 to 2030, baseline" in text
    names = ["2023", "capital", "labour", "own stock of R&D", "trend", "shocks", "prices", "2030"]
    places = [text.rindex(f"\n {name}") for name in names]
    assert places == sorted(places)
    assert "events of the scenario" not in text
    assert "Means of 64 draws, seed 20211222" in text


def test_json_rows_add_up_to_the_total() -> None:
    found = printed_json("explain", "growth-5", "-n", 64, "--indicator", "gdp_real")
    assert found["years"] == [2023, 2030]
    for total in found["total"]:
        rows = [row for row in found["rows"] if row["zone"] == total["zone"]]
        assert sum(row["contribution"] for row in rows) == pytest.approx(total["total"])
        assert total["last"] - total["first"] == pytest.approx(total["total"])
        assert 100 * sum(row["points"] for row in rows) == pytest.approx(487.9, abs=0.1)  # ln 1.05
    assert {"closure", "trend"} <= {row["term"] for row in found["rows"]}


def test_industries_are_named_and_add_up_to_the_same() -> None:
    terms = printed_json("explain", "baseline", *FEW)
    found = printed_json("explain", "baseline", *FEW, "--by", "industry")
    assert {row["industry"] for row in found["rows"]} >= {"optoelectronics", "other_services"}
    total = sum(row["contribution"] for row in found["rows"])
    assert total == pytest.approx(sum(row["contribution"] for row in terms["rows"]))
    assert "optoelectronics" in invoke("explain", "baseline", *FEW, "--by", "industry").stdout


def test_a_result_is_explained_by_its_own_draws(result: Path) -> None:
    """The file has 200 draws of seed 7; no more are looked at."""
    found = printed_json("explain", result, "--against", "baseline", "--scenario", "rnd-14")
    assert (found["draws"], found["seed"]) == (200, 7)
    assert {row["setting"] for row in found["rows"]} == {"levers.donghu.rnd_growth"}
    text = invoke("explain", result, "--against", "baseline", "--scenario", "rnd-14").stdout
    assert "of 2030, rnd-14 against baseline" in text
    assert refused("explain", result, "--seed", 3) == [
        f"{result}: a result has its seed; leave out --seed"
    ]


def test_a_result_of_another_calibration_is_not_explained_by_this_one(result: Path) -> None:
    other = Path("other.h5")
    shutil.copy(result, other)
    with h5py.File(other, "r+") as file:
        file.attrs["calibration"] = "0" * 64
    for command in ("explain", "sensitivity"):
        (line,) = refused(command, other)
        assert line.startswith("other.h5: rests on another calibration (000000000000, here ")
    refusal = pytest.raises(InputError, match="the result: rests on another calibration")
    with simcore.open_results(other) as dataset, refusal:
        simcore.explain(dataset, zone="donghu")


def test_a_result_of_unequal_weights_is_not_explained_by_equal_ones(result: Path) -> None:
    shutil.copy(result, "weighted.h5")
    with h5py.File("weighted.h5", "r+") as file:
        file["weight"][...] = 0.5 + np.random.default_rng(1).random(file["weight"].shape)
    said = "weighted.h5: draws have unequal weights, as `condition` gives them; ask this of the "
    for words in (["explain"], ["sensitivity"], ["plot", "--kind", "waterfall", "-o", "x.png"]):
        (line,) = refused(words[0], "weighted.h5", *words[1:])
        assert line == said + "result as it was run"
    assert not Path("x.png").exists()


@pytest.mark.parametrize("name", ["other.h5", "other.nc", "other.hdf5", "other", "folder/baseline"])
def test_a_result_is_one_under_any_name(result: Path, name: str) -> None:
    assert not is_result("baseline")
    Path("folder").mkdir()
    shutil.copy(result, name)
    assert is_result(name)
    with pytest.raises(InputError, match="a result has its seed"):
        plan_of_source(name, None, 3)
    for command in ("projects", "firms"):
        assert "only printed" in refused(command, name, "-n", 8)[0]


def test_a_scenario_is_one_where_a_file_has_its_name(result: Path) -> None:
    for name in ("baseline", "own.yaml", "own.yml"):
        shutil.copy(result, name)
        assert not is_result(name)
    assert not is_result("baseline+growth-5")


def test_draws_that_are_chosen_from_a_result_are_not_explained_by_others(result: Path) -> None:
    refusal = pytest.raises(InputError, match="give all draws of a result, or its first ones")
    with simcore.open_results(result) as dataset, refusal:
        simcore.explain(dataset.isel(draw=slice(100, 200)), zone="donghu")


def test_the_waterfall_and_its_numbers_are_written() -> None:
    options = ("-o", "why.png", "--data", "why.csv")
    text = invoke("explain", "growth-5", "--against", "baseline", *FEW, *options).stdout
    assert "wrote why.png" in text
    assert Path("why.png").read_bytes().startswith(PNG)
    with Path("why.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["setting"] for row in rows] == [
        "levers.donghu.gdp_growth", "levers.jingkai.gdp_growth"
    ]  # fmt: skip
    head = ("scenario", "against", "indicator", "first", "year")
    assert {tuple(row[name] for name in head) for row in rows} == {
        ("growth-5", "baseline", "gdp", "2023", "2030")
    }
    assert refused("explain", "growth-5", *FEW, *options)[0].startswith("why.png: exists")


def test_settings_have_names_and_identifiers_in_json() -> None:
    words = ("explain", "rnd-14", "--against", "baseline", "-n", 64, "--zone", "donghu")
    assert {row["setting"] for row in printed_json(*words)["rows"]} == {"levers.donghu.rnd_growth"}
    text = invoke(*words).stdout
    assert "R&D spending growth a year" in text
    assert "donghu.rnd_growth" not in text
    assert "研发经费投入年均增长" in invoke("--lang", "zh", *words).stdout
    use_language("en")


def test_chinese_has_chinese_names() -> None:
    text = invoke("--lang", "zh", "explain", "baseline", *FEW).stdout
    assert "生产率趋势" in text
    assert "东湖高新区：2023—2030年地区生产总值（现价），baseline" in text


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("growth-6",), "growth-6: no such scenario; did you mean"),
        (("baseline", "--scenario", "other"), "unknown scenario 'other'; known: baseline"),
        (("baseline", "--zone", "wuhan"), "unknown zone 'wuhan'"),
        (("baseline", "--year", 2050), "years 2023 to 2050"),
        (("baseline", "--from", 2019), "years 2019 to 2030"),
        (("baseline", "--against", "baseline"), "'baseline' and 'baseline' set the same"),
        (("growth-5", "--against", "baseline", "--by", "industry"), "--by industry is of one"),
        (("baseline", "-o", "why.doc"), "a picture ends in"),
    ],
)
def test_what_cannot_be_explained_is_refused(words: tuple[object, ...], error: str) -> None:
    assert error in refused("explain", *words, "-n", 8)[0]


def test_draws_that_cannot_do_what_is_asked_are_not_counted() -> None:
    text = """
simcore: 1
name: hard
label: {en: hard, zh: 难}
levers: {donghu: {gdp_growth: 1%, industries: {optoelectronics: {growth: GROWTH}}}}
"""
    asked = ("hard.yaml", "--year", 2035, "--seed", 11, "--zone", "donghu")
    Path("hard.yaml").write_text(text.replace("GROWTH", "9.4%"), encoding="utf-8")
    found = printed_json("explain", *asked, "-n", 2048)
    assert 2046 <= found["draws"] == found["total"][0]["draws"] < 2048
    total = found["total"][0]
    assert total["last"] - total["first"] == pytest.approx(total["total"])
    told = invoke("explain", *asked, "-n", 2048).stdout
    assert f"Means of {found['draws']:,} draws" in told
    assert f"cannot be in them: {2048 - found['draws']} of 2,048 draws" in told
    Path("hard.yaml").write_text(text.replace("GROWTH", "12%"), encoding="utf-8")
    assert "'hard' asks what cannot be in" in refused("explain", *asked, "-n", 256)[0]


def test_a_picture_and_its_numbers_need_two_names() -> None:
    options = ("-o", "why.png", "--data", "./why.png")
    (line,) = refused("explain", "growth-5", *FEW, *options)
    assert line.endswith("why.png: the picture and its numbers need two names")


def test_the_legend_of_a_spread_stands_clear_of_the_sources(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = []

    def keep(picture: Any, path: Path) -> None:
        picture.draw_without_rendering()
        boxes = [picture.legends[0].get_window_extent(), picture._supxlabel.get_window_extent()]
        drawn.append(boxes)

    monkeypatch.setattr("simcore.drivers_plot.save", keep)
    invoke("sensitivity", "--zone", "donghu", "-n", 64, "-o", "spread.png")
    ((legend, sources),) = drawn
    assert not legend.overlaps(sources)
