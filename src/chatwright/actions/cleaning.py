"""Makes what an action returned safe to keep and to show: plain values of bounded size, no control characters.

In: an ActionResult whose every value came from outside. Out: an equal one that is JSON, or
ActionError(code="bad_reply"). Long texts are cut; too many slots, values too deep or not JSON are refused. It does
not say whether a text is true.
"""

import math
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import orjson

from chatwright.errors import ActionError
from chatwright.messages import ActionResult, Button, Utterance

MAX_TEXT_CHARS = 8_000
MAX_UTTERANCES = 20
MAX_SLOTS = 100
MAX_EVENTS = 100
MAX_BUTTONS = 50
MAX_NAME_CHARS = 200
MAX_DEPTH = 16
MAX_VALUES_BYTES = 256 * 1024  # of all slots, events and custom payloads together, as JSON
_KEPT = frozenset("\n\t")
# They turn the direction of the text that follows, so that a reader sees something else than what is there.
_DIRECTION_MARKS = frozenset("‪‫‬‭‮⁦⁧⁨⁩")


def clean_result(name: str, result: ActionResult) -> ActionResult:
    """`result` of action `name`, clean. Raises ActionError(code="bad_reply")."""
    if len(result.slots) > MAX_SLOTS:
        raise _bad_reply(name, f"{len(result.slots)} slots, more than {MAX_SLOTS}")
    cleaned = ActionResult(
        slots={clean_name(name, slot): clean_value(name, value) for slot, value in result.slots.items()},
        utterances=tuple(_clean_utterance(name, said) for said in result.utterances[:MAX_UTTERANCES]),
        events=tuple(_mapping(name, event) for event in result.events[:MAX_EVENTS]),
    )
    values = [
        dict(cleaned.slots),
        list(cleaned.events),
        [[u.custom, u.attachment, u.values] for u in cleaned.utterances],
    ]
    try:
        size_bytes = len(orjson.dumps(values))
    except orjson.JSONEncodeError as err:  # an integer that does not fit 64 bits
        raise _bad_reply(name, "a number that JSON cannot carry") from err
    if size_bytes > MAX_VALUES_BYTES:
        raise _bad_reply(name, f"{size_bytes} bytes of values, more than {MAX_VALUES_BYTES}")
    return cleaned


def clean_text(text: str) -> str:
    """`text` without control characters, turned directions and halves of characters, at most MAX_TEXT_CHARS long."""
    text = text[: 2 * MAX_TEXT_CHARS].replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        character
        for character in text
        if character in _KEPT
        or (unicodedata.category(character) not in ("Cc", "Cs") and character not in _DIRECTION_MARKS)
    )
    return kept if len(kept) <= MAX_TEXT_CHARS else kept[: MAX_TEXT_CHARS - 1] + "…"


def clean_name(action: str, value: Any) -> str:
    """A slot's or key's name. Raises ActionError(code="bad_reply") when it is not a short text."""
    if not isinstance(value, str) or not value or len(value) > MAX_NAME_CHARS:
        raise _bad_reply(action, f"a name that is not a text of 1 to {MAX_NAME_CHARS} characters")
    return clean_text(value)


def clean_value(action: str, value: Any, depth: int = 0) -> Any:
    """A JSON value: dates become ISO texts, tuples and sets lists. Raises ActionError(code="bad_reply")."""
    if depth > MAX_DEPTH:
        raise _bad_reply(action, f"values nested deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_text(str(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float | Decimal):
        if not math.isfinite(value):
            raise _bad_reply(action, f"{value} is not a number of JSON")
        return float(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _mapping(action, value, depth)
    if isinstance(value, list | tuple | set | frozenset):
        return [clean_value(action, item, depth + 1) for item in value]
    raise _bad_reply(action, f"a value of type {type(value).__name__}, which JSON does not have")


def _mapping(action: str, values: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
    return {clean_name(action, key): clean_value(action, value, depth + 1) for key, value in values.items()}


def _clean_utterance(name: str, said: Utterance) -> Utterance:
    return Utterance(
        text=clean_text(said.text),
        response=clean_text(said.response)[:MAX_NAME_CHARS],
        buttons=tuple(
            Button(title=clean_text(button.title), payload=clean_text(button.payload))
            for button in said.buttons[:MAX_BUTTONS]
        ),
        image=clean_text(said.image),
        attachment=clean_value(name, said.attachment),
        custom=_mapping(name, said.custom),
        values=_mapping(name, said.values),
        citations=said.citations,
    )


def _bad_reply(name: str, what: str) -> ActionError:
    return ActionError(
        f"Action {name!r} returned {what}.", hint="Mend the action; the conversation goes on.", code="bad_reply"
    )
