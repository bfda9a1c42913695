"""The Chinese catalogue: whole, of the same fields as the English, and nothing in it unused."""

from __future__ import annotations

import ast
import re
import string
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from jinja2 import Environment, nodes
from source_texts import PACKAGE, called_name

from simcore import labels, observe
from simcore.assessment import Status
from simcore.baseline import load_baseline
from simcore.causes import CAUSES, PLACES
from simcore.cli import cli
from simcore.cli.lists import _LISTS, KINDS
from simcore.cli.misuse import TEXTS
from simcore.dims import VARIABLES
from simcore.discovery_inputs import BESIDE_PRIORS, UNITS
from simcore.document import YAML_PROBLEMS, Document, read_document
from simcore.entries import Figure, Treatment
from simcore.errors import SYSTEM_REASONS
from simcore.goals import STRENGTHS, How
from simcore.hindcast import REASONS
from simcore.inconsistencies import Reason
from simcore.inventory import inventory
from simcore.labels import language, say, use_language
from simcore.ladder_priors import KINDS as MOVES
from simcore.observe import observations
from simcore.priors import Evidence, load_priors
from simcore.production import _GOES_ON
from simcore.reconcile import reconcile
from simcore.relations import relations
from simcore.resumption import different
from simcore.spread import Source
from simcore.strict import FAULTS

SAYING = {"say", "say_both"}  # the functions that look a text up
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_CHINESE = {"percent", "long_name"}  # no Chinese characters: %, a key

# What the functions of the command line say of lists of names, where no object holds the list.
COLUMNS = {
    "figure", "period", "printed", "fitted", "90 %", "z", "evidence", "source", "conflict", "slack",
    "s.d. used", "worst figure without it", "misfit gained", "parameter", "prior", "posterior",
    "shift, s.d.", "variance lost", "id", "term", "kind", "qualifier", "value", "variable",
    "dimensions", "units", "label",
}  # fmt: skip
FACTS = {
    "file", "size_mb", "created", "simcore", "seed", "sampler", "draws", "scenarios", "zones",
    "years", "fingerprint", "calibration", "versions", "keep",
}  # fmt: skip
LINES = {"not used"}

pytestmark = pytest.mark.usefixtures("read_once", "in_english")


@cache
def catalogue() -> Document:
    return read_document(PACKAGE / "messages.zh.yaml")


@cache
def translations() -> dict[str, str]:
    return {str(key): value for key, value in catalogue().data.items()}


