"""Reads a training example in which entities are marked, in either of the two ways of Rasa 3.

In: one example. Out: the text without marks, and the entities with their places in it. Rasa's shape: `(entity)`,
`(entity:value)`, one object, or a list of objects for a text that is several entities. A bracket that nothing follows
is text. Raises ValueError that says what is wrong with a mark.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from chatwright.dialogue.training_data import Annotation

_OPEN = re.compile(r"\[([^\[\]\n]{1,400})\](?=[({\[])")
_SHORT = re.compile(r"\(([^():\n]{1,100})(?::([^()\n]{1,400}))?\)")
_KEYS = frozenset({"entity", "value", "role", "group"})


def read_annotated(written: str) -> tuple[str, tuple[Annotation, ...]]:
    """The plain text and its annotations, in order."""
    plain, at = "", 0
    marks: list[Annotation] = []
    while opening := _OPEN.search(written, at):
        plain += written[at : opening.start()]
        start, text = len(plain), opening[1]
        plain += text
        described, at = _described(written, opening.end(), text)
        marks += [Annotation(start=start, end=len(plain), **each) for each in described]
    return plain + written[at:], tuple(marks)


def _described(written: str, at: int, text: str) -> tuple[list[dict[str, str]], int]:
    """The entities that stand behind the bracket, and where they end."""
    if written[at] == "(":
        short = _SHORT.match(written, at)
        if short is None:
            raise ValueError(f"what follows [{text}] is not closed; write [{text}](entity)")
        return [{"entity": short[1].strip(), "value": (short[2] or text).strip()}], short.end()
    end = _closing(written, at, text)
    try:
        read = orjson.loads(written[at:end])
    except orjson.JSONDecodeError as err:
        raise ValueError(f'what follows [{text}] is not JSON; write [{text}]{{"entity": "name"}}') from err
    return [_entity(each, text) for each in (read if isinstance(read, list) else [read])], end


def _closing(written: str, at: int, text: str) -> int:
    """Behind the bracket that closes the one at `at`, quotes respected."""
    depth, is_quoted = 0, False
    for place in range(at, len(written)):
        character = written[place]
        if character == '"' and written[place - 1] != "\\":
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += (character in "{[") - (character in "}]")
            if depth == 0:
                return place + 1
    raise ValueError(f"what follows [{text}] is not closed")


def _entity(each: Any, text: str) -> dict[str, str]:
    if not isinstance(each, Mapping) or not isinstance(each.get("entity"), str) or not each["entity"]:
        raise ValueError(f'what follows [{text}] names no entity; write {{"entity": "name"}}')
    if unknown := sorted(set(each) - _KEYS):
        raise ValueError(
            f"what follows [{text}] has the unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}"
        )
    return {key: str(value) for key, value in {"value": text, **each}.items()}
