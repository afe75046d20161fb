"""Folding that keeps every character in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.language.in_place import fold_in_place


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Friday", "friday"), ("ＡＢ１２", "ab12"), ("下個禮拜三", "下个礼拜三"), ("3點鐘", "3点钟"), ("that’s", "that's"), ("a–b", "a-b"), ("a\u3000b\nc\td", "a b c d"), ("，：！", ",:!"),
        ("a\u200bb", "a b"), ("½", "½"), ("İ", "İ"), ("２５號", "25号"), ("～", "~"), ("", ""),
    ],
)  # fmt: skip
def test_folds(text: str, folded: str) -> None:
    assert fold_in_place(text) == folded


@given(st.text())
def test_the_length_stays(text: str) -> None:
    assert len(fold_in_place(text)) == len(text)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_in_place(fold_in_place(text)) == fold_in_place(text)
