"""Dates, weekdays and times where they begin, and nothing where they do not."""

import pytest

from chatwright.language.calendar_words import read_calendar


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23", ("date", "2026-11-23")), ("11月23日", ("date", "-11-23")), ("march 2031", ("date", "2031-3-")),
        ("12月", ("date", "-12-")), ("2027年", ("date", "2027--")), ("10 december", ("date", "-12-10")), ("july", ("date", "-7-")),
        ("周日", ("weekday", "7")), ("weekend", ("weekend")), ("9:05", ("time", "9:05")), ("12 am", ("time", "0:00")),
        ("中午1点", ("time", "13:00")), ("凌晨2点", ("time", "2:00")), ("midnight", ("time", "0:00")),
    ],
)  # fmt: skip
def test_read_calendar(text: str, expected: tuple[str, str] | str) -> None:
    found = read_calendar(text, 0)
    assert found is not None
    assert found[2] == len(text)
    assert found[:2] == (expected if isinstance(expected, tuple) else ("weekday", expected))


@pytest.mark.parametrize(
    "text", ["13月40日", "25:00 ", "monitor", "marching", "maybe", "周长", "点", "32 december", "9:75"]
)
def test_nothing_begins_here(text: str) -> None:
    assert read_calendar(text, 0) is None
