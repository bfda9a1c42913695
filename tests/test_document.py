"""YAML that is read one way only, and whose every entry knows its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.document import MAXIMUM_BYTES, Document, Mark, parse_document, read_document
from simcore.errors import InputError, Problem, did_you_mean

EXAMPLES = settings(max_examples=30, deadline=None, derandomize=True)


def parsed(text: str) -> Document:
    return parse_document(text, "x.yaml")


def refused(text: str) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        parsed(text)
    return caught.value.problems


# --- scalars --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5), ("-3", -3), ("+7", 7), ("0", 0), ("5.5", 5.5), ("5.", 5.0), (".5", 0.5),
        ("1e6", 1e6), ("1.5e-3", 0.0015), ("5%", "5%"), ("+0.3 pp", "+0.3 pp"), ("true", True),
        ("false", False), ("null", None), ("~", None), ("'no'", "no"), ('"012"', "012"),
        ("'5'", "5"), ("光谷", "光谷"), ("1 2", "1 2"), ("|\n  no", "no"),
    ],
)  # fmt: skip
def test_scalar(text: str, value: Any) -> None:
    found = parsed(f"a: {text}").data["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "no", "No", "NO", "yes", "on", "off", "y", "N", "012", "-07", "0x1F", "0o17", "0b1",
        "1_000", "12:30", "1:30:00.5", "<<", "=",
    ],
)  # fmt: skip
def test_ambiguous_scalar_is_refused(text: str) -> None:
    (problem,) = refused(f"b: 1\na:  {text}")
    assert problem == Problem(
        "x.yaml", 2, 5, f"{text} can be read in two ways; write true, false, 10 or '{text}'"
    )


@pytest.mark.parametrize("text", ["True", "FALSE", "Null", "NULL"])
def test_yaml_constants_in_capitals_are_not_texts(text: str) -> None:
    """YAML reads True as true and NULL as null; here either that, or refused."""
    try:
        found = parsed(f"a: {text}").data["a"]
    except InputError as error:
        assert "two ways" in str(error)  # noqa: PT017
    else:
        assert not isinstance(found, str)


@pytest.mark.parametrize("text", [".nan", ".NaN", "nan", ".inf", "-.inf", "+.INF", "inf"])
def test_not_finite_is_refused(text: str) -> None:
    (problem,) = refused(f"a: {text}")
    assert problem == Problem("x.yaml", 1, 4, f"{text} is not a finite number")


@pytest.mark.parametrize("text", ["1e400", "-1e999", "9" * 400])
def test_number_beyond_the_machine_is_refused(text: str) -> None:
    (problem,) = refused(f"a: {text}")
    assert (problem.line, problem.column) == (1, 4)


@pytest.mark.parametrize("number", [2**53 + 1, 1234567890123456789, 2**63 - 1])
def test_whole_numbers_are_read_exactly(number: int) -> None:
    assert parsed(f"seed: {number}").data == {"seed": number}


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['true']", "a: !!python/name:os.system",
        "a: !mine 5", "a: !mine [1]", "a: !mine {b: 1}", "a: !!binary aGVsbG8=", "a: !!set {b}",
        "a: !!omap [b: 1]", "a: !!python/tuple [1, 2]", "a: !!python/dict {b: 1}",
    ],
)  # fmt: skip
def test_tags_are_refused(text: str) -> None:
    (problem,) = refused(text)
    assert (problem.line, problem.column) == (1, 4)
    assert "tag" in problem.message


def test_a_text_with_the_text_tag_is_no_number() -> None:
    try:
        data = parsed("a: !!str 5").data
    except InputError as error:
        problems = error.problems
    else:
        assert data == {"a": "5"}
        return
    assert "tag" in problems[0].message


# --- structure ------------------------------------------------------------------------------------


def test_marks_are_of_keys_and_items() -> None:
    document = parsed("a:\n  b: 5%\n  c: [1, {d: 2}]\n")
    assert document.locate(("a",)) == Mark("x.yaml", 1, 1)
    assert document.locate(("a", "b")) == Mark("x.yaml", 2, 3)
    assert document.locate(("a", "c", 1)) == Mark("x.yaml", 3, 10)
    assert document.locate(("a", "c", 1, "d")) == Mark("x.yaml", 3, 11)


def test_unknown_place_is_the_nearest_around_it() -> None:
    document = parsed("a:\n  b: {c: 1}\n")
    assert document.locate(("a", "b", "x", "y")) == Mark("x.yaml", 2, 3)
    assert document.locate(("z",)) == Mark("x.yaml", 1, 1)
    assert Document("empty", {}).locate(("z",)) == Mark("empty", 1, 1)


def test_duplicate_key_names_both_lines() -> None:
    (problem,) = refused("a: 1\nb: 2\n  \na: 3\n")
    assert problem == Problem("x.yaml", 4, 1, "'a' stands twice, first in line 1")


@pytest.mark.parametrize("key", ["5.5", "true", "~", "[a, b]", "{a: 1}"])
def test_key_that_is_no_name_is_refused(key: str) -> None:
    problems = refused(f"? {key}\n: 1\n")
    assert [(p.line, p.column, p.message) for p in problems] == [
        (1, 3, "a key is a name or a year")
    ]


def test_every_problem_is_reported_in_order() -> None:
    problems = refused("a: no\nb: .nan\nc: 012\nb: 1\n")
    assert [problem.line for problem in problems] == [1, 2, 3, 4]


def test_alias_is_the_same_value() -> None:
    document = parsed("a: &x {b: 1}\nc: *x\n")
    assert document.data == {"a": {"b": 1}, "c": {"b": 1}}


def test_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (problem,) = refused("\n".join(lines))
    assert problem.message == "aliases that multiply without bound"


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "&a {b: [1, *a]}"])
def test_alias_that_contains_itself_is_refused(text: str) -> None:
    (problem,) = refused(text)
    assert problem.message == "an alias that contains itself"
    assert problem.line == 1


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_empty_text(text: str) -> None:
    if text == "---\n":
        assert parsed(text).data is None
    else:
        assert refused(text) == [Problem("x.yaml", 1, 1, "is empty")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2", 2),
        ("a: 1\n\tb: 2", 2),
        ("a: 1\nb: *x", 2),
        ("a: b: c", 1),
        ("a: 1\n---\nb: 2", 2),
    ],
)
def test_invalid_yaml_has_a_line(text: str, line: int) -> None:
    (problem,) = refused(text)
    assert problem.message.startswith("not valid YAML: ")
    assert problem.line == line


@pytest.mark.parametrize("depth", [200, 400, 3000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", "")])
def test_deep_nesting_is_read_or_refused(opening: str, closing: str, depth: int) -> None:
    text = opening * depth + "1" + closing * depth
    try:
        data = parsed(text).data
    except InputError as error:
        assert "nest" in str(error) or "not valid YAML" in str(error)  # noqa: PT017
    else:
        for _ in range(depth):
            data = data[0] if isinstance(data, list) else data["a"]
        assert data == 1


def test_very_deep_nesting_does_not_kill_the_process() -> None:
    """The C parser recurses too: a text of 200 kB must not overflow its stack."""
    code = (
        "from simcore.document import parse_document\n"
        "from simcore.errors import InputError\n"
        "for opening in ('[', '- ', '{a: '):\n"
        "    try:\n"
        "        parse_document(100_000 * opening, 'x.yaml')\n"
        "    except InputError:\n"
        "        print('refused')\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout.split()) == (0, ["refused"] * 3), result.stderr


@given(st.text(alphabet=st.sampled_from("ab01 :-[]{}&*!|>'\"%#,?\n.\t<=~e_光")))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        marks = list(parsed(text).marks.values())
    except InputError as error:
        marks = [Mark(p.file, p.line, p.column) for p in error.problems]
    assert marks
    for mark in marks:
        assert 1 <= mark.line <= len(text.splitlines()) + 1
        assert mark.column >= 1


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abcdef", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(values)
@EXAMPLES
def test_what_is_written_is_read(value: Any) -> None:
    import json

    assert parsed(json.dumps({"value": value})).data == {"value": value}


# --- files ----------------------------------------------------------------------------------------


def test_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    place = tmp_path / "a.yaml"
    place.write_bytes(b"\xef\xbb\xbfa: 1\n")
    document = read_document(place)
    assert document.data == {"a": 1}
    assert document.file == str(place)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: \xff\xfe", r":1:1: not a text in UTF-8"),
        ("a: 东湖".encode("gb18030"), r":1:1: not a text in UTF-8"),
        (b"a: 1\nb: \x00", r"not valid YAML"),
        (b"", r":1:1: is empty"),
        (b"#" * (MAXIMUM_BYTES + 1), r"2000001 bytes; at most 2000000 are read"),
    ],
)
def test_file_that_is_no_document(content: bytes, message: str, tmp_path: Path) -> None:
    place = tmp_path / "a.yaml"
    place.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_document(place)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.yaml:1:1: cannot be read: No such file"):
        read_document(tmp_path / "missing.yaml")
    with pytest.raises(InputError, match=r":1:1: cannot be read: Is a directory"):
        read_document(tmp_path)


def test_name_that_no_file_can_have() -> None:
    with pytest.raises(InputError, match=r"cannot be read"):
        read_document(Path("a\0b.yaml"))


# --- merging --------------------------------------------------------------------------------------


def test_merge_joins_mappings_and_replaces_the_rest() -> None:
    parent = parse_document("a: {b: 1, c: [1, 2]}\nd: 4\n", "parent")
    child = parse_document("\na:\n  c: [3]\n  e: 5\n", "child")
    merged = child.merged_onto(parent)
    assert merged.data == {"a": {"b": 1, "c": [3], "e": 5}, "d": 4}
    assert parent.data == {"a": {"b": 1, "c": [1, 2]}, "d": 4}
    assert merged.locate(("a", "b")) == Mark("parent", 1, 5)
    assert merged.locate(("a", "c")) == Mark("child", 3, 3)
    assert merged.locate(("a", "c", 0)) == Mark("child", 3, 7)
    assert merged.locate(("a", "c", 1)) == Mark("child", 3, 3)
    assert merged.locate(("a", "e")) == Mark("child", 4, 3)
    assert merged.locate(("d",)) == Mark("parent", 2, 1)


def test_merge_replaces_a_mapping_by_a_scalar_and_back() -> None:
    scalar = parse_document("a: 5%\n", "scalar")
    mapping = parse_document("a: {mode: centre, value: 5%}\n", "mapping")
    assert scalar.merged_onto(mapping).data == {"a": "5%"}
    assert scalar.merged_onto(mapping).locate(("a", "mode")) == Mark("scalar", 1, 1)
    assert mapping.merged_onto(scalar).data == {"a": {"mode": "centre", "value": "5%"}}


@given(values, values, values)
@EXAMPLES
def test_merge_is_associative(first: Any, second: Any, third: Any) -> None:
    a, b, c = (Document("x", {"k": value}) for value in (first, second, third))
    left = c.merged_onto(b).merged_onto(a).data
    right = c.merged_onto(b.merged_onto(a)).data
    kinds = {type(first), type(second), type(third)}
    if kinds == {dict} or dict not in kinds:
        assert left == right
    assert a.data == {"k": first}


# --- errors ---------------------------------------------------------------------------------------


def test_problem_reads_file_line_column() -> None:
    assert str(Problem("a.yaml", 3, 5, "unknown key")) == "a.yaml:3:5: unknown key"


def test_input_error_sorts_its_problems_and_drops_repetitions() -> None:
    second, first = Problem("a", 2, 1, "y"), Problem("a", 1, 9, "x")
    error = InputError([second, first, second])
    assert error.problems == [first, second]
    assert str(error) == "a:1:9: x\na:2:1: y"
    assert error.exit_code == 2
    assert InputError("plain").problems == []


def test_did_you_mean() -> None:
    assert did_you_mean("dongu", ["donghu", "jingkai"]) == "; did you mean 'donghu'?"
    assert did_you_mean("shanghai", ["donghu", "jingkai"]) == ""
