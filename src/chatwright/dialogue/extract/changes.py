"""Reads several slots of one message, and which slot a wish to change something is about.

In: the slots of the open flow, a message, what was asked last. Out: `read_slots`: slot name → Found, where no stretch of
the message serves two slots: the asked slot first, then those that the message names, then the surest, and a value that
would fit two unnamed slots alike is given to neither. `read_change`: "change the date to Friday", 电话改成…, "the amount
should be 20", "no, I meant Friday" → the slot and the new value, or the slot alone ("I want to change the date").
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.found import Found
from chatwright.dialogue.extract.reading import MAX_CHARS, is_free_text, read_slot
from chatwright.dialogue.extract.slot_roles import role_of
from chatwright.dialogue.extract.slot_words import is_introduced, mentions, named_slot, words_of
from chatwright.dialogue.extract.wording import is_question
from chatwright.dialogue.extract.yes_no import read_wished
from chatwright.language.in_place import fold_in_place
from chatwright.messages import Language

_WISH = re.compile(
    r"\b(?:chang(?:e|ing)|updat(?:e|ing)|correct(?:ing)?|switch(?:ing)?|mov(?:e|ing)|edit(?:ing)?|modify(?:ing)?|amend(?:ing)?|fix(?:ing)?|reschedul(?:e|ing)"
    r"|set|replace|make|should (?:be|have been)|must be|(?:is|was) (?:wrong|incorrect|not (?:right|correct))|meant?|instead|got .{1,30} wrong|actually|different)\b"
    r"|改|换|更正|更改|修改|变更|调整|纠正|应该是|应为|不对|错了|有误|搞错|填错|写错|不是.{1,20}是"
)
_STRONG_WISH = re.compile(
    r"\b(?:chang(?:e|ing)|updat(?:e|ing)|correct(?:ing)?|switch(?:ing)?|edit(?:ing)?|modify(?:ing)?|amend(?:ing)?|reschedul(?:e|ing)|wrong|incorrect)\b"
    r"|改|换|更正|更改|修改|变更|调整|纠正|不对|错了|有误|搞错|填错|写错"
)
_TO = re.compile(
    r"(?:\b(?:to|into|as|should (?:be|have been)|must be|is actually|it's|it is|meant?|be)\b|改成|改为|改到|改在|换成|换到|换为|更正为|更改为|修改为|变更为"
    r"|调整[为到]|调到|挪到|应该是|应为|应该为|而是|是|:|=)\s*[:,]?\s*"
)
# "no, Friday", "sorry, not the tablet", 哦不，后天吧: takes back what was said, where it does not answer what was asked.
_TAKES_BACK = re.compile(
    r"\W*(?:(?:oh|ah|um+|hm+|er+|啊|哦|噢|呃|额|哎呀?|诶|唉)[, ]*)?(?:(?:no|nope|sorry|oops|wait|not)\b|不+(?=\W)|不是|说错|打错|不好意思|等等|等一?下|那?还是)"
)
_FROM = re.compile(r"\b(?:from|instead of|rather than|not)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The slot whose value is to change; `found` is None when the new value was not said."""

    slot: Slot
    found: Found | None = None


def read_slots(
    slots: Sequence[Slot], text: str, *, language: Language, now: datetime, asked: str = ""
) -> Mapping[str, Found]:
    """What the message says of each slot; slots of which it says nothing are left out. asked: the slot asked last."""
    folded = fold_in_place(text[:MAX_CHARS])
    found = {
        slot.name: (reading, _strength(slot, reading, folded, is_asked=slot.name == asked))
        for slot in slots
        if (reading := read_slot(slot, text, language=language, now=now, is_asked=slot.name == asked))
    }
    for slot in slots:
        if slot.name in found and slot.type == "categorical" and (led := _lead_words(found, slots, folded)):
            bare = "".join(" " if any(start <= i < end for start, end in led) else char for i, char in enumerate(text))
            again = read_slot(slot, bare, language=language, now=now, is_asked=slot.name == asked)
            if again:
                found[slot.name] = (again, _strength(slot, again, folded, is_asked=slot.name == asked))
    by_name = {slot.name: slot for slot in slots}
    return {
        name: reading
        for name, (reading, strength) in found.items()
        if not any(
            rival_strength >= strength and _compete(by_name[name], reading, by_name[other], rival)
            for other, (rival, rival_strength) in found.items()
            if other != name
        )
    }


