"""The list of events of a conversation, and the row that caches their fold. Functions of a connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select, update

from chatwright.errors import RequestError
from chatwright.messages import ConversationId, ConversationSummary, Event, UserId
from chatwright.store.leases import unknown_conversation
from chatwright.store.tables import conversations, events

MAX_LAST_TEXT_CHARS = 500


@dataclass(frozen=True, slots=True)
class Encoded:
    """An event and its data as the JSON that is kept."""

    event: Event
    json: str


def encode(event: Event) -> Encoded:
    """Raises RequestError 400 for data that is not JSON, such as text that is not valid Unicode."""
    try:
        return Encoded(event, orjson.dumps(dict(event.data)).decode())
    except TypeError as err:  # orjson.JSONEncodeError is one
        raise RequestError(
            f"The {event.kind} event cannot be kept: {err}.", hint="Send text as UTF-8.", code="text_invalid"
        ) from err


def create(connection: Connection, conversation: ConversationId, bot: str, user: UserId, now: datetime) -> None:
    """An empty conversation."""
    connection.execute(
        insert(conversations).values(
            id=conversation, bot=bot, user=user, started_at=timestamp(now), updated_at=timestamp(now),
            num_events=0, num_turns=0, is_waiting=False, last_user_text="",
        )
    )  # fmt: skip


def append_one(connection: Connection, encoded: Encoded, now: datetime) -> Event:
    """Writes one event and renews the conversation's row. Raises RequestError 404."""
    event = encoded.event
    row = connection.execute(
        select(conversations.c.num_events, conversations.c.num_turns).where(conversations.c.id == event.conversation)
    ).one_or_none()
    if row is None:
        raise unknown_conversation(event.conversation)
    seq = row.num_events + 1
    connection.execute(
        insert(events).values(
            conversation=event.conversation, seq=seq, turn=event.turn, kind=event.kind, at=timestamp(now),
            data=encoded.json,
        )
    )  # fmt: skip
    changes = {"num_events": seq, "updated_at": timestamp(now), **_fold(event, row.num_turns)}
    connection.execute(update(conversations).where(conversations.c.id == event.conversation).values(**changes))
    return Event(conversation=event.conversation, kind=event.kind, turn=event.turn, data=event.data, seq=seq, at=now)


def read_events(connection: Connection, conversation: ConversationId, after_seq: int) -> list[Event]:
    """In order; none for a conversation that does not exist."""
    query = select(events).where(events.c.conversation == conversation, events.c.seq > after_seq)
    return [decode(row) for row in connection.execute(query.order_by(events.c.seq))]


def decode(row: Row[Any]) -> Event:
    """The event that a row of `events` keeps."""
    return Event(
        conversation=ConversationId(row.conversation),
        kind=row.kind,
        turn=row.turn,
        data=orjson.loads(row.data),
        seq=row.seq,
        at=datetime.fromisoformat(row.at),
    )


def summaries(rows: Sequence[Row[Any]]) -> list[ConversationSummary]:
    """Rows of `conversations` as the lines of a list."""
    return [
        ConversationSummary(
            id=ConversationId(row.id),
            bot=row.bot,
            user=UserId(row.user),
            started_at=datetime.fromisoformat(row.started_at),
            updated_at=datetime.fromisoformat(row.updated_at),
            num_turns=row.num_turns,
            is_waiting=row.is_waiting,
            last_user_text=row.last_user_text,
        )
        for row in rows
    ]


def timestamp(at: datetime) -> str:
    """UTC with microseconds always, so that it sorts as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _fold(event: Event, num_turns: int) -> dict[str, Any]:
    """What the event changes in its conversation's row."""
    if event.kind == "user":
        text = str(event.data.get("text", ""))[:MAX_LAST_TEXT_CHARS]
        return {"num_turns": max(num_turns, event.turn), "last_user_text": text}
    if event.kind in ("handover_requested", "handover_closed"):
        return {"is_waiting": event.kind == "handover_requested"}
    return {}
