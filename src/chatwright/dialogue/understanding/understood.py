"""What understanding is given beside the message, and what it hands back: values, and the contracts of who judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from chatwright.dialogue.commands import Command, Doubt
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.flows.flow import Flow
from chatwright.messages import Language, Message

DecidedBy = Literal["button", "rule", "slots", "classifier", "model", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """intents: (intent, confidence), best first, adding up to at most 1. in_scope in [0, 1]: that it is any of them."""

    intents: Sequence[tuple[str, float]] = ()
    in_scope: float = 1.0


class IntentRanker(Protocol):
    """Ranks the intents of a bot folder. Blocking: called off the event loop."""

    def rank(self, text: str) -> Ranked: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where the conversation stands when a message arrives.

    open_flow: the flow on top; callers: those that called it and wait for it. asked: the slot asked last.
    confirmation: the slot that yes or no fills while something waits for the visitor's agreement. choices: flows of
    which it was asked which is meant. is_person_offered: a person was offered last. startable: the flows that may begin
    now (guard true); None is all. offered: payloads of the buttons shown last. recent: the last turns. ended: the flow
    that ended last when none is open, ended_values: what its slots held. shown: the slots and values that wait for
    agreement; doubt: what was said since they were first shown.
    """

    language: Language
    now: datetime
    open_flow: str = ""
    callers: tuple[str, ...] = ()
    asked: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    confirmation: str = ""
    choices: tuple[str, ...] = ()
    is_person_offered: bool = False
    startable: frozenset[str] | None = None
    offered: frozenset[str] = frozenset()
    recent: tuple[Message, ...] = ()
    ended: str = ""
    ended_values: frozenset[str] = frozenset()
    shown: Mapping[str, Any] = field(default_factory=dict)
    doubt: Doubt = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """The commands, what decided on them, and how sure it is in [0, 1]. details: JSON, for the record of the turn."""

    commands: tuple[Command, ...]
    decided_by: DecidedBy
    confidence: float
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """What a model is asked: the message, and what it may mean.

    flows: those that may be begun. slots: those that may be set. chances: (flow, probability) so far, best first.
    vague: the probability that it names a subject and no wish.
    """

    text: str
    context: Context
    flows: tuple[Flow, ...] = ()
    slots: tuple[Slot, ...] = ()
    chances: tuple[tuple[str, float], ...] = ()
    vague: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReading:
    """What a model made of it: no commands when it is unsure too. raw: for the record. problem: why it failed."""

    commands: tuple[Command, ...] = ()
    confidence: float = 0.0
    raw: str = ""
    problem: str = ""


class ModelReader(Protocol):
    """Reads a message with a language model. Never raises for what the model does."""

    async def read(self, unsure: Unsure) -> ModelReading: ...
