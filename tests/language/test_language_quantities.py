"""Quantities have one form in both languages, exact offsets, and cost time in proportion to the text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.language.quantities import Quantity, find_quantities


def keys(text: str) -> list[tuple[str, str, str]]:
    return [quantity.key for quantity in find_quantities(text) if not quantity.is_loose]


@pytest.mark.parametrize(
    "same",
    [
        ["three days", "3 天", "3 days", "三天", "３天", "3-day"],
        ["1,299 元", "1299.00元", "一千二百九十九元", "¥1299", "￥1,299", "RMB 1299", "1299 yuan"],
        ["3–5 days", "3 to 5 days", "3至5天", "3-5 天", "三到五天", "3天至5天"],
        ["3 to 5 working days", "3至5个工作日", "3–5 business days", "3-5個工作日"],
        ["two weeks", "14 days", "两周", "2个星期"], ["半年", "六个月", "6 months", "half a year"],
        ["三年", "36 months", "36个月", "3 years"], ["half an hour", "30 minutes", "30分钟", "半小时"],
        ["一年半", "18 months"], ["两个半小时", "150 minutes", "2.5 hours"],
        ["20%", "百分之二十", "八折", "20 percent", "２０％"], ["5%", "九五折", "95折", "9.5折"],
        ["1.5万", "15,000", "15000", "15k"], ["3万元", "30,000 yuan", "¥30000"], ["twelve", "12"],
        ["$75", "US$75", "75 美元", "75 dollars", "USD 75"], ["新台币 2000 元", "NT$2,000"],
        ["2026-11-23", "2026年11月23日", "23 November 2026", "Nov 23, 2026", "2026/11/23", "November 23rd 2026"],
        ["11月23日", "November 23", "23 Nov", "十一月二十三日", "11 月 23 号"], ["2027年", "二〇二七年", "2027 年"],
        ["周三", "星期三", "Wednesday", "wednesdays", "禮拜三"], ["Sunday", "周日", "星期天"], ["weekends", "周末"],
        ["18:00", "6 pm", "下午6点", "6 p.m.", "傍晚六点"], ["21:00", "晚上9点", "晚上九點", "9pm"],
        ["22:30", "晚上10点半", "10:30 pm"], ["12:00", "noon", "12 noon", "中午12点"],
        ["第三", "3rd", "第 3"], ["IP68", "ip68"], ["A1-200", "a1-200"], ["500 积分", "500 points"],
        ["65 W", "65W", "65瓦"], ["11-inch", "11 英寸", "11寸"], ["care@lumarron.example", "CARE@lumarron.example"],
        ["400-000-5217"], ["twenty-one days", "21天"], ["one hundred and fifty dollars", "$150"],
    ],
)  # fmt: skip
def test_one_form(same: list[str]) -> None:
    assert [keys(text) for text in same] == [keys(same[0])] * len(same)
    assert len(keys(same[0])) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3 天", "3 个工作日"), ("24 小时", "1 天"), ("¥35", "$35"), ("7 days", "7 weeks"), ("3–5 days", "5 days"),
        ("11月23日", "11月3日"), ("9 am", "9 pm"), ("20%", "80%"), ("八折", "80%"), ("A1-200", "A1-201"), ("65 W", "65 Wh"),
        ("3 月", "3 个月"), ("Monday", "Sunday"), ("0.5 天", "5 天"),
    ],
)  # fmt: skip
def test_what_differs(one: str, other: str) -> None:
    assert keys(one) != keys(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("周一至周五 9:00–18:00", [("weekday", "1", ""), ("weekday", "5", ""), ("time", "9:00", ""), ("time", "18:00", "")]),
        ("Charge (USD): 9; Free from (USD): 120; Time: 5–8 days",
         [("money", "9", "usd"), ("money", "120", "usd"), ("duration", "5..8", "day")]),
        ("运费（美元）：11；满 99 元", [("money", "11", "usd"), ("money", "99", "cny")]),
        ("call +86 512 0000 5217 or 13800138000", [("phone", "8651200005217", ""), ("phone", "13800138000", "")]),
        ("see https://a.example/x?y=1.", [("url", "https://a.example/x?y=1", "")]),
        ("QR-11W / CS-N5P, order 20261123456", [("code", "qr-11w", ""), ("code", "cs-n5p", ""), ("code", "20261123456", "")]),
        ("N5 Pro 512 GB", [("code", "n5", ""), ("measure", "512", "gb")]),
        ("三个坏点", [("number", "3", "")]), ("第8至15天", [("ordinal", "8..15", "day")]), ("up to 15 extra working days", [("duration", "15", "workday")]),
        ("两三天", [("duration", "2..3", "day")]), ("within a week", [("duration", "7", "day")]),
        ("-10 到 40 度", [("measure", "10..40", "celsius")]),
        ("twice a year", [("number", "2", "")]),
    ],
)  # fmt: skip
def test_several(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "一般",
        "四川",
        "统一",
        "十分满意",
        "this one",
        "once more",
        "一个问题",
        "sun protection",
        "may I ask",
        "Wi-Fi",
        "month",
    ],
)
def test_words_that_count_nothing(text: str) -> None:
    assert keys(text) == []


TEXT = st.text(
    alphabet=st.sampled_from(
        "0123456789一二三十百千万两半 .,-–—:/%¥$年月日天周个元折点第至到adkmoprtuwhxyzAM@（）()\n"
    ),
    max_size=80,
)


@given(TEXT)
def test_offsets_are_exact_and_do_not_overlap(text: str) -> None:
    end = 0
    for quantity in find_quantities(text):
        assert isinstance(quantity, Quantity)
        assert end <= quantity.start < quantity.end <= len(text)
        assert quantity.text == text[quantity.start : quantity.end]
        end = quantity.end


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert all(quantity.value for quantity in find_quantities(text))


@given(st.integers(0, 10**10))
def test_thousands_separators_change_nothing(number: int) -> None:
    assert keys(f"{number:,} 元") == keys(f"{number} 元") == [("money", str(number), "cny")]


@pytest.mark.parametrize(
    "unit",
    ["1", "1 ", "1,", "111,", "1-", "a", "a-", "a@", "a.", "一", "一二", "one ", "twenty-", "http://", "$", "mon", " ", "半", "+1 23 ",
     "1.", "a1-", "(usd) ", "第1至", "may 1 ", "1:", "十月", "+1", "www."],
)  # fmt: skip
def test_text_made_to_be_slow_is_read_to_its_end(unit: str) -> None:
    """A pattern that tries every split would not come back before the session's time limit."""
    quantities = find_quantities((unit * (200_000 // len(unit) + 1))[:200_000])
    assert all(one.end <= other.start for one, other in pairwise(quantities))
