"""The text of a process, told with the wish for it."""

import pytest
from tests.dialogue.parcels import NOW, SLOTS

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.understanding.told_text import told_text

CALL = Slot(name="wants_call", type="bool", description="whether to call back")
TOLD = [SLOTS["note"], CALL]


@pytest.mark.parametrize(
    ("told", "slots", "text"),
    [
        ("the driver was rude. please don't call me", TOLD, "the driver was rude"),
        ("the driver was rude, thanks", TOLD, "the driver was rude"),
        ("AB123456", TOLD, ""),
        ("thank you", TOLD, ""),
        ("the driver was rude", [SLOTS["order_id"], SLOTS["note"]], ""),
        ("the driver was rude", [], ""),
    ],
)
def test_texts(told: str, slots: list[Slot], text: str) -> None:
    assert told_text(told, slots, language="en", now=NOW) == text
