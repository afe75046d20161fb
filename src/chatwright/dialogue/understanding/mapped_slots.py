"""Fills slots as their `mappings:` say: from entities, from the intent, from the text. Rasa's meaning of them.

In: the slots that may be filled now, the entities of a message, and what it was ranked as. Out: SetSlot commands.
`from_entity` fills without being asked; `from_intent` and `from_text` only what was asked for, or where the mapping
names an intent. A slot that nothing maps, or whose entity is not in the message, is read as any other.
Conditions on forms (`active_loop`) are met by the flow being open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatwright.dialogue.commands import SetSlot
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.understanding.entities import Entity
from chatwright.dialogue.understanding.understood import Ranked

LEAST_INTENT = 0.5  # chance of an intent that may fill a slot


def from_entities(
    slots: Iterable[Slot], entities: Sequence[Entity], filled: Mapping[str, Any], asked: str = ""
) -> list[SetSlot]:
    """filled: what the slots hold; what they hold already is not set again. asked: the slot that was asked for; a value
    whose role nothing tells has the one that was asked for."""
    commands: list[SetSlot] = []
    for slot in slots:
        found: dict[str, None] = {}
        for mapping in slot.mappings:
            if mapping.get("type") == "from_entity" and not _names_intent(mapping):
                fitting = [each for each in entities if _fits(each, mapping)]
                if not fitting and slot.name == asked:
                    fitting = [each for each in entities if _fits(_as_asked(each, mapping), mapping)]
                found |= dict.fromkeys(each.value for each in fitting)
        commands += _settings(slot, list(found), filled)
    return commands


def from_intent(slot: Slot, ranked: Ranked | None, entities: Sequence[Entity], text: str) -> list[SetSlot]:
    """What the intent of the message says of the slot that was asked for."""
    intent, chance = _best(ranked)
    for mapping in slot.mappings if chance >= LEAST_INTENT else ():
        if not _allows(mapping, intent):
            continue
        kind = mapping.get("type")
        if kind == "from_intent":
            return [SetSlot(slot=slot.name, value=mapping.get("value"))]
        if kind == "from_text" and _names_intent(mapping):
            return [SetSlot(slot=slot.name, value=text.strip())]
        if kind == "from_entity" and _names_intent(mapping):
            values = dict.fromkeys(each.value for each in entities if _fits(each, mapping))
            return _settings(slot, list(values), {})
    return []


def _settings(slot: Slot, values: list[str], filled: Mapping[str, Any]) -> list[SetSlot]:
    if not values:
        return []
    if slot.type == "list":
        return [SetSlot(slot=slot.name, value=values)] if filled.get(slot.name) != values else []
    return [SetSlot(slot=slot.name, value=value) for value in values[:3] if filled.get(slot.name) != value]


def _best(ranked: Ranked | None) -> tuple[str, float]:
    if ranked is None or not ranked.intents:
        return "", 0.0
    intent, confidence = ranked.intents[0]
    return intent, confidence * ranked.in_scope


def _as_asked(entity: Entity, mapping: Mapping[str, Any]) -> Entity:
    if entity.role or entity.group:
        return entity
    return replace(entity, role=mapping.get("role") or "", group=mapping.get("group") or "")


def _fits(entity: Entity, mapping: Mapping[str, Any]) -> bool:
    wanted_role, wanted_group = mapping.get("role"), mapping.get("group")
    return (
        entity.entity == mapping.get("entity")
        and (wanted_role is None or entity.role == wanted_role)
        and (wanted_group is None or entity.group == wanted_group)
    )


def _names_intent(mapping: Mapping[str, Any]) -> bool:
    return bool(mapping.get("intent") or mapping.get("not_intent"))


def _allows(mapping: Mapping[str, Any], intent: str) -> bool:
    wanted, unwanted = _listed(mapping.get("intent")), _listed(mapping.get("not_intent"))
    return (not wanted or intent in wanted) and intent not in unwanted


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
