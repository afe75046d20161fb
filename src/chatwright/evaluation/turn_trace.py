"""What one turn of a conversation did, as tests look at it. Values only.

`events` are flat, in the order in which they happened, each with the key `event`:
`flow_started` `flow_completed` `flow_cancelled` `flow_interrupted` (flow, step), `flow_step` (flow, step), `slot`
(name, value), `action` (name, arguments, is_write), `clarification` (flows), `write_refused` (name), and others; `bot`
has text, names (of responses, by which it may be expected), buttons, quotes (what it cites), source (the action that
said it).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from chatwright.messages import Button, Language, Outcome

TraceEvents = Sequence[Mapping[str, Any]]
Asking = Literal["", "slot", "confirmation", "choice", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTrace:
    """One turn. said: what the user wrote, "" for what happened before they did.

    asking: what the bot waits for: a slot (`asked`), a yes to a write, which flow is meant, whether a person is wanted.
    is_open: a flow is not finished. slots: at the end. buttons: the choices that are open. decided_by: which part did.
    """

    said: str
    answer: str = ""
    outcome: Outcome = "flow"
    language: Language = "en"
    events: TraceEvents = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    asking: Asking = ""
    asked: str = ""
    is_open: bool = False
    buttons: tuple[Button, ...] = ()
    decided_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a conversation begins with. stubs: action → `{events, responses}` in the action server's shape."""

    slots: Mapping[str, Any] = field(default_factory=dict)
    stubs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def events_of(turns: Iterable[TurnTrace]) -> list[Mapping[str, Any]]:
    """All that happened in these turns, in order."""
    return [event for turn in turns for event in turn.events]


def visited_steps(turns: Iterable[TurnTrace]) -> frozenset[tuple[str, str]]:
    """(flow, step) of every step that was entered."""
    steps = (event for event in events_of(turns) if event.get("event") == "flow_step")
    return frozenset((str(event.get("flow")), str(event.get("step"))) for event in steps)


def transcript(turns: Iterable[TurnTrace]) -> tuple[str, ...]:
    """The conversation as lines: what was said, slots and actions indented."""
    lines: list[str] = []
    for turn in turns:
        lines += [f"user: {turn.said}"] if turn.said else []
        for event in turn.events:
            line = _line(event)
            lines += [line] if line else []
    return tuple(lines)


def _line(event: Mapping[str, Any]) -> str:
    match event.get("event"):
        case "bot":
            names = [name for name in event.get("names", ()) if name]
            text = " / ".join(str(event.get("text", "")).splitlines())
            return f"bot: {text}" + (f"   [{names[0]}]" if names else "")
        case "slot":
            return f"    slot {event.get('name')} = {event.get('value')!r}"
        case "action":
            given = ", ".join(f"{name}={value!r}" for name, value in event.get("arguments", {}).items())
            return f"    action {event.get('name')}({given})"
        case "flow_started" | "flow_completed" | "flow_cancelled" | "flow_interrupted" as kind:
            return f"    {kind.replace('_', ' ')}: {event.get('flow')}"
        case "write_refused":
            return f"    write refused: {event.get('name')}"
        case "note":
            return f"    note: {event.get('text')}"
    return ""
