"""Reads times of day in both languages: 14:30, 3pm, 下午三点半, "half past two", "in two hours", 差五分三点.

In: a message folded by `language.in_place`, and now. Out: readings with "HH:MM", in order. An hour from 1 to 12 takes
the part of the day that is said with it, before or after (明天下午…3点, "3 in the afternoon"). Said without one it is read
as business hours: 7 to 11 in the morning, 12 at noon, 1 to 6 in the afternoon, and the other reading is kept as an
alternative. A part of the day alone (上午, "in the evening") is ambiguous: its whole hours are the alternatives.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from chatwright.dialogue.extract.found import Found, drop_overlaps
from chatwright.language.numbers import HAN, WORDS, parse_number

_PARTS = {
    "凌晨": "night", "清晨": "morning", "早上": "morning", "早晨": "morning", "上午": "morning", "中午": "noon", "正午": "noon",
    "午后": "afternoon", "下午": "afternoon", "傍晚": "evening", "晚上": "evening", "晚间": "evening", "今晚": "evening",
    "明晚": "evening", "昨晚": "evening", "夜里": "evening", "夜晚": "evening", "深夜": "evening", "半夜": "night", "今早": "morning",
    "明早": "morning", "晚": "evening", "早": "morning",
    "morning": "morning", "afternoon": "afternoon", "evening": "evening", "tonight": "evening", "night": "evening", "lunchtime": "noon",
}  # fmt: skip
_HOURS = {
    "morning": range(9, 12), "noon": range(12, 13), "afternoon": range(13, 18), "evening": range(18, 22), "night": range(6),
}  # fmt: skip
_PART = re.compile(
    "[凌清]晨|[早晚]上|早晨|[上中正下]午|午后|傍晚|晚间|[今明昨]晚|夜[里晚]|深夜|半夜|[今明]早|[早晚](?!一点(?![钟半]))(?=\\s?(?:\\d|[一二三四五六七八九十两]{1,2}\\s?点))"
    r"|(?<!good )\b(?:morning|afternoon|evening|tonight|night|lunchtime)\b"
)
_HAN_NUMBER = "[零〇一二两三四五六七八九十]{1,3}"
_HOUR_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_MINUTE_WORDS = (
    rf"(?:{_HOUR_WORDS}|thirteen|fifteen|twenty(?:[ -]five)?|thirty(?:[ -]five)?|forty(?:[ -]five)?|fifty(?:[ -]five)?)"
)
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:])(?:\s?(?P<half>[ap])\.?\s?m(?![a-z]))?"
    r"|(?<![\d:.])(?P<dotted>\d{1,2})\.(?P<dotted_minute>[0-5]\d)\s?(?P<dotted_half>[ap])\.?m(?![a-z])"
    r"|(?<![\d:])(?P<h>\d{1,2})h(?P<h_minute>[0-5]\d)(?!\d)"
)
_LATIN_HOUR = re.compile(
    rf"(?<![\d:.a-z])(?P<hour>\d{{1,2}}|{_HOUR_WORDS})(?: (?P<minute>{_MINUTE_WORDS}))?\s?(?P<half>[ap])\.?\s?m(?![a-z])"
    rf"|(?<![\d:.a-z])(?P<clock_hour>\d{{1,2}}|{_HOUR_WORDS}) ?o'? ?clock"
    rf"|\b(?:at|around|about|by|after|before|from|until|till) (?P<at_hour>\d{{1,2}}|{_HOUR_WORDS})(?: (?P<at_minute>thirty|fifteen|forty[- ]five))?"
    rf"(?![\d:./a-z-]|(?:-|,)\d| (?:[a-z]{{3,}}))"
    rf"|(?<![\d:.a-z])(?P<part_hour>\d{{1,2}}|{_HOUR_WORDS})(?= (?:in the (?:morning|afternoon|evening)|at night|tonight|this (?:morning|afternoon|evening)))"
    rf"|(?<![\d:.a-z])(?P<word_hour>{_HOUR_WORDS}) (?P<word_minute>thirty|fifteen|forty[- ]five)(?![a-z-])"
)
_TWO_HOURS = re.compile(
    rf"(?:\b(?:at|from|between|around|about|after) |^\W*)(?P<first>\d{{1,2}}|{_HOUR_WORDS})\s?(?:to|or|and|until|till|-|或者?|还是|到)\s?"
    rf"(?P<last>\d{{1,2}}|{_HOUR_WORDS})(?![\d:./a-z-]|\s?[ap]\.?m| [a-z]{{3,}}|[点时])"
)
_PAST_TO = re.compile(
    rf"(?<![a-z\d])(?P<minutes>half|a quarter|quarter|\d{{1,2}}|{_MINUTE_WORDS})(?: minutes?)? ?(?P<side>past|after|to|before|til)"
    rf" (?P<hour>\d{{1,2}}|{_HOUR_WORDS}|noon|midnight)(?![\d:a-z])(?:\s?(?P<half>[ap])\.?\s?m(?![a-z]))?"
)
_HAN_HOUR = re.compile(
    rf"(?:差(?P<less_before>\d{{1,2}}分|{_HAN_NUMBER}分|一刻)钟?(?:就|到)?\s?)?(?<![\d:.])(?P<hour>\d{{1,2}}|{_HAN_NUMBER})\s?(?:点钟?|时(?![候间段]))"
    rf"(?:(?P<half>半)|整|差(?P<less>\d{{1,2}}分|{_HAN_NUMBER}分|一刻)|过?(?P<quarter>[一三13])刻|过?(?P<minute>[0-5]?\d|{_HAN_NUMBER})(?:分|(?![\d个位人天号])))?"
)
_A_LITTLE = re.compile(r"[早晚快慢大小多少好有宜贵高低长短近远]\s?$")
_FIXED = {
    "noon": "12:00",
    "midday": "12:00",
    "midnight": "00:00",
    "午夜": "00:00",
    "零点": "00:00",
    "正午": "12:00",
    "中午": "12:00",
}
_FIXED_TIME = re.compile(r"\b(?:12 )?(?P<latin>noon|midday|midnight)\b|(?P<han>午夜|正午|中午)(?!\s?[\d一二十])")
_AWAY = re.compile(
    rf"(?<![a-z])in (?:about )?(?P<count>half an|an?|\d{{1,3}}|{WORDS})(?: and a half)? ?(?P<unit>hour|hr|minute|min)s?(?:' time)?(?![a-z])"
    rf"|(?:再?过)?(?P<han>半|\d{{1,3}}|{HAN})\s?个?(?P<half>半)?(?P<han_unit>小时|钟头|分钟)(?P<and_half>半)?(?:之|以)?后"
)
_BARE = re.compile(
    rf"\W*(?:(?:at|around|about)\s)?(?P<hour>\d{{1,2}}|{_HOUR_WORDS}|{_HAN_NUMBER})(?:[.]?(?P<minute>[0-5]\d)|ish|h)?\W*(?:pls|please|吧|左右)?\W*"
)
_BETWEEN = re.compile(r"\s*(?:-|~|到|至|to|until|till|and)\s*")
_RANGE_FIRST = re.compile(rf"(?<![\d:.a-z])(?P<hour>\d{{1,2}}|{_HOUR_WORDS})\s?(?:-|~|to|until|till|and)\s?$")
_MAX_READINGS = 64  # each looks at every part of the day


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """A time before the part of the day is known. is_open: its hour may be one of either half of the day."""

    hour: int
    minute: int
    start: int
    end: int
    is_open: bool


def read_times(folded: str, now: datetime, *, is_asked: bool = False) -> list[Found]:
    """Every time of the message, none overlapping another. is_asked: a bare "3" is an hour."""
    clocks = list(_read_clocks(folded))
    readings = [*_resolve(folded, _drop_shorter(clocks)), *_read_away(folded, now)]
    taken = drop_overlaps([*readings, *_read_fixed(folded)])
    if not taken and is_asked:
        taken = _resolve(folded, list(_read_bare(folded)))
    return taken or list(_read_parts(folded))


def _read_clocks(folded: str) -> Iterator[_Clock]:
    for match in _CLOCK.finditer(folded):
        written = match["hour"] or match["dotted"] or match["h"]
        minute = int(match["minute"] or match["dotted_minute"] or match["h_minute"])
        half = match["half"] or match["dotted_half"]
        is_open = half is None and not written.startswith("0") and match["h"] is None
        yield from _clock(int(written), minute, half, match.span(), is_open=is_open)
    for match in _LATIN_HOUR.finditer(folded):
        written = match["hour"] or match["clock_hour"] or match["at_hour"] or match["part_hour"] or match["word_hour"]
        minutes = match["minute"] or match["at_minute"] or match["word_minute"]
        start = match.start("at_hour") if match["at_hour"] else match.start()
        yield from _clock(_number(written), _number(minutes) if minutes else 0, match["half"], (start, match.end()))
        if first := _RANGE_FIRST.search(folded[max(0, start - 12) : start]):
            place = max(0, start - 12) + first.start()
            yield from _clock(_number(first["hour"]), 0, None, (place, place + len(first["hour"])))
    for match in _TWO_HOURS.finditer(folded):
        for name in ("first", "last"):
            yield from _clock(_number(match[name]), 0, None, match.span(name))
    for match in _PAST_TO.finditer(folded):
        yield from _read_past_to(folded, match)
    for match in _HAN_HOUR.finditer(folded):
        yield from _read_han(folded, match)


def _clock(
    hour: int, minute: int, half: str | None, span: tuple[int, int], *, is_open: bool = True
) -> Iterator[_Clock]:
    if hour > 24 or minute > 59 or (half and not 1 <= hour <= 12) or (hour == 24 and minute):
        return
    if half:
        hour, is_open = hour % 12 + (12 if half == "p" else 0), False
    is_open = is_open and 1 <= hour <= 12
    yield _Clock(hour=hour % 24, minute=minute, start=span[0], end=span[1], is_open=is_open)


def _number(written: str) -> int:
    return int(parse_number(written.replace("forty five", "forty-five")))


def _read_past_to(folded: str, match: re.Match[str]) -> Iterator[_Clock]:
    if match["minutes"].isdecimal() and "minute" not in match[0]:
        before = folded[max(0, match.start() - 8) : match.start()]
        if int(match["minutes"]) % 5 or before.rstrip().endswith(("from", "between")):
            return  # "from 2 to 4" is a range
    named = {"noon": 12, "midnight": 0}
    hour = named[match["hour"]] if match["hour"] in named else _number(match["hour"])
    written = match["minutes"]
    minutes = 30 if written == "half" else 15 if "quarter" in written else _number(written)
    if match["side"] in ("to", "before", "til"):
        hour, minutes = (hour - 1) % 24 or (12 if hour == 1 else 0), 60 - minutes
    yield from _clock(hour, minutes, match["half"], match.span(), is_open=match["hour"] not in named)


def _read_han(folded: str, match: re.Match[str]) -> Iterator[_Clock]:
    is_whole = match.end() - match.start("hour") == len(match["hour"]) + 1
    if match["hour"] == "一" and is_whole and _A_LITTLE.search(folded[max(0, match.start() - 2) : match.start()]):
        return  # "晚一点": a little later
    hour, minute = int(parse_number(match["hour"])), 0
    if match["half"]:
        minute = 30
    elif match["quarter"]:
        minute = 15 if match["quarter"] in "一1" else 45
    elif match["minute"]:
        minute = int(parse_number(match["minute"]))
    less = match["less_before"] or match["less"]
    if less:
        lacking = 15 if less == "一刻" else int(parse_number(less.removesuffix("分")))
        hour, minute = (hour - 1) or 12, 60 - lacking
    yield from _clock(hour, minute, None, match.span(), is_open=not match["hour"].startswith("0"))


def _drop_shorter(clocks: list[_Clock]) -> list[_Clock]:
    kept: list[_Clock] = []
    for clock in sorted(clocks, key=lambda clock: (clock.start, -clock.end)):
        if not kept or clock.start >= kept[-1].end:
            kept.append(clock)
    return kept


def _resolve(folded: str, clocks: list[_Clock]) -> list[Found]:
    """Each with the half of the day it belongs to: its own, its neighbour's in a range, or that of business hours."""
    clocks = clocks[:_MAX_READINGS]
    matches = islice(_PART.finditer(folded), _MAX_READINGS)
    parts = [(match.start(), match.end(), _PARTS[match[0]]) for match in matches]
    readings = [_place(clock, _part_of(clock, parts)) for clock in clocks]
    for index in range(len(readings) - 1):
        if _BETWEEN.fullmatch(folded, readings[index].end, _opening(readings[index + 1], parts)):
            readings[index], readings[index + 1] = _as_range(readings[index], readings[index + 1])
    return [_with_part(folded, reading, parts) for reading in readings]


