"""Every contract between rooms, on one page. A room that needs another's service receives it as one of these."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from chatwright.messages import (
    ActionCall,
    ActionResult,
    ConversationId,
    ConversationSummary,
    Delta,
    DocumentText,
    Event,
    Evidence,
    FaqMatch,
    GenerateOptions,
    IdempotencyClaim,
    Message,
    Passage,
    UserId,
    Verdict,
)

Vectors = NDArray[np.float32]  # (n, dimension), each row of length 1


@runtime_checkable
class Engine(Protocol):
    """Runs a language model. Raises EngineError when the model fails or is busy (`retry_after_s` set), and
    RequestError(code="context_length_exceeded") when the prompt and `max_new_tokens` do not fit `num_ctx`."""

    model: str  # the catalogue name of what answers
    num_ctx: int  # tokens of prompt and reply together

    def generate(self, messages: Sequence[Message], options: GenerateOptions) -> AsyncIterator[Delta]:
        """Streams the reply; closing the iterator cancels the generation within one second."""
        ...

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """Prompt tokens of `messages` after the model's own chat template."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Embedder(Protocol):
    """Turns text into vectors whose inner product is the cosine similarity."""

    name: str  # model id, stored beside the vectors
    sha256: str  # of the weights, stored beside the vectors
    dimension: int

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows of length 1. Blocking: call it off the event loop."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...


class Retriever(Protocol):
    """Finds what a knowledge folder has on a question."""

    async def search(self, query: str, num_passages: int = 5) -> list[Passage]: ...

    async def match_faq(self, query: str) -> FaqMatch | None: ...

    async def document(self, source: str) -> DocumentText | None: ...


class EvidenceSelector(Protocol):
    """Chooses the spans that answer a question, and says how sure it is that they do."""

    async def select(self, question: str, passages: Sequence[Passage]) -> Evidence: ...


class Loader(Protocol):
    """Reads one kind of file. Raises ConfigError naming the file and the reason when it cannot."""

    suffixes: tuple[str, ...]

    def load(self, path: Path, source: str) -> DocumentText: ...


class Guard(Protocol):
    """Looks at text on its way in or out. A guard that raises counts as refuse."""

    @property
    def name(self) -> str: ...

    async def check(self, text: str, direction: Literal["input", "output"]) -> Verdict: ...


class Action(Protocol):
    """Does something in the world for a flow. Raises ActionError; never anything else."""

    name: str
    description: str
    parameters: Mapping[str, Any]  # JSON schema of `ActionCall.arguments`; empty when it reads slots instead
    is_write: bool  # changes something outside: its arguments are confirmed first, and it is never tried twice ...
    is_idempotent: bool  # ... unless the other side tells a repetition by `call_id`

    async def run(self, call: ActionCall) -> ActionResult: ...


class Store(Protocol):
    """Keeps conversations. What `append` has returned survives a killed process and a power cut."""

    async def append(self, events: Sequence[Event], *, claim: IdempotencyClaim | None = None) -> list[Event]:
        """The same events with `seq` and `at`; all or none, the claim with them. The conversation must exist."""
        ...

    async def settled(self, claim: IdempotencyClaim) -> Event | None:
        """The bot's event that already answered this claim, None when it is new; RequestError 409 while it is still
        being answered, 422 when the same key came with another body."""
        ...

    def turn(self, conversation: ConversationId) -> AbstractAsyncContextManager[int]:
        """Holds the conversation, first come first served, across tasks and processes; gives this turn's number."""
        ...

    async def open_conversation(
        self, bot: str, user: UserId, conversation: ConversationId | None, *, is_used_at_once: bool = False
    ) -> ConversationId:
        """Creates the conversation, or finds it; RequestError 404 when it belongs to another bot or user.

        is_used_at_once: what is new need not be durable before the first turn in it is."""
        ...

    async def user_of(self, conversation: ConversationId) -> UserId:
        """Whose conversation it is. Raises RequestError 404 when it does not exist."""
        ...

    async def find_transcript(self, bot: str, user: UserId, messages: Sequence[Message]) -> list[ConversationId]:
        """The user's conversations in which exactly these user and assistant messages were said, the latest first."""
        ...

    async def events(self, conversation: ConversationId, after_seq: int = 0) -> list[Event]: ...

    async def conversations(
        self, bot: str, *, user: UserId | None = None, waiting_only: bool = False, limit: int = 50
    ) -> list[ConversationSummary]: ...

    async def export_user(self, user: UserId) -> Mapping[str, Any]:
        """Everything kept about a person, as JSON."""
        ...

    async def erase_user(self, user: UserId) -> int:
        """Removes it all from file, write-ahead log and free pages; the number of conversations erased."""
        ...

    async def close(self) -> None: ...
