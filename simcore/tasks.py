"""What processes are asked to do, and what they say when it is done; small, and plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcore.faults import Tally


@dataclass(frozen=True)
class Block:
    """Compute a block into its file."""

    number: int


@dataclass(frozen=True)
class Check:
    """See that the file of a block is what was written."""

    number: int


@dataclass(frozen=True)
class Digest:
    """Take the blocks up to ``stop`` into what is kept of a scenario and group."""

    scenario: int
    group: str
    stop: int


@dataclass(frozen=True)
class Copy:
    """Check a block, and copy its values to where they belong in a result."""

    number: int
    result: Path


@dataclass(frozen=True)
class Summary:
    """Summarise a variable of a scenario of a result."""

    scenario: int
    name: str
    result: Path


Task = Block | Check | Digest | Copy | Summary


@dataclass(frozen=True)
class Done:
    """A task that is done."""

    task: Task
    tally: Tally
    """what was wrong or unusual in the block that it computed or copied"""
    found: Any = None
    """the digest of a block that was copied; summaries by their names"""


Do = Callable[[Sequence[Task]], Iterator[Done]]
"""Does tasks in any order, and yields each when it is done."""
