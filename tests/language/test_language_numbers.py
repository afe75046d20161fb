"""Written numbers and their values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.language.numbers import parse_number, show_number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,299", "1299"), ("1299.50", "1299.5"), ("一千二百九十九", "1299"), ("十", "10"), ("十五", "15"), ("二十", "20"),
        ("一百零五", "105"), ("两", "2"), ("三点五", "3.5"), ("二〇二六", "2026"), ("twelve", "12"), ("twenty-one", "21"),
        ("one hundred and fifty", "150"), ("a hundred", "100"), ("two thousand", "2000"), ("a dozen", "12"), ("zero", "0"),
    ],
)  # fmt: skip
def test_parse_number(written: str, value: str) -> None:
    assert show_number(parse_number(written)) == value


@given(st.decimals(min_value=0, max_value=10**9, places=3))
def test_what_is_shown_reads_back(value: Decimal) -> None:
    assert parse_number(show_number(value)) == value
