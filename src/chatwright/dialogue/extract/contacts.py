"""Reads phone numbers and e-mail addresses.

In: a message as written, and folded by `language.in_place`. Out: readings. A phone number is its digits, with a + in
front where the country code was said: "13800138000", "+85223456789". Known forms: mainland China (mobile, landline),
Hong Kong, Macau, Taiwan, North America, United Kingdom, and any international number with +. Digits may be Chinese (幺三八…).
Does not know whether a number is in service, nor number ranges within a country beyond their first digits.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterator

from chatwright.dialogue.extract.found import Found, drop_overlaps

_DIGIT = "[0-9零〇一幺二三四五六七八九]"
_RUN = re.compile(
    rf"(?<![a-z0-9_.+@])(?<!{_DIGIT})(?:\+|00(?=[1-9]\d{{8}}))?[(]?{_DIGIT}(?:[ ().-]{{0,2}}{_DIGIT}){{6,17}}(?![a-z_@])(?!{_DIGIT})"
)
_HAN_DIGITS = str.maketrans("零〇一幺二三四五六七八九", "001123456789")
_SEPARATORS = re.compile(r"[ ().-]+")
_DATE = re.compile(r"(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}(?!\d)")
# National forms, surest first: pattern of the bare digits, confidence.
_NATIONAL: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(r"1[3-9]\d{9}"), 0.97),  # mainland mobile
    (re.compile(r"09\d{8}"), 0.95),  # Taiwan mobile
    (re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}"), 0.9),  # mainland landline with area code
    (re.compile(r"07\d{9}|01\d{8,9}|02\d{9}|03\d{9}|08\d{8,9}"), 0.85),  # United Kingdom
    (re.compile(r"0[2-8]\d{7,8}"), 0.8),  # Taiwan landline
    (re.compile(r"1?[2-9]\d{2}[2-9]\d{6}"), 0.85),  # North America
    (re.compile(r"400\d{7}|800\d{7}"), 0.9),  # mainland service numbers
    (re.compile(r"[235689]\d{7}"), 0.7),  # Hong Kong, Macau; a landline without its area code
    (re.compile(r"[2-8]\d{6}"), 0.5),  # a landline without its area code
)
_COUNTRIES: tuple[re.Pattern[str], ...] = (
    re.compile(r"86(?:1[3-9]\d{9}|0?(?:10|2\d|[3-9]\d{2})\d{7,8})"),
    re.compile(r"852[235689]\d{7}"),
    re.compile(r"853[268]\d{7}"),
    re.compile(r"886(?:0?9\d{8}|0?[2-8]\d{7,8})"),
    re.compile(r"1[2-9]\d{2}[2-9]\d{6}"),
    re.compile(r"44(?:0?[1-37-8]\d{8,9})"),
)
_KNOWN_COUNTRY = re.compile("86|85[23]|886|1|44")
_INTERNATIONAL = re.compile(r"[2-9]\d{7,14}")
_EXTENSIONS_REST = re.compile(r"^\(0\)|\(0\)")
_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._%+-'")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}[a-z]{2,24}(?![a-z0-9-])")
_MAX_LOCAL_CHARS = 64


def read_phones(folded: str, *, is_asked: bool = False) -> list[Found]:
    """Every phone number. Of eight digits or fewer only when asked: an order number looks the same."""
    return drop_overlaps(_phones(folded, is_asked=is_asked))


def _phones(folded: str, *, is_asked: bool) -> Iterator[Found]:
    for match in _RUN.finditer(folded):
        if _DATE.fullmatch(match[0]):
            continue
        value = phone_value(match[0])
        confidence = phone_confidence(value)
        has_country = value.startswith("+")
        if confidence and (is_asked or has_country or len(value) > 8):
            is_sure = has_country or confidence >= 0.95 or bool(_SEPARATORS.search(match[0].strip("+")))
            yield Found(
                value=value, start=match.start(), end=match.end(), confidence=confidence, is_unmistakable=is_sure
            )


def phone_value(written: str) -> str:
    """The one form of a phone number: its digits, with + where the country code stands."""
    plain = written.translate(_HAN_DIGITS).strip()
    digits = _SEPARATORS.sub("", _EXTENSIONS_REST.sub("", plain))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if re.fullmatch(r"86(?:1[3-9]\d{9})|852[2-9]\d{7}|886(?:9\d{8})", digits):
        return "+" + digits
    return digits


def phone_confidence(value: str) -> float:
    """How sure `value`, as `phone_value` writes it, is a phone number; 0 when it has the form of none."""
    if value.startswith("+"):
        digits = value[1:]
        if any(pattern.fullmatch(digits) for pattern in _COUNTRIES):
            return 0.98
        return 0.8 if _INTERNATIONAL.fullmatch(digits) and not _KNOWN_COUNTRY.match(digits) else 0.0
    return next((confidence for pattern, confidence in _NATIONAL if pattern.fullmatch(value)), 0.0)


def read_emails(text: str, folded: str) -> list[Found]:
    """Every e-mail address, as written, its domain in lower case."""
    found: list[Found] = []
    floor = 0
    for at in re.finditer("@", folded):
        start = at.start()
        while start > max(floor, at.start() - _MAX_LOCAL_CHARS) and folded[start - 1] in _LOCAL:
            start -= 1
        start += len(folded[start : at.start()]) - len(folded[start : at.start()].lstrip(".'-%+"))
        domain = _DOMAIN.match(folded, at.end())
        if domain and start < at.start() and ".." not in folded[start : at.start()] and folded[at.start() - 1] != ".":
            local = text[start : at.start()] if text[start : at.start()].isascii() else folded[start : at.start()]
            found.append(
                Found(
                    value=f"{local}@{domain[0]}", start=start, end=domain.end(), confidence=0.98, is_unmistakable=True
                )
            )
            floor = domain.end()
    return found