@cache
def literals() -> dict[str, str]:
    """Every literal text that is said, with the place where it is."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and called_name(node.func) in SAYING and node.args:
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    found[text.value] = f"{path.name}:{node.lineno}"
    return found | _literals_of_templates()


def _literals_of_templates() -> dict[str, str]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.html")):
        tree = Environment().parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "say":
                (text,) = call.args
                assert isinstance(text, nodes.Const), f"{path.name}:{call.lineno} says no literal"
                found[text.value] = f"{path.name}:{call.lineno}"
    return found


def reasons() -> set[str]:
    """Why a figure is no evidence: the texts that the operators of observe.py return."""
    tree = ast.parse(Path(observe.__file__).read_text(encoding="utf-8"))
    returned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    found = [part for value in returned if value for part in (value, *_branches(value))]
    return {
        part.value for part in found if isinstance(part, ast.Constant) and type(part.value) is str
    }


def _branches(value: ast.expr) -> list[ast.expr]:
    return [value.body, value.orelse] if isinstance(value, ast.IfExp) else []


def choices(field: str) -> set[str]:
    """The words that a field of a figure may have."""
    return set(get_args(Figure.model_fields[field].annotation))


def list_columns() -> set[str]:
    baseline = load_baseline()
    return {name for make in _LISTS.values() for row in make(baseline)[:1] for name in row}


@cache
def meanings() -> set[str]:
    """What figures imply with their neighbours, in the words of every relation that is found."""
    baseline = load_baseline()
    return {
        relation.meaning
        for figure in baseline.figures.values()
        for relation in relations(baseline, figure)
    }


DYNAMIC: dict[str, Callable[[], set[str]]] = {
    "kinds of lists": lambda: set(KINDS),
    "columns of lists": list_columns,
    "columns of tables": lambda: COLUMNS,
    "facts of a file": lambda: FACTS,
    "lines of a figure": lambda: LINES,
    "kinds": lambda: choices("kind"),
    "qualifiers": lambda: choices("qualifier"),
    "concepts": lambda: choices("concept"),
    "price bases": lambda: choices("price_basis"),
    "evidence": lambda: set(get_args(Evidence)),
    "treatments": lambda: set(get_args(Treatment)),
    "where an indicator is from": lambda: {entry.of for entry in inventory(load_baseline())},
    "reasons of conflicts": lambda: set(get_args(Reason)),
    "what figures imply": meanings,
    "sources of spread": lambda: set(get_args(Source)),
    "reasons": reasons,
    "reasons of the hindcast": lambda: set(REASONS),
    "inputs of discovery": lambda: {*BESIDE_PRIORS, *(u for u, _ in UNITS.values() if u != "%")},
    "units": lambda: {variable.units for variable in VARIABLES.values()},
    "units of priors": lambda: {
        one.unit for one in (*load_priors().parameters.values(), *load_priors().slacks.values())
    },
    "status of goals": lambda: set(get_args(Status)),
    "strength of goals": lambda: set(STRENGTHS),
    "how goals are answered": lambda: set(get_args(How)),
    "what breaks in draws": lambda: {*CAUSES, *PLACES},
    "why the system refuses": lambda: set(SYSTEM_REASONS),
    "what is wrong with YAML": lambda: set(YAML_PROBLEMS),
    "what is wrong with a value": lambda: set(FAULTS),
    "what click says": lambda: {*TEXTS, "Options", "Commands", "Positional arguments"},
    "how an interrupted run goes on": lambda: {"with --resume", *_GOES_ON.values()},
    "what tells runs apart": lambda: {*different({}, defaultdict(str)).split(", "), "scenarios"},
    "moves of firms": lambda: set(MOVES),
    "indicators with industries": lambda: {
        name for name, variable in VARIABLES.items() if "industry" in variable.dims
    },
}


def fields(text: str) -> set[tuple[str, str | None, str | None]]:
    """Names, formats and conversions."""
    parts = string.Formatter().parse(text)
    return {(name, form, conversion) for _, name, form, conversion in parts if name is not None}


def test_what_is_said_is_in_the_catalogue() -> None:
    lost = {text: place for text, place in literals().items() if text not in translations()}
    assert lost == {}


@pytest.mark.parametrize("kind", DYNAMIC)
def test_words_are_in_the_catalogue(kind: str) -> None:
    words = DYNAMIC[kind]()
    assert words
    assert words - set(translations()) == set()


def test_reasons_are_those_in_use() -> None:
    """The texts found in the source are at least those that figures get."""
    _, unused = observations(reconcile().problem.past)
    assert unused
    assert set(unused.values()) <= reasons()


def test_translations_have_the_fields_of_the_texts() -> None:
    assert [text for text, zh in translations().items() if fields(zh) != fields(text)] == []


def test_translations_are_chinese() -> None:
    foreign = [text for text, zh in translations().items() if not CHINESE.search(zh)]
    assert set(foreign) == SAME_IN_CHINESE
    assert [text for text, zh in translations().items() if zh != zh.strip()] == []


def test_nothing_in_the_catalogue_is_unused() -> None:
    said = set(literals()).union(*(words() for words in DYNAMIC.values()))
    lines = {text: catalogue().locate((text,)).line for text in set(translations()) - said}
    assert lines == {}


def test_units_are_those_of_planning_statistics() -> None:
    use_language("zh")
    assert (say("1e8 CNY"), say("1e4 persons"), say("baseline")) == ("亿元", "万人", "基准情景")


def test_fields_are_filled_in_either_language() -> None:
    values: dict[str, Any] = {"draws": 4096, "seed": 7}
    text = "{draws:,} draws, seed {seed}; medians with 90 % bands."
    use_language("en")
    assert say(text, **values) == "4,096 draws, seed 7; medians with 90 % bands."
    use_language("zh")
    assert say(text, **values) == "4,096次抽样，随机种子7；数值为中位数及90%区间。"


def test_unknown_text_stays_english() -> None:
    use_language("zh")
    assert say("no such {thing} is known", thing="text") == "no such text is known"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_GB"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_language_of_the_environment(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    use_language(None)
    assert language() == expected


# --- by running -----------------------------------------------------------------------------------


class Listening(dict[str, str]):
    """A catalogue that remembers which texts it was asked for in vain."""

    def __init__(self) -> None:
        super().__init__(translations())
        self.missing: set[str] = set()

    def get(self, text: str, default: Any = None) -> Any:
        if text not in self:
            self.missing.add(text)
        return super().get(text, default)


COMMANDS = [
    *(["list", kind] for kind in KINDS),
    ["validate", "baseline", "growth-3-to-9"],
    ["what-if", "--gdp-growth", "5%", "-n", "8"],
    ["what-if", "--gdp-growth", "5%", "-n", "8", "--mode", "centre", "--indicator", "gdp_growth"],
    ["targets", "baseline", "-n", "8"],
    ["targets", "baseline", "-n", "8", "--all", "--at", "final"],
    ["what-if", "--gdp-growth", "5%", "-n", "512", "--mode", "condition", "--tolerance", "2 pp"],
    ["solve", "--target", "donghu.gdp.2025=3500", "--instrument", "donghu.tfp", "-n", "8"],
    ["solve", "--target", "donghu.gdp.2025=9500", "--instrument", "donghu.tfp", "-n", "8"],
    [
        "solve",
        "--target",
        "donghu.gdp.2025=3500",
        "--instrument",
        "donghu.tfp",
        "--instrument",
        "donghu.labour_growth",
        "-n",
        "8",
    ],  # fmt: skip
    ["calibrate"],
    ["baselines", "list"],
    ["baselines", "show", "jingkai.gdp.2020"],
    ["baselines", "show", "donghu.gdp.growth.2023q1"],
    ["baselines", "show", "donghu.gdp.2023"],
    ["baselines", "show", "jingkai.gdp_per_head.2020"],
    ["baselines", "conflicts"],
    ["baselines", "check"],
    ["firms", "-n", "8"],
    ["firms", "--trace", "0", "--zone", "jingkai"],
    ["hindcast", "-n", "8"],
    ["projects", "-n", "2", "--zone", "jingkai", "--set", "horizon=2025"],
    ["hindcast", "-n", "8", "--as-of", "2024"],
]


# Words of ours that must not stand in a Chinese answer; names and ids of the data may.
ENGLISH = re.compile(
    r"\b(1e8|1e4|CNY|persons|percent|a year|no document|line \d+|exact|over|about|aspire\w*|median|"
    r"draws|seed|baseline's|productivity)\b"
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_chinese_answers_are_chinese(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said that the catalogue lacks, and no English is left in the answer."""
    listening = Listening()
    monkeypatch.setattr(labels, "_catalogue", lambda: listening)
    result = CliRunner().invoke(cli, ["--lang", "zh", *command])
    assert result.exit_code == 0, result.output
    assert CHINESE.search(result.stdout)
    assert listening.missing == set()
    english = {match for line in result.stdout.splitlines() for match in ENGLISH.findall(line)}
    assert english == set()
