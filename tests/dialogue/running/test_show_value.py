"""Values in words for people, in both languages."""

from typing import Any

import pytest

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.running.show_value import MAX_SHOWN_CHARS, show_value

DAY = Slot(name="day", format="date")
SURE = Slot(name="sure", type="bool", labels={True: {"zh": ("要",), "en": ("please do",)}})


@pytest.mark.parametrize(
    ("value", "slot", "zh", "en"),
    [
        (None, None, "", ""),
        (True, None, "是", "yes"),
        (False, None, "否", "no"),
        (True, SURE, "要", "please do"),
        (1, SURE, "1", "1"),
        (3.0, None, "3", "3"),
        (2.5, None, "2.5", "2.5"),
        (1e300, None, "1e+300", "1e+300"),
        (float("inf"), None, "inf", "inf"),
        ("2026-12-02", DAY, "2026年12月2日（周三）", "Wednesday 2 December 2026"),
        ("2026-13-02", DAY, "2026-13-02", "2026-13-02"),
        ("2026-12-02", None, "2026-12-02", "2026-12-02"),
        ({"amount": "12.50", "currency": "CNY"}, None, "12.50 元", "CNY 12.50"),
        ({"amount": "3", "currency": "USD"}, None, "3 美元", "US$3"),
        ({"amount": "3", "currency": "CHF"}, None, "3 CHF", "3 CHF"),
        ({"amount": "3", "currency": ""}, None, "3", "3"),
        ({"a": 1, "b": [True]}, None, "a：1；b：是", "a: 1; b: yes"),
        (["a"], None, "a", "a"),
        (["a", "b", "c"], None, "a、b、c", "a, b and c"),
        ([], None, "", ""),
        ("two\nlines  of\ttext", None, "two lines of text", "two lines of text"),
    ],
    ids=range(21),
)  # fmt: skip
def test_a_value_in_words(value: Any, slot: Slot | None, zh: str, en: str) -> None:
    assert (show_value(value, "zh", slot), show_value(value, "en", slot)) == (zh, en)


def test_it_is_never_too_long() -> None:
    assert len(show_value("x" * 9999, "en")) == MAX_SHOWN_CHARS
