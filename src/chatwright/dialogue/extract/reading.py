"""Reads the value of a slot from a message: the one entry to the extractors.

In: a Slot, the message, its language, the time now, and whether the bot has just asked for it. Out: Found, or None.
Asked for, a bare value counts. Otherwise the value must be introduced ("my order number is …", "change it to …", "on
Friday") or be unmistakable by its form; a lone date, time, amount of money or choice that nothing introduces is read at
confidence 0.5, for a caller that knows no other slot wants it (`read_slots` knows). Denied values ("not Friday") never
count; after a correction ("no, I meant …", 不对，是…) only what follows it does, when there is a value in it.
Never reads the clock, never raises on any text (a slot's own broken pattern is a ConfigError). Linear time; of
a message longer than 4,000 characters the beginning is read.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.addresses import read_addresses
from chatwright.dialogue.extract.amounts import read_amounts, read_money
from chatwright.dialogue.extract.calendar import Preference, as_date
from chatwright.dialogue.extract.choices import read_choices
from chatwright.dialogue.extract.codes import read_codes
from chatwright.dialogue.extract.contacts import read_emails, read_phones
from chatwright.dialogue.extract.date_ranges import read_date_ranges
from chatwright.dialogue.extract.dates import read_dates
from chatwright.dialogue.extract.found import Found, settle
from chatwright.dialogue.extract.free_text import read_free_text
from chatwright.dialogue.extract.names import read_names
from chatwright.dialogue.extract.slot_roles import looks_back, role_of
from chatwright.dialogue.extract.slot_words import has_preposition, is_introduced, words_of
from chatwright.dialogue.extract.times import read_times
from chatwright.dialogue.extract.wording import (
    answer_share,
    correction_end,
    is_bound,
    is_denied,
    is_new_value,
    tells_alternatives,
    tells_change,
    tells_of_the_past,
    told_part,
)
from chatwright.dialogue.extract.yes_no import read_wished, read_yes_no
from chatwright.language.in_place import fold_in_place
from chatwright.messages import Language

MAX_CHARS = 4000
_MAX_READINGS = 64  # nobody means more; what looks around each reading costs with their number
_LONE_CONFIDENCE = 0.5  # of a value that nothing introduces, though its form fits


def read_slot(slot: Slot, text: str, *, language: Language, now: datetime, is_asked: bool) -> Found | None:
    """What `text` says the slot is; see the module's contract for when it counts."""
    text = text[:MAX_CHARS]
    folded = fold_in_place(text)
    if slot.type == "bool":
        return _read_bool(slot, folded, is_asked=is_asked)
    if is_free_text(slot):
        return read_free_text(slot, text, folded, is_asked=is_asked)
    readings = _read(slot, text, folded, language, now, is_asked=is_asked)[:_MAX_READINGS]
    readings = [reading for reading in readings if not is_denied(folded, reading.start, reading.end)]
    readings = _after_correction(folded, readings)
    if not is_asked:
        readings = _introduced(slot, folded, readings, now)
    else:
        readings = [
            replace(reading, confidence=reading.confidence * answer_share(folded, reading.start, reading.end))
            for reading in readings
        ]
    readings = [_bounded(folded, reading) for reading in readings]
    found = _as_list(slot, readings) if slot.type == "list" else _choose(slot, folded, readings, is_asked=is_asked)
    return _fitted(slot, found) if found else None


def is_free_text(slot: Slot) -> bool:
    """True for a slot that takes whatever is said: neither type nor format nor pattern says how to read it."""
    if slot.type in ("categorical", "float", "bool"):
        return False
    return not slot.format and not slot.pattern and not slot.values


def _read_bool(slot: Slot, folded: str, *, is_asked: bool) -> Found | None:
    """Yes and no when asked; a bool slot with labels for True and False is also chosen by them."""
    labelled = Slot(name=slot.name, type="categorical", values=(True, False), labels=slot.labels)
    if slot.labels and (named := settle(read_choices(labelled, folded))):
        is_denying = is_denied(folded, named.start, named.end)
        return replace(named, value=not named.value) if is_denying else named
    if not is_asked:
        return None
    return read_yes_no(folded) or read_wished(" ".join(words_of(slot)), folded) or _read_beside(folded)


_MERE_SOUND = re.compile(r"\W*(?:ok(?:ay)?|well|right|all ?right|fine|so|[好嗯哦噢行](?:[的吧啊])?)\W*")


def _read_beside(folded: str) -> Found | None:
    """The yes or no that stands beside a question: "yes please, when will you call?"; "ok, …" only opens one."""
    told = told_part(folded)
    if told == folded or _MERE_SOUND.fullmatch(told):
        return None
    found = read_yes_no(told)
    return replace(found, confidence=min(found.confidence, 0.8)) if found else None


