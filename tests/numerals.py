"""Every numeral of a document, and the figures that print it.

Digits are complete: numbers with decimals and thousands separators, fractions such as 1/4, both
ends of a range, full-width forms, and raised, lowered or circled marks. Of Chinese words those that
carry a quantity are read: magnitudes (千亿), multiples (翻番), fractions, ranks, and counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simcore.entries import Figure
from simcore.printed import chinese_number

MARKS = "⁰¹²³⁴-⁹₀-₉①-⑳"
DIGITAL = re.compile(
    rf"\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+/\d+|\d+(?:\.\d+)?|[{MARKS}]+"
)  # fmt: skip
NUMBER = "[零〇一二两三四五六七八九十百千万亿]"
SEVERAL = "[二两三四五六七八九十]"
COUNTERS = "个|家|所|座|条|项|级|名|年|位|馆|强|种|次|届|起|类|批|成|处|片|季度|小时"
WORDY = re.compile(
    "|".join(
        (
            f"{NUMBER}+分之{NUMBER}+",  # fractions
            "翻[一两]?番|倍增",  # multiples
            f"{NUMBER}+(?=倍)",
            f"(?<=第){NUMBER}+",  # ranks
            f"(?<=前){NUMBER}+",
            f"{NUMBER}*[百千万亿]{NUMBER}*",  # magnitudes
            f"{NUMBER}*{SEVERAL}{NUMBER}*(?=大(?![会赛])|{COUNTERS})",  # counts
            "一(?=家|座|所|年|季度|小时|刻钟)",
            "首(?=位(?!度))",
            "零(?=[事的])",
        )
    )
)
RATIO = ":∶"
RANKS = ("位", "名", "条", "方阵", "梯队")


@dataclass(frozen=True)
class Numeral:
    """A numeral, its place and its line; `value` counts what is printed, without 万 or 亿."""

    document: str
    line: int
    start: int
    end: int
    printed: str

    @property
    def text(self) -> str:
        return self.printed[self.start : self.end]

    @property
    def wordy(self) -> bool:
        return not re.fullmatch(DIGITAL, self.text)

    @property
    def behind(self) -> str:
        """What follows the numeral and the other end of a range, without spaces."""
        rest = self.printed[self.end :].replace(" ", "")
        return re.sub(r"^[-—–~至]+\d+(?:\.\d+)?", "", rest)

    @property
    def value(self) -> float:
        text = unicodedata.normalize("NFKC", self.text).replace(",", "")
        if "/" in text or "⁄" in text:
            above, below = re.split("[/⁄]", text)
            return float(above) / float(below) if float(below) else float("nan")
        if not self.wordy:
            return float(text)
        if "番" in text or text == "倍增":
            return 2.0
        if "分之" in text:
            below, above = text.split("分之")
            return chinese_number(above) / chinese_number(below)
        return 1.0 if text == "首" else chinese_number(text)

    def __str__(self) -> str:
        around = self.printed[max(self.start - 12, 0) : self.start]
        return f"{self.document}:{self.line} {around}[{self.text}]{self.printed[self.end :][:12]}"


def folded(line: str) -> str:
    """The line with full-width forms folded, and every character at its place."""
    return "".join(
        plain if len(plain) == 1 and unicodedata.category(letter) != "No" else letter
        for letter in line
        for plain in [unicodedata.normalize("NFKC", letter)]
    )


def numerals(document: str, line: int, text: str) -> Iterator[Numeral]:
    """Every numeral of a line, from left to right.

    >>> [n.text for n in numerals("d", 1, "２０２０年占１/４，达2,715.5亿元，1—2家千亿级，翻番")]
    ['2020', '1/4', '2,715.5', '1', '2', '千亿', '翻番']
    """
    printed = folded(text)
    tails = set()
    for found in DIGITAL.finditer(printed):
        yield Numeral(document, line, *found.span(), printed)
        tail = re.compile(r"(?<=\d)[余多]? ?(?=[百千万亿])").match(printed, found.end())
        tails |= {tail.end()} if tail else set()
    for found in WORDY.finditer(printed):
        if found.start() not in tails:  # 亿 of 2715亿 is part of the numeral before it
            yield Numeral(document, line, *found.span(), printed)


def read_numerals(folder: Path, document: str) -> list[Numeral]:
    """Every numeral of a document's text."""
    lines = (folder / f"{document}.txt").read_text("utf-8").split("\n")
    return [
        found for number, text in enumerate(lines, 1) for found in numerals(document, number, text)
    ]


# --- what a figure says of a numeral --------------------------------------------------------------


