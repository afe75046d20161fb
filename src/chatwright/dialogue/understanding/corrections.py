"""Reads a correction of what was shown: "X, not Y", 是X不是Y, "Y should be X", "X instead", a changed mind on a yes or no.

In: a message, the slots of the process, the values that they hold. Out: Corrected: the slot whose value is the one that
is denied gets the other; in a longer text (an address) the denied part is replaced where it stands once. Failing that,
the one slot whose kind of value it is. When several could be meant none is set: they are named, to be asked about.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatwright.dialogue.commands import SetSlot
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.reading import is_free_text, read_slot
from chatwright.dialogue.extract.slot_words import words_of
from chatwright.dialogue.extract.yes_no import read_wished
from chatwright.dialogue.understanding.understood import Context
from chatwright.language.in_place import fold_in_place

_MAX_CHARS = 200
_SURE = 0.8
_LEAST = 0.5  # of a new value whose kind fits one slot alone
_MOST = 0.8  # of a message that is an address
_PIECE = re.compile(r"[0-9a-zà-ÿ]+|[\u4e00-\u9fff]")
_OPENS = r"(?:.*?(?:\b(?:it's|it is|its|that's|should be|make it|make that|have|do|want|said|meant?|for)\b|[,，:：。!！]|(?<=[了啊呀哦哎错对])\s))?\s*"
_END = r"\s*(?:[,.!?;，。！？；]|\b(?:please|pls|thanks|sorry)\b|[了啊呀哦吧吗]|$)"
_NEW, _OLD = r"(?P<new>[^,，。;；!！?？]{1,80}?)", r"(?P<old>[^,，。;；!！?？]{1,80}?)"
_CONTRASTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_OPENS}(?:应该)?是{_NEW}[,，\s]*(?:而)?(?:不是|并非){_OLD}{_END}",
        rf"(?:.*?)(?:不是|并非|不要|别用){_OLD}[,，\s]*(?:而是|应该是|是|要|用|改成){_NEW}{_END}",
        rf"(?:.*?)(?:把|将)?{_OLD}(?:改成|改为|换成|应该是|应为|才对应该是){_NEW}{_END}",
        rf"{_OPENS}{_NEW}[,，\s]+(?:而)?不是{_OLD}{_END}",
        rf"{_OPENS}{_NEW}\s*[,，]?\s*\b(?:not|instead of|rather than)\s+(?:at |on |the |a |for )*{_OLD}{_END}",
        rf"(?:.*?)\bnot\s+(?:at |on |the |a |for )*{_OLD}\s*[,，]?\s*(?:but|it's|it is|rather)?\s*[,，\s]\s*{_NEW}{_END}",
        rf"(?:.*?)\b(?:change|swap|replace|switch)\s+(?:the )?{_OLD}\s+(?:to|with|for|into)\s+{_NEW}{_END}",
        rf"(?:.*?[,，]\s*)?(?:the )?{_OLD}\s+(?:should|must) (?:be|read|say)\s+{_NEW}{_END}",
    )
)
_INSTEAD = re.compile(rf"{_OPENS}{_NEW}\s+instead\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """commands: what to set. slots: those that may be meant, when it is not clear which. is_exact: the old value was
    named beside the new one, so that nothing else in the message is a value. is_guess: by the kind of value alone."""

    commands: tuple[SetSlot, ...] = ()
    slots: tuple[str, ...] = ()
    confidence: float = _SURE
    is_exact: bool = False
    is_guess: bool = False


def read_correction(text: str, slots: Sequence[Slot], context: Context) -> Corrected:
    """The correction of a value that is held; nothing when the message is none."""
    text = text[:_MAX_CHARS]
    folded = fold_in_place(text)
    held = [slot for slot in slots if context.slots.get(slot.name) is not None and slot.name != context.confirmation]
    if changed := _changed_mind(folded, held, context):
        return changed
    for pattern in _CONTRASTS:
        match = pattern.match(folded)
        if match and (found := _contrasted(text, match, held, context)):
            return found
    if match := _INSTEAD.match(folded):
        return _by_kind(text[slice(*match.span("new"))], held, context) or Corrected()
    return _said_again(text, held, context)


def _said_again(text: str, held: Sequence[Slot], context: Context) -> Corrected:
    """A whole address that shares most with the one that is shown, said again otherwise."""
    for slot in held:
        shown = str(context.slots.get(slot.name))
        given = _read(slot, text, context) if slot.format == "address" else None
        if given is not None and given != shown and len(given) >= _MOST * len(text.strip()):
            shared = set(_PIECE.findall(fold_in_place(shown))) & set(_PIECE.findall(fold_in_place(given)))
            if len(shared) >= _LEAST * len(_PIECE.findall(fold_in_place(given))):
                return Corrected(commands=(SetSlot(slot=slot.name, value=given),), is_exact=True)
    return Corrected()


def _contrasted(text: str, match: re.Match[str], held: Sequence[Slot], context: Context) -> Corrected | None:
    """The slot that holds the old value gets the new one."""
    new, old = (text[slice(*match.span(group))].strip() for group in ("new", "old"))
    if not new or not old:
        return None
    sets = [command for slot in held if (command := _replaced(slot, new, old, context))]
    if len(sets) == 1:
        return Corrected(commands=tuple(sets), is_exact=True)
    if sets:
        return Corrected(slots=tuple(command.slot for command in sets))
    return _by_kind(new, held, context)


def _replaced(slot: Slot, new: str, old: str, context: Context) -> SetSlot | None:
    """The slot with the new value, if it holds the old one, whole or, in a text, as a part."""
    value = context.slots.get(slot.name)
    if _read(slot, old, context) == value and (given := _read(slot, new, context)) is not None and given != value:
        return SetSlot(slot=slot.name, value=given)
    if not isinstance(value, str) or slot.type != "text" or not (slot.format == "address" or is_free_text(slot)):
        return None
    changed = replace_part(value, new, old)
    return SetSlot(slot=slot.name, value=changed) if changed else None


def replace_part(value: str, new: str, old: str) -> str:
    """`value` with `new` for `old`, "" unless `old` stands in it once as a whole word; what both share with their
    surroundings is not said twice: 502室 with 602室 for 502 is 602室."""
    places = [match.span() for match in re.finditer(_whole(fold_in_place(old)), fold_in_place(value))]
    if len(places) != 1:
        return ""
    start, end = places[0]
    if old.strip().isdigit() and len(numbers := re.findall(r"\d+", new)) == 1:
        new = numbers[0]  # "number 21, not 12"
    before, after = value[:start], value[end:]
    folded = fold_in_place(new)
    for size in range(len(new) - 1, 0, -1):
        if fold_in_place(after).startswith(folded[-size:]):
            new, folded = new[:-size], folded[:-size]
            break
    for size in range(len(new) - 1, 0, -1):
        if fold_in_place(before).endswith(folded[:size]):
            new = new[size:]
            break
    return f"{before}{new}{after}"


def _whole(old: str) -> str:
    edge = "[0-9a-z]"
    left = rf"(?<!{edge})" if re.match(edge, old) else ""
    right = rf"(?!{edge})" if re.search(rf"{edge}$", old) else ""
    return f"{left}{re.escape(old)}{right}"


def _by_kind(new: str, held: Sequence[Slot], context: Context) -> Corrected | None:
    """The one slot of whose kind the value is; of several, all of them by name."""
    fitting = [
        SetSlot(slot=slot.name, value=value)
        for slot in held
        if slot.type != "bool" and slot.format != "address" and not is_free_text(slot)
        if (value := _read(slot, new, context)) is not None and value != context.slots.get(slot.name)
    ]
    if len(fitting) == 1:
        return Corrected(commands=tuple(fitting), confidence=0.7, is_guess=True)
    return Corrected(slots=tuple(command.slot for command in fitting)) if fitting else None


def _read(slot: Slot, said: str, context: Context) -> Any:
    found = read_slot(slot, said, language=context.language, now=context.now, is_asked=True)
    return None if found is None or found.is_ambiguous or found.confidence < _LEAST else found.value


def _changed_mind(folded: str, held: Sequence[Slot], context: Context) -> Corrected | None:
    """ "Yes, do call me" where no call was wanted: the slot is named, and it is the other way round."""
    sets: list[SetSlot] = []
    for slot in held:
        wished = read_wished(" ".join(words_of(slot)), folded) if slot.type == "bool" else None
        if wished is not None and wished.value != context.slots.get(slot.name):
            sets.append(SetSlot(slot=slot.name, value=wished.value))
    return Corrected(commands=tuple(sets)) if sets else None
