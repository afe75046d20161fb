"""What a message says of the slots of open, beginning and offered flows."""

from typing import Any

import pytest
from tests.dialogue.parcels import DOMAIN, FLOWS, context

from chatwright.dialogue.commands import SetSlot, StartFlow
from chatwright.dialogue.understanding.slot_reading import SlotReading

READING = SlotReading(FLOWS, DOMAIN, None)


def test_the_open_flow_and_what_was_asked_may_be_answered() -> None:
    standing = context(open_flow="return_parcel", asked="visit_date")
    names = [slot.name for slot in READING.answerable(standing)]
    assert names[0] == "visit_date"
    assert {slot.name for slot in READING.of_flow["return_parcel"]} < set(names)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("I want to return AB123456, it is broken", {"order_id": "AB123456", "reason": "damaged"}),
        ("我要退货，单号AB123456", {"order_id": "AB123456"}),
        ("I want to return something", {}),
    ],
)
def test_a_flow_begins_with_what_is_said_of_its_slots(text: str, values: dict[str, Any]) -> None:
    begun = READING.with_slots((StartFlow(flow="return_parcel"),), text, context())
    assert begun[0] == StartFlow(flow="return_parcel")
    assert {command.slot: command.value for command in begun[1:] if isinstance(command, SetSlot)} == values
    assert {command.slot: command.value for command in READING.said_for(("return_parcel",), text, context())} == values


def test_without_a_flow_to_begin_nothing_is_added() -> None:
    commands = (SetSlot(slot="order_id", value="AB123456"),)
    assert READING.with_slots(commands, "it is broken", context()) == commands
