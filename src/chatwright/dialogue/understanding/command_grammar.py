"""Writes the regular expression that a small model's commands must match: only these flows, slots and values.

In: the flows and slots in question, and the message. Out: a pattern for `GenerateOptions(regex=…)`, of at most four
lines of the grammar of `commands.py`, no flow and no slot twice. Categorical and yes-no slots take only their values;
all others only words that stand in the message, so that a model can copy a value but never make one up.
"""

import re
from collections.abc import Sequence
from typing import Any

from chatwright.dialogue.domain import Slot

MAX_LINES = 4
MAX_VALUE_CHARS = 80
NOTHING = "none"  # what a model says when no command fits; `parse_commands` reads it as no command
_MAX_WORDS = 64  # of a message whose every stretch is written out
_MAX_VALUE_WORDS = 16
_PIECE = re.compile(r"[㐀-鿿]|[^\W㐀-鿿]{1,60}|[^\s\w]")
_SPECIAL = frozenset("\\.^$*+?()[]{}|/")


def command_regex(
    flows: Sequence[str], slots: Sequence[Slot], message: str, *, is_flow_open: bool, num_clarified: int = 3
) -> str:
    """One command that stands alone, or a flow to start and slots to set, or slots alone.

    flows: those that may be started. is_flow_open: something can be cancelled and a question skipped.
    """
    alone = [NOTHING, "search and reply", "hand over"]
    if is_flow_open:
        alone += ["cancel flow", "skip question"]
    lines = [slot_line for slot in slots if (slot_line := _slot_line(slot, message))]
    groups = [_any([_literal(command) for command in alone])]
    named = _any([_literal(flow) for flow in flows])
    if flows:
        groups.append(f"start flow {named}{_then(lines, MAX_LINES - 1)}")
    if len(flows) > 1 and not is_flow_open:
        groups.append(f"disambiguate flows {named}(?: {named}){{1,{num_clarified - 1}}}")
    groups += [line + _then(lines[place + 1 :], MAX_LINES - 1) for place, line in enumerate(lines)]
    return _any(groups)


def _then(lines: Sequence[str], num_lines: int) -> str:
    """Each of the first `num_lines` lines at most once, in order."""
    return "".join(f"(?:\\n{line})?" for line in lines[:num_lines])


def _slot_line(slot: Slot, message: str) -> str:
    values = _values(slot, message)
    return f"set slot {_literal(slot.name)} {values}" if values else ""


def _values(slot: Slot, message: str) -> str:
    if slot.type == "bool":
        return "(?:true|false)"
    if slot.type == "categorical":
        return _any([_literal(_written(value)) for value in slot.values]) if slot.values else ""
    return _stretches(message)


def _written(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _stretches(message: str) -> str:
    """Any run of words of the message; of a long message any text of one line."""
    places = [match.span() for match in _PIECE.finditer(message)]
    if not places:
        return ""
    if len(places) > _MAX_WORDS:
        return f"[^\\n]{{1,{MAX_VALUE_CHARS}}}"
    beginnings = {_run(message, places[place : place + _MAX_VALUE_WORDS]): None for place in range(len(places))}
    return _any(list(beginnings))


def _run(message: str, places: Sequence[tuple[int, int]]) -> str:
    """The first word, optionally with the second, and so on: `my(?: new(?: home)?)?`."""
    pattern = ""
    for place in range(len(places) - 1, -1, -1):
        start, end = places[place]
        gap = " " if place and places[place - 1][1] < start else ""
        word = gap + _literal(message[start:end])
        inside = f"{word}{pattern}"
        pattern = f"(?:{inside})?" if place else inside
    return pattern


def _any(patterns: Sequence[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


def _literal(text: str) -> str:
    """`text` as a pattern that both Python and the engine's grammar read as itself."""
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text if character >= " ")
