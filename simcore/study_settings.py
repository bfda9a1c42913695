"""The settings of a study, ``simcore.yaml``, checked with file, line and column."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from simcore.document import Document, read_document
from simcore.errors import InputError, Problem
from simcore.labels import say
from simcore.strict import Strict, Version, Whole, validated


class Settings(Strict):
    """What a study sets, for everything that runs inside it."""

    study: Version = Field(description="version of the format; the mark of a study")
    language: Literal["en", "zh"] | None = Field(
        None, description="of labels and messages, unless `--lang` says otherwise"
    )
    draws: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="of `run` and `sweep`, unless `-n` says otherwise"
    )
    seed: Annotated[Whole, Field(ge=0)] | None = Field(
        None, description="of `run` and `sweep`, unless `--seed` says otherwise"
    )
    scenarios: list[str] = Field(["scenarios"], description="folders of scenarios and sweeps")
    calibration: list[str] = Field(
        ["calibration"], description="folders laid on the shipped calibration, in this order"
    )
    outputs: str = Field("outputs", description="where results go unless `-o` names a file")


def read_settings(path: Path) -> Settings:
    """Read the settings; raises `InputError` with every problem and its place."""
    document = read_document(path)
    if not (isinstance(document.data, dict) and "study" in document.data):
        text = say("is no study file: the key 'study' is missing; --study none ignores it")
        raise InputError([document.problem((), text)])
    settings = validated(Settings, document)
    problems = [
        problem
        for key in ("scenarios", "calibration")
        for at, name in enumerate(getattr(settings, key))
        for problem in _lost(document, path.parent, name, key, at)
    ]
    if (path.parent / settings.outputs).is_file():
        text = say("{name} is a file, not a folder", name=settings.outputs)
        problems.append(document.problem(("outputs",), text))
    if problems:
        raise InputError(problems)
    return settings


def _lost(document: Document, folder: Path, name: str, key: str, at: int) -> list[Problem]:
    """Say what is wrong with a named folder; one that nobody named may be missing."""
    if (folder / name).is_dir() or key not in document.data:
        return []
    return [document.problem((key, at), say("there is no folder {name}", name=name))]
