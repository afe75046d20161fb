"""The lease of a conversation: the row that says which process may speak in it. Functions of a connection.

A row holds its holder, an epoch that grows with every holder (the fencing token), and a beat that grows while the
holder lives. Who finds it held draws a ticket; the lowest ticket is next, in whatever process. A lease is over when its
holder's process is gone from this machine, or when somebody who watches it has seen the beat stand still for LEASE_S of
their own monotonic clock; a ticket that does not take a free lease for TICKET_S loses its place. No wall clock is
compared with another.
"""

import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, and_, bindparam, delete, exists, insert, select, update

from chatwright.errors import EngineError, RequestError
from chatwright.messages import ConversationId
from chatwright.store.prepared import Prepared
from chatwright.store.tables import conversations, leases, tickets

LEASE_S = 15.0
TICKET_S = 2.0
MAX_WATCHED = 10_000

_OF: BindParameter[str] = bindparam("of")
_IS_PLACE = and_(tickets.c.holder == bindparam("held_by"), tickets.c.place == bindparam("at_place"))
_LEASE = Prepared(select(leases.c.holder, leases.c.epoch, leases.c.beat).where(leases.c.conversation == _OF))
_LEASE_AND_TURNS = Prepared(
    select(
        conversations.c.num_turns,
        conversations.c.num_events,
        leases.c.holder,
        leases.c.epoch,
        leases.c.beat,
        exists().where(tickets.c.conversation == conversations.c.id),
    )
    .select_from(conversations.outerjoin(leases, leases.c.conversation == conversations.c.id))
    .where(conversations.c.id == _OF)
)
_NEW_LEASE = Prepared(
    insert(leases).values(conversation=_OF, holder=bindparam("held_by"), epoch=bindparam("to_epoch"), beat=0)
)
_SET_LEASE = Prepared(
    update(leases)
    .where(leases.c.conversation == _OF)
    .values(holder=bindparam("held_by"), epoch=bindparam("to_epoch"), beat=0)
)
_FREE_LEASE = Prepared(
    update(leases).where(leases.c.conversation == _OF, leases.c.holder == bindparam("held_by")).values(holder="")
)
_TICKETS = select(tickets).where(tickets.c.conversation == _OF).order_by(tickets.c.number)
_LEAVE = delete(tickets).where(_IS_PLACE)


