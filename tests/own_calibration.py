"""Calibration folders of a user: two that stand among the data, and texts for others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

DATA = Path(__file__).parent / "data"
ZONE, DOCUMENT = DATA / "third-zone", DATA / "extra-document"
REGISTRATION = """\
documents:
  mine-2025:
    title: {en: mine, zh: 我的}
    issuer: me
    published: 2025
    period: [2024, 2025]
"""
FIGURE = """\
figures:
  - {id: mine.gdp.2024, term: GDP, zone: donghu, indicator: gdp, concept: level, value: 2860,
     unit: 亿元, period: 2024, kind: actual, qualifier: exact, price_basis: current,
     source: {document: mine-2025, section: 一, line: 2}}
"""


Write = Callable[..., Path]
"""Makes a folder of these files: ``write(zones="…")`` makes zones.yaml."""
