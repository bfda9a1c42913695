"""Errors in both languages: every text of one is said, and causes are known."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from source_texts import PACKAGE, called_name

from simcore import closure, identities
from simcore.baseline import load_baseline
from simcore.causes import said_cause, said_place
from simcore.document import parse_document
from simcore.errors import InputError
from simcore.labels import say, say_again, use_language
from simcore.scenario import load_scenario
from simcore.strict import FAULTS

pytestmark = pytest.mark.usefixtures("in_english")
ERRORS = re.compile(r"(Error|Misnamed|BrokenDraw)$")
PROTOCOL = {"AttributeError", "KeyError", "TypeError", "NotImplementedError"}  # Python's own
PLACED = {"at", "problem", "refuse", "Problem"}  # their last argument is a message
MESSAGES = {"message", "near"}


def written_out(tree: ast.AST) -> Iterator[ast.expr]:
    """Texts of errors, as they are raised, placed in a file or kept for either."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = called_name(node.exc.func)
            if ERRORS.search(name) and name not in PROTOCOL:
                yield from node.exc.args
        elif isinstance(node, ast.Call) and called_name(node.func) in PLACED and node.args:
            yield node.args[-1]
        elif isinstance(node, ast.Assign) and called_name(node.targets[0]) in MESSAGES:
            yield node.value


def _parts(text: ast.expr) -> list[ast.expr]:
    """A text, or those of which one is chosen or which are joined."""
    match text:
        case ast.IfExp():
            return [*_parts(text.body), *_parts(text.orelse)]
        case ast.BoolOp():
            return [part for value in text.values for part in _parts(value)]
        case ast.BinOp():
            return [*_parts(text.left), *_parts(text.right)]
    return [text]


def _words(text: ast.expr) -> str:
    """What is written out in a text: without the values of an f-string."""
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    words = [part.value for part in parts if isinstance(part, ast.Constant)]
    return "".join(word for word in words if isinstance(word, str))


def test_errors_are_said() -> None:
    """No error is raised with an English text that the catalogue does not know."""
    bare = {
        f"{path.name}:{part.lineno}": _words(part)
        for path in sorted(PACKAGE.rglob("*.py"))
        for text in written_out(ast.parse(path.read_text(encoding="utf-8")))
        for part in _parts(text)
        if re.search("[A-Za-z]{2}", _words(part))
    }
    assert bare == {}


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            "simcore: 1\nname: x\nlabel: {en: x, zh: x}\nlevers: {dongu: {gdp_growth: 5%}}\n",
            "4:10: unknown zone 'dongu'; did you mean 'donghu'?",
            "4:10: 没有名为“dongu”的开发区；是否指“donghu”？",
        ),
        (
            "simcore: 1\nname: x\nlabel: {en: x, zh: x}\nhorizon: 2030.5\n",
            "4:1: input should be a valid integer, got a number with a fractional part, not 2030.5",
            "4:1: 应为整数，不应带小数，而不是 2030.5",
        ),
        ("a: {b: 1\n", "2:1: not valid YAML: did not find expected ',' or '}'",
         "2:1: 不是有效的 YAML：此处应为 ',' 或 '}'"),
        ("simcore: 1\nname: x\n", "1:1: the key 'label' is missing", "1:1: 缺少键“label”"),
    ],
)  # fmt: skip
def test_errors_of_files_speak_both_languages(
    text: str, english: str, chinese: str, tmp_path: Path
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")
    for name, message in (("en", english), ("zh", chinese)):
        use_language(name)
        with pytest.raises(InputError) as raised:
            load_scenario(str(file), load_baseline())
        assert str(raised.value) == f"{file}:{message}"


def test_values_may_hold_braces() -> None:
    for name in ("en", "zh"):
        use_language(name)
        assert "{0}" in say("unknown zone '{zone}'{near}", zone="{0}", near="")
        assert "{x}" in say("instrument {text}: {error}", text="{x}", error="}{")


@pytest.mark.parametrize(
    ("kept", "chinese"),
    [
        ("gdp is not finite and positive", "gdp 不是有限的正数"),
        ("energy is not energy_intensity times gdp_real",
         "energy 不等于 energy_intensity 乘以 gdp_real"),
        ("something else", "something else"),
    ],
)  # fmt: skip
def test_causes_are_kept_in_english_and_said_in_either(kept: str, chinese: str) -> None:
    assert said_cause(kept) == kept
    use_language("zh")
    assert said_cause(kept) == chinese
    assert said_place("baseline, draw 7, donghu, 2027") == "baseline，第7次抽样，donghu，2027年"


SHIFTED = ("investment", "labour")  # shares that levers shift


def test_every_cause_is_known() -> None:
    """Whatever the identities and the closure can find is one of the templates."""
    keys = [key.values if isinstance(key, ast.JoinedStr) else [key] for key in _keys_of_faults()]
    found = {
        "".join(part.value if isinstance(part, ast.Constant) else "10" for part in parts)
        for parts in keys
    }
    found |= {closure.EXCEEDED, *(closure.nothing_left(what) for what in SHIFTED)}
    use_language("zh")
    assert len(found) > 12
    assert [cause for cause in found if said_cause(cause) == cause] == []


def _keys_of_faults() -> Iterator[Any]:
    """Keys of the mappings from what can be wrong to the draws in which it is."""
    for node in ast.walk(ast.parse(Path(identities.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if called_name(target) == "faults" and isinstance(node.value, ast.Dict):
                yield from node.value.keys
            elif called_name(target) == "faults" and isinstance(node.value, ast.DictComp):
                yield node.value.key
            elif isinstance(target, ast.Subscript) and called_name(target.value) == "faults":
                yield target.slice


def test_texts_of_other_packages_are_said_again() -> None:
    use_language("zh")
    assert say_again("input should be less than or equal to 3", FAULTS) == "应不大于 3"
    with pytest.raises(InputError, match="a.yaml:1:4: 不是有效的 YAML：缩进|a.yaml:1:"):
        parse_document("a: b: c", "a.yaml")
