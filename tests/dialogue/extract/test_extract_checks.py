"""Values brought to their slot's type, and the problems that are named."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract import PROBLEM_TEXTS, validate_slot

BOOL = Slot(
    name="b",
    type="bool",
    labels={True: {"en": ("express",), "zh": ("加急",)}, False: {"en": ("standard",), "zh": ("普通",)}},
)
FLOAT = Slot(name="f", type="float", min_value=1, max_value=20)
SIZE = Slot(
    name="s",
    type="categorical",
    values=("small", "large", 3),
    labels={"small": {"zh": ("小杯",)}, "large": {"zh": ("大杯",)}},
)
LIST = Slot(name="l", type="list")
SIZES = Slot(name="l", type="list", values=("small", "large"))
TEXT, ANY = Slot(name="t"), Slot(name="a", type="any")
CODE = Slot(name="o", format="order_id", pattern=r"[A-Z]{2}\d{6}")


def of(text_format: str) -> Slot:
    return Slot(name=text_format, format=text_format)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("slot", "value", "checked"),
    [
        (BOOL, True, True), (BOOL, "yes", True), (BOOL, "不用了", False), (BOOL, "true", True), (BOOL, "False", False), (BOOL, 1, True), (BOOL, 0, False), (BOOL, "加急", True), (BOOL, "Standard", False),
        (FLOAT, 3, 3), (FLOAT, 3.5, 3.5), (FLOAT, "3", 3), (FLOAT, "三个", 3), (FLOAT, "3 people", 3), (FLOAT, "12.0", 12), (FLOAT, 20, 20), (FLOAT, "$5", 5),
        (SIZE, "small", "small"), (SIZE, "SMALL ", "small"), (SIZE, "大杯", "large"), (SIZE, 3, 3), (SIZE, "3", 3),
        (LIST, ["a", "b"], ["a", "b"]), (LIST, "a", ["a"]), (SIZES, ["Small", "large"], ["small", "large"]), (LIST, [], []),
        (TEXT, " hi ", "hi"), (TEXT, 5, "5"), (TEXT, True, "true"), (TEXT, "a\u200bb", "ab"), (ANY, {"x": [1]}, {"x": [1]}), (TEXT, None, None), (FLOAT, None, None),
        (of("date"), "2026-11-25", "2026-11-25"), (of("date"), "2026-11-25T10:00", "2026-11-25"), (of("time"), "14:30", "14:30"), (of("time"), "9:05", "09:05"), (of("time"), "24:00", "00:00"), (of("time"), "14:30:00", "14:30"),
        (of("number"), "3.5", 3.5), (of("number"), 7, 7), (of("money"), "￥12.5", {"amount": "12.50", "currency": "CNY"}), (of("money"), 20, {"amount": "20", "currency": ""}),
        (of("money"), {"amount": "12.5", "currency": "USD"}, {"amount": "12.50", "currency": "USD"}), (of("phone"), "138-0013-8000", "13800138000"), (of("phone"), 13800138000, "13800138000"),
        (of("email"), "a@b.co", "a@b.co"), (of("email"), "A@B.CO", "A@b.co"), (of("address"), "5 Elm St", "5 Elm St"), (of("name"), "王小明", "王小明"), (CODE, "ab 123456", "AB123456"), (of("order_id"), 12345, "12345"),
    ],
)  # fmt: skip
def test_right_values(slot: Slot, value: Any, checked: Any) -> None:
    result = validate_slot(slot, value)
    assert result.is_valid
    assert result.value == checked
    assert type(result.value) is type(checked)


@pytest.mark.parametrize(
    ("slot", "value", "problem"),
    [
        (BOOL, "maybe", "slot_not_yes_no"), (BOOL, 7, "slot_not_yes_no"), (BOOL, [], "slot_not_yes_no"), (FLOAT, "many", "slot_not_a_number"), (FLOAT, True, "slot_not_a_number"), (FLOAT, math.nan, "slot_not_a_number"),
        (FLOAT, math.inf, "slot_not_a_number"), (FLOAT, "3 or 4", "slot_not_a_number"), (FLOAT, 0, "slot_too_small"), (FLOAT, "21", "slot_too_large"), (SIZE, "smal", "slot_near_choice"), (SIZE, "huge", "slot_not_a_choice"),
        (SIZE, True, "slot_not_a_choice"), (SIZE, ["small"], "slot_not_a_choice"), (SIZES, ["small", "huge"], "slot_not_a_choice"), (LIST, ["x"] * 51, "slot_too_many"), (TEXT, "", "slot_empty"), (TEXT, "x" * 2001, "slot_too_long"),
        (of("date"), "2026-02-30", "slot_no_such_date"), (of("date"), "next week", "slot_not_a_date"), (of("date"), 20261125, "slot_not_a_date"), (of("time"), "25:00", "slot_not_a_time"), (of("time"), "24:30", "slot_not_a_time"),
        (of("time"), "soon", "slot_not_a_time"), (of("number"), "some", "slot_not_a_number"), (of("money"), "a lot", "slot_not_money"), (of("money"), {"amount": "NaN"}, "slot_not_money"), (of("money"), {"amount": "5", "currency": "dollars"}, "slot_not_money"),
        (of("money"), -5, "slot_not_money"), (of("phone"), "12345", "slot_not_a_phone"), (of("phone"), [], "slot_not_a_phone"), (of("email"), "a@b", "slot_not_an_email"), (of("email"), "a@b.co and c@d.co", "slot_not_an_email"),
        (of("name"), "!!!", "slot_empty"), (CODE, "AB12", "slot_not_of_form"), (CODE, [1], "slot_not_of_form"), (Slot(name="p", pattern=r"\d{4}"), "12a4", "slot_not_of_form"),
        (FLOAT, "5 to 6", "slot_not_a_number"),
    ],
)  # fmt: skip
def test_wrong_values_are_named(slot: Slot, value: Any, problem: str) -> None:
    result = validate_slot(slot, value)
    assert (result.problem, result.value) == (problem, None)


@pytest.mark.parametrize("slot", [FLOAT, LIST, TEXT, SIZE, of("money"), of("phone")], ids=lambda slot: slot.name)
def test_endless_integers_are_refused(slot: Slot) -> None:
    for value in (10**5000, [10**5000], {"amount": -(10**5000)}):
        assert validate_slot(slot, value).problem == "slot_too_long"


@pytest.mark.parametrize(
    ("slot", "value", "values"),
    [(FLOAT, 0, {"value": "0", "min": "1"}), (FLOAT, 21.5, {"value": "21.5", "max": "20"}), (SIZE, "smal", {"value": "smal", "choices": "small"}), (SIZE, "xx", {"value": "xx", "choices": "small, large, 3"})],
)  # fmt: skip
def test_the_values_of_a_problem(slot: Slot, value: Any, values: dict[str, str]) -> None:
    assert dict(validate_slot(slot, value).values) == values


@pytest.mark.parametrize("name", sorted(PROBLEM_TEXTS))
def test_every_problem_is_worded_in_both_languages(name: str) -> None:
    assert {language: bool(text.strip()) for language, text in PROBLEM_TEXTS[name].items()} == {"zh": True, "en": True}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["amount", "currency", "x"]), inner, max_size=3)
    ),
)
SLOTS = [
    BOOL,
    FLOAT,
    SIZE,
    LIST,
    SIZES,
    TEXT,
    ANY,
    CODE,
    *map(of, ("date", "time", "number", "money", "phone", "email", "order_id", "address", "name")),
]


@given(JSON)
def test_any_value_is_checked_and_a_right_one_stays_right(value: Any) -> None:
    for slot in SLOTS:
        result = validate_slot(slot, value)
        assert result.problem in ("", *PROBLEM_TEXTS)
        if result.is_valid and slot is not ANY:
            assert validate_slot(slot, result.value) == result
