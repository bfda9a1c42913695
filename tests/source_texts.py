"""Names that the code of the package calls, as tests find them in its text."""

from __future__ import annotations

import ast
from pathlib import Path

from simcore import labels

PACKAGE = Path(labels.__file__).parent


def called_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
