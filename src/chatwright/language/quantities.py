"""Finds quantities in text of both languages and gives them one form: "三天", "3 days" and "3 天" are equal.

In: text. Out: Quantity values with offsets. Numbers, percentages, money, durations, dates, times, model numbers.
Linear time: every pattern is anchored on a digit or a number word and none repeats inside a repetition.
"""

import re
from dataclasses import dataclass
from typing import Literal

from chatwright.language.fold import fold

Kind = Literal["number", "percent", "money", "duration", "date", "time", "code", "contact"]

_HAN_DIGITS = {**{c: i for i, c in enumerate("零一二三四五六七八九")}, "两": 2, "〇": 0}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_EN_NUMBERS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100, "half": 0.5}
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_HAN_NUMBER = r"[零〇一二两三四五六七八九十百千]+"
_WORD_NUMBER = "|".join(sorted(_EN_NUMBERS, key=len, reverse=True))
_ANY_NUMBER = rf"(?:{_NUMBER}|{_HAN_NUMBER}|(?<![a-z])(?:{_WORD_NUMBER})(?![a-z]))"
_UNITS: dict[str, tuple[Kind, str]] = {}
for _kind, _unit, _names in (
    ("percent", "%", "% 个百分点 percent"),
    ("money", "cny", "元 块 块钱 yuan rmb 人民币 cny"),
    ("money", "usd", "美元 美金 dollars dollar usd"),
    ("money", "hkd", "港币 港元 hkd"),
    ("duration", "minute", "分钟 minutes minute min mins"),
    ("duration", "hour", "小时 个小时 hours hour hrs hr"),
    ("duration", "workday", "个工作日 工作日 个营业日 working_days business_days working_day business_day"),
    ("duration", "day", "天 日内 自然日 days day 个自然日"),
    ("duration", "week", "周内 个星期 星期内 weeks week 个礼拜"),
    ("duration", "month", "个月 months month"),
    ("duration", "year", "年内 年保修 年质保 years year"),
):
    for _name in _names.split():
        _UNITS[_name.replace("_", " ")] = (_kind, _unit)
_UNIT = "|".join(re.escape(name) for name in sorted(_UNITS, key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?P<contact>[\w.+-]{{1,64}}@[\w-]{{1,63}}\.[\w.-]{{1,63}}|(?<![\w-])\+?\d[\d -]{{6,18}}\d(?![\w-]))"
    rf"|(?P<date>\d{{4}}[-/.年]\s?\d{{1,2}}(?:[-/.月]\s?\d{{1,2}})?|\d{{1,2}}\s?月\s?\d{{1,2}})"
    rf"|(?P<time>(?<!\d)\d{{1,2}}[:：]\d{{2}}(?!\d))"
    rf"|(?P<code>(?<![a-z0-9])(?:[a-z]{{1,6}}-?\d+[a-z0-9]*(?:-[a-z0-9]+)*|\d+[a-z]{{1,3}}\d[a-z0-9]*)(?![a-z0-9]))"
    rf"|(?P<han_percent>百分之(?P<percent_number>{_HAN_NUMBER}|\d+))"
    rf"|(?P<symbol>[¥￥$€£]|us\$|hk\$)?\s?(?P<number>{_ANY_NUMBER})(?P<scale>万|亿|k(?![a-z]))?"
    rf"(?:\s?(?P<unit>{_UNIT})(?![a-z]))?"
)
_WHOLE: tuple[Kind, ...] = ("contact", "time", "code", "date")
_SYMBOLS = {"¥": "cny", "￥": "cny", "$": "usd", "us$": "usd", "hk$": "hkd", "€": "eur", "£": "gbp"}
_SCALES = {"万": 1e4, "亿": 1e8, "k": 1e3}
# "两" alone, or a Han numeral inside a word ("一般", "统一"), counts nothing.
_BARE_HAN = re.compile(rf"{_HAN_NUMBER}\Z")
_RANGE_UNIT = re.compile(rf"\s?(?:-|–|—|~|～|至|到|to)\s?{_ANY_NUMBER}\s?(?P<unit>{_UNIT})(?![a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One quantity. `value` is its one form; unit is empty for a bare number. Offsets are in the folded text."""

    kind: Kind
    value: str
    unit: str
    start: int
    end: int


def find_quantities(text: str) -> list[Quantity]:
    """Every quantity of `text` in order; Han numerals count only with a unit."""
    folded = fold(text)
    found: list[Quantity] = []
    for match in _QUANTITY.finditer(folded):
        quantity = _quantity(folded, match)
        if quantity:
            found.append(quantity)
    return found


def _quantity(folded: str, match: re.Match[str]) -> Quantity | None:
    start, end = match.span()
    for kind in _WHOLE:
        if value := match[kind]:
            return Quantity(kind=kind, value=_plain(kind, value), unit="", start=start, end=end)
    if match["han_percent"]:
        value = parse_number(match["percent_number"])
        return Quantity(kind="percent", value=_shown(value), unit="%", start=start, end=end)
    unit_name = match["unit"] or _unit_of_range(folded, end)
    kind, unit = _UNITS.get(unit_name or "", ("number", ""))
    if match["symbol"]:
        kind, unit = "money", _SYMBOLS[match["symbol"]]
    is_word = not match["number"][0].isdigit()
    if is_word and not unit:
        return None
    value = parse_number(match["number"]) * _SCALES.get(match["scale"] or "", 1)
    return Quantity(kind=kind, value=_shown(value), unit=unit, start=start, end=end)


def _unit_of_range(folded: str, end: int) -> str | None:
    """The first number of "3–5 days" counts days as well."""
    match = _RANGE_UNIT.match(folded, end)
    return match["unit"] if match else None


def _plain(kind: str, value: str) -> str:
    if kind == "date":
        return "-".join(str(int(part)) for part in re.findall(r"\d+", value))
    if kind == "time":
        hour, minute = re.split("[:：]", value)
        return f"{int(hour)}:{minute}"
    return re.sub(r"[\s-]", "", value)


def parse_number(text: str) -> float:
    """The value of digits, of a Chinese numeral below ten thousand, or of an English number word."""
    if text[0].isdigit():
        return float(text.replace(",", ""))
    if text in _EN_NUMBERS:
        return float(_EN_NUMBERS[text])
    if not any(character in _HAN_UNITS for character in text):
        return float("".join(str(_HAN_DIGITS[character]) for character in text))
    total, current = 0, 0
    for character in text:
        if character in _HAN_UNITS:
            total += (current or 1) * _HAN_UNITS[character]
            current = 0
        else:
            current = _HAN_DIGITS[character]
    return float(total + current)


def _shown(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"
