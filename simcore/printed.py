"""Numbers as Chinese documents print them: digits, or words such as 五百亿 and 翻一番."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
TENS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}
MULTIPLES = {"万亿": 10**12, "百万": 10**6, "亿": 10**8, "万": 10**4}  # that units begin with
ABOUT = 0.02  # standard deviation of a figure printed as "about", relative


def split_unit(unit: str) -> tuple[int, str]:
    """Return a unit's multiple and what is left of it.

    >>> split_unit("万亿元"), split_unit("百万户"), split_unit("家")
    ((1000000000000, '元'), (1000000, '户'), (1, '家'))
    """
    for sign, size in MULTIPLES.items():
        if unit.startswith(sign):
            return size, unit.removeprefix(sign)
    return 1, unit


def chinese_number(text: str) -> float:
    """Read a numeral such as 五百亿, 千亿, 万亿, 百万, or digits with 万 or 亿 behind them.

    >>> chinese_number("五百亿") == 5e10, chinese_number("千亿") == 1e11, chinese_number("1.2万亿")
    (True, True, 1200000000000.0)
    """
    total, section, digit = 0.0, 0.0, 0.0
    for part in re.findall(r"[\d.]+|.", text):
        if part[0].isdigit():
            digit = float(part)
        elif part in DIGITS:
            digit = DIGITS[part]
        elif part in TENS:
            section += (digit or 1) * TENS[part]
            digit = 0
        else:
            total = ((total + section + digit) or 1) * MYRIADS[part]
            section = digit = 0
    return total + section + digit


def _plain(line: str) -> str:
    """The line with one form of each character, no spaces, no thousands separators."""
    text = unicodedata.normalize("NFKC", line)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    return re.sub(r"(?<=[\d.\u4e00-\u9fff%]) +(?=[\d\u4e00-\u9fff%])", "", text)


def _magnitudes(text: str) -> Iterator[float]:
    """Every number of a text with the myriads behind it, 千亿 as well as 2715亿."""
    for found in re.findall(r"[\d.]*[零〇一二两三四五六七八九十百千万亿]+|\d+(?:\.\d+)?", text):
        if re.search(r"\d|[一二两三四五六七八九十百千万亿]", found) and found.count(".") < 2:
            yield chinese_number(found.strip("."))


def _fractions(text: str) -> Iterator[float]:
    """Every fraction of a text: 1/4, 五分之一."""
    for above, below in re.findall(r"(\d+)/(\d+)", text):
        if float(below):
            yield float(above) / float(below)
    for below, above in re.findall(
        r"([一二三四五六七八九十百]+)分之([一二三四五六七八九十百]+)", text
    ):
        yield chinese_number(above) / chinese_number(below)


def is_printed(value: float, unit: str, line: str) -> bool:
    """Whether a line prints a value, in digits or in words.

    >>> is_printed(2715, "亿元", "总量达到 2,715 亿元"), is_printed(0.2, "倍", "占五分之一")
    (True, True)
    """
    text = _plain(line)
    numbers = {float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text)}
    if value in numbers or value in set(_fractions(text)):
        return True
    if value == 0 and "零" in text:
        return True
    if value == 2 and unit == "倍" and re.search(r"翻(一)?番|倍增", text):
        return True
    if value == 1 and unit == "位" and re.search(r"首位(?!度)", text):
        return True
    if value < 0 and -value in numbers and re.search(r"下降|降低|减少", text):
        return True
    size = value * split_unit(unit)[0]
    return any(abs(found - size) < 1e-9 * size for found in _magnitudes(text))
