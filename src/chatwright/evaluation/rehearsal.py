"""The contract by which tests talk to a bot: `bot/rehearse.py` keeps it, with a real bot and its own data folder."""

from collections.abc import Mapping
from typing import Any, Protocol

from chatwright.evaluation.turn_trace import Setup, TurnTrace
from chatwright.messages import ConversationId


class Rehearsal(Protocol):
    """Conversations that nobody else sees. Raises EngineError or RequestError as the bot does."""

    async def open(self, setup: Setup) -> tuple[ConversationId, TurnTrace]:
        """A new conversation, and what happened before the user said anything: slots that were set."""
        ...

    async def say(self, conversation: ConversationId, text: str, metadata: Mapping[str, Any]) -> TurnTrace:
        """One turn. An action that writes and is not stubbed is refused unless the rehearsal allows it."""
        ...
