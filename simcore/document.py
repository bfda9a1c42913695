"""YAML with the place of every entry, and nothing that could be read two ways.

PyYAML reads ``no`` as False, ``012`` as 10 and ``1e6`` as text, and keeps the last of two
equal keys. Here such text is refused (or, for ``1e6``, read as the number it is), and every
value keeps its file, line and column, so that any later error can name them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from simcore.errors import InputError, Problem, system_reason
from simcore.labels import say, say_again

MAXIMUM_BYTES = 2_000_000
MAXIMUM_DEPTH = 50
MAXIMUM_DIGITS = 30
MAXIMUM_ENTRIES = 200_000
MAXIMUM_ALIASED_ENTRIES = 1_000

Keys = tuple[str | int, ...]

YAML_PROBLEMS = (
    "mapping values are not allowed in this context",
    "mapping values are not allowed here",
    "block sequence entries are not allowed in this context",
    "did not find expected key",
    "did not find expected node content",
    "did not find expected ',' or {closing}",
    "did not find expected '-' indicator",
    "did not find expected <document start>",
    "did not find expected alphabetic or numeric character",
    "could not find expected ':'",
    "found character that cannot start any token",
    "found unexpected end of stream",
    "found unexpected document indicator",
    "found unknown escape character",
    "found undefined alias",
    "found duplicate anchor",
    "found invalid indentation",
    "found a tab character where an indentation space is expected",
    "found a tab character that violates indentation",
    "control characters are not allowed",
    "but found another document",
)
"""what LibYAML says of a text, as far as it is said in Chinese too"""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"^[-+]?(0|[1-9]\d*)$")
_FLOAT = re.compile(r"^[-+]?(\d+\.\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|\d+[eE][-+]?\d+)$")
_AMBIGUOUS = re.compile(
    r"^([yn]|yes|no|on|off|[-+]?0\d+|[-+]?0[xob][0-9a-f]+|[-+]?\d[\d_]*_[\d_]*"
    r"|[-+]?\d+(:[0-5]?\d)+(\.\d*)?|<<|=)$",
    re.IGNORECASE,
)
_TEXT = "tag:yaml.org,2002:str"
_TAGS = {_TEXT} | {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("map", "seq", "int", "float", "bool", "null", "timestamp", "merge", "value")
}
_TOO_LARGE = object()
_NOT_FINITE = re.compile(r"^([-+]?\.?inf(inity)?|\.?nan)$", re.IGNORECASE)


class Mark(NamedTuple):
    """Where an entry stands; lines and columns count from 1."""

    file: str
    line: int
    column: int


@dataclass
class Document:
    """The content of a YAML text, and the mark of every key path in it."""

    file: str
    data: Any
    marks: dict[Keys, Mark] = field(default_factory=dict)

    def locate(self, keys: Keys) -> Mark:
        """Mark of the entry at ``keys``, or of the nearest entry around it."""
        for length in range(len(keys), -1, -1):
            if mark := self.marks.get(tuple(keys[:length])):
                return mark
        return Mark(self.file, 1, 1)

    def problem(self, keys: Keys, message: str) -> Problem:
        """Build the problem of the entry at ``keys``."""
        return Problem(*self.locate(keys), message)

    def merged_onto(self, parent: Document) -> Document:
        """Deep merge: mappings join, anything else of this document replaces the parent's."""
        marks = dict(parent.marks)
        data = _merge(parent.data, self.data, (), marks, self.marks)
        return Document(self.file, data, marks)

    def join_entries(self, earlier: Document, later: Document, keys: Keys, identifier: str) -> None:
        """Make the list at ``keys`` the earlier's entries and then the later's, with their marks.

        A later entry replaces the earlier one of the same identifier.
        """
        lists = [_at(document.data, keys) for document in (earlier, later)]
        names = {str(_name(entry, identifier)) for entry in lists[1]}
        kept = [
            (earlier, place)
            for place, entry in enumerate(lists[0])
            if str(_name(entry, identifier)) not in names
        ]
        kept += [(later, place) for place in range(len(lists[1]))]
        _at(self.data, keys[:-1])[keys[-1]] = [_at(d.data, (*keys, place)) for d, place in kept]
        depth = len(keys)
        for known in [known for known in self.marks if known[:depth] == keys and known != keys]:
            del self.marks[known]
        for place, (source, origin) in enumerate(kept):
            for known, mark in source.marks.items():
                if known[: depth + 1] == (*keys, origin):
                    self.marks[(*keys, place, *known[depth + 1 :])] = mark


