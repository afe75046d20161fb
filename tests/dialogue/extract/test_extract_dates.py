"""Dates in both languages, told every way, and the ranges they make. Today is Tuesday, 24 November 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.extract.date_ranges import read_date_ranges
from chatwright.dialogue.extract.dates import read_dates
from chatwright.language.detect import detect_language
from chatwright.language.in_place import fold_in_place

TODAY = date(2026, 11, 24)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS_EN = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def values(
    text: str, *, language: str = "", today: date = TODAY, prefer: str = "future", is_asked: bool = False
) -> list[str]:
    readings = read_dates(
        fold_in_place(text),
        today,
        language=language or detect_language(text),
        prefer=prefer,
        is_asked=is_asked,  # type: ignore[arg-type]
    )
    for reading in readings:
        assert 0 <= reading.start < reading.end <= len(text)
    return [reading.value for reading in readings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("今天", "2026-11-24"), ("今日", "2026-11-24"), ("明天", "2026-11-25"), ("明儿", "2026-11-25"), ("后天", "2026-11-26"),
        ("大后天", "2026-11-27"), ("昨天", "2026-11-23"), ("前天", "2026-11-22"), ("大前天", "2026-11-21"), ("今晚", "2026-11-24"),
        ("明天下午三点", "2026-11-25"), ("明晚八点", "2026-11-25"),
        ("周五", "2026-11-27"), ("这周五", "2026-11-27"), ("本周五", "2026-11-27"), ("这周一", "2026-11-23"), ("周二", "2026-11-24"),
        ("下周三", "2026-12-02"), ("下星期三", "2026-12-02"), ("下个星期三", "2026-12-02"), ("下礼拜三", "2026-12-02"), ("下個禮拜三", "2026-12-02"),
        ("下周日", "2026-12-06"), ("下周天", "2026-12-06"), ("下下周二", "2026-12-08"), ("上周五", "2026-11-20"), ("上上周一", "2026-11-09"),
        ("周日", "2026-11-29"), ("星期天", "2026-11-29"), ("礼拜六", "2026-11-28"), ("下周3", "2026-12-02"),
        ("11月25日", "2026-11-25"), ("11月25号", "2026-11-25"), ("11月25", "2026-11-25"), ("十一月二十五号", "2026-11-25"),
        ("十二月三十一日", "2026-12-31"), ("1月5日", "2027-01-05"), ("2026年12月1日", "2026-12-01"), ("26年12月1日", "2026-12-01"),
        ("二〇二六年十二月一日", "2026-12-01"), ("明年3月8号", "2027-03-08"), ("去年10月1日", "2025-10-01"), ("今年12月3号", "2026-12-03"),
        ("25号", "2026-11-25"), ("二十五号", "2026-11-25"), ("３０號", "2026-11-30"), ("5号", "2026-12-05"), ("31号", "2026-12-31"),
        ("下个月5号", "2026-12-05"), ("下月五号", "2026-12-05"), ("本月28日", "2026-11-28"), ("上个月3号", "2026-10-03"),
        ("这个月底", "2026-11-30"), ("本月底", "2026-11-30"), ("月底", "2026-11-30"), ("下个月底", "2026-12-31"), ("下月初", "2026-12-01"),
        ("12月初", "2026-12-01"), ("12月底", "2026-12-31"), ("12月中旬", "2026-12-15"), ("年底", "2026-12-31"), ("明年初", "2027-01-01"),
        ("三天后", "2026-11-27"), ("3天之后", "2026-11-27"), ("过两天", "2026-11-26"), ("再过三天", "2026-11-27"), ("两周后", "2026-12-08"),
        ("两个星期后", "2026-12-08"), ("一个月后", "2026-12-24"), ("半年后", "2027-05-24"), ("一年后", "2027-11-24"), ("三天前", "2026-11-21"),
        ("十天以后", "2026-12-04"), ("12/25", "2026-12-25"), ("3/4", "2027-03-04"), ("2026/12/25", "2026-12-25"), ("2026.12.25", "2026-12-25"),
        ("20261225", "2026-12-25"), ("元旦", "2027-01-01"), ("圣诞节", "2026-12-25"), ("国庆节", "2027-10-01"),
        ("11月25日（周三）", "2026-11-25"), ("周三（11月25日）", "2026-11-25"), ("11月25日星期三上午", "2026-11-25"), ("27号周五", "2026-11-27"),
        ("下个月第一个周五", "2026-12-04"), ("12月最后一个周五", "2026-12-25"), ("下周的周三", "2026-12-02"), ("3日后", "2026-11-27"),
        ("我想约在下周三可以吗", "2026-12-02"), ("请在2026年12月1日前送到", "2026-12-01"),
    ],
)  # fmt: skip
def test_dates_in_chinese(text: str, value: str) -> None:
    assert values(text, language="zh") == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("today", "2026-11-24"), ("tonight", "2026-11-24"), ("tomorrow", "2026-11-25"), ("Tmrw", "2026-11-25"), ("tommorow", "2026-11-25"),
        ("the day after tomorrow", "2026-11-26"), ("yesterday", "2026-11-23"), ("the day before yesterday", "2026-11-22"),
        ("tomorrow afternoon", "2026-11-25"), ("this afternoon", "2026-11-24"),
        ("Friday", "2026-11-27"), ("on friday", "2026-11-27"), ("Fri", "2026-11-27"), ("Tuesday", "2026-11-24"), ("this Friday", "2026-11-27"),
        ("this Monday", "2026-11-30"), ("coming Thursday", "2026-11-26"), ("next Wednesday", "2026-12-02"), ("next wed", "2026-12-02"),
        ("next Monday", "2026-11-30"), ("Wednesday next week", "2026-12-02"), ("next week on Wednesday", "2026-12-02"),
        ("Wednesday of next week", "2026-12-02"), ("Thursday this week", "2026-11-26"), ("last Monday", "2026-11-23"), ("last Friday", "2026-11-20"),
        ("a week from Friday", "2026-12-04"), ("Friday week", "2026-12-04"), ("two weeks from tomorrow", "2026-12-09"),
        ("Nov 25", "2026-11-25"), ("Nov. 25", "2026-11-25"), ("November 25th", "2026-11-25"), ("25 November", "2026-11-25"), ("25th of Nov", "2026-11-25"),
        ("the 25th of November", "2026-11-25"), ("November the 25th", "2026-11-25"), ("25-Nov-2026", "2026-11-25"), ("Jan 5", "2027-01-05"),
        ("December 1, 2026", "2026-12-01"), ("1 Dec 2026", "2026-12-01"), ("Dec 1st 2027", "2027-12-01"), ("May 5", "2027-05-05"),
        ("2026-12-01", "2026-12-01"), ("2026/12/01", "2026-12-01"), ("25/12/2026", "2026-12-25"), ("12/25/2026", "2026-12-25"), ("25.12.2026", "2026-12-25"),
        ("25/12", "2026-12-25"), ("12/25/26", "2026-12-25"), ("the 5th", "2026-12-05"), ("on the 30th", "2026-11-30"), ("the fifth", "2026-12-05"),
        ("the 5th of next month", "2026-12-05"), ("next month on the 3rd", "2026-12-03"), ("end of the month", "2026-11-30"),
        ("the end of next month", "2026-12-31"), ("the beginning of next month", "2026-12-01"), ("the middle of this month", "2026-11-15"),
        ("in three days", "2026-11-27"), ("in 3 days", "2026-11-27"), ("in a week", "2026-12-01"), ("in two weeks' time", "2026-12-08"),
        ("3 days from now", "2026-11-27"), ("a month from now", "2026-12-24"), ("three days ago", "2026-11-21"), ("a fortnight ago", "2026-11-10"),
        ("in a couple of days", "2026-11-26"), ("in half a year", "2027-05-24"), ("in twenty-one days", "2026-12-15"),
        ("first Monday of December", "2026-12-07"), ("the last Friday of next month", "2026-12-25"), ("the week after next on Monday", "2026-12-07"),
        ("Christmas Eve", "2026-12-24"), ("new year’s day", "2027-01-01"), ("Wed Nov 25", "2026-11-25"), ("Wednesday, 25 November", "2026-11-25"),
        ("Friday the 27th", "2026-11-27"), ("tomorrow (Wednesday)", "2026-11-25"), ("Could we do it on December 3rd, please?", "2026-12-03"),
    ],
)  # fmt: skip
def test_dates_in_english(text: str, value: str) -> None:
    assert values(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "尽快", "下周", "这个月", "每周三", "两三天后", "三周", "100号楼", "3号线", "一般", "大年初一", "农历8月15", "周到的服务", "星期几", "11月", "12%", "3.5",
        "as soon as possible", "next week", "every Friday", "in a few days", "I sat in the sun", "I may come", "march on", "the second one",
        "the 5th floor", "5th Avenue", "room 1203", "13800138000", "half a year", "2026", "99/99", "the first item",
    ],
)  # fmt: skip
def test_no_date(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("周五或者周六", ["2026-11-27", "2026-11-28"]), ("Friday or Saturday", ["2026-11-27", "2026-11-28"]),
        ("12月1日和12月3日", ["2026-12-01", "2026-12-03"]), ("Dec 1 and Dec 3", ["2026-12-01", "2026-12-03"]),
        ("下周三或周四", ["2026-12-02", "2026-12-03"]), ("next Wednesday or Thursday", ["2026-12-02", "2026-12-03"]), ("明天不行，后天吧", ["2026-11-25", "2026-11-26"]),
    ],
)  # fmt: skip
def test_two_dates_are_two_readings(text: str, found: list[str]) -> None:
    assert values(text) == found


@pytest.mark.parametrize(
    ("text", "value", "alternatives"),
    [
        ("3/4/2026", "2026-04-03", ("2026-03-04",)), ("this weekend", "2026-11-28", ("2026-11-29",)), ("周末", "2026-11-28", ("2026-11-29",)),
        ("周六日都行", "2026-11-28", ("2026-11-29",)), ("明后天", "2026-11-25", ("2026-11-26",)), ("下周末", "2026-12-05", ("2026-12-06",)), ("11月25日星期四", "2026-11-25", ("2026-11-26",)), ("Thursday, Nov 25", "2026-11-25", ("2026-11-26",)),
    ],
)  # fmt: skip
def test_ambiguous_dates_say_so(text: str, value: str, alternatives: tuple[str, ...]) -> None:
    (reading,) = read_dates(fold_in_place(text), TODAY, language=detect_language(text))
    assert (reading.value, reading.alternatives, reading.is_ambiguous) == (value, alternatives, True)


def test_next_wednesday_keeps_the_coming_one_as_an_alternative() -> None:
    (reading,) = read_dates("next wednesday", TODAY, language="en")
    assert (reading.value, reading.alternatives, reading.is_ambiguous) == ("2026-12-02", ("2026-11-25",), False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.25", "2026-12-25"),
        ("28.11.", "2026-11-28"),
        ("12-25", "2026-12-25"),
        ("sat", "2026-11-28"),
        ("Sun", "2026-11-29"),
    ],
)
def test_short_forms_when_asked(text: str, value: str) -> None:
    assert values(text, is_asked=True) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Monday", "2026-11-23"), ("周一", "2026-11-23"), ("11月20日", "2026-11-20"), ("12月1日", "2025-12-01"), ("the 5th", "2026-11-05"),
        ("25号", "2026-10-25"), ("Dec 25", "2025-12-25"), ("today", "2026-11-24"),
    ],
)  # fmt: skip
def test_dates_of_the_past(text: str, value: str) -> None:
    assert values(text, prefer="past") == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [("2月30日", "2026-02-30"), ("Feb 30", "2026-02-30"), ("11月31号", "2026-11-31"), ("31/11/2026", "2026-11-31")],
)
def test_a_day_that_does_not_exist_is_read_as_said(text: str, value: str) -> None:
    assert values(text) == [value]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("25号到28号", "2026-11-25", "2026-11-28"), ("25到28号", "2026-11-25", "2026-11-28"), ("11月25日至28日", "2026-11-25", "2026-11-28"),
        ("11月30日-12月2日", "2026-11-30", "2026-12-02"), ("12月25日到28日", "2026-12-25", "2026-12-28"), ("下周一到周三", "2026-11-30", "2026-12-02"),
        ("从明天到周五", "2026-11-25", "2026-11-27"), ("周五住三晚", "2026-11-27", "2026-11-30"),
        ("Nov 25-28", "2026-11-25", "2026-11-28"), ("25–28 Nov", "2026-11-25", "2026-11-28"), ("from Friday to Sunday", "2026-11-27", "2026-11-29"),
        ("between 3 Dec and 5 Dec", "2026-12-03", "2026-12-05"), ("Dec 30 to Jan 2", "2026-12-30", "2027-01-02"),
        ("Friday for three nights", "2026-11-27", "2026-11-30"), ("Dec 3 until the 6th", "2026-12-03", "2026-12-06"),
    ],
)  # fmt: skip
def test_ranges(text: str, first: str, last: str) -> None:
    folded, language = fold_in_place(text), detect_language(text)
    readings = read_dates(folded, TODAY, language=language)
    assert [found.value for found in read_date_ranges(folded, readings, language=language)] == [[first, last]]


@pytest.mark.parametrize("text", ["周五或周日", "Friday or Sunday", "Dec 3 and Dec 5", "周五", "5th"])
def test_no_range(text: str) -> None:
    readings = read_dates(fold_in_place(text), TODAY, language="en")
    assert read_date_ranges(fold_in_place(text), readings, language="en") == []


FUTURE = st.dates(min_value=date(2026, 11, 24), max_value=date(2035, 12, 31))


@given(FUTURE)
def test_a_date_written_in_chinese_reads_back(day: date) -> None:
    for text in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.isoformat()}可以吗",
    ):
        assert values(text) == [day.isoformat()]


@given(FUTURE)
def test_a_date_written_in_english_reads_back(day: date) -> None:
    month = MONTHS[day.month - 1]
    weekday = DAYS_EN[day.weekday()]
    for text in (
        f"{month} {day.day}, {day.year}", f"{day.day} {month[:3]} {day.year}", f"{weekday}, {day.day} {month} {day.year}", f"{day:%Y%m%d}"
    ):  # fmt: skip
        assert values(text) == [day.isoformat()]


@given(FUTURE.filter(lambda day: day < date(2027, 11, 24)))
def test_a_date_without_its_year_is_the_next_one(day: date) -> None:
    assert values(f"{day.month}月{day.day}号") == [day.isoformat()]
    assert values(f"{MONTHS[day.month - 1]} {day.day}") == [day.isoformat()]


@given(FUTURE, st.integers(1, 7))
def test_the_weekday_of_next_week_is_in_the_next_calendar_week(today: date, weekday: int) -> None:
    for text in (f"下周{'一二三四五六日'[weekday - 1]}", f"next {DAYS_EN[weekday - 1]}"):
        (value,) = values(text, today=today)
        found = date.fromisoformat(value)
        assert found.isoweekday() == weekday
        assert 7 - today.weekday() <= (found - today).days <= 13 - today.weekday()


@given(FUTURE, st.integers(1, 400))
def test_days_away_count_from_today(today: date, days: int) -> None:
    expected = date.fromordinal(today.toordinal() + days).isoformat()
    assert values(f"in {days} days", today=today) == values(f"{days}天后", today=today) == [expected]
