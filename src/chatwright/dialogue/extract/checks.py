"""Checks a value for a slot and brings it to the slot's type: the last gate before a value is kept.

In: a Slot and any JSON value, by whoever read it (an extractor, a model, a button, a caller). Out: Checked: the value,
or a problem as the name of a text and the values for its places (`problem_texts.py` has the wording). None empties a
slot and is always right. Never raises on a value; a slot whose own pattern is broken raises ConfigError.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.amounts import money, read_amounts, read_money
from chatwright.dialogue.extract.calendar import as_date
from chatwright.dialogue.extract.choices import nearest_choices, surfaces
from chatwright.dialogue.extract.codes import match_pattern
from chatwright.dialogue.extract.contacts import phone_confidence, phone_value, read_emails
from chatwright.dialogue.extract.yes_no import read_yes_no
from chatwright.language.fold import fold, strip_invisible
from chatwright.language.in_place import fold_in_place

MAX_TEXT_CHARS = 2000
MAX_LIST_ITEMS = 50
_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d)?")
_BOOLS = {"true": True, "false": False, "1": True, "0": False, "on": True, "off": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`value` when `problem` is "", otherwise the name of a text that says why not, and what to put into it."""

    value: Any = None
    problem: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return not self.problem


def validate_slot(slot: Slot, value: Any) -> Checked:
    """The value in the slot's type, or why it cannot be one."""
    if value is None:
        return Checked()
    if _has_endless_number(value):
        return _problem("slot_too_long", max_chars=str(MAX_TEXT_CHARS))
    if isinstance(value, str):
        value = strip_invisible(value).strip()
        if len(value) > MAX_TEXT_CHARS:
            return _problem("slot_too_long", max_chars=str(MAX_TEXT_CHARS))
    match slot.type:
        case "bool":
            return _check_bool(slot, value)
        case "float":
            return _check_float(slot, value)
        case "categorical":
            return _check_choice(slot, value)
        case "list":
            return _check_list(slot, value)
        case "any":
            return Checked(value=value)
        case _:
            return _check_text(slot, value)


def _problem(name: str, **values: str) -> Checked:
    return Checked(problem=name, values=values)


def _has_endless_number(value: Any) -> bool:
    """True for an integer of more than 40 digits, here or within: it can be neither written nor made a float."""
    if isinstance(value, list | tuple):
        return any(map(_has_endless_number, value))
    if isinstance(value, Mapping):
        return any(map(_has_endless_number, value.values()))
    return isinstance(value, int) and abs(value) > 10**40


def _shown(value: Any) -> str:
    """A value for a sentence: short, on one line."""
    return " ".join(str(value).split())[:60]


def _check_bool(slot: Slot, value: Any) -> Checked:
    if isinstance(value, bool):
        return Checked(value=value)
    if isinstance(value, int | float) and value in (0, 1):
        return Checked(value=bool(value))
    if isinstance(value, str):
        if (known := _BOOLS.get(fold(value))) is not None:
            return Checked(value=known)
        labelled = Slot(name=slot.name, type="categorical", values=(True, False), labels=slot.labels)
        named = dict(surfaces(labelled)).get(fold(value))
        if named is not None:
            return Checked(value=named)
        if found := read_yes_no(fold_in_place(value)):
            return Checked(value=found.value)
    return _problem("slot_not_yes_no", value=_shown(value))


def _check_float(slot: Slot, value: Any) -> Checked:
    number = _number(value)
    if number is None:
        return _problem("slot_not_a_number", value=_shown(value))
    if slot.min_value is not None and number < slot.min_value:
        return _problem("slot_too_small", value=_shown(value), min=_plain(slot.min_value))
    if slot.max_value is not None and number > slot.max_value:
        return _problem("slot_too_large", value=_shown(value), max=_plain(slot.max_value))
    return Checked(value=int(number) if number == int(number) else number)


def _number(value: Any) -> float | int | None:
    """A finite number, of a text that says exactly one as well."""
    if isinstance(value, Mapping):
        value = value.get("amount")
    if isinstance(value, str):
        folded = fold_in_place(value)
        found = read_amounts(folded) or read_money(folded)
        value = found[0].value if len(found) == 1 and not found[0].is_ambiguous else None
        value = float(value["amount"]) if isinstance(value, dict) else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) and abs(value) < 1e15 else None


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _check_choice(slot: Slot, value: Any) -> Checked:
    if isinstance(value, str | int | float | bool):
        for choice in slot.values:
            if type(choice) is type(value) and choice == value:
                return Checked(value=choice)
        names = dict(surfaces(slot))
        if (key := fold(str(value)).strip()) in names:
            return Checked(value=names[key])
        if near := nearest_choices(slot, str(value)):
            return _problem("slot_near_choice", value=_shown(value), choices=_listed(near))
    return _problem("slot_not_a_choice", value=_shown(value), choices=_listed(slot.values))


