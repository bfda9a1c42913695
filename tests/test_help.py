"""Help pages and misuse in Chinese: complete, aligned, and with no English left."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from simcore import labels
from simcore.cli import cli
from simcore.cli.help_page import (
    EXAMPLE,
    LISTED,
    METAVAR,
    RAW,
    cells,
    example,
    explained,
    paragraphs,
    wrapped,
)
from simcore.cli.misuse import TEXTS, asked_language, said
from simcore.document import read_document
from simcore.labels import use_language

CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z][A-Za-z']{3,}")
NAMES = {"simcore", "YAML", "JSON", "HTML", "Schema", "Sobol", "Dask", "True", "levers", "local"}
CODE = re.compile(r"\S*'[^']*'|--?[\w-]+|\S*[./_=*@:<>]\S*|simcore [^。；）]*")


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


def ask(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, arguments, env=environment, prog_name="simcore")


@cache
def commands() -> dict[str, click.Command]:
    """Every command by the words that call it."""

    def found(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                yield from found(inner, f"{path} {name}".strip())

    return dict(found(cli, ""))


def texts() -> set[str]:
    """Everything that help pages take from the source, as the catalogue has it."""
    said = {"OPTIONS", "COMMAND", "ARGS"}
    for command in commands().values():
        context = click.Context(command, click.Context(cli, **cli.context_settings))
        said |= {command.short_help} - {None}
        for paragraph in paragraphs(inspect.cleandoc(command.help or "")):
            if paragraph.startswith(RAW):
                lines = paragraph.splitlines()[1:]
                said |= {match["left"] for line in lines if (match := EXAMPLE.match(line))}
                said |= {match["text"] for line in lines if (match := LISTED.match(line))}
            else:
                said.add(paragraph)
        for parameter in command.get_params(context):
            if isinstance(parameter, click.Option) and parameter.help:
                said.add(parameter.help)
            if not getattr(parameter, "is_flag", False):
                said |= set(METAVAR.findall(parameter.make_metavar(context)))
    return said


def catalogue() -> dict[str, str]:
    document = read_document(Path(labels.__file__).with_name("help.zh.yaml"))
    return {str(key): value for key, value in document.data.items()}


def test_every_text_of_help_has_its_chinese_and_no_other() -> None:
    assert set(catalogue()) ^ texts() == set()
    assert [text for text, zh in catalogue().items() if not CHINESE.search(zh)] == []


def known_words() -> set[str]:
    """Names that stay as they are: of commands, choices and defaults."""
    known = set(NAMES) | {name for path in commands() for name in path.split()}
    for command in commands().values():
        for parameter in command.params:
            known.add(str(parameter.default))
            if isinstance(parameter.type, click.Choice):
                known |= set(map(str, parameter.type.choices))
            known |= set(re.findall("[a-z-]+", parameter.metavar or ""))
    known |= {"annual", "final", "term", "scope", "revision", "concept", "ambition", "rounding"}
    known |= {"misprint", "actual", "target", "pipeline", "capacity", "output", "Schema"}
    known |= {"none", "PRIM", "Ctrl", "contributions", "outputs"}
    return known | {part for word in known for part in word.split("-")}


def english(text: str) -> set[str]:
    """English words of a Chinese answer that are neither names nor part of a command."""
    return set(WORD.findall(CODE.sub(" ", text))) - known_words()


@pytest.mark.parametrize("path", commands())
def test_help_is_chinese(path: str) -> None:
    result = ask(*path.split(), "--help", "--lang", "zh")
    assert result.exit_code == 0
    assert result.output.startswith("用法：simcore")
    assert english(result.output) == set()
    lines = [line for line in result.output.splitlines() if not re.search(r"simcore|\|", line)]
    wide = [line for line in lines if cells(line) > 80]
    assert wide == []


@pytest.mark.parametrize("lang", labels.LANGUAGES)
@pytest.mark.parametrize(
    "path", [p for p, one in commands().items() if isinstance(one, click.Group)]
)
def test_every_command_has_one_whole_line_in_the_list(path: str, lang: str) -> None:
    text = ask(*path.split(), "--help", "--lang", lang).output
    inner = commands()[path]
    assert isinstance(inner, click.Group)
    assert {p for p, one in commands().items() if isinstance(one, click.Group)} == {"", "baselines"}
    listed = text.split({"en": "Commands:\n", "zh": "命令：\n"}[lang])[1].splitlines()
    assert [line.split()[0] for line in listed] == sorted(inner.commands)
    for line in listed:
        assert line.endswith((".", "。"))
        assert "..." not in line
        assert cells(line) <= 80


@pytest.mark.parametrize("lang", labels.LANGUAGES)
@pytest.mark.parametrize("path", commands())
def test_no_line_of_a_help_page_is_cut(path: str, lang: str) -> None:
    text = ask(*path.split(), "--help", "--lang", lang).output
    cut = [line for line in text.splitlines() if line.rstrip().endswith("...")]
    assert [line for line in cut if not line.startswith(("Usage: ", "用法："))] == []


@pytest.mark.parametrize("path", commands())
@pytest.mark.parametrize("wrong", [["--nonsense"], ["--lang"], ["--calibration", "/no/where"]])
def test_wrong_input_is_answered_in_chinese(path: str, wrong: list[str]) -> None:
    result = ask("--lang", "zh", *path.split(), *wrong)
    assert result.exit_code == 2
    assert CHINESE.search(result.output)
    assert english(result.output) == set()


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("solv", "没有命令 'solv'。"),
        ("explain --by x", "'--by' 的值无效：'x' 不在可选值之中：'term', 'industry'。"),
        ("verify", "缺少参数 '文件'。"),
        ("run -n 0 baseline", "'-n' / '--draws' 的值无效：0 不在范围 x>=1 之内。"),
        ("run -n many baseline", "'-n' / '--draws' 的值无效：'many' 不是有效的整数。"),
        ("plot a b", "多余的参数（b）"),
        ("run nowhere", "nowhere：没有这一情景；simcore list 列出全部情景"),
        ("run baseline --part 5", "'--part' 的值无效：部分写作K/N，例如1/3"),
        ("what-if", "请说明假设条件：给出 --gdp-growth 5%、其他政策变量，或 --set KEY=VALUE"),
        ("inspect x.h5", "x.h5：不存在"),
        ("baselines show donghu.gdp.2032", "没有编号为“donghu.gdp.2032”的数据"),
        ("validate nowhere.yaml", "nowhere.yaml:1:1: 无法读取：没有这一文件或文件夹"),
    ],
)  # fmt: skip
def test_misuse_is_said_in_chinese(line: str, answer: str) -> None:
    result = ask(*line.split(), "--lang", "zh")
    assert result.exit_code == 2
    assert answer in result.output
    assert english(result.output.replace(answer, "")) == set()


def test_language_is_that_of_the_environment_or_the_last_that_is_asked_for() -> None:
    assert ask("run", "-h", LC_ALL="zh_CN.UTF-8").output.startswith("用法：")
    english = ask("run", "-h", "--lang", "en", LC_ALL="zh_CN.UTF-8").output
    assert english.startswith("Usage: ")
    assert ask("run", "-h", LC_ALL="C").output == english
    assert asked_language(["--lang", "zh", "run", "--lang=en", "--", "--lang", "zh"]) == "en"
    assert asked_language(["run", "--lang"]) is None


def test_english_help_is_clicks_own() -> None:
    parent = click.Context(cli, info_name="simcore", **cli.context_settings)
    context = click.Context(commands()["targets"], parent, "targets")
    assert ask("targets", "-h", "--lang", "en").output.rstrip() == context.get_help()


def test_clicks_texts_are_in_the_catalogue() -> None:
    use_language("zh")
    assert [text for text in TEXTS if not CHINESE.search(labels.say(text))] == []
    assert said("Invalid value: it is so") == "值无效：it is so"


def test_columns_are_counted_in_cells() -> None:
    use_language("zh")
    lines = wrapped("地区生产总值（GDP）以亿元计。", 12)
    assert lines == ["地区生产总值", "（GDP）以亿", "元计。"]
    assert all(cells(line) <= 12 for line in lines)
    assert explained("Draws.  [default: 8; x>=2; required]") == "抽样次数。［默认：8; x>=2; 必填］"
    line = example("Which scenarios are there?   simcore list")
    assert cells(line.split("simcore")[0]) == len("Which scenarios are there?   ")