_Part = tuple[int, int, str]  # start, end, name


def _opening(reading: Found, parts: list[_Part]) -> int:
    """Where the time begins with the part of the day that stands right before it."""
    return next((start for start, end, _ in parts if end <= reading.start <= end + 1), reading.start)


def _as_range(first: Found, last: Found) -> tuple[Found, Found]:
    """ "2 to 4pm" is 14:00 to 16:00, 下午两点到四点 too: the readings that follow each other most closely."""
    firsts, lasts = (first.value, *first.alternatives), (last.value, *last.alternatives)
    pairs = [(begin, end) for begin in firsts for end in lasts if begin < end]
    if not pairs or (not first.alternatives and not last.alternatives):
        return first, last
    begin, end = max(pairs) if not last.alternatives else min(pairs, key=lambda pair: (pair[0] != first.value, pair[1]))
    return _sure(first, begin), _sure(last, end)


def _sure(reading: Found, value: str) -> Found:
    return replace(reading, value=value, alternatives=(), confidence=0.9)


def _part_of(clock: _Clock, parts: list[_Part]) -> str | None:
    """The part of the day said nearest to it; before it rather than after it."""
    if not clock.is_open or not parts:
        return None
    before = [part for part in parts if part[1] <= clock.start]
    after = [part for part in parts if part[0] >= clock.end]
    if before and after:
        is_nearer_after = after[0][0] - clock.end + 4 < clock.start - before[-1][1]
        return after[0][2] if is_nearer_after else before[-1][2]
    return before[-1][2] if before else after[0][2] if after else None


