"""Free text, as it was said: without its lead-in, with the marks that belong to it."""

import pytest

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.free_text import read_free_text
from chatwright.language.in_place import fold_in_place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("@MaryLu", "@MaryLu"),
        ("it's @foo", "@foo"),
        ("It is LM12.", "LM12."),
        ("是LM12", "LM12"),
        ("$5 off", "$5 off"),
        ("it's not broken at all", "it's not broken at all"),
        ("- it is because of rain", "rain"),
        ("因为下雨了", "下雨了"),
        ("是我妈妈送的", "是我妈妈送的"),
    ],
)
def test_the_lead_in_is_left_out(text: str, value: str) -> None:
    found = read_free_text(Slot(name="handle"), text, fold_in_place(text), is_asked=True)
    assert found is not None
    assert found.value == value
    assert text[found.start : found.end] == value


@pytest.mark.parametrize(
    ("name", "text", "value", "confidence"),
    [
        ("problem", "the left ear is dead, thanks", "the left ear is dead", 0.7),
        ("problem", "Hi, the left ear is dead. Thank you so much!", "the left ear is dead.", 0.7),
        ("problem", "I would say the left ear is dead", "the left ear is dead", 0.7),
        ("problem", "我想说的是左耳没声音，谢谢", "左耳没声音", 0.7),
        ("problem", "左耳没声音。辛苦了", "左耳没声音。", 0.7),
        ("problem", "the staff said thanks, but nothing happened", "the staff said thanks, but nothing happened", 0.7),
        ("problem", "thank you for nothing, the box was empty", "thank you for nothing, the box was empty", 0.7),
        ("problem", "店员说谢谢，然后挂了电话", "店员说谢谢，然后挂了电话", 0.7),
        ("gift_message", "happy birthday, thanks", "happy birthday, thanks", 0.7),
        ("problem", "It crashes at login. How long does a fix take?", "It crashes at login. How long does a fix take?", 0.6),
        ("problem", "你们说三天到，为什么还没到？", "你们说三天到，为什么还没到？", 0.6),
        ("problem", "quick question for you, how long does a fix take?", "quick question for you, how long does a fix take?", 0.3),
        ("problem", "想先问一下，为什么要这个？", "想先问一下，为什么要这个？", 0.3),
        ("problem", "为什么要填这个？", "为什么要填这个？", 0.3),
    ],
)  # fmt: skip
def test_politeness_is_left_out_and_content_never(name: str, text: str, value: str, confidence: float) -> None:
    found = read_free_text(Slot(name=name), text, fold_in_place(text), is_asked=True)
    assert found is not None
    assert (found.value, found.confidence) == (value, confidence)
    assert text[found.start : found.end] == value