@dataclass(frozen=True, slots=True)
class Ahead:
    """Who is before us, as it looks from outside: the holder of the lease, or the holder of an earlier ticket."""

    holder: str
    epoch: int
    beat: int
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Who waits: one task of a store. id: unlike that of any other task of the store."""

    holder: str
    id: int


@dataclass(frozen=True, slots=True)
class Held:
    """A lease of this process: its fencing token, the number of the turn it was taken for, the events before it."""

    epoch: int
    turn: int
    num_events: int


class Watch:
    """Remembers since when those ahead have looked the same. Used from several threads."""

    def __init__(self) -> None:
        self._seen: dict[ConversationId, tuple[Ahead, float]] = {}

    def is_over(self, conversation: ConversationId, ahead: Ahead) -> bool:
        """True when it is gone, or has given no sign of life to this watcher for LEASE_S or TICKET_S."""
        now = time.monotonic()
        before, since = self._seen.get(conversation, (None, now))
        if before != ahead:
            since = now
            if len(self._seen) >= MAX_WATCHED:
                self._seen.clear()  # costs at most one more LEASE_S of waiting
            self._seen[conversation] = (ahead, now)
        return now - since > (LEASE_S if ahead.ticket is None else TICKET_S) or _is_gone(ahead.holder)


def holder_name() -> str:
    """A name for one store of this process: two stores of one process are strangers to each other."""
    return f"{_machine()}:{os.getpid()}:{os.urandom(4).hex()}"


def find_lease(connection: Connection, conversation: ConversationId) -> Ahead | None:
    """Who holds the conversation, None when nobody does."""
    row = _LEASE.row(connection, {"of": conversation})
    return Ahead(*row) if row is not None and row[0] else None


def take(connection: Connection, conversation: ConversationId, place: Place, over: Ahead | None) -> Held | Ahead:
    """The lease when it is free, or still exactly `over`, and nobody came before us; else who is ahead, and a ticket.

    A lease that is ours already is free: its task was cancelled, or its release failed on a full disk. Raises
    RequestError 404.
    """
    row = _LEASE_AND_TURNS.row(connection, {"of": conversation})
    if row is None:
        raise unknown_conversation(conversation)
    num_turns, num_events, holder, epoch, beat, has_line = row
    lease = Ahead(holder or "", epoch or 0, beat or 0)
    line = connection.execute(_TICKETS, {"of": conversation}).all() if has_line else ()
    ahead: Ahead | None = lease
    if lease.holder in ("", place.holder) or lease == over:
        ahead = _first_ahead(connection, line, place, lease, over)
    if ahead is not None:
        draw(connection, conversation, place)
        return ahead
    if _number(line, place) is not None:
        leave(connection, place)
    held = Held(lease.epoch + 1, num_turns + 1, num_events)
    statement = _NEW_LEASE if epoch is None else _SET_LEASE
    statement.run(connection, {"of": conversation, "held_by": place.holder, "to_epoch": held.epoch})
    return held


def draw(connection: Connection, conversation: ConversationId, place: Place) -> None:
    """A ticket, unless the task has one or the conversation is not there."""
    is_known = _LEASE_AND_TURNS.row(connection, {"of": conversation}) is not None
    if is_known and _number(connection.execute(_TICKETS, {"of": conversation}).all(), place) is None:
        connection.execute(insert(tickets).values(conversation=conversation, holder=place.holder, place=place.id))


def leave(connection: Connection, place: Place) -> None:
    """Gives the ticket back."""
    connection.execute(_LEAVE, {"held_by": place.holder, "at_place": place.id})


def release(connection: Connection, conversation: ConversationId, holder: str) -> None:
    """Frees the lease unless another has taken it over."""
    _FREE_LEASE.run(connection, {"of": conversation, "held_by": holder})


def renew(connection: Connection, conversation: ConversationId, epoch: int) -> None:
    """A sign of life."""
    connection.execute(
        update(leases)
        .where(leases.c.conversation == conversation, leases.c.epoch == epoch)
        .values(beat=leases.c.beat + 1)
    )


def lost_turn() -> EngineError:
    """Another process has taken the conversation over: what comes late must not be written."""
    return EngineError(
        "This turn took too long and another process has taken the conversation over.",
        hint="Send the message again.",
        code="turn_lost",
    )


def unknown_conversation(conversation: ConversationId) -> RequestError:
    """The one answer for a conversation that does not exist and for one that is somebody else's."""
    return RequestError(
        f"There is no conversation {conversation[:80]!r}.",
        hint="Start a new one.",
        code="conversation_not_found",
        status=404,
    )


def _number(line: Sequence[Row[Any]], place: Place) -> int | None:
    """The task's own ticket."""
    return next((row.number for row in line if (row.holder, row.place) == (place.holder, place.id)), None)


def _first_ahead(
    connection: Connection, line: Sequence[Row[Any]], place: Place, lease: Ahead, over: Ahead | None
) -> Ahead | None:
    """The first of another store before ours; `over` loses its place. Tasks of our own store queue among themselves."""
    own = _number(line, place)
    for row in line:
        if row.number == own:
            return None
        ahead = Ahead(row.holder, lease.epoch, lease.beat, row.number)
        if ahead == over:
            leave(connection, Place(row.holder, row.place))
        elif row.holder != place.holder:
            return ahead
    return None


def _machine() -> str:
    """Where process ids mean the same: a host, and on Linux a process namespace (two containers may share a name)."""
    try:
        namespace = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        namespace = 0
    return f"{socket.gethostname()}/{namespace}"


def _is_gone(holder: str) -> bool:
    """True when the holder was a process of this machine that is not there any more."""
    machine, _, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    if os.name != "posix" or machine != _machine() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
