"""What a test may assert of a turn or of a whole conversation, as values: Rasa's assertion types and `sequencing`.

`names_in` tells which flows, slots, responses and actions an assertion speaks of, for checking before anything runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

Operator = Literal["any", "all"]
NameKind = Literal["flow", "slot", "response", "action"]
SEQUENCE_KINDS: Final = (
    "action_executed",
    "slot_was_set",
    "flow_started",
    "flow_completed",
    "flow_cancelled",
    "flow_interrupted",
)


class AnyValue:
    """Stands for an expected value that was not given: any will do."""

    def __repr__(self) -> str:
        return "any value"


ANY_VALUE: Final = AnyValue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """line: where it is written."""

    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStarted(Assertion):
    """One of the flows, or all of them, began."""

    flows: tuple[str, ...]
    operator: Operator = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEnded(Assertion):
    """The flow was completed or cancelled, at this step when one is named."""

    kind: Literal["flow_completed", "flow_cancelled"]
    flow: str
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarification(Assertion):
    """The bot asked which flow is meant. all: exactly these were offered; any: at least one of them was."""

    flows: tuple[str, ...]
    operator: Operator = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionExecuted(Assertion):
    """The action ran, or the response `utter_…` was said."""

    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotExpectation:
    """A slot and its value; ANY_VALUE is any but none."""

    name: str
    value: Any = ANY_VALUE
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotWasSet(Assertion):
    """Every slot was set, to its value where one is given."""

    slots: tuple[SlotExpectation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotWasNotSet(Assertion):
    """No slot was left with a value, or with the one given."""

    slots: tuple[SlotExpectation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedButton:
    """A choice; payload None is any."""

    title: str
    payload: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BotUttered(Assertion):
    """What was said, or with `is_absent` what was not. Each given part may be met by another utterance of the turn."""

    utter_name: str = ""
    text_matches: str = ""
    buttons: tuple[ExpectedButton, ...] = ()
    is_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerativeResponse(Assertion):
    """An answer from the knowledge folder (or of `utter_name`, `utter_source`) is relevant, or grounded.

    threshold in [0, 1]: the least score. ground_truth: what it must rest on; "" is what it cites.
    """

    kind: Literal["generative_response_is_relevant", "generative_response_is_grounded"]
    threshold: float
    utter_name: str = ""
    utter_source: str = ""
    ground_truth: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequencing(Assertion):
    """(kind of SEQUENCE_KINDS, name) that happened in this order, each after the one before."""

    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something of the bot folder that a test speaks of."""

    kind: NameKind
    name: str
    line: int


def names_in(assertion: Assertion) -> Iterator[Named]:
    """What the assertion names."""
    line = assertion.line
    match assertion:
        case FlowStarted(flows=flows) | Clarification(flows=flows):
            yield from (Named(kind="flow", name=flow, line=line) for flow in flows)
        case FlowEnded(flow=flow):
            yield Named(kind="flow", name=flow, line=line)
        case ActionExecuted(action=action):
            yield _action(action, line)
        case SlotWasSet(slots=slots) | SlotWasNotSet(slots=slots):
            yield from (Named(kind="slot", name=slot.name, line=slot.line or line) for slot in slots)
        case BotUttered(utter_name=name) | GenerativeResponse(utter_name=name) if name:
            yield Named(kind="response", name=name, line=line)
        case Sequencing(steps=steps):
            yield from (_step(kind, name, line) for kind, name in steps)


def _action(name: str, line: int) -> Named:
    return Named(kind="response" if name.startswith("utter_") else "action", name=name, line=line)


def _step(kind: str, name: str, line: int) -> Named:
    if kind == "action_executed":
        return _action(name, line)
    return Named(kind="slot" if kind == "slot_was_set" else "flow", name=name, line=line)
