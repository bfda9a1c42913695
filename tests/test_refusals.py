"""What is asked wrongly is said in one clear line, and no file of a user's is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import invoke, write
from command_line import refused as refused_lines

from simcore.labels import use_language
from simcore.no_result import no_result

pytestmark = pytest.mark.usefixtures("own_folder")


def refused(*words: object) -> str:
    return "\n".join(refused_lines(*words))


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["report", ""], "an argument is empty"),
        (["targets", " "], "an argument is empty"),
        (["plot", "x.h5", "--indicator", ""], "the value of --indicator is empty"),
        (["plot", "x.h5", "--data="], "the value of --data is empty"),
        (["init", ""], "an argument is empty"),
        (["new", "a", "--from", ""], "the value of --from is empty"),
        (["--lang", "zh", "report", ""], "有一个参数为空"),
        (["--lang", "zh", "solve", "--target", ""], "--target 的值为空"),
    ],
)
def test_an_empty_text_is_no_value(words: list[str], answer: str) -> None:
    assert answer in refused(*words)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--gdp-growth", "5"], "5% instead of 5"),
        (["--gdp-growth", "0.05"], "5% or 0.05% instead of 0.05"),
        (["--rnd-growth", "5 pp"], "'5 pp' is a difference in percentage points; a rate ends in %"),
        (["--tfp", "1%"], "'1%' is not a difference in percentage points such as +0.3 pp"),
        (["--investment-rate", "much"], "'much' is not a percentage such as 5%"),
    ],
)
def test_a_rate_is_answered_by_the_option_that_was_used(words: list[str], answer: str) -> None:
    text = refused("what-if", *words)
    assert f"'{words[0]}'" in text
    assert text.rstrip().endswith(answer)
    assert ":1:1" not in text


@pytest.mark.parametrize(
    "words",
    [
        ["run", "baseline", "-n", 2, "-o", "mine.yaml", "--force"],
        ["plot", "x.h5", "--data", "mine.yaml", "--force"],
        ["export", "x.h5", "--to", "csv", "-o", "mine.yaml", "--force"],
        ["report", "x.h5", "-o", "mine.yaml", "--force"],
        ["impact", "--zone", "donghu", "--industry", "optoelectronics", "--data", "mine.yaml",
         "--force"],
    ],
)  # fmt: skip
def test_no_output_replaces_a_scenario(words: list[str]) -> None:
    write("mine.yaml", "simcore: 1\n")
    answer = refused(*words)
    assert answer == "mine.yaml: that is how scenarios and settings end, not an output"
    assert Path("mine.yaml").read_text(encoding="utf-8") == "simcore: 1\n"


def test_numbers_do_not_replace_a_result() -> None:
    answer = refused("plot", "x.h5", "--data", "y.h5", "--force")
    assert answer == "y.h5: numbers are written as CSV, not as a result"


def test_what_is_no_result_is_told_what_it_is() -> None:
    Path("demo.h5").touch()
    Path("my.yaml").touch()
    Path("folder").mkdir()
    Path("text.txt").touch()
    answers = {
        "folder": "folder: is a folder, not a result file",
        "text.txt": "text.txt: is no HDF5 file",
        "my.yaml": "my.yaml: is YAML, not a result: simcore run my.yaml makes one of a scenario, "
        "simcore sweep my.yaml of a sweep",
        "my": "my: does not exist; simcore run my.yaml makes a result",
        "demo": "demo: does not exist; did you mean 'demo.h5'?",
        "dmo.h5": "dmo.h5: does not exist; did you mean 'demo.h5'?",
        "baseline": "baseline: does not exist; it is a scenario: simcore run baseline -o "
        "baseline.h5 makes a result",
        "baselin": "baselin: does not exist; did you mean the scenario 'baseline'? simcore run "
        "baseline -o baseline.h5 makes a result",
        "qqq/zzz": "qqq/zzz: does not exist; simcore run makes a result",
    }
    assert {path: no_result(Path(path)) for path in answers} == answers
    assert refused("report", "baselin") == answers["baselin"]
    assert refused("compare", "folder") == answers["folder"]


def test_what_is_no_scenario_is_told_what_it_is() -> None:
    Path("my.yaml").touch()
    Path("folder").mkdir()
    Path("x.h5").touch()
    assert "folder: is a folder, not a scenario" in refused("run", "folder")
    assert "x.h5: is a file, but no scenario: those end in .yaml" in refused("run", "x.h5")
    assert "my: no such scenario; did you mean 'my.yaml'?" in refused("run", "my")
    assert "baselin: no such scenario; did you mean 'baseline'?" in refused("show", "baselin")


def test_a_new_scenario_has_a_name_of_its_own() -> None:
    assert "'baseline' is a shipped scenario; --from baseline" in refused("new", "baseline")
    assert "'x.h5' is a result's name, not a scenario's" in refused("new", "x.h5")
    assert not list(Path().iterdir())
    invoke("new", "mine", "--from", "baseline")


def test_an_export_ends_as_its_format() -> None:
    assert refused("export", "x.h5", "--to", "csv", "-o", "x.xlsx") == "x.xlsx: csv ends in .csv"
    assert "ends in .xlsx" in refused("export", "x.h5", "--to", "xlsx", "-o", "y.h5", "--force")


@pytest.mark.parametrize("year", [2020, 2051])
def test_an_investment_adds_nothing_before_it_or_after_the_horizon(year: int) -> None:
    words = ("impact", "--zone", "donghu", "--industry", "optoelectronics", "-n", 8)
    answer = refused(*words, "--year", year)
    assert answer == f"year {year}: an investment of 2024 adds something in 2024 to 2035"
