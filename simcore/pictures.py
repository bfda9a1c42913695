"""The house style of pictures: colours, fonts for both languages, legends, source lines, saving."""

from __future__ import annotations

import functools
import json
import logging
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from simcore.chinese_fonts import chinese_family, how_to_install
from simcore.errors import InputError, RunError
from simcore.labels import language, say, use_language
from simcore.writing import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

P = ParamSpec("P")
T = TypeVar("T")

# Okabe & Ito's colours tell scenarios apart for colour-blind readers too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
INK, PALE, GRID = "#333333", "#8a8a8a", "#e6e6e6"
NOTES = "#6b6b6b"  # of source lines: contrast 5.3 on white
SEQUENCE = ("#f5f9fc", "#9ecae1", "#0072B2", "#08306b")  # of values from low to high
DIVERGENCE = ("#8c3d00", "#D55E00", "#f0b58c", "#f7f7f7", "#93c3e2", "#0072B2", "#00385a")
BANDS = ((0.05, 0.95, 0.14), (0.25, 0.75, 0.24))  # quantiles and opacity of a fan's bands
FORMATS = (".png", ".svg", ".pdf")
STYLE: Any = {
    "font.size": 9.5, "axes.spines.top": False, "axes.spines.right": False,
    "axes.edgecolor": PALE, "axes.labelcolor": INK, "xtick.color": INK,
    "ytick.color": INK, "text.color": INK, "svg.fonttype": "none",
    "axes.unicode_minus": False, "text.parse_math": False,
}  # fmt: skip
NOTE_SIZE = 8.0  # points
log = logging.getLogger("simcore")
_in_english: ContextVar[bool] = ContextVar("in_english", default=False)


def refuse_format(path: Path) -> None:
    """Raise `InputError` unless the name ends in a format that can be written."""
    if path.suffix.lower() not in FORMATS:
        raise InputError(
            say("{path}: a picture ends in {endings}", path=path, endings=", ".join(FORMATS))
        )


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style; in English, with a note, where Chinese has no font.

    Everything that is written on a picture must be said inside, and the picture saved.
    Raises `RunError` without matplotlib.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise RunError(say("pictures need matplotlib: pip install 'simcore[plot]'")) from error
    before, mark = language(), None
    with matplotlib.rc_context(STYLE):
        try:
            if before == "zh":
                family = chinese_family()
                if family is None:
                    log.warning(how_to_install())
                    use_language("en")
                    mark = _in_english.set(True)
                else:
                    matplotlib.rcParams["font.family"] = [family, "DejaVu Sans"]
            yield
        finally:
            use_language(before)
            if mark is not None:
                _in_english.reset(mark)


def in_house_style(function: Callable[P, T]) -> Callable[P, T]:
    """Make a function draw in the house style."""

    @functools.wraps(function)
    def drawing(*arguments: P.args, **named: P.kwargs) -> T:
        with house_style():
            return function(*arguments, **named)

    return drawing


def save(picture: Any, path: Path) -> None:
    """Write a picture; raises `RunError` if it cannot be written."""
    import matplotlib

    with matplotlib.rc_context(STYLE):  # how text is kept in SVG is asked when it is saved
        write_whole(path, lambda place: picture.savefig(place, dpi=160))


# --- what panels share ----------------------------------------------------------------------------


def frame_years(panel: Axes, *, ticks: int | None = None) -> None:
    """Whole years below, pale lines across, thousands apart on the left."""
    from matplotlib.ticker import MaxNLocator

    panel.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=ticks or "auto"))
    panel.yaxis.set_major_formatter(lambda value, _: plain(value))
    panel.grid(axis="y", color=GRID, lw=0.7)
    panel.set_axisbelow(True)


def plain(value: float) -> str:
    """Write a tick: thousands apart, and no more digits than it takes.

    >>> plain(12000.0), plain(0.25), plain(-3.0)
    ('12,000', '0.25', '-3')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def with_percent(number: str) -> str:
    """Write a percentage as the language in use has it.

    >>> with_percent("5")
    '5 %'
    """
    return f"{number}%" if language() == "zh" else f"{number} %"


def scenario_names(attributes: Any) -> dict[str, str]:
    """Return what a result's scenarios are called in a picture: in Chinese by their labels."""
    scenarios = json.loads(attributes["scenarios"])
    chinese = language() == "zh"
    return {s["name"]: s["label"]["zh"] if chinese else s["name"] for s in scenarios}


