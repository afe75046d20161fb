"""Who may speak in a conversation: first come, first served within a process, one process at a time across processes.

Across processes a row holds the lease: its holder, an epoch that grows with every holder (the fencing token), and a
beat that grows while the holder lives. A waiter takes the lease over when the holder's process is gone, or when the
beat has stood still for LEASE_S of the waiter's own monotonic clock; no wall clock is compared with another.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection, insert, select, update

from chatwright.errors import EngineError, RequestError
from chatwright.messages import ConversationId
from chatwright.store.tables import conversations, leases
from chatwright.store.writer import Writer

LEASE_S = 15.0
BEAT_S = 3.0
POLL_S = 0.02
MAX_POLL_S = 0.5
MAX_WAIT_S = 120.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a waiter saw of a lease that another process holds."""

    holder: str
    epoch: int
    beat: int


@dataclass(slots=True)
class _Queue:
    """The tasks of this process that want one conversation; asyncio.Lock wakes them in order."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    num_users: int = 0


class Turns:
    """The turns of this process; `held` tells the store which epochs it may write with."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._queues: dict[ConversationId, _Queue] = {}
        self.held: dict[ConversationId, int] = {}
        # One holder a store: two stores of one process are strangers to each other.
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"

    @asynccontextmanager
    async def turn(self, conversation: ConversationId) -> AsyncIterator[int]:
        """Holds the conversation; gives the number of its new turn. Raises RequestError 404, EngineError 503."""
        queue = self._queues.setdefault(conversation, _Queue())
        queue.num_users += 1
        try:
            async with queue.lock:
                epoch, number = await self._acquire(conversation)
                self.held[conversation] = epoch
                beating = asyncio.create_task(self._beat(conversation, epoch))
                try:
                    yield number
                finally:
                    beating.cancel()
                    with suppress(asyncio.CancelledError):
                        await beating
                    del self.held[conversation]
                    # Not awaited: the next writer comes after it in the same queue.
                    self._writer.submit(lambda connection: _release(connection, conversation, epoch))
        finally:
            queue.num_users -= 1
            if queue.num_users == 0:
                self._queues.pop(conversation, None)

    async def _acquire(self, conversation: ConversationId) -> tuple[int, int]:
        started = changed = time.monotonic()
        seen: _Seen | None = None
        pause_s = POLL_S
        while True:
            is_stale = seen is not None and (_is_gone(seen.holder) or time.monotonic() - changed > LEASE_S)
            take = partial(self._take, conversation=conversation, stale=seen if is_stale else None)
            taken = await self._writer.write(take)
            if isinstance(taken, tuple):
                return taken
            if taken != seen:
                seen, changed = taken, time.monotonic()
            if time.monotonic() - started > MAX_WAIT_S:
                raise EngineError("This conversation is busy.", hint="Try again in a minute.", code="conversation_busy")
            await asyncio.sleep(pause_s)
            pause_s = min(MAX_POLL_S, pause_s * 1.5)

    def _take(
        self, connection: Connection, conversation: ConversationId, stale: _Seen | None
    ) -> tuple[int, int] | _Seen:
        """(epoch, turn) when the lease is ours now, else what its holder shows. `stale` may be taken over."""
        num_turns = connection.execute(
            select(conversations.c.num_turns).where(conversations.c.id == conversation)
        ).scalar_one_or_none()
        if num_turns is None:
            raise unknown_conversation(conversation)
        row = connection.execute(select(leases).where(leases.c.conversation == conversation)).one_or_none()
        if row is None:
            connection.execute(insert(leases).values(conversation=conversation, holder=self.holder, epoch=1, beat=0))
            return 1, num_turns + 1
        found = _Seen(row.holder, row.epoch, row.beat)
        if row.holder and found != stale:
            return found
        connection.execute(
            update(leases)
            .where(leases.c.conversation == conversation)
            .values(holder=self.holder, epoch=row.epoch + 1, beat=0)
        )
        return row.epoch + 1, num_turns + 1

    async def _beat(self, conversation: ConversationId, epoch: int) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await self._writer.write(lambda connection: _renew(connection, conversation, epoch))


def is_held(connection: Connection, conversation: ConversationId, *, except_by: str) -> bool:
    """True while a living holder other than `except_by` (which knows better itself) holds the conversation."""
    holder = connection.execute(
        select(leases.c.holder).where(leases.c.conversation == conversation)
    ).scalar_one_or_none()
    return bool(holder) and holder != except_by and not _is_gone(str(holder))


def check_epoch(connection: Connection, conversation: ConversationId, epoch: int) -> None:
    """Raises EngineError when another process has taken the conversation over: what comes late must not be written."""
    current = connection.execute(
        select(leases.c.epoch).where(leases.c.conversation == conversation)
    ).scalar_one_or_none()
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


def _release(connection: Connection, conversation: ConversationId, epoch: int) -> None:
    connection.execute(
        update(leases).where(leases.c.conversation == conversation, leases.c.epoch == epoch).values(holder="")
    )


def _renew(connection: Connection, conversation: ConversationId, epoch: int) -> None:
    connection.execute(
        update(leases)
        .where(leases.c.conversation == conversation, leases.c.epoch == epoch)
        .values(beat=leases.c.beat + 1)
    )


def _is_gone(holder: str) -> bool:
    """True when the holder was a process of this machine that is not there any more."""
    host, pid, _ = holder.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
