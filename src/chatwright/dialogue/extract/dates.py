"""Reads dates in both languages: absolute, relative, by weekday, by day of the month, and ranges of them.

In: a message folded by `language.in_place`, and today. Out: readings with ISO dates, in order. Weeks begin on Monday:

- 下周三 and "next Wednesday" are the Wednesday of the next calendar week; "next Wednesday" keeps the coming one as an
  alternative, since people mean either. 下下周三 is one week further.
- 这周三 and 本周三 are the Wednesday of this calendar week, even when it has passed; "this Friday" and "coming Friday"
  are the first Friday from today on; a bare 周五 or "Friday" likewise, or the last one for a slot of the past.
- A day without its month or year is the first such day from today on (or the last, for a slot of the past).
- 3/4/2026 is ambiguous in English, month first in Chinese; 周末 and "the weekend" are ambiguous: Saturday or Sunday.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

from chatwright.dialogue.extract.calendar import (
    Preference,
    as_date,
    make_date,
    nearest_day_of_month,
    nearest_month_day,
    nearest_weekday,
)  # fmt: skip
from chatwright.dialogue.extract.found import Found, drop_overlaps
from chatwright.dialogue.extract.relative_dates import read_relative_dates
from chatwright.language.calendar_words import read_calendar
from chatwright.language.numbers import HAN, parse_number
from chatwright.messages import Language

_NUMBER = rf"(?:\d{{1,2}}|{HAN})"
_YEARS = {"今": 0, "本": 0, "明": 1, "来": 1, "后": 2, "去": -1, "前": -2}
_ENGLISH_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ABSOLUTE_START = re.compile(rf"(?<![\d.])\d|(?<![a-z])(?:{'|'.join(_MONTHS)})")
_HAN_DATE = re.compile(
    r"(?<![农阴]历)(?:(?P<near_year>[今明后去前来本])年\s?|(?P<year>(?:19|20)?\d\d|[一二][九〇零][〇零一二三四五六七八九]{2})\s?年\s?)?"
    r"(?<![\d.])(?P<month>\d{1,2}|[一二三四五六七八九十]{1,3})\s?月\s?(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})"
    r"(?:\s?[日号]|(?<=\d)(?![\d个天]))"
)
_NUMERIC = re.compile(
    r"(?<![\d./:-])(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<year>(?:19|20)\d\d|\d\d)(?![\d/:-])"
)
_SHORT_NUMERIC = re.compile(r"(?<![\d./:-])(?P<first>\d{1,2})/(?P<second>\d{1,2})(?![\d/:%-]|\.\d)")
_COMPACT = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)")
_THE_OF = re.compile(
    rf"(?<![a-z])(?P<month>{_ENGLISH_MONTH})\.?,? ?(?:the )(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:a-z])"
    rf"(?:,? (?P<year>(?:19|20)\d\d)(?!\d))?"
)
_JOINED_DAY = re.compile(
    rf"(?<![\da-z])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[- ]?(?:of )?(?P<month>{_ENGLISH_MONTH})(?![a-z])\.?(?:[-, ]{{1,2}}(?P<year>(?:19|20)\d\d)(?!\d))?"
)
_DAY_WORDS = {
    word: number
    for number, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
} | {"twenty-first": 21, "twenty-second": 22, "twenty-third": 23, "twenty-fifth": 25, "thirtieth": 30}
_DAY_ONLY = re.compile(
    rf"(?<![\d月.])(?P<han>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\s?[日号](?![楼线门院店机桌房室元本常用品期])"
    r"|(?<![\da-z])(?P<digits>\d{1,2})(?:st|nd|rd|th)(?![a-z]| (?:floor|street|avenue|time|one|option|item|st\b|ave\b))"
    rf"|\bthe (?P<word>{'|'.join(_DAY_WORDS)})(?![a-z-]| (?:floor|street|avenue|time|one|option|item|two|three))"
)
_WEEKDAY = re.compile(
    r"(?<![每\d一二三四五六七八九十几])(?:周|星期|礼拜)(?P<han>[一二三四五六日天1-7])(?![\d个年月])"
    r"|(?<!every )(?<![a-z])(?P<latin>mon|tue|wed|thu|fri|sat|sun)(?P<rest>(?:s|nes|rs|ur)?day|nes|s|rs|r)?(?![a-z'])"
)
_LATIN_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_ALSO_A_WORD = frozenset({"sun", "sat", "wed", "mon"})
_DAY_BEFORE = re.compile(r"(?:\b(?:on|next|this|last|by|for|until|till|coming|past)|[,;:/(]|^|\bor|\band|-)\s*$")
_LIST = re.compile(r"\s*(?:[、,和或]|或者|还是|或是|or|and|/)\s*")
_BARE = re.compile(r"\W*(?P<first>\d{1,2})[.-](?P<second>\d{1,2})\W*")
_GLUE = re.compile(r"[\s,()（）、的]*(?:(?:the|of|on|which is|就是|也就是)\s*)?[(（]?\s*")


def read_dates(
    folded: str, today: date, *, language: Language, prefer: Preference = "future", is_asked: bool = False
) -> list[Found]:
    """Every date of the message, none overlapping another; a weekday beside its date is one with it."""
    readings: list[Found] = [
        *_read_absolute(folded, today, prefer),
        *_read_numeric(folded, today, prefer, language),
        *read_relative_dates(folded, today, prefer),
        *_read_day_only(folded, today, prefer),
        *_read_weekdays(folded, today, prefer, is_asked=is_asked),
    ]
    merged = _follow(folded, _merge_neighbours(folded, drop_overlaps(readings)), language)
    return merged or (list(_read_bare(folded, today, prefer, language)) if is_asked else [])


def _found(value: date | str | None, start: int, end: int, confidence: float = 0.95) -> Iterator[Found]:
    if isinstance(value, str):
        yield Found(value=value, start=start, end=end, confidence=0.5)
    elif value:
        yield Found(value=value.isoformat(), start=start, end=end, confidence=confidence)


def _read_absolute(folded: str, today: date, prefer: Preference) -> Iterator[Found]:
    for match in _HAN_DATE.finditer(folded):
        year = _year(match["year"], match["near_year"], today)
        yield from _found(_complete(year, _small(match["month"]), _small(match["day"]), today, prefer), *match.span())
    for pattern in (_THE_OF, _JOINED_DAY):
        for match in pattern.finditer(folded):
            month, year = _MONTHS.index(match["month"][:3]) + 1, int(match["year"]) if match["year"] else None
            yield from _found(_complete(year, month, int(match["day"]), today, prefer), *match.span())
    for match in _COMPACT.finditer(folded):
        yield from _found(make_date(int(match["year"]), int(match["month"]), int(match["day"])), *match.span(), 0.8)
    for match in _ABSOLUTE_START.finditer(folded):
        calendar = read_calendar(folded, match.start())
        if calendar and calendar[0] == "date":
            year_, month_, day_ = _parts(calendar[1])
            if month_ and day_:
                yield from _found(_complete(year_, month_, day_, today, prefer), match.start(), calendar[2])


def _parts(value: str) -> tuple[int | None, int | None, int | None]:
    year, month, day = (int(part) if part else None for part in value.split("-"))
    return year, month, day


def _year(written: str | None, near: str | None, today: date) -> int | None:
    if near:
        return today.year + _YEARS[near]
    if not written:
        return None
    year = int(written) if written.isdecimal() else int(parse_number(written))
    return year + 2000 if year < 100 else year


def _small(written: str) -> int:
    return int(parse_number(written))


def _complete(year: int | None, month: int, day: int, today: date, prefer: Preference) -> date | str | None:
    """The date; "2026-02-30" as it was said, for the check to refuse by name; None for what is no date at all."""
    found = nearest_month_day(today, month, day, prefer) if year is None else make_date(year, month, day)
    if found or not (1 <= month <= 12 and 1 <= day <= 31):
        return found
    return f"{year or today.year:04d}-{month:02d}-{day:02d}"


def _read_numeric(folded: str, today: date, prefer: Preference, language: Language) -> Iterator[Found]:
    """25/12/2026, 12/25, 3/4: both orders that are dates; the first is month-day in Chinese, day-month otherwise."""
    for pattern in (_NUMERIC, _SHORT_NUMERIC):
        for match in pattern.finditer(folded):
            first, second = int(match["first"]), int(match["second"])
            written = match.groupdict().get("year")
            year = int(written) + (2000 if len(written) == 2 else 0) if written else None
            orders = [(first, second), (second, first)] if language == "zh" else [(second, first), (first, second)]
            dates = [str(found) for month, day in orders if (found := _complete(year, month, day, today, prefer))]
            values = list(dict.fromkeys(dates))
            if not values:
                continue
            is_ambiguous = len(values) > 1 and language == "en"
            yield Found(
                value=values[0], start=match.start(), end=match.end(), alternatives=tuple(values[1:]),
                is_ambiguous=is_ambiguous, confidence=0.5 if is_ambiguous else 0.85,
            )  # fmt: skip


def _read_day_only(folded: str, today: date, prefer: Preference) -> Iterator[Found]:
    for match in _DAY_ONLY.finditer(folded):
        day = _DAY_WORDS[match["word"]] if match["word"] else _small(match["han"] or match["digits"])
        if 1 <= day <= 31:
            yield from _found(nearest_day_of_month(today, day, prefer), *match.span(), 0.8)


def _read_weekdays(folded: str, today: date, prefer: Preference, *, is_asked: bool) -> Iterator[Found]:
    for match in _WEEKDAY.finditer(folded):
        is_a_word = match["latin"] in _ALSO_A_WORD and not match["rest"] and not is_asked
        if is_a_word and not _DAY_BEFORE.search(folded[max(0, match.start() - 12) : match.start()]):
            continue
        weekday = read_weekday(match["han"] or match["latin"])
        yield from _found(nearest_weekday(today, weekday, prefer), *match.span(), 0.85)


def read_weekday(written: str) -> int:
    """1 (Monday) to 7 of a weekday's character, digit or first three letters."""
    if written in _LATIN_DAYS:
        return _LATIN_DAYS.index(written) + 1
    return int(written) if written.isdecimal() else 7 if written in "天日" else "一二三四五六".index(written) + 1


