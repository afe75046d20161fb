"""Joins dates to ranges: 25号到28号, "Nov 25-28", "from Friday to Sunday", "Friday for three nights".

In: a folded message and its readings by `dates.py`. Out: readings whose value is [first day, last day]. The last day is
completed by the first: in 12月25日到28日 the 28th is one of December.
"""

import re
from datetime import date
from itertools import pairwise

from chatwright.dialogue.extract.calendar import as_date, nearest_day_of_month
from chatwright.dialogue.extract.dates import is_open_date, read_dates
from chatwright.dialogue.extract.found import Found
from chatwright.language.numbers import HAN, parse_number
from chatwright.messages import Language

_BETWEEN = re.compile(r"\s*(?:-|~|到|至|直到|to|until|till|through|thru|up to|and)\s*(?:the\s)?")
_OPENS_AND = re.compile(r"\bbetween (?:the )?$")
_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_BARE_FIRST = re.compile(rf"(?<![\d.:/-])(?P<day>{_NUMBER})(?:st|nd|rd|th)?\s?(?:-|~|到|至|to)\s?(?:the )?$")
_BARE_LAST = re.compile(r"\s?(?:-|~|到|至|to|until)\s?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d:/]|\s?[ap]\.?m|个|点)")
_NIGHTS = re.compile(rf"(?P<count>\d{{1,2}}|{HAN}|one|two|three|four|five|six|seven)\s?个?(?:nights?|晚(?!上))")


def read_date_ranges(folded: str, readings: list[Found], *, language: Language) -> list[Found]:
    """The ranges that the message tells, in order."""
    ranges = [found for first, last in pairwise(readings) if (found := _join(folded, first, last, language))]
    if not ranges:
        ranges = [found for reading in readings if (found := _with_bare_day(folded, reading))]
    if not ranges and len(readings) == 1:
        ranges = _stay(folded, readings[0])
    return ranges


def _join(folded: str, first: Found, last: Found, language: Language) -> Found | None:
    gap = folded[first.end : last.start]
    if not _BETWEEN.fullmatch(gap) or ("and" in gap and not _OPENS_AND.search(folded[: first.start][-16:])):
        return None
    begin, end = as_date(first.value), as_date(last.value)
    if begin and end and end < begin and is_open_date(folded[last.start : last.end]):
        again = read_dates(folded[last.start : last.end], begin, language=language)
        end = as_date(again[0].value) if again else None
    return _range(begin, end, first.start, last.end)


def _range(begin: date | None, end: date | None, start: int, stop: int) -> Found | None:
    if not begin or not end or end < begin:
        return None
    return Found(value=[begin.isoformat(), end.isoformat()], start=start, end=stop, confidence=0.9)


def _with_bare_day(folded: str, reading: Found) -> Found | None:
    """ "25到28号" and "25-28 Nov" before the date, "Nov 25-28" after it."""
    day = as_date(reading.value)
    if not day:
        return None
    before = _BARE_FIRST.search(folded[max(0, reading.start - 12) : reading.start])
    if before and 1 <= (number := int(parse_number(before["day"]))) < day.day:
        start = max(0, reading.start - 12) + before.start()
        return _range(day.replace(day=number), day, start, reading.end)
    if after := _BARE_LAST.match(folded, reading.end):
        number = int(after["day"])
        end = nearest_day_of_month(day, number, "future") if 1 <= number <= 31 else None
        return _range(day, end, reading.start, after.end())
    return None


def _stay(folded: str, reading: Found) -> list[Found]:
    nights = _NIGHTS.search(folded)
    day = as_date(reading.value)
    if not nights or not day:
        return []
    end = date.fromordinal(min(day.toordinal() + int(parse_number(nights["count"])), date.max.toordinal()))
    found = _range(day, end, min(reading.start, nights.start()), max(reading.end, nights.end()))
    return [found] if found else []
