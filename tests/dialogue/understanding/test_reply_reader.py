"""The reader of short replies: masking, probabilities that add up, and how sure it is of what it has not seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwright.dialogue.understanding.process_words import ProcessWords
from chatwright.dialogue.understanding.reply_examples import EXAMPLES, KINDS
from chatwright.dialogue.understanding.reply_reader import fit_replies, masked, read_reply

RETURN = ProcessWords(doing=frozenset({"return", "退", "退货", "change", "改"}), things=frozenset({"reason", "原因"}))


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Return it", "@ it"), ("那就退货吧", "那就@吧"), ("Don’t return it", "dont @ it"), ("原因不对", "#不对"), ("LM100001 没错", "# 没错"), ("周五可以", "#可以"),
        ("change it to 5", "change it to #"), ("改成5点", "改成#点"), ("改吧", "@吧"), ("returned", "@"), ("unreturnable", "unreturnable"),
    ],
)  # fmt: skip
def test_masked(text: str, sign: str) -> None:
    assert masked(text, RETURN) == sign


@settings(deadline=None)  # the first reply learns the examples
@given(st.text(max_size=120))
def test_chances_add_up(text: str) -> None:
    chances = read_reply(text, RETURN).chances
    assert set(chances) == set(KINDS)
    assert sum(chances.values()) == pytest.approx(1)


def test_no_reply_is_of_two_kinds() -> None:
    texts = [text for kind in KINDS for text in EXAMPLES[kind]]
    assert len(texts) == len(set(texts))
    assert all(len(EXAMPLES[kind]) >= 150 for kind in KINDS)


def test_what_was_held_out_is_read() -> None:
    texts = np.array([masked(text) for kind in KINDS for text in EXAMPLES[kind]], dtype=object)
    labels = np.array([place for place, kind in enumerate(KINDS) for _ in EXAMPLES[kind]])
    is_held = np.arange(len(texts)) % 5 == 2
    model = fit_replies(list(texts[~is_held]), labels[~is_held])
    scores = model.scores(list(texts[is_held]))
    assert (scores.argmax(axis=1) == labels[is_held]).mean() >= 0.8
