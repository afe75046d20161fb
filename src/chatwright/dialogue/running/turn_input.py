"""What one turn brings to the flow engine and what it takes away: values, and contracts of what the engine calls."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chatwright.dialogue.domain import Domain
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.running.repair import Texts
from chatwright.dialogue.running.state import DialogueState
from chatwright.messages import ActionCall, ActionResult, ConversationId, Language, Outcome, UserId, Utterance

RunAction = Callable[[ActionCall], Awaitable[ActionResult]]


async def no_answer() -> Utterance | None:
    """The answer of a bot that has nothing to search."""
    return None


class ActionInfo(Protocol):
    """What the engine must know of an action; `protocols.Action` has it."""

    @property
    def description(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...

    @property
    def is_write(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnInput:
    """One message. `answer` is called for a question or small talk beside the flow; None: there is no answer.

    channel, sender: where it came in, see `Origin`. events: the conversation's in Rasa's flat form, for actions.
    max_chars: a longer text is not handled; 0 is no limit.
    """

    text: str
    language: Language
    conversation: ConversationId
    user: UserId
    now: datetime
    answer: Callable[[], Awaitable[Utterance | None]] = no_answer
    channel: str = ""
    sender: str = ""
    events: Sequence[Mapping[str, Any]] = ()
    max_chars: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """What a turn led to. events: a flat trace in Rasa's manner, in order; `note` events say what was ignored and why.

    outcome: "flow", or "answered", "abstained" and "handed_over" when no flow had a part in the turn.
    """

    state: DialogueState
    utterances: tuple[Utterance, ...]
    events: tuple[Mapping[str, Any], ...]
    outcome: Outcome = "flow"
    offers_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """What stays the same from turn to turn: the flows, the domain, the actions, the owner's wordings."""

    flows: Mapping[str, Flow]
    domain: Domain
    run_action: RunAction
    actions: Mapping[str, ActionInfo] = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)
