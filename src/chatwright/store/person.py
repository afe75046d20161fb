"""All that is kept about one person, over all bots: as JSON to hand out, or to remove."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, func, select

from chatwright.messages import UserId
from chatwright.store.event_log import timestamp
from chatwright.store.tables import claims, conversations, events


def export(connection: Connection, user: UserId, now: datetime) -> dict[str, Any]:
    """Conversations in order of their start, each with its events and the idempotency keys of its requests."""
    rows = connection.execute(
        select(conversations)
        .where(conversations.c.user == user)
        .order_by(conversations.c.started_at, conversations.c.id)
    ).all()
    return {
        "user": user,
        "exported_at": timestamp(now),
        "conversations": [_conversation(connection, row) for row in rows],
    }


def erase(connection: Connection, user: UserId) -> int:
    """Deletes a person's conversations; events, claims and leases go with them. How many conversations."""
    of_user = conversations.c.user == user
    count = connection.execute(select(func.count()).select_from(conversations).where(of_user)).scalar_one()
    connection.execute(delete(conversations).where(of_user))
    return int(count)


def _conversation(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    said = connection.execute(select(events).where(events.c.conversation == row.id).order_by(events.c.seq))
    keys = connection.execute(select(claims).where(claims.c.conversation == row.id).order_by(claims.c.created_at))
    return {
        "conversation": row.id,
        "bot": row.bot,
        "started_at": row.started_at,
        "updated_at": row.updated_at,
        "is_waiting": row.is_waiting,
        "events": [
            {"seq": e.seq, "turn": e.turn, "kind": e.kind, "at": e.at, "data": orjson.loads(e.data)} for e in said
        ],
        "idempotency_keys": [
            {"scope": k.scope, "key": k.key, "fingerprint": k.fingerprint, "turn": k.turn, "created_at": k.created_at}
            for k in keys
        ],
    }
