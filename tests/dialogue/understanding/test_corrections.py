"""Corrections by contrast of what was shown: which slot, which value, and when it is asked which is meant."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dialogue.parcels import context

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.understanding.corrections import read_correction, replace_part
from chatwright.language.detect import has_han

ZH, EN = "苏州市工业园区望栗路20号3栋502室", "Flat 2B, 71 Dorset Street, London W1U 7NQ"
SLOTS = (
    Slot(name="device", type="categorical", values=("phone", "tablet"), labels={"phone": {"zh": ("手机",), "en": ("phone",)}, "tablet": {"zh": ("平板",), "en": ("tablet",)}}),
    Slot(name="visit_date", format="date"),
    Slot(name="visit_time", format="time"),
    Slot(name="phone", format="phone"),
    Slot(name="address", format="address"),
    Slot(name="wants_call", type="bool", description="whether to call back", labels={"wants_call": {"zh": ("回电",), "en": ("call back",)}}),
)  # fmt: skip
HELD: dict[str, Any] = {"device": "phone", "visit_date": "2026-12-09", "visit_time": "17:00", "phone": "13800001111", "wants_call": False}  # fmt: skip


def correct(text: str, **held: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    language = "zh" if has_han(text) else "en"
    standing = context(language, open_flow="f", asked="go", confirmation="go", slots={**HELD, **held})
    found = read_correction(text, SLOTS, standing)
    return {command.slot: command.value for command in found.commands}, found.slots


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("哎 说错了 是602室不是502", "苏州市工业园区望栗路20号3栋602室"), ("是602不是502", "苏州市工业园区望栗路20号3栋602室"),
        ("不是502，是602室", "苏州市工业园区望栗路20号3栋602室"), ("502改成602", "苏州市工业园区望栗路20号3栋602室"),
        ("3栋应该是8栋", "苏州市工业园区望栗路20号8栋502室"), ("望栗路30号，不是20号", "苏州市工业园区望栗路30号3栋502室"),
        ("hmm it's Flat 2C, not 2B", "Flat 2C, 71 Dorset Street, London W1U 7NQ"), ("not 2B but 2C", "Flat 2C, 71 Dorset Street, London W1U 7NQ"),
        ("2C instead of 2B", "Flat 2C, 71 Dorset Street, London W1U 7NQ"), ("change 71 to 17", "Flat 2B, 17 Dorset Street, London W1U 7NQ"),
        ("sorry, number 17 not 71", "Flat 2B, 17 Dorset Street, London W1U 7NQ"), ("Flat 2B, 71 Dorset Street, London W1U 7QN", "Flat 2B, 71 Dorset Street, London W1U 7QN"),
        ("苏州市工业园区望栗路20号5栋502室", "苏州市工业园区望栗路20号5栋502室"), ("2B should be 2C", "Flat 2C, 71 Dorset Street, London W1U 7NQ"), ("no, 72 Dorset Street, not 71", "Flat 2B, 72 Dorset Street, London W1U 7NQ"),
    ],
)  # fmt: skip
def test_a_part_of_an_address(text: str, address: str) -> None:
    assert correct(text, address=ZH if has_han(text) else EN) == ({"address": address}, ())


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("Wait, can I do 7 pm rather than 5?", {"visit_time": "19:00"}), ("6pm instead", {"visit_time": "18:00"}), ("等下 不是手机 是平板坏了", {"device": "tablet"}),
        ("not the phone, the tablet", {"device": "tablet"}), ("tablet not phone", {"device": "tablet"}), ("on second thought yes, do call me", {"wants_call": True}),
        ("呃 还是给我回个电话吧", {"wants_call": True}), ("is Saturday open too?", {}), ("yes go ahead", {}), ("对 就这样", {}), ("not now", {}), ("no", {}),
        ("sorry, it should be 421 Maple Street, Apt 9, Portland", {}), ("I'd like something else instead", {}), ("不是很确定", {}), ("", {}), ("not " * 200, {}),
    ],
)  # fmt: skip
def test_values(text: str, slots: dict[str, Any]) -> None:
    assert correct(text) == (slots, ())


def test_of_several_it_is_asked_which() -> None:
    both = (Slot(name="arrival", format="date"), Slot(name="departure", format="date"))
    standing = context(open_flow="f", slots={"arrival": "2026-12-09", "departure": "2026-12-11"})
    assert read_correction("Saturday instead", both, standing).slots == ("arrival", "departure")


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=8), st.text(max_size=8))
def test_only_the_denied_part_is_replaced(value: str, new: str, old: str) -> None:
    changed = replace_part(value, new, old) if old.strip() and new.strip() else ""
    if changed:
        place = next(i for i in range(len(value) + 1) if not changed.startswith(value[:i]) or i == len(value))
        assert changed.startswith(value[: max(0, place - 1)])
        assert len(changed) <= len(value) + len(new)
