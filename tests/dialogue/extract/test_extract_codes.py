"""Order ids: by the slot's pattern, and without one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.extract.codes import check_pattern, read_codes
from chatwright.errors import ConfigError
from chatwright.language.in_place import fold_in_place


@pytest.mark.parametrize(
    ("text", "pattern", "value"),
    [
        ("AB123456", r"[A-Z]{2}\d{6}", "AB123456"), ("it's ab123456, thanks", r"[A-Z]{2}\d{6}", "AB123456"), ("订单AB123456的包裹", r"[A-Z]{2}\d{6}", "AB123456"),
        ("AB 123456", r"[A-Z]{2}\d{6}", "AB123456"), ("AB-123456", r"[A-Z]{2}\d{6}", "AB123456"), ("ord 12345", r"ORD-\d{5}", "ORD-12345"), ("ＡＢ１２３４５６", r"[A-Z]{2}\d{6}", "AB123456"),
        ("#10042", r"\d{5}", "10042"), ("订单号：20261124001", r"\d{11}", "20261124001"), ("4711 0815", r"\d{8}", "47110815"), ("No.7-88-99", r"\d-\d\d-\d\d", "7-88-99"),
        ("ORD-12345", "", "ORD-12345"), ("my order is A12345678 thanks", "", "A12345678"), ("订单号20261124001", "", "20261124001"), ("10042", "", "10042"), ("#X-99-1", "", "X-99-1"),
    ],
)  # fmt: skip
def test_codes(text: str, pattern: str, value: str) -> None:
    (reading,) = read_codes(text, fold_in_place(text), pattern, is_asked=True)
    assert (reading.value, reading.is_unmistakable) == (value, pattern != "")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("123456789", r"\d{6}"),
        ("", r"\d{6}"),
        ("hello", ""),
        ("3pm", ""),
        ("2nd", ""),
        ("2026-11-25", ""),
        ("500ml", ""),
        ("12", ""),
        ("ABCDEF", ""),
    ],
)
def test_no_code(text: str, pattern: str) -> None:
    assert read_codes(text, fold_in_place(text), pattern, is_asked=True) == []


@pytest.mark.parametrize("pattern", ["(a+)+", r"(\w*)*x", "([A-Z]+){2,}", "[", "(?P<a"])
def test_a_bad_pattern_is_named(pattern: str) -> None:
    with pytest.raises(ConfigError, match="pattern"):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"(\d{4}-){2}\d{4}", r"(?:[A-Z]\d)+", r"(\d+-)+\d", r"[A-Z]{2}\d{6}"])
def test_ordinary_patterns_pass(pattern: str) -> None:
    assert check_pattern(pattern).pattern == pattern


@given(
    st.from_regex(r"[A-Z]{2}[0-9]{6}", fullmatch=True),
    st.sampled_from(["{}", "订单{}要退货", "my order is {} ok?", "单号：{}。", "{}谢谢"]),
)
def test_an_id_is_found_wherever_it_stands(code: str, frame: str) -> None:
    text = frame.format(code.lower())
    assert [reading.value for reading in read_codes(text, fold_in_place(text), r"[A-Z]{2}\d{6}")] == [code]


@pytest.mark.parametrize(
    ("text", "pattern", "is_asked", "value"),
    [
        ("it is 123456", r"AB-?\d{6}", True, "AB123456"),
        ("123456", r"AB\d{6}", False, None),  # unasked, digits are no code
        ("123456", r"[A-Z]{2}\d{6}", True, None),  # the letters may be any
        ("12345", r"AB\d{6}", True, None),
    ],
)
def test_digits_without_the_letters_that_every_code_begins_with(
    text: str, pattern: str, is_asked: bool, value: str | None
) -> None:
    found = read_codes(text, text, pattern, is_asked=is_asked)
    assert [reading.value for reading in found] == ([value] if value else [])
    assert not any(reading.is_unmistakable for reading in found)
