"""Idempotency keys: one answer a key, however often the request comes (IETF draft idempotency-key-header-07).

The key is recorded in the transaction of the user's turn and kept for CLAIM_LIFE. A key whose answer never came may be
taken again once nobody is working on it: its turn has ended, or its process is gone.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, update

from chatwright.errors import RequestError
from chatwright.messages import ConversationId, Event, IdempotencyClaim
from chatwright.store.event_log import decode, timestamp
from chatwright.store.tables import claims, events

CLAIM_LIFE = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
IsRunning = Callable[[Connection, ConversationId, int], bool]

# Built once: building a statement costs more than running it.
_IS_IT = and_(claims.c.scope == bindparam("in_scope"), claims.c.key == bindparam("of_key"))
_FIND = select(claims).where(_IS_IT)
_FORGET = delete(claims).where(_IS_IT, claims.c.created_at < bindparam("before"))
_INSERT = insert(claims)


def find_settled(connection: Connection, claim: IdempotencyClaim, is_running: IsRunning, now: datetime) -> Event | None:
    """The event that answered; None when the claim is new or was given up.

    Raises RequestError 409 while it is being answered, 422 for another body.
    """
    row = _claim_row(connection, claim, now)
    if row is None:
        return None
    answer = _ending(connection, row, "bot")
    if answer is None and _is_being_answered(connection, row, is_running):
        raise _in_progress(claim)
    if answer is None:
        return None
    return decode(answer.conversation, answer.seq, answer.turn, answer.kind, answer.at, answer.data)


def record_claim(
    connection: Connection, claim: IdempotencyClaim, event: Event, is_running: IsRunning, now: datetime
) -> None:
    """Ties the claim to the turn of `event`. Raises RequestError as `find_settled`, for two that come at once."""
    row = _claim_row(connection, claim, now)
    values = {"conversation": event.conversation, "turn": event.turn, "created_at": timestamp(now)}
    if row is None:
        whole = {"scope": claim.scope, "key": claim.key, "fingerprint": claim.fingerprint, **values}
        connection.execute(_FORGET, {**_names(claim), "before": _oldest(now)})
        connection.execute(_INSERT, whole)
        return
    is_own = (row.conversation, row.turn) == (event.conversation, event.turn)
    if _ending(connection, row, "bot") is not None or (not is_own and _is_being_answered(connection, row, is_running)):
        raise _in_progress(claim)
    connection.execute(update(claims).where(_IS_IT).values(**values), _names(claim))


def purge_expired(connection: Connection, now: datetime) -> int:
    """Forgets keys older than CLAIM_LIFE; how many."""
    return connection.execute(delete(claims).where(claims.c.created_at < _oldest(now))).rowcount


def check_key(key: str) -> None:
    """Raises RequestError 400 unless the key is 1 to 255 visible ASCII characters."""
    if not _KEY.fullmatch(key):
        raise RequestError(
            "An Idempotency-Key has 1 to 255 visible ASCII characters.",
            hint="A UUID does.",
            code="idempotency_key_invalid",
            param="Idempotency-Key",
        )


def _claim_row(connection: Connection, claim: IdempotencyClaim, now: datetime) -> Row[Any] | None:
    row = connection.execute(_FIND, _names(claim)).one_or_none()
    if row is not None and row.created_at < _oldest(now):
        return None
    if row is not None and row.fingerprint != claim.fingerprint:
        raise RequestError(
            f"The Idempotency-Key {claim.key!r} was used for another request.",
            hint="Use a new key for a new request.",
            code="idempotency_key_reused",
            status=422,
        )
    return row


def _is_being_answered(connection: Connection, row: Row[Any], is_running: IsRunning) -> bool:
    return _ending(connection, row, "interrupted") is None and is_running(connection, row.conversation, row.turn)


def _ending(connection: Connection, row: Row[Any], kind: str) -> Row[Any] | None:
    """The first event of that kind in the claim's turn."""
    found = select(events).where(
        events.c.conversation == row.conversation, events.c.turn == row.turn, events.c.kind == kind
    )
    return connection.execute(found.order_by(events.c.seq).limit(1)).one_or_none()


def _names(claim: IdempotencyClaim) -> dict[str, str]:
    return {"in_scope": claim.scope, "of_key": claim.key}


def _oldest(now: datetime) -> str:
    """Claims made before that are forgotten."""
    return timestamp(now - CLAIM_LIFE)


def _in_progress(claim: IdempotencyClaim) -> RequestError:
    return RequestError(
        f"The request with the Idempotency-Key {claim.key!r} is still being answered.",
        hint="Wait a moment and send it again with the same key.",
        code="idempotency_in_progress",
        status=409,
        retry_after_s=1,
    )
