"""What is small talk, and above all what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.smalltalk import classify_smalltalk
from chatwright.dialogue.texts import TEXT_NAMES


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hi", "greeting"), ("Hello there!", "greeting"), ("Good morning", "greeting"), ("hey", "greeting"),
        ("你好", "greeting"), ("您好！", "greeting"), ("在吗", "greeting"), ("你好，在吗？", "greeting"), ("嗨~", "greeting"),
        ("晚上好", "greeting"), ("有人吗？", "greeting"),
        ("thanks", "thanks"), ("Thank you so much!", "thanks"), ("ok, thanks", "thanks"), ("great thanks", "thanks"),
        ("谢谢", "thanks"), ("谢谢您的帮助", "thanks"), ("好的，谢谢", "thanks"), ("好的谢谢", "thanks"), ("非常感谢！", "thanks"),
        ("谢谢啦", "thanks"), ("辛苦了", "thanks"),
        ("bye", "bye"), ("Goodbye!", "bye"), ("ok thanks bye", "bye"), ("That's all for today, thanks.", "bye"),
        ("再见", "bye"), ("谢谢，再见", "bye"), ("没有问题了", "bye"), ("拜拜", "bye"),
        ("are you a bot?", "is_bot"), ("Are you a real person?", "is_bot"), ("Am I talking to a machine?", "is_bot"),
        ("你是机器人吗？", "is_bot"), ("你是真人还是机器人", "is_bot"), ("你是谁", "is_bot"), ("who are you?", "is_bot"),
        ("转人工", "person"), ("我要找人工客服", "person"), ("请帮我转人工客服", "person"), ("人工", "person"),
        ("能不能转接人工", "person"), ("麻烦转一下人工，谢谢", "person"), ("我想和真人说话", "person"), ("轉人工客服", "person"),
        ("有没有真人客服？", "person"), ("我不想跟机器人聊天", "person"), ("找客服咨询退款的事", "person"),
        ("talk to a human", "person"), ("I want to speak to a human agent, please", "person"),
        ("real person please", "person"), ("Can you connect me to a human?", "person"), ("agent", "person"),
        ("I'd like to talk to someone", "person"), ("I’d like to speak with customer service", "person"),
        ("can I talk to someone about my order", "person"), ("My phone broke. Let me talk to a person!", "person"),
        ("What time do you close? Please put me through to an agent.", "person"), ("hi can I talk to a human", "person"),
        ("ok", "ok"), ("好的", "ok"), ("知道了", "ok"), ("got it", "ok"), ("yes", "ok"), ("明白了，谢谢", "thanks"),
        ("no thanks", "decline"), ("不用了", "decline"), ("不用了，谢谢", "thanks"), ("never mind", "decline"),
        ("😀😀", "no_words"), ("？？？", "no_words"), ("...", "no_words"), ("👍", "no_words"),
        ("", "empty"), (" \n\t ", "empty"), ("\u200b", "empty"),
    ],
)  # fmt: skip
def test_small_talk(text: str, kind: str) -> None:
    assert classify_smalltalk(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("yes please", "accept"), ("Yes, please connect me", "accept"), ("sure", "accept"), ("ok", "accept"),
        ("Sure, that would be great", "accept"), ("Yes, thank you", "accept"), ("please do", "accept"),
        ("好的", "accept"), ("好", "accept"), ("好的，谢谢", "accept"), ("需要", "accept"), ("要", "accept"), ("转吧", "accept"),
        ("可以", "accept"), ("嗯嗯", "accept"), ("好的麻烦了", "accept"), ("👍", "accept"), ("行吧", "accept"),
        ("no thanks", "decline"), ("No, thank you.", "decline"), ("not now", "decline"), ("no", "decline"),
        ("不用了", "decline"), ("不用了，谢谢", "decline"), ("不需要", "decline"), ("算了", "decline"), ("先不用", "decline"),
        ("👎", "decline"), ("好的，不用了", "decline"), ("ok, goodbye", "bye"), ("好的 再见", "bye"), ("ok no thanks", "decline"),
        ("转人工", "person"), ("talk to a human", "person"), ("thanks", "thanks"), ("hello", "greeting"),
    ],
)  # fmt: skip
def test_after_an_offer(text: str, kind: str) -> None:
    assert classify_smalltalk(text, is_offer_open=True) == kind


@pytest.mark.parametrize(
    "text",
    [
        "hi, how long does a refund take?", "你好，退款要多久？", "Hello! Do you ship to Japan?", "谢谢，那国外呢？",
        "thanks, and abroad?", "how do I reach a person?", "怎么联系人工客服？", "人工客服几点上班", "人工费多少", "人工智能音箱多少钱",
        "do I need an agent to return it", "What is your customer service phone number?", "好用吗", "可以吗", "在哪里",
        "can I return it", "多久", "how much", "N5", "no wireless charging?", "yes or no: is it waterproof?", "不能退吗",
        "是否支持无线充电", "要多少钱", "没有发票能退吗", "do you have a store in Paris", "I want a refund", "早上几点开门",
        "谢谢惠顾卡是什么", "is this phone a good one", "对了，运费多少", "I need a new battery", "转账可以吗", "are you open on Sunday",
        "I do not want to talk to a person about the return policy, just tell me the days", "42", "Привет",
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_offer_open", [False, True])
def test_questions_are_not_small_talk(text: str, is_offer_open: bool) -> None:
    assert classify_smalltalk(text, is_offer_open=is_offer_open) is None


@given(st.text(max_size=300), st.booleans())
def test_every_kind_has_its_words(text: str, is_offer_open: bool) -> None:
    kind = classify_smalltalk(text, is_offer_open=is_offer_open)
    assert kind is None or kind in TEXT_NAMES


@given(st.text(min_size=201, max_size=400))
def test_long_messages_are_never_small_talk(text: str) -> None:
    assert classify_smalltalk(text + "退款" * 101) is None
