"""Folding makes the same words equal and hides nothing that can be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.language.fold import fold, fold_script, strip_invisible


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ　１２３", "abc 123"), ("退貨運費", "退货运费"), ("N5 Pro", "n5 pro"), ("re\u200bfund", "refund"),
        ("\u202eabc", "abc"), ("ﬁ", "fi"), ("㎏", "kg"), ("ÉCOLE", "école"), ("臺灣", "台湾"), ("", ""),
        ("a\U000e0041b", "ab"), ("soft\u00adhyphen", "softhyphen"),
    ],
)  # fmt: skip
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=200))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(st.text(max_size=200))
def test_only_case_separates_fold_from_fold_script(text: str) -> None:
    assert fold_script(text).lower() == fold(text)


@given(st.text(max_size=200))
def test_what_is_stripped_is_a_subsequence_and_stays_stripped(text: str) -> None:
    stripped = strip_invisible(text)
    rest = iter(text)
    assert all(character in rest for character in stripped)
    assert strip_invisible(stripped) == stripped


def test_newlines_and_tabs_stay() -> None:
    assert strip_invisible("a\tb\r\nc\x00\x1b") == "a\tb\r\nc"
