"""Reads what a message says of the slots of the open flows, of one that begins, and of those that are offered.

In: a message and where the conversation stands. Out: Answers, or commands that set slots. Values that the training data
list (entities) come before what is read by rules where a slot's mappings ask for them. Never decides on a flow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatwright.dialogue.commands import Command, SetSlot, StartFlow
from chatwright.dialogue.domain import Domain, Slot
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_slots import collected_slots
from chatwright.dialogue.understanding.entities import Entity, EntityReader
from chatwright.dialogue.understanding.mapped_slots import from_entities, from_intent
from chatwright.dialogue.understanding.slot_answers import Answers, read_answers
from chatwright.dialogue.understanding.understood import Context, Ranked
from chatwright.dialogue.understanding.wishes import asks

_LEAST_AT_START = 0.35  # of a value said with the wish: "could we come on Friday?" says it, if as a question
_ENTITY = 0.9  # how sure a value is that the training data list


class SlotReading:
    """of_flow: the slots that each flow collects."""

    def __init__(self, flows: Mapping[str, Flow], domain: Domain, entities: EntityReader | None) -> None:
        self._domain = domain
        self._entities = entities
        self.of_flow = {
            name: [domain.slots[slot] for slot in collected_slots(flow, flows) if slot in domain.slots]
            for name, flow in flows.items()
        }

    def answerable(self, context: Context) -> list[Slot]:
        """The slots that a message may fill now: those of the open flow, and what was asked."""
        asked = self._domain.slots.get(context.asked)
        slots = {asked.name: asked} if asked else {}
        for flow in (context.open_flow, *context.callers):
            slots |= {slot.name: slot for slot in self.of_flow.get(flow, [])}
        return list(slots.values())

    def read(self, text: str, context: Context, slots: Sequence[Slot], least: float | None = None) -> Answers:
        """What the message says of these slots; entities before what is read of a slot whose mappings ask for them."""
        answers = read_answers(text, context, slots) if least is None else read_answers(text, context, slots, least)
        entities = self._entities_of(text, slots)
        filled = {name: value for name, value in context.slots.items() if name != context.asked}
        open_slots = [slot for slot in slots if filled.get(slot.name) is None or not asks(text)]
        mapped = from_entities(open_slots, entities, filled, context.asked)
        if not mapped:
            return answers
        names = {command.slot for command in mapped}
        others = tuple(command for command in answers.commands if command.slot not in names)
        is_asked = context.asked in names
        if answers.is_free_text and not is_asked and context.asked:
            # The rest of a message that names a value is no text.
            others = tuple(command for command in others if command.slot != context.asked)
        return Answers(
            commands=(*mapped, *others),
            confidence=min(_ENTITY, answers.confidence) if others else _ENTITY,
            answers_asked=is_asked or any(command.slot == context.asked for command in others),
        )

    def _entities_of(self, text: str, slots: Sequence[Slot]) -> tuple[Entity, ...]:
        """Looked for only where a slot wants one."""
        wants = any(mapping.get("type") == "from_entity" for slot in slots for mapping in slot.mappings)
        return self._entities.read(text) if self._entities and wants else ()

    def by_intent(self, text: str, context: Context, ranked: Ranked | None) -> list[SetSlot]:
        """What the intent alone says of the slot that was asked for."""
        asked = self._domain.slots.get(context.asked)
        return from_intent(asked, ranked, self._entities_of(text, [asked]), text) if asked else []

    def with_slots(self, commands: tuple[Command, ...], text: str, context: Context) -> tuple[Command, ...]:
        """The commands, and the slots of the flow that they begin as far as the message says them."""
        started = next((command.flow for command in commands if isinstance(command, StartFlow)), "")
        if not started:
            return commands
        fresh = context if started == context.open_flow else replace(context, slots={})  # it has values of its own
        answers = self.read(text, replace(fresh, asked=""), self.of_flow.get(started, []), _LEAST_AT_START)
        named = {command.slot for command in commands if isinstance(command, SetSlot)}
        return (*commands, *(command for command in answers.commands if command.slot not in named))

    def said_for(self, flows: tuple[str, ...], text: str, context: Context) -> tuple[SetSlot, ...]:
        """What the message says of the slots of the offered flows: kept for the one that is chosen."""
        sets: dict[str, SetSlot] = {}
        for flow in flows:
            read = self.read(text, replace(context, asked="", slots={}), self.of_flow.get(flow, []))
            for command in read.commands:
                sets.setdefault(command.slot, command)
        return tuple(sets.values())
