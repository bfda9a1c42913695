"""Two languages: labels of things, and one catalogue for what simcore says."""

from __future__ import annotations

import locale
import os
import re
import string
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

LANGUAGES = ("en", "zh")

_language: ContextVar[str] = ContextVar("language", default="en")


@dataclass(frozen=True)
class Label:
    """A name in both languages."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    en: str
    zh: str

    def __str__(self) -> str:
        """Return the name in the language in use."""
        return self.zh if language() == "zh" else self.en


def language() -> str:
    """Return the language in use, ``en`` or ``zh``."""
    return _language.get()


def use_language(name: str | None) -> None:
    """Set the language; None takes it from the environment's locale."""
    _language.set(name if name in LANGUAGES else _environment_language())


def _environment_language() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def say(text: str, /, **values: object) -> str:
    """Return a message in the language in use, its ``{fields}`` filled in.

    >>> say("{count} draws", count=3)
    '3 draws'
    """
    return _said(text, language(), values)


def say_both(text: str, /, **values: object) -> Label:
    """Return a message in both languages, whichever is in use; labels follow the language.

    >>> say_both("{count} figures", count=3).en
    '3 figures'
    """
    return Label(_said(text, "en", values), _said(text, "zh", values))


def say_again(text: str, templates: Iterable[str]) -> str:
    """Return a text that was made from one of the templates in English, in the language in use.

    For what results keep, and for what other packages say. A text of no template stays.

    >>> say_again("3 draws", ["{count} draws"])
    '3 draws'
    """
    if language() == "en":
        return text
    for template in templates:
        if found := _pattern(template).fullmatch(text):
            return say(template, **found.groupdict())
    return text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return the expression that finds the values of a template's fields in a text."""
    parts, known = [], set[str]()
    for before, name, _, _ in string.Formatter().parse(template):
        parts.append(re.escape(before))
        if name is not None:
            parts.append(f"(?P={name})" if name in known else f"(?P<{name}>.*?)")
            known.add(name)
    return re.compile("".join(parts), re.DOTALL)


def _said(text: str, name: str, values: dict[str, object]) -> str:
    if name == "zh":
        text = _catalogue().get(text, text)
    if not values:
        return text
    return text.format(**{key: in_language(value, name) for key, value in values.items()})


def in_language(value: object, name: str) -> object:
    """Return the text of a label in a language; what is no label as it is.

    >>> in_language(Label("prices", "价格"), "zh"), in_language(3, "zh")
    ('价格', 3)
    """
    if not isinstance(value, Label):
        return value
    return value.zh if name == "zh" else value.en


def translated_help(text: str) -> str:
    """Return a sentence of a command's help, or a word for what a user gives, in Chinese.

    >>> translated_help("something that no command says")
    'something that no command says'
    """
    return _help().get(text, text)


@cache
def _catalogue() -> dict[str, str]:
    """Read the Chinese catalogue, a mapping from the English text."""
    return _read("messages.zh.yaml")


@cache
def _help() -> dict[str, str]:
    """Read the Chinese texts of the commands' help."""
    return _read("help.zh.yaml")


def _read(name: str) -> dict[str, str]:
    from importlib.resources import files

    import yaml

    text = (files("simcore") / name).read_text(encoding="utf-8")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every key and value is a text
    return dict(yaml.load(text, Loader=loader))
