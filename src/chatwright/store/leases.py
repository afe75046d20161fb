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
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, insert, select, update

from chatwright.errors import EngineError, RequestError
from chatwright.messages import ConversationId
from chatwright.store.tables import conversations, leases, tickets

LEASE_S = 15.0
TICKET_S = 2.0
MAX_WATCHED = 10_000


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
    """A lease of this process: its fencing token and the number of the turn it was taken for."""

    epoch: int
    turn: int


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
    row = connection.execute(select(leases).where(leases.c.conversation == conversation)).one_or_none()
    return Ahead(row.holder, row.epoch, row.beat) if row is not None and row.holder else None


def take(connection: Connection, conversation: ConversationId, place: Place, over: Ahead | None) -> Held | Ahead:
    """The lease when it is free, or still exactly `over`, and nobody came before us; else who is ahead, and a ticket.

    A lease that is ours already is free: its task was cancelled, or its release failed on a full disk. Raises
    RequestError 404.
    """
    num_turns = connection.execute(
        select(conversations.c.num_turns).where(conversations.c.id == conversation)
    ).scalar_one_or_none()
    if num_turns is None:
        raise unknown_conversation(conversation)
    row = connection.execute(select(leases).where(leases.c.conversation == conversation)).one_or_none()
    if row is None:
        connection.execute(insert(leases).values(conversation=conversation, holder="", epoch=0, beat=0))
    lease = Ahead(row.holder, row.epoch, row.beat) if row is not None else Ahead("", 0, 0)
    is_free = lease.holder in ("", place.holder) or lease == over
    ahead = _first_ticket(connection, conversation, place, lease, over) if is_free else lease
    if ahead is not None:
        draw(connection, conversation, place)
        return ahead
    leave(connection, place)
    held = Held(lease.epoch + 1, num_turns + 1)
    changed = update(leases).where(leases.c.conversation == conversation)
    connection.execute(changed.values(holder=place.holder, epoch=held.epoch, beat=0))
    return held


def draw(connection: Connection, conversation: ConversationId, place: Place) -> None:
    """A ticket, unless the task has one or the conversation is not there."""
    is_known = select(conversations.c.id).where(conversations.c.id == conversation)
    if _ticket(connection, place) is None and connection.execute(is_known).one_or_none() is not None:
        connection.execute(insert(tickets).values(conversation=conversation, holder=place.holder, place=place.id))


def leave(connection: Connection, place: Place) -> None:
    """Gives the ticket back."""
    connection.execute(delete(tickets).where(tickets.c.holder == place.holder, tickets.c.place == place.id))


def _ticket(connection: Connection, place: Place) -> int | None:
    of_place = and_(tickets.c.holder == place.holder, tickets.c.place == place.id)
    return connection.execute(select(tickets.c.number).where(of_place)).scalar_one_or_none()


def _first_ticket(
    connection: Connection, conversation: ConversationId, place: Place, lease: Ahead, over: Ahead | None
) -> Ahead | None:
    """The first of another store before ours; `over` loses its place. Tasks of our own store queue among themselves."""
    if over is not None and over.ticket is not None and over.epoch == lease.epoch:
        connection.execute(delete(tickets).where(tickets.c.number == over.ticket, tickets.c.holder == over.holder))
    waiting = select(tickets).where(tickets.c.conversation == conversation, tickets.c.holder != place.holder)
    own = _ticket(connection, place)
    if own is not None:
        waiting = waiting.where(tickets.c.number < own)
    row = connection.execute(waiting.order_by(tickets.c.number).limit(1)).one_or_none()
    return None if row is None else Ahead(row.holder, lease.epoch, lease.beat, row.number)


def release(connection: Connection, conversation: ConversationId, holder: str) -> None:
    """Frees the lease unless another has taken it over."""
    connection.execute(
        update(leases).where(leases.c.conversation == conversation, leases.c.holder == holder).values(holder="")
    )


def renew(connection: Connection, conversation: ConversationId, epoch: int) -> None:
    """A sign of life."""
    connection.execute(
        update(leases)
        .where(leases.c.conversation == conversation, leases.c.epoch == epoch)
        .values(beat=leases.c.beat + 1)
    )


def check_epoch(connection: Connection, conversation: ConversationId, epoch: int) -> None:
    """Raises EngineError when another process has taken the conversation over: what comes late must not be written.

    Raises RequestError 404 when the conversation was erased meanwhile.
    """
    current = connection.execute(
        select(leases.c.epoch).where(leases.c.conversation == conversation)
    ).scalar_one_or_none()
    if current is None:
        raise unknown_conversation(conversation)
    if current != epoch:
        raise EngineError(
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
