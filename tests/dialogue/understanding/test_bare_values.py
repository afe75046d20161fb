"""Codes by the name of what they belong to, and messages that are nothing but a value."""

from typing import Any

import pytest
from tests.dialogue.parcels import SLOTS, context

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.understanding.bare_values import read_bare, with_names

BOOKING = Slot(name="booking", pattern="B[0-9]{4}", labels={"booking": {"en": ("booking number",), "zh": ("预约号",)}})
PHONE = Slot(name="phone", format="phone")
ALL = {**SLOTS, "booking": BOOKING, "phone": PHONE}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("where's AB123456 right now?", "where's  order  right now?"),
        ("where is order AB123456 now?", "where is order   now?"),
        ("帮我查一下AB123456发货没有", "帮我查一下订单发货没有"),
        ("帮我改B1234的时间", "帮我改预约的时间"),
        ("move B1234 to Friday", "move  booking  to Friday"),
        ("ABCDEFG 12", "ABCDEFG 12"),
        ("please help me return a parcel. order number AB123456", "please help me return a parcel. "),
        ("我要退货，订单号AB123456", "我要退货， "),
    ],
)
def test_a_code_stands_for_what_it_belongs_to(text: str, named: str) -> None:
    assert with_names(text, [slot for slot in ALL.values() if slot.pattern]) == named


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("AB123456", {"order_id": "AB123456"}),
        ("ab 123456 please", {"order_id": "AB123456"}),
        ("my order number is AB123456, thanks", {"order_id": "AB123456"}),
        ("订单号 AB123456", {"order_id": "AB123456"}),
        ("13800138000", {"phone": "13800138000"}),
        ("13800138000 谢谢", {"phone": "13800138000"}),
        ("ZZ99887766", {"order_id": None, "booking": None}),
        ("AB123456 is late", None),
        ("帮我查 AB123456", None),
        ("hello", None),
        ("12", None),
        ("tomorrow", None),
    ],
)
def test_a_bare_value_is_nothing_else(text: str, values: dict[str, Any] | None) -> None:
    assert read_bare(text, ALL, context()) == values


def test_a_long_message_is_not_bare() -> None:
    assert read_bare("AB123456 " * 20, ALL, context()) is None
