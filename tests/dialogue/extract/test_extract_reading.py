"""The entry: what counts when a slot was asked for and when it was not, denials, corrections, ranges, safety."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract import Found, read_slot
from chatwright.language.detect import detect_language

NOW = datetime(2026, 11, 24, 10, 0)  # a Tuesday
VISIT = Slot(name="visit_date", format="date", description="the day of the visit")
TIME = Slot(name="visit_time", format="time")
CHECK_IN, CHECK_OUT = Slot(name="check_in", format="date"), Slot(name="check_out", format="date")
STAY = Slot(name="stay", type="list", format="date")
BOUGHT = Slot(name="purchase_date", format="date")
PARTY = Slot(
    name="party_size", type="float", description="number of people", labels={"party_size": {"zh": ("人", "位")}}
)
PHONE, EMAIL = Slot(name="phone", format="phone"), Slot(name="email", format="email")
ORDER, ANY_ORDER = (
    Slot(name="order_id", format="order_id", pattern=r"[A-Z]{2}\d{6}"),
    Slot(name="order_id", format="order_id"),
)
REASON = Slot(
    name="reason", type="categorical", values=("damaged", "wrong_item"),
    labels={"damaged": {"zh": ("坏了",), "en": ("broken",)}, "wrong_item": {"zh": ("发错了",), "en": ("wrong item",)}},
)  # fmt: skip
EXTRAS = Slot(
    name="extras", type="list", values=("milk", "sugar"), labels={"milk": {"zh": ("牛奶",)}, "sugar": {"zh": ("糖",)}}
)
GIFT = Slot(name="gift_wrap", type="bool")
WAY = Slot(
    name="is_express",
    type="bool",
    labels={True: {"en": ("express",), "zh": ("加急",)}, False: {"en": ("standard",), "zh": ("普通",)}},
)
NOTE = Slot(name="note", description="备注")
BUDGET, FEE = Slot(name="budget", format="money"), Slot(name="fee", type="float", format="money")
ADDRESS, NAME = Slot(name="address", format="address"), Slot(name="customer_name", format="name")
ALL = [VISIT, TIME, CHECK_IN, STAY, BOUGHT, PARTY, PHONE, EMAIL, ORDER, ANY_ORDER, REASON, EXTRAS, GIFT, WAY, NOTE, BUDGET, FEE, ADDRESS, NAME,
       Slot(name="x", type="any"), Slot(name="y", type="list"), Slot(name="z", type="categorical")]  # fmt: skip


def read(slot: Slot, text: str, *, is_asked: bool = True) -> Found | None:
    return read_slot(slot, text, language=detect_language(text), now=NOW, is_asked=is_asked)


@pytest.mark.parametrize(
    ("slot", "text", "value"),
    [
        (VISIT, "Friday", "2026-11-27"), (VISIT, "not Friday, Saturday", "2026-11-28"), (VISIT, "Saturday, not Friday", "2026-11-28"), (VISIT, "周五不行，周六吧", "2026-11-28"),
        (VISIT, "Friday, no wait, Saturday", "2026-11-28"), (VISIT, "周五，不对，周六", "2026-11-28"), (VISIT, "no, I meant Saturday", "2026-11-28"), (VISIT, "Friday doesn't work, make it Sunday", "2026-11-29"),
        (VISIT, "change it from Friday to Saturday", "2026-11-28"), (VISIT, "从周五改到周六", "2026-11-28"), (VISIT, "把周五改成周六", "2026-11-28"), (VISIT, "不是周五，是周六", "2026-11-28"), (VISIT, "还是周日吧", "2026-11-29"),
        (VISIT, "the visit date is Dec 3, I was born on Jan 5 1990", "2026-12-03"), (VISIT, "2月30日", "2026-02-30"),
        (CHECK_IN, "from Friday to Sunday", "2026-11-27"), (CHECK_OUT, "from Friday to Sunday", "2026-11-29"), (STAY, "from Friday to Sunday", ["2026-11-27", "2026-11-29"]), (CHECK_OUT, "12月3日住两晚", "2026-12-05"),
        (CHECK_IN, "周五入住，周日退房", "2026-11-27"), (CHECK_OUT, "周五入住，周日退房", "2026-11-29"), (CHECK_OUT, "arriving on Dec 3 and leaving on Dec 5", "2026-12-05"),
        (BOUGHT, "Monday", "2026-11-23"), (BOUGHT, "12月1日", "2025-12-01"), (BOUGHT, "上周五买的", "2026-11-20"),
        (TIME, "3", "15:00"), (TIME, "三点，不对，四点", "16:00"), (TIME, "not 3, 4pm", "16:00"), (TIME, "下午两点半吧", "14:30"),
        (PARTY, "4", 4), (PARTY, "四", 4), (PARTY, "就我一个", 1), (PARTY, "we are 5, no, 6", 6), (PARTY, "2.5", 2.5),
        (PHONE, "138 0013 8000", "13800138000"), (PHONE, "23456789", "23456789"), (EMAIL, "it's a.b@c.co", "a.b@c.co"), (ORDER, "ab123456", "AB123456"), (ANY_ORDER, "10042", "10042"),
        (REASON, "坏了", "damaged"), (REASON, "not broken, wrong item", "wrong_item"), (REASON, "第二个", "wrong_item"), (REASON, "wrong item, no, broken", "damaged"),
        (EXTRAS, "milk and sugar", ["milk", "sugar"]), (EXTRAS, "要牛奶，不要糖", ["milk"]),
        (GIFT, "yes please", True), (GIFT, "不用了", False), (WAY, "standard please", False), (WAY, "加急", True), (WAY, "yes", True),
        (NOTE, "因为太小了", "太小了"), (NOTE, "Leave it at the door.", "Leave it at the door."), (NOTE, "没有", "没有"),
        (BUDGET, "500", {"amount": "500", "currency": ""}), (BUDGET, "五百块", {"amount": "500", "currency": "CNY"}), (FEE, "$12.50", 12.5), (FEE, "20", 20),
        (ADDRESS, "北京市朝阳区建国路88号", "北京市朝阳区建国路88号"), (NAME, "王小明", "王小明"), (NAME, "Ann Lee", "Ann Lee"),
    ],
)  # fmt: skip
def test_asked(slot: Slot, text: str, value: Any) -> None:
    found = read(slot, text)
    assert found is not None
    assert (found.value, found.is_ambiguous) == (value, False)


@pytest.mark.parametrize(
    ("slot", "text", "value", "alternatives"),
    [
        (VISIT, "Friday or Saturday", "2026-11-27", ("2026-11-28",)), (VISIT, "周五还是周六", "2026-11-27", ("2026-11-28",)), (VISIT, "from Friday to Sunday", "2026-11-27", ("2026-11-29",)),
        (TIME, "2点或者3点", "14:00", ("15:00",)), (REASON, "broken or wrong item", "damaged", ("wrong_item",)), (PHONE, "13800138000 or 13900139000", "13800138000", ("13900139000",)),
        (PARTY, "3 or 4", 3, (4,)), (CHECK_IN, "周五或者周六", "2026-11-27", ("2026-11-28",)), (FEE, "$5 or $6", 5, (6,)),
    ],
)  # fmt: skip
def test_contradictions_are_ambiguous(slot: Slot, text: str, value: Any, alternatives: tuple[Any, ...]) -> None:
    found = read(slot, text)
    assert found is not None
    assert (found.value, found.alternatives, found.is_ambiguous) == (value, alternatives, True)
    assert found.confidence <= 0.5


@pytest.mark.parametrize(
    ("slot", "text", "value"),
    [
        (VISIT, "visit date: 2026-12-01", "2026-12-01"), (VISIT, "change the date to Friday", "2026-11-27"), (VISIT, "改成周五", "2026-11-27"), (VISIT, "I want to book a visit on Friday", "2026-11-27"),
        (PARTY, "table for 4, number of people 6", 6), (PARTY, "三个人", 3), (PARTY, "4 people on Friday", 4), (PARTY, "我们有5位", 5),
        (PHONE, "call me on 13800138000", "13800138000"), (EMAIL, "a@b.co", "a@b.co"), (ORDER, "return ab123456 please", "AB123456"), (ANY_ORDER, "my order number is A12345", "A12345"),
        (ANY_ORDER, "订单号是20261124001", "20261124001"), (NAME, "我叫王小明", "王小明"), (ADDRESS, "我的地址是北京市朝阳区建国路88号", "北京市朝阳区建国路88号"),
        (NOTE, "the note is leave it at the door", "leave it at the door"), (NOTE, "备注：放门口", "放门口"), (BUDGET, "my budget is $300", {"amount": "300", "currency": "USD"}), (WAY, "please send it express", True),
    ],
)  # fmt: skip
def test_introduced_or_unmistakable_without_being_asked(slot: Slot, text: str, value: Any) -> None:
    found = read(slot, text, is_asked=False)
    assert found is not None
    assert found.value == value
    assert found.confidence > 0.5


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        (PARTY, "I have 2 dogs"), (PARTY, "4"), (ANY_ORDER, "10042"), (ANY_ORDER, "I want to return 3 items"), (NAME, "Ann Lee"), (GIFT, "yes"), (NOTE, "hello there"), (PHONE, "23456789"),
        (VISIT, "I bought it on Monday"), (VISIT, "上周一买的"), (VISIT, "hello"), (TIME, "3"), (REASON, "the second one"), (EMAIL, "no email"),
    ],
)  # fmt: skip
def test_bare_values_do_not_count_without_being_asked(slot: Slot, text: str) -> None:
    assert read(slot, text, is_asked=False) is None


@pytest.mark.parametrize(
    ("slot", "text"),
    [(VISIT, "我想下周三去看房"), (VISIT, "I'd like to come next Wednesday"), (TIME, "I'd like to come at 3pm"), (REASON, "It arrived broken, I want to return it"), (BUDGET, "预算大概五百块左右")],
)  # fmt: skip
def test_a_lone_value_is_read_with_little_confidence(slot: Slot, text: str) -> None:
    found = read(slot, text, is_asked=False)
    assert found is not None
    assert 0.5 <= found.confidence <= 0.6 or slot is BUDGET


@pytest.mark.parametrize(
    ("mild", "strong"),
    [
        ("Friday?", "do you open on Friday?"),
        ("周五可以吗", "周五开门吗"),
        ("how about Friday", "what happens on Friday?"),
    ],
)
def test_a_question_lowers_the_confidence(mild: str, strong: str) -> None:
    answers = [read(VISIT, text) for text in ("Friday", mild, strong)]
    confidences = [found.confidence for found in answers if found]
    assert confidences == sorted(confidences, reverse=True)
    assert len(set(confidences)) >= 2
    assert confidences[-1] < 0.5


@pytest.mark.parametrize(
    "slot", [VISIT, TIME, PARTY, PHONE, EMAIL, ORDER, REASON, GIFT, ADDRESS, NAME, BUDGET], ids=lambda slot: slot.name
)
@pytest.mark.parametrize(
    "text", ["", "   ", "谢谢", "hello", "what's the price?", "随便", "你们几点关门", "我不知道", "\u200b", "😀"]
)
def test_what_is_no_answer_to_any_question(slot: Slot, text: str) -> None:
    assert read(slot, text) is None


@pytest.mark.parametrize(
    ("slot", "text"),
    [(VISIT, "anytime after Friday"), (VISIT, "before the 10th"), (VISIT, "周五之前都可以"), (TIME, "any time after 3pm"), (PARTY, "more than 5"), (PARTY, "至少3个"), (PARTY, "5 or more")],
)  # fmt: skip
def test_a_bound_is_read_with_little_confidence(slot: Slot, text: str) -> None:
    found = read(slot, text)
    assert found is not None
    assert found.confidence <= 0.5


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        (VISIT, "any day but Friday"),
        (VISIT, "not Friday"),
        (VISIT, "周五不行"),
        (REASON, "the item is not broken"),
        (VISIT, "除了周五"),
        (TIME, "3pm doesn't work"),
    ],
)
def test_what_is_denied_is_no_value(slot: Slot, text: str) -> None:
    assert read(slot, text) is None


SNIPPETS = st.sampled_from(
    [
        "周五",
        "下周三",
        "3点",
        "下午",
        "2月30日",
        "从",
        "到",
        "改成",
        "不是",
        "friday",
        "next",
        "not",
        "no",
        "from",
        "to",
        "3pm",
        "1万5",
        "￥12.50",
        "$5",
        "+86",
        "13800138000",
        "a@b.co",
        "AB123456",
        "第二个",
        "yes",
        "不",
        "our",
        "路",
        "号",
        "市",
        "区",
        "1",
        "Main",
        "St",
        ",",
        ".",
        "?",
        "？",
        "：",
        "\u200b",
        "�",
        "\x00",
        "½",
        "٣",
        "十百千",
        "--",
        "〇",
        "１２",
        "99999999999999999999",
        "三点五",
        "亿亿",
        "零零",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=80), st.lists(SNIPPETS, max_size=12).map("".join), st.lists(SNIPPETS, max_size=12).map(" ".join)
)


@settings(max_examples=150, deadline=None)
@given(
    TEXTS,
    st.booleans(),
    st.sampled_from(["zh", "en"]),
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2999, 12, 31)),
)
def test_any_text_reads_to_something_sane(text: str, is_asked: bool, language: Any, now: datetime) -> None:
    for slot in ALL:
        found = read_slot(slot, text, language=language, now=now, is_asked=is_asked)
        if found is not None:
            assert 0 <= found.start < found.end <= len(text)
            assert 0 < found.confidence <= 1
            assert found.value not in found.alternatives
            assert found.alternatives or not found.is_ambiguous


@pytest.mark.timeout(60)  # a quadratic reader of half a million characters would take hours
@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "一",
        "a ",
        "friday ",
        "$1",
        "11月",
        "下午",
        "not ",
        "1 a street ",
        "@a.",
        "my name is ",
        "from 1 to ",
        "+1 ",
        "省市路号",
        "是?",
        "yes, no ",
    ],
)
def test_long_messages_cost_in_line_with_their_length(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatwright.dialogue.extract.reading.MAX_CHARS", 10**6)
    text = piece * (30_000 // len(piece))
    for slot in (VISIT, TIME, PARTY, PHONE, EMAIL, ORDER, ADDRESS, NAME, BUDGET, GIFT, REASON, NOTE):
        found = read_slot(slot, text, language="en", now=NOW, is_asked=False)
        assert found is None or found.end <= len(text)
