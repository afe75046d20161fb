"""Reads numbers written as digits, as Chinese numerals and as English words. In: the written number. Out: its value."""

import re
from decimal import Decimal

DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,5}(?!\d)|\d{1,18})(?:\.\d{1,9})?"
HAN = "[零〇一二两三四五六七八九十百千]{1,18}(?:点[零〇一二三四五六七八九]{1,9}(?!点))?"

_HAN_DIGITS = {**{character: value for value, character in enumerate("零一二三四五六七八九")}, "两": 2, "〇": 0}
_HAN_TENS = {"十": 10, "百": 100, "千": 1000}
_SMALL = [
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
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: value for value, word in enumerate(_SMALL)} | {
    word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)
}
_BELOW_HUNDRED = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_SMALL[1:10])}))?|{'|'.join(reversed(_SMALL))})"
WORDS = (
    rf"(?:{_BELOW_HUNDRED}(?: (?:hundred|thousand))?|a (?:hundred|thousand|dozen))(?: and {_BELOW_HUNDRED})?(?![a-z])"
)
_MULTIPLIERS = {"hundred": 100, "thousand": 1000, "dozen": 12}


def parse_number(text: str) -> Decimal:
    """The value of lower-case `text` that one of DIGITS, HAN and WORDS matches."""
    if text[0].isdigit():
        return Decimal(text.replace(",", ""))
    return _parse_words(text) if text[0].isascii() else _parse_han(text)


def _parse_words(text: str) -> Decimal:
    total = current = 0
    for word in re.findall("[a-z]+", text):
        if word in _MULTIPLIERS:
            current = (current or 1) * _MULTIPLIERS[word]
        elif word == "and":
            total, current = total + current, 0
        else:
            current += _VALUES.get(word, 0)  # 0 for the "a" of "a hundred"
    return Decimal(total + current)


def _parse_han(text: str) -> Decimal:
    whole, _, decimals = text.partition("点")
    value = Decimal(_parse_han_whole(whole))
    if decimals:
        digits = "".join(str(_HAN_DIGITS[character]) for character in decimals)
        value += Decimal(f"0.{digits}")
    return value


def _parse_han_whole(text: str) -> int:
    if not any(character in _HAN_TENS for character in text):  # digit by digit, as in "二〇二六"
        return int("".join(str(_HAN_DIGITS[character]) for character in text))
    total = current = 0
    for character in text:
        if character in _HAN_TENS:
            total, current = total + (current or 1) * _HAN_TENS[character], 0
        else:
            current = _HAN_DIGITS[character]
    return total + current


def show_number(value: Decimal) -> str:
    """The one way a value is written: "1299", "0.5"; at most six decimals."""
    shown = f"{value:.6f}".rstrip("0")
    return shown.rstrip(".")
