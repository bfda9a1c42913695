"""Builds the documentation as a site: stages the pages as in the repository, then runs mkdocs.

The pages link to each other, and to files of data and code, as they do in the repository, so the
folders are staged side by side in ``docs/build/pages``. A link that leads nowhere fails the build.
Another folder than ``docs/build`` may be named.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("docs", "scenarios", "calibration", "outputs", "benchmarks", "simcore")
ENDS = {".md", ".png", ".svg", ".yaml", ".cff", ".py"}  # of what pages show or link to


def main() -> int:
    """Stage the pages and build the site; returns mkdocs's exit code."""
    build = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "build"
    pages, site = build / "pages", build / "site"
    stage(pages)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    places = {"SIMCORE_PAGES": str(pages), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=os.environ | places, check=False)
    if done.returncode == 0:
        print(f"The site begins at {site / 'index.html'}.")
    return done.returncode


def stage(pages: Path) -> None:
    """Copy every page, picture and data file to where mkdocs reads them."""
    shutil.rmtree(pages, ignore_errors=True)
    for path in sources():
        place = pages / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def sources() -> list[Path]:
    """Return the files that belong to the site."""
    inside = [path for name in FOLDERS for path in sorted((ROOT / name).rglob("*"))]
    build = ROOT / "docs" / "build"
    files = [path for path in inside if path.suffix in ENDS and build not in path.parents]
    return [*sorted(ROOT.glob("*.md")), ROOT / "LICENSE", ROOT / "CITATION.cff", *files]


if __name__ == "__main__":
    sys.exit(main())
