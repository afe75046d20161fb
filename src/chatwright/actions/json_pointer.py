"""Reads one value out of JSON by an RFC 6901 pointer: `/order/items/0/name`.

In: a JSON value and a pointer. Out: the value, None where there is none. Never raises for what the JSON holds.
"""

from collections.abc import Mapping
from typing import Any


def value_at(document: Any, pointer: str) -> Any:
    """The value at `pointer`, "" being the whole document; None when nothing is there."""
    value = document
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isascii() and key.isdigit() and len(key) <= 9 and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def slots_from(document: Any, pointers: Mapping[str, str]) -> dict[str, Any]:
    """Slot by slot, what its pointer finds."""
    return {slot: value_at(document, pointer) for slot, pointer in pointers.items()}
