"""The units that quantities are counted in, in both languages, each with one name and a scale to it.

Weeks are days, years are months. Working days stay apart from days and hours from days: a shop that says one of them
does not mean the other.
"""

import re
from decimal import Decimal
from functools import cache

_ROWS: tuple[tuple[str, str, int, str], ...] = (
    ("percent", "%", 1, "%|percent|per cent|个百分点"),
    ("money", "cny", 1, "元人民币|元|块钱?|yuan|rmb|cny"),
    ("money", "usd", 1, "美元|美金|dollars?|us dollars?|usd"),
    ("money", "hkd", 1, "港币|港元|hkd"),
    ("money", "eur", 1, "欧元|euros?|eur"),
    ("money", "gbp", 1, "英镑|pounds?|gbp"),
    ("money", "jpy", 1, "日元|yen|jpy"),
    ("duration", "second", 1, "秒钟?|seconds?|secs?"),
    ("duration", "minute", 1, "分钟|minutes?|mins?"),
    ("duration", "hour", 1, "个?小时|个?钟头?|hours?|hrs?|h"),
    ("duration", "workhour", 1, "个?工作小时|(?:working|business|work) hours?"),
    ("duration", "workday", 1, "个?工作[日天]|个?营业日|(?:working|business|work)[ -]days?"),
    ("duration", "day", 1, "个?自然日|天|日(?![元本常期])|(?:calendar )?days?"),
    ("duration", "day", 7, "个?星期(?![一二三四五六日天])|个?礼拜|周(?![一二三四五六日天末年])|weeks?"),
    ("duration", "month", 1, "个月|months?"),
    ("duration", "month", 12, "年|years?|yrs?"),
    ("measure", "point", 1, "个?积分|(?<!十)分(?![钟期之别为类店])|points?"),
    ("measure", "times", 1, "倍|times"),
    ("measure", "gb", 1, "gb"),
    ("measure", "tb", 1, "tb"),
    ("measure", "mb", 1, "mb"),
    ("measure", "mah", 1, "mah|毫安时?"),
    ("measure", "wh", 1, "wh|瓦时"),
    ("measure", "w", 1, "w|瓦|watts?"),
    ("measure", "kg", 1, "kg|公斤|千克|kilograms?|kilos?"),
    ("measure", "g", 1, "g|克|grams?"),
    ("measure", "km", 1, "km|公里|千米|kilomet(?:er|re)s?"),
    ("measure", "cm", 1, "cm|厘米|公分"),
    ("measure", "mm", 1, "mm|毫米"),
    ("measure", "m", 1, "m|米|met(?:er|re)s?"),
    ("measure", "inch", 1, "英寸|寸|inch(?:es)?"),
    ("measure", "hz", 1, "hz|赫兹?"),
    ("measure", "ghz", 1, "ghz"),
    ("measure", "db", 1, "db|分贝"),
    ("measure", "lm", 1, "lm|流明"),
    ("measure", "k", 1, "开尔文"),
    ("measure", "v", 1, "v|伏特?|volts?"),
    ("measure", "celsius", 1, "°c|℃|摄氏度|度"),
    ("measure", "ml", 1, "ml|毫升"),
    ("measure", "l", 1, "l|升|lit(?:er|re)s?"),
)
_COMPILED = tuple((re.compile(names), kind, unit, Decimal(scale)) for kind, unit, scale, names in _ROWS)

# Working hours before hours, and so on: the first row that matches names the unit.
_ORDERED = sorted(_ROWS, key=lambda row: len(row[3]), reverse=True)
# Longest written form first, so that "h" is not read out of "hours"; the end must not cut a Latin word in two.
UNIT = "(?:" + "|".join(f"(?:{row[3]})(?![a-z0-9])" for row in _ORDERED) + ")"

CURRENCIES = {
    "¥": "cny", "rmb": "cny", "cny": "cny", "人民币": "cny", "$": "usd", "us$": "usd", "usd": "usd", "hk$": "hkd",
    "hkd": "hkd", "港币": "hkd", "nt$": "twd", "新台币": "twd", "台币": "twd", "€": "eur", "eur": "eur", "£": "gbp",
    "gbp": "gbp", "美元": "usd",
}  # fmt: skip


@cache
def read_unit(written: str) -> tuple[str, str, Decimal]:
    """Kind, name and scale of a unit that UNIT matched."""
    for pattern, kind, unit, scale in _COMPILED:
        if pattern.fullmatch(written):
            return kind, unit, scale
    raise AssertionError(f"{written!r} is matched by UNIT but is no unit")
