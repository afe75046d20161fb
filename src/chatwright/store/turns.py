"""Who may speak in a conversation: one task at a time, first come, first served, across tasks and processes.

Tasks of one process queue on a lock; the first of them takes the lease (`leases.py`) and shows signs of life while it
speaks. Who has to wait draws a ticket at once, so that no process is served out of turn. Waiting never holds up other
conversations.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from chatwright.errors import EngineError
from chatwright.messages import ConversationId, Event
from chatwright.store.event_log import EventRow, decode, read_rows
from chatwright.store.leases import (
    Ahead,
    Held,
    Place,
    Watch,
    draw,
    find_lease,
    holder_name,
    leave,
    release,
    renew,
    take,
)
from chatwright.store.writer import Writer

BEAT_S = 3.0
POLL_S = 0.01
MAX_POLL_S = 0.1
MAX_WAIT_S = 120.0
MAX_EVENTS_AT_ONCE = 100  # are read while the conversation is taken; more would keep the writer from its work
BUSY_RETRY_AFTER_S = 5


@dataclass(slots=True)
class _Queue:
    """The tasks of this process that want one conversation; asyncio.Lock wakes them in order."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    num_users: int = 0


@dataclass(slots=True)
class _Turn:
    """A turn of this process. earlier: the events before it, until they are asked for or out of date."""

    held: Held
    earlier: list[EventRow] | None


class Turns:
    """The turns of this process."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._queues: dict[ConversationId, _Queue] = {}
        self._watch = Watch()
        self._holder = holder_name()
        self._ids = itertools.count(1)
        self._held: dict[ConversationId, _Turn] = {}

    @asynccontextmanager
    async def turn(self, conversation: ConversationId) -> AsyncIterator[int]:
        """Holds the conversation; gives the number of its new turn. Raises RequestError 404, EngineError 503."""
        queue = self._queues.setdefault(conversation, _Queue())
        place = Place(self._holder, next(self._ids))
        queue.num_users += 1
        try:
            if queue.num_users > 1:  # from here to the lock without an await: tickets and lock have one order
                self._writer.submit(partial(draw, conversation=conversation, place=place))
            async with self._turn_of(queue, place):
                turn = self._held[conversation] = await self._acquire(conversation, place)
                beating = asyncio.create_task(self._beat(conversation, turn.held.epoch))
                try:
                    yield turn.held.turn
                finally:  # without an await: a cancelled task gets through it
                    beating.cancel()
                    del self._held[conversation]
                    self._release(conversation)
        finally:
            queue.num_users -= 1
            if queue.num_users == 0:
                self._queues.pop(conversation, None)

    def take_earlier(self, conversation: ConversationId) -> list[Event] | None:
        """The events as they were when this process took the conversation, once, while it holds it."""
        turn = self._held.get(conversation)
        if turn is None or turn.earlier is None:
            return None
        rows, turn.earlier = turn.earlier, None
        return [decode(*row) for row in rows]

    def forget_earlier(self, conversations: Iterable[ConversationId]) -> None:
        """They are about to be out of date."""
        for conversation in conversations:
            if conversation in self._held:
                self._held[conversation].earlier = None

    def epochs(self, conversations: Iterable[ConversationId]) -> dict[ConversationId, int]:
        """What to write with into those of them that this process holds."""
        return {item: self._held[item].held.epoch for item in conversations if item in self._held}

    def is_running(self, connection: Connection, conversation: ConversationId, turn: int) -> bool:
        """Whether somebody, here or in another process, may still be answering that turn."""
        current = self._held.get(conversation)
        if current is not None:
            return current.held.turn == turn
        lease = find_lease(connection, conversation)
        return lease is not None and lease.holder != self._holder and not self._watch.is_over(conversation, lease)

    @asynccontextmanager
    async def _turn_of(self, queue: _Queue, place: Place) -> AsyncIterator[None]:
        """The lock of this process; whoever goes away before holding the lease gives the ticket back."""
        try:
            async with queue.lock:
                yield
        except BaseException:
            self._writer.submit(partial(leave, place=place))
            raise

    async def _acquire(self, conversation: ConversationId, place: Place) -> _Turn:
        started = time.monotonic()
        over: Ahead | None = None
        pause_s = POLL_S
        while True:
            taken = await self._take(conversation, place, over)
            if isinstance(taken, _Turn):
                return taken
            if time.monotonic() - started > MAX_WAIT_S:
                raise EngineError(
                    "This conversation is busy.",
                    hint="Try again in a minute.",
                    code="conversation_busy",
                    retry_after_s=BUSY_RETRY_AFTER_S,
                )
            over = taken if self._watch.is_over(conversation, taken) else None
            if over is None:
                await asyncio.sleep(pause_s)
                pause_s = min(MAX_POLL_S, pause_s * 1.5)

    async def _take(self, conversation: ConversationId, place: Place, over: Ahead | None) -> _Turn | Ahead:
        try:
            return await self._writer.write(partial(_take_and_read, conversation=conversation, place=place, over=over))
        except asyncio.CancelledError:
            self._release(conversation)  # it may be taken although nobody waits for it any more
            raise

    def _release(self, conversation: ConversationId) -> None:
        """Not awaited: whoever takes it next comes after this in the writer's queue."""
        job = partial(release, conversation=conversation, holder=self._holder)
        self._writer.submit(job, waits_for_company=True)

    async def _beat(self, conversation: ConversationId, epoch: int) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            with suppress(EngineError):  # a full disk: the next beat may succeed, and the epoch guards what is written
                await self._writer.write(partial(renew, conversation=conversation, epoch=epoch))


def _take_and_read(
    connection: Connection, conversation: ConversationId, place: Place, over: Ahead | None
) -> _Turn | Ahead:
    """`take`, and the events of a conversation that is not long: who takes it reads them next."""
    taken = take(connection, conversation, place, over)
    if isinstance(taken, Ahead):
        return taken
    is_long = taken.num_events > MAX_EVENTS_AT_ONCE
    return _Turn(taken, None if is_long else read_rows(connection, conversation, after_seq=0))
