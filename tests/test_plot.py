"""Fan charts: what is drawn, the numbers behind it, and what cannot be drawn."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import xarray as xr

import simcore
from simcore import chinese_fonts, documented_points, plot
from simcore.baseline import load_baseline
from simcore.errors import InputError
from simcore.labels import use_language
from simcore.plan import Plan
from simcore.plot import fan_chart
from simcore.production import produce
from simcore.reconcile import reconcile
from simcore.weighting import weighted_quantiles

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.usefixtures("in_english")
NAMES = ("baseline", "growth-5", "what, if")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenarios = (
        simcore.load_scenario("baseline"),
        simcore.load_scenario("growth-5"),
        simcore.load_scenario("rnd-14", settings=["name=what, if", "horizon=2032"]),
    )
    plan = Plan(scenarios, 101, 6, reconcile())
    path = tmp_path_factory.mktemp("plot") / "x.h5"
    produce(plan, path, workers=1)
    return path


@pytest.fixture
def dataset(result: Path) -> Iterator[xr.Dataset]:
    with simcore.open_results(result) as opened:
        yield opened


def texts(path: Path) -> str:
    return " ".join("".join(node.itertext()) for node in ElementTree.parse(path).iter())


def numbers(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()[1:]))


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_formats(suffix: str, start: bytes, result: Path, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    assert fan_chart(result, path) == [path]
    content = path.read_bytes()
    assert content.startswith(start)
    assert len(content) > 10_000


def test_what_is_written_on_it(result: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    fan_chart(result, path)
    found = texts(path)
    for text in (
        "GDP at current prices [100 million CNY]", *NAMES, "history and nowcast", "nowcast",
        "documented", "East Lake High-tech", "Wuhan Economic",
        "Bands: 50 % and 90 % of the draws; line: median. Points: documented figures.",
    ):  # fmt: skip
        assert text in found, text


def test_only_what_is_asked_for_is_drawn(result: Path, tmp_path: Path) -> None:
    path, data = tmp_path / "x.svg", tmp_path / "x.csv"
    fan_chart(result, path, zones=["jingkai"], scenarios=["growth-5"], data=data)
    found = texts(path)
    assert "East Lake" not in found
    assert "growth-5" in found
    assert "baseline" not in found
    assert {(row["scenario"], row["zone"]) for row in numbers(data)} == {("growth-5", "jingkai")}


def test_numbers_are_the_quantiles(result: Path, dataset: xr.Dataset, tmp_path: Path) -> None:
    data = tmp_path / "x.csv"
    fan_chart(result, tmp_path / "x.svg", indicator="gdp_growth", data=data)
    rows = numbers(data)
    assert {row["scenario"] for row in rows} == set(NAMES)
    assert max(int(row["year"]) for row in rows if row["scenario"] == "what, if") == 2032
    for row in rows[::17]:
        place = {"scenario": row["scenario"], "zone": row["zone"], "year": int(row["year"])}
        draws = dataset["gdp_growth"].sel(place).values
        wanted = np.quantile(draws, [0.05, 0.25, 0.5, 0.75, 0.95])
        found = [float(row[name]) for name in ("q05", "q25", "q50", "q75", "q95")]
        assert found == pytest.approx(wanted, rel=1e-5, abs=1e-6)


def test_draws_count_by_their_weights(
    result: Path, dataset: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weight = np.random.default_rng(5).random((len(NAMES), 101)) ** 4

    def weighted(path: Path) -> xr.Dataset:
        return simcore.open_results(path).assign(weight=(("scenario", "draw"), weight))

    monkeypatch.setattr(plot, "open_results", weighted)
    data = tmp_path / "x.csv"
    fan_chart(result, tmp_path / "x.svg", scenarios=["growth-5", "baseline"], data=data)
    for row in numbers(data)[::29]:
        place = {"scenario": row["scenario"], "zone": row["zone"], "year": int(row["year"])}
        own = weight[NAMES.index(row["scenario"])]
        wanted = weighted_quantiles(dataset["gdp"].sel(place).values, own, (0.05, 0.5, 0.95))
        found = [float(row[name]) for name in ("q05", "q50", "q95")]
        assert found == pytest.approx(wanted, rel=1e-5)


def test_industries(result: Path, dataset: xr.Dataset, tmp_path: Path) -> None:
    path, data = tmp_path / "x.svg", tmp_path / "x.csv"
    fan_chart(result, path, indicator="output", industry="automotive", data=data)
    assert "gross output at current prices: automotive" in texts(path)
    assert {row["zone"] for row in numbers(data)} == {"jingkai"}
    (row,) = [r for r in numbers(data) if (r["scenario"], r["year"]) == ("baseline", "2030")]
    draws = dataset["output"].sel(
        scenario="baseline", zone="jingkai", industry="automotive", year=2030
    )
    assert float(row["q50"]) == pytest.approx(float(draws.median()), rel=1e-5)


def test_all_industries_together(result: Path, dataset: xr.Dataset, tmp_path: Path) -> None:
    data = tmp_path / "x.csv"
    fan_chart(result, tmp_path / "x.svg", indicator="value_added", data=data)
    (row,) = [
        r for r in numbers(data)
        if (r["scenario"], r["zone"], r["year"]) == ("baseline", "donghu", "2030")
    ]  # fmt: skip
    gdp = dataset["gdp"].sel(scenario="baseline", zone="donghu", year=2030)
    assert float(row["q50"]) == pytest.approx(float(gdp.median()), rel=1e-5)


@pytest.mark.parametrize("indicator", ["rnd_intensity", "population"])
def test_other_indicators(indicator: str, result: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    fan_chart(result, path, indicator=indicator)
    assert simcore.open_results(result)[indicator].attrs["long_name"] in texts(path)


def test_a_scenario_that_has_none_of_it_is_left_out(result: Path, tmp_path: Path) -> None:
    data = tmp_path / "x.csv"
    fan_chart(result, tmp_path / "x.svg", indicator="tfp_growth_required", data=data)
    assert {row["scenario"] for row in numbers(data)} == {"growth-5"}


def test_documented_figures_are_those_of_the_zone(tmp_path: Path) -> None:
    baseline = load_baseline()
    shown = {
        zone: {f.id for f in baseline.actuals() if documented_points._shown(f, zone, "gdp")}
        for zone in baseline.zones
    }
    assert shown == {
        "donghu": {"donghu.gdp.2020", "donghu.gdp.2023"}, "jingkai": {"jingkai.gdp.2020"}
    }  # fmt: skip
    assert not any(documented_points._shown(f, "donghu", "capital") for f in baseline.actuals())


@pytest.mark.parametrize(
    ("indicator", "shown"),
    [
        ("high_tech_firms", {"donghu.firms.high_tech.2020", "donghu.firms.high_tech.2023"}),
        ("high_value_patents", {"donghu.patents.high_value_per_10000.2020"}),
        ("energy_use", set()),
    ],
)
def test_documented_figures_of_satellites(indicator: str, shown: set[str]) -> None:
    baseline = load_baseline()
    assert {figure.id for figure in documented_points._met(baseline, "donghu", indicator)} == shown
    intensity = documented_points._met(baseline, "jingkai", "energy_intensity")
    assert intensity == []  # a growth rate is no point of an index


def test_it_is_the_same_picture_twice(result: Path, tmp_path: Path) -> None:
    data = [tmp_path / "a.csv", tmp_path / "b.csv"]
    pictures = [tmp_path / "a.png", tmp_path / "b.png"]
    for picture, numbers_ in zip(pictures, data, strict=True):
        fan_chart(result, picture, data=numbers_)
    assert pictures[0].read_bytes() == pictures[1].read_bytes()
    assert data[0].read_bytes() == data[1].read_bytes()


def test_chinese_without_a_font_is_english(
    result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    use_language("zh")
    monkeypatch.setattr(chinese_fonts, "FAMILIES", ("No Such Font",))
    path = tmp_path / "x.svg"
    fan_chart(result, path)
    assert "GDP at current prices [100 million CNY]" in texts(path)
    assert "Noto Sans CJK" in caplog.text


def test_chinese_with_a_font(result: Path, tmp_path: Path) -> None:
    if chinese_fonts.chinese_family() is None:
        pytest.skip("no Chinese font is installed: pip install 'simcore[fonts]'")
    use_language("zh")
    path = tmp_path / "x.svg"
    fan_chart(result, path, indicator="gdp")
    found = texts(path)
    for text in ("地区生产总值（现价）", "[亿元]", "东湖高新区", "历史与推估", "基准情景"):
        assert text in found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"indicator": "gpd"}, "unknown indicator 'gpd'; did you mean 'gdp'"),
        ({"zones": ["dongu"]}, "unknown zone 'dongu'; did you mean 'donghu'"),
        ({"scenarios": ["growth-6"]}, "unknown scenario 'growth-6'; did you mean 'growth-5'"),
        ({"industry": "automotive"}, "gdp has no industries"),
        ({"indicator": "output", "industry": "cars"}, "unknown industry 'cars'; known: "),
        ({"indicator": "output", "industry": "automotive", "zones": ["donghu"]}, "automotive"),
        ({"indicator": "tfp_growth_required", "scenarios": ["baseline"]}, "tfp_growth_required"),
    ],
)
def test_what_cannot_be_drawn(
    arguments: dict[str, str], message: str, result: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        fan_chart(result, tmp_path / "x.png", **arguments)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_only_pictures_are_written(result: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.h5: a picture ends in \.png, \.svg, \.pdf"):
        fan_chart(result, tmp_path / "x.h5", force=True)


def test_nothing_is_replaced_unasked(result: Path, tmp_path: Path) -> None:
    picture, data = tmp_path / "x.svg", tmp_path / "x.csv"
    data.write_text("precious")
    with pytest.raises(InputError, match=r"x\.csv: exists"):
        fan_chart(result, picture, data=data)
    assert not picture.exists()
    fan_chart(result, picture, data=data, force=True)
    assert data.read_text().startswith("# gdp\nscenario,zone,year,q05,q25,q50,q75,q95\n")


def test_a_picture_never_replaces_its_result(result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.csv"
    copy.write_bytes(result.read_bytes())
    with pytest.raises(InputError, match="copy"):
        fan_chart(copy, tmp_path / "x.png", data=copy, force=True)
    assert copy.read_bytes() == result.read_bytes()
