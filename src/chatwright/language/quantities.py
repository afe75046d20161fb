"""Finds quantities in text of both languages and gives each one form: "三天", "3 days" and "3 天" are equal.

In: text. Out: Quantity values with offsets in that text. A range ("3–5 days") is one quantity. Linear time: each pattern
is tried only where a quantity can begin, and none repeats inside a repetition.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from chatwright.language.calendar_words import read_calendar
from chatwright.language.numbers import DIGITS, HAN, WORDS, parse_number, show_number
from chatwright.language.units import CURRENCIES, UNIT, read_unit

Kind = Literal[
    "number", "percent", "money", "duration", "measure", "date", "weekday", "time", "ordinal", "code", "phone", "email",
    "url",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One quantity; `text` is what stands at start:end. Two say the same when their keys are equal.

    value: of a range "3..5". unit: "" for a bare number. is_loose: perhaps no quantity at all ("one" of "this one"); it
    can support a statement, but no statement is held to it.
    """

    kind: Kind
    value: str
    unit: str
    start: int
    end: int
    text: str
    is_loose: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.kind, self.value, self.unit)


# One character for one character, so that offsets stay those of the text: width, case, traditional forms in units.
_FORMS = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{code: code - 0xFEE0 + 32 for code in range(0xFF21, 0xFF3B)},
    **{code: code + 32 for code in range(ord("A"), ord("Z") + 1)},
    **str.maketrans(
        "個週點兩萬億號鐘時內塊幣歐鎊禮業營後間￥\u3000\u00a0\n", "个周点两万亿号钟时内块币欧镑礼业营后间¥   "
    ),
}

_NUMBER = rf"(?:{DIGITS}|{HAN}|{WORDS})"
_DASH = r"\s?(?:-|–|—|~|至|到|to\s)\s?"
_COUNTER = "[个台件只张次位名人款条瓶份箱部笔项种双套片枚支颗副根家步楼层级盒包]"
_SCALES = {"万": 10_000, "亿": 100_000_000, "k": 1000, "千": 1000, "百": 100, "million": 1_000_000}
_CURRENCY = "|".join(re.escape(name) for name in sorted(CURRENCIES, key=len, reverse=True))

# Where a quantity can begin. Of Latin words only those that _OPENING_WORD knows, or that digits or a hyphen follow.
_START = re.compile(
    r"[a-z]+|\d|[零〇一二两三四五六七八九十百千]{1,18}|[¥$€£+]|第|半|[周星礼](?=[期拜一二三四五六日天末])"
    r"|[上下晚早凌中傍](?=[午上晨晚\s\d一二三四五六七八九十])|人民币|新?台币|港币|美元"
)
_OPENING_WORD = re.compile(
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|weekend|noon|midnight|https?$|www$|half$"
    r"|once$|twice$|an?$|zero$|one$|two$|three$|four|five$|six|seven|eight|nine|ten$|eleven$|twe|thir|fif|us$|hk$|nt$"
    r"|rmb$|cny$|usd$|hkd$|eur$|gbp$"
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；、）)]{1,2000}")
_PHONE = re.compile(
    r"\+\d{1,3}(?:[ -]?\d{2,4}){2,4}(?!\d)|\d{3,4}-\d{3,4}-\d{4}(?![\d-])|0\d{2,3}-\d{7,8}(?![\d-])|1[3-9]\d{9}(?!\d)"
)
_ORDINAL = re.compile(
    rf"第\s?(?P<han>\d{{1,9}}|{HAN})(?:\s?[-–—~至到]\s?(?P<high>\d{{1,9}}|{HAN}))?(?:\s?(?P<unit>{UNIT}))?|(?P<digits>\d{{1,9}})(?:st|nd|rd|th)(?![a-z])"
)
_PERCENT_HAN = re.compile(rf"百分之(?P<number>{HAN}|{DIGITS})")
_DISCOUNT = re.compile(r"(?P<number>\d(?:\.\d|\d)?|[一二三四五六七八九]{1,2})\s?折(?![叠扣痕])")
_HALF = re.compile(r"半个?(?P<han>小时|钟头|天|日|月|年)|half\s(?:an?\s)?(?P<latin>hour|day|month|year)(?![a-z])")
_ARTICLE = re.compile(r"an?\s(?P<unit>hour|day|week|month|year)(?![a-z])")
_HELD_TO_ARTICLE = re.compile(r"(?:within|in|for|after|about|takes?|than|least|most|over|only)\s$")
_FEWEST_CODE_DIGITS = 8  # a longer run of digits that counts nothing is an order or account number
_CODE = re.compile(
    r"(?:[a-z]{1,12}(?:-[a-z]{1,6}){0,2}-?\d[a-z0-9]{0,30}|\d{1,20}[a-z][a-z0-9]{0,30})(?:-[a-z0-9]{1,30}){0,5}(?![a-z0-9])"
)
_COUNTED = re.compile(
    rf"(?P<currency>{_CURRENCY})?\s?(?P<low>{_NUMBER})"
    rf"(?:(?P<low_scale>[万亿]|k(?![a-z]))?(?:\s?(?P<low_unit>{UNIT}))?{_DASH}[$¥€£]?(?P<high>{_NUMBER})(?![-:\d]))?"
    r"(?P<scale>[万亿千百]|k(?![a-z])|\s?million(?![a-z]))?(?P<and_a_half>个半)?"
    rf"(?:[\s-]?(?:(?:extra|more|full|additional|further)\s)?(?P<unit>{UNIT})(?P<unit_and_a_half>半)?|\s?(?P<counter>{_COUNTER}))?"
)
_ABOUT_HAN = re.compile("[一二两三四五六七八九]{2}")
_UNIT_BEFORE = re.compile(rf"[(（]\s?(?P<unit>{UNIT})\s?[)）]\s?[:：]?\s?$")
_NEVER_HELD_TO = frozenset({"one", "一", "a hundred", "a thousand", "a dozen", "十", "百", "千", "百千"})


