"""The words of a phrase count where they are meant, in both languages: not denied, not in a question about the thing."""

import pytest

from chatwright.dialogue.rules.phrases import PhraseFinder, asks_about, is_denying

LEGAL = PhraseFinder(["lawyer", "sue", "take you to court", "律师", "起诉", "告你们"])


@pytest.mark.parametrize(
    "text",
    [
        "My lawyer will call you",
        "I'll sue.",
        "I am talking to my lawyers",
        "LAWYER!!",
        "Pay me back or I will take you to court",
        "If I do not get my refund I will sue you",
        "You have not answered, so my lawyer takes over",
        "do I need to call my lawyer?",
        "The parcel never came. My lawyer is informed.",
        "我要起诉你们",
        "我的律师会联系你们",
        "再不退款我就告你们",
        "没有退款我就起诉",
        "发律师函给你们",
        "難道要我找律師嗎",
    ],
)
def test_it_is_meant(text: str) -> None:
    assert LEGAL.find(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Do you have a discount for lawyers?",
        "Is there a lawyer on your team?",
        "do you sell cases for law suits",
        "I do not need a lawyer",
        "I'm not going to sue you",
        "No lawyers please",
        "there is no need to sue anybody",
        "I want to pursue my studies",
        "the issue is solved",
        "你们给律师打折吗？",
        "有没有适合律师用的本子",
        "我不需要律师",
        "我不会起诉你们的",
        "提起诉讼时效的问题",
        "请把这份报告你们看一下",
        "",
        "。。。",
    ],
)
def test_it_is_not_meant(text: str) -> None:
    assert LEGAL.find(text) is None


@pytest.mark.parametrize(
    ("text", "phrase"), [("I'll sue", "sue"), ("taking you to court? take you to court!", "take you to court")]
)
def test_the_phrase_is_named(text: str, phrase: str) -> None:
    assert LEGAL.find(text) == phrase


@pytest.mark.parametrize("text", ["我" * 4000, "lawyer? " * 600, "a" * 100_000, "律师吗？" * 1200])
def test_a_long_message_is_read_in_time(text: str) -> None:
    LEGAL.find(text)


def test_questions_and_denials() -> None:
    assert asks_about("do you deliver to Berlin?")
    assert not asks_about("could I sue you?")
    assert is_denying("我不想要")
    assert not is_denying("I want it")
