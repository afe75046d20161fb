"""The lease of a conversation: the row that says which process may speak in it. Functions of a connection.

A row holds its holder, an epoch that grows with every holder (the fencing token), and a beat that grows while the
holder lives. A lease is over when its holder's process is gone from this machine, or when somebody who watches it has
seen the beat stand still for LEASE_S of their own monotonic clock; no wall clock is compared with another.
"""

import os
import socket
import time
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from chatwright.errors import EngineError, RequestError
from chatwright.messages import ConversationId
from chatwright.store.tables import conversations, leases

LEASE_S = 15.0
MAX_WATCHED = 10_000


@dataclass(frozen=True, slots=True)
class Lease:
    """What a lease that somebody holds looks like from outside."""

    holder: str
    epoch: int
    beat: int


@dataclass(frozen=True, slots=True)
class Held:
    """A lease of this process: its fencing token and the number of the turn it was taken for."""

    epoch: int
    turn: int


class LeaseWatch:
    """Remembers since when each foreign lease has looked the same. Used from several threads."""

    def __init__(self) -> None:
        self._seen: dict[ConversationId, tuple[Lease, float]] = {}

    def is_over(self, conversation: ConversationId, lease: Lease) -> bool:
        """True when its holder is gone, or has given no sign of life to this watcher for LEASE_S."""
        now = time.monotonic()
        before, since = self._seen.get(conversation, (None, now))
        if before != lease:
            since = now
            if len(self._seen) >= MAX_WATCHED:
                self._seen.clear()  # costs at most one more LEASE_S of waiting
            self._seen[conversation] = (lease, now)
        return now - since > LEASE_S or _is_gone(lease.holder)


def holder_name() -> str:
    """A name for one store of this process: two stores of one process are strangers to each other."""
    return f"{_machine()}:{os.getpid()}:{os.urandom(4).hex()}"


def find_lease(connection: Connection, conversation: ConversationId) -> Lease | None:
    """Who holds the conversation, None when nobody does."""
    row = connection.execute(select(leases).where(leases.c.conversation == conversation)).one_or_none()
    return Lease(row.holder, row.epoch, row.beat) if row is not None and row.holder else None


def take(connection: Connection, conversation: ConversationId, holder: str, over: Lease | None) -> Held | Lease:
    """Ours when it is free, ours already, or still exactly `over`; else what its holder shows. Raises RequestError 404.

    Ours already: a take whose task was cancelled, or a release that failed on a full disk.
    """
    num_turns = connection.execute(
        select(conversations.c.num_turns).where(conversations.c.id == conversation)
    ).scalar_one_or_none()
    if num_turns is None:
        raise unknown_conversation(conversation)
    row = connection.execute(select(leases).where(leases.c.conversation == conversation)).one_or_none()
    if row is None:
        connection.execute(insert(leases).values(conversation=conversation, holder=holder, epoch=1, beat=0))
        return Held(1, num_turns + 1)
    found = Lease(row.holder, row.epoch, row.beat)
    if found.holder not in ("", holder) and found != over:
        return found
    held = Held(found.epoch + 1, num_turns + 1)
    changed = update(leases).where(leases.c.conversation == conversation)
    connection.execute(changed.values(holder=holder, epoch=held.epoch, beat=0))
    return held


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
