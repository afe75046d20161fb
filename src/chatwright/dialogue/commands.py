"""What a message asks of the bot, as commands that deterministic code carries out; and their one-line grammar.

In: a message was understood, by rule, by classifier or by a model. Out: Command values. The grammar is CALM's, one
command a line (`start flow F`, `set slot S V` with V to the end of the line, `disambiguate flows F1 F2`, …).
A command says what is wanted, never what is done: `flow_engine.py` decides that.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Extractor = Literal["rule", "model", "button", "caller"]
# What was said while a summary waited for its yes. aside: a question or a courtesy. unread: something that was not
# understood. objected: something that read like a no or a correction and could not be carried out.
Doubt = Literal["", "aside", "unread", "objected"]
_DOUBTS: tuple[Doubt, ...] = ("", "aside", "unread", "objected")


def worse_doubt(one: str, other: str) -> Doubt:
    """The worse of two; what is not a doubt counts as none."""
    return _DOUBTS[max(_DOUBTS.index(each) if each in _DOUBTS else 0 for each in (one, other))]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFlow:
    """Begin a flow."""

    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSlot:
    """Put a value into a slot; None empties it. extractor: who read the value."""

    slot: str
    value: Any
    extractor: Extractor = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarify:
    """It is one of these flows: ask which."""

    flows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelFlow:
    """Give up the flow on top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAndReply:
    """Answer from the knowledge folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChitChat:
    """Small talk: answered without the folder. `kind` is that of `smalltalk.py`, empty when it is none of them."""

    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanHandoff:
    """Pass the visitor to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatMessages:
    """Say again what was said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipQuestion:
    """The visitor does not want to answer what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Forget slots and flows and begin anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStart:
    """A conversation begins, before the visitor said anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSilence:
    """The visitor has not said anything for the time that the bot folder gives. is_over: so long that what is open is
    given up."""

    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotHandle:
    """Nothing was understood. reason: for the record; doubt, slots: of what was said to a summary, and which of the
    slots it may have been about."""

    reason: str = ""
    doubt: Doubt = "unread"
    slots: tuple[str, ...] = ()


Command = (
    StartFlow | SetSlot | Clarify | CancelFlow | SearchAndReply | ChitChat | HumanHandoff | RepeatMessages
    | SkipQuestion | Restart | SessionStart | UserSilence | CannotHandle
)  # fmt: skip

_KINDS: dict[str, type[Any]] = {
    "start_flow": StartFlow, "set_slot": SetSlot, "clarify": Clarify, "cancel_flow": CancelFlow,
    "search_and_reply": SearchAndReply, "chitchat": ChitChat, "human_handoff": HumanHandoff,
    "repeat": RepeatMessages, "skip_question": SkipQuestion, "restart": Restart, "session_start": SessionStart,
    "user_silence": UserSilence, "cannot_handle": CannotHandle,
}  # fmt: skip
_NAMES = {kind: name for name, kind in _KINDS.items()}

_WORDED: dict[str, Command] = {
    "search and reply": SearchAndReply(), "cancel flow": CancelFlow(), "offtopic reply": ChitChat(),
    "hand over": HumanHandoff(), "repeat message": RepeatMessages(), "skip question": SkipQuestion(),
    "provide info": SearchAndReply(),
}  # fmt: skip
_START = re.compile(r"(?:start flow |StartFlow\()([A-Za-z_][A-Za-z0-9_-]*)\)?")
_SET = re.compile(r"set slot ([^\s()=,]+) (.+)|SetSlot\(([^\s()=,]+),\s*(.+)\)")
_CLARIFY = re.compile(r"disambiguate flows ((?:[A-Za-z_][A-Za-z0-9_-]*[ ,]*)+)")


def parse_commands(text: str, extractor: Extractor = "model") -> list[Command]:
    """The commands of `text`, one a line; lines that are none are left out."""
    found = (_parse_line(line.strip(), extractor) for line in text.splitlines())
    return [command for command in found if command is not None]


def _parse_line(line: str, extractor: Extractor) -> Command | None:
    if worded := _WORDED.get(line):
        return worded
    if start := _START.fullmatch(line):
        return StartFlow(flow=start[1])
    if clarify := _CLARIFY.fullmatch(line):
        return Clarify(flows=tuple(clarify[1].replace(",", " ").split()))
    if slot := _SET.fullmatch(line):
        value = (slot[2] or slot[4]).strip().strip("\"'")
        return SetSlot(slot=slot[1] or slot[3], value=value, extractor=extractor)
    return None


def command_to_json(command: Command) -> dict[str, Any]:
    """`{"command": kind, …fields}`."""
    return {"command": _NAMES[type(command)], **asdict(command)}


def command_from_json(value: Mapping[str, Any]) -> Command:
    """The command that `command_to_json` wrote. Raises KeyError for an unknown kind: our own files only."""
    fields = {key: tuple(item) if isinstance(item, list) else item for key, item in value.items() if key != "command"}
    command: Command = _KINDS[value["command"]](**fields)
    return command


def commands_to_json(commands: Sequence[Command]) -> list[dict[str, Any]]:
    return [command_to_json(command) for command in commands]