def scenario_colours(count: int) -> list[Any]:
    """Return a colour a scenario: distinct ones, or a sequence where there are too many."""
    if count <= len(COLOURS):
        return list(COLOURS[:count])
    from matplotlib import colormaps

    return list(colormaps["viridis"]([0.92 * place / (count - 1) for place in range(count)]))


def colour_map(colours: Sequence[str]) -> Any:
    """Return a colour map through some colours."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("simcore", list(colours))


def shared_legend(picture: Any, panels: Iterable[Axes], *, most: int = 5, **settings: Any) -> None:
    """One legend above all panels: every label once."""
    named = [panel.get_legend_handles_labels() for panel in panels]
    legend = {label: handle for handles, labels in named
              for handle, label in zip(handles, labels, strict=True)}  # fmt: skip
    if legend:
        picture.legend(
            list(legend.values()), list(legend), loc="outside upper left",
            ncols=min(most, len(legend)), frameon=False, **settings,
        )  # fmt: skip


def headline(picture: Any, text: str, size: float = 11.5) -> None:
    """Write the title of a picture, wrapped to its width; ``size`` in points."""
    room = 72 * picture.get_figwidth() / size * 1.7
    picture.suptitle("\n".join(wrapped(text, int(room))), x=0.01, ha="left", fontsize=size)


def digits_for(values: Iterable[float], most: int = 4) -> int:
    """Return how many decimals tell some values apart and still read well.

    >>> digits_for([3051.2, 2780.9]), digits_for([4.71, 9.38]), digits_for([0.021, 0.034])
    (0, 2, 4)
    """
    known = [abs(value) for value in values if math.isfinite(value) and value]
    if not known:
        return 0
    return max(0, min(most, 2 - math.floor(math.log10(max(known)))))


# --- source lines ---------------------------------------------------------------------------------


def footer(picture: Any, *parts: str) -> None:
    """Write a picture's notes and sources below it, wrapped to its width."""
    if _in_english.get():
        parts = (*parts, "No font with Chinese characters was found: labels are in English.")
    room = 72 * picture.get_figwidth() / NOTE_SIZE * 1.7  # half-width characters a line
    text = "\n".join(line for part in parts if part for line in wrapped(part, int(room)))
    picture.supxlabel(text, fontsize=NOTE_SIZE, color=NOTES, x=0.01, ha="left", linespacing=1.3)


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines; a Chinese character is twice as wide as a letter.

    >>> wrapped("one two three", 8), wrapped("一二三，四五", 7)
    (['one two', 'three'], ['一二', '三，四', '五'])
    """
    lines, line, used = [], "", 0
    for piece in _PIECES.findall(text):
        size = _width(piece.rstrip())
        if line and used + size > width:
            lines.append(line.rstrip())
            line, used, piece = "", 0, piece.lstrip()
        line, used = line + piece, used + _width(piece)
    return [*lines, line.rstrip()] if line.strip() else lines


_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_CLOSING = r"，。；：、）》”！？％"
_PIECES = re.compile(rf"(?:[{_WIDE}]|[^ \n{_WIDE}]+)[{_CLOSING}]*[ \n]*|[ \n]+")


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


@dataclass(frozen=True)
class Source:
    """What a picture rests on: draws and seed, of a result file or of a scenario just simulated."""

    draws: int
    seed: int
    scenario: str = ""
    file: str = ""
    simcore: str = ""

    @classmethod
    def of_result(cls, file: Path, draws: int, attributes: Any) -> Source:
        """Return what a result file says of itself."""
        version = str(attributes["simcore_version"])
        return cls(draws, int(attributes["seed"]), file=file.name, simcore=version)

    def __str__(self) -> str:
        """Say it in the language in use."""
        named = say("scenario {name}", name=self.scenario) if self.scenario else ""
        separator = "，" if language() == "zh" else ", "
        return say(
            "Source: {named}; {draws} draws, seed {seed}, simcore {version}.",
            named=separator.join(part for part in (self.file, named) if part) or say("simulation"),
            draws=f"{self.draws:,}", seed=self.seed, version=self.simcore or version("simcore"),
        )  # fmt: skip


def titles_of(baseline: Any, names: Iterable[str]) -> str:
    """Return the titles of documents with their years."""
    separator = "；" if language() == "zh" else "; "
    documents = [baseline.documents[name] for name in dict.fromkeys(names)]
    return separator.join(
        say("{title} ({year})", title=d.title, year=d.published) for d in documents
    )
