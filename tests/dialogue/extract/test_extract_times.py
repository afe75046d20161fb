"""Times of day in both languages. Now is 10:00."""

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.extract.times import read_times
from chatwright.language.in_place import fold_in_place

NOW = datetime(2026, 11, 24, 10, 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14:30", "14:30"), ("下午三点半", "15:30"), ("下午3点", "15:00"), ("上午十点", "10:00"), ("晚上八点", "20:00"), ("晚8点", "20:00"),
        ("中午12点", "12:00"), ("中午一点", "13:00"), ("凌晨两点", "02:00"), ("晚上十二点", "00:00"), ("早上七点一刻", "07:15"), ("三点三刻", "15:45"),
        ("二十点十五分", "20:15"), ("14时30分", "14:30"), ("差五分三点", "14:55"), ("三点差一刻", "14:45"), ("九点整", "09:00"), ("9点", "09:00"),
        ("两点钟", "14:00"), ("明天下午3点", "15:00"), ("下午的三点", "15:00"), ("今晚七点", "19:00"), ("中午", "12:00"), ("半小时后", "10:30"),
        ("两个半小时后", "12:30"), ("下午１４：３０", "14:30"), ("八點半", "08:30"), ("零点三十分", "00:30"),
        ("3pm", "15:00"), ("3 p.m.", "15:00"), ("3:15 PM", "15:15"), ("2.30pm", "14:30"), ("12am", "00:00"), ("12pm", "12:00"), ("five pm", "17:00"),
        ("half past two", "14:30"), ("quarter to five", "16:45"), ("a quarter past nine", "09:15"), ("ten to four", "15:50"), ("20 past six pm", "18:20"),
        ("two o'clock", "14:00"), ("at 3", "15:00"), ("around 11", "11:00"), ("at three thirty", "15:30"), ("nine fifteen", "09:15"), ("noon", "12:00"),
        ("midnight", "00:00"), ("3 in the afternoon", "15:00"), ("tomorrow afternoon at 3", "15:00"), ("at 8 tonight", "20:00"), ("7 in the evening", "19:00"),
        ("08:00", "08:00"), ("02:30", "02:30"), ("2:30", "14:30"), ("7:15", "07:15"), ("in two hours", "12:00"), ("in half an hour", "10:30"),
        ("9 in the morning on the 5th", "09:00"), ("14h30", "14:30"),
    ],
)  # fmt: skip
def test_times(text: str, value: str) -> None:
    readings = read_times(fold_in_place(text), NOW)
    assert [reading.value for reading in readings] == [value]
    assert all(0 <= reading.start < reading.end <= len(text) for reading in readings)


@pytest.mark.parametrize(
    ("text", "value", "alternatives"),
    [
        ("3点", "15:00", ("03:00",)),
        ("at 8", "08:00", ("20:00",)),
        ("三点半", "15:30", ("03:30",)),
        ("下午3点", "15:00", ()),
        ("15:00", "15:00", ()),
    ],
)
def test_an_hour_without_its_half_of_the_day_keeps_the_other(
    text: str, value: str, alternatives: tuple[str, ...]
) -> None:
    (reading,) = read_times(fold_in_place(text), NOW)
    assert (reading.value, reading.alternatives) == (value, alternatives)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("from 2 to 4pm", ["14:00", "16:00"]), ("10 to 2pm", ["10:00", "14:00"]), ("between 9 and 11am", ["09:00", "11:00"]), ("9:00-11:30", ["09:00", "11:30"]),
        ("下午两点到四点", ["14:00", "16:00"]), ("上午十点到下午两点", ["10:00", "14:00"]), ("十一点到一点", ["11:00", "13:00"]), ("at 3 or 4", ["15:00", "16:00"]),
    ],
)  # fmt: skip
def test_two_times(text: str, values: list[str]) -> None:
    assert [reading.value for reading in read_times(fold_in_place(text), NOW)] == values


@pytest.mark.parametrize(
    ("text", "hours"),
    [("上午", ("09:00", "10:00", "11:00")), ("in the evening", ("18:00", "19:00", "20:00", "21:00")), ("afternoon please", ("13:00", "14:00", "15:00", "16:00", "17:00"))],
)  # fmt: skip
def test_a_part_of_the_day_is_ambiguous(text: str, hours: tuple[str, ...]) -> None:
    (reading,) = read_times(fold_in_place(text), NOW)
    assert ((reading.value, *reading.alternatives), reading.is_ambiguous) == (hours, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "早一点",
        "晚一点",
        "便宜一点",
        "3 people",
        "at 5 people",
        "小时候",
        "25:00",
        "13pm",
        "in 30 hours",
        "3.5",
        "hello",
        "什么时候",
    ],
)
def test_no_time(text: str) -> None:
    assert read_times(fold_in_place(text), NOW) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", "15:00"),
        ("三", "15:00"),
        ("1430", "14:30"),
        ("at 9", "09:00"),
        ("eleven", "11:00"),
        ("15", "15:00"),
        ("15.30", "15:30"),
        ("7.30", "07:30"),
        ("10ish", "10:00"),
        ("15h", "15:00"),
    ],
)
def test_a_bare_hour_when_asked(text: str, value: str) -> None:
    assert [reading.value for reading in read_times(fold_in_place(text), NOW, is_asked=True)] == [value]


@given(st.times())
def test_a_time_as_it_is_written_reads_back(moment: time) -> None:
    value = f"{moment:%H:%M}"
    half = "am" if moment.hour < 12 else "pm"
    part = (
        "凌晨"
        if moment.hour < 6
        else "上午"
        if moment.hour < 12
        else "中午"
        if moment.hour == 12
        else "下午"
        if moment.hour < 18
        else "晚上"
    )
    hour = moment.hour % 12 or (0 if moment.hour == 0 else 12)
    for text in (f"{value}", f"{moment.hour % 12 or 12}:{moment:%M} {half}", f"{part}{hour}点{moment.minute}分"):
        first = read_times(fold_in_place(text), NOW)[0]
        assert value in (first.value, *first.alternatives)
