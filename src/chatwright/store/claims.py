"""Idempotency keys: one answer a key, however often the request comes (IETF draft idempotency-key-header-07).

The key is recorded in the transaction of the user's turn. A key whose answer never came may be taken again once nobody
is working on it: its process is gone, or this process does not hold its conversation.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from chatwright.errors import RequestError
from chatwright.messages import ConversationId, Event, IdempotencyClaim
from chatwright.store.tables import claims, events
from chatwright.store.turns import is_held

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def find_settled(
    connection: Connection, claim: IdempotencyClaim, held: Mapping[ConversationId, int], holder: str
) -> Row[Any] | None:
    """The row of the event that answered; None when the claim is new or was given up.

    Raises RequestError 400 for a key of the wrong form, 409 while it is being answered, 422 for another body.
    """
    _check_key(claim.key)
    row = _claim_row(connection, claim)
    if row is None:
        return None
    answer = _ending(connection, row, "bot")
    if (
        answer is None
        and _ending(connection, row, "interrupted") is None
        and (row.conversation in held or is_held(connection, row.conversation, except_by=holder))
    ):
        raise _in_progress(claim)
    return answer


def record_claim(connection: Connection, claim: IdempotencyClaim, event: Event, holder: str, now: datetime) -> None:
    """Ties the claim to the turn of `event`. Raises RequestError as `find_settled`, for two that come at once."""
    _check_key(claim.key)
    row = _claim_row(connection, claim)
    values = {"conversation": event.conversation, "turn": event.turn, "created_at": now.isoformat()}
    if row is None:
        connection.execute(
            insert(claims).values(scope=claim.scope, key=claim.key, fingerprint=claim.fingerprint, **values)
        )
        return
    is_elsewhere = row.conversation != event.conversation and is_held(connection, row.conversation, except_by=holder)
    if _ending(connection, row, "bot") is not None or is_elsewhere:
        raise _in_progress(claim)
    connection.execute(update(claims).where(claims.c.scope == claim.scope, claims.c.key == claim.key).values(**values))


def _claim_row(connection: Connection, claim: IdempotencyClaim) -> Row[Any] | None:
    row = connection.execute(
        select(claims).where(claims.c.scope == claim.scope, claims.c.key == claim.key)
    ).one_or_none()
    if row is not None and row.fingerprint != claim.fingerprint:
        raise RequestError(
            f"The Idempotency-Key {claim.key!r} was used for another request.",
            hint="Use a new key for a new request.",
            code="idempotency_key_reused",
            status=422,
        )
    return row


def _ending(connection: Connection, claim_row: Row[Any], kind: str) -> Row[Any] | None:
    return connection.execute(
        select(events).where(
            events.c.conversation == claim_row.conversation, events.c.turn == claim_row.turn, events.c.kind == kind
        )
    ).one_or_none()


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise RequestError(
            "An Idempotency-Key has 1 to 255 visible ASCII characters.",
            hint="A UUID does.",
            code="idempotency_key_invalid",
            param="Idempotency-Key",
        )


def _in_progress(claim: IdempotencyClaim) -> RequestError:
    return RequestError(
        f"The request with the Idempotency-Key {claim.key!r} is still being answered.",
        hint="Wait a moment and send it again with the same key.",
        code="idempotency_in_progress",
        status=409,
    )
