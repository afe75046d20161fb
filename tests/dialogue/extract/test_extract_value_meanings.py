"""Choices that are told, not named."""

from datetime import datetime
from typing import Any

import pytest

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract import read_slot
from chatwright.dialogue.extract.value_meanings import read_meanings
from chatwright.language.in_place import fold_in_place

REASON = Slot(
    name="why",
    type="categorical",
    values=("defect", "regret", "mix_up"),
    labels={
        "defect": {"zh": ("质量问题",), "en": ("broken",)},
        "regret": {"zh": ("不想要了",), "en": ("changed my mind",)},
        "mix_up": {"zh": ("发错了",), "en": ("wrong item",)},
    },
)
COLOUR = Slot(name="colour", type="categorical", values=("red", "blue"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("the lamp won't switch on", "defect"),
        ("it makes a squeaking noise and leaks", "defect"),
        ("灯泡一开就死机，还发烫", "defect"),
        ("拉链坏了", "defect"),
        ("I no longer need it", "regret"),
        ("he doesn’t like the smell", "regret"),
        ("too tight around the waist", "regret"),
        ("买重了，家里已经有", "regret"),
        ("穿着不舒服", "regret"),
        ("I bought a kettle but a toaster came", "mix_up"),
        ("they shipped me somebody's different lamp, not what we ordered", "mix_up"),
        ("我订的是蓝色，寄来的是绿色", "mix_up"),
        ("尺码不对", "mix_up"),
        ("it stopped charging, I don't want it", "defect"),  # the wish to be rid of it has a reason
        ("I no longer want to return it", None),
        ("the wrong item came and it is cracked", None),  # two reasons: asked
        ("没坏", None),
        ("hello", None),
    ],
)  # fmt: skip
def test_what_is_told_of_a_thing(text: str, value: str | None) -> None:
    found = read_meanings(REASON, fold_in_place(text))
    assert (found[0].value if found else None) == value


def test_values_that_mean_none_of_it_are_read_by_name_alone() -> None:
    assert read_meanings(COLOUR, "it is broken") == []


@pytest.mark.parametrize(("is_asked", "confidence"), [(True, 0.8), (False, 0.5)])
def test_unasked_it_is_less_sure(is_asked: bool, confidence: float) -> None:
    now = datetime(2026, 11, 24)
    found: Any = read_slot(REASON, "the lamp won't switch on", language="en", now=now, is_asked=is_asked)
    assert (found.value, found.confidence) == ("defect", confidence)
