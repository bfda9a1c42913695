"""Every kind of picture of a result: what is drawn, its numbers, both languages, refusals."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from command_line import invoke

import simcore
from simcore import chinese_fonts, pictures
from simcore.baseline import Baseline
from simcore.design import describe, load_design
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.scenario import load_scenario
from simcore.weighting import weighted_quantiles

pytest.importorskip("matplotlib")
from matplotlib.font_manager import get_font
from matplotlib.text import Text

pytestmark = pytest.mark.usefixtures("few_replications", "in_english")
SWEEP = """\
simcore: 1
name: pair
label: {{en: pair, zh: 两轴}}
base: rnd-12
axes:
  levers.*.gdp_growth: {{values: [7%, 3%, 5%]}}
  levers.donghu.rnd_growth.value: {{from: 8%, to: 16%, steps: 3}}
{more}
combine: {combine}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kinds")


def swept(posterior: Posterior, baseline: Baseline, path: Path, text: str, draws: int) -> Path:
    path.with_suffix(".yaml").write_text(text, encoding="utf-8")
    points = load_design(str(path.with_suffix(".yaml")), baseline).points
    scenarios = tuple(point.scenario for point in points)
    produce(Plan(scenarios, draws, 3, posterior, describe(points)), path, workers=1)
    return path


@pytest.fixture(scope="module")
def sweep(posterior: Posterior, baseline: Baseline, folder: Path) -> Path:
    text = SWEEP.format(more="", combine="grid")
    return swept(posterior, baseline, folder / "sweep.h5", text, 120)


@pytest.fixture(scope="module")
def result(posterior: Posterior, baseline: Baseline, folder: Path) -> Path:
    """Scenarios that keep projects and firms beside the core."""
    names = ("baseline", "projects-delayed", "firm-doubling")
    scenarios = [load_scenario(n, baseline, ["horizon=2030", f"name={n}"]) for n in names]
    path = folder / "result.h5"
    produce(Plan(tuple(scenarios), 200, 3, posterior), path, workers=1)
    return path


@pytest.fixture(scope="module")
def plain(posterior: Posterior, baseline: Baseline, folder: Path) -> Path:
    """A summary of a scenario without anything beside the core."""
    path = folder / "plain.h5"
    produce(Plan((load_scenario("growth-5", baseline),), 40, 3, posterior, keep="summary"), path)
    return path


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Text]:
    """The texts of the pictures that are saved, with the fonts that each is drawn with."""
    found: list[Text] = []
    save = pictures.save

    def listening(picture: Any, path: Path) -> None:
        save(picture, path)
        found.extend(t for t in picture.findobj(Text) if t.get_text().strip() and t.get_visible())

    for name in (
        "plot", "industries_plot", "grid_plot", "sweep_frontier", "tornado_plot", "stored_plot",
        "waterfall", "history_plot",
    ):  # fmt: skip
        monkeypatch.setattr(f"simcore.{name}.save", listening)
    return found


def words(texts: list[Text]) -> str:
    return "\n".join(text.get_text() for text in texts)


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def draw(file: Path, *options: str, lang: str = "en") -> list[dict[str, str]]:
    """Draw into the folder of the file; return the numbers."""
    data = file.parent / "x.csv"
    invoke(
        "--lang", lang, "plot", str(file), *options, "-o", str(file.parent / "x.png"),
        "--data", str(data), "--force",
    )  # fmt: skip
    return rows(data)


