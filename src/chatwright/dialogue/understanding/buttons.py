"""Reads what a button sends: `/SetSlots(order_id=A1, city=Paris)`, `/intent{"entity": "value"}`, `/intent`.

In: the text of a message. Out: a Pressed, or None for what people type. Values are data: lengths and numbers are
bounded, nothing in them is read as a command.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

MAX_PAYLOAD_CHARS = 4000
MAX_VALUES = 20
_SET_SLOTS = re.compile(r"/SetSlots\((.*)\)", re.DOTALL)
_INTENT = re.compile(r"/([^\W\d][\w./-]{0,100})\s*(\{.*\})?", re.DOTALL)
_ASSIGNED = re.compile(r"\s*([^\s()=,]{1,100})\s*=\s*(\"[^\"]*\"|'[^']*'|[^,]*)\s*")
_CONSTANTS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "none": None, "undefined": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """intent: "" for `/SetSlots`. values: slots by name, or entities by name for an intent."""

    intent: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def read_button(text: str) -> Pressed | None:
    """The payload, or None when `text` is none or is malformed."""
    text = text.strip()
    if not text.startswith("/") or len(text) > MAX_PAYLOAD_CHARS:
        return None
    if slots := _SET_SLOTS.fullmatch(text):
        return _read_slots(slots[1])
    if intent := _INTENT.fullmatch(text):
        values = _read_json(intent[2]) if intent[2] else {}
        return None if values is None else Pressed(intent=intent[1], values=values)
    return None


def _read_slots(inside: str) -> Pressed | None:
    values: dict[str, Any] = {}
    place = 0
    while place < len(inside) and len(values) < MAX_VALUES:
        match = _ASSIGNED.match(inside, place)
        if match is None or (match.end() < len(inside) and inside[match.end()] != ","):
            return None
        values[match[1]] = _value(match[2].strip())
        place = match.end() + 1
    return Pressed(values=values) if values else None


def _value(written: str) -> Any:
    if len(written) >= 2 and written[0] == written[-1] and written[0] in "\"'":
        return written[1:-1]
    return _CONSTANTS.get(written.lower(), written)


def _read_json(written: str) -> Mapping[str, Any] | None:
    try:
        values = orjson.loads(written)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(values, dict) or len(values) > MAX_VALUES:
        return None
    return {str(key): value for key, value in values.items() if isinstance(value, str | int | float | bool | None)}