def read_document(path: Path) -> Document:
    """Read a YAML file; raises `InputError` with file, line and column."""
    return parse_document(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Read the text of a YAML file; raises `InputError` if it is too large or none."""
    try:
        size = path.stat().st_size
        if size > MAXIMUM_BYTES:
            raise InputError.at(
                str(path),
                1,
                1,
                say("{size} bytes; at most {most} are read", size=size, most=MAXIMUM_BYTES),
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError.at(str(path), 1, 1, say("not a text in UTF-8")) from None
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        reason = system_reason(error)
        raise InputError.at(
            str(path), 1, 1, say("cannot be read: {reason}", reason=reason)
        ) from None


def parse_document(text: str, file: str) -> Document:
    """Parse YAML text.

    >>> document = parse_document("a: {b: 5%}", "x.yaml")
    >>> document.data, document.locate(("a", "b"))[1:]
    ({'a': {'b': '5%'}}, (1, 5))
    """
    try:
        _refuse_deep(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise InputError.at(
            file, line, column, say("not valid YAML: {problem}", problem=_said(error.problem))
        ) from None
    except yaml.YAMLError as error:
        problem = _said(str(error).splitlines()[0])
        raise InputError.at(file, 1, 1, say("not valid YAML: {problem}", problem=problem)) from None
    if node is None:
        raise InputError.at(file, 1, 1, say("is empty"))
    reader = _Reader(file)
    data = reader.value(node, ())
    if reader.problems:
        raise InputError(reader.problems)
    return Document(file, data, reader.marks)


def _said(problem: Any) -> str:
    return say_again(str(problem), YAML_PROBLEMS)


def _refuse_deep(text: str, file: str) -> None:
    """Refuse nesting that would exhaust the stack when it is composed."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAXIMUM_DEPTH:
                mark: Any = event.start_mark
                message = say("nested more than {most} levels deep", most=MAXIMUM_DEPTH)
                raise InputError.at(file, mark.line + 1, mark.column + 1, message)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Reader:
    """Turns composed nodes into plain data, collecting marks and problems on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.marks: dict[Keys, Mark] = {}
        self.problems: list[Problem] = []
        self.entries = 0
        self.aliased = 0
        self.seen: set[int] = set()
        self.open: set[int] = set()

    def mark(self, node: Any) -> Mark:
        return Mark(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def refuse(self, node: Any, message: str) -> None:
        self.problems.append(Problem(*self.mark(node), message))

    def value(self, node: Any, keys: Keys) -> Any:
        self.marks.setdefault(keys, self.mark(node))
        self.entries += 1
        if id(node) in self.open:
            raise InputError.at(*self.mark(node), say("an alias that contains itself"))
        if id(node) in self.seen and not isinstance(node, yaml.ScalarNode):
            self.aliased += 1
        self.seen.add(id(node))
        if self.entries > MAXIMUM_ENTRIES or self.aliased > MAXIMUM_ALIASED_ENTRIES:
            raise InputError.at(*self.mark(node), say("aliases that multiply without bound"))
        self.open.add(id(node))
        try:
            return self._content(node, keys)
        finally:
            self.open.discard(id(node))

    def _content(self, node: Any, keys: Keys) -> Any:
        if not isinstance(node, yaml.ScalarNode) and node.tag not in _TAGS:
            self.refuse(node, say("the tag {tag} is not read here", tag=node.tag))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*keys, place)) for place, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: Any, keys: Keys) -> dict[str | int, Any]:
        content: dict[str | int, Any] = {}
        for key_node, value_node in node.value:
            known = len(self.problems)
            key = self._scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str | int) or isinstance(key, bool):
                if len(self.problems) == known:
                    self.refuse(key_node, say("a key is a name or a year"))
                continue
            twin = next((other for other in content if str(other) == str(key)), None)
            if twin is not None:
                first = self.marks[(*keys, twin)]
                self.refuse(
                    key_node,
                    say("'{key}' stands twice, first in line {line}", key=key, line=first.line),
                )
                continue
            self.marks[(*keys, key)] = self.mark(key_node)
            content[key] = self.value(value_node, (*keys, key))
        return content

    def _scalar(self, node: Any) -> Any:
        text = node.value
        if node.tag not in _TAGS:
            self.refuse(node, say("the tag {tag} is not read here", tag=node.tag))
            return None
        if node.tag == _TEXT and _INTEGER.match(text):
            return text  # tagged as a text
        if node.style:  # quoted or block text; plain is None or empty
            return text
        if _NOT_FINITE.match(text):
            self.refuse(node, say("{text} is not a finite number", text=text))
            return None
        if _AMBIGUOUS.match(text):
            self.refuse(
                node,
                say("{text} can be read in two ways; write true, false, 10 or '{text}'", text=text),
            )
            return None
        value = _plain(text)
        if value is _TOO_LARGE:
            self.refuse(node, say("{text}… is beyond what a computer holds", text=text[:20]))
            return None
        return value


def _plain(text: str) -> Any:
    """Read an unquoted scalar by the rules of YAML 1.2's core schema."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if _INTEGER.match(text):
        return int(text) if len(text) <= MAXIMUM_DIGITS else _TOO_LARGE
    if not _FLOAT.match(text):
        return text
    return float(text) if math.isfinite(float(text)) else _TOO_LARGE


def _at(data: Any, keys: Keys) -> Any:
    for key in keys:
        data = data[key]
    return data


def _name(entry: Any, identifier: str) -> Any:
    return entry.get(identifier) if isinstance(entry, dict) else None


def _merge(
    parent: Any, child: Any, keys: Keys, marks: dict[Keys, Mark], child_marks: dict[Keys, Mark]
) -> Any:
    if isinstance(parent, dict) and isinstance(child, dict):
        merged = dict(parent)
        for key, value in child.items():
            here = (*keys, key)
            if key in parent:
                merged[key] = _merge(parent[key], value, here, marks, child_marks)
            else:
                merged[key] = value
                _adopt(here, marks, child_marks)
        return merged
    _adopt(keys, marks, child_marks)
    return child


def _adopt(keys: Keys, marks: dict[Keys, Mark], child_marks: dict[Keys, Mark]) -> None:
    """Replace the marks at and below ``keys`` by the child's."""
    for known in [known for known in marks if known[: len(keys)] == keys]:
        del marks[known]
    for known, mark in child_marks.items():
        if known[: len(keys)] == keys:
            marks[known] = mark
