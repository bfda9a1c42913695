"""The documentation: its examples run, its generated pages are fresh, its links lead somewhere."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import simcore
from simcore.cli import cli

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<target>[^)#\s]*)(?:#(?P<anchor>[^)\s]*))?\)")


def load(name: str) -> Any:
    """Import a module of the documentation, which is no package."""
    specification = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


docs = load("examples")


LONG = (
    "draw-pictures",
    "export-results",
    "find-what-matters",
    "make-a-report",
    "simulate-firms",
    "simulate-projects",
    "what-would-it-take",
)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.long] if Path(page).stem in LONG else [])
        for page in docs.PAGES
    ],
)
def test_the_examples_of_a_page_run(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for example in docs.examples(page):
        assert example.code == example.expected, f"{example.place}\n{example.printed}"
        assert example.alike, f"{example.place}\nprints\n{example.printed}"


def test_what_a_page_shows_is_compared_numbers_and_widths_aside() -> None:
    assert docs.Example("", "a 12 b\n...\nz 3.5\n", "a   3,001 b\nc\nd\nz -1\n").alike
    assert docs.Example("", "", "anything").alike
    assert not docs.Example("", "a 12 b", "a b 12").alike


def test_a_page_is_refreshed_where_numbers_have_moved() -> None:
    example = docs.Example("", "a 12 b\n...\nz 3.5 and\n...\n", "a   3,001 b\nc\nz -1 and so on\n")
    assert docs.refreshed(example) == "a   3,001 b\n...\nz -1 and\n...\n"


def test_the_generated_pages_are_fresh() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run make docs\n{done.stdout}{done.stderr}"


def test_the_site_builds_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    command = [sys.executable, str(ROOT / "docs" / "site.py"), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ten minutes" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", simcore.__all__)
def test_public_names_say_what_they_take_and_return(name: str) -> None:
    function = getattr(simcore, name)
    text = inspect.getdoc(function) or ""
    silent = [name for name in inspect.signature(function).parameters if name not in text]
    assert not silent, f"the docstring of simcore.{name} does not speak of {silent}"
    assert (
        text.startswith(("Return", "Read", "Open", "Use"))
        or "Returns\n---" in text
        or "Raises" in text
    )


def markdown_files() -> list[Path]:
    folders = ["docs", "scenarios", "calibration", "outputs"]
    found = list(ROOT.glob("*.md"))
    return sorted(found + [path for name in folders for path in (ROOT / name).rglob("*.md")])


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


@pytest.mark.parametrize("path", markdown_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    lost = []
    for found in LINK.finditer(path.read_text(encoding="utf-8")):
        target = path.parent / found["target"] if found["target"] else path
        page = target.is_file() and target.suffix == ".md"
        if not target.exists() or (
            page and found["anchor"] and found["anchor"] not in anchors(target)
        ):
            lost.append(found[0])
    assert not lost


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if path != "simcore":
        yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, f"{path} {name}")


@pytest.mark.parametrize(("path", "command"), list(commands(cli, "simcore")))
def test_every_command_shows_an_example(path: str, command: click.Command) -> None:
    assert f"Example: {path}" in (command.help or "")
