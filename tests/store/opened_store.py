"""A store in a temporary folder, closed when the test ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chatwright.messages import ConversationId, Event, EventKind, UserId
from chatwright.store import SqlStore, open_store


@asynccontextmanager
async def opened(path: Path, key: str | None = None) -> AsyncIterator[SqlStore]:
    store = await open_store(path, key=key)
    try:
        yield store
    finally:
        await store.close()


def event(conversation: ConversationId, kind: EventKind = "user", turn: int = 1, **data: object) -> Event:
    return Event(conversation=conversation, kind=kind, turn=turn, data=data or {"text": "hi"})


async def new_conversation(store: SqlStore, user: str = "ann", bot: str = "shop") -> ConversationId:
    return await store.open_conversation(bot, UserId(user), None)
