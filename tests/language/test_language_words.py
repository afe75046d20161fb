"""Words, stems and search terms of both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.language.words import content_words, search_terms, stem, tagged_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Returns take 1,299.50 days", ["returns", "take", "1299.50", "days"]), ("customer's", ["customer"]),
        ("退款要多久？", ["退款", "要", "多久"]), ("don't", ["don't"]), ("Wi-Fi 6", ["wi", "fi", "6"]), ("", []), ("!?。", []),
    ],
)  # fmt: skip
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "same",
    [
        ["returns", "returned", "returning", "return"], ["policies", "policy"], ["shipping", "shipped", "ship", "ships"],
        ["refunds", "refunded"], ["stores", "store", "stored"], ["deliveries", "delivery"],
    ],
)  # fmt: skip
def test_stems_meet(same: list[str]) -> None:
    assert len({stem(word) for word in same}) == 1


@pytest.mark.parametrize("word", ["退货", "the", "gas", "n5", "1299", "glass"])
def test_stems_that_stay(word: str) -> None:
    assert stem(word) == word


def test_content_words_drop_what_carries_no_meaning() -> None:
    assert content_words("请问你们的退货政策是什么") == ["退货", "政策"]
    assert content_words("What is the return policy?") == ["return", "policy"]


def test_search_terms_hold_the_parts_of_long_words() -> None:
    assert "上海" in search_terms("上海市政府")


@given(st.text(max_size=120))
def test_words_are_folded_and_not_empty(text: str) -> None:
    assert all(word and word == word.lower() for word in words(text))


@given(st.text(alphabet="退货运费abcN5 12,.？\n", max_size=60))
def test_tagged_words_join_to_the_text(text: str) -> None:
    assert "".join(word for word, _ in tagged_words(text)) == text
