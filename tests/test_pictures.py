"""The house style: colours for every eye, Chinese with a font and without, wrapped source lines."""

from __future__ import annotations

import logging
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simcore import chinese_fonts, pictures
from simcore.errors import InputError
from simcore.labels import language, use_language

pytest.importorskip("matplotlib")
from matplotlib import font_manager
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

pytestmark = pytest.mark.usefixtures("in_english")

# Machado, Oliveira & Fernandes (2009), A physiologically-based model for simulation of color vision
# deficiency, doi:10.1109/TVCG.2009.113, severity 1: what is left of linear RGB.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
WHITE = np.array([0.95047, 1.0, 1.08883])
APART = 15.0  # CIE 1976 distance: 2.3 is just noticeable side by side


def linear(colour: Any) -> Any:
    values = np.array(to_rgb(colour))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(light: Any) -> Any:
    """CIELAB of linear RGB."""
    part = XYZ @ np.clip(light, 0, 1) / WHITE
    root = np.where(part > 216 / 24389, np.cbrt(part), (24389 / 27 * part + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.fixture
def no_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chinese_fonts, "FAMILIES", ("No Such Font",))


@pytest.mark.parametrize("eye", EYES)
def test_scenarios_are_told_apart_by_every_eye(eye: str) -> None:
    seen = {colour: lab(EYES[eye] @ linear(colour)) for colour in (*pictures.COLOURS, pictures.INK)}
    near = {
        (one, other): float(np.linalg.norm(seen[one] - seen[other]))
        for one, other in combinations(seen, 2)
    }
    assert min(near.values()) > APART, min(near, key=near.__getitem__)


@pytest.mark.parametrize("eye", EYES)
def test_maps_grow_darker_from_low_to_high_or_from_the_middle(eye: str) -> None:
    def lightness(colours: Any) -> Any:
        found = pictures.colour_map(colours)(np.linspace(0, 1, 21))[:, :3]
        return np.array([lab(EYES[eye] @ linear(colour))[0] for colour in found])

    assert (np.diff(lightness(pictures.SEQUENCE)) < 0).all()
    both = lightness(pictures.DIVERGENCE)
    assert (np.diff(both[10:]) < 0).all()
    assert (np.diff(both[:11]) > 0).all()


def test_the_ends_of_differences_are_told_apart_without_red_or_green_cones() -> None:
    for eye in ("protanopia", "deuteranopia"):
        low, high = (lab(EYES[eye] @ linear(pictures.DIVERGENCE[end])) for end in (1, -2))
        assert np.linalg.norm(low - high) > 2 * APART


def test_notes_can_be_read() -> None:
    light = float(XYZ[1] @ linear(pictures.NOTES))
    assert 1.05 / (light + 0.05) > 4.5  # WCAG 2.1, 1.4.3


# --- fonts ----------------------------------------------------------------------------------------


def test_a_font_counts_only_with_chinese_glyphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chinese_fonts, "FAMILIES", ("DejaVu Sans",))
    assert chinese_fonts.chinese_family() is None
    monkeypatch.undo()
    family = chinese_fonts.chinese_family()
    if family is None:
        pytest.skip("no Chinese font is installed: pip install 'simcore[fonts]'")
    path = font_manager.findfont(family, fallback_to_default=False)
    assert chinese_fonts.has_glyphs(path, "东湖高新区地区生产总值亿元")


def test_the_font_of_the_extra_is_found_and_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "zhplot"
    (package / "fonts").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    assert chinese_fonts.BUNDLED[0] == "zhplot"
    monkeypatch.syspath_prepend(str(tmp_path))
    assert chinese_fonts._bundled() == []
    font = package / chinese_fonts.BUNDLED[1]
    font.write_bytes(b"")
    assert chinese_fonts._bundled() == [str(font)]


@pytest.mark.usefixtures("no_chinese")
def test_without_a_font_pictures_are_english_and_say_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    use_language("zh")
    with caplog.at_level(logging.WARNING, "simcore"), pictures.house_style():
        assert language() == "en"
        with pictures.house_style():  # a chart within what labels it: said once
            picture = Figure()
            pictures.footer(picture, "notes")
        pictures.save(picture, tmp_path / "x.png")
        (note,) = (text.get_text() for text in [picture._supxlabel])
    assert "labels are in English" in note
    assert language() == "zh"
    (record,) = caplog.records
    for words in ("没有找到中文字体", "pip install 'simcore[fonts]'", "fonts-noto-cjk", "English"):
        assert words in record.getMessage()
    with pictures.house_style():
        pass
    use_language("en")
    with pictures.house_style():
        other = Figure()
        pictures.footer(other, "notes")
    assert other._supxlabel.get_text() == "notes"


def test_the_style_does_not_outlive_the_picture() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    with pictures.house_style():
        assert matplotlib.rcParams["axes.spines.top"] is False
    assert dict(matplotlib.rcParams) == before


# --- words and numbers ----------------------------------------------------------------------------


def test_lines_break_at_words_and_between_chinese_characters_but_not_before_a_stop() -> None:
    for width in range(8, 40):
        text = "Fourteenth plan (2021); 武汉东湖新技术开发区发展“十四五”规划（2021年）；其余从略。"
        lines = pictures.wrapped(text, width)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not any(line[0] in "，。；）" for line in lines)
    assert pictures.wrapped("", 10) == []


@pytest.mark.parametrize(
    ("values", "digits"),
    [([4231.5], 0), ([12.31, 9.4], 1), ([1.2], 2), ([0.013], 4), ([], 0), ([float("nan"), 0.0], 0)],
)
def test_digits_are_those_that_say_something(values: list[float], digits: int) -> None:
    assert pictures.digits_for(values) == digits


def test_a_picture_is_png_svg_or_pdf() -> None:
    with pytest.raises(InputError, match=r"x\.gif: a picture ends in \.png, \.svg, \.pdf"):
        pictures.refuse_format(Path("x.gif"))
