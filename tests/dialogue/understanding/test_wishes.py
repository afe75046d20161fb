"""What a visitor wants of the conversation itself, and what is mere business that sounds alike."""

import time

import pytest

from chatwright.dialogue.understanding.wishes import (
    asks,
    asks_in_general,
    asks_whether,
    beside_wish,
    goes_on,
    hesitates,
    read_wish,
)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("cancel", "cancel"), ("Cancel this please", "cancel"), ("never mind", "cancel"), ("forget it, I'll keep them", "cancel"),
        ("I don't want to complain any more", "cancel"), ("stop", "cancel"), ("算了", "cancel"), ("算了不退了", "cancel"),
        ("那就先不预约了", "cancel"), ("取消吧", "cancel"), ("我改主意了", "cancel"), ("不办了，谢谢", "cancel"),
        ("can you say that again?", "repeat"), ("sorry, I didn't get that", "repeat"), ("what was the question", "repeat"),
        ("再说一遍", "repeat"), ("没看懂，再说一遍", "repeat"), ("刚才说的什么来着", "repeat"),
        ("skip", "skip"), ("I'd rather not say", "skip"), ("I'd rather not give my phone number", "skip"),
        ("跳过这个问题", "skip"), ("这个我不想说，跳过", "skip"), ("不方便透露", "skip"),
        ("start over", "restart"), ("let's start again please", "restart"), ("重新开始", "restart"), ("從頭再來", "restart"),
        ("cancel my order", None), ("I want to return my order", None), ("我要取消订单", None), ("取消预约要收费吗", None),
        ("stop the delivery to my old address", None), ("我想再买一次", None), ("the screen went blank again", None), ("", None),
        ("i want to skip the queue at the airport on monday", None),
    ],
)  # fmt: skip
def test_wishes(text: str, wish: str | None) -> None:
    assert read_wish(text) == wish


@pytest.mark.parametrize(
    ("text", "is_general"),
    [
        ("what is your refund policy", True), ("how long does delivery usually take", True), ("do you deliver on Sundays?", True),
        ("is there parking?", True), ("which payment methods do you take", True), ("退货期限是多少天", True), ("寄到新疆要多少运费", True),
        ("支持花呗付款吗", True), ("订单号在哪里看", True), ("参观要收费吗", True),
        ("where is my order?", False), ("what is the status of AB123456", False), ("I want to know how much is left on my card", False),
        ("我的快递什么时候到", False), ("帮我查一下多久能到", False), ("return it please", False), ("我要退货", False),
    ],
)  # fmt: skip
def test_questions_about_how_things_are(text: str, is_general: bool) -> None:
    assert asks_in_general(text) is is_general


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("拆封的耳机能退吗？", True), ("火星上有门店吗", True), ("戴着不舒服，可以退不", True), ("退货可不可以", True),
        ("可以帮我换个收货地址吗", False), ("LM100001 能退吗", False), ("我想退货可以吗", False), ("我要退货", False),
    ],
)  # fmt: skip
def test_a_yes_or_no_about_things_as_such(text: str, answer: bool) -> None:
    assert asks_whether(text) is answer


@pytest.mark.parametrize(
    ("text", "answer"), [("你们停车场在哪", True), ("where is it", True), ("I like it", False), ("好的", False)]
)
def test_questions(text: str, answer: bool) -> None:
    assert asks(text) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [("hmm", True), ("I'm not sure", True), ("you tell me", True), ("让我想想", True), ("不清楚", True), ("嗯嗯", True), ("broken", False), ("坏了", False)],
)  # fmt: skip
def test_hesitation(text: str, answer: bool) -> None:
    assert hesitates(text) is answer


@pytest.mark.parametrize(
    "text", ["算了" * 5000, "从头再来" * 5000, "please " * 5000, "i don't want " * 3000, "再" * 199 + "x"]
)
def test_long_messages_are_no_wish_and_cost_nothing(text: str) -> None:
    began = time.process_time()
    assert read_wish(text) is None
    assert time.process_time() - began < 5  # an exponential pattern would take hours


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("不办了，帮我查个物流", "帮我查个物流"), ("不退了 我要换货", "我要换货"), ("cancel it, I want a refund", "I want a refund"),
        ("never mind", ""), ("I want a refund", "I want a refund"),
    ],
)  # fmt: skip
def test_what_is_wanted_beside_a_wish(text: str, rest: str) -> None:
    assert beside_wish(text) == rest


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("and this one?", True), ("那另一个呢", True), ("写错了，是那个", True), ("what about the other", True), ("thanks", False), ("我要投诉", False),
        ("and " + "a very long story about something else altogether " * 2, False),
    ],
)  # fmt: skip
def test_what_leans_on_the_message_before(text: str, answer: bool) -> None:
    assert goes_on(text) is answer
