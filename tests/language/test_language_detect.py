"""Which of the two languages a message is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.language.detect import detect_language, has_han


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("怎么退货", "zh"), ("how do I return it", "en"), ("N5 Pro 支持 5G 吗", "zh"), ("Pip 2 Pro 能退吗？", "zh"),
        ("What does 退款 mean in your policy page", "en"), ("運費多少", "zh"), ("USB-C", "en"), ("12:30？", "en"), ("", "en"),
        ("ok 好的", "zh"),
    ],
)  # fmt: skip
def test_detect_language(text: str, language: str) -> None:
    assert detect_language(text) == language


@given(st.text(alphabet="0123456789 .!?😀\n", max_size=40), st.sampled_from(["zh", "en"]))
def test_without_letters_the_default_stands(text: str, default: str) -> None:
    assert detect_language(text, default) == default  # type: ignore[arg-type]


@given(st.text(alphabet="退款运费多少", min_size=1), st.text(alphabet="0123 ,.", max_size=5))
def test_chinese_is_chinese_with_digits_around_it(text: str, around: str) -> None:
    assert has_han(text)
    assert detect_language(around + text + around) == "zh"
