"""Reads an intent with its entities as slot values, by the mappings of slots (`from_intent`, `from_entity`).

In: an intent, entities by name, the slots, and which was asked. Out: SetSlot commands. `from_intent` counts for the
slot that was asked, as it does in Rasa's forms; an entity fills every slot that takes it from this intent.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chatwright.dialogue.commands import Extractor, SetSlot
from chatwright.dialogue.domain import Slot


def slots_of_intent(
    intent: str, entities: Mapping[str, Any], slots: Iterable[Slot], asked: str, extractor: Extractor = "button"
) -> list[SetSlot]:
    """One command for each slot that the intent or an entity fills, by the first of its mappings that does."""
    found: list[SetSlot] = []
    for slot in slots:
        for mapping in slot.mappings:
            if not _allows(mapping, intent):
                continue
            kind = mapping.get("type")
            if kind == "from_intent" and slot.name == asked and "value" in mapping:
                found.append(SetSlot(slot=slot.name, value=mapping["value"], extractor=extractor))
                break
            if kind == "from_entity" and mapping.get("entity") in entities:
                value = entities[str(mapping["entity"])]
                found.append(SetSlot(slot=slot.name, value=value, extractor=extractor))
                break
    return found


def _allows(mapping: Mapping[str, Any], intent: str) -> bool:
    """Whether the mapping counts for this intent: `intent` names those that do, `not_intent` those that do not."""
    wanted, unwanted = _names(mapping.get("intent")), _names(mapping.get("not_intent"))
    return (not wanted or intent in wanted) and intent not in unwanted


def _names(value: Any) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else [str(value)] if value else []
