"""Choices of a categorical slot: by value, label, place, and with a slip of the keyboard."""

import pytest

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.choices import nearest_choices, read_choices
from chatwright.language.in_place import fold_in_place

REASON = Slot(
    name="reason", type="categorical", values=("damaged", "wrong_item", "other"),
    labels={
        "damaged": {"zh": ("坏了", "破损"), "en": ("broken",)},
        "wrong_item": {"zh": ("发错了", "发错货"), "en": ("wrong item",)},
        "other": {"zh": ("其他",), "en": ("something else",)},
    },
)  # fmt: skip
SIZE = Slot(name="size", type="categorical", values=("S", "M", "L"))
LEVEL = Slot(name="level", type="categorical", values=(1, 2, 3))
TWO = Slot(name="kind", type="categorical", values=("commercial", "private"))


@pytest.mark.parametrize(
    ("slot", "text", "value"),
    [
        (REASON, "damaged", "damaged"), (REASON, "it's broken", "damaged"), (REASON, "坏了", "damaged"), (REASON, "收到就破損了", "damaged"), (REASON, "wrong item", "wrong_item"),
        (REASON, "wrong-item", "wrong_item"), (REASON, "发错货了", "wrong_item"), (REASON, "something else", "other"), (REASON, "ＯＴＨＥＲ", "other"), (REASON, "demaged", "damaged"),
        (REASON, "the second one", "wrong_item"), (REASON, "the first", "damaged"), (REASON, "第二个", "wrong_item"), (REASON, "第3个吧", "other"), (REASON, "2", "wrong_item"), (REASON, "选二", "wrong_item"),
        (REASON, "option 3", "other"), (REASON, "B", "wrong_item"), (REASON, "the last one", "other"), (REASON, "最后一个", "other"), (REASON, "3rd", "other"), (REASON, "number one", "damaged"),
        (SIZE, "m please", "M"), (SIZE, "L", "L"), (SIZE, "我要S的", "S"), (LEVEL, "2", 2), (LEVEL, "level 3", 3), (LEVEL, "第一个", 1),
        (TWO, "comercial", "commercial"), (TWO, "the former", "commercial"), (TWO, "后者", "private"), (TWO, "the latter", "private"), (TWO, "Commercial use", "commercial"),
    ],
)  # fmt: skip
def test_choices_when_asked(slot: Slot, text: str, value: object) -> None:
    (reading,) = read_choices(slot, fold_in_place(text), is_asked=True)
    assert reading.value == value
    assert type(reading.value) is type(value)


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        (REASON, "either"), (REASON, "随便"), (REASON, "都行"), (REASON, "you choose"), (REASON, "the ninth one"), (REASON, "7"), (REASON, "the latter"), (REASON, "hello"), (REASON, ""), (REASON, "无所谓"),
        (SIZE, "small"), (SIZE, "many"), (TWO, "communal"), (LEVEL, "22"), (REASON, "both of them"),
    ],
)  # fmt: skip
def test_no_choice(slot: Slot, text: str) -> None:
    assert read_choices(slot, fold_in_place(text), is_asked=True) == []


def test_several_named_are_several_readings() -> None:
    assert [reading.value for reading in read_choices(REASON, "发错了，还坏了")] == ["wrong_item", "damaged"]


@pytest.mark.parametrize("text", ["the second one", "第二个", "2", "demaged"])
def test_places_and_slips_count_only_when_asked(text: str) -> None:
    assert read_choices(REASON, text) == []


@pytest.mark.parametrize(
    ("written", "near"),
    [("damagd", ["damaged"]), ("wrong items", ["wrong_item"]), ("发错", ["wrong_item"]), ("xyz", [])],
)
def test_nearest_choices(written: str, near: list[str]) -> None:
    assert nearest_choices(REASON, written) == near
