"""Several slots of one message, and changes of one."""

from datetime import datetime
from typing import Any

import pytest

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract import read_change, read_slots
from chatwright.language.detect import detect_language

NOW = datetime(2026, 11, 24, 10, 0)
VISIT = Slot(name="visit_date", format="date")
TIME = Slot(name="visit_time", format="time")
PARTY = Slot(
    name="party_size", type="float", description="number of people", labels={"party_size": {"zh": ("人", "位", "人数")}}
)
PHONE = Slot(name="phone", format="phone")
ADDRESS = Slot(name="address", format="address")
REASON = Slot(
    name="reason",
    type="categorical",
    values=("damaged", "wrong_item"),
    labels={"wrong_item": {"zh": ("发错货",), "en": ("wrong item",)}},
)
NOTE = Slot(name="note", description="备注")
GIFT = Slot(name="gift_wrap", type="bool", description="礼品包装")
SLOTS = [VISIT, TIME, PARTY, PHONE, ADDRESS, REASON, NOTE, GIFT]
ORDER = Slot(name="order_id", format="order_id", pattern=r"[A-Z]{2}\d{6}")
NAME = Slot(name="customer_name", format="name")
CITY = Slot(
    name="city",
    type="categorical",
    values=("beijing", "shanghai"),
    labels={"shanghai": {"zh": ("上海",)}, "beijing": {"zh": ("北京",)}},
)
SHOP = [ORDER, REASON, VISIT, TIME, PARTY, PHONE, NAME, ADDRESS, CITY]
CHECK_IN, CHECK_OUT = Slot(name="check_in", format="date"), Slot(name="check_out", format="date")


@pytest.mark.parametrize(
    ("slots", "text", "asked", "values"),
    [
        (SLOTS, "Table for 4 people next Friday at 7pm, my phone is 13800138000", "", {"party_size": 4, "visit_date": "2026-12-04", "visit_time": "19:00", "phone": "13800138000"}),
        (SLOTS, "下周五晚上七点4个人，电话13800138000", "", {"party_size": 4, "visit_date": "2026-12-04", "visit_time": "19:00", "phone": "13800138000"}),
        (SLOTS, "tomorrow at 3pm", "visit_time", {"visit_date": "2026-11-25", "visit_time": "15:00"}),
        (SLOTS, "明天下午三点", "visit_date", {"visit_date": "2026-11-25", "visit_time": "15:00"}),
        (SLOTS, "Leave it at the door", "note", {"note": "Leave it at the door"}),
        (SLOTS, "yes", "gift_wrap", {"gift_wrap": True}),
        (SLOTS, "hello", "", {}),
        ([CHECK_IN, CHECK_OUT], "Friday", "check_in", {"check_in": "2026-11-27"}),
        ([CHECK_IN, CHECK_OUT], "Friday", "check_out", {"check_out": "2026-11-27"}),
        ([CHECK_IN, CHECK_OUT], "from Friday to Sunday", "", {"check_in": "2026-11-27", "check_out": "2026-11-29"}),
        ([CHECK_IN, CHECK_OUT], "周五入住，周日退房", "check_in", {"check_in": "2026-11-27", "check_out": "2026-11-29"}),
        (SHOP, "book me a visit in Shanghai for two people next Monday morning at 10, I'm Lily Chen, 13800138000", "",
         {"visit_date": "2026-11-30", "visit_time": "10:00", "party_size": 2, "phone": "13800138000", "customer_name": "Lily Chen", "city": "shanghai"}),
        (SHOP, "我叫陈莉，想预约下周一上午十点看房，两位，上海门店，电话 138-0013-8000", "",
         {"visit_date": "2026-11-30", "visit_time": "10:00", "party_size": 2, "phone": "13800138000", "customer_name": "陈莉", "city": "shanghai"}),
        (SHOP, "地址是杭州市西湖区文三路478号，联系人张伟，13900139000", "", {"address": "杭州市西湖区文三路478号", "customer_name": "张伟", "phone": "13900139000"}),
        (SHOP, "等一下，改成3个人，时间改到下午4点", "", {"party_size": 3, "visit_time": "16:00"}),
        (SHOP, "3个人，不对，4个人，下周三", "party_size", {"party_size": 4, "visit_date": "2026-12-02"}),
        (SHOP, "It's order AB123456 from last Monday", "order_id", {"order_id": "AB123456"}),
        (SHOP, "不是AB123456，是AB123457", "order_id", {"order_id": "AB123457"}),
        (SHOP, "what's your return policy?", "order_id", {}), (SHOP, "我的订单号忘了", "order_id", {}),
        ([VISIT, Slot(name="reminder", format="date")], "on Friday", "", {}),
    ],
)  # fmt: skip
def test_several_slots(slots: list[Slot], text: str, asked: str, values: dict[str, Any]) -> None:
    found = read_slots(slots, text, language=detect_language(text), now=NOW, asked=asked)
    assert {name: reading.value for name, reading in found.items()} == values


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("change the date to Friday", "visit_date", "2026-11-27"), ("把日期改成周五", "visit_date", "2026-11-27"), ("日期改到下周三", "visit_date", "2026-12-02"), ("电话改成13900139000", "phone", "13900139000"),
        ("my phone number is wrong, it's 13900139000", "phone", "13900139000"), ("the party size is wrong, it's 5", "party_size", 5), ("人数改为5", "party_size", 5), ("改成4个人", "party_size", 4),
        ("actually make it 6 people", "party_size", 6), ("no, I meant Friday", "visit_date", "2026-11-27"), ("不对，是下周三", "visit_date", "2026-12-02"), ("the time should be 4pm", "visit_time", "16:00"),
        ("时间改到下午四点", "visit_time", "16:00"), ("change the address to 7 Oak Avenue, Leeds LS1 4AB", "address", "7 Oak Avenue, Leeds LS1 4AB"), ("地址改成杭州市西湖区文三路478号", "address", "杭州市西湖区文三路478号"),
        ("the reason should be wrong item", "reason", "wrong_item"), ("原因不对，是发错货", "reason", "wrong_item"), ("change the note to ring twice", "note", "ring twice"), ("备注改成放门口", "note", "放门口"),
        ("change the date from Friday to Saturday", "visit_date", "2026-11-28"), ("sorry, I meant 4pm", "visit_time", "16:00"), ("yes but change the date to Friday", "visit_date", "2026-11-27"),
        ("I want to change the date", "visit_date", None), ("我想改一下手机号", "phone", None), ("the address is wrong", "address", None), ("地址写错了", "address", None),
    ],
)  # fmt: skip
def test_changes(text: str, slot: str, value: Any) -> None:
    change = read_change(SLOTS, text, language=detect_language(text), now=NOW)
    assert change is not None
    assert (change.slot.name, change.found and change.found.value) == (slot, value)
    if change.found:
        assert 0 <= change.found.start < change.found.end <= len(text)


