"""The list of events of a conversation, and the row that caches their fold. Functions of a connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BindParameter, Connection, Row, bindparam, insert, select, update

from chatwright.errors import RequestError
from chatwright.messages import ConversationId, ConversationSummary, Event, EventKind, UserId
from chatwright.store.leases import lost_turn, unknown_conversation
from chatwright.store.prepared import Prepared
from chatwright.store.tables import conversations, events, leases
from chatwright.store.transcript import extended

MAX_LAST_TEXT_CHARS = 500
EventRow = tuple[Any, ...]
_KEPT = ("conversation", "seq", "turn", "kind", "at", "data")

_OF: BindParameter[str] = bindparam("of")
_FOLDED = ("num_events", "num_turns", "is_waiting", "last_user_text", "transcript")
_FOLD = Prepared(
    select(*(conversations.c[name] for name in _FOLDED), leases.c.epoch)
    .select_from(conversations.outerjoin(leases, leases.c.conversation == conversations.c.id))
    .where(conversations.c.id == _OF)
)
_RENEW = Prepared(
    update(conversations)
    .where(conversations.c.id == _OF)
    .values({name: bindparam(name) for name in (*_FOLDED, "updated_at")})
)
_INSERT = Prepared(insert(events).values({name: bindparam(name) for name in _KEPT}))
_READ = Prepared(
    select(*(events.c[name] for name in _KEPT))
    .where(events.c.conversation == _OF, events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
)
_CREATE = Prepared(insert(conversations).values({column.name: bindparam(column.name) for column in conversations.c}))


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
    _CREATE.run(
        connection,
        {
            "id": conversation, "bot": bot, "user": user, "started_at": timestamp(now), "updated_at": timestamp(now),
            "num_events": 0, "num_turns": 0, "is_waiting": False, "last_user_text": "", "transcript": "",
        },
    )  # fmt: skip


def append_all(
    connection: Connection, encoded: Sequence[Encoded], epochs: Mapping[ConversationId, int], now: datetime
) -> list[Event]:
    """Writes the events and renews their conversations' rows. epochs: with which fencing token, where one is held.

    Raises RequestError 404, EngineError when another process has taken a conversation over."""
    folds: dict[ConversationId, dict[str, Any]] = {}
    stored: list[Event] = []
    for item in encoded:
        event = item.event
        if event.conversation not in folds:
            folds[event.conversation] = _fold_so_far(connection, event.conversation, epochs.get(event.conversation))
        fold = folds[event.conversation]
        _fold(fold, event)
        stored.append(replace(event, seq=fold["num_events"], at=now))
    at = timestamp(now)
    _INSERT.run(connection, *(_values(event, item.json, at) for event, item in zip(stored, encoded, strict=True)))
    _RENEW.run(connection, *({"of": item, "updated_at": at, **fold} for item, fold in folds.items()))
    return stored


def read_events(connection: Connection, conversation: ConversationId, after_seq: int) -> list[Event]:
    """In order; none for a conversation that does not exist."""
    return [decode(*row) for row in read_rows(connection, conversation, after_seq)]


def read_rows(connection: Connection, conversation: ConversationId, after_seq: int) -> list[EventRow]:
    """The same as they are kept, for `decode`."""
    return _READ.rows(connection, {"of": conversation, "after": after_seq})


def decode(conversation: str, seq: int, turn: int, kind: EventKind, at: str, data: str) -> Event:
    """The event that a row of `events` keeps."""
    return Event(
        conversation=ConversationId(conversation),
        kind=kind,
        turn=turn,
        data=orjson.loads(data),
        seq=seq,
        at=datetime.fromisoformat(at),
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


def _values(event: Event, json: str, at: str) -> dict[str, Any]:
    return {
        "conversation": event.conversation, "seq": event.seq, "turn": event.turn, "kind": event.kind, "at": at,
        "data": json,
    }  # fmt: skip


def _fold_so_far(connection: Connection, conversation: ConversationId, epoch: int | None) -> dict[str, Any]:
    row = _FOLD.row(connection, {"of": conversation})
    if row is None:
        raise unknown_conversation(conversation)
    if epoch is not None and row[-1] != epoch:
        raise lost_turn()
    return dict(zip(_FOLDED, row[:-1], strict=True))


def _fold(fold: dict[str, Any], event: Event) -> None:
    """What the event changes in its conversation's row."""
    fold["num_events"] += 1
    if event.kind == "user":
        fold["num_turns"] = max(fold["num_turns"], event.turn)
        fold["transcript"] = extended(fold["transcript"], "user", str(event.data.get("text", "")))
        fold["last_user_text"] = str(event.data.get("text", ""))[:MAX_LAST_TEXT_CHARS]
    elif event.kind == "bot":
        fold["transcript"] = extended(fold["transcript"], "assistant", str(event.data.get("answer", "")))
    elif event.kind in ("handover_requested", "handover_closed"):
        fold["is_waiting"] = event.kind == "handover_requested"
