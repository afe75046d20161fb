"""`SqlStore`: the Store of the house on SQLAlchemy Core. Reads go to a small pool, writes to the one writer.

Every method is async and returns only what is durable. SQL is portable; what is SQLite's is in `connection.py`.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, select

from chatwright.errors import RequestError
from chatwright.messages import ConversationId, ConversationSummary, Event, IdempotencyClaim, Message, UserId
from chatwright.store.claims import check_key, find_settled, purge_expired, record_claim
from chatwright.store.connection import NUM_READERS, scrub
from chatwright.store.event_log import Encoded, append_all, create, encode, read_events, summaries
from chatwright.store.failures import named_failures
from chatwright.store.leases import unknown_conversation
from chatwright.store.person import erase, export
from chatwright.store.tables import conversations
from chatwright.store.transcript import transcript_digest
from chatwright.store.turns import Turns
from chatwright.store.writer import Writer, closed_error

MAX_USER_CHARS = 200
MAX_CANDIDATES = 20
PURGE_EVERY_S = 3600.0
Result = TypeVar("Result")


class SqlStore:
    """Conversations in one file. Made by `open_store`; used on one event loop."""

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._reading = reading
        self._readers = ThreadPoolExecutor(NUM_READERS, thread_name_prefix="store-reader")
        self._writer = Writer(writing)
        self._turns = Turns(self._writer)
        self._purge_due = 0.0
        self._is_closed = False

    async def open_conversation(
        self, bot: str, user: UserId, conversation: ConversationId | None, *, is_used_at_once: bool = False
    ) -> ConversationId:
        """A new conversation with an id that cannot be guessed (128 bit), or the user's own again.

        is_used_at_once: a new one is durable only with the first thing that is written into it."""
        if not user or len(user) > MAX_USER_CHARS:
            raise RequestError(f"A user's id has 1 to {MAX_USER_CHARS} characters.", param="user")
        if conversation is None:
            opened = ConversationId(secrets.token_hex(16))
            job = partial(create, conversation=opened, bot=bot, user=user, now=_now())
            created = self._writer.submit(job, waits_for_company=is_used_at_once)
            if not is_used_at_once:
                await asyncio.wrap_future(created)
            return opened
        query = select(conversations.c.bot, conversations.c.user).where(conversations.c.id == conversation)
        row = await self._read(lambda connection: connection.execute(query).one_or_none())
        if row is None or (row.bot, row.user) != (bot, user):
            raise unknown_conversation(conversation)
        return conversation

    async def append(self, events: Sequence[Event], *, claim: IdempotencyClaim | None = None) -> list[Event]:
        """All of `events` and the claim, or nothing. The claim is tied to the turn of the first event.

        Raises RequestError 400, 404, 409 or 422, EngineError 503.
        """
        assert events or claim is None, "a claim needs the event that it is for"
        if not events:
            return []
        if claim is not None:
            check_key(claim.key)
            self._purge_now_and_then()
        encoded = [encode(event) for event in events]
        # Looked up now: a task that is cancelled while it waits has left its turn when the job is done.
        written = {event.conversation for event in events}
        epochs = self._turns.epochs(written)
        self._turns.forget_earlier(written)
        job = partial(self._append, encoded=encoded, epochs=epochs, claim=claim, now=_now())
        return await self._writer.write(job)

    async def settled(self, claim: IdempotencyClaim) -> Event | None:
        """The bot's event that answered this claim; None when it is to be answered now."""
        check_key(claim.key)
        return await self._read(partial(find_settled, claim=claim, is_running=self._turns.is_running, now=_now()))

    def turn(self, conversation: ConversationId) -> AbstractAsyncContextManager[int]:
        """Holds the conversation, first come, first served; see `store/turns.py`."""
        return self._turns.turn(conversation)

    async def user_of(self, conversation: ConversationId) -> UserId:
        """Whose conversation it is. Raises RequestError 404 when it does not exist."""
        query = select(conversations.c.user).where(conversations.c.id == conversation)
        user = await self._read(lambda connection: connection.execute(query).scalar_one_or_none())
        if user is None:
            raise unknown_conversation(conversation)
        return UserId(user)

    async def find_transcript(self, bot: str, user: UserId, messages: Sequence[Message]) -> list[ConversationId]:
        """The user's conversations in which exactly this was said, the latest first; a few at most."""
        query = select(conversations.c.id).where(
            conversations.c.transcript == transcript_digest(messages),
            conversations.c.user == user,
            conversations.c.bot == bot,
        )
        query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id).limit(MAX_CANDIDATES)
        return await self._read(lambda connection: [ConversationId(row.id) for row in connection.execute(query)])

    async def events(self, conversation: ConversationId, after_seq: int = 0) -> list[Event]:
        """The events in order; none for a conversation that does not exist."""
        if after_seq == 0 and (earlier := self._turns.take_earlier(conversation)) is not None:
            return earlier
        return await self._read(partial(read_events, conversation=conversation, after_seq=after_seq))

    async def conversations(
        self, bot: str, *, user: UserId | None = None, waiting_only: bool = False, limit: int = 50
    ) -> list[ConversationSummary]:
        """The latest conversations of a bot, newest first. limit: 1 or more."""
        if limit < 1:
            raise RequestError(f"The limit is {limit}; it is 1 or more.", param="limit")
        query = select(conversations).where(conversations.c.bot == bot)
        if user is not None:
            query = query.where(conversations.c.user == user)
        if waiting_only:
            query = query.where(conversations.c.is_waiting)
        query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id).limit(limit)
        return await self._read(lambda connection: summaries(connection.execute(query).all()))

    async def export_user(self, user: UserId) -> Mapping[str, Any]:
        """Everything kept about a person, over all bots, as JSON values."""
        return await self._read(partial(export, user=user, now=_now()))

    async def erase_user(self, user: UserId) -> int:
        """Removes a person's conversations from tables, free pages and write-ahead log; how many there were.

        Rewrites the whole file: writes of others wait meanwhile. Raises EngineError "erasure_incomplete".
        """
        count = await self._writer.write(partial(erase, user=user))
        await asyncio.to_thread(self._scrub)
        return count

    async def purge_claims(self) -> int:
        """Forgets idempotency keys older than a day; how many. Also done hourly while keys come in."""
        return await self._writer.write(partial(purge_expired, now=_now()))

    async def close(self) -> None:
        """Finishes what was begun and closes every connection; the last one empties the write-ahead log."""
        self._is_closed = True
        await asyncio.to_thread(self._writer.close)
        await asyncio.to_thread(self._readers.shutdown)
        self._reading.dispose()
        self._writing.dispose()

    def _append(
        self,
        connection: Connection,
        encoded: Sequence[Encoded],
        epochs: Mapping[ConversationId, int],
        claim: IdempotencyClaim | None,
        now: datetime,
    ) -> list[Event]:
        stored = append_all(connection, encoded, epochs, now)
        if claim is not None:
            record_claim(connection, claim, stored[0], self._turns.is_running, now)
        return stored

    def _purge_now_and_then(self) -> None:
        if time.monotonic() >= self._purge_due:
            self._purge_due = time.monotonic() + PURGE_EVERY_S
            self._writer.submit(partial(purge_expired, now=_now()))

    def _scrub(self) -> None:
        with named_failures():
            scrub(self._writing)

    async def _read(self, query: Callable[[Connection], Result]) -> Result:
        if self._is_closed:
            raise closed_error()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._query, query)

    def _query(self, query: Callable[[Connection], Result]) -> Result:
        with named_failures(), self._reading.connect() as connection:
            return query(connection)


def _now() -> datetime:
    return datetime.now(UTC)
