"""Sentences have exact offsets and lose nothing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.language.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]), ("一。二！三？", ["一。", "二！", "三？"]),
        ("Costs $1.50 today. Next.", ["Costs $1.50 today.", "Next."]), ("See Dr. Li at 9 a.m. today.", ["See Dr. Li at 9 a.m. today."]),
        ("标题\n内容。", ["标题", "内容。"]), ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("1. First item\n2. Second item", ["1. First item", "2. Second item"]), ("No end", ["No end"]), ("  \n ", []),
        ("Really?! Yes.", ["Really?!", "Yes."]), ("End.中文。", ["End.", "中文。"]), ("e.g. this one.", ["e.g. this one."]),
        ("visit www.a.example. Thanks.", ["visit www.a.example.", "Thanks."]),
    ],
)  # fmt: skip
def test_split_sentences(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text)] == sentences


@given(st.text(alphabet=st.sampled_from("ab A.!?。！？；…\n \t”\"'1"), max_size=120) | st.text(max_size=120))
def test_every_character_is_in_exactly_one_sentence(text: str) -> None:
    spans = split_sentences(text)
    assert all(start < end and text[start:end].strip() == text[start:end] for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    gaps = zip([0, *ends], [*starts, len(text)], strict=True)
    assert not "".join(text[end:start] for end, start in gaps).strip()