def find_quantities(text: str) -> list[Quantity]:
    """Every quantity of `text`, in order, none overlapping another."""
    formed = text.translate(_FORMS)
    found = _find_emails(text, formed)
    taken = {quantity.start: quantity.end for quantity in found}
    position = 0
    while match := _START.search(formed, position):
        position = match.end()
        if (end := taken.get(match.start())) is not None:
            position = end
        elif _is_plain_word(formed, match):
            continue
        elif quantity := _read(text, formed, match.start()):
            found.append(quantity)
            position = max(quantity.end, position)
    return sorted(found, key=lambda quantity: quantity.start)


def _is_plain_word(formed: str, match: re.Match[str]) -> bool:
    """True for a Latin word that neither opens a quantity nor is joined to digits."""
    if not "a" <= match[0][0] <= "z" or _OPENING_WORD.match(match[0]):
        return False
    following = formed[match.end() : match.end() + 1]
    return not (following.isdigit() or following == "-")


def _find_emails(text: str, formed: str) -> list[Quantity]:
    found: list[Quantity] = []
    floor = 0
    for at in re.finditer("@", formed):
        start, end = at.start(), at.end()
        while start > max(floor, at.start() - 64) and (formed[start - 1].isalnum() or formed[start - 1] in "._%+-"):
            start -= 1
        domain = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}").match(formed, end)
        if domain and start < at.start():
            value = formed[start : domain.end()]
            found.append(_quantity(text, "email", value, "", start, domain.end()))
            floor = domain.end()
    return found


def _quantity(
    text: str, kind: Kind, value: str, unit: str, start: int, end: int, *, is_loose: bool = False
) -> Quantity:
    return Quantity(kind=kind, value=value, unit=unit, start=start, end=end, text=text[start:end], is_loose=is_loose)


def _read(text: str, formed: str, start: int) -> Quantity | None:
    """What begins at `start`, the most particular reading first."""
    if formed[start] in "hw" and (match := _URL.match(formed, start)):
        address = match[0].rstrip(".,;:!?")
        return _quantity(text, "url", address, "", start, start + len(address))
    if formed[start] in "+0123456789" and (match := _PHONE.match(formed, start)):
        return _quantity(text, "phone", re.sub(r"\D", "", match[0]), "", start, match.end())
    if match := _ORDINAL.match(formed, start):
        low, high = match["han"] or match["digits"], match["high"]
        value = _range(parse_number(low), parse_number(high) if high else None)
        unit = read_unit(match["unit"])[1] if match["unit"] else ""
        return _quantity(text, "ordinal", value, unit, start, match.end())
    if calendar := read_calendar(formed, start):
        kind, value, end = calendar
        return _quantity(text, kind, value, "", start, end)
    return _read_share(text, formed, start) or _read_counted(text, formed, start) or _read_code(text, formed, start)


def _read_share(text: str, formed: str, start: int) -> Quantity | None:
    """Percentages and discounts in Chinese, halves, and "a week" where it says how long."""
    if match := _PERCENT_HAN.match(formed, start):
        return _quantity(text, "percent", show_number(parse_number(match["number"])), "%", start, match.end())
    if match := _DISCOUNT.match(formed, start):
        digits = [parse_number(digit) for digit in re.findall(r"\d+\.\d|\d\d|.", match["number"])]
        share = digits[0] * 10 + digits[1] if len(digits) == 2 else digits[0] * (10 if digits[0] < 10 else 1)
        return _quantity(text, "percent", show_number(100 - share), "%", start, match.end())
    if match := _HALF.match(formed, start):
        name = match["han"] or match["latin"]
        return _with_unit(text, Decimal("0.5"), None, "个月" if name == "月" else name, start, match.end())
    if (match := _ARTICLE.match(formed, start)) and _HELD_TO_ARTICLE.search(formed[max(0, start - 8) : start]):
        return _with_unit(text, Decimal(1), None, match["unit"], start, match.end())
    if formed.startswith(("once", "twice"), start):
        return _read_times(text, formed, start)
    return None


