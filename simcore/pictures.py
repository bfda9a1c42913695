"""The house style of pictures: colours, fonts for both languages, formats, saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simcore.errors import InputError, RunError
from simcore.labels import language, say
from simcore.writing import write_whole

# Okabe & Ito's colours tell scenarios apart for colour-blind readers too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
INK, PALE = "#333333", "#8a8a8a"
FORMATS = (".png", ".svg", ".pdf")
CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Microsoft YaHei", "PingFang SC", "SimHei",
    "Heiti SC", "Droid Sans Fallback",
)  # fmt: skip


def refuse_format(path: Path) -> None:
    """Raise `InputError` unless the name ends in a format that can be written."""
    if path.suffix.lower() not in FORMATS:
        raise InputError(
            say("{path}: a picture ends in {endings}", path=path, endings=", ".join(FORMATS))
        )


def use_style() -> None:
    """House style, and a font that has Chinese glyphs if Chinese is asked for."""
    try:
        import matplotlib
        from matplotlib import font_manager
    except ImportError as error:
        raise RunError(say("pictures need matplotlib: pip install 'simcore[plot]'")) from error
    matplotlib.rcParams.update(
        {
            "font.size": 9.5, "axes.spines.top": False, "axes.spines.right": False,
            "axes.edgecolor": PALE, "axes.labelcolor": INK, "xtick.color": INK,
            "ytick.color": INK, "text.color": INK, "svg.fonttype": "none",
            "axes.unicode_minus": False,
        }
    )  # fmt: skip
    if language() == "zh":
        fonts = _chinese_fonts(font_manager)
        if not fonts:
            raise RunError(
                say(
                    "no font with Chinese glyphs is found: install Noto Sans CJK (Debian: apt "
                    "install fonts-noto-cjk), or use --lang en"
                )
            )
        matplotlib.rcParams["font.family"] = [fonts[0], "DejaVu Sans"]


def _chinese_fonts(manager: Any) -> list[str]:
    """Return the installed fonts with Chinese glyphs, the best first.

    matplotlib keeps a list of fonts; those installed since it was made are looked for here.
    """

    def known() -> list[str]:
        installed = {font.name for font in manager.fontManager.ttflist}
        return [name for name in CHINESE_FONTS if name in installed]

    if not known():
        marks = [_mark(name) for name in CHINESE_FONTS]
        for path in manager.findSystemFonts():
            if _mark(Path(path).stem).startswith(tuple(marks)):
                manager.fontManager.addfont(path)
    return known()


def _mark(name: str) -> str:
    """Return what font names and names of their files have in common: ``notosanscjk``."""
    return name.lower().replace("-", "").replace(" ", "")[:11]


def save(picture: Any, path: Path) -> None:
    """Write a picture; raises `RunError` if it cannot be written."""
    write_whole(path, lambda place: picture.savefig(place, dpi=160))
