"""Turns a Reply into JSON values and back: one shape for `ask --json`, the server, and the conversation's events."""

from collections.abc import Mapping
from typing import Any

from chatwright.messages import Button, Citation, ConversationId, Reply, Timings, Usage

_MILLISECOND_DIGITS = 1
_SCORE_DIGITS = 4


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """The object that `chatwright ask --json` prints."""
    values = fields_of(reply)
    values["citations"] = [fields_of(item) | {"score": round(item.score, _SCORE_DIGITS)} for item in reply.citations]
    values["buttons"] = [fields_of(button) for button in reply.buttons]
    values["usage"] = fields_of(reply.usage)
    values["timings_ms"] = {
        name: None if value is None else round(value, _MILLISECOND_DIGITS)
        for name, value in fields_of(reply.timings_ms).items()
    }
    return values


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of a value of `messages` by name. `dataclasses.asdict` copies what is inside too, for ten times as
    long."""
    return {name: getattr(value, name) for name in value.__slots__}


def reply_from_json(values: Mapping[str, Any]) -> Reply:
    """The inverse of `reply_to_json`, up to its rounding."""
    return Reply(
        **{
            **values,
            "citations": tuple(Citation(**item) for item in values["citations"]),
            "buttons": tuple(Button(**item) for item in values.get("buttons", ())),
            "usage": Usage(**values["usage"]),
            "timings_ms": Timings(**values["timings_ms"]),
            "conversation": ConversationId(values["conversation"]),
        }
    )