def _merge_neighbours(folded: str, readings: list[Found]) -> list[Found]:
    """ "11月25日（周三）" is one date when both say the same, and ambiguous when they do not."""
    merged: list[Found] = []
    for reading in readings:
        before = merged[-1] if merged else None
        if before and _GLUE.fullmatch(folded, before.end, reading.start):
            joined = _join(folded, before, reading)
            if joined:
                merged[-1] = joined
                continue
        merged.append(reading)
    return merged


def _join(folded: str, first: Found, second: Found) -> Found | None:
    kinds = [_kind(folded[reading.start : reading.end]) for reading in (first, second)]
    if kinds[0] == kinds[1] or "weekday" not in kinds:
        return None
    exact, weekday = (second, first) if kinds[0] == "weekday" else (first, second)
    wanted = date.fromisoformat(weekday.value).isoweekday()
    if (day := as_date(exact.value)) and day.isoweekday() == wanted:
        return replace(exact, confidence=0.97, start=first.start, end=second.end)
    return replace(
        exact, confidence=0.4, is_ambiguous=True, alternatives=(weekday.value,), start=first.start, end=second.end
    )


def _follow(folded: str, readings: list[Found], language: Language) -> list[Found]:
    """In 下周三或周四 the Thursday is one of next week: what is open and would come before, follows its neighbour."""
    for index, (first, second) in enumerate(pairwise(readings)):
        begin, written = as_date(first.value), folded[second.start : second.end]
        is_listed = _LIST.fullmatch(folded, first.end, second.start) is not None
        if begin and second.value < first.value and is_listed and _names_its_week(folded[first.start : first.end]):
            again = read_dates(written, begin, language=language) if is_open_date(written) else []
            readings[index + 1] = replace(second, value=again[0].value) if again else second
    return readings


def _names_its_week(written: str) -> bool:
    """True for a weekday told with its week, 下周三: the next one told without belongs to the same week."""
    return _WEEKDAY.fullmatch(written) is None


def _read_bare(folded: str, today: date, prefer: Preference, language: Language) -> Iterator[Found]:
    """12.25 and 28-11 as the whole answer."""
    if match := _BARE.fullmatch(folded):
        for found in _read_numeric(f"{match['first']}/{match['second']}", today, prefer, language):
            start, end = match.start("first"), match.end("second")
            yield replace(found, start=start, end=end, confidence=found.confidence - 0.1)


def is_open_date(written: str) -> bool:
    """True for a date that leaves out its month or year, so that the date before it may say which: "28日", "Friday"."""
    patterns = (_WEEKDAY, _DAY_ONLY, _HAN_DATE, _JOINED_DAY, _THE_OF, _SHORT_NUMERIC)
    match = next((match for pattern in patterns if (match := pattern.fullmatch(written))), None)
    return match is not None and not match.groupdict().get("year") and not match.groupdict().get("near_year")


def _kind(written: str) -> str:
    return "weekday" if _WEEKDAY.fullmatch(written) else "date"
