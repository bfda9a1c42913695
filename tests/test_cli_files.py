"""Commands on result files: what they show, draw and refuse."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from command_line import PNG, invoke, printed_json, refused, write

import simcore
from simcore.cli import cli
from simcore.cli.base import print_json
from simcore.dims import VARIABLES

pytestmark = pytest.mark.usefixtures("own_folder", "read_once")


# --- inspect and plot -----------------------------------------------------------------------------


def test_inspect(result: Path) -> None:
    found = printed_json("inspect", result)
    assert found["scenarios"] == ["baseline", "growth-5", "rnd-14"]
    assert (found["draws"], found["seed"], found["sampler"]) == (200, 7, "random")
    assert found["years"] == [2015, 2035]
    assert found["simcore"] == version("simcore")
    assert set(VARIABLES) | {"weight", "status"} == {row["variable"] for row in found["rows"]}
    assert found["groups"] == {}
    text = invoke("inspect", result).stdout
    assert "group " not in text
    assert re.search(r"^scenarios +baseline, growth-5, rnd-14$", text, re.MULTILINE)
    assert "地区生产总值（现价）" in invoke("--lang", "zh", "inspect", result).stdout


def test_plot_png_and_numbers(result: Path) -> None:
    words = ["--scenario", "growth-5", "--zone", "donghu", "--data", "x.csv"]
    found = invoke("plot", result, *words, "-o", "x.png")
    assert found.stdout == "wrote x.png\nwrote x.csv\n"
    assert Path("x.png").read_bytes().startswith(PNG)
    comment, *lines = Path("x.csv").read_text().splitlines()
    assert comment == "# gdp"
    rows = list(csv.DictReader(lines))
    assert [int(row["year"]) for row in rows] == list(range(2020, 2036))
    with simcore.open_results(result) as dataset:
        gdp = dataset["gdp"].sel(scenario="growth-5", zone="donghu", year=2030).values
    (row,) = [row for row in rows if row["year"] == "2030"]
    wanted = np.quantile(gdp, [0.05, 0.25, 0.5, 0.75, 0.95])
    printed = [float(row[name]) for name in ("q05", "q25", "q50", "q75", "q95")]
    assert printed == pytest.approx(wanted, rel=1e-5)


def test_plot_svg_is_text_in_the_language(result: Path) -> None:
    invoke("plot", result, "--indicator", "rnd_intensity", "-o", "x.svg")
    tree = ElementTree.parse("x.svg")
    text = " ".join("".join(node.itertext()) for node in tree.iter())
    assert "R&D spending over GDP [% of GDP]" in text
    assert "growth-5" in text


def test_plot_stands_beside_its_file(result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.h5"
    copy.write_bytes(result.read_bytes())
    invoke("plot", copy, "--indicator", "output", "--industry", "automotive")
    assert (tmp_path / "copy-output-automotive.png").read_bytes().startswith(PNG)
    assert "exists" in refused("plot", copy, "--indicator", "output", "--industry", "automotive")[0]


def test_plot_industry_data(result: Path) -> None:
    invoke(
        "plot", result, "--indicator", "value_added", "--industry", "digital_services",
        "-o", "x.svg", "--data", "x.csv",
    )  # fmt: skip
    rows = list(csv.DictReader(Path("x.csv").read_text().splitlines()[1:]))
    assert {row["zone"] for row in rows} == {"donghu", "jingkai"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "x.gif"], "x.gif: a picture ends in .png, .svg, .pdf"),
        (["--indicator", "gpd"], "unknown indicator 'gpd'; did you mean 'gdp'?"),
        (["--zone", "dongu"], "unknown zone 'dongu'; did you mean 'donghu'?"),
        (["--scenario", "growth-6"], "unknown scenario 'growth-6'; did you mean 'growth-5'?"),
        (["--industry", "automotive"], "gdp has no industries; value_added and output have"),
        (
            ["--indicator", "output", "--industry", "automotiv"],
            "unknown industry 'automotiv'; did you mean 'automotive'?",
        ),
        (["--indicator", "output", "--industry", "automotive", "--zone", "donghu"], "automotive"),
        (["--indicator", "tfp_growth_required", "--scenario", "baseline"], "tfp_growth_required"),
    ],
)
def test_plot_refuses(words: list[str], message: str, result: Path) -> None:
    (line,) = refused("plot", result, *([] if "-o" in words else ["-o", "x.png"]), *words)
    assert message in line
    assert list(Path().iterdir()) == []


def test_plot_keeps_files_unless_forced(result: Path) -> None:
    picture, data = write("x.png", "precious"), write("x.csv", "precious")
    assert "x.png: exists" in refused("plot", result, "-o", "x.png")[0]
    assert "x.csv: exists" in refused("plot", result, "-o", "y.png", "--data", "x.csv")[0]
    assert (picture.read_text(), data.read_text()) == ("precious", "precious")
    assert not Path("y.png").exists()
    invoke("plot", result, "-o", "x.png", "--data", "x.csv", "--force")
    assert picture.read_bytes().startswith(PNG)
    assert data.read_text().startswith("# gdp\n")


@pytest.mark.parametrize("command", ["inspect", "plot", "compare"])
def test_what_is_no_result_is_refused(command: str) -> None:
    write("text.h5", "not HDF5")
    (line,) = refused(command, "text.h5")
    assert line.startswith("text.h5: is no HDF5 file")
    assert refused(command, "lost.h5") == ["lost.h5: does not exist; simcore run makes a result"]
    with h5py.File("other.h5", "w") as file:
        file["a"] = 1
    assert refused(command, "other.h5") == ["other.h5: is no result of simcore"]
    Path("folder.h5").mkdir()
    assert len(refused(command, "folder.h5")) == 1


@pytest.mark.parametrize("command", ["inspect", "plot", "compare"])
def test_a_truncated_result_is_a_failure(command: str, result: Path) -> None:
    """A result that lost its end is damaged: the run fails, with 1; a text is no result, with 2."""
    content = result.read_bytes()
    Path("half.h5").write_bytes(content[: len(content) // 2])
    (line,) = invoke(command, "half.h5", code=1).stderr.splitlines()
    assert line.startswith("half.h5: ")


@pytest.mark.parametrize("command", ["inspect", "compare"])
@pytest.mark.parametrize("start", [0, 512, 2048, 20_000, 60_000, 200_000])
def test_a_damaged_result_is_one_line(command: str, start: int, result: Path) -> None:
    """Whatever a hole in the file hits: an answer, or one line that names the file."""
    content = bytearray(result.read_bytes())
    content[start : start + 1024] = b"\xa5" * 1024
    Path("hole.h5").write_bytes(content)
    found = CliRunner().invoke(cli, [command, "hole.h5"])
    assert isinstance(found.exception, SystemExit | None), repr(found.exception)
    if found.exit_code:
        (line,) = found.stderr.splitlines()
        assert line.startswith("hole.h5: ")


@pytest.mark.parametrize("name", ["gdp", "scenario", "year"])
def test_a_result_without_a_variable_is_one_line(name: str, result: Path) -> None:
    Path("part.h5").write_bytes(result.read_bytes())
    with h5py.File("part.h5", "r+") as file:
        del file[name]
    found = CliRunner().invoke(cli, ["compare", "part.h5"])
    assert isinstance(found.exception, SystemExit), repr(found.exception)
    assert found.exit_code in (1, 2)
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("seed", None), ("calibration", None), ("scenarios", "[{"), ("scenarios", "[]"),
     ("scenarios", '{"name": "baseline"}')],
)  # fmt: skip
def test_a_result_that_does_not_describe_itself_is_one_line(
    name: str, value: str | None, result: Path
) -> None:
    Path("part.h5").write_bytes(result.read_bytes())
    with h5py.File("part.h5", "r+") as file:
        del file.attrs[name]
        if value is not None:
            file.attrs[name] = value
    (line,) = invoke("compare", "part.h5", code=1).stderr.splitlines()
    assert line.startswith("part.h5: is damaged: ")


def test_a_fault_of_a_command_is_not_laid_on_the_file(
    result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*arguments: object, **options: object) -> None:
        raise AttributeError("no such thing")

    monkeypatch.setattr("simcore.comparison.rows", wrong)
    found = CliRunner().invoke(cli, ["compare", str(result)])
    assert isinstance(found.exception, AttributeError)
    assert "damaged" not in found.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["-o", "file/x.png"], 2), (["-o", "x.png", "--data", "file/x.csv"], 2),
        (["-o", "/proc/x.png"], 1),
        (["-o", "x.png", "--data", "/proc/x.csv"], 1),
        (["-o", "x" * 300 + ".png"], 2),
    ],
)  # fmt: skip
def test_a_picture_that_cannot_be_written_is_one_line(
    words: list[str], code: int, result: Path
) -> None:
    write("file", "precious")
    (line,) = invoke("plot", result, *words, code=code).stderr.splitlines()
    assert line.startswith(f"{words[-1]}: ")


def test_what_is_not_finite_is_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_json("x", [{"a": float("inf"), "b": [-float("inf"), float("nan")], "c": 1.5}])
    assert json.loads(capsys.readouterr().out)["rows"] == [{"a": None, "b": [None, None], "c": 1.5}]


def test_an_interrupt_says_no_more_than_that(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that was interrupted may have written something already."""

    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    with pytest.raises(SystemExit) as left:
        simcore.cli.main()
    assert left.value.code == 1
    assert capsys.readouterr().err == "interrupted\n"
