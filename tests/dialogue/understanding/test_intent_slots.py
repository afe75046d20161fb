"""An intent with its entities fills slots by their mappings."""

from typing import Any

import pytest

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.understanding.intent_slots import slots_of_intent

SLOTS = [
    Slot(name="seating", type="bool", mappings=(
        {"type": "from_intent", "intent": "affirm", "value": True}, {"type": "from_intent", "intent": "deny", "value": False},
    )),
    Slot(name="cuisine", mappings=({"type": "from_entity", "entity": "food", "not_intent": ["stop", "greet"]},)),
    Slot(name="number", type="float", mappings=({"type": "from_entity", "entity": "number", "intent": "inform"},)),
    Slot(name="free", mappings=({"type": "from_text"}, {"type": "from_intent", "intent": "deny"})),
]  # fmt: skip


@pytest.mark.parametrize(
    ("intent", "entities", "asked", "filled"),
    [
        ("affirm", {}, "seating", {"seating": True}),
        ("deny", {}, "seating", {"seating": False}),
        ("affirm", {}, "cuisine", {}),
        ("inform", {"food": "thai", "number": 3}, "", {"cuisine": "thai", "number": 3}),
        ("stop", {"food": "thai", "number": 3}, "", {}),
        ("affirm", {"food": "thai"}, "seating", {"seating": True, "cuisine": "thai"}),
        ("deny", {}, "free", {}),
        ("", {}, "seating", {}),
    ],
)
def test_slots_of_intent(intent: str, entities: dict[str, Any], asked: str, filled: dict[str, Any]) -> None:
    assert {command.slot: command.value for command in slots_of_intent(intent, entities, SLOTS, asked)} == filled
