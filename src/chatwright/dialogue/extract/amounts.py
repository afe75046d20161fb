"""Reads numbers, counts and amounts of money in both languages: 三个人, "a dozen", 1万5, 十二块五, "$1.2k", "fifty cents".

In: a message folded by `language.in_place`. Out: readings with an int, a float, or {"amount": "12.50", "currency": "CNY"};
the amount is written without decimals when it is whole, with two otherwise, and currency is "" where none is said.
Digits that belong to dates, times, codes, phone numbers and addresses are no numbers.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from chatwright.dialogue.extract.found import Found, drop_overlaps
from chatwright.language.numbers import DIGITS, HAN, WORDS, parse_number

_HAN_LONG = r"[零〇一二两三四五六七八九十百千万亿]{1,18}(?:点[零〇一二三四五六七八九]{1,9}(?!点))?"
_SCALES = {
    "万": 10_000,
    "亿": 100_000_000,
    "千": 1000,
    "百": 100,
    "k": 1000,
    "grand": 1000,
    "thousand": 1000,
    "million": 1_000_000,
}
_SCALE = r"[万亿千百]|k(?![a-z])|\s?(?:grand|thousand|million)(?![a-z])"
_AMOUNT = rf"(?P<number>{DIGITS}|{_HAN_LONG}|(?<![a-z]){WORDS})(?P<scale>{_SCALE})?(?P<rest>(?<=[万千百])[1-9一二三四五六七八九](?![\d一二三四五六七八九十百千万.点]))?"
_BEFORE = {
    "hk$": "HKD", "nt$": "TWD", "us$": "USD", "a$": "AUD", "c$": "CAD", "s$": "SGD", "$": "USD", "¥": "CNY", "€": "EUR", "£": "GBP",
    "₹": "INR", "₩": "KRW", "rmb": "CNY", "cny": "CNY", "usd": "USD", "hkd": "HKD", "twd": "TWD", "eur": "EUR", "gbp": "GBP",
    "jpy": "JPY", "sgd": "SGD", "aud": "AUD", "cad": "CAD", "krw": "KRW", "mop": "MOP", "人民币": "CNY", "美元": "USD", "港币": "HKD",
    "台币": "TWD", "新台币": "TWD",
}  # fmt: skip
_AFTER = {
    **{name: code for name, code in _BEFORE.items() if name.isalpha()},
    "元人民币": "CNY", "块钱": "CNY", "块": "CNY", "元": "CNY", "圆": "CNY", "yuan": "CNY", "kuai": "CNY", "renminbi": "CNY", "美金": "USD",
    "刀": "USD", "us dollars": "USD", "dollars": "USD", "dollar": "USD", "bucks": "USD", "buck": "USD", "hong kong dollars": "HKD",
    "港元": "HKD", "欧元": "EUR", "euros": "EUR", "euro": "EUR", "€": "EUR", "英镑": "GBP", "镑": "GBP", "pounds": "GBP", "pound": "GBP",
    "quid": "GBP", "£": "GBP", "日元": "JPY", "日币": "JPY", "yen": "JPY", "韩元": "KRW", "新加坡元": "SGD", "新币": "SGD", "澳元": "AUD",
    "加元": "CAD", "澳门元": "MOP", "singapore dollars": "SGD", "australian dollars": "AUD", "canadian dollars": "CAD",
}  # fmt: skip
_CENTS = {"毛": 10, "角": 10, "分": 1, "cents": 1, "cent": 1, "pence": 1}


def _names(names: Any) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_MONEY = re.compile(
    rf"(?:(?<![a-z])(?P<before>{_names(_BEFORE)})\s?)?(?<![\d.a-z])(?<!\d,){_AMOUNT}"
    rf"(?:\s?(?P<after>{_names(_AFTER)})(?![a-z]))?"
)
_SMALL_CHANGE = re.compile(
    r"\s?(?P<digit>\d{1,2}|[一二两三四五六七八九]|半)(?:(?P<cent>毛|角|分)钱?(?:(?P<fen>[1-9一二三四五六七八九])分?)?|(?![\d一二三四五六七八九十百个件天]))"
)
_ENGLISH_CHANGE = re.compile(rf"\s?(?:and )?(?P<cents>\d{{1,2}}|{WORDS}) ?(?:cents?|pence)(?![a-z])")
_ONLY_CENTS = re.compile(
    rf"(?<![\d.元块])(?P<number>{DIGITS}|{HAN}|{WORDS})\s?(?P<unit>毛|角|cents?|pence)(?:钱)?(?![a-z])"
)
_NUMBER = re.compile(
    rf"(?<![\d.a-z_#/:-])(?<!\d,)(?P<sign>(?:minus |negative |负|(?<![\d\w])-\s?))?{_AMOUNT}(?![\d:/_]|\.\d|[a-z]|-\d|,\d)"
    r"|(?<![a-z])(?P<half>half a dozen|a couple|a pair|both of us|just me|no one|none)(?![a-z])|(?P<pair>一对|俩|仨|我们俩|就我一个|没有人)"
)
_RANGE = re.compile(
    rf"(?<![\d.a-z_#/:-])(?<!\d,)(?P<low>{DIGITS}|{HAN})\s?(?:-|~|到|至|to|or|或)\s?(?P<high>{DIGITS}|{HAN})"
    r"(?![\d:/_-]|\.\d|[a-z]|\s?[点月号日时]|\s?[ap]\.?m\b)"
)
_ABOUT = re.compile("(?P<low>[一二两三四五六七八])(?P<high>[二三四五六七八九])(?P<scale>[十百千万]?)")
_RANGE_BEFORE = re.compile(rf"(?<![\d.$¥€£])(?P<low>{DIGITS}|{HAN})\s?(?:-|~|到|至|to|and|or|或者?)\s?$")
_RANGE_AFTER = re.compile(
    rf"\s?(?:-|~|到|至|to|and|or|或者?)\s?(?P<high>{DIGITS}|{HAN})(?![\d:/.]|\s?[a-z]|\s?[个件天点位])"
)
_MOST = 10**15
_HALVES = {"half a dozen": 6, "a couple": 2, "a pair": 2, "both of us": 2, "just me": 1, "no one": 0, "none": 0, "一对": 2, "俩": 2, "仨": 3,
           "我们俩": 2, "就我一个": 1, "没有人": 0}  # fmt: skip
_NOT_A_COUNT_AFTER = re.compile(
    r"\s?(?:[点时分秒月号日年路折别]|不要|%|percent|st\b|nd\b|rd\b|th\b|o'clock|[ap]\.?m\b)"
)
_NOT_A_COUNT_BEFORE = re.compile(r"(?:第|周|星期|礼拜|no\.?\s?|number |#|option )$")
_HAN_IN_WORD = re.compile("[一千万百十]")
_COUNTER = re.compile("[个位人名件只张份台条次瓶箱盒包套双本间晚天元块大小]|$|[\\s,.!?;。！？，、吧呢哦啊]")
_FORM_OF_CODE = re.compile(r"0\d")
_MOST_DIGITS = 12


def read_amounts(folded: str) -> list[Found]:
    """Every number and count of the message, in order."""
    return drop_overlaps([*_ranges(folded), *_numbers(folded)])


def _ranges(folded: str) -> Iterator[Found]:
    """ "2-3", 三到五个, 五六个 (five or six): ambiguous between the ends."""
    for match in _RANGE.finditer(folded):
        low, high = parse_number(match["low"]), parse_number(match["high"])
        if low < high:
            yield _either(_plain(low), _plain(high), match)
    for number in _NUMBER.finditer(folded):
        about = _ABOUT.fullmatch(number["number"] or "")
        if about and parse_number(about["high"]) - parse_number(about["low"]) == 1:
            scale = _SCALES.get(about["scale"], 10 if about["scale"] else 1)
            yield _either(int(parse_number(about["low"]) * scale), int(parse_number(about["high"]) * scale), number)


def _either(low: Any, high: Any, match: re.Match[str]) -> Found:
    return Found(
        value=low, alternatives=(high,), is_ambiguous=True, confidence=0.5, start=match.start(), end=match.end()
    )


def _numbers(folded: str) -> Iterator[Found]:
    for match in _NUMBER.finditer(folded):
        if word := match["half"] or match["pair"]:
            yield Found(value=_HALVES[word], start=match.start(), end=match.end(), confidence=0.85)
        elif _is_count(folded, match):
            value = -_value(match) if match["sign"] else _value(match)
            if abs(value) < _MOST:
                yield Found(value=_plain(value), start=match.start(), end=match.end(), confidence=0.9)


def _is_count(folded: str, match: re.Match[str]) -> bool:
    written = match["number"]
    if _FORM_OF_CODE.match(written) or sum(map(str.isdigit, written)) > _MOST_DIGITS:
        return False
    before, after = folded[max(0, match.start() - 8) : match.start()], folded[match.end() : match.end() + 12]
    if _NOT_A_COUNT_AFTER.match(after) or _NOT_A_COUNT_BEFORE.search(before):
        return False
    if written[0].isascii():
        return written not in ("a", "an")
    # "一般", "千万别": a Chinese numeral counts when a counter or the end follows
    return len(written) > 1 or _COUNTER.match(after) is not None or not _HAN_IN_WORD.match(written)


def _value(match: re.Match[str]) -> Decimal:
    written = match["number"]
    value = _parse_long(written) if not written[0].isascii() else parse_number(written)
    scale = Decimal(_SCALES[match["scale"].strip()]) if match["scale"] else Decimal(1)
    value *= scale
    if match["rest"]:  # "1万5" is 15,000
        value += parse_number(match["rest"]) * scale / 10
    return value


def _parse_long(written: str) -> Decimal:
    """Chinese numerals with 万 and 亿, and those that leave out the last unit: 一万五, 两千三."""
    whole, point, decimals = written.partition("点")
    total = Decimal(0)
    for mark, scale in (("亿", 100_000_000), ("万", 10_000)):
        if mark in whole:
            head, _, whole = whole.rpartition(mark)
            total += (_parse_long(head) if head else Decimal(1)) * scale
            if len(whole) == 1 and whole not in "十百千零":
                return total + parse_number(whole) * scale / 10
    if not whole:
        return total
    value = parse_number(whole + point + decimals)
    if not point and len(whole) > 2 and whole[-2] in "百千" and whole[-1] in "一二三四五六七八九":
        value += parse_number(whole[-1]) * (9 if whole[-2] == "百" else 99)
    return total + value


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def read_money(folded: str, *, is_asked: bool = False) -> list[Found]:
    """Every amount of money of the message; is_asked: a bare number is one, of an unsaid currency."""
    found = drop_overlaps([*_with_currency(folded), *_cents(folded)])
    if found or not is_asked:
        return found
    return [
        Found(value=money(number.value, ""), start=number.start, end=number.end, confidence=0.8)
        for number in read_amounts(folded)
    ]


def _with_currency(folded: str) -> Iterator[Found]:
    for match in _MONEY.finditer(folded):
        before, after = match["before"], match["after"]
        if not before and not after:
            continue
        currency = _currency(before, after)
        value, end = _value(match), match.end()
        if value >= _MOST:
            continue
        if other := _other_end(folded, match):
            low, high = sorted((value, other))
            yield _either(money(low, currency), money(high, currency), match)
            continue
        if change := _change(folded, match, after):
            value, end = value + change[0], change[1]
        yield Found(
            value=money(value, currency), start=match.start(), end=end, confidence=0.95,
        )  # fmt: skip


def _other_end(folded: str, match: re.Match[str]) -> Decimal | None:
    """The other number of "5 to 10 dollars" and "$5-10"."""
    before = _RANGE_BEFORE.search(folded[max(0, match.start() - 24) : match.start()])
    after = _RANGE_AFTER.match(folded, match.end())
    other = before["low"] if before else after["high"] if after else None
    return parse_number(other) if other else None


def _currency(before: str | None, after: str | None) -> str:
    """What stands before the number, unless what stands after says it better: "$5 hkd"."""
    if before and after and (before == "$" or after not in ("元", "块", "块钱", "dollars")):
        return _AFTER[after] if before == "$" and after not in ("dollars", "dollar") else _BEFORE[before]
    return _BEFORE[before] if before else _AFTER[after or ""]


def _change(folded: str, match: re.Match[str], after: str | None) -> tuple[Decimal, int] | None:
    """What is added by 五毛 of 三块五毛 and by "fifty cents", and where it ends."""
    if after in ("块", "元") and (small := _SMALL_CHANGE.match(folded, match.end())):
        digit = Decimal("5") if small["digit"] == "半" else parse_number(small["digit"])
        if small["cent"] == "分":
            return digit / 100, small.end()
        value = digit / 10 if digit < 10 else digit / 100
        return value + (parse_number(small["fen"]) / 100 if small["fen"] else 0), small.end()
    if after and after.isascii() and (cents := _ENGLISH_CHANGE.match(folded, match.end())):
        return parse_number(cents["cents"]) / 100, cents.end()
    return None


def _cents(folded: str) -> Iterator[Found]:
    for match in _ONLY_CENTS.finditer(folded):
        value = parse_number(match["number"]) * _CENTS[match["unit"]] / 100
        currency = "CNY" if match["unit"] in "毛角" else "GBP" if match["unit"] == "pence" else "USD"
        yield Found(value=money(value, currency), start=match.start(), end=match.end(), confidence=0.8)


def money(amount: Decimal | int | float, currency: str) -> dict[str, str]:
    """The one form of an amount: {"amount": "12.50", "currency": "CNY"}."""
    value = Decimal(str(amount)).quantize(Decimal("0.01"))
    is_whole = value == value.to_integral_value()
    return {"amount": f"{value:.0f}" if is_whole else f"{value:.2f}", "currency": currency}