def is_value(numeral: Numeral, value: float, unit: str) -> bool:
    """Whether the numeral prints this value in this unit.

    >>> numeral, *_ = numerals("d", 1, "13.6 万家")
    >>> [is_value(numeral, 13.6, unit) for unit in ("万家", "家", "万人")]
    [True, False, False]
    """
    size, counter = _split(unit.split("/")[0])
    if numeral.wordy:
        same = abs(numeral.value - value * size) <= 1e-9 * numeral.value
        return same and _word_counts(numeral, counter)
    behind = re.match("[余多]?([万亿]*)[余多]?(.*)", numeral.behind)
    assert behind is not None
    amount = numeral.value * _split(behind[1])[0]
    if abs(amount - abs(value) * size) > 1e-9 * amount:
        return numeral.value == abs(value) and _in_table(numeral, unit)
    if behind[2].startswith(counter):
        return True
    if behind[1] and counter in ("人", "元"):  # 120多万市民, 1.2万亿项目 count without a unit
        return not re.match(f"{COUNTERS}|[元人件户套吨]", behind[2])
    if "/" in numeral.text:
        return unit == "倍"
    return _in_table(numeral, unit) or _in_ratio(numeral)


def _word_counts(numeral: Numeral, counter: str) -> bool:
    """Whether a quantity in words may count in this unit: 第三 in 位, 两大 in 大 or 家."""
    if "番" in numeral.text or numeral.text == "倍增" or "分之" in numeral.text:
        return counter == "倍"
    if numeral.printed[: numeral.start].endswith(("第", "前")) or numeral.text == "首":
        return counter in RANKS
    if re.search("[百千万亿]", numeral.text):
        return True
    return numeral.behind.startswith((counter, "大", "个"))


def _split(unit: str) -> tuple[float, str]:
    """The myriads that a unit begins with, and the rest of it."""
    found = re.match("[万亿]*", unit)
    assert found is not None
    return chinese_number("一" + found[0]), unit[found.end() :]


def _in_table(numeral: Numeral, unit: str) -> bool:
    """Whether the numeral is a cell of a table's row that names the unit in a cell before it."""
    before = numeral.printed[: numeral.start].replace(" ", "")
    return f"\t{unit}\t" in before and re.search(r"\t[<>\[-]*$", before) is not None


def _in_ratio(numeral: Numeral) -> bool:
    before, behind = numeral.printed[: numeral.start], numeral.printed[numeral.end :]
    return before[-1:] in RATIO and before != "" or behind[:1] in RATIO and behind != ""


def claims(found: list[Numeral], figures: list[Figure]) -> dict[Numeral, Figure]:
    """The figure of each numeral of a line; a figure's value stands for one numeral only."""
    ends = [
        (figure, value)
        for figure in figures
        for value in (figure.value, figure.value_high)
        if value is not None
    ]
    owner: dict[int, Numeral] = {}

    def place(numeral: Numeral, tried: set[int]) -> bool:
        """Find the numeral an end of its own, moving other numerals to other ends if need be."""
        fitting = [i for i, (f, value) in enumerate(ends) if is_value(numeral, value, f.unit)]
        fitting = [index for index in fitting if index not in tried]
        fitting.sort(key=lambda index: (index in owner, _distance(numeral, ends[index][0])))
        for index in fitting:
            tried.add(index)
            if index not in owner or place(owner[index], tried):
                owner[index] = numeral
                return True
        return False

    for numeral in found:
        place(numeral, set())
    return {numeral: ends[index][0] for index, numeral in owner.items()}


def _distance(numeral: Numeral, figure: Figure) -> int:
    """Letters between the numeral and the figure's term, which the line may not print in full."""
    places = re.finditer(re.escape(figure.term), numeral.printed)
    gaps = [max(numeral.start - at.end(), at.start() - numeral.end) for at in places]
    return min(gaps, default=len(numeral.printed))


def explaining(numeral: Numeral, figures: list[Figure]) -> Figure | None:
    """The figure of the line whose period or term prints the numeral."""
    before = numeral.printed[: numeral.start].rstrip()[-1:]
    year = re.fullmatch(r"20\d\d", numeral.text)
    for figure in figures:
        period = figure.period if isinstance(figure.period, tuple) else (figure.period,)
        if year and any(str(end).startswith(numeral.text) for end in period):
            return figure
        term = folded(figure.term).replace(" ", "")
        for found in re.finditer(f"(?<!{NUMBER})(?<![0-9.]){numeral.text}(?![0-9.])", term):
            rest = term[found.end() :][:3]
            if numeral.behind.startswith(rest) if rest else before == term[found.start() - 1]:
                return figure
    return None
