"""The calibrated history as a picture: what is drawn, the numbers behind it, what is refused."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest

from simcore import chinese_fonts, history_plot, pictures
from simcore.errors import InputError, RunError
from simcore.history_plot import history_chart
from simcore.history_series import (
    QUANTITIES,
    SECTORS,
    SHARES,
    Series,
    Shown,
    documented_figures,
    history_series,
    undocumented,
)
from simcore.labels import Label, use_language
from simcore.posterior import Posterior

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.usefixtures("in_english")
if TYPE_CHECKING:
    from matplotlib.axes import Axes


def texts(path: Path) -> str:
    return " ".join("".join(node.itertext()) for node in ElementTree.parse(path).iter())


def numbers(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def series(posterior: Posterior) -> list[Series]:
    return list(history_series(posterior, draws=256))


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_formats(suffix: str, start: bytes, posterior: Posterior, tmp_path: Path) -> None:
    path = tmp_path / "new" / f"x{suffix}"
    assert history_chart(posterior, path) == [path]
    content = path.read_bytes()
    assert content.startswith(start)
    assert len(content) > 10_000


def test_what_is_written_on_it(posterior: Posterior, tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    history_chart(posterior, path)
    found = texts(path)
    for text in (
        "The past that the documents leave, and what they print", "East Lake High-tech",
        "Wuhan Economic", "GDP at current prices, 100 million CNY", "real GDP growth, %",
        "sectors' shares of GDP, %", "R&D spending over GDP, %", "median",
        "50 % and 90 % of the draws", "documented", "documented, “over”",
        "documented average of the years", "documented on another basis", "no document: assumed",
        "nowcast", "secondary sector", "tertiary sector", "primary sector", "14 figures from:",
        "Fourteenth five-year plan of East Lake High-tech Zone (2021)",
        "East Lake High-tech Zone work report 2024 (2024)",
    ):  # fmt: skip
        assert text in found, text


def test_chinese(posterior: Posterior, tmp_path: Path) -> None:
    if chinese_fonts.chinese_family() is None:
        pytest.skip("no Chinese font is installed: pip install 'simcore[fonts]'")
    use_language("zh")
    path = tmp_path / "x.svg"
    history_chart(posterior, path)
    found = texts(path)
    for text in (
        "东湖高新区", "武汉经开区", "地区生产总值（现价，亿元）", "三次产业比重（%）", "第二产业",
        "无文件依据：假定", "文件记载（多年平均）", "东湖高新区2024年工作报告（2024年）",
    ):  # fmt: skip
        assert text in found, text
    assert "documented" not in found


def test_the_figures_on_it_are_evidence(posterior: Posterior) -> None:
    shown = documented_figures(posterior)
    names: dict[str, set[str]] = {quantity: set() for quantity in QUANTITIES}
    for one in shown:
        names[one.quantity].add(one.figure.id)
    assert names["gdp"] == {"donghu.gdp.2020", "donghu.gdp.2023", "jingkai.gdp.2020"}
    assert names["gdp_growth"] == {
        "donghu.gdp.growth.2020", "donghu.gdp.growth.2023", "jingkai.gdp.growth.2020",
        "jingkai.gdp.growth.2016_2020",
    }  # fmt: skip
    assert names["rnd_intensity"] == {"donghu.rnd.intensity.2020"}
    assert len(names[SHARES]) == 6
    evidence = {observation.figure.id for observation in posterior.problem.observations}
    assert set().union(*names.values()) <= evidence


def test_an_average_over_years_documents_none_of_them(posterior: Posterior) -> None:
    growth = [
        one.figure
        for one in documented_figures(posterior)
        if (one.quantity, one.figure.zone) == ("gdp_growth", "jingkai")
    ]
    missing = undocumented(range(2016, 2024), growth)
    assert missing == [2016, 2017, 2018, 2019, 2021, 2022, 2023]


def test_series_are_the_posterior(posterior: Posterior) -> None:
    found = {(s.zone, s.quantity, s.sector): s for s in history_series(posterior, draws=512)}
    zones = posterior.problem.past.baseline.zones
    assert len(found) == len(zones) * (len(QUANTITIES) - 1 + len(SECTORS))
    middle = posterior.problem.history(posterior.mean[:, None])
    for row, (zone, entry) in enumerate(zones.items()):
        gdp = found[zone, "gdp", ""]
        assert gdp.years == tuple(range(entry.first_year, 2024))
        wanted = middle.gdp[row, -len(gdp.years) :, 0]
        np.testing.assert_allclose(gdp.values[2], wanted, rtol=0.02)
        assert found[zone, "gdp_growth", ""].years[0] == entry.first_growth_year
        assert found[zone, "rnd_intensity", ""].years[0] == entry.rnd_year
        total = sum(found[zone, SHARES, sector].values[2] for sector in SECTORS)
        np.testing.assert_allclose(total, 100, atol=1)
    for one in found.values():
        assert (np.diff(one.values, axis=0) >= 0).all()


def test_the_numbers_behind_it(posterior: Posterior, tmp_path: Path) -> None:
    picture, data = tmp_path / "x.png", tmp_path / "x.csv"
    assert history_chart(posterior, picture, data=data) == [picture, data]
    rows = numbers(data)
    figures = {row["figure"]: row for row in rows if row["figure"]}
    assert set(figures) == {one.figure.id for one in documented_figures(posterior)}
    average = figures["jingkai.gdp.growth.2016_2020"]
    assert (average["first"], average["last"], average["value"]) == ("2016", "2020", "5.6")
    assert figures["donghu.gdp.2020"]["qualifier"] == "over"
    years = {
        (row["zone"], row["quantity"], row["sector"], int(row["first"])): row
        for row in rows if not row["figure"]
    }  # fmt: skip
    assert years["donghu", "gdp", "", 2021]["evidence"] == "assumed"
    assert years["donghu", "gdp", "", 2020]["evidence"] == "documented"
    assert years["jingkai", "gdp", "", 2022]["status"] == "nowcast"
    assert years["jingkai", SHARES, "tertiary", 2015]["evidence"] == "documented"
    for row in years.values():
        quantiles = [float(row[name]) for name in ("q05", "q25", "q50", "q75", "q95")]
        assert quantiles == sorted(quantiles)
    assert float(years["donghu", "gdp", "", 2023]["q50"]) == pytest.approx(2715, abs=0.5)


def panel(
    posterior: Posterior, series: list[Series], place: tuple[int, str], **changes: object
) -> Axes:
    """The panel of a zone and quantity, all its figures changed in the same way."""
    shown = [
        replace(one, figure=one.figure.model_copy(update=changes))
        for one in documented_figures(posterior)
    ]
    picture = history_plot._draw(posterior.problem.past, series, shown)
    return picture.axes[place[0] * len(QUANTITIES) + list(QUANTITIES).index(place[1])]


def points(panel: Axes) -> list[tuple[str, object]]:
    """Marker and filling of the points in a panel, in the order in which they are drawn."""
    lines = [line for line in panel.lines if line.get_marker() in ("o", "^", "v")]
    return [(str(line.get_marker()), line.get_markerfacecolor()) for line in lines]


def test_points_show_what_the_qualifier_says(posterior: Posterior, series: list[Series]) -> None:
    gdp = (0, "gdp")
    shapes = {
        kind: [marker for marker, _ in points(panel(posterior, series, gdp, qualifier=kind))]
        for kind in ("exact", "over", "under", "about")
    }
    assert shapes == {"exact": ["o"] * 2, "over": ["^"] * 2, "under": ["v"] * 2, "about": ["o"] * 2}
    assert [marker for marker, _ in points(panel(posterior, series, gdp))] == ["^", "o"]
    about = panel(posterior, series, gdp, qualifier="about")
    assert len(about.containers) == 2  # bars of error
    assert not panel(posterior, series, gdp).containers


def test_an_average_is_a_segment_over_its_years(posterior: Posterior, series: list[Series]) -> None:
    growth = panel(posterior, series, (1, "gdp_growth"))
    (segment,) = [line for line in growth.lines if list(line.get_ydata()) == [5.6, 5.6]]
    assert list(segment.get_xdata()) == [2015.6, 2020.4]
    assert points(growth) == [("o", "white")]


def test_figures_on_another_basis_are_told_apart(
    posterior: Posterior, series: list[Series]
) -> None:
    """Jingkai's shares of 2015 are of an earlier scope, East Lake's GDP of 2020 is unrevised."""
    other = {one.figure.id for one in documented_figures(posterior) if one.other_basis}
    assert other == {
        "donghu.gdp.2020", "jingkai.value_added.secondary.share.2015",
        "jingkai.value_added.tertiary.share.2015",
    }  # fmt: skip
    found = points(panel(posterior, series, (1, SHARES)))
    assert len(found) == 6
    assert [filling for _, filling in found].count(pictures.PALE) == 2


def test_years_that_no_document_gives_are_hatched(
    posterior: Posterior, series: list[Series]
) -> None:
    def hatched(zone: int, quantity: str) -> int:
        found = panel(posterior, series, (zone, quantity)).patches
        return len([patch for patch in found if patch.get_hatch()])

    assert [hatched(0, quantity) for quantity in QUANTITIES] == [2, 2, 4, 3]
    assert [hatched(1, quantity) for quantity in QUANTITIES] == [8, 7, 7, 4]


def test_a_third_zone_has_a_row(posterior: Posterior, series: list[Series], tmp_path: Path) -> None:
    """Zones are rows: a past of one zone more is drawn without a change."""
    past, label = posterior.problem.past, Label("Third", "第三区")
    like = past.baseline.zones["donghu"].model_copy(update={"label": label})
    gdp = past.baseline.figures["donghu.gdp.2023"]
    third = gdp.model_copy(update={"id": "third.gdp.2023", "zone": "third"})
    baseline = replace(
        past.baseline,
        zones={**past.baseline.zones, "third": like},
        figures={**past.baseline.figures, third.id: third},
    )
    more = [*series, *(replace(one, zone="third") for one in series if one.zone == "donghu")]
    shown = [*documented_figures(posterior), Shown("gdp", third, False)]
    picture = history_plot._draw(replace(past, baseline=baseline), more, shown)
    assert len(picture.axes) == 3 * len(QUANTITIES)
    path = tmp_path / "x.svg"
    pictures.save(picture, path)
    assert "Third" in texts(path)
    assert "15 figures from" in texts(path)


@pytest.mark.long
def test_it_is_the_same_picture_twice(posterior: Posterior, tmp_path: Path) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    for path in (first, second):
        history_chart(posterior, path, data=path.with_suffix(".csv"))
    assert first.read_bytes() == second.read_bytes()
    assert first.with_suffix(".csv").read_bytes() == second.with_suffix(".csv").read_bytes()


def test_only_pictures_are_written(posterior: Posterior, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.h5: a picture ends in \.png, \.svg, \.pdf"):
        history_chart(posterior, tmp_path / "x.h5", force=True)


def test_nothing_is_replaced_unasked(posterior: Posterior, tmp_path: Path) -> None:
    picture, data = tmp_path / "x.svg", tmp_path / "x.csv"
    data.write_text("precious")
    with pytest.raises(InputError, match=r"x\.csv: exists"):
        history_chart(posterior, picture, data=data)
    assert not picture.exists()
    history_chart(posterior, picture, data=data, force=True)
    assert data.read_text().startswith("zone,quantity,sector,first,last,status,q05,")


def test_picture_and_numbers_need_two_names(posterior: Posterior, tmp_path: Path) -> None:
    same = tmp_path / "x.svg"
    with pytest.raises(InputError, match="two names"):
        history_chart(posterior, same, data=same)
    assert not same.exists()


def test_what_cannot_be_written_is_said(
    posterior: Posterior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(RunError, match=r"x\.csv: cannot be written: No space left on device"):
        history_chart(posterior, tmp_path / "x.png", data=tmp_path / "x.csv")