def _lead_words(found: Mapping[str, tuple[Found, float]], slots: Sequence[Slot], folded: str) -> list[tuple[int, int]]:
    """The words that lead to another slot's value: "phone" before a number is not the phone that is to be repaired."""
    return [
        (start, end)
        for slot in slots
        if slot.name in found and slot.type != "categorical" and not is_free_text(slot)
        for start, end in mentions(slot, folded, 0, found[slot.name][0].start)
        if not folded[end : found[slot.name][0].start].strip(" :：,，是")
    ]


def _compete(slot: Slot, reading: Found, other: Slot, rival: Found) -> bool:
    """True when both want the same words. The two ends of one range do not: each has its own day."""
    if reading.start >= rival.end or rival.start >= reading.end:
        return False
    roles = {role_of(slot), role_of(other)}
    return roles != {"begin", "end"} or reading.value == rival.value


def _strength(slot: Slot, reading: Found, folded: str, *, is_asked: bool) -> float:
    """Above 2: named by the message; above 1: asked for; else the confidence. Free text takes what is left."""
    is_named = any(
        end <= reading.start and len(folded[end : reading.start]) < 32
        for _, end in mentions(slot, folded, 0, reading.start)
    ) and is_introduced(slot, folded, reading.start, reading.end)
    strength = reading.confidence + (2.0 if is_named else 0.0) + (1.0 if is_asked else 0.0)
    return strength / 2 if is_free_text(slot) and not is_asked else strength


def read_change(
    slots: Sequence[Slot],
    text: str,
    *,
    language: Language,
    now: datetime,
    last: str = "",
    is_answer: bool = True,
) -> Change | None:
    """The change that the message asks for, or None. last: the slot filled last, meant when none is named.

    is_answer: the message answers what was asked, so that a mere "no, …" at its beginning takes nothing back.
    """
    folded = fold_in_place(text[:MAX_CHARS])
    if not (_WISH.search(folded) or (not is_answer and _TAKES_BACK.match(folded))):
        return None
    turn = _last_turn(folded)
    if not _WISH.search(folded):
        return _unnamed(slots, text, folded, turn, language, now, last)
    named = named_slot(slots, folded[: turn[0]] if turn else folded) or named_slot(slots, folded)
    if named:
        found = _new_value(named, text, folded, turn, language, now)
        if found or _STRONG_WISH.search(folded):
            return Change(slot=named, found=found)
    return _unnamed(slots, text, folded, turn, language, now, last)


def _last_turn(folded: str) -> tuple[int, int] | None:
    """Where the words that lead to the new value begin and end."""
    turns = [match.span() for match in _TO.finditer(folded)]
    return turns[-1] if turns else None


def _new_value(
    slot: Slot, text: str, folded: str, turn: tuple[int, int] | None, language: Language, now: datetime
) -> Found | None:
    rest = text[turn[1] : MAX_CHARS] if turn else ""
    if turn and (found := read_slot(slot, rest, language=language, now=now, is_asked=True)):
        return replace(found, start=found.start + turn[1], end=found.end + turn[1])
    if is_free_text(slot):
        return None
    return read_slot(slot, text, language=language, now=now, is_asked=slot.type != "bool")


def _unnamed(
    slots: Sequence[Slot],
    text: str,
    folded: str,
    turn: tuple[int, int] | None,
    language: Language,
    now: datetime,
    last: str,
) -> Change | None:
    """ "No, I meant Friday": the slot that the value fits; of several the one filled last."""
    if is_question(folded) and not turn:
        return None
    for slot in slots:
        if slot.type == "bool" and (wished := read_wished(" ".join(words_of(slot)), folded)):
            return Change(slot=slot, found=wished)
    fitting = [
        (slot, found)
        for slot in slots
        if slot.type != "bool" and not is_free_text(slot)
        if (found := _new_value(slot, text, folded, turn, language, now)) and found.confidence >= 0.5
    ]
    chosen = [item for item in fitting if item[0].name == last] or fitting
    return Change(slot=chosen[0][0], found=chosen[0][1]) if len(chosen) == 1 else None
