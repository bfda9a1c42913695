"""Fonts with Chinese glyphs for pictures: those of the system, or that of the extra ``fonts``."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simcore.labels import say_both

# Known families, the best first: forms of mainland China, sans serif, before others.
FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "HarmonyOS Sans SC", "Sarasa Gothic SC",
    "DengXian", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "SimHei", "STHeiti", "Heiti SC",
    "Noto Sans CJK JP", "Noto Sans CJK TC", "Source Han Sans", "Heiti TC", "Droid Sans Fallback",
    "AR PL UMing CN", "AR PL UKai CN", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun",
    "Songti SC", "Arial Unicode MS",
)  # fmt: skip
PROBE = "武汉东湖新区经济"  # what a font must have to count as one with Chinese glyphs
BUNDLED = ("zhplot", "fonts/NotoSansSC-Regular.ttf")  # of the extra: a package, a file in it


def chinese_family() -> str | None:
    """Return the best installed family with Chinese glyphs, None if there is none.

    matplotlib keeps a list of fonts; those installed since it was made, and that of the extra, are
    looked for if the list has none.
    """
    from matplotlib import font_manager

    manager: Any = font_manager
    if (found := _known(manager)) is not None:
        return found
    marks = tuple(_mark(name) for name in FAMILIES)
    paths = [path for path in manager.findSystemFonts() if _mark(Path(path).stem).startswith(marks)]
    for path in [*paths, *_bundled()]:
        manager.fontManager.addfont(path)
    return _known(manager)


def how_to_install() -> str:
    """Say, in both languages, how to get a font with Chinese glyphs."""
    text = say_both(
        "no font with Chinese characters was found, so the picture is labelled in English: pip "
        "install 'simcore[fonts]', or install Noto Sans CJK (Debian: apt install fonts-noto-cjk; "
        "Fedora: dnf install google-noto-sans-cjk-fonts; Windows and macOS bring fonts of their "
        "own: Microsoft YaHei, PingFang SC)"
    )
    return f"{text.zh}\n{text.en}"


def _known(manager: Any) -> str | None:
    """Return the first of the families that matplotlib lists and that has the glyphs."""
    files: dict[str, list[Any]] = {}
    for entry in manager.fontManager.ttflist:
        files.setdefault(entry.name, []).append(entry)
    for name in FAMILIES:
        if name in files and has_glyphs(manager.findfont(name, fallback_to_default=False), PROBE):
            return name
    return None


def has_glyphs(path: Any, text: str) -> bool:
    """Whether a font has a glyph for every character of a text."""
    from matplotlib.font_manager import get_font

    font = get_font(path)
    return all(font.get_char_index(ord(character)) for character in text)


def _bundled() -> list[str]:
    """Return the font of the extra ``fonts`` if it is installed; its package is not imported."""
    package, file = BUNDLED
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    paths = [Path(place) / file for place in places or ()]
    return [str(path) for path in paths if path.is_file()]


def _mark(name: str) -> str:
    """Return what font names and names of their files have in common: ``notosanscjk``."""
    return name.lower().replace("-", "").replace(" ", "")[:11]
