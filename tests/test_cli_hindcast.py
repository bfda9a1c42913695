"""The command hindcast and its picture: what is printed, drawn and refused."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from simcore.cli import cli
from simcore.scorecard import Row

CONTRACT = {
    "figure", "zone", "indicator", "year", "observed", "median", "q05", "q25", "q75", "q95", "pit",
    "crps", "crps_random_walk",
}  # fmt: skip


pytestmark = pytest.mark.usefixtures("own_folder")


def invoke(*words: object, code: int = 0) -> Result:
    found = CliRunner().invoke(cli, ["hindcast", *map(str, words)])
    if found.exit_code != code:
        raise AssertionError(f"exit {found.exit_code}: {found.output:.400}") from found.exception
    return found


def test_every_vintage_is_printed_one_after_the_other() -> None:
    lines = invoke("-n", 64).stdout.splitlines()
    assert [line[:11] for line in lines if line.startswith("As of")] == [
        "As of 2017:", "As of 2021:", "As of 2022:",
    ]  # fmt: skip
    text = "\n".join(lines)
    assert "No GDP level was printed by then" in text
    assert "The forecast is that of 2021" in text
    assert text.count("Verdict: too few figures for a verdict: 5 of 8") == 2
    assert text.count("The figures are not independent") == 2


def test_the_scorecard_says_what_it_rests_on() -> None:
    text = invoke("--as-of", 2021, "-n", 256).stdout
    assert "Base year 2020; national path: IMF World Economic Outlook, October 2021" in text
    (line,) = [line for line in text.splitlines() if "donghu.gdp.2023 " in line]
    assert line.split()[1:4] == ["2023", "亿元", "2715"]
    (over,) = [line for line in text.splitlines() if "donghu.firms.high_tech.2023" in line]
    assert "> 5700" in over
    assert "90 % band: 4 of 5 figures inside" in text
    assert "five-year mean growth: not to be had from the documents of the time (n = 0)" in text
    assert "Sources of the figures: donghu-report-2024" in text
    assert "part of a year: the model is yearly" in text


def test_a_document_stands_for_its_year() -> None:
    by_year = invoke("--as-of", 2022, "-n", 64, "--json").stdout
    assert invoke("--as-of", "donghu-action-2022", "-n", 64, "--json").stdout == by_year


def test_json_keeps_the_contract() -> None:
    found = json.loads(invoke("--as-of", "donghu-14fyp-2021", "-n", 128, "--json").stdout)
    assert found["command"] == "hindcast"
    rows = {row["figure"]: row for row in found["rows"]}
    assert set(rows["donghu.gdp.2023"]) == set(Row.__dataclass_fields__) >= CONTRACT
    assert rows["donghu.gdp.2023"]["observed"] == 2715
    assert rows["donghu.gdp.2023"]["crps_five_year_mean"] is None
    assert 0 <= rows["donghu.gdp.2023"]["pit"] <= 1
    assert [(part["band"], part["figures"]) for part in found["coverage"]] == [(0.5, 5), (0.9, 5)]
    assert {part["benchmark"] for part in found["skill"]} == {"random_walk", "plan"}
    (vintage,) = found["vintages"]
    assert vintage["verdict"] == "too few figures for a verdict: 5 of 8"
    assert "donghu.population.2023" in sum(vintage["not_scored"].values(), [])


@pytest.mark.parametrize("year", [2017, 2024])
def test_vintages_without_scores_are_no_failure(year: int) -> None:
    found = json.loads(invoke("--as-of", year, "--json").stdout)
    assert (found["rows"], found["coverage"], found["skill"]) == ([], [], [])
    assert bool(found["vintages"][0]["bases"]) == (year == 2017)


def test_after_the_last_document_it_says_how_to_add_one() -> None:
    text = invoke("--as-of", 2024).stdout
    assert "Nothing later is documented" in text
    assert "docs/how-to/score-the-forecast.md" in text
    assert (Path(__file__).parents[1] / "docs" / "how-to" / "score-the-forecast.md").exists()


def test_seed_and_draws_matter() -> None:
    first, again, other = (
        invoke("--as-of", 2021, "-n", 64, "--seed", seed, "--json").stdout for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--as-of", "donghu-14fyp-2012"), "did you mean 'donghu-14fyp-2021'?"),
        (("--as-of", 1999), "nothing was published by 1999"),
        (("-n", 1), "1 is not in the range x>=2"),
        (("-o", "x.png"), "a picture shows one vintage: give --as-of"),
        (("--as-of", 2021, "-n", 8, "-o", "x.bmp"), "a picture ends in .png, .svg, .pdf"),
        (("--as-of", 2017, "-o", "x.png"), "the vintage of 2017 has no scored figure to draw"),
    ],
)
def test_what_cannot_be_asked(words: tuple[object, ...], message: str) -> None:
    found = invoke(*words, code=2)
    assert message in found.output
    assert not list(Path().iterdir())


def test_the_picture_shows_fans_and_figures() -> None:
    pytest.importorskip("matplotlib")
    words = ("--as-of", 2021, "-n", 64, "-o", "x.svg")
    assert invoke(*words).stdout.endswith("x.svg\n")
    drawn = " ".join("".join(n.itertext()) for n in ElementTree.parse("x.svg").iter())
    for text in (
        "Forecast with what was known at the end of 2021", "figures known then",
        "figures printed later", "the plan's path", "real GDP growth", "high-tech firms",
        "IMF World Economic Outlook, October 2021", "64 draws",
    ):  # fmt: skip
        assert text in drawn
    assert "exists" in invoke(*words, code=2).output
    invoke(*words, "--force")
