"""Reads a message as an answer: the asked slot, other slots of the flow that it mentions, and changes to filled ones.

In: the slots that may be meant and where the conversation stands. Out: SetSlot commands with how sure they are. Two
values for one slot give two commands: the visitor contradicted themselves, and the flow engine asks which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatwright.dialogue.commands import SetSlot
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract import Change, Found, read_change, read_slots
from chatwright.dialogue.extract.reading import is_free_text
from chatwright.dialogue.understanding.understood import Context
from chatwright.dialogue.understanding.wishes import asks, asks_in_general

_BESIDE = 0.9  # for the answer to what was asked, told together with the change of something else
_MAX_VALUES = 3  # of one slot, when it was contradicted
_SLOT = 0.5  # least confidence for a slot that is empty
_CHANGE = 0.6  # … and for one that is filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """commands: what to set. answers_asked: the asked slot is among them. is_free_text: by taking all that was said.

    is_change: the message says that something is to be other than it was said before.
    """

    commands: tuple[SetSlot, ...] = ()
    confidence: float = 0.0
    answers_asked: bool = False
    is_free_text: bool = False
    is_change: bool = False


def read_answers(text: str, context: Context, slots: Sequence[Slot], least: float = _SLOT) -> Answers:
    """What the message says of `slots`. least: confidence needed for one that is empty."""
    now, language = context.now, context.language
    found = dict(read_slots(slots, text, language=language, now=now, asked=context.asked))
    filled = [slot for slot in slots if context.slots.get(slot.name) is not None and slot.name != context.asked]
    is_answer = context.asked in found or asks(text)  # "wait, where is LM100003?" takes nothing back
    change = read_change(filled, text, language=language, now=now, is_answer=is_answer) if filled else None
    if change is not None and not (change.found is None and asks_in_general(text)):  # "is it free to change it?"
        return _changed(change, found, context)
    is_asking = asks(text)
    kept = {
        slot.name: found[slot.name]
        for slot in slots
        if slot.name in found and _counts(slot, found, context, least)
        # "And where is LM100003?" speaks of another order; it corrects nothing.
        if not (is_asking and slot.name != context.asked and context.slots.get(slot.name) is not None)
    }
    if _opens_a_correction(kept, context):
        del kept[context.asked]
    if not kept:
        return Answers()
    asked = next((slot for slot in slots if slot.name == context.asked and slot.name in kept), None)
    return Answers(
        commands=tuple(command for name, reading in kept.items() for command in _commands(name, reading)),
        confidence=min(reading.confidence for reading in kept.values()),
        answers_asked=asked is not None,
        is_free_text=asked is not None and is_free_text(asked),
    )


def _changed(change: Change, found: Mapping[str, Found], context: Context) -> Answers:
    """The slot that changes, and what else was said of unfilled ones with it; emptied when no new value was said."""
    if change.found is None:
        return Answers(commands=(SetSlot(slot=change.slot.name, value=None),), confidence=0.7, is_change=True)
    others = {
        name: reading
        for name, reading in found.items()
        if context.slots.get(name) is None
        if reading.end <= change.found.start or reading.start >= change.found.end
        if reading.confidence >= (_BESIDE if name == context.asked else _CHANGE)
    }
    commands = [*_commands(change.slot.name, change.found)]
    commands += [command for name, reading in others.items() for command in _commands(name, reading)]
    return Answers(commands=tuple(commands), confidence=change.found.confidence, is_change=True)


def _opens_a_correction(kept: Mapping[str, Found], context: Context) -> bool:
    """ "No, the order number is …" answers no question whether to call: its no is about what was said before."""
    is_no = context.asked in kept and kept[context.asked].value is False
    return is_no and any(context.slots.get(name) is not None for name in kept if name != context.asked)


def _counts(slot: Slot, found: Mapping[str, Found], context: Context, least: float) -> bool:
    reading = found[slot.name]
    if slot.name == context.asked:
        return reading.confidence >= least
    current = context.slots.get(slot.name)
    if current == reading.value:
        return False
    return reading.confidence >= (least if current is None else _CHANGE) and not reading.is_ambiguous


def _commands(name: str, reading: Found) -> list[SetSlot]:
    values = [reading.value, *(reading.alternatives if reading.is_ambiguous else ())]
    return [SetSlot(slot=name, value=value) for value in values[:_MAX_VALUES]]