def _read(slot: Slot, text: str, folded: str, language: Language, now: datetime, *, is_asked: bool) -> list[Found]:
    """Every candidate of the slot's kind, in order."""
    if slot.type == "categorical" or slot.values:
        return read_choices(slot, folded, is_asked=is_asked)
    if slot.type == "float" and slot.format != "money":
        return read_amounts(folded)
    match slot.format:
        case "date":
            return _dates(slot, folded, language, now, is_asked=is_asked)
        case "time":
            return read_times(folded, now, is_asked=is_asked)
        case "number":
            return read_amounts(folded)
        case "money":
            return read_money(folded, is_asked=is_asked)
        case "phone":
            return read_phones(folded, is_asked=is_asked)
        case "email":
            return read_emails(text, folded)
        case "address":
            return read_addresses(text, folded, is_asked=is_asked)
        case "name":
            return read_names(text, folded, is_asked=is_asked)
        case _:
            return read_codes(text, folded, slot.pattern, is_asked=is_asked)


def _dates(slot: Slot, folded: str, language: Language, now: datetime, *, is_asked: bool) -> list[Found]:
    """The dates; of a range the end that the slot is about, both for a list."""
    prefer: Preference = "past" if looks_back(slot) else "future"
    readings = read_dates(folded, now.date(), language=language, prefer=prefer, is_asked=is_asked)
    role = role_of(slot)
    ranges = read_date_ranges(folded, readings, language=language) if role or slot.type == "list" else []
    for found in (found for found in ranges if not tells_change(folded, found.start)):
        inside = [reading for reading in readings if not found.start <= reading.start < found.end]
        value = found.value if slot.type == "list" else found.value[0 if role == "begin" else 1]
        readings = sorted([*inside, replace(found, value=value)], key=lambda reading: reading.start)
    return readings


def _after_correction(folded: str, readings: list[Found]) -> list[Found]:
    if len(readings) < 2:
        return readings
    end = correction_end(folded, readings[-1].start)
    return [reading for reading in readings if reading.start >= end] or readings


def _introduced(slot: Slot, folded: str, readings: Sequence[Found], now: datetime) -> list[Found]:
    """Those that something introduces or whose form is unmistakable; failing that, a lone one at low confidence."""
    kept = [
        reading
        for reading in readings
        if reading.is_unmistakable or is_introduced(slot, folded, reading.start, reading.end)
    ]
    if kept:
        return kept
    changed = [reading for reading in readings if is_new_value(folded, reading.start)]
    if changed:
        return changed
    if slot.format == "name":  # read_names takes only what is introduced
        return list(readings)
    lone = [reading for reading in readings if _may_stand_alone(slot, folded, reading, now)]
    if len(lone) != len(readings):
        return []
    return [replace(reading, confidence=_lone_confidence(slot, folded, reading)) for reading in lone]


def _lone_confidence(slot: Slot, folded: str, reading: Found) -> float:
    sure = 0.6 if has_preposition(slot, folded, reading.start) else _LONE_CONFIDENCE
    return min(reading.confidence, sure) * answer_share(folded, reading.start, reading.end)


def _may_stand_alone(slot: Slot, folded: str, reading: Found, now: datetime) -> bool:
    if slot.type == "categorical":
        name = folded[reading.start : reading.end]
        is_model = any(map(str.isdigit, name)) and any(map(str.isalpha, name))  # "N5" is no ordinary word
        return len(name) >= (4 if name.isascii() and not is_model else 2)
    if slot.format == "date":
        is_past = tells_of_the_past(folded, reading.start, reading.end)
        day = as_date(reading.value) if isinstance(reading.value, str) else None
        return looks_back(slot) or not (is_past or (day is not None and day < now.date()))
    if slot.format == "time":
        return reading.confidence >= 0.7
    return slot.format in ("money", "address", "phone") and reading.confidence >= 0.8


def _bounded(folded: str, reading: Found) -> Found:
    if is_bound(folded, reading.start, reading.end):
        return replace(reading, confidence=min(reading.confidence, _LONE_CONFIDENCE))
    return reading


def _as_list(slot: Slot, readings: Sequence[Found]) -> Found | None:
    """All values together, each once; a range gives its two ends."""
    if not readings:
        return None
    values: list[Any] = []
    for reading in readings:
        for value in reading.value if isinstance(reading.value, list) else [reading.value]:
            if value not in values:
                values.append(value)
    confidence = min(reading.confidence for reading in readings)
    return Found(value=values, start=readings[0].start, end=readings[-1].end, confidence=confidence)


def _choose(slot: Slot, folded: str, readings: Sequence[Found], *, is_asked: bool) -> Found | None:
    """One of them: those introduced by the slot's own words before all others."""
    named = [reading for reading in readings if is_introduced(slot, folded, reading.start, reading.end)]
    if is_asked and named and len(named) < len(readings):
        return settle(named)
    if role_of(slot) and len(readings) == 2 and not tells_alternatives(folded, readings[0].end, readings[1].start):
        place = 0 if role_of(slot) == "begin" else 1  # "Friday arriving, Sunday leaving"
        return replace(readings[place], confidence=min(0.75, readings[place].confidence))
    return settle(readings)


def _fitted(slot: Slot, found: Found) -> Found:
    """The value in the slot's type: of money a number where the slot is a float."""
    if slot.type == "float" and isinstance(found.value, dict):
        return replace(found, value=_number(found.value), alternatives=tuple(map(_number, found.alternatives)))
    return found


def _number(value: dict[str, str]) -> int | float:
    amount = float(value["amount"])
    return int(amount) if amount.is_integer() else amount
