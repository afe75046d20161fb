"""`SqlStore`: the Store of the house on SQLAlchemy Core. Reads go to a small pool, writes to the one writer.

Every method is async and returns only what is durable. SQL is portable; what is SQLite's is in `connection.py`.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, delete, insert, select, update

from chatwright.errors import RequestError
from chatwright.messages import (
    ConversationId,
    ConversationSummary,
    Event,
    IdempotencyClaim,
    UserId,
)
from chatwright.store.claims import find_settled, record_claim
from chatwright.store.erasure import erase, scrub
from chatwright.store.failures import named_failures
from chatwright.store.tables import claims, conversations, events
from chatwright.store.turns import Turns, check_epoch, unknown_conversation
from chatwright.store.writer import Writer

CLAIM_LIFE = timedelta(hours=24)
MAX_USER_CHARS = 200
Result = TypeVar("Result")


class SqlStore:
    """Conversations in one file. Made by `open_store`."""

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._reading = reading
        self._writer = Writer(writing)
        self._turns = Turns(self._writer)

    async def open_conversation(self, bot: str, user: UserId, conversation: ConversationId | None) -> ConversationId:
        """A new conversation with an id that cannot be guessed (128 bit), or the user's own again."""
        if not user or len(user) > MAX_USER_CHARS:
            raise RequestError(f"A user's id has 1 to {MAX_USER_CHARS} characters.", param="user")
        if conversation is None:
            opened = ConversationId(secrets.token_urlsafe(16))
            await self._writer.write(lambda connection: _create(connection, opened, bot, user))
            return opened
        query = select(conversations.c.bot, conversations.c.user).where(conversations.c.id == conversation)
        row = await self._read(lambda connection: connection.execute(query).one_or_none())
        if row is None or (row.bot, row.user) != (bot, user):
            raise unknown_conversation(conversation)
        return conversation

    async def append(self, events: Sequence[Event], *, claim: IdempotencyClaim | None = None) -> list[Event]:
        """All of `events` and the claim, or nothing. Raises RequestError 404, 409 or 422, EngineError 503."""
        now = _now()
        return await self._writer.write(lambda connection: self._append(connection, events, claim, now))

    async def settled(self, claim: IdempotencyClaim) -> Event | None:
        """The bot's event that answered this claim; None when it is to be answered now."""
        turns = self._turns
        found = await self._read(lambda connection: find_settled(connection, claim, turns.held, turns.holder))
        return None if found is None else _event(found)

    def turn(self, conversation: ConversationId) -> AbstractAsyncContextManager[int]:
        """Holds the conversation, first come, first served; see `store/turns.py`."""
        return self._turns.turn(conversation)

    async def events(self, conversation: ConversationId, after_seq: int = 0) -> list[Event]:
        """The events in order; none for a conversation that does not exist."""
        query = (
            select(events).where(events.c.conversation == conversation, events.c.seq > after_seq).order_by(events.c.seq)
        )
        return await self._read(lambda connection: [_event(row) for row in connection.execute(query)])

    async def conversations(
        self, bot: str, *, user: UserId | None = None, waiting_only: bool = False, limit: int = 50
    ) -> list[ConversationSummary]:
        """The latest conversations of a bot, newest first."""
        query = select(conversations).where(conversations.c.bot == bot)
        if user is not None:
            query = query.where(conversations.c.user == user)
        if waiting_only:
            query = query.where(conversations.c.is_waiting)
        query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id).limit(limit)
        return await self._read(lambda connection: [_summary(row) for row in connection.execute(query)])

    async def export_user(self, user: UserId) -> Mapping[str, Any]:
        """Everything kept about a person, over all bots, as JSON values."""
        return await self._read(lambda connection: _export(connection, user))

    async def erase_user(self, user: UserId) -> int:
        """Removes a person's conversations from tables, free pages and write-ahead log; how many there were."""
        count = await self._writer.write(lambda connection: erase(connection, user))
        await asyncio.to_thread(scrub, self._writing)
        return count

    async def purge_claims(self) -> int:
        """Forgets idempotency keys older than a day; how many."""
        oldest = (datetime.now(UTC) - CLAIM_LIFE).isoformat()
        query = delete(claims).where(claims.c.created_at < oldest)
        return await self._writer.write(lambda connection: connection.execute(query).rowcount)

    async def close(self) -> None:
        """Finishes what was begun and closes every connection."""
        await asyncio.to_thread(self._writer.close)
        self._reading.dispose()
        self._writing.dispose()

    def _append(
        self, connection: Connection, new: Sequence[Event], claim: IdempotencyClaim | None, now: datetime
    ) -> list[Event]:
        stored: list[Event] = []
        for event in new:
            epoch = self._turns.held.get(event.conversation)
            if epoch is not None:
                check_epoch(connection, event.conversation, epoch)
            stored.append(_append_one(connection, event, now))
        if claim is not None:
            record_claim(connection, claim, stored[0], self._turns.holder, now)
        return stored

    async def _read(self, query: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            with named_failures(), self._reading.connect() as connection:
                return query(connection)

        return await asyncio.to_thread(run)


def _create(connection: Connection, conversation: ConversationId, bot: str, user: UserId) -> None:
    now = _now().isoformat()
    connection.execute(
        insert(conversations).values(
            id=conversation, bot=bot, user=user, started_at=now, updated_at=now,
            num_events=0, num_turns=0, is_waiting=False, last_user_text="",
        )
    )  # fmt: skip


def _append_one(connection: Connection, event: Event, now: datetime) -> Event:
    """Writes one event and renews the conversation's row."""
    row = connection.execute(select(conversations).where(conversations.c.id == event.conversation)).one_or_none()
    if row is None:
        raise unknown_conversation(event.conversation)
    seq = row.num_events + 1
    connection.execute(
        insert(events).values(
            conversation=event.conversation,
            seq=seq,
            turn=event.turn,
            kind=event.kind,
            at=now.isoformat(),
            data=orjson.dumps(dict(event.data)).decode(),
        )
    )
    changes: dict[str, Any] = {"num_events": seq, "updated_at": now.isoformat()}
    if event.kind == "user":
        changes |= {
            "num_turns": max(row.num_turns, event.turn),
            "last_user_text": str(event.data.get("text", ""))[:500],
        }
    elif event.kind in ("handover_requested", "handover_closed"):
        changes["is_waiting"] = event.kind == "handover_requested"
    connection.execute(update(conversations).where(conversations.c.id == event.conversation).values(**changes))
    return Event(
        conversation=event.conversation, kind=event.kind, turn=event.turn, data=event.data, seq=seq, at=now
    )  # fmt: skip


def _export(connection: Connection, user: UserId) -> dict[str, Any]:
    rows = connection.execute(
        select(conversations).where(conversations.c.user == user).order_by(conversations.c.started_at)
    ).all()
    exported: list[dict[str, Any]] = []
    for row in rows:
        found = connection.execute(select(events).where(events.c.conversation == row.id).order_by(events.c.seq))
        exported.append(
            {
                "conversation": row.id,
                "bot": row.bot,
                "started_at": row.started_at,
                "updated_at": row.updated_at,
                "events": [
                    {"seq": e.seq, "turn": e.turn, "kind": e.kind, "at": e.at, "data": orjson.loads(e.data)}
                    for e in found
                ],
            }
        )
    return {"user": user, "exported_at": _now().isoformat(), "conversations": exported}


def _event(row: Any) -> Event:
    return Event(
        conversation=ConversationId(row.conversation),
        kind=row.kind,
        turn=row.turn,
        data=orjson.loads(row.data),
        seq=row.seq,
        at=datetime.fromisoformat(row.at),
    )


def _summary(row: Any) -> ConversationSummary:
    return ConversationSummary(
        id=ConversationId(row.id),
        bot=row.bot,
        user=UserId(row.user),
        started_at=datetime.fromisoformat(row.started_at),
        updated_at=datetime.fromisoformat(row.updated_at),
        num_turns=row.num_turns,
        is_waiting=row.is_waiting,
        last_user_text=row.last_user_text,
    )


def _now() -> datetime:
    return datetime.now(UTC)
