"""Reads dates, weekdays and times of day in both languages. In: normalised text and a place in it. Out: what begins
there.

A date is "year-month-day" with what is not said left out ("-11-23", "2026-11-", "2026--"); a weekday is 1 (Monday) to 7
or "weekend"; a time is "21:00".
"""

import re
from typing import Literal

from chatwright.language.numbers import HAN, parse_number

Read = tuple[Literal["date", "weekday", "time"], str, int]  # kind, value, end

_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
_YEAR = r"(?:,?\s(?P<{0}>(?:19|20)\d\d)(?!\d))?"
_HAN_YEAR = r"(?:(?:19|20)\d\d|[一二][九〇零][〇零一二三四五六七八九]{2})"
_HAN_OR_DIGITS = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>(?:19|20)\d\d)(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?![\d-])",
        rf"(?:(?P<year>{_HAN_YEAR})\s?年\s?)?(?P<month>{_HAN_OR_DIGITS})\s?月(?:份|初|底|中旬)?"
        rf"(?:\s?(?P<day>{_HAN_OR_DIGITS})\s?[日号])?",
        rf"(?P<year>{_HAN_YEAR})\s?年",
        rf"{_MONTH.format('month')}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?!\s?[ap]\.?m)" + _YEAR.format("year"),
        rf"{_MONTH.format('month')}\s(?P<year>(?:19|20)\d\d)(?!\d)",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH.format('month')}" + _YEAR.format("year"),
        r"(?P<month>january|february|april|june|july|august|september|october|november|december)(?![a-z])",
    )
)
_WEEKDAY = re.compile(
    r"(?:周|星期|礼拜)(?P<han>[一二三四五六日天末])(?![个年月])"
    r"|(?P<latin>mon|tue|wed|thu|fri|sat|sun)(?:(?:s|nes|rs|ur)?days?(?![a-z])|(?:s|rs)?(?=\.|,|\s?[-–]))"
    r"|(?P<end>weekends?)(?![a-z])"
)
_LATIN_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
# What a date, weekday or time can begin with; spares most places the patterns below.
_HINT = re.compile(
    r"\d{1,4}\s?(?:[-/.:年月点]|[ap]\.?m|(?:st|nd|rd|th)?\s(?:of\s)?[jfmasond]|12\snoon)"
    r"|[一二三四五六七八九十〇零两]{1,4}\s?[年月点]"
    r"|[jfmasond][a-z]{2}|[twm]|周|星期|礼拜|[上下晚早凌中傍]"
)
_HALVES = "上午|下午|晚上|早上|凌晨|中午|傍晚|晚|早"
_TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:(?P<half>{_HALVES})\s?)?(?P<hour>\d{{1,2}}):(?P<minute>[0-5]\d)(?![\d:])(?:\s?(?P<latin>[ap])\.?m\b)?",
        r"(?P<hour>\d{1,2})\s?(?P<latin>[ap])\.?m(?![a-z])",
        rf"(?:(?P<half>{_HALVES})\s?)?(?P<hour>{_HAN_OR_DIGITS})\s?点(?![零一二三四五六七八九])"
        rf"(?:(?P<half_hour>半)|(?P<minute>[0-5]\d)分?|[整钟])?",
        r"(?:12\s)?(?P<noon>noon|midnight)(?![a-z])",
    )
)


def read_calendar(text: str, position: int) -> Read | None:
    """The date, weekday or time that begins at `position` of lower-case, half-width text."""
    if not _HINT.match(text, position):
        return None
    for pattern in _DATES:
        if (match := pattern.match(text, position)) and (date := _date(match.groupdict())):
            return "date", date, match.end()
    if match := _WEEKDAY.match(text, position):
        return "weekday", _weekday(match), match.end()
    for pattern in _TIMES:
        if (match := pattern.match(text, position)) and (time := _time(match.groupdict())):
            return "time", time, match.end()
    return None


def _date(parts: dict[str, str | None]) -> str | None:
    month, day = _month(parts.get("month")), _number(parts.get("day"))
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    return f"{_number(parts.get('year')) or ''}-{month or ''}-{day or ''}"


def _month(written: str | None) -> int | None:
    if written and written[0].isascii() and written[0].isalpha():
        return _MONTH_NAMES.index(written[:3]) + 1
    return _number(written)


def _number(written: str | None) -> int | None:
    if not written:
        return None
    return int(parse_number(written)) if re.fullmatch(rf"\d+|{HAN}", written) else None


def _weekday(match: re.Match[str]) -> str:
    if match["end"] or match["han"] == "末":
        return "weekend"
    if match["han"]:
        return "7" if match["han"] == "天" else str("一二三四五六日".index(match["han"]) + 1)
    return str(_LATIN_DAYS.index(match["latin"]) + 1)


def _time(parts: dict[str, str | None]) -> str | None:
    if noon := parts.get("noon"):
        return "12:00" if noon == "noon" else "0:00"
    hour = _number(parts["hour"])
    if hour is None or hour > 24:
        return None
    is_afternoon = parts.get("latin") == "p" or parts.get("half") in ("下午", "晚上", "傍晚", "晚")
    if parts.get("half") == "中午":
        is_afternoon = hour < 11
    if is_afternoon and hour < 12:
        hour += 12
    elif parts.get("latin") == "a" and hour == 12:
        hour = 0
    minute = 30 if parts.get("half_hour") else int(parts.get("minute") or 0)
    return f"{hour}:{minute:02d}"
