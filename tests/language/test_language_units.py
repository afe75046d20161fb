"""Every way to write a unit is read as that unit."""

import re

import pytest

from chatwright.language.units import CURRENCIES, UNIT, read_unit


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("天", ("duration", "day", 1)), ("weeks", ("duration", "day", 7)), ("年", ("duration", "month", 12)),
        ("个工作日", ("duration", "workday", 1)), ("business days", ("duration", "workday", 1)), ("h", ("duration", "hour", 1)),
        ("元", ("money", "cny", 1)), ("dollars", ("money", "usd", 1)), ("%", ("percent", "%", 1)), ("mah", ("measure", "mah", 1)),
    ],
)  # fmt: skip
def test_read_unit(written: str, expected: tuple[str, str, int]) -> None:
    assert re.fullmatch(UNIT, written)
    assert read_unit(written) == expected


@pytest.mark.parametrize("text", ["hello", "mouse", "daysx", "wattage", "gbps"])
def test_a_unit_ends_where_its_word_ends(text: str) -> None:
    assert re.match(UNIT, text) is None


def test_currencies_are_those_of_the_units() -> None:
    assert {"cny", "usd", "hkd", "eur", "gbp"} <= set(CURRENCIES.values())