KINDS = {
    "fan": ("result", ()),
    "industries": ("result", ("--scenario", "baseline", "--zone", "donghu")),
    "heatmap": ("sweep", ("--indicator", "rnd_intensity")),
    "tornado": ("sweep", ("--indicator", "rnd_intensity")),
    "waterfall": ("result", ("--scenario", "baseline", "--zone", "donghu")),
    "funnel": ("result", ("--zone", "donghu")),
    "ladder": ("result", ("--zone", "jingkai")),
    "frontier": ("sweep", ("--goal", "donghu.rnd_intensity.2030=12%", "--probability", "40%")),
    "history": ("result", ()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_in_chinese_without_a_missing_glyph(
    kind: str, seen: list[Text], request: pytest.FixtureRequest
) -> None:
    if chinese_fonts.chinese_family() is None:
        pytest.skip("no Chinese font is installed: pip install 'simcore[fonts]'")
    name, options = KINDS[kind]
    assert draw(request.getfixturevalue(name), "--kind", kind, *options, lang="zh")
    assert "simcore 0." in words(seen) or kind == "history"
    assert any(character in words(seen) for character in "区年")
    lost = {c for text in seen for c in text.get_text() if c != "\n" and not drawable(text, c)}
    assert lost == set()


def drawable(text: Text, character: str) -> bool:
    """Whether one of the fonts that a text falls back on has a glyph for a character."""
    from matplotlib.font_manager import FontProperties, findfont

    names = text.get_fontproperties().get_family()
    paths = [findfont(FontProperties(family=[name], size=9)) for name in names]
    return any(get_font(path).get_char_index(ord(character)) for path in paths)


@pytest.mark.parametrize("kind", ["fan", "heatmap", "tornado", "waterfall", "ladder"])
def test_without_a_chinese_font_every_kind_is_english(
    kind: str,
    seen: list[Text],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(chinese_fonts, "FAMILIES", ("No Such Font",))
    name, options = KINDS[kind]
    file = request.getfixturevalue(name)
    draw(file, "--kind", kind, *options, lang="zh")
    assert [record.name for record in caplog.records] == ["simcore"]
    lost = {c for text in seen for c in text.get_text() if c != "\n" and not drawable(text, c)}
    assert lost == set()
    assert "labels are in English" in words(seen)


# --- numbers --------------------------------------------------------------------------------------


def test_industries_are_the_medians_of_the_file(result: Path) -> None:
    found = draw(
        result, "--kind", "industries", "--scenario", "baseline", "--zone", "donghu", "--same-scale"
    )
    with simcore.open_results(result) as dataset:
        for row in found[::97]:
            there = dataset["value_added"].sel(
                scenario="baseline", zone=row["zone"], industry=row["industry"],
                year=int(row["year"]),
            )  # fmt: skip
            assert float(row["q50"]) == pytest.approx(float(there.median()), rel=1e-5)
        known = np.isfinite(
            dataset["value_added"].isel(scenario=0, year=-1, draw=0).sel(zone=["donghu"])
        )
    assert {(r["zone"], r["industry"]) for r in found} == {
        (str(c.zone.values), str(c.industry.values))
        for c in known.stack(place=("zone", "industry"))
        if bool(c)
    }


def test_cells_of_a_heatmap_are_medians_in_the_order_of_the_axes(
    sweep: Path, seen: list[Text]
) -> None:
    found = draw(sweep, "--kind", "heatmap", "--indicator", "rnd_intensity", "--zone", "donghu")
    assert len(found) == 9
    with simcore.open_results(sweep) as dataset:
        for row in found:
            there = dataset["rnd_intensity"].sel(scenario=row["scenario"], zone="donghu", year=2030)
            assert float(row["q50"]) == pytest.approx(float(there.median()), rel=1e-5)
    text = words(seen)
    assert text.index("\n3 %\n5 %\n7 %") >= 0  # by size, though the file says 7, 3, 5
    assert "both zones: real GDP growth" in text
    cells = {(row["*.gdp_growth"], row["donghu.rnd_growth"]): row["q50"] for row in found}
    assert f"{float(cells['5%', '12%']):.1f}" in text.splitlines()


def test_differences_are_taken_draw_by_draw(sweep: Path) -> None:
    options = ("--kind", "heatmap", "--indicator", "rnd_intensity", "--zone", "donghu")
    found = draw(sweep, *options, "--against", "5%,12%")
    base = next(r["scenario"] for r in found if float(r["q05"]) == float(r["q95"]) == 0)
    with simcore.open_results(sweep) as dataset:
        values = dataset["rnd_intensity"].sel(zone="donghu", year=2030).load()
    for row in found:
        wanted = (values.sel(scenario=row["scenario"]) - values.sel(scenario=base)).median()
        assert float(row["q50"]) == pytest.approx(float(wanted), rel=1e-4, abs=1e-6)


def test_probabilities_are_shares_of_draws_and_lines_hold_an_axis(sweep: Path) -> None:
    goal = ("--goal", "donghu.rnd_intensity.2030>=12%")
    found = draw(sweep, "--kind", "heatmap", *goal)
    with simcore.open_results(sweep) as dataset:
        met = dataset["rnd_intensity"].sel(zone="donghu", year=2030) >= 12
        for row in found:
            share = float(met.sel(scenario=row["scenario"]).mean())
            assert float(row["probability"]) == pytest.approx(share, abs=1e-6)
    line = draw(sweep, "--kind", "heatmap", *goal, "--at", "gdp_growth=5%")
    kept = [row for row in found if row["*.gdp_growth"] == "5%"]
    assert [row["probability"] for row in line] == [row["probability"] for row in kept]


def test_a_frontier_gives_the_goal_its_probability_between_points(sweep: Path) -> None:
    goal = ("--goal", "donghu.rnd_intensity.2030=12%")
    chances = draw(sweep, "--kind", "heatmap", *goal)
    for pair in draw(sweep, "--kind", "frontier", *goal, "--probability", "40%"):
        growth = f"{float(pair['*.gdp_growth']):g}%"
        own = [row for row in chances if row["*.gdp_growth"] == growth]
        axis = [float(row["donghu.rnd_growth"].rstrip("%")) for row in own]
        chance = [float(row["probability"]) for row in own]
        at = np.interp(float(pair["donghu.rnd_growth"]), axis, chance)
        assert at == pytest.approx(0.4) or (at > 0.4 and float(pair["donghu.rnd_growth"]) == 8)


def test_a_tornado_of_a_sweep_moves_one_axis_at_a_time(sweep: Path) -> None:
    table = draw(sweep, "--kind", "heatmap", "--indicator", "rnd_intensity", "--zone", "donghu")
    cells = {(r["*.gdp_growth"], r["donghu.rnd_growth"]): float(r["q50"]) for r in table}
    found = draw(sweep, "--kind", "tornado", "--indicator", "rnd_intensity", "--zone", "donghu")
    bars = {row["name"]: (float(row["low"]), float(row["high"])) for row in found}
    assert bars == {
        "levers.*.gdp_growth": (cells["3%", "12%"], cells["7%", "12%"]),
        "levers.donghu.rnd_growth.value": (cells["5%", "8%"], cells["5%", "16%"]),
    }
    assert float(found[0]["middle"]) == cells["5%", "12%"]


def test_a_tornado_of_draws_finds_the_parameter_that_matters(result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "x.h5"
    shutil.copy(result, copy)
    with h5py.File(copy, "r+") as file:
        names = file["members/parameter"].asstr()[...].tolist()
        row = file["members/value"][names.index("rebound")]
        file["gdp"][0, 0, :, :] = 1000 + 10 * row / row.std()
    found = draw(copy, "--kind", "tornado", "--scenario", "baseline", "--zone", "donghu")
    assert found[0]["name"] == "rebound"
    assert float(found[0]["low"]) < float(found[0]["middle"]) < float(found[0]["high"])
    assert len(found) < 6  # others are not told from chance


def weighted_copy(file: Path, place: Path) -> tuple[Path, np.ndarray]:
    """Return a copy of a result whose draws have unequal weights, and the weights."""
    shutil.copy(file, place)
    with h5py.File(place, "r+") as content:
        weight = 0.2 + np.random.default_rng(5).random(content["weight"].shape)
        content["weight"][...] = weight
        return place, content["weight"][...].astype(float)


def test_cells_count_draws_by_their_weights(sweep: Path, tmp_path: Path, seen: list[Text]) -> None:
    copy, weight = weighted_copy(sweep, tmp_path / "w.h5")
    options = ("--kind", "heatmap", "--indicator", "rnd_intensity", "--zone", "donghu")
    found, apart = draw(copy, *options), draw(copy, *options, "--against", "5%,12%")
    with simcore.open_results(copy) as dataset:
        names = dataset["scenario"].values.tolist()
        values = dataset["rnd_intensity"].sel(zone="donghu", year=2030).values
    middle = {name: float(weighted_quantiles(row, own, (0.5,))[0])
              for name, row, own in zip(names, values, weight, strict=True)}  # fmt: skip
    for row in found:
        assert float(row["q50"]) == pytest.approx(middle[row["scenario"]], rel=1e-5)
    base = next(row["scenario"] for row in apart if float(row["q50"]) == 0)
    for row in apart:
        wanted = middle[row["scenario"]] - middle[base]
        assert float(row["q50"]) == pytest.approx(wanted, abs=1e-5)
    assert "differences are those of medians" in words(seen)


def test_a_tornado_counts_draws_by_their_weights(result: Path, tmp_path: Path) -> None:
    copy, weight = weighted_copy(result, tmp_path / "w.h5")
    with h5py.File(copy, "r+") as file:
        names = file["members/parameter"].asstr()[...].tolist()
        moved = file["members/value"][names.index("rebound")].astype(float)
        file["gdp"][0, 0, :, :] = 1000 + 10 * moved / moved.std()
        gdp = file["gdp"][0, 0, 0, :].astype(float)
    (bar, *_) = draw(copy, "--kind", "tornado", "--scenario", "baseline", "--zone", "donghu")
    assert bar["name"] == "rebound"
    own, order = weight[0], np.argsort(moved)
    share = np.cumsum(own[order]) / own.sum()
    low, high = order[share <= 0.2], order[share >= 0.8]
    for key, rows_in in (("low", low), ("high", high), ("middle", order)):
        wanted = weighted_quantiles(gdp[rows_in], own[rows_in], (0.5,))[0]
        assert float(bar[key]) == pytest.approx(wanted, rel=2e-4)


def test_groups_are_drawn_as_the_file_keeps_them(result: Path, seen: list[Text]) -> None:
    found = draw(result, "--kind", "funnel", "--zone", "donghu")
    with h5py.File(result) as file:
        stages = file["projects/stage"].asstr()[...].tolist()
        years = file["year"][...].tolist()
        entered = file["projects/entered"][...]
    for row in found[::31]:
        scenario = ["baseline", "projects-delayed", "firm-doubling"].index(row["scenario"])
        cell = entered[2, scenario, 0, stages.index(row["stage"]), years.index(int(row["year"]))]
        assert float(row["q50"]) == pytest.approx(float(cell), rel=1e-5)
    assert "Like baseline: firm-doubling." in words(seen)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("plain", "--kind heatmap", "is no sweep.*simcore sweep growth-by-rnd"),
        ("plain", "--kind funnel", "holds no projects: simcore run projects-delayed"),
        ("plain", "--kind ladder", "holds no firms: simcore run firm-doubling"),
        ("plain", "--kind tornado", "summaries alone.*--keep full"),
        ("plain", "--kind frontier --goal donghu.gdp.2030=4000", "is no sweep"),
        ("plain", "--kind waterfall --indicator population", "is of gdp, gdp_real or rnd"),
        ("plain", "--kind industries --indicator gdp", "gdp has no industries"),
        ("plain", "--kind fan --goal donghu.gdp.2030=1", "--goal is not for --kind fan, but for h"),
        ("plain", "--indicator gpd", "unknown indicator 'gpd'; did you mean 'gdp'"),
        ("sweep", "--kind frontier", "a frontier is of a goal"),
        ("sweep", "--kind heatmap --against 4%,4%", "no point '4%,4%'.*7%,8%"),
        ("sweep", "--kind heatmap --at growth", "write AXIS=VALUE"),
        ("sweep", "--kind heatmap --at gdp_growth=4%", "no such value; it has 3%, 5%, 7%"),
        ("sweep", "--kind heatmap --year 1990", "no year 1990: it has 20"),
        (
            "sweep", "--kind heatmap --at gdp_growth=3% --at rnd_growth=8%",
            "a heatmap is of two axes, a line of one; here vary –",
        ),
        (
            "sweep", "--kind frontier --goal donghu.rnd_intensity.2030=90%",
            "no point of the sweep gives .* a probability of 80 %; the best has 0 %",
        ),
        ("sweep", "--kind heatmap --goal donghu.gdp.2030=1 --indicator gdp", "--goal shows a prob"),
        ("result", "--kind tornado --scenario baseline --scenario projects-delayed", "of one scen"),
        ("result", "--kind ladder --zone donghuu", "has no zone 'donghuu'; did you mean 'donghu'"),
    ],
)  # fmt: skip
def test_what_a_file_cannot_give_is_said_in_a_line(
    name: str, options: str, message: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    file = request.getfixturevalue(name)
    outcome = invoke("plot", str(file), *options.split(), "-o", str(tmp_path / "x.png"), code=2)
    assert len(outcome.stderr.splitlines()) == 1
    assert re.search(message, outcome.stderr), outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_of_three_axes_is_drawn_with_one_held(
    posterior: Posterior, baseline: Baseline, tmp_path: Path
) -> None:
    text = (
        SWEEP.replace("7%, 3%, 5%", "3%, 5%")
        .replace("steps: 3", "steps: 2")
        .format(more="  levers.jingkai.tfp: {values: [0 pp, 1 pp]}", combine="grid")
    )
    file = swept(posterior, baseline, tmp_path / "s.h5", text, 4)
    words = ("plot", str(file), "--kind", "heatmap", "-o", str(tmp_path / "x.png"))
    assert re.search("here vary .*jingkai.tfp.*--at", invoke(*words, code=2).stderr)
    held = ("--kind", "heatmap", "--at", "jingkai.tfp=0 pp")
    assert len(draw(file, *held, "--indicator", "rnd", "--zone", "donghu")) == 4


def test_points_that_are_no_grid_are_refused(sweep: Path, tmp_path: Path) -> None:
    copy = tmp_path / "s.h5"
    shutil.copy(sweep, copy)
    with h5py.File(copy, "r+") as file:
        file["points/levers.*.gdp_growth"][:] = [f"{place}%" for place in range(9)]
    words = ("plot", str(copy), "--kind", "heatmap", "-o", str(tmp_path / "x.png"))
    assert "its points are no grid: 18 of 27 cells are empty" in invoke(*words, code=2).stderr


def test_names_like_a_pattern_are_chosen(result: Path) -> None:
    found = draw(result, "--scenario", "*-d*")
    assert {row["scenario"] for row in found} == {"projects-delayed", "firm-doubling"}
