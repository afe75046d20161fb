"""Reads dates that are told from today: 大后天, "in three days", 下周三, 本月底, "the 5th of next month", a holiday.

In: a message folded by `language.in_place`, and today. Out: readings with ISO dates, unordered. How 下周三 and
"next Wednesday" are read stands in `dates.py`.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from chatwright.dialogue.extract.calendar import (
    Preference,
    add_days,
    add_months,
    first_of_month,
    last_of_month,
    make_date,
    nearest_month_day,
    nearest_weekday,
    weekday_of_week,
)  # fmt: skip
from chatwright.dialogue.extract.found import Found
from chatwright.language.numbers import HAN, WORDS, parse_number

_DAYS = {
    "今天": 0, "今日": 0, "今儿": 0, "今晚": 0, "今早": 0, "今夜": 0, "当天": 0, "明天": 1, "明日": 1, "明儿": 1, "明晚": 1,
    "明早": 1, "后天": 2, "后日": 2, "大后天": 3, "昨天": -1, "昨日": -1, "昨晚": -1, "昨儿": -1, "前天": -2, "大前天": -3,
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "tomorrow": 1, "tomorow": 1,
    "tommorow": 1, "tommorrow": 1, "tmrw": 1, "tmr": 1, "the day after tomorrow": 2, "day after tomorrow": 2,
    "overmorrow": 2, "in two days' time": 2, "yesterday": -1, "last night": -1, "the day before yesterday": -2,
    "day before yesterday": -2,
}  # fmt: skip
_DAY = re.compile("|".join(
    rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)
    for word in sorted(_DAYS, key=len, reverse=True)
))  # fmt: skip

_WEEKDAY = r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday|s)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)(?![a-z'])"
_LATIN_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_HAN_WEEK = {"上上": -2, "上": -1, "这": 0, "本": 0, "今": 0, "此": 0, "下": 1, "下下": 2}
_HAN_WEEKDAY = re.compile(
    r"(?P<week>上上|下下|[上这本今此下])(?:一)?个?(?:周|星期|礼拜)的?(?:星期|周)?(?P<day>[一二三四五六日天末]|[1-7](?![\d个天]))"
)
_LATIN_WEEK = {"next": 1, "this": 0, "last": -1, "past": -1, "coming": 0, "following": 1, "previous": -1}
_LATIN_WEEKDAY = re.compile(
    rf"(?<![a-z])(?:(?:the|this) )?(?P<week>next|this|last|past|coming|following|previous) (?P<day>{_WEEKDAY})"
)
_OF_WEEK = re.compile(
    rf"(?<![a-z])(?P<day>{_WEEKDAY})(?: (?:of|in))?(?: the)? (?P<week>next|this|last|following) week(?![a-z])"
    rf"|(?<![a-z])(?P<week_first>next|this|last|following) week(?:,| on|'s)? (?P<day_last>{_WEEKDAY})"
)
_AFTER_NEXT = re.compile(
    rf"(?<![a-z])(?:(?:the )?week after next(?:,| on)? (?P<day_last>{_WEEKDAY})|(?P<day>{_WEEKDAY}),? (?:of )?(?:the )?week after next)"
)
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1, "一": 1, "二": 2, "三": 3, "四": 4, "最后一": -1}
_NTH_WEEKDAY = re.compile(
    rf"(?<![a-z])(?:the )?(?P<nth>first|second|third|fourth|last) (?P<day>{_WEEKDAY}) (?:of|in) (?:the |(?P<near>this|next) month|(?P<month>[a-z]{{3,9}}))"
    r"|(?:(?P<han_near>下|这|本)个?月|(?<!\d)(?P<han_month>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月份?)的?(?:第(?P<han_nth>[一二三四])|(?P<han_last>最后一))个?(?:周|星期|礼拜)(?P<han_day>[一二三四五六日天])"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_EITHER_DAY = {"今明": (0, 1), "明后": (1, 2)}
_EITHER = re.compile("(?P<days>今明|明后)[天两]天?")
_WEEK_FROM = re.compile(
    rf"(?<![a-z])(?P<count>a|one|two|three) weeks? (?:from|on|after) (?:this |next )?(?P<day>{_WEEKDAY}|today|tomorrow|now)"
    rf"|(?<![a-z])(?P<day_week>{_WEEKDAY}) week(?![a-z])"
)
_WEEKEND = re.compile(
    r"(?<![a-z])(?:(?:the|at the|on the) )?(?P<latin>next|this|coming|last)? ?weekend(?![a-z])|(?<![上下这本])周末|(?:周|星期)六[、和或]?(?:周|星期)?[日天]"
)
_SINGLE = rf"\d{{1,4}}|{HAN}|{WORDS}|an?(?= )|a couple(?: of)?|a few|several|half a"
_UNITS = {
    "天": "day", "日": "day", "晚": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month", "年": "year", "day": "day",
    "night": "day", "week": "week", "fortnight": "fortnight", "month": "month", "year": "year",
}  # fmt: skip
_HAN_AWAY = re.compile(
    rf"(?:再?过)?(?P<count>\d{{1,4}}|{HAN}|半)\s?个?(?P<unit>天|日|周|星期|礼拜|月|年)(?:之|以)?(?P<side>后(?!天)|前(?!天))"
    rf"|再?过(?P<count_only>\d{{1,4}}|{HAN}|半)\s?个?(?P<unit_only>天|周|星期|礼拜|月|年)"
)
_LATIN_AWAY = re.compile(
    rf"(?<![a-z])in (?:about |another )?(?P<count>{_SINGLE}) ?(?P<unit>day|week|fortnight|month|year)s?'?(?: time)?(?![a-z])"
    rf"|(?<![a-z\d])(?P<count_side>{_SINGLE}) ?(?P<unit_side>day|week|fortnight|month|year)s?"
    r" (?P<side>ago|earlier|from now|from today|later|hence|back)(?![a-z])"
)
_HAN_MONTHS = {"上": -1, "这": 0, "本": 0, "当": 0, "今": 0, "下": 1, "下下": 2}
_LATIN_MONTHS = {"last": -1, "this": 0, "the": 0, "next": 1, "following": 1}
_HAN_NUMBER = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
_HAN_MONTH_DAY = re.compile(
    rf"(?P<month>下下|[上这本当今下])(?:一)?个?月的?(?:(?P<day>{_HAN_NUMBER})\s?[日号]|(?P<part>月?底|末|月?初|中旬?|头|最后一天|第一天))"
)
_PART_OF_MONTH = re.compile(
    rf"(?:(?P<near>[今明去])?年?\s?(?<!\d)(?P<month>{_HAN_NUMBER})\s?月(?:份)?|(?<![个上下这本当今\d一二三四五六七八九十])月)(?P<part>底|末(?!尾)|初|中旬|中(?![间午]))"
)
_PART_OF_YEAR = re.compile("(?P<near>[今明去])?年底|(?P<near_first>[今明])?(?<!大)年初")
_LATIN_PART = re.compile(
    r"(?<![a-z])(?:the )?(?P<part>end|beginning|start|middle|first day|last day|first|last) of (?P<month>the|this|next|last|following) (?P<of>month|year)"
    r"(?![a-z])"
)
_LATIN_MONTH_DAY = re.compile(
    r"(?<![\da-z])(?P<day>\d{1,2})(?:st|nd|rd|th)(?: day)? (?:of )?(?:the )?(?P<month>this|next|last|following) month"
    r"|(?<![a-z])(?P<month_first>this|next|last) month(?:,)? (?:on )?(?:the )?(?P<day_last>\d{1,2})(?:st|nd|rd|th)(?![a-z])"
)
_HOLIDAYS = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "劳动节": (5, 1), "五一": (5, 1), "儿童节": (6, 1), "六一": (6, 1),
    "国庆节": (10, 1), "国庆": (10, 1), "平安夜": (12, 24), "圣诞节": (12, 25), "圣诞": (12, 25), "跨年夜": (12, 31),
    "new year's day": (1, 1), "valentine's day": (2, 14), "halloween": (10, 31), "christmas eve": (12, 24),
    "christmas day": (12, 25), "christmas": (12, 25), "boxing day": (12, 26), "new year's eve": (12, 31),
}  # fmt: skip
_HOLIDAY = re.compile("|".join(
    rf"(?<![a-z]){word}(?![a-z])" if word.isascii() else rf"(?<![一-鿿]){word}(?![路街])" if len(word) < 3 else word
    for word in sorted(_HOLIDAYS, key=len, reverse=True)
))  # fmt: skip


def read_relative_dates(folded: str, today: date, prefer: Preference) -> Iterator[Found]:
    """The readings of every kind; they may overlap."""
    yield from _read_days(folded, today)
    yield from _read_weekdays(folded, today)
    yield from _read_weekends(folded, today)
    yield from _read_nth_weekdays(folded, today, prefer)
    yield from _read_away(folded, today)
    yield from _read_month_days(folded, today)
    yield from _read_parts(folded, today, prefer)
    for match in _HOLIDAY.finditer(folded):
        yield from _found(nearest_month_day(today, *_HOLIDAYS[match[0]], prefer), match, 0.8)


def _found(value: date | None, match: re.Match[str], confidence: float, *others: date | None) -> Iterator[Found]:
    if value:
        alternatives = tuple(other.isoformat() for other in others if other and other != value)
        yield Found(
            value=value.isoformat(),
            start=match.start(),
            end=match.end(),
            confidence=confidence,
            alternatives=alternatives,
        )


def _read_days(folded: str, today: date) -> Iterator[Found]:
    for match in _DAY.finditer(folded):
        yield from _found(add_days(today, _DAYS[match[0]]), match, 0.97)
    for match in _EITHER.finditer(folded):
        first, second = (add_days(today, days) for days in _EITHER_DAY[match["days"]])
        yield from (replace(found, is_ambiguous=True) for found in _found(first, match, 0.5, second))


def _read_weekdays(folded: str, today: date) -> Iterator[Found]:
    for match in _HAN_WEEKDAY.finditer(folded):
        if match["day"] != "末":
            yield from _found(weekday_of_week(today, _han_day(match["day"]), _HAN_WEEK[match["week"]]), match, 0.95)
        else:
            yield _weekend(today, _HAN_WEEK[match["week"]], match)
    for match in _LATIN_WEEKDAY.finditer(folded):
        yield from _read_latin_weekday(match, today)
    for match in _OF_WEEK.finditer(folded):
        weeks = _LATIN_WEEK[match["week"] or match["week_first"]]
        yield from _found(weekday_of_week(today, _latin_day(match["day"] or match["day_last"]), weeks), match, 0.95)
    for match in _AFTER_NEXT.finditer(folded):
        yield from _found(weekday_of_week(today, _latin_day(match["day"] or match["day_last"]), 2), match, 0.95)
    for match in _WEEK_FROM.finditer(folded):
        weeks = {"two": 2, "three": 3}.get(match["count"] or "", 1)
        yield from _found(_after(today, match["day"] or match["day_week"], 7 * weeks), match, 0.9)


def _read_latin_weekday(match: re.Match[str], today: date) -> Iterator[Found]:
    weekday, week = _latin_day(match["day"]), match["week"]
    coming = nearest_weekday(today, weekday, "future")
    if week in ("this", "coming"):
        yield from _found(coming, match, 0.95)
    elif week in ("next", "following"):
        of_next_week = weekday_of_week(today, weekday, 1)
        after_today = coming if coming > today else today + timedelta(days=7)
        yield from _found(of_next_week, match, 0.85, after_today)
    else:
        before_today = nearest_weekday(today - timedelta(days=1), weekday, "past")
        yield from _found(before_today, match, 0.85, weekday_of_week(today, weekday, -1))


def _after(today: date, written: str, days: int) -> date | None:
    if written in ("today", "now"):
        return add_days(today, days)
    if written == "tomorrow":
        return add_days(today, days + 1)
    return add_days(nearest_weekday(today, _latin_day(written), "future"), days)


def _han_day(written: str) -> int:
    return int(written) if written.isdecimal() else 7 if written in "天日" else "一二三四五六".index(written) + 1


def _latin_day(written: str) -> int:
    return _LATIN_DAYS.index(written[:3]) + 1


def _read_weekends(folded: str, today: date) -> Iterator[Found]:
    for match in _WEEKEND.finditer(folded):
        yield _weekend(today, {"next": 1, "last": -1}.get(match["latin"] or "", 0), match)


def _weekend(today: date, weeks: int, match: re.Match[str]) -> Found:
    days = [day.isoformat() for weekday in (6, 7) if (day := weekday_of_week(today, weekday, weeks))]
    return Found(
        value=days[0],
        alternatives=tuple(days[1:]),
        is_ambiguous=True,
        confidence=0.5,
        start=match.start(),
        end=match.end(),
    )


def _read_nth_weekdays(folded: str, today: date, prefer: Preference) -> Iterator[Found]:
    """ "The first Monday of December", 下个月第一个周五."""
    for match in _NTH_WEEKDAY.finditer(folded):
        nth = _NTH[match["nth"] or match["han_nth"] or match["han_last"]]
        weekday = _latin_day(match["day"]) if match["day"] else _han_day(match["han_day"])
        named, near = match["month"] or match["han_month"], match["near"] or match["han_near"]
        if named and named[0].isascii() and named[0].isalpha():
            month = _MONTHS.index(named[:3]) + 1 if named[:3] in _MONTHS else 0
        else:
            month = int(parse_number(named)) if named else 0
        away = 1 if near in ("next", "下") else 0
        first = _month(today, month, prefer) if named else first_of_month(today, away)
        if first and nth > 0:
            yield from _found(nearest_weekday(first, weekday, "future") + timedelta(days=7 * nth - 7), match, 0.95)
        elif first:
            yield from _found(nearest_weekday(last_of_month(first), weekday, "past"), match, 0.95)


def _read_away(folded: str, today: date) -> Iterator[Found]:
    for match in _HAN_AWAY.finditer(folded):
        count, unit = match["count"] or match["count_only"], match["unit"] or match["unit_only"]
        yield from _found(_away(today, count, _UNITS[unit], -1 if match["side"] == "前" else 1), match, 0.93)
    for match in _LATIN_AWAY.finditer(folded):
        count, unit = match["count"] or match["count_side"], match["unit"] or match["unit_side"]
        side = -1 if match["side"] in ("ago", "earlier", "back") else 1
        yield from _found(_away(today, count, _UNITS[unit], side), match, 0.93)


def _away(today: date, written: str, unit: str, side: int) -> date | None:
    """None for a count that is none: "a few days" is no date, "half a year" is six months."""
    if written in ("半", "half a"):
        return {"month": add_days(today, 15 * side), "year": add_months(today, 6 * side)}.get(unit)
    if written in ("a few", "several") or _is_about(written):
        return None
    words = {"a": 1, "an": 1, "a couple": 2, "a couple of": 2}
    count = words[written] if written in words else int(parse_number(written))
    if unit in ("month", "year"):
        return add_months(today, side * count * (12 if unit == "year" else 1))
    return add_days(today, side * count * {"week": 7, "fortnight": 14}.get(unit, 1))


def _is_about(written: str) -> bool:
    """True for "两三天": two or three."""
    return re.fullmatch("[一二两三四五六七八九]{2}", written) is not None


def _read_month_days(folded: str, today: date) -> Iterator[Found]:
    for match in _HAN_MONTH_DAY.finditer(folded):
        first = first_of_month(today, _HAN_MONTHS[match["month"]])
        if first and match["day"]:
            yield from _found(make_date(first.year, first.month, int(parse_number(match["day"]))), match, 0.95)
        elif first:
            yield from _found(_part_of_month(first, match["part"]), match, 0.85)
    for match in _LATIN_MONTH_DAY.finditer(folded):
        first = first_of_month(today, _LATIN_MONTHS[match["month"] or match["month_first"]])
        if first:
            yield from _found(make_date(first.year, first.month, int(match["day"] or match["day_last"])), match, 0.95)


def _read_parts(folded: str, today: date, prefer: Preference) -> Iterator[Found]:
    for match in _PART_OF_MONTH.finditer(folded):
        first: date | None = today.replace(day=1)
        if match["month"]:
            month, near = int(parse_number(match["month"])), {"今": 0, "明": 1, "去": -1}.get(match["near"] or "")
            first = _month(today, month, prefer) if near is None else make_date(today.year + near, month, 1)
        if first:
            yield from _found(_part_of_month(first, match["part"]), match, 0.8)
    for match in _PART_OF_YEAR.finditer(folded):
        year = today.year + {"明": 1, "去": -1}.get(match["near"] or match["near_first"] or "", 0)
        yield from _found(make_date(year, 1, 1) if match[0].endswith("初") else make_date(year, 12, 31), match, 0.7)
    for match in _LATIN_PART.finditer(folded):
        months = _LATIN_MONTHS[match["month"]]
        if match["of"] == "month":
            first = first_of_month(today, months)
            yield from _found(_part_of_month(first, match["part"]) if first else None, match, 0.85)
        elif match["part"] == "end":
            yield from _found(make_date(today.year + months, 12, 31), match, 0.7)


def _month(today: date, month: int, prefer: Preference) -> date | None:
    """The first day of the nearest such month, this one included."""
    if not 1 <= month <= 12:
        return None
    years = (
        0 if month == today.month or (month > today.month) == (prefer == "future") else 1 if prefer == "future" else -1
    )
    return make_date(today.year + years, month, 1)


def _part_of_month(first: date, part: str) -> date:
    if part.endswith(("底", "末", "最后一天")) or part in ("end", "last day", "last"):
        return last_of_month(first)
    return first.replace(day=15) if "中" in part or part == "middle" else first
