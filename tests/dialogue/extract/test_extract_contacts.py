"""Phone numbers and e-mail addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.extract.contacts import phone_confidence, phone_value, read_emails, read_phones
from chatwright.language.in_place import fold_in_place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("13800138000", "13800138000"), ("138 0013 8000", "13800138000"), ("138-0013-8000", "13800138000"), ("我的电话13800138000谢谢", "13800138000"),
        ("１３８００１３８０００", "13800138000"), ("一三八零零一三八零零零", "13800138000"), ("幺三八零零幺三八零零零", "13800138000"), ("+86 138 0013 8000", "+8613800138000"),
        ("8613800138000", "+8613800138000"), ("0086 13800138000", "+8613800138000"), ("010-12345678", "01012345678"), ("0755-12345678", "075512345678"),
        ("400-800-1234", "4008001234"), ("+852 2345 6789", "+85223456789"), ("23456789", "23456789"), ("+853 6612 3456", "+85366123456"), ("0912-345-678", "0912345678"),
        ("+886 912 345 678", "+886912345678"), ("(02) 2345-6789", "0223456789"), ("(415) 555-2671", "4155552671"), ("+1 415 555 2671", "+14155552671"),
        ("1-415-555-2671", "14155552671"), ("020 7946 0958", "02079460958"), ("+44 20 7946 0958", "+442079460958"), ("07700 900123", "07700900123"),
        ("+44 (0)20 7946 0958", "+442079460958"), ("+49 30 901820", "+4930901820"), ("call 415.555.2671 please", "4155552671"),
    ],
)  # fmt: skip
def test_phones(text: str, value: str) -> None:
    (reading,) = read_phones(fold_in_place(text), is_asked=True)
    assert reading.value == value
    assert 0 <= reading.start < reading.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "2026-11-25",
        "12345678901234567890",
        "99999999999",
        "+8613800",
        "+86 12345678901",
        "a13800138000",
        "no phone",
        "1299.50",
    ],
)
def test_no_phone(text: str) -> None:
    assert read_phones(fold_in_place(text), is_asked=True) == []


def test_eight_digits_are_a_phone_only_when_asked() -> None:
    assert read_phones("23456789") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("me@example.com", "me@example.com"), ("我的邮箱是zhang.san@QQ.com谢谢", "zhang.san@qq.com"), ("Write to Bob.Smith@Mail.Example.co.uk.", "Bob.Smith@mail.example.co.uk"),
        ("ｍｅ@example.com", "me@example.com"), ("<a+b@x-y.org>", "a+b@x-y.org"), ("邮箱：123456@qq.com", "123456@qq.com"), ("mailto:o'neil@a.ie", "o'neil@a.ie"),
    ],
)  # fmt: skip
def test_emails(text: str, value: str) -> None:
    (reading,) = read_emails(text, fold_in_place(text))
    assert (reading.value, reading.is_unmistakable) == (value, True)


@pytest.mark.parametrize(
    "text", ["", "@", "a@b", "@x.com", "x@@y.com", "a..b@c.com", "a.@b.com", "a@-b.com", "at example dot com"]
)
def test_no_email(text: str) -> None:
    assert read_emails(text, fold_in_place(text)) == []


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "-"]))
def test_a_mobile_number_reads_back_however_it_is_grouped(number: str, mark: str) -> None:
    written = mark.join((number[:3], number[3:7], number[7:]))
    (reading,) = read_phones(f"我的手机号是{written}。")
    assert reading.value == number
    assert phone_confidence(phone_value(written)) > 0.9
