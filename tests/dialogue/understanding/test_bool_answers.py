"""Answers to a yes-or-no question of a flow that are neither yes nor no by the letter."""

import pytest

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.understanding.bool_answers import read_bool_answer

CALL = Slot(
    name="wants_call", type="bool", description="whether we should call back", labels={"wants_call": {"zh": ("需要回电", "回电"), "en": ("call back",)}}
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("打 必须打给我", True), ("please do", True), ("回电吧", True), ("ring me", True), ("是的打给我", True), ("打吧", True),
        ("no call needed", False), ("nope dont call", False), ("不用给我打电话了", False), ("not needed, thanks", False), ("别打了", False), ("no calls", False),
        ("You charged my card twice", None), ("快点行不行", None), ("随便", None), ("will you call me?", None), ("", None), ("x" * 300, None),
    ],
)  # fmt: skip
def test_read(text: str, value: bool | None) -> None:
    assert read_bool_answer(CALL, text) is value