@pytest.mark.parametrize(
    "text", ["", "hello", "what can I change?", "Friday", "周五", "can you help me", "我要退货", "yes", "13900139000"]
)
def test_no_change(text: str) -> None:
    assert read_change(SLOTS, text, language=detect_language(text), now=NOW) is None


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("oops, Friday", "visit_date", "2026-11-27"), ("no, at 4 pm", "visit_time", "16:00"), ("哦不，下午四点", "visit_time", "16:00"), ("说错了，是周五", "visit_date", "2026-11-27"),
        ("sorry, not damaged, wrong item", "reason", "wrong_item"),
    ],
)  # fmt: skip
def test_what_answers_nothing_and_begins_with_a_no_takes_back(text: str, slot: str, value: Any) -> None:
    filled = [VISIT, TIME, REASON]
    change = read_change(filled, text, language=detect_language(text), now=NOW, is_answer=False)
    assert change is not None
    assert change.found is not None
    assert (change.slot.name, change.found.value) == (slot, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("actually, please ring me", True), ("还是打电话给我吧", True), ("还是给我回电吧", True), ("actually don't call me", False), ("wait, will you call me?", None)],
)  # fmt: skip
def test_a_call_is_wished_for_without_a_yes(text: str, value: bool | None) -> None:
    call = Slot(name="wants_call", type="bool", description="whether to call back")
    change = read_change([call], text, language=detect_language(text), now=NOW, is_answer=False)
    assert (change.found.value if change and change.found else None) is value


@pytest.mark.parametrize("text", ["my tablet, phone 13800138000", "平板，手机：13800138000"])
def test_words_that_lead_to_a_value_are_no_choice(text: str) -> None:
    labels = {"phone": {"zh": ("手机",), "en": ("phone",)}, "tablet": {"zh": ("平板",), "en": ("tablet",)}}
    device = Slot(name="device", type="categorical", values=("phone", "tablet"), labels=labels)
    phone = Slot(name="phone", format="phone", labels={"phone": {"zh": ("手机",), "en": ("phone",)}})
    found = read_slots([device, phone], text, language=detect_language(text), now=NOW)
    assert {name: reading.value for name, reading in found.items()} == {"device": "tablet", "phone": "13800138000"}


def test_of_two_that_fit_the_slot_filled_last_is_meant() -> None:
    slots = [CHECK_IN, CHECK_OUT]
    change = read_change(slots, "no, I meant Friday", language="en", now=NOW, last="check_out")
    assert change is not None
    assert change.slot == CHECK_OUT
    assert read_change(slots, "no, I meant Friday", language="en", now=NOW) is None
