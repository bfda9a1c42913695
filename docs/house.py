"""The generated pages for developers: the rooms of the package, and the public names of Python."""

from __future__ import annotations

import ast
import inspect
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import simcore
from simcore.accessor import Accessor

ROOT = Path(__file__).resolve().parents[1]
STOREYS = {  # what a floor of the package is for
    0: "what everything stands on: errors, labels, files, numbers as people write them",
    1: "what is read: scenarios, figures, priors, and how random numbers are drawn",
    2: "equations on arrays, and the past that the figures speak of",
    3: "what steps through years and events: the kernel, projects, firms",
    4: "the ensemble: reconciliation, blocks of draws, files of results",
    5: "answers: comparisons, targets, goal seek, what drives a number, hindcast",
    6: "what people look at: pictures, pages, tables",
    7: "what people touch: the command line",
}


def house_page(note: str) -> str:
    """Return the rooms of the package by floor, each with the first sentence of its docstring."""
    tests = runpy.run_path(str(ROOT / "tests" / "test_layers.py"))
    parts = [
        "# The house",
        note,
        "The package `simcore/` is flat: one idea per file. A module imports from lower floors, or "
        "from its own without a circle; the tests hold it to that. Data flows one way: files and "
        "figures are read, reconciled, drawn, simulated, kept, and only then looked at. Rules and "
        "how to add something stand in [CONTRIBUTING.md](../../CONTRIBUTING.md).",
    ]
    for floor in sorted(tests["FLOORS"], reverse=True):
        others = ", ".join(f"`{name}`" for name in sorted(tests["THIRD_PARTY"][floor]))
        parts += [
            f"## Floor {floor}: {STOREYS[floor]}",
            f"It may import {others}, late where that is slow.",
            "\n".join(["| room | what it is for |", "|---|---|", *rooms(tests["FLOORS"][floor])]),
        ]
    return "\n\n".join(parts) + "\n"


def rooms(modules: list[str]) -> Iterator[str]:
    """Return a row for every module, and for every file of one that is a folder."""
    for module in sorted(modules):
        folder = ROOT / "simcore" / module
        files = sorted(folder.glob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
        for path in files:
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            name = path.relative_to(ROOT / "simcore").as_posix()
            yield f"| [{name}](../../simcore/{name}) | {cell(text)} |"


def python_page(note: str) -> str:
    """Return signature and docstring of every public name."""
    parts = [
        "# Python",
        note,
        "`import simcore` is light; what a name needs is imported when it is first used. Results "
        "are xarray Datasets with the layout of the [result file](../conventions.md). Money is in "
        "100 million CNY (1e8 CNY, 亿元), rates in percent.",
    ]
    for name in simcore.__all__:
        parts += entry(f"simcore.{name}", getattr(simcore, name))
    parts += ["## dataset.simcore", "Every Dataset of results has the accessor `simcore`."]
    for name, method in inspect.getmembers(Accessor, callable):
        if not name.startswith("_"):
            parts += entry(f"dataset.simcore.{name}", method, level="###")
    return "\n\n".join(parts) + "\n"


def entry(name: str, thing: Any, level: str = "##") -> list[str]:
    """Return heading, signature and docstring of a function."""
    described = inspect.signature(thing)
    given = [
        p.replace(annotation=p.empty) for p in described.parameters.values() if p.name != "self"
    ]
    signature = described.replace(parameters=given, return_annotation=described.empty)
    text = inspect.getdoc(thing) or ""
    return [f"{level} {name}", f"```text\n{name}{signature}\n```", f"```text\n{text}\n```"]


def cell(text: str) -> str:
    """Return a docstring's first paragraph as a cell of a table."""
    return " ".join(text.partition("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")