def _listed(values: Any) -> str:
    return ", ".join(_shown(value) for value in values)


def _check_list(slot: Slot, value: Any) -> Checked:
    items = list(value) if isinstance(value, list | tuple) else [value]
    if len(items) > MAX_LIST_ITEMS:
        return _problem("slot_too_many", max_items=str(MAX_LIST_ITEMS))
    checked: list[Any] = []
    for item in items:
        result = _check_choice(slot, item) if slot.values else _check_text(slot, item)
        if result.problem:
            return result
        checked.append(result.value)
    return Checked(value=checked)


def _check_text(slot: Slot, value: Any) -> Checked:
    if slot.format:
        result = _FORMATS[slot.format](value)
        if result.problem or not slot.pattern:
            return result
        value = result.value
    elif isinstance(value, bool) or not isinstance(value, str | int | float):
        return Checked(value=value) if isinstance(value, list | dict) and not slot.pattern else _not_a_text(value)
    written = str(value).strip() if isinstance(value, str | int | float) else ""
    if slot.pattern:
        matched = match_pattern(slot.pattern, written)
        return Checked(value=matched) if matched is not None else _problem("slot_not_of_form", value=_shown(value))
    if not written:
        return _problem("slot_empty")
    return Checked(value=written if isinstance(value, str) else str(value))


def _not_a_text(value: Any) -> Checked:
    if isinstance(value, bool):
        return Checked(value=str(value).lower())
    return _problem("slot_not_a_text", value=_shown(value))


def _check_date(value: Any) -> Checked:
    if isinstance(value, str):
        written = value[:10] if len(value) > 10 and value[10] in "T " else value
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written, re.ASCII):
            if day := as_date(written):
                return Checked(value=day.isoformat())
            return _problem("slot_no_such_date", value=written)
    return _problem("slot_not_a_date", value=_shown(value))


def _check_time(value: Any) -> Checked:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match and not (match[1] == "24" and match[2] != "00"):
        return Checked(value=f"{int(match[1]) % 24:02d}:{match[2]}")
    return _problem("slot_not_a_time", value=_shown(value))


def _check_number(value: Any) -> Checked:
    number = _number(value)
    if number is None:
        return _problem("slot_not_a_number", value=_shown(value))
    return Checked(value=int(number) if number == int(number) else number)


def _check_money(value: Any) -> Checked:
    if isinstance(value, str):
        amounts = read_money(fold_in_place(value), is_asked=True)
        value = amounts[0].value if len(amounts) == 1 else None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        value = {"amount": str(value), "currency": ""}
    if isinstance(value, Mapping):
        currency = value.get("currency", "")
        try:
            amount = Decimal(str(value.get("amount")))
        except InvalidOperation:
            amount = Decimal("NaN")
        is_code = isinstance(currency, str) and re.fullmatch("(?:[A-Z]{3})?", currency)
        if amount.is_finite() and 0 <= amount < 10**15 and is_code:
            return Checked(value=money(amount, currency))
    return _problem("slot_not_money", value=_shown(value))


def _check_phone(value: Any) -> Checked:
    written = phone_value(fold_in_place(str(value))) if isinstance(value, str | int) else ""
    if phone_confidence(written):
        return Checked(value=written)
    return _problem("slot_not_a_phone", value=_shown(value))


def _check_email(value: Any) -> Checked:
    found = read_emails(value, fold_in_place(value)) if isinstance(value, str) else []
    if len(found) == 1 and (found[0].start, found[0].end) == (0, len(value)):
        return Checked(value=found[0].value)
    return _problem("slot_not_an_email", value=_shown(value))


def _check_words(value: Any) -> Checked:
    if isinstance(value, str) and any(map(str.isalnum, value)):
        return Checked(value=value)
    return _problem("slot_empty")


def _check_code(value: Any) -> Checked:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return _problem("slot_not_of_form", value=_shown(value))
    return _check_words(str(value))


_FORMATS: dict[str, Callable[[Any], Checked]] = {
    "date": _check_date, "time": _check_time, "number": _check_number, "money": _check_money, "phone": _check_phone,
    "email": _check_email, "order_id": _check_code, "address": _check_words, "name": _check_words,
}  # fmt: skip