def _read_times(text: str, formed: str, start: int) -> Quantity | None:
    match = re.compile("(?P<count>once|twice)(?![a-z])").match(formed, start)
    if not match or (match["count"] == "once" and formed[max(0, start - 3) : start] == "at "):
        return None
    value = "1" if match["count"] == "once" else "2"
    return _quantity(text, "number", value, "", start, match.end(), is_loose=value == "1")


def _read_code(text: str, formed: str, start: int) -> Quantity | None:
    if start and ((formed[start - 1].isascii() and formed[start - 1].isalnum()) or formed[start - 1] == "-"):
        return None
    match = _CODE.match(formed, start)
    return _quantity(text, "code", match[0], "", start, match.end()) if match else None


def _read_counted(text: str, formed: str, start: int) -> Quantity | None:
    """A number with what it counts: a currency, a unit, a counter, or nothing."""
    match = _COUNTED.match(formed, start)
    if not match or _is_part_of_word(formed, match):
        return None
    if match[0].isdigit() and len(match[0]) >= _FEWEST_CODE_DIGITS:
        return _quantity(text, "code", match[0], "", start, match.end())
    low, high = _bounds(match)
    unit = match["unit"]
    if match["currency"] and unit in (None, "元", "块", "块钱"):
        return _quantity(text, "money", _range(low, high), CURRENCIES[match["currency"]], start, match.end())
    if unit:
        return _with_unit(text, low, high, unit, start, match.end())
    return _bare(text, formed, match, _range(low, high))


def _bounds(match: re.Match[str]) -> tuple[Decimal, Decimal | None]:
    """The number, or the two ends of a range, with their scales."""
    written, written_high = match["low"], match["high"]
    if not written_high and _ABOUT_HAN.fullmatch(written):  # "两三天": two or three
        written, written_high = written[0], written[1]
    low, high = parse_number(written), parse_number(written_high) if written_high else None
    scale = Decimal(_SCALES[match["scale"].strip()]) if match["scale"] else Decimal(1)
    if match["low_scale"]:
        low *= _SCALES[match["low_scale"]]
    elif high is None or scale > 1000:
        low *= scale
    if match["and_a_half"] or match["unit_and_a_half"]:
        low += Decimal("0.5")
    return low, high * scale if high is not None else None


def _bare(text: str, formed: str, match: re.Match[str], value: str) -> Quantity | None:
    """A number without a unit of its own: with that of its column's head, "Charge (USD): 9", or none."""
    start, end = match.span()
    before = (
        _UNIT_BEFORE.search(formed[max(0, start - 24) : start]) if formed[max(0, start - 3) : start].strip() else None
    )
    if before:
        kind, unit, _ = read_unit(before["unit"])
        return _quantity(text, cast("Kind", kind), value, unit, start, end)
    is_digits = formed[start].isdigit()
    if not is_digits and not match["counter"] and not formed[start].isascii():
        return None  # a Chinese numeral inside a word: "一般", "四川"
    is_loose = not is_digits and match["low"] in _NEVER_HELD_TO
    return _quantity(text, "number", value, "", start, end, is_loose=is_loose)


def _is_part_of_word(formed: str, match: re.Match[str]) -> bool:
    """True for digits that belong to letters: "2.4g-x", "5c"; or a word number inside a longer word."""
    before, after = formed[match.start() - 1 : match.start()], formed[match.end() : match.end() + 1]
    is_latin_after = after.isascii() and after.isalpha() and not match["unit"] and not match["counter"]
    is_latin_before = before.isascii() and before.isalpha() and formed[match.start()].isascii()
    return bool(is_latin_after or is_latin_before)


def _with_unit(text: str, low: Decimal, high: Decimal | None, written: str, start: int, end: int) -> Quantity:
    kind, unit, scale = read_unit(written)
    if unit == "hour" and high is None and low % 1:
        unit, scale = "minute", Decimal(60)
    value = _range(low * scale, high * scale if high is not None else None)
    return _quantity(text, cast("Kind", kind), value, unit, start, end)


def _range(low: Decimal, high: Decimal | None) -> str:
    return show_number(low) if high is None else f"{show_number(low)}..{show_number(high)}"