def _place(clock: _Clock, part: str | None) -> Found:
    hour, other = clock.hour, None
    if clock.is_open and part:
        hour = _hour_of_part(clock.hour, part)
    elif clock.is_open:
        hour = clock.hour if 7 <= clock.hour <= 12 else clock.hour + 12
        other = (hour + 12) % 24
    alternatives = (f"{other:02d}:{clock.minute:02d}",) if other is not None else ()
    confidence = 0.75 if alternatives else 0.95
    value = f"{hour:02d}:{clock.minute:02d}"
    return Found(value=value, start=clock.start, end=clock.end, confidence=confidence, alternatives=alternatives)


def _hour_of_part(hour: int, part: str) -> int:
    if part in ("morning", "night"):
        return hour % 12
    if part == "evening":
        return hour % 12 if hour in (12, 1, 2, 3) else hour + 12
    return hour + 12 if hour < (10 if part == "noon" else 12) else hour


def _with_part(folded: str, reading: Found, parts: list[_Part]) -> Found:
    """The reading with the part of the day that touches it, so that both are taken out of the message as one."""
    for start, end, _ in parts:
        if end <= reading.start and folded[end : reading.start].strip(" 的") == "":
            reading = replace(reading, start=start)
        elif start >= reading.end and folded[reading.end : start].strip() in ("", "in the", "at", "this"):
            reading = replace(reading, end=end)
    return reading


