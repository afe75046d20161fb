"""Numbers, counts and money in both languages."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.extract.amounts import read_amounts, read_money
from chatwright.language.in_place import fold_in_place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三个人", 3), ("两位", 2), ("十二张", 12), ("二十", 20), ("一百零五", 105), ("1万5", 15000), ("一万五", 15000), ("一万五千", 15000), ("两千三", 2300),
        ("一百二", 120), ("三万二千五百", 32500), ("1.5万", 15000), ("三点五", 3.5), ("３位", 3), ("負3", -3), ("我们俩", 2), ("就我一个", 1), ("3个", 3),
        ("a dozen", 12), ("half a dozen", 6), ("twelve", 12), ("twenty-one", 21), ("one hundred and fifty", 150), ("two thousand", 2000), ("2k", 2000),
        ("1,299.50", 1299.5), ("3.5", 3.5), ("minus 3", -3), ("table for 4 people", 4), ("just me", 1), ("a couple", 2), ("1 million", 1000000), ("0", 0),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    assert [reading.value for reading in read_amounts(fold_in_place(text))] == [value]


@pytest.mark.parametrize(
    "text",
    ["", "一般", "千万别", "第三个", "周三", "3月5号", "at 3pm", "14:30", "2026-11-25", "AB123456", "50%", "the 5th", "no. 7", "0912345678", "13800138000001", "hello"],
)  # fmt: skip
def test_no_numbers(text: str) -> None:
    assert read_amounts(fold_in_place(text)) == []


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("￥12.50", "12.50", "CNY"), ("¥ 300", "300", "CNY"), ("12块5", "12.50", "CNY"), ("十二块五毛", "12.50", "CNY"), ("三块半", "3.50", "CNY"), ("12元8角5分", "12.85", "CNY"),
        ("五百块钱", "500", "CNY"), ("3.5万元", "35000", "CNY"), ("一万五千元", "15000", "CNY"), ("五毛", "0.50", "CNY"), ("人民币200", "200", "CNY"), ("500港币", "500", "HKD"),
        ("20美元", "20", "USD"), ("NT$500", "500", "TWD"), ("100欧元", "100", "EUR"), ("100块", "100", "CNY"), ("300 yuan", "300", "CNY"), ("200 RMB", "200", "CNY"),
        ("$12.5", "12.50", "USD"), ("$1.2k", "1200", "USD"), ("HK$300", "300", "HKD"), ("US$ 1,299.00", "1299", "USD"), ("twelve dollars", "12", "USD"), ("twenty bucks", "20", "USD"),
        ("5 dollars and 20 cents", "5.20", "USD"), ("fifty cents", "0.50", "USD"), ("£20", "20", "GBP"), ("20 quid", "20", "GBP"), ("€1,299", "1299", "EUR"), ("A$15", "15", "AUD"),
    ],
)  # fmt: skip
def test_money(text: str, amount: str, currency: str) -> None:
    assert [reading.value for reading in read_money(fold_in_place(text))] == [{"amount": amount, "currency": currency}]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2-3", 2, 3),
        ("五六个", 5, 6),
        ("三四十个", 30, 40),
        ("三到五个", 3, 5),
        ("2 or 3", 2, 3),
        ("two people", 2, None),
        ("四五万", 40000, 50000),
    ],
)
def test_a_range_of_numbers_is_ambiguous(text: str, low: int, high: int | None) -> None:
    (reading,) = read_amounts(fold_in_place(text))
    assert (reading.value, reading.alternatives, reading.is_ambiguous) == (
        low,
        (high,) if high else (),
        high is not None,
    )


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("5 to 10 dollars", "5", "10"),
        ("$5-10", "5", "10"),
        ("between 300 and 500 yuan", "300", "500"),
        ("500-800元", "500", "800"),
    ],
)
def test_a_range_of_money_is_ambiguous(text: str, low: str, high: str) -> None:
    (reading,) = read_money(fold_in_place(text))
    assert (reading.value["amount"], [other["amount"] for other in reading.alternatives], reading.is_ambiguous) == (
        low,
        [high],
        True,
    )


def test_a_bare_number_is_money_only_when_asked() -> None:
    assert read_money("20") == []
    assert [reading.value for reading in read_money("20", is_asked=True)] == [{"amount": "20", "currency": ""}]


@given(st.decimals(min_value=0, max_value=999999, places=2))
def test_an_amount_reads_back(amount: Decimal) -> None:
    for text in (f"${amount}", f"{amount}元", f"about {amount} dollars"):
        (reading,) = read_money(text)
        assert Decimal(reading.value["amount"]) == amount


HAN_DIGITS = "零一二三四五六七八九"


def in_chinese(value: int) -> str:
    """0 to 9999 the long way, independently of the reader."""
    if value == 0:
        return "零"
    text, is_gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            text += ("零" if is_gap and text else "") + HAN_DIGITS[digit] + name
        is_gap = digit == 0
    return text


@given(st.integers(0, 9999))
def test_chinese_numerals_read_back(value: int) -> None:
    assert [reading.value for reading in read_amounts(in_chinese(value) + "个")] == [value]