def _read_fixed(folded: str) -> Iterator[Found]:
    for match in _FIXED_TIME.finditer(folded):
        value = _FIXED[match["latin"] or match["han"]]
        yield Found(value=value, start=match.start(), end=match.end(), confidence=0.8)


def _read_away(folded: str, now: datetime) -> Iterator[Found]:
    """The clock after a while; nothing when that is another day."""
    for match in _AWAY.finditer(folded):
        written = match["count"] or match["han"]
        count = 0.5 if written in ("half an", "半") else 1.0 if written in ("a", "an") else float(parse_number(written))
        count += 0.5 if match["half"] or match["and_half"] or " and a half" in match[0] else 0.0
        is_hours = (match["unit"] or match["han_unit"]) in ("hour", "hr", "小时", "钟头")
        then = now + timedelta(minutes=min(count, 10_000) * (60 if is_hours else 1))
        if then.date() == now.date():
            yield Found(value=f"{then:%H:%M}", start=match.start(), end=match.end(), confidence=0.9)


def _read_bare(folded: str) -> Iterator[_Clock]:
    """ "3", "三", "1430" as the whole message."""
    if match := _BARE.fullmatch(folded):
        hour = _number(match["hour"])
        is_open = (match["minute"] is None or "." in match[0]) and not match["hour"].startswith("0")
        span = (match.start("hour"), match.end("minute") if match["minute"] else match.end("hour"))
        yield from _clock(hour, int(match["minute"] or 0), None, span, is_open=is_open)


def _read_parts(folded: str) -> Iterator[Found]:
    for match in _PART.finditer(folded):
        hours = [f"{hour:02d}:00" for hour in _HOURS[_PARTS[match[0]]]]
        yield Found(
            value=hours[0], alternatives=tuple(hours[1:]), is_ambiguous=len(hours) > 1, confidence=0.3,
            start=match.start(), end=match.end(),
        )  # fmt: skip
